"""When a leader may be written to without having asked for it. Pure.

One such message a day at most, reminders of breaks aside; by day, on their own clock; outside their quiet hours, and
not during a break.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.quiet import night_end, reached

DAY_BEGINS: Final = time(9)
DAY_ENDS: Final = time(20)
_A_DAY: Final = timedelta(days=1)
_LOOKS: Final = 12
_NIGHT: Final = re.compile(r"(\d{1,2}):(\d{2}) ?(?:-|\u2013|to) ?(\d{1,2}):(\d{2})", re.ASCII)
Night: TypeAlias = tuple[time, time]
"""From when to when it is quiet, on a clock on the wall."""


def read_night(text: str) -> Night:
    """Return quiet hours such as `22:00-07:00`. Raises `ValueError`: `unreadable`, `time` or `equal`."""
    found = _NIGHT.fullmatch(text.casefold().strip())
    if not found:
        raise ValueError("unreadable")
    try:
        begins, ends = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        raise ValueError("time") from None
    if begins == ends:
        raise ValueError("equal")
    return begins, ends


def quiet_until(leader: Leader, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the leader's own quiet hours end that an instant falls into; None where it falls into none."""
    return night_end(*read_night(leader.own.quiet), zone, at) if leader.own.quiet else None


def may_write(leader: Leader, now: datetime, zone: ZoneInfo, *, by_day: bool = True) -> datetime | None:
    """Return when a leader may next be written to unasked: now, or later; None when there is no such time.

    Without `by_day` the evening will do too: what is to be said is about something that has just happened.
    """
    at = now
    for _ in range(_LOOKS):
        later = _later(leader, at, zone, by_day=by_day)
        if later is None:
            return at
        at = later
    return None


def _later(leader: Leader, at: datetime, zone: ZoneInfo, *, by_day: bool) -> datetime | None:
    """Return until when an instant must be put off at the least; None when it need not be."""
    if away := leader.away(at):
        return away
    today = at.astimezone(zone).date()
    if by_day and at < (morning := reached(today, DAY_BEGINS, zone)):
        return morning
    written = leader.written_at and leader.written_at.astimezone(zone).date() >= today
    if written or (by_day and at >= reached(today, DAY_ENDS, zone)):
        return reached(today + _A_DAY, DAY_BEGINS, zone)
    return quiet_until(leader, at, zone)
