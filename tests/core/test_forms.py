"""What each kind of field takes, refuses, and says about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from bot.core.forms import (
    PROBLEMS,
    Country,
    Date,
    Flag,
    Form,
    InChannel,
    Mark,
    Reading,
    RowId,
    Time,
    Who,
    Zone,
    holds_country,
    mistake,
    zones,
)
from bot.core.inputs import Input, inputs_of
from bot.core.port import Channel, Kind, Member, Unreadable
from tests.fakes import HERE

NOTHING: Mapping[str, object] = {}
READING = Reading(HERE, date(2026, 10, 21))


class Everything(Form):
    """One field of every kind."""

    text: Annotated[str, Mark(Kind.TEXT, longest=10)] = ""
    paragraph: Annotated[str, Mark(Kind.PARAGRAPH, personal=True)] = ""
    choice: Annotated[Literal["soft", "very-loud"], Mark(Kind.CHOICE)] | None = None
    who: Who | None = None
    in_: InChannel | None = Field(default=None, alias="in")
    date: Date | None = None
    time: Time | None = None
    zone: Zone = "UTC"
    number: Annotated[int, Mark(Kind.NUMBER, lowest=1, highest=720)] = 10
    least: Annotated[int | None, Mark(Kind.NUMBER, lowest=1)] = None
    most: Annotated[int | None, Mark(Kind.NUMBER, highest=9)] = None
    flag: Flag = False
    message: Annotated[str, Mark(Kind.MESSAGE)] = ""
    row: RowId | None = None
    country: Country | None = None
    days: Annotated[tuple[Literal["mon", "tue", "thu"], ...], Mark(Kind.CHOICES)] | None = None
    file: Annotated[str, Mark(Kind.FILE, longest=100)] = ""


class Needed(Form):
    """What must be given."""

    name: Annotated[str, Mark(Kind.TEXT)]
    note: Annotated[str, Mark(Kind.TEXT)] = "none"


def read(**arguments: str) -> Everything:
    return Everything.model_validate(arguments, context=READING)


def problem(**arguments: str) -> tuple[str, Mapping[str, object]]:
    with pytest.raises(ValidationError) as caught:
        read(**arguments)
    detail = caught.value.errors(include_url=False, include_input=False)[0]
    return detail["type"], detail.get("ctx", {})


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("text", "  ten  words ", "ten words"),
        ("text", "two\nlines", "two lines"),
        ("text", "\u202eabc\u0000", "abc"),
        ("text", "x" * 10, "x" * 10),
        ("text", "x" * 10 + "\u200b" * 50, "x" * 10),
        ("paragraph", "two\r\nlines\n\n\n\nend", "two\nlines\n\nend"),
        ("message", "two\nlines", "two\nlines"),
        ("choice", "soft", "soft"),
        ("choice", "Very Loud", "very-loud"),
        ("choice", " VERY-LOUD ", "very-loud"),
        ("who", "@mia", Member(HERE, "mia")),
        ("who", "U0123", Member(HERE, "U0123")),
        ("who", "@leader 2", Member(HERE, "leader 2")),
        ("date", "2026-08-01", date(2026, 8, 1)),
        ("date", "2026-8-1", date(2026, 8, 1)),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", "Today", date(2026, 10, 21)),
        ("time", "19:00", time(19)),
        ("time", "7:05", time(7, 5)),
        ("time", "00:00", time(0)),
        ("time", "23:59", time(23, 59)),
        ("zone", "Europe/Berlin", "Europe/Berlin"),
        ("zone", "asia/kathmandu", "Asia/Kathmandu"),
        ("zone", "america/new york", "America/New_York"),
        ("zone", "utc", "UTC"),
        ("number", "1", 1),
        ("number", "720", 720),
        ("number", "007", 7),
        ("least", "1000000", 1_000_000),
        ("most", "-5", -5),
        ("flag", "yes", True),
        ("flag", "ON", True),
        ("flag", "no", False),
        ("flag", "0", False),
        ("row", "9007199254740993", 9_007_199_254_740_993),
        ("country", "de", "DE"),
        ("country", "Germany", "DE"),
        ("country", "united kingdom", "GB"),
        ("country", "UK", "GB"),
        ("days", "mon", ("mon",)),
        ("days", "Thu, MON", ("mon", "thu")),
        ("days", "monday thursday,tues;mon", ("mon", "tue", "thu")),
        ("days", "m", ("mon",)),
        ("file", "\ufeff- a:\r\n    b: 1\r\n", "- a:\n    b: 1\n"),
    ],
)
def test_a_good_argument_is_read(name: str, typed: str, expected: object) -> None:
    """Every kind takes what people type for it."""
    assert expected == getattr(read(**{name: typed}), name)


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("text", "x" * 11, ("too_long", {"longest": 10, "length": 11})),
        ("text", "x" * 5000, ("too_long", {"longest": 10, "length": 5000})),
        ("choice", "medium", ("literal_error", {"expected": "'soft' or 'very-loud'"})),
        ("who", "<@1>", ("member", NOTHING)),
        ("who", "@", ("member", NOTHING)),
        ("date", "01.08.2026", ("date", NOTHING)),
        ("date", "2026-02-31", ("date_none", NOTHING)),
        ("date", "2026-13-01", ("date_none", NOTHING)),
        ("date", "2025-02-29", ("date_none", NOTHING)),
        ("date", "0000-01-01", ("date_none", NOTHING)),
        ("date", "9", ("date", NOTHING)),
        ("date", "\u0662\u0660\u0662\u0666-08-01", ("date", NOTHING)),
        ("time", "25:00", ("time", NOTHING)),
        ("time", "24:00", ("time", NOTHING)),
        ("time", "19:60", ("time", NOTHING)),
        ("time", "19", ("time", NOTHING)),
        ("time", "7pm", ("time", NOTHING)),
        ("zone", "Europ/Berlin", ("zone_near", {"near": "Europe/Berlin"})),
        ("zone", "Berlin", ("zone_near", {"near": "Europe/Berlin"})),
        ("zone", "lima", ("zone_near", {"near": "America/Lima"})),
        ("zone", "Middle Earth", ("zone", NOTHING)),
        ("zone", "../../etc/passwd", ("zone", NOTHING)),
        ("number", "0", ("number_range", {"lowest": 1, "highest": 720})),
        ("number", "721", ("number_range", {"lowest": 1, "highest": 720})),
        ("number", "ten", ("number", NOTHING)),
        ("number", "1.5", ("number", NOTHING)),
        ("number", "1e3", ("number", NOTHING)),
        ("number", "٣", ("number", NOTHING)),
        ("number", "9" * 500, ("number", NOTHING)),
        ("least", "0", ("number_least", {"lowest": 1})),
        ("most", "10", ("number_most", {"highest": 9})),
        ("flag", "maybe", ("flag", NOTHING)),
        ("row", "seven", ("number", NOTHING)),
        ("country", "XX", ("country", NOTHING)),
        ("country", "EU", ("country", NOTHING)),
        ("country", "Atlantis", ("country", NOTHING)),
        ("days", "sun", ("choices", {"offered": "mon, tue, thu"})),
        ("days", "mon,t", ("choices", {"offered": "mon, tue, thu"})),
        ("days", ",", ("choices", {"offered": "mon, tue, thu"})),
        ("file", "x" * 101, ("too_long", {"longest": 100, "length": 101})),
        ("file", Unreadable.TOO_LARGE, ("file_too_large", NOTHING)),
        ("file", Unreadable.NO_TEXT, ("file_no_text", NOTHING)),
        ("file", Unreadable.GONE, ("file_gone", NOTHING)),
    ],
)
def test_a_bad_argument_is_named_with_what_is_wrong(
    name: str, typed: str, expected: tuple[str, Mapping[str, object]]
) -> None:
    """Each mistake has a key of its own, and the values that its sentence needs."""
    assert expected == problem(**{name: typed})


@pytest.mark.parametrize(("typed", "expected"), [("#circle", "circle"), ("C0123", "C0123"), ("#büro-2", "büro-2")])
def test_a_channel_is_read_by_its_alias(typed: str, expected: str) -> None:
    """`in` is no name in Python, but it is the name that people type."""
    assert Channel(HERE, expected) == read(**{"in": typed}).in_


@pytest.mark.parametrize("typed", ["", "#", "two words", "<!channel>", "a/b", "#a#b"])
def test_a_channel_is_a_name_or_an_id(typed: str) -> None:
    """Anything else is no channel, and cannot become one."""
    assert problem(**{"in": typed}) == ("channel", {})


def test_the_name_inside_is_no_name_outside() -> None:
    """Only the alias is known, so that one field has one name."""
    assert problem(in_="#circle")[0] == "extra_forbidden"


def test_an_unknown_argument_is_refused() -> None:
    """A button of another time does not do something else by half."""
    assert problem(colour="red")[0] == "extra_forbidden"


def test_every_city_is_understood_without_its_region() -> None:
    """Whoever types only the city is asked for a zone of that city, never for one that merely looks like it."""
    wrong: list[tuple[str, object]] = []
    for name in zones().values():
        city = name.rpartition("/")[2]
        if "/" not in name or city.casefold() in zones():
            continue
        key, values = problem(zone=city.replace("_", " "))
        if key != "zone_near" or str(values["near"]).rpartition("/")[2] != city:
            wrong.append((city, values.get("near")))

    assert not wrong


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(inputs_of(Everything)), st.text(max_size=30) | st.sampled_from(["-1", "+1", "0" * 20, "²", "\x00"])
)
def test_whatever_is_typed_is_read_or_is_a_problem_there_are_words_for(field: Input, typed: str) -> None:
    """No argument ever breaks a form."""
    own = {*PROBLEMS, "literal_error"}
    try:
        read(**{field.name: typed})
    except ValidationError as error:
        keys = {detail["type"] for detail in error.errors() if detail["type"] != "none_required"}
    else:
        keys = set[str]()

    assert keys <= own


def test_what_is_wrong_never_repeats_what_was_typed() -> None:
    """A mistake holds no words of a member, so that none can reach a log."""
    with pytest.raises(ValidationError) as caught:
        read(date="my secret day", number="my secret number", choice="my secret choice", colour="my secret colour")

    assert "secret" not in str(caught.value)


def test_defaults_stand_where_nothing_is_given() -> None:
    """An optional field has its own value."""
    assert (10, "UTC", None, False) == (read().number, read().zone, read().choice, read().flag)


def test_inputs_are_read_from_the_model() -> None:
    """Name, mark, need and choices come from the annotations, in order."""
    found = {given.name: given for given in inputs_of(Everything)}

    assert [
        "text", "paragraph", "choice", "who", "in", "date", "time", "zone", "number", "least", "most", "flag",
        "message", "row", "country", "days", "file",
    ] == list(found)  # fmt: skip
    assert [("soft", "very-loud"), ("mon", "tue", "thu")] == [found[name].choices for name in ("choice", "days")]
    assert found["paragraph"].mark.personal
    assert found["row"].mark.hidden
    assert found["zone"].mark.suggests
    assert [("name", True), ("note", False)] == [(given.name, given.required) for given in inputs_of(Needed)]
    assert [True, False] == [holds_country(found[name].mark) for name in ("country", "text")]


def test_a_field_without_a_mark_is_a_mistake_of_the_programmer() -> None:
    """A form that platforms cannot draw fails when it is declared."""

    class Bare(Form):
        name: str

    with pytest.raises(TypeError, match="'name' has no Mark"):
        inputs_of(Bare)


def test_a_reader_of_one_s_own_gives_its_own_problem() -> None:
    """A feature may read a field its own way, with values for its sentence."""

    def even(text: str, _: Reading) -> int:
        if int(text) % 2:
            raise mistake("milestones.odd", given=text)
        return int(text)

    class Pair(Form):
        shoes: Annotated[int, Mark(Kind.TEXT, reader=even)]

    assert Pair.model_validate({"shoes": "4"}, context=READING).shoes == 4
    with pytest.raises(ValidationError) as caught:
        Pair.model_validate({"shoes": "3"}, context=READING)
    (detail,) = caught.value.errors()
    assert ("milestones.odd", {"given": "3"}) == (detail["type"], detail.get("ctx"))
