"""What is said about a reply: what was noticed, in tentative words, and one thing to try. Never a grade."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeAlias

import structlog

from bot.core.faults import where
from bot.core.text import Markup, Words
from bot.features.practice.acts import Act, Assessment, Observation
from bot.features.practice.exercises import Piece

log = structlog.get_logger(__name__)

Assess: TypeAlias = Callable[[str, str], Assessment]
"""Says what a reply to somebody's words does: the words first, then the reply."""

MOST_NOTICED: Final = 3
"""Sentences about what was noticed: more would not be read."""
A_COPY: Final = 0.9
"""So many of the words of two texts are the same when one is a copy of the other."""
FEWEST_WORDS: Final = 4
"""Shorter texts may be the same by chance."""

NOTHING_TO_READ: Final = (Observation.EMPTY, Observation.NO_WORDS, Observation.LANGUAGE, Observation.COPIED)
"""Of such a reply nothing else can be said."""
COVERED: Final[Mapping[Act, Collection[Observation]]] = {
    Act.QUESTION: (Observation.ASKED, Observation.ASKED_FIRST),
    Act.ADVICE: (Observation.ADVICE,),
    Act.OWN_STORY: (Observation.OWN_STORY,),
    Act.REASSURANCE: (Observation.REASSURED,),
}
"""What need not be said again once the act was named."""
TRIALS: Final[Mapping[Observation, str]] = {
    Observation.EMPTY: "empty",
    Observation.NO_WORDS: "no_words",
    Observation.COPIED: "copied",
    Observation.ADVICE: "advice",
    Observation.OWN_STORY: "own_story",
    Observation.ASKED: "question",
    Observation.ADDED: "added",
    Observation.ANYONE: "anyone",
    Observation.LONG: "long",
    Observation.SHORT: "short",
}
"""What to try after an observation, the most useful first: the names of the sentences `practice.try_...`."""
NAMED: Final = frozenset({Act.QUESTION, Act.ADVICE, Act.OWN_STORY, Act.REASSURANCE, Act.OTHER})
"""Acts that a task for a reflection did not ask for."""


class Feedback:
    """Asks the coach and puts its answer into words."""

    def __init__(self, words: Words, assess: Assess) -> None:
        self._words = words
        self._assess = assess

    def on_exercise(self, piece: Piece, reply: str, locale: str) -> Sequence[Markup]:
        """Say what was there in a reply to an exercise, and then one thing to try, or else what to look for.

        The coach looks at a copy of the example too: something that hurts may have been added to it.
        """
        found = self._ask(piece.vignette, reply)
        if is_judged(found) and words_of(reply) != words_of(piece.example):
            return [self._noticed(["practice.reads_judgement"], locale), self._trial(Act.JUDGEMENT, locale)]
        if is_copy(reply, piece.example):
            return [self._noticed(["practice.noticed_example"], locale), self._trial("copied", locale)]
        reflects = piece.asks == "reflection"
        lead = lead_of(found) if reflects else ""
        seen = [f"practice.noticed_{each}" for each in noticed_in(found, named=bool(lead))]
        keys = [*([lead] if lead else []), *seen][:MOST_NOTICED] or ["practice.noticed_nothing"]
        name = trial_of(found, reflects=reflects)
        if not name and piece.look_for:
            said = self._words.say("practice.look_for", locale, look_for=piece.look_for)
        else:
            said = self._trial(name or (found.act if reflects else Act.UNSURE), locale)
        return [self._noticed(keys, locale), said]

    def on_draft(self, said: str, draft: str, locale: str) -> tuple[Markup, bool]:
        """Say what is there in a draft for a real message: no act, no praise, and no advice but a way back.

        Returns also whether a way back was all: such a draft is not one to invite anybody to send.
        """
        found = self._ask(said, draft)
        if is_judged(found):
            judged = self._noticed(["practice.noticed_judged"], locale)
            return Markup(f"{judged}\n\n{self._back(locale)}"), True
        seen = [f"practice.noticed_{each}" for each in noticed_in(found, named=False)][:MOST_NOTICED]
        return self._noticed(seen or ["practice.noticed_nothing"], locale), False

    def after_offer(self, locale: str) -> Markup:
        """Say that nothing more is asked of whoever went on past an offer of support. No opinion of their words."""
        return self._words.say("practice.left_here", locale)

    # ------------------------------------------------------------

    def _ask(self, said: str, reply: str) -> Assessment:
        """Ask the coach. An accident of its own must not cost anybody the answer, and says nothing but where it was."""
        try:
            return self._assess(said, reply)
        except Exception as error:  # noqa: BLE001  whatever it is, the example and what to look for are still there
            log.error("coach out of order", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back would print members' text
            return Assessment(Act.UNSURE, 0.0)

    def _noticed(self, keys: Sequence[str], locale: str) -> Markup:
        sentences = Markup(" ".join(self._words.say(key, locale) for key in keys))
        return self._words.say("practice.noticed", locale, noticed=sentences)

    def _trial(self, name: str, locale: str) -> Markup:
        return self._words.say("practice.try", locale, trial=self._words.say(f"practice.try_{name}", locale))

    def _back(self, locale: str) -> Markup:
        return self._words.say("practice.way_back", locale)


def is_judged(found: Assessment) -> bool:
    """Return whether a reply judges or minimises: then a way back is all that is said."""
    return found.act is Act.JUDGEMENT or Observation.JUDGED in found.observations


def lead_of(found: Assessment) -> str:
    """Return the key of the sentence about the whole of a reply; none where there is nothing to read."""
    if set(NOTHING_TO_READ) & set(found.observations):
        return ""
    return "practice.praise" if found.praise else f"practice.reads_{found.act}"


def noticed_in(found: Assessment, *, named: bool) -> Sequence[Observation]:
    """Return what is worth saying, what was done well first. `named`: the act was said already."""
    if alone := [each for each in NOTHING_TO_READ if each in found.observations]:
        return alone[:1]
    covered = COVERED.get(found.act, ()) if named else ()
    return [each for each in Observation if each in found.observations and each not in covered]


def trial_of(found: Assessment, *, reflects: bool) -> str:
    """Return the name of the one thing to try; "" where what to look for says it better.

    Where the task asked for something else than a reflection, only that there was nothing to read is told.
    """
    if Observation.LANGUAGE in found.observations:
        return ""
    if alone := [each for each in NOTHING_TO_READ if each in found.observations]:
        return TRIALS[alone[0]]
    if not reflects or found.praise or found.act is Act.UNSURE:
        return ""
    if found.act in NAMED:
        return found.act
    return next((name for each, name in TRIALS.items() if each in found.observations), "")


def is_copy(reply: str, example: str) -> bool:
    """Return whether a reply is the example, whatever became of its capitals and signs, and in whatever order."""
    said, shown = words_of(reply), words_of(example)
    if min(len(said), len(shown)) < FEWEST_WORDS:
        return False
    return 2 * (Counter(said) & Counter(shown)).total() >= A_COPY * (len(said) + len(shown))


def words_of(text: str) -> list[str]:
    """Return the words of a text, without capitals and signs."""
    return re.findall(r"\w+", text.casefold())
