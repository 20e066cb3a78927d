"""Builds everything: the one place where parts are put together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.community.directory import HouseDirectory
from bot.community.glance import Glance
from bot.community.groups import Groups
from bot.community.leaders import Leaders
from bot.community.people import People
from bot.community.places import GroupPlaces
from bot.community.requests import Requests
from bot.community.roster import Roster
from bot.community.tools import House, Tools
from bot.config import Config, Loaded
from bot.content import Shelf, load_content
from bot.core.content import Content
from bot.core.dispatch import Dispatch
from bot.core.feature import Feature, Job
from bot.core.held import Held
from bot.core.port import Clock, Core, Member, Platform
from bot.core.text import Words
from bot.delivery.carrier import Carrier
from bot.delivery.outbox import Outbox, Patience
from bot.delivery.pace import Pace
from bot.delivery.scheduler import Scheduler
from bot.delivery.sender import Sender
from bot.delivery.work import Engine, HouseWork
from bot.features import discover
from bot.storage.database import Database
from bot.storage.keys import MainKey
from bot.storage.migrations import migrate
from bot.storage.sealing import Sealing

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
    """Return where the words are: as configured, or the shipped ones."""
    return Path(config.content) if config.content else _shipped_folder()


def _shipped_folder() -> Path:
    """Return where the shipped words are: beside the package, or within an installed one."""
    package = Path(__file__).parent.parent
    beside = package.parent / "content"
    return beside if beside.is_dir() else package / "shipped"


def load_shelf(config: Config) -> Shelf:
    """Load every word. Raises `ContentError`."""
    models: dict[str, type[Content]] = dict.fromkeys(WITHOUT_FEATURE, Content)
    models |= {name: plug.content for name, plug in discover().items()}
    return load_content(content_folder(config), models, _shipped_folder())


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
    pace: Pace | None = None,
) -> AsyncGenerator[App]:
    """Open the database, bring it up to date, and build everything on it. Nothing connects to a platform yet.

    Without a `pace` requests never wait. Raises `CannotOpenError`, `NewerSchemaError` or `SealingError`, each with one
    sentence for the self-hoster.
    """
    database = await Database.open(loaded.config.database)
    try:
        await migrate(database)
        sealing = await Sealing.prepare(database, *keys)
        tools = _tools(loaded, shelf, database, sealing, clock=clock, platforms=build_platforms(shelf.words, clock))
        tools.outbox.wakes(engine.wake)
        yield _app(tools, patience_of(loaded.config), engine, pace or Pace({}, clock))
    finally:
        await database.close()


def _tools(
    loaded: Loaded,
    shelf: Shelf,
    database: Database,
    sealing: Sealing,
    *,
    clock: Clock,
    platforms: Mapping[str, Platform],
) -> Tools:
    groups, leaders, people = Groups(database), Leaders(database, sealing), People(database, sealing)
    return Tools(
        database=database,
        sealing=sealing,
        outbox=Outbox(database, sealing, clock, patience_of(loaded.config)),
        clock=clock,
        words=shelf.words,
        library=shelf,
        directory=HouseDirectory(groups, leaders, people, shelf.words, platforms),
        groups=groups,
        leaders=leaders,
        people=people,
        roster=Roster(database, leaders),
        requests=Requests(database, leaders),
        glance=Glance(database),
        platforms=platforms,
        settings=loaded.settings,
        held=Held(clock),
        house=House(),
    )


def _app(tools: Tools, patience: Patience, engine: Engine, pace: Pace) -> App:
    features: list[Feature] = [plug.build(tools) for plug in discover().values()]
    core = Dispatch(features, tools.directory, tools.words, tools.clock, tools.held)
    tools.house.features, tools.house.catalogue = features, core.catalogue
    carrier = Carrier(
        outbox=tools.outbox,
        platforms=tools.platforms,
        features={feature.name: feature for feature in features},
        directory=tools.directory,
        words=tools.words,
        clock=tools.clock,
        patience=patience,
        pace=pace,
    )
    sender = Sender(carrier, tools.outbox, pace, tools.clock, tools.platforms)
    scheduler = Scheduler(tools.database, tools.outbox, GroupPlaces(tools.groups))
    jobs = [
        Job("plan", scheduler.plan, scheduler.due),
        Job("held", tools.held.sweep),
        *(job for feature in features for job in feature.jobs),
    ]
    return App(core, HouseWork(jobs, tools.outbox, sender, tools.clock), engine, tools.platforms, tools)
