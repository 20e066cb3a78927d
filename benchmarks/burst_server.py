"""A fake platform with its limits enforced, in a process of its own: `python -m benchmarks.burst_server discord 2`.

Prints a line of JSON when it listens, one when a bot is connected, and for each line that comes in what it has counted.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tests.adapters.fake_discord import FakeDiscord
from tests.adapters.fake_discord_rates import Rates as DiscordRates
from tests.adapters.fake_slack import FakeSlack
from tests.adapters.fake_slack_rates import Rates as SlackRates
from tests.adapters.fake_slack_world import TEAM

CHANNELS = 500
COMMUNITIES = 25
WITHIN = 30.0


class Server(Protocol):
    """One platform."""

    async def start(self) -> Mapping[str, Any]:
        """Listen, and return where, and which channels there are by community."""
        ...

    async def connected(self) -> None:
        """Wait for the bot."""
        ...

    def counted(self) -> Mapping[str, Any]:
        """Return what was accepted, by channel, and how many requests were refused."""
        ...


class Discord:
    """The fake Discord with several servers."""

    def __init__(self, scale: float) -> None:
        self._fake = FakeDiscord()
        self._rates = self._fake.rest.rates = DiscordRates(scale)

    async def start(self) -> Mapping[str, Any]:
        """Listen."""
        await self._fake.start()
        world, channels = self._fake.world, list[tuple[str, str]]()
        for number in range(COMMUNITIES):
            guild = world.guild(f"server {number}")
            rooms = [world.room(guild, f"circle {each}") for each in range(CHANNELS // COMMUNITIES)]
            channels += [(guild.id, room.id) for room in rooms]
        return {"api": self._fake.api_url, "gateway": self._fake.gateway_url, "channels": channels}

    async def connected(self) -> None:
        """Wait for the bot."""
        await self._fake.connected(within=WITHIN)

    def counted(self) -> Mapping[str, Any]:
        """Return what was accepted."""
        ours = [post.room.id for post in self._fake.world.posts.values() if post.author is self._fake.world.bot]
        return {"posts": _counts(ours), "refused": self._rates.refused}


class Slack:
    """The fake Slack, one workspace."""

    def __init__(self, scale: float) -> None:
        self._fake = FakeSlack()
        self._rates = self._fake.wire.rates = SlackRates(scale)

    async def start(self) -> Mapping[str, Any]:
        """Listen."""
        await self._fake.wire.start()
        names, channels = itertools.count(), self._fake.world.conversations
        while len(channels) < CHANNELS:  # ids are made from names, and some meet
            self._fake.add_channel(f"circle-{next(names)}")
        return {"api": self._fake.api_url, "channels": [(TEAM, channel) for channel in channels]}

    async def connected(self) -> None:
        """Wait for the bot."""
        await self._fake.until(lambda: self._fake.wire.sockets, within=WITHIN)

    def counted(self) -> Mapping[str, Any]:
        """Return what was accepted."""
        ours = [message.channel for message in self._fake.world.messages]
        return {"posts": _counts(ours), "refused": self._rates.refused}


def _counts(channels: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for channel in channels:
        found[channel] = found.get(channel, 0) + 1
    return found


SERVERS = {"discord": Discord, "slack": Slack}


async def main(name: str, scale: float) -> None:
    """Serve until standard input ends."""
    server: Server = SERVERS[name](scale)
    _say(await server.start())
    await server.connected()
    _say({"connected": True})
    while await asyncio.to_thread(sys.stdin.readline):
        _say({**server.counted(), "cpu": time.process_time()})


def _say(what: Mapping[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
