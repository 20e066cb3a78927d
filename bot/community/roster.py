"""Who is looking after the groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from bot.community.tables import communities, duties, leaders
from bot.core.port import Community
from bot.storage.database import Database, Unit
from bot.storage.tables import new_id


@dataclass(frozen=True, slots=True)
class Duty:
    """One time on duty of a leader: row ids and instants."""

    id: int
    leader: int
    since: datetime
    until: datetime


class Roster:
    """The rows of `duties`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, leader: int, now: datetime, until: datetime) -> Duty:
        """Put a leader on duty, or move the end of the duty they are on."""
        async with self._database.write() as unit:
            current = await self._held(unit, leader, now)
            if current:
                await unit.execute(update(duties).where(duties.c.id == current.id).values(until=until))
                return Duty(current.id, leader, current.since, until)
            row = new_id()
            values = {"id": row, "leader_id": leader, "since": now, "until": until, "ended": False}
            await unit.execute(duties.insert().values(values))
        return Duty(row, leader, now, until)

    async def finish(self, leader: int, now: datetime) -> Duty | None:
        """Take a leader off duty. Returns the duty that ended, or None when they were not on."""
        async with self._database.write() as unit:
            current = await self._held(unit, leader, now)
            if current is None:
                return None
            await unit.execute(update(duties).where(duties.c.id == current.id).values(until=now, ended=True))
        return Duty(current.id, leader, current.since, now)

    async def _held(self, unit: Unit, leader: int, now: datetime) -> Row[Any] | None:
        """Return the duty a leader is on, and let no other process change it until the unit ends."""
        await unit.execute(select(leaders.c.id).where(leaders.c.id == leader).with_for_update())
        return await unit.one_or_none(select(duties).where(_open(now), duties.c.leader_id == leader))

    async def current(self, leader: int, now: datetime) -> Duty | None:
        """Return the duty a leader is on."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(duties).where(_open(now), duties.c.leader_id == leader))
        return _duty(row) if row else None

    async def everyone(self, now: datetime) -> Sequence[Duty]:
        """Return every duty of every community that is on now."""
        async with self._database.read() as unit:
            rows = await unit.all(select(duties).where(_open(now)).order_by(duties.c.id))
        return [_duty(row) for row in rows]

    async def others(self, community: Community, leader: int, now: datetime) -> int:
        """Return how many other leaders of a community are on duty."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        joined = duties.join(leaders).join(communities)
        query = select(duties.c.id).select_from(joined).where(_open(now), *here, leaders.c.id != leader)
        async with self._database.read() as unit:
            return len(await unit.all(query))


def _open(now: datetime) -> Any:
    return ~duties.c.ended & (duties.c.since <= now) & (duties.c.until > now)


def _duty(row: Row[Any]) -> Duty:
    return Duty(row.id, row.leader_id, row.since, row.until)
