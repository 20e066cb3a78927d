"""What only SQLite does: pragmas, files, and deleting for good."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.storage.database import Database, Unit
from tests.databases import sqlite_address
from tests.storage.boxes import boxes, count, counted, lids, make_tables, put


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a file that does not exist, in a folder that does not exist."""
    return tmp_path / "var" / "hearthside.db"


@pytest.fixture
async def database(file: Path) -> AsyncGenerator[Database]:
    """Give an SQLite database with boxes."""
    database = await Database.open(sqlite_address(file))
    await make_tables(database)
    yield database
    await database.close()


async def pragmas(unit: Unit, *names: str) -> list[Any]:
    return [(await unit.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names]


async def test_every_connection_is_set(database: Database) -> None:
    """Writers and readers log ahead, sync fully, wipe what is deleted, hold foreign keys and wait for locks."""
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "busy_timeout")
    expected = ["wal", 2, 1, 1, 10_000]

    async with database.write() as unit:
        assert expected == await pragmas(unit, *names)
    async with database.read() as unit:
        assert [*expected, 1] == await pragmas(unit, *names, "query_only")


async def test_a_writer_holds_the_lock_from_the_start(database: Database, file: Path) -> None:
    """Another process cannot write between a unit's first look and its first change."""
    async with database.write() as unit:
        assert 0 == await count(unit)
        other = sqlite3.connect(file, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM boxes")
        other.close()


async def test_deleted_values_are_gone_from_the_files(database: Database, file: Path) -> None:
    """After a delete and a checkpoint no byte of the value is left, in the file, its log or its index."""
    marker = "marker-of-a-member-" + "x" * 1000
    async with database.write() as unit:
        for row in range(1, 50):
            await put(unit, row, f"{marker}{row}")
    assert holds(file, b"marker-of-a-member-")

    async with database.write() as unit:
        await unit.execute(boxes.delete())
    assert await database.checkpoint()

    assert not holds(file, b"marker-of-a-member-")


def holds(file: Path, value: bytes) -> bool:
    return any(value in part.read_bytes() for part in file.parent.iterdir())


async def test_a_new_connection_can_empty_the_log(database: Database, file: Path) -> None:
    """A database that has only been opened empties the log that another has filled, at once."""
    other = await Database.open(sqlite_address(file))
    async with database.write() as unit:
        await put(unit, 1)

    async with asyncio.timeout(5):
        assert await other.checkpoint()
    await other.close()


async def test_closing_leaves_one_file(database: Database, file: Path) -> None:
    """A closed database is one file that can be copied, without a log beside it."""
    async with database.write() as unit:
        await put(unit, 1)

    await database.close()

    assert [file] == list(file.parent.iterdir())


async def test_the_files_are_for_their_owner_alone(database: Database, file: Path) -> None:
    """Other users of the machine can read neither the file nor its log."""
    async with database.write() as unit:
        await put(unit, 1)

    assert {0o600} == {stat.S_IMODE(part.stat().st_mode) for part in file.parent.iterdir()}


async def test_building_a_table_anew_keeps_what_refers_to_it(database: Database) -> None:
    """Dropping the old shape of a table does not delete the rows that hang on it."""
    async with database.write() as unit:
        await put(unit, 1)
        await unit.execute(lids.insert().values(id=1, box_id=1))

    async with database.reshape() as unit:
        await unit.execute(text("CREATE TABLE boxes2 AS SELECT * FROM boxes"))
        await unit.execute(text("DROP TABLE boxes"))
        await unit.execute(text("ALTER TABLE boxes2 RENAME TO boxes"))

    assert 1 == await counted(database)
    async with database.read() as unit:
        assert 1 == (await unit.execute(text("SELECT count(*) FROM lids"))).scalar_one()


async def test_a_reader_that_is_cancelled_lets_go_of_the_log(database: Database) -> None:
    """Wherever a reader is cut off, nothing stays open that would keep deleted values in the log."""
    long = text("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000) SELECT count(*) FROM c")

    async def look() -> None:
        async with database.read() as unit:
            await unit.execute(long)

    for steps in range(12):
        looking = asyncio.create_task(look())
        for _ in range(steps):
            await asyncio.sleep(0)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        async with database.write() as unit:
            await put(unit, steps + 1, "lid")

    assert await database.checkpoint()
