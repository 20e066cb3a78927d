"""Brings the tables of a database to what this program expects. One migration follows another in `versions/`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.storage.database import Database
from bot.storage.tables import metadata

_NEWER: Final = "The database was made by a newer Hearthside: update the program, or restore an older backup."
_OLDER: Final = "The database was made by an older Hearthside and has not been brought up to date."
_EMPTY: Final = "The database has no tables yet."
_ADVISORY_LOCK: Final = 0x4865617274687369
"""Any number, as long as it is the same in every process: "Hearthsi" in ASCII."""


class NewerSchemaError(Exception):
    """A newer program has changed the database. The text is one sentence for the self-hoster."""


async def migrate(database: Database) -> None:
    """Bring the tables up to date, all or nothing. Processes that try at once take turns.

    Raises `NewerSchemaError` and changes nothing when the database is ahead of this program.
    """
    if await schema_problem(database) is None:
        return
    async with database.reshape() as unit:
        if database.dialect == "postgresql":
            await unit.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        await unit.run_sync(_upgrade)
        if database.dialect == "sqlite" and (await unit.execute(text("PRAGMA foreign_key_check"))).first() is not None:
            raise RuntimeError("a migration left rows that refer to rows that are gone")


async def schema_problem(database: Database) -> str | None:
    """Return in one sentence what is wrong with the tables' version, or None when it is the one expected here."""
    async with database.read() as unit:
        return await unit.run_sync(problem_of)


async def drift(database: Database) -> list[Any]:
    """Return alembic's list of differences between the tables that are declared and those that the migrations made.

    Only tables of modules that were imported count as declared.
    """
    async with database.read() as unit:
        return await unit.run_sync(_differences)


def configuration(connection: Connection | None = None) -> Config:
    """Return alembic's configuration for a connection, found beside this module however the package is installed."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "bot.storage:migrations")
    config.set_main_option("path_separator", "os")
    return config


def problem_of(connection: Connection, script: ScriptDirectory | None = None) -> str | None:
    """Return what `schema_problem` does, by this program's migrations or those of another script directory."""
    script = script or _own_script()
    here = set(MigrationContext.configure(connection).get_current_heads())
    if not here:
        return _EMPTY
    if here == set(script.get_heads()):
        return None
    known = {revision.revision for revision in script.walk_revisions()}
    return _OLDER if here <= known else _NEWER


@lru_cache(maxsize=1)
def _own_script() -> ScriptDirectory:
    """Return this program's migrations, which are read once."""
    return ScriptDirectory.from_config(configuration())


def _upgrade(connection: Connection) -> None:
    if problem_of(connection) == _NEWER:
        raise NewerSchemaError(_NEWER)
    command.upgrade(configuration(connection), "head")


def _differences(connection: Connection) -> list[Any]:
    return compare_metadata(MigrationContext.configure(connection), metadata)
