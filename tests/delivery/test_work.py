"""One look at everything that is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.feature import Job
from bot.core.port import Channel, Community
from bot.delivery.work import HouseWork, Tick
from tests.delivery.desk import HOUR, LANE, PATIENCE, Desk, letter
from tests.fakes import CIRCLE, START

MINUTE = timedelta(minutes=1)


@pytest.fixture
def dialect() -> str:
    """Take SQLite alone: the statements have their tests in both dialects elsewhere."""
    return "sqlite"


def work_at(desk: Desk, *jobs: Job) -> HouseWork:
    return HouseWork(jobs, desk.outbox, desk.sender, desk.clock)


def wants(name: str, at: datetime | None, seen: list[str] | None = None) -> Job:
    """Return a job that wants to run again at an instant, or fails when that is what it is called."""

    async def run(now: datetime) -> datetime | None:
        del now
        if seen is not None:
            seen.append(name)
        if name == "bad":
            raise ValueError(name)
        return at

    return Job(name, run)


async def test_a_look_tells_the_lanes_and_the_nearest_instant(desk: Desk) -> None:
    """What is due now names its lane; of all that comes later, from jobs and outbox, the nearest is told."""
    await desk.put(letter("now"), letter("later", due_at=START + 30 * MINUTE))

    far = await work_at(desk, wants("a", START + HOUR)).tick()
    near = await work_at(desk, wants("a", START + HOUR), wants("b", START + MINUTE), wants("c", None)).tick()

    assert Tick([LANE], START + 30 * MINUTE) == far
    assert Tick([LANE], START + MINUTE) == near


async def test_jobs_that_are_not_wanted_do_not_run(desk: Desk) -> None:
    """What is due is looked at for all at once; whoever is to come later is waited for, and a look may fail."""
    seen: list[str] = []

    def due(at: datetime | None) -> Callable[[datetime], Awaitable[datetime | None]]:
        async def look(now: datetime) -> datetime | None:
            del now
            return at

        return look

    async def stumble(now: datetime) -> datetime | None:
        raise ValueError(now)

    jobs = [
        replace(wants("due", START + 3 * HOUR, seen), due=due(START)),
        replace(wants("later", START + 4 * HOUR, seen), due=due(START + 2 * HOUR)),
        replace(wants("never", START + MINUTE, seen), due=due(None)),
        wants("always", None, seen),
    ]
    tick = await work_at(desk, *jobs).tick()
    troubled = await work_at(desk, *jobs, replace(wants("bad look", None, seen), due=stumble)).tick()

    assert ["due", "always"] * 2 == seen
    assert START + 2 * HOUR == tick.next_at
    assert START + MINUTE == troubled.next_at


async def test_a_house_without_anything_to_do_waits_for_nothing(desk: Desk) -> None:
    """There is no lane, and no instant."""
    assert Tick([], None) == await work_at(desk, wants("a", None)).tick()


async def test_a_job_that_fails_does_not_stop_the_others(desk: Desk) -> None:
    """The others run, and it is tried again in a minute."""
    seen: list[str] = []
    work = work_at(desk, wants("bad", None, seen), wants("good", START + HOUR, seen))

    tick = await work.tick()

    assert ["bad", "good"] == seen
    assert START + MINUTE == tick.next_at


async def test_a_job_that_always_asks_for_now_is_not_heard(desk: Desk) -> None:
    """Only what lies ahead is waited for, so that nothing turns in circles."""
    tick = await work_at(desk, wants("hasty", START), wants("old", START - HOUR)).tick()

    assert Tick([], None) == tick


async def test_a_lane_that_nobody_serves_here_is_left_alone(desk: Desk) -> None:
    """Deliveries for a platform that does not run here are not taken, and hide nothing that comes later."""
    there = Channel(Community("elsewhere", "c"), "circle")
    await desk.put(letter("there", to=there), letter("here", due_at=START + HOUR))

    tick = await work_at(desk).tick()

    assert Tick([], START + HOUR) == tick


async def test_a_lease_that_ends_is_waited_for(desk: Desk) -> None:
    """A delivery in the hands of another process is looked at again when its lease ends."""
    await desk.put(letter("held"))
    await desk.outbox.claim(LANE, START)

    tick = await work_at(desk).tick()

    assert Tick([], START + PATIENCE.lease) == tick


async def test_a_lane_is_sent_through_the_sender(desk: Desk) -> None:
    """Work delivers a lane as the sender does."""
    await desk.put(letter("a", to=CIRCLE))

    more = await work_at(desk).deliver(LANE, people=False)

    assert not more
    assert ["number 1"] == desk.texts
