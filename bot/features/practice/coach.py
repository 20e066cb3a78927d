"""What a reply to somebody's words does, as far as a small program can tell. Pure: no network, no clock, no memory.

Rules decide where there is nothing to weigh: no words, another language, a copy. Otherwise small linear models say how
likely the reply is a reflection, how likely it judges or minimises, and what else it may be. The guard comes before
praise: what may judge is never praised. How well this works, and where not, is in docs/coach.md.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.features.practice import cues
from bot.features.practice.acts import Act, Assessment, Observation
from bot.features.practice.model import Model, shipped
from bot.features.practice.noticing import Chances, belittles, bids, notice, presumes
from bot.features.practice.reading import LONGEST, Pair, features, longest_run, words_of

EVEN: Final = 0.5
"""To which side an unsure reply leans."""
SURE: Final = 0.55
"""From this chance on a reply is called a reflection."""
UNSURE: Final = 0.04
"""From this chance up to `SURE` the coach does not say what a reply is."""
PLAINLY: Final = 0.9
"""A reply that also bids somebody do something is called a reflection only from this chance on."""
JUDGES: Final = 0.6
"""From this chance on a reply may judge or minimise, and is answered with a way back."""
SUSPECT: Final = 0.1
"""The same where a turn of phrase stands in it that mostly belittles."""
DOUBTFUL: Final = 0.3
"""From this chance of a reflection on, what seems to judge is not called a judgement."""
DOUBTED: Final = 0.2
"""Below this chance no reply is called a judgement, whatever else it is not."""
TOLD_OTHERWISE: Final = frozenset({Act.QUESTION, Act.REASSURANCE, Act.OTHER})
"""Acts in whose dress advice comes: "have you tried ...?"."""
PRAISED: Final = 0.92
"""A reflection is praised from this chance on, and then only if the guard lets it."""
HARMLESS: Final = 0.03
"""The guard lets pass what judges or minimises with a smaller chance than this."""
FEWEST_SHARED: Final = 2
"""Words of theirs in a reflection that is praised."""
FEWEST_PRAISED: Final = 4
"""Words: shorter replies are described, not praised."""
A_COPY: Final = 0.8
"""Share of a reply that stands in the vignette just so, from which it is a copy."""
FEWEST_COPIED: Final = 6
"""Words in a row that are no accident."""
FEWEST_TURNED: Final = 12
"""The same where only "I" became "you": a short one of these is a plain reflection."""
FEWEST_FOREIGN: Final = 3
"""Words from which a language can be told."""
ACCENTED: Final = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüœß")
"""Letters in which English and its neighbours may be written; mostly other ones make another language."""
CODE: Final = frozenset('{}[]<>=;_\\|"()')
"""Signs of which sentences have few."""
CODED: Final = 0.12
"""Share of them from which a reply is no sentence."""
ENOUGH_WORDS: Final = 6
"""Words from which that is telling."""
HARDLY_ENGLISH: Final = 0.17
"""Share of plain English words below which a longer text is no English, whatever it is."""
MOSTLY_FOREIGN: Final = 0.3
"""Share of words that are of other languages, from which a text is in one of them."""


def assess(vignette: str, reply: str) -> Assessment:
    """Say what a reply to somebody's words does. Both may be anything; of each, 4,000 characters are read."""
    return assess_with(shipped(), vignette, reply)


def assess_with(model: Model, vignette: str, reply: str, *, guard: bool = True, with_cues: bool = True) -> Assessment:
    """Assess with a model. Without the guard, or the cues, only to measure what they are good for."""
    pair = Pair.of(vignette, reply)
    if nothing := _nothing_to_weigh(pair, reply):
        return Assessment(Act.OTHER, 1.0, nothing)
    chances = weigh(model, pair, with_cues=with_cues)
    judges = guard and _judges(pair, chances)
    act = decide(pair, chances, judges=judges)
    observations = notice(pair, chances, act, judges=judges)
    reflects = act is Act.REFLECTION or (act is Act.UNSURE and chances.reflection >= EVEN)
    confidence = chances.reflection if reflects else 1 - chances.reflection
    praise = act is Act.REFLECTION and (
        _may_praise(model, pair, reply, chances, observations) if guard else _seems_good(chances)
    )
    return Assessment(act, round(confidence, 3), observations, praise)


def weigh(model: Model, pair: Pair, *, with_cues: bool = True) -> Chances:
    """Return what the models think of a reply."""
    found = features(pair)
    if not with_cues:
        found = {name: value for name, value in found.items() if name.lstrip("@")[0] != "c"}
    each = {Act(act): head.chance(found) for act, head in model.acts.items()}
    total = sum(each.values()) or 1.0
    acts = {act: chance / total for act, chance in each.items()}
    return Chances(model.reflection.chance(found), model.judging.chance(found), acts)


def _judges(pair: Pair, chances: Chances) -> bool:
    """Return whether the guard speaks: the model for it outweighs the other, or a turn of phrase belittles."""
    if belittles(pair):
        return chances.judging >= SUSPECT
    return chances.judging >= JUDGES and chances.judging > chances.reflection


def decide(pair: Pair, chances: Chances, *, judges: bool = False) -> Act:
    """Return the act that a reply most likely is, or `UNSURE`. `judges`: the guard has spoken."""
    if len(words_of(pair.reply)) == 1:
        return Act.JUDGEMENT if judges else Act.OTHER
    if judges:
        return Act.JUDGEMENT if chances.reflection < DOUBTFUL else Act.UNSURE
    if chances.reflection >= (PLAINLY if bids(pair) else SURE):
        return Act.REFLECTION
    if chances.reflection >= UNSURE:
        return Act.UNSURE
    found = max(_possible(chances), key=lambda act: chances.acts[act], default=Act.OTHER)
    return Act.ADVICE if found in TOLD_OTHERWISE and bids(pair) else found


def _possible(chances: Chances) -> list[Act]:
    """Return the acts that may be named: a judgement only where the guard's model thinks so too."""
    return [act for act in chances.acts if act is not Act.JUDGEMENT or chances.judging >= DOUBTED]


# ---------------------------------------------------------------- before anything is weighed


def _nothing_to_weigh(pair: Pair, reply: str) -> tuple[Observation, ...]:
    words = words_of(pair.reply)
    if not words:
        return (Observation.NO_WORDS,) if reply.strip() else (Observation.EMPTY,)
    if not any(word.isalpha() for word in words) or _is_code(reply[:LONGEST]):
        return (Observation.NO_WORDS,)
    if _is_foreign(words, shared=pair.shared()[0] > 0) or _is_foreign(words_of(pair.vignette), shared=True):
        return (Observation.LANGUAGE,)
    if _is_copy(pair, len(words)):
        return (Observation.COPIED,)
    return ()


def _is_copy(pair: Pair, count: int) -> bool:
    """Return whether nearly all of a reply stands in the vignette just so, or with "you" for "I" and no more."""
    return any(
        run >= fewest and run >= A_COPY * count
        for run, fewest in ((longest_run(pair), FEWEST_COPIED), (longest_run(pair.turned()), FEWEST_TURNED))
    )


def _is_code(reply: str) -> bool:
    return sum(mark in CODE for mark in reply) > CODED * len(reply)


def _is_foreign(words: list[str], *, shared: bool) -> bool:
    """Return whether a text is in another language. `shared`: it has words of an English one."""
    letters = "".join(words)
    if sum(mark.isascii() or mark in ACCENTED for mark in letters) < len(letters) / 2:
        return True
    english = sum(word in cues.PLAIN or word in cues.FEELINGS for word in words)
    foreign = sum(word in cues.FOREIGN or not word.isascii() for word in words)
    if len(words) < FEWEST_FOREIGN:
        return foreign > 0 and not english
    if foreign > english:
        return foreign >= MOSTLY_FOREIGN * len(words)
    return not shared and len(words) >= ENOUGH_WORDS and english < HARDLY_ENGLISH * len(words)


# ---------------------------------------------------------------- praise


def _seems_good(chances: Chances) -> bool:
    return chances.reflection >= PRAISED


def _may_praise(model: Model, pair: Pair, reply: str, chances: Chances, seen: tuple[Observation, ...]) -> bool:
    """Return whether a reflection may be praised.

    It must be of this vignette, for it shares words with it; nothing in it, no model, and no sentence of it weighed
    alone says that it could hurt.
    """
    doubts = {Observation.ADVICE, Observation.OWN_STORY, Observation.JUDGED, Observation.ANYONE, Observation.LONG}
    shared, _ = pair.shared()
    return (
        _seems_good(chances)
        and chances.judging < HARMLESS
        and len(words_of(pair.reply)) >= FEWEST_PRAISED
        and shared >= FEWEST_SHARED
        and doubts.isdisjoint(seen)
        and not any(unicodedata.category(mark) in {"So", "Sk", "Sm"} for mark in reply)
        and not belittles(pair)
        and not presumes(pair)
        and all(_is_harmless(model, part) for part in pair.parts())
    )


def _is_harmless(model: Model, part: Pair) -> bool:
    """Return whether a sentence alone is of this vignette, a reflection, and none that judges."""
    chances = weigh(model, part)
    return part.shared()[0] > 0 and chances.reflection >= SURE and chances.judging < SUSPECT
