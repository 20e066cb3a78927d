"""When a group is quiet: on its own clock, over midnight and through every change of that clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community.groups import Group
from bot.community.quiet import after_hours, is_silent, moved, quiet_at
from bot.core.feature import Quiet
from tests.fakes import CIRCLE

MINUTE = timedelta(minutes=1)


def group(hours: str = "", zone: str = "Europe/Berlin", **more: object) -> Group:
    """Return a group that is quiet from one time to another, such as "22:00-07:00"."""
    begins, _, ends = hours.partition("-")
    limits = (time.fromisoformat(begins), time.fromisoformat(ends)) if hours else (None, None)
    return Group(1, CIRCLE, zone, "en", "DE", *limits, **more)  # pyright: ignore[reportArgumentType]  tests name what they give


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_group_without_quiet_hours_is_never_quiet() -> None:
    """Nor is one whose quiet hours begin when they end: nobody could say which hours those are."""
    at = utc("2026-10-21T22:30")

    assert [None, None] == [quiet_at(group(), at), quiet_at(group("22:00-22:00"), at)]
    assert at == moved(group("22:00-22:00"), at)


@pytest.mark.parametrize("moves", [True, False])
def test_what_is_never_left_out_comes_after_the_quiet_hours(moves: bool) -> None:
    """Also where other posts are left out; a leader's silence is no hour, and has no end that is known."""
    quiet = group("22:00-07:00", quiet_moves=moves, silent=True)

    assert utc("2026-10-22T05:00") == after_hours(quiet, utc("2026-10-21T22:30"))
    assert utc("2026-10-21T12:00") == after_hours(quiet, utc("2026-10-21T12:00"))
    assert utc("2026-10-21T22:30") == after_hours(group(silent=True), utc("2026-10-21T22:30"))


@pytest.mark.parametrize(
    ("hours", "zone", "first", "last", "until"),
    [
        ("22:00-07:00", "Europe/Berlin", "2026-07-01T20:00", "2026-07-02T04:59", "2026-07-02T05:00"),
        ("13:00-15:00", "Europe/Berlin", "2026-07-01T11:00", "2026-07-01T12:59", "2026-07-01T13:00"),
        ("00:00-06:00", "Asia/Kathmandu", "2026-06-30T18:15", "2026-07-01T00:14", "2026-07-01T00:15"),
        # The night in which the clocks go back is an hour longer, the one in which they go forward an hour shorter.
        ("22:00-07:00", "Europe/Berlin", "2026-10-24T20:00", "2026-10-25T05:59", "2026-10-25T06:00"),
        ("22:00-07:00", "Europe/Berlin", "2026-03-28T21:00", "2026-03-29T04:59", "2026-03-29T05:00"),
        # An end that comes twice: quiet both times. A beginning that comes twice: from the first on.
        ("22:00-02:30", "Europe/Berlin", "2026-10-24T20:00", "2026-10-25T01:29", "2026-10-25T01:30"),
        ("02:30-07:00", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T05:59", "2026-10-25T06:00"),
        # Ends that the clock jumps over: with the jump.
        ("22:00-02:30", "Europe/Berlin", "2026-03-28T21:00", "2026-03-29T00:59", "2026-03-29T01:00"),
        ("02:30-07:00", "Europe/Berlin", "2026-03-29T01:00", "2026-03-29T04:59", "2026-03-29T05:00"),
        ("22:00-00:30", "Africa/Cairo", "2026-04-23T20:00", "2026-04-23T21:59", "2026-04-23T22:00"),
        ("01:45-03:00", "Australia/Lord_Howe", "2026-04-04T14:45", "2026-04-04T16:29", "2026-04-04T16:30"),
        # 30 December 2011 was left out: two nights follow each other without a gap.
        ("22:00-07:00", "Pacific/Apia", "2011-12-30T08:00", "2011-12-30T16:59", "2011-12-30T17:00"),
        ("13:00-15:00", "Pacific/Apia", "2011-12-30T23:00", "2011-12-31T00:59", "2011-12-31T01:00"),
    ],
)
def test_quiet_hours_follow_the_clock_of_the_group(hours: str, zone: str, first: str, last: str, until: str) -> None:
    """To the minute: quiet from the first to the last, and neither before nor after."""
    there, end = group(hours, zone), utc(until)

    assert None is quiet_at(there, utc(first) - MINUTE)
    assert [Quiet(end, moves=True)] * 2 == [quiet_at(there, utc(first)), quiet_at(there, utc(last))]
    assert None is quiet_at(there, end)
    assert [utc(first) - MINUTE, end, end, end] == [
        moved(there, at) for at in (utc(first) - MINUTE, utc(first), utc(last), end)
    ]


def test_what_is_left_out_is_not_moved() -> None:
    """A group that leaves out what falls into its quiet hours still says when they end."""
    there, at = group("22:00-07:00", quiet_moves=False), utc("2026-07-01T22:00")

    assert Quiet(utc("2026-07-02T05:00"), moves=False) == quiet_at(there, at)
    assert at == moved(there, at)


def test_a_silence_comes_before_quiet_hours() -> None:
    """It lasts until its end or until somebody ends it, and moves nothing."""
    at, end = utc("2026-07-01T22:00"), utc("2026-07-03T12:00")
    open_ended, limited = group("22:00-07:00", silent=True), group(silent=True, silent_until=end)

    assert Quiet(None, moves=False) == quiet_at(open_ended, at)
    assert Quiet(end, moves=False) == quiet_at(limited, at)
    assert [True, True, False] == [is_silent(limited, each) for each in (at, end - MINUTE, end)]
    assert None is quiet_at(limited, end)
    assert [at, at] == [moved(open_ended, at), moved(limited, at)]


CHANGES = {
    "Europe/Berlin": ("2026-10-25T01:00", "2026-03-29T01:00"),
    "America/New_York": ("2026-11-01T06:00", "2026-03-08T07:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "Africa/Cairo": ("2026-04-23T22:00", "2026-10-29T21:00"),
    "Africa/Casablanca": ("2026-02-15T02:00", "2026-03-22T02:00"),
    "America/Santiago": ("2026-04-05T03:00", "2026-09-06T04:00"),
    "Pacific/Apia": ("2011-12-30T10:00", "2011-12-30T10:00"),
    "Asia/Kathmandu": ("2026-06-01T00:00", "1985-12-31T18:30"),
}
"""Where and when clocks change."""
walls = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(st.data(), st.sampled_from(sorted(CHANGES)), walls, walls, st.integers(-2880, 2880))
def test_whenever_the_clock_shows_quiet_hours_it_is_quiet(
    drawn: st.DataObject, name: str, begins: time, ends: time, minutes: int
) -> None:
    """At every minute around every change; the end it names lies ahead, and is not quiet any more."""
    if begins == ends:
        return
    there = group(f"{begins:%H:%M}-{ends:%H:%M}", name)
    at = utc(drawn.draw(st.sampled_from(CHANGES[name]))) + minutes * MINUTE
    shown = at.astimezone(ZoneInfo(name)).time()
    inside = begins <= shown < ends if begins < ends else shown >= begins or shown < ends
    found = quiet_at(there, at)

    assert found or not inside
    if found:
        assert found.until
        assert at < found.until <= at + timedelta(hours=26)
        assert None is quiet_at(there, found.until)
