"""Discord keeps the contract of platforms."""

from __future__ import annotations

from tests.adapters.discord_harness import DiscordHarness
from tests.platform_contract import RemoteHarness, RemotePlatformContract


class TestDiscord(RemotePlatformContract):
    def make_harness(self) -> RemoteHarness:
        return DiscordHarness()
