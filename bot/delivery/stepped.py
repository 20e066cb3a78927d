"""The engine of console, page and simulations: moves the clock from due instant to due instant."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

from bot.core.clock import MovedClock
from bot.delivery.work import Work

MOST_ROUNDS: Final = 10_000
SMALLEST_STEP: Final = timedelta(seconds=1)


class SteppedEngine:
    """Time stands still until somebody moves it; then everything due on the way happens in order."""

    def __init__(self, clock: MovedClock) -> None:
        self._clock = clock
        self._work: Work | None = None

    async def run(self, work: Work) -> None:
        """Stand ready for `settle` and `move` until cancelled."""
        self.take(work)
        await asyncio.Event().wait()

    def take(self, work: Work) -> None:
        """Take over the work."""
        self._work = work

    async def wake(self, at: datetime) -> None:
        """Hear that something is due; it happens when the clock gets there."""
        del at

    async def settle(self) -> datetime | None:
        """Do everything that is due now; return when something is due next."""
        if self._work is None:
            raise RuntimeError("the engine has no work yet")
        for _ in range(MOST_ROUNDS):
            tick = await self._work.tick()
            if not tick.lanes and not tick.people:
                return tick.next_at
            for people, lanes in ((True, tick.people), (False, tick.lanes)):
                for lane in lanes:
                    while await self._work.deliver(lane, people=people):
                        pass
        raise RuntimeError("deliveries do not come to an end")

    async def move(self, to: datetime) -> None:
        """Move the clock to an instant, stopping wherever something is due."""
        next_at = await self.settle()
        while next_at is not None and next_at <= to and self._clock.now() < to:
            self._clock.move(min(to, max(next_at, self._clock.now() + SMALLEST_STEP)))
            next_at = await self.settle()
        self._clock.move(to)
        await self.settle()
