"""What languages and countries are called."""

from __future__ import annotations

import pytest

from bot.core.text import countries, is_locale, language_name, read_country


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


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("DE", "DE"), (" de ", "DE"), ("Germany", "DE"), ("germany", "DE"), ("UK", "GB"), ("usa", "US"), ("GBR", "GB"),
        ("United Kingdom", "GB"), ("United States", "US"), ("EU", ""), ("SU", ""), ("Atlantis", ""), ("", ""),
        ("x" * 5000, ""), ("England", "GB"), ("scotland", "GB"), ("Wales", "GB"), ("Northern Ireland", "GB"),
        ("Great Britain", "GB"), ("Deutschland", "DE"), ("ESPAÑA", "ES"), ("Österreich", "AT"), ("Danmark", "DK"),
    ],
)  # fmt: skip
def test_a_country_is_read_as_people_write_it(typed: str, expected: str) -> None:
    """Two letters, those that people use instead, the name in English or in one's own language; never a guess."""
    assert expected == read_country(typed)


def test_a_locale_is_a_tag_that_dates_can_be_written_in() -> None:
    """Files of words are called after one."""
    assert [True, True, True] == [is_locale(tag) for tag in ("en", "es-MX", "zh-Hant-TW")]
    assert [False, False, False, False] == [is_locale(tag) for tag in ("english", "e", "", "xx-YY")]
