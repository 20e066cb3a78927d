"""The rows of *Say what I need*: whose message it is, where the note stands, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, Row, Table, delete, func, select, update

from bot.core.port import Clock, Member, Pointed
from bot.delivery.letters import Action, Letter, pack, unpack
from bot.delivery.outbox import Outbox
from bot.features.needs.notes import Need, Note, Wish
from bot.storage.database import Database, Unit, insert_or_take
from bot.storage.keys import SealingError
from bot.storage.members import index_member, open_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import Instant, Sealed, id_column, metadata, new_id

FEATURE: Final = "needs"
POST: Final = "note"
EDIT: Final = "change"
AWAY: Final = "away"
MOST: Final = 50
"""Notes of one person that are remembered at the same time."""
STILL_WANTED: Final = timedelta(hours=1)
"""A note that could not be posted within this time helps nobody any more. Its owner is told so."""
LOOKED_AT: Final = timedelta(days=1)
"""So long at least somebody has time to choose."""
MOST_WISHES: Final = 20
LOOKED_AFTER: Final = timedelta(days=7)
"""So long a delivery is tried, or looked at again, before it is given up unsaid."""
A_TICK: Final = timedelta(microseconds=1)
REMEMBERED: Final = timedelta(days=14)
"""So long a note can be changed and taken away."""

_SO: Final = ("stands", "unsure", "leaving")

needs: Final = Table(
    FEATURE,
    metadata,
    id_column(),
    Column("member", Sealed, nullable=False),
    Column("member_index", Sealed, nullable=False, index=True),
    Column("message_index", Sealed, nullable=False, unique=True),
    Column("details", Sealed, nullable=False),
    Column("forget_at", Instant, nullable=False, index=True),
)
"""One row per message. `forget_at` stands in clear, so that it can be searched: a midnight, which tells no hour."""

_FIRST: Final = select(func.min(needs.c.forget_at))
"""Drawn once: it is asked at every tick."""


Change: TypeAlias = Callable[[Note], Note | None]
"""Returns a note as it shall be; None to leave it as it is."""


class NeedStore:
    """Adds, changes and removes notes. Implements `PersonalData`."""

    tables: Sequence[str] = (FEATURE,)

    def __init__(self, database: Database, sealing: Sealing, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._sealing = sealing
        self._outbox = outbox
        self._clock = clock

    async def begin(self, member: Member, about: Pointed, now: datetime) -> Note | None:
        """Return the note about a message, new if there is none. None when there are too many already."""
        note = Note(new_id(), member, about.message, about.beside, now)
        index = self._message_index(note)
        until = _midnight_after(now + LOOKED_AT)
        async with self._database.write() as unit:
            same = select(needs).where(needs.c.message_index == index).with_for_update()
            if row := await unit.one_or_none(same):
                longer = max(until, row.forget_at)
                await unit.execute(update(needs).where(needs.c.id == row.id).values(forget_at=longer))
                return self._note(row)
            mine = needs.c.member_index == self._index(member)
            if (await unit.scalar(select(func.count()).where(mine)) or 0) >= MOST:
                return None
            values = {
                "id": note.id,
                "member": seal_member(self._sealing, FEATURE, note.id, member),
                "member_index": self._index(member),
                "message_index": index,
                "details": self._details(note),
                "forget_at": until,
            }
            row = await insert_or_take(unit, needs, values, [needs.c.message_index])
        await self._outbox.nudge()
        return self._note(row)

    async def get(self, note: int) -> Note | None:
        """Return a note by a row id of ours."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(needs).where(needs.c.id == note))
        return self._note(row) if row else None

    async def want(self, note: int, need: Need, now: datetime) -> Note | None:
        """Have the note posted, or changed if it says something else. None when it is gone or about to go."""
        async with self._database.write() as unit:
            before = await self._hold(unit, note)
            if before is None or before.leaving or before.need is need:
                return None if before and before.leaving else before
            wishes = before.wishes
            at = max(now, wishes[-1].at + A_TICK) if wishes else now
            wishes = (*wishes[:1], *wishes[1:][-MOST_WISHES:], Wish(at, need))
            after = replace(before, wishes=wishes, at=before.at if before.wishes else now)
            await self._write(unit, after, _midnight_after(now + REMEMBERED))
            key = await self._outbox.put(unit, _letter(after, POST, at))
            if before.need:
                await self._outbox.put_more(unit, _letter(after, EDIT, at), key, Action.EDIT)
        return after

    async def take_away(self, note: int, now: datetime) -> None:
        """Have a note taken down where it stands. It is remembered until that is done."""
        async with self._database.write() as unit:
            found = await self._hold(unit, note)
            if found is None or found.leaving:
                return
            await self._take_down(unit, found, now)
            if found.need:
                await self._write(unit, replace(found, leaving=True), _midnight_after(now + REMEMBERED))
            else:
                await unit.execute(delete(needs).where(needs.c.id == note))

    # ------------------------------------------------------------ what became of it

    async def stood(self, note: int, due: datetime) -> None:
        """Note that a delivery due at an instant arrived: what it brought can be read there."""
        await self._change(note, lambda was: replace(was, wishes=was.since(due), stands=True, unsure=False))

    async def doubt(self, note: int) -> None:
        """Note that nobody can tell whether a note was posted."""
        await self._change(note, lambda was: replace(was, unsure=True))

    async def unchanged(self, note: int, due: datetime) -> bool:
        """Note that a change could not be made. False when a newer one is on its way, or the note is about to go."""

        def undone(was: Note) -> Note | None:
            newer = was.leaving or not was.wishes or was.wishes[-1].at > due
            return None if newer else replace(was, wishes=was.wishes[:1])

        return await self._change(note, undone)

    async def kept(self, note: int) -> None:
        """Note that it could not be taken down."""
        await self._change(note, lambda was: replace(was, leaving=False, wishes=was.wishes[:1]))

    async def drop(self, note: int) -> None:
        """Forget a note that does not stand, or not any more."""
        async with self._database.write() as unit:
            await unit.execute(delete(needs).where(needs.c.id == note))

    async def next_old(self) -> datetime | None:
        """Return when the next note's time has passed."""
        async with self._database.read() as unit:
            return await unit.scalar(_FIRST)

    async def forget_old(self, now: datetime) -> datetime | None:
        """Forget notes whose time has passed; they stand where they are. Return when the next one's time has passed."""
        async with self._database.write() as unit:
            await unit.execute(delete(needs).where(needs.c.forget_at <= now))
            return await unit.scalar(_FIRST)

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return the member's notes, and those messages for which they have not chosen one."""
        async with self._database.read() as unit:
            rows = await unit.all(select(needs).where(needs.c.member_index == self._index(member)))
        found = sorted((self._note(row) for row in rows), key=lambda note: (note.at, note.id))
        shown = [
            {
                "at": note.at.isoformat(),
                "channel": note.channel.id if note.channel else "",
                "message": note.message,
                "need": note.need or "",
            }
            for note in found
        ]
        return {"notes": shown} if shown else {}

    async def erase(self, member: Member) -> None:
        """Remove the member's notes, and have them taken down; those that cannot be read any more stay where they are.

        Nothing that waits is posted.
        """
        now = self._clock.now()
        mine = needs.c.member_index == self._index(member)
        async with self._database.write() as unit:
            for row in await unit.all(select(needs).where(mine).order_by(needs.c.id).with_for_update()):
                try:
                    await self._take_down(unit, self._note(row), now)
                except SealingError:
                    await self._outbox.withdraw(unit, FEATURE, row.id)
            await unit.execute(delete(needs).where(mine))

    async def _hold(self, unit: Unit, note: int) -> Note | None:
        """Return a note that nobody else changes until the unit ends. Deliveries come after it, or two would block."""
        row = await unit.one_or_none(select(needs).where(needs.c.id == note).with_for_update())
        return self._note(row) if row else None

    async def _change(self, note: int, change: Change) -> bool:
        async with self._database.write() as unit:
            found = await self._hold(unit, note)
            changed = change(found) if found else None
            if changed:
                await self._write(unit, changed)
        return changed is not None

    async def _write(self, unit: Unit, note: Note, forget_at: datetime | None = None) -> None:
        until = {"forget_at": forget_at} if forget_at else {}
        values = {"details": self._details(note), **until}
        await unit.execute(update(needs).where(needs.c.id == note.id).values(values))

    async def _take_down(self, unit: Unit, note: Note, now: datetime) -> None:
        await self._outbox.withdraw(unit, FEATURE, note.id)
        if note.need:
            letter = _letter(note, AWAY, now)
            await self._outbox.put_more(unit, letter, self._sealing.key_for(FEATURE, *letter.name), Action.DELETE)

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, FEATURE, member)

    def _message_index(self, note: Note) -> bytes:
        community, channel = note.member.community, note.channel
        place = channel.id if channel else ""
        return self._sealing.index("needs.message_index", community.platform, community.id, place, note.message)

    def _details(self, note: Note) -> bytes:
        value = {
            "to": pack(note.to),
            "message": note.message,
            "at": note.at.isoformat(),
            "wishes": [[wish.at.isoformat(), wish.need] for wish in note.wishes],
            "so": [name for name in _SO if getattr(note, name)],
        }
        return self._sealing.seal_json(value, "needs.details", note.id)

    def _note(self, row: Row[Any]) -> Note:
        value = self._sealing.open_json(row.details, "needs.details", row.id)
        member = open_member(self._sealing, FEATURE, row.id, row.member)
        wishes = tuple(Wish(datetime.fromisoformat(at), Need(need)) for at, need in value["wishes"])
        so = {name: name in value["so"] for name in _SO}
        at = datetime.fromisoformat(value["at"])
        return Note(row.id, member, value["message"], unpack(value["to"]), at, wishes, **so)


def _letter(note: Note, kind: str, now: datetime) -> Letter:
    return Letter((str(note.id),), FEATURE, kind, note.id, note.to, now, now + LOOKED_AFTER)


def _midnight_after(at: datetime) -> datetime:
    return (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
