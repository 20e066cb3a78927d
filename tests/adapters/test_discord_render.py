"""Messages and forms as Discord draws them, within its limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.forms import draw_as_message, draw_form, read_form
from bot.adapters.discord.ids import Target, decode
from bot.adapters.discord.render import LONGEST_TEXT, draw_message
from bot.core.port import (
    FILLED,
    HELD,
    Ask,
    Button,
    Choice,
    Community,
    Emphasis,
    Field,
    File,
    Kind,
    Member,
    Message,
    Picture,
    Ping,
)
from bot.core.text import mention, plain
from tests.adapters.discord_harness import platform_words
from tests.adapters.fake_discord_limits import faults_in_form, faults_in_message
from tests.adapters.fake_discord_world import COMPONENTS_V2, Json, walk

HOME = Community("discord", "1574175628075204610")
ANN = Member(HOME, "12")
TITLE = Field("title", Kind.TEXT, "Title", "What it is about", longest=40)
PNG = Picture(b"png", "image/png", "A quiet lake")


def drawn(message: Message, **marks: Any) -> list[Json]:
    return draw_message(message, **marks).view.to_components()


def faults(message: Message) -> list[str]:
    drawing = draw_message(message)
    names = [file.filename for file in drawing.files]
    return list(faults_in_message({"components": drawing.view.to_components()}, COMPONENTS_V2, names))


def targets(components: list[Json]) -> list[Target]:
    return [decode(part["custom_id"]) for part in walk(components) if "custom_id" in part]


def test_a_message_reads_from_title_to_footer() -> None:
    """Title, body, picture, files, buttons and small print stand in the order in which they are read."""
    message = Message("body", "Title", "foot", (Button("Go", "go"),), (), PNG, (File("my data.json", b"{}"),))
    (frame,) = drawn(message)

    assert [10, 10, 12, 13, 1, 10] == [part["type"] for part in frame["components"]]
    assert ["### Title", "body"] == [part["content"] for part in frame["components"][:2]]
    assert "-# foot" == frame["components"][-1]["content"]
    assert [] == faults(message)


def test_a_picture_says_what_it_shows() -> None:
    """The alternative text goes to screen readers with the file and with its place."""
    drawing = draw_message(Message("body", picture=PNG))
    (gallery,) = [part for part in walk(drawing.view.to_components()) if part["type"] == 12]

    assert [("picture.png", "A quiet lake")] == [(file.filename, file.description) for file in drawing.files]
    assert "A quiet lake" == gallery["items"][0]["description"]
    assert "attachment://picture.png" == gallery["items"][0]["media"]["url"]


def test_the_longest_message_has_room_for_a_picture() -> None:
    """With every button, all texts and a call to everyone it fits, its alternative text cut."""
    buttons = tuple(Button("x" * 200, "go", {"row": str(row)}) for row in range(30))
    long = Picture(b"png", "image/png", "a lake " * 300)
    message = Message(plain("x" * 9000), "t" * 600, plain("f" * 3000), buttons, (), long, ping=Ping.EVERYONE)
    drawing = draw_message(message, key="k1", public=True)
    components = drawing.view.to_components()
    (gallery,) = [part for part in walk(components) if part["type"] == 12]

    assert [] == list(faults_in_message({"components": components}, COMPONENTS_V2, ["picture.png"]))
    assert {1024} == {len(gallery["items"][0]["description"]), len(drawing.files[0].description or "")}
    assert drawing.files[0].description == gallery["items"][0]["description"]
    assert gallery["items"][0]["description"].endswith("…")


def test_nobody_is_pinged_who_is_not_meant() -> None:
    """Only the people in `notifies` may be pinged, whatever is mentioned."""
    quiet = draw_message(Message(f"@everyone {mention(ANN, 'Ann')}")).allowed.to_dict()
    loud = draw_message(Message(f"@everyone {mention(ANN, 'Ann')}", notifies=(ANN,))).allowed.to_dict()

    assert {"parse": []} == quiet
    assert {"parse": [], "users": [12]} == loud


def test_the_key_stands_in_the_support_button() -> None:
    """That button marks the post as ours; the others carry their command alone."""
    buttons = (Button("Write", "practice write", {"item": "a"}), Button("Support", "support"), Button("More", "more"))

    assert ["", "k1", ""] == [target.key for target in targets(drawn(Message("x", buttons=buttons), key="k1"))]
    assert ["", "k1"] == [target.key for target in targets(drawn(Message("x", buttons=buttons[::2]), key="k1"))]


def test_equal_buttons_have_different_ids() -> None:
    """Discord refuses a message with the same custom_id twice; both still mean the same."""
    twice = Message("x", buttons=(Button("One", "go", {"row": "1"}), Button("Two", "go", {"row": "1"})))

    assert [] == faults(twice)
    assert [Target("go", {"row": "1"})] * 2 == targets(drawn(twice))


def test_buttons_of_direct_messages_carry_their_community() -> None:
    """A direct message has none of its own."""
    message = Message("x", buttons=(Button("Go", "go"),))

    assert [Target("go", community=HOME.id)] == targets(drawn(message, community=HOME.id))


def test_emphasis_shows() -> None:
    """A plain, a primary and a dangerous button look different."""
    buttons = tuple(Button(one.value, one.value, emphasis=one) for one in Emphasis)
    styles = [part["style"] for part in walk(drawn(Message("x", buttons=buttons))) if part["type"] == 2]

    assert [2, 1, 4] == styles


@given(
    st.text(max_size=9000),
    st.text(max_size=600),
    st.text(max_size=3000),
    st.lists(st.text(min_size=1, max_size=200), max_size=30),
)
def test_no_message_is_too_much_for_discord(body: str, title: str, footer: str, labels: list[str]) -> None:
    """However much there is to say, it is cut to what Discord takes."""
    buttons = tuple(Button(label, "go", {"row": str(row)}) for row, label in enumerate(labels))
    message = Message(plain(body), title, plain(footer), buttons)

    assert [] == faults(message)


@pytest.mark.parametrize(
    ("ping", "public", "first", "everyone"),
    [
        (Ping.HERE, True, "@here", True),
        (Ping.EVERYONE, True, "@everyone", True),
        (Ping.NOBODY, True, "Body", False),
        (Ping.HERE, False, "Body", False),
    ],
)
def test_only_a_public_message_calls_many(ping: Ping, public: bool, first: str, everyone: bool) -> None:
    """Discord is allowed to expand such a mention only where the message means it; it stands on a line of its own."""
    drawing = draw_message(Message("Body", notifies=(ANN,), ping=ping), public=public)
    container = drawing.view.to_components()[0]

    assert first == container["components"][0]["content"]
    allowed = drawing.allowed.to_dict()
    assert (["everyone"] if everyone else [], [12]) == (allowed["parse"], allowed["users"])


def test_a_long_post_that_calls_many_still_fits() -> None:
    """The line of the call is part of what Discord counts."""
    message = Message(plain("x" * 9000), ping=Ping.EVERYONE)

    parts = [part for part in walk(drawn(message, public=True)) if part["type"] == 10]
    assert LONGEST_TEXT >= sum(len(part["content"]) for part in parts)


def test_an_empty_message_still_can_be_sent() -> None:
    """Discord takes no empty text."""
    assert [] == faults(Message(""))
    assert LONGEST_TEXT > len(drawn(Message(""))[0]["components"][0]["content"]) > 0


# ---------------------------------------------------------------- forms


def ask(*fields: Field, **more: Any) -> Ask:
    return Ask("note add", "Add a note", fields, **more)


def form_of(asked: Ask, community: str = "") -> discord.ui.Modal:
    return draw_form(asked, platform_words(), "en", community=community)


def component(form: discord.ui.Modal, name: str) -> Json:
    return next(part for part in walk(form.to_components()) if part.get("custom_id") == name)


FIELDS = st.builds(
    Field,
    name=st.just("f"),
    kind=st.sampled_from(Kind),
    label=st.text(min_size=1, max_size=120),
    hint=st.text(max_size=300),
    required=st.booleans(),
    choices=st.just((Choice("One" * 50, "one"), Choice("Two", "two"))),
    longest=st.one_of(st.none(), st.integers(1, 9000)),
)


@given(st.lists(FIELDS, min_size=1, max_size=7), st.text(min_size=1, max_size=120), st.text(max_size=5000))
def test_no_form_is_too_much_for_discord(fields: list[Field], title: str, known: str) -> None:
    """Titles, labels, hints and prefilled values are cut to what Discord takes."""
    named = [replace(field, name=f"f{number}") for number, field in enumerate(fields)]
    form = form_of(replace(ask(*named, known={"f0": known}, problems={"f1": known}), title=title))

    assert [] == list(faults_in_form(form.to_dict()))


async def test_the_library_keeps_neither_messages_nor_forms() -> None:
    """What is finished before it is sent is not remembered, however much is sent."""
    assert draw_message(Message("x", buttons=(Button("Go", "go"),))).view.is_finished()
    assert form_of(ask(TITLE)).is_finished()


def test_what_is_counted_twice_is_shortened_too() -> None:
    """Discord's clients count a face as two, and a form that holds too much does not open."""
    form = form_of(ask(TITLE, known={"title": "a" + "🙂" * 2500}))

    assert "a" + "🙂" * 19 == component(form, "title")["value"]


def test_a_form_carries_its_command() -> None:
    """What has no input comes back through the form's id, so that a form survives a restart."""
    form = form_of(ask(TITLE, hidden={"row": "7"}, known={"title": "A walk"}), "1")

    assert Target("note add", {"row": "7"}, "1") == decode(form.custom_id)
    assert "A walk" == component(form, "title")["value"]


def test_values_without_an_input_stay_in_hand() -> None:
    """A form's id can be read by the platform: it carries row ids and a token, and nothing that somebody wrote."""
    known = {"title": "A walk", "words": "a secret"}
    fields = [TITLE, *(Field(f"f{number}", Kind.TEXT, "Label", "Hint") for number in range(4))]
    words = Field("words", Kind.PARAGRAPH, "Words", "Hint", required=False)
    form = form_of(ask(*fields, words, hidden={"row": "7"}, known=known, held="token"))

    assert {"row": "7", FILLED: "token"} == decode(form.custom_id).arguments
    assert ["title", "f0", "f1", "f2", "f3"] == [
        part["custom_id"] for part in walk(form.to_components()) if "custom_id" in part
    ]


def test_a_file_that_is_known_stays_in_hand() -> None:
    """An input for files shows none, so it need not be sent again."""
    file = Field("file", Kind.FILE, "File", "Hint")
    form, empty = form_of(ask(file, known={"file": "a: 1"}, held="token")), form_of(ask(file, held="token"))

    assert [{FILLED: "token"}, {}] == [decode(one.custom_id).arguments for one in (form, empty)]
    assert [False, True] == [component(one, "file")["required"] for one in (form, empty)]


def test_a_sentence_stands_first_where_there_is_room() -> None:
    """Discord takes five parts in a form; inputs come before sentences."""
    short = form_of(ask(TITLE, note="It was *changed*.")).to_components()
    long = form_of(ask(*(replace(TITLE, name=f"f{n}") for n in range(5)), note="It was changed.")).to_components()

    assert [(10, "It was \\*changed\\*."), 18] == [(short[0]["type"], short[0]["content"]), short[1]["type"]]
    assert [18] * 5 == [part["type"] for part in long]


def test_every_kind_has_its_own_input() -> None:
    """People and channels are picked, choices are listed, the rest is written in one line or many."""
    kinds = (Kind.MEMBER, Kind.CHANNEL, Kind.CHOICE, Kind.PARAGRAPH, Kind.DATE)
    fields = [Field(kind, kind, "Label", "Hint", choices=(Choice("One", "one"),)) for kind in kinds]
    form = form_of(ask(*fields, known={"member": "@12", "channel": "#34", "choice": "one", "date": "2026-08-01"}))

    assert [5, 8, 3, 4, 4] == [component(form, kind)["type"] for kind in kinds]
    assert [{"id": 12, "type": "user"}] == component(form, "member")["default_values"]
    assert [{"id": 34, "type": "channel"}] == component(form, "channel")["default_values"]
    assert [True] == [option["default"] for option in component(form, "choice")["options"]]
    assert [2, 1] == [component(form, kind)["style"] for kind in ("paragraph", "date")]


def test_yes_and_several_are_picked_from_lists() -> None:
    """A flag is yes or no; of several choices, none is as good as all where nothing is required."""
    offered = (Choice("Monday", "mon"), Choice("Friday", "fri"))
    flag = Field("flag", Kind.FLAG, "Label", "Hint", required=False)
    days = Field("days", Kind.CHOICES, "Label", "Hint", required=False, choices=offered)
    form = form_of(ask(flag, days, known={"flag": "no", "days": "fri,mon"}))

    assert [(3, 0, 1), (3, 0, 2)] == [
        (part["type"], part["min_values"], part["max_values"])
        for part in (component(form, name) for name in ("flag", "days"))
    ]
    assert [("Yes", False), ("No", True)] == [
        (option["label"], option["default"]) for option in component(form, "flag")["options"]
    ]
    assert [True, True] == [option["default"] for option in component(form, "days")["options"]]


def test_a_problem_is_said_beside_its_input() -> None:
    """The problem takes the place of the hint, which stays in the empty input."""
    labels = form_of(ask(TITLE, problems={"title": "Too long."})).to_components()

    assert ("Title", "Too long.") == (labels[0]["label"], labels[0]["description"])
    assert "What it is about" == labels[0]["component"]["placeholder"]


def test_a_form_that_cannot_follow_becomes_a_message() -> None:
    """It lists the problems as text and opens the form again from what is held."""
    wrong = ask(TITLE, problems={"title": "**Too** long."}, hidden={"row": "7"}, held="h1")
    message = draw_as_message(wrong, platform_words(), "en")
    late_ask = replace(wrong, problems={})
    late = draw_as_message(late_ask, platform_words(), "en")

    assert [Button("Mend it", "note add", {"row": "7", HELD: "h1"}, Emphasis.PRIMARY)] == list(message.buttons)
    assert f"- **{plain('Title')}**: {plain('**Too** long.')}" in message.body
    assert (
        plain("It was *changed*.")
        == draw_as_message(replace(late_ask, note="It was *changed*."), platform_words(), "en").body
    )
    assert ("Open the form", {"row": "7", HELD: "h1"}) == (late.buttons[0].label, late.buttons[0].arguments)


RETURNED: list[tuple[list[Json], dict[str, str]]] = [
    ([{"type": 18, "component": {"type": 4, "custom_id": "a", "value": "x"}}], {"a": "x"}),
    ([{"type": 18, "component": {"type": 4, "custom_id": "a", "value": "  "}}], {"a": "  "}),
    ([{"type": 18, "component": {"type": 3, "custom_id": "a", "values": ["x"]}}], {"a": "x"}),
    ([{"type": 18, "component": {"type": 3, "custom_id": "a", "values": ["x", "y"]}}], {"a": "x,y"}),
    ([{"type": 18, "component": {"type": 19, "custom_id": "a", "values": ["12"]}}], {}),
    ([{"type": 18, "component": {"type": 5, "custom_id": "a", "values": ["12"]}}], {"a": "@12"}),
    ([{"type": 18, "component": {"type": 8, "custom_id": "a", "values": ["34"]}}], {"a": "#34"}),
    ([{"type": 18, "component": {"type": 8, "custom_id": "a", "values": []}}], {"a": ""}),
    ([{"type": 1, "components": [{"type": 4, "custom_id": "a", "value": "x"}]}, {"type": 10}], {"a": "x"}),
]


@pytest.mark.parametrize(("returned", "expected"), RETURNED)
def test_what_comes_back_is_read(returned: list[Json], expected: dict[str, str]) -> None:
    """Each kind of input comes back as the argument it stands for; empty ones as empty ones, files not at all."""
    assert expected == read_form(returned)
