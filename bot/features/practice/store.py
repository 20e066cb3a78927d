"""The rows of `bank`: the groups' own exercises, and members' suggestions for them. What they say is sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Boolean, Column, ForeignKey, Row, String, Table, delete, func, select, update

from bot.core.port import Member
from bot.features.practice.exercises import OWN, BankExercise, OwnExercise
from bot.storage.database import Database, Unit
from bot.storage.members import index_member
from bot.storage.sealing import Sealing
from bot.storage.tables import Id, Instant, Sealed, id_column, metadata, new_id

TABLE: Final = "bank"
MOST_IN_BANK: Final = 200
"""Exercises of one group."""

bank: Final = Table(
    TABLE,
    metadata,
    id_column(),
    Column("group_id", Id, ForeignKey("groups.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("skill", String(40), nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("details", Sealed, nullable=False),
    Column("giver", Sealed),
    Column("giver_index", Sealed, index=True),
)
"""What is not `approved` is a suggestion, `made_at` the time it came; then the time it joined the bank.

`giver` is the member who suggested it; leaders' own have none.
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """An exercise in the bank of a group, or a suggestion for it."""

    id: int
    group: int
    made_at: datetime
    approved: bool
    piece: BankExercise


class FullError(Exception):
    """A group has as many exercises as there is room for, or would have more."""


class BankStore:
    """Adds, finds and removes exercises. Implements `PersonalData`: of members it keeps what they suggested."""

    tables: Sequence[str] = (TABLE,)

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

    async def add(self, group: int, exercises: Sequence[OwnExercise], now: datetime) -> None:
        """Add exercises to the bank of a group, all or none. Raises `FullError`."""
        async with self._database.write() as unit:
            await self._make_room(unit, group, len(exercises))
            for place, exercise in enumerate(exercises):
                at = now + timedelta(microseconds=place)  # they keep their order
                await unit.execute(bank.insert().values(**self._values(group, exercise, at), approved=True))

    async def suggest(self, group: int, exercise: OwnExercise, giver: Member, now: datetime, most: int) -> bool:
        """Keep a member's suggestion for a group; returns False when `most` of theirs wait already."""
        values = self._values(group, exercise, now)
        person = [giver.community.platform, giver.community.id, giver.id]
        sealed = self._sealing.seal_json(person, "bank.giver", values["id"])
        mine = (bank.c.giver_index == self._index(giver), ~bank.c.approved)
        async with self._database.write() as unit:
            if (await unit.scalar(select(func.count()).where(*mine)) or 0) >= most:
                return False
            given = {"approved": False, "giver": sealed, "giver_index": self._index(giver)}
            await unit.execute(bank.insert().values(**values, **given))
        return True

    async def of(self, groups: Collection[int]) -> Sequence[Kept]:
        """Return the exercises of groups, oldest first."""
        return await self._found(bank.c.group_id.in_(list(groups)), bank.c.approved)

    async def waiting(self, groups: Collection[int]) -> Sequence[Kept]:
        """Return the suggestions for groups, oldest first."""
        return await self._found(bank.c.group_id.in_(list(groups)), ~bank.c.approved)

    async def count_waiting(self, groups: Collection[int]) -> int:
        """Return how many suggestions wait for groups."""
        query = select(func.count()).where(bank.c.group_id.in_(list(groups)), ~bank.c.approved)
        async with self._database.read() as unit:
            return await unit.scalar(query) or 0

    async def pool(self, group: int, skill: str) -> Sequence[str]:
        """Return the ids of a group's own exercises of a skill."""
        query = select(bank.c.id).where(bank.c.group_id == group, bank.c.skill == skill, bank.c.approved)
        async with self._database.read() as unit:
            return [f"{OWN}{row.id}" for row in await unit.all(query)]

    async def named(self, piece: str) -> Kept | None:
        """Return the exercise with an id; None when there is none in any bank."""
        row = piece.removeprefix(OWN)
        if row == piece or not (row.isascii() and row.isdecimal() and len(row) <= len(str(2**53))):
            return None
        found = await self.get(int(row))
        return found if found and found.approved else None

    async def get(self, row: int) -> Kept | None:
        """Return an exercise or a suggestion by its row."""
        found = await self._found(bank.c.id == row)
        return found[0] if found else None

    async def approve(self, row: int, now: datetime) -> bool:
        """Put a suggestion into its group's bank, as its newest. False when it waits no more. Raises `FullError`."""
        waits = (bank.c.id == row, ~bank.c.approved)
        async with self._database.write() as unit:
            group = await unit.scalar(select(bank.c.group_id).where(*waits))
            if group is None:
                return False
            await self._make_room(unit, group, 1)
            changed = update(bank).where(*waits).values(approved=True, made_at=now).returning(bank.c.id)
            return (await unit.execute(changed)).first() is not None

    async def drop(self, row: int) -> bool:
        """Forget a suggestion. False when it waits no more."""
        return await self._delete(bank.c.id == row, ~bank.c.approved)

    async def remove(self, row: int) -> bool:
        """Take an exercise out of its bank. False when it is not there."""
        return await self._delete(bank.c.id == row, bank.c.approved)

    # ------------------------------------------------------------ personal data

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return what the member suggested: what waits for the leaders, and what a group took up."""
        found = await self._found(bank.c.giver_index == self._index(member))
        told = [(each.approved, _told(each)) for each in found]
        kept = {
            "suggestions": [each for approved, each in told if not approved],
            "exercises_you_gave": [each for approved, each in told if approved],
        }
        return {name: each for name, each in kept.items() if each}

    async def erase(self, member: Member) -> None:
        """Remove the member's waiting suggestions, and forget who gave the others: those are their group's."""
        mine = bank.c.giver_index == self._index(member)
        async with self._database.write() as unit:
            await unit.execute(delete(bank).where(mine, ~bank.c.approved))
            await unit.execute(update(bank).where(mine).values(giver=None, giver_index=None))

    # ------------------------------------------------------------

    async def _make_room(self, unit: Unit, group: int, wanted: int) -> None:
        there = await unit.scalar(select(func.count()).where(bank.c.group_id == group, bank.c.approved)) or 0
        if there + wanted > MOST_IN_BANK:
            raise FullError

    async def _found(self, *where: Any) -> Sequence[Kept]:
        async with self._database.read() as unit:
            rows = await unit.all(select(bank).where(*where).order_by(bank.c.made_at, bank.c.id))
        return [self._kept(row) for row in rows]

    async def _delete(self, *where: Any) -> bool:
        async with self._database.write() as unit:
            return (await unit.execute(delete(bank).where(*where).returning(bank.c.id))).first() is not None

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, TABLE, member)

    def _values(self, group: int, exercise: OwnExercise, now: datetime) -> dict[str, Any]:
        row = new_id()
        details = self._sealing.seal_json(exercise.model_dump(mode="json", exclude={"skill"}), "bank.details", row)
        return {"id": row, "group_id": group, "made_at": now, "skill": exercise.skill, "details": details}

    def _kept(self, row: Row[Any]) -> Kept:
        details = self._sealing.open_json(row.details, "bank.details", row.id)
        piece = BankExercise(id=f"{OWN}{row.id}", skill=row.skill, **details)
        return Kept(row.id, row.group_id, row.made_at, row.approved, piece)


def _told(kept: Kept) -> Mapping[str, str]:
    parts = kept.piece.model_dump(mode="json", include={"title", "skill", "vignette", "task"})
    return {**{name: text for name, text in parts.items() if text}, "at": kept.made_at.isoformat()}
