"""`python -m bot.features.practice.evaluation [--pair PATH] [--card FILE]`: measures the coach, and says from what."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import track

from bot.features.practice.coach import assess
from bot.features.practice.corpus import FOLDER, OWN, PAIR, Example, fingerprint, grouped, read_own, read_pair
from bot.features.practice.evaluation import card, folds
from bot.features.practice.evaluation.folds import NO_CUES, NO_GUARD, NO_OWN, SHIPPED, Fold
from bot.features.practice.model import FILE, shipped

ALONE = "Without PAIR: trained and measured on our own corpus alone. What ships was learned from both.\n"
Way = tuple[str, str, Callable[[Sequence[Example], str], list[Fold]]]
"""A title, whose replies are measured, and how they are folded."""


def main() -> None:
    """Measure, print the tables, and write the card where one is wanted."""
    reader = argparse.ArgumentParser(description="Measures the coach by cross-validation.")
    reader.add_argument("--pair", type=Path, help="PAIR's table; without it only our own corpus is measured")
    reader.add_argument("--card", type=Path, help="where the model card goes; needs --pair")
    given = reader.parse_args()
    if given.card and not given.pair:
        reader.error("the card needs --pair: it tells of both sources")
    if given.pair and not given.pair.is_file():
        reader.error(f"--pair: there is no file {given.pair}")
    examples = grouped([*read_own(), *(read_pair(given.pair) if given.pair else [])])
    measured = _measured(examples)
    if given.card:
        given.card.write_text(card.card(measured), encoding="utf-8")
    if not given.pair:
        print(ALONE)  # noqa: T201  it is a program
    print(card.tables(measured, with_pair_texts=True))  # noqa: T201  it is a program


def _measured(examples: Sequence[Example]) -> card.Measured:
    ways: list[Way] = [
        ("our own corpus, unseen vignettes", OWN, folds.by_vignette),
        ("our own corpus, unseen topics", OWN, folds.by_topic),
    ]
    has_pair = any(each.source == PAIR for each in examples)
    if has_pair:
        ways.append(("PAIR, unseen topics", PAIR, folds.by_topic))
    variants = [SHIPPED, NO_GUARD, NO_CUES, *([NO_OWN] if has_pair else [])]
    runs: list[card.Run] = []
    told = Console(stderr=True)
    for title, source, way in track(ways, "Measuring", console=told, disable=not told.is_terminal):
        # By vignettes and by topics what a part is worth is much the same, and each takes minutes.
        wanted = variants if way is not folds.by_topic or source == PAIR else [SHIPPED, NO_GUARD]
        said = folds.judged(examples, way(examples, source), wanted)
        said["rules alone"] = folds.by_rule(examples, source)
        said["never a reflection"] = folds.by_majority(examples, source)
        runs.append(card.Run(title, source, said))
    corpus = fingerprint(sorted(FOLDER.glob("*.yaml")))
    return card.Measured(examples, runs, _milliseconds(examples), fingerprint([FILE]), corpus)


def _milliseconds(examples: Sequence[Example]) -> float:
    shipped()  # reading the file is no part of it
    spent: list[float] = []
    for each in examples:
        begun = time.perf_counter()
        assess(each.vignette, each.text)
        spent.append(time.perf_counter() - begun)
    return median(spent) * 1000


if __name__ == "__main__":
    main()
