"""When a leader is reminded to take a break: the rule, without anything around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.community.quiet import night_end
from bot.features.breaks.rules import (
    APART,
    Happened,
    Lately,
    Rules,
    What,
    Why,
    next_reminder,
    offers_less,
)
from tests.features.breaks_lived import MINUTE, Life, Reminded, on_break

RULES = Rules(timedelta(minutes=50), per_day=2)
TOKYO = ZoneInfo("Asia/Tokyo")
TEN = datetime(2026, 10, 21, 10, 0, tzinfo=UTC)
"""Duty begins: 19:00 in Tokyo, five hours before midnight there."""


def at(minutes: float) -> datetime:
    return TEN + minutes * MINUTE


def happened(what: What, minutes: float, until: float | None = None, why: Why | None = None) -> Happened:
    return Happened(what, at(minutes), None if until is None else at(until), why)


def reminded(minutes: float, why: Why = Why.MINUTES) -> Happened:
    return happened(What.REMINDED, minutes, why=why)


def due(lately: Lately, rules: Rules = RULES, seen: float | None = None) -> tuple[float, str] | None:
    """Return in how many minutes after ten a reminder comes, and why."""
    found = next_reminder(lately, rules, lately.now if seen is None else at(seen))
    return ((found.at - TEN) / MINUTE, found.why.value) if found else None


def on_duty(history: Sequence[Happened] = (), until: float = 1000, zone: ZoneInfo = TOKYO) -> Lately:
    """Return a duty that began at ten, looked at once all of the history has happened."""
    now = max([TEN, *(event.at for event in history)])
    return Lately(now, zone, [(TEN, at(until))], history)


REMINDED = [reminded(50)]
TWICE = [*REMINDED, reminded(100)]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], 50),
        (REMINDED, 100),
        (TWICE, 300),  # two on this day: the third at midnight in Tokyo
        ([*TWICE, reminded(300)], 350),
        ([happened(What.TAKEN, 20, 30)], 80),  # a break counts anew from its end
        ([happened(What.TAKEN, 20, 60), happened(What.ENDED, 25)], 75),  # and from its end by hand
        ([*REMINDED, happened(What.TAKEN, 51, 61)], 111),
        ([*REMINDED, happened(What.ALREADY, 55)], 105),
        ([*REMINDED, happened(What.NOT_TODAY, 51)], 350),  # midnight in Tokyo, and then fifty minutes
        # The newest break is the one that counts, also when it is shorter.
        ([happened(What.TAKEN, 10, 70), happened(What.TAKEN, 12, 22)], 72),
        # A reminder that a snooze had asked for does not count, so there is one left on this day.
        ([*REMINDED, happened(What.LATER, 52, 72), reminded(72, Why.SNOOZE), reminded(122)], 300),
        # A snooze that was overtaken by a break is over, and one that falls into a break is left out.
        ([*REMINDED, happened(What.LATER, 52, 72), happened(What.TAKEN, 60, 70)], 120),
        ([happened(What.TAKEN, 20, 60), happened(What.LATER, 21, 41)], 110),
    ],
)
def test_what_happened_decides_when_minutes_on_duty_bring_the_next(history: list[Happened], expected: float) -> None:
    """Minutes after the beginning of duty, for a duty that is long enough."""
    assert (expected, "minutes") == due(on_duty(history))


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([*REMINDED, happened(What.LATER, 52, 72)], 72),
        ([*REMINDED, happened(What.LATER, 52, 72), happened(What.LATER, 53, 113)], 113),  # more than once
        ([*TWICE, happened(What.LATER, 101, 121)], 121),  # when the day's reminders are used up
        ([*REMINDED, happened(What.NOT_TODAY, 51), happened(What.LATER, 60, 80)], 80),
        ([*REMINDED, happened(What.LATER, 52, 192)], 192),  # nothing else comes before it
    ],
)
def test_a_snooze_names_its_instant(history: list[Happened], expected: float) -> None:
    """It is not a skip, and it counts against nothing."""
    assert (expected, "snooze") == due(on_duty(history))


def test_a_snooze_ends_with_the_duty_in_which_it_was_asked_for() -> None:
    """Off duty nobody is reminded of it; what was asked for off duty comes."""
    history = [happened(What.LATER, 30, 70)]

    ended = Lately(at(40), TOKYO, [(TEN, at(40))], history)
    another = Lately(at(60), TOKYO, [(TEN, at(40)), (at(60), at(500))], history)
    free = Lately(at(40), TOKYO, [(TEN, at(20))], history)

    assert due(ended) is None
    assert (110, "minutes") == due(another)
    assert (70, "snooze") == due(free)


@pytest.mark.parametrize(("until", "expected"), [(50, None), (50.1, (50, "minutes"))])
def test_a_reminder_comes_within_the_duty_or_not_at_all(until: float, expected: tuple[float, str] | None) -> None:
    """At the instant when duty ends there is nothing more to be reminded of."""
    assert expected == due(on_duty(until=until))


def test_minutes_are_counted_in_what_is_left_after_a_break() -> None:
    """A duty that a break has cut goes on at its end, and is known before."""
    lately = Lately(at(25), TOKYO, [(TEN, at(20)), (at(30), at(500))], [happened(What.TAKEN, 20, 30)])

    assert (80, "minutes") == due(lately)


def test_nobody_is_reminded_who_is_never_to_be() -> None:
    """With no reminders a day there is none, neither at midnight nor later, except one that was asked for."""
    never = Rules(RULES.after, per_day=0, times=(time(20),))
    snoozed = [happened(What.LATER, 20, 40)]

    assert due(on_duty(until=5000), never) is None
    assert (40, "snooze") == due(on_duty(snoozed, until=5000), never)


def test_the_day_is_the_leaders_own() -> None:
    """What is used up at noon in London is free again after midnight there, not in Tokyo."""
    assert (13 * 60, "minutes") == due(on_duty(TWICE, until=3000, zone=ZoneInfo("Europe/London")))


# ---------------------------------------------------------------- fixed times, days in a row, support


TIMES = Rules(None, per_day=2, times=(time(19, 30), time(22, 0)))
"""In Tokyo half past ten and one in the afternoon, UTC."""


@pytest.mark.parametrize(
    ("now", "history", "expected"),
    [
        (0, [], 30),
        (30, [], 30),
        (31, [], 180),  # was seen to, or chosen too late
        (40, [reminded(30, Why.TIME)], 180),
        (200, [reminded(30, Why.TIME), reminded(180, Why.TIME)], 30 + 1440),
        (10, [happened(What.TAKEN, 0, 40)], 180),  # in a break it is left out, not put off
        (28, [happened(What.ALREADY, 28)], 180),  # so soon after a break as well
        (28, [reminded(28)], 180),
        (20, [happened(What.NOT_TODAY, 5)], 30 + 1440),
        (100, [reminded(20), reminded(90)], 30 + 1440),  # the day has had its two
    ],
)
def test_fixed_times_come_on_duty_or_not(now: float, history: list[Happened], expected: float) -> None:
    """Each once, on the leader's own clock."""
    assert (expected, "time") == due(Lately(at(now), TOKYO, history=history), TIMES)


def test_a_fixed_time_that_was_missed_is_said_within_half_an_hour() -> None:
    """The bot was down: after that it is left out, and the next one comes."""
    assert (30, "time") == due(Lately(at(60), TOKYO), TIMES, seen=30)
    assert (180, "time") == due(Lately(at(61), TOKYO), TIMES, seen=30)


@pytest.mark.parametrize(
    ("run", "history", "now", "expected"),
    [
        (6, [], 0, (10, "days")),
        (12, [], 0, (10, "days")),
        (5, [], 0, (50, "minutes")),
        (0, [], 0, (50, "minutes")),
        (6, [reminded(10, Why.DAYS)], 10, (60, "minutes")),  # once on a day
        (6, [happened(What.TAKEN, 2, 12)], 3, (62, "minutes")),
        (6, [happened(What.NOT_TODAY, 2)], 3, (350, "minutes")),
        (6, [], 41, (50, "minutes")),  # too late to say it
    ],
)
def test_days_in_a_row_bring_one_early_in_the_duty(
    run: int, history: list[Happened], now: float, expected: tuple[float, str]
) -> None:
    """On every sixth day."""
    rules = Rules(RULES.after, per_day=2, days=6)

    assert expected == due(Lately(at(now), TOKYO, [(TEN, at(1000))], history, run=run), rules)


@pytest.mark.parametrize(
    ("history", "now", "expected"),
    [
        ([], 20, (25, "support")),
        ([], 56, None),  # too late to say it
        ([reminded(22)], 22, None),  # a reminder since is enough
        ([happened(What.TAKEN, 21, 31)], 22, None),
        ([happened(What.ALREADY, 24)], 24, None),
        ([happened(What.TAKEN, 0, 30)], 20, None),  # in a break
        ([reminded(1), reminded(2)], 20, None),  # the day has had its two
    ],
)
def test_a_request_for_support_brings_one_soon_after(
    history: list[Happened], now: float, expected: tuple[float, str] | None
) -> None:
    """Answered at twenty past, on duty or not."""
    assert expected == due(Lately(at(now), TOKYO, history=history, answered=at(20)))


def test_support_brings_none_who_wants_none() -> None:
    """It is a leader's own rule, as the others are."""
    rules = Rules(None, per_day=2, support=False)

    assert due(Lately(at(20), TOKYO, answered=at(20)), rules) is None


def test_quiet_hours_are_quiet() -> None:
    """Minutes go on at their end; everything else is left out, what was put off included."""
    quiet = Rules(
        RULES.after,
        per_day=2,
        days=6,
        times=(time(19, 30),),
        quiet_end=lambda when: night_end(time(19, 5), time(20, 30), TOKYO, when),
    )
    lately = Lately(TEN, TOKYO, [(TEN, at(1000))], answered=TEN, run=6)
    snoozed = Lately(at(1), TOKYO, [(TEN, at(1000))], [happened(What.LATER, 1, 21)])

    assert (90, "minutes") == due(lately, quiet)
    assert (90, "minutes") == due(snoozed, quiet)


def test_several_at_once_are_one() -> None:
    """What tells most is told, and the others are left out: they would come too soon after it."""
    rules = Rules(timedelta(minutes=10), per_day=5, days=1, times=(time(19, 10),))
    lately = Lately(at(10), TOKYO, [(TEN, at(1000))], answered=at(5), run=1)
    after = Lately(at(10), TOKYO, [(TEN, at(1000))], [reminded(10, Why.SUPPORT)], answered=at(5), run=1)

    assert (10, "support") == due(lately, rules)
    assert (20, "minutes") == due(after, rules)


@pytest.mark.parametrize(
    ("before", "less"),
    [
        ([], False),
        ([reminded(50)], False),
        ([reminded(50), reminded(100)], True),
        ([reminded(50), reminded(100), reminded(1500)], True),
        ([reminded(50), happened(What.ALREADY, 60), reminded(110)], False),
        ([reminded(50), reminded(100), happened(What.LATER, 101, 121)], False),
        ([reminded(50), reminded(100), happened(What.TAKEN, 101, 102), reminded(152)], False),
    ],
)
def test_after_two_without_an_answer_less_is_offered(before: list[Happened], less: bool) -> None:
    """Any answer begins anew, *Not today* included."""
    assert less is offers_less(before)


def test_whoever_is_back_before_its_time_is_not_on_a_break() -> None:
    """By going on duty, too: minutes are counted from there, and what comes is not left out."""
    history = [happened(What.TAKEN, 5, 600)]
    lately = Lately(at(20), TOKYO, [(at(20), at(500))], history, back_at=at(20))

    assert (70, "minutes") == due(lately)


# ---------------------------------------------------------------- whatever a leader presses


MOST_ANSWERS = 40
"""Whoever puts off for a minute, again and again, stops at some time."""


class Pressed(NamedTuple):
    """What a leader does when a reminder comes, with the minutes that go with it. Nothing, if `what` is None."""

    what: What | None
    minutes: int


presses = st.lists(
    st.builds(
        Pressed,
        st.sampled_from([What.TAKEN, What.ALREADY, What.LATER, What.NOT_TODAY, None]),
        st.integers(5, 300),
    ),
    min_size=1,
    max_size=12,
)
zones = st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Europe/Berlin"]).map(ZoneInfo)
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
duties = st.lists(st.tuples(st.integers(0, 9000), st.integers(5, 1500)), max_size=8)


class Chosen(NamedTuple):
    """A leader's rules, before their quiet hours are a function."""

    after: int
    per_day: int
    days: int
    support: bool
    times: tuple[time, ...]
    night: tuple[time, time] | None


chosen = st.builds(
    Chosen,
    st.integers(0, 120),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
    st.lists(clocks, max_size=4, unique=True).map(lambda each: tuple(sorted(each))),
    st.none() | st.tuples(clocks, clocks).filter(lambda each: each[0] != each[1]),
)


def rules_of(choice: Chosen, zone: ZoneInfo) -> Rules:
    night = choice.night
    return Rules(
        choice.after * MINUTE if choice.after else None,
        choice.per_day,
        choice.days,
        choice.support,
        choice.times,
        (lambda when: night_end(*night, zone, when)) if night else (lambda _: None),
    )


def lived(choice: Chosen, zone: ZoneInfo, spans: Sequence[tuple[int, int]], pressed: Sequence[Pressed]) -> Life:
    """Let a leader be on duty at times over a week, answer some requests, and press what they like."""
    planned, end = list[tuple[datetime, datetime]](), TEN
    for begins, minutes in sorted(spans):
        since = max(at(begins), end + MINUTE)
        end = since + minutes * MINUTE
        planned.append((since, end))
    life = Life(rules_of(choice, zone), zone, planned, [since + 20 * MINUTE for since, _ in planned])

    def answer(life: Life, reminder: Reminded) -> None:
        press = pressed[len(life.reminded) % len(pressed)]
        if press.what and len(life.reminded) < MOST_ANSWERS:
            life.press(press.what, reminder.at, press.minutes)

    life.live(TEN, TEN + timedelta(days=8), answer)
    return life


def assert_kept(life: Life, choice: Chosen, zone: ZoneInfo) -> None:
    """Check what was promised of all reminders that came."""
    unasked = [each for each in life.reminded if each.why is not Why.SNOOZE]
    days = [each.at.astimezone(zone).date() for each in unasked]
    assert all(days.count(day) <= choice.per_day for day in days)
    for each in life.reminded:
        assert not (choice.night and night_end(*choice.night, zone, each.at))
        assert on_break(each.before, each.at) is None
        others = [other.at for other in life.reminded if other.at < each.at]
        asked = each.why in {Why.SNOOZE, Why.MINUTES}
        assert asked or all(each.at - other >= APART for other in others)
    for each in unasked:
        silenced = [event.at for event in each.before if event.what is What.NOT_TODAY]
        assert all(when.astimezone(zone).date() < each.at.astimezone(zone).date() for when in silenced)
        if each.why in {Why.MINUTES, Why.DAYS}:
            begun = [since for since, until in life.duties if since <= each.at <= until]
            assert begun


@given(choice=chosen, zone=zones, spans=duties, pressed=presses)
@settings(max_examples=40, deadline=None)
def test_whatever_a_leader_presses_the_bot_keeps_its_word(
    choice: Chosen, zone: ZoneInfo, spans: list[tuple[int, int]], pressed: list[Pressed]
) -> None:
    """Never more unasked reminders a day than allowed; none in a break, in quiet hours, after *Not today*, off duty."""
    assert_kept(lived(choice, zone, spans, pressed), choice, zone)


@pytest.mark.exhaustive
@given(choice=chosen, zone=zones, spans=duties, pressed=presses)
@settings(max_examples=1000, deadline=None)
def test_many_leaders_press_what_they_like(
    choice: Chosen, zone: ZoneInfo, spans: list[tuple[int, int]], pressed: list[Pressed]
) -> None:
    """The same, for as many leaders as it takes to find one for whom it does not hold."""
    assert_kept(lived(choice, zone, spans, pressed), choice, zone)


@given(after=st.integers(5, 120), minutes=st.integers(1, 300), zone=zones)
@settings(max_examples=30)
def test_a_snooze_is_not_a_skip(after: int, minutes: int, zone: ZoneInfo) -> None:
    """It names the instant of the next reminder, however the day's reminders stand."""
    rules = Rules(after * MINUTE, per_day=1)
    history = [reminded(after), happened(What.LATER, after + 1, after + 1 + minutes)]

    assert (after + 1 + minutes, "snooze") == due(on_duty(history, zone=zone), rules)
