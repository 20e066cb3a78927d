"""When a schedule comes: its rule on its group's clock, within the limits that leaders set. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from bot.core.recurrence import Due, Rule, next_due, read_rule

Slot: TypeAlias = tuple[date, str]
"""What names an occurrence of a schedule: its local date and the wall time of its rule."""

_JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule with its limits. `from_at`: nothing due before is ever made up. `until` is the last local date."""

    rule: Rule
    zone: ZoneInfo
    starts_on: date
    from_at: datetime
    until: date | None = None

    def after(self, instant: datetime) -> Due | None:
        """Return the first occurrence later than an instant."""
        due = next_due(self.rule, self.zone, self.starts_on, max(instant, self.from_at - _JUST_BEFORE))
        return due if due and (self.until is None or due.on <= self.until) else None

    def since(self, instant: datetime) -> Iterator[Due]:
        """Give the occurrences at an instant or later."""
        due = self.after(instant - _JUST_BEFORE)
        while due is not None:
            yield due
            due = self.after(due.at)

    def coming(self, instant: datetime, taken: Collection[Slot]) -> Iterator[Due]:
        """Give the occurrences later than an instant, without those that have been made or skipped already."""
        return (due for due in self.since(instant + _JUST_BEFORE) if (due.on, due.slot) not in taken)


def read_plan(row: Row[Any]) -> Plan:
    """Return the plan of a row of `schedules`."""
    return Plan(read_rule(row.rule), ZoneInfo(row.zone), row.starts_on, row.from_at, row.until)
