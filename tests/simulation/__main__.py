"""`make simulate`: a table of a month of leaders; the exit code is 0 when what they were sent kept every limit."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path

import typer
from rich.console import Console

from bot.app.house import load_shelf
from bot.config import Config
from bot.operations import logs
from tests.databases import migrated_sqlite, sqlite_address, sqlite_copy
from tests.simulation.cast import CAST
from tests.simulation.figures import Figures
from tests.simulation.month import figures_alone, meet
from tests.simulation.table import show, write


def main() -> int:
    """Play the month in both ways at once. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another month of the same leaders")
    parser.add_argument("--days", type=int, default=30, help="how long it is")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    told = parser.parse_args()
    waiting = Console(stderr=True)
    with waiting.status("The month goes by ...") if waiting.is_terminal else nullcontext():
        handoff, no_handoff = both(told.seed, told.days)
    title = f"{len(CAST)} leaders, {told.days} days, seed {told.seed}"
    show(handoff, no_handoff, title, Console(highlight=False))
    if told.json:
        write(handoff, no_handoff, told.seed, told.days, told.json)
    if handoff.messages.kept and no_handoff.messages.kept:
        return 0
    typer.echo("a limit was not kept: see the last lines", err=True)
    return 1


def both(seed: int, days: int) -> tuple[Figures, Figures]:
    """Return the figures with hand-off and without, each from a process and a database of its own."""
    logs.set_up("error")
    folder = Path(tempfile.mkdtemp(prefix="hearthside-simulation-"))
    met = migrated_sqlite(folder / "met.db")
    asyncio.run(meet(sqlite_address(met), load_shelf(Config()), CAST))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        work = [
            pool.submit(figures_alone, sqlite_copy(met, folder / f"{asks}.db"), seed, days, asks=asks)
            for asks in (True, False)
        ]
        handoff, no_handoff = (each.result() for each in work)
    shutil.rmtree(folder)
    return handoff, no_handoff


if __name__ == "__main__":
    sys.exit(main())
