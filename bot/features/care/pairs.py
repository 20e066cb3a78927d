"""The rows of buddies: two leaders who agreed, or one who asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from bot.community.leaders import Leaders
from bot.features.care.tables import buddies
from bot.storage.database import Unit
from bot.storage.tables import new_id


@dataclass(frozen=True, slots=True)
class Pair:
    """Two leaders by their rows: `leader` asked `other`, who has `agreed` or not answered yet."""

    id: int
    leader: int
    other: int
    agreed: bool

    def beside(self, leader: int) -> int:
        """Return the one of the two who is not this one."""
        return self.other if leader == self.leader else self.leader


class Pairs:
    """The rows of `buddies`. Whoever changes some has locked both leaders: so each has one buddy at most."""

    def __init__(self, leaders: Leaders) -> None:
        self._leaders = leaders

    async def lock(self, unit: Unit, one: int, other: int) -> None:
        """Let no other process change the pairs of two leaders until the unit ends."""
        for leader in sorted((one, other)):
            await self._leaders.lock(unit, leader)

    async def of(self, unit: Unit, leader: int) -> Sequence[Pair]:
        """Return everything that a leader is a part of, what they agreed to first."""
        mine = or_(buddies.c.leader_id == leader, buddies.c.other_id == leader)
        order = (buddies.c.agreed.desc(), buddies.c.asked_at, buddies.c.id)
        return [_pair(row) for row in await unit.all(select(buddies).where(mine).order_by(*order))]

    async def get(self, unit: Unit, pair: int) -> Pair | None:
        """Return a pair by its row, which must be looked at: it may be anybody's."""
        row = await unit.one_or_none(select(buddies).where(buddies.c.id == pair))
        return _pair(row) if row else None

    async def add(self, unit: Unit, leader: int, other: int, now: datetime) -> Pair:
        """Keep that a leader asked another."""
        pair = Pair(new_id(), leader, other, agreed=False)
        values = {"id": pair.id, "leader_id": leader, "other_id": other, "asked_at": now, "agreed": False}
        await unit.execute(buddies.insert().values(values))
        return pair

    async def agree(self, unit: Unit, pair: Pair) -> Sequence[Pair]:
        """Make two leaders buddies. Returns what either was a part of beside it, which is over."""
        await unit.execute(update(buddies).where(buddies.c.id == pair.id).values(agreed=True))
        beside = {each for leader in (pair.leader, pair.other) for each in await self.of(unit, leader)}
        over = sorted((each for each in beside if each.id != pair.id), key=lambda each: each.id)
        await self.drop(unit, over)
        return over

    async def leave(self, unit: Unit, leader: int) -> None:
        """Forget every pair of a leader who leads no more."""
        await self.drop(unit, await self.of(unit, leader))

    async def drop(self, unit: Unit, pairs: Sequence[Pair]) -> None:
        """Forget pairs."""
        await unit.execute(delete(buddies).where(buddies.c.id.in_([pair.id for pair in pairs])))


def _pair(row: Row[Any]) -> Pair:
    return Pair(row.id, row.leader_id, row.other_id, row.agreed)
