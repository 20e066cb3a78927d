"""The link that invites the bot to a server, with the fewest permissions that its work needs."""

from __future__ import annotations

import base64
import binascii
from typing import Final

import discord

PERMISSIONS: Final = {
    "view_channel": "to see the channels it posts in",
    "send_messages": "to post",
    "send_messages_in_threads": "to post in threads",
    "create_public_threads": "to open a thread under a post, where a leader wishes it",
    "attach_files": "to show pictures on celebrations",
    "read_message_history": "to find its own post again after an unclear answer",
    "pin_messages": "to pin the newest exercise, where a leader wishes it",
}
"""Every permission the link asks for, and why."""


def application_of(token: str) -> str | None:
    """Return the application's id, which stands in the first part of a bot's token."""
    first = token.partition(".")[0]
    try:
        found = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return found if found.isdecimal() else None


def invite_link(application: str) -> str:
    """Return the link for an application id."""
    permissions = discord.Permissions(**dict.fromkeys(PERMISSIONS, True))
    return discord.utils.oauth_url(int(application), permissions=permissions, scopes=("bot", "applications.commands"))
