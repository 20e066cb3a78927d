"""Which moments a milestone has, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.milestones.rules import (
    LOOK_BACK,
    USUAL,
    Moment,
    Run,
    Span,
    Tally,
    When,
    coming,
    corrected,
    is_same,
    moment_near,
    moments,
    restarted,
    start_problem,
    tally,
    without,
)

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Africa/Casablanca",
    "America/Santiago",
]
starts = st.dates(date(1930, 1, 1), date(2100, 12, 31))
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(1930, 1, 1), datetime(2120, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  st adds it


def named(moment: Moment) -> str:
    return f"{moment.unit}-{moment.count}"


def first(start: date, count: int) -> list[tuple[str, str]]:
    return [(named(moment), moment.on.isoformat()) for moment in islice(moments(start), count)]


def test_the_moments_of_a_date() -> None:
    """24 hours, a week, 30, 60 and 90 days, 6, 9, 12 and 18 months, then every year."""
    assert [
        ("day-1", "2026-02-01"),
        ("week-1", "2026-02-07"),
        ("day-30", "2026-03-02"),
        ("day-60", "2026-04-01"),
        ("day-90", "2026-05-01"),
        ("month-6", "2026-07-31"),
        ("month-9", "2026-10-31"),
        ("year-1", "2027-01-31"),
        ("month-18", "2027-07-31"),
        ("year-2", "2028-01-31"),
        ("year-3", "2029-01-31"),
    ] == first(date(2026, 1, 31), 11)


def test_a_group_marks_what_it_wants() -> None:
    """Its own list, in its own units, and nothing after its end."""
    wanted = (("day", 14), ("week", 3), ("month", 1), ("year", 2))

    assert [
        ("day-14", "2026-02-14"),
        ("week-3", "2026-02-21"),
        ("month-1", "2026-02-28"),
        ("year-2", "2028-01-31"),
    ] == [(named(moment), moment.on.isoformat()) for moment in moments(date(2026, 1, 31), wanted)]
    assert None is coming(date(2026, 1, 31), When(ZoneInfo("UTC")), datetime(2028, 1, 31, 12, tzinfo=UTC), wanted)


def test_a_leap_day_is_marked_in_every_year() -> None:
    """On 28 February in other years, and on the 29th whenever there is one."""
    found = {named(moment): moment.on for moment in moments(date(2024, 2, 29))}

    assert ("2024-08-29", "2025-08-29") == (found["month-6"].isoformat(), found["month-18"].isoformat())
    assert ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"] == [
        found[f"year-{years}"].isoformat() for years in range(1, 6)
    ]


def test_a_month_that_is_too_short_ends_the_moment_early() -> None:
    """Six months from 31 August is the last of February, counted from the start and not from another moment."""
    assert ("month-6", "2026-02-28") == first(date(2025, 8, 31), 6)[-1]
    assert ("month-9", "2026-05-31") == first(date(2025, 8, 31), 7)[-1]


@pytest.mark.parametrize(
    ("day", "zone", "at"),
    [
        ("2026-10-24", "Europe/Berlin", "2026-10-24T07:00"),
        ("2026-10-25", "Europe/Berlin", "2026-10-25T08:00"),  # winter time since the night
        ("2026-07-01", "America/New_York", "2026-07-01T13:00"),
        ("2026-07-01", "Asia/Kathmandu", "2026-07-01T04:00"),  # 9:00 is 03:15, told as 9:45
        ("2026-07-01", "Asia/Kolkata", "2026-07-01T04:00"),
        ("2026-07-01", "Pacific/Kiritimati", "2026-06-30T19:00"),
        ("2026-07-01", "Pacific/Pago_Pago", "2026-07-01T20:00"),
        ("2026-07-01", "Australia/Lord_Howe", "2026-06-30T23:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T19:00"),  # a date that was left out: the next morning
    ],
)
def test_a_moment_is_celebrated_in_the_owners_morning(day: str, zone: str, at: str) -> None:
    """At nine, or at the full hour after it where nine is between two hours of UTC."""
    assert datetime.fromisoformat(f"{at}+00:00") == When(ZoneInfo(zone)).at(date.fromisoformat(day))


@given(day=starts, zone=zones, hour=st.integers(0, 22))
def test_what_is_stored_tells_nothing_beyond_the_hour(day: date, zone: ZoneInfo, hour: int) -> None:
    """Whatever the zone, it is a full hour of UTC, within two hours of the owner's own, on the day or later."""
    at = When(zone, hour).at(day)

    local = at.astimezone(zone)
    assert (0, 0, 0) == (at.minute, at.second, at.microsecond)
    assert day <= local.date()
    assert hour <= local.hour <= hour + 2  # a gap in the night may add an hour


@given(day=starts, zone=zones, group=zones, hour=st.integers(0, 23))
def test_without_a_name_the_hour_is_the_groups(day: date, zone: ZoneInfo, group: ZoneInfo, hour: int) -> None:
    """It is nine or ten there, whatever hour the owner chose, and the owner's own date has begun, not two days ago."""
    at = When(zone, hour, group).at(day)

    assert 9 <= at.astimezone(group).hour <= 10
    assert day <= at.astimezone(zone).date() <= day + timedelta(days=2)


@given(start=starts, zone=zones)
@settings(max_examples=30, deadline=None)
def test_moments_stand_in_order_and_far_apart(start: date, zone: ZoneInfo) -> None:
    """Each is later than the one before by more than the bot ever looks back, so that none is taken for another."""
    found = list(moments(start))
    at = [When(zone).at(moment.on) for moment in found]

    assert all(later - earlier > 2 * LOOK_BACK for earlier, later in pairwise(at))
    assert len(found) == len({moment.span for moment in found})


@given(start=starts, zone=zones, after=instants, done=st.sets(st.sampled_from(USUAL), max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_next_moment_is_the_first_that_has_not_passed(
    start: date, zone: ZoneInfo, after: datetime, done: set[Span]
) -> None:
    """What has passed is never made up, what was celebrated never repeated, and nothing to come is left out."""
    when = When(zone)
    found = coming(start, when, after, done=done)
    left = [moment for moment in moments(start) if when.at(moment.on) > after and moment.span not in done]

    assert (found is None) == (not left)
    assert found is None or (left[0], when.at(left[0].on)) == found


@given(start=starts, planned=zones, lives=zones, place=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_what_was_planned_comes_wherever_its_owner_lives_now(
    start: date, planned: ZoneInfo, lives: ZoneInfo, place: int
) -> None:
    """Also where its morning has passed already; no moment before it is made up with it."""
    moment = list(moments(start))[place]
    now = When(planned).at(moment.on) - timedelta(seconds=1)

    found = coming(start, When(lives), now, planned=moment.span)

    assert found is not None
    assert (moment, When(lives).at(moment.on)) == found or found[1] > now


@given(start=starts, planned=zones, lives=zones, place=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_a_moment_is_known_again_in_another_zone(start: date, planned: ZoneInfo, lives: ZoneInfo, place: int) -> None:
    """Wherever its owner has moved since it was planned, it is the same moment."""
    moment = list(moments(start))[place]

    assert moment == moment_near(start, When(lives), When(planned).at(moment.on))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("day", 7), ("week", 1), True),
        (("day", 365), ("year", 1), True),
        (("month", 12), ("year", 1), True),
        (("day", 30), ("month", 1), True),
        (("day", 30), ("day", 30), True),
        (("day", 1), ("week", 1), False),
        (("day", 7), ("day", 11), False),
        (("month", 18), ("year", 2), False),
    ],
)
def test_a_moment_is_the_same_however_it_is_counted(one: Span, other: Span, same: bool) -> None:
    """Seven days are a week, 365 days a year: a group with a list of its own does not celebrate it once more."""
    assert same is is_same(one, other)


# ---------------------------------------------------------------- days and runs

TODAY = date(2026, 10, 21)


def test_days_are_counted_whole() -> None:
    """The day of the start is day nought."""
    assert [0, 1, 366] == [
        Run(1, date(2023, 12, 31)).days(on) for on in (date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31))
    ]


def test_beginning_again_keeps_what_was() -> None:
    """The run before ends where the new one begins; the total goes on, the longest stays, and now begins at nought."""
    runs = restarted([Run(1, date(2026, 8, 1))], date(2026, 10, 10), 2)

    assert (Run(1, date(2026, 8, 1), date(2026, 10, 10)), Run(2, date(2026, 10, 10))) == runs
    assert Tally(total=81, now=11, longest=70) == tally(runs, TODAY)


def test_a_corrected_beginning_moves_the_end_before_it() -> None:
    """The days in between belong to one of the two, and to one only."""
    runs = corrected(restarted([Run(1, date(2026, 8, 1))], date(2026, 10, 10), 2), date(2026, 10, 1))

    assert (Run(1, date(2026, 8, 1), date(2026, 10, 1)), Run(2, date(2026, 10, 1))) == runs
    assert Tally(total=81, now=20, longest=61) == tally(runs, TODAY)


def test_without_a_run_its_days_are_gone() -> None:
    """An earlier one leaves a gap; without the current one, the one before goes on as if it had never ended.

    Days that were deleted do not come back that way.
    """
    runs = restarted(restarted([Run(1, date(2026, 8, 1))], date(2026, 9, 1), 2), date(2026, 10, 1), 3)

    assert Tally(total=51, now=20, longest=31) == tally(without(runs, 2), TODAY)
    with pytest.raises(ValueError, match="3"):
        without(without(runs, 2), 3)
    with pytest.raises(ValueError, match="1"):
        without([Run(1, date(2026, 8, 1))], 1)
    assert (Run(1, date(2026, 8, 1), date(2026, 9, 1)), Run(2, date(2026, 9, 1))) == without(runs, 3)


def test_what_does_not_fit_the_history_is_refused() -> None:
    """No beginning again before the run began, and no correction into an earlier run or over one."""
    runs = restarted([Run(1, date(2026, 8, 1))], date(2026, 9, 1), 2)
    apart = without(restarted(runs, date(2026, 10, 1), 3), 2)
    with pytest.raises(ValueError, match="2026"):
        restarted(runs, date(2026, 9, 1), 3)
    for known, start in ((runs, date(2026, 8, 1)), (apart, date(2026, 8, 31))):
        with pytest.raises(ValueError, match="2026"):
            corrected(known, start)
    assert date(2026, 9, 1) == corrected(apart, date(2026, 9, 1))[-1].start


@given(st.lists(st.tuples(st.sampled_from(["restart", "correct", "forget"]), st.integers(0, 200)), max_size=12))
def test_total_now_and_longest_agree_with_history(changes: list[tuple[str, int]]) -> None:
    """Whatever is done: runs never overlap, the last one goes on, and each figure is what the history says."""
    runs: tuple[Run, ...] = (Run(1, TODAY - timedelta(days=150)),)
    made = 1
    for what, number in changes:
        day = TODAY - timedelta(days=number)
        try:
            match what:
                case "restart":
                    runs, made = restarted(runs, day, made + 1), made + 1
                case "correct":
                    runs = corrected(runs, day)
                case _ if len(runs) > 1:
                    runs = without(runs, runs[number % len(runs)].id)
                case _:
                    pass
        except ValueError:
            continue

    assert all(one.end and one.start < one.end <= other.start for one, other in pairwise(runs))
    assert not any(run.end is None for run in runs[:-1])
    assert [None] == [run.end for run in runs[-1:]]
    assert len(runs) == len({run.id for run in runs})
    days = [((run.end or TODAY) - run.start).days for run in runs]
    assert Tally(sum(days), days[-1], max(days)) == tally(runs, TODAY)


def test_a_start_lies_in_the_past() -> None:
    """Today is fine, tomorrow is not, nor is a date that looks like a slip."""
    today = TODAY

    assert start_problem(today, today) is None
    assert start_problem(date(1930, 1, 1), today) is None
    assert "milestones.date_future" == start_problem(today + timedelta(days=1), today)
    assert "milestones.date_early" == start_problem(date(1929, 12, 31), today)
