"""YAML that remembers its lines: everything wrong at once, where it stands, and no values in any message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.core.sheet import DEEPEST, LARGEST, Flaw, SheetError, check_sheet, read_sheet

HALF = "half a character stands here (\\ud800 to \\udfff): write it out"
TAB = "found character '\\t' that cannot start any token: check the indentation and the quotes"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(default=1, ge=1)
    name: Annotated[str, StringConstraints(max_length=5)]


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["soft", "loud"] = "soft"
    parts: tuple[Part, ...] = ()
    says: Mapping[str, str | Mapping[str, str]] = {}

    @model_validator(mode="after")
    def _not_too_loud(self) -> Whole:
        if self.kind == "loud" and not self.parts:
            raise ValueError("A loud one needs parts: add some")
        return self


def flaw_of(text: str) -> Flaw:
    with pytest.raises(SheetError) as caught:
        read_sheet("some.yaml", text)
    return caught.value.flaw


def flaws_of(text: str) -> list[str]:
    found = check_sheet(read_sheet("some.yaml", text), Whole)
    assert isinstance(found, list)
    return [str(flaw) for flaw in found]


def test_values_are_what_they_look_like() -> None:
    """Numbers, yes and no, and nothing are read; dates, times and everything quoted stay text."""
    text = """
number: 12
negative: -3
fraction: 1.5
quoted: "12"
"yes": yes
"no": No
nothing:
tilde: ~
date: 2026-08-01
time: 19:00
hex: 0x1F
phone: +44 20
text: word
list: [1, two]
block: |-
  two
  lines
"""

    assert {
        "number": 12,
        "negative": -3,
        "fraction": 1.5,
        "quoted": "12",
        "yes": True,
        "no": False,
        "nothing": None,
        "tilde": None,
        "date": "2026-08-01",
        "time": "19:00",
        "hex": "0x1F",
        "phone": "+44 20",
        "text": "word",
        "list": [1, "two"],
        "block": "two\nlines",
    } == read_sheet("some.yaml", text).values


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    """Everything commented out is as good as no file."""
    assert {} == read_sheet("some.yaml", text).values


def test_every_value_remembers_its_line() -> None:
    """Lines count from 1, and lists count too."""
    sheet = read_sheet("some.yaml", "a:\n  b: 1\n\n  c:\n    - x\n    - y\n")

    assert Flaw("some.yaml", 2, "wrong") == sheet.flaw(("a", "b"), "wrong")
    assert Flaw("some.yaml", 6, "wrong") == sheet.flaw(("a", "c", 1), "wrong")
    assert Flaw("some.yaml", 4, "wrong") == sheet.flaw(("a", "c", 7, "z"), "wrong")
    assert Flaw("some.yaml", 1, "wrong") == sheet.flaw(("elsewhere",), "wrong")
    assert str(sheet.flaw(("a", "b"), "wrong")) == "some.yaml:2: wrong"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", Flaw("some.yaml", 3, "a: stands here twice: keep one")),
        ("x:\n  - a: 1\n    a: 2\n", Flaw("some.yaml", 3, "a: stands here twice: keep one")),
        ("a: &here 1\nb: *here\n", Flaw("some.yaml", 1, "anchors (& and *) are not used here: write it out")),
        ("a: 1\nb:\n  - *there\n", Flaw("some.yaml", 3, "anchors (& and *) are not used here: write it out")),
        ("a: 1\nb: !!python/object:os.system x\n", Flaw("some.yaml", 2, "tags (!) are not used here: take it out")),
        ("a: !secret x\n", Flaw("some.yaml", 1, "tags (!) are not used here: take it out")),
        ("a: !!map {b: 1}\n", Flaw("some.yaml", 1, "tags (!) are not used here: take it out")),
        ("a: 1\n? [b, c]\n: 2\n", Flaw("some.yaml", 2, "a name must be one plain word")),
        ("a: 1\nb: \x07\n", Flaw("some.yaml", 2, "this is not YAML: check for odd characters")),
        ('a: 1\nb: "x\\ud800"\n', Flaw("some.yaml", 2, HALF)),
        ('a: 1\n"\\ude00": 2\n', Flaw("some.yaml", 2, HALF)),
        ("a: 1\nb:\tc\n", Flaw("some.yaml", 2, TAB)),
        ("- a\n- b\n", Flaw("some.yaml", 1, "must be names with values, such as `name: value`")),
        ("just text", Flaw("some.yaml", 1, "must be names with values, such as `name: value`")),
        ("x" * (LARGEST + 1), Flaw("some.yaml", 1, "too large: keep it under 2,000,000 characters")),
    ],
)
def test_what_is_not_used_here_is_refused_with_its_line(text: str, expected: Flaw) -> None:
    """A clever file is refused, and the message says what to do instead."""
    assert expected == flaw_of(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\n  b: 2\n", 2),
        ("a: 'open\n", 2),
        ("a: 1\nb: [1, 2\nc: 3\n", 3),
        ("a: 1\n\tb: 2\n", 2),
        ("a: @x\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: \x00\n", 1),
        ("a: \x07\n", 1),
    ],
)
def test_broken_yaml_is_shown_where_it_breaks(text: str, line: int) -> None:
    """Indentation, quotes, brackets and odd characters are mistakes of a line."""
    assert line == flaw_of(text).line


@pytest.mark.parametrize(
    "text",
    [
        "a: " * 5000 + "b",
        "a:\n" + "".join(f"{' ' * depth}b:\n" for depth in range(1, 400)),
        "a: " + "[" * 3000 + "]" * 3000,
        "a: " + "{b: " * 3000 + "1" + "}" * 3000,
        "a: " + "[" * 100_000,
        "a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
    ],
)
def test_deep_nesting_is_a_mistake_and_no_crash(text: str) -> None:
    """Thousands of brackets are refused like any other mistake."""
    assert flaw_of(text).file == "some.yaml"


def test_everything_wrong_is_found_at_once() -> None:
    """Each mistake has its own line and says what to do."""
    text = (
        "kind: medium\ncolour: red\nparts:\n  - size: 0\n    name: toolong\n  - size: x\n    name: ok\n  - extra: 1\n"
    )

    assert [
        "some.yaml:1: kind: input should be 'soft' or 'loud'",
        "some.yaml:4: parts[0].size: input should be greater than or equal to 1",
        "some.yaml:5: parts[0].name: string should have at most 5 characters",
        "some.yaml:6: parts[1].size: input should be a valid integer, unable to parse string as an integer",
        "some.yaml:8: parts[2].name: is missing: add it",
        "some.yaml:8: parts[2].extra: is not known here: check the spelling, or take it out",
        "some.yaml:2: colour: is not known here: check the spelling, or take it out",
    ] == flaws_of(text)


def test_a_mistake_of_the_whole_says_so() -> None:
    """What a model finds wrong as a whole reads like any other sentence."""
    assert ["some.yaml:1: the file: a loud one needs parts: add some"] == flaws_of("kind: loud")


def test_a_value_that_may_be_two_things_is_named_by_its_own_name() -> None:
    """What pydantic calls the alternatives does not show in the name."""
    for found in flaws_of("says:\n  hello: 5\n  bye:\n    other: [x]\n"):
        assert found.startswith(
            ("some.yaml:2: says.hello: ", "some.yaml:3: says.bye: ", "some.yaml:4: says.bye.other: ")
        )


def test_no_message_holds_a_value() -> None:
    """A secret in the wrong place is not shown on a screen or in a log."""
    secret = "xoxb-hush"
    text = f"kind: {secret}\nsays: {secret}\nparts:\n  - size: {secret}\n    name: {secret}\n  - {secret}\n"

    assert flaws_of(text)
    assert not [found for found in flaws_of(text) if secret in found]
    for broken in (
        f"a: '{secret}",
        f"a: {secret}\n b: {secret}",
        f"a: &x {secret}",
        f"? [{secret}]\n: 1",
        f"- {secret}",
    ):
        assert secret not in str(flaw_of(broken))


def test_a_part_can_be_checked_alone() -> None:
    """A feature's settings keep the lines of the file they stand in; a part that is missing is empty."""
    sheet = read_sheet("some.yaml", "features:\n  one:\n    kind: medium\n")

    assert [Flaw("some.yaml", 3, "kind: input should be 'soft' or 'loud'")] == check_sheet(
        sheet.under("features", "one"), Whole
    )
    assert Whole() == check_sheet(sheet.under("features", "two"), Whole)
    assert Whole() == check_sheet(sheet.under("nothing", "two"), Whole)


def test_two_sheets_can_stand_side_by_side() -> None:
    """Mistakes are shown in the file they come from."""
    both = read_sheet("words.yaml", "kind: medium\n").beside(read_sheet("list.yaml", "\nparts:\n  - size: 2\n"))

    assert [
        Flaw("words.yaml", 1, "kind: input should be 'soft' or 'loud'"),
        Flaw("list.yaml", 3, "parts[0].name: is missing: add it"),
    ] == check_sheet(both, Whole)


pieces = st.sampled_from(
    ["a: 1\n", "b:\n", "  c: 2\n", "- x\n", "  - y: z\n", "&a", "*a", "!t ", "? ", ": ", "[", "]", "{", "}", "'", '"',
     "|\n", ">\n", "#", "\t", "---\n", "%TAG\n", "<<: ", "~", "@", "`", "\x00", "\ud800", "🙂", "says:\n", "kind: "]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(pieces | st.text(max_size=5), max_size=12).map("".join))
@example("a: 0x\n")
@example("a: 1_0\n")
@example("a: +.inf\n")
@example("a: " + "1" * 5000)
@example("? ? a\n: 1")
@example("a: !!int abc\n")
def test_any_text_is_a_sheet_or_one_mistake(text: str) -> None:
    """Nothing that stands in a file can crash the reader or the check."""
    try:
        sheet = read_sheet("some.yaml", text)
    except SheetError:
        return

    assert isinstance(check_sheet(sheet, Whole), Whole | list)
