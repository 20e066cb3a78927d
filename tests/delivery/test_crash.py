"""A process that dies at every step of a delivery, and what its successor makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.core.clock import MovedClock
from bot.core.feature import Later, Sending, Withdraw
from bot.core.port import Address, Message, Posted, Reason
from bot.delivery.letters import Claimed, State
from bot.delivery.outbox import Outbox
from bot.delivery.tables import deliveries
from bot.storage.database import Database
from bot.storage.sealing import Sealing
from tests.delivery.desk import HOUR, PAST_THE_LEASE, PATIENCE, Desk, Diary, desk_at, letter
from tests.fakes import CIRCLE, START, FakePlatform
from tests.house import KEY

STEPS = 11
"""Points at which a post's process may die; a test holds the number."""


class Death(BaseException):
    """The process is gone: nothing of ours catches this, as nothing catches a SIGKILL."""


class Fuse:
    """Burns down from step to step, and at its end the process dies. None burns for ever."""

    def __init__(self, steps: int | None = None) -> None:
        self.left = steps
        self.passed: list[str] = []

    async def step(self, name: str) -> None:
        self.passed.append(name)
        if self.left == 0:
            raise Death(name)
        if self.left is not None:
            self.left -= 1


class MortalOutbox(Outbox):
    """An outbox whose process may die before and after each of its writes."""

    fuse = Fuse()

    async def claim(self, lane: str, now: datetime, *, people: bool | None = None) -> list[Claimed]:
        await self.fuse.step("before the claim")
        found = await super().claim(lane, now, people=people)
        if found:
            await self.fuse.step("claimed")
        return found

    async def start(self, claimed: Claimed, now: datetime) -> bool:
        await self.fuse.step("before the start")
        started = await super().start(claimed, now)
        await self.fuse.step("started")
        return started

    async def settle(self, claimed: Claimed, state: State, reason: str = "", posted: Posted | None = None) -> bool:
        await self.fuse.step("before it is settled")
        settled = await super().settle(claimed, state, reason, posted)
        await self.fuse.step("settled")
        return settled

    async def hold(self, claimed: Claimed, reason: str, *, doubtful: bool) -> bool:
        await self.fuse.step("before the refusal is noted")
        held = await super().hold(claimed, reason, doubtful=doubtful)
        await self.fuse.step("the refusal is noted")
        return held

    async def put_off(self, *given: Any, **named: Any) -> bool:
        await self.fuse.step("before it is put off")
        changed = await super().put_off(*given, **named)
        await self.fuse.step("put off")
        return changed


class World:
    """What outlives a process: the platform, the clock, the database's address, and somebody who looks on."""

    def __init__(self, address: str, database: Database) -> None:
        self.address = address
        self.database = database
        self.clock = MovedClock(START)
        self.platform = MortalPlatform(self.clock)
        self.diary = MortalDiary()

    async def lives(self, steps: int | None) -> Fuse:
        """Let a process send until it is done, or dies after so many steps."""
        fuse = Fuse(steps)
        self.platform.fuse = self.diary.fuse = fuse
        database = await Database.open(self.address)
        try:
            desk = await self.desk(database, fuse)
            await desk.send_all()
        except* Death:
            pass
        finally:
            await database.close()
        return fuse

    async def desk(self, database: Database, fuse: Fuse) -> Desk:
        sealing = await Sealing.prepare(database, KEY)
        outbox = MortalOutbox(database, sealing, self.clock, PATIENCE)
        outbox.fuse = fuse
        return desk_at(database, sealing, self.clock, platform=self.platform, diary=self.diary, outbox=outbox)

    async def put(self, name: str) -> str:
        desk = await self.desk(self.database, Fuse())
        (key,) = await desk.put(letter(name, due_at=self.clock.now(), expires_at=self.clock.now() + 24 * HOUR))
        return key

    async def state(self, key: str) -> str:
        async with self.database.read() as unit:
            return await unit.scalar(select(deliveries.c.state).where(deliveries.c.key == key)) or ""

    def accepted(self, key: str) -> int:
        return sum(post.key == key for post in self.platform.everything)

    def told(self, key: str) -> int:
        places = {post.posted for post in self.platform.everything if post.key == key}
        return sum(posted in places for _, posted in self.diary.told)


class MortalPlatform(FakePlatform):
    """A platform that the process may die on before and after a request is accepted. It outlives the process."""

    fuse = Fuse()

    async def post(self, to: Address, message: Message, *, key: str) -> Posted:
        await self.fuse.step("before the request is accepted")
        posted = await super().post(to, message, key=key)
        await self.fuse.step("accepted")
        return posted

    async def find(self, to: Address, key: str, *, since: datetime) -> Posted | None:
        await self.fuse.step("before the look")
        found = await super().find(to, key, since=since)
        await self.fuse.step("looked")
        return found


class MortalDiary(Diary):
    """A feature in whose hands the process may die."""

    fuse = Fuse()

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        await self.fuse.step("before it is composed")
        return await super().compose(sending)

    async def sent(self, sending: Sending, posted: Posted) -> None:
        await self.fuse.step("before the receipt")
        await super().sent(sending, posted)
        await self.fuse.step("the receipt is written")

    async def failed(self, sending: Sending, reason: Reason) -> None:
        await self.fuse.step("before the failure is told")
        await super().failed(sending, reason)
        await self.fuse.step("the failure is told")


async def test_a_process_may_die_at_every_step(address: str, database: Database) -> None:
    """Wherever a process dies, after the lease its successor ends with exactly one post, which its feature knows of."""
    world = World(address, database)
    deaths: list[str] = []
    for steps in range(STEPS):
        key = await world.put(str(steps))
        fuse = await world.lives(steps)
        deaths.append(fuse.passed[-1])
        world.clock.move(world.clock.now() + PAST_THE_LEASE)
        await world.lives(None)

        assert 1 == world.accepted(key)
        assert 1 <= world.told(key)
        assert State.SENT == await world.state(key)

    key = await world.put("nobody dies")
    whole = await world.lives(None)
    assert whole.passed == deaths
    assert {"claimed", "started", "accepted", "the receipt is written"} < set(deaths)


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_process_may_die_at_every_step_of_a_refusal(address: str, database: Database) -> None:
    """Its feature hears of it in the end, for the true reason, and the row says so too."""
    world = World(address, database)
    world.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    steps, passed = 0, [""]
    while len(passed) > steps or "settled" not in passed:
        key = await world.put(str(steps))
        world.diary.failures.clear()
        passed = (await world.lives(steps)).passed
        world.clock.move(world.clock.now() + PAST_THE_LEASE)
        await world.lives(None)
        steps += 1

        assert {(1, Reason.FORBIDDEN)} == set(world.diary.failures)
        assert State.REFUSED == await world.state(key)
        if "settled" in passed and passed[-1] != "settled":
            break
    assert steps > passed.index("the failure is told") > passed.index("the refusal is noted")


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_process_may_die_where_nobody_may_look(address: str, database: Database) -> None:
    """Then there is never a second post, and there is one unless nobody can know."""
    world = World(address, database)
    world.platform.can_look = False
    for steps in range(STEPS):
        key = await world.put(str(steps))
        await world.lives(steps)
        world.clock.move(world.clock.now() + PAST_THE_LEASE)
        await world.lives(None)

        state = await world.state(key)
        assert world.accepted(key) <= 1
        assert state in {State.SENT, State.UNKNOWN}
        assert state == State.UNKNOWN or 1 == world.accepted(key)


@given(lives=st.lists(st.integers(0, STEPS + 2), min_size=2, max_size=3))
@settings(max_examples=8, deadline=None)
async def test_processes_may_die_one_after_the_other(new_sqlite: Callable[[], str], lives: list[int]) -> None:
    """Successors that die too, while they look or send, leave one post in the end."""
    address = new_sqlite()
    database = await Database.open(address)
    try:
        world = World(address, database)
        key = await world.put("a")
        for steps in lives:
            await world.lives(steps)
            world.clock.move(world.clock.now() + PAST_THE_LEASE)
        await world.lives(None)

        assert 1 == world.accepted(key)
        assert State.SENT == await world.state(key)
    finally:
        await database.close()
