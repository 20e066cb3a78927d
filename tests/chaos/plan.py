"""What the bot has to post: a schedule for every channel and minute, from some time ago until after the end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.app.house import load_shelf, open_app
from bot.config import Config, Loaded
from bot.core.clock import MovedClock
from bot.core.port import TEXT, TYPED, Actor, Channel, Invocation, Member, Reply
from bot.delivery.stepped import SteppedEngine
from bot.operations import logs
from bot.storage.keys import read_key
from tests.fakes import FakePlatform

KEY: Final = "00" * 32
ZONE: Final = "Etc/UTC"
BEFORE: Final = 18
AFTER: Final = 8
"""Minutes before the start, and after it, in which every channel has a post due."""
ANSWER, SETTLE, LEASE = 1.2, 0.2, 2.4
"""Seconds; see `Patience`. A lease outlasts a request by a second, because this machine may be very busy."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One post that somebody wanted: in a channel, at a wall time."""

    channel: str
    slot: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything wanted. `start` is a full minute."""

    channels: tuple[str, ...]
    start: datetime

    def minutes(self) -> list[datetime]:
        """Return when every channel has a post due."""
        return [self.start + timedelta(minutes=number) for number in range(-BEFORE, AFTER)]

    def wanted(self, now: datetime) -> AbstractSet[Slot]:
        """Return what ought to be posted by now."""
        due = [_wall(minute) for minute in self.minutes() if minute <= now]
        return {Slot(channel, slot) for channel in self.channels for slot in due}


def _wall(minute: datetime) -> str:
    return minute.strftime("%H:%M")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where something is to be posted, and the lines of config.yaml that lead there."""

    platform: str
    channels: tuple[Channel, ...]
    leaders: tuple[Member, ...]
    config: str


def prepare(ground: Ground, folder: Path) -> Plan:
    """Write the database and config.yaml with which the bot is to run. Takes seconds, so have it run by itself."""
    logs.set_up("error")
    folder.mkdir(parents=True)
    now = datetime.now(UTC)
    plan = Plan(tuple(channel.id for channel in ground.channels), now.replace(second=0, microsecond=0))
    database = f"sqlite:///{folder}/kept.db"
    asyncio.run(_schedule(ground, plan, database))
    _check(plan, folder)
    (folder / "config.yaml").write_text(
        f"database: {database}\nlog_level: warning\n"
        f"delivery: {{lease_seconds: {LEASE}, settle_seconds: {SETTLE}, answer_seconds: {ANSWER}}}\n"
        f"{ground.config}",
        encoding="utf-8",
    )
    return plan


def _check(plan: Plan, folder: Path) -> None:
    """Make sure that the leaders' commands did what they were to do: an answer may also say what went wrong."""
    with closing(sqlite3.connect(folder / "kept.db")) as rows:
        ((added,),) = rows.execute("SELECT count(*) FROM schedules")
    assert added == len(set(plan.channels)) * len(plan.minutes()), f"only {added} schedules were added"


async def _schedule(ground: Ground, plan: Plan, database: str) -> None:
    """Have leaders add every schedule, before the first is due."""
    clock = MovedClock(plan.start - timedelta(minutes=BEFORE + 1))
    platform = FakePlatform(clock, ground.platform)
    loaded = Loaded(Config(database=database))
    key = read_key({"HEARTHSIDE_KEY": KEY})
    assert key is not None
    async with open_app(
        loaded=loaded,
        shelf=load_shelf(loaded.config),
        keys=[key],
        clock=clock,
        engine=SteppedEngine(clock),
        build_platforms=lambda _words, _clock: {platform.name: platform},
    ) as app:
        for leader in ground.leaders:
            await app.appoint(leader)
        actors = {leader.community: Actor(leader, "Leader") for leader in ground.leaders}
        for channel in ground.channels:
            await app.tools.groups.add(channel, ZONE, "en", "DE")
            for minute in plan.minutes():
                line = f'schedule add what=reflective-listening in=#{channel.id} rule="daily {_wall(minute)}"'
                said = Invocation(TYPED, {TEXT: line}, actors[channel.community], channel)
                answer = await app.core.invoke(said)
                assert isinstance(answer, Reply), answer
