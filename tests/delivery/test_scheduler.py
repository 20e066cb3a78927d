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
from bot.community.tables import groups
from bot.core.clock import MovedClock
from bot.core.port import Channel
from bot.core.recurrence import next_due, read_rule
from bot.delivery.outbox import Outbox
from bot.delivery.scheduler import BATCH, Scheduler
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
        self.scheduler = Scheduler(database, self.outbox, self.groups)

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
        }
        async with self.database.write() as unit:
            await unit.execute(schedules.insert().values(values | changed))
        return row

    async def change(self, schedule: int, **values: Any) -> None:
        async with self.database.write() as unit:
            await unit.execute(update(schedules).where(schedules.c.id == schedule).values(values))

    async def occurred(self, schedule: int | None = None) -> list[tuple[str, str, int, bool]]:
        """Return date, slot, turn and whether it was missed."""
        query = select(occurrences).order_by(occurrences.c.due_at, occurrences.c.turn)
        if schedule is not None:
            query = query.where(occurrences.c.schedule_id == schedule)
        async with self.database.read() as unit:
            rows = await unit.all(query)
        return [(row.local_date.isoformat(), row.slot, row.turn, row.missed) for row in rows]

    async def planned(self) -> list[tuple[datetime, datetime]]:
        """Return when each delivery is due and when it expires."""
        async with self.database.read() as unit:
            rows = await unit.all(select(deliveries).order_by(deliveries.c.due_at))
        return [(row.due_at, row.expires_at) for row in rows]

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
    assert [("2026-10-21", "19:00", 0, False)] == await table.occurred()
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

    assert [("2026-10-21", "19:00", 0, False)] == await second.occurred()
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
    assert list(range(BATCH + 2)) == [turn for _, _, turn, _ in await table.occurred()]


async def test_a_schedule_that_ends_is_waited_for_no_longer(table: Timetable) -> None:
    """A rule for one date has one occurrence and no next."""
    await table.add("once 2026-10-25 19:00", await table.group())
    due = datetime(2026, 10, 25, 18, 0, tzinfo=START.tzinfo)

    waited = await table.plan(START)
    after = await table.plan(due)

    assert [due, None] == [waited, after]
    assert [("2026-10-25", "19:00", 0, False)] == await table.occurred()


@pytest.mark.parametrize("changed", [{"paused": True}, {"removed": True}, {"paused": True, "next_at": None}])
async def test_a_silenced_schedule_makes_nothing(table: Timetable, changed: dict[str, object]) -> None:
    """Paused or removed, it keeps no score and is not waited for."""
    schedule = await table.add("daily 19:00", await table.group())
    await table.change(schedule, **changed)

    assert await table.plan(SEVEN + DAY) is None
    assert [] == await table.occurred()


async def test_a_pause_that_comes_meanwhile_is_kept(table: Timetable) -> None:
    """A schedule that a leader pauses while it is being planned is not moved on over the pause."""

    class Interrupted(Groups):
        async def channel(self, unit: Unit, group: int) -> Channel:
            await unit.execute(update(schedules).values(paused=True, next_at=None))
            return await super().channel(unit, group)

    schedule = await table.add("daily 19:00", await table.group())
    scheduler = Scheduler(table.database, table.outbox, Interrupted(table.database))

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
        ("2026-10-21", "19:00", 0, True),
        ("2026-10-22", "19:00", 0, True),
        ("2026-10-23", "19:00", 0, True),
        ("2026-10-24", "19:00", 0, False),
    ] == await table.occurred()
    assert [(SEVEN + 3 * DAY, SEVEN + 3 * DAY + 2 * HOUR)] == await table.planned()


@pytest.mark.parametrize(("late", "missed"), [(2 * HOUR, False), (2 * HOUR + SECOND, True)])
async def test_grace_ends_on_the_second(table: Timetable, late: timedelta, missed: bool) -> None:
    """In the last moment of its grace an occurrence is still delivered."""
    await table.add("daily 19:00", await table.group())

    await table.plan(SEVEN + late)

    assert [("2026-10-21", "19:00", 0, missed)] == await table.occurred()
    assert (0 if missed else 1) == len(await table.planned())


async def test_years_of_downtime_come_to_an_end(table: Timetable) -> None:
    """A look back has a bound, and what is within grace is delivered also after years."""
    await table.add("weekly sun 19:00", await table.group())
    back = datetime(2029, 10, 21, 17, 30, tzinfo=START.tzinfo)

    next_at = await table.plan(back)

    occurred = await table.occurred()
    assert datetime(2029, 10, 28, 18, 0, tzinfo=START.tzinfo) == next_at
    assert [(back - 30 * MINUTE, back + 90 * MINUTE)] == await table.planned()
    assert ("2029-10-21", "19:00", 0, False) == occurred[-1]
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
    """A schedule that cannot be read stops no other one, and is looked at again an hour later."""
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

    class Troubled(Groups):
        async def channel(self, unit: Unit, group: int) -> Channel:
            if trouble:
                raise LookupError
            return await super().channel(unit, group)

    await table.add("daily 19:00", await table.group())
    scheduler = Scheduler(table.database, table.outbox, Troubled(table.database))
    next_at = await scheduler.plan(SEVEN)
    trouble = False
    after = await scheduler.plan(SEVEN + HOUR)

    assert [SEVEN + HOUR, SEVEN + DAY] == [next_at, after]
    assert [("2026-10-21", "19:00", 0, False)] == await table.occurred()
    assert [SEVEN] == [due_at for due_at, _ in await table.planned()]


# ---------------------------------------------------------------- turns


async def test_turns_count_a_groups_posts_of_a_kind(table: Timetable) -> None:
    """Two schedules of one kind share a group's turns; another kind, and another group, has its own."""
    circle, evening = await table.group(), await table.group(EVENING)
    first = await table.add("daily 19:00", circle)
    second = await table.add("daily 20:00", circle)
    another_kind = await table.add("daily 19:00", circle, what="autonomy")
    another_group = await table.add("daily 19:00", evening)

    for days in range(3):
        await table.plan(SEVEN + days * DAY)
        await table.plan(SEVEN + days * DAY + HOUR)

    assert [0, 2, 4] == [turn for _, _, turn, _ in await table.occurred(first)]
    assert [1, 3, 5] == [turn for _, _, turn, _ in await table.occurred(second)]
    assert [0, 1, 2] == [turn for _, _, turn, _ in await table.occurred(another_kind)]
    assert [0, 1, 2] == [turn for _, _, turn, _ in await table.occurred(another_group)]


async def test_a_group_that_is_gone_takes_its_schedules_along(table: Timetable) -> None:
    """Nothing is planned for a group whose row was removed."""
    group = await table.group()
    await table.add("daily 19:00", group)
    async with table.database.write() as unit:
        await unit.execute(groups.delete().where(groups.c.id == group))

    assert await table.plan(SEVEN) is None
    assert [] == await table.planned()
