"""Runs benchmarks: `python -m benchmarks [NAME …] [--json FILE]`. Exit code 1 when a figure does not hold."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import burst
from benchmarks.figures import Figure, show, write

ALL: Mapping[str, Callable[[], Sequence[Figure]]] = {"burst": burst.measure}


def main() -> int:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("only", nargs="*", choices=[*ALL, []], help="which benchmarks; all of them if none is named")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    asked = parser.parse_args()
    figures = [figure for name in asked.only or ALL for figure in ALL[name]()]
    show(figures)
    if asked.json:
        write(figures, asked.json)
    return int(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
