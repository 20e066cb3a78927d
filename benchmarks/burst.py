"""A burst: 2,000 posts in 500 channels, all due at once, through the real outbox, sender and client libraries.

The server enforces the limits of the platform, and answers 429 to whatever is too fast. What is measured is the time
from the first look until the last receipt is written, held against the shortest time that the limits allow.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy import func, select

from benchmarks.burst_server import CHANNELS
from benchmarks.figures import Figure
from bot.adapters.discord import DiscordPlatform
from bot.adapters.slack import SlackPlatform
from bot.app.house import load_shelf
from bot.community.directory import HouseDirectory
from bot.community.groups import Groups
from bot.community.leaders import Leaders
from bot.community.people import People
from bot.config import Config
from bot.core.clock import SystemClock
from bot.core.feature import KEEPS_NOTHING, Feature, Sending
from bot.core.port import Channel, Community, Message, Platform
from bot.core.text import Words, plain
from bot.delivery.carrier import Carrier
from bot.delivery.letters import Letter, State
from bot.delivery.local import LocalEngine
from bot.delivery.outbox import Outbox, Patience
from bot.delivery.pace import Pace, Rate
from bot.delivery.sender import Sender
from bot.delivery.tables import deliveries
from bot.delivery.work import HouseWork
from bot.storage.database import Database
from bot.storage.keys import MainKey
from bot.storage.migrations import migrate
from bot.storage.sealing import Sealing
from tests.adapters.fake_core import FakeCore
from tests.adapters.fake_discord import TOKEN
from tests.adapters.fake_slack_wire import APP_TOKEN, BOT_TOKEN

POSTS: Final = 2_000
REACH: Final = 1.15
FEATURE: Final = "burst"
GIVE_UP: Final = 180.0
HOUR: Final = timedelta(hours=1)

Build = Callable[[Mapping[str, Any], Words, Pace], Platform]


@dataclass(frozen=True, slots=True)
class Place:
    """A platform, how many times as quick as the real one it is here, our rates there, and its own bound in seconds."""

    name: str
    scale: float
    rate: Rate
    bound: float
    build: Build


def _discord(place: Mapping[str, Any], words: Words, pace: Pace) -> Platform:
    addresses = {"api_url": place["api"], "gateway_url": place["gateway"]}
    return DiscordPlatform(token=TOKEN, words=words, clock=SystemClock(), meter=pace.meter("discord"), **addresses)


def _slack(place: Mapping[str, Any], words: Words, pace: Pace) -> Platform:
    return SlackPlatform(
        bot_token=SecretStr(BOT_TOKEN),
        app_token=SecretStr(APP_TOKEN),
        words=words,
        clock=SystemClock(),
        meter=pace.meter("slack"),
        api_url=place["api"],
    )


DISCORD_SCALE: Final = 2
SLACK_SCALE: Final = 0.1
PLACES: Final = (
    # 50 requests in any second: the first of them at once, then so many with every second that begins.
    Place(
        "discord",
        DISCORD_SCALE,
        Rate(overall=50 * DISCORD_SCALE - 1),
        math.ceil(POSTS / (50 * DISCORD_SCALE)) - 1.0,
        _discord,
    ),
    # One message a second in a channel: the first at once.
    Place("slack", SLACK_SCALE, Rate(each=SLACK_SCALE), (POSTS // CHANNELS - 1) / SLACK_SCALE, _slack),
)


def measure() -> Sequence[Figure]:
    """Let a burst go out on each platform."""
    return [figure for place in PLACES for figure in asyncio.run(_burst(place))]


async def _burst(place: Place) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        async with _served(place) as (server, told):
            seconds, cpu = await _drained(place, told, Path(folder), server)
            counted = await _ask(server)
    posts: Mapping[str, int] = counted["posts"]
    missing = POSTS - sum(min(count, POSTS // CHANNELS) for count in posts.values())
    twice = sum(max(0, count - POSTS // CHANNELS) for count in posts.values())
    name = f"{place.name}, {POSTS:,} posts in {CHANNELS} channels, limits times {place.scale:g}"
    return [
        Figure(name, round(seconds, 2), "s", "the limits' own bound", place.bound, REACH),
        Figure(f"{place.name}, requests answered 429", counted["refused"], "", "none", 0),
        Figure(f"{place.name}, posts missing or there twice", missing + twice, "", "none", 0),
        Figure(f"{place.name}, processor time of the bot for a post", round(cpu / POSTS * 1000, 2), "ms"),
    ]


async def _drained(place: Place, told: Mapping[str, Any], folder: Path, server: Process) -> tuple[float, float]:
    """Put everything in, start the engine, and return how long it and this process worked until all was settled."""
    database = await Database.open(f"sqlite:///{folder}/burst.db")
    await migrate(database)
    shelf, clock = load_shelf(Config()), SystemClock()
    sealing = await Sealing.prepare(database, MainKey(secrets.token_bytes(32)))
    groups = Groups(database)
    pace = Pace({place.name: place.rate}, clock)
    platform = place.build(told, shelf.words, pace)
    directory = HouseDirectory(
        groups, Leaders(database, sealing), People(database, sealing), shelf.words, {place.name: platform}
    )
    outbox = Outbox(database, sealing, clock, Patience())
    carrier = Carrier(
        outbox=outbox,
        platforms={place.name: platform},
        features={FEATURE: Feature(FEATURE, KEEPS_NOTHING, compose=_compose)},
        directory=directory,
        words=shelf.words,
        clock=clock,
        patience=Patience(),
        pace=pace,
    )
    work = HouseWork([], outbox, Sender(carrier, outbox, pace, clock, [place.name]), clock)
    channels = [Channel(Community(place.name, community), channel) for community, channel in told["channels"]]
    for channel in channels:
        await groups.add(channel, "Europe/Berlin", "en", "DE")
    await _put(database, outbox, channels)
    engine = LocalEngine(clock)
    outbox.wakes(engine.wake)
    serving = asyncio.create_task(platform.run(FakeCore()))
    await _heard(server)
    began, worked = time.perf_counter(), time.process_time()
    running = asyncio.create_task(engine.run(work))
    try:
        await _until_sent(database)
        return time.perf_counter() - began, time.process_time() - worked
    finally:
        await _end(running)
        await _end(serving)
        await database.close()


async def _compose(sending: Sending) -> Message:
    return Message(plain(f"Two kind minutes, number {sending.subject}."), "A pause")


async def _put(database: Database, outbox: Outbox, channels: Sequence[Channel]) -> None:
    now = SystemClock().now()
    async with database.write() as unit:
        for number in range(POSTS):
            to = channels[number % CHANNELS]
            await outbox.put(unit, Letter((str(number),), FEATURE, "post", number + 1, to, now, now + HOUR, False))


async def _until_sent(database: Database) -> None:
    left = select(func.count()).where(deliveries.c.state != State.SENT)
    async with asyncio.timeout(GIVE_UP):
        while True:
            async with database.read() as unit:
                if not await unit.scalar(left):
                    return
            await asyncio.sleep(0.1)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# ---------------------------------------------------------------- the other process


@asynccontextmanager
async def _served(place: Place) -> AsyncGenerator[tuple[Process, Mapping[str, Any]]]:
    command = (sys.executable, "-m", "benchmarks.burst_server", place.name, str(place.scale))
    server = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=2**24)
    try:
        yield server, await _heard(server)
    finally:
        server.kill()
        await server.wait()


async def _ask(server: Process) -> Mapping[str, Any]:
    assert server.stdin
    server.stdin.write(b"\n")
    return await _heard(server)


async def _heard(server: Process) -> Mapping[str, Any]:
    assert server.stdout
    return json.loads(await server.stdout.readline())
