"""What follows from a leader's answers, when they are asked next, and which agenda comes next: tables and laws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.care.rules import HIGHEST, LOWEST, drifts, next_agenda, next_check, same_day, slots
from tests.fakes import START

BERLIN = ZoneInfo("Europe/Berlin")
SCORES = st.integers(LOWEST, HIGHEST)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


# ---------------------------------------------------------------- when an offer is made


@pytest.mark.parametrize(
    ("scores", "offered"),
    [
        ([1], False),
        ([2], False),
        ([3], True),  # the first there is
        ([4], True),
        ([5], True),
        ([1, 2], False),  # rises, and is still well
        ([1, 1, 1, 1, 2], False),
        ([2, 3], True),
        ([2, 2, 3], True),
        ([3, 3], True),  # twice in a row
        ([1, 3, 3], True),
        ([3, 3, 3, 2], False),  # falls
        ([3, 3, 3, 2, 3], False),  # no more than usual
        ([3, 3, 2, 2, 3], False),  # half above is not enough
        ([3, 2, 2, 2, 3], True),
        ([3, 3, 3, 3, 1, 1, 1, 1, 3], True),  # what is long past is not usual any more
        ([4, 4, 4, 4, 3], True),
        ([4, 4, 4, 4, 2], False),
        ([4, 4, 4, 4, 4], True),
        ([5, 1], False),
    ],
)
def test_an_offer_goes_with_answers_that_drift(scores: Sequence[int], offered: bool) -> None:
    """High ones always; the middle one when it is new, repeated, or more than usual; the lower ones never."""
    assert offered is drifts(scores)


@given(st.lists(SCORES, max_size=8), SCORES)
def test_a_higher_answer_never_takes_an_offer_away(before: Sequence[int], newest: int) -> None:
    """With the same history before it, whoever is offered something at an answer is so at every higher one."""
    if drifts([*before, newest]):
        assert all(drifts([*before, higher]) for higher in range(newest, HIGHEST + 1))


@given(st.lists(SCORES, max_size=8))
def test_who_is_well_is_left_in_peace(before: Sequence[int]) -> None:
    """Whatever was before, the two lowest answers bring no offer, and the two highest always one."""
    assert [False, False, True, True] == [drifts([*before, newest]) for newest in (1, 2, 4, 5)]


# ---------------------------------------------------------------- when the next question comes


@pytest.mark.parametrize(
    ("now", "weeks", "zone", "expected"),
    [
        ("2026-10-21T12:00", 1, "Europe/Berlin", "2026-10-28T09:00"),  # the clocks go back between
        ("2026-10-14T12:00", 1, "Europe/Berlin", "2026-10-21T08:00"),
        ("2026-10-21T12:00", 2, "Europe/Berlin", "2026-11-04T09:00"),
        ("2026-10-21T12:00", 4, "Europe/Berlin", "2026-11-18T09:00"),
        ("2026-10-21T23:00", 1, "Europe/Berlin", "2026-10-29T09:00"),  # is the next day already
        ("2026-10-21T23:00", 1, "America/Los_Angeles", "2026-10-28T17:00"),
        ("2026-10-21T12:00", 1, "Asia/Kathmandu", "2026-10-28T04:15"),
        ("2011-12-23T12:00", 1, "Pacific/Apia", "2011-12-30T20:00"),  # the 30th was left out there
    ],
)
def test_the_next_question_comes_at_ten(now: str, weeks: int, zone: str, expected: str) -> None:
    """On the leader's own clock, so many weeks later."""
    assert at(expected) == next_check(at(now), weeks, ZoneInfo(zone))


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  bounds are naive
    st.sampled_from([1, 2, 4]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"]),
)
def test_nobody_is_asked_more_often_than_they_chose(now: datetime, weeks: int, zone: str) -> None:
    """From one question to the next there are at least so many weeks less a day, and it is ten o'clock."""
    following = next_check(now, weeks, ZoneInfo(zone))

    assert timedelta(weeks=weeks, days=-1) < following - now < timedelta(weeks=weeks, days=1)
    assert time(10) == following.astimezone(ZoneInfo(zone)).time()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2026-10-21T12:00", "2026-10-21T21:59", True),
        ("2026-10-21T12:00", "2026-10-21T22:00", False),  # midnight in Berlin
        ("2026-10-20T22:00", "2026-10-21T21:59", True),
        ("2026-10-24T22:00", "2026-10-25T22:59", True),  # a day of 25 hours
    ],
)
def test_a_day_is_the_leaders_own(one: str, other: str, same: bool) -> None:
    """From midnight to midnight on their clock."""
    assert same is same_day(at(one), at(other), BERLIN)


# ---------------------------------------------------------------- once an hour


@given(st.integers(0, 7200))
def test_a_word_is_passed_on_once_an_hour(seconds: int) -> None:
    """Within an hour the first five minutes are known again; after an hour and five minutes they never are."""
    known = slots(START)[0] in slots(START + timedelta(seconds=seconds))

    assert known if seconds <= 3600 else not known or seconds < 3900


# ---------------------------------------------------------------- supervision


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ([], "a"),
        (["a"], "b"),
        (["a", "b"], "c"),
        (["a", "b", "c"], "a"),
        (["a", "b", "c", "a"], "b"),
        (["b"], "a"),  # asked for by name: the others still come once each
        (["b", "a"], "c"),
        (["a", "a"], "b"),
        (["rl-last-bus", "a", "gone"], "b"),
    ],
)
def test_agendas_come_in_their_order(used: Sequence[str], expected: str) -> None:
    """Each once, and then again; what the group had beside them does not count."""
    assert expected == next_agenda(["a", "b", "c"], used)


def test_without_agendas_there_is_none() -> None:
    """Whoever asks learns that there is nothing to post."""
    with pytest.raises(LookupError):
        next_agenda([], ["a"])
