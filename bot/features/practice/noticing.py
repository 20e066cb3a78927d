"""What can be seen in a reply: rules over its words, beside what the models think of the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.features.practice import cues
from bot.features.practice.acts import Act, Observation
from bot.features.practice.reading import Pair, stem, words_of

PERHAPS: Final = 0.25
"""From this chance of a reflection on, what reflections do is worth saying."""
LIKELY: Final = 0.6
TOO_LONG: Final = 60
"""Words. A reflection is shorter than what it answers."""
FEW: Final = 2
ROOM: Final = 10
"""Words of a short reply: one of them that is theirs counts."""
MUCH: Final = 6
"""Words of a topic, none of them theirs, from which a reply may go beyond what was said."""

_BIDS: Final = re.compile(
    r"^(?:(?:maybe|perhaps|honestly|tbh|look|ok|so|and|but|then|also|or) )*"
    r"(?:you (?:should|could|need to|have to|must(?! (?:be|feel|have|miss|think|wonder|want)\b)|ought|might want|"
    r"had better|can always)|why do not you|why not|"
    r"have you (?:tried|thought|considered|spoken|talked|asked)|try|if i were you|i would|i suggest|i recommend|"
    r"make sure|do not (?:forget|let)|go and|talk to|speak to|ask (?:for|him|her|them|your)|"
    r"get (?:help|some|a|yourself))\b"
)
_OWN: Final = re.compile(
    r"\b(?:same here|me too|been there|when i was|i (?:was|had|went|did|lost|used to|also|know exactly|too)|"
    r"happened to me|in my case|for me it)\b"
)
_LEAVE: Final = re.compile(
    r"^(?:would it help|would you like|do you want|can i|may i|is it ok|shall i|should i|want me to)\b"
)
_SIDES: Final = re.compile(
    r"\bpart of you\b.*\bpart\b|\bone hand\b|\bat the same time\b|\band yet\b|\band still\b|\beven though\b|"
    r"\balthough\b|\bboth\b|\btorn\b|\band also\b|\bhalf of you\b|\byou .* and (?:you|part) "
)
_GUESS: Final = re.compile(
    r"\b(?:maybe|perhaps|sounds?|seems?|i wonder|i guess|i hear|i get the feeling|might|as if|almost like|"
    r"it is like)\b"
)
_MEANS: Final = re.compile(
    r"\b(?:you (?:want|wish|miss|hope|need|long|would like|would rather|just want)|matters?|means?|underneath|"
    r"under (?:it|that|all)|beneath|deep down|what (?:hurts|weighs|gets|scares you)|more than|it is (?:not|less) the|"
    r"the (?:worst|hard|hardest) (?:part|thing|bit))\b"
)
_BELITTLES: Final = re.compile(
    r"\b(?:at least|not (?:that|so) (?:bad|deep|big|hard)|big deal|get over|move on|grow up|man up|toughen up|"
    r"calm down|cheer up|chill|snap out|suck it up|get a grip|pull yourself|"
    r"stop (?:being|whining|moaning|complaining|feeling|it|worrying|making|playing|acting)|"
    r"other people|others have|people have it|some people|(?:everyone|everybody) (?:has|gets|feels|goes|does)|"
    r"first world|could be worse|count your|be grateful|be thankful|your own (?:fault|choice)|you chose|your choice|"
    r"you only have|what did you expect|you knew|over ?(?:thinking|reacting)|too sensitive|drama|dramatic|pity|"
    r"excuses|(?:no|an) excuse|whin(?:e|ing)|moan(?:ing)?|selfish|lazy|weak|pathetic|ridiculous|childish|"
    r"ungrateful|to be fair|"
    r"let us be honest|let us face it|not the end|all in your head|making it (?:bigger|worse)|should have known|"
    r"just a|kill yourself|kys|go die)\b"
)
NEW: Final = frozenset({"J", "T", "R", "I", "N", "X", "Xing", "Xed", "Xly"})
"""Classes of words that are neither theirs nor a feeling nor kin."""
_PRESUMES: Final = re.compile(
    r"\b(?:hurts?|hurting|betrayed|cheated|abandoned|ignored|rejected|crushed|broken|attacked|judged|blamed|lost|"
    r"smothered|disrespected|disappointed|humiliated|trapped|defeated|need|have to|must|should|could|might|"
    r"ought|would|better|wiser|you say|because|since|enough|like|others?|"
    r"yourself|want (?:her|him|them|us|me) to|not (?:love|care|want|try|really|even)|never|always|only|even|"
    r"still|left|"
    r"made|jealous|ashamed|guilty|bitter|proud|stubborn|conscience|control(?:ling)?|admit|really|clearly|of course|"
    r"nothing|again|now|told|tell|know(?:s|n)?|knew|i|me|my|we|braver?|strong(?:er)?|happy|glad|lucky|stupid|"
    r"worthless|"
    r"useless|hate|sick|how do you|what do you|do you)\b"
)
_SO: Final = re.compile(r"^(?:so|well|right|ok|wow|oh|and|but|yes|yeah)\b")


@dataclass(frozen=True, slots=True)
class Chances:
    """What the models think of a reply, each from 0 to 1. `acts` are those that are no reflection, together 1."""

    reflection: float
    judging: float
    acts: Mapping[Act, float]


def belittles(pair: Pair) -> bool:
    """Return whether a turn of phrase that belittles stands in a reply, and did not stand in the vignette."""
    there = _flat(pair.vignette)
    return any(found not in there for found in _BELITTLES.findall(_flat(pair.reply)))


def presumes(pair: Pair) -> bool:
    """Return whether a reply may say more than was told: a motive, a cause, a duty, a verdict, or it offhand.

    What is left gives back their own words and feelings, and nothing else: the only replies of which a program that
    sees no meaning can be fairly sure.
    """
    text = _flat(pair.reply)
    if _SO.match(text) or _PRESUMES.search(text) or not all(cues.YOU & set(sentence) for sentence in pair.reply):
        return True
    return any(each in NEW for sentence in pair.classed() for each in sentence)


def bids(pair: Pair) -> bool:
    """Return whether a sentence of a reply tells somebody what to do."""
    return any(_BIDS.match(sentence) for sentence in _bare(pair))


def notice(pair: Pair, chances: Chances, act: Act, *, judges: bool) -> tuple[Observation, ...]:
    """Return what is seen in a reply, in the order of `Observation`."""
    seen = {*_of_reflections(pair, chances), *_of_others(pair, chances, act), *_of_size(pair)}
    if judges or act is Act.JUDGEMENT:
        seen.add(Observation.JUDGED)
    return tuple(each for each in Observation if each in seen)


def _of_reflections(pair: Pair, chances: Chances) -> Iterator[Observation]:
    if chances.reflection < PERHAPS:
        return
    words, text = words_of(pair.reply), _flat(pair.reply)
    shared, new = pair.shared()
    if any(word in cues.FEELINGS for word in words):
        yield Observation.NAMED_FEELING
    if shared > 1 or (shared and len(words) <= ROOM):
        yield Observation.THEIR_WORDS
    if _MEANS.search(text) or any(word in cues.FEELINGS and stem(word) not in pair.theirs for word in words):
        yield Observation.MEANING
    guessed = bool(_GUESS.search(text))
    if new > MUCH and not shared and not guessed:
        yield Observation.ADDED
    if _SIDES.search(text):
        yield Observation.TWO_SIDED
    if guessed:
        yield Observation.TENTATIVE


def _of_others(pair: Pair, chances: Chances, act: Act) -> Iterator[Observation]:
    bare = _bare(pair)
    if act is Act.QUESTION or any(sentence[-1] == "?" for sentence in pair.reply):
        yield Observation.ASKED
    if bare and _LEAVE.match(bare[0]):
        yield Observation.ASKED_FIRST
    likely = {each for each, chance in chances.acts.items() if chance >= LIKELY and chances.reflection < PERHAPS}
    if act is Act.ADVICE or Act.ADVICE in likely or bids(pair):
        yield Observation.ADVICE
    if act is Act.OWN_STORY or Act.OWN_STORY in likely or _OWN.search(" ".join(bare)):
        yield Observation.OWN_STORY
    if act is Act.REASSURANCE or Act.REASSURANCE in likely:
        yield Observation.REASSURED
    shared, _ = pair.shared()
    if act in {Act.REASSURANCE, Act.OTHER} and len(words_of(pair.reply)) > FEW and not shared:
        yield Observation.ANYONE


def _of_size(pair: Pair) -> Iterator[Observation]:
    count = len(words_of(pair.reply))
    if count > TOO_LONG:
        yield Observation.LONG
    if count <= FEW:
        yield Observation.SHORT


def _bare(pair: Pair) -> list[str]:
    return [" ".join(word for word in sentence if word not in {",", "?", "!"}) for sentence in pair.reply]


def _flat(sentences: tuple[tuple[str, ...], ...]) -> str:
    return " ".join(words_of(sentences))
