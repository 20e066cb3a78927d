"""What an engine drives: one look at everything that is due, then lane by lane, people first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.core.faults import where
from bot.core.feature import Job
from bot.core.port import Clock
from bot.delivery.outbox import Outbox
from bot.delivery.sender import Sender

log = structlog.get_logger(__name__)

AFTER_A_FAULT: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one look found: the lanes in which posts wait, when to look again, and the lanes in which people wait."""

    lanes: Sequence[str]
    next_at: datetime | None
    people: Sequence[str] = ()


class Work(Protocol):
    """The work of an engine."""

    async def tick(self) -> Tick:
        """Make what is due into deliveries."""
        ...

    async def deliver(self, lane: str, *, people: bool) -> bool:
        """Send a batch of a lane, to people or else of posts; return whether there is more."""
        ...

    def stop(self) -> None:
        """Finish what is on its way, and begin nothing more."""
        ...


class Engine(Protocol):
    """Drives the work as time goes on."""

    async def run(self, work: Work) -> None:
        """Work until cancelled."""
        ...

    async def wake(self, at: datetime) -> None:
        """Hear that something nearer is due."""
        ...


class HouseWork:
    """Implements `Work`: the jobs of all features, the schedules among them, and the outbox."""

    def __init__(self, jobs: Sequence[Job], outbox: Outbox, sender: Sender, clock: Clock) -> None:
        self._jobs = jobs
        self._outbox = outbox
        self._sender = sender
        self._clock = clock

    async def tick(self) -> Tick:
        """Run every job that is wanted, then see which lanes have something to send."""
        now = self._clock.now()
        async with self._outbox.glance():
            due = [await self._safely(job, job.due, now) if job.due else now for job in self._jobs]
        wanted = [
            await self._safely(job, job.run, now) if at and at <= now else at
            for job, at in zip(self._jobs, due, strict=True)
        ]
        waiting, next_at = await self._outbox.look(now)
        wanted.append(next_at)
        later = [at for at in wanted if at is not None and at > now]
        posts = [lane for lane in waiting.posts if self._sender.serves(lane)]
        people = tuple(lane for lane in waiting.people if self._sender.serves(lane))
        return Tick(posts, min(later, default=None), people)

    async def deliver(self, lane: str, *, people: bool) -> bool:
        """Send a batch of a lane."""
        return await self._sender.deliver(lane, people=people)

    def stop(self) -> None:
        """Begin no further delivery."""
        self._sender.stop()

    async def _safely(
        self, job: Job, work: Callable[[datetime], Awaitable[datetime | None]], now: datetime
    ) -> datetime | None:
        try:
            return await work(now)
        except Exception as error:  # noqa: BLE001  a failing job must not stop the others
            log.error("job failed", job=job.name, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold members' words
            return now + AFTER_A_FAULT
