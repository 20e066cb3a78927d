"""The console does what every platform does."""

from __future__ import annotations

from tests.adapters.console_harness import ConsoleHarness
from tests.platform_contract import Harness, PlatformContract


class TestConsole(PlatformContract):
    """The whole suite."""

    def make_harness(self) -> Harness:
        return ConsoleHarness()
