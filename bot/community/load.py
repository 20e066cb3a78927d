"""What a leader has carried lately, counted from what they do with the bot and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.community.hours import Stretch, merged
from bot.community.quiet import reached
from bot.core.recurrence import instant

WEEK: Final = timedelta(days=7)
LATE: Final = time(22)
"""From then on it is late in a leader's own evening, until `EARLY`."""
EARLY: Final = time(5)
REMEMBERED: Final = timedelta(days=35)
"""Days in a row are counted no further back."""
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Load:
    """What is counted, all of it: of the last seven days, and how many days in a row go up to now.

    `late` counts evenings with duty after 22:00 on the leader's clock.
    """

    on_duty: timedelta
    days: int
    late: int
    taken: int
    answered: int


def load_of(stretches: Sequence[Stretch], taken: int, answered: int, now: datetime, zone: ZoneInfo) -> Load:
    """Return the load from times on duty of the last weeks, breaks not among them, and from two counts."""
    had = [(since, min(until, now)) for since, until in merged(stretches) if since < now]
    lately = [(max(since, now - WEEK), until) for since, until in had if until > now - WEEK]
    spent = sum((until - since for since, until in lately), timedelta())
    return Load(spent, days_in_row(stretches, now, zone), _evenings(lately, zone), taken, answered)


def days_in_row(stretches: Sequence[Stretch], now: datetime, zone: ZoneInfo) -> int:
    """Return on how many local days in a row somebody was on duty, up to today; if not today, up to yesterday."""
    days: set[date] = set()
    for since, until in stretches:
        if since < until and since <= now:
            last = (min(until, now) - timedelta(microseconds=1)).astimezone(zone).date()
            on = since.astimezone(zone).date()
            while on <= last:
                days.add(on)
                on += _A_DAY
            days.add(since.astimezone(zone).date())
    today = now.astimezone(zone).date()
    day, count = (today if today in days else _before(today, zone)), 0
    while day in days:
        count += 1
        day = _before(day, zone)
    return count


def _evenings(stretches: Sequence[Stretch], zone: ZoneInfo) -> int:
    late: set[date] = set()
    for since, until in stretches:
        on = since.astimezone(zone).date() - _A_DAY
        while on <= until.astimezone(zone).date():
            if since < reached(on + _A_DAY, EARLY, zone) and until > reached(on, LATE, zone):
                late.add(_before(on + _A_DAY, zone))
            on += _A_DAY
    return len(late)


def _before(day: date, zone: ZoneInfo) -> date:
    """Return the local date before another: not one that the zone left out."""
    day -= _A_DAY
    return day if instant(day, time(0), zone) else day - _A_DAY
