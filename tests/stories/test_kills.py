"""A process dies at the worst moments; started again, there is exactly one post."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.app.house import load_shelf, open_app
from bot.config import Config, Loaded
from bot.core.clock import MovedClock
from bot.core.port import TEXT, TYPED, Actor, Invocation, Reply
from bot.delivery.stepped import SteppedEngine
from bot.storage.keys import read_key
from tests.fakes import FakePlatform
from tests.stories.scenes import DiscordScene, Scene, SlackScene, Stage

KEY: Final = "00" * 32
LEASE: Final = 1.2
DYING: Final = {"discord": (Stage.CLAIMED, Stage.UNRECORDED), "slack": (Stage.SENDING, Stage.UNRECORDED)}
"""`make chaos` lets either platform's bot die at every stage, many times."""
STATES: Final = {Stage.CLAIMED: "claimed", Stage.SENDING: "sending", Stage.UNRECORDED: "sending"}


async def test_a_process_that_dies_at_the_worst_moments_leaves_exactly_one_post(tmp_path: Path) -> None:
    """SIGKILL after the claim or while sending, then after the platform accepted: one post, and it is recorded.

    The fake Discord has forgotten the nonce each time; Slack has none.
    """
    scenes: dict[str, Scene] = {"discord": DiscordScene(), "slack": SlackScene()}
    try:
        for name, scene in scenes.items():
            await scene.start()
            await prepare(scene, tmp_path / name)
        async with asyncio.TaskGroup() as tasks:
            for name, scene in scenes.items():
                tasks.create_task(die_and_come_back(scene, tmp_path / name))
    finally:
        for scene in scenes.values():
            await scene.stop()


async def die_and_come_back(scene: Scene, folder: Path) -> None:
    for stage in DYING[scene.channel.community.platform]:
        hangs = scene.hang(stage)
        async with running(scene, folder) as bot:
            await scene.until(hangs)
            assert STATES[stage] == state(folder)
            bot.kill()
        assert (1 if stage is Stage.UNRECORDED else 0) == scene.posts()

    async with running(scene, folder) as bot:
        await sent(folder)
        bot.send_signal(signal.SIGTERM)
        assert (0, 1) == (await asyncio.wait_for(bot.wait(), 10), scene.posts())


@asynccontextmanager
async def running(scene: Scene, folder: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run the program as its user would; it is over afterwards, whatever happens."""
    environment = {**os.environ, "HEARTHSIDE_KEY": KEY, **scene.secrets}
    with (folder / "log").open("ab") as log:
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--config", str(folder / "config.yaml"),
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield bot
    finally:
        if bot.returncode is None:
            with suppress(ProcessLookupError):
                bot.kill()
        await bot.wait()


async def prepare(scene: Scene, folder: Path) -> None:
    """Let a milestone be due for some minutes, to be celebrated in the channel by name."""
    folder.mkdir()  # noqa: ASYNC240  nothing else runs yet
    now = datetime.now(UTC)
    zone = zone_where_it_is_nine(now)
    day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=30)
    clock = MovedClock(now - timedelta(minutes=70))
    platform = FakePlatform(clock, scene.channel.community.platform)
    loaded = Loaded(Config(database=f"sqlite:///{folder}/kept.db"))
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
        await app.tools.groups.add(scene.channel, "Europe/Berlin", "en", "DE")
        await app.tools.people.change(scene.member, zone=zone)
        line = f"milestone set date={day} audience=named in=#{scene.channel.id}"
        actor = Actor(scene.member, "Member")
        told = await app.core.invoke(Invocation(TYPED, {TEXT: line}, actor, scene.channel))
        assert isinstance(told, Reply)
        yes = told.message.buttons[0]
        kept = await app.core.invoke(Invocation(yes.command, yes.arguments, actor, scene.channel))
        assert isinstance(kept, Reply)
    (folder / "config.yaml").write_text(
        f"database: sqlite:///{folder}/kept.db\n"
        f"delivery: {{lease_seconds: {LEASE}, settle_seconds: 0.1, answer_seconds: 1}}\n"
        f"{scene.config}",
        encoding="utf-8",
    )


def zone_where_it_is_nine(now: datetime) -> str:
    offset = (9 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-offset:+d}"


def state(folder: Path) -> str:
    with closing(sqlite3.connect(f"file:{folder}/kept.db?mode=ro", uri=True)) as rows:
        ((found,),) = rows.execute("SELECT state FROM deliveries WHERE kind = 'post'")
        return found


async def sent(folder: Path) -> None:
    """Wait until the delivery is settled as sent; nothing tells from outside, so it is looked at again and again."""
    async with asyncio.timeout(30):
        while state(folder) != "sent":  # noqa: ASYNC110  another process does it, and tells nobody
            await asyncio.sleep(0.05)
