"""When duty begins and ends, and when nobody looks after the group. Pure: instants in, instants out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant

WITHOUT_END: Final = timedelta(hours=2)
"""How long duty goes on whose end nobody named."""
ASKED_BEFORE: Final = timedelta(minutes=10)
"""So long before its end the leader is asked whether they are still there."""
LEAST_TAKEN: Final = timedelta(hours=1)
"""Whoever takes over does so for an hour at least."""
_A_DAY: Final = timedelta(days=1)
Stretch: TypeAlias = tuple[datetime, datetime]
"""From when until when."""


def taken_until(now: datetime, given: datetime, own: datetime | None) -> datetime:
    """Return until when somebody is on duty who takes over what lasts until `given`; never sooner than before."""
    return max(given, now + LEAST_TAKEN, own or now)


def begins(
    planned: Stretch, due: datetime, now: datetime, back: datetime | None, until: datetime | None, *, left: bool
) -> Stretch | None:
    """Return the duty that planned hours begin or make longer; None where nothing changes.

    `due`: for when this look was meant, which is their beginning, also where nobody could look then. `back`: when the
    last break ended; `until`: when the duty ends that the leader is on. Who has `left` within these hours is not
    put back on duty by a later look.
    """
    since, end = planned
    if until:
        return (now, end) if until < end else None
    if left:
        return None
    return max(since, min(due, now), min(back or since, now)), end


def waits(planned: Stretch, away: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when planned hours begin that a break keeps waiting: with its end.

    None where the break takes them with it: it goes on to their end, or to the end of the day.
    """
    midnight = instant(away.astimezone(zone).date(), time(0), zone)
    return None if away >= planned[1] or away == midnight else away


def expected(planned: Sequence[Stretch], now: datetime, away: datetime | None, zone: ZoneInfo) -> Sequence[Stretch]:
    """Return when a leader will be on duty by their planned hours, breaks taken off."""
    found: list[Stretch] = []
    for since, until in planned:
        if away and since < away:
            begin = waits((since, until), away, zone)
            found.extend([(begin, until)] if begin else [])
        elif since > now:
            found.append((since, until))
    return found


def gaps(wanted: Sequence[Stretch], covered: Sequence[Stretch]) -> Sequence[Stretch]:
    """Return what is left of the hours that somebody should look after; both in order, and none overlaps in one."""
    left: list[Stretch] = []
    for begins_at, until in wanted:
        at = begins_at
        for since, end in covered:
            if end > at and since < until:
                left.extend([(at, since)] if since > at else [])
                at = end
        left.extend([(at, until)] if at < until else [])
    return left


def by_day(found: Sequence[Stretch], zone: ZoneInfo) -> Sequence[tuple[date, Sequence[Stretch]]]:
    """Return times by the local date on which they begin; one that goes over midnight is parted there."""
    days: dict[date, list[Stretch]] = {}
    for since, until in found:
        at = since
        while at < until:
            on = at.astimezone(zone).date()
            end = min(until, _midnight_after(on, zone))
            days.setdefault(on, []).append((at, end))
            at = end
    return list(days.items())


def _midnight_after(on: date, zone: ZoneInfo) -> datetime:
    found = None
    while found is None:
        on += _A_DAY
        found = instant(on, time(0), zone)
    return found
