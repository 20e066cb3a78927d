"""What languages and countries are called, from the CLDR by way of babel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from bot.core.text.markup import babel_locale

_SPOKEN: Final = (
    "en", "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl",
    "pt", "ro", "sk", "sl", "sv",
)  # fmt: skip
"""Languages in which a country is known by name: those of the countries that somebody is most likely to name."""
_OTHERWISE: Final = {
    **dict.fromkeys(("great britain", "britain", "england", "scotland", "wales", "northern ireland"), "GB"),
    "america": "US",
    "holland": "NL",
}
"""What people call a country, or the part of it that they live in."""


@lru_cache(maxsize=32)
def countries(locale: str) -> Mapping[str, str]:
    """Return the names of all countries in a language, by their two letters (ISO 3166-1 alpha-2)."""
    named = cast("Mapping[str, str]", Locale.parse(babel_locale(locale)).territories)
    odd = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    return {code: name for code, name in named.items() if len(code) == 2 and code.isalpha() and code not in odd}  # noqa: PLR2004  alpha-2


def read_country(typed: str) -> str:
    """Return the two letters of a country: from them, from others ("UK"), or from a name of it; "" for none."""
    known, code = countries("en"), typed.strip().upper()
    if code in known:
        return code
    others = cast("Mapping[str, list[str]]", get_global("territory_aliases")).get(code, [])
    if len(others) == 1 and others[0] in known:
        return others[0]
    return _names().get(typed.strip().casefold(), "")


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    named = {name.casefold(): code for spoken in reversed(_SPOKEN) for code, name in countries(spoken).items()}
    return named | _OTHERWISE


def language_name(language: str, locale: str) -> str:
    """Return what a language is called in another one."""
    named = cast("Mapping[str, str]", Locale.parse(babel_locale(locale)).languages)
    return named.get(language.replace("-", "_"), language)


def is_locale(tag: str) -> bool:
    """Return whether dates and plurals can be written for a tag such as "es" or "es-MX"."""
    try:
        Locale.parse(babel_locale(tag))
    except (UnknownLocaleError, ValueError):
        return False
    return True
