"""Counts what a platform may count, wherever between leaving and answering it looks at its clock."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum, auto
from typing import Final

LONGEST: Final = 120.0
"""Seconds after which a request that nobody told the end of is taken for ended."""


class _Is(Enum):
    WAITING = auto()
    USED = auto()
    OVER = auto()


class Slot:
    """Room for one request."""

    __slots__ = ("_bound", "_is", "_window")

    def __init__(self, window: Window) -> None:
        self._window = window
        self._is = _Is.WAITING
        self._bound: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Return whether nothing was sent yet."""
        return self._is is _Is.WAITING

    def use(self) -> None:
        """Say that the request leaves now."""
        self._is = _Is.USED
        self._bound = asyncio.get_running_loop().call_later(LONGEST, self.end)

    def end(self) -> None:
        """Say that the answer came, or that none will: one span later there is room again."""
        if self._is is _Is.USED:
            self._is = _Is.OVER
            if self._bound:
                self._bound.cancel()
            self._window.free_later()

    def spend(self) -> None:
        """Take a request that nobody told the beginning of for made and answered."""
        if self.waits:
            self.use()
            self.end()

    def give_back(self) -> None:
        """Give the room to somebody else at once, unless it was used."""
        if self._is is _Is.WAITING:
            self._is = _Is.OVER
            self._window.free_now()


class Window:
    """At most so many requests in any span of time, in seconds, as the platform sees it.

    Room is taken before a request leaves, and there again one span after its answer came. The platform counts it at
    some instant in between; so of `most` + 1 requests no two that used the same room ever fall into one span, whatever
    the network does to them. Of those who wait, the urgent go first, and else whoever came first.
    """

    def __init__(self, most: int, span: float) -> None:
        self._most = self._free = most
        self._span = span
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()
        self._free_at = 0.0
        self._held_until = 0.0

    async def take(self, *, urgent: bool) -> Slot:
        """Wait for room."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._patient).append(mine)
        self._grant()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.free_now()
            raise
        return Slot(self)

    def hold(self, seconds: float) -> None:
        """Grant nothing for a time."""
        loop = asyncio.get_running_loop()
        self._held_until = max(self._held_until, loop.time() + seconds)
        loop.call_at(self._held_until + 0.001, self._grant)

    @property
    def idle(self) -> bool:
        """Return whether nothing is counted and nobody waits."""
        return self._free == self._most

    def held_for(self) -> float:
        """Return for how many seconds nothing is granted."""
        return max(0.0, self._held_until - asyncio.get_running_loop().time()) if self._held_until else 0.0

    def free_in(self) -> float:
        """Return in how many seconds there is room again, 0 when there is, or when nobody can say."""
        return 0.0 if self._free else max(0.0, self._free_at - asyncio.get_running_loop().time())

    def free_now(self) -> None:
        """Make room."""
        self._free += 1
        self._grant()

    def free_later(self) -> None:
        """Make room after one span."""
        loop = asyncio.get_running_loop()
        self._free_at = loop.time() + self._span
        loop.call_at(self._free_at, self.free_now)

    def _grant(self) -> None:
        while self._free and not self.held_for() and (chosen := self._next()):
            self._free -= 1
            chosen.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        for queue in (self._urgent, self._patient):
            while queue:
                if not (waiting := queue.popleft()).done():
                    return waiting
        return None
