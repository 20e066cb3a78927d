"""Requests wait for their turn, so that platforms never have to refuse."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import pytest

from bot.core.clock import MovedClock
from bot.core.port import Allowance, Thread
from bot.delivery.letters import Action
from bot.delivery.pace import Pace, Rate
from bot.delivery.windows import Window
from tests.delivery.desk import EVENING, MIA, SECOND
from tests.fakes import CIRCLE, HERE, START

NONE = timedelta()


def pace_of(clock: MovedClock | None = None, *, overall: int = 0, each: float = 0.0) -> Pace:
    return Pace({HERE.platform: Rate(overall, each)}, clock or MovedClock(START))


# ---------------------------------------------------------------- windows


async def test_no_span_of_time_sees_more_than_its_share() -> None:
    """Wherever between leaving and answering a platform counts a request, it never counts too many within a span."""
    most, span, random = 4, 0.04, Random(7)  # noqa: S311  delays, not secrets
    window, loop, counted = Window(most, span), asyncio.get_running_loop(), list[float]()

    async def request() -> None:
        slot = await window.take(urgent=False)
        slot.use()
        await asyncio.sleep(random.random() * 0.01)
        counted.append(loop.time())
        await asyncio.sleep(random.random() * 0.01)
        slot.end()

    await asyncio.gather(*(request() for _ in range(5 * most)))

    counted.sort()
    assert all(later - earlier >= span for earlier, later in zip(counted, counted[most:], strict=False))


async def test_people_go_first_and_else_who_came_first() -> None:
    """Those who wait for an answer overtake posts, and nobody overtakes their own kind."""
    window, went = Window(1, 0), list[str]()
    first = await window.take(urgent=False)

    async def go(name: str, *, urgent: bool) -> None:
        slot = await window.take(urgent=urgent)
        went.append(name)
        slot.give_back()

    names = ("post 1", "post 2", "person 1", "person 2")
    running = asyncio.gather(*(go(name, urgent=name.startswith("person")) for name in names))
    await asyncio.sleep(0)
    first.give_back()
    await running

    assert ["person 1", "person 2", "post 1", "post 2"] == went


async def test_whoever_gives_up_waiting_takes_no_room() -> None:
    """Neither while it waits nor in the very moment in which it is let in."""
    window = Window(1, 0)
    first = await window.take(urgent=False)
    waiting = asyncio.create_task(window.take(urgent=True))
    let_in = asyncio.create_task(window.take(urgent=True))
    await asyncio.sleep(0)
    waiting.cancel()
    first.give_back()
    let_in.cancel()
    await asyncio.gather(waiting, let_in, return_exceptions=True)

    async with asyncio.timeout(2):
        await window.take(urgent=False)


async def test_a_window_that_is_held_lets_nobody_in() -> None:
    """When the platform refuses everything for a while, nothing leaves, and afterwards it goes on by itself."""
    window, loop = Window(2, 0), asyncio.get_running_loop()
    began = loop.time()
    window.hold(0.05)

    await window.take(urgent=True)

    assert loop.time() - began >= 0.05


# ---------------------------------------------------------------- turns


async def test_the_request_of_a_turn_does_not_wait_twice() -> None:
    """It uses the room that was waited for; what the message needed to know before it took room of its own."""
    pace = pace_of(overall=2)
    meter = pace.meter(HERE.platform)

    async with asyncio.timeout(0.5), pace.turn(CIRCLE, Action.POST) as turn:
        (await meter.admit()).end()
        await pace.leaving(turn)
        (await meter.admit()).end()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await meter.admit()


async def test_a_turn_that_is_not_used_is_given_back() -> None:
    """What is withdrawn at the last moment costs nothing."""
    pace = pace_of(overall=1, each=0.1)

    async with asyncio.timeout(0.5):
        for _ in range(50):
            async with pace.turn(CIRCLE, Action.POST) as turn:
                await pace.leaving(turn)


async def test_a_platform_without_a_rate_never_waits() -> None:
    """The console takes everything at once."""
    pace = Pace({}, MovedClock(START))

    async with asyncio.timeout(2):
        for _ in range(1000):
            async with pace.turn(CIRCLE, Action.POST) as turn:
                await pace.leaving(turn)
                (await pace.meter("console").admit("circle")).end()

    assert NONE == pace.ready_in(CIRCLE, Action.POST) == pace.spacing(CIRCLE, Action.POST)


# ---------------------------------------------------------------- addresses


async def test_a_channel_takes_its_time() -> None:
    """Posts in a channel and its threads are spaced; other channels, edits and private messages are free."""
    pace = pace_of(each=0.5)
    async with pace.turn(CIRCLE, Action.POST):
        (await pace.meter(HERE.platform).admit(CIRCLE.id)).end()

    waits = [pace.ready_in(to, Action.POST) for to in (CIRCLE, Thread(CIRCLE, "t"))]
    free = [pace.ready_in(to, Action.POST) for to in (EVENING, MIA)] + [pace.ready_in(CIRCLE, Action.EDIT)]

    assert all(SECOND < wait <= 2 * SECOND for wait in waits)
    assert [NONE] * 3 == free
    assert 2 * SECOND == pace.spacing(CIRCLE, Action.POST)


async def test_an_answer_in_a_channel_counts_too() -> None:
    """A message that no delivery made keeps the next one in that channel waiting as well."""
    pace = pace_of(each=0.5)

    (await pace.meter(HERE.platform).admit(CIRCLE.id)).end()

    assert pace.ready_in(CIRCLE, Action.POST) > SECOND


@pytest.mark.parametrize(
    ("allowance", "wait"),
    [
        (Allowance(5, 2, 4 * SECOND), NONE),
        (Allowance(5, 1, 4 * SECOND), 4 * SECOND),
        (Allowance(5, 0, 4 * SECOND), 4 * SECOND),
        (Allowance(1, 1, 4 * SECOND), NONE),
        (Allowance(1, 0, 4 * SECOND), 4 * SECOND),
    ],
)
async def test_what_an_answer_says_is_kept_in_mind(allowance: Allowance, wait: timedelta) -> None:
    """An address rests until its limit is full again, with one left for people; what else is done there goes on."""
    clock = MovedClock(START)
    pace = pace_of(clock, overall=10)
    async with pace.turn(CIRCLE, Action.POST) as turn:
        (await pace.meter(HERE.platform).admit()).end(Allowance(1, 0, 60 * SECOND))
        await pace.leaving(turn)
        turn.acts = True
        (await pace.meter(HERE.platform).admit()).end(allowance)

    assert wait == pace.ready_in(CIRCLE, Action.POST)
    assert NONE == pace.ready_in(CIRCLE, Action.EDIT) == pace.ready_in(EVENING, Action.POST)
    clock.move(START + 4 * SECOND)
    assert pace.ready_in(CIRCLE, Action.POST) <= NONE


async def test_a_refusal_holds_for_what_it_names() -> None:
    """One address rests; where the whole bot was refused, all of them do."""
    pace = pace_of(overall=10)
    pace.hold(CIRCLE, Action.POST, 7 * SECOND)
    one = [pace.ready_in(to, Action.POST) for to in (CIRCLE, EVENING, MIA)]
    pace.hold(MIA, Action.POST, 9 * SECOND, everywhere=True)

    assert [7 * SECOND, NONE, NONE] == one
    assert all(pace.ready_in(to, Action.POST) > 8 * SECOND for to in (CIRCLE, EVENING, MIA))
