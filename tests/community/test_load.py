"""What a leader has carried: hours, days in a row and late evenings, on their own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community.hours import Stretch
from bot.community.load import WEEK, Load, days_in_row, load_of

HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(*written: str) -> list[Stretch]:
    """Return times such as "2026-07-01T16:00 3", which is three hours long."""
    return [(utc(at), utc(at) + float(hours) * HOUR) for at, hours in (each.split() for each in written)]


def test_nothing_was_carried() -> None:
    """Whoever was never on duty has nothing that counts but what they answered."""
    assert Load(timedelta(), 0, 0, 0, 2) == load_of([], 0, 2, utc("2026-07-08T12:00"), BERLIN)


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        (["2026-07-08T10:00 1"], 1),
        (["2026-07-08T10:00 1", "2026-07-07T10:00 2"], 3),
        (["2026-07-08T10:00 3"], 2),  # goes on: until now
        (["2026-07-08T13:00 3"], 0),  # is still to come: left over after a break
        (["2026-07-08T10:00 1", "2026-07-08T10:30 1"], 1.5),  # overlap
        (["2026-07-01T10:00 3"], 1),  # began more than seven days ago
        (["2026-07-01T09:00 3"], 0),  # ended seven days ago
        (["2026-06-30T09:00 300"], 168),
        (["2026-07-08T10:00 0"], 0),
    ],
)
def test_time_on_duty_is_that_of_the_last_seven_days(written: list[str], hours: float) -> None:
    """Up to now, each minute once."""
    assert hours * HOUR == load_of(times(*written), 0, 0, utc("2026-07-08T12:00"), BERLIN).on_duty


@pytest.mark.parametrize(
    ("written", "zone", "now", "days"),
    [
        ([], "Europe/Berlin", "2026-07-08T12:00", 0),
        (["2026-07-08T10:00 1"], "Europe/Berlin", "2026-07-08T12:00", 1),
        (["2026-07-08T10:00 1", "2026-07-08T08:00 1"], "Europe/Berlin", "2026-07-08T12:00", 1),
        (["2026-07-08T12:00 1"], "Europe/Berlin", "2026-07-08T12:00", 1),  # begins now
        (["2026-07-08T13:00 1"], "Europe/Berlin", "2026-07-08T12:00", 0),  # is still to come
        (["2026-07-08T10:00 0"], "Europe/Berlin", "2026-07-08T12:00", 0),
        # Not yet today: up to yesterday.
        (["2026-07-07T10:00 1", "2026-07-06T10:00 1"], "Europe/Berlin", "2026-07-08T12:00", 2),
        (["2026-07-06T10:00 1", "2026-07-05T10:00 1"], "Europe/Berlin", "2026-07-08T12:00", 0),
        # A day without duty ends the row.
        (["2026-07-08T10:00 1", "2026-07-07T10:00 1", "2026-07-05T10:00 1"], "Europe/Berlin", "2026-07-08T12:00", 2),
        # Over midnight, 22:00 UTC in Berlin: both days; until midnight: one.
        (["2026-07-06T21:00 2", "2026-07-08T10:00 1"], "Europe/Berlin", "2026-07-08T12:00", 3),
        (["2026-07-06T21:00 1", "2026-07-08T10:00 1"], "Europe/Berlin", "2026-07-08T12:00", 1),
        # The same instants on another clock.
        (["2026-07-06T18:00 0.2", "2026-07-07T19:00 1"], "Europe/Berlin", "2026-07-07T20:00", 2),
        (["2026-07-06T18:00 0.2", "2026-07-07T19:00 1"], "Asia/Kathmandu", "2026-07-07T20:00", 1),
        # Through changes of the clock.
        (["2026-10-24T21:30 0.4", "2026-10-25T22:30 0.4"], "Europe/Berlin", "2026-10-26T12:00", 2),
        (["2027-03-27T22:30 0.4", "2027-03-28T21:30 0.4"], "Europe/Berlin", "2027-03-29T12:00", 2),
        # 30 December 2011 was left out: the 31st comes after the 29th.
        (["2011-12-29T20:00 1", "2011-12-30T20:00 1"], "Pacific/Apia", "2011-12-30T22:00", 2),
        (["2011-12-29T20:00 1"], "Pacific/Apia", "2011-12-30T22:00", 1),
        (["2011-12-30T08:00 4"], "Pacific/Apia", "2011-12-30T22:00", 2),
    ],
)
def test_days_in_a_row_are_days_of_the_leaders_own_clock(written: list[str], zone: str, now: str, days: int) -> None:
    """Up to today, or up to yesterday while there was none today."""
    assert days == days_in_row(times(*written), utc(now), ZoneInfo(zone))
    assert days == load_of(times(*written), 0, 0, utc(now), ZoneInfo(zone)).days


@pytest.mark.parametrize(
    ("written", "zone", "evenings"),
    [
        (["2026-07-07T18:00 2"], "Europe/Berlin", 0),  # until 22:00
        (["2026-07-07T18:00 2.5"], "Europe/Berlin", 1),
        (["2026-07-07T18:00 1"], "Asia/Kathmandu", 1),  # from 23:45
        (["2026-07-07T21:00 3"], "Europe/Berlin", 1),  # over midnight: one evening
        (["2026-07-06T23:00 1"], "Europe/Berlin", 1),  # after midnight: the evening before
        (["2026-07-06T20:30 1", "2026-07-06T23:00 1"], "Europe/Berlin", 1),
        (["2026-07-07T02:59 1"], "Europe/Berlin", 1),  # before 5:00
        (["2026-07-07T03:00 1"], "Europe/Berlin", 0),
        (["2026-07-06T20:30 24"], "Europe/Berlin", 2),
        (["2026-07-03T19:00 96"], "Europe/Berlin", 4),
        (["2026-06-20T19:00 4"], "Europe/Berlin", 0),  # long ago
        (["2026-07-08T19:00 4"], "Europe/Berlin", 0),  # still to come
    ],
)
def test_late_is_late_in_the_leaders_own_evening(written: list[str], zone: str, evenings: int) -> None:
    """After 22:00 on their clock, once for each evening."""
    assert evenings == load_of(times(*written), 0, 0, utc("2026-07-08T12:00"), ZoneInfo(zone)).late


@pytest.mark.parametrize(
    ("written", "zone", "now", "evenings"),
    [
        (["2026-10-24T21:00 3"], "Europe/Berlin", "2026-10-26T12:00", 1),  # the longer night
        (["2026-10-25T21:00 0.5"], "Europe/Berlin", "2026-10-26T12:00", 1),
        (["2026-10-25T20:30 0.5"], "Europe/Berlin", "2026-10-26T12:00", 0),
        (["2027-03-28T02:30 0.5"], "Europe/Berlin", "2027-03-29T12:00", 1),  # 4:30 in the shorter night
        (["2027-03-28T03:00 0.5"], "Europe/Berlin", "2027-03-29T12:00", 0),
        (["2011-12-30T08:00 4"], "Pacific/Apia", "2011-12-31T12:00", 1),  # from the 29th into the 31st
    ],
)
def test_late_is_late_through_changes_of_the_clock(written: list[str], zone: str, now: str, evenings: int) -> None:
    """A night is one evening, however long it is."""
    assert evenings == load_of(times(*written), 0, 0, utc(now), ZoneInfo(zone)).late


stretch = st.tuples(st.integers(-40 * 24 * 4, 400), st.integers(0, 200)).map(
    lambda drawn: (
        utc("2026-10-28T12:00") + drawn[0] * HOUR / 4,
        utc("2026-10-28T12:00") + (drawn[0] + drawn[1]) * HOUR / 4,
    )
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati"])


@given(st.lists(stretch, max_size=12), zones)
def test_no_more_is_counted_than_there_was(found: list[Stretch], name: str) -> None:
    """Seven days hold seven days, and at most eight evenings; the order in which it was does not matter."""
    now, zone = utc("2026-10-28T12:00"), ZoneInfo(name)
    load = load_of(found, 0, 0, now, zone)

    assert timedelta() <= load.on_duty <= WEEK
    assert 0 <= load.late <= 8
    assert 0 <= load.days <= 42
    assert load == load_of(list(reversed(found)), 0, 0, now, zone)
    quarters = (begins + number * HOUR / 4 for begins, ends in found for number in range((ends - begins) // (HOUR / 4)))
    days = {at.astimezone(zone).date() for at in quarters if at <= now}
    today = now.astimezone(zone).date()
    first = today if load.days and today in days else today - timedelta(days=1)
    assert all(first - number * timedelta(days=1) in days for number in range(load.days))
    assert first - load.days * timedelta(days=1) not in days
