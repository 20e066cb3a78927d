"""What languages and countries are called."""

from __future__ import annotations

from bot.core.text import countries, language_name


def test_countries_have_names_in_every_language() -> None:
    """The same two letters are called differently by different readers."""
    assert countries("en")["DE"] == "Germany"
    assert countries("de")["DE"] == "Deutschland"
    assert countries("es-MX")["DE"] == "Alemania"


def test_only_countries_are_countries() -> None:
    """Continents, unions and codes for tests are left out; every code is two capital letters."""
    assert not {"EU", "UN", "EZ", "XA", "XB", "ZZ", "001", "419"} & set(countries("en"))
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in countries("en"))
    assert {"US", "CA", "GB", "IE", "AU", "ES", "DE", "AT", "NO", "NP", "XK"} <= set(countries("en"))


def test_languages_are_called_by_the_reader_s_words() -> None:
    """A language has a name in another one; one that nobody knows is called by its tag."""
    assert language_name("de", "en") == "German"
    assert language_name("de", "es") == "alemán"
    assert language_name("es-MX", "en") == "Mexican Spanish"
    assert language_name("xx", "en") == "xx"
