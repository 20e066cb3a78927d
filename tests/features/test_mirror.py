"""*Help me reflect*: a look at a draft, and never more than what is seen in it."""

from __future__ import annotations

import pytest

from bot.adapters.console.form import open_form
from bot.core.port import HELD, Ask, Community, Invocation, Kind, Pointed, Reply, ReplyTo
from bot.features.practice.acts import Act, Assessment, Observation
from bot.features.practice.mirror import CUT, LONGEST_DRAFT, LONGEST_SAID
from tests.fakes import CIRCLE, actor
from tests.features.coached import coached, says, stumbles
from tests.house import LEADER, MEMBER, OTHER, House, button_of, labels_of, message_of, problems_of, text_of

SAID = "Nobody rang today, and I stopped waiting around four."
DRAFT = "You waited, and the phone stayed quiet."


async def looked_at(house: House, draft: str = DRAFT, said: str = SAID) -> Reply:
    """Let a member submit the form."""
    response = await house.use(MEMBER, "reflect draft", said=said, draft=draft)
    assert isinstance(response, Reply)
    return response


async def test_the_form_holds_the_message(house: House) -> None:
    """Privately, with room for a draft; nothing was sent to anybody."""
    form = await house.use(MEMBER, "menu reflect", message=SAID)

    assert isinstance(form, Ask)
    assert "reflect draft" == form.command
    assert [("said", Kind.MESSAGE), ("draft", Kind.PARAGRAPH)] == [(each.name, each.kind) for each in form.fields]
    assert {"said": SAID} == form.known
    assert {} == form.hidden
    assert "I send nothing and keep nothing." in form.note
    assert [] == list(house.platform.posts)


async def test_what_was_seen_is_said_and_nothing_else(house: House) -> None:
    """No act, no praise, whatever the coach thinks; the draft is there to copy, and goes nowhere."""
    eager = coached(house, says(Act.REFLECTION, Observation.NAMED_FEELING, Observation.ADVICE, praise=True))
    answer = await looked_at(eager, f"{DRAFT} *so* @everyone")

    said = text_of(answer)
    assert "What I noticed: You may have named a feeling. Part of it may be an idea for what to do." in said
    assert f"> {DRAFT} *so* @everyone" in said
    assert "copy it and send it yourself; I send nothing" in said
    for word in ("reflection", "One thing to try", house.app.tools.words.label("practice.praise", "en")):
        assert word not in said
    assert said.endswith("I'm a small program and can be wrong.")
    assert ["Try again", "This is about me"] == labels_of(answer)
    assert "support" == button_of(answer, "This is about me").command
    assert SAID not in said
    assert [] == list(house.platform.posts)


@pytest.mark.parametrize("act", Act)
async def test_no_act_is_named(house: House, act: Act) -> None:
    """A real message is no exercise. A verdict is answered with a way back, and nothing is said beside it."""
    answer = text_of(await looked_at(coached(house, says(act, praise=True))))

    assert house.app.tools.words.label(f"practice.reads_{act}", "en") not in answer or act is Act.JUDGEMENT
    assert ("begin with what they are living with" in answer) == (act is Act.JUDGEMENT)
    assert ("Nothing in particular stood out" in answer) == (act is not Act.JUDGEMENT)


async def test_a_verdict_in_a_part_is_answered_with_a_way_back(house: House) -> None:
    """Whatever else is good about it is not said in the same breath, also where the coach is unsure of the whole."""
    for act in (Act.REFLECTION, Act.UNSURE):
        judged = coached(house, says(act, Observation.NAMED_FEELING, Observation.JUDGED, praise=True))
        answer = text_of(await looked_at(judged))

        assert "begin with what they are living with" in answer
        assert "named a feeling" not in answer
        assert "send it yourself" not in answer


async def test_trying_again_brings_both_back(house: House) -> None:
    """To whom they belong, in a terminal the draft first; later both are asked for again, kindly."""
    again = button_of(await looked_at(house), "Try again")

    form = await house.press(MEMBER, again)
    stranger = await house.press(OTHER, again)
    await house.wait(minutes=16)
    late = await house.press(MEMBER, again)

    assert [HELD] == list(again.arguments)
    assert isinstance(form, Ask)
    assert {"said": SAID, "draft": DRAFT} == form.known
    assert "I send nothing and keep nothing." in form.note
    assert ["draft", "said"] == [field.name for field in open_form(form, CIRCLE, "").queue]
    for gone in (stranger, late):
        assert isinstance(gone, Ask)
        assert {} == gone.known
        assert "no longer in my hands" in gone.note


@pytest.mark.parametrize("text", ["long words " * 4000, "x" * 40_000, f"{'a b ' * 499}tail and more"])
async def test_a_long_message_is_shortened_with_a_mark(house: House, text: str) -> None:
    """The form holds what platforms can show, says that there was more, and is answered."""
    form = await house.use(MEMBER, "menu reflect", message=text)

    assert isinstance(form, Ask)
    assert form.known["said"].endswith(CUT)
    assert LONGEST_SAID - 90 < len(form.known["said"]) <= LONGEST_SAID
    assert text.startswith(form.known["said"].removesuffix(CUT))
    await looked_at(house, said=form.known["said"])


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "🎂🎂", "…"])
async def test_a_message_without_words_is_answered_kindly(house: House, text: str) -> None:
    """A picture has nothing to reflect; no empty form is opened for it."""
    assert "I can't find any words in this message" in text_of(await house.use(MEMBER, "menu reflect", message=text))
    assert "I can't find any words in this message" in text_of(await house.use(MEMBER, "menu reflect"))


async def test_one_of_our_own_posts_will_do(house: House) -> None:
    """An exercise in the channel can be answered this way too."""
    await house.types(LEADER, "schedule add what=empathy in=#circle rule=daily 19:00")
    await house.wait(hours=6)
    form = await house.use(MEMBER, "menu reflect", message=text_of(house.newest(CIRCLE)))

    assert isinstance(form, Ask)
    assert "Answer" in text_of(await looked_at(house, said=form.known["said"])) or form.known["said"]


async def test_a_draft_that_is_too_long_can_be_shortened(house: House) -> None:
    """Nothing of it is lost; without a draft the form says what is missing."""
    long = await house.use(MEMBER, "reflect draft", said=SAID, draft="x" * (LONGEST_DRAFT + 1))

    assert isinstance(long, Ask)
    assert {"said": SAID, "draft": "x" * (LONGEST_DRAFT + 1)} == long.known
    assert {"draft": "This is still needed."} == problems_of(
        await house.use(MEMBER, "reflect draft", said=SAID, draft=" ")
    )


async def test_somebody_else_s_words_are_not_taken_for_one_s_own(house: House) -> None:
    """In the form, only the draft is looked at for words of despair; after the offer it goes on."""
    quoted = await looked_at(house, said=f"I want to die. {SAID}")
    offer = await looked_at(house, "I want to die too")
    answer = await house.press(MEMBER, button_of(offer, "Not now, go on"))

    assert "Before you send it" in text_of(quoted)
    assert "You don't have to be alone with this" in text_of(offer)
    assert "I want to die too" in text_of(answer)


async def test_one_s_own_message_brings_support_for_oneself(house: House) -> None:
    """Somebody else's brings how to be there for them; after either the form opens."""
    for author, title in ((MEMBER, "You don't have to be alone with this"), (OTHER, "Worried about someone?")):
        about = Pointed(CIRCLE, "m1", author.member, ReplyTo(CIRCLE, "m1"))
        chosen = Invocation("menu reflect", {"message": "I want to die"}, MEMBER, CIRCLE, about=about)
        offer = await house.invoke(chosen)

        assert title == message_of(offer).title
        assert isinstance(await house.press(MEMBER, button_of(offer, "Not now, go on")), Ask)


async def test_a_draft_that_says_again_what_was_heard_is_not_stopped(house: House) -> None:
    """What one writes of oneself is, and so is a worry that stands in the draft alone."""
    titles = {
        "You want to die, and it feels like nobody sees you.": "Before you send it",
        "I hear that you want to die": "Before you send it",
        "Wanting to die, and still you told us": "Before you send it",
        "i want to die too": "You don't have to be alone with this",
        "You want to die. me too, suicidal": "You don't have to be alone with this",
        "kms same": "You don't have to be alone with this",
    }
    for draft, title in titles.items():
        assert title == message_of(await looked_at(house, draft, "i want to die, nobody sees me")).title, draft
    assert "Worried about someone?" == message_of(await looked_at(house, "Are you suicidal?")).title


async def test_after_an_offer_a_draft_is_not_judged(house: House) -> None:
    """Whoever goes on may leave it there; the draft is given back, and support stays."""
    offer = await looked_at(coached(house, says(Act.OTHER, Observation.SHORT)), "I want to die too")
    answer = await house.press(MEMBER, button_of(offer, "Not now, go on"))

    assert "You may leave it right here" in text_of(answer)
    assert "What I noticed" not in text_of(answer)
    assert "> I want to die too" in text_of(answer)
    assert "support" == button_of(answer, "This is about me").command


async def test_where_no_community_is_known_it_works_as_well(house: House) -> None:
    """In a direct message nobody is asked which one is meant: nothing depends on it."""
    alone = actor(MEMBER.member.id, community=Community("fake", ""))
    form = await house.use(alone, "menu reflect", message=SAID)
    answer = await house.use(alone, "reflect draft", said=SAID, draft=DRAFT)

    assert isinstance(form, Ask)
    assert DRAFT in text_of(answer)


async def test_an_accident_of_the_coach_costs_nothing(house: House) -> None:
    """The draft is given back, and can be tried again."""
    answer = await looked_at(coached(house, stumbles))

    assert "Nothing in particular stood out" in text_of(answer)
    assert DRAFT in text_of(answer)
    assert "Try again" in labels_of(answer)


async def test_the_coach_is_given_the_message_and_the_draft(house: House) -> None:
    """In this order, and nothing else."""
    heard: list[tuple[str, str]] = []

    def listen(said: str, draft: str) -> Assessment:
        heard.append((said, draft))
        return Assessment(Act.UNSURE, 0.5)

    await looked_at(coached(house, listen))

    assert [(SAID, DRAFT)] == heard
