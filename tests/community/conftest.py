"""Tests of this folder share their databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bot.community.leaders import Leaders
from bot.community.roster import Roster
from bot.storage.database import Database
from bot.storage.sealing import Sealing
from tests.conftest import in_the_loop_of_the_session
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
def crew(database: Database, sealing: Sealing) -> Leaders:
    """Give the leaders."""
    return Leaders(database, sealing)


@pytest.fixture
def roster(database: Database, crew: Leaders) -> Roster:
    """Give the roster."""
    return Roster(database, crew)
