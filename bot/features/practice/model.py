"""The coach's weights: three small linear models over the same features, kept in `coach.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("coach.json")
LARGEST: Final = 150 * 1024
"""Bytes of the file."""
UNIT: Final = 100
"""Weights stand in the file as whole hundredths."""


@dataclass(frozen=True, slots=True)
class Head:
    """One linear model: a bias, and a weight for each feature it knows."""

    bias: float
    weights: Mapping[str, float]

    def chance(self, found: Mapping[str, float]) -> float:
        """Return how likely its answer is yes, 0 to 1."""
        weights = self.weights
        total = self.bias + sum(value * weights[name] for name, value in found.items() if name in weights)
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))

    def reasons(self, found: Mapping[str, float], most: int) -> Sequence[tuple[str, float]]:
        """Return the features that weighed most, with what each added."""
        parts = [(name, value * self.weights[name]) for name, value in found.items() if name in self.weights]
        return sorted(parts, key=lambda part: (-abs(part[1]), part[0]))[:most]


@dataclass(frozen=True, slots=True)
class Model:
    """`reflection`: is it one; `judging`: does it judge or minimise; `acts`: what is it, if it is no reflection."""

    reflection: Head
    judging: Head
    acts: Mapping[str, Head]


def packed(head: Head) -> dict[str, Any]:
    """Return a head as it stands in the file: by kind of feature, in hundredths."""
    kinds: dict[str, dict[str, int]] = {}
    for name, weight in sorted(head.weights.items()):
        kind, _, rest = name.partition(" ")
        if number := round(weight * UNIT):
            kinds.setdefault(kind, {})[rest] = number
    return {"bias": round(head.bias * UNIT), "weights": kinds}


def packed_model(model: Model) -> dict[str, Any]:
    """Return a model as it stands in the file."""
    acts = {act: packed(head) for act, head in sorted(model.acts.items())}
    return {"reflection": packed(model.reflection), "judging": packed(model.judging), "acts": acts}


def unpacked(kept: Mapping[str, Any]) -> Head:
    """Return a head from how it stands in the file."""
    weights = {
        f"{kind} {rest}": number / UNIT for kind, known in kept["weights"].items() for rest, number in known.items()
    }
    return Head(kept["bias"] / UNIT, weights)


def model_of(kept: Mapping[str, Any]) -> Model:
    """Return the model that a file holds."""
    acts = {act: unpacked(head) for act, head in kept["acts"].items()}
    return Model(unpacked(kept["reflection"]), unpacked(kept["judging"]), acts)


@lru_cache(maxsize=1)
def shipped() -> Model:
    """Return the model that comes with the program."""
    return model_of(json.loads(FILE.read_text(encoding="utf-8")))
