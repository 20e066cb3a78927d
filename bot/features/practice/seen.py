"""Which exercises a member has had on their own: ids and nothing else, sealed, so that none returns too soon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, Row, Table, delete, select, update

from bot.core.port import Member
from bot.features.practice.rules import next_of
from bot.features.practice.store import BankStore
from bot.storage.database import Database, Unit, insert_or_take
from bot.storage.members import index_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import Sealed, id_column, metadata, new_id

TABLE: Final = "practised"
MOST_SEEN: Final = 400
"""Ids: more than there are exercises."""

practised: Final = Table(
    TABLE,
    metadata,
    id_column(),
    Column("member", Sealed, nullable=False),
    Column("member_index", Sealed, nullable=False, unique=True),
    Column("seen", Sealed, nullable=False),
)
"""What a member has had, oldest first. Nothing that they wrote is here or anywhere."""

Title: TypeAlias = Callable[[str], str]
"""Returns what people call an exercise."""


class SeenStore:
    """The rows of `practised`. Of each member the newest `most` are remembered."""

    tables: Sequence[str] = (TABLE,)

    def __init__(self, database: Database, sealing: Sealing, most: int = MOST_SEEN) -> None:
        self._database = database
        self._sealing = sealing
        self._most = most

    async def next(self, member: Member, pool: Sequence[str], before: str = "") -> str:
        """Return an exercise that the member has not had while there is one, and remember it.

        The order is the member's own. `before` is what they come from, which counts as seen. Raises `LookupError` for
        an empty pool.
        """
        index = self._index(member)
        async with self._database.write() as unit:
            row = await self._row(unit, member)
            seen = self._open(row)
            seen += [before] if before and before not in seen else []
            chosen = next_of(pool, seen, index.hex())
            await self._keep(unit, row, [*seen, chosen])
        return chosen

    async def of(self, member: Member) -> Sequence[str]:
        """Return what a member has had, oldest first."""
        mine = practised.c.member_index == self._index(member)
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(practised).where(mine))
        return self._open(row) if row else []

    async def erase(self, member: Member) -> None:
        """Forget what a member has had."""
        async with self._database.write() as unit:
            await unit.execute(delete(practised).where(practised.c.member_index == self._index(member)))

    # ------------------------------------------------------------

    async def _row(self, unit: Unit, member: Member) -> Row[Any]:
        """Return the row of a member, made if there is none; nobody else changes it until the unit ends."""
        row, index = new_id(), self._index(member)
        values = {
            "id": row,
            "member": seal_member(self._sealing, TABLE, row, member),
            "member_index": index,
            "seen": self._sealing.seal_json([], "practised.seen", row),
        }
        return await insert_or_take(unit, practised, values, [practised.c.member_index])

    def _open(self, row: Row[Any]) -> list[str]:
        return self._sealing.open_json(row.seen, "practised.seen", row.id)

    async def _keep(self, unit: Unit, row: Row[Any], seen: Sequence[str]) -> None:
        sealed = self._sealing.seal_json(list(seen[-self._most :]), "practised.seen", row.id)
        await unit.execute(update(practised).where(practised.c.id == row.id).values(seen=sealed))

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, TABLE, member)


class PracticeData:
    """Everything that `practice` keeps about a member. Implements `PersonalData`."""

    tables: Sequence[str] = (*BankStore.tables, *SeenStore.tables)

    def __init__(self, bank: BankStore, seen: SeenStore, title: Title) -> None:
        self._bank = bank
        self._seen = seen
        self._title = title

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return what the member handed in, and the titles of the exercises they have had."""
        kept = dict(await self._bank.export(member))
        if seen := await self._seen.of(member):
            kept["exercises_seen"] = [{"title": self._title(exercise)} for exercise in seen]
        return kept

    async def erase(self, member: Member) -> None:
        """Remove it all, as far as it is not the group's by now."""
        await self._bank.erase(member)
        await self._seen.erase(member)
