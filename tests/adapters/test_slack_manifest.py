"""The manifest is what Slack takes, and asks for what we use: no more, no less."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.adapters.slack import manifest, manifest_text
from bot.adapters.slack.manifest import EVENTS, SCOPES
from bot.core.port import Entry, Role, Shown
from tests.adapters.fake_core import CATALOGUE, MIRROR, MIRROR_LABEL, POINT, POINT_LABEL
from tests.adapters.fake_slack import SUBSCRIPTIONS
from tests.adapters.fake_slack_api import ALL_SCOPES
from tests.adapters.slack_harness import platform_words

WORDS = platform_words()
SCHEMA = Path(os.environ.get("HEARTHSIDE_SPECS", "")) / "slack-manifest.schema.json"
URL = "https://bot.example.org/slack/events"


@pytest.mark.parametrize("url", ["", URL])
def test_slack_takes_the_manifest(url: str) -> None:
    """Over either way in, the manifest is valid by Slack's own schema."""
    if not SCHEMA.is_file():
        pytest.skip("HEARTHSIDE_SPECS names no folder with Slack's manifest schema")
    validator: Any = Draft7Validator(json.loads(SCHEMA.read_text()))

    errors = [error.message for error in validator.iter_errors(manifest(CATALOGUE, WORDS, url=url))]

    assert [] == errors


def test_the_command_can_be_renamed() -> None:
    """A workspace may have another /hearth; names of people and channels always come as ids."""
    (command,) = manifest(CATALOGUE, WORDS, command="/circle")["features"]["slash_commands"]

    assert ("/circle", True) == (command["command"], command["should_escape"])


def test_message_menus_come_from_the_catalogue() -> None:
    """Entries shown in menus are shortcuts of that name; without any there is no list of them."""
    shortcuts = manifest(CATALOGUE, WORDS)["features"]["shortcuts"]

    expected = [(MIRROR, MIRROR_LABEL, "message"), (POINT, POINT_LABEL, "message")]
    assert expected == [(one["callback_id"], one["name"], one["type"]) for one in shortcuts]
    assert "shortcuts" not in manifest([Entry("greet", "Greet", Role.ANYONE)], WORDS)["features"]


def test_long_menu_names_fit() -> None:
    """A name has 24 characters at most."""
    entry = Entry("worried", "Worried about someone in the circle?", Role.ANYONE, shown=Shown.MENU)

    (shortcut,) = manifest([entry], WORDS)["features"]["shortcuts"]

    assert 24 == len(shortcut["name"])


def test_the_way_in_is_a_socket_or_an_address() -> None:
    """With an address Slack sends requests there; without, the app uses Socket Mode and tells no address."""
    socket, address = manifest(CATALOGUE, WORDS), manifest(CATALOGUE, WORDS, url=URL)

    assert (True, False) == (socket["settings"]["socket_mode_enabled"], address["settings"]["socket_mode_enabled"])
    assert URL not in json.dumps(socket)
    assert 4 == json.dumps(address).count(URL)


def test_every_scope_has_its_reason_beside_it() -> None:
    """The text is the manifest, with a comment for each scope that says what it is for."""
    text = manifest_text(CATALOGUE, WORDS)

    assert manifest(CATALOGUE, WORDS) == yaml.safe_load(text)
    assert all(f"- {scope}  # {reason}\n" in text for scope, reason in SCOPES.items())


def test_nothing_is_asked_for_that_is_not_used() -> None:
    """Other people's files and other conversations stay closed; channel messages are not subscribed to."""
    assert set() == set(SCOPES) - ALL_SCOPES
    assert not {"files:read", "im:read", "users:read.email", "chat:write.public", "channels:join"} & set(SCOPES)
    assert set(EVENTS) == SUBSCRIPTIONS
