"""The limit of the fake Slack: so many messages a second in a channel."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

POSTS = "chat.postMessage"


@dataclass
class Rates:
    """Rules on every call. `scale` makes Slack so many times as quick; `burst` more may come together now and then."""

    scale: float = 1.0
    burst: int = 0
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    counted: int = 0
    _recent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def refuses(self, method: str, arguments: dict[str, Any]) -> int:
        """Return for how many whole seconds a call is refused, 0 when it is not."""
        if method != POSTS:
            return 0
        recent, now, span = self._recent[str(arguments.get("channel"))], self.clock(), 1 / self.scale
        while recent and recent[0] <= now - span:
            recent.popleft()
        if len(recent) > self.burst:
            self.refused += 1
            return max(1, math.ceil(recent[0] + span - now))
        recent.append(now)
        self.counted += 1
        return 0
