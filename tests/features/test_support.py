"""`support`, the card for an overdose, and the words that bring a private offer."""

from __future__ import annotations

import pytest

from bot.content import Shelf
from bot.core.port import (
    ADDRESSED,
    TEXT,
    Actor,
    Address,
    Ask,
    Button,
    Channel,
    Community,
    Invocation,
    Member,
    Pointed,
    Reply,
    ReplyTo,
    Response,
    Thread,
)
from bot.core.text import read_as_text
from bot.features.support.lines import Offer, Offers, SupportContent, offer_for
from tests.fakes import CIRCLE, HERE, actor
from tests.house import LEADER, MEMBER, ORGANISER, OTHER, House, button_of, labels_of, message_of, text_of

EVENING = Channel(HERE, "evening")
HALL = Channel(HERE, "hall")
FINDER = "findahelpline.com"

NUMBERS = {
    "US": ("call 911", "call or text 988", "press 2", "AYUDA"),
    "CA": ("call 911", "call or text 988"),
    "GB": ("call 999 or 112", "116 123", "SHOUT to 85258"),
    "IE": ("call 999 or 112", "116 123"),
    "AU": ("call 000", "13 11 14", "0477 13 11 14"),
    "ES": ("call 112", "024"),
    "DE": ("call 112",),
    "FR": ("call 112",),
    "SE": ("call 112",),
}
"""What the evidence names, by country: nothing else is shipped."""
_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"


def emergency_at(place: Address) -> Invocation:
    """Return a press on the emergency button where nothing is known of a card."""
    return Invocation("emergency overdose", {}, MEMBER, place)


async def test_the_numbers_of_a_country_are_there(house: House) -> None:
    """By its two letters, with their source and its date, and the word that nobody here has confirmed them."""
    for country, numbers in NUMBERS.items():
        said = text_of(await house.types(MEMBER, f"support {country}"))

        assert all(number in said for number in numbers)
        assert FINDER in said
        assert "I'm a bot. Nobody reads along, and I'm no emergency service." in said
        assert "checked on 2026-11-22. The organiser here has not confirmed them yet." in said


async def test_only_countries_of_the_evidence_have_numbers(shelf: Shelf) -> None:
    """Every other country of the European Union has the one emergency number, and there is nothing beyond."""
    union = {*_UNION.split()}
    countries = shelf.of("support", SupportContent, "en").countries

    assert union | {"US", "CA", "GB", "AU"} == set(countries)
    for code in union - {"ES", "IE"}:
        assert ("112", "", ()) == (countries[code].emergency, countries[code].number, countries[code].talk)


async def test_a_country_is_known_as_people_type_it(house: House) -> None:
    """In haste nobody writes two capital letters."""
    for typed, numbers in (
        ("gb", "116 123"),
        ("UK", "116 123"),
        ("united kingdom", "116 123"),
        ("USA", "988"),
        ("United States", "988"),
        ("ireland", "116 123"),
    ):
        assert numbers in text_of(await house.types(MEMBER, f"support {typed}"))


async def test_without_a_country_those_of_the_place_are_shown(house: House) -> None:
    """Of the group where it was asked, also inside a thread; the member's own choice comes before it."""
    await house.app.tools.groups.add(EVENING, "Europe/London", "en", "GB")

    assert "Germany: numbers from" in text_of(await house.types(MEMBER, "support"))
    for place in (EVENING, Thread(EVENING, "t"), ReplyTo(EVENING, "m")):
        assert "United Kingdom: numbers from" in text_of(await house.types(MEMBER, "support", place))
        assert "1. Call 999 or 112 now." in text_of(await house.invoke(emergency_at(place)))

    await house.app.tools.people.change(MEMBER.member, country="AU")
    assert "Australia: numbers from" in text_of(await house.types(MEMBER, "support", EVENING))


async def test_outside_a_group_a_country_counts_only_if_all_groups_share_it(house: House) -> None:
    """Where groups meet in several countries nobody is given the number of another one."""
    elsewhere = (MEMBER.member, Channel(HERE, "hallway"))
    for place in elsewhere:
        assert "call 112" in text_of(await house.types(MEMBER, "support", place))

    await house.app.tools.groups.add(EVENING, "America/New_York", "en", "US")
    for place in elsewhere:
        card = await house.types(MEMBER, "support", place)
        overdose = text_of(await house.invoke(emergency_at(place)))

        assert "call your local emergency number" in text_of(card)
        assert FINDER in text_of(card)
        assert "Another country" in labels_of(card)
        assert "1. Call your local emergency number now." in overdose
        assert not any(number in text_of(card) + overdose for number in ("112", "911"))


async def test_a_country_without_numbers_is_not_given_those_of_another(house: House) -> None:
    """Whoever names a country that we have nothing for gets the way to a list of helplines everywhere."""
    for typed in ("Brazil", "BR"):
        said = text_of(await house.types(MEMBER, f"support {typed}"))

        assert "In danger now: call your local emergency number." in said
        assert FINDER in said
        assert "112" not in said


async def test_what_is_no_country_is_told_first_and_still_answered(house: House) -> None:
    """The group's numbers are there, and right there it says whose they are."""
    for typed in ("Atlantis", "please quickly, anyone?"):
        said = text_of(await house.types(MEMBER, f"support {typed}")).splitlines()

        assert said[1].startswith("I don't know the country you wrote. These are the numbers of Germany;")
        assert any("call 112" in line for line in said[2:])


async def test_what_is_no_country_where_nothing_is_known_gets_no_numbers(bare_house: House) -> None:
    """It says so first, and names no country."""
    said = text_of(await bare_house.types(MEMBER, "support Atlantis")).splitlines()

    assert said[1].startswith("I don't know the country you wrote. Another country lets you pick one.")
    assert "call your local emergency number" in "\n".join(said)


async def test_a_cry_is_no_country(house: House) -> None:
    """Whoever writes "support me" does not mean Montenegro."""
    for typed in ("me", "ME"):
        said = text_of(await house.types(MEMBER, f"support {typed}"))

        assert "call 112" in said
        assert "I don't know the country" not in said


async def test_support_needs_no_community(house: House) -> None:
    """In a direct message of somebody nobody knows there is an answer, and never a question first."""
    stranger = Actor(Member(Community("fake", ""), "nobody-knows-me"), "N")

    for command in ("support", "emergency overdose", "menu support"):
        said = text_of(await house.invoke(Invocation(command, {}, stranger, stranger.member)))

        assert "all your local emergency number" in said


async def test_the_card_has_few_doors(house: House) -> None:
    """An overdose, and another country: no long list, and no second button to support itself."""
    response = await house.types(MEMBER, "support")

    assert ["Someone may have overdosed", "Another country"] == labels_of(response)
    assert () == message_of(response).notifies
    assert [] == list(house.platform.posts)


async def test_the_menu_of_a_message_shows_the_same_card(house: House) -> None:
    """Whoever's message it is, they are not mentioned."""
    assert text_of(await house.types(MEMBER, "support")) == text_of(await house.use(MEMBER, "menu support"))


async def test_an_overdose_has_its_own_card(house: House) -> None:
    """The emergency number first, for whoever it is, then what to do, in four steps; and somebody to talk to."""
    card = await house.types(MEMBER, "support")
    in_berlin = await house.press(MEMBER, button_of(card, "Someone may have overdosed"))

    lines = text_of(in_berlin).splitlines()
    assert "Someone may have overdosed" == lines[0]
    assert lines[1].startswith("1. Call 112 now.")
    assert all(part in lines[1] for part in ("someone else or you", "what was taken", "where you are", "alone"))
    assert [f"{step}." for step in (1, 2, 3, 4)] == [line[:2] for line in lines[1:5]]
    assert "naloxone" in text_of(in_berlin)
    assert ["Get support"] == labels_of(in_berlin)


async def test_an_overdose_keeps_the_country_of_the_card(house: House, bare_house: House) -> None:
    """Whatever country the card shows, its button and the way back show it too, with a group or without."""
    for there in (house, bare_house):
        for country, number in (("US", "911"), ("AU", "000"), ("ME", "your local emergency number")):
            card = await there.use(MEMBER, "emergency country", country=country)
            overdose = await there.press(MEMBER, button_of(card, "Someone may have overdosed"))
            back = await there.press(MEMBER, button_of(overdose, "Get support"))

            assert f"1. Call {number} now." in text_of(overdose)
            assert f"call {number}" in text_of(back)


async def test_a_country_that_nobody_knows_is_not_kept(house: House) -> None:
    """A button from elsewhere shows what a press without a country shows."""
    assert "1. Call 112 now." in text_of(await house.use(MEMBER, "emergency overdose", country="Atlantis"))


async def test_where_nothing_is_known_an_overdose_still_has_a_number_to_call(bare_house: House) -> None:
    """The local one, in the same place."""
    said = text_of(await bare_house.use(MEMBER, "emergency overdose"))

    assert "1. Call your local emergency number now." in said


async def test_another_country_is_asked_for_and_shown(house: House) -> None:
    """A form with one input, which suggests; what it cannot read it asks for again."""
    card = await house.types(MEMBER, "support")
    other = button_of(card, "Another country")

    form = await house.press(MEMBER, other)
    wrong = await house.press(MEMBER, other, country="Atlantis")
    right = await house.press(MEMBER, other, country="Spain")

    assert isinstance(form, Ask)
    assert isinstance(wrong, Ask)
    assert ["country"] == list(wrong.problems)
    assert "024" in text_of(right)
    assert "ES" in [each.value for each in await house.app.core.suggest(other.command, "country", "spa", MEMBER)]


async def test_everybody_may_ask_for_support(house: House) -> None:
    """Leaders and organisers too, and nothing is kept about who did."""
    for who in (actor("very-findable-member"), LEADER, ORGANISER):
        assert "You don't have to be alone with this" in text_of(await house.types(who, "support"))
    assert b"very-findable-member" not in await house.raw()


# ---------------------------------------------------------------- words that bring an offer

DESPAIR = [
    "I want to die",
    "i just WANNA DIE",
    "I'm going to kill myself tonight",
    "kms",
    "I wish I was dead",
    "I'd rather be dead than go on",
    "thinking of suicide again",
    "feeling suicidal",
    "I can't go on",
    "i can’t take it anymore",  # noqa: RUF001  the apostrophe that phones type
    "there is no point in living",
    "no reason to live",
    "everyone would be better off without me",
    "i want to unalive myself",
    "i have nothing to live for",
    "i dont see a reason to live",
    "i wish i wouldnt wake up",
    "everyone would be better off if i was gone",
    "im going to end things tonight",
    "I don't want to wake up",
    "i dont want to be here anymore",
    "I keep hurting myself",
    "self-harm is back",
    "drafting my note",
    "writing my note",
    "thinking about ending it all",
    "I will end my life",
    "I want to take my own life",
    "I want\u00a0to\u200b die",
    "I   want\tto\ndie",
]
OVERDOSE = [
    "she overdosed",
    "I think it's an overdose",
    "he od'd",
    "my friend took too many pills",
    "I took too much",
    "he's not waking up",
    "she won't wake up",
    "his lips are blue",
    "I swallowed all of them",
    "took the whole box",
    "I took all my pills",
    "she took all of them",
    "he took them all",
    "I took half the strip",
    "took my whole supply",
    "I want to die and I took a bottle",  # the more urgent one comes first
]
NEITHER = [
    "hello",
    "",
    "this exam is killing me",
    "my boss kills me",
    "I'm dying to know",
    "dying of laughter",
    "I could kill for a coffee",
    "I'd die for a nap",
    "suicide prevention training on Tuesday",
    "my friend lost her battery, it died",
    "the plant is dying",
    "I don't want to die",
    "I never want to kill myself again",
    "the deadline is near",
    "studied all night, took notes",
    "You took the whole evening out to the car",
    "it took all day",
    "it took all of it in",
    "they took all the credit",
    "it took a lot",
    "he goes to bed early",
    "blue is my colour",
    "my sister is wishing for a son",
    "take it slowly",
    "endless summer",
]


@pytest.fixture
def offers(shelf: Shelf) -> Offers:
    """Give the phrases."""
    return shelf.of("support", SupportContent, "en").offers


@pytest.mark.parametrize(("texts", "offer"), [(DESPAIR, Offer.DESPAIR), (OVERDOSE, Offer.OVERDOSE), (NEITHER, None)])
def test_phrases_bring_an_offer_or_none(offers: Offers, texts: list[str], offer: Offer | None) -> None:
    """Words of despair bring support, words of overdose its own card, and everyday words nothing."""
    assert [] == [text for text in texts if offer_for(text, offers) is not offer]


def test_phrases_with_words_in_between(offers: Offers) -> None:
    """Longer ways to say the same."""
    assert offer_for("I'm writing my goodbye letter", offers) is Offer.DESPAIR
    assert offer_for("i wish i'd never been born", offers) is Offer.DESPAIR
    assert offer_for("her face is turning blue", offers) is Offer.OVERDOSE


async def test_a_direct_message_of_despair_is_answered_with_support(house: House) -> None:
    """And says that nobody was told; one about an overdose with what to do now."""
    despair = await house.writes(MEMBER, "I want to die")
    overdose = await house.writes(MEMBER, "help, he's not waking up")
    hello = await house.writes(MEMBER, "hello")

    assert "You don't have to be alone with this" in text_of(despair)
    assert "I've told nobody about this. I only noticed some words, and I may be wrong." in text_of(despair)
    assert "1. Call 112 now." in text_of(overdose)
    assert "I've told nobody" in text_of(overdose)
    assert "I'm a bot. Nobody reads this chat." in text_of(hello)
    assert ["Get support", "Practise", "My milestones"] == labels_of(hello)
    assert [] == list(house.platform.posts)


async def test_an_offer_comes_before_a_command(house: House) -> None:
    """A line that is a command is guarded when it is addressed, too."""
    said = text_of(await house.writes(MEMBER, "milestone set date=today label=suicide"))

    assert "You don't have to be alone with this" in said


async def test_an_offer_is_private_wherever_it_was_written(house: House) -> None:
    """A mention in a channel is answered to its writer alone, and nothing is kept of it."""
    await house.invoke(Invocation(ADDRESSED, {TEXT: "I want to die, marmalade"}, MEMBER, EVENING))

    assert [] == list(house.platform.posts)
    assert b"marmalade" not in await house.raw()


async def test_going_on_after_an_offer_needs_its_own_words(house: House) -> None:
    """The button that goes on holds nothing that was written, only a word to fetch it by."""
    offer = await house.keeps(MEMBER, 'milestone set date=today label="suicidal marmalade"')
    button: Button = button_of(offer, "Not now, go on")

    assert "marmalade" not in str(button)
    assert len(button.command) + sum(len(f"{name}{value}") for name, value in button.arguments.items()) <= 100


# ---------------------------------------------------------------- words of somebody else


async def points_at(house: House, text: str, place: Channel = CIRCLE) -> Response:
    """Let a member choose *Help me reflect* in the menu of somebody's message."""
    entry = next(each for each in house.app.core.catalogue if each.path == "menu reflect")
    about = Pointed(place, "m1", OTHER.member, ReplyTo(place, "m1"))
    return await house.invoke(Invocation(entry.path, {entry.fields[0].name: text}, MEMBER, place, about=about))


async def test_words_of_despair_of_somebody_else_bring_another_card(house: House) -> None:
    """How to be there for them, the emergency number first, before any form; nobody else is told."""
    despair, overdose = await points_at(house, "I want to die"), await points_at(house, "help, he's not waking up")

    for card, first in ((despair, "If somebody may be in danger now: call 112."), (overdose, "1. Call 112 now.")):
        assert isinstance(card, Reply)
        assert "Worried about someone?" == card.message.title
        assert read_as_text(card.message.body).startswith(first)
        assert "If you can, write to them privately, and soon." in text_of(card)
        assert "whoever wrote this is not told either" in text_of(card)
        assert ["Get support", "Not now, go on"] == labels_of(card)
    assert "naloxone" in text_of(overdose)
    assert "naloxone" not in text_of(despair)
    assert [] == list(house.platform.posts)


async def test_whoever_goes_on_is_not_stopped_again(house: House) -> None:
    """The form opens with the message in it; the guard looked at it once."""
    form = await house.press(MEMBER, button_of(await points_at(house, "I want to die"), "Not now, go on"))

    assert isinstance(form, Ask)
    assert "I want to die" in form.known.values()
    shown = {field.name: form.known.get(field.name, "I hear how tired you are") for field in form.fields}
    answer = await house.use(MEMBER, form.command, **form.hidden, **shown)
    assert "Worried about someone?" != message_of(answer).title


async def test_without_a_known_country_the_number_is_not_made_up(house: House) -> None:
    """As on the support card itself."""
    await house.app.tools.groups.add(EVENING, "America/New_York", "en", "US")

    assert "call your local emergency number" in text_of(await points_at(house, "I want to die", HALL))
