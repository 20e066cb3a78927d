"""What became of the times of schedules, and who was told of those that were missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from bot.community.tables import communities, groups
from bot.core.port import Community, Reason
from bot.delivery.letters import State
from bot.delivery.scheduler import Fate
from bot.delivery.tables import deliveries, occurrences, schedules
from bot.features.schedules.occasions import is_post, with_deliveries
from bot.storage.database import Database, Unit
from bot.storage.tables import new_id

_UNTOLD: Final = (occurrences.c.state == Fate.MISSED, occurrences.c.told.is_(None))
_FIRST_UNTOLD: Final = select(occurrences.c.id).where(*_UNTOLD).limit(1)
"""Drawn once: it is asked at every tick."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an occurrence. `state` is a `State`, or a `Fate` when there was no delivery."""

    at: datetime
    state: str
    reason: str


class Results:
    """The rows of `occurrences` and their deliveries, once they are settled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_result(self, schedule: int, now: datetime) -> Result | None:
        """Return what became of the newest time of a schedule that is settled."""
        joined = occurrences.outerjoin(deliveries, (deliveries.c.subject == occurrences.c.id) & is_post())
        settled = occurrences.c.state.in_((Fate.SKIPPED, Fate.MISSED)) | deliveries.c.settled_at.is_not(None)
        query = select(occurrences.c.due_at, occurrences.c.state, deliveries.c.state.label("went"), deliveries.c.reason)
        query = query.select_from(joined).where(
            occurrences.c.schedule_id == schedule, occurrences.c.due_at <= now, settled
        )
        async with self._database.read() as unit:
            row = await unit.all(query.order_by(occurrences.c.due_at.desc()).limit(1))
        return Result(row[0].due_at, row[0].went or row[0].state, row[0].reason or "") if row else None

    async def last_failure(self, group: int) -> Result | None:
        """Return the newest post of a group that did not arrive, or may not have, for a reason that is known."""
        bad = (schedules.c.group_id == group, deliveries.c.reason.in_(list(Reason)))
        ended = deliveries.c.state.in_((State.REFUSED, State.EXPIRED, State.UNKNOWN))
        query = select(occurrences.c.due_at, deliveries.c.state, deliveries.c.reason).select_from(with_deliveries())
        async with self._database.read() as unit:
            found = await unit.all(query.where(*bad, ended, is_post()).order_by(occurrences.c.due_at.desc()).limit(1))
        return Result(found[0].due_at, found[0].state, found[0].reason) if found else None

    async def is_missed(self) -> bool:
        """Return whether anything was missed that nobody was told of."""
        async with self._database.read() as unit:
            return await unit.scalar(_FIRST_UNTOLD) is not None

    async def with_missed(self) -> Sequence[Community]:
        """Return the communities in which something was missed that nobody was told of."""
        joined = occurrences.join(schedules).join(groups).join(communities)
        places = select(communities.c.platform, communities.c.external_id).select_from(joined).where(*_UNTOLD)
        async with self._database.read() as unit:
            return [Community(row.platform, row.external_id) for row in await unit.all(places.distinct())]

    async def mark_told(self, unit: Unit, community: Community) -> int | None:
        """Mark what was missed in a community as told, and return under which number; None when it is told already."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        ours = select(schedules.c.id).select_from(schedules.join(groups).join(communities)).where(*here)
        number = new_id()
        changed = update(occurrences).where(*_UNTOLD, occurrences.c.schedule_id.in_(ours)).values(told=number)
        return number if (await unit.execute(changed.returning(occurrences.c.id))).first() else None

    async def told(self, number: int) -> Mapping[int, int]:
        """Return how many times of each schedule were missed, of those that were told under a number."""
        query = select(occurrences.c.schedule_id, func.count().label("times")).where(occurrences.c.told == number)
        async with self._database.read() as unit:
            rows = await unit.all(query.group_by(occurrences.c.schedule_id))
        return {row.schedule_id: row.times for row in rows}
