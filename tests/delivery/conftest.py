"""Fixtures of deliveries: a clock, an outbox, a second process, and a desk that sends."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from bot.core.clock import MovedClock
from bot.delivery.outbox import Outbox
from bot.storage.database import Database
from bot.storage.keys import MainKey
from bot.storage.sealing import Sealing
from tests.delivery.desk import PATIENCE, Desk, desk_at
from tests.fakes import START


@pytest.fixture
def clock() -> MovedClock:
    """Give a clock that stands still."""
    return MovedClock(START)


@pytest.fixture
def outbox(database: Database, sealing: Sealing, clock: MovedClock) -> Outbox:
    """Give the outbox of one process."""
    return Outbox(database, sealing, clock, PATIENCE)


@pytest.fixture
async def other(
    outbox: Outbox, address: str, main_key: MainKey, clock: MovedClock
) -> AsyncGenerator[tuple[Database, Outbox]]:
    """Give the outbox of another process on the same database."""
    del outbox  # whose sealing made the key of the index
    database = await Database.open(address)
    yield database, Outbox(database, await Sealing.prepare(database, main_key), clock, PATIENCE)
    await database.close()


@pytest.fixture
def desk(database: Database, sealing: Sealing, clock: MovedClock) -> Desk:
    """Give a process that sends."""
    return desk_at(database, sealing, clock)
