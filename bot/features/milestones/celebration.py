"""Makes moments that have come into celebrations, each once, and plans those that are to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.community.groups import Group
from bot.community.quiet import after_hours
from bot.community.spans import read_spans
from bot.community.tools import Tools
from bot.core.faults import where
from bot.core.port import Member
from bot.features.milestones.model import Audience, Celebration, Milestone, Origin
from bot.features.milestones.posts import STILL_WELCOME
from bot.features.milestones.rules import Moment, Span, When, coming, is_same, moment_near
from bot.features.milestones.store import MilestoneStore
from bot.storage.database import Unit

log = structlog.get_logger(__name__)

AFTER_A_FAULT: Final = timedelta(hours=1)
NO_LEADERS: Final = "milestones.note_no_leaders"


class Celebrations:
    """The job of milestones. What it decides and what it sends stand in one transaction, for a whole place at once."""

    def __init__(self, tools: Tools, store: MilestoneStore) -> None:
        self._tools = tools
        self._store = store

    # ------------------------------------------------------------ what has come

    async def due(self, now: datetime) -> datetime | None:
        """Return when the next moment of all comes."""
        del now
        return await self._store.next_due()

    async def run(self, now: datetime) -> datetime | None:
        """Make every moment that has come into a celebration."""
        places: dict[object, list[int]] = defaultdict(list)
        for row, _ in await self._store.due(now):
            try:
                places[await self._place(row)].append(row)
            except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others are celebrated
                await self._put_off(row, now, error)
        for rows in places.values():
            await self._celebrate_all(sorted(rows), now)
        return await self._store.next_due()

    async def _place(self, row: int) -> object:
        """Return what makes celebrations share a post: those of a channel do, and those for the leaders."""
        milestone = await self._store.get(row)
        if milestone is None or milestone.sharing.audience is Audience.PRIVATE:
            return row
        return milestone.member.community, milestone.sharing.channel

    async def _celebrate_all(self, rows: Sequence[int], now: datetime) -> None:
        """Celebrate what shares a post together: no other process can send it before it has all its lines.

        What cannot be done together is done one by one.
        """
        untold: list[Member] = []
        try:
            async with self._store.database.write() as unit:
                for row in rows:
                    milestone = await self._store.hold(unit, row)
                    if milestone and not await self._celebrate(unit, milestone, now):
                        untold.append(milestone.member)
        except Exception as error:  # noqa: BLE001  the same
            if len(rows) == 1:
                await self._put_off(rows[0], now, error)
                return
            for row in rows:
                await self._celebrate_all([row], now)
            return
        for member in untold:
            await self._tools.directory.leave_note(member, NO_LEADERS)

    async def _put_off(self, row: int, now: datetime, error: Exception) -> None:
        log.error("milestone put off", error=type(error).__name__, where=where(error))
        await self._store.put_off(row, now + AFTER_A_FAULT)

    async def _celebrate(self, unit: Unit, milestone: Milestone, now: datetime) -> bool:
        """Celebrate what has come of a milestone, and plan what comes next. Returns False when nobody could be told."""
        if milestone.paused:
            await self._store.write(unit, replace(milestone, planned=None), None)
            return True
        wanted, when = await self.wanted(milestone), await self.when(milestone)
        done = spans_of(await self._store.lines.of(unit, milestone.id), milestone)
        planned = milestone.planned or await self._planned_before(unit, milestone, when, wanted)
        found = coming(milestone.start, when, now, wanted, done=done, planned=planned)
        due, told = await self._store.due_at(unit, milestone.id) or now, True
        while found and found[1] <= now:
            moment, at = found
            # Without a name, what had passed has been put off to a morning of the group.
            sent = max(at, due) if when.group else at
            told = await self._celebrate_moment(unit, milestone, moment.span, sent, now) and told
            done.append(moment.span)
            found = coming(milestone.start, when, at, wanted, done=done)
        await self._write(unit, milestone, found)
        return told

    async def _planned_before(
        self, unit: Unit, milestone: Milestone, when: When, wanted: Sequence[Span]
    ) -> Span | None:
        """Return which moment is due where the row does not say so yet: it was made by an earlier version."""
        due = await self._store.due_at(unit, milestone.id)
        near = moment_near(milestone.start, when, due, wanted) if due else None
        return near.span if near else None

    async def _celebrate_moment(
        self, unit: Unit, milestone: Milestone, span: Span, at: datetime, now: datetime
    ) -> bool:
        if now - at > STILL_WELCOME:
            await self._store.lines.lost(unit, milestone, span)
            return True
        if milestone.sharing.audience is Audience.PRIVATE:
            await self._store.lines.note(unit, milestone, span, at)
            return True
        group = await self._group(milestone)
        at = after_hours(group, at) if group else at
        hour = max(at, now).replace(minute=0, second=0, microsecond=0)
        told = await self._store.lines.celebrate(unit, milestone, span, hour=hour, at=at)
        if not told:
            await self._store.lines.lost(unit, milestone, span)
        return told

    # ------------------------------------------------------------ what is to come

    async def plan(self, unit: Unit, milestone: Milestone, now: datetime, *, keep: bool = False) -> None:
        """Keep a milestone as it is now, with the moment that comes next.

        `keep`: it is the same milestone, and only its clock, list or audience is another: what was planned still comes.
        """
        if milestone.paused:
            await self._store.write(unit, replace(milestone, planned=None), None)
            return
        done = spans_of(await self._store.lines.of(unit, milestone.id), milestone)
        planned = milestone.planned if keep else None
        found = await self._coming(milestone, now, done=done, planned=planned)
        await self._write(unit, milestone, found)

    async def first(self, milestone: Milestone, now: datetime) -> tuple[Milestone, datetime | None]:
        """Return a new milestone with the moment that comes first, and when."""
        found = await self._coming(milestone, now)
        return replace(milestone, planned=found[0].span if found else None), found[1] if found else None

    async def _write(self, unit: Unit, milestone: Milestone, found: tuple[Moment, datetime] | None) -> None:
        planned = found[0].span if found else None
        await self._store.write(unit, replace(milestone, planned=planned), found[1] if found else None)

    async def moved(self, member: Member) -> None:
        """Plan a member's next moments anew, for their morning may come at another instant now."""
        for row in await self._store.rows_of(member):
            await self.replan(row)
        await self._tools.outbox.nudge()

    async def regrouped(self, group: Group) -> None:
        """Plan anew what a group's zone or its own list of moments may have changed."""
        for row in await self._store.rows_in(group.channel.community):
            try:
                await self.replan(row)
            except Exception as error:  # noqa: BLE001  one bad row is left as it is, and the others are planned
                log.error("milestone not planned anew", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold a label
        await self._tools.outbox.nudge()

    async def replan(self, row: int) -> None:
        """Plan a milestone anew: what was planned still comes."""
        async with self._store.database.write() as unit:
            if milestone := await self._store.hold(unit, row):
                await self.plan(unit, milestone, self._tools.clock.now(), keep=True)

    async def coming(self, milestone: Milestone, now: datetime) -> tuple[Moment, datetime] | None:
        """Return the next moment of a milestone, and when it is celebrated: after the group's quiet hours."""
        if milestone.paused:
            return None
        done = spans_of(await self._store.celebrations(milestone.id), milestone)
        found = await self._coming(milestone, now, done=done, planned=milestone.planned)
        group = await self._group(milestone)
        return (found[0], after_hours(group, found[1])) if found and group else found

    async def _coming(
        self, milestone: Milestone, now: datetime, *, done: Sequence[Span] = (), planned: Span | None = None
    ) -> tuple[Moment, datetime] | None:
        wanted, when = await self.wanted(milestone), await self.when(milestone)
        found = coming(milestone.start, when, now, wanted, done=done, planned=planned)
        if found and found[1] <= now and (morning := when.in_the_group(now)):
            return found[0], morning  # any other hour would tell that somebody has just changed something
        return found

    # ------------------------------------------------------------ by which clock and list

    async def when(self, milestone: Milestone) -> When:
        """Return by which clock it is celebrated. Without a name it is the group's: the hour must not tell whose."""
        zone = ZoneInfo((await self._tools.directory.reader(milestone.member)).zone)
        group = await self._group(milestone) if milestone.sharing.audience is Audience.UNNAMED else None
        return When(zone, milestone.hour, ZoneInfo(group.zone) if group else None)

    async def marks(self, milestone: Milestone, span: Span) -> bool:
        """Return whether a moment is one of those that are marked."""
        return any(is_same(span, each) for each in await self.wanted(milestone))

    async def wanted(self, milestone: Milestone) -> Sequence[Span]:
        """Return which moments are marked: in a group those of its own list, if it has one."""
        group = await self._group(milestone)
        return read_spans(group.moments) if group and group.moments else milestone.sort.moments

    async def _group(self, milestone: Milestone) -> Group | None:
        return await self._tools.groups.at(milestone.channel) if milestone.channel else None


def spans_of(found: Sequence[Celebration], milestone: Milestone) -> list[Span]:
    """Return which moments of the current run were celebrated, or are about to be: they do not come again."""
    return [each.span for each in found if each.run == milestone.run.id and each.origin is not Origin.EXTRA]
