"""A group's own list of moments: what it may say, and what is wrong with it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community.spans import SpanProblem, read_spans, write_spans
from bot.features.milestones.rules import moments


def test_a_list_is_read_and_kept() -> None:
    """Whatever its case and spacing; it is kept in one way."""
    found = read_spans(" 7d, 14D;3w 1y,2Y ")

    assert (("day", 7), ("day", 14), ("week", 3), ("year", 1), ("year", 2)) == found
    assert "7d,14d,3w,1y,2y" == write_spans(found)
    assert found == read_spans(write_spans(found))
    assert () == read_spans(" , ")


@pytest.mark.parametrize(
    ("text", "key", "given_back"),
    [
        ("24h,7d,soon", "unreadable", "24h, soon"),
        ("0d,7d", "unreadable", "0d"),
        ("-7d", "unreadable", "-7d"),
        ("101y", "unreadable", "101y"),
        ("99999d", "unreadable", "99999d"),
        ("7", "unreadable", "7"),
        ("14d,7d", "order", "14d, 7d"),
        ("7d,1w", "order", "7d, 1w"),
        ("7d,8d", "close", "7d, 8d"),
        ("4w,1m", "close", "4w, 1m"),
        ("1y,365d", "order", "1y, 365d"),
    ],
)
def test_what_is_wrong_is_named(text: str, key: str, given_back: str) -> None:
    """Entries that are none, that are not in order, or that nobody could tell apart."""
    with pytest.raises(SpanProblem) as found:
        read_spans(text)

    assert (key, given_back) == (found.value.key, found.value.given)


entries = st.tuples(st.integers(1, 40), st.sampled_from("dwmy")).map(lambda pair: f"{pair[0]}{pair[1]}")


@given(st.lists(entries, max_size=5), st.dates(date(1930, 1, 1), date(2100, 12, 31)))
def test_the_moments_of_a_list_lie_days_apart(listed: list[str], start: date) -> None:
    """From whatever date they are counted: none is taken for another, in any time zone."""
    try:
        wanted = read_spans(",".join(listed))
    except SpanProblem:
        return
    days = [moment.on for moment in moments(start, wanted)]

    assert all(later - earlier >= timedelta(days=4) for earlier, later in pairwise(days))
