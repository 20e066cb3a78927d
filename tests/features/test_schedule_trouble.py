"""Schedules when things meet: quiet hours and downtimes, pauses and presses, refusals and limits, turns and minutes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.community.tables import groups
from bot.content import Shelf
from bot.core.port import Access, Reason
from bot.features.practice.exercises import PracticeContent
from tests.fakes import CIRCLE
from tests.house import LEADER, ORGANISER, House, again, button_of, message_of, problems_of, rows_of, text_of

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ADD = "schedule add what=empathy in=#circle rule=daily 19:00"
SEVEN = datetime(2026, 10, 21, 17, 0, tzinfo=UTC)
"""19:00 in Berlin on the day on which the tests begin, a Wednesday."""


def times(house: House) -> list[str]:
    """Return when posts came to the circle, on its clock in summer."""
    return [f"{post.at + 2 * HOUR:%d %H:%M}" for post in house.platform.posts_to(CIRCLE)]


async def say(house: House, line: str) -> str:
    return text_of(await house.types(LEADER, line))


# ---------------------------------------------------------------- quiet hours


async def test_what_quiet_hours_move_survives_a_night_without_the_bot(house: House, shelf: Shelf) -> None:
    """A post of 22:30 that is sent at 07:00 is welcome until its grace has passed from there, also after a downtime."""
    await house.types(ORGANISER, "group edit in=#circle quiet=22:00-07:00 inside=move")
    await house.types(LEADER, ADD.replace("19:00", "22:30"))
    house.clock.move(SEVEN + 14 * HOUR)  # 09:00 the next morning, less the hours of sleep

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)

    (post,) = house.platform.posts_to(CIRCLE)
    assert [("made",)] == rows_of(house.address, "occurrences", "state")
    assert post.at <= SEVEN + 14 * HOUR + MINUTE


async def test_a_preview_knows_what_quiet_hours_leave_out(house: House) -> None:
    """A post that is left out takes no turn: the preview of the next one still is the post."""
    await house.types(LEADER, ADD)
    await house.types(LEADER, ADD.replace("19:00", "21:30"))
    await house.types(ORGANISER, "group edit in=#circle quiet=18:30-21:00 inside=skip")

    preview = message_of(await house.types(LEADER, "schedule preview 2"))
    listed = await say(house, "schedule list")
    await house.until(SEVEN + 3 * HOUR)

    assert [preview.title] == [post.message.title for post in house.platform.posts_to(CIRCLE)]
    assert "1. Empathy in #circle, daily 19:00 (Europe/Berlin). Nothing more is to come." in listed


async def test_a_preview_shows_the_post_that_waits_for_the_end_of_quiet_hours(house: House) -> None:
    """What was due and waits is the next post, before what comes after it."""
    await house.types(ORGANISER, "group edit in=#circle quiet=18:30-21:00 inside=move")
    for rule in ("daily 18:45", "daily 19:00"):
        await house.types(LEADER, f"schedule add what=empathy in=#circle rule={rule}")
    await house.until(SEVEN + 10 * MINUTE)

    previews = [message_of(await house.types(LEADER, f"schedule preview {number}")).title for number in (1, 2)]
    await house.until(SEVEN + 2 * HOUR + MINUTE)

    assert previews == [post.message.title for post in house.platform.posts_to(CIRCLE)]


async def test_a_post_that_waits_for_the_end_of_quiet_hours_can_be_skipped(house: House) -> None:
    """It is shown as the next, and skipping leaves out that one."""
    await house.types(ORGANISER, "group edit in=#circle quiet=18:30-21:00 inside=move")
    await house.types(LEADER, ADD)
    await house.until(SEVEN + 10 * MINUTE)

    shown = await say(house, "schedule show 1")
    said = await say(house, "schedule skip 1")
    await house.until(SEVEN + DAY + 3 * HOUR)

    assert "Wednesday 21 October 2026, 21:00, at the end of the quiet hours" in shown
    assert "Left out: Empathy, Wed 21 Oct 2026, 19:00" in said
    assert ["22 21:00"] == times(house)


# ---------------------------------------------------------------- presses


async def test_two_presses_at_once_plan_once(house: House) -> None:
    """However fast a button is pressed twice, or a line sent twice, nothing is planned double."""
    shown = await house.types(LEADER, "schedule import starter")
    plan = button_of(shown, "Plan them")

    await asyncio.gather(*(house.use(LEADER, plan.command, **plan.arguments) for _ in range(2)))
    await asyncio.gather(*(house.types(LEADER, ADD) for _ in range(2)))

    assert 4 == len(rows_of(house.address, "schedules"))


async def test_post_now_is_sent_also_in_a_pause_that_ends_by_itself(house: House) -> None:
    """What a leader asks for comes; the one in whose place it came is left out."""
    await house.types(LEADER, ADD)
    await house.types(LEADER, "schedule pause until=2026-10-24")
    asked = await house.types(LEADER, "schedule post-now")

    await house.press(LEADER, button_of(asked, "Instead of the next"))
    await house.until(SEVEN + 4 * DAY + HOUR)

    assert ["21 14:00", "25 20:00"] == times(house)  # 19:00 in winter time


# ---------------------------------------------------------------- refusals


async def test_leaders_are_told_once_a_day_however_often_it_is_tried(house: House) -> None:
    """Trying again and again writes no further message, not even for another schedule; trying on the next day does."""
    await house.types(LEADER, ADD)
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    await house.until(SEVEN)
    for _ in range(3):
        await house.types(LEADER, "schedule resume 1")
        await house.wait(minutes=1)
    first = len(house.said_to(LEADER))

    await house.types(LEADER, "schedule remove 1")
    await house.types(LEADER, ADD.replace("19:00", "20:00"))
    await house.until(SEVEN + DAY + HOUR)
    second = len(house.said_to(LEADER))
    await house.types(LEADER, "schedule resume 1")
    await house.wait(minutes=1)

    assert [1, 1, 2] == [first, second, len(house.said_to(LEADER))]


async def test_a_last_post_that_nobody_saw_is_made_good(house: House) -> None:
    """A schedule of one post does not end because that one was refused until it was too late."""
    await house.types(LEADER, ADD + " times=1")
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    await house.until(SEVEN + 4 * HOUR)
    del house.platform.refuses[CIRCLE]

    await house.until(SEVEN + 3 * DAY)

    assert ["22 19:00"] == times(house)


async def test_an_end_that_only_a_leader_can_undo_is_told(house: House) -> None:
    """After three refusals with access fine, leaders hear that nothing goes on by itself."""
    await house.types(LEADER, ADD)
    house.platform.refuses[CIRCLE] = Reason.CLOSED
    house.platform.accesses[CIRCLE] = Access(see=True, post=True)

    await house.until(SEVEN + HOUR)

    assert "I try no more until a leader says schedule resume" in house.said_to(LEADER)[-1]
    assert "refused it three times" in await say(house, "schedule list")
    assert "refused it three times" in await say(house, "schedule post-now counts=no")


async def test_nothing_left_to_post_is_told_once(house: House) -> None:
    """When the exercise of a schedule is taken away, it stops, leaders hear it once, and no row's number is shown."""
    await house.types(
        LEADER, "bank add in=#circle skill=empathy form=talk title=Kettle task=Talk example=None look=None why=None"
    )
    ((row,),) = rows_of(house.address, "bank", "id")
    await house.types(LEADER, f"schedule add what=bank-{row} in=#circle rule=daily 19:00")
    await house.types(LEADER, "bank remove 1 sure=yes")
    await house.use(LEADER, "bank remove", exercise=str(row), sure="yes")

    await house.until(SEVEN + 2 * DAY)

    assert 1 == len(house.said_to(LEADER))
    assert "no longer there" in house.said_to(LEADER)[0]
    for said in (house.said_to(LEADER)[0], await say(house, "schedule list"), await say(house, "privacy show")):
        assert str(row) not in said


# ---------------------------------------------------------------- turns, edits, papers


async def test_posts_of_one_minute_come_in_turn(house: House, shelf: Shelf) -> None:
    """Three schedules of a skill at one minute show each of its exercises before any of them again."""
    pool = [each for each in shelf.of("practice", PracticeContent, "en").exercises if each.skill == "empathy"]
    for rule in ("daily 19:00", "weekdays 19:00", "weekly mon,fri,sat,sun 19:00"):
        await house.types(LEADER, f"schedule add what=empathy in=#circle rule={rule}")

    await house.wait(days=10)

    titles = [post.message.title for post in house.platform.posts_to(CIRCLE)]
    rounds = [titles[at : at + len(pool)] for at in range(0, len(titles) - len(pool) + 1, len(pool))]
    assert len(rounds) > 1
    assert all(len(pool) == len(set(each)) for each in rounds)


async def test_another_time_keeps_the_first_day(house: House) -> None:
    """A schedule that begins in January still does, and the fortnight is the same one."""
    await house.types(LEADER, "schedule add what=empathy in=#circle rule=daily 09:00 start=2027-01-01")
    await house.types(LEADER, "schedule add what=autonomy in=#circle rule=every 2 weeks mon 19:00")
    before = rows_of(house.address, "schedules ORDER BY made_at", "next_at")
    await house.wait(days=6)

    await house.types(LEADER, "schedule edit 1 rule=daily 10:00")
    await house.types(LEADER, "schedule edit 2 rule=every 2 weeks mon 20:00")

    after = rows_of(house.address, "schedules ORDER BY made_at", "next_at")
    assert [(at + 3_600_000_000,) for (at,) in before] == after


async def test_what_is_picked_changes_the_time_that_stood_there(house: House) -> None:
    """In the form, an unchanged rule gives way to the picked time and days; beside a new rule they are refused."""
    await house.types(LEADER, "schedule add what=empathy in=#circle rule=weekly mon 09:00")
    ((row,),) = rows_of(house.address, "schedules", "id")

    picked = {"row": str(row), "as": "1", "rule": "weekly mon 09:00", "time": "10:00", "day": "tue,wed"}
    said = text_of(await house.use(LEADER, "edit when", **picked))
    both = await house.types(LEADER, 'schedule add what=empathy in=#circle rule="daily 19:00" time=20:00')

    assert "weekly tue,wed 10:00" in said
    assert "not both" in problems_of(both)["time"]


async def test_an_exercise_is_found_by_its_title(house: House) -> None:
    """As people call it, whatever the case; what is unknown is asked for again."""
    assert "Planned: Home at seven" in await say(
        house, 'schedule add what="home at Seven" in=#circle rule="daily 19:00"'
    )
    assert "Planned: Self-compassion" in await say(
        house, 'schedule add what="Self-Compassion" in=#circle rule="daily 19:00"'
    )
    assert "what" in problems_of(await house.types(LEADER, 'schedule add what="No such" in=#circle rule="daily 19:00"'))


async def test_an_export_keeps_what_rests_and_leaves_out_what_has_ended(house: House) -> None:
    """A paused schedule comes back paused, one of January in January; what is there already is left as it is."""
    await house.types(LEADER, ADD + " start=2027-01-01")
    await house.types(LEADER, ADD.replace("empathy", "autonomy"))
    await house.types(LEADER, "schedule pause 2")
    await house.types(LEADER, "schedule add what=boundaries in=#circle rule=once 2026-10-21 18:00")
    await house.until(SEVEN)
    (file,) = message_of(await house.types(LEADER, "schedule export")).files
    await house.types(LEADER, "schedule remove 1")
    await house.types(LEADER, "schedule remove 1")

    shown = await house.use(LEADER, "schedule import", file=file.bytes.decode())
    await house.press(LEADER, button_of(shown, "Plan them"))
    whole = await house.use(LEADER, "schedule import", file=file.bytes.decode())

    kept = rows_of(house.address, "schedules WHERE NOT removed ORDER BY what", "what, starts_on, paused")
    assert [("autonomy", 1), ("boundaries", 0), ("empathy", 0)] == [(what, paused) for what, _, paused in kept]
    assert "2027-01-01" == kept[2][1]
    assert "Everything in it is planned already" in text_of(whole)


async def test_a_clock_that_was_left_behind_is_put_right(house: House, shelf: Shelf) -> None:
    """Should the bot die while a group's zone changes, its schedules follow after the start."""
    await house.types(LEADER, ADD)
    async with house.app.tools.database.write() as unit:
        await unit.execute(groups.update().values(zone="America/New_York"))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)

    assert [("America/New_York",)] == rows_of(house.address, "schedules", "zone")
