"""Ids and instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from bot.storage.database import Database
from bot.storage.tables import Instant, metadata, new_id
from tests.storage.boxes import boxes, make_tables

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


async def keep(database: Database, *instants: datetime | None) -> None:
    async with database.write() as unit:
        for row, instant in enumerate(instants, start=1):
            await unit.execute(boxes.insert().values(id=row, label="a box", shelf=row, opened_at=instant))


@pytest.fixture
async def database(empty: Database) -> Database:
    """Give a database with boxes in place of the real tables."""
    await make_tables(empty)
    return empty


def test_ids_are_exact_in_javascript_and_differ() -> None:
    """Ids are positive, at most the largest safe integer, and not the same twice."""
    ids = [new_id() for _ in range(10_000)]

    assert all(1 <= row <= 2**53 - 1 for row in ids)
    assert len(ids) == len(set(ids))


async def test_large_ids_fit(database: Database) -> None:
    """The largest id is stored and found in both dialects."""
    async with database.write() as unit:
        await unit.execute(boxes.insert().values(id=2**53 - 1, label="large"))
        assert 2**53 - 1 == await unit.scalar(select(boxes.c.id).where(boxes.c.id == 2**53 - 1))


async def test_instants_come_back_to_the_microsecond(database: Database) -> None:
    """An instant comes back as it was, in UTC; so do one before 1970, one with another offset, and none."""
    early = datetime(1931, 5, 4, 3, 2, 1, 1, tzinfo=UTC)
    kathmandu = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))

    await keep(database, NOON, early, kathmandu, None)

    async with database.read() as unit:
        kept = [instant for (instant,) in await unit.all(select(boxes.c.opened_at).order_by(boxes.c.id))]
    assert [NOON, early, NOON, None] == kept
    assert [UTC, UTC, UTC] == [instant.tzinfo for instant in kept if instant]


async def test_instants_compare_as_instants(database: Database) -> None:
    """Order and comparison go by the moment, whatever its offset and its digits."""
    later = (NOON + timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=-9)))
    await keep(database, later, NOON, NOON.replace(microsecond=0))

    async with database.read() as unit:
        in_order = [row for (row,) in await unit.all(select(boxes.c.id).order_by(boxes.c.opened_at))]
        due = [
            row for (row,) in await unit.all(select(boxes.c.id).where(boxes.c.opened_at <= NOON).order_by(boxes.c.id))
        ]
        last = await unit.scalar(select(func.max(boxes.c.opened_at)))

    assert [3, 2, 1] == in_order
    assert [2, 3] == due
    assert later == last


async def test_a_naive_instant_is_refused(database: Database) -> None:
    """A time without a zone is neither stored nor compared with."""
    naive = NOON.replace(tzinfo=None)

    with pytest.raises(StatementError, match="an instant needs a time zone"):
        await keep(database, naive)
    with pytest.raises(StatementError, match="an instant needs a time zone"):
        async with database.read() as unit:
            await unit.all(select(boxes.c.id).where(boxes.c.opened_at <= naive))


@given(st.datetimes(timezones=st.timezones()))
def test_every_instant_survives(instant: datetime) -> None:
    """Storing and reading gives the same moment for any that can be written down."""
    column, dialect = Instant(), sqlite.dialect()

    try:
        stored = column.process_bind_param(instant, dialect)
    except OverflowError:
        return

    assert isinstance(stored, int)
    assert instant.astimezone(UTC) == column.process_result_value(stored, dialect)


def test_every_constraint_has_a_name() -> None:
    """Migrations can find every constraint again."""
    unnamed = [
        constraint for table in metadata.tables.values() for constraint in table.constraints if not constraint.name
    ]

    assert [] == unnamed
