"""The engine of one machine. APScheduler is its alarm clock, with one in-memory job; the rows are the truth."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs]  it has none
from apscheduler.triggers.date import DateTrigger  # pyright: ignore[reportMissingTypeStubs]  it has none

from bot.core.faults import where
from bot.core.port import Clock
from bot.delivery.work import Tick, Work

log = structlog.get_logger(__name__)

LONGEST_SLEEP: Final = timedelta(seconds=60)
"""A look at the rows at least so often, whatever anybody forgot to say."""
AFTER_A_FAULT: Final = timedelta(seconds=30)
BREATH: Final = 0.1
"""Seconds between two looks at least: in a burst something is due at every moment, and a look finds more at once."""
TICK: Final = "tick"
DRAIN_SECONDS: Final = 6.0
"""How long requests that are on their way may take to end when the engine is stopped."""


class LocalEngine:
    """Looks whenever something is due, and sends each lane in two tasks of its own: one to people, one of posts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alarm = AsyncIOScheduler(timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True})
        self._rung = asyncio.Event()
        self._next_at: datetime | None = None
        self._lanes: dict[tuple[str, bool], asyncio.Task[None]] = {}

    async def run(self, work: Work) -> None:
        """Work until cancelled; then finish what is on its way, within a bound."""
        self._alarm.start()
        looking: asyncio.Task[Tick] | None = None
        try:
            while True:
                looked = asyncio.get_running_loop().time()
                self._rung.clear()
                self._next_at = None
                looking = asyncio.create_task(self._look(work))
                tick = await asyncio.shield(looking)
                for lane in (*((lane, True) for lane in tick.people), *((lane, False) for lane in tick.lanes)):
                    if lane not in self._lanes:
                        self._lanes[lane] = asyncio.create_task(self._send(work, *lane))
                longest = self._clock.now() + LONGEST_SLEEP
                await self.wake(min(tick.next_at or longest, longest))
                with suppress(TimeoutError):  # should the clock be set back, the alarm would ring too late
                    # Not `wait_for`: in Python 3.11 it swallows a cancellation that comes together with the ringing.
                    async with asyncio.timeout(LONGEST_SLEEP.total_seconds()):
                        await self._rung.wait()
                await asyncio.sleep(looked + BREATH - asyncio.get_running_loop().time())
        finally:
            self._alarm.shutdown(wait=False)
            work.stop()
            await _finish({*self._lanes.values(), *([looking] if looking else [])})

    async def wake(self, at: datetime) -> None:
        """Set the alarm, unless it rings earlier already."""
        if at <= self._clock.now():
            self._rung.set()
        elif self._next_at is None or at < self._next_at:
            self._next_at = at
            self._alarm.add_job(self._ring, DateTrigger(at), id=TICK, replace_existing=True)  # pyright: ignore[reportUnknownMemberType]  the library has no types

    async def _look(self, work: Work) -> Tick:
        try:
            return await work.tick()
        except Exception as error:  # noqa: BLE001  the rows are still there; another look follows
            log.error("look put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold members' words
            return Tick((), self._clock.now() + AFTER_A_FAULT)

    async def _ring(self) -> None:
        """Be a coroutine: the alarm clock runs plain functions in a thread, where an event must not be set."""
        self._rung.set()

    async def _send(self, work: Work, lane: str, people: bool) -> None:
        try:
            while await work.deliver(lane, people=people):
                pass
            self._rung.set()
        except Exception as error:  # noqa: BLE001  the rows are still there; another look follows
            log.error("lane put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold members' words
            await self.wake(self._clock.now() + AFTER_A_FAULT)
        finally:
            del self._lanes[lane, people]


async def _finish(running: set[asyncio.Task[Any]]) -> None:
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=DRAIN_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
