"""Requests wait for their turn, so that platforms never have to refuse."""

from __future__ import annotations

import asyncio

from bot.core.port import Channel, Thread
from bot.delivery.pace import Pace, Rate
from tests.delivery.desk import EVENING, MIA
from tests.fakes import CIRCLE, HERE


async def seconds(pace: Pace, *places: Channel | Thread) -> float:
    loop = asyncio.get_running_loop()
    start = loop.time()
    await asyncio.gather(*(pace.wait(place) for place in places))
    return loop.time() - start


async def test_a_place_takes_its_time() -> None:
    """Requests to one place follow each other at its rate; a thread shares the rate of its channel."""
    pace = Pace({HERE.platform: Rate(overall=1000, each=40)})

    assert await seconds(pace, CIRCLE, Thread(CIRCLE, "t"), CIRCLE) >= 2 / 40 * 0.9


async def test_places_do_not_wait_for_each_other() -> None:
    """Each place has its own rate, below what the whole bot may do."""
    pace = Pace({HERE.platform: Rate(overall=1000, each=0.1)})

    async with asyncio.timeout(2):
        await asyncio.gather(*(pace.wait(place) for place in (CIRCLE, EVENING, MIA)))


async def test_the_whole_bot_takes_its_time() -> None:
    """Requests to different places share what the platform takes from one bot."""
    pace = Pace({HERE.platform: Rate(overall=40, each=1000)})

    assert await seconds(pace, CIRCLE, EVENING, Channel(HERE, "third")) >= 2 / 40 * 0.9


async def test_a_platform_without_a_rate_never_waits() -> None:
    """The console takes everything at once."""
    async with asyncio.timeout(2):
        await asyncio.gather(*(Pace({}).wait(CIRCLE) for _ in range(1000)))
