"""The rows of `schedules`, as leaders change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, update

from bot.community.groups import Group
from bot.community.tables import communities, groups
from bot.core.port import Community, Member
from bot.core.recurrence import Due, Rule, next_due, read_rule, upcoming
from bot.delivery.scheduler import DEFAULT_GRACE, turns
from bot.delivery.tables import occurrences, schedules
from bot.storage.database import Database
from bot.storage.members import index_member
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

TABLE: Final = "schedules"
LOOKS_AHEAD: Final = 366
"""Posts of another schedule that a preview counts: a year of them, should one come every day."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is posted, where and when."""

    id: int
    group: int
    what: str
    rule: Rule
    zone: str
    starts_on: date
    paused: bool
    removed: bool

    def coming(self, after: datetime, count: int) -> Sequence[Due]:
        """Return the next occurrences after an instant."""
        return upcoming(self.rule, ZoneInfo(self.zone), self.starts_on, after, count)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a schedule. `turn` counts the group's posts of the same kind before it."""

    id: int
    schedule: int
    turn: int


class ScheduleStore:
    """Adds, finds and changes schedules. Implements `PersonalData`: of members it keeps who made a schedule."""

    tables: Sequence[str] = (TABLE, "occurrences")

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

    async def add(self, group: Group, what: str, rule: Rule, creator: Member, now: datetime) -> Schedule | None:
        """Add a schedule that starts today, on the group's clock; None when it would never post."""
        row, zone = new_id(), ZoneInfo(group.zone)
        starts_on = now.astimezone(zone).date()
        due = next_due(rule, zone, starts_on, now)
        if due is None:
            return None
        values = {
            "id": row,
            "group_id": group.id,
            "what": what,
            "rule": str(rule),
            "zone": group.zone,
            "starts_on": starts_on,
            "grace_minutes": int(DEFAULT_GRACE.total_seconds() // 60),
            "paused": False,
            "removed": False,
            "next_at": due.at,
            "creator": self._sealing.seal_json(
                [creator.community.platform, creator.community.id, creator.id], "schedules.creator", row
            ),
            "creator_index": index_member(self._sealing, TABLE, creator),
        }
        async with self._database.write() as unit:
            await unit.execute(schedules.insert().values(values))
        return Schedule(row, group.id, what, rule, group.zone, starts_on, paused=False, removed=False)

    async def all(self, community: Community) -> Sequence[Schedule]:
        """Return the schedules of a community, oldest first."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        joined = schedules.join(groups).join(communities)
        query = select(schedules).select_from(joined).where(*here, ~schedules.c.removed)
        async with self._database.read() as unit:
            rows = await unit.all(query.order_by(schedules.c.starts_on, schedules.c.id))
        return [_schedule(row) for row in rows]

    async def get(self, schedule: int) -> Schedule | None:
        """Return a schedule by a row id of ours."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(schedules).where(schedules.c.id == schedule))
        return _schedule(row) if row else None

    async def occurrence(self, occurrence: int) -> Occurrence | None:
        """Return an occurrence by a row id of ours."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(occurrences).where(occurrences.c.id == occurrence))
        return Occurrence(row.id, row.schedule_id, row.turn) if row else None

    async def next_turn(self, schedule: Schedule, now: datetime) -> int:
        """Return which turn the next post of a schedule will be: the group's posts of its kind until then count."""
        same = (schedules.c.group_id == schedule.group, schedules.c.what == schedule.what)
        others = select(schedules).where(*same, schedules.c.next_at.is_not(None), schedules.c.id != schedule.id)
        async with self._database.read() as unit:
            had = await turns(unit, schedule.group, schedule.what)
            rows = await unit.all(others)
        coming = schedule.coming(now, 1)
        if schedule.paused or not coming:
            return had
        until = (coming[0].at, schedule.id)
        return had + sum((due.at, row.id) < until for row in rows for due in _schedule(row).coming(now, LOOKS_AHEAD))

    async def pause(self, schedule: Schedule) -> None:
        """Have nothing posted until it is resumed."""
        await self._change(schedule, paused=True, next_at=None)

    async def resume(self, schedule: Schedule, now: datetime) -> None:
        """Go on with the next occurrence from now; what passed in the pause is not made up."""
        due = next_due(schedule.rule, ZoneInfo(schedule.zone), schedule.starts_on, now)
        await self._change(schedule, paused=False, next_at=due.at if due else None)

    async def remove(self, schedule: Schedule) -> None:
        """End a schedule."""
        await self._change(schedule, removed=True, next_at=None)

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

    async def _change(self, schedule: Schedule, **values: Any) -> None:
        async with self._database.write() as unit:
            await unit.execute(update(schedules).where(schedules.c.id == schedule.id).values(**values))


def _schedule(row: Row[Any]) -> Schedule:
    rule = read_rule(row.rule)
    return Schedule(row.id, row.group_id, row.what, rule, row.zone, row.starts_on, row.paused, row.removed)
