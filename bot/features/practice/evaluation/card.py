"""Writes what was measured: for the terminal, and as the model card `docs/coach-card.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.features.practice.acts import Act, Observation
from bot.features.practice.corpus import OWN, Example
from bot.features.practice.evaluation import figures
from bot.features.practice.evaluation.folds import SHIPPED, Judged

MOST_MISTAKES: Final = 20
HOW: Final = """\
Cross-validation only: no reply was seen in training, nor its vignette, nor (where it says so) its topic. The shipped
path, guard and rules included. *Unsure* counts as not a reflection. In brackets: 95 % intervals, from 1,000 resamples
of whole vignettes."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was said of one source's replies, by way of folding and by variant."""

    title: str
    source: str
    said: Mapping[str, Sequence[Judged]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A whole evaluation. `milliseconds`: median of one assessment."""

    examples: Sequence[Example]
    runs: Sequence[Run]
    milliseconds: float
    weights: str
    corpus: str


def tables(measured: Measured, *, with_pair_texts: bool) -> str:
    """Return all tables as Markdown."""
    parts = [_data(measured), _goal(measured.runs)]
    parts += [_variants(run) for run in measured.runs]
    parts += [_acts(run) for run in measured.runs if SHIPPED.name in run.said]
    parts += [_calibration(run) for run in measured.runs]
    texts = [run for run in measured.runs if with_pair_texts or run.source == OWN]
    parts += [_mistakes(run) for run in texts]
    parts.append(
        f"One assessment takes {measured.milliseconds:.2f} ms: the median of all replies, where this was measured."
    )
    return "\n\n".join(parts)


def _data(measured: Measured) -> str:
    rows: list[Sequence[object]] = []
    for source in sorted({each.source for each in measured.examples}, reverse=True):
        own = [each for each in measured.examples if each.source == source]
        topics, groups = len({each.topic for each in own}), len({each.vignette for each in own})
        rows.append((source, topics, groups, len(own), sum(each.is_reflection for each in own)))
    head = ("source", "topics", "vignettes", "replies", "reflections")
    acts = Counter(each.act for each in measured.examples if each.source == OWN)
    spread = ", ".join(f"{act.value} {count}" for act, count in acts.most_common() if act)
    return f"### Data\n\n{_table(head, rows)}\n\nOur own by act: {spread}."


def _goal(runs: Sequence[Run]) -> str:
    rows: list[Sequence[object]] = []
    for run in runs:
        said = run.said[SHIPPED.name]
        sure, right = figures.right_when_sure(said)
        judging = figures.praised(said, lambda each: each.example.act is Act.JUDGEMENT)
        praised = f"{judging.praised} of {judging.of}" if judging.of else "none labelled"
        known, f1 = figures.known_as_reflections(said), figures.reflection_or_not(said)
        rows.append((run.title, f1, f"{sure.value:.0%}", right, praised, f"{known:.1%}"))
    head = ("", "reflection or not, macro-F1", "sure", "right when sure", "judging ones praised", "reflections known")
    return f"### In short\n\n{HOW}\n\n{_table(head, rows)}"


def _variants(run: Run) -> str:
    rows: list[Sequence[object]] = []
    for name, said in run.said.items():
        judging = figures.praised(said, lambda each: each.example.act is Act.JUDGEMENT)
        other = figures.praised(said, lambda each: not each.example.is_reflection)
        true = figures.praised(said, lambda each: each.example.is_reflection)
        _, right = figures.right_when_sure(said)
        told = sum(Observation.JUDGED in each.said.observations for each in said if each.example.act is Act.JUDGEMENT)
        guarded = f"{told / judging.of:.0%}" if judging.of else ""
        praise = f"{judging.praised} of {judging.of}" if judging.of else ""
        rows.append(
            (
                name,
                figures.reflection_or_not(said),
                f"{right.value:.3f}",
                praise,
                guarded,
                f"{other.praised} of {other.of}",
                f"{true.praised / max(1, true.of):.0%}",
            )
        )
    head = (
        "",
        "macro-F1",
        "right when sure",
        "judging praised",
        "judging given a way back",
        "other than reflections praised",
        "reflections praised",
    )
    return f"### What each part is good for: {run.title}\n\n{_table(head, rows)}"


def _acts(run: Run) -> str:
    said = run.said[SHIPPED.name]
    rows: list[Sequence[object]] = []
    for act in figures.ACTS:
        count, precision, recall, f1 = figures.of_act(said, act)
        if count:
            rows.append((act.value, count, precision, recall, f1))
    unsure = sum(each.said.act is Act.UNSURE for each in said)
    note = "" if run.source == OWN else " PAIR labels only these three; its other replies are left out here."
    return (
        f"### By act: {run.title}\n\n{_table(('act', 'replies', 'precision', 'recall', 'F1'), rows)}\n\n"
        f"Unsure of {unsure} of {len(said)}.{note}"
    )


def _calibration(run: Run) -> str:
    rows = [
        (label, count, f"{sure:.3f}", f"{right:.3f}")
        for label, count, sure, right in figures.calibration(run.said[SHIPPED.name])
    ]
    head = ("confidence", "replies", "mean", "right about reflection or not")
    return f"### Confidence: {run.title}\n\n{_table(head, rows)}"


def _mistakes(run: Run) -> str:
    rows = [
        (
            each.example.act.value if each.example.act else "no reflection",
            each.said.act.value,
            f"{each.said.confidence:.2f}",
            _cell(each.example.text),
        )
        for each in figures.worst(run.said[SHIPPED.name], MOST_MISTAKES)
    ]
    return f"### The worst mistakes: {run.title}\n\n{_table(('it is', 'said to be', 'confidence', 'reply'), rows)}"


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "/").replace("<", "&lt;")


def card(measured: Measured) -> str:
    """Return the model card."""
    return CARD.format(
        tables=tables(measured, with_pair_texts=False),
        weights=measured.weights,
        corpus=measured.corpus,
        praised=" and ".join(_praised(run) for run in measured.runs if run.source == OWN),
    )


def _praised(run: Run) -> str:
    found = figures.praised(run.said[SHIPPED.name], lambda each: each.example.act is Act.JUDGEMENT)
    where = run.title.partition(", ")[2]
    return f"{found.praised} of {found.of} judging ones ({where}; at most {found.at_most:.2%} with 95 % confidence)"


CARD: Final = """\
# Model card: the coach

Written by `make coach-eval PAIR=… CARD=docs/coach-card.md`. What the coach is for and how it answers is told in
[The coach](coach.md). Do not edit this page by hand.

- **What it is:** three small logistic regressions over word patterns, cues and overlap with the vignette; rules before
  and a guard after them. It runs offline in the bot, in pure Python. Nothing that a member wrote is kept.
- **What it is for:** practice. A member answers a vignette, or looks at a draft of their own, and reads privately what
  was noticed.
- **What it must not be used for:** grading or ranking anybody; deciding who may lead, stay or speak; reading messages
  that nobody asked it to read; finding crisis or risk; any language but English; any claim about therapy or skill.
- **Weights:** `bot/features/practice/coach.json`, SHA-256 `{weights}`.
- **Learned from:** our own corpus, `content/practice/coach-corpus/`, SHA-256 `{corpus}` (MIT, as the project), and PAIR
  (Min et al., EMNLP 2022; MichiganNLP/dynaopt, `topic_clean_umich.csv`, commit 9eba215, five topics left out;
  Apache-2.0). PAIR is not part of the project; only weights learned from it are.

## Where it fails

- It sees words, not meaning. A reflection that shares no words with the vignette and says neither "you" nor a feeling
  ("gravy instead of a scream") is often missed. Irony is not seen.
- A judgement in the form of a reflection, with the other person's own words, can pass as a reflection. It is then
  described as one. Praised were, in our tests, {praised}. **That is what we saw, not a promise. Expect some.**
- Advice, comfort and questions with half a reflection before them are at times taken for reflections, and the reverse.
- Advice, comfort and small talk are told from judging least well; see the tables by act. Plain judging often gets no
  way back, and a harsh reflection at times gets one.
- On PAIR, a model of PAIR alone does better: people talk otherwise there, and ours has to serve chats as well.
- All texts of our corpus were written for it, none by members, and both readers of its labels worked from the same
  written guide. How it does on real members is not known. PAIR's replies are by counsellors and crowd workers.
- English alone. Chat of young people, dialects and code-switching are thin in the data.

{tables}
"""
