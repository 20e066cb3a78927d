"""A fake platform that a bot in another process talks to, with something that goes wrong at a chosen moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Protocol

from bot.core.port import Channel, Community, Member
from tests.adapters.fake_discord import FakeDiscord
from tests.adapters.fake_discord_rest import Hang
from tests.adapters.fake_slack import FakeSlack, Trouble
from tests.adapters.fake_slack_wire import APP_TOKEN, BOT_TOKEN
from tests.adapters.fake_slack_world import TEAM
from tests.adapters.slack_harness import SCOPES


class Stage(Enum):
    """How far a delivery has come when its process dies."""

    CLAIMED = "claimed"
    SENDING = "sending"
    UNRECORDED = "unrecorded"


class Scene(Protocol):
    """One community with one channel and one member, on a fake that forgets nothing when the bot dies."""

    channel: Channel
    member: Member

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    @property
    def secrets(self) -> Mapping[str, str]:
        """Return the tokens, as environment variables."""
        ...

    @property
    def config(self) -> str:
        """Return the lines of config.yaml that lead to the fake."""
        ...

    def hang(self, stage: Stage) -> Callable[[], object]:
        """Let the next request of a stage hang; return what is true once it does."""
        ...

    async def until(self, check: Callable[[], object]) -> None:
        """Wait, within a bound, until something is true."""
        ...

    def posts(self) -> int:
        """Return how many posts stand in the channel."""
        ...


class DiscordScene:
    """Discord, with a memory for nonces that is shorter than any downtime."""

    def __init__(self) -> None:
        self.fake = FakeDiscord()
        self.fake.rest.forget_nonces_after = 0.0

    async def start(self) -> None:
        await self.fake.start()
        guild = self.fake.world.guild("Home")
        self.room = self.fake.world.room(guild, "circle")
        person = self.fake.member(guild, "member")
        community = Community("discord", guild.id)
        self.channel, self.member = Channel(community, self.room.id), Member(community, person.id)

    async def stop(self) -> None:
        await self.fake.stop()

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"HEARTHSIDE_DISCORD_TOKEN": self.fake.token}

    @property
    def config(self) -> str:
        return f"discord:\n  api_url: {self.fake.api_url}\n  gateway_url: {self.fake.gateway_url}\n"

    def hang(self, stage: Stage) -> Callable[[], object]:
        if stage is Stage.CLAIMED:
            fault = self.fake.fault("GET", r"/guilds/\d+/members/\d+", Hang(accepted=False, seconds=30))
        else:
            accepted = stage is Stage.UNRECORDED
            fault = self.fake.fault("POST", r"/channels/\d+/messages", Hang(accepted=accepted, seconds=30))
        return fault.reached.is_set

    async def until(self, check: Callable[[], object]) -> None:
        await self.fake.until(check, within=20)

    def posts(self) -> int:
        return len(self.fake.posts(self.room))


class SlackScene:
    """Slack, which knows no idempotency at all."""

    def __init__(self) -> None:
        self.fake = FakeSlack()

    async def start(self) -> None:
        await self.fake.wire.start()
        self.fake.wire.api.scopes = set(SCOPES)
        person = self.fake.add_person("member")
        self.place = self.fake.add_channel("circle", person)
        community = Community("slack", TEAM)
        self.channel, self.member = Channel(community, self.place.id), Member(community, person.id)

    async def stop(self) -> None:
        await self.fake.wire.stop()

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"HEARTHSIDE_SLACK_BOT_TOKEN": BOT_TOKEN, "HEARTHSIDE_SLACK_APP_TOKEN": APP_TOKEN}

    @property
    def config(self) -> str:
        return f"slack:\n  api_url: {self.fake.api_url}\n"

    def hang(self, stage: Stage) -> Callable[[], object]:
        method = "users.conversations" if stage is Stage.CLAIMED else "chat.postMessage"
        before = len(self.fake.calls(method))
        self.fake.fail(method, Trouble.HANG, accepted=stage is Stage.UNRECORDED)
        return lambda: len(self.fake.calls(method)) > before

    async def until(self, check: Callable[[], object]) -> None:
        await self.fake.until(check, within=20)

    def posts(self) -> int:
        return len(self.fake.posts(self.place))
