"""When a leader is reminded to take a break. Pure: duty, history and the leader's own rules in, an instant out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant

DAYS_AFTER: Final = timedelta(minutes=10)
"""So long into a duty comes the reminder that there were many days in a row."""
SUPPORT_AFTER: Final = timedelta(minutes=5)
"""So long after a request for support was answered."""
APART: Final = timedelta(minutes=15)
"""A reminder that would come sooner after another, or after a break, is left out."""
STALE: Final = timedelta(minutes=30)
"""What could not be said by then, because the bot was down, is not said any more."""
IGNORED: Final = 2
"""After so many reminders without an answer the next one offers less."""
_AHEAD: Final = 9
"""Days in which the next fixed time is looked for."""

Stretch: TypeAlias = tuple[datetime, datetime]


class What(StrEnum):
    """What happened, as a leader's history of breaks keeps it."""

    REMINDED = "reminded"
    TAKEN = "taken"
    ENDED = "ended"
    ALREADY = "already"
    LATER = "later"
    NOT_TODAY = "not_today"


class Why(StrEnum):
    """Why a reminder comes. The first of them is told when several come together."""

    SNOOZE = "snooze"
    SUPPORT = "support"
    TIME = "time"
    DAYS = "days"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened. `until` is when a break ends, or when a snooze does; `why` is for reminders."""

    what: What
    at: datetime
    until: datetime | None = None
    why: Why | None = None


def never(at: datetime) -> datetime | None:
    """Return that no instant is in quiet hours."""
    del at


@dataclass(frozen=True, slots=True)
class Rules:
    """When a leader wants to be reminded, and how many times a day at most.

    `after` so long on duty, after so many `days` in a row (0: never), after a request for `support`, at `times` of
    their own clock. `quiet_end` returns when the quiet hours end that an instant falls into; None where into none.
    """

    after: timedelta | None
    per_day: int
    days: int = 0
    support: bool = True
    times: tuple[time, ...] = ()
    quiet_end: Callable[[datetime], datetime | None] = never


@dataclass(frozen=True, slots=True)
class Lately:
    """What the rules look at. `duties`: the recent ones, of which the last may go on or begin. All are oldest first.

    `answered`: when a request for support was last answered. `run`: days in a row with duty, today included. `back_at`:
    when the newest break ended or ends, for a leader may be back before its time.
    """

    now: datetime
    zone: ZoneInfo
    duties: Sequence[Stretch] = ()
    history: Sequence[Happened] = ()
    answered: datetime | None = None
    run: int = 0
    back_at: datetime | None = None

    @property
    def duty(self) -> Stretch | None:
        """Return the duty that goes on, or will once a break is over."""
        return next((each for each in self.duties if each[1] > self.now), None)

    def day(self, at: datetime) -> date:
        """Return the date of an instant on the leader's clock."""
        return at.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder to come, or due."""

    at: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class _Read:
    """What a history comes to.

    `touched`: the last reminder, or break told of. `rested`: when the last break ends, which began at `took`.
    `snoozed`: a snooze that still stands. `silent`: until when nothing is said.
    """

    touched: datetime | None = None
    took: datetime | None = None
    rested: datetime | None = None
    snoozed: Happened | None = None
    silent: datetime | None = None


def next_reminder(lately: Lately, rules: Rules, seen: datetime) -> Reminder | None:
    """Return the next reminder of a leader, which may be due already; None when nothing that is known brings one.

    `seen`: when the leader was to be looked at: fixed times before it have been seen to.

    A break, taken or told, starts the count of minutes anew at its end. A snooze names its instant, and does not count
    against the day's limit; nothing comes before it, also where it does not come itself. *Not today* is silent until
    the leader's next day. What falls into a break, or into quiet hours, is left out; only the count of minutes goes on
    at their end.
    """
    read = _read(lately)
    if snoozed := _standing(lately, read):
        if _comes(snoozed, lately, rules):
            return Reminder(snoozed, Why.SNOOZE)
        read = replace(read, silent=max(snoozed, read.silent or snoozed))  # nothing comes before what was asked for
    full = _full(lately, rules)
    found = [
        *(each for each in _support(lately, read, rules) if not full(each.at)),
        *(each for each in _times(lately, read, rules, seen) if not full(each.at)),
        *(each for each in _days(lately, read, rules) if not full(each.at)),
        *_minutes(lately, read, rules, full),
    ]
    order = list(Why)
    return min(found, key=lambda each: (max(each.at, lately.now), order.index(each.why)), default=None)


def offers_less(before: Sequence[Happened]) -> bool:
    """Return whether a reminder offers a minute only, because those just before it had no answer."""
    return sum(1 for _ in takewhile(lambda event: event.what is What.REMINDED, reversed(before))) >= IGNORED


def next_day(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant of the next local day."""
    day = at.astimezone(zone).date()
    for days in range(1, 4):
        if start := instant(day + timedelta(days=days), time.min, zone):
            return start
    raise ValueError("no zone skips three days")


# ---------------------------------------------------------------- what brings a reminder


def _standing(lately: Lately, read: _Read) -> datetime | None:
    """Return until when a reminder is put off, if it still is. What was put off on duty is so for that duty only."""
    event = read.snoozed
    of = next((each for each in lately.duties if event and each[0] <= event.at < each[1]), None)
    return event.until if event and (of is None or of == lately.duty) else None


def _comes(snoozed: datetime, lately: Lately, rules: Rules) -> bool:
    """Return whether what was put off comes: within its duty, not in quiet hours, and not too late."""
    if rules.quiet_end(snoozed) or (lately.duty and snoozed >= lately.duty[1]):
        return False
    return lately.duty is not None or lately.now - snoozed <= STALE


def _support(lately: Lately, read: _Read, rules: Rules) -> Iterator[Reminder]:
    if not rules.support or lately.answered is None:
        return
    at = lately.answered + SUPPORT_AFTER
    since = [each for each in (read.touched, read.took) if each and each >= lately.answered]
    if not since and lately.now - at <= STALE and _welcome(at, read, rules):
        yield Reminder(at, Why.SUPPORT)


def _times(lately: Lately, read: _Read, rules: Rules, seen: datetime) -> Iterator[Reminder]:
    """Yield the fixed times that are not over yet, of the days to come too: today may have had enough."""
    today = lately.day(lately.now)
    for days in range(-1, _AHEAD if rules.times else -1):
        for wanted in rules.times:
            at = instant(today + timedelta(days=days), wanted, lately.zone)
            if at and at >= seen and lately.now - at <= STALE and _welcome(at, read, rules):
                yield Reminder(at, Why.TIME)


def _days(lately: Lately, read: _Read, rules: Rules) -> Iterator[Reminder]:
    duty = lately.duty
    if duty is None or not rules.days or not lately.run or lately.run % rules.days:
        return
    at, today = duty[0] + DAYS_AFTER, lately.day(lately.now)
    told = any(each.why is Why.DAYS and lately.day(each.at) == today for each in lately.history)
    if told or lately.day(at) != today or at >= duty[1]:
        return
    if lately.now - at <= STALE and _welcome(at, read, rules):
        yield Reminder(at, Why.DAYS)


def _minutes(lately: Lately, read: _Read, rules: Rules, full: Callable[[datetime], bool]) -> Iterator[Reminder]:
    """Yield the end of the count of minutes, moved out of quiet hours and of days that have had enough."""
    duty = lately.duty
    if duty is None or rules.after is None or not rules.per_day:
        return
    at = max(each for each in (duty[0], read.touched, read.rested, read.silent) if each) + rules.after
    for _ in range(_AHEAD):
        if full(at):
            at = next_day(at, lately.zone)
        elif quiet := rules.quiet_end(at):
            at = quiet
        else:
            break
    else:
        return
    if at < duty[1]:
        yield Reminder(at, Why.MINUTES)


def _welcome(at: datetime, read: _Read, rules: Rules) -> bool:
    """Return whether something may be said then: not in a break or soon after one, nor when it should be silent."""
    if rules.quiet_end(at) or (read.silent and at < read.silent):
        return False
    return all(each is None or at >= each + APART for each in (read.touched, read.rested))


def _full(lately: Lately, rules: Rules) -> Callable[[datetime], bool]:
    """Return what says whether a local day has had its reminders, those not counted that a snooze had asked for."""
    days = [
        lately.day(event.at) for event in lately.history if event.what is What.REMINDED and event.why is not Why.SNOOZE
    ]
    return lambda at: days.count(lately.day(at)) >= rules.per_day


def _read(lately: Lately) -> _Read:
    touched = took = rested = snoozed = silent = None
    for event in lately.history:
        match event.what:
            case What.REMINDED | What.ALREADY:
                touched, snoozed = event.at, None
            case What.TAKEN:
                took, rested, snoozed = event.at, event.until or event.at, None
            case What.ENDED:
                rested = event.at
            case What.LATER:
                in_break = rested and event.until and event.until < rested
                snoozed = None if in_break else event
            case What.NOT_TODAY:
                silent, snoozed = next_day(event.at, lately.zone), None
    if rested and took and lately.back_at and lately.back_at >= took:
        rested = min(rested, lately.back_at)
    return _Read(touched, took, rested, snoozed, silent)
