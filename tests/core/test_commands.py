"""What platforms derive from a command, and how its arguments are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import pytest
from pydantic import Field as PydanticField

from bot.core.commands import (
    Call,
    Command,
    Problem,
    chosen_texts,
    command,
    entry,
    fields,
    hidden_arguments,
    personal_texts,
    read_form,
    roomy,
)
from bot.core.forms import Form, InChannel, Mark, Reading, RowId, Zone
from bot.core.port import Choice, Entry, Field, Kind, Message, Reply, Role, Shown
from tests.fakes import CIRCLE, HERE, actor, words_for

READING = Reading(HERE, date(2026, 10, 21))


class Letter(Form):
    """A letter that carries a row."""

    row: RowId
    said: Annotated[str, Mark(Kind.MESSAGE)] = ""
    words: Annotated[str, Mark(Kind.PARAGRAPH, longest=20, personal=True)]
    tone: Annotated[Literal["soft", "clear"], Mark(Kind.CHOICE)] = "soft"
    in_: InChannel | None = PydanticField(default=None, alias="in")
    zone: Zone = "UTC"


async def answer(form: Letter, call: Call) -> Reply:
    del call
    return Reply(Message(form.words))


WRITE = command("letter write", Letter, answer, role=Role.LEADER, anywhere=True)
WORDS = words_for([WRITE])


def test_an_entry_is_derived_from_the_form() -> None:
    """Platforms see the visible fields with their words, kinds, choices and limits, and nothing hidden."""
    expected = Entry(
        "letter write",
        "Summary of letter write",
        Role.LEADER,
        (
            Field("said", Kind.MESSAGE, "Label of said", "Hint of said", required=False),
            Field("words", Kind.PARAGRAPH, "Label of words", "Hint of words", longest=20),
            Field(
                "tone",
                Kind.CHOICE,
                "Label of tone",
                "Hint of tone",
                required=False,
                choices=(Choice("Choice soft", "soft"), Choice("Choice clear", "clear")),
            ),
            Field("in", Kind.CHANNEL, "Label of in", "Hint of in", required=False),
            Field("zone", Kind.ZONE, "Label of zone", "Hint of zone", required=False, suggests=True),
        ),
        Shown.TYPED,
        anywhere=True,
    )

    assert expected == entry(WRITE, WORDS, "en")


def test_arguments_fill_the_form() -> None:
    """A handler is given values, not texts."""
    form = read_form(WRITE, {"row": "7", "words": " Dear\nyou ", "tone": "Clear", "in": "#circle"}, READING)

    assert isinstance(form, Letter)
    assert (7, "Dear\nyou", "clear", CIRCLE, "UTC") == (form.row, form.words, form.tone, form.in_, form.zone)


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u200b", "\u202e \ufeff", "\u00a0", "\u200d"])
def test_a_blank_argument_counts_as_not_given(blank: str) -> None:
    """An optional field keeps its default and a needed one is missing, also when what is in it cannot be seen."""
    optional = read_form(WRITE, {"row": "7", "words": "Dear", "tone": blank, "in": blank}, READING)
    needed = read_form(WRITE, {"row": "7", "words": blank}, READING)

    assert isinstance(optional, Letter)
    assert ("soft", None) == (optional.tone, optional.in_)
    assert {"words": Problem("missing", {})} == needed


def test_every_problem_is_found_at_once() -> None:
    """Nobody mends one mistake only to meet the next."""
    given = {"row": "x", "words": "x" * 21, "tone": "loud", "in": "two words", "zone": "Berlin", "colour": "red"}

    assert {
        "row": Problem("number", {}),
        "words": Problem("too_long", {"longest": 20, "length": 21}),
        "tone": Problem("choice", {}),
        "in": Problem("channel", {}),
        "zone": Problem("zone_near", {"near": "Europe/Berlin"}),
        "colour": Problem("extra", {}),
    } == read_form(WRITE, given, READING)


def test_an_optional_choice_is_wrong_like_any_other() -> None:
    """A choice that may be left out says the same about a wrong value."""

    class Maybe(Form):
        tone: Annotated[Literal["soft", "clear"], Mark(Kind.CHOICE)] | None = None

    async def hear(form: Maybe, call: Call) -> Reply:
        del form, call
        return Reply(Message(""))

    assert {"tone": Problem("choice", {})} == read_form(command("hear", Maybe, hear), {"tone": "loud"}, READING)


def test_a_persons_own_words_are_told_from_the_rest() -> None:
    """Guards see marked texts; a message is somebody else's, and looked at only where it was chosen, in its menu."""
    given = {"row": "7", "said": "I can't any more", "words": "I hear you", "tone": "soft", "in": "#circle"}

    assert ["I hear you"] == personal_texts(WRITE, given)
    assert [] == personal_texts(WRITE, {"words": "  ", "tone": "soft"})
    assert [] == chosen_texts(WRITE, given)
    assert ["I can't any more"] == chosen_texts(replace(WRITE, shown=Shown.MENU), given)


def test_hidden_arguments_are_those_without_an_input() -> None:
    """What a button brought travels with the form."""
    assert {"row": "7"} == hidden_arguments(WRITE, {"row": "7", "words": "x", "tone": "soft"})


def test_a_text_that_is_too_long_keeps_room_to_be_shortened() -> None:
    """A platform that enforces the limit could not show the text that breaks it."""
    shown = fields(WRITE, WORDS, "en")

    fits = {field.name: field.longest for field in roomy(shown, {"words": "x" * 20})}
    too_long = {field.name: field.longest for field in roomy(shown, {"words": "x" * 21})}

    assert (20, None) == (fits["words"], too_long["words"])


def test_today_is_the_date_where_the_person_is() -> None:
    """Shortly before midnight in UTC it is tomorrow in Kathmandu and still today in New York."""
    now = datetime(2026, 10, 21, 23, 30, tzinfo=UTC)

    def today(zone: str) -> date:
        return Call(actor("mia"), CIRCLE, Role.ANYONE, "en", zone, now).today

    assert (date(2026, 10, 22), date(2026, 10, 21)) == (today("Asia/Kathmandu"), today("America/New_York"))


def test_a_command_knows_its_inputs() -> None:
    """They are read once, when the command is declared."""
    assert isinstance(WRITE, Command)
    assert ["row", "said", "words", "tone", "in", "zone"] == [given.name for given in WRITE.inputs]
