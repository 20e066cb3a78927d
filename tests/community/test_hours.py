"""Hours of a week: how they are read and kept, and when they are, through every change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.community.hours import (
    LONGEST,
    MOST,
    Hours,
    HoursProblem,
    Stretch,
    Week,
    merged,
    next_planned,
    planned_at,
    read_hours,
    stretches,
    write_hours,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(found: Stretch | None) -> str:
    return f"{found[0]:%m-%d %H:%M} to {found[1]:%m-%d %H:%M}" if found else ""


# ---------------------------------------------------------------- read and kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("18:00-21:00", "daily 18:00-21:00"),
        ("daily 9:00-10:30", "daily 09:00-10:30"),
        ("weekdays 18:00-21:00, sat 10:00-12:00", "weekdays 18:00-21:00, sat 10:00-12:00"),
        ("  WEEKDAYS   18:00 - 21:00;Saturday 10:00 to 12:00 ", "weekdays 18:00-21:00, sat 10:00-12:00"),
        ("Mon, Wed and Fridays 18:00\u201321:00", "mon,wed,fri 18:00-21:00"),
        ("mon 18:00-20:00 21:00-22:00", "mon 18:00-20:00, mon 21:00-22:00"),
        ("18:00-20:00 21:00-22:00, mon 9:00-10:00", "daily 18:00-20:00, daily 21:00-22:00, mon 09:00-10:00"),
        ("mon-fri 18:00-21:00", "weekdays 18:00-21:00"),
        ("fri - mon 18:00-21:00", "mon,fri,sat,sun 18:00-21:00"),
        ("mon to sun 18:00-21:00", "daily 18:00-21:00"),
        ("tue-tue 18:00-21:00", "tue 18:00-21:00"),
        ("sat sun 22:00-02:00", "weekend 22:00-02:00"),
        ("weekends,mon 22:00-02:00", "mon,sat,sun 22:00-02:00"),
        ("thurs 00:00-23:59", "thu 00:00-23:59"),
    ],
)
def test_hours_are_read_and_kept(text: str, kept: str) -> None:
    """Whatever their case, spacing and words; they are kept in one way."""
    assert kept == write_hours(read_hours(text))
    assert read_hours(text) == read_hours(kept)


@pytest.mark.parametrize(
    ("text", "key", "given_back"),
    [
        ("", "unreadable", ""),
        (" , and ", "unreadable", "and"),
        ("mon", "unreadable", "mon"),
        ("18:00-21:00 tue", "unreadable", "tue"),
        ("evenings 18:00-21:00", "unreadable", "evenings"),
        ("mo 18:00-21:00", "unreadable", "mo"),
        ("mon-wed-fri 18:00-21:00", "unreadable", "mon-wed-fri"),
        ("-mon 18:00-21:00", "unreadable", "-mon"),
        ("mon 18-21", "unreadable", "18-21"),
        ("mon 18:00", "unreadable", "18:00"),
        ("mon \uff11\uff18:00-21:00", "unreadable", "\uff11\uff18:00-21:00"),
        ("x" * 99, "unreadable", "x" * 40),
        ("mon 18:00-24:00", "time", "18:00-24:00"),
        ("mon 18:60-21:00", "time", "18:60-21:00"),
        ("mon 18:00-18:00", "equal", "18:00-18:00"),
        (" ".join(["1:00-2:00"] * (MOST + 1)), "many", "10"),
        ("1:00-2:00 " * 11, "many", "10"),
        ("mon-thu 1:00-2:00 fri-sun 3:00-4:00 " * 5, "many", "7"),
    ],
)
def test_what_is_wrong_is_named(text: str, key: str, given_back: str) -> None:
    """With what was typed, or how much would have been enough."""
    with pytest.raises(HoursProblem) as found:
        read_hours(text)

    assert (key, given_back) == (found.value.key, found.value.given)


def test_what_is_kept_fits_the_form_it_was_typed_in() -> None:
    """However long it becomes, it can be shown there again."""
    assert LONGEST >= len(write_hours(read_hours("1:00-2:00 " * 10)))


walls = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.builds(Hours, st.frozensets(st.integers(0, 6), min_size=1), walls, walls).filter(
    lambda each: each.begins != each.ends
)
weeks = st.lists(hours, min_size=1, max_size=4).map(tuple)


@given(weeks)
def test_hours_that_are_kept_are_read_as_they_were(week: Week) -> None:
    """Nothing is lost on the way."""
    assert week == read_hours(write_hours(week))


# ---------------------------------------------------------------- when they are


@pytest.mark.parametrize(
    ("week", "zone", "at", "found"),
    [
        ("daily 18:00-21:00", "Europe/Berlin", "2026-07-01T16:00", "07-01 16:00 to 07-01 19:00"),
        ("daily 18:00-21:00", "Europe/Berlin", "2026-07-01T15:59", ""),
        ("daily 18:00-21:00", "Europe/Berlin", "2026-07-01T19:00", ""),
        ("tue 18:00-21:00", "Europe/Berlin", "2026-07-01T16:00", ""),  # a Wednesday
        ("daily 18:00-21:00", "Asia/Kathmandu", "2026-07-01T12:15", "07-01 12:15 to 07-01 15:15"),
        # Over midnight: the night belongs to the day on which it begins.
        ("wed 22:00-02:00", "Europe/Berlin", "2026-07-01T23:59", "07-01 20:00 to 07-02 00:00"),
        ("wed 22:00-02:00", "Europe/Berlin", "2026-06-30T23:00", ""),
        ("wed 22:00-00:00", "Europe/Berlin", "2026-07-01T21:59", "07-01 20:00 to 07-01 22:00"),
        ("wed 22:00-00:00, thu 00:00-01:00", "Europe/Berlin", "2026-07-01T22:30", "07-01 20:00 to 07-01 23:00"),
        # The night in which the clocks go back is an hour longer; what comes twice counts the first time.
        ("sat 22:00-07:00", "Europe/Berlin", "2026-10-25T05:59", "10-24 20:00 to 10-25 06:00"),
        ("sat 22:00-02:30", "Europe/Berlin", "2026-10-25T00:29", "10-24 20:00 to 10-25 00:30"),
        ("sat 22:00-02:30", "Europe/Berlin", "2026-10-25T01:15", ""),
        ("sun 02:30-03:00", "Europe/Berlin", "2026-10-25T01:15", "10-25 00:30 to 10-25 02:00"),
        # The night in which they go forward is an hour shorter; what is left out ends with the jump.
        ("sat 22:00-07:00", "Europe/Berlin", "2027-03-28T04:59", "03-27 21:00 to 03-28 05:00"),
        ("sat 22:00-02:30", "Europe/Berlin", "2027-03-28T00:59", "03-27 21:00 to 03-28 01:00"),
        ("sun 02:30-07:00", "Europe/Berlin", "2027-03-28T01:00", "03-28 01:00 to 03-28 05:00"),
        ("sun 02:15-02:45", "Europe/Berlin", "2027-03-28T01:00", ""),
        # Half an hour back in April, half an hour forward in October.
        ("sun 01:00-03:00", "Australia/Lord_Howe", "2026-04-04T15:00", "04-04 14:00 to 04-04 16:30"),
        ("sun 01:00-03:00", "Australia/Lord_Howe", "2026-10-03T15:30", "10-03 14:30 to 10-03 16:00"),
        # Friday, 30 December 2011 was left out; its night is the beginning of the 31st.
        ("fri 18:00-21:00", "Pacific/Apia", "2011-12-30T10:00", ""),
        ("fri 22:00-02:00", "Pacific/Apia", "2011-12-30T11:59", "12-30 10:00 to 12-30 12:00"),
        ("daily 22:00-02:00", "Pacific/Apia", "2011-12-30T11:59", "12-30 08:00 to 12-30 12:00"),
    ],
)
def test_hours_follow_the_clock_of_the_leader(week: str, zone: str, at: str, found: str) -> None:
    """To the minute, over midnight and through every change."""
    assert found == shown(planned_at(read_hours(week), ZoneInfo(zone), utc(at)))


@pytest.mark.parametrize(
    ("week", "zone", "after", "found"),
    [
        ("daily 18:00-21:00", "Europe/Berlin", "2026-07-01T15:59", "07-01 16:00 to 07-01 19:00"),
        ("daily 18:00-21:00", "Europe/Berlin", "2026-07-01T16:00", "07-02 16:00 to 07-02 19:00"),
        ("wed 18:00-21:00", "Europe/Berlin", "2026-07-01T16:00", "07-08 16:00 to 07-08 19:00"),
        ("sun 02:15-02:45", "Europe/Berlin", "2027-03-22T12:00", "04-04 00:15 to 04-04 00:45"),
        ("fri 18:00-21:00", "Pacific/Apia", "2011-12-24T12:00", "01-06 04:00 to 01-06 07:00"),
    ],
)
def test_the_next_time_of_a_week(week: str, zone: str, after: str, found: str) -> None:
    """One that has begun is not the next; one that the clock leaves out is not lost for good."""
    assert found == shown(next_planned(read_hours(week), ZoneInfo(zone), utc(after)))


def test_times_that_touch_are_one_and_whole() -> None:
    """From Friday evening to Monday noon, whenever it is looked at."""
    week = read_hours("fri 18:00-00:00 weekend 0:00-12:00 12:00-00:00 mon 0:00-12:00")
    found = {
        shown(planned_at(week, ZoneInfo("Europe/Berlin"), utc("2026-07-03T16:00") + hours * timedelta(hours=1)))
        for hours in range(66)
    }

    assert {"07-03 16:00 to 07-06 10:00"} == found


@pytest.mark.parametrize("at", ["2026-10-18T22:00", "2026-10-22T12:00", "2026-10-25T22:59"])
def test_a_week_without_a_gap_begins_on_monday(at: str) -> None:
    """There would be no end to it; so one week follows the other, whenever it is looked at."""
    week, zone = read_hours("daily 8:00-20:00 20:00-8:00"), ZoneInfo("Europe/Berlin")

    assert "10-18 22:00 to 10-25 23:00" == shown(planned_at(week, zone, utc(at)))
    assert "10-25 23:00 to 11-01 23:00" == shown(next_planned(week, zone, utc(at)))


def test_nothing_planned_is_never() -> None:
    """A week of no hours has none."""
    at, zone = utc("2026-07-01T12:00"), ZoneInfo("Europe/Berlin")

    assert [None, None, []] == [planned_at((), zone, at), next_planned((), zone, at), stretches((), zone, at, at)]


instants = st.integers(0, 5000).map(lambda minutes: utc("2026-07-01T00:00") + minutes * MINUTE)


@given(st.lists(st.tuples(instants, instants), max_size=12))
def test_merged_times_are_apart_and_in_order(found: list[Stretch]) -> None:
    """They cover what they covered before, and nothing else."""
    whole = merged(found)

    assert all(begins < ends for begins, ends in whole)
    assert all(one[1] < other[0] for one, other in pairwise(whole))
    assert whole == merged(whole)
    for at in {at for each in found for at in each}:
        assert any(begins <= at < ends for begins, ends in found) == any(begins <= at < ends for begins, ends in whole)


CHANGES = {
    "Europe/Berlin": ("2026-10-25T01:00", "2027-03-28T01:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "Africa/Cairo": ("2026-04-23T22:00", "2026-10-29T21:00"),
    "Pacific/Apia": ("2011-12-30T10:00", "2011-12-30T10:00"),
    "Asia/Kathmandu": ("2026-06-01T00:00", "1985-12-31T18:30"),
}
"""Where and when clocks change."""
places = st.sampled_from([(zone, utc(at)) for zone, changes in CHANGES.items() for at in changes])


def comes_twice(at: datetime, zone: ZoneInfo) -> bool:
    """Return whether the clock shows twice what it shows at an instant."""
    local = at.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def covers(each: Hours, local: datetime) -> bool:
    """Return whether hours hold what the clock shows, by the day and by the day before."""
    today, before, at = local.weekday() in each.days, (local.weekday() - 1) % 7 in each.days, local.time()
    if each.begins < each.ends:
        return today and each.begins <= at < each.ends
    return (today and at >= each.begins) or (before and at < each.ends)


@given(weeks, places, st.integers(-4000, 4000))
def test_it_is_planned_when_the_clock_shows_it(week: Week, place: tuple[str, datetime], minutes: int) -> None:
    """At every minute around every change, but for those that come twice."""
    zone, at = ZoneInfo(place[0]), place[1] + minutes * MINUTE
    assume(not comes_twice(at, zone))

    assert any(covers(each, at.astimezone(zone)) for each in week) == bool(planned_at(week, zone, at))


@given(weeks, places, st.integers(-4000, 4000))
def test_a_time_is_the_same_whenever_it_is_looked_at(week: Week, place: tuple[str, datetime], minutes: int) -> None:
    """From its first minute to its last; it was the next one before, and afterwards there is another."""
    zone, at = ZoneInfo(place[0]), place[1] + minutes * MINUTE
    found = planned_at(week, zone, at) or next_planned(week, zone, at)
    assume(found and found[1] - found[0] < 6 * DAY)
    assert found

    assert [found, found] == [planned_at(week, zone, each) for each in (found[0], found[1] - MINUTE)]
    assert found == next_planned(week, zone, found[0] - MINUTE)
    assert None is planned_at(week, zone, found[1])
    later = next_planned(week, zone, found[0])
    assert later
    assert later[0] > found[1]


def test_hours_are_wall_times() -> None:
    """Seven in the evening is seven in the evening, before and after the clock has changed."""
    found = stretches(
        (Hours(frozenset(range(7)), time(19), time(20)),),
        ZoneInfo("Europe/Berlin"),
        utc("2026-10-24T00:00"),
        utc("2026-10-26T00:00"),
    )

    assert ["10-24 17:00 to 10-24 18:00", "10-25 18:00 to 10-25 19:00"] == [shown(each) for each in found]
