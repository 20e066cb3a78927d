"""Units of work on one database.

On SQLite writes take turns on one connection, and reads use others, which never wait for a write.
On PostgreSQL the server keeps order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any, Final, TypeAlias, TypeVar, TypeVarTuple, cast, overload

from sqlalchemy import Column, Connection, CursorResult, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction
from sqlalchemy.sql.selectable import TypedReturnsRows

from bot.storage.engines import CannotOpenError, Dialect, Engines, engines_for

Parameters: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Callback: TypeAlias = Callable[[], Awaitable[None]]

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
_log: Final = logging.getLogger(__name__)


class Unit:
    """One transaction: kept when its block ends well, forgotten when the block raises or is cancelled."""

    __slots__ = ("_callbacks", "_connection", "dialect")

    def __init__(self, connection: AsyncConnection, dialect: Dialect, callbacks: list[Callback] | None = None) -> None:
        self._connection = connection
        self._callbacks = callbacks
        self.dialect: Final[Dialect] = dialect

    @property
    def writes(self) -> bool:
        """Return whether the unit may write."""
        return self._callbacks is not None

    @overload
    async def execute(
        self, statement: TypedReturnsRows[*_Ts], parameters: Parameters | None = None
    ) -> CursorResult[*_Ts]: ...
    @overload
    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[*tuple[Any, ...]]: ...
    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement and return its buffered result; a sequence of parameters runs it once for each."""
        return await _whole(self._connection.execute(statement, parameters))

    async def scalar(self, statement: TypedReturnsRows[_T], parameters: Parameters | None = None) -> _T | None:
        """Return the first column of the first row, or None when there is no row."""
        return (await _whole(self._connection.execute(statement, parameters))).scalar()

    async def one_or_none(
        self, statement: TypedReturnsRows[*_Ts], parameters: Parameters | None = None
    ) -> Row[*_Ts] | None:
        """Return the only row, or None. Raises SQLAlchemy's `MultipleResultsFound` when there are more."""
        return (await _whole(self._connection.execute(statement, parameters))).one_or_none()

    async def all(self, statement: TypedReturnsRows[*_Ts], parameters: Parameters | None = None) -> Sequence[Row[*_Ts]]:
        """Return every row."""
        return (await _whole(self._connection.execute(statement, parameters))).all()

    async def run_sync(self, work: Callable[[Connection], _T]) -> _T:
        """Run a function that knows only SQLAlchemy's synchronous connection, inside this transaction."""
        return await _whole(self._connection.run_sync(work))

    def then(self, callback: Callback) -> None:
        """Have a callback run once the transaction is committed and others may write again.

        A callback that fails is logged and changes nothing, for the work itself is done. Callbacks do not survive a
        crash: use them for haste, as waking the engine, not for anything that must happen.
        """
        if self._callbacks is None:
            raise RuntimeError("a unit that only reads commits nothing")
        self._callbacks.append(callback)


class Database:
    """An open database. `write` and `read` give units of work; `close` it in the end."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._turn = asyncio.Lock() if engines.dialect == "sqlite" else nullcontext()
        self._units: dict[asyncio.Task[Any], Unit] = {}

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open `sqlite:///path` or `postgresql://…`, and make sure that it answers. Raises `CannotOpenError`."""
        database = cls(engines_for(url))
        try:
            async with database._engines.writer.connect():
                pass
        except DBAPIError as error:
            await database._dispose()
            reason = " ".join(str(error.orig).split())
            raise CannotOpenError(f"The database cannot be opened: {reason}") from error
        return database

    @property
    def dialect(self) -> Dialect:
        """Return which of the two it is, for the few statements that differ."""
        return self._engines.dialect

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Unit]:
        """Open a unit of work that may write.

        A commit that has begun is finished even when the task is cancelled meanwhile. A task that is writing must not
        open a second unit, which would wait for the first: it raises `RuntimeError`.
        """
        async with self._work(self._engines.writer) as unit:
            yield unit

    @asynccontextmanager
    async def reshape(self) -> AsyncGenerator[Unit]:
        """Open a unit of work that may change tables, as `write` does otherwise.

        On SQLite foreign keys are not enforced in it: changing a table there means building it anew, and dropping the
        old one would delete the rows that refer to it.
        """
        async with self._work(self._engines.shaper) as unit:
            yield unit

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Unit]:
        """Open a unit that sees the database as it is at its first statement, and cannot change it.

        Inside another unit of the same task it joins that one: it sees what was written there and never waits.
        """
        joined = self._units.get(_this_task())
        if joined is not None:
            yield joined
            return
        async with _connected(self._engines.reader) as connection:
            await _whole(_begin(connection))
            with self._entered(Unit(connection, self.dialect)) as unit:
                yield unit

    async def checkpoint(self) -> bool:
        """Move SQLite's log into its file and empty the log, so that deleted values are in neither.

        Returns False when a reader held on to the log for the whole of ten seconds; a later call may succeed.
        PostgreSQL clears deleted rows by its own vacuum, and nothing is done there. Not for a task that is writing.
        """
        self._refuse_while_writing()
        if self.dialect == "postgresql":
            return True
        async with self._turn, _connected(self._engines.writer) as connection:
            # A checkpoint cannot run inside a transaction, and SQLAlchemy would begin one.
            driver = cast("Any", (await connection.get_raw_connection()).driver_connection)
            # A connection that has never read the file waits in vain to empty the log, unless it has looked at it once.
            await (await driver.execute("PRAGMA wal_checkpoint(PASSIVE)")).close()
            async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                busy, *_ = await cursor.fetchone()
        return busy == 0

    async def close(self) -> None:
        """Empty SQLite's log and let go of every connection. Closing twice does no harm."""
        await self._engines.reader.dispose()
        try:
            await self.checkpoint()
        finally:
            await self._dispose()

    async def _dispose(self) -> None:
        for engine in (self._engines.reader, self._engines.writer, self._engines.shaper):
            await engine.dispose()

    @asynccontextmanager
    async def _work(self, engine: AsyncEngine) -> AsyncGenerator[Unit]:
        self._refuse_while_writing()
        callbacks: list[Callback] = []
        committed = False
        try:
            async with self._turn, _connected(engine) as connection:
                transaction = await _whole(_begin(connection))
                try:
                    with self._entered(Unit(connection, self.dialect, callbacks)) as unit:
                        yield unit
                except BaseException:
                    await _whole(transaction.rollback())
                    raise
                _, cancelled = await _uninterrupted(transaction.commit())
                committed = True
            if cancelled is not None:
                raise cancelled
        finally:
            if committed:
                await _call(callbacks)

    def _refuse_while_writing(self) -> None:
        """Raise `RuntimeError` where waiting for one's own turn to end would never end."""
        unit = self._units.get(_this_task())
        if unit is not None and unit.writes:
            raise RuntimeError("this task has a unit of work open already")

    @contextmanager
    def _entered(self, unit: Unit) -> Generator[Unit]:
        """Let reads of this task join the unit while it is open."""
        task = _this_task()
        outer = self._units.get(task)
        self._units[task] = unit
        try:
            yield unit
        finally:
            if outer is None:
                del self._units[task]
            else:
                self._units[task] = outer


async def insert_once(unit: Unit, table: Table, values: Mapping[str, Any], on: Sequence[Column[Any]]) -> bool:
    """Insert a row unless one with the same values in the columns `on` is there; they need a unique constraint.

    Returns True when the row was inserted. On PostgreSQL it waits for others that are inserting the same row.
    """
    insert = sqlite.insert if unit.dialect == "sqlite" else postgresql.insert
    statement = insert(table).values(values).on_conflict_do_nothing(index_elements=[column.name for column in on])
    return (await unit.execute(statement.returning(*on))).first() is not None


async def insert_or_take(unit: Unit, table: Table, values: Mapping[str, Any], on: Sequence[Column[Any]]) -> Row[Any]:
    """Insert a row as `insert_once` does, and return the one that is there now: nobody else's until the unit ends."""
    insert = sqlite.insert if unit.dialect == "sqlite" else postgresql.insert
    statement = insert(table).values(values)
    same = {column.name: statement.excluded[column.name] for column in on}
    taken = statement.on_conflict_do_update(index_elements=list(same), set_=same).returning(*table.c)
    return (await unit.execute(taken)).one()


async def _call(callbacks: Sequence[Callback]) -> None:
    for callback in callbacks:
        try:
            await callback()
        except Exception:  # noqa: BLE001  the work is committed, whatever a callback does
            _log.exception("a callback after a commit failed")


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("the database is used from tasks only")
    return task


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """Take a connection, and give it back whole: one that is cut off while it works keeps its snapshot open."""
    connection = engine.connect()
    _, cancelled = await _uninterrupted(_start(connection))
    try:
        if cancelled is not None:
            raise cancelled
        yield connection
    finally:
        await _whole(connection.close())


async def _start(connection: AsyncConnection) -> None:
    await connection.start()


async def _begin(connection: AsyncConnection) -> AsyncTransaction:
    return await connection.begin()


async def _whole(work: Coroutine[Any, Any, _T]) -> _T:
    """Finish a step with the database even when the task is cancelled meanwhile, and be cancelled after it."""
    result, cancelled = await _uninterrupted(work)
    if cancelled is not None:
        raise cancelled
    return result


async def _uninterrupted(work: Coroutine[Any, Any, _T]) -> tuple[_T, asyncio.CancelledError | None]:
    """Finish the work whatever happens. Returns its result, and the cancellation that came meanwhile."""
    task = asyncio.ensure_future(work)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    return task.result(), cancelled
