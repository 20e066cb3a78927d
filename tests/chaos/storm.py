"""Kills the bot on one platform over and over, at chosen and at random moments, then lets it finish."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from tests.chaos.ledger import OPEN, Book, Stage, Verdict, judge, repeated, settled, stage_of
from tests.chaos.mischief import Mishap
from tests.chaos.places import Place
from tests.chaos.plan import KEY, Plan, Slot

KILLS: Final = 102
MOST_KILLS: Final = 160
LEAST_KILLS: Final = 100
LEAST_EACH: Final = 10
STAGES: Final = (Stage.CLAIMED, Stage.SENDING, Stage.UNRECORDED)
SHARES: Final[Mapping[Stage | None, int]] = {
    Stage.CLAIMED: 22,
    Stage.SENDING: 28,
    Stage.UNRECORDED: 28,
    None: 24,
}
"""How many kills aim at which stage; None is any moment at all."""
HANGS: Final[Mapping[Stage | None, Mishap]] = {
    Stage.SENDING: Mishap.SILENT_BEFORE,
    Stage.UNRECORDED: Mishap.SILENT_AFTER,
}
"""What holds a process at a stage."""
HANGS_WATCHED: Final = (0.02, 0.3)
HELD_AT_MOST: Final = 0.8
"""Seconds for which a stage is waited for once a process is there; it gives up its request soon after."""
GOES_ON: Final = (0.01, 0.06)
AT_WORK: Final = 0.7
"""The share of kills at any moment that come only after a process has begun to work."""
ANY_MOMENT: Final = 1.0
"""Seconds within which such a kill comes."""
REACHED_WITHIN: Final = 15.0
OVERLAPS: Final = 0.4
"""The share of those at which the next process works already, by mistake."""
PAUSES: Final = 0.15
"""The share of kills after which nothing runs for a while."""
LONGEST_PAUSE: Final = 5.0
PASSING_AT_MOST, QUICK_AT_MOST = 3, 6
PLENTY: Final = 300
"""Open deliveries of which some may go through quickly; with fewer, the platform is slow, lest they run out."""
LOOK_EVERY: Final = 0.02
INGESTS_WITHIN: Final = 0.02
"""Seconds for the fake to take in what a process had sent before it was stopped."""
MENDS_WITHIN: Final = 5.0
DRAINS_WITHIN: Final = 240.0
LOOK_WHILE_DRAINING: Final = 0.2
PLANNED_WITHIN: Final = timedelta(seconds=2)
"""How long after a minute the bot has to have planned what was due at it, before that counts as wanted."""
ENDS_WITHIN: Final = 20.0


class FellOverError(Exception):
    """A process ended without being told to, or did not end although it was."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process of the bot. `strangers` are the holders known before it came, `mark` the posts accepted before."""

    number: int
    process: asyncio.subprocess.Process
    born: float
    strangers: frozenset[str]
    mark: int


@dataclass(slots=True)
class Tally:
    """What was done so far."""

    kills: int = 0
    caught: Counter[Stage] = field(default_factory=Counter[Stage])
    verdict: Verdict | None = None
    exit_code: int | None = None
    accident: str = ""

    def short_of(self) -> Stage | None:
        """Return a stage at which too few were killed yet."""
        return next((stage for stage in STAGES if self.caught[stage] < LEAST_EACH), None)

    @property
    def complete(self) -> bool:
        """Whether there were enough kills of every kind."""
        return self.kills >= LEAST_KILLS and self.short_of() is None


class Storm:
    """One platform's share of chaos. `enough` says after a kill whether to stop there, without letting it finish."""

    def __init__(
        self, place: Place, plan: Plan, folder: Path, random: Random, *, broken: str, enough: Callable[[], bool]
    ) -> None:
        self._place = place
        self._plan = plan
        self._folder = folder
        self._book = Book(folder / "kept.db")
        self._random = random
        self._broken = broken
        self._enough = enough
        self._children: list[Child] = []
        self._born = 0
        self._began = time.monotonic()
        self._wanted: AbstractSet[Slot] = frozenset()
        self.tally = Tally()

    @property
    def name(self) -> str:
        """The platform."""
        return self._place.name

    @property
    def repeated(self) -> int:
        """How many posts came twice, as far as the platform can tell."""
        return repeated(self._place.accepted())

    async def run(self) -> None:
        """Kill, then let one process finish; the tally holds what was seen."""
        try:
            await self._kill_all()
            if not self._enough():
                await self._finish()
        except FellOverError as error:
            self.tally.accident = str(error)
        finally:
            for child in list(self._children):
                await self._kill(child)
        self.tally.verdict = self._judge()

    # ------------------------------------------------------------ killing

    async def _kill_all(self) -> None:
        aims: list[Stage | None] = [stage for stage, share in SHARES.items() for _ in range(share)]
        self._random.shuffle(aims)
        current = await self._start()
        while not self._enough() and not self._dry() and self.tally.kills < MOST_KILLS:
            if not aims:
                if self.tally.complete:
                    break
                aims = [self.tally.short_of()]
            aim = aims.pop()
            overlapping = aim is None and self._plenty() and self._random.random() < OVERLAPS
            following = await self._overlap(current) if overlapping else None
            caught = await self._catch(current, aim)
            self._note(f"killed {current.number} {caught}, aimed at {aim}, {self._waiting()} waiting")
            await self._kill(current)
            self._place.mischief.forget_aim()
            self.tally.kills += 1
            self.tally.caught[caught] += 1
            if not following and self._random.random() < PAUSES:
                await asyncio.sleep(self._random.uniform(0, LONGEST_PAUSE))
            current = following or await self._start()

    def _plenty(self) -> bool:
        return self._waiting() > PLENTY

    def _dry(self) -> bool:
        """Return whether everything is delivered and nothing more will be due, so that kills would prove nothing."""
        return datetime.now(UTC) > self._plan.minutes()[-1] + PLANNED_WITHIN and not self._waiting()

    async def _overlap(self, child: Child) -> Child:
        """Start the next process while one works, and wait until both do."""
        await self._until(child, lambda: self._at_work(child))
        following = await self._start()
        await self._until(following, lambda: self._at_work(following))
        return following

    async def _catch(self, child: Child, aim: Stage | None) -> Stage:
        """Stop a process where it is wanted, within a bound, and return where it is."""
        mischief = self._place.mischief
        plenty = self._plenty()
        mischief.quick = self._random.randint(0, QUICK_AT_MOST) if plenty else 0
        if aim in HANGS:
            passing = self._random.randint(0, PASSING_AT_MOST) if plenty else 0
            reached = mischief.aim(HANGS[aim], after=passing, freezing=aim is Stage.SENDING)
            await self._until(child, reached.is_set)
            await asyncio.sleep(self._random.uniform(*HANGS_WATCHED))
        elif aim or self._random.random() < AT_WORK:
            await self._until(child, lambda: self._at_work(child))
        if aim is None:
            await asyncio.sleep(self._random.uniform(0, ANY_MOMENT))
        return await self._stop_at(child, aim)

    async def _until(self, child: Child, reached: Callable[[], bool]) -> None:
        """Wait until something is so, or it has taken too long."""
        until = time.monotonic() + REACHED_WITHIN
        while not reached() and time.monotonic() < until:
            self._look_after(child)
            await asyncio.sleep(LOOK_EVERY)

    async def _stop_at(self, child: Child, aim: Stage | None) -> Stage:
        """Stop a process, and let it go on for a little while as long as it is not where it is wanted."""
        until = time.monotonic() + HELD_AT_MOST
        while (stage := await self._stopped(child)) is not aim and aim and time.monotonic() < until:
            child.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(self._random.uniform(*GOES_ON))
        return stage

    async def _stopped(self, child: Child) -> Stage:
        """Stop a process and look how far it is."""
        self._look_after(child)
        child.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(INGESTS_WITHIN)
        with suppress(sqlite3.OperationalError):  # it may have been stopped while it had the database to itself
            accepted = set(self._place.accepted()[child.mark :])
            return stage_of(self._book.held(), self._others(child), accepted)
        return Stage.NOTHING

    def _at_work(self, child: Child) -> bool:
        with suppress(sqlite3.OperationalError):
            return not self._book.holders() <= self._others(child)
        return False

    def _others(self, child: Child) -> frozenset[str]:
        """Return the holders that are not this process: those before it, and those that came with the next."""
        later = next((other for other in self._children if other.number > child.number), None)
        return child.strangers | (self._book.holders() - later.strangers) if later else child.strangers

    # ------------------------------------------------------------ processes

    async def _start(self) -> Child:
        """Start the program as its user would."""
        module = ["tests.chaos.child", self._broken] if self._broken else ["bot"]
        # Compiling everything anew would take longer than all the rest, two hundred times.
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "HEARTHSIDE_KEY": KEY, **self._place.secrets}
        strangers, mark = await self._holders(), len(self._place.accepted())
        with (self._folder / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *module, "run", "--config", str(self._folder / "config.yaml"),
                env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._born += 1
        child = Child(self._born, process, time.monotonic(), strangers, mark)
        self._children.append(child)
        self._note(f"started {child.number}")
        return child

    async def _kill(self, child: Child) -> None:
        self._children.remove(child)
        if child.process.returncode is None:
            child.process.kill()
        await child.process.wait()

    def _look_after(self, child: Child) -> None:
        if child.process.returncode is not None:
            raise FellOverError(f"process {child.number} ended by itself with {child.process.returncode}")

    async def _holders(self) -> frozenset[str]:
        """Return every process there was, as soon as the database can be read: the next may be mending it just now."""
        until = time.monotonic() + MENDS_WITHIN
        while True:
            try:
                return self._book.holders()
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(LOOK_EVERY)

    def _waiting(self) -> int:
        with suppress(sqlite3.OperationalError):
            return self._book.waiting()
        return 0

    # ------------------------------------------------------------ the end

    async def _finish(self) -> None:
        """Let one process finish undisturbed, within a bound, and end it as its user would."""
        self._place.mischief.calm = True
        child = self._children[0] if self._children else await self._start()
        until = time.monotonic() + DRAINS_WITHIN
        while not (self._place.serves() and self._settled()) and time.monotonic() < until:
            self._look_after(child)
            await asyncio.sleep(LOOK_WHILE_DRAINING)
        self._note(f"told to end, {self._waiting()} waiting")
        child.process.send_signal(signal.SIGTERM)
        try:
            self.tally.exit_code = await asyncio.wait_for(child.process.wait(), ENDS_WITHIN)
        except TimeoutError:
            raise FellOverError(f"told to end, it went on for {ENDS_WITHIN:.0f} seconds") from None

    def _settled(self) -> bool:
        """Look whether everything that was wanted until just now is done with, and remember what was wanted."""
        self._wanted = self._plan.wanted(datetime.now(UTC) - PLANNED_WITHIN)
        return settled(self._wanted, self._book.entries())

    def _judge(self) -> Verdict:
        entries = self._book.entries()
        # Stopped before its time, the bot is to be judged by what it took for done.
        wanted = self._wanted or {each.slot for each in entries if each.slot and each.state not in OPEN}
        return judge(wanted, entries, self._place.accepted())

    def _note(self, what: str) -> None:
        with (self._folder / "journal").open("a", encoding="utf-8") as journal:
            journal.write(f"{time.monotonic() - self._began:8.2f} {what}\n")
