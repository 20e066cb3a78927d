"""When a leader may be written to without having asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community.leaders import Leader, Own
from bot.community.tact import DAY_BEGINS, DAY_ENDS, may_write, quiet_until, read_night
from tests.fakes import member

HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lea(quiet: str = "", away: str = "", written: str = "") -> Leader:
    """Return a leader with quiet hours, on a break until an instant, written to at another."""
    return Leader(
        1,
        member("lea"),
        accepted=True,
        direct=True,
        own=Own(quiet=quiet),
        away_until=utc(away) if away else None,
        written_at=utc(written) if written else None,
    )


def written_to(leader: Leader, now: str, zone: str = "Europe/Berlin", *, by_day: bool = True) -> str:
    """Return when a leader may be written to, in UTC."""
    found = may_write(leader, utc(now), ZoneInfo(zone), by_day=by_day)
    return f"{found:%Y-%m-%dT%H:%M}" if found else ""


# ---------------------------------------------------------------- quiet hours


@pytest.mark.parametrize(
    "text", ["22:00-07:00", " 22:00 - 7:00 ", "22:00 to 07:00", "22:00 TO 07:00", "22:00\u201307:00"]
)
def test_quiet_hours_are_read(text: str) -> None:
    """Whatever stands between the two times."""
    assert (time(22), time(7)) == read_night(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "unreadable"),
        ("22:00", "unreadable"),
        ("22-7", "unreadable"),
        ("22:00-07:00, 13:00-14:00", "unreadable"),
        ("\uff12\uff12:00-07:00", "unreadable"),
        ("24:00-07:00", "time"),
        ("22:00-07:60", "time"),
        ("22:00-22:00", "equal"),
    ],
)
def test_what_is_wrong_is_named(text: str, key: str) -> None:
    """No such form, no such time, or no time between the two."""
    with pytest.raises(ValueError, match=f"^{key}$"):
        read_night(text)


@pytest.mark.parametrize(
    ("quiet", "zone", "at", "until"),
    [
        ("", "Europe/Berlin", "2026-07-01T22:00", None),
        ("22:00-07:00", "Europe/Berlin", "2026-07-01T19:59", None),
        ("22:00-07:00", "Europe/Berlin", "2026-07-01T20:00", "2026-07-02T05:00"),
        ("22:00-07:00", "Europe/Berlin", "2026-07-02T05:00", None),
        ("22:00-07:00", "Asia/Kathmandu", "2026-07-01T20:00", "2026-07-02T01:15"),
        ("13:00-15:00", "Europe/Berlin", "2026-07-01T12:00", "2026-07-01T13:00"),
        ("22:00-02:30", "Europe/Berlin", "2026-10-25T01:15", "2026-10-25T01:30"),  # comes twice: both times
        ("22:00-02:30", "Europe/Berlin", "2027-03-28T00:30", "2027-03-28T01:00"),  # is left out: with the jump
    ],
)
def test_quiet_hours_are_those_of_the_leaders_own_clock(quiet: str, zone: str, at: str, until: str | None) -> None:
    """Over midnight and through changes of that clock; the end is not quiet."""
    assert (utc(until) if until else None) == quiet_until(lea(quiet), utc(at), ZoneInfo(zone))


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("leader", "now", "at"),
    [
        (lea(), "2026-07-01T12:00", "2026-07-01T12:00"),
        (lea(), "2026-07-01T06:59", "2026-07-01T07:00"),  # 9:00 in Berlin
        (lea(), "2026-06-30T22:30", "2026-07-01T07:00"),
        (lea(), "2026-07-01T17:59", "2026-07-01T17:59"),
        (lea(), "2026-07-01T18:00", "2026-07-02T07:00"),  # 20:00
        # Once a day: of their own clock.
        (lea(written="2026-07-01T07:00"), "2026-07-01T12:00", "2026-07-02T07:00"),
        (lea(written="2026-06-30T12:00"), "2026-07-01T12:00", "2026-07-01T12:00"),
        (lea(written="2026-06-30T22:30"), "2026-07-01T12:00", "2026-07-02T07:00"),
        (lea(written="2026-06-30T21:30"), "2026-07-01T12:00", "2026-07-01T12:00"),
        (lea(written="2026-07-01T15:00"), "2026-07-01T12:00", "2026-07-02T07:00"),  # the clock was set back
        # Their own quiet hours.
        (lea("13:00-15:00"), "2026-07-01T11:00", "2026-07-01T13:00"),
        (lea("13:00-15:00"), "2026-07-01T13:00", "2026-07-01T13:00"),
        (lea("22:00-11:00"), "2026-07-01T05:00", "2026-07-01T09:00"),
        (lea("18:00-10:00"), "2026-07-01T16:30", "2026-07-02T08:00"),
        (lea("13:00-21:00"), "2026-07-01T12:00", "2026-07-02T07:00"),
        # A break, and what comes after it.
        (lea(away="2026-07-01T13:00"), "2026-07-01T12:00", "2026-07-01T13:00"),
        (lea(away="2026-07-01T12:00"), "2026-07-01T12:00", "2026-07-01T12:00"),
        (lea(away="2026-07-01T19:00"), "2026-07-01T12:00", "2026-07-02T07:00"),
        (lea(away="2026-07-20T03:00"), "2026-07-01T12:00", "2026-07-20T07:00"),
        (lea("9:00-11:00", "2026-07-02T07:30", "2026-07-01T10:00"), "2026-07-01T12:00", "2026-07-02T09:00"),
        # Whoever sleeps by day is not written to by day.
        (lea("08:00-20:00"), "2026-07-01T12:00", ""),
        (lea("00:00-23:59"), "2026-07-01T12:00", ""),
        # Through changes of the clock.
        (lea(), "2026-10-24T18:00", "2026-10-25T08:00"),
        (lea(), "2027-03-27T19:00", "2027-03-28T07:00"),
    ],
)
def test_a_leader_is_written_to_by_day(leader: Leader, now: str, at: str) -> None:
    """Now, or as soon as it may be."""
    assert at == written_to(leader, now)


@pytest.mark.parametrize(
    ("leader", "now", "at"),
    [
        (lea(), "2026-07-01T20:30", "2026-07-01T20:30"),
        (lea(), "2026-07-01T04:00", "2026-07-01T04:00"),
        (lea("22:00-07:00"), "2026-07-01T20:30", "2026-07-02T05:00"),
        (lea("08:00-20:00"), "2026-07-01T12:00", "2026-07-01T18:00"),
        (lea(written="2026-07-01T07:00"), "2026-07-01T20:30", "2026-07-02T07:00"),
        (lea(away="2026-07-01T21:00"), "2026-07-01T20:30", "2026-07-01T21:00"),
    ],
)
def test_what_has_just_happened_may_be_written_of_in_the_evening(leader: Leader, now: str, at: str) -> None:
    """Quiet hours, breaks and the day's one message hold all the same."""
    assert at == written_to(leader, now, by_day=False)


def test_a_date_that_was_left_out_is_no_day() -> None:
    """After the evening of the 29th comes the morning of the 31st in Apia."""
    assert "2011-12-30T19:00" == written_to(lea(), "2011-12-30T07:00", "Pacific/Apia")


QUARTER = timedelta(minutes=15)
quarters = st.integers(-4 * 72, 4 * 72).map(lambda number: number * QUARTER)
walls = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))
nights = st.tuples(walls, walls).map(lambda night: f"{night[0]:%H:%M}-{night[1]:%H:%M}" if night[0] != night[1] else "")
CHANGES = {
    "Europe/Berlin": ("2026-10-25T01:00", "2027-03-28T01:00"),
    "America/New_York": ("2026-11-01T06:00", "2026-03-08T07:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "Asia/Kathmandu": ("2026-06-01T00:00", "2026-12-01T00:00"),
    "Pacific/Apia": ("2011-12-30T10:00", "2011-12-29T10:00"),
}
"""Where and when clocks change, and a place where they do not."""
places = st.sampled_from([(zone, utc(at)) for zone, changes in CHANGES.items() for at in changes])


moments = st.tuples(places, quarters).map(lambda drawn: (ZoneInfo(drawn[0][0]), drawn[0][1] + drawn[1]))
lately = quarters.filter(lambda each: each <= HOUR)


@given(moments, nights, st.none() | quarters, st.none() | lately, st.booleans())
def test_a_leader_is_written_to_as_soon_as_it_may_be(
    moment: tuple[ZoneInfo, datetime], quiet: str, away: timedelta | None, written: timedelta | None, by_day: bool
) -> None:
    """Never on a break, in their quiet hours, on a day that had its message, or by night; and not a quarter later."""
    zone, now = moment
    away_until = None if away is None else now + away
    written_at = None if written is None else now + written
    leader = replace(lea(quiet), away_until=away_until, written_at=written_at)

    def allowed(at: datetime) -> bool:
        local = at.astimezone(zone)
        begins, ends = read_night(quiet) if quiet else (time(0), time(0))
        asleep = begins <= local.time() < ends if begins < ends else local.time() >= begins or local.time() < ends
        return not (
            (away_until and at < away_until)
            or (written_at and local.date() <= written_at.astimezone(zone).date())
            or (by_day and not DAY_BEGINS <= local.time() < DAY_ENDS)
            or (quiet and (asleep or quiet_until(leader, at, zone)))
        )

    found = may_write(leader, now, zone, by_day=by_day)

    assert found is None or (found >= now and allowed(found))
    if by_day or not written_at:  # else it waits for the morning
        end = found or now + timedelta(days=5)
        sooner = (now + number * QUARTER for number in range((end - now) // QUARTER))
        assert [] == [at for at in sooner if allowed(at)]
