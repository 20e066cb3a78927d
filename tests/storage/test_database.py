"""Units of work, in both dialects."""

from __future__ import annotations

import asyncio
import functools
import gc
import types
from collections.abc import Coroutine, Generator
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.storage.database import Database, insert_once, insert_or_take
from bot.storage.tables import new_id
from tests.storage.boxes import boxes, count, counted, lids, make_tables, put


@pytest.fixture
async def database(empty: Database) -> Database:
    """Give a database with boxes in place of the real tables."""
    await make_tables(empty)
    return empty


async def test_what_a_unit_wrote_is_kept(database: Database) -> None:
    """A block that ends well is committed, and seen from then on."""
    async with database.write() as unit:
        await put(unit, 1, "shoes")
        await put(unit, 2, "hats")

    async with database.read() as unit:
        rows = await unit.all(select(boxes.c.id, boxes.c.label).order_by(boxes.c.id))
        hats = await unit.one_or_none(select(boxes.c.label).where(boxes.c.id == 2))
        nothing = await unit.one_or_none(select(boxes.c.label).where(boxes.c.id == 3))

    assert [(1, "shoes"), (2, "hats")] == rows
    assert ("hats",) == hats
    assert nothing is None


async def test_many_rows_are_written_by_one_statement(database: Database) -> None:
    """A sequence of parameters runs a statement once for each."""
    async with database.write() as unit:
        result = await unit.execute(boxes.insert(), [{"id": row, "label": "many", "shelf": row} for row in (1, 2, 3)])
        changed = await unit.execute(boxes.update().values(label="few").where(boxes.c.id > 1))

    assert result.context.executemany
    assert 2 == changed.rowcount
    assert 3 == await counted(database)


async def test_an_exception_undoes_the_unit(database: Database) -> None:
    """Nothing of a block that raises is kept, and the next one can write."""

    async def fail() -> None:
        async with database.write() as unit:
            await put(unit, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    async with database.write() as unit:
        await put(unit, 2)
    assert 1 == await counted(database)


async def test_a_failing_statement_undoes_the_unit_and_shows_no_values(database: Database) -> None:
    """The error of a statement names the rule that was broken and none of the statement's parameters."""

    async def put_twice() -> None:
        async with database.write() as unit:
            await put(unit, 1, "secret-one")
            await put(unit, 1, "secret-two")

    with pytest.raises(IntegrityError) as error:
        await put_twice()

    assert "secret" not in str(error.value)
    assert 0 == await counted(database)


async def test_cancellation_undoes_the_unit(database: Database) -> None:
    """A task that is cancelled inside its block leaves nothing behind, and the next one can write."""
    inside = asyncio.Event()

    async def dawdle() -> None:
        async with database.write() as unit:
            await put(unit, 1)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(dawdle())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with database.write() as unit:
        await put(unit, 2)
    assert 1 == await counted(database)


async def test_cancellation_at_any_moment_is_all_or_nothing(database: Database) -> None:
    """Wherever a cancellation strikes, rows and callbacks come together or not at all, and the database goes on."""
    outcomes: list[int] = []
    called: list[str] = []

    async def note() -> None:
        called.append("called")

    async def work() -> None:
        async with database.write() as unit:
            await unit.execute(boxes.delete())
            await put(unit, 1)
            await put(unit, 2)
            unit.then(note)

    async def cancelled(moment: int) -> bool:
        async with database.write() as unit:
            await unit.execute(boxes.delete())
        called.clear()
        return await cancelled_at(moment, work())

    moment = 1
    while await cancelled(moment):
        assert await counted(database) == 2 * len(called)
        outcomes.append(len(called))
        moment += 1

    assert 2 == await counted(database)
    assert sorted(outcomes) == outcomes
    assert {0, 1} == set(outcomes)


async def test_cancelled_reads_give_their_connections_back(database: Database) -> None:
    """After reads that were cancelled at every moment, as many tasks as ever can read at once."""

    async def look() -> None:
        async with database.read() as unit:
            await count(unit)

    for _ in range(5):
        moment = 1
        while await cancelled_at(moment, look()):
            moment += 1
        assert moment > 3
    gc.collect()  # a connection that was lost complains when it is collected

    async with asyncio.timeout(10):
        assert [0] * 40 == await asyncio.gather(*(counted(database) for _ in range(40)))


async def cancelled_at(moment: int, work: Coroutine[Any, Any, None]) -> bool:
    """Run a coroutine and cancel its task the given time that it waits. Returns False when it ended before that."""

    async def run() -> None:
        await driven(moment, work)

    task = asyncio.create_task(run())
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()
    return task.cancelled()


@types.coroutine
def driven(moment: int, work: Coroutine[Any, Any, None]) -> Generator[Any, Any, None]:
    waits = 0
    step = functools.partial(work.send, None)
    while True:
        try:
            waited_for = step()
        except StopIteration:
            return
        waits += 1
        if waits == moment and (task := asyncio.current_task()):
            task.cancel()
        try:
            yield waited_for
        except BaseException as error:  # noqa: BLE001  a cancellation belongs to the coroutine that is run
            step = functools.partial(work.throw, error)
        else:
            step = functools.partial(work.send, None)


async def test_a_commit_that_has_begun_is_finished(database: Database) -> None:
    """A cancellation during the commit comes out after it, callbacks included."""
    called: list[str] = []

    async def note() -> None:
        called.append("called")

    async def work() -> None:
        async with database.write() as unit:
            await put(unit, 1)
            unit.then(note)
            task = asyncio.current_task()
            assert task is not None
            asyncio.get_running_loop().call_soon(task.cancel)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(work())

    assert ["called"] == called
    assert 1 == await counted(database)


async def test_callbacks_run_after_the_commit(database: Database) -> None:
    """A callback sees what was written, in its order, and may write itself."""
    seen: list[int] = []

    async def look() -> None:
        seen.append(await counted(database))
        async with database.write() as unit:
            await put(unit, 10 + len(seen))

    async with database.write() as unit:
        unit.then(look)
        unit.then(look)
        await put(unit, 1)
        assert [] == seen

    assert [1, 2] == seen


async def test_callbacks_do_not_run_after_a_rollback(database: Database) -> None:
    """What was not written wakes nobody."""
    called: list[str] = []

    async def note() -> None:
        called.append("called")

    async def fail() -> None:
        async with database.write() as unit:
            unit.then(note)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert [] == called


async def test_a_failing_callback_changes_nothing(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """The work is kept, the other callbacks run, and the failure is logged."""
    called: list[str] = []

    async def fail() -> None:
        raise ZeroDivisionError

    async def note() -> None:
        called.append("called")

    async with database.write() as unit:
        await put(unit, 1)
        unit.then(fail)
        unit.then(note)

    assert ["called"] == called
    assert 1 == await counted(database)
    ours = [record.message for record in caplog.records if record.name == "bot.storage.database"]
    assert ["a callback after a commit failed"] == ours


async def test_a_read_during_a_write_sees_what_was_there(database: Database) -> None:
    """Other tasks read without waiting for the writer, and see nothing of it before its commit."""
    async with database.write() as unit:
        await put(unit, 1)
        during = await asyncio.wait_for(asyncio.create_task(counted(database)), 5)

    assert 0 == during
    assert 1 == await counted(database)


async def test_a_read_stays_the_same_while_others_write(database: Database) -> None:
    """Two statements of one read agree, whatever is committed between them."""

    async def write() -> None:
        async with database.write() as unit:
            await put(unit, 1)

    async with database.read() as unit:
        before = await count(unit)
        await asyncio.create_task(write())
        assert before == await count(unit) == 0

    assert 1 == await counted(database)


async def test_a_read_inside_a_write_joins_it(database: Database) -> None:
    """It does not wait, and sees what the same task has written so far."""
    async with database.write() as unit:
        await put(unit, 1)
        async with asyncio.timeout(5), database.read() as reading:
            assert 1 == await count(reading)
        await put(unit, 2)

    assert 2 == await counted(database)


async def test_reads_inside_reads_need_one_connection(database: Database) -> None:
    """However many tasks read in however many levels, none waits for a connection that another holds."""

    async def deep(levels: int) -> int:
        async with database.read() as unit:
            return await deep(levels - 1) if levels else await count(unit)

    async with asyncio.timeout(10):
        assert [0] * 40 == await asyncio.gather(*(deep(10) for _ in range(40)))


async def test_a_write_inside_a_read_is_a_unit_of_its_own(database: Database) -> None:
    """Reading does not keep a task from writing; afterwards its reads join the outer read again."""
    async with database.read() as outer:
        assert 0 == await count(outer)
        async with database.write() as unit:
            await put(unit, 1)
        async with database.read() as again:
            assert again is outer

    assert 1 == await counted(database)


async def test_a_read_cannot_write(database: Database) -> None:
    """A unit that reads refuses to change anything, and to promise callbacks."""

    async def never() -> None:
        raise AssertionError

    async with database.read() as unit:
        with pytest.raises(RuntimeError):
            unit.then(never)
    with pytest.raises(DBAPIError):
        async with database.read() as unit:
            await put(unit, 1)

    assert 0 == await counted(database)


async def test_a_task_cannot_wait_for_itself(database: Database) -> None:
    """A second unit, or a checkpoint, inside a unit that writes is refused instead of waiting for ever."""
    async with database.write():
        with pytest.raises(RuntimeError):
            async with database.write():
                pass
        with pytest.raises(RuntimeError):
            await database.checkpoint()


async def test_writers_lose_nothing_of_each_other(database: Database) -> None:
    """Many tasks that read, add and write back end with the sum."""
    async with database.write() as unit:
        await put(unit, 1)
        await unit.execute(boxes.update().values(shelf=0))

    async def add() -> None:
        async with database.write() as unit:
            shelf = await unit.scalar(select(boxes.c.shelf).with_for_update())
            await asyncio.sleep(0)
            await unit.execute(boxes.update().values(shelf=(shelf or 0) + 1))

    await asyncio.gather(*(add() for _ in range(12)))

    async with database.read() as unit:
        assert 12 == await unit.scalar(select(boxes.c.shelf))


async def test_insert_once(database: Database) -> None:
    """The first insert is done and says so; the second changes nothing and says so."""

    def row(id_: int, label: str) -> dict[str, Any]:
        return {"id": id_, "label": label, "shelf": 7}

    on = [boxes.c.label, boxes.c.shelf]
    async with database.write() as unit:
        first = await insert_once(unit, boxes, row(1, "shoes"), on)
        second = await insert_once(unit, boxes, row(2, "shoes"), on)
        other = await insert_once(unit, boxes, row(3, "hats"), on)

    assert [True, False, True] == [first, second, other]
    async with database.read() as unit:
        assert [(1,), (3,)] == await unit.all(select(boxes.c.id).order_by(boxes.c.id))


async def test_insert_or_take(empty_address: str, database: Database) -> None:
    """Of all who want the same row at once everybody gets the one that is there; whoever removes it has to wait."""
    other = await Database.open(empty_address)

    async def take(through: Database) -> int:
        async with through.write() as unit:
            row = {"id": new_id(), "label": "one", "shelf": 1}
            found = await insert_or_take(unit, boxes, row, [boxes.c.label, boxes.c.shelf])
            await asyncio.sleep(0)
            assert 1 == len(await unit.all(select(boxes.c.id).where(boxes.c.id == found.id)))
            return found.id

    async def remove() -> None:
        async with other.write() as unit:
            await unit.execute(boxes.delete())

    taken = await asyncio.gather(*(take(through) for through in [database, other] * 5))
    await asyncio.gather(*(take(database) if number % 2 else remove() for number in range(10)))

    assert 1 == len(set(taken))
    await other.close()


async def test_insert_once_among_many(empty_address: str, database: Database) -> None:
    """Of all who insert the same row at once, over two pools of connections, one is told that it did."""
    other = await Database.open(empty_address)

    async def insert(through: Database) -> bool:
        async with through.write() as unit:
            row = {"id": new_id(), "label": "one", "shelf": 1}
            return await insert_once(unit, boxes, row, [boxes.c.label, boxes.c.shelf])

    inserted = await asyncio.gather(*(insert(through) for through in [database, other] * 5))

    assert 1 == sum(inserted)
    await other.close()


async def test_insert_once_hides_no_other_mistake(database: Database) -> None:
    """A row that breaks another rule than the named one is an error."""
    async with database.write() as unit:
        await put(unit, 1, "shoes")

    with pytest.raises(IntegrityError):
        async with database.write() as unit:
            await insert_once(unit, boxes, {"id": 1, "label": "hats"}, [boxes.c.label, boxes.c.shelf])


async def test_foreign_keys_hold(database: Database) -> None:
    """A row cannot refer to one that is not there, and goes with the one it belongs to."""
    with pytest.raises(IntegrityError):
        async with database.write() as unit:
            await unit.execute(lids.insert().values(id=1, box_id=1))
    async with database.write() as unit:
        await put(unit, 1)
        await unit.execute(lids.insert().values(id=1, box_id=1))
        await unit.execute(boxes.delete())
        assert await unit.one_or_none(select(lids.c.id)) is None


async def test_a_changed_shape_is_all_or_nothing(database: Database) -> None:
    """Tables that a failing unit made are gone again."""

    async def fail() -> None:
        async with database.reshape() as unit:
            await unit.execute(text("CREATE TABLE halves (id INTEGER)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    with pytest.raises(DBAPIError):
        async with database.read() as unit:
            await unit.execute(text("SELECT id FROM halves"))


async def test_an_open_database_names_its_dialect(database: Database, dialect: str) -> None:
    """Database and units say which dialect they speak."""
    async with database.read() as unit:
        assert (dialect, dialect) == (database.dialect, unit.dialect)


async def test_closing_twice_does_no_harm(empty_address: str) -> None:
    """Whoever closes last finds nothing to do."""
    database = await Database.open(empty_address)

    await database.close()
    await database.close()
