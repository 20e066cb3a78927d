"""Which moments a milestone has, when each is celebrated, and how its days are counted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.core.recurrence import add_months, instant

Span: TypeAlias = tuple[str, int]
"""A unit ("day", "week", "month", "year") and how many of it."""

MORNING: Final = 9
"""The hour of the morning at which celebrations come, where nobody chose otherwise."""
EARLIEST: Final = date(1930, 1, 1)
LOOK_BACK: Final = timedelta(hours=36)
"""More than two time zones can differ."""
_APART: Final = 4
"""Days that lie between two moments of one list at least: what is nearer is the same moment, however it is counted."""
_A_DAY: Final = timedelta(days=1)
_DAYS: Final = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}

_YEARS: Final = tuple(("year", years) for years in range(2, 101))
USUAL: Final[Sequence[Span]] = (
    ("day", 1),
    ("week", 1),
    *(("day", days) for days in (30, 60, 90)),
    *(("month", months) for months in (6, 9)),
    ("year", 1),
    ("month", 18),
    *_YEARS,
)
"""What is marked where nobody chose otherwise: 24 hours, a week, 30, 60, 90 days, 6, 9, 12, 18 months, then years."""
GENTLE: Final[Sequence[Span]] = (
    ("week", 1),
    *(("day", days) for days in (30, 90)),
    ("month", 6),
    ("year", 1),
    *_YEARS,
)
"""The same for a milestone of wellbeing, which is no matter of single days."""


# ---------------------------------------------------------------- days


@dataclass(frozen=True, slots=True)
class Run:
    """A time from a start until the next beginning, both dates in the owner's zone. The current one has no end."""

    id: int
    start: date
    end: date | None = None

    def days(self, today: date) -> int:
        """Return its whole days; until today where it has not ended."""
        return max(((self.end or today) - self.start).days, 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """Days of a milestone: of all its runs together, of the current one, and of the longest."""

    total: int
    now: int
    longest: int


def tally(runs: Sequence[Run], today: date) -> Tally:
    """Count the days of runs, the last of which is the current one. Total and longest include it."""
    days = [run.days(today) for run in runs]
    return Tally(sum(days), days[-1], max(days))


def start_problem(start: date, today: date) -> str | None:
    """Return what is wrong with a start date, as the key of a sentence."""
    if start > today:
        return "milestones.date_future"
    return "milestones.date_early" if start < EARLIEST else None


def restarted(runs: Sequence[Run], start: date, new: int) -> tuple[Run, ...]:
    """Return the runs with a new one, which ends the one before. Raises `ValueError` unless it begins after that."""
    *earlier, current = runs
    if start <= current.start:
        raise ValueError(start)
    return (*earlier, Run(current.id, current.start, start), Run(new, start))


def corrected(runs: Sequence[Run], start: date) -> tuple[Run, ...]:
    """Return the runs with another start of the current one. The run before ends there if it ended at the old one.

    Raises `ValueError` where it would begin before, or while, another was going on.
    """
    *earlier, current = runs
    new = Run(current.id, start)
    if not earlier:
        return (new,)
    before = earlier[-1]
    touching = before.end == current.start
    if (touching and start <= before.start) or (not touching and before.end and start < before.end):
        raise ValueError(start)
    ended = Run(before.id, before.start, start if touching else before.end)
    return (*earlier[:-1], ended, new)


def without(runs: Sequence[Run], run: int) -> tuple[Run, ...]:
    """Return the runs but one. Without the current one, the one before goes on as if it had never ended.

    Raises `ValueError` where there is none before it, or one that had ended earlier: those days were not its own.
    """
    *earlier, current = runs
    if current.id != run:
        return (*(each for each in earlier if each.id != run), current)
    if not earlier or earlier[-1].end != current.start:
        raise ValueError(run)
    return (*earlier[:-1], Run(earlier[-1].id, earlier[-1].start))


# ---------------------------------------------------------------- moments


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment worth marking: `count` of a `unit` since the start, on a local date of the owner's."""

    unit: str
    count: int
    on: date

    @property
    def span(self) -> Span:
        """Return how long after the start it is."""
        return self.unit, self.count


def moments(start: date, wanted: Sequence[Span] = USUAL) -> Iterator[Moment]:
    """Yield the moments of a start date, in the order of the wanted ones.

    Months and years are those of the calendar: 29 February is marked on the 28th in other years.
    """
    for unit, count in wanted:
        match unit:
            case "day" | "week":
                on = start + timedelta(days=count * (7 if unit == "week" else 1))
            case _:
                on = add_months(start, count * (12 if unit == "year" else 1))
        yield Moment(unit, count, on)


def is_same(one: Span, other: Span) -> bool:
    """Return whether two spans mean the same moment, such as 7 days and a week, or 365 days and a year."""
    return abs(length(one) - length(other)) < _APART


def length(span: Span) -> float:
    """Return how many days a span has in the mean."""
    return _DAYS[span[0]] * span[1]


@dataclass(frozen=True, slots=True)
class When:
    """On which clock moments are celebrated: at an hour of the owner's day; or in the morning of a group's clock.

    The second is for those who are not named: the hour must not tell where they live.
    """

    zone: ZoneInfo
    hour: int = MORNING
    group: ZoneInfo | None = None

    def at(self, on: date) -> datetime:
        """Return the instant at which a local date of the owner's is celebrated, a full hour of UTC.

        Rounded up, so that the stored instant tells nothing beyond the hour. It is never before that date has begun
        where the owner lives.
        """
        begun = _reached(on, time(0), self.zone)
        return self.in_the_group(begun) or _full_hour(_reached(on, time(self.hour), self.zone))

    def in_the_group(self, since: datetime) -> datetime | None:
        """Return the first morning of the group's clock since an instant, a full hour; None where there is no group."""
        if self.group is None:
            return None
        on = since.astimezone(self.group).date()
        mornings = (_full_hour(_reached(on + days * _A_DAY, time(MORNING), self.group)) for days in range(-1, 4))
        return next(at for at in mornings if at >= since)


def coming(
    start: date,
    when: When,
    after: datetime,
    wanted: Sequence[Span] = USUAL,
    *,
    done: Collection[Span] = (),
    planned: Span | None = None,
) -> tuple[Moment, datetime] | None:
    """Return the next moment and when it is celebrated. None that was celebrated comes again.

    What has passed by `after` is never made up, but for the one that was planned: it was still to come, and only the
    clock by which it comes is another now.
    """
    for moment in moments(start, wanted):
        if any(is_same(moment.span, each) for each in done):
            continue
        at = when.at(moment.on)
        if at > after or (planned is not None and is_same(moment.span, planned)):
            return moment, at
    return None


def moment_near(start: date, when: When, at: datetime, wanted: Sequence[Span] = USUAL) -> Moment | None:
    """Return the moment that is celebrated near an instant, whichever zone it was planned in."""
    return next((each for each in moments(start, wanted) if abs(when.at(each.on) - at) <= LOOK_BACK), None)


def moment_today(start: date, today: date, wanted: Sequence[Span] = USUAL) -> Moment | None:
    """Return the moment that falls on a date."""
    return next((each for each in moments(start, wanted) if each.on == today), None)


def _reached(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when a local date reaches a wall time; of a date that the zone skipped, the next day's."""
    found = instant(on, at, zone)
    while found is None:
        on += _A_DAY
        found = instant(on, at, zone)
    return found


def _full_hour(at: datetime) -> datetime:
    full = at.replace(minute=0, second=0, microsecond=0)
    return full if full == at else full + timedelta(hours=1)
