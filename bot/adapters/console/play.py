"""Plays a transcript: prints the dialogue, and stops at the first line that does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.adapters.console.platform import Console
from bot.adapters.console.player import ImpossibleError, Player
from bot.adapters.console.script import UnreadableError, read_step

FAILED: Final = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a transcript ended. `code` is that of the process; `line` and `problem` tell where it stopped and why."""

    code: int = 0
    line: int = 0
    problem: str = ""


async def play(console: Console, lines: Iterable[str]) -> Outcome:
    """Play a transcript; see docs/transcripts.md."""
    player = Player(console, echo=True)
    number, line = 0, ""
    try:
        for number, line in enumerate(lines, 1):  # noqa: B007  the report names the line that was reached
            step = read_step(line)
            if step:
                await player.do(step)
        await player.finish_form()
    except (UnreadableError, ImpossibleError) as error:
        return _stopped(console, number, line, str(error))
    return Outcome()


def _stopped(console: Console, number: int, line: str, problem: str) -> Outcome:
    said = line.removeprefix("\ufeff").strip()
    console.screen.say(f"line {number}: {said}", "bold red")
    for part in problem.split("\n"):
        console.screen.say(part)
    return Outcome(FAILED, number, problem)
