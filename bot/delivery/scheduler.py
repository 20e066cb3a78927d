"""Turns schedules into occurrences, and occurrences into deliveries. Truth lives in rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.core.faults import where
from bot.core.port import Channel
from bot.core.recurrence import Due, next_due, read_rule
from bot.delivery.letters import Letter
from bot.delivery.outbox import Outbox
from bot.delivery.tables import occurrences, schedules
from bot.storage.database import Database, Unit, insert_once
from bot.storage.tables import new_id

log = structlog.get_logger(__name__)

FEATURE: Final = "schedules"
KIND: Final = "post"
DEFAULT_GRACE: Final = timedelta(hours=2)
BATCH: Final = 100
LOOKS_BACK: Final = timedelta(days=400)
"""What was missed before that is not recorded: nobody waited for it."""
AFTER_A_FAULT: Final = timedelta(hours=1)


class Places(Protocol):
    """Knows where groups meet."""

    async def channel(self, unit: Unit, group: int) -> Channel:
        """Return the channel of a group."""
        ...


class Scheduler:
    """Plans what schedules want. `places` finds the channel of a group."""

    def __init__(self, database: Database, outbox: Outbox, places: Places) -> None:
        self._database = database
        self._outbox = outbox
        self._places = places
        self._put_off: dict[int, datetime] = {}

    async def plan(self, now: datetime) -> datetime | None:
        """Make every occurrence that is due, a batch to a transaction; return when the next one is."""
        self._put_off = {row: until for row, until in self._put_off.items() if until > now}
        while (next_at := await self._next()) is not None and next_at <= now:
            await self._batch(now)
        return min((at for at in (next_at, *self._put_off.values()) if at), default=None)

    async def _next(self) -> datetime | None:
        async with self._database.read() as unit:
            return await unit.scalar(select(func.min(schedules.c.next_at)).where(self._awaited()))

    def _awaited(self) -> ColumnElement[bool]:
        return _active() & schedules.c.id.not_in(list(self._put_off))

    async def _batch(self, now: datetime) -> None:
        due = select(schedules).where(self._awaited(), schedules.c.next_at <= now)
        async with self._database.read() as unit:
            rows = await unit.all(due.order_by(schedules.c.next_at, schedules.c.id).limit(BATCH))
        for row in rows:
            try:
                async with self._database.write() as unit:
                    await self._advance(unit, row, now)
            except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others go their way
                log.error("schedule put off", schedule=row.id, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold a group's text
                # Its row stays as it is, so that nothing is lost when the fault passes in time.
                self._put_off[row.id] = now + AFTER_A_FAULT

    async def _advance(self, unit: Unit, row: Row[Any], now: datetime) -> None:
        """Record every occurrence up to now, oldest first; have those within grace delivered."""
        rule, zone = read_rule(row.rule), ZoneInfo(row.zone)
        since = max(row.next_at, now - LOOKS_BACK)
        due = next_due(rule, zone, row.starts_on, since - timedelta(microseconds=1))
        while due is not None and due.at <= now:
            await self._occur(unit, row, due, now)
            due = next_due(rule, zone, row.starts_on, due.at)
        await self._set_next(unit, row, due.at if due else None)

    async def _occur(self, unit: Unit, row: Row[Any], due: Due, now: datetime) -> None:
        expires = due.at + timedelta(minutes=row.grace_minutes)
        occurrence, missed = new_id(), now > expires
        values = {
            "id": occurrence,
            "schedule_id": row.id,
            "local_date": due.on,
            "slot": due.slot,
            "due_at": due.at,
            "turn": await turns(unit, row.group_id, row.what),
            "missed": missed,
        }
        keys = [occurrences.c.schedule_id, occurrences.c.local_date, occurrences.c.slot]
        if not await insert_once(unit, occurrences, values, keys) or missed:
            return
        channel = await self._places.channel(unit, row.group_id)
        name = (str(row.id), due.on.isoformat(), due.slot)
        await self._outbox.put(unit, Letter(name, FEATURE, KIND, occurrence, channel, due.at, expires, personal=False))

    async def _set_next(self, unit: Unit, row: Row[Any], at: datetime | None) -> None:
        """Move a schedule on, unless somebody changed it meanwhile."""
        unchanged = (schedules.c.id == row.id) & (schedules.c.next_at == row.next_at)
        await unit.execute(update(schedules).where(unchanged).values(next_at=at))


async def turns(unit: Unit, group: int, what: str) -> int:
    """Return how many posts of a kind a group has had, those that were missed not counted."""
    had = (
        select(func.count())
        .select_from(occurrences.join(schedules))
        .where(schedules.c.group_id == group, schedules.c.what == what, ~occurrences.c.missed)
    )
    return await unit.scalar(had) or 0


def _active() -> ColumnElement[bool]:
    return ~schedules.c.paused & ~schedules.c.removed & schedules.c.next_at.is_not(None)
