"""When a group is quiet. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.community.groups import Group
from bot.core.feature import Quiet
from bot.core.recurrence import instant

_A_DAY: Final = timedelta(days=1)


def quiet_at(group: Group, at: datetime) -> Quiet | None:
    """Return a group's silence at an instant: a leader's first, then the quiet hours of its own clock.

    Quiet hours from 22:00 to 07:00 go over midnight; from 13:00 to 15:00 they lie within a day. The end is not quiet.
    An hour that comes twice is quiet both times; where the clock jumps over an end, they end with the jump.
    """
    if is_silent(group, at):
        return Quiet(group.silent_until, moves=False)
    if group.quiet_from is None or group.quiet_to is None or group.quiet_from == group.quiet_to:
        return None
    end = night_end(group.quiet_from, group.quiet_to, ZoneInfo(group.zone), at)
    return Quiet(end, group.quiet_moves) if end else None


def night_end(begins: time, ends: time, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Return when the quiet hours end that an instant falls into, by the rule of `quiet_at`; None where into none."""
    end = at
    today = at.astimezone(zone).date()
    for days in (-2, -1, 0, 1):  # after a date that the zone left out, one night follows the other without a gap
        start, until = _night(today + days * _A_DAY, begins, ends, zone)
        if start <= end < until:
            end = until
    return end if end > at else None


def is_silent(group: Group, at: datetime) -> bool:
    """Return whether a leader has silenced a group at an instant."""
    return group.silent and (group.silent_until is None or at < group.silent_until)


def is_left_out(group: Group, at: datetime) -> bool:
    """Return whether what is due at an instant is not sent at all, because the group is quiet then."""
    quiet = quiet_at(group, at)
    return quiet is not None and not quiet.moves


def moved(group: Group, at: datetime) -> datetime:
    """Return when something due at an instant is sent, after the quiet hours it may fall into have moved it."""
    quiet = quiet_at(group, at)
    return quiet.until if quiet and quiet.until and quiet.moves else at


def after_hours(group: Group, at: datetime) -> datetime:
    """Return when something that is never left out is sent: at the end of the quiet hours of an instant."""
    hours = quiet_at(replace(group, silent=False), at)
    return hours.until if hours and hours.until else at


def _night(on: date, begins: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the quiet hours that begin on a local date: from the first time the clock shows it, to the last."""
    last = on if begins < ends else on + _A_DAY
    again = datetime.combine(last, ends.replace(fold=1), tzinfo=zone).astimezone(UTC)
    until = reached(last, ends, zone)
    twice = again > until and again.astimezone(zone).replace(tzinfo=None, fold=0) == datetime.combine(last, ends)
    return reached(on, begins, zone), again if twice else until


def reached(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when the clock has reached a wall time; a date that the zone left out, with the beginning of the next."""
    found = instant(on, at, zone)
    while found is None:
        on += _A_DAY
        found = instant(on, time(0), zone)
    return found
