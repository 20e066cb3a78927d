"""Which moments a milestone has, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.milestones.celebration import LOOK_BACK
from bot.features.milestones.rules import (
    Moment,
    celebrated_at,
    days_since,
    moment_near,
    moments,
    next_moment,
    start_problem,
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


def first(start: date, count: int) -> list[tuple[str, str]]:
    return [(moment.id, moment.on.isoformat()) for moment in islice(moments(start), count)]


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
    ] == [(moment.id, moment.on.isoformat()) for moment in moments(date(2026, 1, 31), wanted)]
    assert None is next_moment(date(2026, 1, 31), ZoneInfo("UTC"), datetime(2028, 1, 31, 12, tzinfo=UTC), wanted)


def test_a_leap_day_is_marked_in_every_year() -> None:
    """On 28 February in other years, and on the 29th whenever there is one."""
    found = {moment.id: moment.on for moment in moments(date(2024, 2, 29))}

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
    moment = Moment("day", 1, date.fromisoformat(day))

    assert datetime.fromisoformat(f"{at}+00:00") == celebrated_at(moment, ZoneInfo(zone))


@given(day=starts, zone=zones)
def test_what_is_stored_tells_nothing_beyond_the_hour(day: date, zone: ZoneInfo) -> None:
    """Whatever the zone, the instant is a full hour, and local time is between nine and ten of the day or later."""
    at = celebrated_at(Moment("day", 1, day), zone)

    local = at.astimezone(zone)
    assert (0, 0, 0) == (at.minute, at.second, at.microsecond)
    assert day <= local.date()
    assert 9 <= local.hour <= 10


@given(start=starts, zone=zones)
@settings(max_examples=30, deadline=None)
def test_moments_stand_in_order_and_far_apart(start: date, zone: ZoneInfo) -> None:
    """Each is later than the one before by more than the bot ever looks back, so that none is taken for another."""
    found = list(moments(start))
    at = [celebrated_at(moment, zone) for moment in found]

    assert all(later - earlier > 2 * LOOK_BACK for earlier, later in pairwise(at))
    assert len(found) == len({moment.id for moment in found})


@given(start=starts, zone=zones, after=instants)
@settings(max_examples=60, deadline=None)
def test_the_next_moment_is_the_first_that_has_not_passed(start: date, zone: ZoneInfo, after: datetime) -> None:
    """What has passed is never made up, and nothing that is to come is left out."""
    found = next_moment(start, zone, after)
    coming = [moment for moment in moments(start) if celebrated_at(moment, zone) > after]

    assert (found is None) == (not coming)
    assert found is None or (coming[0], celebrated_at(coming[0], zone)) == found


@given(start=starts, planned=zones, lives=zones, place=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_a_moment_is_known_again_in_another_zone(start: date, planned: ZoneInfo, lives: ZoneInfo, place: int) -> None:
    """Wherever its owner has moved since it was planned, it is the same moment."""
    moment = list(moments(start))[place]

    assert moment == moment_near(start, lives, celebrated_at(moment, planned), LOOK_BACK)


def test_days_are_counted_whole() -> None:
    """The day of the start is day nought."""
    assert [0, 1, 366] == [
        days_since(date(2023, 12, 31), on) for on in (date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31))
    ]


def test_a_start_lies_in_the_past() -> None:
    """Today is fine, tomorrow is not, nor is a date that looks like a slip."""
    today = date(2026, 10, 21)

    assert start_problem(today, today) is None
    assert start_problem(date(1930, 1, 1), today) is None
    assert "milestones.date_future" == start_problem(today + timedelta(days=1), today)
    assert "milestones.date_early" == start_problem(date(1929, 12, 31), today)
