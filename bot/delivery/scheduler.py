"""Turns schedules into occurrences, and occurrences into deliveries. Truth lives in rows.

An occurrence is unique on its schedule, local date and slot. So however often, in however many processes, after
whatever change of clocks, zones or time zone tables one looks: each local date and slot is delivered at most once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Row, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.core.faults import where
from bot.core.port import Channel
from bot.core.recurrence import Due
from bot.delivery.letters import Action, Letter, State
from bot.delivery.outbox import Outbox
from bot.delivery.plans import Slot, read_plan
from bot.delivery.tables import deliveries, occurrences, schedules
from bot.storage.database import Database, Unit, insert_once
from bot.storage.tables import new_id

log = structlog.get_logger(__name__)

FEATURE: Final = "schedules"
KIND: Final = "post"
DEFAULT_GRACE: Final = timedelta(hours=2)
BATCH: Final = 100
LOOKS_BACK: Final = timedelta(days=400)
"""What was missed before that is not recorded: nobody waited for it."""
MAY_HAVE_MOVED: Final = timedelta(hours=26)
"""More than a change of a zone's table can move an occurrence. So far back it is looked for what has come earlier."""
FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(hours=1)
"""A row that cannot be planned is looked at again soon, then ever later: a fault that passes must cost no post."""
A_LOOK: Final = 1.0
"""Seconds of planning after which what was made begins to be sent, however much is still to be planned."""
EXTRA: Final = "+"
"""How the slot of a post beside the plan begins."""
UNSENT: Final = (State.REFUSED, State.EXPIRED, State.WITHDRAWN)
"""What became of a post that nobody has seen."""
_AT_ONCE: Final = timedelta(microseconds=1)
_A_DAY: Final = timedelta(days=1)


class Fate(StrEnum):
    """What is to become of an occurrence.

    It was made into a delivery; a leader asked for it out of turn, or skipped it; it was missed; or it is spare, for as
    many posts as were wanted are on their way.
    """

    MADE = "made"
    ASKED = "asked"
    SKIPPED = "skipped"
    MISSED = "missed"
    SPARE = "spare"


@dataclass(frozen=True, slots=True)
class Venue:
    """Where a group meets, and when something due at an instant is sent there: its quiet hours may move it."""

    channel: Channel
    at: datetime


class Places(Protocol):
    """Knows where groups meet."""

    async def venue(self, unit: Unit, group: int, at: datetime) -> Venue:
        """Return where a group meets, and when something due at an instant is sent."""
        ...


class Scheduler:
    """Plans what schedules want. `places` finds the channel of a group."""

    def __init__(self, database: Database, outbox: Outbox, places: Places) -> None:
        self._database = database
        self._outbox = outbox
        self._places = places
        self._put_off: dict[int, datetime] = {}
        self._looked_through = False

    async def due(self, now: datetime) -> datetime | None:
        """Return when the next occurrence is due."""
        if not self._looked_through:
            return now
        self._put_off = {row: until for row, until in self._put_off.items() if until > now}
        return min((at for at in (await self._next(), *self._put_off.values()) if at), default=None)

    async def plan(self, now: datetime) -> datetime | None:
        """Make every occurrence that is due, a batch to a transaction; return when the next one is."""
        if not self._looked_through:
            await self.look_through()
            self._looked_through = True
        until = asyncio.get_running_loop().time() + A_LOOK
        while (next_at := await self.due(now)) is not None and next_at <= now:
            if asyncio.get_running_loop().time() > until:
                return now + _AT_ONCE
            await self._batch(now)
        return next_at

    async def look_through(self) -> None:
        """Plan every schedule anew, once in the life of a process: the tables of time zones may be others now."""
        async with self._database.read() as unit:
            rows = await unit.all(select(schedules).where(_active()))
            oldest = min((row.next_at for row in rows), default=None)
            taken = await _taken_since(unit, oldest - 2 * MAY_HAVE_MOVED if oldest else None)
        for row in rows:
            try:
                # Up to when it was looked for, everything has been made; what moved to before that is found here.
                coming = read_plan(row).coming(row.next_at - MAY_HAVE_MOVED, taken.get(row.id, set()))
                due = next(coming, None)
            except Exception as error:  # noqa: BLE001  one bad row is left as it is, and the others go their way
                log.error("schedule not read", schedule=row.id, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold a group's text
                continue
            if (at := due.at if due else None) != row.next_at:
                async with self._database.write() as unit:
                    await self._set_next(unit, row, at)

    async def _next(self) -> datetime | None:
        async with self._database.read() as unit:
            return await unit.scalar(select(func.min(schedules.c.next_at)).where(self._awaited()))

    def _awaited(self) -> ColumnElement[bool]:
        return _active() & schedules.c.id.not_in(list(self._put_off))

    async def _batch(self, now: datetime) -> None:
        """Plan what is due, all in one transaction; one by one where that fails, so that one bad row stops no other."""
        due = select(schedules).where(self._awaited(), schedules.c.next_at <= now)
        async with self._database.read() as unit:
            rows = await unit.all(due.order_by(schedules.c.next_at, schedules.c.made_at, schedules.c.id).limit(BATCH))
        try:
            await self._advance_all(rows, now)
        except Exception:  # noqa: BLE001  the same is tried row by row, and says there what is wrong
            for row in rows:
                try:
                    await self._advance_all([row], now)
                except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others go their way
                    log.error("schedule put off", schedule=row.id, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold a group's text
                    # Its row stays as it is, so that nothing is lost when the fault passes in time.
                    self._put_off[row.id] = now + min(max(now - row.next_at, FIRST_WAIT), LONGEST_WAIT)

    async def _advance_all(self, rows: Sequence[Row[Any]], now: datetime) -> None:
        async with self._database.write() as unit:
            order: defaultdict[int, int] = defaultdict(int)
            for row in rows:
                await self._advance(unit, row, now, order[row.group_id])
                order[row.group_id] += 1

    async def _advance(self, unit: Unit, row: Row[Any], now: datetime, place: int) -> None:
        """Record every occurrence up to now, oldest first; have those within grace delivered.

        `place` counts the group's schedules before it that are due as well: their posts go in this order.
        """
        if not await self._is_unchanged(unit, row):
            return
        posts = await posts_of(unit, row.id) if row.times is not None else Posts(0, 0)
        following = None
        for due in read_plan(row).since(max(row.next_at, now - LOOKS_BACK)):
            if due.at > now:  # also after the last of so many: should it be withdrawn, another takes its place
                following = due.at
                break
            if row.times is not None and posts.seen >= row.times:
                break
            spare = row.times is not None and posts.seen + posts.coming >= row.times
            if await self._occur(unit, row, due, now, place, spare=spare):
                posts = Posts(posts.seen, posts.coming + 1)
        await self._set_next(unit, row, following)

    async def _is_unchanged(self, unit: Unit, row: Row[Any]) -> bool:
        """Return whether a schedule is as it was when it was read: a leader may have paused or moved it since."""
        same = (schedules.c.id == row.id) & (schedules.c.version == row.version) & (schedules.c.next_at == row.next_at)
        locked = select(schedules.c.id).where(same & _active()).with_for_update()
        return (await unit.execute(locked)).first() is not None

    async def _occur(self, unit: Unit, row: Row[Any], due: Due, now: datetime, place: int, *, spare: bool) -> bool:
        """Record an occurrence. Returns True when it is delivered."""
        venue = await self._places.venue(unit, row.group_id, due.at)
        expires = venue.at + timedelta(minutes=row.grace_minutes)
        fate = Fate.SPARE if spare else Fate.MISSED if now > expires else Fate.MADE
        occurrence = await add_occurrence(unit, row.id, (due.on, due.slot), due.at, fate)
        if occurrence is None or fate is not Fate.MADE:
            return False
        name, at = letter_name(row.id, (due.on, due.slot)), venue.at + _order(venue.at - due.at, place)
        await self._outbox.put(
            unit, Letter(name, FEATURE, KIND, occurrence, venue.channel, at, expires, personal=False)
        )
        return True

    async def _set_next(self, unit: Unit, row: Row[Any], at: datetime | None) -> None:
        """Move a schedule on, unless somebody changed it meanwhile."""
        unchanged = (schedules.c.id == row.id) & (schedules.c.next_at == row.next_at)
        await unit.execute(update(schedules).where(unchanged).values(next_at=at))


def _order(moved: timedelta, place: int) -> timedelta:
    """Return what keeps posts of one instant in order, less than a second: what was due earlier was moved further."""
    sooner = max(_A_DAY - moved, timedelta()) // timedelta(minutes=1) if moved else 0
    return (sooner * BATCH + place) * _AT_ONCE


def letter_name(schedule: int, slot: Slot) -> tuple[str, str, str]:
    """Return the name under which an occurrence is delivered, once ever."""
    return str(schedule), slot[0].isoformat(), slot[1]


async def add_occurrence(unit: Unit, schedule: int, slot: Slot, due_at: datetime, fate: Fate) -> int | None:
    """Record an occurrence and return its row; None when there is one of this date and slot already."""
    row = new_id()
    on, wall = slot
    values = {"id": row, "schedule_id": schedule, "local_date": on, "slot": wall, "due_at": due_at, "state": fate}
    keys = [occurrences.c.schedule_id, occurrences.c.local_date, occurrences.c.slot]
    return row if await insert_once(unit, occurrences, values, keys) else None


@dataclass(frozen=True, slots=True)
class Posts:
    """How many posts of a schedule were seen, or may have been, and how many are on their way."""

    seen: int
    coming: int


async def posts_of(unit: Unit, schedule: int) -> Posts:
    """Count the posts of a schedule, those beside the plan left out."""
    about = (deliveries.c.feature == FEATURE, deliveries.c.kind == KIND, deliveries.c.action == Action.POST)
    joined = occurrences.join(deliveries, deliveries.c.subject == occurrences.c.id)
    mine = (occurrences.c.schedule_id == schedule, ~occurrences.c.slot.startswith(EXTRA))
    query = select(deliveries.c.state, func.count().label("times")).select_from(joined).where(*about, *mine)
    counts = {row.state: row.times for row in await unit.all(query.group_by(deliveries.c.state))}
    seen = sum(counts.get(state, 0) for state in (State.SENT, State.UNKNOWN))
    return Posts(seen, sum(counts.get(state, 0) for state in (State.DUE, State.CLAIMED, State.SENDING)))


async def _taken_since(unit: Unit, instant: datetime | None) -> Mapping[int, set[Slot]]:
    found: defaultdict[int, set[Slot]] = defaultdict(set)
    if instant is None:
        return found
    rows = await unit.all(select(occurrences).where(occurrences.c.due_at >= instant))
    for row in rows:
        found[row.schedule_id].add((row.local_date, row.slot))
    return found


def _active() -> ColumnElement[bool]:
    return ~schedules.c.paused & ~schedules.c.removed & schedules.c.next_at.is_not(None)
