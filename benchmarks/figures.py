"""What a benchmark tells, and how it is printed."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

LIBRARIES = ("aiohttp", "aiosqlite", "discord.py", "slack-sdk", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `peer` names what it is held against, `reach` the ratio to it that is allowed at most."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    reach: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return the value as a multiple of the peer's; None where there is no sense in that."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def holds(self) -> bool | None:
        """Return whether what is promised is so; None when nothing is."""
        if self.reach is not None and self.ratio is not None:
            return self.ratio <= self.reach
        return self.value <= self.peer_value if self.peer_value is not None else None


def show(figures: Sequence[Figure]) -> None:
    """Print figures as a table, with where they were measured."""
    console = Console(width=110, highlight=False)
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    console.print(f"{system}, Python {platform.python_version()}\n{versions}")
    table = Table()
    for column in ("what", "value", "unit", "against", "its value", "ratio", "at most", "holds"):
        table.add_column(column, justify="right" if column in {"value", "its value", "ratio", "at most"} else "left")
    for figure in figures:
        holds = {True: "yes", False: "NO", None: ""}[figure.holds]
        numbers = (figure.peer_value, figure.ratio, figure.reach)
        peer_value, ratio, reach = ("" if number is None else f"{number:.4g}" for number in numbers)
        value = f"{figure.value:.4g}"
        table.add_row(figure.name, value, figure.unit, figure.peer, peer_value, ratio, reach, holds)
    console.print(table)


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write figures as a list of JSON objects."""
    rows = [{**asdict(figure), "ratio": figure.ratio, "holds": figure.holds} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
