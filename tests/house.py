"""The whole bot on a fake platform, and what people do with it: they type, press and wait."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from bot.app.house import App, open_app
from bot.config import Config, Loaded
from bot.content import Shelf
from bot.core.clock import MovedClock
from bot.core.content import Settings
from bot.core.port import (
    ADDRESSED,
    TEXT,
    TYPED,
    Actor,
    Address,
    Ask,
    Button,
    Channel,
    Invocation,
    Member,
    Message,
    Reply,
    Response,
    Role,
    Update,
)
from bot.core.text import read_as_text
from bot.delivery.pace import Pace
from bot.delivery.stepped import SteppedEngine
from bot.storage.keys import MainKey
from tests.fakes import CIRCLE, START, FakePlatform, actor

BERLIN: Final = "Europe/Berlin"
KEY: Final = MainKey(bytes(range(32)))

ORGANISER: Final = actor("ola", manages=True)
LEADER: Final = actor("lea")
MEMBER: Final = actor("mia")
OTHER: Final = actor("otto")


class Alarm(SteppedEngine):
    """A stepped engine that looks when it was woken or time has passed, as real ones do, and not once more."""

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self.rung = True
        self._looked: datetime | None = None
        self._next_at: datetime | None = None

    async def wake(self, at: datetime) -> None:
        del at
        self.rung = True

    async def settle(self) -> datetime | None:
        now = self._clock.now()
        if self.rung or self._looked != now:
            self.rung = False
            self._next_at = await super().settle()
            self._looked = now
        return self._next_at


@dataclass(frozen=True, slots=True)
class House:
    """One process of the bot. `types`, `press` and the like return the private answer once all that is due went out."""

    app: App
    platform: FakePlatform
    clock: MovedClock
    engine: Alarm
    address: str

    # ------------------------------------------------------------ what people do

    async def types(self, who: Actor, line: str, at: Address = CIRCLE) -> Response:
        """Let somebody type a command line."""
        return await self.invoke(Invocation(TYPED, {TEXT: line}, who, at))

    async def keeps(self, who: Actor, line: str) -> Response:
        """Let somebody type a command line, and say yes to what they are told before it is kept."""
        response = await self.types(who, line)
        told = isinstance(response, Reply) and any("Yes, keep it" == each.label for each in response.message.buttons)
        return await self.press(who, button_of(response, "Yes, keep it")) if told else response

    async def writes(self, who: Actor, text: str) -> Response:
        """Let somebody write to the bot directly."""
        return await self.invoke(Invocation(ADDRESSED, {TEXT: text}, who, who.member))

    async def press(self, who: Actor, button: Button, /, **filled: str) -> Response:
        """Let somebody press a button of a private message, and fill in the form that it may open."""
        return await self.use(who, button.command, **button.arguments, **filled)

    async def use(self, who: Actor, command: str, /, **arguments: str) -> Response:
        """Let somebody use a command with arguments, as a button on a private message does."""
        return await self.invoke(Invocation(command, arguments, who, who.member, on_private=True))

    async def invoke(self, invocation: Invocation) -> Response:
        response = await self.app.core.invoke(invocation)
        if self.engine.rung:
            await self.engine.settle()
        return response

    # ------------------------------------------------------------ time

    async def until(self, at: datetime) -> None:
        """Let time pass; everything due on the way happens."""
        await self.engine.move(at)

    async def wait(self, **by: float) -> None:
        """Let so much time pass."""
        await self.engine.move(self.clock.now() + timedelta(**by))

    # ------------------------------------------------------------ what there is

    async def furnish(self, zone: str = BERLIN) -> None:
        """Add a group in the circle, and a leader."""
        await self.app.tools.groups.add(CIRCLE, zone, "en", "DE")
        await self.app.appoint(LEADER.member)

    async def role(self, who: Actor) -> Role:
        return await self.app.tools.directory.role(who)

    def said_to(self, to: Channel | Member | Actor) -> list[str]:
        """Return what the posts at an address say."""
        place = to.member if isinstance(to, Actor) else to
        return [text_of(message) for message in self.platform.messages_to(place)]

    def newest(self, to: Channel | Member | Actor) -> Message:
        """Return the newest post at an address."""
        place = to.member if isinstance(to, Actor) else to
        return self.platform.messages_to(place)[-1]

    async def raw(self) -> bytes:
        """Return every byte that is kept: the database's file and its logs."""
        await self.app.tools.database.checkpoint()
        return files_of(self.address)


@asynccontextmanager
async def opened(
    address: str,
    shelf: Shelf,
    *,
    clock: MovedClock | None = None,
    platform: FakePlatform | None = None,
    settings: Mapping[str, Settings] | None = None,
    pace: Pace | None = None,
) -> AsyncGenerator[House]:
    """Open the bot on a migrated database; with the clock and platform of an earlier one it is a restart."""
    clock = clock or MovedClock(START)
    platform = platform or FakePlatform(clock)
    engine = Alarm(clock)
    async with open_app(
        loaded=Loaded(Config(database=address), settings or {}),
        shelf=shelf,
        keys=[KEY],
        clock=clock,
        engine=engine,
        build_platforms=lambda _words, _clock: {platform.name: platform},
        pace=pace,
    ) as app:
        engine.take(app.work)
        yield House(app, platform, clock, engine, address)


T = TypeVar("T")


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread, so that the loop of the tests is not touched."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(asyncio.run, work).result()


def furnish(address: str, shelf: Shelf) -> Path:
    """Furnish a house on a database, close it again, and return the database's file."""

    async def work() -> None:
        async with opened(address, shelf) as house:
            await house.furnish()

    apart(work())
    return Path(address.removeprefix("sqlite:///"))


def again(house: House, shelf: Shelf) -> AbstractAsyncContextManager[House]:
    """Open a second process on the same database and platform."""
    return opened(house.address, shelf, clock=house.clock, platform=house.platform)


# ---------------------------------------------------------------- reading answers


def message_of(response: Response) -> Message:
    """Return the message of an answer that is one."""
    assert isinstance(response, Reply | Update)
    return response.message


def problems_of(response: Response) -> Mapping[str, str]:
    """Return what an answer asks to be mended."""
    assert isinstance(response, Ask)
    return response.problems


def text_of(said: Response | Message) -> str:
    """Return all that can be read of an answer or a post, without formatting."""
    message = said if isinstance(said, Message) else message_of(said)
    return "\n".join(part for part in (message.title, read_as_text(message.body), read_as_text(message.footer)) if part)


def labels_of(said: Response | Message) -> list[str]:
    """Return what the buttons say."""
    message = said if isinstance(said, Message) else message_of(said)
    return [button.label for button in message.buttons]


def button_of(said: Response | Message, label: str) -> Button:
    """Return the button with a label."""
    message = said if isinstance(said, Message) else message_of(said)
    return next(button for button in message.buttons if button.label == label)


# ---------------------------------------------------------------- looking at what is kept


def files_of(address: str) -> bytes:
    """Return the bytes of an SQLite database and of its logs."""
    path = Path(address.removeprefix("sqlite:///"))
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def rows_of(address: str, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """Return the rows of a table as SQLite has them."""
    connection = sqlite3.connect(address.removeprefix("sqlite:///"))
    try:
        return connection.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608  names of our own tests
    finally:
        connection.close()
