"""Decides what goes wrong with the bot's requests: at random, and where a kill needs one to hang."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Final

QUICK: Final = (0.0, 0.12)
SLOW: Final = (0.5, 0.95)
"""Seconds that an answer takes when nothing goes wrong."""
SPARED_AFTER: Final = 2
"""Tries of one post that anything may go wrong with: the bot waits longer after each, and the end must come."""
POSTS_DISTURBED: Final = 0.25
LOOKS_DISTURBED: Final = 0.1


class Mishap(Enum):
    """What can go wrong; *before* the request is carried out, or *after*."""

    SILENT_BEFORE = "no answer for a long time, and nothing was done"
    SILENT_AFTER = "no answer for a long time, but it was done"
    CUT_BEFORE = "the connection is cut, and nothing was done"
    CUT_AFTER = "the connection is cut, but it was done"
    FAULT_BEFORE = "500, and nothing was done"
    FAULT_AFTER = "500, but it was done"
    GATEWAY_BEFORE = "502, and nothing was done"
    TOO_FAST = "429, with the time to wait"


@dataclass(frozen=True, slots=True)
class Order:
    """One mishap to be carried out; `reached` is to be set when that is done, as far as it will be."""

    mishap: Mishap
    reached: asyncio.Event = field(default_factory=asyncio.Event)


class Mischief:
    """Disturbs one platform. `calm`: nothing goes wrong any more. `quick`: so many posts are answered quickly yet."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._tries: Counter[str] = Counter()
        self._aimed: Order | None = None
        self._passing = 0
        self._freezing = False
        self._flows = asyncio.Event()
        self._flows.set()
        self.calm = False
        self.quick = 0

    def aim(self, mishap: Mishap, *, after: int, freezing: bool = False) -> asyncio.Event:
        """Let a mishap befall the next post but `after`; return what tells that it has.

        `freezing`: nothing else is posted after it, until the aim is forgotten.
        """
        self._aimed, self._passing, self._freezing = Order(mishap), after, freezing
        return self._aimed.reached

    def forget_aim(self) -> None:
        """Aim at nothing."""
        self._aimed = None
        self._flows.set()

    async def on_post(self, key: str) -> Order | None:
        """Say what is to happen to a request that posts."""
        if self.calm:
            return None
        await self._take_time(QUICK if self.quick > 0 else SLOW)
        self.quick -= 1
        await self._flows.wait()
        if self._aimed:
            return self._next_aimed(self._aimed)
        self._tries[key] += 1
        return self._by_chance(POSTS_DISTURBED) if self._tries[key] <= SPARED_AFTER else None

    def _next_aimed(self, order: Order) -> Order | None:
        if self._passing:
            self._passing -= 1
            return None
        self._aimed = None
        if self._freezing:
            self._flows.clear()
        return order

    async def on_look(self) -> Order | None:
        """Say what is to happen to a request that looks for a post."""
        if self.calm:
            return None
        await self._take_time(QUICK)
        return None if self._aimed else self._by_chance(LOOKS_DISTURBED)

    async def _take_time(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._random.uniform(*between))

    def _by_chance(self, share: float) -> Order | None:
        return Order(self._random.choice(list(Mishap))) if self._random.random() < share else None
