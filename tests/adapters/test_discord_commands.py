"""The catalogue as Discord's commands, and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.adapters.discord.commands import Used, draw_commands, read_command, same
from bot.core.port import Choice, Entry, Field, Kind, Role, Shown
from tests.adapters.discord_spec import discord_spec
from tests.adapters.fake_discord_rest import Request
from tests.adapters.fake_discord_world import Json

LIMITED = (
    Field("a", Kind.TEXT, "A", "Hint", longest=40),
    Field("b", Kind.NUMBER, "B", "Hint", lowest=1, highest=9),
    Field("c", Kind.CHOICE, "C", "Hint", choices=(Choice("One", "1"),)),
    Field("d", Kind.ZONE, "D", "x" * 200, suggests=True),
)
KINDS = tuple(Field(kind.value, kind, kind.value.title(), f"A {kind.value}") for kind in Kind)
CATALOGUE = (
    Entry("group add", "Add a group", Role.ORGANISER, (Field("in", Kind.CHANNEL, "Channel", "Where"),)),
    Entry("group list", "List the groups", Role.ORGANISER),
    Entry("kinds", "Every kind", Role.ANYONE, KINDS),
    Entry("mirror", "Help me reflect", Role.ANYONE, (Field("said", Kind.MESSAGE, "Message", "It"),), Shown.MENU),
    Entry("note keep", "Keep a note", Role.ANYONE, (), Shown.HIDDEN),
    Entry("support", "People to talk to", Role.ANYONE, anywhere=True),
)


def drawn(name: str) -> Json:
    return next(command for command in draw_commands(CATALOGUE) if command["name"] == name)


def entries(count: int, start: str, shown: Shown = Shown.TYPED) -> list[Entry]:
    return [Entry(f"{start}{number}", f"{start}{number}", Role.ANYONE, (), shown) for number in range(count)]


def test_the_first_word_is_a_command_of_its_own() -> None:
    """Longer paths become subcommands; hidden entries are not declared."""
    assert ["group", "kinds", "support", "Help me reflect"] == [one["name"] for one in draw_commands(CATALOGUE)]
    assert [("add", 1), ("list", 1)] == [(one["name"], one["type"]) for one in drawn("group")["options"]]
    assert "add · list" == drawn("group")["description"]
    assert [] == drawn("support")["options"]


def test_discord_hides_what_is_for_organisers_only() -> None:
    """*Manage Server* is asked for where the whole command is for organisers, and nowhere else."""
    asking = [one["name"] for one in draw_commands(CATALOGUE) if "default_member_permissions" in one]

    assert ["group"] == asking
    assert 1 << 5 == drawn("group")["default_member_permissions"]


def test_commands_belong_to_guilds_unless_they_work_anywhere() -> None:
    """Only what needs no community is offered in direct messages."""
    assert ([0], [0, 1]) == (drawn("group")["contexts"], drawn("support")["contexts"])


def test_each_kind_of_field_has_its_own_option() -> None:
    """Numbers, flags, people, channels and files are picked natively; the rest is text. Nothing is required."""
    types = {one["name"]: one["type"] for one in drawn("kinds")["options"]}
    native = {"number": 4, "flag": 5, "member": 6, "channel": 7, "file": 11}

    assert {kind.value: native.get(kind.value, 3) for kind in Kind} == types
    assert not [one for one in drawn("kinds")["options"] if "required" in one]


def test_a_number_that_is_suggested_is_searched_by_name() -> None:
    """Discord completes numbers by their digits only."""
    row = Field("row", Kind.NUMBER, "Row", "Hint", suggests=True, lowest=1)
    (command,) = draw_commands([Entry("show", "Show", Role.ANYONE, (row,))])

    assert [{"type": 3, "name": "row", "description": "Hint", "autocomplete": True}] == command["options"]


def test_a_list_is_completed_while_it_is_typed() -> None:
    """Discord's own choices would allow one alone."""
    days = Field("days", Kind.CHOICES, "Days", "Hint", choices=(Choice("Monday", "mon"),))
    (command,) = draw_commands([Entry("meet", "Meet", Role.ANYONE, (days,))])

    assert [{"type": 3, "name": "days", "description": "Hint", "autocomplete": True}] == command["options"]


def test_limits_of_fields_are_told_to_discord() -> None:
    """What Discord can check, it checks before anything is sent."""
    (command,) = draw_commands([Entry("limits", "Limits", Role.ANYONE, LIMITED)])
    a, b, c, d = command["options"]

    assert 40 == a["max_length"]
    assert (1, 9) == (b["min_value"], b["max_value"])
    assert [{"name": "One", "value": "1"}] == c["choices"]
    assert (True, 100) == (d["autocomplete"], len(d["description"]))


@pytest.mark.parametrize("catalogue", [entries(101, "c"), entries(26, "many c"), entries(6, "m", Shown.MENU)])
def test_more_than_discord_takes_is_an_error(catalogue: list[Entry]) -> None:
    """100 commands, 25 in a group, 5 menus."""
    with pytest.raises(ValueError, match="fit"):
        draw_commands(catalogue)


def test_what_discord_adds_makes_no_difference() -> None:
    """Ids, versions and defaults are Discord's; a changed word is ours."""
    mine = draw_commands(CATALOGUE)
    added = {"id": "1", "version": "2", "nsfw": False, "name_localizations": None, "description_localizations": None}
    fetched: list[Json] = [
        {"description": "", "options": [], **one, **added, "default_member_permissions": None} for one in mine
    ]
    fetched[0]["default_member_permissions"] = "32"
    changed = [{**fetched[0], "description": "another"}, *fetched[1:]]

    assert same(mine, fetched)
    assert not same(mine, changed)
    assert not same(mine, fetched[1:])
    assert not same(mine, [{**one, "default_member_permissions": None} for one in fetched])


def test_the_declaration_fits_discords_description() -> None:
    """Every kind of command, option and limit is as Discord describes it."""
    body = draw_commands([*CATALOGUE, Entry("limits", "Limits", Role.ORGANISER, LIMITED)])
    request = Request("PUT", "/applications/1/commands", {}, body, [], {}, datetime(2026, 11, 22, tzinfo=UTC))

    assert [] == list(discord_spec().faults(request))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"name": "support", "type": 1}, Used("support", {})),
        (
            {
                "name": "group",
                "type": 1,
                "options": [{"type": 1, "name": "add", "options": [{"type": 7, "name": "in", "value": "34"}]}],
            },
            Used("group add", {"in": "#34"}),
        ),
        (
            {
                "name": "kinds",
                "type": 1,
                "options": [
                    {"type": 5, "name": "flag", "value": False},
                    {"type": 4, "name": "number", "value": 7},
                    {"type": 6, "name": "member", "value": "12"},
                    {"type": 3, "name": "zone", "value": "Ber", "focused": True},
                ],
            },
            Used("kinds", {"flag": "no", "number": "7", "member": "@12", "zone": "Ber"}, "zone"),
        ),
        (
            {
                "name": "Help me reflect",
                "type": 3,
                "target_id": "9",
                "resolved": {"messages": {"9": {"content": "I could not sleep"}}},
            },
            Used("mirror", {"said": "I could not sleep"}),
        ),
        (
            {
                "name": "Help me reflect",
                "type": 3,
                "target_id": "9",
                "resolved": {
                    "messages": {
                        "9": {
                            "content": "",
                            "components": [{"type": 17, "components": [{"type": 10, "content": r"a\_b"}]}],
                        }
                    }
                },
            },
            Used("mirror", {"said": "a_b"}),
        ),
        (
            {
                "name": "Help me reflect",
                "type": 3,
                "target_id": "9",
                "resolved": {
                    "messages": {
                        "9": {
                            "content": "<@12> and <@!34> <:leaf:56> <@&7>, <a:wave:8>",
                            "mentions": [{"id": "12", "username": "ann", "global_name": "Ann"}],
                        }
                    }
                },
            },
            Used("mirror", {"said": "@Ann and @34 :leaf: <@&7>, :wave:"}),
        ),
        ({"name": "Help me reflect", "type": 3, "target_id": "9"}, Used("mirror", {"said": ""})),
        ({"name": "Old menu", "type": 3, "target_id": "9"}, Used("Old menu", {})),
    ],
)
def test_what_was_used_is_read(data: Json, expected: Used) -> None:
    """Words of the path and options become path and arguments; a menu brings the text of its message."""
    assert expected == read_command(data, CATALOGUE)
