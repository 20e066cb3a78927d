"""The words that tables are declared in. Other packages declare theirs on the same `metadata`, in their own modules."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Dialect, Integer, LargeBinary, MetaData, Table
from sqlalchemy.types import TypeDecorator

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)
"""All tables. Constraints have names, so that a migration can find them again."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LARGEST_ID: Final = 2**53 - 1

Id: Final = BigInteger().with_variant(Integer(), "sqlite")
"""Type of row ids. Plain INTEGER on SQLite, where only that makes the id the row's own address."""

Sealed: Final = LargeBinary
"""Type of a column that holds what `Sealing.seal` made."""


def new_id() -> int:
    """Return a random id from 1 to 2**53 - 1, exact in JavaScript's numbers too.

    Ids are made before the insert because a sealed value is bound to its row. Among a million rows of one table the
    chance that any two meet is below 1 in 10,000, and the primary key would refuse the second.
    """
    return secrets.randbelow(_LARGEST_ID) + 1


def id_column() -> Column[int]:
    """Return a primary key to be filled with `new_id`."""
    return Column("id", Id, primary_key=True, autoincrement=False)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as whole microseconds since 1970 in UTC.

    A number sorts and compares the same in both dialects, where text and TIMESTAMPTZ would not. What comes out is in
    UTC. A naive value is refused: nobody could say when it was.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return what is stored. Raises `ValueError` for a naive value."""
        del dialect
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("an instant needs a time zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the instant that was stored."""
        del dialect
        return None if value is None else _EPOCH + value * _MICROSECOND


sealing_keys: Final = Table(
    "sealing_keys",
    metadata,
    id_column(),
    Column("wrapped", Sealed, nullable=False),
)
"""The key of the blind index, sealed by the main key. One row."""
