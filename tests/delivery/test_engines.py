"""The stepped engine, which moves the clock, and the local one, which waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import pytest

from bot.core.clock import MovedClock, SystemClock
from bot.core.port import Clock
from bot.delivery.local import LocalEngine
from bot.delivery.stepped import SteppedEngine
from bot.delivery.work import Tick
from tests.fakes import START

MINUTE = timedelta(minutes=1)
BOUND = 5.0
"""Seconds after which something that never comes is a failure."""


class Agenda:
    """Work whose dates a test sets. It remembers each look and each lane that was sent."""

    def __init__(self, clock: Clock, *dates: datetime, forgets: bool = True) -> None:
        self.clock = clock
        self.dates = list(dates)
        self.forgets = forgets
        self.lanes: list[str] = []
        self.people: list[str] = []
        self.looks: list[datetime] = []
        self.sent: list[str] = []
        self.delivers: Callable[[str], Awaitable[bool]] | None = None
        self.changed = asyncio.Event()
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    async def tick(self) -> Tick:
        now = self.clock.now()
        self.looks.append(now)
        self.changed.set()
        if self.forgets:
            self.dates = [date for date in self.dates if date > now]
        tick = Tick(self.lanes, min(self.dates, default=None), self.people)
        self.lanes, self.people = [], []
        return tick

    async def deliver(self, lane: str, *, people: bool) -> bool:
        self.sent.append(f"{lane} to people" if people else lane)
        self.changed.set()
        return await self.delivers(lane) if self.delivers else False

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so, and fail when it does not come."""
        async with asyncio.timeout(BOUND):
            while not reached():
                self.changed.clear()
                await self.changed.wait()


# ---------------------------------------------------------------- stepped


def stepped(*dates: datetime, forgets: bool = True) -> tuple[SteppedEngine, Agenda, MovedClock]:
    clock = MovedClock(START)
    engine, agenda = SteppedEngine(clock), Agenda(clock, *dates, forgets=forgets)
    engine.take(agenda)
    return engine, agenda, clock


async def test_time_stops_at_every_instant_in_order() -> None:
    """On its way the clock stops wherever something is due, and ends where it was sent."""
    dates = [START + 3 * MINUTE, START + MINUTE, START + 2 * MINUTE]
    engine, agenda, clock = stepped(*dates)

    await engine.move(START + 2 * MINUTE + timedelta(seconds=30))

    assert [START, *sorted(dates)[:2], clock.now()] == agenda.looks
    assert START + 2 * MINUTE + timedelta(seconds=30) == clock.now()


async def test_what_is_due_exactly_then_happens() -> None:
    """The instant that the clock is moved to belongs to the way."""
    engine, agenda, _ = stepped(START + MINUTE)

    await engine.move(START + MINUTE)

    assert START + MINUTE in agenda.looks


async def test_time_stands_still_between_moves() -> None:
    """Doing what is due now moves no clock, and tells what comes next."""
    engine, _, clock = stepped(START + MINUTE)

    assert START + MINUTE == await engine.settle()
    await engine.wake(START + timedelta(seconds=1))
    assert START == clock.now()


async def test_a_job_that_always_asks_for_the_next_instant_lets_time_pass() -> None:
    """Work that is never content is looked at once a second at most, and the clock arrives."""
    engine, agenda, clock = stepped(START, START + timedelta(microseconds=1), forgets=False)

    await engine.move(START + timedelta(seconds=10))

    assert START + timedelta(seconds=10) == clock.now()
    assert len(agenda.looks) < 20


async def test_deliveries_that_never_end_are_an_error() -> None:
    """A lane in which there is always something more is reported, not served for ever."""
    engine, agenda, _ = stepped()

    class Endless(Agenda):
        async def tick(self) -> Tick:
            return Tick(["a"], None)

    engine.take(Endless(agenda.clock))
    with pytest.raises(RuntimeError, match="end"):
        await engine.settle()


async def test_an_engine_without_work_says_so() -> None:
    """Nothing can be due before the engine has work."""
    with pytest.raises(RuntimeError, match="no work"):
        await SteppedEngine(MovedClock(START)).settle()


async def test_a_lane_is_sent_until_it_is_empty() -> None:
    """Batch follows batch, and then there is another look."""
    engine, agenda, _ = stepped()
    batches = [True, True, False]

    async def deliver(lane: str) -> bool:
        assert "a" == lane
        return batches.pop(0)

    agenda.lanes, agenda.delivers = ["a"], deliver

    await engine.settle()

    assert ["a", "a", "a"] == agenda.sent
    assert 2 == len(agenda.looks)


# ---------------------------------------------------------------- local


@asynccontextmanager
async def running(agenda: Agenda) -> AsyncGenerator[tuple[LocalEngine, asyncio.Task[None]]]:
    """Run a local engine, and stop it."""
    engine = LocalEngine(agenda.clock)
    task = asyncio.create_task(engine.run(agenda))
    try:
        await agenda.until(lambda: bool(agenda.looks))
        yield engine, task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def soon() -> datetime:
    return SystemClock().now() + timedelta(milliseconds=20)


async def test_the_engine_looks_when_something_is_due() -> None:
    """It sleeps until the instant that the last look named, and looks again then."""
    at = soon()
    agenda = Agenda(SystemClock(), at)

    async with running(agenda):
        await agenda.until(lambda: agenda.looks[-1] >= at)

    assert [] == agenda.dates


async def test_the_engine_wakes_for_something_nearer() -> None:
    """What is put in while it sleeps rings the alarm at its own instant; what comes later than planned does not."""
    agenda = Agenda(SystemClock(), SystemClock().now() + 30 * MINUTE)

    async with running(agenda) as (engine, _):
        at = soon()
        await engine.wake(at)
        await engine.wake(at + 30 * MINUTE)
        await agenda.until(lambda: len(agenda.looks) > 1)

    assert agenda.looks[1] >= at


async def test_the_engine_looks_at_once_when_something_is_due_now() -> None:
    """A nudge for an instant that has passed needs no alarm."""
    agenda = Agenda(SystemClock())

    async with running(agenda) as (engine, _):
        await engine.wake(SystemClock().now() - MINUTE)
        await agenda.until(lambda: len(agenda.looks) > 1)


async def test_the_engine_sends_every_lane_that_waits() -> None:
    """Each lane is sent until it is empty, and then it looks again."""
    agenda = Agenda(SystemClock())
    left = {"a": 2, "b": 0}

    async def deliver(lane: str) -> bool:
        left[lane] -= 1
        return left[lane] >= 0

    agenda.lanes, agenda.delivers = ["a", "b"], deliver
    async with running(agenda):
        await agenda.until(lambda: len(agenda.looks) > 1 and len(agenda.sent) == 4)

    assert ["a", "a", "a", "b"] == sorted(agenda.sent)


async def test_a_lane_that_fails_does_not_stop_the_others() -> None:
    """Another lane is sent all the same, also later, and the failing one may be tried again."""
    agenda = Agenda(SystemClock())

    async def deliver(lane: str) -> bool:
        if lane == "bad":
            raise ValueError(lane)
        return False

    agenda.lanes, agenda.delivers = ["bad", "good"], deliver
    async with running(agenda) as (engine, task):
        await agenda.until(lambda: len(agenda.looks) > 1)
        agenda.lanes = ["bad", "good"]
        await engine.wake(SystemClock().now())
        await agenda.until(lambda: len(agenda.sent) == 4)

        assert not task.done()


async def test_a_look_that_fails_does_not_stop_the_engine() -> None:
    """The rows are still there, so the next nudge brings another look."""

    class Troubled(Agenda):
        async def tick(self) -> Tick:
            tick = await super().tick()
            if len(self.looks) == 1:
                raise OSError("the database is away")
            return tick

    agenda = Troubled(SystemClock())
    async with running(agenda) as (engine, task):
        await asyncio.sleep(0)
        await engine.wake(SystemClock().now())
        await agenda.until(lambda: len(agenda.looks) > 1)

        assert not task.done()


async def test_a_lane_is_sent_by_one_task_at_a_time() -> None:
    """While a lane is being sent, looks that name it again start nothing more."""
    agenda, going = Agenda(SystemClock()), asyncio.Event()

    async def deliver(lane: str) -> bool:
        del lane
        await going.wait()
        return False

    agenda.lanes, agenda.delivers = ["a"], deliver
    async with running(agenda) as (engine, _):
        await agenda.until(lambda: agenda.sent == ["a"])
        agenda.lanes = ["a", "b"]
        await engine.wake(SystemClock().now())
        await agenda.until(lambda: "b" in agenda.sent)
        going.set()

    assert ["a", "b"] == agenda.sent


async def test_a_stopped_engine_finishes_what_is_on_its_way() -> None:
    """It tells its work to begin nothing more, and waits for the request that is out."""
    agenda, out, answered = Agenda(SystemClock()), asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def deliver(lane: str) -> bool:
        out.set()
        await answered.wait()
        done.append(lane)
        return not agenda.stopped

    agenda.lanes, agenda.delivers = ["a"], deliver
    async with running(agenda) as (_, task):
        await out.wait()
        task.cancel()
        await asyncio.sleep(0)
        waits = not task.done()
        answered.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert waits
    assert ["a"] == done
    assert ["a"] == agenda.sent


async def test_a_lane_is_sent_to_people_and_of_posts_at_the_same_time() -> None:
    """Whoever waits for an answer does not wait for posts that take their time."""
    agenda, going = Agenda(SystemClock()), asyncio.Event()

    async def deliver(lane: str) -> bool:
        del lane
        if agenda.sent[-1] == "a":
            await going.wait()
        return False

    agenda.lanes, agenda.delivers = ["a"], deliver
    async with running(agenda) as (engine, _):
        await agenda.until(lambda: agenda.sent == ["a"])
        agenda.people = ["a"]
        await engine.wake(SystemClock().now())
        await agenda.until(lambda: "a to people" in agenda.sent)
        going.set()


async def test_time_stands_still_until_people_are_sent_to() -> None:
    """People first, then posts, lane by lane."""
    engine, agenda, _ = stepped()
    agenda.lanes, agenda.people = ["a", "b"], ["b"]

    await engine.settle()

    assert ["b to people", "a", "b"] == agenda.sent
