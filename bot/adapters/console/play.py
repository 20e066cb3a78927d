"""Plays a transcript: prints the dialogue, and stops at the first line that does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rich.text import Text as Ink

from bot.adapters.console.platform import Console
from bot.adapters.console.player import ImpossibleError, Player
from bot.adapters.console.render import Line
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
            await player.do(read_step(line), _written(line))
        await player.finish_form()
    except (UnreadableError, ImpossibleError) as error:
        _report(player, f"line {number}: {_written(line)}", str(error))
        return Outcome(FAILED, number, str(error))
    except UnicodeDecodeError:
        number, problem = number + 1, "a transcript must be a text file in UTF-8"
        _report(player, f"line {number}:", problem)
        return Outcome(FAILED, number, problem)
    return Outcome()


def _report(player: Player, where: str, problem: str) -> None:
    screen = player.console.window.screen
    screen.say(where, "bold red")
    screen.say(f"{problem}.", "red")
    name, seen = player.acting.persona.name, player.seen()
    screen.say(f"What {name} saw since something was last done:" if seen else f"{name} saw nothing since then.")
    for text in seen:
        screen.lines(Line(Ink(part)) for part in text.split("\n"))
        screen.blank()


def _written(line: str) -> str:
    return line.removeprefix("\ufeff").strip()
