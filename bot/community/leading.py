"""Who leads, by which clock, and whether they may be asked for something now."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.quiet import reached
from bot.community.tact import DAY_BEGINS, quiet_until
from bot.community.tools import Tools
from bot.core.commands import Call, Refusal
from bot.core.port import Member


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


async def rests_until(tools: Tools, member: Member, now: datetime) -> datetime | None:
    """Return until when nothing comes to somebody as a leader: the end of their break.

    Where that is midnight, for they took the rest of the day, it is the morning after it. None when they are on none.
    """
    leader = await tools.leaders.find(member)
    until = leader.away(now) if leader else None
    if leader is None or until is None:
        return None
    zone = await zone_of(tools, leader)
    local = until.astimezone(zone)
    if local.time() != time.min:
        return until
    morning = reached(local.date(), DAY_BEGINS, zone)
    return quiet_until(leader, morning, zone) or morning
