"""Does what several tasks want at the same moment in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """While one transaction is on its way, whatever else is asked for gathers, and is done with the next.

    `work` does items in one transaction, and returns a result for each.
    """

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self._work = work
        self._asked: list[tuple[T, asyncio.Future[R]]] = []
        self._in_hand: list[tuple[T, asyncio.Future[R]]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, item: T) -> R:
        """Have an item done with others; return its result, or raise its error.

        What has begun is finished, even when the task is cancelled meanwhile.
        """
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._asked.append((item, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._do_all())
            self._working.add_done_callback(self._ended)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait({done})
            done.exception()
            raise

    async def _do_all(self) -> None:
        while self._asked:
            batch, self._asked = self._asked, []
            self._in_hand = batch
            try:
                results = await self._work([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001  whoever asked hears of it
                await self._do_each(batch, error)
            else:
                for (_, done), result in zip(batch, results, strict=True):
                    done.set_result(result)

    async def _do_each(self, batch: Sequence[tuple[T, asyncio.Future[R]]], error: Exception) -> None:
        """Do again what failed together, each by itself: one that cannot be done must not stop the others."""
        if len(batch) == 1:
            batch[0][1].set_exception(error)
            return
        for item, done in batch:
            try:
                done.set_result((await self._work([item]))[0])
            except Exception as own:  # noqa: BLE001  whoever asked hears of it
                done.set_exception(own)

    def _ended(self, working: asyncio.Task[None]) -> None:
        """Tell those who still wait when the work itself was cancelled, be it before it began."""
        error = asyncio.CancelledError() if working.cancelled() else working.exception()
        if error is None:
            return
        left, self._in_hand = self._in_hand, []
        if self._working is working:  # else somebody asked since, and all that was asked is done with that
            left, self._asked = [*left, *self._asked], []
        for _, done in left:
            if not done.done():
                done.set_exception(error)
