"""Who leads, by which clock, and whether they may be asked for something now."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.tact import quiet_until
from bot.community.tools import Tools
from bot.core.commands import Call, Refusal


async def leading(tools: Tools, call: Call, refusal: str) -> Leader:
    """Return the leader who asks. Raises `Refusal` with a sentence for everybody else."""
    leader = await tools.leaders.find(call.member)
    if leader is None or not leader.accepted:
        raise Refusal(refusal)
    return leader


async def zone_of(tools: Tools, leader: Leader) -> ZoneInfo:
    """Return the zone of a leader's own clock."""
    return ZoneInfo((await tools.directory.reader(leader.member)).zone)


async def is_reachable(tools: Tools, leader: Leader, now: datetime) -> bool:
    """Return whether a leader may be asked: not on a break, and in their own quiet hours only while on duty."""
    if not leader.accepted or not leader.direct or leader.away(now):
        return False
    if await tools.roster.current(leader.id, now):
        return True
    return quiet_until(leader, now, await zone_of(tools, leader)) is None
