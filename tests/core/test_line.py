"""Typed command lines, as people type them."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.port import Entry, Field, Kind, Role, Shown
from bot.core.text import Line, LineError, read_line
from bot.core.text.line import PROBLEMS


def field(name: str, kind: Kind = Kind.TEXT) -> Field:
    return Field(name, kind, name, "")


def entry(path: str, *fields: Field, shown: Shown = Shown.TYPED) -> Entry:
    return Entry(path, path, Role.ANYONE, fields, shown)


GROUP = entry("group add", field("in", Kind.CHANNEL), field("zone", Kind.ZONE), field("language"), field("country"))
SCHEDULE = entry("schedule add", field("what"), field("in", Kind.CHANNEL), field("rule"))
MILESTONE = entry(
    "milestone set",
    field("date", Kind.DATE),
    field("label"),
    field("audience", Kind.CHOICE),
    field("in", Kind.CHANNEL),
)
CATALOGUE = (
    GROUP,
    entry("group list"),
    entry("leader add", field("who", Kind.MEMBER)),
    SCHEDULE,
    entry("schedule list"),
    entry("schedule preview", field("schedule", Kind.NUMBER)),
    MILESTONE,
    entry("milestone show"),
    entry("duty on", field("until", Kind.TIME)),
    entry("break now", field("minutes", Kind.NUMBER)),
    entry("practice", field("skill", Kind.CHOICE)),
    entry("me timezone", field("zone", Kind.ZONE)),
    entry("support", field("country")),
    entry("write", field("to", Kind.MEMBER), field("letter", Kind.PARAGRAPH)),
    entry("meet", field("day", Kind.CHOICES), field("time", Kind.TIME), field("note")),
    entry("help"),
    entry("exercise answer", field("reflection", Kind.PARAGRAPH), shown=Shown.HIDDEN),
    entry("menu support", shown=Shown.MENU),
)


def read(line: str) -> Line:
    return read_line(line, CATALOGUE)


def attempt(line: str) -> Line | LineError:
    try:
        return read(line)
    except LineError as error:
        return error


def problem(line: str) -> LineError:
    with pytest.raises(LineError) as caught:
        read(line)
    return caught.value


@pytest.mark.parametrize(
    ("line", "path", "arguments"),
    [
        (
            "group add in=#circle zone=Europe/Berlin language=en country=DE",
            "group add",
            {"in": "#circle", "zone": "Europe/Berlin", "language": "en", "country": "DE"},
        ),
        ("leader add who=@name", "leader add", {"who": "@name"}),
        (
            'schedule add what=reflective-listening in=#circle rule="weekdays 19:00"',
            "schedule add",
            {"what": "reflective-listening", "in": "#circle", "rule": "weekdays 19:00"},
        ),
        (
            'milestone set date=2026-08-01 label="my day" audience=private',
            "milestone set",
            {"date": "2026-08-01", "label": "my day", "audience": "private"},
        ),
        (
            "milestone set date=2026-08-01 audience=named in=#circle",
            "milestone set",
            {"date": "2026-08-01", "audience": "named", "in": "#circle"},
        ),
        ("duty on until=21:00", "duty on", {"until": "21:00"}),
        ("break now minutes=10", "break now", {"minutes": "10"}),
        ("practice skill=boundaries", "practice", {"skill": "boundaries"}),
        ("me timezone zone=Asia/Kathmandu", "me timezone", {"zone": "Asia/Kathmandu"}),
    ],
)
def test_the_lines_of_the_manual_read_as_typed(line: str, path: str, arguments: dict[str, str]) -> None:
    """Every example that people are shown gives exactly its fields."""
    assert Line(path, arguments) == read(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("help", Line("help", {})),
        ("  HELP  ", Line("help", {})),
        ("Group   List", Line("group list", {})),
        ("group", Line("group", {}, complete=False)),
        ("group ad in=#circle", Line("group", {}, complete=False)),
        ("", Line("", {}, complete=False)),
        (" \n\t", Line("", {}, complete=False)),
        ("practice", Line("practice", {})),
    ],
)
def test_the_longest_path_wins(line: str, expected: Line) -> None:
    """A whole path is a command, the beginning of one asks for more, whatever the case and the blanks."""
    assert expected == read(line)


def test_a_longer_command_wins_over_a_shorter_one() -> None:
    """When one path begins another, the line means the longer one."""
    catalogue = (entry("note", field("text")), entry("note add", field("text")))

    assert Line("note add", {"text": "milk"}) == read_line("note add milk", catalogue)
    assert Line("note", {"text": "milk"}) == read_line("note milk", catalogue)


@pytest.mark.parametrize(
    "quoted",
    [
        '"weekdays 19:00"', "“weekdays 19:00”", "„weekdays 19:00“", "„weekdays 19:00”", "«weekdays 19:00»",
        "»weekdays 19:00«", "”weekdays 19:00”",
    ],
)  # fmt: skip
def test_quotes_of_every_kind_hold_words_together(quoted: str) -> None:
    """Phones and languages have their own quotation marks."""
    expected = Line("schedule add", {"what": "empathy", "in": "#circle", "rule": "weekdays 19:00"})

    assert expected == read(f"schedule add what=empathy in=#circle rule={quoted}")
    assert expected == read(f"schedule add empathy #circle {quoted}")


def test_quotes_keep_what_is_in_them() -> None:
    """Blanks, line breaks, equals signs and other quotes inside a quoted text stay."""
    read_back = read('milestone set date=2026-08-01 label="in = my  „own“\nwords, in=#x"')

    assert {"date": "2026-08-01", "label": "in = my  „own“\nwords, in=#x"} == read_back.arguments


def test_a_word_quoted_as_a_whole_is_no_field() -> None:
    """A bare word in quotes is a value, even if it looks like a field."""
    assert {"to": "@mia", "letter": "to=nobody"} == read('write @mia "to=nobody"').arguments


def test_an_apostrophe_opens_nothing() -> None:
    """People write don't and 'tis without closing anything."""
    assert {"date": "2026-08-01", "label": "'tis Mia's 5\" day"} == read(
        "milestone set date=2026-08-01 label='tis Mia's 5\" day"
    ).arguments


def test_bare_words_fill_the_fields_in_order() -> None:
    """Names may be left out; named ones may stand anywhere."""
    assert {"in": "#circle", "zone": "Europe/Berlin", "language": "en", "country": "DE"} == read(
        "group add #circle Europe/Berlin en DE"
    ).arguments
    assert {"in": "#circle", "zone": "Europe/Berlin", "language": "en"} == read(
        "group add zone=Europe/Berlin #circle en"
    ).arguments
    assert {"in": "#circle", "zone": "Europe/Berlin"} == read("group add IN=#circle Europe/Berlin").arguments


def test_bare_words_go_on_after_a_named_text() -> None:
    """A rule needs no quotes: what follows belongs to it until the next name."""
    assert {"rule": "every 2 weeks mon 19:00", "what": "empathy", "in": "#circle"} == read(
        "schedule add rule=every 2 weeks mon 19:00 what=empathy in=#circle"
    ).arguments


@pytest.mark.parametrize("days", ["day=mon,thu", "day=mon, thu", "day=mon ,thu", "day=mon , thu", 'day="mon, thu"'])
def test_a_named_list_goes_on_after_a_comma(days: str) -> None:
    """People put blanks after commas; what follows without one fills the next field."""
    arguments = read(f"meet {days} 19:00 tea").arguments

    assert ["mon", "thu"] == [day.strip() for day in arguments["day"].split(",")]
    assert ("19:00", "tea") == (arguments["time"], arguments["note"])


def test_what_is_left_over_belongs_to_the_last_text() -> None:
    """With every field filled, the rest is the end of a sentence."""
    assert {"what": "empathy", "in": "#circle", "rule": "weekly mon,thu 19:00"} == read(
        "schedule add what=empathy in=#circle weekly mon,thu 19:00"
    ).arguments
    assert {"to": "@mia", "letter": "thank you for listening"} == read("write @mia thank you for listening").arguments


def test_the_last_of_two_equal_names_counts() -> None:
    """Somebody who corrects themself is taken at their last word."""
    assert {"minutes": "20"} == read("break now minutes=10 minutes=20").arguments


def test_an_empty_value_is_kept_for_the_form_to_judge() -> None:
    """`label=` and `label=""` both give an empty text."""
    assert {"label": ""} == read("milestone set label=").arguments
    assert {"label": "", "date": "2026-08-01"} == read('milestone set label="" date=2026-08-01').arguments


@pytest.mark.parametrize(
    ("line", "key", "values"),
    [
        ("shedule add what=empathy", "line_unknown_near", {"near": "schedule add"}),
        ("miletsone show", "line_unknown_near", {"near": "milestone show"}),
        ("practise", "line_unknown_near", {"near": "practice"}),
        ("suport me", "line_unknown_near", {"near": "support"}),
        ("xyzzy", "line_unknown", {}),
        ("how are you today", "line_unknown", {}),
        ('schedule add rule="weekdays 19:00', "line_quote", {}),
        ("schedule add rule=“weekdays 19:00", "line_quote", {}),
        ("schedule add color=red", "line_field", {"field": "color", "fields": "what, in, rule"}),
        ('schedule add color="light red"', "line_field", {"field": "color", "fields": "what, in, rule"}),
        ("schedule list please", "line_too_much", {}),
        ("help me=now", "line_too_much", {}),
        ("duty on 21:00 22:00", "line_too_much", {}),
    ],
)
def test_a_line_that_cannot_be_read_says_why(line: str, key: str, values: dict[str, str]) -> None:
    """A near miss is named; otherwise the sentence tells what to mend."""
    found = problem(line)

    assert (key, values) == (found.key, found.values)


def test_only_typed_commands_can_be_typed() -> None:
    """Commands of menus and buttons are not found by their paths."""
    assert problem("menu support").values == {"near": "support"}
    assert problem("exercise answer hello").key == "line_unknown"


words = st.sampled_from(
    ["schedule", "add", "group", "help", "practice", "what=", "in=#circle", "rule=", '"', "“", "”", "„", "«", "»", "=",
     "x=y", "weekdays", "19:00", "\n", "\t", "\u200b", "\x00", "🙂", "'", "a" * 300]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(words | st.text(max_size=8)).map(" ".join) | st.text(max_size=80))
@example("schedule add what=" + "x" * 5000)
@example("x" * 5000)
@example('="')
@example("\u017fchedule")
@example("\u0130")
def test_reading_never_fails_but_with_a_problem_there_are_words_for(line: str) -> None:
    """Whatever is typed gives a line of the catalogue's commands and fields, or one of the known problems."""
    fields = {each.path: {field.name for field in each.fields} for each in CATALOGUE}

    found = attempt(line)

    if isinstance(found, LineError):
        assert found.key in PROBLEMS
    else:
        assert not found.complete or found.arguments.keys() <= fields[found.path]
