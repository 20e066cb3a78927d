"""The replies that the coach learns from and is measured on: our own corpus, and PAIR where its file is at hand."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from bot.features.practice.acts import Act

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The quicker one, where PyYAML was built with it."""
OWN: Final = "own"
PAIR: Final = "PAIR"
FOLDER: Final = Path(__file__).parents[3] / "content" / "practice" / "coach-corpus"
_COLUMNS: Final = {"complex": Act.REFLECTION, "simple": Act.REFLECTION, "advice": Act.ADVICE, "question": Act.QUESTION}
ALIKE: Final = 0.5
"""Share of three-word pieces from which two vignettes count as nearly the same."""
LONG_ENOUGH: Final = 5
"""Words of a reply from which the same reply elsewhere is no accident."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled reply. `act` is None where a source only says that it is no reflection.

    Examples of one `group` answer the same words, or nearly the same, and never stand on both sides of a fold.
    """

    source: str
    topic: str
    group: str
    vignette: str
    text: str
    act: Act | None

    @property
    def is_reflection(self) -> bool:
        """Return whether it is labelled a reflection."""
        return self.act is Act.REFLECTION


def read_own(folder: Path = FOLDER) -> list[Example]:
    """Return our own corpus, in the order of its files."""
    found: list[Example] = []
    for file in sorted(folder.glob("*.yaml")):
        sheet: Any = yaml.load(file.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506  both are safe loaders
        for vignette in sheet["vignettes"]:
            said = " ".join(vignette["vignette"].split())
            found.extend(
                Example(OWN, sheet["topic"], vignette["id"], said, reply["text"], Act(reply["act"]))
                for reply in vignette["replies"]
            )
    return found


def read_pair(file: Path) -> list[Example]:
    """Return the PAIR corpus from its table: a prompt, eight replies in columns named by what they are, a topic."""
    found: list[Example] = []
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            for column, text in row.items():
                if column not in {"prompt", "topic"} and text.strip():
                    act = _COLUMNS.get(column.partition("_")[0])
                    found.append(Example(PAIR, row["topic"], f"pair-{number}", row["prompt"], text.strip(), act))
    return found


def grouped(examples: Sequence[Example]) -> list[Example]:
    """Return the examples with near-duplicates in one group: vignettes alike, or the same longer reply."""
    parent = {example.group: example.group for example in examples}

    def root(group: str) -> str:
        while parent[group] != group:
            group = parent[group]
        return group

    for first, then in _alike(examples):
        parent[max(root(first), root(then))] = min(root(first), root(then))
    return [replace(example, group=root(example.group)) for example in examples]


def _alike(examples: Sequence[Example]) -> Iterator[tuple[str, str]]:
    pieces = {example.group: _pieces(example.vignette) for example in examples}
    holders: dict[tuple[str, ...], list[str]] = {}
    for group, own in pieces.items():
        for piece in own:
            holders.setdefault(piece, []).append(group)
    met = {(a, b) for groups in holders.values() for a in groups for b in groups if a < b}
    for first, then in sorted(met):
        if len(pieces[first] & pieces[then]) >= ALIKE * min(len(pieces[first]), len(pieces[then])):
            yield first, then
    spoken: dict[tuple[str, ...], str] = {}
    for example in examples:
        words = tuple(_words(example.text))
        if len(words) >= LONG_ENOUGH:
            yield spoken.setdefault(words, example.group), example.group


def _pieces(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[start : start + 3]) for start in range(len(words) - 2)} or {tuple(words)}


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def fingerprint(files: Sequence[Path]) -> str:
    """Return the SHA-256 of files, one after another in their order."""
    sign = hashlib.sha256()
    for file in files:
        sign.update(file.read_bytes())
    return sign.hexdigest()
