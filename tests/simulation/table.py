"""How the figures are told: a table for people, and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypeAlias

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.simulation.figures import Figures

Told: TypeAlias = Callable[[Figures], object]
AN_HOUR: Final = 60


def hours(minutes: int) -> str:
    """Return minutes as hours and minutes."""
    return f"{minutes // AN_HOUR}:{minutes % AN_HOUR:02} h"


def share(minutes: int, of: int) -> str:
    """Return minutes as hours, and what part of a whole they are."""
    return f"{hours(minutes)} ({minutes / of:.1%})" if of else hours(minutes)


SECTIONS: Final[Mapping[str, Mapping[str, Told]]] = {
    "Somebody there": {
        "planned hours of anybody": lambda of: hours(of.coverage.planned),
        "nobody there in them": lambda of: share(of.coverage.nobody, of.coverage.planned),
        "the longest time in a row": lambda of: hours(of.coverage.nobody_longest),
        "the group's day": lambda of: hours(of.coverage.day),
        "nobody there in it": lambda of: share(of.coverage.day_nobody, of.coverage.day),
    },
    "Called away while on duty": {
        "times": lambda of: of.handoffs.called_away,
        "others asked": lambda of: of.handoffs.asked,
        "taken": lambda of: of.handoffs.taken,
        "unanswered": lambda of: of.handoffs.unanswered,
        "minutes till taken, median": lambda of: of.handoffs.minutes_till_taken or "-",
        "stayed on to ask, together": lambda of: hours(of.handoffs.stayed),
    },
    "Breaks": {
        "taken": lambda of: of.breaks.taken,
        "of them for the rest of a day": lambda of: of.breaks.rests,
        "nobody there then, in planned hours": lambda of: hours(of.breaks.nobody),
        "of it while one rested for the day": lambda of: hours(of.breaks.nobody_rest),
    },
    "Messages to leaders": {
        "reminders of breaks": lambda of: of.messages.reminders,
        "once more, for they were put off": lambda of: of.messages.put_off,
        "reminders to one in a day, most": lambda of: of.messages.reminders_a_day_most,
        "on days with duty, median": lambda of: f"{of.messages.reminders_a_day_median:g}",
        "check-ins": lambda of: of.messages.check_ins,
        "offers to talk it over": lambda of: of.messages.offers,
        "these two to one in a day, most (1)": lambda of: of.messages.others_a_day_most,
        "reminders beyond their own limit (0)": lambda of: of.messages.limit_broken,
        "unasked in their quiet hours (0)": lambda of: of.messages.in_quiet_hours,
        "anything during their breaks (0)": lambda of: of.messages.in_a_break,
    },
}
"""What is told, in this order. What is allowed at most stands in brackets."""


def show(handoff: Figures, no_handoff: Figures, title: str, console: Console) -> None:
    """Print both side by side; without a terminal as plain text."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD if console.is_terminal else None)
    table.add_column("", no_wrap=True)
    for heading in ("with hand-off", "without"):
        table.add_column(heading, justify="right", no_wrap=True)
    for section, lines in SECTIONS.items():
        table.add_row(section, style="bold")
        for said, told in lines.items():
            table.add_row(f"  {said}", str(told(handoff)), str(told(no_handoff)))
        table.add_section()
    console.print(table)


def write(handoff: Figures, no_handoff: Figures, seed: int, days: int, path: Path) -> None:
    """Write both as JSON; times are whole minutes."""
    figures = {"seed": seed, "days": days, "handoff": asdict(handoff), "no_handoff": asdict(no_handoff)}
    path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
