"""Who is reminded when: a month of twelve leaders in six zones, as a table. Clocks change in Berlin and New York."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from bot.community.hours import read_hours, stretches
from bot.community.quiet import night_end, reached
from bot.features.breaks.rules import Rules, What, Why
from tests.features.breaks_lived import Life, Reminded

BERLIN, NEW_YORK, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")
SYDNEY, NAIROBI, LONDON = ZoneInfo("Australia/Sydney"), ZoneInfo("Africa/Nairobi"), ZoneInfo("Europe/London")
FIRST: Final = date(2026, 10, 12)
"""A Monday. The month goes to Tuesday 10 November."""
DAYS: Final = 30
EVERY_DAY: Final = "12-31 1-10"
WEEKDAYS: Final = "12-16 19-23 26-30 2-6 9-10"
TUESDAYS: Final = "13 20 27 3 10"
Answer = Callable[[Life, Reminded], None]


def takes(life: Life, reminder: Reminded) -> None:
    life.press(What.TAKEN, reminder.at, 10)


def took(life: Life, reminder: Reminded) -> None:
    life.press(What.ALREADY, reminder.at)


def skips(life: Life, reminder: Reminded) -> None:
    life.press(What.NOT_TODAY, reminder.at)


def puts_off_once(life: Life, reminder: Reminded) -> None:
    if reminder.why is Why.SNOOZE:
        life.press(What.TAKEN, reminder.at, 10)
    else:
        life.press(What.LATER, reminder.at, 20)


@dataclass(frozen=True, slots=True)
class Row:
    """A leader: their week and rules, how they answer, and on which days of the month they are reminded when.

    The expected times are those of their own clock.
    """

    name: str
    zone: ZoneInfo
    expected: Mapping[str, str]
    hours: str = ""
    after: int = 50
    most: int = 2
    days: int = 6
    times: Sequence[time] = ()
    quiet: tuple[time, time] | None = None
    supports: time | None = None
    answer: Answer | None = None


MONTH: Final = (
    Row(
        "ana leaves them unanswered, and two a day are enough",
        BERLIN,
        {"18:50 minutes": WEEKDAYS, "19:40 minutes": WEEKDAYS},
        hours="weekdays 18:00-21:00",
    ),
    Row(
        "ben takes each, and every sixth day in a row is noticed",
        BERLIN,
        {
            "09:50 minutes": "12-16 18-22 24-28 30-3 5-9",
            "09:10 days": "17 23 29 4 10",
            "10:10 minutes": "17 23 29 4 10",
        },
        hours="daily 9:00-10:30",
        answer=takes,
    ),
    Row(
        "cleo has quiet hours within her duty",
        NEW_YORK,
        {"21:00 minutes": "17-18 24-25 31-1 7-8"},
        hours="weekend 20:00-23:00",
        after=60,
        quiet=(time(22), time(8)),
    ),
    Row(
        "dan has fixed times and no duty, and wants no second one",
        NEW_YORK,
        {"12:00 time": EVERY_DAY},
        times=(time(12), time(16, 30)),
        answer=skips,
    ),
    Row(
        "eva is there over midnight, and a new day has reminders of its own",
        KATHMANDU,
        {
            "22:50 minutes": "12 14 16 19 21 23 26 28 30 2 4 6 9",
            "23:40 minutes": "12 14 16 19 21 23 26 28 30 2 4 6 9",
            "00:30 minutes": "13 15 17 20 22 24 27 29 31 3 5 7 10",
        },
        hours="mon,wed,fri 22:00-1:00",
    ),
    Row(
        "finn puts it off once each day",
        KATHMANDU,
        {"10:50 minutes": EVERY_DAY, "11:10 snooze": EVERY_DAY},
        hours="daily 10:00-12:00",
        days=0,
        answer=puts_off_once,
    ),
    Row("gil wants one a day", SYDNEY, {"17:50 minutes": WEEKDAYS}, hours="weekdays 17:00-19:00", most=1),
    Row("hana is there for somebody on Tuesdays", SYDNEY, {"20:05 support": TUESDAYS}, supports=time(20)),
    Row("ian wants none", NAIROBI, {}, hours="daily 8:00-20:00", most=0, times=(time(9),), supports=time(10)),
    Row(
        "jo has long days, and took each before it was asked",
        NAIROBI,
        {f"{hour}:00 minutes": WEEKDAYS for hour in (10, 12, 14, 16)},
        hours="weekdays 8:00-17:00",
        after=120,
        most=4,
        answer=took,
    ),
    Row(
        "kim has an hour around midnight, and every third day is noticed",
        LONDON,
        {
            "00:20 minutes": "13-14 16-17 19-20 22-23 25-26 28-29 31-1 3-4 6-7 9-10",
            "23:40 days": "14 17 20 23 26 29 1 4 7 10",
        },
        hours="daily 23:30-0:30",
        days=3,
    ),
    Row(
        "lou is there in the hour that comes twice, the first time",
        BERLIN,
        {"02:35 minutes": EVERY_DAY},
        hours="daily 2:15-2:45",
        after=20,
        days=0,
    ),
)


def dates(text: str) -> list[date]:
    """Return the dates of the month that a text such as "30-3 5" means."""
    month = [FIRST + timedelta(days=days) for days in range(DAYS)]
    by_day = {each.day: each for each in month}
    found: list[date] = []
    for part in text.split():
        first, _, last = part.partition("-")
        begin, end = by_day[int(first)], by_day[int(last or first)]
        found += [each for each in month if begin <= each <= end]
    return found


def life_of(row: Row) -> Life:
    """Let a leader live through the month."""
    zone, quiet = row.zone, row.quiet
    begin, end = (reached(FIRST + timedelta(days=days), time(0), zone) for days in (0, DAYS))
    planned = stretches(read_hours(row.hours), zone, begin, end) if row.hours else ()
    rules = Rules(
        timedelta(minutes=row.after),
        row.most,
        row.days,
        support=True,
        times=tuple(row.times),
        quiet_end=(lambda at: night_end(*quiet, zone, at)) if quiet else (lambda _: None),
    )
    supports = row.supports
    answered = [reached(on, supports, zone) for on in dates(TUESDAYS)] if supports else []
    life = Life(rules, zone, [each for each in planned if each[0] >= begin], answered)
    life.live(begin, end, row.answer)
    return life


def test_there_are_twelve_in_six_zones() -> None:
    """Among them two whose clocks change in this month."""
    assert 12 == len(MONTH)
    assert 6 == len({row.zone for row in MONTH})
    middle = datetime(2026, 10, 12, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)
    changed = {row.zone.key for row in MONTH if len({each.astimezone(row.zone).utcoffset() for each in middle}) > 1}
    assert {"Europe/Berlin", "Europe/London", "America/New_York"} == changed


@pytest.mark.parametrize("row", MONTH, ids=[row.name.split()[0] for row in MONTH])
def test_everybody_is_reminded_by_their_own_rules(row: Row) -> None:
    """At the same times of their own clock, on these days and no others."""
    life = life_of(row)

    came: dict[str, list[date]] = {}
    for each in life.reminded:
        local = each.at.astimezone(row.zone)
        came.setdefault(f"{local:%H:%M} {each.why}", []).append(local.date())
    assert {said: dates(days) for said, days in row.expected.items()} == came
