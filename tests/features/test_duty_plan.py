"""`duty plan`: regular hours, at which duty begins by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.content import Shelf
from bot.core.port import Actor, Ask
from tests.fakes import actor
from tests.house import LEADER, ORGANISER, House, again, labels_of, problems_of, rows_of, text_of

BEN = actor("ben")
"""Another leader."""


async def plan(house: House, hours: str, who: Actor = LEADER) -> str:
    """Let a leader choose their hours, and return the answer."""
    return text_of(await house.types(who, f'duty plan hours="{hours}"'))


async def times(house: House, who: Actor = LEADER) -> list[str]:
    """Return the times on duty of a leader, in UTC; one that goes on has no end but its plan."""
    leader = await house.app.tools.leaders.find(who.member)
    assert leader
    found = await house.app.tools.roster.recent(leader.id, house.clock.now() - timedelta(days=30))
    return [f"{each.since:%a %H:%M}-{each.until:%H:%M} {each.began}" for each in found]


async def test_hours_are_kept_and_repeated(house: House) -> None:
    """As the bot writes them, with the next time on the leader's own clock; nothing begins yet."""
    await house.app.tools.people.change(LEADER.member, zone="Asia/Tokyo")

    response = await house.types(LEADER, 'duty plan hours="Mon to Fri 18:00 - 21:00 and saturday 10:00-12:00"')

    assert "These are your hours: weekdays 18:00-21:00, sat 10:00-12:00." in text_of(response)
    assert "The next time begins on Thu 22 Oct 2026, 18:00 (Asia/Tokyo)." in text_of(response)
    assert ["My regular hours", "My breaks", "Get support"] == labels_of(response)
    assert [] == await times(house)


async def test_duty_begins_and_ends_with_the_hours(house: House) -> None:
    """Silently, and day after day; its own reminders of breaks come too."""
    await plan(house, "daily 18:00-19:30")

    await house.wait(days=2)

    assert ["Wed 16:00-17:30 planned", "Thu 16:00-17:30 planned"] == await times(house)
    assert ["16:50", "16:50"] == [f"{post.at:%H:%M}" for post in house.platform.posts_to(LEADER.member)]


async def test_hours_that_go_on_now_begin_at_once(house: House) -> None:
    """From now until their end, and the answer says so."""
    said = await plan(house, "daily 13:00-15:00")

    assert "That is now, so you're on duty until Wed 21 Oct 2026, 15:00 (Europe/Berlin)." in said
    assert "The next time begins on Thu 22 Oct 2026, 13:00 (Europe/Berlin)." in said
    assert ["Wed 12:00-13:00 planned"] == await times(house)


async def test_hours_that_were_just_chosen_begin_even_after_duty(house: House) -> None:
    """Who left a moment ago and then names these hours wants them."""
    await house.types(LEADER, "duty on until=21:00")
    await house.wait(minutes=30)
    await house.types(LEADER, "duty off")

    await plan(house, "daily 13:00-15:00")

    assert ["Wed 12:00-12:30 told", "Wed 12:30-13:00 planned"] == await times(house)


async def test_without_hours_the_form_opens_with_those_that_hold(house: House) -> None:
    """Changed there, they are kept; made empty, or called none, there are none any more."""
    first = await house.types(LEADER, "duty plan")
    await plan(house, "mon 18:00-19:00")
    second = await house.types(LEADER, "duty plan")
    emptied = text_of(await house.use(LEADER, "duty plan", hours=""))
    await plan(house, "mon 18:00-19:00")
    none = await plan(house, "none")
    await house.wait(days=8)

    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    assert [{}, {"hours": "mon 18:00-19:00"}] == [first.known, second.known]
    assert "You have no regular hours" in emptied
    assert "You have no regular hours" in none
    assert [] == await times(house)


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        ("whenever", "I can't read whenever as hours of a week."),
        ("mon", "I can't read mon as hours of a week."),
        ("mon 25:00-26:00", "25:00-26:00 holds a time that no clock shows."),
        ("mon 18:00-18:00", "18:00-18:00 begins and ends at the same time."),
        ("mon " * 60 + "18:00-19:00", "Please shorten it"),
        (" ".join(f"{hour}:00-{hour}:30" for hour in range(11)), "Please name 10 times a week at most."),
    ],
)
async def test_hours_that_cannot_be_read_are_asked_for_again(house: House, hours: str, problem: str) -> None:
    """With what is wrong with them; those that hold go on."""
    await plan(house, "mon 18:00-19:00")

    assert problem in problems_of(await house.types(LEADER, f'duty plan hours="{hours}"'))["hours"]
    form = await house.types(LEADER, "duty plan")
    assert isinstance(form, Ask)
    assert {"hours": "mon 18:00-19:00"} == form.known


async def test_who_leaves_within_their_hours_stays_off_duty(house: House) -> None:
    """Until the next time, also when their clock changes in between."""
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=5)
    await house.types(LEADER, "duty off")
    await house.types(LEADER, "me timezone zone=Europe/Paris")
    await house.wait(hours=24)

    assert ["Wed 16:00-17:00 planned", "Thu 16:00-19:00 planned"] == await times(house)


@pytest.mark.parametrize(
    ("line", "duty"),
    [
        ("duty on", "Wed 15:30-19:00 planned"),
        ("duty on until=22:00", "Wed 15:30-20:00 told"),
    ],
)
async def test_of_two_ends_the_later_one_counts(house: House, line: str, duty: str) -> None:
    """Who is on duty already stays on one duty, and is not asked about an end that it has no more."""
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=3.5)
    await house.types(LEADER, line)
    await house.wait(hours=8)

    assert [duty] == await times(house)
    assert not any("Are you still there?" in said for said in house.said_to(LEADER))


@pytest.mark.parametrize(
    ("down", "up", "expected"),
    [
        (3, 5, ["Wed 16:00-19:00 planned"]),  # over the beginning: from then on
        (3, 8, []),  # over all of it
        (3, 29, ["Thu 16:00-19:00 planned"]),
    ],
)
async def test_duty_begins_although_the_bot_was_down(
    house: House, shelf: Shelf, down: int, up: int, expected: list[str]
) -> None:
    """As long as the hours still go on."""
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=down)
    house.clock.move(house.clock.now() + timedelta(hours=up - down))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)

        assert expected == await times(restarted)


async def test_a_duty_that_ended_while_the_bot_was_down_goes_on(house: House, shelf: Shelf) -> None:
    """It was on when the hours began, so it is the same one."""
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=3.5)
    await house.types(LEADER, "duty on until=18:30")
    house.clock.move(house.clock.now() + timedelta(hours=2))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)

        assert ["Wed 15:30-19:00 planned"] == await times(restarted)


async def test_two_processes_begin_one_duty(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database."""
    await plan(house, "daily 18:00-21:00")
    async with again(house, shelf) as other:
        house.clock.move(datetime(2026, 10, 21, 16, 0, tzinfo=UTC))
        await asyncio.gather(other.app.work.tick(), house.app.work.tick())

        assert 1 == len(rows_of(house.address, "duties"))
        assert ["Wed 16:00-19:00 planned"] == await times(house)


# ---------------------------------------------------------------- their breaks


async def test_hours_wait_for_the_end_of_a_short_break(house: House) -> None:
    """They begin with it, also when the break is ended before its time."""
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=3.75)
    await house.types(LEADER, "break now minutes=60")
    await house.wait(hours=8)
    await house.until(datetime(2026, 10, 22, 15, 45, tzinfo=UTC))
    await house.types(LEADER, "break now minutes=60")
    await house.wait(minutes=30)
    await house.types(LEADER, "break end")

    assert ["Wed 16:45-19:00 planned", "Thu 16:15-19:00 planned"] == await times(house)


async def test_a_break_within_the_hours_ends_in_them(house: House) -> None:
    """Duty goes on after it, and only once."""
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=5)
    await house.types(LEADER, "break now minutes=60")
    await house.wait(hours=8)

    assert ["Wed 16:00-17:00 planned", "Wed 18:00-19:00 planned"] == await times(house)


async def test_a_break_over_the_beginning_keeps_one_duty(house: House) -> None:
    """What is left of an earlier duty after it goes on to the end of the hours."""
    await house.types(LEADER, "duty on until=18:30")
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=3.75)
    await house.types(LEADER, "break now minutes=20")
    await house.wait(hours=8)

    assert ["Wed 12:00-15:45 told", "Wed 16:05-19:00 planned"] == await times(house)


@pytest.mark.parametrize("hours", ["daily 18:00-21:00", "daily 23:00-02:00"])
async def test_the_rest_of_the_day_takes_the_hours_with_it(house: House, hours: str) -> None:
    """Tomorrow's begin as ever."""
    await plan(house, hours)
    await house.use(LEADER, "break now", rest="yes")
    await house.wait(hours=23)
    today = await times(house)
    await house.wait(hours=14)

    assert [] == [each for each in today if each.startswith("Wed")]
    assert 1 == len(await times(house))


# ---------------------------------------------------------------- clocks


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        ("2026-10-24T20:00", "sat 23:00-04:00", ["Sat 21:00-03:00 planned"]),  # an hour more in this night
        ("2027-03-27T20:00", "sat 23:00-04:00", ["Sat 22:00-02:00 planned"]),  # an hour less
        ("2026-10-24T20:00", "sun 02:30-04:00", ["Sun 00:30-03:00 planned"]),  # comes twice: the first time
    ],
)
async def test_hours_hold_while_the_clocks_change(house: House, now: str, hours: str, expected: list[str]) -> None:
    """They are what the clock on the leader's wall shows."""
    house.clock.move(datetime.fromisoformat(f"{now}+00:00"))
    await plan(house, hours)

    await house.wait(hours=10)

    assert expected == await times(house)


async def test_hours_follow_the_leaders_clock(house: House) -> None:
    """When they change their zone, or the group does whose zone is theirs."""
    await plan(house, "daily 18:00-19:00")
    await house.app.appoint(BEN.member)
    await plan(house, "daily 18:00-19:00", BEN)
    await house.types(LEADER, "me timezone zone=Europe/London")
    await house.types(ORGANISER, "group edit in=#circle zone=Europe/Helsinki")

    await house.wait(hours=12)

    assert ["Wed 17:00-18:00 planned"] == await times(house)
    assert ["Wed 15:00-16:00 planned"] == await times(house, BEN)


async def test_a_removed_leader_has_no_hours(house: House) -> None:
    """Removed while they go on, they end, and do not begin again."""
    await plan(house, "daily 18:00-21:00")
    await house.wait(hours=5)
    await house.types(ORGANISER, "leader remove who=@lea")
    await house.wait(days=1)

    assert [(1,)] == rows_of(house.address, "duties", "ended")


async def test_hours_that_cannot_be_looked_at_keep_nobody_else_waiting(house: House) -> None:
    """A row that is broken is put off for an hour."""
    await house.app.appoint(BEN.member)
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    await plan(house, "daily 18:00-21:00", BEN)
    await house.app.tools.leaders.choose(leader.id, house.clock.now(), hours="nonsense")

    await house.wait(hours=5)

    assert ["Wed 16:00-19:00 planned"] == await times(house, BEN)
    assert [] == await times(house)


async def test_who_hands_over_at_the_very_beginning_stays_off(house: House) -> None:
    """Whatever makes the bot look at their hours again."""
    await plan(house, "daily 14:00-18:00")
    await house.use(LEADER, "duty off", sure="yes")
    await house.types(ORGANISER, "group edit in=#circle zone=Europe/Paris")
    await house.wait(minutes=5)

    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    assert None is await house.app.tools.roster.current(leader.id, house.clock.now())


async def test_hours_that_wait_for_a_break_can_be_let_go(house: House) -> None:
    """*Off duty* in the break: they do not begin at its end, and come again the next day."""
    await plan(house, "daily 14:05-18:00")
    await house.types(LEADER, "break now minutes=20")
    await house.wait(minutes=10)
    said = text_of(await house.types(LEADER, "duty off"))
    await house.wait(minutes=15)
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    roster = house.app.tools.roster
    today = await roster.current(leader.id, house.clock.now())
    await house.wait(hours=24)

    assert "nothing has changed" not in said
    assert today is None
    assert None is not await roster.current(leader.id, house.clock.now())
