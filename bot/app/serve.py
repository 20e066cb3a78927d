"""Serves real platforms until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from pydantic import SecretStr

from bot.app.house import App, load_shelf, open_app
from bot.config import Config, ConfigError, Loaded, Secrets
from bot.core.clock import SystemClock
from bot.core.faults import where
from bot.core.port import CannotStartError, Clock, Core, Platform
from bot.core.sheet import Flaw
from bot.core.text import Words
from bot.delivery.local import LocalEngine
from bot.delivery.pace import Pace, Rate
from bot.storage.keys import KEY, KEY_FILE, MainKey

log = structlog.get_logger(__name__)

OK: Final = 0
FAULT: Final = 1
CONFIG: Final = os.EX_CONFIG
RATES: Final[Mapping[str, Rate]] = {"discord": Rate(overall=49), "slack": Rate(each=1)}
"""Discord takes 50 requests in a second from one bot, and tells with every answer what a channel takes. Slack takes one
message a second in a channel; for a whole workspace it names no figure, so there its refusals are obeyed."""
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 300.0


@dataclass(frozen=True, slots=True)
class Platforms:
    """Builds the platforms that there are tokens for. A platform's library is needed only by those who use it."""

    config: Config
    secrets: Secrets
    pace: Pace

    def __call__(self, words: Words, clock: Clock) -> Mapping[str, Platform]:
        """Return them by name. Raises `ConfigError` where a library is missing."""
        found: dict[str, Platform] = {}
        if self.secrets.discord_token:
            found["discord"] = _needing("discord", lambda: self._discord(words, clock))
        if self.secrets.slack_bot_token:
            found["slack"] = _needing("slack", lambda: self._slack(words, clock))
        return found

    def _discord(self, words: Words, clock: Clock) -> Platform:
        from bot.adapters.discord import DiscordPlatform  # noqa: PLC0415  not everybody has it installed

        return DiscordPlatform(
            token=self.secrets.discord_token or "",
            words=words,
            clock=clock,
            api_url=self.config.discord.api_url,
            gateway_url=self.config.discord.gateway_url,
            meter=self.pace.meter("discord"),
        )

    def _slack(self, words: Words, clock: Clock) -> Platform:
        from bot.adapters.slack import SlackPlatform  # noqa: PLC0415  not everybody has it installed

        slack = self.config.slack
        return SlackPlatform(
            bot_token=self.secrets.slack_bot_token or SecretStr(""),
            app_token=self.secrets.slack_app_token if slack.mode == "socket" else None,
            signing_secret=self.secrets.slack_signing_secret,
            host=slack.host,
            port=slack.port,
            api_url=slack.api_url,
            words=words,
            clock=clock,
            meter=self.pace.meter("slack"),
        )


def _needing(extra: str, build: Callable[[], Platform]) -> Platform:
    try:
        return build()
    except ModuleNotFoundError as error:
        what = f"{extra}: its library is not installed ({error.name}); install hearthside[{extra}]"
        raise ConfigError([Flaw("environment", 0, what)]) from None


async def serve(loaded: Loaded, secrets: Secrets, key: MainKey | None) -> int:
    """Run everything until SIGTERM or SIGINT; connect only once all that is local is sound.

    Returns an exit code. Raises `ConfigError` and `ContentError`, and the errors of `open_app`.
    """
    flaws: list[Flaw] = []
    if key is None:
        flaws.append(Flaw("environment", 0, f"{KEY}: is missing; set it, or {KEY_FILE}, to this installation's key"))
    if not secrets.discord_token and not secrets.slack_bot_token:
        what = "no platform has a token; set HEARTHSIDE_DISCORD_TOKEN or HEARTHSIDE_SLACK_BOT_TOKEN"
        flaws.append(Flaw("environment", 0, what))
    if flaws or key is None:
        raise ConfigError(flaws)
    shelf, clock = load_shelf(loaded.config), SystemClock()
    engine = LocalEngine(clock)
    pace = Pace(RATES, clock)
    platforms = Platforms(loaded.config, secrets, pace)
    async with open_app(
        loaded=loaded, shelf=shelf, keys=[key], clock=clock, engine=engine, build_platforms=platforms, pace=pace
    ) as app:
        return await run_app(app)


async def run_app(app: App) -> int:
    """Serve every platform and the engine until SIGTERM or SIGINT. Returns the exit code.

    A platform that refuses for good is left out; the others go on. When none is left, 78 says that it is a matter of
    configuration.
    """
    with _stop_signal() as stop:
        served = [asyncio.create_task(_serve(platform, app.core)) for platform in app.platforms.values()]
        engine = asyncio.create_task(app.engine.run(app.work))
        stopped = asyncio.create_task(stop.wait())
        everyone = asyncio.create_task(_all(served))
        try:
            await asyncio.wait({engine, stopped, everyone}, return_when=asyncio.FIRST_COMPLETED)
            for task in (engine, everyone):
                if task.done():
                    task.result()
            return OK if stopped.done() else CONFIG
        finally:
            await _end(engine)  # first, while the platforms still take what is on its way
            await _end(stopped, everyone, *served)


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _all(served: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.gather(*served)


async def _serve(platform: Platform, core: Core) -> None:
    """Serve a platform; whatever befalls it stops no other, and is tried again after a growing wait."""
    wait = FIRST_WAIT
    while True:
        try:
            await platform.run(core)
        except CannotStartError as error:
            log.error("platform cannot start", platform=platform.name, why=str(error))  # noqa: TRY400  one sentence says it all
            return
        except Exception as error:  # noqa: BLE001  the others go on
            log.error("platform fell over", platform=platform.name, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold members' words
        else:
            return
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)


@contextmanager
def _stop_signal() -> Generator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set, from now on."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    try:
        yield stop
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
