"""`duty on`, `duty off` and `duty status`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.port import Actor, Community, Message, Update
from tests.fakes import actor
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    House,
    button_of,
    labels_of,
    message_of,
    problems_of,
    rows_of,
    text_of,
)

BEN, IDA = actor("ben"), actor("ida")
"""Other leaders."""


async def current(house: House, who: Actor = LEADER) -> datetime | None:
    """Return until when somebody is on duty."""
    leader = await house.app.tools.leaders.find(who.member)
    duty = await house.app.tools.roster.current(leader.id, house.clock.now()) if leader else None
    return duty.until if duty else None


def is_question(message: Message) -> bool:
    return message.title == "Are you still there?"


def questions(house: House) -> list[Message]:
    """Return how often the leader was asked whether they are still there."""
    return [message for message in house.platform.messages_to(LEADER.member) if is_question(message)]


async def test_duty_goes_on_until_the_named_time(house: House) -> None:
    """On the leader's own clock, which the answer repeats."""
    response = await house.types(LEADER, "duty on until=21:00")

    assert "You're looking after the group until Wed 21 Oct 2026, 21:00 (Europe/Berlin)" in text_of(response)
    assert ["My breaks", "Go off duty", "Get support"] == labels_of(response)
    assert datetime(2026, 10, 21, 19, 0, tzinfo=UTC) == await current(house)


async def test_duty_without_an_end_ends_by_itself(house: House) -> None:
    """After two hours, so that it never goes on for ever, and the answer says so."""
    said = text_of(await house.types(LEADER, "duty on"))
    await house.wait(minutes=119)
    still = await current(house)
    await house.wait(minutes=1)

    assert "Without an answer your duty ends by itself, so that you are never on it without meaning to be" in said
    assert "16:00 (Europe/Berlin)" in said
    assert still is not None
    assert None is await current(house)
    assert "You're off duty." in text_of(await house.types(LEADER, "home"))


@pytest.mark.parametrize(
    ("now", "zone", "until", "ends"),
    [
        ("2026-10-21T12:00", "Europe/Berlin", "13:59", "2026-10-22T11:59"),  # has passed: tomorrow
        ("2026-10-21T12:00", "Europe/Berlin", "14:00", "2026-10-22T12:00"),  # is now: tomorrow
        ("2026-10-21T12:00", "Europe/Berlin", "00:00", "2026-10-21T22:00"),  # the midnight to come
        ("2026-10-21T21:30", "Europe/Berlin", "00:30", "2026-10-21T22:30"),  # over midnight
        ("2026-10-21T12:00", "Asia/Kathmandu", "18:00", "2026-10-21T12:15"),
        ("2026-10-24T22:00", "Europe/Berlin", "02:30", "2026-10-25T00:30"),  # comes twice: the first time
        ("2026-10-24T23:59", "Europe/Berlin", "03:00", "2026-10-25T02:00"),  # an hour more in this night
        ("2027-03-28T00:30", "Europe/Berlin", "02:30", "2027-03-28T01:00"),  # is left out: when the gap ends
        ("2027-03-27T23:30", "Europe/Berlin", "03:00", "2027-03-28T01:00"),
    ],
)
async def test_a_time_is_the_next_one_on_the_leaders_clock(
    house: House, now: str, zone: str, until: str, ends: str
) -> None:
    """Past midnight, and through the nights in which the clocks change."""
    await house.app.tools.people.change(LEADER.member, zone=zone)
    house.clock.move(datetime.fromisoformat(f"{now}+00:00"))

    await house.types(LEADER, f"duty on until={until}")

    assert datetime.fromisoformat(f"{ends}+00:00") == await current(house)


async def test_a_second_time_moves_the_end(house: House) -> None:
    """It stays one duty."""
    await house.types(LEADER, "duty on until=21:00")
    await house.types(LEADER, "duty on until=18:00")

    assert datetime(2026, 10, 21, 16, 0, tzinfo=UTC) == await current(house)
    assert 1 == len(rows_of(house.address, "duties"))


async def test_duty_without_an_end_is_asked_about_before_it_ends(house: House) -> None:
    """Ten minutes before, privately and once; without an answer it ends, and nothing more is said."""
    await house.types(LEADER, "duty on")
    await house.wait(minutes=109)
    early = house.said_to(LEADER)
    await house.wait(minutes=1)
    asked = house.newest(LEADER)
    await house.wait(hours=5)

    assert not any("Are you still there?" in said for said in early)
    assert "Your duty ends on Wed 21 Oct 2026, 16:00 (Europe/Berlin)." in text_of(asked)
    assert ["I'm still here", "Go off duty", "Get support"] == labels_of(asked)
    assert 1 == len(questions(house))
    assert None is await current(house)


async def test_who_is_still_there_stays_for_two_more_hours(house: House) -> None:
    """Counted from the press, and asked about again."""
    await house.types(LEADER, "duty on")
    await house.wait(minutes=115)

    said = text_of(await house.press(LEADER, button_of(questions(house)[-1], "I'm still here")))
    until = await current(house)
    await house.wait(minutes=110)

    assert "until Wed 21 Oct 2026, 17:55 (Europe/Berlin)" in said
    assert datetime(2026, 10, 21, 15, 55, tzinfo=UTC) == until
    assert 2 == len(questions(house))


@pytest.mark.parametrize("change", ["duty off", "duty on until=21:00", "duty on", "break now rest=yes", "removed"])
async def test_nobody_is_asked_about_a_duty_that_has_another_end(house: House, change: str) -> None:
    """Who left, named an end, or was asked for later already is not disturbed."""
    await house.types(LEADER, "duty on")
    await house.wait(minutes=40)
    if change == "removed":
        await house.types(ORGANISER, "leader remove who=@lea")
    elif "rest" in change:
        await house.use(LEADER, "break now", rest="yes")
    else:
        await house.types(LEADER, change)
    await house.wait(minutes=75)

    assert [] == questions(house)


@pytest.mark.parametrize(("quiet", "asked_at"), [("15:40-15:55", ["13:55"]), ("15:00-17:00", []), ("", ["13:55"])])
async def test_quiet_hours_and_breaks_are_kept_from_the_question(house: House, quiet: str, asked_at: list[str]) -> None:
    """It comes when they end before duty does; otherwise not at all."""
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    await house.app.tools.leaders.choose(leader.id, house.clock.now(), quiet=quiet)
    await house.types(LEADER, "duty on")
    if not quiet:
        await house.wait(minutes=105)
        await house.types(LEADER, "break now")
    await house.wait(hours=3)

    posts = house.platform.posts_to(LEADER.member)
    assert asked_at == [f"{post.at:%H:%M}" for post in posts if is_question(post.message)]


async def test_going_on_duty_again_cuts_nothing(house: House) -> None:
    """Without an end, what lasts for longer than two hours goes on as it was."""
    await house.types(LEADER, "duty on until=21:00")

    said = text_of(await house.types(LEADER, "duty on"))

    assert "until Wed 21 Oct 2026, 21:00 (Europe/Berlin)" in said
    assert datetime(2026, 10, 21, 19, 0, tzinfo=UTC) == await current(house)


async def test_going_on_duty_ends_a_break(house: House) -> None:
    """What was left of duty goes on at once."""
    await house.types(LEADER, "duty on until=21:00")
    await house.types(LEADER, "break now minutes=30")
    away = await current(house)

    await house.types(LEADER, "duty on")

    assert None is away
    assert datetime(2026, 10, 21, 19, 0, tzinfo=UTC) == await current(house)


async def test_who_leaves_others_on_duty_just_goes(house: House) -> None:
    """They hear that the group is looked after; those of another community are no others."""
    await house.app.appoint(BEN.member)
    stranger = actor("eve", community=Community("fake", "there"))
    await house.app.appoint(stranger.member)
    for who in (LEADER, BEN, stranger):
        await house.types(who, "duty on")

    first = text_of(await house.types(LEADER, "duty off"))
    last = text_of(await house.types(BEN, "duty off"))

    assert "Others are still looking after the group" in first
    assert "You're the last one on duty just now" in last
    assert None is await current(house)
    assert None is not await current(house, BEN)
    assert None is not await current(house, stranger)


async def test_the_last_one_on_duty_may_go_all_the_same(house: House) -> None:
    """They are asked first, stay on duty meanwhile, and hear no reproach."""
    await house.app.appoint(BEN.member)
    await house.types(LEADER, "duty on")

    asked = await house.types(LEADER, "duty off")
    still = await current(house)
    gone = await house.press(LEADER, button_of(asked, "Go off duty now"))

    assert ["Ask the others first", "Go off duty now", "Get support"] == labels_of(asked)
    assert None is not still
    assert isinstance(gone, Update)
    assert "Nobody else is on duty just now, and that is fine" in text_of(gone)
    assert None is await current(house)


async def test_the_only_leader_has_nobody_to_ask(house: House) -> None:
    """They go at once, with a kind word; somebody who has not accepted is nobody to ask either."""
    await house.app.tools.leaders.invite(BEN.member)
    await house.types(LEADER, "duty on")

    said = text_of(await house.types(LEADER, "duty off"))

    assert "You're the only leader here so far" in said
    assert None is await current(house)


async def test_duty_that_waits_for_the_end_of_a_break_can_be_left(house: House) -> None:
    """The break goes on, and no duty comes after it."""
    await house.types(LEADER, "duty on until=21:00")
    await house.types(LEADER, "break now minutes=30")

    said = text_of(await house.types(LEADER, "duty off"))
    await house.wait(minutes=40)

    assert "no duty is waiting for you" in said
    assert None is await current(house)


async def test_who_is_not_on_duty_cannot_leave_it(house: House) -> None:
    """All is well, and nothing changes."""
    assert "You were not on duty, so nothing has changed." in text_of(await house.types(LEADER, "duty off"))
    assert [] == rows_of(house.address, "duties")


async def test_duty_is_part_of_a_leaders_home(house: House) -> None:
    """With the button that changes it; a member's page knows no duty."""
    off = await house.types(LEADER, "home")
    await house.press(LEADER, button_of(off, "I'm looking after the group"))
    on = await house.types(LEADER, "home")

    assert "You're off duty." in text_of(off)
    assert "You're on duty until Wed 21 Oct 2026, 16:00" in text_of(on)
    assert "Go off duty" in labels_of(on)
    await house.types(LEADER, "break now minutes=20")
    away = await house.types(LEADER, "home")
    assert "You're on a break until Wed 21 Oct 2026, 14:20" in text_of(away)
    assert "I'm back" in labels_of(away)
    assert "duty" not in text_of(await house.types(MEMBER, "home"))


async def test_a_time_that_there_is_not_is_asked_for_again(house: House) -> None:
    """And nobody goes on duty by mistake."""
    for time in ("25:00", "19:60", "seven"):
        assert ["until"] == list(problems_of(await house.types(LEADER, f"duty on until={time}")))
    assert None is await current(house)


async def test_duty_is_for_those_who_lead(house: House) -> None:
    """A member is told who may, and an organiser how to become a leader."""
    for line in ("duty on", "duty off", "duty plan", "duty handoff who=@ben"):
        assert "This is for the group's leaders" in text_of(await house.types(MEMBER, line))
        assert "Only leaders go on duty" in text_of(await house.types(ORGANISER, line))
    assert [] == rows_of(house.address, "duties")


# ---------------------------------------------------------------- who is on, who is next


async def test_status_tells_who_is_on_and_who_is_away(house: House) -> None:
    """Names and ends, and of a break nothing but its end."""
    for who in (BEN, IDA):
        await house.app.appoint(who.member)
        await house.types(who, "duty on until=20:00")
    nobody = text_of(await house.types(LEADER, "duty status"))
    await house.types(IDA, "break now minutes=20")

    body = message_of(response := await house.types(LEADER, "duty status")).body

    assert "Nobody is on duty just now" not in nobody
    assert "is on duty until Wed 21 Oct 2026, 20:00 (Europe/Berlin)" in text_of(response)
    assert "is away until Wed 21 Oct 2026, 14:20 (Europe/Berlin)" in text_of(response)
    assert 1 == body.count("member/ben")
    assert 1 == body.count("member/ida")
    assert 0 == body.count("member/lea")
    assert "Nobody has regular hours yet" in text_of(response)


async def test_status_tells_who_is_next_and_what_is_open(house: House) -> None:
    """The group's day is looked at, quiet hours aside, and told day by day on the reader's own clock."""
    await house.app.appoint(BEN.member)
    await house.types(ORGANISER, "group edit in=#circle quiet=21:00-09:00")
    await house.types(LEADER, 'duty plan hours="daily 09:00-17:00"')
    await house.types(BEN, 'duty plan hours="daily 19:00-23:00, sat 17:00-19:00"')

    response = await house.types(ORGANISER, "duty status")

    assert "Next: @, on Wed 21 Oct 2026, 19:00 (Europe/Berlin)." in text_of(response)
    assert "member/ben" in message_of(response).body.partition("Next:")[2]
    assert [f"{day} Oct: 17:00\u201319:00" for day in ("Wed 21", "Thu 22", "Fri 23", "Sun 25", "Mon 26", "Tue 27")] == [
        line.removeprefix("\u2022 ") for line in text_of(response).split("\n") if "\u2013" in line
    ]


async def test_status_is_on_the_readers_own_clock(house: House) -> None:
    """A gap that goes over midnight there is told on both days; when there are many, the rest is counted."""
    await house.app.tools.people.change(LEADER.member, zone="Asia/Tokyo")
    await house.app.appoint(BEN.member)
    await house.types(BEN, 'duty plan hours="daily 10:00-11:00, daily 12:00-13:00"')

    said = text_of(await house.types(LEADER, "duty status"))

    assert "on your clock (Asia/Tokyo)" in said
    assert "Wed 21 Oct: 21:00\u201300:00" in said
    assert "Thu 22 Oct: 00:00\u201305:00, 15:00\u201317:00, 18:00\u201319:00, 20:00\u201300:00" in said
    assert "And 11 more times." in said


async def test_status_tells_when_nothing_is_open(house: House) -> None:
    """Also where there is no group yet, by its reader's clock."""
    await house.types(LEADER, 'duty plan hours="daily 00:00-12:00, daily 12:00-00:00"')

    assert "Somebody is planned at all hours of the group in the coming seven days" in text_of(
        await house.types(LEADER, "duty status")
    )


async def test_a_community_without_groups_has_a_status(bare_house: House) -> None:
    """Its day is looked at on the clock of whoever asks."""
    await bare_house.app.appoint(LEADER.member)
    await bare_house.types(LEADER, 'duty plan hours="daily 08:00-12:00"')

    said = text_of(await bare_house.types(LEADER, "duty status"))

    assert "Nobody is on duty just now." in said
    assert "Thu 22 Oct: 12:00\u201322:00" in said


async def test_members_do_not_see_who_is_on_duty(house: House) -> None:
    """That is between those who lead, and those who manage the community."""
    assert "This is for the group's leaders" in text_of(await house.types(MEMBER, "duty status"))
