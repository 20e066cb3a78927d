"""Schedules become occurrences, and occurrences deliveries: each local date and slot once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.community.groups import Groups
from bot.community.places import GroupPlaces
from bot.community.tables import groups
from bot.core.clock import MovedClock
from bot.core.port import Channel
from bot.core.recurrence import next_due, read_rule
from bot.delivery.outbox import Outbox
from bot.delivery.scheduler import BATCH, Fate, Scheduler, Venue, add_occurrence
from bot.delivery.tables import deliveries, occurrences, schedules
from bot.storage.database import Database, Unit
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id
from tests.delivery.desk import EVENING, HOUR, PATIENCE, SECOND
from tests.fakes import CIRCLE, START

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
BERLIN = "Europe/Berlin"
TODAY = date(2026, 10, 21)
SEVEN = datetime(2026, 10, 21, 17, 0, tzinfo=START.tzinfo)
"""19:00 in Berlin, in summer time."""


class Timetable:
    """One process that plans, on a database that others may share."""

    def __init__(self, database: Database, sealing: Sealing, clock: MovedClock) -> None:
        self.database = database
        self.outbox = Outbox(database, sealing, clock, PATIENCE)
        self.groups = Groups(database)
        self.scheduler = Scheduler(database, self.outbox, GroupPlaces(self.groups))

    async def group(self, channel: Channel = CIRCLE) -> int:
        await self.groups.add(channel, BERLIN, "en", "DE")
        group = await self.groups.at(channel)
        assert group
        return group.id

    async def add(self, rule: str, group: int, *, since: datetime = START, zone: str = BERLIN, **changed: Any) -> int:
        """Add a schedule as it stands at an instant, and return its row."""
        row = new_id()
        starts_on = since.astimezone(ZoneInfo(zone)).date()
        due = next_due(read_rule(rule), ZoneInfo(zone), starts_on, since)
        values = {
            "id": row,
            "group_id": group,
            "what": "empathy",
            "rule": rule,
            "zone": zone,
            "starts_on": starts_on,
            "grace_minutes": 120,
            "paused": False,
            "removed": False,
            "next_at": due.at if due else None,
            "made_at": since,
            "from_at": since,
            "ping": "nobody",
            "thread": False,
            "pin": False,
            "version": 1,
            "refusals": 0,
        }
        async with self.database.write() as unit:
            await unit.execute(schedules.insert().values(values | changed))
        return row

    async def change(self, schedule: int, **values: Any) -> None:
        async with self.database.write() as unit:
            await unit.execute(update(schedules).where(schedules.c.id == schedule).values(values))

    async def occurred(self, schedule: int | None = None) -> list[tuple[str, str, str]]:
        """Return date, slot and what is to become of it."""
        query = select(occurrences).order_by(occurrences.c.due_at, occurrences.c.local_date)
        if schedule is not None:
            query = query.where(occurrences.c.schedule_id == schedule)
        async with self.database.read() as unit:
            rows = await unit.all(query)
        return [(row.local_date.isoformat(), row.slot, row.state) for row in rows]

    async def planned(self) -> list[tuple[datetime, datetime]]:
        """Return when each delivery is due and when it expires."""
        async with self.database.read() as unit:
            rows = await unit.all(select(deliveries).order_by(deliveries.c.due_at))
        return [(row.try_at, row.expires_at) for row in rows]

    async def plan(self, now: datetime) -> datetime | None:
        return await self.scheduler.plan(now)


@pytest.fixture
def dialect() -> str:
    """Take SQLite, except where two processes meet."""
    return "sqlite"


@pytest.fixture
def table(database: Database, sealing: Sealing, clock: MovedClock) -> Timetable:
    """Give a process that plans."""
    return Timetable(database, sealing, clock)


@pytest_asyncio.fixture(loop_scope="session")
async def second(address: str, sealing: Sealing, clock: MovedClock) -> AsyncGenerator[Timetable]:
    """Give another process on the same database."""
    database = await Database.open(address)
    yield Timetable(database, sealing, clock)
    await database.close()


# ---------------------------------------------------------------- one occurrence


async def test_an_occurrence_is_made_when_it_is_due(table: Timetable) -> None:
    """Not before; then once, good for the schedule's grace; and the next instant is told."""
    await table.add("daily 19:00", await table.group())

    early = await table.plan(SEVEN - SECOND)
    before = await table.occurred()
    next_at = await table.plan(SEVEN)
    again = await table.plan(SEVEN + SECOND)

    assert [SEVEN, SEVEN + DAY, SEVEN + DAY] == [early, next_at, again]
    assert [] == before
    assert [("2026-10-21", "19:00", "made")] == await table.occurred()
    assert [(SEVEN, SEVEN + 2 * HOUR)] == await table.planned()


async def test_nothing_is_due_where_there_is_no_schedule(table: Timetable) -> None:
    """Without schedules there is nothing to wait for."""
    await table.group()

    assert await table.plan(START) is None


async def test_an_occurrence_survives_a_restart(table: Timetable, second: Timetable) -> None:
    """New objects on the same database know what was planned, even if the schedule was not moved on."""
    schedule = await table.add("daily 19:00", await table.group())
    await table.plan(SEVEN)
    await table.change(schedule, next_at=SEVEN)

    await second.plan(SEVEN + MINUTE)

    assert [("2026-10-21", "19:00", "made")] == await second.occurred()
    assert 1 == len(await second.planned())


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
async def test_two_processes_plan_the_same_minute_once(table: Timetable, second: Timetable) -> None:
    """However their work interleaves, every occurrence and its delivery is made once, and schedules move on."""
    circle, evening = await table.group(), await table.group(EVENING)
    rows = [await table.add("daily 19:00", group) for group in (circle, evening) * 3]
    now = SEVEN + DAY + MINUTE

    await asyncio.gather(*(each.plan(now) for each in (table, second) * 3))

    for row in rows:
        assert ["2026-10-21", "2026-10-22"] == [on for on, *_ in await table.occurred(row)]
    assert [(SEVEN + DAY, SEVEN + DAY + 2 * HOUR)] * 6 == await table.planned()
    assert SEVEN + 2 * DAY == await table.plan(now)


async def test_many_schedules_at_the_same_minute_are_all_planned(table: Timetable) -> None:
    """More than one batch is planned in one look."""
    group = await table.group()
    for _ in range(BATCH + 2):
        await table.add("daily 19:00", group)

    await table.plan(SEVEN)

    assert BATCH + 2 == len(await table.planned())


async def test_a_schedule_that_ends_is_waited_for_no_longer(table: Timetable) -> None:
    """A rule for one date has one occurrence and no next."""
    await table.add("once 2026-10-25 19:00", await table.group())
    due = datetime(2026, 10, 25, 18, 0, tzinfo=START.tzinfo)

    waited = await table.plan(START)
    after = await table.plan(due)

    assert [due, None] == [waited, after]
    assert [("2026-10-25", "19:00", "made")] == await table.occurred()


@pytest.mark.parametrize("changed", [{"paused": True}, {"removed": True}, {"paused": True, "next_at": None}])
async def test_a_silenced_schedule_makes_nothing(table: Timetable, changed: dict[str, object]) -> None:
    """Paused or removed, it keeps no score and is not waited for."""
    schedule = await table.add("daily 19:00", await table.group())
    await table.change(schedule, **changed)

    assert await table.plan(SEVEN + DAY) is None
    assert [] == await table.occurred()


async def test_a_pause_that_comes_meanwhile_is_kept(table: Timetable) -> None:
    """A schedule that a leader pauses while it is being planned is not moved on over the pause."""

    class Interrupted(GroupPlaces):
        async def venue(self, unit: Unit, group: int, at: datetime) -> Venue:
            await unit.execute(update(schedules).values(paused=True, next_at=None))
            return await super().venue(unit, group, at)

    schedule = await table.add("daily 19:00", await table.group())
    scheduler = Scheduler(table.database, table.outbox, Interrupted(table.groups))

    assert await scheduler.plan(SEVEN) is None
    async with table.database.read() as unit:
        row = await unit.one_or_none(select(schedules).where(schedules.c.id == schedule))
    assert row
    assert (True, None) == (row.paused, row.next_at)


# ---------------------------------------------------------------- after a downtime


async def test_a_restart_catches_up(table: Timetable) -> None:
    """What is within grace is delivered, once; what is older is recorded as missed and never delivered."""
    await table.add("daily 19:00", await table.group())

    next_at = await table.plan(SEVEN + 3 * DAY + HOUR)
    await table.plan(SEVEN + 3 * DAY + HOUR)

    assert SEVEN + 4 * DAY + HOUR == next_at  # in winter time from the 25th on
    assert [
        ("2026-10-21", "19:00", "missed"),
        ("2026-10-22", "19:00", "missed"),
        ("2026-10-23", "19:00", "missed"),
        ("2026-10-24", "19:00", "made"),
    ] == await table.occurred()
    assert [(SEVEN + 3 * DAY, SEVEN + 3 * DAY + 2 * HOUR)] == await table.planned()


@pytest.mark.parametrize(("late", "missed"), [(2 * HOUR, False), (2 * HOUR + SECOND, True)])
async def test_grace_ends_on_the_second(table: Timetable, late: timedelta, missed: bool) -> None:
    """In the last moment of its grace an occurrence is still delivered."""
    await table.add("daily 19:00", await table.group())

    await table.plan(SEVEN + late)

    assert [("2026-10-21", "19:00", "missed" if missed else "made")] == await table.occurred()
    assert (0 if missed else 1) == len(await table.planned())


async def test_years_of_downtime_come_to_an_end(table: Timetable) -> None:
    """A look back has a bound, and what is within grace is delivered also after years."""
    await table.add("weekly sun 19:00", await table.group())
    back = datetime(2029, 10, 21, 17, 30, tzinfo=START.tzinfo)

    next_at = await table.plan(back)

    occurred = await table.occurred()
    assert datetime(2029, 10, 28, 18, 0, tzinfo=START.tzinfo) == next_at
    assert [(back - 30 * MINUTE, back + 90 * MINUTE)] == await table.planned()
    assert ("2029-10-21", "19:00", "made") == occurred[-1]
    assert 400 // 7 + 1 == len(occurred)


# ---------------------------------------------------------------- when clocks change


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-03-28", "2026-03-28T01:30+00:00"),
        ("2026-03-29", "2026-03-29T01:00+00:00"),  # 02:30 does not exist: the first moment after the gap
        ("2026-03-30", "2026-03-30T00:30+00:00"),
        ("2026-10-24", "2026-10-24T00:30+00:00"),
        ("2026-10-25", "2026-10-25T00:30+00:00"),  # 02:30 comes twice: the first time
        ("2026-10-26", "2026-10-26T01:30+00:00"),
    ],
)
async def test_a_day_has_one_occurrence_when_the_clocks_change(table: Timetable, day: str, due: str) -> None:
    """Whatever the clocks do in a night, the day has its occurrence, at the right instant, once."""
    at, midnight = datetime.fromisoformat(due), datetime.fromisoformat(f"{day}T00:00+00:00")
    await table.add("daily 02:30", await table.group(), since=midnight - 3 * HOUR)

    for minutes in range(0, 6 * 60, 15):
        await table.plan(midnight - 2 * HOUR + minutes * MINUTE)

    assert [day] == [on for on, *_ in await table.occurred()]
    assert [at] == [due_at for due_at, _ in await table.planned()]


# ---------------------------------------------------------------- bad rows


async def test_a_bad_row_is_pushed_on_an_hour_and_the_others_go(table: Timetable) -> None:
    """A schedule that cannot be read stops no other one, and is looked at again, an hour later at most."""
    group = await table.group()
    bad = await table.add("daily 19:00", group, since=START - 10 * DAY, next_at=SEVEN - HOUR)
    good = await table.add("daily 19:00", group)
    await table.change(bad, rule="whenever it suits")

    next_at = await table.plan(SEVEN)
    later = await table.plan(SEVEN + HOUR)

    assert SEVEN + HOUR == next_at
    assert SEVEN + 2 * HOUR == later
    assert 1 == len(await table.occurred(good))
    assert [] == await table.occurred(bad)


async def test_a_row_that_was_pushed_on_loses_nothing(table: Timetable) -> None:
    """When the fault has passed within the grace, the occurrence that met it is delivered, late."""
    trouble = True

    class Troubled(GroupPlaces):
        async def venue(self, unit: Unit, group: int, at: datetime) -> Venue:
            if trouble:
                raise LookupError
            return await super().venue(unit, group, at)

    await table.add("daily 19:00", await table.group())
    scheduler = Scheduler(table.database, table.outbox, Troubled(table.groups))
    next_at = await scheduler.plan(SEVEN)
    trouble = False
    after = await scheduler.plan(SEVEN + HOUR)

    assert [SEVEN + 15 * SECOND, SEVEN + DAY] == [next_at, after]
    assert [("2026-10-21", "19:00", "made")] == await table.occurred()
    assert [SEVEN] == [due_at for due_at, _ in await table.planned()]


# ---------------------------------------------------------------- limits and changes


async def test_a_schedule_ends_with_its_last_date(table: Timetable) -> None:
    """On the last date it still comes; after it, nothing is waited for."""
    await table.add("daily 19:00", await table.group(), until=TODAY + DAY)

    waited = [await table.plan(SEVEN + days * DAY) for days in range(3)]

    assert [SEVEN + DAY, None, None] == waited
    assert ["2026-10-21", "2026-10-22"] == [on for on, *_ in await table.occurred()]


async def test_a_schedule_ends_after_so_many_posts(table: Timetable) -> None:
    """Only posts that were sent, or still may be, count: not those that were missed, and not those refused."""
    schedule = await table.add("daily 19:00", await table.group(), times=2)
    await table.plan(SEVEN + 3 * HOUR)
    for days, became in enumerate(("refused", "due", "due", "sent", "sent", "sent"), 1):
        await table.plan(SEVEN + days * DAY + HOUR)
        async with table.database.write() as unit:
            await unit.execute(update(deliveries).where(deliveries.c.state == "due").values(state=became))

    states = [state for *_, state in await table.occurred(schedule)]
    assert ["missed", "made", "made", "made", "spare"] == states
    assert await table.plan(SEVEN + 9 * DAY) is None


async def test_posts_of_one_minute_are_sent_in_the_order_of_their_schedules(table: Timetable) -> None:
    """What is due together keeps the order in which the schedules were made, so that turns come in turn."""
    group = await table.group()
    made = [await table.add("daily 19:00", group, made_at=START + place * MINUTE) for place in (2, 0, 1)]

    await table.plan(SEVEN)

    joined = deliveries.join(occurrences, occurrences.c.id == deliveries.c.subject)
    async with table.database.read() as unit:
        rows = await unit.all(select(occurrences.c.schedule_id).select_from(joined).order_by(deliveries.c.due_at))
    assert [made[1], made[2], made[0]] == [row.schedule_id for row in rows]


async def test_a_date_that_a_leader_skipped_is_left_out(table: Timetable) -> None:
    """The occurrence is there already, so nothing is delivered, and the next one comes as ever."""
    schedule = await table.add("daily 19:00", await table.group())
    async with table.database.write() as unit:
        await add_occurrence(unit, schedule, (TODAY, "19:00"), SEVEN, Fate.SKIPPED)

    next_at = await table.plan(SEVEN)

    assert SEVEN + DAY == next_at
    assert [] == await table.planned()


@pytest.mark.parametrize("moved", [-HOUR, HOUR])
async def test_a_changed_table_of_time_zones_loses_and_repeats_nothing(
    table: Timetable, second: Timetable, moved: timedelta
) -> None:
    """A process that starts with other rules for a zone finds each date at its new instant, once."""
    schedule = await table.add("daily 19:00", await table.group())
    await table.plan(SEVEN)
    # As it was planned by a table in which tomorrow's 19:00 was an hour off.
    await table.change(schedule, next_at=SEVEN + DAY + moved)

    waited = await second.plan(SEVEN + MINUTE)
    for minutes in range(-70, 130, 10):
        await second.plan(SEVEN + DAY + minutes * MINUTE)

    assert SEVEN + DAY == waited
    assert ["2026-10-21", "2026-10-22"] == [on for on, *_ in await table.occurred()]
    assert [SEVEN, SEVEN + DAY] == [due_at for due_at, _ in await table.planned()]


async def test_a_zone_that_changes_repeats_no_date(table: Timetable) -> None:
    """A group that goes from Apia to Honolulu has a date once, though its clock shows it twice."""
    apia, honolulu = "Pacific/Apia", "Pacific/Honolulu"
    schedule = await table.add("daily 07:00", await table.group(), zone=apia)
    seven_in_apia = datetime(2026, 10, 21, 18, 0, tzinfo=START.tzinfo)
    await table.plan(seven_in_apia)
    now = seven_in_apia + HOUR
    due = next_due(read_rule("daily 07:00"), ZoneInfo(honolulu), TODAY, now)
    assert due
    await table.change(schedule, zone=honolulu, from_at=now, next_at=due.at, version=2)

    for hours in range(72):
        await table.plan(now + hours * HOUR)

    # Apia had the 22nd at 18:00 UTC on the 21st; Honolulu's 22nd comes 23 hours later and is not posted again.
    assert ["2026-10-22", "2026-10-23", "2026-10-24"] == [on for on, *_ in await table.occurred()]


async def test_nothing_before_the_beginning_is_made_up(table: Timetable) -> None:
    """A schedule that was made or resumed at noon does not post this morning's."""
    noon = START.replace(hour=12)
    await table.add("daily 07:00", await table.group(), since=noon, next_at=noon - 5 * HOUR)

    next_at = await table.plan(noon)

    assert datetime(2026, 10, 22, 5, 0, tzinfo=START.tzinfo) == next_at
    assert [] == await table.planned()


async def test_a_group_that_is_gone_takes_its_schedules_along(table: Timetable) -> None:
    """Nothing is planned for a group whose row was removed."""
    group = await table.group()
    await table.add("daily 19:00", group)
    async with table.database.write() as unit:
        await unit.execute(groups.delete().where(groups.c.id == group))

    assert await table.plan(SEVEN) is None
    assert [] == await table.planned()
