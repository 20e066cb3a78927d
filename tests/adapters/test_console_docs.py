"""The page about transcripts tells the truth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from bot.adapters.console.script import WORDS, Remark, Type, read_step

PAGE: Final = (Path(__file__).parents[2] / "docs" / "transcripts.md").read_text(encoding="utf-8")


def test_the_example_uses_lines_that_exist() -> None:
    """Every line of the worked example can be read, and it shows most kinds of them."""
    example = re.findall(r"```transcript\n(.*?)```", PAGE, re.DOTALL)

    steps = [read_step(line) for line in example[0].splitlines()]
    kinds = {type(step) for step in steps if step}
    assert len(kinds) > 6
    assert {Remark, Type} <= kinds


def test_every_kind_of_line_is_described() -> None:
    """No first word is missing from the table."""
    rows = re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE)

    assert {"leaves", "closes", *WORDS} == set(rows)
