"""What a form shows, and what travels with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.port import FILLED, HELD, Ask, Choice, Field, Kind

DAYS = Field("day", Kind.CHOICES, "Days", "", choices=(Choice("Monday", "mon"), Choice("Friday", "fri")))


def form(count: int, needed: int = 0, *wrong: str) -> Ask:
    """Return a form of `count` inputs, the last `needed` of them required."""
    fields = (Field(f"f{number}", Kind.TEXT, "", "", required=number >= count - needed) for number in range(count))
    return Ask("note add", "Add", tuple(fields), problems=dict.fromkeys(wrong, "Please mend this."))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (form(5), "f0 f1 f2 f3 f4"),
        (form(7), "f0 f1 f2 f3 f4"),
        (form(7, 2), "f0 f1 f2 f5 f6"),
        (form(7, 2, "f4"), "f0 f1 f4 f5 f6"),
        (form(7, 2, "f0", "f1", "f2", "f3"), "f0 f1 f2 f3 f5"),
    ],
)
def test_what_is_wrong_is_shown_first_and_then_what_is_needed(ask: Ask, expected: str) -> None:
    """Where there is room for five, the rest comes in order; the order stays."""
    assert expected == " ".join(field.name for field in ask.preferred(5))


def test_a_form_that_shows_everything_needs_nothing_in_hand() -> None:
    """So it can be sent after a restart too, with its row."""
    ask = replace(form(2), known={"f0": "tea", "f1": ""}, hidden={"row": "7"}, held="token")

    assert {"row": "7"} == ask.carried({"f0"})


def test_what_a_form_does_not_show_is_fetched_from_hand() -> None:
    """A token travels with it, and no word that somebody wrote."""
    ask = replace(form(2), known={"f0": "tea", "f1": "a secret"}, hidden={"row": "7"}, held="token")

    assert {"row": "7", FILLED: "token"} == ask.carried({"f0"})
    assert {"row": "7", HELD: "token"} == ask.again
    assert {"row": "7"} == replace(ask, held="").again


@pytest.mark.parametrize(
    ("argument", "expected"), [("fri,mon", ("mon", "fri")), (" Mon ", ("mon",)), ("sat", ()), ("", ())]
)
def test_choices_are_known_by_their_values(argument: str, expected: tuple[str, ...]) -> None:
    """In the order in which they are offered, whatever the order in which they were said."""
    assert expected == DAYS.chosen(argument)
