"""Fixtures of deliveries: a clock, an outbox, a second process, and a desk that sends."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bot.core.clock import MovedClock
from bot.delivery.outbox import Outbox
from bot.storage.database import Database
from bot.storage.sealing import Sealing
from tests.conftest import in_the_loop_of_the_session
from tests.delivery.desk import PATIENCE, Desk, desk_at
from tests.fakes import START
from tests.house import KEY


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder share their databases."""
    in_the_loop_of_the_session(items, Path(__file__).parent)


@pytest.fixture
def address(dialect: str, shared_addresses: Callable[[str], str]) -> str:
    """Give the address of the database that is shared."""
    return shared_addresses(dialect)


@pytest.fixture
def database(shared_database: Database) -> Database:
    """Give the database that is shared, with nothing in it."""
    return shared_database


@pytest_asyncio.fixture(loop_scope="session")
async def sealing(database: Database) -> Sealing:
    """Prepare its sealing."""
    return await Sealing.prepare(database, KEY)


@pytest.fixture
def clock() -> MovedClock:
    """Give a clock that stands still."""
    return MovedClock(START)


@pytest.fixture
def outbox(database: Database, sealing: Sealing, clock: MovedClock) -> Outbox:
    """Give the outbox of one process."""
    return Outbox(database, sealing, clock, PATIENCE)


@pytest_asyncio.fixture(loop_scope="session")
async def other(address: str, sealing: Sealing, clock: MovedClock) -> AsyncGenerator[tuple[Database, Outbox]]:
    """Give the outbox of another process on the same database."""
    database = await Database.open(address)
    yield database, Outbox(database, sealing, clock, PATIENCE)
    await database.close()


@pytest.fixture
def desk(database: Database, sealing: Sealing, clock: MovedClock) -> Desk:
    """Give a process that sends."""
    return desk_at(database, sealing, clock)
