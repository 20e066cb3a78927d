"""What several tasks want at the same moment is done in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.delivery.together import Together


class Work:
    """Doubles numbers, and remembers which came together. 0 cannot be done."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.going = asyncio.Event()
        self.going.set()

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        await self.going.wait()
        if 0 in items:
            raise ZeroDivisionError
        return [2 * item for item in items]


async def test_what_gathers_meanwhile_is_done_with_the_next() -> None:
    """The first goes alone at once; each gets its own result."""
    work = Work()
    together = Together(work)
    work.going.clear()
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0.001)
    others = asyncio.gather(*(together.ask(number) for number in (2, 3, 4)))
    await asyncio.sleep(0)
    work.going.set()

    assert (2, [4, 6, 8]) == (await first, await others)
    assert [[1], [2, 3, 4]] == work.batches


async def test_one_that_cannot_be_done_does_not_stop_the_others() -> None:
    """What failed together is done again one by one, and only the bad one raises."""
    work = Work()
    together = Together(work)

    found = await asyncio.gather(*(together.ask(number) for number in (1, 0, 2)), return_exceptions=True)

    assert [2, 4] == [found[0], found[2]]
    assert isinstance(found[1], ZeroDivisionError)
    assert [[1, 0, 2], [1], [0], [2]] == work.batches


async def test_what_has_begun_is_finished_though_nobody_waits() -> None:
    """A task that is cancelled is cancelled only when its item is done."""
    work = Work()
    together = Together(work)
    work.going.clear()
    asking = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0.001)
    asking.cancel()
    await asyncio.sleep(0)
    waits = not asking.done()
    work.going.set()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert waits


@pytest.mark.parametrize("begun", [True, False])
async def test_who_waits_hears_when_the_work_is_cancelled(begun: bool) -> None:
    """Nobody waits for ever: neither whose item was in hand, nor who came after; and what is asked later is done."""
    work = Work()
    together = Together(work)
    before = asyncio.all_tasks()
    work.going.clear()
    asking = [asyncio.create_task(together.ask(1))]
    await asyncio.sleep(0)
    (working,) = asyncio.all_tasks() - before - {*asking}
    if begun:
        asking.append(asyncio.create_task(together.ask(2)))
        await asyncio.sleep(0)

    working.cancel()
    done, waiting = await asyncio.wait(asking, timeout=1)
    work.going.set()

    assert (len(asking), 0) == (len(done), len(waiting))
    assert all(task.cancelled() for task in done)
    assert begun == bool(work.batches)
    assert 6 == await together.ask(3)
