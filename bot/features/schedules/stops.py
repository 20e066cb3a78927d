"""Schedules that the platform refuses: they keep their place, and go on by themselves once the fix works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update

from bot.core.port import Access, Reason
from bot.delivery.outbox import Outbox
from bot.delivery.scheduler import FEATURE, MAY_HAVE_MOVED
from bot.delivery.tables import occurrences, schedules
from bot.storage.database import Database, Unit

STOPPING: Final = frozenset({Reason.FORBIDDEN, Reason.GONE, Reason.ARCHIVED, Reason.CLOSED})
"""Refusals that somebody in the community can mend."""
MOST_REFUSALS: Final = 3
"""Posts refused in a row, though access looked fine each time; then only a leader can have it go on."""
FIRST_LOOKS: Final = timedelta(minutes=5)
LATER_LOOKS: Final = timedelta(hours=1)
FIRST_HOURS: Final = timedelta(hours=3)
FIRST_DAYS: Final = timedelta(days=7)
LAST_LOOKS: Final = timedelta(days=1)

_NEXT: Final = select(func.min(schedules.c.probe_at)).where(~schedules.c.removed)
"""Drawn once: it is asked at every tick."""


class Stops:
    """What stopped schedules, since when, and when we ask the platform again."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def stop(self, unit: Unit, schedule: int, reason: str, now: datetime) -> bool:
        """Have a schedule try nothing more until access is fine. Returns True when only a leader can have it go on."""
        row = (await unit.execute(select(schedules).where(schedules.c.id == schedule).with_for_update())).one()
        refusals = row.refusals + 1
        for_good = reason not in STOPPING or refusals >= MOST_REFUSALS
        values = {
            "stuck": reason,
            "stuck_since": row.stuck_since or now,
            "refusals": refusals,
            "probe_at": None if for_good else now + FIRST_LOOKS,
        }
        await unit.execute(update(schedules).where(schedules.c.id == schedule).values(values))
        return for_good

    async def due(self, now: datetime) -> Sequence[int]:
        """Return the stopped schedules for which the platform is to be asked."""
        async with self._database.read() as unit:
            rows = await unit.all(select(schedules.c.id).where(schedules.c.probe_at <= now, ~schedules.c.removed))
        return [row.id for row in rows]

    async def next_at(self) -> datetime | None:
        """Return when the platform is asked next."""
        async with self._database.read() as unit:
            return await unit.scalar(_NEXT)

    async def wait(self, schedule: int, now: datetime) -> None:
        """Ask again later: often in the first hours, when somebody may be mending it, then hourly, then daily."""
        async with self._database.write() as unit:
            since = await unit.scalar(select(schedules.c.stuck_since).where(schedules.c.id == schedule))
            stopped = now - since if since else FIRST_HOURS
            wait = FIRST_LOOKS if stopped < FIRST_HOURS else LATER_LOOKS if stopped < FIRST_DAYS else LAST_LOOKS
            still = (schedules.c.id == schedule) & schedules.c.stuck.is_not(None)
            await unit.execute(update(schedules).where(still).values(probe_at=now + wait))

    async def go_on(self, schedule: int, now: datetime) -> None:
        """Let a schedule go on; what was refused and is still within its grace is sent after all."""
        recent = (occurrences.c.schedule_id == schedule, occurrences.c.due_at > now - MAY_HAVE_MOVED)
        async with self._database.write() as unit:
            values = {"stuck": None, "stuck_since": None, "probe_at": None}
            await unit.execute(update(schedules).where(schedules.c.id == schedule).values(values))
            rows = (await unit.execute(select(occurrences.c.id).where(*recent))).all()
            await self._outbox.revive(unit, FEATURE, [row.id for row in rows], now)

    async def sent(self, schedule: int) -> None:
        """Note that a post arrived: refusals are counted anew."""
        refused = (schedules.c.id == schedule) & ((schedules.c.refusals > 0) | schedules.c.stuck.is_not(None))
        async with self._database.read() as unit:
            if not await unit.scalar(select(func.count()).select_from(schedules).where(refused)):
                return
        async with self._database.write() as unit:
            values = {"refusals": 0, "stuck": None, "stuck_since": None, "probe_at": None}
            await unit.execute(update(schedules).where(refused).values(values))


def is_fine(access: Access) -> bool:
    """Return whether a schedule can be posted with what we may do. A thread that cannot be opened stops no post."""
    return access.see and access.post
