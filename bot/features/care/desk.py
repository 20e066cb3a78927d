"""What every part of `care` needs: who asks, how somebody is written to, and when they are left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.leading import leading, zone_of
from bot.community.tact import may_write, quiet_until
from bot.community.tools import Tools
from bot.core.commands import Call
from bot.core.port import Address
from bot.delivery.letters import Letter
from bot.storage.database import Unit

FEATURE: Final = "care"
NEVER: Final = timedelta(days=366)


class Desk:
    """Finds leaders, and writes to them."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.words = tools.words

    async def leader(self, call: Call) -> Leader:
        """Return the leader who asks. Raises `Refusal` for whoever leads no group."""
        return await leading(self.tools, call, "care.not_a_leader")

    async def other(self, leader: int, to: Address | None = None) -> Leader | None:
        """Return a leader who may be written to; with an address only if it is still theirs."""
        found = await self.tools.leaders.get(leader)
        if found is None or not found.accepted or not found.direct:
            return None
        return found if to in {None, found.member} else None

    async def zone(self, leader: Leader) -> ZoneInfo:
        """Return the zone of a leader's own clock."""
        return await zone_of(self.tools, leader)

    async def alone_until(self, leader: Leader, now: datetime) -> datetime | None:
        """Return until when a leader is left alone: by a break, or by their own quiet hours; None when they are not."""
        return leader.away(now) or quiet_until(leader, now, await self.zone(leader))

    async def unwelcome_until(self, leader: Leader, now: datetime, *, by_day: bool = True) -> datetime | None:
        """Return until when something unasked that is on its way has to wait; None when it may arrive now.

        What was written to them since it was put in does not count: that is this very letter.
        """
        found = may_write(replace(leader, written_at=None), now, await self.zone(leader), by_day=by_day)
        return None if found == now else found or now + NEVER

    async def wrote(self, leader: int, now: datetime) -> None:
        """Remember when something unasked has arrived, which may be another day than that on which it was put in."""
        async with self.tools.database.write() as unit:
            await self.tools.leaders.wrote(unit, leader, now)

    async def put(
        self, unit: Unit, name: tuple[str, ...], subject: int, to: Leader, now: datetime, *, lasts: timedelta
    ) -> None:
        """Have a leader written to. The first part of the name is the kind."""
        letter = Letter(name, FEATURE, name[0], subject, to.member, now, now + lasts)
        await self.tools.outbox.put(unit, letter)
