"""The app manifest, from which a self-hoster creates their own Slack app.

It asks for the fewest scopes that do the work; each has its reason beside it, as a comment in the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import yaml

from bot.adapters.slack.render import cut
from bot.core.port import Entry, Shown
from bot.core.text import DEFAULT_LOCALE, Words

Json: TypeAlias = dict[str, Any]

COMMAND: Final = "/hearth"
MOST_SHORTCUTS: Final = 5

_FIND_OWN: Final = "after an unclear answer, to find our own post there; all else is dropped unread"
SCOPES: Final[Mapping[str, str]] = {
    "app_mentions:read": "to answer, privately, those who mention the bot",
    "channels:history": _FIND_OWN,
    "channels:read": "to see whether a channel is there, is archived, and who of those we serve is in it",
    "chat:write": "to post exercises, celebrations and answers",
    "commands": "for the slash command and the entries in message menus",
    "files:write": "for pictures, and for your own data as a file; it cannot read other files",
    "groups:history": f"in private channels that the bot was invited to: {_FIND_OWN}",
    "groups:read": "the same as channels:read, in private channels that the bot was invited to",
    "im:history": "to read what is written to the bot directly",
    "im:write": "to write to people who asked for it",
    "pins:write": "to pin the newest exercise where a leader wishes it",
    "users:read": "for name, language and time zone, and to tell admins from members",
}
EVENTS: Final = ("app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked")


def manifest(
    catalogue: Sequence[Entry], words: Words, *, command: str = COMMAND, name: str = "Hearthside", url: str = ""
) -> Json:
    """Return the manifest. With a `url`, Slack sends signed requests there; without, the app uses Socket Mode."""
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": cut(name, 35),
            "description": cut(words.label("platform.app_summary", DEFAULT_LOCALE), 140),
            "long_description": cut(words.label("platform.app_about", DEFAULT_LOCALE), 4_000),
            "background_color": "#5b3a29",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": cut(name, 80), "always_online": False},
            **_shortcuts(catalogue, words),
            "slash_commands": [_slash_command(command, words, url)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": _settings(url),
    }


def _shortcuts(catalogue: Sequence[Entry], words: Words) -> Json:
    about = cut(words.label("platform.menu_about", DEFAULT_LOCALE), 150)
    found = [
        {"name": cut(entry.summary, 24), "type": "message", "callback_id": entry.path, "description": about}
        for entry in catalogue
        if entry.shown is Shown.MENU
    ]
    return {"shortcuts": found[:MOST_SHORTCUTS]} if found else {}


def _slash_command(command: str, words: Words, url: str) -> Json:
    drawn: Json = {
        "command": command,
        "description": words.label("platform.slash_summary", DEFAULT_LOCALE),
        "usage_hint": words.label("platform.slash_hint", DEFAULT_LOCALE),
        "should_escape": True,
    }
    return drawn | ({"url": url} if url else {})


def _settings(url: str) -> Json:
    request, menus = ({"request_url": url}, {"message_menu_options_url": url}) if url else ({}, {})
    return {
        "event_subscriptions": {**request, "bot_events": list(EVENTS)},
        "interactivity": {"is_enabled": True, **request, **menus},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not url,
        "token_rotation_enabled": False,
    }


def manifest_text(
    catalogue: Sequence[Entry], words: Words, *, command: str = COMMAND, name: str = "Hearthside", url: str = ""
) -> str:
    """Return the manifest as YAML to paste into Slack, with the reason for every scope beside it."""
    drawn = manifest(catalogue, words, command=command, name=name, url=url)
    text = yaml.safe_dump(drawn, sort_keys=False, allow_unicode=True, width=100)
    for scope, reason in SCOPES.items():
        text = text.replace(f"- {scope}\n", f"- {scope}  # {reason}\n")
    return text
