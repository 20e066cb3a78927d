"""`group add`, `group list` and `group edit`, as an organiser uses them."""

from __future__ import annotations

from datetime import time

from bot.core.port import Access, Ask, Channel, Choice, Community, Reason
from tests.fakes import CIRCLE, HERE, actor, later
from tests.house import LEADER, MEMBER, ORGANISER, House, button_of, labels_of, problems_of, rows_of, text_of

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


# ---------------------------------------------------------------- group edit

EVENING = Channel(HERE, "evening")


async def test_only_what_is_given_is_changed(house: House) -> None:
    """In the group it is typed in; the answer says what is now, and shows the clock of the group itself."""
    said = text_of(await house.types(ORGANISER, "group edit quiet=22:00-7:00 inside=skip moments=7d,14D,1y"))

    assert "#circle is changed. It is 2026-10-21 14:00 (Europe/Berlin) there now." in said
    assert "Europe/Berlin, English, Germany" in said
    assert "Quiet from 22:00 to 07:00. Posts that fall inside are left out; celebrations come when they end." in said
    assert "Celebrates its own moments: 7 days, 14 days, 1 year." in said
    assert "Schedules" not in said
    group = await house.app.tools.groups.at(CIRCLE)
    assert group
    assert (time(22), time(7), False, "7d,14d,1y") == (
        group.quiet_from,
        group.quiet_to,
        group.quiet_moves,
        group.moments,
    )
    back = text_of(await house.types(ORGANISER, "group edit quiet=none inside=move moments=default"))
    assert "No quiet hours." in back
    assert "the usual moments: 24 hours, a week" in back
    assert [(None, None, 1, None)] == rows_of(house.address, "groups", "quiet_from, quiet_to, quiet_moves, moments")


async def test_a_new_zone_says_what_follows_it(house: House) -> None:
    """Schedules do, and in the community's first group the celebrations of those who told no zone of their own."""
    await house.app.tools.groups.add(EVENING, "Europe/London", "en", "GB")
    first = text_of(await house.types(ORGANISER, "group edit zone=Asia/Kathmandu country=nepal"))
    second = text_of(await house.types(ORGANISER, "group edit in=#evening zone=Asia/Kathmandu"))

    assert "#circle is changed. It is 2026-10-21 17:45 (Asia/Kathmandu) there now." in first
    assert "Asia/Kathmandu, English, Nepal" in first
    for said in (first, second):
        assert "Schedules in this group follow its clock." in said
    assert "members who told me no time zone" in first
    assert "members who told me no time zone" not in second


async def test_what_cannot_be_is_asked_for_again(house: House) -> None:
    """The sentence names what is wrong, and nothing is stored."""
    await house.app.tools.groups.add(EVENING, "Europe/London", "en", "GB")
    before = rows_of(house.address, "groups")
    for line, field, sentence in (
        ("quiet=22-7", "quiet", "such as 22:00-07:00, or none"),
        ("quiet=25:00-07:00", "quiet", "from 00:00 to 23:59"),
        ("quiet=22:00-22:00", "quiet", "These are the same time"),
        ("inside=sometimes", "inside", "one of those offered"),
        ("moments=7d,soon,24h", "moments", "as a moment: soon, 24h."),
        ("moments=14d,7d", "moments", "These are not in order: 14d, 7d."),
        ("moments=7d,8d", "moments", "too close together: 7d, 8d."),
        (f"moments={'7d,' * 80}", "moments", "240 characters long; 200 fit"),
        ("language=tlh", "language", "I know: en."),
        ("zone=Europe/Berln", "zone", "Did you mean Europe/Berlin?"),
        ("in=#nowhere zone=UTC", "in", "I don't know a group in this channel"),
    ):
        problems = problems_of(await house.types(ORGANISER, f"group edit {line}"))

        assert [field] == list(problems), line
        assert sentence in problems[field]
    which = problems_of(await house.types(ORGANISER, "group edit zone=UTC", Channel(HERE, "lobby")))
    assert {"in": "Which group? Please choose its channel."} == which
    assert before == rows_of(house.address, "groups")


async def test_a_form_is_filled_with_what_is(house: House) -> None:
    """With nothing given it shows the group and two buttons; each opens a form of few inputs, filled."""
    await house.types(ORGANISER, "group edit quiet=22:00-07:00")
    shown = await house.types(ORGANISER, "group edit")
    place = await house.press(ORGANISER, button_of(shown, "Place and language"))
    times = await house.press(ORGANISER, button_of(shown, "Quiet and moments"))

    assert "This is #circle as I know it:" in text_of(shown)
    assert isinstance(place, Ask)
    assert isinstance(times, Ask)
    assert {"zone": "Europe/Berlin", "language": "en", "country": "DE"} == place.known
    assert {"quiet": "22:00-07:00", "inside": "move", "moments": "default"} == times.known
    for form, changed, said in (
        (place, {"zone": "Asia/Tokyo"}, "21:00 (Asia/Tokyo)"),
        (times, {"moments": "1m"}, "1 month"),
        (times, {"quiet": "", "inside": "", "moments": ""}, "#circle stays as it is"),
    ):
        if changed.get("quiet") == "":
            form = await house.press(ORGANISER, button_of(shown, "Quiet and moments"))  # noqa: PLW2901  opened anew
            assert isinstance(form, Ask)
        answer = await house.use(ORGANISER, form.command, **{**form.hidden, **form.known, **changed})
        assert said in text_of(answer)


async def test_two_organisers_do_not_undo_each_other(house: House) -> None:
    """The form of the second opens again with what is now, and says why; what it holds is then carried out."""
    other = actor("ona", manages=True)
    shown = await house.types(ORGANISER, "group edit")
    mine = await house.press(ORGANISER, button_of(shown, "Place and language"))
    assert isinstance(mine, Ask)
    await house.types(other, "group edit country=FR")

    again = await house.use(ORGANISER, mine.command, **{**mine.hidden, **mine.known, "zone": "Europe/Rome"})
    assert isinstance(again, Ask)
    done = await house.use(ORGANISER, again.command, **{**again.hidden, **again.known, "zone": "Europe/Rome"})

    assert "Somebody changed this group in the meantime" in again.note
    assert ("FR", "Europe/Berlin") == (again.known["country"], again.known["zone"])
    assert "Europe/Rome, English, France" in text_of(done)


async def test_the_list_tells_what_is_not_as_usual(house: House) -> None:
    """Quiet hours, a silence and a group's own moments; a long list of them is told in part."""
    await house.types(ORGANISER, "group edit quiet=22:00-07:00 moments=5d,10d,15d,20d,25d,30d,35d,40d")
    await house.types(LEADER, "quiet group until=21:00")

    said = text_of(await house.types(ORGANISER, "group list"))

    assert "#circle: Europe/Berlin, English, Germany. Quiet from 22:00 to 07:00; what falls inside comes" in said
    assert "Silenced until Wed 21 Oct 2026, 21:00 (Europe/Berlin)." in said
    assert "Celebrates its own moments: 5 days, 10 days, 15 days, 20 days, 25 days, 30 days, and 2 more." in said


async def test_a_group_of_another_community_is_not_edited(house: House) -> None:
    """Neither by its row, as from a forged button, nor by its channel."""
    await house.app.tools.groups.add(Channel(THERE, "circle"), "Europe/Paris", "en", "FR")
    there = await house.app.tools.groups.at(Channel(THERE, "circle"))
    assert there
    for path, given in (("group zone", {"zone": "UTC"}), ("group calm", {"moments": "1y"}), ("quiet end", {})):
        said = text_of(await house.use(ORGANISER, path, group=str(there.id), **given))

        assert "I don't know this group any more" in said
    assert there == await house.app.tools.groups.at(Channel(THERE, "circle"))


async def test_editing_needs_a_group(bare_house: House) -> None:
    """Before there is one, the answer says how the first one is added."""
    assert "Add the first one with group add" in text_of(await bare_house.types(ORGANISER, "group edit zone=UTC"))
