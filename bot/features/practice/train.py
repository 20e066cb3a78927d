"""Trains the coach: `python -m bot.features.practice.train --pair PATH`. Needs the development tools.

The same inputs give the same file. PAIR is no part of this project: counsellors' reflections for motivational
interviewing (Min et al., EMNLP 2022), published under Apache-2.0 in MichiganNLP/dynaopt as `topic_clean_umich.csv`.
Only what was learned from it, the weights, is kept.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bot.features.practice.acts import Act
from bot.features.practice.corpus import FOLDER, OWN, Example, fingerprint, read_own, read_pair
from bot.features.practice.model import FILE, LARGEST, UNIT, Head, Model, packed_model
from bot.features.practice.reading import Pair, features

Features = Mapping[str, float]

RAREST: Final = 3
"""A pattern must stand in so many replies to be learned."""
LOOSENESS: Final = 6.0
"""Inverse strength of the L2 penalty, `C` of scikit-learn."""
PAIR_WEIGHT: Final = 1.3
"""What a reply of PAIR counts beside one of ours, so that the smaller corpus is not drowned."""
DRESSED_WEIGHT: Final = 0.5
DRESSES: Final = (
    "{other}", "{text} tbh", "{text} lol", "hey. {text}", "{other}", "thanks for sharing. {text}", "{text} x",
    "sounds really hard. {text}", "{other}", "hi love, {text}", "{text} haha", "i hear you. {text}", "honestly, {text}",
)  # fmt: skip
KEPT: Final = {"reflection": (20_000, 8_400), "judging": (4_000, 700), "act": (1_500, 260)}
"""How many features survive each round of fitting; the last number is what the file holds of a head."""
NON_REFLECTIONS: Final = tuple(act for act in Act if act not in {Act.REFLECTION, Act.UNSURE})


@dataclass(frozen=True, slots=True)
class Lesson:
    """A reply as it is learned: what stands in it, and what it counts."""

    example: Example
    found: Features
    weight: float


def lessons(examples: Sequence[Example], *, cues: bool = True) -> list[Lesson]:
    """Return examples with their features; without cues only patterns of words are left."""
    return [
        Lesson(example, _found(example, cues=cues), 1.0 if example.source == OWN else PAIR_WEIGHT)
        for example in examples
    ]


def dressed(examples: Sequence[Example], *, cues: bool = True) -> list[Lesson]:
    """Return each of our own once more in another dress: a filler, a greeting, capitals and stops as in a letter.

    None of these changes what a reply does, so the label stays. Otherwise the coach would learn who tends to write
    "tbh", or to end with a full stop.
    """
    return [
        Lesson(example, _found(replace(example, text=_dress(example.text, place)), cues=cues), DRESSED_WEIGHT)
        for place, example in enumerate(example for example in examples if example.source == OWN)
    ]


def _found(example: Example, *, cues: bool) -> Features:
    found = features(Pair.of(example.vignette, example.text))
    return found if cues else {name: value for name, value in found.items() if name.lstrip("@")[0] != "c"}


def _dress(text: str, place: int) -> str:
    other = f"{text[:1].upper()}{text[1:].rstrip('.')}." if text[:1].islower() else text.casefold().rstrip(".")
    dress = DRESSES[place % len(DRESSES)]
    return dress.format(text=text, other=other)


@lru_cache(maxsize=1)
def _tools() -> tuple[Any, Any, Any]:
    """Return numpy, scipy's sparse matrices and scikit-learn's linear models. The bot itself needs none of them."""
    numpy, sparse, linear = (import_module(name) for name in ("numpy", "scipy.sparse", "sklearn.linear_model"))
    return numpy, sparse, linear


@dataclass(frozen=True, slots=True)
class Table:
    """Lessons as a sparse matrix: a row for each, a column for each feature that is not too rare."""

    lessons: Sequence[Lesson]
    names: Any
    matrix: Any
    weights: Any

    @classmethod
    def of(cls, known: Sequence[Lesson]) -> Table:
        """Fill in the table, its columns in the order of their names, so that the same lessons make the same."""
        numpy, sparse, _ = _tools()
        counts = Counter(name for lesson in known for name in lesson.found)
        names = sorted(name for name, count in counts.items() if count >= RAREST)
        columns = {name: column for column, name in enumerate(names)}
        rows = [
            sorted((columns[name], value) for name, value in each.found.items() if name in columns) for each in known
        ]
        ends = numpy.cumsum([0, *map(len, rows)], dtype="int32")
        places = numpy.array([column for row in rows for column, _ in row], dtype="int32")
        values = numpy.array([value for row in rows for _, value in row])
        matrix = sparse.csr_matrix((values, places, ends), shape=(len(rows), len(names)))
        return cls(known, numpy.array(names, dtype=object), matrix, numpy.array([each.weight for each in known]))


def fit(known: Sequence[Lesson]) -> Model:
    """Learn the three heads from labelled replies."""
    table = Table.of(known)
    acts = [lesson.example.act for lesson in known]
    with_act = [act is not None for act in acts]
    others = [act not in {None, Act.REFLECTION} for act in acts]
    return Model(
        _head(table, [True] * len(acts), [act is Act.REFLECTION for act in acts], KEPT["reflection"]),
        _head(table, with_act, [act is Act.JUDGEMENT for act in acts], KEPT["judging"]),
        {each.value: _head(table, others, [act is each for act in acts], KEPT["act"]) for each in NON_REFLECTIONS},
    )


def _head(table: Table, asked: Sequence[bool], answers: Sequence[bool], kept: Sequence[int]) -> Head:
    """Fit a logistic regression, keep the features that matter most, and fit again on those, round by round."""
    numpy, _, _ = _tools()
    rows = numpy.flatnonzero(asked)
    wanted, weights = numpy.array(answers)[rows], table.weights[rows]
    if len(set(wanted.tolist())) == 1:
        return Head(4.0 if wanted[0] else -4.0, {})
    matrix, names = table.matrix[rows], table.names
    for most in kept:
        machine = _fitted(matrix, wanted, weights, closely=False)
        worth = numpy.abs(machine.coef_[0]) * matrix.getnnz(axis=0) ** 0.25
        best = numpy.sort(numpy.argsort(-worth, kind="stable")[:most])
        matrix, names = matrix[:, best], names[best]
    machine = _fitted(matrix, wanted, weights, closely=True)
    found = zip(names.tolist(), machine.coef_[0].tolist(), strict=True)
    return Head(float(machine.intercept_[0]), {name: weight for name, weight in found if round(weight * UNIT)})


def _fitted(matrix: Any, answers: Any, weights: Any, *, closely: bool) -> Any:
    _, _, linear = _tools()
    tolerance = 1e-3 if closely else 1e-2
    machine: Any = linear.LogisticRegression(
        C=LOOSENESS, solver="liblinear", max_iter=2000, tol=tolerance, random_state=0
    )
    return machine.fit(matrix, answers, sample_weight=weights)


def as_file(model: Model, examples: Sequence[Example], hashes: Mapping[str, str]) -> str:
    """Return the text of the file: what it was made from, and the weights."""
    counts = Counter(example.source for example in examples)
    made = {
        "about": "Weights of the coach, in hundredths. Made by bot.features.practice.train; see docs/coach.md.",
        "sources": {
            "own": {
                "what": "Written for Hearthside, in content/practice/coach-corpus/. License: MIT, as the project.",
                "replies": counts[OWN],
                "sha256": hashes.get("own", ""),
            },
            "PAIR": {
                "what": "Min et al., EMNLP 2022; MichiganNLP/dynaopt, topic_clean_umich.csv, commit 9eba215, without "
                "five topics. License: Apache-2.0. Not part of this project.",
                "replies": counts["PAIR"],
                "sha256": hashes.get("PAIR", ""),
            },
        },
        **packed_model(model),
    }
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    """Write the file of weights."""
    reader = argparse.ArgumentParser(description="Trains the coach from our own corpus and PAIR.")
    reader.add_argument("--pair", type=Path, required=True, help="PAIR's table, topic_clean_umich.csv in dynaopt")
    reader.add_argument("--out", type=Path, default=FILE, help="where the weights go")
    given = reader.parse_args()
    if not given.pair.is_file():
        reader.error(f"--pair: there is no file {given.pair}")
    examples = [*read_own(), *read_pair(given.pair)]
    hashes = {"own": fingerprint(sorted(FOLDER.glob("*.yaml"))), "PAIR": fingerprint([given.pair])}
    text = as_file(fit([*lessons(examples), *dressed(examples)]), examples, hashes)
    if len(text.encode()) > LARGEST:
        message = f"{len(text.encode()):,} bytes: {LARGEST:,} are the most; keep fewer features"
        raise SystemExit(message)
    given.out.write_text(text, encoding="utf-8")
    print(f"{given.out}: {len(text.encode()):,} bytes, {len(examples):,} replies")  # noqa: T201  it is a program


if __name__ == "__main__":
    main()
