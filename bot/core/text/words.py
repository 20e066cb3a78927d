"""Every sentence that people meet, by locale, from `content/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Final, TypeAlias

from babel import Locale, UnknownLocaleError

from bot.core.text.markup import Markup, babel_locale, plain

DEFAULT_LOCALE: Final = "en"

Sentence: TypeAlias = str | Mapping[str, str]
"""A sentence with `{placeholders}`, or one per plural category ("one", "other", …) chosen by `count`."""


PLURALS: Final = ("zero", "one", "two", "few", "many", "other")


def flaw_of(sentence: Sentence) -> str:
    """Return why a sentence could not be filled in, or "" when it could."""
    wordings = {"other": sentence} if isinstance(sentence, str) else sentence
    if not wordings.keys() <= set(PLURALS):
        return f"plurals are {', '.join(PLURALS[:-1])} and {PLURALS[-1]}"
    if "other" not in wordings:
        return '"other" is missing: every plural needs it'
    if not all(_is_fillable(wording) for wording in wordings.values()):
        return "its braces do not fit: name a value in them, such as {count}"
    return ""


def _is_fillable(sentence: str) -> bool:
    try:
        parts = list(Formatter().parse(sentence))
    except ValueError:
        return False
    return all(name is None or (name.isidentifier() and not shape and not change) for _, name, shape, change in parts)


class Words:
    """Finds sentences by key ("breaks.reminder") and fills them in.

    A locale falls back to its language, then to English. `sentences` maps locale to key to sentence.
    """

    def __init__(self, sentences: Mapping[str, Mapping[str, Sentence]]) -> None:
        self._sentences = sentences

    @property
    def locales(self) -> tuple[str, ...]:
        """Return the locales there are words for."""
        return tuple(self._sentences)

    def best(self, *wanted: str) -> str:
        """Return the first wanted locale that there are words for, or English."""
        for locale in wanted:
            for known in (locale.replace("_", "-"), locale.replace("_", "-").partition("-")[0]):
                if known and known in self._sentences:
                    return known
        return DEFAULT_LOCALE

    def fallbacks(self, locale: str) -> Iterator[str]:
        """Yield where to look for the words of a locale: the best one, its language, English."""
        best = self.best(locale)
        yield best
        yield self.best(best.partition("-")[0])
        yield DEFAULT_LOCALE

    def keys(self, locale: str = DEFAULT_LOCALE) -> frozenset[str]:
        """Return every key of a locale."""
        return frozenset(self._sentences[locale])

    def say(self, key: str, locale: str, /, **values: str | int) -> Markup:
        """Return a sentence as markup. Values that are not `Markup` are shown as they are, whatever they hold."""
        filled = {name: value if isinstance(value, Markup) else plain(str(value)) for name, value in values.items()}
        return Markup(self._find(key, locale, values.get("count")).format(**filled))

    def label(self, key: str, locale: str, /, **values: str | int) -> str:
        """Return literal text, for titles, buttons and forms, where nothing is read as markup."""
        filled = {name: str(value) for name, value in values.items()}
        return self._find(key, locale, values.get("count")).format(**filled)

    def knows(self, key: str) -> bool:
        """Return whether English has words for a key."""
        return key in self._sentences[DEFAULT_LOCALE]

    def _find(self, key: str, locale: str, count: str | int | None) -> str:
        spoken = next((each for each in self.fallbacks(locale) if key in self._sentences[each]), DEFAULT_LOCALE)
        found = self._sentences[spoken][key]
        if isinstance(found, str):
            return found
        return found.get(_plural(spoken, int(count or 0))) or found["other"]


def _plural(locale: str, count: int) -> str:
    try:
        return Locale.parse(babel_locale(locale)).plural_form(count)
    except UnknownLocaleError:
        return "other"
