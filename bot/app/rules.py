"""A rule of time, tried by itself: what would be due, without a group and without a schedule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from bot.app.house import load_shelf
from bot.config import Config
from bot.core.forms import READERS, Reading
from bot.core.port import Community, Kind
from bot.core.recurrence import Rule, RuleProblem, Weekly, read_rule, upcoming
from bot.core.text import DEFAULT_LOCALE

MOST: Final = 1000
NOBODY: Final = Reading(Community("", ""), date.min)
"""A time zone is read the same for everybody."""
ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CannotTryError(Exception):
    """What was typed cannot be used. Holds one sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One time of a rule. `at` is the local time with its offset; `date` and `slot` name the occurrence.

    The date of `at` is a later one than `date` where a gap swallowed the rest of that date.
    """

    at: str
    date: str
    slot: str


def next_runs(words: str, zone: str, since: str, count: str, now: datetime) -> Sequence[Run]:
    """Return the next times of a rule; none if nothing more is due.

    With a date in `since`, occurrences of that local date count, whatever the time; with an instant or with nothing,
    which means `now`, those at that instant or later. *Every n weeks* counts from the week of either.
    Raises `CannotTryError`, and `ContentError` if the sentences that tell what is wrong with a rule cannot be loaded.
    """
    rule, there = _rule(words), _zone(zone)
    start, after = _since(since, rule, there, now)
    coming = upcoming(rule, there, start, after, _count(count))
    return [Run(due.at.astimezone(there).isoformat(timespec="seconds"), due.on.isoformat(), due.slot) for due in coming]


def _rule(words: str) -> Rule:
    try:
        return read_rule(words)
    except RuleProblem as problem:
        said = load_shelf(Config()).words
        raise CannotTryError(said.label(f"core.problem_{problem.key}", DEFAULT_LOCALE, **problem.values)) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(str(READERS[Kind.ZONE](name.strip(), NOBODY)))
    except PydanticCustomError as problem:
        near = (problem.context or {}).get("near")
        remedy = f"did you mean {near}?" if near else "write it as Europe/Berlin"
        raise CannotTryError(f"--zone: {name!r} is no time zone; {remedy}") from None


def _since(text: str, rule: Rule, zone: ZoneInfo, now: datetime) -> tuple[date, datetime]:
    """Return the local date to start on and the instant after which occurrences count."""
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text), ALWAYS
        instant = datetime.fromisoformat(text) if text else now
        if instant.tzinfo is None:
            raise CannotTryError(f"--from: {text!r} says no offset; write it as 2026-10-20T19:00+02:00")
        after = instant.astimezone(UTC) - timedelta(microseconds=1)
        return _as_early(instant.astimezone(zone).date(), rule), after
    except (ValueError, OverflowError):
        remedy = "write it as 2026-10-20 or 2026-10-20T19:00+02:00"
        raise CannotTryError(f"--from: {text!r} is neither a date nor an instant; {remedy}") from None


def _as_early(start: date, rule: Rule) -> date:
    """Return the earliest start from which weeks count the same.

    The instant alone decides then what counts: at midnight after a gap that swallowed the rest of a date, what is due
    still belongs to the date before.
    """
    days = 7 * rule.every if isinstance(rule, Weekly) else 1
    return date.fromordinal((start.toordinal() - 1) % days + 1)


def _count(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,4}", text) and 1 <= int(text) <= MOST:
        return int(text)
    raise CannotTryError(f"--count: write a number from 1 to {MOST}")
