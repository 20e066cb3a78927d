"""Tests of this folder share their databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_asyncio

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
