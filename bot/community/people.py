"""Members' own settings, and notes that wait for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import Row, delete, select, update

from bot.community.groups import community_id
from bot.community.tables import communities, people
from bot.core.port import Community, Member
from bot.storage.database import Database, insert_once
from bot.storage.members import index_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

TABLE: Final = "people"
Listener = Callable[[Member], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """What a member chose for themself. Empty where they chose nothing."""

    zone: str = ""
    language: str = ""
    country: str = ""
    silenced: str = ""
    """Not empty when a leader asked for nothing public about this person any more."""


class People:
    """The rows of `people`. Implements `PersonalData` for them."""

    tables: Sequence[str] = (TABLE,)

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing
        self._listeners: list[Listener] = []

    def tell(self, listener: Listener) -> None:
        """Have a feature hear whose settings have changed, for their next morning may come at another time."""
        self._listeners.append(listener)

    def glance(self) -> AbstractAsyncContextManager[object]:
        """Let everything that is read in the block be one look at the rows."""
        return self._database.read()

    async def settings(self, member: Member) -> OwnSettings:
        """Return what a member chose."""
        row = await self._row(member)
        return self._open(row) if row else OwnSettings()

    async def change(self, member: Member, **chosen: str) -> None:
        """Keep what a member chose, beside what they chose before."""
        await self._ensure(member)
        async with self._database.write() as unit:
            mine = select(people).where(people.c.member_index == self._index(member))
            row = (await unit.execute(mine.with_for_update())).one()
            changed = asdict(replace(self._open(row), **chosen))
            sealed = self._sealing.seal_json(changed, "people.settings", row.id)
            await unit.execute(update(people).where(people.c.id == row.id).values(settings=sealed))
        for listener in self._listeners:
            await listener(member)

    async def leave_note(self, member: Member, key: str) -> None:
        """Keep the key of a sentence for the next time a member uses the bot."""
        await self._ensure(member)
        async with self._database.write() as unit:
            await unit.execute(update(people).where(people.c.member_index == self._index(member)).values(note=key))

    async def take_note(self, member: Member) -> str | None:
        """Return, once, the key of the sentence that waits for a member."""
        row = await self._row(member)
        if row is None or row.note is None:
            return None
        async with self._database.write() as unit:
            await unit.execute(update(people).where(people.c.id == row.id).values(note=None))
        return row.note

    async def communities_of(self, platform: str, person: str) -> Sequence[tuple[int, Community]]:
        """Return the communities of a platform in which we keep settings of a person."""
        async with self._database.read() as unit:
            rows = await unit.all(select(communities).where(communities.c.platform == platform))
            known = {self._index(Member(Community(platform, row.external_id), person)): row for row in rows}
            found = await unit.all(select(people.c.member_index).where(people.c.member_index.in_(list(known))))
        held = [known[row.member_index] for row in found]
        return [(row.id, Community(platform, row.external_id)) for row in sorted(held, key=lambda row: row.id)]

    async def touch(self, member: Member) -> None:
        """Remember that a member keeps something here, so that a direct message finds the way to this community."""
        await self._ensure(member)

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return what the member chose, else that they have been here, and whether a note waits for them.

        That a leader silenced them is told by the feature that does it; the row may be there for that alone.
        """
        row = await self._row(member)
        if row is None:
            return {}
        chosen = {name: value for name, value in asdict(self._open(row)).items() if value}
        here = not chosen
        chosen.pop("silenced", None)
        return {**({"been_here": True} if here else chosen), **({"note": row.note} if row.note else {})}

    async def erase(self, member: Member) -> None:
        """Remove what the member chose."""
        async with self._database.write() as unit:
            await unit.execute(delete(people).where(people.c.member_index == self._index(member)))

    async def _ensure(self, member: Member) -> None:
        if await self._row(member):
            return
        row = new_id()
        async with self._database.write() as unit:
            values = {
                "id": row,
                "community_id": await community_id(unit, member.community),
                "member": seal_member(self._sealing, TABLE, row, member),
                "member_index": self._index(member),
                "settings": self._sealing.seal_json(asdict(OwnSettings()), "people.settings", row),
            }
            await insert_once(unit, people, values, [people.c.community_id, people.c.member_index])

    async def _row(self, member: Member) -> Row[Any] | None:
        async with self._database.read() as unit:
            return await unit.one_or_none(select(people).where(people.c.member_index == self._index(member)))

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, TABLE, member)

    def _open(self, row: Row[Any]) -> OwnSettings:
        return OwnSettings(**self._sealing.open_json(row.settings, "people.settings", row.id))
