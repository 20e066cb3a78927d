"""Databases as a new self-hoster has them: nothing in them yet."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.storage.database import Database
from tests import databases


@pytest.fixture
def empty_address(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database without tables."""
    if dialect == "sqlite":
        return databases.sqlite_address(tmp_path / "empty.db")
    server: databases.Postgres = request.getfixturevalue("postgres")
    return server.new()


@pytest.fixture
async def empty(empty_address: str) -> AsyncGenerator[Database]:
    """Open a database without tables."""
    database = await Database.open(empty_address)
    yield database
    await database.close()
