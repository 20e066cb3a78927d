"""Fixtures that many tests share: databases in both dialects, the words, and a house that stands ready."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

from bot.app.house import load_shelf
from bot.config import Config
from bot.content import Shelf
from bot.storage.database import Database
from bot.storage.keys import MainKey
from bot.storage.sealing import Sealing
from bot.storage.tables import metadata, sealing_keys
from tests import databases
from tests.house import House, furnish, opened

settings.register_profile("steady", deadline=None, max_examples=60)  # a busy machine is no fault of an example
settings.load_profile("steady")


@pytest.fixture(scope="session")
def postgres() -> Generator[databases.Postgres]:
    """Start the PostgreSQL server when the first test asks for it."""
    with databases.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file, to be copied."""
    return databases.migrated_sqlite(tmp_path_factory.mktemp("template") / "migrated.db")


@pytest.fixture(scope="session")
def new_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Give a function that makes a migrated SQLite file of its own for every example of a property."""
    folder, numbers = tmp_path_factory.mktemp("examples"), count(1)
    return lambda: databases.sqlite_copy(sqlite_template, folder / f"{next(numbers)}.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Run a test once per dialect."""
    return request.param


@pytest.fixture
def address(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a migrated database."""
    if dialect == "sqlite":
        return databases.sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path / "hearthside.db")
    server: databases.Postgres = request.getfixturevalue("postgres")
    return server.migrated()


@pytest.fixture
async def database(address: str) -> AsyncGenerator[Database]:
    """Open a migrated database."""
    database = await Database.open(address)
    yield database
    await database.close()


@pytest.fixture
def main_key() -> MainKey:
    """Give a key."""
    return MainKey(bytes(range(32)))


@pytest.fixture
async def sealing(database: Database, main_key: MainKey) -> Sealing:
    """Prepare the sealing of the migrated database."""
    return await Sealing.prepare(database, main_key)


# ---------------------------------------------------------------- databases that many tests share


@pytest.fixture(scope="session")
def shared_addresses(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Give the address of a migrated database of each dialect, made when it is first asked for."""
    made: dict[str, str] = {}

    def make(dialect: str) -> str:
        if dialect == "sqlite":
            return request.getfixturevalue("new_sqlite")()
        server: databases.Postgres = request.getfixturevalue("postgres")
        address = server.migrated()
        server.used.clear()  # it lasts as long as the server
        return address

    def address(dialect: str) -> str:
        if dialect not in made:
            made[dialect] = make(dialect)
        return made[dialect]

    return address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_databases() -> AsyncGenerator[dict[str, Database]]:
    """Hold open databases by their addresses: opening one takes longer than most of a test."""
    held: dict[str, Database] = {}
    yield held
    for database in held.values():
        await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def shared_database(
    dialect: str, shared_addresses: Callable[[str], str], shared_databases: dict[str, Database]
) -> Database:
    """Give an open database, empty of all but its key, to tests that run `in_the_loop_of_the_session`."""
    address = shared_addresses(dialect)
    if address not in shared_databases:
        shared_databases[address] = await Database.open(address)
    async with shared_databases[address].write() as unit:
        for table in reversed(metadata.sorted_tables):
            if table is not sealing_keys:
                await unit.execute(table.delete())
    return shared_databases[address]


def in_the_loop_of_the_session(items: Sequence[pytest.Item], folder: Path) -> None:
    """Let the tests below a folder share one loop, as a database that they share demands."""
    for item in items:
        if item.path.is_relative_to(folder) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


# ---------------------------------------------------------------- the whole bot


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """Load every word there is."""
    return load_shelf(Config())


@pytest.fixture
async def bare_house(new_sqlite: Callable[[], str], shelf: Shelf) -> AsyncGenerator[House]:
    """Open the whole bot on a fake platform, before anybody has used it."""
    async with opened(new_sqlite(), shelf) as house:
        yield house


@pytest.fixture(scope="session")
def furnished(new_sqlite: Callable[[], str], shelf: Shelf) -> Path:
    """Give the database of a house with one group in Berlin and one leader, to be copied."""
    return furnish(new_sqlite(), shelf)


@pytest.fixture
async def house(furnished: Path, tmp_path: Path, shelf: Shelf) -> AsyncGenerator[House]:
    """Open the whole bot with one group in Berlin and one leader."""
    async with opened(databases.sqlite_copy(furnished, tmp_path / "house.db"), shelf) as house:
        yield house


def pytest_collection_finish() -> None:
    """Let the collector of cycles pass over what collection left: it would be looked through again in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
