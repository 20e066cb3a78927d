"""Numbers by country, and the words that bring a private offer of support."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from bot.core.content import Content
from bot.core.text import clean


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
    """Phrases, as regular expressions over plain lower-case text, that bring an offer; `never` takes it back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    despair: tuple[str, ...]
    overdose: tuple[str, ...]
    never: tuple[str, ...] = ()


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
    said = " ".join(clean(text).split()).casefold().replace("’", "'")  # noqa: RUF001  the apostrophe that phones type
    said = _phrases(offers.never).sub(" ", said) if offers.never else said
    if _phrases(offers.overdose).search(said):
        return Offer.OVERDOSE
    if _phrases(offers.despair).search(said):
        return Offer.DESPAIR
    return None


@lru_cache(maxsize=32)
def _phrases(found: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in found))
