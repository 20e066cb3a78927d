"""The times of schedules: what is to come, what was skipped, what was posted, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, select, update

from bot.community.tables import groups
from bot.core.port import Channel
from bot.core.recurrence import Due
from bot.delivery.letters import Action, Letter, State
from bot.delivery.outbox import Outbox
from bot.delivery.plans import Slot
from bot.delivery.scheduler import FEATURE, KIND, UNSENT, Fate, add_occurrence, letter_name, posts_of
from bot.delivery.tables import deliveries, occurrences, schedules
from bot.features.schedules.drafts import OWN_TEXT, Schedule
from bot.storage.database import Database, Unit

LOOKS_BACK: Final = timedelta(days=3)
"""Occurrences made so long ago cannot be among those to come: zones differ by little more than a day."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a schedule. `asked`: a leader asked for it out of turn."""

    id: int
    schedule: int
    what: str
    slot: Slot
    due_at: datetime
    piece: str
    asked: bool


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
                posts = await posts_of(unit, schedule.id)
                count = min(count, schedule.draft.times - posts.seen - posts.coming)
        return list(islice(schedule.plan.coming(now, taken), max(count, 0)))

    async def skip(self, schedule: Schedule, now: datetime) -> Due | None:
        """Leave out the next time, also one that waits for the end of quiet hours; None when none is to come."""
        async with self._database.write() as unit:
            await unit.execute(select(schedules.c.id).where(schedules.c.id == schedule.id).with_for_update())
            for waiting in await self._waiting(unit, schedule.id, now):
                await self._leave_out(unit, waiting)
                return Due(*waiting.slot, waiting.due_at)
        for due in await self.coming(schedule, now, 1):
            async with self._database.write() as unit:
                made = await add_occurrence(unit, schedule.id, (due.on, due.slot), due.at, Fate.SKIPPED)
            return due if made else await self.skip(schedule, now)
        return None

    async def drop_waiting(self, schedule: Schedule, now: datetime) -> None:
        """Leave out what waits for the end of quiet hours: the schedule comes at another time now."""
        async with self._database.write() as unit:
            for waiting in await self._waiting(unit, schedule.id, now):
                await self._leave_out(unit, waiting)

    async def waiting(self, schedule: Schedule, now: datetime) -> Sequence[tuple[Occurrence, datetime]]:
        """Return what was due and is sent later, at the end of quiet hours, and when."""
        async with self._database.read() as unit:
            return [(each, each.due_at) for each in await self._waiting(unit, schedule.id, now, sent_at=True)]

    async def _waiting(
        self, unit: Unit, schedule: int, now: datetime, *, sent_at: bool = False
    ) -> Sequence[Occurrence]:
        held = (deliveries.c.state == State.DUE) & (deliveries.c.due_at > now) & ~deliveries.c.doubtful
        mine = (occurrences.c.schedule_id == schedule, occurrences.c.state == Fate.MADE)
        query = select(occurrences, schedules.c.what, deliveries.c.due_at.label("goes")).select_from(with_deliveries())
        rows = await unit.all(query.where(*mine, is_post(), held).order_by(occurrences.c.due_at))
        return [replace(_occurrence(row), due_at=row.goes) if sent_at else _occurrence(row) for row in rows]

    async def _leave_out(self, unit: Unit, occurrence: Occurrence) -> None:
        mine = occurrences.c.id == occurrence.id
        await unit.execute(update(occurrences).where(mine).values(state=Fate.SKIPPED, piece=None))
        await self._outbox.withdraw(unit, FEATURE, occurrence.id, [KIND])

    async def unskip(self, schedule: Schedule, now: datetime, day: int | None) -> datetime | None:
        """Take back the next time that was left out, or that of a day; return when it is, None when there is none.

        What was left out under another plan stays left out.
        """
        left_out = (
            occurrences.c.schedule_id == schedule.id,
            occurrences.c.state == Fate.SKIPPED,
            occurrences.c.due_at > now,
        )
        async with self._database.write() as unit:
            await unit.execute(select(schedules.c.id).where(schedules.c.id == schedule.id).with_for_update())
            rows = (await unit.execute(select(occurrences).where(*left_out).order_by(occurrences.c.due_at))).all()
            fit = [row for row in rows if day in {None, row.local_date.toordinal()} and _is_planned(schedule, row)]
            if not fit:
                return None
            due_at: datetime = fit[0].due_at
            await unit.execute(occurrences.delete().where(occurrences.c.id == fit[0].id))
            unchanged = (schedules.c.id == schedule.id) & ~schedules.c.removed & ~schedules.c.paused
            earlier = unchanged & (schedules.c.next_at.is_(None) | (schedules.c.next_at > due_at))
            await unit.execute(update(schedules).where(earlier).values(next_at=due_at))
        await self._outbox.nudge()
        return due_at

    async def post_now(self, schedule: Schedule, channel: Channel, slot: Slot, now: datetime) -> bool:
        """Have one posted now, under the slot of a time to come or one of its own. False when that was made before."""
        async with self._database.write() as unit:
            occurrence = await add_occurrence(unit, schedule.id, slot, now, Fate.ASKED)
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

    async def choose_anew(self, schedule: int) -> None:
        """Forget the pieces of what is on its way and was not tried yet: the schedule posts something else now."""
        untried = (deliveries.c.state == State.DUE) & ~deliveries.c.doubtful & deliveries.c.sending_since.is_(None)
        mine = select(occurrences.c.id).select_from(with_deliveries())
        ids = mine.where(occurrences.c.schedule_id == schedule, is_post(), untried)
        async with self._database.write() as unit:
            await unit.execute(update(occurrences).where(occurrences.c.id.in_(ids)).values(piece=None))

    async def _used(self, unit: Unit, group: int) -> Sequence[str]:
        had = (schedules.c.group_id == group, occurrences.c.piece.is_not(None))
        query = select(occurrences.c.piece).select_from(with_deliveries())
        rows = await unit.all(query.where(*had, is_post(), deliveries.c.state.not_in(UNSENT)).order_by(*_IN_TURN))
        return [row.piece for row in rows]

    async def _pending(self, unit: Unit, group: int) -> Sequence[Occurrence]:
        wanted = (schedules.c.group_id == group, schedules.c.what != OWN_TEXT, occurrences.c.piece.is_(None))
        open_still = deliveries.c.state.in_((State.DUE, State.CLAIMED, State.SENDING))
        query = select(occurrences, schedules.c.what).select_from(with_deliveries())
        rows = await unit.all(query.where(*wanted, is_post(), open_still).order_by(*_IN_TURN))
        return [_occurrence(row) for row in rows]

    async def post_before(self, occurrence: Occurrence) -> Slot | None:
        """Return the slot of the newest post of the same schedule before this one that was sent."""
        mine = (occurrences.c.schedule_id == occurrence.schedule, occurrences.c.due_at < occurrence.due_at)
        query = (
            select(occurrences).select_from(with_deliveries()).where(*mine, is_post(), deliveries.c.state == State.SENT)
        )
        async with self._database.read() as unit:
            rows = await unit.all(query.order_by(deliveries.c.settled_at.desc()).limit(1))
        return (rows[0].local_date, rows[0].slot) if rows else None


def _is_planned(schedule: Schedule, row: Row[Any]) -> bool:
    due = schedule.plan.after(row.due_at - timedelta(microseconds=1))
    return due is not None and (due.on, due.slot, due.at) == (row.local_date, row.slot, row.due_at)


def with_deliveries() -> Any:
    """Return occurrences joined with their schedules and deliveries."""
    return occurrences.join(schedules).join(deliveries, deliveries.c.subject == occurrences.c.id)


def is_post() -> Any:
    """Return the condition that a delivery is the post of an occurrence."""
    return (deliveries.c.feature == FEATURE) & (deliveries.c.kind == KIND) & (deliveries.c.action == Action.POST)


def _occurrence(row: Row[Any]) -> Occurrence:
    slot = (row.local_date, row.slot)
    return Occurrence(row.id, row.schedule_id, row.what, slot, row.due_at, row.piece or "", row.state == Fate.ASKED)
