"""Numbers by country, and the words that bring a private offer of support."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

from bot.core.content import Content
from bot.core.text import clean

_ENDS: Final = ".!?;…"


class Line(BaseModel):
    """One way to talk, as a sentence: "Call or text 988, any time"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    how: Annotated[str, StringConstraints(min_length=1, max_length=120)]


class CountryLines(BaseModel):
    """The numbers of a country. `number` is the one to talk to now; `checked` is when the source was last read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    emergency: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,4}( or [0-9]{2,4})?$")]
    number: str = ""
    talk: tuple[Line, ...] = ()
    source: str
    checked: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Offers(BaseModel):
    """Phrases, as regular expressions over plain lower-case text, that bring an offer; `never` takes it back.

    `oneself` and `another` are words by which a reply shows of whom a phrase in it speaks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    despair: tuple[str, ...]
    overdose: tuple[str, ...]
    never: tuple[str, ...] = ()
    oneself: tuple[str, ...] = ()
    another: tuple[str, ...] = ()


class SupportContent(Content):
    """Words, numbers by country (two letters), and phrases."""

    countries: Mapping[str, CountryLines]
    offers: Offers


class Offer(Enum):
    """What kind of support a text brings."""

    DESPAIR = "despair"
    OVERDOSE = "overdose"


def offer_for(text: str, offers: Offers) -> Offer | None:
    """Return which support to offer for a text, if any. A list of phrases misses much, and is no detector."""
    said = _flat(text, offers)
    if _phrases(offers.overdose).search(said):
        return Offer.OVERDOSE
    if _phrases(offers.despair).search(said):
        return Offer.DESPAIR
    return None


def offer_of_oneself(reply: str, offers: Offers) -> bool:
    """Return whether a reply that brings an offer speaks of its writer: "me too, I want to die".

    "You want to die" only says again what was heard. The word for a person in the phrase itself decides, else the last
    one before it in the same sentence, else the first one after it; where there is none, it is about the writer.
    """
    said = _flat(reply, offers)
    found = [*_phrases(offers.overdose).finditer(said), *_phrases(offers.despair).finditer(said)]
    return any(_is_of_oneself(said, phrase, offers) for phrase in found)


def _is_of_oneself(said: str, phrase: re.Match[str], offers: Offers) -> bool:
    if not offers.another:
        return True
    start = max(said.rfind(end, 0, phrase.start()) for end in _ENDS) + 1
    end = min((at for mark in _ENDS if (at := said.find(mark, phrase.end())) >= 0), default=len(said))
    people = _phrases((*offers.oneself, *offers.another))
    within = people.findall(phrase.group())
    before, after = people.findall(said[start : phrase.start()]), people.findall(said[phrase.end() : end])
    named = [*within[:1], *before[-1:], *after[:1]]
    return not named or _phrases(offers.oneself).fullmatch(named[0]) is not None


def _flat(text: str, offers: Offers) -> str:
    said = " ".join(clean(text).split()).casefold().replace("’", "'")  # noqa: RUF001  the apostrophe that phones type
    return _phrases(offers.never).sub(" ", said) if offers.never else said


@lru_cache(maxsize=32)
def _phrases(found: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in found))
