"""The whole house behind a platform's harness, on a database of its own and a clock that is moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from bot.app.house import App, load_shelf, open_app
from bot.config import Config, Loaded
from bot.core.clock import MovedClock
from bot.core.port import Platform
from bot.delivery.stepped import SteppedEngine
from bot.storage.keys import MainKey
from tests.platform_contract import MEMBER, Harness, Seen

KEY = MainKey(bytes(range(32)))


@asynccontextmanager
async def house(folder: Path, at: datetime, harness: Harness) -> AsyncGenerator[tuple[App, SteppedEngine]]:
    """Open the house, and run the harness's platform with it."""
    clock = MovedClock(at)
    engine = SteppedEngine(clock)
    loaded = Loaded(Config(database=f"sqlite:///{folder}/story.db"))
    platforms: dict[str, Platform] = {}
    async with open_app(
        loaded=loaded,
        shelf=load_shelf(loaded.config),
        keys=[KEY],
        clock=clock,
        engine=engine,
        build_platforms=lambda _words, _clock: platforms,
    ) as app:
        engine.take(app.work)
        cast("Any", harness).core = app.core
        await harness.start()
        platforms[harness.platform.name] = harness.platform
        try:
            yield app, engine
        finally:
            await harness.stop()


async def submitted(harness: Harness, values: Mapping[str, str]) -> Seen:
    """Submit a form and return the answer: under load it comes after the form has gone."""
    before = list(harness.answers_seen(MEMBER))
    await harness.submits(MEMBER, values)
    async with asyncio.timeout(10):
        while list(harness.answers_seen(MEMBER)) == before:  # noqa: ASYNC110  any look at the platform, nothing signals it
            await asyncio.sleep(0.01)
    return harness.answers_seen(MEMBER)[-1]
