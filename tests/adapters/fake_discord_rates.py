"""The limits of the fake Discord: so many requests a second from one bot, so many messages in a channel."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OVERALL = 50
SECOND = 1.0
EXEMPT = ("/interactions/", "/webhooks/")
BUCKETS = (
    ("POST", re.compile(r"/channels/(\d+)/messages"), "posts", 5, 5.0),
    ("PATCH", re.compile(r"/channels/(\d+)/messages/\d+"), "edits", 5, 5.0),
    ("DELETE", re.compile(r"/channels/(\d+)/messages/\d+"), "deletes", 5, 1.0),
)


@dataclass
class Bucket:
    """So many requests until an instant, from which on it is full again."""

    limit: int
    until: float = 0.0
    used: int = 0


@dataclass(frozen=True)
class Ruling:
    """What the limits say to a request. Refused: the seconds to wait, by which limit; otherwise None."""

    headers: dict[str, str]
    wait: float | None = None

    @property
    def body(self) -> dict[str, Any]:
        everywhere = self.headers.get("X-RateLimit-Scope") == "global"
        return {"message": "You are being rate limited.", "retry_after": self.wait, "global": everywhere}


@dataclass
class Rates:
    """Rules on every request of one bot. `scale` makes Discord so many times as quick.

    What is refused counts against no bucket, but against the whole bot, as on Discord.
    """

    scale: float = 1.0
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    counted: int = 0
    _recent: deque[float] = field(default_factory=deque[float])
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict[tuple[str, str], Bucket])

    def rule(self, method: str, path: str) -> Ruling:
        if path.startswith(EXEMPT):
            return Ruling({})
        now = self.clock()
        while self._recent and self._recent[0] <= now - SECOND:
            self._recent.popleft()
        if len(self._recent) >= OVERALL * self.scale:
            return self._refuse(self._recent[0] + SECOND - now, {"X-RateLimit-Scope": "global"})
        self._recent.append(now)
        self.counted += 1
        for of, pattern, name, limit, seconds in BUCKETS:
            if method == of and (found := pattern.fullmatch(path)):
                return self._in_bucket(now, name, found[1], limit, seconds / self.scale)
        return Ruling({})

    def _in_bucket(self, now: float, name: str, channel: str, limit: int, seconds: float) -> Ruling:
        bucket = self._buckets.setdefault((name, channel), Bucket(limit))
        if now >= bucket.until:
            bucket.until, bucket.used = now + seconds, 0
        left = bucket.until - now
        taken = bucket.used < limit
        bucket.used += taken
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - bucket.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left + 0.0005:.3f}",
            "X-RateLimit-Bucket": f"bucket-of-{name}",
        }
        return Ruling(headers) if taken else self._refuse(left, {**headers, "X-RateLimit-Scope": "user"})

    def _refuse(self, wait: float, headers: dict[str, str]) -> Ruling:
        self.refused += 1
        wait = max(0.001, round(wait + 0.0005, 3))
        return Ruling({**headers, "Retry-After": str(wait), "Via": "1.1 google"}, wait)
