"""When duty begins and ends, and when nobody is there: the rules, without anything around them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.duty.rules import Stretch, begins, by_day, expected, gaps, taken_until, waits

BERLIN = ZoneInfo("Europe/Berlin")
SIX = datetime(2026, 10, 21, 16, 0, tzinfo=UTC)
"""18:00 in Berlin."""
HOUR = timedelta(hours=1)
PLANNED = (SIX, SIX + 3 * HOUR)
MIDNIGHT = SIX + 6 * HOUR


def at(hours: float) -> datetime:
    return SIX + hours * HOUR


def stretch(since: float, until: float) -> Stretch:
    return at(since), at(until)


@pytest.mark.parametrize(
    ("given_until", "own", "until"),
    [
        (2, None, 2),
        (0.25, None, 1),  # an hour at least
        (2, 1, 2),
        (2, 3, 3),  # never sooner than before
        (0.25, 0.5, 1),
    ],
)
def test_whoever_takes_over_stays_long_enough(given_until: float, own: float | None, until: float) -> None:
    """As long as the giver would have, an hour at least, and no shorter than they would have stayed anyway."""
    assert at(until) == taken_until(SIX, at(given_until), None if own is None else at(own))


@pytest.mark.parametrize(
    ("due", "now", "back", "until", "left", "expected_duty"),
    [
        (0, 0, None, None, False, (0, 3)),
        (0, 1.5, None, None, False, (0, 3)),  # nobody could look at the beginning
        (0, 1.5, None, None, True, None),  # who went off meanwhile stays off, also where nobody could look
        (0, 0, None, 1, False, (0, 3)),  # on duty already: the later end counts
        (0, 0, None, 3, False, None),
        (0, 0, None, 4, False, None),
        (0.5, 0.5, 0.5, None, False, (0.5, 3)),  # a break made it wait
        (0.5, 2, 0.5, None, False, (0.5, 3)),
        (0, 2, 0.25, None, False, (0.25, 3)),  # nobody looked while the break lasted either
        (0, 0, -5, None, False, (0, 3)),  # an old break
        (1, 1, None, None, False, (1, 3)),  # another clock, or hours that were just chosen
        (1, 1, None, None, True, None),  # they have left, and stay so
        (1, 1, None, 2, True, (1, 3)),
    ],
)
def test_planned_hours_begin(  # noqa: PLR0917  a table of everything that counts
    due: float,
    now: float,
    back: float | None,
    until: float | None,
    left: bool,
    expected_duty: tuple[float, float] | None,
) -> None:
    """Once, from their beginning on or from the end of a break; who has left within them stays off duty."""
    last, end = (None if each is None else at(each) for each in (back, until))

    found = begins(PLANNED, at(due), at(now), last, end, left=left)

    assert (stretch(*expected_duty) if expected_duty else None) == found


@pytest.mark.parametrize(
    ("planned", "away", "again"),
    [
        ((0, 3), 0.5, 0.5),
        ((0, 3), 2.9, 2.9),
        ((0, 3), 3, None),  # nothing is left
        ((0, 3), 9, None),
        ((4, 8), 6, None),  # to the end of the day, and all of it goes
        ((4, 8), 6.5, 6.5),  # past midnight by the clock of a short break
        ((6, 8), 6.25, 6.25),
    ],
)
def test_a_break_makes_planned_hours_wait(planned: tuple[float, float], away: float, again: float | None) -> None:
    """They begin at its end; a break to the end of the day takes them with it."""
    assert (None if again is None else at(again)) == waits(stretch(*planned), at(away), BERLIN)


@pytest.mark.parametrize(
    ("away", "found"),
    [
        (None, [(4, 5), (24, 27)]),  # within hours that go on now nobody is who is not on duty
        (2, [(2, 3), (4, 5), (24, 27)]),
        (4.5, [(4.5, 5), (24, 27)]),
        (6, [(24, 27)]),
    ],
)
def test_who_is_expected(away: float | None, found: list[tuple[float, float]]) -> None:
    """Leaders are there from the beginning of their hours, or from the end of a break."""
    planned = [stretch(*each) for each in ((0, 3), (4, 5), (24, 27))]

    assert [stretch(*each) for each in found] == expected(planned, at(1), None if away is None else at(away), BERLIN)


@pytest.mark.parametrize(
    ("wanted", "covered", "left"),
    [
        ([(0, 10)], [], [(0, 10)]),
        ([(0, 10)], [(0, 10)], []),
        ([(0, 10)], [(-3, 20)], []),
        ([(0, 10)], [(2, 3), (5, 6)], [(0, 2), (3, 5), (6, 10)]),
        ([(0, 10)], [(-1, 2), (9, 12)], [(2, 9)]),
        ([(0, 4), (6, 10)], [(3, 7)], [(0, 3), (7, 10)]),
        ([(0, 4)], [(4, 7)], [(0, 4)]),
    ],
)
def test_gaps_are_what_nobody_covers(
    wanted: list[tuple[float, float]], covered: list[tuple[float, float]], left: list[tuple[float, float]]
) -> None:
    """Before, between and after."""
    assert [stretch(*each) for each in left] == gaps(
        [stretch(*each) for each in wanted], [stretch(*each) for each in covered]
    )


def test_a_gap_over_midnight_is_told_on_both_days() -> None:
    """By the reader's own clock, also in the night in which it goes back."""
    since, until = datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 26, 1, 0, tzinfo=UTC)
    first, second = datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)

    assert [
        (date(2026, 10, 24), [(since, first)]),
        (date(2026, 10, 25), [(first, second)]),
        (date(2026, 10, 26), [(second, until)]),
    ] == by_day([(since, until)], BERLIN)


HOURS_OF_A_WEEK = st.sets(st.integers(0, 60)).map(sorted)


@given(HOURS_OF_A_WEEK, HOURS_OF_A_WEEK)
def test_every_hour_is_a_gap_or_looked_after(wanted: list[int], covered: list[int]) -> None:
    """Of what should be looked after, each hour is left exactly if nobody covers it."""
    found = gaps([stretch(hour, hour + 1) for hour in wanted], [stretch(hour, hour + 1) for hour in covered])

    assert [stretch(hour, hour + 1) for hour in wanted if hour not in covered] == found


@given(st.sampled_from(["Europe/Berlin", "Africa/Cairo", "Pacific/Apia", "America/Sao_Paulo"]), st.integers(0, 9000))
def test_days_lose_nothing(zone: str, hour: int) -> None:
    """Put together again, what was parted at midnight is what it was."""
    since = datetime(2011, 1, 1, tzinfo=UTC) + hour * HOUR

    parts = [part for _, day in by_day([(since, since + 60 * HOUR)], ZoneInfo(zone)) for part in day]

    assert (since, since + 60 * HOUR) == (parts[0][0], parts[-1][1])
    assert [until for _, until in parts[:-1]] == [begin for begin, _ in parts[1:]]
