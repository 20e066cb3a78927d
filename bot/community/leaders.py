"""The peer leaders of a community."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, delete, select, update

from bot.community.groups import community_id
from bot.community.tables import communities, duties, leaders
from bot.core.port import Community, Member
from bot.storage.database import Database, insert_once
from bot.storage.members import index_member, open_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

TABLE: Final = "leaders"


@dataclass(frozen=True, slots=True)
class Leader:
    """A leader, or somebody invited to be one. `direct`: they gave leave for direct messages."""

    id: int
    member: Member
    accepted: bool
    direct: bool


class Leaders:
    """The rows of `leaders`. Implements `PersonalData` for them and for duty, which goes with them."""

    tables: Sequence[str] = (TABLE, "duties")

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

    async def invite(self, member: Member) -> bool:
        """Note that somebody is invited. Returns False when they are a leader, or invited, already."""
        row = new_id()
        async with self._database.write() as unit:
            values = {
                "id": row,
                "community_id": await community_id(unit, member.community),
                "member": seal_member(self._sealing, TABLE, row, member),
                "member_index": self._index(member),
                "accepted": False,
                "direct": False,
            }
            return await insert_once(unit, leaders, values, [leaders.c.community_id, leaders.c.member_index])

    async def accept(self, member: Member) -> bool:
        """Make an invited person a leader, with leave for direct messages. Returns False when nobody invited them."""
        async with self._database.write() as unit:
            changed = update(leaders).where(leaders.c.member_index == self._index(member))
            result = await unit.execute(changed.values(accepted=True, direct=True).returning(leaders.c.id))
            return result.first() is not None

    async def remove(self, member: Member) -> bool:
        """End somebody's leadership or invitation, and their duty with it. Returns False when there was none."""
        async with self._database.write() as unit:
            gone = delete(leaders).where(leaders.c.member_index == self._index(member)).returning(leaders.c.id)
            return (await unit.execute(gone)).first() is not None

    async def find(self, member: Member) -> Leader | None:
        """Return somebody's leadership or invitation."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(leaders).where(leaders.c.member_index == self._index(member)))
        return self._leader(row) if row else None

    async def get(self, leader: int) -> Leader | None:
        """Return a leader by row id, which must come from our own rows."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(leaders).where(leaders.c.id == leader))
        return self._leader(row) if row else None

    async def all(self, community: Community) -> Sequence[Leader]:
        """Return the leaders of a community, those invited included."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        async with self._database.read() as unit:
            rows = await unit.all(select(leaders).join(communities).where(*here).order_by(leaders.c.id))
        return [self._leader(row) for row in rows]

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return whether the member is a leader, and their times on duty."""
        leader = await self.find(member)
        if leader is None:
            return {}
        async with self._database.read() as unit:
            rows = await unit.all(select(duties).where(duties.c.leader_id == leader.id).order_by(duties.c.since))
        times = [{"since": row.since.isoformat(), "until": row.until.isoformat()} for row in rows]
        role = {"accepted": leader.accepted, "direct_messages": leader.direct}
        return {"leader": role, "duties": times} if times else {"leader": role}

    async def erase(self, member: Member) -> None:
        """Remove the member's leadership and duty."""
        await self.remove(member)

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, TABLE, member)

    def _leader(self, row: Row[Any]) -> Leader:
        return Leader(row.id, open_member(self._sealing, TABLE, row.id, row.member), row.accepted, row.direct)
