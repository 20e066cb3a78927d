"""Slack passes the suite of every platform, over both ways that Slack delivers."""

from __future__ import annotations

from tests.adapters.slack_harness import SlackHarness
from tests.platform_contract import RemotePlatformContract


class TestOverSocketMode(RemotePlatformContract):
    def make_harness(self) -> SlackHarness:
        return SlackHarness()


class TestBySignedRequests(RemotePlatformContract):
    def make_harness(self) -> SlackHarness:
        return SlackHarness(signed=True)
