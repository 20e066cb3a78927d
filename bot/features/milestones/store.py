"""The rows of `milestones`. All that says whose, since when and what is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Row, Table, delete, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.community.groups import community_id
from bot.community.tables import communities
from bot.core.port import Channel, Community, Member
from bot.delivery.outbox import Outbox
from bot.storage.database import Database, Unit
from bot.storage.members import index_member, open_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import Id, Instant, Sealed, id_column, metadata, new_id

FEATURE: Final = "milestones"

milestones: Final = Table(
    FEATURE,
    metadata,
    id_column(),
    Column("community_id", Id, ForeignKey("communities.id", ondelete="CASCADE"), nullable=False),
    Column("member", Sealed, nullable=False),
    Column("member_index", Sealed, nullable=False, index=True),
    Column("details", Sealed, nullable=False),
    Column("next_due_at", Instant, index=True),
)
"""Members' own dates. `next_due_at` stands in clear, rounded to the hour, so that it can be searched."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A member's own date. `channel` is where it is celebrated by name, or None for a private note."""

    id: int
    member: Member
    start: date
    label: str
    channel: str | None

    @property
    def where(self) -> Channel | Member:
        """Return where its celebrations go."""
        return Channel(self.member.community, self.channel) if self.channel else self.member

    def is_like(self, other: Milestone) -> bool:
        """Return whether both would be celebrated alike. Others never see a label, so there it makes no difference."""
        alike = (self.start, self.channel) == (other.start, other.channel)
        return alike and (self.channel is not None or self.label == other.label)


class MilestoneStore:
    """Adds, finds and removes milestones. Implements `PersonalData`."""

    tables: Sequence[str] = (FEATURE,)

    def __init__(self, database: Database, sealing: Sealing, outbox: Outbox) -> None:
        self._database = database
        self._sealing = sealing
        self._outbox = outbox

    async def add(self, milestone: Milestone, due: datetime | None) -> tuple[Milestone, bool]:
        """Add a milestone under an id of its own. Returns it and True, or the same one that is there, and False."""
        added = replace(milestone, id=new_id())
        async with self._database.write() as unit:
            home = await community_id(unit, added.member.community)
            # A form may be sent twice at once: the second waits here for the first.
            await unit.execute(select(communities.c.id).where(communities.c.id == home).with_for_update())
            if same := next((each for each in await self.of(added.member) if each.is_like(added)), None):
                return same, False
            values = {
                "id": added.id,
                "community_id": home,
                "member": seal_member(self._sealing, FEATURE, added.id, added.member),
                "member_index": self._index(added.member),
                "details": self._details(added),
                "next_due_at": due,
            }
            await unit.execute(milestones.insert().values(values))
        await self._outbox.nudge()
        return added, True

    async def of(self, member: Member) -> Sequence[Milestone]:
        """Return a member's milestones, the longest-standing first."""
        async with self._database.read() as unit:
            rows = await unit.all(select(milestones).where(milestones.c.member_index == self._index(member)))
        return sorted((self._milestone(row) for row in rows), key=lambda each: (each.start, each.label, each.id))

    async def get(self, milestone: int) -> Milestone | None:
        """Return a milestone by a row id of ours."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(milestones).where(milestones.c.id == milestone))
        return self._milestone(row) if row else None

    async def due(self, now: datetime) -> Sequence[tuple[int, datetime]]:
        """Return the rows of milestones with something to celebrate, and since when."""
        columns = select(milestones.c.id, milestones.c.next_due_at).where(milestones.c.next_due_at <= now)
        async with self._database.read() as unit:
            rows = await unit.all(columns.order_by(milestones.c.next_due_at))
        return [(row.id, row.next_due_at) for row in rows]

    async def planned(self, member: Member) -> Sequence[tuple[int, datetime | None]]:
        """Return the rows of a member's milestones, and for when each is planned, if it is."""
        return await self._planned(milestones.c.member_index == self._index(member))

    async def planned_in(self, community: Community) -> Sequence[tuple[int, datetime | None]]:
        """Return the rows of all milestones of a community, and for when each is planned, if it is."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        return await self._planned(milestones.c.community_id.in_(select(communities.c.id).where(*here)))

    async def _planned(self, which: ColumnElement[bool]) -> Sequence[tuple[int, datetime | None]]:
        columns = select(milestones.c.id, milestones.c.next_due_at)
        async with self._database.read() as unit:
            rows = await unit.all(columns.where(which).order_by(milestones.c.id))
        return [(row.id, row.next_due_at) for row in rows]

    async def next_due(self) -> datetime | None:
        """Return when the next celebration of all is due."""
        async with self._database.read() as unit:
            return await unit.scalar(select(func.min(milestones.c.next_due_at)))

    async def move_on(self, unit: Unit, milestone: int, due: datetime | None) -> None:
        """Record when the next moment is celebrated."""
        await unit.execute(update(milestones).where(milestones.c.id == milestone).values(next_due_at=due))

    async def reschedule(self, milestone: int, due: datetime | None) -> None:
        """Record when the next moment is celebrated, after a zone or a group's list changed, or a fault."""
        async with self._database.write() as unit:
            await self.move_on(unit, milestone, due)

    async def remove(self, milestone: Milestone) -> None:
        """Remove a milestone and what waits to be sent about it."""
        async with self._database.write() as unit:
            await self._outbox.withdraw(unit, FEATURE, milestone.id)
            await unit.execute(delete(milestones).where(milestones.c.id == milestone.id))

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return the member's milestones. Without a channel one is private."""
        found = await self.of(member)
        shown = [{"date": each.start.isoformat(), "label": each.label, "channel": each.channel or ""} for each in found]
        return {"milestones": shown} if shown else {}

    async def erase(self, member: Member) -> None:
        """Remove the member's milestones and what waits to be sent about them, also what can no longer be read."""
        mine = milestones.c.member_index == self._index(member)
        async with self._database.write() as unit:
            for row in await unit.all(select(milestones.c.id).where(mine)):
                await self._outbox.withdraw(unit, FEATURE, row.id)
            await unit.execute(delete(milestones).where(mine))

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, FEATURE, member)

    def _details(self, milestone: Milestone) -> bytes:
        value = {"start": milestone.start.isoformat(), "label": milestone.label, "channel": milestone.channel}
        return self._sealing.seal_json(value, "milestones.details", milestone.id)

    def _milestone(self, row: Row[Any]) -> Milestone:
        value = self._sealing.open_json(row.details, "milestones.details", row.id)
        member = open_member(self._sealing, FEATURE, row.id, row.member)
        return Milestone(row.id, member, date.fromisoformat(value["start"]), value["label"], value["channel"])
