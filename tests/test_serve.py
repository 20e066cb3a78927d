"""Serving platforms: one that cannot start stops nobody else, and a signal stops everything."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from bot.app.house import App
from bot.app.serve import CONFIG, OK, run_app
from bot.core.port import CannotStartError, Core, Platform
from bot.delivery.work import HouseWork


@dataclass
class StubbornPlatform:
    """A platform that refuses for good."""

    name: str = "stubborn"

    async def run(self, core: Core) -> None:
        del core
        raise CannotStartError("The token is wrong.")


@dataclass
class WillingPlatform:
    """A platform that serves until it is stopped, and stops the program itself once it has begun."""

    name: str = "willing"
    served: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = False

    async def run(self, core: Core) -> None:
        del core
        self.served.set()
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True


class IdleEngine:
    """An engine without work."""

    async def run(self, work: HouseWork) -> None:
        del work
        await asyncio.Event().wait()


@dataclass
class SmallApp:
    """As much of an app as serving needs."""

    platforms: Mapping[str, object]
    engine: IdleEngine = field(default_factory=IdleEngine)
    core: None = None
    work: None = None


def app(*platforms: object) -> App:
    named = {cast("Platform", platform).name: platform for platform in platforms}
    return cast("App", SmallApp(named))


async def test_a_platform_that_cannot_start_does_not_stop_the_other() -> None:
    """The other one serves until SIGTERM, which ends it in good order."""
    willing = WillingPlatform()

    assert OK == await run_app(app(StubbornPlatform(), willing))
    assert willing.served.is_set()
    assert willing.stopped


@dataclass
class FallingPlatform:
    """A platform whose library raises something that nobody foresaw."""

    name: str = "falling"
    runs: int = 0

    async def run(self, core: Core) -> None:
        del core
        self.runs += 1
        raise OSError("the network is down")


async def test_a_platform_that_falls_over_stops_nobody_else() -> None:
    """It is tried again later; the other one serves meanwhile."""
    falling, willing = FallingPlatform(), WillingPlatform()

    assert OK == await run_app(app(falling, willing))
    assert (1, True) == (falling.runs, willing.stopped)


async def test_without_any_platform_left_it_is_a_matter_of_configuration() -> None:
    """Nothing that can serve: 78, so that nothing starts it again and again."""

    assert CONFIG == await run_app(app(StubbornPlatform()))
