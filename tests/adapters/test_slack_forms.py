"""Forms as modals, and what comes back with them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.adapters.slack.commands import FormOrigin, read_origin
from bot.adapters.slack.forms import draw_choices, draw_form, inline_errors, read_answers
from bot.core.port import Ask, Choice, Field, Kind
from tests.adapters.fake_slack_api import with_ids
from tests.adapters.fake_slack_forms import state_of
from tests.adapters.fake_slack_limits import view_problems
from tests.adapters.fake_slack_world import Json
from tests.adapters.slack_harness import platform_words

WORDS = platform_words()
SOFT, CLEAR = Choice("Soft and slow", "soft"), Choice("Clear", "clear")


def field(name: str, kind: Kind, **more: Any) -> Field:
    return Field(name, kind, name.title(), f"hint for {name}", **more)


EVERY = (
    field("title", Kind.TEXT, longest=40),
    field("words", Kind.PARAGRAPH),
    field("tone", Kind.CHOICE, choices=(SOFT, CLEAR)),
    field("who", Kind.MEMBER),
    field("in", Kind.CHANNEL),
    field("on", Kind.DATE),
    field("at", Kind.TIME),
    field("zone", Kind.ZONE, suggests=True),
    field("count", Kind.NUMBER, lowest=1, highest=9),
    field("loud", Kind.FLAG),
    field("said", Kind.MESSAGE),
    field("file", Kind.FILE),
    field("days", Kind.CHOICES, choices=(SOFT, CLEAR)),
)
KNOWN = {
    "title": "A walk",
    "words": "by the river\nand back",
    "tone": "soft",
    "who": "@U0ALICE000",
    "in": "#C0CIRCLE00",
    "on": "2026-08-01",
    "at": "19:00",
    "zone": "Europe/Berlin",
    "count": "3",
    "loud": "yes",
    "said": "a quoted message",
    "file": "- a: 1\n  b: 2\n",
    "days": "soft,clear",
}


def form(ask: Ask) -> Json:
    """Draw a form, check it against Slack's limits and the SDK's model, and return it as Slack keeps it."""
    view = draw_form(ask, FormOrigin(ask.command, ask.hidden), WORDS, "en-US")
    model: Any = View
    model(**view).to_dict()
    assert [] == view_problems(view)
    return {**view, "blocks": with_ids(view["blocks"])}


def test_every_kind_has_an_input_of_its_own() -> None:
    """Each kind of field is asked for in Slack's own way."""
    view = form(Ask("note add", "Add a note", EVERY))

    kinds = [block["element"]["type"] for block in view["blocks"]]
    expected = [
        "plain_text_input",
        "plain_text_input",
        "static_select",
        "users_select",
        "conversations_select",
        "datepicker",
        "timepicker",
        "external_select",
        "number_input",
        "checkboxes",
        "plain_text_input",
        "plain_text_input",
        "multi_static_select",
    ]
    assert expected == kinds


def test_what_is_known_comes_back_untouched() -> None:
    """A form sent as it was opened brings back the arguments it was opened with."""
    view = form(Ask("note add", "Add a note", EVERY, KNOWN))

    assert KNOWN == read_answers({**view, "state": {"values": state_of(view, {})}})


def test_what_cannot_be_shown_is_left_out() -> None:
    """A wrong date, time, number or choice leaves its input empty instead of breaking the form."""
    wrong = {
        "title": "x" * 5_000,
        "tone": "loud",
        "who": "bob",
        "in": "circle",
        "on": "2026-02-30",
        "at": "25:00",
        "count": "three",
        "zone": "x" * 500,
    }

    view = form(Ask("note add", "Add a note", EVERY, wrong))

    initial = {
        block["block_id"]: value
        for block in view["blocks"]
        for name, value in block["element"].items()
        if name.startswith("initial")
    }
    assert {"field.title": "x" * 39 + "…"} == initial


def test_problems_stand_at_their_inputs() -> None:
    """A fresh form says at each input what is wrong there, and at its head what has no input."""
    ask = Ask("note add", "Add a note", EVERY[:2], problems={"title": "Too long.", "row": "It is gone."})

    view = form(ask)

    assert "It is gone." == view["blocks"][0]["text"]["text"]
    assert "Too long." == view["blocks"][1]["hint"]["text"]
    assert "hint for words" == view["blocks"][2]["hint"]["text"]


def test_a_sentence_stands_first() -> None:
    """What is to be read before a form stands over its inputs, letter by letter."""
    view = form(Ask("note add", "Add a note", EVERY[:1], note="It was *changed* by <Bob>."))

    assert ("section", "plain_text") == (view["blocks"][0]["type"], view["blocks"][0]["text"]["type"])
    assert "It was *changed* by <Bob>." == view["blocks"][0]["text"]["text"]


def test_half_a_file_is_not_shown() -> None:
    """It would come back as if it were whole; what fits is shown as it is."""
    file = field("file", Kind.FILE)
    views = [form(Ask("note add", "Add", (file,), {"file": "x" * length})) for length in (3_000, 3_001)]

    assert [3_000, 0] == [len(view["blocks"][0]["element"].get("initial_value", "")) for view in views]


def test_what_is_counted_twice_is_shortened_too() -> None:
    """Slack's clients count a face as two, and a form that holds too much does not open."""
    said = Field("said", Kind.MESSAGE, "Message", "What they said")
    views = [form(Ask("mirror", "Mirror", (said,), {"said": "🙂" * length})) for length in (1500, 1501)]

    assert ["🙂" * 1500, "🙂" * 1499 + "…"] == [view["blocks"][0]["element"]["initial_value"] for view in views]


def test_choices_are_shown_however_they_were_typed() -> None:
    """`Clear, SOFT` are two of them; what is none is left out."""
    days = field("days", Kind.CHOICES, choices=(SOFT, CLEAR))
    view = form(Ask("note add", "Add", (days,), {"days": "Clear, SOFT, loud"}))

    chosen = view["blocks"][0]["element"]["initial_options"]
    assert ["soft", "clear"] == [option["value"] for option in chosen]


def test_inline_errors_need_an_input() -> None:
    """Slack shows errors at inputs only; with a problem elsewhere the form has to be drawn anew."""
    view = form(Ask("note add", "Add a note", EVERY[:2]))
    here = Ask("note add", "Add a note", EVERY[:2], problems={"title": "Too long."})
    elsewhere = Ask("note add", "Add a note", EVERY[:3], problems={"title": "Too long.", "tone": "Which?"})

    assert {"field.title": "Too long."} == inline_errors(here, view)
    assert {} == inline_errors(elsewhere, view)
    assert {} == inline_errors(Ask("note add", "Add a note", EVERY[:2]), view)


def test_a_long_title_is_said_in_full() -> None:
    """A modal's title holds 24 characters; a longer one stands in the form as well."""
    view = form(Ask("note add", "Add a note that has a very long title", EVERY[:1]))

    assert "Add a note that has a v…" == view["title"]["text"]
    assert "Add a note that has a very long title" == view["blocks"][0]["text"]["text"]


def test_a_form_without_inputs_can_be_sent() -> None:
    """A question of yes or no is a form too."""
    view = form(Ask("note add", "Really?", (), hidden={"row": "7"}))

    origin = read_origin(view["private_metadata"])
    assert origin == FormOrigin("note add", {"row": "7"})
    assert {} == read_answers({**view, "state": {"values": {}}})


def test_an_unticked_flag_says_no() -> None:
    """A flag is always told, and an empty input is told to be empty."""
    view = form(Ask("note add", "Add", (field("loud", Kind.FLAG), field("words", Kind.PARAGRAPH, required=False))))

    assert {"loud": "no", "words": ""} == read_answers({**view, "state": {"values": state_of(view, {})}})


def test_many_choices_are_searched() -> None:
    """More choices than a menu holds are offered while typing."""
    many = tuple(Choice(f"Choice {number}", str(number)) for number in range(101))

    view = form(Ask("note add", "Add", (field("tone", Kind.CHOICE, choices=many),), {"tone": "7"}))

    element = view["blocks"][0]["element"]
    assert ("external_select", "Choice 7") == (element["type"], element["initial_option"]["text"]["text"])


def test_choices_fit_slack() -> None:
    """Labels are cut; values are never, since they come back."""
    options = draw_choices([Choice("x" * 200, "a"), Choice("long", "x" * 151), Choice("", "b"), Choice("empty", "")])

    assert [("x" * 74 + "…", "a"), ("b", "b")] == [(one["text"]["text"], one["value"]) for one in options]


KINDS = st.sampled_from(list(Kind))
FIELDS = st.builds(
    Field,
    st.from_regex(r"[a-z]{1,12}", fullmatch=True),
    KINDS,
    st.text(max_size=200),
    st.text(max_size=200),
    required=st.booleans(),
    choices=st.just((SOFT, CLEAR)),
    suggests=st.booleans(),
    longest=st.none() | st.integers(1, 9_000),
)


@given(
    title=st.text(max_size=80),
    fields=st.lists(FIELDS, max_size=8, unique_by=lambda one: one.name),
    known=st.text(max_size=4_000),
    problem=st.text(max_size=300),
)
def test_whatever_is_asked_slack_takes_it(title: str, fields: list[Field], known: str, problem: str) -> None:
    """Slack's limits hold for every form."""
    names = [one.name for one in fields]

    form(Ask("note add", title, tuple(fields), dict.fromkeys(names, known), dict.fromkeys(names, problem)))
