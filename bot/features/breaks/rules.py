"""When a leader is reminded to take a break. Pure: duty and history in, an instant out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant


class What(StrEnum):
    """What happened, as a leader's history of breaks keeps it."""

    REMINDED = "reminded"
    TAKEN = "taken"
    ALREADY = "already"
    LATER = "later"
    NOT_TODAY = "not_today"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened. `until` is when a break ends, or when a snooze does."""

    what: What
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """A reminder comes after so much time on duty, and so many times a day at most."""

    after: timedelta
    per_day: int


def next_reminder(
    since: datetime, until: datetime, history: Sequence[Happened], habit: Habit, zone: ZoneInfo
) -> datetime | None:
    """Return when a leader on duty from `since` to `until` is reminded next; None if not in this duty.

    A break, taken or told, starts the count anew at its end. A snooze is not a skip: it names the instant, or the end
    of a break it falls into, and does not count against the day's limit. *Not today* is silent until the leader's next
    day.
    """
    counted_from, rested, snoozed = since, since, None
    for event in history:
        match event.what:
            case What.REMINDED | What.ALREADY:
                counted_from, snoozed = max(counted_from, event.at), None
            case What.TAKEN:
                rested, snoozed = event.until or event.at, None
            case What.LATER:
                snoozed = event.until if event.at >= since else None  # a snooze ends with its duty
            case What.NOT_TODAY:
                counted_from, snoozed = max(counted_from, _next_day(event.at, zone)), None
    if snoozed:
        wanted = max(snoozed, rested)
    elif habit.per_day:
        wanted = max(counted_from, rested) + habit.after
        if _reminders_on(wanted, history, zone) >= habit.per_day:
            wanted = _next_day(wanted, zone)
    else:
        return None
    return wanted if wanted < until else None


def on_break(history: Sequence[Happened], now: datetime) -> datetime | None:
    """Return when the break that somebody is on ends. The newest one counts, also when it is shorter."""
    ends = [event.until for event in history if event.what is What.TAKEN and event.until]
    return ends[-1] if ends and ends[-1] > now else None


def _reminders_on(at: datetime, history: Sequence[Happened], zone: ZoneInfo) -> int:
    """Count the reminders of a local day that no snooze had asked for."""
    day, count, asked_for = at.astimezone(zone).date(), 0, False
    for event in history:
        if event.what is What.REMINDED and not asked_for and event.at.astimezone(zone).date() == day:
            count += 1
        asked_for = event.what is What.LATER
    return count


def _next_day(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant of the next local day."""
    day = at.astimezone(zone).date()
    for days in range(1, 4):
        if start := instant(day + timedelta(days=days), time.min, zone):
            return start
    raise ValueError("no zone skips three days")
