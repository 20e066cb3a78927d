"""Which moments a milestone has, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.recurrence import add_months, instant

MORNING: Final = time(9, 0)
"""Celebrations come in the owner's morning."""
_EARLIEST: Final = date(1930, 1, 1)

USUAL: Final[Sequence[tuple[str, int]]] = (
    ("day", 1),
    ("week", 1),
    *(("day", days) for days in (30, 60, 90)),
    *(("month", months) for months in (6, 9)),
    ("year", 1),
    ("month", 18),
    *(("year", years) for years in range(2, 101)),
)
"""What is marked where nobody chose otherwise: 24 hours, a week, 30, 60, 90 days, 6, 9, 12, 18 months, then years."""


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


def moments(start: date, wanted: Sequence[tuple[str, int]] = USUAL) -> Iterator[Moment]:
    """Yield the moments of a start date, in the order of the wanted ones: each a unit and how many of it.

    Months and years are those of the calendar: 29 February is marked on the 28th in other years.
    """
    for unit, count in wanted:
        match unit:
            case "day" | "week":
                on = start + timedelta(days=count * (7 if unit == "week" else 1))
            case _:
                on = add_months(start, count * (12 if unit == "year" else 1))
        yield Moment(unit, count, on)


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


def next_moment(
    start: date, zone: ZoneInfo, after: datetime, wanted: Sequence[tuple[str, int]] = USUAL
) -> tuple[Moment, datetime] | None:
    """Return the first moment that is celebrated after an instant, and when. What has passed is never made up."""
    for moment in moments(start, wanted):
        at = celebrated_at(moment, zone)
        if at > after:
            return moment, at
    return None


def moment_near(
    start: date, zone: ZoneInfo, at: datetime, reach: timedelta, wanted: Sequence[tuple[str, int]] = USUAL
) -> Moment | None:
    """Return the moment that is celebrated within reach of an instant, whichever zone it was planned in."""
    return next((each for each in moments(start, wanted) if abs(celebrated_at(each, zone) - at) <= reach), None)


def days_since(start: date, today: date) -> int:
    """Return the whole days from a start to today, both in the owner's zone."""
    return (today - start).days


def start_problem(start: date, today: date) -> str | None:
    """Return what is wrong with a start date, as the key of a sentence."""
    if start > today:
        return "milestones.date_future"
    return "milestones.date_early" if start < _EARLIEST else None
