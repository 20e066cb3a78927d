"""Figures of what was said of replies, with 95 % intervals from resampling whole vignettes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean
from typing import Final

from bot.features.practice.acts import Act
from bot.features.practice.evaluation.folds import Judged

DRAWS: Final = 1000
BINS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
ACTS: Final = tuple(act for act in Act if act is not Act.UNSURE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A share from 0 to 1, and the interval in which 95 % of resampled ones lie."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Praise:
    """How many of some replies were praised. `at_most` is the upper end of a one-sided 95 % interval."""

    praised: int
    of: int

    @property
    def at_most(self) -> float:
        """Return the exact bound for none of `of` (1 - 0.05 ** (1 / of)); where some were praised, Wilson's."""
        if not self.of:
            return 1.0
        if not self.praised:
            return 1 - 0.05 ** (1 / self.of)
        share, z = self.praised / self.of, 1.645
        centre = share + z * z / (2 * self.of)
        spread = z * (share * (1 - share) / self.of + z * z / (4 * self.of * self.of)) ** 0.5
        return (centre + spread) / (1 + z * z / self.of)


Counts = Counter[str]
"""Of one vignette: replies by what they are and what was said, as "act>said"."""


def macro_f1(counts: Mapping[str, int]) -> float:
    """Return the mean of both F1: of reflections, and of all else. What the coach is unsure of counts as all else."""
    hit = counts["yes>yes"]
    miss, false, right = counts["yes>no"], counts["no>yes"], counts["no>no"]
    first = 2 * hit / (2 * hit + miss + false) if hit else 0.0
    then = 2 * right / (2 * right + miss + false) if right else 0.0
    return (first + then) / 2


def reflection_or_not(all_judged: Sequence[Judged]) -> Figure:
    """Return macro-F1 of reflection or not."""

    def name(each: Judged) -> str:
        return f"{_yes(each.example.is_reflection)}>{_yes(each.said.act is Act.REFLECTION)}"

    return _resampled(all_judged, name, macro_f1)


def right_when_sure(all_judged: Sequence[Judged]) -> tuple[Figure, Figure]:
    """Return how often the coach is sure, and how often it is right about reflection or not when it is."""

    def name(each: Judged) -> str:
        if each.said.act is Act.UNSURE:
            return "unsure"
        return "right" if each.example.is_reflection == (each.said.act is Act.REFLECTION) else "wrong"

    def sure(counts: Mapping[str, int]) -> float:
        return (counts["right"] + counts["wrong"]) / max(1, sum(counts.values()))

    def right(counts: Mapping[str, int]) -> float:
        return counts["right"] / max(1, counts["right"] + counts["wrong"])

    return _resampled(all_judged, name, sure), _resampled(all_judged, name, right)


def of_act(all_judged: Sequence[Judged], act: Act) -> tuple[int, Figure, Figure, Figure]:
    """Return how many replies are labelled an act, and precision, recall and F1 of saying so."""
    known = [each for each in all_judged if each.example.act is not None]

    def name(each: Judged) -> str:
        return f"{_yes(each.example.act is act)}>{_yes(each.said.act is act)}"

    def precision(counts: Mapping[str, int]) -> float:
        return counts["yes>yes"] / max(1, counts["yes>yes"] + counts["no>yes"])

    def recall(counts: Mapping[str, int]) -> float:
        return counts["yes>yes"] / max(1, counts["yes>yes"] + counts["yes>no"])

    def f1(counts: Mapping[str, int]) -> float:
        hit = counts["yes>yes"]
        return 2 * hit / max(1, 2 * hit + counts["yes>no"] + counts["no>yes"])

    count = sum(each.example.act is act for each in known)
    return count, _resampled(known, name, precision), _resampled(known, name, recall), _resampled(known, name, f1)


def praised(all_judged: Sequence[Judged], wanted: Callable[[Judged], bool]) -> Praise:
    """Return how many of the wanted replies were praised."""
    chosen = [each for each in all_judged if wanted(each)]
    return Praise(sum(each.said.praise for each in chosen), len(chosen))


def known_as_reflections(all_judged: Sequence[Judged]) -> float:
    """Return the share of true reflections that were praised or described as one."""
    true = [each for each in all_judged if each.example.is_reflection]
    return sum(each.said.praise or each.said.act is Act.REFLECTION for each in true) / max(1, len(true))


def calibration(all_judged: Sequence[Judged]) -> list[tuple[str, int, float, float]]:
    """Return, by confidence where the coach was sure: how many replies, its mean, and how often it was right."""
    sure = [each for each in all_judged if each.said.act is not Act.UNSURE]
    rows: list[tuple[str, int, float, float]] = []
    for low, high in pairwise(BINS):
        found = [
            each for each in sure if low <= each.said.confidence < high or each.said.confidence == high == BINS[-1]
        ]
        if found:
            right = mean(each.example.is_reflection == (each.said.act is Act.REFLECTION) for each in found)
            rows.append((f"{low:.2f} to {high:.2f}", len(found), mean(each.said.confidence for each in found), right))
    return rows


def worst(all_judged: Sequence[Judged], most: int) -> list[Judged]:
    """Return the mistakes about reflection or not of which the coach was surest."""
    wrong = [
        each
        for each in all_judged
        if each.said.act is not Act.UNSURE and each.example.is_reflection != (each.said.act is Act.REFLECTION)
    ]
    return sorted(wrong, key=lambda each: (-each.said.confidence, each.example.text))[:most]


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _resampled(
    all_judged: Sequence[Judged], name: Callable[[Judged], str], figure: Callable[[Mapping[str, int]], float]
) -> Figure:
    groups: dict[str, Counts] = {}
    for each in all_judged:
        groups.setdefault(each.example.group, Counter())[name(each)] += 1
    whole: Counts = Counter()
    for group in groups.values():
        whole.update(group)
    counts, chance = list(groups.values()), random.Random(7)  # noqa: S311  the same intervals every time
    drawn: list[float] = []
    for _ in range(DRAWS):
        total: Counts = Counter()
        for group, times in Counter(chance.choices(range(len(counts)), k=len(counts))).items():
            for key, count in counts[group].items():
                total[key] += count * times
        drawn.append(figure(total))
    drawn.sort()
    return Figure(figure(whole), drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS) - 1])
