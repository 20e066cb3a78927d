"""Turns a database's address into engines: one that writes, one that reads, one that changes tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

from sqlalchemy import URL, AdaptedConnection, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

Dialect: TypeAlias = Literal["sqlite", "postgresql"]

_PRAGMAS: Final = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")
_OLDEST_SQLITE: Final = (3, 35)
"""The first SQLite that knows RETURNING."""


class CannotOpenError(Exception):
    """The database cannot be used. The text is one sentence for the self-hoster and never holds a password."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Three ways into one database. On PostgreSQL `shaper` is `writer`."""

    dialect: Dialect
    writer: AsyncEngine
    reader: AsyncEngine
    shaper: AsyncEngine


def engines_for(address: str) -> Engines:
    """Return the engines for `sqlite:///path` or `postgresql://…`. Raises `CannotOpenError`.

    Makes an SQLite file that does not exist, readable by its owner alone; its log inherits that.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        raise CannotOpenError(
            "The database's address cannot be read: it is like sqlite:///var/hearthside.db."
        ) from None
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql" | "postgres":
            return _postgresql(url)
        case other:
            raise CannotOpenError(f"Hearthside keeps its data in SQLite or PostgreSQL, not in {other}.")


def _sqlite(url: URL) -> Engines:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise CannotOpenError(f"SQLite 3.35 or newer is needed, and this Python has {sqlite3.sqlite_version}.")
    if not url.database or url.database == ":memory:" or url.query:
        raise CannotOpenError("An SQLite address names a file and nothing else, as in sqlite:///var/hearthside.db.")
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        # Looked at here and now, because aiosqlite's thread may outlive the loop when its connection fails.
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version")
    except OSError as error:
        raise CannotOpenError(f"The database file {path} cannot be used: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise CannotOpenError(f"The database file {path} cannot be used: {error}.") from error
    url = url.set(drivername="sqlite+aiosqlite")
    return Engines(
        dialect="sqlite",
        writer=_sqlite_engine(url, "BEGIN IMMEDIATE", "foreign_keys=ON", pool_size=1, max_overflow=0),
        reader=_sqlite_engine(url, "BEGIN", "foreign_keys=ON", "query_only=ON", pool_size=4, max_overflow=12),
        shaper=_sqlite_engine(url, "BEGIN IMMEDIATE", "foreign_keys=OFF", poolclass=NullPool),
    )


def _sqlite_engine(url: URL, begin: str, *pragmas: str, **options: Any) -> AsyncEngine:
    """Return an engine that begins its transactions itself, since Python's driver begins them too late."""
    engine = create_async_engine(url, hide_parameters=True, connect_args={"isolation_level": None}, **options)

    def prepare(connection: Any) -> None:
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def began(connection: Connection) -> None:
        # Straight to the driver: every step through SQLAlchemy's cursor is a turn of the driver's thread.
        adapted = cast("AdaptedConnection", connection.connection.dbapi_connection)
        adapted.run_async(lambda driver: driver.execute(begin))

    _on_connect(engine, prepare)
    event.listen(engine.sync_engine, "begin", began)
    return engine


def _on_connect(engine: AsyncEngine, prepare: Callable[[Any], None]) -> None:
    """Prepare each new connection of an engine, and close it when that fails: SQLAlchemy would only forget it."""

    def connected(connection: Any, record: Any) -> None:
        del record
        try:
            prepare(connection)
        except BaseException:
            connection.close()
            raise

    event.listen(engine.sync_engine, "connect", connected)


def _postgresql(url: URL) -> Engines:
    if find_spec("psycopg") is None:
        raise CannotOpenError("PostgreSQL needs one more package: pip install 'hearthside[cluster]'.")
    from psycopg import IsolationLevel  # noqa: PLC0415  those who use SQLite need not have it

    def prepare(connection: Any) -> None:
        connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        connection.set_read_only(True)

    url = url.set(drivername="postgresql+psycopg")
    writer, reader = (create_async_engine(url, hide_parameters=True, pool_pre_ping=True) for _ in range(2))
    _on_connect(reader, prepare)
    return Engines(dialect="postgresql", writer=writer, reader=reader, shaper=writer)
