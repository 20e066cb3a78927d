"""Small tables of the tests' own, made in a database that has none."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, UniqueConstraint, func, select

from bot.storage.database import Database, Unit
from bot.storage.tables import Id, Instant, id_column

_metadata: Final = MetaData()

boxes: Final = Table(
    "boxes",
    _metadata,
    id_column(),
    Column("label", String(2000), nullable=False),
    Column("shelf", Integer),
    Column("opened_at", Instant),
    UniqueConstraint("label", "shelf"),
)

lids: Final = Table("lids", _metadata, id_column(), Column("box_id", Id, ForeignKey("boxes.id", ondelete="CASCADE")))


async def make_tables(database: Database) -> None:
    async with database.reshape() as unit:
        await unit.run_sync(_metadata.create_all)


async def put(unit: Unit, row: int, label: str = "a box") -> None:
    await unit.execute(boxes.insert().values(id=row, label=label, shelf=row))


async def count(unit: Unit) -> int:
    return await unit.scalar(select(func.count()).select_from(boxes)) or 0


async def counted(database: Database) -> int:
    async with database.read() as unit:
        return await count(unit)
