"""Folds by unseen vignette and by unseen topic, and what the shipped path says of replies it did not learn from."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

from bot.features.practice.acts import Act, Assessment
from bot.features.practice.coach import assess_with
from bot.features.practice.corpus import OWN, Example
from bot.features.practice.evaluation.rules import by_rules
from bot.features.practice.model import Model, model_of, packed_model
from bot.features.practice.train import dressed, fit, lessons

COUNT: Final = 6
PROCESSES: Final = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """What is measured: the shipped path, or the same with a part taken out."""

    name: str
    guard: bool = True
    cues: bool = True
    own: bool = True


SHIPPED: Final = Variant("as shipped")
NO_GUARD: Final = Variant("without the guard", guard=False)
NO_CUES: Final = Variant("without the cues", cues=False)
NO_OWN: Final = Variant("without our own corpus", own=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply, and what was said of it by a model that had not seen its vignette, or its topic."""

    example: Example
    said: Assessment


Fold = frozenset[int]


def by_vignette(examples: Sequence[Example], source: str) -> list[Fold]:
    """Return folds of a source in which no vignette, and nothing nearly the same, stands on both sides."""
    return _folds(examples, source, lambda example: example.group)


def by_topic(examples: Sequence[Example], source: str) -> list[Fold]:
    """Return folds of a source in which no topic stands on both sides. PAIR has five topics: a fold for each."""
    return _folds(examples, source, lambda example: example.topic)


def _folds(examples: Sequence[Example], source: str, key: Callable[[Example], str]) -> list[Fold]:
    keys = sorted({key(example) for example in examples if example.source == source})
    random.Random(1).shuffle(keys)  # noqa: S311  the same folds every time
    folds = {name: place % COUNT for place, name in enumerate(keys)}
    return [
        frozenset(
            number
            for number, example in enumerate(examples)
            if example.source == source and folds[key(example)] == fold
        )
        for fold in range(min(COUNT, len(keys)))
    ]


def judged(
    examples: Sequence[Example], folds: Sequence[Fold], variants: Sequence[Variant], processes: int = PROCESSES
) -> dict[str, list[Judged]]:
    """Return, for each variant, what is said of every reply of the folds by a model trained on all the others.

    With no `processes` beside this one, it is done here.
    """
    found: dict[str, list[Judged]] = {variant.name: [] for variant in variants}
    work = [(examples, fold, variants) for fold in folds]
    with ProcessPoolExecutor(processes) if processes else nullcontext() as pool:
        for said in (pool.map if pool else map)(_judge, *zip(*work, strict=True)):
            for name, part in said.items():
                found[name].extend(part)
    return found


def _judge(examples: Sequence[Example], fold: Fold, variants: Sequence[Variant]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    models: dict[tuple[bool, bool], Model] = {}
    for variant in variants:
        how = (variant.cues, variant.own)
        if how not in models:
            models[how] = _trained(examples, fold, variant)
        model = models[how]
        found[variant.name] = [
            Judged(each, assess_with(model, each.vignette, each.text, guard=variant.guard, with_cues=variant.cues))
            for each in _held_out(examples, fold)
        ]
    return found


def _trained(examples: Sequence[Example], fold: Fold, variant: Variant) -> Model:
    outside = {examples[number].group for number in fold}
    known = [
        example
        for number, example in enumerate(examples)
        if number not in fold and example.group not in outside and (variant.own or example.source != OWN)
    ]
    learned = [*lessons(known, cues=variant.cues), *dressed(known, cues=variant.cues)]
    return model_of(packed_model(fit(learned)))


def _held_out(examples: Sequence[Example], fold: Fold) -> Iterator[Example]:
    return (examples[number] for number in sorted(fold))


def by_rule(examples: Sequence[Example], source: str) -> list[Judged]:
    """Return what a handful of rules would say."""
    return [Judged(each, Assessment(by_rules(each.text), 1.0)) for each in examples if each.source == source]


def by_majority(examples: Sequence[Example], source: str) -> list[Judged]:
    """Return the line to beat: nothing is ever a reflection."""
    return [Judged(each, Assessment(Act.OTHER, 1.0)) for each in examples if each.source == source]
