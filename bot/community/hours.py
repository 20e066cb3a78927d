"""Hours of a week at which somebody usually looks after the group, such as `weekdays 18:00-21:00, sat 10:00-12:00`.

They are wall times on the leader's own clock. From 22:00 to 02:00 they go over midnight; where the clock jumps over an
end, they end with the jump. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.community.quiet import reached

LONGEST: Final = 200
"""Characters of a week, as it is typed and as it is kept."""
MOST: Final = 21
"""Entries of a week."""
Stretch: TypeAlias = tuple[datetime, datetime]
"""From when until when."""

_A_DAY: Final = timedelta(days=1)
_AROUND: Final = 8 * _A_DAY
_ENDLESS: Final = 7.5 * _A_DAY
"""What touches ends within a week, in which the clock may go back, or never."""
_AHEAD: Final = 15 * _A_DAY
"""The clock may leave out this week's only time."""
_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS: Final = {
    "daily": frozenset(range(7)),
    "weekdays": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
    "weekends": frozenset({5, 6}),
}
_SPACED: Final = re.compile(r"\s*(?:-|\u2013|\bto\b)\s*")
_RANGE: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", re.ASCII)


class HoursProblem(ValueError):  # noqa: N818  it is told to people as a problem with what they typed
    """The text is no week. `key` names what is wrong: `unreadable`, `equal`, `time` or `many`, with `given`."""

    def __init__(self, key: str, given: str) -> None:
        super().__init__(key)
        self.key = key
        self.given = given


@dataclass(frozen=True, slots=True)
class Hours:
    """The same hours of some days (Monday is 0)."""

    days: frozenset[int]
    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{_written(self.days)} {self.begins:%H:%M}-{self.ends:%H:%M}"


Week: TypeAlias = tuple[Hours, ...]


def read_hours(text: str) -> Week:
    """Return the hours that a text names: days, then from when to when. Without days it is every day.

    Raises `HoursProblem`.
    """
    found: list[Hours] = []
    days: frozenset[int] = frozenset()
    fresh = True
    words = [word for word in re.split(r"[\s,;]+", _SPACED.sub("-", text.casefold())) if word]
    for word in words:
        if _RANGE.fullmatch(word):
            begins, ends = _times(word)
            found.append(Hours(days or _SETS["daily"], begins, ends))
            fresh = True
        elif word != "and":
            days = _days(word) if fresh else days | _days(word)
            fresh = False
    if not found or not fresh:
        raise HoursProblem("unreadable", words[-1][:40] if words else "")
    fits = sum(len(write_hours(found[: count + 1])) <= LONGEST for count in range(min(len(found), MOST)))
    if len(found) > fits:
        raise HoursProblem("many", str(fits))
    return tuple(found)


def write_hours(week: Sequence[Hours]) -> str:
    """Return hours as they are kept and shown."""
    return ", ".join(str(hours) for hours in week)


def stretches(week: Week, zone: ZoneInfo, since: datetime, until: datetime) -> Sequence[Stretch]:
    """Return the times of a week that touch a span of time, whole, earliest first; what touches is one.

    A week without a gap would have no end: it goes from Monday to Monday.
    """
    first, last = since.astimezone(zone).date() - _AROUND, until.astimezone(zone).date() + _AROUND
    found: list[Stretch] = []
    for number in range((last - first).days + 1):
        on = first + number * _A_DAY
        for hours in week:
            if on.weekday() in hours.days:
                ends_on = on if hours.begins < hours.ends else on + _A_DAY
                found.append((reached(on, hours.begins, zone), reached(ends_on, hours.ends, zone)))
    whole = (part for each in merged(found) for part in _by_week(each, zone))
    return [each for each in whole if each[0] < until and each[1] > since]


def merged(found: Sequence[Stretch]) -> Sequence[Stretch]:
    """Return times in order, those that touch one another as one; what is empty is left out."""
    whole: list[Stretch] = []
    for begins, ends in sorted(each for each in found if each[0] < each[1]):
        if whole and begins <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], ends))
        else:
            whole.append((begins, ends))
    return whole


def planned_at(week: Week, zone: ZoneInfo, at: datetime) -> Stretch | None:
    """Return the time of a week that an instant lies in. The end does not."""
    return next((each for each in stretches(week, zone, at, at + _A_DAY) if each[0] <= at < each[1]), None)


def next_planned(week: Week, zone: ZoneInfo, after: datetime) -> Stretch | None:
    """Return the next time of a week that begins after an instant."""
    coming = stretches(week, zone, after, after + _AHEAD)
    return next((each for each in coming if each[0] > after), None)


def _by_week(each: Stretch, zone: ZoneInfo) -> Sequence[Stretch]:
    begins, ends = each
    if ends - begins < _ENDLESS:
        return [each]
    first = begins.astimezone(zone).date()
    monday = first - first.weekday() * _A_DAY
    mondays = (reached(monday + number * 7 * _A_DAY, time(0), zone) for number in range((ends - begins).days // 7 + 3))
    return list(pairwise([begins, *(at for at in mondays if begins < at < ends), ends]))


def _times(word: str) -> tuple[time, time]:
    found = _RANGE.fullmatch(word)
    assert found  # noqa: S101  it was just matched
    try:
        begins, ends = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        raise HoursProblem("time", word) from None
    if begins == ends:
        raise HoursProblem("equal", word)
    return begins, ends


def _days(word: str) -> frozenset[int]:
    if word in _SETS:
        return _SETS[word]
    ends = [_day(part, word) for part in word.split("-")]
    if len(ends) > 2:  # noqa: PLR2004  from one day to another
        raise HoursProblem("unreadable", word[:40])
    first, last = ends[0], ends[-1]
    return frozenset((first + number) % 7 for number in range((last - first) % 7 + 1))


def _day(part: str, word: str) -> int:
    found = [day for day, name in enumerate(_NAMES) if len(part) > 2 and f"{name}s".startswith(part)]  # noqa: PLR2004  as in `mon`
    if not found:
        raise HoursProblem("unreadable", word[:40])
    return found[0]


def _written(days: frozenset[int]) -> str:
    for name in ("daily", "weekdays", "weekend"):
        if days == _SETS[name]:
            return name
    return ",".join(_NAMES[day][:3] for day in sorted(days))
