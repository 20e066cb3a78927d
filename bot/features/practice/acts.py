"""What the coach can say of a reply: its act, what was seen in it, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What a reply does above all. `UNSURE` is no act: the coach cannot tell."""

    REFLECTION = "reflection"
    QUESTION = "question"
    ADVICE = "advice"
    OWN_STORY = "own_story"
    JUDGEMENT = "judgement"
    REASSURANCE = "reassurance"
    OTHER = "other"
    UNSURE = "unsure"


class Observation(StrEnum):
    """Something that can be seen in a reply. Stable: each has words in `content/practice/`."""

    NAMED_FEELING = "named_feeling"
    THEIR_WORDS = "their_words"
    MEANING = "meaning"
    ADDED = "added"
    TWO_SIDED = "two_sided"
    TENTATIVE = "tentative"
    ASKED = "asked"
    ASKED_FIRST = "asked_first"
    ADVICE = "advice"
    OWN_STORY = "own_story"
    JUDGED = "judged"
    REASSURED = "reassured"
    ANYONE = "anyone"
    LONG = "long"
    COPIED = "copied"
    SHORT = "short"
    NO_WORDS = "no_words"
    EMPTY = "empty"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was noticed. `confidence` (0 to 1) is how likely it is right about reflection or not."""

    act: Act
    confidence: float
    observations: tuple[Observation, ...] = ()
    praise: bool = False
