from __future__ import annotations

import functools
import heapq
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from bot.core.recurrence import Due, instant, next_due, read_rule
from tests.core import wall_clock
from tests.core.wall_clock import DAY, SECOND, Question, Stretch

pytestmark = pytest.mark.exhaustive

START = date(2018, 1, 3)  # a Wednesday: the week of the start begins before it
END = date(2029, 1, 1)
BEGIN = datetime.combine(START - DAY, time(), tzinfo=UTC)
WALLS = (time(0, 0), time(0, 30), time(2, 30), time(23, 59))
OLD_WALLS = (*WALLS, time(0, 15), time(1, 0), time(12, 0), time(23, 30))
CRON_WALLS = (time(0, 0), time(2, 30), time(23, 59))  # cronsim walks hour by hour: fewer, or it takes minutes
Moments = list[tuple[date, datetime]]

FAMILIES: dict[str, Question] = {
    "daily": wall_clock.any_of(1, 2, 3, 4, 5, 6, 7),
    "weekdays": wall_clock.any_of(1, 2, 3, 4, 5),
    "weekly mon,thu": wall_clock.any_of(1, 4),
    "every 2 weeks mon,sun": wall_clock.every_weeks(2, START, 1, 7),
    "every 5 weeks sat": wall_clock.every_weeks(5, START, 6),
    "monthly 30": wall_clock.day_of_month(30),
    "monthly 31": wall_clock.day_of_month(31),
    "monthly 2nd tue": wall_clock.nth_weekday(2, 2),
    "monthly 1st sun": wall_clock.nth_weekday(1, 7),
    "monthly last fri": wall_clock.last_weekday(5),
    "monthly last sun": wall_clock.last_weekday(7),
    "yearly 02-29": wall_clock.day_of_year(2, 29),
    "yearly 10-25": wall_clock.day_of_year(10, 25),
    "once 2026-10-25": lambda day: day == date(2026, 10, 25),
}
MEANT = {words: [day for day in wall_clock.days(START, END) if ask(day)] for words, ask in FAMILIES.items()}

CRON = {
    "daily": ["* * *"],
    "weekdays": ["* * 1-5"],
    "weekly mon,thu": ["* * 1,4"],
    "monthly 30": ["30 1,3-12 *", "L 2 *"],
    "monthly 31": ["L * *"],
    "monthly 2nd tue": ["* * 2#2"],
    "monthly 1st sun": ["* * 0#1"],
    "monthly last fri": ["* * 5L"],
    "monthly last sun": ["* * 7L"],
    "yearly 02-29": ["L 2 *"],
    "yearly 10-25": ["25 10 *"],
}

NAMED = (
    "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "America/Santiago",
    "Pacific/Apia", "Asia/Kathmandu", "Europe/Berlin", "Europe/London", "UTC", "Pacific/Honolulu",
    "Pacific/Kiritimati", "America/Nuuk",
)  # fmt: skip
SLOTS = ("00:00", "02:30", "19:00", "23:30")
ORDINARY = datetime(
    2026, 6, 14, 10, 30, tzinfo=UTC
)  # half past midnight in Kiritimati and, of the date before, in Honolulu
START_BEFORE = 14 * DAY


class Stage(NamedTuple):
    """From `begin` on, a schedule's rule has the wall time `slot` in `zone`."""

    begin: datetime
    zone: str
    slot: str


def test_every_rule_is_due_once_on_each_local_date_it_means_in_every_zone() -> None:
    """Over eleven years no zone and no rule has an occurrence missing, doubled, too many or at another moment.

    An alias has, byte for byte, the table of another zone, and is walked under one of its names.
    """
    assert not _over_two_processes(_differences_from_the_oracle, wall_clock.one_name_for_each_table())


def test_each_wall_time_around_each_change_of_every_zone_since_1850() -> None:
    """At every change on record a date has its first moment at or after the wall time, or none if it was left out."""
    assert not _over_two_processes(_differences_around_changes, wall_clock.one_name_for_each_table())


def test_the_same_moments_as_cronsim_wherever_it_can_say_the_rule() -> None:
    """An independent library agrees in every zone, at changes of the clock too.

    Like Debian's cron, cronsim runs a skipped time at the end of the gap and a repeated one the first time, as we do.
    Not compared: `every n weeks` and `once`, because cron knows neither a start nor a year; dates that a zone left
    out, which cron makes up for on the next date (there are none in these years); and the hour that zoneinfo, on
    which cronsim relies, places wrongly (`_misplaced`).
    """
    courses = wall_clock.one_name_for_each_course(START - DAY, END, DAY)

    assert not _over_two_processes(_differences_from_cronsim, courses)


def test_a_zone_or_a_time_that_is_changed_in_mid_life() -> None:
    """A schedule goes on from the instant of its change: nothing twice, nothing made up for, nothing left out.

    Every named zone is changed for every other one, and for another time of its own, around each change of either
    clock, around midnight and around the very instants at which something is due; some are changed back a day later.
    Occurrences are what the rows hold: one for each local date and slot, whichever zone it was made in.
    """
    assert not _over_two_processes(_differences_of_a_move, [f"{old} {new}" for old in NAMED for new in NAMED])


def _over_two_processes(look: Callable[[str], list[str]], names: Iterable[str]) -> list[str]:
    """Look at many zones; the first few differences of each are enough to see what is wrong."""
    workers = min(2, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [difference for differences in pool.map(look, names, chunksize=4) for difference in differences[:3]]


def _differences_from_the_oracle(name: str) -> list[str]:
    zone = wall_clock.zone_of(name)
    course = wall_clock.stretches(zone, START - 3 * DAY, END + 3 * DAY, timedelta(hours=6))
    around = {day: wall_clock.near(day, course) for day in wall_clock.days(START, END)}
    existing = {day for day in around if wall_clock.exists(day, around[day])}
    differences: list[str] = []
    for at in WALLS:
        moments = {day: wall_clock.first_reading(day, at, around[day]) for day in existing}
        for words, meant in MEANT.items():
            expected = [(day, moments[day]) for day in meant if day in existing]
            rule = f"{words} {at:%H:%M}"
            differences += _compare(f"{name}: {rule}", expected, _walk(rule, zone))
    return differences


def _differences_around_changes(name: str) -> list[str]:
    zone = wall_clock.zone_of(name)
    course = wall_clock.stretches(zone, date(1850, 1, 1), date(2040, 1, 1), DAY)
    differences: list[str] = []
    for stretch in course[1:]:
        change = (stretch.begin + stretch.offset).date()
        for on in wall_clock.days(change - 3 * DAY, change + 3 * DAY):
            near = wall_clock.near(on, course)
            for at in OLD_WALLS:
                expected = wall_clock.first_reading(on, at, near) if wall_clock.exists(on, near) else None
                if expected != (actual := instant(on, at, zone)):
                    differences.append(f"{name}: {on} {at}: {expected}, not {actual}")
    return differences


def _differences_from_cronsim(name: str) -> list[str]:
    zone = wall_clock.zone_of(name)
    begin = datetime.combine(START, time(), tzinfo=zone) - SECOND
    differences: list[str] = []
    for at in CRON_WALLS:
        for words, expressions in CRON.items():
            rule = f"{words} {at:%H:%M}"
            runs = heapq.merge(*(CronSim(f"{at.minute} {at.hour} {days}", begin) for days in expressions))
            theirs = [run.astimezone(UTC) for run in takewhile(lambda run: run.year < END.year, runs)]
            ours = _walk(rule, zone)
            if len(ours) != len(theirs):
                differences.append(f"{name}: {rule}: {len(theirs)} runs, {len(ours)} occurrences")
            paired = [(on, run) for (on, _), run in zip(ours, theirs, strict=False) if not _misplaced(on, at, zone)]
            differences += _compare(
                f"{name}: {rule}", paired, [one for one in ours if not _misplaced(one[0], at, zone)]
            )
    return differences


def _differences_of_a_move(names: str) -> list[str]:
    old, new = names.split()
    slots = [(one, other) for one in SLOTS for other in SLOTS if (one == other) == (old != new)]
    differences: list[str] = []
    for around in sorted({*_changes(old), *_changes(new), ORDINARY}):
        for on in sorted({around.astimezone(wall_clock.zone_of(name)).date() for name in (old, new)}):
            for one, other in slots:
                for at in _moments_of_a_move(around, on, (old, one), (new, other)):
                    life = [Stage(datetime.combine(on - 9 * DAY, time(), UTC), old, one), Stage(at, new, other)]
                    back = Stage(at + timedelta(hours=26), old, one)
                    for words in _aimed_at(on):
                        stages = [*life, back] if words == "daily" else life
                        expected, actual = _expected_of(stages, words, on), _lived(stages, words, on)
                        if expected != actual:  # a name costs more than a walk
                            differences += _compare(f"{words}: {stages}", expected, actual)
    return differences


def _lived(stages: Sequence[Stage], words: str, on: date) -> Moments:
    """Go through a schedule's life as the scheduler does, with a row for each local date and slot."""
    rows: set[tuple[date, str]] = set()
    found: Moments = []
    for stage, until in _in_turn(stages, words, on):
        rule, start = f"{words} {stage.slot}", on - START_BEFORE
        due = _next(rule, stage.zone, start, stage.begin)
        while due is not None and due.at <= until:
            if (due.on, due.slot) not in rows:
                rows.add((due.on, due.slot))
                found.append((due.on, due.at))
            due = _next(rule, stage.zone, start, due.at)
    return found


@functools.lru_cache(100_000)  # many lives have most of their walks in common
def _next(words: str, name: str, start: date, after: datetime) -> Due | None:
    return next_due(read_rule(words), wall_clock.zone_of(name), start, after)


def _expected_of(stages: Sequence[Stage], words: str, on: date) -> Moments:
    """Give each date of the rule whose moment lies within a stage, unless it had its turn in one before."""
    rows: set[tuple[date, str]] = set()
    found: Moments = []
    for stage, until in _in_turn(stages, words, on):
        within = [(day, at) for day, at in _meant(stage.zone, stage.slot, words, on) if stage.begin < at <= until]
        found += [(day, at) for day, at in within if (day, stage.slot) not in rows]
        rows.update((day, stage.slot) for day, _ in within)
    return found


def _in_turn(stages: Sequence[Stage], words: str, on: date) -> Iterator[tuple[Stage, datetime]]:
    """Yield each stage with its end; what is due at that very instant is posted before the change."""
    days = 40 if words.startswith(("monthly", "every")) else 9
    ends = [*(stage.begin for stage in stages[1:]), datetime.combine(on + days * DAY, time(), UTC)]
    return zip(stages, ends, strict=True)


@functools.cache
def _meant(name: str, slot: str, words: str, on: date) -> Moments:
    ask, at = _aimed_at(on)[words], time.fromisoformat(slot)
    course = _course(name)
    around = {day: wall_clock.near(day, course) for day in wall_clock.days(on - 12 * DAY, on + 43 * DAY) if ask(day)}
    return [(day, wall_clock.first_reading(day, at, it)) for day, it in around.items() if wall_clock.exists(day, it)]


@functools.cache
def _course(name: str) -> tuple[Stretch, ...]:
    return wall_clock.stretches(wall_clock.zone_of(name), date(2011, 12, 1), date(2027, 2, 1), timedelta(hours=6))


def _changes(name: str) -> Iterator[datetime]:
    """Yield the clock's changes of one year, and Apia's way over the date line."""
    for old, new in pairwise(_course(name)):
        if old.offset != new.offset and (new.begin.year == ORDINARY.year or abs(new.offset - old.offset) == DAY):
            yield new.begin.replace(tzinfo=UTC)


def _moments_of_a_move(around: datetime, on: date, *readings: tuple[str, str]) -> list[datetime]:
    """Give the seconds around a change of the clock, around midnights, and around what is due, on either clock."""
    asked = {
        (name, day, wall) for name, slot in readings for day, wall in ((on, slot), (on, "00:00"), (on + DAY, "00:00"))
    }
    due = (instant(day, time.fromisoformat(wall), wall_clock.zone_of(name)) for name, day, wall in asked)
    aims = {around, *(at for at in due if at)}
    return sorted({at + seconds * SECOND for at in aims for seconds in (-1, 0, 1)})


@functools.cache
def _aimed_at(on: date) -> dict[str, Question]:
    """Give one rule of each kind that means this date, with the question that tells the same."""
    weekday = on.isoweekday()
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[weekday - 1]
    aimed: dict[str, Question] = {
        "daily": wall_clock.any_of(1, 2, 3, 4, 5, 6, 7),
        "weekdays": wall_clock.any_of(1, 2, 3, 4, 5),
        f"weekly {day}": wall_clock.any_of(weekday),
        f"every 2 weeks {day}": wall_clock.every_weeks(2, on - START_BEFORE, weekday),
        f"monthly {on.day}": wall_clock.day_of_month(on.day),
        f"yearly {on:%m-%d}": wall_clock.day_of_year(on.month, on.day),
        f"once {on}": lambda asked: asked == on,
    }
    nth = (on.day + 6) // 7
    if nth <= 4:
        ordinal = ("1st", "2nd", "3rd", "4th")[nth - 1]
        aimed[f"monthly {ordinal} {day}"] = wall_clock.nth_weekday(nth, weekday)
    if wall_clock.last_weekday(weekday)(on):
        aimed[f"monthly last {day}"] = wall_clock.last_weekday(weekday)
    return aimed


def _misplaced(on: date, at: time, zone: ZoneInfo) -> bool:
    """Whether zoneinfo turns a wall time that does exist into an instant at which the clock shows another.

    In a gap neither fold comes back to the wall time; here the second does, though nothing is repeated. It happens
    where a table ends and its standing rule, which disagrees, begins: in Nuuk on 2023-10-28 from 23:00.
    """
    first, second = (datetime.combine(on, at.replace(fold=fold), tzinfo=zone) for fold in (0, 1))
    return first.astimezone(UTC).astimezone(zone) != first and second.astimezone(UTC).astimezone(zone) == second


def _walk(words: str, zone: ZoneInfo) -> Moments:
    """Go from one occurrence to the next, as the scheduler does."""
    rule = read_rule(words)
    found: Moments = []
    due = next_due(rule, zone, START, BEGIN)
    while due is not None and due.on < END:
        found.append((due.on, due.at))
        due = next_due(rule, zone, START, due.at)
    return found


def _compare(what: str, expected: Moments, actual: Moments) -> Iterator[str]:
    if expected != actual:
        missing, wrong = sorted({*expected} - {*actual}), sorted({*actual} - {*expected})
        yield f"{what}: missing {missing[:3]}, wrong {wrong[:3]}, {len(expected)} expected, {len(actual)} found"
