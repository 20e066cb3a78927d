"""What leaders decide about a schedule, and a schedule as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.core.port import Ping
from bot.core.recurrence import Rule, Weekly
from bot.delivery.plans import Plan

OWN_TEXT: Final = "text"
"""The `what` of a schedule that posts a leader's own text."""
USUAL_GRACE: Final = 120


@dataclass(frozen=True, slots=True)
class Draft:
    """What leaders decide about a schedule. `grace` in minutes, `until` the last local date, `times` how many posts."""

    what: str
    rule: Rule
    starts_on: date
    text: str = ""
    until: date | None = None
    times: int | None = None
    ping: Ping = Ping.NOBODY
    thread: bool = False
    pin: bool = False
    grace: int = USUAL_GRACE

    def is_like(self, other: Draft) -> bool:
        """Return whether two drafts post the same at the same times. A start counts where weeks are counted from it."""
        counted = isinstance(self.rule, Weekly) and self.rule.every > 1
        same = (self.what, self.text, self.rule) == (other.what, other.text, other.rule)
        return same and (not counted or self.starts_on == other.starts_on)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is posted, where and when."""

    id: int
    group: int
    draft: Draft
    zone: str
    plan: Plan
    paused: bool
    paused_until: datetime | None
    removed_at: datetime | None
    version: int
    stuck: str
    probe_at: datetime | None
    next_at: datetime | None

    @property
    def what(self) -> str:
        """Return what it posts."""
        return self.draft.what

    def is_paused(self, at: datetime) -> bool:
        """Return whether it is silent at an instant because a leader paused it."""
        return self.paused or (self.paused_until is not None and at < self.paused_until)
