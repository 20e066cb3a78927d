"""`group add` and `group list`, as an organiser uses them."""

from __future__ import annotations

from bot.core.port import Access, Ask, Channel, Choice, Community, Reason
from tests.fakes import CIRCLE, HERE, actor, later
from tests.house import LEADER, MEMBER, ORGANISER, House, labels_of, problems_of, rows_of, text_of

ADD = "group add in=#circle zone=Europe/Berlin language=en country=DE"
THERE = Community("fake", "there")


async def test_a_group_is_added(bare_house: House) -> None:
    """The confirmation shows what time it is there, so that a wrong zone is noticed, and leads on."""
    response = await bare_house.types(ORGANISER, ADD)

    assert "#circle is a group now. It is Wed 21 Oct 2026, 14:00 (Europe/Berlin) there." in text_of(response)
    assert ["Invite a leader", "Plan a post", "Get support"] == labels_of(response)
    group = await bare_house.app.tools.groups.at(CIRCLE)
    assert group
    assert ("Europe/Berlin", "en", "DE") == (group.zone, group.language, group.country)


async def test_a_group_is_changed_by_adding_it_again(bare_house: House) -> None:
    """A mistake is mended with the same command."""
    await bare_house.types(ORGANISER, ADD)

    response = await bare_house.types(ORGANISER, "group add in=#circle zone=Asia/Kathmandu language=en country=nepal")

    assert "#circle is changed. It is Wed 21 Oct 2026, 17:45 (Asia/Kathmandu) there." in text_of(response)
    (group,) = await bare_house.app.tools.groups.all(HERE)
    assert ("Asia/Kathmandu", "NP") == (group.zone, group.country)


async def test_what_is_wrong_is_asked_for_again(bare_house: House) -> None:
    """The form comes back with what was right, says what to mend, and nothing is stored."""
    for line, field, sentence in (
        (ADD.replace("Berlin", "Berln"), "zone", "Did you mean Europe/Berlin?"),
        (ADD.replace("Europe/Berlin", "Mars/Base"), "zone", "I don't know this time zone"),
        (ADD.replace("=en", "=tlh"), "language", "I can't speak this language yet. I know: en."),
        (ADD.replace("=DE", "=Atlantis"), "country", "I don't know this country"),
        (ADD.replace("#circle", "#cir%cle"), "in", "Please name a channel"),
        (ADD.replace("country=DE", ""), "country", "This is still needed"),
        (ADD.replace("=en", f"={'e' * 5000}"), "language", "5000 characters long; 20 fit"),
    ):
        response = await bare_house.types(ORGANISER, line)

        assert isinstance(response, Ask)
        assert [field] == list(response.problems)
        assert sentence in response.problems[field]
        assert {"in", "zone", "language", "country"} - {field} <= set(response.known)
        assert [] == rows_of(bare_house.address, "groups")


async def test_a_channel_where_the_bot_cannot_post_is_no_group(bare_house: House) -> None:
    """The organiser hears at once, with the fix, and not when the first post fails."""
    for access, sentence in (
        (Access(), "I can't see this channel"),
        (Access(see=True), "I can't post in this channel"),
    ):
        bare_house.platform.accesses[CIRCLE] = access

        response = await bare_house.types(ORGANISER, ADD)

        assert sentence in problems_of(response)["in"]
        assert [] == rows_of(bare_house.address, "groups")


async def test_groups_are_listed(house: House) -> None:
    """Each with its zone, language and country in words; those of another community are not among them."""
    await house.app.tools.groups.add(Channel(HERE, "evening"), "Europe/London", "en", "GB")
    await house.app.tools.groups.add(Channel(THERE, "secret"), "Europe/Paris", "en", "FR")

    said = text_of(await house.types(ORGANISER, "group list"))

    assert "#circle: Europe/Berlin, English, Germany" in said
    assert "#evening: Europe/London, English, United Kingdom" in said
    assert "secret" not in said


async def test_a_new_community_has_no_groups(bare_house: House) -> None:
    """The list says how the first one is added."""
    assert "Add the first one with group add" in text_of(await bare_house.types(ORGANISER, "group list"))


async def test_groups_are_the_organisers_business(house: House) -> None:
    """Everybody else is told kindly, and nothing changes."""
    for who in (MEMBER, LEADER):
        for line in (ADD.replace("Berlin", "Paris"), "group list", "group"):
            said = text_of(await house.types(who, line))

            assert "This is for those who manage this community" in said
            (group,) = await house.app.tools.groups.all(HERE)
            assert "Europe/Berlin" == group.zone


async def test_inputs_are_suggested_to_organisers_only(house: House) -> None:
    """Zones, languages and countries complete themselves for who may use them."""
    suggest = house.app.core.suggest

    assert Choice("Europe/Berlin", "Europe/Berlin") in await suggest("group add", "zone", "berl", ORGANISER)
    assert [Choice("English", "en")] == list(await suggest("group add", "language", "engl", ORGANISER))
    assert Choice("Germany", "DE") == (await suggest("group add", "country", "de", ORGANISER))[0]
    assert [] == list(await suggest("group add", "zone", "berl", MEMBER))


async def test_a_platform_that_does_not_answer_changes_nothing(bare_house: House) -> None:
    """When nobody can say whether the bot may post there, the organiser is asked to try again."""
    bare_house.platform.fails(later(reason=Reason.UNREACHABLE), doing="access")

    said = text_of(await bare_house.types(ORGANISER, ADD))

    assert "look before you try again" in said
    assert [] == rows_of(bare_house.address, "groups")


async def test_two_communities_on_one_platform_do_not_meet(house: House) -> None:
    """An organiser of one community changes nothing in another, though the channels are called the same."""
    stranger = actor("ola", manages=True, community=THERE)

    await house.types(stranger, ADD.replace("Berlin", "Paris"), Channel(THERE, "circle"))

    assert ["Europe/Berlin"] == [group.zone for group in await house.app.tools.groups.all(HERE)]
    assert ["Europe/Paris"] == [group.zone for group in await house.app.tools.groups.all(THERE)]
