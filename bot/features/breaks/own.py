"""What the feature asks of the house about one leader: who they are, their rules, and how they stand."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.community.leaders import Leader
from bot.community.leading import leading, zone_of
from bot.community.load import REMEMBERED, days_in_row
from bot.community.quiet import reached
from bot.community.tact import DAY_BEGINS, quiet_until
from bot.community.tools import Tools
from bot.core.commands import Call
from bot.core.content import Settings
from bot.features.breaks.rules import Lately, Rules
from bot.features.breaks.store import BreakStore

FEATURE: Final = "breaks"
_ANSWERED_LATELY: Final = timedelta(hours=2)


class BreakSettings(Settings):
    """What config.yaml may say under `features.breaks`: what holds for leaders who chose nothing else."""

    remind_after_minutes: int = Field(default=50, ge=5, le=480)
    remind_after_days: int = Field(default=6, ge=0, le=30)
    reminders_per_day: int = Field(default=2, ge=0, le=12)


class Habits:
    """Reads what a leader's breaks depend on."""

    def __init__(self, tools: Tools, store: BreakStore) -> None:
        self._tools = tools
        self._store = store
        self._usual = tools.settings_of(FEATURE, BreakSettings)

    async def who(self, call: Call) -> Leader:
        """Return the leader who asks. Raises `Refusal` for everybody else."""
        return await leading(self._tools, call, "breaks.not_a_leader")

    async def zone(self, leader: Leader) -> ZoneInfo:
        """Return the zone of a leader's own clock."""
        return await zone_of(self._tools, leader)

    def minutes(self, leader: Leader) -> int:
        """Return after how many minutes on duty a leader is reminded; 0 is never."""
        return self._usual.remind_after_minutes if leader.own.after is None else leader.own.after

    def days(self, leader: Leader) -> int:
        """Return after how many days in a row a leader is reminded; 0 is never."""
        return self._usual.remind_after_days if leader.own.days is None else leader.own.days

    def most(self, leader: Leader) -> int:
        """Return how often a day a leader is reminded. Who names more times of their own has chosen so many."""
        if leader.own.most is not None:
            return leader.own.most
        usual = self._usual.reminders_per_day
        return max(usual, len(times_of(leader))) if usual else 0

    def rules(self, leader: Leader, zone: ZoneInfo) -> Rules:
        """Return a leader's own rules, and the house's where they chose nothing."""
        minutes = self.minutes(leader)
        return Rules(
            timedelta(minutes=minutes) if minutes else None,
            self.most(leader),
            self.days(leader),
            leader.own.support,
            times_of(leader),
            lambda at: quiet_until(leader, at, zone),
        )

    def morning(self, leader: Leader, since: datetime, zone: ZoneInfo) -> datetime:
        """Return when a leader may be written to on the day that begins at an instant."""
        at = reached(since.astimezone(zone).date(), DAY_BEGINS, zone)
        return quiet_until(leader, at, zone) or at

    async def lately(self, leader: Leader, now: datetime, zone: ZoneInfo) -> Lately:
        """Return what has happened to a leader lately."""
        duties = [(each.since, each.until) for each in await self._tools.roster.recent(leader.id, now - REMEMBERED)]
        answers = await self._tools.roster.answers(leader.id, now - _ANSWERED_LATELY)
        history = await self._store.history(leader.id, now)
        return Lately(
            now,
            zone,
            duties,
            history,
            answers[-1] if answers else None,
            days_in_row(duties, now, zone),
            leader.away_until,
        )


def times_of(leader: Leader) -> tuple[time, ...]:
    """Return the fixed times that a leader chose, on their own clock."""
    return tuple(time.fromisoformat(word) for word in leader.own.times.split(", ") if word)
