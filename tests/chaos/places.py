"""The two fake platforms as places of chaos: many channels, everything that goes wrong, and what was ever accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, Protocol

from bot.core.port import Channel, Community, Member
from tests.adapters.fake_discord import Answer, Drop, FakeDiscord, Hang
from tests.adapters.fake_discord_rest import Fault, Request, rate_limited
from tests.adapters.fake_slack import FakeSlack, Trouble
from tests.adapters.fake_slack_wire import APP_TOKEN, BOT_TOKEN, Call
from tests.adapters.fake_slack_wire import Fault as SlackFault
from tests.adapters.fake_slack_world import TEAM
from tests.adapters.slack_harness import SCOPES
from tests.chaos.mischief import Mischief, Mishap

CHANNELS: Final = 44
COMMUNITIES: Final = 4
NONCES_FOR: Final = 6.0
"""Seconds that the fake Discord remembers a nonce: shorter than some downtimes, longer than others."""
HANGS_FOR: Final = 30.0
MESSAGES: Final = re.compile(r"/channels/\d+/messages")

ON_DISCORD: Final[Mapping[Mishap, Answer | Drop | Hang]] = {
    Mishap.SILENT_BEFORE: Hang(accepted=False, seconds=HANGS_FOR),
    Mishap.SILENT_AFTER: Hang(accepted=True, seconds=HANGS_FOR),
    Mishap.CUT_BEFORE: Drop(accepted=False),
    Mishap.CUT_AFTER: Drop(accepted=True),
    Mishap.FAULT_BEFORE: Answer(500),
    Mishap.FAULT_AFTER: Answer(500, accepted=True),
    Mishap.GATEWAY_BEFORE: Answer(502),
    Mishap.TOO_FAST: rate_limited(0.4),
}
ON_SLACK: Final[Mapping[Mishap, tuple[Trouble, bool]]] = {
    Mishap.SILENT_BEFORE: (Trouble.HANG, False),
    Mishap.SILENT_AFTER: (Trouble.HANG, True),
    Mishap.CUT_BEFORE: (Trouble.DROP, False),
    Mishap.CUT_AFTER: (Trouble.DROP, True),
    Mishap.FAULT_BEFORE: (Trouble.SERVER_ERROR, False),
    Mishap.FAULT_AFTER: (Trouble.SERVER_ERROR, True),
    Mishap.GATEWAY_BEFORE: (Trouble.BAD_GATEWAY, False),
    Mishap.TOO_FAST: (Trouble.RATE_LIMITED, False),
}


class Place(Protocol):
    """A platform that forgets no post, whatever becomes of the bot."""

    mischief: Mischief
    channels: list[Channel]
    leaders: list[Member]

    @property
    def name(self) -> str: ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    @property
    def secrets(self) -> Mapping[str, str]:
        """Return the tokens, as environment variables."""
        ...

    @property
    def config(self) -> str:
        """Return the lines of config.yaml that lead here."""
        ...

    def serves(self) -> bool:
        """Return whether a process of the bot is connected."""
        ...

    def accepted(self) -> Sequence[str]:
        """Return the keys of all posts that were ever accepted, oldest first."""
        ...


class DiscordPlace:
    """Discord: several servers with many channels."""

    name = "discord"

    def __init__(self, random: Random) -> None:
        self.mischief = Mischief(random)
        self.channels: list[Channel] = []
        self.leaders: list[Member] = []
        self._fake = FakeDiscord()

    async def start(self) -> None:
        await self._fake.start()
        self._fake.rest.forget_nonces_after = NONCES_FOR
        self._fake.rest.disturb = self._disturb
        for number in range(COMMUNITIES):
            guild = self._fake.world.guild(f"Home {number}")
            community = Community(self.name, guild.id)
            self.leaders.append(Member(community, self._fake.member(guild, f"leader {number}").id))
            for place in range(CHANNELS // COMMUNITIES):
                self.channels.append(Channel(community, self._fake.world.room(guild, f"circle-{place}").id))

    async def stop(self) -> None:
        await self._fake.stop()

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"HEARTHSIDE_DISCORD_TOKEN": self._fake.token}

    @property
    def config(self) -> str:
        return f"discord:\n  api_url: {self._fake.api_url}\n  gateway_url: {self._fake.gateway_url}\n"

    def serves(self) -> bool:
        return any(session.line for session in self._fake.gateway.sessions.values())

    def accepted(self) -> Sequence[str]:
        return [post.nonce for post in self._fake.world.posts.values() if post.nonce]

    async def _disturb(self, request: Request) -> Fault | None:
        if not MESSAGES.fullmatch(request.path):
            return None
        if request.method == "POST":
            order = await self.mischief.on_post(str(request.body.get("nonce", "")))
        else:
            order = await self.mischief.on_look()
        if order is None:
            return None
        return Fault(request.method, request.path, ON_DISCORD[order.mishap], reached=order.reached)


class SlackPlace:
    """Slack: one workspace with many channels."""

    name = "slack"

    def __init__(self, random: Random) -> None:
        self.mischief = Mischief(random)
        self.channels: list[Channel] = []
        self.leaders: list[Member] = []
        self._fake = FakeSlack()

    async def start(self) -> None:
        await self._fake.wire.start()
        self._fake.wire.api.scopes = set(SCOPES)
        self._fake.wire.disturb = self._disturb
        community = Community(self.name, TEAM)
        leader = self._fake.add_person("leader")
        self.leaders.append(Member(community, leader.id))
        for number in range(CHANNELS):
            self.channels.append(Channel(community, self._fake.add_channel(f"circle-{number:02}", leader).id))

    async def stop(self) -> None:
        await self._fake.wire.stop()

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"HEARTHSIDE_SLACK_BOT_TOKEN": BOT_TOKEN, "HEARTHSIDE_SLACK_APP_TOKEN": APP_TOKEN}

    @property
    def config(self) -> str:
        return f"slack:\n  api_url: {self._fake.api_url}\n"

    def serves(self) -> bool:
        return bool(self._fake.wire.sockets)

    def accepted(self) -> Sequence[str]:
        return [message.key for message in self._fake.world.messages if message.key]

    async def _disturb(self, call: Call) -> SlackFault | None:
        if call.method == "chat.postMessage":
            order = await self.mischief.on_post(str(call.arguments.get("metadata", "")))
        elif call.method == "conversations.history":
            order = await self.mischief.on_look()
        else:
            return None
        if order is None:
            return None
        trouble, accepted = ON_SLACK[order.mishap]
        return SlackFault(call.method, trouble, accepted=accepted, reached=order.reached)
