"""The rows of `milestones`, and everything that is kept about a member beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.community.groups import community_id
from bot.community.tables import communities
from bot.core.port import Clock, Community, Member
from bot.delivery.outbox import Outbox
from bot.features.milestones.cheers import Cheers
from bot.features.milestones.lines import NOTE, TOLD, Lines
from bot.features.milestones.model import CONSENT, Celebration, Milestone, State, read_details, write_details
from bot.features.milestones.posts import Posts
from bot.features.milestones.rules import Run
from bot.features.milestones.tables import FEATURE, TABLES, milestones
from bot.storage.database import Database, Unit
from bot.storage.keys import SealingError
from bot.storage.members import index_member, open_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

MOST: Final = 20
"""Milestones of one person in one community."""

_NEXT: Final = select(func.min(milestones.c.next_due_at))
"""Drawn once: it is asked at every tick."""


class TooManyError(Exception):
    """A member keeps as many milestones as there may be."""


class MilestoneStore:
    """Adds, finds, changes and removes milestones. Implements `PersonalData`."""

    tables: Sequence[str] = TABLES

    def __init__(self, database: Database, sealing: Sealing, outbox: Outbox, posts: Posts, clock: Clock) -> None:
        self.database = database
        self.posts = posts
        self.lines = Lines(sealing, outbox, posts)
        self.cheers = Cheers(sealing, posts)
        self._sealing = sealing
        self._outbox = outbox
        self._clock = clock

    # ------------------------------------------------------------ reading

    async def of(self, member: Member) -> Sequence[Milestone]:
        """Return a member's milestones, in the order in which they first began: beginning again changes no number."""
        async with self.database.read() as unit:
            rows = await unit.all(select(milestones).where(milestones.c.member_index == self._index(member)))
        found = [self._milestone(row) for row in rows]
        return sorted(found, key=lambda each: (each.runs[0].start, each.label, each.id))

    async def get(self, milestone: int) -> Milestone | None:
        """Return a milestone by a row id of ours."""
        async with self.database.read() as unit:
            row = await unit.one_or_none(select(milestones).where(milestones.c.id == milestone))
        return self._milestone(row) if row else None

    async def celebrations(self, milestone: int) -> Sequence[Celebration]:
        """Return the celebrations of a milestone."""
        async with self.database.read() as unit:
            return await self.lines.of(unit, milestone)

    async def hold(self, unit: Unit, milestone: int) -> Milestone | None:
        """Return a milestone that nobody else changes until the unit ends."""
        row = await unit.one_or_none(select(milestones).where(milestones.c.id == milestone).with_for_update())
        return self._milestone(row) if row else None

    async def due(self, now: datetime) -> Sequence[tuple[int, datetime]]:
        """Return the rows of milestones with something to celebrate, and since when."""
        columns = select(milestones.c.id, milestones.c.next_due_at).where(milestones.c.next_due_at <= now)
        async with self.database.read() as unit:
            rows = await unit.all(columns.order_by(milestones.c.next_due_at, milestones.c.id))
        return [(row.id, row.next_due_at) for row in rows]

    async def rows_of(self, member: Member) -> Sequence[int]:
        """Return the rows of a member's milestones."""
        return await self._rows(milestones.c.member_index == self._index(member))

    async def rows_in(self, community: Community) -> Sequence[int]:
        """Return the rows of all milestones of a community."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        return await self._rows(milestones.c.community_id.in_(select(communities.c.id).where(*here)))

    async def _rows(self, which: ColumnElement[bool]) -> Sequence[int]:
        async with self.database.read() as unit:
            rows = await unit.all(select(milestones.c.id).where(which).order_by(milestones.c.id))
        return [row.id for row in rows]

    async def due_at(self, unit: Unit, milestone: int) -> datetime | None:
        """Return when the next celebration of a milestone is due."""
        return await unit.scalar(select(milestones.c.next_due_at).where(milestones.c.id == milestone))

    async def next_due(self) -> datetime | None:
        """Return when the next celebration of all is due."""
        async with self.database.read() as unit:
            return await unit.scalar(_NEXT)

    # ------------------------------------------------------------ changing

    async def add(self, milestone: Milestone, due: datetime | None) -> tuple[Milestone, bool]:
        """Add a milestone under an id of its own. Returns it and True, or one like it that is there, and False.

        Raises `TooManyError`.
        """
        added = replace(milestone, id=new_id())
        async with self.database.write() as unit:
            home = await community_id(unit, added.member.community)
            # A form may be sent twice at once: the second waits here for the first.
            await unit.execute(select(communities.c.id).where(communities.c.id == home).with_for_update())
            held = await self.of(added.member)
            if same := next((each for each in held if each.is_like(added)), None):
                return same, False
            if len(held) >= MOST:
                raise TooManyError
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

    async def write(self, unit: Unit, milestone: Milestone, due: datetime | None) -> None:
        """Keep a milestone as it is now, and when its next moment comes."""
        values = {"details": self._details(milestone), "next_due_at": due}
        await unit.execute(update(milestones).where(milestones.c.id == milestone.id).values(values))
        unit.then(self._outbox.nudge)

    async def put_off(self, milestone: int, until: datetime) -> None:
        """Look at a milestone again later, after a fault."""
        async with self.database.write() as unit:
            await unit.execute(update(milestones).where(milestones.c.id == milestone).values(next_due_at=until))

    async def remove(self, milestone: Milestone, now: datetime, *, down: bool) -> None:
        """Remove a milestone and what waits to be sent about it. `down`: take down what others can see of it too."""
        async with self.database.write() as unit:
            if await self.hold(unit, milestone.id):
                await self.lines.remove(unit, await self.lines.of(unit, milestone.id), now, down=down)
                await unit.execute(delete(milestones).where(milestones.c.id == milestone.id))

    # ------------------------------------------------------------ a member's own data

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return the member's milestones with their history, and how many celebrations of others they cheered."""
        found = await self.of(member)
        shown: list[Mapping[str, str]] = []
        async with self.database.read() as unit:
            for each in found:
                marked = await self.lines.of(unit, each.id)
                shown.append(_exported(each, marked))
            given = await self.cheers.given(unit, member)
        return {**({"milestones": shown} if shown else {}), **({"cheers": given} if given else {})}

    async def erase(self, member: Member) -> None:
        """Remove the member's milestones and cheers, and have nothing sent that waits. What is posted stays there."""
        now = self._clock.now()
        mine = milestones.c.member_index == self._index(member)
        async with self.database.write() as unit:
            for row in await unit.all(select(milestones.c.id).where(mine).order_by(milestones.c.id).with_for_update()):
                with suppress(SealingError):
                    await self.lines.remove(unit, await self.lines.of(unit, row.id), now, down=False)
            # What can no longer be read goes too.
            for row in await self.lines.rows_of(unit, member):
                await self._outbox.withdraw(unit, FEATURE, row.id, [NOTE, TOLD])
            await self.lines.erase(unit, member)
            await self.cheers.erase(unit, member)
            await self.posts.forget_leader(unit, member)
            await unit.execute(delete(milestones).where(mine))

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, FEATURE, member)

    def _details(self, milestone: Milestone) -> bytes:
        return self._sealing.seal_json(write_details(milestone), "milestones.details", milestone.id)

    def _milestone(self, row: Row[Any]) -> Milestone:
        value = self._sealing.open_json(row.details, "milestones.details", row.id)
        return read_details(row.id, open_member(self._sealing, FEATURE, row.id, row.member), value)


def _exported(milestone: Milestone, marked: Sequence[Celebration]) -> Mapping[str, str]:
    """Return everything about a milestone in words that JSON can hold. What is empty is said as such."""
    done = [f"{each.span[0]}-{each.span[1]}" for each in marked if each.state is not State.WAITING]
    version, read_on = milestone.agreed
    return {
        "label": milestone.label,
        "date": milestone.start.isoformat(),
        "kind": milestone.sort,
        "audience": milestone.sharing.audience,
        "channel": milestone.sharing.channel,
        "label_shown": "yes" if milestone.sharing.label else "no",
        "hour": f"{milestone.hour:02}:00",
        "pictures": "no" if milestone.plain else "yes",
        "paused": "yes" if milestone.paused else "no",
        "history": ", ".join(map(_told, milestone.runs)),
        "celebrated": ", ".join(done) or "-",
        "agreed": f"{read_on} ({version})" if version >= CONSENT else "-",
    }


def _told(run: Run) -> str:
    return f"{run.start.isoformat()} to {run.end.isoformat()}" if run.end else f"since {run.start.isoformat()}"
