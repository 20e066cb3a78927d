"""Rules of time: the words of `rule=`, and the dates and instants they mean.

A rule names local dates and one wall time. Every local date that exists gives exactly one instant: the first moment
at which a clock on the wall in that zone shows the wall time or more. So a time inside a gap is moved to the end of
the gap, and a time that comes twice counts the first time. A gap may swallow the rest of a date (Nuuk goes from 22:59
to 00:00): a 23:30 of that date is due at 00:00 of the next, and still belongs to its own date. A date that the zone
left out altogether (Apia, 2011-12-30) has no instant.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TypeAlias
from zoneinfo import ZoneInfo

PROBLEMS = (
    "rule_unknown",  # not the words of any rule
    "rule_time",  # no wall time at the end, or none such as 25:00
    "rule_day",  # no day of the week, or an unknown one
    "rule_month",  # after `monthly`: neither 1 to 31 nor 1st, 2nd, 3rd, 4th, last and a day of the week
    "rule_fifth",  # a fifth weekday, which most months do not have
    "rule_date",  # not a date of the calendar
    "rule_weeks",  # not `every N weeks` with 1 to 52 and days of the week
)
"""The keys of every `RuleProblem`. Each carries one value, `given`: what was typed, shortened."""

LAST = -1
_SECOND = timedelta(seconds=1)
_ALL_DAYS = frozenset(range(7))
_WORKING_DAYS = frozenset(range(5))
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NTH = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", LAST: "last"}

_FIRST_WORDS = ("once", "daily", "weekdays", "weekly", "every", "monthly", "yearly")
_DAY_WORDS = {f"{name}s"[:end]: day for day, name in enumerate(_DAYS) for end in range(3, len(name) + 2)}
_NTH_WORDS = {word: nth for nth, word in _NTH.items()} | {"first": 1, "second": 2, "third": 3, "fourth": 4}
_WEEK_NUMBERS = {word: number for number in range(1, 53) for word in (f"{number}", f"{number:02}")}
_DAY_NUMBERS = {word: number for word, number in _WEEK_NUMBERS.items() if number in range(1, 32)}


class RuleProblem(Exception):  # noqa: N818  it is told to people as a problem with what they typed
    """The text is no rule. `key` is one of `PROBLEMS`; the words for people belong to the content."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    at: time

    @property
    def slot(self) -> str:
        """The wall time as it names an occurrence: `19:00`."""
        return self.at.isoformat("minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Once(_Rule):
    """A single date."""

    on: date

    def __str__(self) -> str:
        return f"once {self.on.isoformat()} {self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly(_Rule):
    """Days of the week (Monday is 0), in every week or in each `every`th, counted from the week of the start."""

    days: frozenset[int]
    every: int = 1

    def __str__(self) -> str:
        names = ",".join(_DAYS[day][:3] for day in sorted(self.days))
        if self.every > 1:
            return f"every {self.every} weeks {names} {self.slot}"
        words = {_ALL_DAYS: "daily", _WORKING_DAYS: "weekdays"}.get(self.days, f"weekly {names}")
        return f"{words} {self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyDay(_Rule):
    """A day of the month; the last day in months that are too short."""

    day: int

    def __str__(self) -> str:
        return f"monthly {self.day} {self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyWeekday(_Rule):
    """The first to fourth, or `LAST`, of a day of the week (Monday is 0) in a month. Every month has one."""

    nth: int
    weekday: int

    def __str__(self) -> str:
        return f"monthly {_NTH[self.nth]} {_DAYS[self.weekday][:3]} {self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Yearly(_Rule):
    """A day of the year; 29 February is 28 February in other years."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"yearly {self.month:02}-{self.day:02} {self.slot}"


Rule: TypeAlias = Once | Weekly | MonthlyDay | MonthlyWeekday | Yearly
"""Local dates and a wall time, without a zone. Made by `read_rule`; `str` gives the canonical words."""


@dataclass(frozen=True, slots=True)
class Due:
    """An occurrence: its local date, its slot (the rule's wall time, `19:00`) and its instant in UTC."""

    on: date
    slot: str
    at: datetime


def next_due(rule: Rule, zone: ZoneInfo, start: date, after: datetime) -> Due | None:
    """Find the first occurrence later than the aware instant `after`, on the local date `start` or later, if any."""
    return next(_occurrences(rule, zone, start, after), None)


def upcoming(rule: Rule, zone: ZoneInfo, start: date, after: datetime, count: int) -> list[Due]:
    """Give the first `count` occurrences that `next_due` would give one after the other; fewer if there are no more."""
    return list(islice(_occurrences(rule, zone, start, after), count))


def instant(on: date, at: time, zone: ZoneInfo) -> datetime | None:
    """Give the instant in UTC at which the local date `on` reaches the wall time `at`, by this module's rule.

    None when the zone left that date out, or when the instant lies outside the years 1 to 9999.
    """
    wall = datetime.combine(on, at.replace(fold=0), tzinfo=zone)
    try:
        moment = wall.astimezone(UTC)
        if moment.astimezone(zone) == wall:  # within one zone this compares what the clocks show
            return moment
        # In a gap, fold tells which of the two offsets is meant: the gap ends between the two moments.
        low, high = sorted((moment, wall.replace(fold=1).astimezone(UTC)))
        return _first_at_or_past(wall, low, high)
    except OverflowError:
        return None


def add_months(start: date, months: int) -> date:
    """Give the same day `months` later, or that month's last day if it is too short (29 February + 12: 28 February).

    Count from the first date each time, not from the last result: 31 January + 1 + 1 is no longer the 31st.
    Raises ValueError outside the years 1 to 9999.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return _short(year, month + 1, start.day)


def read_rule(text: str) -> Rule:
    """Read the words of a rule, whatever their case and spacing. Raises RuleProblem and nothing else."""
    words = text.lower().replace(",", " ").split()
    if not words or words[0] not in _FIRST_WORDS:
        raise _problem("rule_unknown", text)
    if len(words) == 1:
        raise _problem("rule_time", text)
    return _read_dates(words[:-1], _read_time(words[-1]))


def _occurrences(rule: Rule, zone: ZoneInfo, start: date, after: datetime) -> Iterator[Due]:
    if after.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    today = date.min if after.year == MINYEAR else date.max
    with suppress(OverflowError):  # at the very ends of the calendar there is no local date
        today = after.astimezone(zone).date()
    # An instant still to come belongs to a wall time that the local clock has not reached: today or later.
    since = max(start, today)
    for on in _dates(rule, start, since):
        at = instant(on, rule.at, zone) if on >= since else None
        if at is not None and at > after:
            yield Due(on, rule.slot, at)


def _dates(rule: Rule, start: date, since: date) -> Iterator[date]:
    """Give the rule's dates in order, until the calendar ends; the first few may lie before `since`."""
    match rule:
        case Once():
            return iter([rule.on])
        case Weekly():
            return _weekly(rule, start, since)
        case MonthlyDay():
            return (_short(year, month, rule.day) for year, month in _months(since))
        case MonthlyWeekday():
            return (_nth_weekday(year, month, rule) for year, month in _months(since))
        case Yearly():
            return (_short(year, rule.month, rule.day) for year in range(since.year, MAXYEAR + 1))


def _weekly(rule: Weekly, start: date, since: date) -> Iterator[date]:
    monday, latest = start.toordinal() - start.weekday(), date.max.toordinal()
    week = (since.toordinal() - monday) // 7
    week += -week % rule.every
    for begin in range(monday + 7 * week, latest + 1, 7 * rule.every):
        yield from (date.fromordinal(begin + day) for day in sorted(rule.days) if begin + day <= latest)


def _months(since: date) -> Iterator[tuple[int, int]]:
    numbers = range(since.year * 12 + since.month - 1, (MAXYEAR + 1) * 12)
    return ((number // 12, number % 12 + 1) for number in numbers)


def _nth_weekday(year: int, month: int, rule: MonthlyWeekday) -> date:
    first, length = monthrange(year, month)
    day = 1 + (rule.weekday - first) % 7
    weeks = (length - day) // 7 if rule.nth == LAST else rule.nth - 1
    return date(year, month, day + 7 * weeks)


def _short(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _first_at_or_past(wall: datetime, low: datetime, high: datetime) -> datetime | None:
    """Halve the time between two instants until the clock reaches the wall time; None if the zone left its date out.

    It asks only what the clock shows at an instant. The other way round, zoneinfo errs in the hour before a table
    goes over into a standing rule that disagrees about it (Nuuk, 2023-10-28 23:00 to 23:59).
    """
    low, zone = low.replace(microsecond=0), wall.tzinfo
    seconds = range((high - low) // _SECOND)
    first = low + _SECOND * bisect_left(seconds, wall, key=lambda passed: (low + _SECOND * passed).astimezone(zone))
    return first if wall.date() in (moment.astimezone(zone).date() for moment in (first - _SECOND, first)) else None


def _read_dates(words: Sequence[str], at: time) -> Rule:  # noqa: C901, PLR0911  one case for each form of the words
    match words:
        case ["daily"]:
            return Weekly(at=at, days=_ALL_DAYS)
        case ["weekdays"]:
            return Weekly(at=at, days=_WORKING_DAYS)
        case ["weekly", *_]:
            return Weekly(at=at, days=_read_weekdays(words, 1))
        case ["every", number, "week" | "weeks", *_] if number in _WEEK_NUMBERS:
            return Weekly(at=at, days=_read_weekdays(words, 3), every=_WEEK_NUMBERS[number])
        case ["every", *_]:
            raise _problem("rule_weeks", " ".join(words))
        case ["monthly", day] if day in _DAY_NUMBERS:
            return MonthlyDay(at=at, day=_DAY_NUMBERS[day])
        case ["monthly", nth, _] if nth in _NTH_WORDS:
            return MonthlyWeekday(at=at, nth=_NTH_WORDS[nth], weekday=min(_read_weekdays(words, 2)))
        case ["monthly", *which]:
            raise _problem("rule_fifth" if which[:1] in (["5th"], ["fifth"]) else "rule_month", " ".join(words))
        case ["yearly", *_]:
            leap = _read_date(words, "2000-")
            return Yearly(at=at, month=leap.month, day=leap.day)
        case ["once", *_]:
            return Once(at=at, on=_read_date(words))
        case _:
            raise _problem("rule_unknown", " ".join(words))


def _read_time(word: str) -> time:
    with suppress(ValueError):  # 25:00
        if found := re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", word):
            return time(int(found[1]), int(found[2]))
    raise _problem("rule_time", word)


def _read_date(words: Sequence[str], year: str = "") -> date:
    with suppress(ValueError):  # 02-30
        if found := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", year + " ".join(words[1:])):
            return date(int(found[1]), int(found[2]), int(found[3]))
    raise _problem("rule_date", " ".join(words))


def _read_weekdays(words: Sequence[str], first: int) -> frozenset[int]:
    if unknown := [word for word in words[first:] if word not in _DAY_WORDS]:
        raise _problem("rule_day", unknown[0])
    if not words[first:]:
        raise _problem("rule_day", " ".join(words))
    return frozenset(_DAY_WORDS[word] for word in words[first:])


def _problem(key: str, given: str) -> RuleProblem:
    return RuleProblem(key, given=given if len(given) <= 40 else f"{given[:39]}…")  # noqa: PLR2004  enough to know it by
