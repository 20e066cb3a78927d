"""Reads which message somebody points at, and whom it mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from bot.adapters.slack.commands import read_text
from bot.adapters.slack.turns import Turn, thread_of
from bot.core.port import Channel, Member, Pointed, Thread

Json: TypeAlias = dict[str, Any]

MOST_NAMES: Final = 5  # each has to be asked for, while a form waits to be opened
_WRITTEN: Final = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""Subtypes of messages that a person wrote; all others tell of joins, topics and the like."""
_MENTIONED: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_MENTION: Final = re.compile(r"@([UW][A-Z0-9]+)")


def read_pointed(turn: Turn, message: Json) -> Pointed | None:
    """Return the message that a shortcut was used on, None when Slack does not tell.

    What is said about it stands in its thread, or in the thread in which it stands itself.
    """
    if not (message.get("ts") and turn.channel):
        return None
    name = str(message["ts"])
    wrote = message.get("user") and not message.get("bot_id") and message.get("subtype") in _WRITTEN
    author = Member(turn.community, str(message["user"])) if wrote else None
    beside = Thread(Channel(turn.community, turn.channel), thread_of(message) or name)
    return Pointed(turn.place, name, author, beside)


def mentioned(raw: str) -> set[str]:
    """Return the first few people whom a message mentions."""
    return set(list(dict.fromkeys(_MENTIONED.findall(raw)))[:MOST_NAMES])


def read_named(raw: str, names: Mapping[str, str]) -> str:
    """Return text as people read it, those whom it mentions by their names where these are known."""
    return _MENTION.sub(lambda found: f"@{names.get(found[1], found[1])}", read_text(raw))
