"""What is logged at the most talkative level: nothing that people write, and nobody's id."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import text

from bot.core.text import parse
from bot.operations import logs
from bot.storage.database import Database
from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.fake_discord_rest import rate_limited
from tests.platform_contract import CIRCLE, MEMBER

HELD_BACK = {
    "aiosqlite": logging.WARNING,
    "markdown_it.rules_block.paragraph": logging.WARNING,
    "psycopg": logging.WARNING,
    "psycopg.pq": logging.WARNING,
    "psycopg.pool": logging.WARNING,
    "discord.http": logging.ERROR,
}


class Heard(logging.Handler):
    """Keeps what every record says, with whatever belongs to it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said += repr((record.getMessage(), record.args, record.exc_info))


@contextmanager
def listening(level: str = "debug") -> Generator[Heard]:
    """Set logging up, hear everything, and put every level back afterwards. A fixture's levels would not last."""
    names = ("", *logs.TEXTS, *logs.CHATTER, *logs.PEOPLE)
    before = {name: logging.getLogger(name).level for name in names}
    root, handler = logging.getLogger(), Heard()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logs.set_up(level)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        structlog.reset_defaults()
        for name, once in before.items():
            logging.getLogger(name).setLevel(once)


@pytest.mark.parametrize("level", list(logs.LEVELS))
def test_these_libraries_stay_quiet_at_every_level(level: str) -> None:
    """None lets a record pass below its own level, however talkative the rest is."""
    with listening(level):
        passing = [name for name, lowest in HELD_BACK.items() if logging.getLogger(name).isEnabledFor(lowest - 1)]

    assert [] == passing


async def test_what_people_write_is_in_no_record(database: Database) -> None:
    """Neither reading a text nor keeping it says the text."""
    with listening() as heard:
        parse("I am a sad quokka")
        async with database.read() as session:
            await session.execute(text("select cast(:said as text)"), {"said": "a sad quokka"})

    assert "quokka" not in heard.said


async def test_a_rate_limit_names_nobody() -> None:
    """Discord's library would print the path, and with it whom we looked up."""
    harness = DiscordHarness(first_wait=timedelta(milliseconds=1))
    await harness.start()
    harness.fake.fault("GET", r"/guilds/\d+/members/\d+", rate_limited(0.01))
    member = harness.member(MEMBER)
    with listening() as heard:
        belongs = await harness.platform.belongs(member, harness.channel(CIRCLE))
    await harness.stop()

    assert belongs
    assert 2 == len(harness.fake.requests("GET", rf"/guilds/\d+/members/{member.id}"))
    assert member.id not in heard.said
