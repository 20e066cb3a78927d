"""Reads a reply beside the words it answers, into features that a linear model can weigh. Pure.

Words that carry no topic are kept. Of the others only their class is read, and whether the other person had used them:
so what is learned where people speak of money holds where they speak of grief. "Your V" is "your drawer" here and
"your mother" there. `V` are their words, `F` feelings, `E` feelings they had named, `N` numbers, `X` anything else;
the further classes are those of `cues`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final

from bot.features.practice import cues

LONGEST: Final = 4000
"""Characters that are read, of a reply as of a vignette."""
SPREAD: Final = 3.0
"""How much all patterns of a text weigh together, beside the cues."""
_WORD: Final = re.compile(r"[^\W_]+|[?!,;\n]|\.+")
_ADDRESS: Final = re.compile(r"https?://\S+|<[@#!:][^<>\s]{1,80}>|(?<!\w)@\w+")
"""Links, and whom or what a message calls: no words of anybody's."""
_APOSTROPHE: Final = re.compile(r"(?<=\w)['\u2018\u2019\u02bc`\u00b4](?=\w)")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_ENDINGS: Final = ("ings", "ing", "edly", "ed", "ies", "es", "ly", "s", "e", "y")
_SHAPES: Final = ("ing", "ed", "ly")
_SHORTEST_STEM: Final = 3

Words = tuple[str, ...]


def read(text: str) -> tuple[Words, ...]:
    """Return a text as sentences of words: lower case, no apostrophes, chat spellings written out.

    A sentence keeps its "?" or "!" as its last word, and its commas. Signs that cannot be seen are left out.
    """
    plain = _ADDRESS.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST]).casefold())
    if not plain.isascii():
        plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    plain = _STRETCHED.sub(r"\1\1", _APOSTROPHE.sub("", plain))
    sentences: list[Words] = []
    now: list[str] = []
    for found in _WORD.findall(plain):
        if found[0] in "?!.;\n":
            if now:
                sentences.append((*now, found) if found in "?!" else tuple(now))
            now = []
        else:
            now.extend(cues.CHAT.get(found, (found,)))
    return (*sentences, tuple(now)) if now else tuple(sentences)


def words_of(sentences: Sequence[Words]) -> list[str]:
    """Return the words of sentences without their signs."""
    return [word for sentence in sentences for word in sentence if word[0].isalnum()]


def stem(word: str) -> str:
    """Return what words of one family share, roughly: "drinking", "drinks" and "drank" are one."""
    word = cues.FAMILY.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


@dataclass(frozen=True, slots=True)
class Pair:
    """A reply beside the words it answers. `theirs` are the stems of what the other person speaks of."""

    vignette: tuple[Words, ...]
    reply: tuple[Words, ...]
    theirs: frozenset[str]
    formal: bool
    """Whether the reply is written as in a letter: a capital first, a full stop last."""

    @classmethod
    def of(cls, vignette: str, reply: str) -> Pair:
        """Read both texts."""
        first = read(vignette)
        theirs = frozenset(stem(word) for word in words_of(first) if word not in cues.PLAIN)
        bare = reply.strip()
        return cls(first, read(reply), theirs, bare[:1].isupper() and bare[-1:] in ".?!")

    def shared(self) -> tuple[int, int]:
        """Return how many words of the reply's topic are theirs, and how many are not, each counted once."""
        topical = {stem(word) for word in words_of(self.reply) if word not in cues.PLAIN}
        return len(topical & self.theirs), len(topical - self.theirs)

    def parts(self) -> list[Pair]:
        """Return each sentence of the reply as a reply of its own; none where there is but one."""
        if len(self.reply) == 1:
            return []
        return [Pair(self.vignette, (sentence,), self.theirs, self.formal) for sentence in self.reply]

    def turned(self) -> Pair:
        """Return both texts with the same word for "I" and "you", "my" and "your", "am" and "are"."""
        vignette, reply = (
            tuple(tuple(cues.TURNED.get(word, word) for word in sentence) for sentence in text)
            for text in (self.vignette, self.reply)
        )
        return Pair(vignette, reply, self.theirs, self.formal)

    def classed(self) -> list[list[str]]:
        """Return the reply's sentences with every word that carries a topic as its class."""
        return [["<", *(self._class(word) for word in sentence), ">"] for sentence in self.reply]

    def _class(self, word: str) -> str:
        if word in cues.PLAIN or not word[0].isalnum():
            return word
        shared = stem(word) in self.theirs
        if word in cues.FEELINGS:
            return "E" if shared else "F"
        if shared:
            return "V"
        if word.isdecimal():
            return "N"
        for name, members in cues.CLASSES.items():
            if word in members:
                return name
        return next((f"X{shape}" for shape in _SHAPES if word.endswith(shape)), "X")


def features(pair: Pair) -> dict[str, float]:
    """Return what a model weighs: patterns of words, all of them together of the same weight, and cues from 0 to 1."""
    patterns = set(_patterns(pair))
    each = SPREAD / sqrt(len(patterns) or 1)
    found = dict.fromkeys(patterns, each)
    found.update(_cues(pair))
    if pair.formal:
        found.update({f"@{name}": value for name, value in found.items() if name[0] in "cod"})
    return found


# ---------------------------------------------------------------- patterns


def _patterns(pair: Pair) -> Iterator[str]:
    """Yield classes in a row (`d`), at the opening (`o`), the end (`z`) and after a turn (`t`), and words (`w`)."""
    classed = pair.classed()
    for sentence in classed:
        for length in (1, 2, 3, 4):
            yield from _rows("d", sentence, length)
    flat = [word for sentence in classed for word in sentence[1:-1]]
    if flat:
        for length in (1, 2, 3):
            yield f"o {' '.join(flat[:length])}"
        yield f"z {flat[-1]}"
        yield f"z {' '.join(flat[-2:])}"
        yield from _turns(flat)
    yield from _spoken(pair)


def _rows(kind: str, words: Sequence[str], length: int) -> Iterator[str]:
    for start in range(len(words) - length + 1):
        yield f"{kind} {' '.join(words[start : start + length])}"


def _turns(flat: Sequence[str]) -> Iterator[str]:
    for turn in cues.TURNS:
        if turn in flat[1:]:
            after = len(flat) - flat[::-1].index(turn)
            for length in (1, 2, 3):
                yield f"t {turn} {' '.join(flat[after : after + length])}"


def _spoken(pair: Pair) -> Iterator[str]:
    for sentence in pair.reply:
        stems = ["<", *(word if word in cues.PLAIN or not word[0].isalnum() else stem(word) for word in sentence), ">"]
        for word in stems:
            if word not in cues.PLAIN:
                yield f"w {word}"
        yield from _rows("w", stems, 2)
        yield from _rows("w", stems, 3)


# ---------------------------------------------------------------- cues


def _cues(pair: Pair) -> dict[str, float]:
    words, reply = words_of(pair.reply), pair.reply
    count = max(1, len(words))
    topical = [stem(word) for word in words if word not in cues.PLAIN]
    shared = sum(each in pair.theirs for each in topical)
    feelings = [word for word in words if word in cues.FEELINGS]
    flat = [word for sentence in pair.classed() for word in sentence[1:-1]]
    asking = [sentence[-1] == "?" for sentence in reply]
    run = longest_run(pair)
    found = {
        "over": shared / max(1, len(topical)),
        "shared": min(shared, 6) / 6,
        "cover": shared / max(1, len(pair.theirs)) * 2,
        "none": not shared,
        "length": min(count, 60) / 60,
        "one": len(reply) == 1,
        "two": len(reply) == 2,  # noqa: PLR2004  sentences
        "three": len(reply) > 2,  # noqa: PLR2004  sentences
        "asks": sum(asking) / max(1, len(asking)),
        "only-asks": bool(asking) and all(asking),
        "calls": any(sentence[-1] == "!" for sentence in reply),
        "you": sum(word in cues.YOU for word in words) / count * 3,
        "no-you": cues.YOU.isdisjoint(words),
        "me": sum(word in cues.ME for word in words) / count * 3,
        "any-me": not cues.ME.isdisjoint(words),
        "they": sum(word in cues.THEY for word in words) / count * 3,
        "nobody": (cues.YOU | cues.ME | cues.THEY).isdisjoint(words),
        "feelings": min(3, len(feelings)) / 3,
        "new-feeling": any(stem(word) not in pair.theirs for word in feelings),
        "bids": any(sentence[0] in cues.BIDDING for sentence in reply),
        "bids-first": bool(reply) and reply[0][0] in cues.BIDDING,
        "judging": min(3, flat.count("J")) / 3,
        "means": min(2, flat.count("T")) / 2,
        "comfort": min(2, flat.count("R")) / 2,
        "my-kin": any(first == "my" and then in cues.KIN for first, then in _neighbours(reply)),
        "run": min(run, 8) / 8,
        "copy": run >= 8,  # noqa: PLR2004  words
        "your-for-my": _turned(pair, {"my", "our"}, "your"),
        "you-for-i": _turned(pair, {"i", "we"}, "you"),
        "new": sum(word[0] == "X" for word in flat) / max(1, len(flat)),
    }
    found |= {f"over-{length}": count > length for length in (2, 4, 8, 15, 25, 40)}
    return {f"c {name}": float(value) for name, value in found.items() if value}


def _neighbours(sentences: Sequence[Words]) -> Iterator[tuple[str, str]]:
    for sentence in sentences:
        yield from pairwise(sentence)


def _turned(pair: Pair, theirs: set[str], ours: str) -> bool:
    """Return whether the reply says "your drawer" where the other person said "my drawer"."""
    said = {stem(then) for first, then in _neighbours(pair.vignette) if first in theirs}
    return any(first == ours and stem(then) in said for first, then in _neighbours(pair.reply))


def longest_run(pair: Pair) -> int:
    """Return how many words in a row were taken from the vignette as they stood there."""
    there, words = f" {' '.join(words_of(pair.vignette))} ", words_of(pair.reply)
    best = 0
    for start in range(len(words)):
        while start + best < len(words) and f" {' '.join(words[start : start + best + 1])} " in there:
            best += 1
    return best
