"""The same month twice: once whoever is called away asks the others first, and once they just go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.app.house import load_shelf
from bot.config import Config
from bot.content import Shelf
from bot.core.clock import MovedClock
from bot.core.port import Reply
from bot.operations import logs
from tests.fakes import CIRCLE
from tests.house import ORGANISER, button_of, opened
from tests.simulation.cast import CAST, GROUP_ZONE, Player
from tests.simulation.figures import Figures, figures_of
from tests.simulation.play import Play
from tests.simulation.rows import Rows, rows_of
from tests.simulation.script import Luck, span

BEFORE: Final = timedelta(hours=4)
"""So long before the month everybody is invited."""


async def meet(address: str, shelf: Shelf, cast: Sequence[Player]) -> None:
    """Have everybody invited on a migrated database, and say when they are there and how they are reminded."""
    async with opened(address, shelf, clock=MovedClock(span(0)[0] - BEFORE)) as house:
        await house.app.tools.groups.add(CIRCLE, GROUP_ZONE, "en", "DE")
        for player in cast:
            await house.types(ORGANISER, f"leader add who=@{player.name}")
            await house.press(player.actor, button_of(house.newest(player.actor), "Accept"))
            await house.types(player.actor, f"me timezone zone={player.zone}")
            await house.types(player.actor, f"break plan quiet={player.quiet or 'none'} {player.rules}")
            kept = await house.types(player.actor, f'duty plan hours="{player.hours}"')
            assert isinstance(kept, Reply), kept


async def played(
    address: str, shelf: Shelf, cast: Sequence[Player], seed: int, days: int, *, asks: bool
) -> tuple[Play, Rows]:
    """Play a month on a database on which the cast has met. Returns what was seen, and what the rows say then."""
    async with opened(address, shelf, clock=MovedClock(span(0)[0])) as house:
        play = Play(house, cast, Luck(seed), days, asks)
        await play.run()
        return play, await rows_of(house, cast, span(days))


def figures_alone(address: str, seed: int, days: int, *, asks: bool) -> Figures:
    """Return the figures of a month of the whole cast. Takes a while, so have it run by itself."""
    logs.set_up("error")
    return figures_of(*asyncio.run(played(address, load_shelf(Config()), CAST, seed, days, asks=asks)))
