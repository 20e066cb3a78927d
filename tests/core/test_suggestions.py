"""Suggestions that every command may need: time zones and countries."""

from __future__ import annotations

from bot.core.forms import zones
from bot.core.port import Choice
from bot.core.suggestions import FIRST, matching, suggest_countries, suggest_zones


def test_before_anything_is_typed_there_are_zones_to_choose_from() -> None:
    """The first ones exist, stand once, and fit one menu."""
    assert [Choice(name, name) for name in FIRST] == suggest_zones("") == suggest_zones("  ")
    assert set(FIRST) <= set(zones().values())
    assert len(FIRST) == len(set(FIRST)) <= 25


def test_zones_are_found_by_city_region_or_part() -> None:
    """Case and blanks do not matter, and names that begin with what was typed come first."""
    assert [Choice("Asia/Kathmandu", "Asia/Kathmandu")] == suggest_zones("kathM")
    assert suggest_zones("New york")[0].value == "America/New_York"
    assert "Europe/Berlin" in [choice.value for choice in suggest_zones("europe")]
    assert suggest_zones("rome")[0].value == "Europe/Rome"
    assert [] == suggest_zones("middle earth")


def test_parts_that_begin_with_it_come_before_parts_that_hold_it() -> None:
    """`oslo` finds Oslo before anything that merely ends so."""
    assert ["Europe/Oslo", "Atlantis/Coslow"] == matching("oslo", ["Atlantis/Coslow", "Europe/Oslo", "Europe/Berlin"])


def test_countries_are_found_in_the_reader_s_language() -> None:
    """The two letters come first, then names that begin with what was typed."""
    assert suggest_countries("de", "en")[0] == Choice("Germany", "DE")
    assert [Choice("Denmark", "DK")] == suggest_countries("denm", "en")
    assert [Choice("Alemania", "DE")] == suggest_countries("aleman", "es-MX")
    assert Choice("Deutschland", "DE") in suggest_countries("deutsch", "de")
    assert [] == suggest_countries("atlantis", "en")
