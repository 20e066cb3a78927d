"""The times of schedules: what is to come, what was skipped, what was posted, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, func, select, update

from bot.community.tables import communities, groups
from bot.core.port import Channel, Community, Reason
from bot.core.recurrence import Due
from bot.delivery.letters import Action, Letter, State
from bot.delivery.outbox import Outbox
from bot.delivery.plans import Slot
from bot.delivery.scheduler import FEATURE, KIND, UNSENT, Fate, add_occurrence, letter_name, seen
from bot.delivery.tables import deliveries, occurrences, schedules
from bot.features.schedules.store import OWN_TEXT, Schedule
from bot.storage.database import Database, Unit
from bot.storage.tables import new_id

EXTRA: Final = "+"
"""How the slot of a post beside the plan begins."""
LOOKS_BACK: Final = timedelta(days=3)
"""Occurrences made so long ago cannot be among those to come: zones differ by little more than a day."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a schedule. `extra`: a leader asked for it, beside the plan."""

    id: int
    schedule: int
    what: str
    slot: Slot
    due_at: datetime
    piece: str
    extra: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an occurrence. `state` is a `State`, or a `Fate` when there was no delivery."""

    at: datetime
    state: str
    reason: str


Choose: TypeAlias = Callable[[str, Sequence[str]], Awaitable[str]]
"""Chooses a piece: from what a schedule posts, and the pieces that its group has had."""
_IN_TURN: Final = (occurrences.c.due_at, schedules.c.made_at, occurrences.c.id)


class Occasions:
    """The rows of `occurrences`, as leaders and posts need them."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    # ------------------------------------------------------------ to come

    async def coming(self, schedule: Schedule, now: datetime, count: int) -> Sequence[Due]:
        """Return the next times of a schedule, at most `count`: none while it is paused without an end."""
        if schedule.paused:
            return ()
        async with self._database.read() as unit:
            taken = await self._taken(unit, schedule, now)
            if schedule.draft.times is not None:
                count = min(count, schedule.draft.times - await seen(unit, schedule.id))
        return list(islice(schedule.plan.coming(now, taken), max(count, 0)))

    async def skip(self, schedule: Schedule, now: datetime) -> Due | None:
        """Leave out the next time; None when none is to come."""
        for due in await self.coming(schedule, now, 1):
            async with self._database.write() as unit:
                await add_occurrence(unit, schedule.id, (due.on, due.slot), due.at, Fate.SKIPPED)
            return due
        return None

    async def unskip(self, schedule: Schedule, now: datetime) -> datetime | None:
        """Take back the next time that was left out, and return when it is; None when there is none to come."""
        left_out = (
            occurrences.c.schedule_id == schedule.id,
            occurrences.c.state == Fate.SKIPPED,
            occurrences.c.due_at > now,
        )
        async with self._database.write() as unit:
            row = (
                await unit.execute(select(occurrences).where(*left_out).order_by(occurrences.c.due_at).limit(1))
            ).first()
            if row is None:
                return None
            await unit.execute(occurrences.delete().where(occurrences.c.id == row.id))
            unchanged = (schedules.c.id == schedule.id) & ~schedules.c.removed & ~schedules.c.paused
            earlier = unchanged & (schedules.c.next_at.is_(None) | (schedules.c.next_at > row.due_at))
            await unit.execute(update(schedules).where(earlier).values(next_at=row.due_at))
        await self._outbox.nudge()
        return row.due_at

    async def post_now(self, schedule: Schedule, channel: Channel, slot: Slot, now: datetime) -> bool:
        """Have one posted now, under the slot of a time to come or one of its own. False when that was made before."""
        async with self._database.write() as unit:
            occurrence = await add_occurrence(unit, schedule.id, slot, now, Fate.MADE)
            if occurrence is None:
                return False
            until = now + timedelta(minutes=schedule.draft.grace)
            name = letter_name(schedule.id, slot)
            await self._outbox.put(unit, Letter(name, FEATURE, KIND, occurrence, channel, now, until, personal=False))
        return True

    async def _taken(self, unit: Unit, schedule: Schedule, now: datetime) -> set[Slot]:
        mine = (occurrences.c.schedule_id == schedule.id, occurrences.c.local_date >= (now - LOOKS_BACK).date())
        return {(row.local_date, row.slot) for row in await unit.all(select(occurrences).where(*mine))}

    # ------------------------------------------------------------ what they show

    async def get(self, occurrence: int) -> Occurrence | None:
        """Return an occurrence by a row id of ours."""
        query = select(occurrences, schedules.c.what).select_from(occurrences.join(schedules))
        async with self._database.read() as unit:
            row = await unit.one_or_none(query.where(occurrences.c.id == occurrence))
        return _occurrence(row) if row else None

    async def used(self, group: int) -> Sequence[str]:
        """Return the pieces a group has had, oldest first, those that nobody has seen not counted."""
        async with self._database.read() as unit:
            return await self._used(unit, group)

    async def pending(self, group: int) -> Sequence[Occurrence]:
        """Return the occurrences of a group that are on their way without a piece yet, in the order of their turns."""
        async with self._database.read() as unit:
            return await self._pending(unit, group)

    async def choose(self, occurrence: Occurrence, group: int, choose: Choose) -> str:
        """Return the piece of an occurrence: the one that it has, else one that is chosen now and kept.

        Those before it that have none yet get theirs first: turns go by the plan, whatever is sent first, and two posts
        that are due together do not show the same. Those who choose for one group wait for each other.
        Raises `LookupError` when there is nothing to choose from.
        """
        async with self._database.write() as unit:
            await unit.execute(select(groups.c.id).where(groups.c.id == group).with_for_update())
            had = await unit.scalar(select(occurrences.c.piece).where(occurrences.c.id == occurrence.id))
            if had:
                return had
            waiting = await self._pending(unit, group)
            ids = [each.id for each in waiting]
            for each in waiting[: ids.index(occurrence.id)] if occurrence.id in ids else ():
                with suppress(LookupError):
                    await self._give(unit, each, group, choose)
            return await self._give(unit, occurrence, group, choose)

    async def _give(self, unit: Unit, occurrence: Occurrence, group: int, choose: Choose) -> str:
        piece = await choose(occurrence.what, await self._used(unit, group))
        mine = occurrences.c.id == occurrence.id
        await unit.execute(update(occurrences).where(mine).values(piece=piece))
        return piece

    async def let_go(self, occurrence: int) -> None:
        """Forget the piece of an occurrence that nobody has seen: it comes to somebody else's turn."""
        async with self._database.write() as unit:
            await unit.execute(update(occurrences).where(occurrences.c.id == occurrence).values(piece=None))

    async def _used(self, unit: Unit, group: int) -> Sequence[str]:
        had = (schedules.c.group_id == group, occurrences.c.piece.is_not(None))
        query = select(occurrences.c.piece).select_from(_with_deliveries())
        rows = await unit.all(query.where(*had, _is_post(), deliveries.c.state.not_in(UNSENT)).order_by(*_IN_TURN))
        return [row.piece for row in rows]

    async def _pending(self, unit: Unit, group: int) -> Sequence[Occurrence]:
        wanted = (schedules.c.group_id == group, schedules.c.what != OWN_TEXT, occurrences.c.piece.is_(None))
        open_still = deliveries.c.state.in_((State.DUE, State.CLAIMED, State.SENDING))
        query = select(occurrences, schedules.c.what).select_from(_with_deliveries())
        rows = await unit.all(query.where(*wanted, _is_post(), open_still).order_by(*_IN_TURN))
        return [_occurrence(row) for row in rows]

    # ------------------------------------------------------------ what became of them

    async def last_result(self, schedule: int) -> Result | None:
        """Return what became of the newest time of a schedule that is settled."""
        joined = occurrences.outerjoin(deliveries, (deliveries.c.subject == occurrences.c.id) & _is_post())
        settled = (occurrences.c.state != Fate.MADE) | deliveries.c.settled_at.is_not(None)
        query = select(occurrences.c.due_at, occurrences.c.state, deliveries.c.state.label("went"), deliveries.c.reason)
        query = query.select_from(joined).where(occurrences.c.schedule_id == schedule, settled)
        async with self._database.read() as unit:
            row = await unit.all(query.order_by(occurrences.c.due_at.desc()).limit(1))
        return Result(row[0].due_at, row[0].went or row[0].state, row[0].reason or "") if row else None

    async def last_failure(self, group: int) -> Result | None:
        """Return the newest post of a group that did not arrive, or may not have, for a reason that is known."""
        bad = (schedules.c.group_id == group, deliveries.c.reason.in_(list(Reason)))
        ended = deliveries.c.state.in_((State.REFUSED, State.EXPIRED, State.UNKNOWN))
        query = select(occurrences.c.due_at, deliveries.c.state, deliveries.c.reason).select_from(_with_deliveries())
        async with self._database.read() as unit:
            found = await unit.all(query.where(*bad, ended, _is_post()).order_by(occurrences.c.due_at.desc()).limit(1))
        return Result(found[0].due_at, found[0].state, found[0].reason) if found else None

    async def post_before(self, occurrence: Occurrence) -> Slot | None:
        """Return the slot of the newest post of the same schedule before this one that was sent."""
        mine = (occurrences.c.schedule_id == occurrence.schedule, occurrences.c.due_at < occurrence.due_at)
        query = (
            select(occurrences)
            .select_from(_with_deliveries())
            .where(*mine, _is_post(), deliveries.c.state == State.SENT)
        )
        async with self._database.read() as unit:
            rows = await unit.all(query.order_by(deliveries.c.settled_at.desc()).limit(1))
        return (rows[0].local_date, rows[0].slot) if rows else None

    async def missed(self) -> Mapping[Community, int]:
        """Mark what was missed and nobody was told of; return under which number, for each community."""
        untold = (occurrences.c.state == Fate.MISSED, occurrences.c.told.is_(None))
        found: dict[Community, int] = {}
        async with self._database.read() as unit:
            if not await unit.scalar(select(func.count()).select_from(occurrences).where(*untold)):
                return found
        joined = occurrences.join(schedules).join(groups).join(communities)
        columns = select(occurrences.c.id, communities.c.platform, communities.c.external_id).select_from(joined)
        async with self._database.write() as unit:
            for row in (await unit.execute(columns.where(*untold))).all():
                told = found.setdefault(Community(row.platform, row.external_id), new_id())
                await unit.execute(update(occurrences).where(occurrences.c.id == row.id).values(told=told))
        return found

    async def told(self, number: int) -> Mapping[int, int]:
        """Return how many times of each schedule were missed, of those that were told under a number."""
        query = select(occurrences.c.schedule_id, func.count().label("times")).where(occurrences.c.told == number)
        async with self._database.read() as unit:
            rows = await unit.all(query.group_by(occurrences.c.schedule_id))
        return {row.schedule_id: row.times for row in rows}


def _with_deliveries() -> Any:
    return occurrences.join(schedules).join(deliveries, deliveries.c.subject == occurrences.c.id)


def _is_post() -> Any:
    return (deliveries.c.feature == FEATURE) & (deliveries.c.kind == KIND) & (deliveries.c.action == Action.POST)


def _occurrence(row: Row[Any]) -> Occurrence:
    slot = (row.local_date, row.slot)
    return Occurrence(row.id, row.schedule_id, row.what, slot, row.due_at, row.piece or "", row.slot.startswith(EXTRA))
