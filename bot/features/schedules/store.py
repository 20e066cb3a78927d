"""The rows of `schedules`, as leaders change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row, func, select, update

from bot.community.groups import Group
from bot.community.tables import communities, groups
from bot.core.faults import where
from bot.core.port import Community, Member, Ping
from bot.core.recurrence import read_rule
from bot.delivery.plans import Plan, read_plan
from bot.delivery.tables import schedules
from bot.features.schedules.drafts import Draft, Schedule
from bot.storage.database import Database, Unit
from bot.storage.members import index_member
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

log = structlog.get_logger(__name__)

TABLE: Final = "schedules"
MOST_TRIES: Final = 5


class AlreadyPlannedError(Exception):
    """The same is planned already."""


class ScheduleStore:
    """Adds, finds and changes schedules. Implements `PersonalData`: of members it keeps who made a schedule."""

    tables: Sequence[str] = (TABLE, "occurrences")

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

    # ------------------------------------------------------------ finding

    async def all(self, community: Community) -> Sequence[Schedule]:
        """Return the schedules of a community, oldest first."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        joined = schedules.join(groups).join(communities)
        query = select(schedules).select_from(joined).where(*here, ~schedules.c.removed)
        return await self._read(query.order_by(schedules.c.made_at, schedules.c.id))

    async def in_group(self, group: int) -> Sequence[Schedule]:
        """Return the schedules of a group, oldest first."""
        query = select(schedules).where(schedules.c.group_id == group, ~schedules.c.removed)
        return await self._read(query.order_by(schedules.c.made_at, schedules.c.id))

    async def get(self, schedule: int) -> Schedule | None:
        """Return a schedule by a row id of ours, a removed one too."""
        found = await self._read(select(schedules).where(schedules.c.id == schedule))
        return found[0] if found else None

    async def astray(self) -> Sequence[int]:
        """Return the groups that have schedules on another clock than their own."""
        joined = schedules.join(groups)
        query = select(groups.c.id).select_from(joined).where(schedules.c.zone != groups.c.zone, ~schedules.c.removed)
        async with self._database.read() as unit:
            return [row.id for row in await unit.all(query.distinct())]

    async def _read(self, query: Any) -> Sequence[Schedule]:
        async with self._database.read() as unit:
            rows = await unit.all(query)
        found: list[Schedule] = []
        for row in rows:
            try:
                found.append(self._schedule(row))
            except Exception as error:  # noqa: BLE001  one row that cannot be read must not hide the others
                log.error("schedule not read", schedule=row.id, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold a group's text
        return found

    # ------------------------------------------------------------ changing

    async def add(self, group: Group, draft: Draft, creator: Member, now: datetime) -> Schedule | None:
        """Add a schedule on the group's clock; None when it would never post."""
        async with self._database.write() as unit:
            row = await self.add_in(unit, group, draft, creator, now)
        return await self.get(row) if row else None

    async def add_in(self, unit: Unit, group: Group, draft: Draft, creator: Member, now: datetime) -> int | None:
        """Add a schedule within a unit of work, as one of several. Returns its row; None when it would never post.

        Raises `AlreadyPlannedError` for one that there is, however fast a button is pressed twice.
        """
        row = new_id()
        due = Plan(draft.rule, ZoneInfo(group.zone), draft.starts_on, now, draft.until).after(now)
        if due is None:
            return None
        await unit.execute(select(groups.c.id).where(groups.c.id == group.id).with_for_update())
        for other in await unit.all(select(schedules).where(schedules.c.group_id == group.id, ~schedules.c.removed)):
            if (
                other.what == draft.what
                and other.rule == str(draft.rule)
                and self._schedule(other).draft.is_like(draft)
            ):
                raise AlreadyPlannedError
        owner = [creator.community.platform, creator.community.id, creator.id]
        newest = await unit.scalar(select(func.max(schedules.c.made_at)).where(schedules.c.group_id == group.id))
        values = {
            "id": row,
            "group_id": group.id,
            "zone": group.zone,
            "paused": False,
            "removed": False,
            "from_at": now,
            "next_at": due.at,
            "made_at": max(now, newest + timedelta(microseconds=1)) if newest else now,
            "version": 1,
            "refusals": 0,
            "creator": self._sealing.seal_json(owner, "schedules.creator", row),
            "creator_index": index_member(self._sealing, TABLE, creator),
            **self._columns(row, draft),
        }
        await unit.execute(schedules.insert().values(values))
        return row

    async def change(self, schedule: Schedule, group: Group, draft: Draft, now: datetime) -> bool:
        """Change a schedule, unless somebody else did since it was read. What was due before now is never made up."""
        before = (schedule.draft.rule, schedule.draft.starts_on, schedule.zone)
        moved = (draft.rule, draft.starts_on, group.zone) != before
        from_at = max(now, schedule.plan.from_at) if moved else schedule.plan.from_at
        plan = Plan(draft.rule, ZoneInfo(group.zone), draft.starts_on, from_at, draft.until)
        next_at = _next_at(plan, now)
        if schedule.next_at is not None and schedule.next_at <= now:  # due already, and not made yet: it is not lost
            from_at = min(from_at, schedule.next_at)
            next_at = _next_at(replace(plan, from_at=from_at), from_at)
        values = {
            "group_id": group.id,
            "zone": group.zone,
            "from_at": from_at,
            "next_at": None if schedule.paused else next_at,
            **self._columns(schedule.id, draft),
            **_MENDED,
        }
        return await self._change(schedule, values)

    async def pause(self, schedule: Schedule, until: datetime | None, now: datetime) -> bool:
        """Have nothing posted until it is resumed, or until an instant."""
        if until is None:
            return await self._change(schedule, {"paused": True, "paused_until": None, "next_at": None})
        values = {"paused": False, "paused_until": until, "from_at": until}
        return await self._change(schedule, {**values, "next_at": _next_at(replace(schedule.plan, from_at=until), now)})

    async def resume(self, schedule: Schedule, now: datetime) -> bool:
        """Go on with the next occurrence from now; what passed in the pause is not made up."""
        if not schedule.is_paused(now):
            return await self._change(schedule, _MENDED)
        values = {"paused": False, "paused_until": None, "from_at": now, **_MENDED}
        return await self._change(schedule, {**values, "next_at": _next_at(replace(schedule.plan, from_at=now), now)})

    async def remove(self, schedule: Schedule, now: datetime) -> bool:
        """End a schedule. For a day it can be brought back."""
        return await self._change(schedule, {"removed": True, "removed_at": now, "next_at": None, **_MENDED})

    async def restore(self, schedule: Schedule, now: datetime) -> bool:
        """Bring an ended schedule back as it was, paused or not; what was due meanwhile is not made up."""
        plan = replace(schedule.plan, from_at=max(now, schedule.plan.from_at))
        next_at = None if schedule.paused else _next_at(plan, now)
        values = {"removed": False, "removed_at": None, "from_at": plan.from_at, "next_at": next_at}
        return await self._change(schedule, values)

    async def replan(self, schedule: Schedule, now: datetime) -> None:
        """Look again when one that has ended comes next: a post that counted was not seen by anybody."""
        if schedule.paused or schedule.removed_at:
            return
        ended = (schedules.c.id == schedule.id) & schedules.c.next_at.is_(None)
        async with self._database.write() as unit:
            await unit.execute(update(schedules).where(ended).values(next_at=_next_at(schedule.plan, now)))

    async def follow(self, group: Group, now: datetime) -> None:
        """Have the schedules of a group follow its clock: each local date and slot still comes once at most."""
        for _ in range(MOST_TRIES):  # a leader may be changing one at this very moment
            astray = [each for each in await self.in_group(group.id) if each.zone != group.zone]
            for schedule in astray:
                await self.change(schedule, group, schedule.draft, now)
            if not astray:
                return

    async def forget_texts(self, before: datetime) -> None:
        """Forget the words of schedules that ended before an instant: nobody can bring them back any more."""
        gone = schedules.c.removed & (schedules.c.removed_at < before) & schedules.c.own_text.is_not(None)
        async with self._database.write() as unit:
            await unit.execute(update(schedules).where(gone).values(own_text=None))

    async def _change(self, schedule: Schedule, values: Mapping[str, Any]) -> bool:
        same = (schedules.c.id == schedule.id) & (schedules.c.version == schedule.version)
        changed = update(schedules).where(same).values(**values, version=schedule.version + 1)
        async with self._database.write() as unit:
            return (await unit.execute(changed.returning(schedules.c.id))).first() is not None

    # ------------------------------------------------------------ who made it

    async def creator(self, schedule: int) -> Member | None:
        """Return who made a schedule, unless that was erased."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(schedules.c.id, schedules.c.creator).where(schedules.c.id == schedule))
        if row is None or row.creator is None:
            return None
        platform, community, person = self._sealing.open_json(row.creator, "schedules.creator", row.id)
        return Member(Community(platform, community), person)

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return which schedules the member made."""
        made = select(schedules).where(schedules.c.creator_index == index_member(self._sealing, TABLE, member))
        async with self._database.read() as unit:
            rows = await unit.all(made)
        return {"schedules_you_made": [{"post": row.what, "rule": row.rule} for row in rows]} if rows else {}

    async def erase(self, member: Member) -> None:
        """Forget who made the member's schedules. The schedules belong to the group and go on."""
        mine = schedules.c.creator_index == index_member(self._sealing, TABLE, member)
        async with self._database.write() as unit:
            await unit.execute(update(schedules).where(mine).values(creator=None, creator_index=None))

    # ------------------------------------------------------------ rows

    def _columns(self, row: int, draft: Draft) -> dict[str, Any]:
        return {
            "what": draft.what,
            "own_text": self._sealing.seal_json(draft.text, "schedules.own_text", row) if draft.text else None,
            "rule": str(draft.rule),
            "starts_on": draft.starts_on,
            "until": draft.until,
            "times": draft.times,
            "ping": draft.ping.value,
            "thread": draft.thread,
            "pin": draft.pin,
            "grace_minutes": draft.grace,
        }

    def _schedule(self, row: Row[Any]) -> Schedule:
        text = self._sealing.open_json(row.own_text, "schedules.own_text", row.id) if row.own_text else ""
        draft = Draft(
            row.what, read_rule(row.rule), row.starts_on, text, row.until, row.times,
            Ping(row.ping), row.thread, row.pin, row.grace_minutes,
        )  # fmt: skip
        return Schedule(
            row.id, row.group_id, draft, row.zone, read_plan(row), row.paused, row.paused_until, row.removed_at,
            row.version, row.stuck or "", row.probe_at, row.next_at,
        )  # fmt: skip


_MENDED: Final = {"stuck": None, "stuck_since": None, "probe_at": None, "refusals": 0}
"""A leader has looked after it: it is tried again."""


def _next_at(plan: Plan, now: datetime) -> datetime | None:
    """Return when a plan comes next. What is due at this very instant may not have been made yet: it still comes."""
    due = next(plan.since(max(now, plan.from_at)), None)
    return due.at if due else None
