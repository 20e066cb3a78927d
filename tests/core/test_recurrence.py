from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.recurrence import (
    LAST,
    PROBLEMS,
    Due,
    MonthlyDay,
    MonthlyWeekday,
    Once,
    Rule,
    RuleProblem,
    Weekly,
    Yearly,
    add_months,
    instant,
    next_due,
    read_rule,
    upcoming,
)
from tests.core import wall_clock
from tests.core.wall_clock import DAY, Question, Stretch

MINUTE = timedelta(minutes=1)
SEVEN = time(19, 0)
BERLIN = wall_clock.zone_of("Europe/Berlin")
NUUK = wall_clock.zone_of("America/Nuuk")
KATHMANDU = wall_clock.zone_of("Asia/Kathmandu")
APIA = wall_clock.zone_of("Pacific/Apia")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class CountingZone(ZoneInfo):
    """A zone that counts how often it is asked for its offset."""

    asked = 0

    def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
        self.asked += 1
        return super().utcoffset(dt)


def _yearly(at: time, on: date) -> Yearly:
    return Yearly(at=at, month=on.month, day=on.day)


unhurried = settings(deadline=None)  # other work on the machine must not fail a property
days_of_week = st.integers(0, 6)
wall_times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
rules: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Once, at=wall_times, on=st.dates(date(1970, 1, 1), date(2090, 1, 1))),
    st.builds(Weekly, at=wall_times, days=st.frozensets(days_of_week, min_size=1), every=st.integers(1, 52)),
    st.builds(MonthlyDay, at=wall_times, day=st.integers(1, 31)),
    st.builds(MonthlyWeekday, at=wall_times, nth=st.sampled_from([1, 2, 3, 4, LAST]), weekday=days_of_week),
    st.builds(_yearly, wall_times, st.dates(date(2000, 1, 1), date(2000, 12, 31))),
)
zones = st.sampled_from(wall_clock.one_name_for_each_table()).map(wall_clock.zone_of)
instants = st.datetimes(datetime(1970, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds it
pieces = [
    "once",
    "daily",
    "weekdays",
    "weekly",
    "every",
    "weeks",
    "monthly",
    "yearly",
    "mon",
    "tuesday",
    ",",
    "2nd",
    "5th",
]
pieces += [
    "last",
    "0",
    "2",
    "31",
    "32",
    "53",
    "02-29",
    "02-30",
    "2026-02-29",
    "2026-10-25",
    "19:00",
    "9:05",
    "25:00",
    "²",
]
rule_like = st.lists(st.sampled_from(pieces) | st.text(max_size=4)).map(" ".join)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("once 2026-10-25 19:00", Once(at=SEVEN, on=date(2026, 10, 25))),
        ("daily 19:00", Weekly(at=SEVEN, days=frozenset(range(7)))),
        ("weekdays 19:00", Weekly(at=SEVEN, days=frozenset(range(5)))),
        ("weekly mon,thu 19:00", Weekly(at=SEVEN, days=frozenset({0, 3}))),
        ("every 2 weeks mon 19:00", Weekly(at=SEVEN, days=frozenset({0}), every=2)),
        ("every 2 weeks mon,thu 19:00", Weekly(at=SEVEN, days=frozenset({0, 3}), every=2)),
        ("every 52 weeks sun 00:00", Weekly(at=time(0, 0), days=frozenset({6}), every=52)),
        ("monthly 31 19:00", MonthlyDay(at=SEVEN, day=31)),
        ("monthly 2nd tue 19:00", MonthlyWeekday(at=SEVEN, nth=2, weekday=1)),
        ("monthly last fri 23:59", MonthlyWeekday(at=time(23, 59), nth=LAST, weekday=4)),
        ("yearly 02-29 19:00", Yearly(at=SEVEN, month=2, day=29)),
    ],
)
def test_words_and_rule_say_the_same(text: str, rule: Rule) -> None:
    """The words of the reference are canonical: they read as their rule, and the rule says them again."""
    assert rule == read_rule(text)
    assert text == str(rule)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("  Daily   9:05 ", "daily 09:05"),
        ("WEEKLY Monday , thu 19:00", "weekly mon,thu 19:00"),
        ("weekly thu mon thursdays 19:00", "weekly mon,thu 19:00"),
        ("weekly tues,wednes,thurs 19:00", "weekly tue,wed,thu 19:00"),
        ("weekly sun,sat,fri,thu,wed,tue,mon 19:00", "daily 19:00"),
        ("weekly mon,tue,wed,thu,fri 19:00", "weekdays 19:00"),
        ("every 1 week mon 19:00", "weekly mon 19:00"),
        ("every 02 weeks mon 19:00", "every 2 weeks mon 19:00"),
        ("monthly 05 7:30", "monthly 5 07:30"),
        ("monthly first Monday 19:00", "monthly 1st mon 19:00"),
        ("yearly 2-9 19:00", "yearly 02-09 19:00"),
        ("once\t2026-1-5\n19:00", "once 2026-01-05 19:00"),
    ],
)
def test_what_people_type_becomes_canonical(typed: str, canonical: str) -> None:
    """Case, spaces, full names, repeated days and short numbers are read kindly."""
    assert canonical == str(read_rule(typed))


@pytest.mark.parametrize(
    ("typed", "key", "quoted"),
    [
        ("", "rule_unknown", ""),
        ("hello", "rule_unknown", "hello"),
        ("19:00 daily", "rule_unknown", "19:00 daily"),
        ("hourly 19:00", "rule_unknown", "hourly 19:00"),
        ("daily mon 19:00", "rule_unknown", "daily mon"),
        ("weekdays fri 19:00", "rule_unknown", "weekdays fri"),
        ("daily", "rule_time", "daily"),
        ("daily 25:00", "rule_time", "25:00"),
        ("daily 24:00", "rule_time", "24:00"),
        ("daily 19:60", "rule_time", "19:60"),
        ("daily 19", "rule_time", "19"),
        ("daily 19:0", "rule_time", "19:0"),
        ("daily 7pm", "rule_time", "7pm"),
        ("daily \u0661\u0669:30", "rule_time", "\u0661\u0669:30"),  # Arabic digits look like digits to Python
        ("weekly 19:00", "rule_day", "weekly"),
        ("weekly , 19:00", "rule_day", "weekly"),
        ("weekly mo 19:00", "rule_day", "mo"),
        ("weekly mon,moonday 19:00", "rule_day", "moonday"),
        ("monthly 2nd someday 19:00", "rule_day", "someday"),
        ("every 2 weeks 19:00", "rule_day", "every 2 weeks"),
        ("every 0 weeks mon 19:00", "rule_weeks", "every 0 weeks mon"),
        ("every 53 weeks mon 19:00", "rule_weeks", "every 53 weeks mon"),
        ("every -2 weeks mon 19:00", "rule_weeks", "every -2 weeks mon"),
        ("every two weeks mon 19:00", "rule_weeks", "every two weeks mon"),
        ("every 2 days 19:00", "rule_weeks", "every 2 days"),
        ("every 19:00", "rule_weeks", "every"),
        ("monthly 0 19:00", "rule_month", "monthly 0"),
        ("monthly 32 19:00", "rule_month", "monthly 32"),
        ("monthly 19:00", "rule_month", "monthly"),
        ("monthly 2nd 19:00", "rule_month", "monthly 2nd"),
        ("monthly 6th tue 19:00", "rule_month", "monthly 6th tue"),
        ("monthly 2nd tue wed 19:00", "rule_month", "monthly 2nd tue wed"),
        ("monthly 5th tue 19:00", "rule_fifth", "monthly 5th tue"),
        ("monthly fifth tue 19:00", "rule_fifth", "monthly fifth tue"),
        ("yearly 02-30 19:00", "rule_date", "yearly 02-30"),
        ("yearly 2026-02-28 19:00", "rule_date", "yearly 2026-02-28"),
        ("yearly 19:00", "rule_date", "yearly"),
        ("once 2026-02-29 19:00", "rule_date", "once 2026-02-29"),
        ("once 0000-01-01 19:00", "rule_date", "once 0000-01-01"),
        ("once tomorrow 19:00", "rule_date", "once tomorrow"),
        ("once 19:00", "rule_date", "once"),
        ("daily " + "9" * 5000, "rule_time", "9" * 39 + "…"),
    ],
)
def test_what_is_no_rule_is_refused_by_its_own_problem(typed: str, key: str, quoted: str) -> None:
    """The problem tells which part is wrong and quotes it, never more than a line of it."""
    with pytest.raises(RuleProblem) as caught:
        read_rule(typed)

    assert (key, {"given": quoted}) == (caught.value.key, caught.value.values)


@unhurried
@given(st.text() | rule_like)
def test_any_text_is_a_rule_or_a_problem(text: str) -> None:
    """Whatever is typed, the reader answers with a rule or with a listed problem and a short quotation."""
    try:
        rule, problem = read_rule(text), None
    except RuleProblem as raised:
        rule, problem = None, raised

    if problem is None:
        assert rule == read_rule(str(rule))
    else:
        assert problem.key in PROBLEMS
        assert problem.values.keys() == {"given"}
        assert len(problem.values["given"]) <= 40


@unhurried
@given(rules)
def test_a_rule_survives_being_written_and_read(rule: Rule) -> None:
    """The canonical words lose nothing."""
    assert rule == read_rule(str(rule))


def test_the_first_of_two_equal_times_counts_even_if_the_second_is_asked_for() -> None:
    """A wall time taken from a clock in the repeated hour means the first of both all the same."""
    assert instant(date(2026, 10, 25), time(2, 30), BERLIN) == instant(date(2026, 10, 25), time(2, 30, fold=1), BERLIN)


def test_an_instant_beyond_the_calendar_is_none() -> None:
    """The first and last hours of all years lie outside UTC in half of the world."""
    assert instant(date.min, time(0, 0), KATHMANDU) is None
    assert instant(date.max, time(23, 59), NUUK) is None
    assert instant(date.max, time(23, 59), KATHMANDU) is not None


def test_the_words_of_a_due_occurrence() -> None:
    """It is named by its local date and slot, and its instant is in UTC."""
    due = next_due(read_rule("daily 9:05"), KATHMANDU, date(2026, 1, 1), datetime(2026, 11, 22, 20, tzinfo=UTC))

    assert Due(date(2026, 11, 23), "09:05", datetime(2026, 11, 23, 3, 20, tzinfo=UTC)) == due


def test_an_occurrence_at_the_very_instant_is_not_due_again() -> None:
    """Due means later than the instant given, not at it."""
    at = datetime(2026, 11, 22, 18, tzinfo=UTC)
    rule = read_rule("daily 19:00")

    assert [at, at + DAY] == [
        due.at for now in (at - MINUTE, at) if (due := next_due(rule, BERLIN, date(2026, 1, 1), now))
    ]


def test_any_zone_may_tell_the_instant() -> None:
    """The same instant in another zone's words gives the same occurrence."""
    now = datetime(2026, 11, 22, 18, tzinfo=UTC)
    rule = read_rule("weekdays 19:00")
    elsewhere = now.astimezone(timezone(timedelta(hours=-11)))

    assert next_due(rule, BERLIN, date(2026, 1, 1), now) == next_due(rule, BERLIN, date(2026, 1, 1), elsewhere)


def test_an_instant_without_a_zone_is_refused() -> None:
    """The machine's own zone must never slip in."""
    naive = LONG_AGO.replace(tzinfo=None)

    with pytest.raises(ValueError, match="time zone"):
        next_due(read_rule("daily 19:00"), BERLIN, date(2026, 1, 1), naive)


def test_nothing_is_due_before_the_start() -> None:
    """The start is a local date; an occurrence on it counts."""
    rule = read_rule("weekly mon,thu 19:00")

    assert [date(2026, 11, 26), date(2026, 11, 30)] == _dates(rule, date(2026, 11, 24), 2)
    assert [date(2026, 11, 26), date(2026, 11, 30)] == _dates(rule, date(2026, 11, 26), 2)


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("every 2 weeks mon 19:00", "2026-11-25", ["2026-12-07", "2026-12-21", "2027-01-04"]),
        ("every 2 weeks mon,sun 19:00", "2026-11-25", ["2026-11-29", "2026-12-07", "2026-12-13", "2026-12-21"]),
        ("every 2 weeks sun 19:00", "2026-11-29", ["2026-11-29", "2026-12-13"]),
        ("monthly 31 19:00", "2027-01-31", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("monthly 30 19:00", "2028-01-31", ["2028-02-29", "2028-03-30"]),
        ("monthly 1st mon 19:00", "2027-02-01", ["2027-02-01", "2027-03-01", "2027-04-05"]),
        ("monthly 4th sun 19:00", "2027-02-01", ["2027-02-28", "2027-03-28"]),
        ("monthly last fri 19:00", "2027-01-01", ["2027-01-29", "2027-02-26", "2027-03-26", "2027-04-30"]),
        ("yearly 02-29 19:00", "2026-03-01", ["2027-02-28", "2028-02-29", "2029-02-28"]),
        ("weekdays 19:00", "2026-11-27", ["2026-11-27", "2026-11-30"]),
        ("once 2026-10-25 02:30", "2026-10-25", ["2026-10-25"]),
    ],
)
def test_the_dates_of_a_rule(text: str, start: str, expected: list[str]) -> None:
    """Weeks count from the Monday on or before the start; short months end early; every year has its 29 February."""
    dates = _dates(read_rule(text), date.fromisoformat(start), len(expected))

    assert expected == [on.isoformat() for on in dates]


@pytest.mark.parametrize(
    ("text", "start", "after"),
    [
        ("once 2026-10-25 19:00", "2026-01-01", "2026-10-25T18:00+00:00"),
        ("once 2026-10-25 19:00", "2026-10-26", "2026-01-01T00:00+00:00"),
        ("once 2011-12-30 19:00", "2011-01-01", "2011-01-01T00:00+00:00"),
        ("once 9999-12-31 23:59", "9999-12-31", "9999-12-31T23:59+00:00"),
        ("daily 19:00", "2026-01-01", "9999-12-31T23:59+00:00"),
        ("every 52 weeks mon 19:00", "2026-01-01", "9999-12-31T23:59+00:00"),
        ("monthly last fri 19:00", "2026-01-01", "9999-12-31T23:59+00:00"),
        ("yearly 12-31 19:00", "2026-01-01", "9999-12-31T23:59+00:00"),
    ],
)
def test_what_will_never_be_due_again_is_none(text: str, start: str, after: str) -> None:
    """A single date that has passed, was left out or lies before the start never comes, nor does a day after 9999."""
    rule = read_rule(text)

    assert next_due(rule, APIA, date.fromisoformat(start), datetime.fromisoformat(after)) is None
    assert not upcoming(rule, APIA, date.fromisoformat(start), datetime.fromisoformat(after), 3)


@pytest.mark.parametrize("after", ["2026-11-22T18:00+00:00", "9999-12-31T23:59+00:00"])
@pytest.mark.parametrize(
    "text",
    ["daily 19:00", "every 52 weeks mon 19:00", "monthly 31 19:00", "monthly 4th sun 19:00", "yearly 02-29 19:00"],
)
def test_an_old_schedule_is_not_gone_through_from_its_start(text: str, after: str) -> None:
    """However long ago the start was, only a few dates are looked at."""
    zone = CountingZone.no_cache("Asia/Kathmandu")

    next_due(read_rule(text), zone, date.min, datetime.fromisoformat(after))

    assert zone.asked < 30


def test_the_beginning_of_the_calendar_is_a_fair_instant() -> None:
    """The first instant there is may stand for `never yet`, also in zones where it has no local date."""
    beginning = datetime.min.replace(tzinfo=UTC)

    for zone in (KATHMANDU, NUUK):
        due = next_due(read_rule("daily 19:00"), zone, date(2026, 11, 22), beginning)
        assert date(2026, 11, 22) == (due and due.on)


def test_the_first_date_of_the_calendar_counts() -> None:
    """It is still to come in the west when clocks in the east show the second, though the west has no date by then."""
    west, second = timezone(timedelta(hours=-12)), datetime(1, 1, 2, 1, tzinfo=timezone(timedelta(hours=14)))
    zone = wall_clock.zone_of("Etc/GMT+12")

    due = next_due(read_rule("daily 19:00"), zone, date.min, second)

    assert datetime(1, 1, 1, 19, tzinfo=west) == (due and due.at)


def test_the_last_date_of_the_calendar_counts() -> None:
    """The calendar ends after 31 December 9999, not before it."""
    coming = upcoming(read_rule("daily 19:00"), KATHMANDU, date(9999, 12, 30), LONG_AGO, 5)

    assert [date(9999, 12, 30), date.max] == [one.on for one in coming]


def test_a_daily_rule_passes_over_the_date_that_was_left_out() -> None:
    """Apia went from 29 to 31 December 2011."""
    due = upcoming(read_rule("daily 19:00"), APIA, date(2011, 12, 28), LONG_AGO, 4)

    assert [one.on.day for one in due] == [28, 29, 31, 1]


def test_a_month_whose_day_was_left_out_goes_without() -> None:
    """A date that does not exist has no occurrence, and no other date stands in for it."""
    due = upcoming(read_rule("monthly 30 19:00"), APIA, date(2011, 11, 1), LONG_AGO, 2)

    assert [date(2011, 11, 30), date(2012, 1, 30)] == [one.on for one in due]


def test_a_rule_of_a_swallowed_hour_keeps_its_own_date() -> None:
    """In Nuuk 23:30 on 28 March 2026 is posted at midnight, belongs to the 28th, and the 29th has its own."""
    due = upcoming(read_rule("daily 23:30"), NUUK, date(2026, 3, 28), LONG_AGO, 2)

    assert [
        Due(date(2026, 3, 28), "23:30", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        Due(date(2026, 3, 29), "23:30", datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
    ] == due


def test_once_per_local_date_around_every_change_of_every_zone() -> None:
    """Each kind of rule, aimed at the dates of a change: never none, never two, at the first moment, in order."""
    courses = wall_clock.one_name_for_each_course(date(2022, 12, 1), date(2027, 1, 1), 4 * DAY)
    differences = [
        difference
        for name, course in courses.items()
        for old, new in pairwise(course)
        for difference in _differences_around(name, old, new, course)
    ]

    assert not differences[:5]


@pytest.mark.parametrize("name", ["America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago"])
@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("daily 00:00", "0 0 * * *"),
        ("daily 02:10", "10 2 * * *"),
        ("weekly sun 02:10", "10 2 * * 0"),
        ("monthly 31 00:30", "30 0 L * *"),
        ("monthly 2nd tue 19:00", "0 19 * * 2#2"),
        ("monthly last fri 00:00", "0 0 * * 5L"),
        ("yearly 02-29 19:00", "0 19 L 2 *"),
    ],
)
def test_a_year_as_cronsim_sees_it(name: str, text: str, cron: str) -> None:
    """Where cron can say the rule, an independent library gives the same moments."""
    zone = wall_clock.zone_of(name)
    midnight = datetime(2025, 12, 31, 23, 59, tzinfo=zone)
    ours = upcoming(read_rule(text), zone, date(2026, 1, 1), midnight, 400)
    theirs = CronSim(cron, midnight)

    assert [next(theirs).astimezone(UTC) for _ in ours] == [due.at for due in ours]


@unhurried
@given(rules, zones, st.dates(date(1970, 1, 1), date(2090, 1, 1)), instants)
def test_going_on_from_each_occurrence_gives_what_is_upcoming(
    rule: Rule, zone: ZoneInfo, start: date, after: datetime
) -> None:
    """In any zone, from any instant, occurrences come later one after the other, and none on a date twice."""
    coming = upcoming(rule, zone, start, after, 5)

    found: list[Due] = []
    due = next_due(rule, zone, start, after)
    while due is not None and len(found) < 5:
        found.append(due)
        due = next_due(rule, zone, start, due.at)

    assert coming == found
    assert all(one.at > after and one.on >= start for one in coming)
    assert all(one.on < other.on and one.at < other.at for one, other in pairwise(coming))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-08-01", 1, "2026-09-01"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-02-28", 12, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-03-31", 0, "2026-03-31"),
    ],
)
def test_months_later(start: str, months: int, expected: str) -> None:
    """The same day, or the last of a month that is too short."""
    assert date.fromisoformat(expected) == add_months(date.fromisoformat(start), months)


def test_months_beyond_the_calendar_are_refused() -> None:
    """There is no date after 9999 and none before year 1."""
    for start, months in ((date(MAXYEAR, 12, 1), 1), (date(1, 1, 1), -1)):
        with pytest.raises(ValueError, match="year"):
            add_months(start, months)


@unhurried
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-1200, 1200))
def test_months_later_is_as_many_months_away(start: date, months: int) -> None:
    """The month is always that many months off, and the day only ever shortened."""
    later = add_months(start, months)

    assert months == (later.year - start.year) * 12 + later.month - start.month
    assert min(start.day, monthrange(later.year, later.month)[1]) == later.day


def _dates(rule: Rule, start: date, count: int) -> list[date]:
    return [due.on for due in upcoming(rule, BERLIN, start, LONG_AGO, count)]


def _differences_around(name: str, old: Stretch, new: Stretch, course: tuple[Stretch, ...]) -> list[str]:
    before, after = new.begin + old.offset, new.begin + new.offset
    later = max(before, after)
    middle = before + (after - before) / 2
    walls = sorted({time(0, 0), time(23, 59), middle.time(), (later - MINUTE).time()})
    aims = sorted({(before - MINUTE).date(), after.date(), later.date()})
    return [
        f"{name}: {words} {wall}"
        for aim in aims
        for words, question in _aimed_at(aim, aim - 21 * DAY)
        for wall in walls
        if _walk(name, f"{words} {wall:%H:%M}", aim) != _expected(question, wall, aim, course)
    ]


def _aimed_at(aim: date, start: date) -> list[tuple[str, Question]]:
    """Give one rule of each kind that means this date, with the question that tells the same."""
    weekday = aim.isoweekday()
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[weekday - 1]
    nth = (aim.day + 6) // 7
    aimed: list[tuple[str, Question]] = [
        ("daily", wall_clock.any_of(1, 2, 3, 4, 5, 6, 7)),
        ("weekdays", wall_clock.any_of(1, 2, 3, 4, 5)),
        (f"weekly {day}", wall_clock.any_of(weekday)),
        (f"every 3 weeks {day}", wall_clock.every_weeks(3, start, weekday)),
        (f"monthly {aim.day}", wall_clock.day_of_month(aim.day)),
        (f"yearly {aim:%m-%d}", wall_clock.day_of_year(aim.month, aim.day)),
        (f"once {aim}", lambda on: on == aim),
    ]
    if nth <= 4:
        ordinal = ("1st", "2nd", "3rd", "4th")[nth - 1]
        aimed.append((f"monthly {ordinal} {day}", wall_clock.nth_weekday(nth, weekday)))
    if wall_clock.last_weekday(weekday)(aim):
        aimed.append((f"monthly last {day}", wall_clock.last_weekday(weekday)))
    return aimed


def _walk(name: str, text: str, aim: date) -> list[tuple[date, datetime]]:
    rule, zone, start = read_rule(text), wall_clock.zone_of(name), aim - 21 * DAY
    found: list[tuple[date, datetime]] = []
    due = next_due(rule, zone, start, datetime.combine(aim - 2 * DAY, time(), UTC))
    while due is not None and due.on <= aim + 2 * DAY:
        found.append((due.on, due.at))
        due = next_due(rule, zone, start, due.at)
    return found


def _expected(question: Question, wall: time, aim: date, course: tuple[Stretch, ...]) -> list[tuple[date, datetime]]:
    since = datetime.combine(aim - 2 * DAY, time(), UTC)
    return [
        (on, at)
        for on in wall_clock.days(aim - 4 * DAY, aim + 3 * DAY)
        if question(on) and wall_clock.exists(on, around := wall_clock.near(on, course))
        if (at := wall_clock.first_reading(on, wall, around)) > since
    ]
