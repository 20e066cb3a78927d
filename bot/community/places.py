"""Where groups meet, as the scheduler asks for it."""

from __future__ import annotations

from datetime import datetime

from bot.community.groups import Groups
from bot.community.quiet import moved
from bot.delivery.scheduler import Venue
from bot.storage.database import Unit


class GroupPlaces:
    """Implements the scheduler's `Places` over the rows of `groups`."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups

    async def venue(self, unit: Unit, group: int, at: datetime) -> Venue:
        """Return where a group meets, and when something due at an instant is sent there."""
        found = await self._groups.within(unit, group)
        return Venue(found.channel, moved(found, at))
