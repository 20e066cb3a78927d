"""`break`, as leaders use it, and the reminders that come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.content import Shelf
from bot.core.port import Actor, Reason, Update
from bot.features.breaks import BreakSettings
from tests import databases
from tests.fakes import CIRCLE, actor, later
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    House,
    again,
    button_of,
    labels_of,
    opened,
    problems_of,
    rows_of,
    text_of,
)

BEN = actor("ben")
"""Another leader."""
BUTTONS = ["Taking it now", "In 20 minutes", "In 1 hour", "Already took one", "Not today", "Get support"]


async def reminded_at(house: House, who: Actor = LEADER) -> list[str]:
    """Return when reminders reached a leader, as hours and minutes in UTC."""
    return [f"{post.at:%H:%M}" for post in house.platform.posts_to(who.member)]


async def on_duty(house: House, hours: float = 9) -> None:
    """Put the leader on duty and wait until the first reminder is there, at 12:50 UTC."""
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    await house.app.tools.roster.begin(leader.id, house.clock.now(), house.clock.now() + timedelta(hours=hours))
    await house.wait(minutes=50)


async def press(house: House, label: str) -> str:
    """Press a button of the newest reminder and return the answer."""
    response = await house.press(LEADER, button_of(house.newest(LEADER), label))
    assert isinstance(response, Update)
    return text_of(response)


async def test_a_leader_on_duty_is_reminded_privately(house: House) -> None:
    """After fifty minutes, with five ways to answer; the group sees nothing."""
    await house.types(LEADER, "duty on until=21:00")
    await house.wait(minutes=49)
    before = list(house.platform.posts)
    await house.wait(minutes=1)

    assert [] == before
    (post,) = house.platform.posts
    assert LEADER.member == post.to
    assert "If it fits, take a few minutes for yourself." in text_of(post.message)
    assert BUTTONS == labels_of(post.message)
    assert [] == list(house.platform.posts_to(CIRCLE))


async def test_nobody_is_reminded_off_duty(house: House) -> None:
    """Neither before, nor after, nor when duty ended by itself."""
    await house.wait(hours=3)
    await house.types(LEADER, "duty on")
    await house.types(LEADER, "duty off")
    await house.wait(hours=3)

    assert [] == list(house.platform.posts)


async def test_two_reminders_a_day_are_enough(house: House) -> None:
    """Who does not answer is left alone after the second one."""
    await on_duty(house)
    await house.wait(hours=8)

    assert ["12:50", "13:40"] == await reminded_at(house)


async def test_a_break_that_is_taken_begins_the_count_anew(house: House) -> None:
    """The answer tells its end and a sentence to leave with; the next reminder comes fifty minutes after it."""
    await on_duty(house)

    said = await press(house, "Taking it now")
    await house.wait(hours=3)

    assert "Until Wed 21 Oct 2026, 15:00 (Europe/Berlin)" in said
    assert "you're off duty, and nothing for leaders comes from me." in said
    assert ["12:50", "13:00", "13:50"] == await reminded_at(house)  # at 13:00 the break was over


async def test_a_snooze_is_asked_again_and_is_no_skip(house: House) -> None:
    """It comes when it was asked for, as often as it is asked for, and takes nothing from the day's reminders."""
    await on_duty(house)
    said = await press(house, "In 20 minutes")
    await house.wait(minutes=25)
    await press(house, "In 1 hour")
    await house.wait(hours=5)

    assert "I'll ask again on Wed 21 Oct 2026, 15:10 (Europe/Berlin)" in said
    # 14:15 was asked for; 15:05 is the second of the day that nobody had asked for.
    assert ["12:50", "13:10", "14:15", "15:05"] == await reminded_at(house)


async def test_a_break_already_taken_counts(house: House) -> None:
    """The next reminder comes fifty minutes later."""
    await on_duty(house)
    await house.wait(minutes=10)
    said = await press(house, "Already took one")
    await house.wait(hours=3)

    assert "It counts." in said
    assert ["12:50", "13:50"] == await reminded_at(house)


async def test_not_today_is_silent_until_tomorrow(house: House) -> None:
    """Tomorrow begins at midnight on the leader's own clock, and then the count begins."""
    await house.app.tools.people.change(LEADER.member, zone="Asia/Tokyo")
    await on_duty(house)  # 21:50 in Tokyo
    said = await press(house, "Not today")
    await house.wait(hours=7)

    assert "quiet about breaks until tomorrow" in said
    assert ["12:50", "15:50", "16:40"] == await reminded_at(house)


async def test_a_reminder_that_lost_its_sense_is_not_sent(house: House) -> None:
    """When the leader rests, has left duty, or half an hour has passed before it could go out."""
    for change in ("break now", "duty off", "nothing"):
        await house.types(LEADER, "duty on until=23:00")
        sent = len(house.platform.posts)
        house.platform.fails(later(timedelta(minutes=40 if change == "nothing" else 5)))
        await house.wait(minutes=50)
        await house.types(LEADER, change)
        await house.wait(minutes=45)

        told = [text_of(post.message) for post in list(house.platform.posts)[sent:]]
        assert [] == [said for said in told if "Your break is over" not in said]
        await house.use(LEADER, "duty off", sure="yes")
        await house.wait(days=1)


async def test_status_tells_where_a_leader_stands(house: House) -> None:
    """Off duty, on duty with the next reminder, in a break, and on duty without any more."""
    off = text_of(await house.types(LEADER, "break status"))
    await house.types(LEADER, "duty on until=21:00")
    on = await house.types(LEADER, "break status")
    await house.press(LEADER, button_of(on, "Take a break now"))
    resting = text_of(await house.types(LEADER, "break status"))
    await house.types(LEADER, "break skip")
    await house.wait(minutes=11)
    silent = text_of(await house.types(LEADER, "break status"))

    assert "You're not on duty" in off
    assert "You've been on duty since Wed 21 Oct 2026, 14:00 (Europe/Berlin)." in text_of(on)
    assert "Your duty ends on Wed 21 Oct 2026, 21:00" in text_of(on)
    assert "I'll remind you of a break on Wed 21 Oct 2026, 14:50" in text_of(on)
    assert "You're on a break until Wed 21 Oct 2026, 14:10" in resting
    assert "As things stand, no reminder is coming." in silent


async def test_what_status_promises_comes_true(house: House) -> None:
    """The instant that it names is the instant of the reminder, also after a snooze and a break."""
    await house.types(LEADER, "duty on until=23:00")
    for change, minutes in (("break status", 1), ("break now minutes=30", 31), ("break later minutes=20", 1)):
        await house.types(LEADER, change)
        await house.wait(minutes=minutes)
        said = text_of(await house.types(LEADER, "break status"))
        promised = datetime.fromisoformat(f"2026-10-21T{said.rpartition('break on Wed 21 Oct 2026, ')[2][:5]}+02:00")
        before = len(house.platform.posts)
        await house.until(promised - timedelta(seconds=1))
        early = len(house.platform.posts)
        await house.until(promised)

        assert [before, before + 1] == [early, len(house.platform.posts)]


async def test_breaks_may_be_named_in_minutes(house: House) -> None:
    """From one to 720; without a number they are ten."""
    assert "15:30 (Europe/Berlin)" in text_of(await house.types(LEADER, "break now minutes=90"))
    assert "on a break until Wed 21 Oct 2026, 15:30" in text_of(await house.types(LEADER, "break later"))
    await house.types(LEADER, "duty on")
    assert "14:10 (Europe/Berlin)" in text_of(await house.types(LEADER, "break later"))
    assert "Your duty ends" in text_of(await house.types(LEADER, "break later minutes=300"))
    assert "One minute is yours" in text_of(await house.types(LEADER, "break now 1"))
    for wrong in ("0", "721", "-5", "soon", "5" * 20):
        assert ["minutes"] == list(problems_of(await house.types(LEADER, f"break now minutes={wrong}")))


async def test_breaks_are_for_those_who_lead(house: House) -> None:
    """A member and an organiser who leads no group are told so, typed or pressed, and nothing is kept."""
    for command in ("break now", "break later", "break skip", "break status", "break already"):
        assert "This is for the group's leaders" in text_of(await house.use(MEMBER, command))
        assert "This is for those who lead a group here" in text_of(await house.use(ORGANISER, command))
    assert [] == rows_of(house.address, "break_events")


async def test_leaders_have_their_own_breaks(house: House) -> None:
    """What one presses changes nothing for another, though the button is the same."""
    await house.app.appoint(BEN.member)
    await house.types(BEN, "duty on until=21:00")
    await on_duty(house)
    await house.press(BEN, button_of(house.newest(LEADER), "Not today"))

    await house.wait(hours=2)

    assert ["12:50", "13:40"] == await reminded_at(house)
    assert ["12:50"] == await reminded_at(house, BEN)


async def test_reminders_survive_a_restart(house: House, shelf: Shelf) -> None:
    """What was reminded and answered is known again; nothing comes twice, nothing is forgotten."""
    await on_duty(house)
    await press(house, "In 20 minutes")

    async with again(house, shelf) as restarted:
        await restarted.wait(hours=5)

    assert ["12:50", "13:10", "14:00"] == await reminded_at(house)


async def test_after_a_downtime_a_reminder_comes_once(house: House, shelf: Shelf) -> None:
    """What would have come meanwhile is not made up; one comes now, and it does not call itself late."""
    await house.types(LEADER, "duty on until=23:00")
    house.clock.move(house.clock.now() + timedelta(hours=4))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)

    assert ["16:00"] == await reminded_at(house)
    assert "later than planned" not in text_of(house.newest(LEADER))


async def test_two_processes_remind_once(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database, a leader gets one reminder at a time."""
    await house.types(LEADER, "duty on until=23:00")
    async with again(house, shelf) as other:
        for minutes in (50, 100):
            house.clock.move(datetime(2026, 10, 21, 12, 0, tzinfo=UTC) + timedelta(minutes=minutes))
            await asyncio.gather(other.app.work.tick(), house.app.work.tick())
            await house.engine.settle()
            await other.engine.settle()

    assert ["12:50", "13:40"] == await reminded_at(house)


async def test_closed_direct_messages_are_told_once(house: House) -> None:
    """The leader finds a note the next time they come, and nothing is public."""
    house.platform.refuses[LEADER.member] = Reason.CLOSED
    await on_duty(house)

    first, second = [text_of(await house.types(LEADER, "break status")) for _ in range(2)]

    assert [] == list(house.platform.posts)
    assert "could not reach you" in first
    assert "could not reach you" not in second


async def test_a_removed_leader_is_reminded_no_more(house: House) -> None:
    """Duty ends with the leadership."""
    await house.types(LEADER, "duty on until=23:00")
    await house.types(ORGANISER, "leader remove who=@lea")
    await house.wait(hours=3)

    assert [] == list(house.platform.posts)
    assert [(1,)] == rows_of(house.address, "duties", "ended")


async def test_the_self_hoster_sets_the_habit(furnished: Path, tmp_path: Path, shelf: Shelf) -> None:
    """How long until a reminder, and how many a day; none at all if they say so, over any midnight."""
    for per_day, expected in ((1, ["12:20", "22:00"]), (0, [])):
        address = databases.sqlite_copy(furnished, tmp_path / f"{per_day}.db")
        settings = {"breaks": BreakSettings(remind_after_minutes=20, reminders_per_day=per_day)}
        async with opened(address, shelf, settings=settings) as house:
            await house.types(LEADER, "duty on until=13:00")
            await house.wait(hours=22)

            assert expected == await reminded_at(house)


async def test_a_reminder_that_was_held_up_does_not_come_after_an_answer(house: House) -> None:
    """Whoever said *Not today* meanwhile is left alone, though the reminder was on its way."""
    await house.types(LEADER, "duty on until=21:00")
    house.platform.fails(later(timedelta(minutes=10)))
    await house.wait(minutes=50)
    await house.types(LEADER, "break skip")
    await house.wait(minutes=30)

    assert [] == list(house.platform.posts)
