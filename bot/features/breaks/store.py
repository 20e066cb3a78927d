"""A leader's history of breaks: rows that only the leader's own id leads to, and which go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Integer, Row, String, Table, delete, func, select

from bot.community.leaders import Leaders
from bot.core.port import Member
from bot.features.breaks.rules import Happened, What, Why
from bot.storage.database import Database, Unit
from bot.storage.tables import Id, Instant, id_column, metadata, new_id

TABLE: Final = "break_events"
REMEMBERED: Final = timedelta(days=14)
"""The rules look no further back."""

break_events: Final = Table(
    TABLE,
    metadata,
    id_column(),
    Column("leader_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("what", String(12), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("place", Integer, nullable=False),
    Column("until", Instant),
    Column("why", String(8)),
)
"""What happened about a leader's breaks. `place` keeps the order of what happened at the same instant."""


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the history: whose, what, and whether it is the newest thing that happened to them."""

    leader: int
    happened: Happened
    newest: bool


class BreakStore:
    """The rows of `break_events`. Implements `PersonalData`."""

    tables: Sequence[str] = (TABLE,)

    def __init__(self, database: Database, leaders: Leaders) -> None:
        self._database = database
        self._leaders = leaders

    async def history(self, leader: int, now: datetime) -> Sequence[Happened]:
        """Return what happened lately, oldest first."""
        mine = (break_events.c.leader_id == leader, break_events.c.happened_at > now - REMEMBERED)
        query = select(break_events).where(*mine).order_by(break_events.c.place)
        async with self._database.read() as unit:
            rows = await unit.all(query)
        return [_happened(row) for row in rows]

    async def add(self, unit: Unit, leader: int, happened: Happened) -> int:
        """Record what happened. Returns its row."""
        row = new_id()
        mine = break_events.c.leader_id == leader
        last = await unit.scalar(select(func.max(break_events.c.place)).where(mine))
        values = {
            "id": row,
            "leader_id": leader,
            "what": happened.what,
            "happened_at": happened.at,
            "place": (last or 0) + 1,
            "until": happened.until,
            "why": happened.why,
        }
        await unit.execute(break_events.insert().values(values))
        return row

    async def event(self, event: int) -> Event | None:
        """Return an event by its row."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(break_events).where(break_events.c.id == event))
            if row is None:
                return None
            mine = break_events.c.leader_id == row.leader_id
            newest = await unit.scalar(select(func.max(break_events.c.place)).where(mine))
        return Event(row.leader_id, _happened(row), row.place == newest)

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return the leader's own history of breaks."""
        leader = await self._leaders.kept(member)
        if leader is None:
            return {}
        async with self._database.read() as unit:
            mine = select(break_events).where(break_events.c.leader_id == leader.id)
            rows = await unit.all(mine.order_by(break_events.c.place))
        events = [
            {
                "at": row.happened_at.isoformat(),
                "what": f"{row.what}_{row.why}" if row.why else row.what,
                "until": row.until.isoformat() if row.until else "",
            }
            for row in rows
        ]
        return {"breaks": events} if events else {}

    async def erase(self, member: Member) -> None:
        """Remove the leader's history of breaks."""
        leader = await self._leaders.kept(member)
        if leader is not None:
            async with self._database.write() as unit:
                await unit.execute(delete(break_events).where(break_events.c.leader_id == leader.id))


def _happened(row: Row[Any]) -> Happened:
    return Happened(What(row.what), row.happened_at, row.until, Why(row.why) if row.why else None)
