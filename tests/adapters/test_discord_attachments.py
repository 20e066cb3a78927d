"""Files that people send along: fetched within bounds, from Discord alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.adapters.discord.attachments import LARGEST, read_files
from bot.core.port import Unreadable
from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.fake_core import FETCH
from tests.adapters.fake_discord_world import Json, Upload
from tests.platform_contract import MEMBER


@pytest.fixture
async def discord() -> AsyncIterator[DiscordHarness]:
    harness = DiscordHarness()
    await harness.start()
    yield harness
    await harness.stop()


async def sent(discord: DiscordHarness, content: bytes) -> str:
    """Send a file with a command and return what the core was given for it."""
    file = Upload("week.yaml", content, id=discord.fake.world.snowflake())
    await discord.fake.slash(discord.people[MEMBER], discord.room, FETCH, file=file, tone="soft").shown()
    return discord.core.heard[-1].arguments["file"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("- a: grün\r\n".encode(), "- a: grün\r\n"),
        (b"\xef\xbb\xbf- a: 1", "- a: 1"),
        (b"x" * LARGEST, "x" * LARGEST),
        (b"x" * (LARGEST + 1), Unreadable.TOO_LARGE),
        (b"\xff\xfe-\x00 \x00", Unreadable.NO_TEXT),
        (b"a\x00b", Unreadable.NO_TEXT),
    ],
)
async def test_a_file_is_read_as_text(discord: DiscordHarness, content: bytes, expected: str) -> None:
    """UTF-8 up to a bound; the core says kindly what is wrong with anything else."""
    assert expected == await sent(discord, content)


async def test_a_file_too_large_is_not_fetched(discord: DiscordHarness) -> None:
    """Discord says beforehand how large it is."""
    await sent(discord, b"x" * (LARGEST + 1))

    assert [] == discord.fake.fetched


async def test_a_file_larger_than_it_says_is_not_read_to_its_end(discord: DiscordHarness) -> None:
    """The bound holds whatever was said."""
    discord.fake.sent["1"] = Upload("week.yaml", b"x" * (LARGEST + 1))

    assert {"file": Unreadable.TOO_LARGE} == await read_files(used(f"{discord.fake.cdn_url}/1/week.yaml"))


def used(url: str) -> Json:
    """Return the data of a command with a file that lies somewhere."""
    attachment: Json = {"id": "1", "filename": "week.yaml", "size": 3, "url": url}
    return {
        "options": [{"type": 1, "name": "fetch", "options": [{"type": 11, "name": "file", "value": "1"}]}],
        "resolved": {"attachments": {"1": attachment}},
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/1/week.yaml",
        "http://cdn.discordapp.com/1/week.yaml",
        "https://cdn.discordapp.com:8443/1/week.yaml",
        "https://cdn.discordapp.com.example.org/1/week.yaml",
        "https://cdn.discordapp.com@169.254.169.254/latest/meta-data",
        "http://127.0.0.1:9/1/week.yaml",
        "file:///etc/passwd",
        "/etc/passwd",
    ],
)
async def test_nothing_is_fetched_from_elsewhere(discord: DiscordHarness, url: str) -> None:
    """An address that is none of Discord's own is not asked at all."""
    assert {"file": Unreadable.GONE} == await read_files(used(url))
    assert [] == discord.fake.fetched


async def test_a_redirect_is_not_followed(discord: DiscordHarness) -> None:
    """It could lead anywhere."""
    discord.fake.redirects_files_to = f"{discord.fake.cdn_url}/1/other"
    discord.fake.sent["1"] = Upload("week.yaml", b"a: 1")

    assert {"file": Unreadable.GONE} == await read_files(used(f"{discord.fake.cdn_url}/1/week.yaml"))


async def test_a_file_that_is_gone_is_told(discord: DiscordHarness) -> None:
    """The core is told, and nothing fails."""
    assert {"file": Unreadable.GONE} == await read_files(used(f"{discord.fake.cdn_url}/2/week.yaml"))
