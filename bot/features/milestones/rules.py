"""Which moments a milestone has, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.recurrence import add_months, instant

MORNING: Final = time(9, 0)
"""Celebrations come in the owner's morning."""
_DAYS: Final = (1, 7, 30, 60, 90)
_MONTHS: Final = (6, 9, 12, 18)
_YEARS: Final = 100
_EARLIEST: Final = date(1930, 1, 1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment worth marking: `count` of a `unit` ("day", "week", "month", "year") since the start."""

    unit: str
    count: int
    on: date

    @property
    def id(self) -> str:
        """Return its name, such as "day-30"."""
        return f"{self.unit}-{self.count}"


def moments(start: date) -> Iterator[Moment]:
    """Yield the moments of a start date in order: 24 hours, a week, 30, 60, 90 days, 6, 9, 12, 18 months, then years.

    Months and years are those of the calendar: 29 February is marked on the 28th in other years.
    """
    for days in _DAYS:
        unit, count = ("week", 1) if days == 7 else ("day", days)  # noqa: PLR2004  seven days are a week
        yield Moment(unit, count, start + timedelta(days=days))
    for months in _MONTHS:
        unit, count = ("year", 1) if months == 12 else ("month", months)  # noqa: PLR2004  twelve months are a year
        yield Moment(unit, count, add_months(start, months))
    for years in range(2, _YEARS + 1):
        yield Moment("year", years, add_months(start, 12 * years))


def celebrated_at(moment: Moment, zone: ZoneInfo) -> datetime:
    """Return when a moment is celebrated: in the owner's morning, at the next full hour of UTC.

    Rounded so that the stored instant tells nothing beyond the hour.
    """
    day = moment.on
    at = instant(day, MORNING, zone)
    while at is None:  # a date that the zone skipped: its morning is the next day's
        day += timedelta(days=1)
        at = instant(day, MORNING, zone)
    full = at.replace(minute=0, second=0, microsecond=0)
    return full if full == at else full + timedelta(hours=1)


def next_moment(start: date, zone: ZoneInfo, after: datetime) -> tuple[Moment, datetime] | None:
    """Return the first moment that is celebrated after an instant, and when. What has passed is never made up."""
    for moment in moments(start):
        at = celebrated_at(moment, zone)
        if at > after:
            return moment, at
    return None


def moment_near(start: date, zone: ZoneInfo, at: datetime, reach: timedelta) -> Moment | None:
    """Return the moment that is celebrated within reach of an instant, whichever zone it was planned in."""
    return next((moment for moment in moments(start) if abs(celebrated_at(moment, zone) - at) <= reach), None)


def days_since(start: date, today: date) -> int:
    """Return the whole days from a start to today, both in the owner's zone."""
    return (today - start).days


def start_problem(start: date, today: date) -> str | None:
    """Return what is wrong with a start date, as the key of a sentence."""
    if start > today:
        return "milestones.date_future"
    return "milestones.date_early" if start < _EARLIEST else None
