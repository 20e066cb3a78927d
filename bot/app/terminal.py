"""The bot in a terminal, with no account and no token: the demo, the console, and transcripts."""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.adapters.console import Console, converse, play
from bot.app.house import load_shelf, open_app
from bot.config import Config, Loaded
from bot.core.clock import MovedClock
from bot.core.content import Settings
from bot.core.port import Clock, Platform
from bot.core.text import Words
from bot.delivery.stepped import SteppedEngine
from bot.storage.keys import KEY_BYTES, MainKey

DEMO_STARTS: Final = "2026-10-23T18:55:00+02:00"
DEMO_ZONE: Final = "Europe/Berlin"
DEMO: Final = "demo/story.txt"
YOUR_TURN: Final = "# A member answers it privately."
"""The line of the story at which somebody in a terminal takes over: a group, a leader and a post are there."""


@asynccontextmanager
async def open_console(
    config: Config, settings: Mapping[str, Settings], at: datetime, zone: str
) -> AsyncGenerator[Console]:
    """Open a console on a database of its own, which is gone afterwards. Time stands still until it is moved."""
    shelf, clock = load_shelf(config), MovedClock(at)
    engine = SteppedEngine(clock)
    console = Console(words=shelf.words, clock=clock, zone=zone)

    def platforms(words: Words, clock: Clock) -> Mapping[str, Platform]:
        del words, clock
        return {console.name: console}

    with tempfile.TemporaryDirectory(prefix="hearthside-") as folder:
        loaded = Loaded(config.model_copy(update={"database": f"sqlite:///{folder}/console.db"}), settings)
        key = MainKey(secrets.token_bytes(KEY_BYTES))
        async with open_app(
            loaded=loaded, shelf=shelf, keys=[key], clock=clock, engine=engine, build_platforms=platforms
        ) as app:
            engine.take(app.work)
            console.attach(app.core)
            console.welcome, console.settle, console.move = app.appoint, engine.settle, engine.move
            yield console


async def play_script(loaded: Loaded, lines: Iterable[str], at: datetime, zone: str) -> int:
    """Play a transcript; return its exit code."""
    async with open_console(loaded.config, loaded.settings, at, zone) as console:
        return (await play(console, lines)).code


async def talk(loaded: Loaded, at: datetime, zone: str) -> int:
    """Talk in the terminal until the end of the input."""
    async with open_console(loaded.config, loaded.settings, at, zone) as console:
        await converse(console)
    return 0


async def demonstrate(loaded: Loaded, content: Path) -> int:
    """Tell the whole story; in a terminal only its beginning, and then it is the reader's turn."""
    at = datetime.fromisoformat(DEMO_STARTS)
    story = (content / DEMO).read_text(encoding="utf-8").splitlines()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return await play_script(loaded, story, at, DEMO_ZONE)
    async with open_console(loaded.config, loaded.settings, at, DEMO_ZONE) as console:
        outcome = await play(console, story[: story.index(YOUR_TURN)])
        if outcome.code == 0:
            await converse(console)
        return outcome.code
