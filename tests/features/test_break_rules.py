"""When a leader is reminded to take a break: the rule, without anything around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.breaks.rules import Habit, Happened, What, next_reminder, on_break

HABIT = Habit(timedelta(minutes=50), per_day=2)
TOKYO = ZoneInfo("Asia/Tokyo")
TEN = datetime(2026, 10, 21, 10, 0, tzinfo=UTC)
"""Duty begins: 19:00 in Tokyo, five hours before midnight there."""
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return TEN + minutes * MINUTE


def happened(what: What, minutes: float, until: float | None = None) -> Happened:
    return Happened(what, at(minutes), None if until is None else at(until))


REMINDED = [happened(What.REMINDED, 50)]
TWICE = [*REMINDED, happened(What.REMINDED, 100)]


@pytest.mark.parametrize(
    ("history", "due"),
    [
        ([], 50),
        (REMINDED, 100),
        (TWICE, 300),  # two on this day: the third at midnight in Tokyo
        ([*TWICE, happened(What.REMINDED, 300)], 350),
        ([happened(What.TAKEN, 20, 30)], 80),  # a break counts anew from its end
        ([*REMINDED, happened(What.TAKEN, 51, 61)], 111),
        ([*REMINDED, happened(What.ALREADY, 55)], 105),
        ([*REMINDED, happened(What.LATER, 52, 72)], 72),
        ([*REMINDED, happened(What.LATER, 52, 72), happened(What.LATER, 53, 113)], 113),
        ([*REMINDED, happened(What.LATER, 52, 72), happened(What.REMINDED, 72)], 122),
        # A reminder that a snooze had asked for does not count, so there is one left on this day.
        ([*REMINDED, happened(What.LATER, 52, 72), happened(What.REMINDED, 72), happened(What.REMINDED, 122)], 300),
        # A snooze that was overtaken by a break is over.
        ([*REMINDED, happened(What.LATER, 52, 72), happened(What.TAKEN, 60, 70)], 120),
        # A snooze inside a break waits for its end.
        ([happened(What.TAKEN, 20, 60), happened(What.LATER, 21, 41)], 60),
        # A snooze may be asked for when the day's reminders are used up.
        ([*TWICE, happened(What.LATER, 101, 121)], 121),
        ([*REMINDED, happened(What.NOT_TODAY, 51)], 350),  # midnight in Tokyo, and then fifty minutes
        ([*REMINDED, happened(What.NOT_TODAY, 51), happened(What.LATER, 60, 80)], 80),
        # The newest break is the one that counts, also when it is shorter.
        ([happened(What.TAKEN, 10, 70), happened(What.TAKEN, 12, 22)], 72),
    ],
)
def test_what_happened_decides_when_the_next_reminder_comes(history: list[Happened], due: float) -> None:
    """Minutes after the beginning of duty, for a duty that is long enough."""
    assert at(due) == next_reminder(TEN, at(1000), history, HABIT, TOKYO)


@pytest.mark.parametrize(("until", "due"), [(50, None), (50.1, 50)])
def test_a_reminder_comes_within_the_duty_or_not_at_all(until: float, due: float | None) -> None:
    """At the instant when duty ends there is nothing more to be reminded of."""
    assert (None if due is None else at(due)) == next_reminder(TEN, at(until), [], HABIT, TOKYO)


def test_nobody_is_reminded_who_is_never_to_be() -> None:
    """With no reminders a day there is none, neither at midnight nor later, except one that was asked for."""
    never = Habit(HABIT.after, per_day=0)

    assert next_reminder(TEN, at(5000), [], never, TOKYO) is None
    assert at(40) == next_reminder(TEN, at(5000), [happened(What.LATER, 20, 40)], never, TOKYO)


def test_the_day_is_the_leaders_own() -> None:
    """What is used up at noon in London is free again after midnight there, not in Tokyo."""
    assert at(1380 - 600 + 0) == next_reminder(TEN, at(3000), TWICE, HABIT, ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("history", "now", "end"),
    [
        ([], 0, None),
        ([happened(What.TAKEN, 10, 20)], 15, 20),
        ([happened(What.TAKEN, 10, 20)], 20, None),
        ([happened(What.TAKEN, 10, 20), happened(What.LATER, 12, 40)], 15, 20),
        ([happened(What.TAKEN, 10, 20), happened(What.TAKEN, 12, 40)], 15, 40),
        ([happened(What.TAKEN, 10, 70), happened(What.TAKEN, 12, 22)], 15, 22),
        ([happened(What.TAKEN, 10, 70), happened(What.TAKEN, 12, 22)], 30, None),
    ],
)
def test_a_break_lasts_until_its_end(history: list[Happened], now: float, end: float | None) -> None:
    """The newest break decides, and nothing else that happened does."""
    assert (None if end is None else at(end)) == on_break(history, at(now))


# ---------------------------------------------------------------- whatever a leader presses


class Pressed(NamedTuple):
    """A press, so many minutes after the one before, with the minutes that go with it."""

    wait: int
    what: What
    minutes: int


presses = st.lists(
    st.builds(
        Pressed,
        st.integers(0, 200),
        st.sampled_from([What.TAKEN, What.ALREADY, What.LATER, What.NOT_TODAY]),
        st.integers(1, 120),
    ),
    max_size=12,
)


class Lived(NamedTuple):
    """A duty as it went: what happened, and each reminder with whether a snooze had asked for it."""

    history: Sequence[Happened]
    reminders: Sequence[tuple[datetime, bool]]


def live(until: datetime, pressed: Sequence[Pressed], habit: Habit, zone: ZoneInfo) -> Lived:
    """Let a leader on duty press what they like, and remind them whenever the rule says so."""
    history: list[Happened] = []
    reminders: list[tuple[datetime, bool]] = []
    now = TEN

    def remind(before: datetime) -> None:
        nonlocal now
        while (due := next_reminder(TEN, until, history, habit, zone)) is not None and max(due, now) < before:
            now = max(due, now)
            asked = bool(history) and history[-1].what is What.LATER
            reminders.append((now, asked))
            history.append(Happened(What.REMINDED, now))

    for press in pressed:
        then = now + press.wait * MINUTE
        remind(then)
        now = max(now, then)
        timed = press.what in {What.TAKEN, What.LATER}
        history.append(Happened(press.what, now, now + press.minutes * MINUTE if timed else None))
    remind(until)
    return Lived(history, reminders)


zones = st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu"]).map(ZoneInfo)


@given(
    pressed=presses,
    hours=st.integers(1, 60),
    per_day=st.integers(0, 3),
    after=st.integers(5, 120),
    zone=zones,
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_leader_presses_the_bot_keeps_its_word(
    pressed: list[Pressed], hours: int, per_day: int, after: int, zone: ZoneInfo
) -> None:
    """Never more unasked reminders a day than allowed, none in a break, none after *Not today*, none off duty."""
    until = TEN + timedelta(hours=hours)

    lived = live(until, pressed, Habit(after * MINUTE, per_day), zone)

    unasked = [when for when, asked in lived.reminders if not asked]
    days = [when.astimezone(zone).date() for when in unasked]
    assert all(days.count(day) <= per_day for day in days)
    for when, _ in lived.reminders:
        assert TEN <= when < until
        before = [each for each in lived.history if each.at <= when and each.what is not What.REMINDED]
        assert on_break([each for each in before if each.at < when], when) is None
    for when in unasked:
        silenced = [each for each in lived.history if each.what is What.NOT_TODAY and each.at < when]
        assert all(each.at.astimezone(zone).date() < when.astimezone(zone).date() for each in silenced)


@given(after=st.integers(5, 120), minutes=st.integers(1, 300), zone=zones)
def test_a_snooze_is_not_a_skip(after: int, minutes: int, zone: ZoneInfo) -> None:
    """It names the instant of the next reminder, however the day's reminders stand."""
    habit = Habit(after * MINUTE, per_day=1)
    history = [happened(What.REMINDED, after), happened(What.LATER, after + 1, after + 1 + minutes)]

    assert at(after + 1 + minutes) == next_reminder(TEN, at(1000), history, habit, zone)
