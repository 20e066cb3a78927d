"""The composition root: builds everything, runs it in one task group, and takes it down again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from bot.community.directory import HouseDirectory
from bot.community.groups import Groups
from bot.community.leaders import Leaders
from bot.community.people import People
from bot.community.roster import Roster
from bot.community.tools import House, Tools
from bot.config import Config, Loaded
from bot.content import Shelf, load_content
from bot.core.dispatch import Dispatch
from bot.core.feature import Content, Feature, Job
from bot.core.held import Held
from bot.core.port import CannotStartError, Clock, Core, Member, Platform
from bot.core.text import Words
from bot.delivery.outbox import Outbox, Patience
from bot.delivery.pace import Pace, Rate
from bot.delivery.scheduler import Scheduler
from bot.delivery.sender import Sender
from bot.delivery.work import Engine, HouseWork
from bot.features import discover
from bot.storage.database import Database
from bot.storage.keys import MainKey
from bot.storage.migrations import migrate
from bot.storage.sealing import Sealing

log = structlog.get_logger(__name__)

RATES: Mapping[str, Rate] = {"discord": Rate(overall=40, each=1), "slack": Rate(overall=20, each=1)}
"""Requests a second: under the platforms' own limits, with room for answers to people."""
WITHOUT_FEATURE = ("core", "platform")
"""Folders of content that belong to the house itself."""

BuildPlatforms = Callable[[Words, Clock], Mapping[str, Platform]]


@dataclass(frozen=True, slots=True)
class App:
    """Everything, built and wired."""

    core: Core
    work: HouseWork
    engine: Engine
    platforms: Mapping[str, Platform]
    tools: Tools

    async def appoint(self, member: Member) -> None:
        """Make somebody a leader at once, as the console does for its own leaders."""
        await self.tools.leaders.invite(member)
        await self.tools.leaders.accept(member)


def content_folder(config: Config) -> Path:
    """Return where the words are: as configured, beside the package, or shipped within it."""
    if config.content:
        return Path(config.content)
    package = Path(__file__).parent
    beside = package.parent / "content"
    return beside if beside.is_dir() else package / "shipped"


def load_shelf(config: Config) -> Shelf:
    """Load every word. Raises `ContentError`."""
    models: dict[str, type[Content]] = dict.fromkeys(WITHOUT_FEATURE, Content)
    models |= {name: plug.content for name, plug in discover().items()}
    return load_content(content_folder(config), models)


def patience_of(config: Config) -> Patience:
    """Return how patient deliveries are."""
    delivery = config.delivery
    return Patience(
        timedelta(seconds=delivery.lease_seconds),
        timedelta(seconds=delivery.settle_seconds),
        timedelta(seconds=delivery.answer_seconds),
    )


@asynccontextmanager
async def open_app(
    *,
    loaded: Loaded,
    shelf: Shelf,
    keys: Sequence[MainKey],
    clock: Clock,
    engine: Engine,
    build_platforms: BuildPlatforms,
    rates: Mapping[str, Rate] = RATES,
) -> AsyncGenerator[App]:
    """Open the database, bring it up to date, and build everything on it. Nothing connects to a platform yet.

    Raises `CannotOpenError`, `NewerSchemaError` or `SealingError`, each with one sentence for the self-hoster.
    """
    database = await Database.open(loaded.config.database)
    try:
        await migrate(database)
        sealing = await Sealing.prepare(database, *keys)
        patience = patience_of(loaded.config)
        words = shelf.words
        platforms = build_platforms(words, clock)
        groups, leaders, people = Groups(database), Leaders(database, sealing), People(database, sealing)
        directory = HouseDirectory(groups, leaders, people, words)
        outbox = Outbox(database, sealing, clock, patience)
        outbox.wakes(engine.wake)
        tools = Tools(
            database=database,
            sealing=sealing,
            outbox=outbox,
            clock=clock,
            words=words,
            library=shelf,
            directory=directory,
            groups=groups,
            leaders=leaders,
            people=people,
            roster=Roster(database),
            platforms=platforms,
            settings=loaded.settings,
            house=House(),
        )
        features: list[Feature] = [plug.build(tools) for plug in discover().values()]
        core = Dispatch(features, directory, words, clock, Held(clock))
        tools.house.features, tools.house.catalogue = features, core.catalogue
        sender = Sender(
            outbox=outbox,
            platforms=platforms,
            features={feature.name: feature for feature in features},
            directory=directory,
            words=words,
            clock=clock,
            patience=patience,
            pace=Pace(rates),
        )
        plan = Job("plan", Scheduler(database, outbox, groups).plan)
        work = HouseWork([plan, *(job for feature in features for job in feature.jobs)], outbox, sender, clock)
        yield App(core, work, engine, platforms, tools)
    finally:
        await database.close()


async def run_app(app: App) -> int:
    """Serve every platform and the engine until SIGTERM or SIGINT. Returns the exit code.

    A platform that refuses for good is left out; the others go on. When none is left, 78 says that it is a matter of
    configuration.
    """
    served = [asyncio.create_task(_serve(platform, app.core)) for platform in app.platforms.values()]
    engine = asyncio.create_task(app.engine.run(app.work))
    stopped = asyncio.create_task(_stop_signal())
    everyone = asyncio.gather(*served)
    try:
        await asyncio.wait({engine, stopped, everyone}, return_when=asyncio.FIRST_COMPLETED)
        for task in (engine, everyone):
            if task.done():
                task.result()
        return 0 if stopped.done() else 78
    finally:
        for task in (engine, stopped, *served):
            task.cancel()
        await asyncio.gather(engine, stopped, *served, return_exceptions=True)


async def _serve(platform: Platform, core: Core) -> None:
    try:
        await platform.run(core)
    except CannotStartError as error:
        log.error("platform cannot start", platform=platform.name, why=str(error))  # noqa: TRY400  one sentence says it all


async def _stop_signal() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    try:
        await stop.wait()
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
