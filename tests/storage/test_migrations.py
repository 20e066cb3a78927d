"""The history of the tables."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, table, text

import bot
from bot.community.leaders import Leader, Leaders, Look, Own
from bot.community.roster import Duty, Roster
from bot.storage.database import Database
from bot.storage.keys import MainKey
from bot.storage.members import index_member, seal_member
from bot.storage.migrations import NewerSchemaError, configuration, drift, migrate, problem_of, schema_problem
from bot.storage.sealing import Sealing
from bot.storage.tables import metadata
from tests.fakes import HERE, START, member


async def tables_of(database: Database) -> list[str]:
    async with database.read() as unit:
        return sorted(await unit.run_sync(lambda connection: inspect(connection).get_table_names()))


async def set_version(database: Database, version: str) -> None:
    async with database.write() as unit:
        await unit.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


async def test_an_empty_database_gets_its_tables(empty: Database) -> None:
    """Migrating makes the tables, after which nothing is wrong with them."""
    assert await schema_problem(empty) == "The database has no tables yet."

    await migrate(empty)

    assert {"alembic_version", "sealing_keys"} <= set(await tables_of(empty))
    assert await schema_problem(empty) is None


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A migrated database stays as it is, rows included."""
    async with database.write() as unit:
        await unit.execute(text("INSERT INTO sealing_keys (id, wrapped) VALUES (7, :wrapped)"), {"wrapped": b"kept"})
    before = await tables_of(database)

    await migrate(database)

    assert before == await tables_of(database)
    async with database.read() as unit:
        assert [(7,)] == (await unit.execute(text("SELECT id FROM sealing_keys"))).all()


async def test_two_that_migrate_at_once_take_turns(empty_address: str) -> None:
    """Two processes that start together on an empty database both end with all tables."""
    first, second = await Database.open(empty_address), await Database.open(empty_address)

    await asyncio.gather(migrate(first), migrate(second))

    assert [None, None] == [await schema_problem(first), await schema_problem(second)]
    await first.close()
    await second.close()


async def test_a_newer_schema_is_refused(database: Database) -> None:
    """A database that a newer program has changed is left alone, with a sentence that says why."""
    await set_version(database, "9999")

    problem = await schema_problem(database)
    with pytest.raises(NewerSchemaError) as refused:
        await migrate(database)

    assert "The database was made by a newer Hearthside: update the program, or restore an older backup." == problem
    assert problem == str(refused.value)


async def test_a_drafted_migration_makes_what_is_missing(database: Database, tmp_path: Path) -> None:
    """Alembic drafts what the database lacks in our style, and a database without the draft is then an older one."""
    async with database.write() as unit:
        await unit.execute(text("DROP TABLE sealing_keys"))

    async with database.reshape() as unit:
        problem = await unit.run_sync(lambda connection: draft(connection, tmp_path))

    drafted = (tmp_path / "9999_shoes.py").read_text()
    compile(drafted, "9999_shoes.py", "exec")
    assert drafted.startswith('"""Shoes."""\n')
    assert "op.create_table('sealing_keys'" in drafted
    assert "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')" in drafted
    assert "The database was made by an older Hearthside and has not been brought up to date." == problem


def draft(connection: Connection, folder: Path) -> str | None:
    """Draft a second migration into a folder, and return what is then wrong with the database."""
    config = configuration(connection)
    script = ScriptDirectory.from_config(config)
    config.set_main_option("version_locations", os.pathsep.join([str(Path(script.dir) / "versions"), str(folder)]))
    command.revision(config, "Shoes", autogenerate=True, version_path=folder, rev_id="9999")
    return problem_of(connection, ScriptDirectory.from_config(config))


async def test_tables_are_what_the_migrations_made(database: Database) -> None:
    """The migrations make every declared table, and nothing else."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name.endswith((".tables", ".store")):
            importlib.import_module(module.name)

    assert {"communities", "deliveries", "milestones", "sealing_keys"} <= metadata.tables.keys()
    assert [] == await drift(database)


# ---------------------------------------------------------------- databases of earlier versions

HOUR = timedelta(hours=1)
LEA, INVITED = member("lea"), member("ida")


async def test_a_leader_of_an_earlier_version_goes_on(empty: Database, main_key: MainKey) -> None:
    """On duty as before, which they can leave for a break and for good; they alone are looked at, and at once."""
    await as_of(empty, "0006")
    sealing = await Sealing.prepare(empty, main_key)
    await furnish_0006(empty, sealing)

    await migrate(empty)

    crew = Leaders(empty, sealing)
    roster = Roster(empty, crew)
    lea, invited = await crew.find(LEA), await crew.find(INVITED)
    assert lea
    assert [Leader(1, LEA, accepted=True, direct=True), Leader(2, INVITED, accepted=False, direct=False)] == [
        lea,
        invited,
    ]
    assert [(lea, Duty(7, lea.id, START, START + HOUR))] == await roster.on_duty(HERE, START)
    assert [[lea], [], []] == [await crew.due(look, START) for look in (Look.BREAK, Look.DUTY, Look.CHECK)]
    async with empty.write() as unit:
        events = await unit.execute(text("SELECT leader_id, what, why FROM break_events"))
        assert [(lea.id, "reminded", None)] == events.all()
        unseen = await unit.execute(text("SELECT id FROM leaders WHERE break_at IS NULL"))
        assert [(2,)] == unseen.all()
        await roster.rest(unit, lea.id, START + HOUR / 4, START + HOUR / 2)
    assert [] == await roster.on_duty(HERE, START + HOUR / 4)
    finished = await roster.finish(lea.id, START + 3 * HOUR / 4)
    assert finished
    assert (START + HOUR / 2, START + 3 * HOUR / 4) == (finished.since, finished.until)
    chosen = await crew.choose(lea.id, START, hours="daily 18:00-21:00")
    assert chosen
    assert Own(hours="daily 18:00-21:00") == chosen.own


async def as_of(database: Database, version: str) -> None:
    """Give a database the tables that it had in a version."""
    async with database.reshape() as unit:
        await unit.run_sync(lambda connection: command.upgrade(configuration(connection), version))


async def furnish_0006(database: Database, sealing: Sealing) -> None:
    """Add a leader who is on duty and was reminded of a break, and somebody who is invited."""
    since, until = (
        (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for at in (START, START + HOUR)
    )
    await add(database, "communities", id=5, platform=HERE.platform, external_id=HERE.id)
    for row, who, accepted in ((1, LEA, True), (2, INVITED, False)):
        sealed, index = seal_member(sealing, "leaders", row, who), index_member(sealing, "leaders", who)
        named = {"member": sealed, "member_index": index}
        await add(database, "leaders", id=row, community_id=5, accepted=accepted, direct=accepted, **named)
    await add(database, "duties", id=7, leader_id=1, since=since, until=until, ended=False)
    await add(database, "break_events", id=9, leader_id=1, what="reminded", happened_at=since, place=1)


async def add(database: Database, to: str, **values: object) -> None:
    """Add a row to a table as it was then."""
    async with database.write() as unit:
        await unit.execute(table(to, *map(column, values)).insert().values(values))
