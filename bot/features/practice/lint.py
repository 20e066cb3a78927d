"""What makes an exercise hard to use, though a computer could read it. Says so; stops nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from bot.core.content import Remark, without_quotations
from bot.core.text import DEFAULT_LOCALE
from bot.features.practice.acts import Act, Observation
from bot.features.practice.coach import assess
from bot.features.practice.exercises import Exercise, ExerciseForm

PARTS: Final = ("vignette", "task", "look_for", "example", "why")
OURS: Final = ("title", "task", "look_for", "example", "why")
"""Parts in which we speak. In a vignette somebody else does, and may shout."""
IN_LINES: Final = {ExerciseForm.PAUSE, ExerciseForm.LEARN}
"""Forms whose task is read line by line."""

LONGEST_DRAWN: Final = 4_000
"""Characters of one message on Discord, and of its text on Slack, after escaping."""
AROUND: Final = 600
"""Characters kept free for what the bot says around an exercise: the line above, the footer, the buttons."""
LONGEST_SENTENCE: Final = 28
"""Words. Plain English guides ask for 15 to 20 on average; a tired person loses the thread of a longer one."""
HARDEST: Final = 40.0
HARDEST_PART: Final = 50.0
"""LIX of an exercise as a whole, and of one part. See `reading_ease`."""
FEWEST_WORDS: Final = 10
"""A part with fewer is too short for its LIX to say anything."""
LONG_WORD: Final = 6
SHINGLE: Final = 3
MOST_ALIKE: Final = 0.3
"""Of the shorter text's runs of three words, the part that another may share.

Two texts written apart share a turn of phrase ("in one sentence"): among those shipped a sixth at most. One that was
copied and had its names and details changed keeps more than half. The bound stands between.
"""
_ALIKE: Final = ("task", "example")
MOST_HELD: Final = 50
"""Exercises that are looked up by one run of words: what more have in common is a turn of phrase, no copy."""
NO_REFLECTION: Final = {Act.JUDGEMENT, Act.ADVICE, Act.QUESTION}

_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_END: Final = re.compile(r"[.!?\u2026]+(?=[\s\"'\u2019\u201d)]|$)|\n")


def remarks(exercises: Sequence[Exercise], locale: str) -> Iterator[Remark]:
    """Yield what could be better, and where it stands below `exercises`."""
    english = locale.partition("-")[0] == DEFAULT_LOCALE
    for place, exercise in enumerate(exercises):
        for name, what in (*_form(exercise), *_length(exercise), *_ease(exercise), *_tone(exercise)):
            yield ("exercises", place, name), what
        for what in _example(exercise) if english else ():
            yield ("exercises", place, "example"), what
    yield from _titled_alike(exercises)
    yield from _alike(exercises)


def reading_ease(text: str) -> float:
    """Return the LIX of a text: words per sentence, and the percentage of words with more than six letters.

    C. H. Bjornsson, Lasbarhet (Stockholm: Liber, 1968). It counts letters, not syllables, so that it serves other
    languages too. His scale: below 30 very easy, as in books for children; to 40 easy; to 50 average, as in newspapers;
    above 50 difficult; above 60 bureaucratic.
    """
    words = _WORD.findall(text)
    sentences = max(1, len(_sentences(text)))
    long = sum(len(word) > LONG_WORD for word in words)
    return len(words) / sentences + 100 * long / len(words) if words else 0.0


def _sentences(text: str) -> list[int]:
    """Return the number of words of each sentence. The end of a line ends a sentence too."""
    return [count for part in _END.split(text) if (count := len(_WORD.findall(part)))]


def _form(exercise: Exercise) -> Iterator[tuple[str, str]]:
    reflect = exercise.form is ExerciseForm.REFLECT
    if exercise.vignette and not reflect:
        yield "vignette", f"only a reflect exercise has one, and this is {exercise.form}: take it out"
    if exercise.asks != "reflection" and not reflect:
        yield "asks", f"only a reflect exercise asks for words, and this is {exercise.form}: take it out"
    for name in PARTS:
        if "\n" in getattr(exercise, name) and (name != "task" or exercise.form not in IN_LINES):
            yield name, "has several lines: write it as one paragraph (>-); only a pause and a card keep lines"


def _length(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield whether one of the two messages is too long: the exercise, and what is shown afterwards."""
    for first, names in (("task", ("title", "vignette", "task")), ("look_for", ("look_for", "example", "why"))):
        length = sum(_drawn(getattr(exercise, name)) for name in names)
        if length > LONGEST_DRAWN - AROUND:
            what = f"takes {length} characters together with what is shown beside it, odd signs escaped"
            yield first, f"{what}: {LONGEST_DRAWN - AROUND} fit a message"


def _drawn(text: str) -> int:
    """Return how long a text may get: Slack writes & as &amp; and < as &lt;, Discord a backslash before each mark."""
    on_slack = len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
    return max(on_slack, len(text) + len(re.findall(r"[^\w\s]", text)))


def _ease(exercise: Exercise) -> Iterator[tuple[str, str]]:
    hardest = reading_ease("\n".join(getattr(exercise, name) for name in PARTS))
    if hardest > HARDEST:
        yield "task", f"the exercise is hard to read (LIX {hardest:.0f}, {HARDEST:.0f} at most): use shorter words"
    for name in PARTS:
        text = getattr(exercise, name)
        if (longest := max(_sentences(text), default=0)) > LONGEST_SENTENCE:
            yield name, f"has a sentence of {longest} words: make two of it, {LONGEST_SENTENCE} at most"
        lix = reading_ease(text) if len(_WORD.findall(text)) >= FEWEST_WORDS else 0.0
        if lix > HARDEST_PART:
            yield name, f"is hard to read (LIX {lix:.0f}, {HARDEST_PART:.0f} at most): use shorter words"


def _tone(exercise: Exercise) -> Iterator[tuple[str, str]]:
    for name in OURS:
        if "!" in without_quotations(getattr(exercise, name)):
            yield name, "shouts: end the sentence with a full stop"


def _example(exercise: Exercise) -> Iterator[str]:
    """Yield whether the coach, which reads English, would not take the example for what it is to show."""
    if exercise.form is not ExerciseForm.REFLECT or exercise.asks != "reflection":
        return
    found = assess(exercise.vignette, exercise.example)
    act = Act.JUDGEMENT if Observation.JUDGED in found.observations else found.act
    if act in NO_REFLECTION:
        yield f"the coach reads this example as {act}: say back what was heard, or tell under asks what the task wants"


# ---------------------------------------------------------------- one like another


def _titled_alike(exercises: Sequence[Exercise]) -> Iterator[Remark]:
    first: dict[tuple[str, str], str] = {}
    for place, each in enumerate(exercises):
        known = first.setdefault((each.skill, each.title.casefold()), each.id)
        if known != each.id:
            yield ("exercises", place, "title"), f"is that of {known} too, of the same skill: choose another"


def _alike(exercises: Sequence[Exercise]) -> Iterator[Remark]:
    """Yield exercises that are almost an earlier one, each with the one that it is most like."""
    tasks = _nearest([f"{each.vignette}\n{each.task}" for each in exercises])
    examples = _nearest([each.example for each in exercises])
    for place, both in enumerate(zip(tasks, examples, strict=True)):
        shared, name, first = max((shared, name, first) for name, (shared, first) in zip(_ALIKE, both, strict=True))
        if shared > MOST_ALIKE:
            what = f"is almost that of {exercises[first].id}: write another, or take one out"
            yield ("exercises", place, name), what


def _nearest(texts: Sequence[str]) -> Iterator[tuple[float, int]]:
    """Yield for each text how much it shares with the earlier one that it is most like, and the place of that."""
    holders: dict[tuple[str, ...], list[int]] = {}
    sizes: list[int] = []
    for place, text in enumerate(texts):
        runs = _shingles(text)
        sizes.append(len(runs))
        held = Counter(each for run in runs for each in holders.get(run, ()))
        yield max(((count / min(sizes[each], len(runs)), each) for each, count in held.items()), default=(0.0, 0))
        for run in runs:
            if len(known := holders.setdefault(run, [])) < MOST_HELD:
                known.append(place)


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(text)]
    size = min(SHINGLE, len(words))
    return frozenset(tuple(words[at : at + size]) for at in range(len(words) - size + 1)) if words else frozenset()
