"""One house for all tests of features, made as new for each: opening one takes longer than most of a test."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Table, select

from bot.content import Shelf
from bot.core.clock import MovedClock
from bot.delivery.pace import Pace
from bot.storage.tables import metadata, sealing_keys
from tests.conftest import in_the_loop_of_the_session
from tests.fakes import START, FakePlatform
from tests.house import LEADER, MEMBER, ORGANISER, OTHER, House, opened

Rows = Mapping[Table, Sequence[Mapping[str, Any]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder share their house."""
    in_the_loop_of_the_session(items, Path(__file__).parent)


class Watch(MovedClock):
    """A clock that is set back for the next test."""

    def reset(self) -> None:
        self._at = START


class Memory(Pace):
    """A pace that forgets for the next test what a platform asked to be left alone."""

    def reset(self) -> None:
        self._not_before = {}


@dataclass(frozen=True, slots=True)
class Shared:
    """The house that is open, its clock, and the rows of a house with one group in Berlin and one leader."""

    house: House
    clock: Watch
    pace: Memory
    furniture: Rows

    async def as_new(self, rows: Rows) -> House:
        """Set the clock back, forget everything but the key, and put these rows in."""
        self.clock.reset()
        self.pace.reset()
        platform = FakePlatform(self.clock)
        platforms = self.house.app.platforms
        assert isinstance(platforms, dict)
        platforms[platform.name] = platform
        for who in (ORGANISER, LEADER, MEMBER, OTHER):
            self.house.app.tools.held.drop(who.member)
        async with self.house.app.tools.database.write() as unit:
            for table in metadata.tables.values():
                if not table.foreign_keys and table is not sealing_keys:  # the rows of the others go with them
                    await unit.execute(table.delete())
            for table, values in rows.items():
                await unit.execute(table.insert(), values)
        self.house.engine.rung = True
        return replace(self.house, platform=platform)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(new_sqlite: Callable[[], str], shelf: Shelf) -> AsyncGenerator[Shared]:
    """Open the bot once."""
    clock = Watch(START)
    pace = Memory({}, clock)
    async with opened(new_sqlite(), shelf, clock=clock, pace=pace) as house:
        await house.furnish()
        furniture: dict[Table, Sequence[Mapping[str, Any]]] = {}
        async with house.app.tools.database.read() as unit:
            for table in metadata.sorted_tables:
                rows = [dict(row) for row in (await unit.execute(select(table))).mappings()]
                if rows and table is not sealing_keys:
                    furniture[table] = rows
        yield Shared(house, clock, pace, furniture)


@pytest.fixture(scope="session")
def new_house(shared: Shared) -> Callable[[], Awaitable[House]]:
    """Give a way to have the house as new within a test: for each example of a property."""
    return lambda: shared.as_new(shared.furniture)


@pytest_asyncio.fixture(loop_scope="session")
async def bare_house(shared: Shared) -> House:
    """Give the whole bot on a fake platform, before anybody has used it."""
    return await shared.as_new({})


@pytest_asyncio.fixture(loop_scope="session")
async def house(shared: Shared) -> House:
    """Give the whole bot with one group in Berlin and one leader."""
    return await shared.as_new(shared.furniture)
