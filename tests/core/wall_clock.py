"""An oracle for recurrence: the same promises, stated the long way and without its code.

A zone is a list of stretches of steady offset, found by looking at the clock again and again. A rule is a question
that can be asked of one date. What is due is every date that exists and answers yes, at the first moment at which
the clock shows the wall time or more.
"""

from __future__ import annotations

import functools
import io
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
Question = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begin` to just before `end` (naive UTC), local clocks are `offset` ahead of UTC."""

    begin: datetime
    end: datetime
    offset: timedelta


def zone_names() -> list[str]:
    """Every zone of the tzdata package, aliases too; the machine's own zones may be of another year."""
    return (resources.files("tzdata") / "zones").read_text(encoding="ascii").split()


@functools.cache
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo.from_file(io.BytesIO(_table(name)), key=name)


def one_name_for_each_table() -> list[str]:
    """Leave out the zones whose table of transitions is, byte for byte, another one's."""
    return sorted({_table(name): name for name in zone_names()}.values())


def one_name_for_each_course(since: date, until: date, step: timedelta) -> dict[str, tuple[Stretch, ...]]:
    """Leave out the zones whose clocks show, between two dates, what another one's show; give the stretches too."""
    courses = {stretches(zone_of(name), since, until, step): name for name in one_name_for_each_table()}
    return {name: course for course, name in courses.items()}


def stretches(zone: ZoneInfo, since: date, until: date, step: timedelta) -> tuple[Stretch, ...]:
    """Look at the clock at every `step` and, where it has changed, find the second; `step` must not jump over two.

    A change of name or of summer time alone begins a new stretch as well: there, too, tables can be misread.
    """
    begin = moment = datetime.combine(since, time())
    end = datetime.combine(until, time())
    state = _state(zone, moment)
    found: list[Stretch] = []
    while moment < end:
        following = moment + step
        if (changed := _state(zone, following)) != state:
            change = _change(zone, moment, following)
            found.append(Stretch(begin, change, state[0]))
            begin, state = change, changed
        moment = following
    return (*found, Stretch(begin, moment, state[0]))


def exists(on: date, around: Sequence[Stretch]) -> bool:
    """Whether any local clock of these stretches ever shows that date."""
    midnight = datetime.combine(on, time())
    return any(s.begin + s.offset < midnight + DAY and midnight < s.end + s.offset for s in around)


def first_reading(on: date, at: time, around: Sequence[Stretch]) -> datetime:
    """Give the first moment (aware UTC) at which a local clock shows `at` on `on`, or more."""
    wall = datetime.combine(on, at)
    shows = (max(s.begin, wall - s.offset) for s in around if s.end + s.offset > wall)
    return min(shows).replace(tzinfo=UTC)


def near(on: date, all_stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """Pick the stretches that can matter to a date: offsets stay within a day of UTC."""
    midnight = datetime.combine(on, time())
    first = bisect_left(all_stretches, midnight - DAY, key=lambda stretch: stretch.end)
    last = bisect_left(all_stretches, midnight + 2 * DAY, key=lambda stretch: stretch.begin)
    return all_stretches[first:last]


def days(since: date, until: date) -> Iterator[date]:
    for number in range(since.toordinal(), until.toordinal()):
        yield date.fromordinal(number)


def any_of(*weekdays: int) -> Question:
    """Ask for days of the week; Monday is 1."""
    return lambda day: day.isoweekday() in weekdays


def every_weeks(number: int, start: date, *weekdays: int) -> Question:
    """Ask for days of each week that lies a multiple of weeks after the week of the start."""

    def ask(day: date) -> bool:
        return day.isoweekday() in weekdays and (_monday(day) - _monday(start)).days % (7 * number) == 0

    return ask


def day_of_month(number: int) -> Question:
    """Ask for a day of the month, or the last one before a month that comes too soon."""
    return lambda day: day.day == number or (day.day < number and (day + DAY).day == 1)


def nth_weekday(nth: int, weekday: int) -> Question:
    """Ask for the nth such day: there are nth - 1 in the days of the month before it."""
    return lambda day: day.isoweekday() == weekday and 7 * (nth - 1) < day.day <= 7 * nth


def last_weekday(weekday: int) -> Question:
    """Ask for a day of the week with no other in its month after it."""
    return lambda day: day.isoweekday() == weekday and (day + 7 * DAY).month != day.month


def day_of_year(month: int, number: int) -> Question:
    """Ask for a day of the year; where February has no 29th, the day before 1 March stands for it."""

    def ask(day: date) -> bool:
        eve_of_march = (day + DAY).month == 3 and day.month == 2
        return eve_of_march if (month, number) == (2, 29) else (day.month, day.day) == (month, number)

    return ask


def _monday(day: date) -> date:
    year, week, _ = day.isocalendar()
    return date.fromisocalendar(year, week, 1)


def _table(name: str) -> bytes:
    return resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def _state(zone: ZoneInfo, moment: datetime) -> tuple[timedelta, str | None, timedelta | None]:
    shown = zone.fromutc(moment.replace(tzinfo=zone))
    return shown.replace(tzinfo=None) - moment, shown.tzname(), shown.dst()


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _state(zone, before)
    for unit in (timedelta(hours=1), timedelta(minutes=1), SECOND):
        while before + unit < after and _state(zone, before + unit) == old:
            before += unit
        after = min(after, before + unit)
    return after
