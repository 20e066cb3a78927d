"""The bot with one of its protections taken out, to prove that chaos is seen: `python -m tests.chaos.child find run`.

No setting of the bot can do this; nothing outside this module does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, update

import bot.__main__
from bot.adapters.discord import DiscordPlatform
from bot.adapters.slack import SlackPlatform
from bot.delivery.letters import State
from bot.delivery.outbox import Outbox
from bot.delivery.tables import deliveries
from bot.storage.database import Database


def break_find() -> None:
    """Let no platform ever find a post again."""

    async def find(*_: Any, **__: Any) -> None:
        return None

    for platform in (DiscordPlatform, SlackPlatform):
        platform.find = find


def break_claim() -> None:
    """Let every process take whatever waits, also out of another's hands, and take nothing for doubtful."""
    claim = Outbox.claim

    async def take(self: Outbox, lane: str, now: datetime, *more: Any, **others: Any) -> Any:
        database: Database = self._database  # pyright: ignore[reportPrivateUsage]  there is no public way to it
        held = deliveries.c.state.in_((State.CLAIMED, State.SENDING))
        elsewhere = held & (deliveries.c.holder != self._holder)  # pyright: ignore[reportPrivateUsage]  the same
        async with database.write() as unit:
            taken = update(deliveries).where(deliveries.c.lane == lane, or_(deliveries.c.state == State.DUE, elsewhere))
            await unit.execute(taken.values(state=State.DUE, doubtful=False))
        return await claim(self, lane, now, *more, **others)

    Outbox.claim = take


BREAKS: Final[Mapping[str, Callable[[], None]]] = {"find": break_find, "claim": break_claim}


if __name__ == "__main__":
    BREAKS[sys.argv.pop(1)]()
    bot.__main__.main()
