"""`make chaos`: one line for each platform; the exit code is 0 when nothing was lost and nothing came twice."""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

import typer
from rich.console import Console
from rich.progress import Progress

from tests.chaos.ledger import Stage
from tests.chaos.places import DiscordPlace, Place, SlackPlace
from tests.chaos.plan import Ground, Plan, prepare
from tests.chaos.storm import KILLS, LEAST_EACH, LEAST_KILLS, Storm

REFRESH_EVERY: Final = 0.25


def main() -> int:
    """Run chaos on both platforms at once. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeat a run, as far as the machine schedules it alike")
    parser.add_argument("--break", dest="broken", choices=("find", "claim"), default="", help="take out a protection")
    told = parser.parse_args()
    seed = secrets.randbelow(10**6) if told.seed is None else told.seed
    # The fakes' server would tell of every connection that a kill cuts off.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
    return asyncio.run(chaos(seed, told.broken))


async def chaos(seed: int, broken: str) -> int:
    """Run both storms, print a line for each, and return the exit code."""
    folder = Path(tempfile.mkdtemp(prefix="hearthside-chaos-"))
    places: list[Place] = [DiscordPlace(_luck(seed, "discord")), SlackPlace(_luck(seed, "slack"))]
    for place in places:
        await place.start()
    try:
        plans = await _prepared(places, folder)
        storms: list[Storm] = []

        def proven() -> bool:
            return bool(broken) and all(storm.repeated for storm in storms)

        for place, plan in zip(places, plans, strict=True):
            luck = _luck(seed, f"kills {place.name}")
            storms.append(Storm(place, plan, folder / place.name, luck, broken=broken, enough=proven))
        async with _shown(storms), asyncio.TaskGroup() as tasks:
            for storm in storms:
                tasks.create_task(storm.run())
    finally:
        for place in places:
            await place.stop()
    problems = [problem for storm in storms for problem in _report(storm, seed, broken)]
    for problem in problems:
        typer.echo(problem, err=True)
    if problems and not broken:
        typer.echo(f"what was kept, and a journal of the kills: {folder}", err=True)
    else:
        shutil.rmtree(folder)
    return 1 if problems else 0


def _luck(seed: int, what: str) -> Random:
    return Random(f"{seed} {what}")  # noqa: S311  it guards nothing, and has to be repeatable


async def _prepared(places: Sequence[Place], folder: Path) -> list[Plan]:
    """Have the schedules added, for each platform in a process of its own."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(len(places), mp_context=get_context("spawn")) as pool:
        grounds = [Ground(place.name, tuple(place.channels), tuple(place.leaders), place.config) for place in places]
        work = [loop.run_in_executor(pool, prepare, ground, folder / ground.platform) for ground in grounds]
        return await asyncio.gather(*work)


def _report(storm: Storm, seed: int, broken: str) -> list[str]:
    """Print a platform's line, and return what is wrong with it."""
    tally, verdict = storm.tally, storm.tally.verdict
    assert verdict is not None
    caught = " ".join(f"{stage}={tally.caught[stage]}" for stage in (Stage.CLAIMED, Stage.SENDING, Stage.UNRECORDED))
    unknown = f" unknown={verdict.unknown}" if verdict.unknown else ""
    typer.echo(
        f"{storm.name} lost={verdict.lost} duplicated={verdict.duplicated} posts={verdict.posts} "
        f"kills={tally.kills} {caught} seed={seed}{unknown}"
    )
    problems: list[str] = []
    if verdict.lost or verdict.duplicated:
        problems.append(f"{storm.name}: {verdict.lost} lost, {verdict.duplicated} too many")
    if tally.accident:
        problems.append(f"{storm.name}: {tally.accident}")
    if broken:
        return problems or [f"{storm.name}: nothing came twice, although {broken} was taken out"]
    if not tally.complete:
        problems.append(f"{storm.name}: fewer than {LEAST_KILLS} kills, or than {LEAST_EACH} at one of the stages")
    if tally.exit_code:
        problems.append(f"{storm.name}: told to end, it ended with {tally.exit_code}")
    return problems


@asynccontextmanager
async def _shown(storms: Sequence[Storm]) -> AsyncGenerator[None]:
    """Show on a terminal how far it is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with Progress(console=console, transient=True) as progress:
        bars = [progress.add_task(storm.name, total=KILLS) for storm in storms]

        async def refresh() -> None:
            while True:
                for storm, bar in zip(storms, bars, strict=True):
                    progress.update(bar, completed=min(storm.tally.kills, KILLS))
                await asyncio.sleep(REFRESH_EVERY)

        showing = asyncio.create_task(refresh())
        try:
            yield
        finally:
            showing.cancel()


if __name__ == "__main__":
    sys.exit(main())
