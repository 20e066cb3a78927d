"""Who leads, and by which clock."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.tools import Tools
from bot.core.commands import Call, Refusal

FEATURE: Final = "duty"


async def leading(tools: Tools, call: Call) -> Leader:
    """Return the leader who asks. Raises `Refusal` for everybody else."""
    leader = await tools.leaders.find(call.member)
    if leader is None or not leader.accepted:
        raise Refusal("duty.not_a_leader")
    return leader


async def zone_of(tools: Tools, leader: Leader) -> ZoneInfo:
    """Return the zone of a leader's own clock."""
    return ZoneInfo((await tools.directory.reader(leader.member)).zone)
