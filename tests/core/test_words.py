"""Sentences by locale: fallback, plurals, and values that stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.port import Community, Member
from bot.core.text import Markup, Text, Words, clean, mention, parse, read_as_text

WORDS = Words(
    {
        "en": {
            "greet": "Hello {name}",
            "bye": "Goodbye",
            "late": "Late again",
            "bold": "Hello **{name}**",
            "days": {"one": "{count} day", "other": "{count} days"},
        },
        "es": {"greet": "Hola {name}", "bye": "Adiós", "days": {"one": "{count} día", "other": "{count} días"}},
        "es-MX": {"bye": "Nos vemos"},
        "pl": {"days": {"one": "{count} dzień", "few": "{count} dni", "many": "{count} dni!", "other": "{count} dnia"}},
        "pt-BR": {"bye": "Tchau"},
    }
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (("es-MX",), "es-MX"),
        (("es_MX",), "es-MX"),
        (("es-AR",), "es"),
        (("es-419",), "es"),
        (("en-GB",), "en"),
        (("fr", "es-AR", "pl"), "es"),
        (("", "pl"), "pl"),
        (("pt",), "en"),
        (("fr-CA",), "en"),
        (("",), "en"),
        ((), "en"),
    ],
)
def test_the_best_locale_is_the_first_there_are_words_for(wanted: tuple[str, ...], expected: str) -> None:
    """A regional tag falls back to its language, a list to its next entry, and everything to English."""
    assert expected == WORDS.best(*wanted)


@pytest.mark.parametrize(
    ("key", "locale", "expected"),
    [
        ("bye", "es-MX", "Nos vemos"),
        ("greet", "es-MX", "Hola Mia"),
        ("late", "es-MX", "Late again"),
        ("greet", "es", "Hola Mia"),
        ("greet", "pt-BR", "Hello Mia"),
        ("greet", "xx", "Hello Mia"),
        ("greet", "", "Hello Mia"),
    ],
)
def test_a_sentence_that_a_locale_lacks_comes_from_its_language_then_from_english(
    key: str, locale: str, expected: str
) -> None:
    """Mexican Spanish falls back to Spanish, and Spanish to English, sentence by sentence."""
    assert expected == WORDS.label(key, locale, name="Mia")
    assert expected == WORDS.say(key, locale, name="Mia")


@pytest.mark.parametrize(
    ("locale", "count", "expected"),
    [
        ("en", 0, "0 days"),
        ("en", 1, "1 day"),
        ("en", 2, "2 days"),
        ("es-MX", 1, "1 día"),
        ("pl", 1, "1 dzień"),
        ("pl", 3, "3 dni"),
        ("pl", 5, "5 dni!"),
        ("pt-BR", 1, "1 day"),
    ],
)
def test_plurals_follow_the_language_of_the_sentence(locale: str, count: int, expected: str) -> None:
    """The category is chosen by the rules of the language that the words are in."""
    assert expected == WORDS.label("days", locale, count=count)
    assert expected == read_as_text(WORDS.say("days", locale, count=count))


def test_a_missing_category_is_other() -> None:
    """A language with more categories than a translator wrote still says something."""
    words = Words({"en": {}, "pl": {"days": {"other": "{count} dni"}}})

    assert words.label("days", "pl", count=3) == "3 dni"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_values_are_shown_as_they_are(name: str) -> None:
    """What fills a sentence is text, whatever markup or braces it holds."""
    parsed = parse(WORDS.say("greet", "en", name=f"x{name}x"))

    shown = clean(f"x{name}x").split("\n\n")
    assert [f"Hello {shown[0]}", *shown[1:]] == ["".join(span.text for span in block.spans) for block in parsed]
    assert all(isinstance(span, Text) and span == Text(span.text) for block in parsed for span in block.spans)


def test_markup_as_a_value_stays_markup() -> None:
    """A mention fills a sentence as a mention, and is not escaped a second time."""
    said = WORDS.say("bold", "en", name=mention(Member(Community("fake", "here"), "7"), "Mia"))

    assert Markup("Hello **[Mia](hearthside:member/7)**") == said
    assert isinstance(said, Markup)


def test_labels_are_literal() -> None:
    """Titles and buttons are not read as markup, so nothing is escaped in them."""
    assert WORDS.label("greet", "en", name="*Mia* <3 {x}") == "Hello *Mia* <3 {x}"


def test_english_decides_what_there_are_words_for() -> None:
    """A key is known when English has it: every other language falls back to it."""
    assert WORDS.knows("late")
    assert not WORDS.knows("early")
    assert {"greet", "bye", "late", "bold", "days"} == WORDS.keys()
    assert {"bye"} == WORDS.keys("pt-BR")
    assert ("en", "es", "es-MX", "pl", "pt-BR") == WORDS.locales
