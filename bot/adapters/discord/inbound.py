"""Reads what reaches us from Discord as invocations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

import discord

from bot.adapters.discord.commands import Json, Used, pointed_at, read_command
from bot.adapters.discord.forms import read_form
from bot.adapters.discord.ids import Target, decode
from bot.core.port import (
    ADDRESSED,
    TEXT,
    Actor,
    Address,
    Channel,
    Community,
    Entry,
    Invocation,
    Member,
    Pointed,
    ReplyTo,
    Thread,
)

NAME: Final = "discord"
HAS_THREAD: Final = 1 << 5
_WRITTEN: Final = frozenset({0, 19})
"""Types of messages that their authors wrote: all others tell of joins, pins and the like."""
_MENTION: Final = re.compile(r"<(@|#)[!&]?(\d+)>")


def read_interaction(interaction: discord.Interaction, catalogue: Sequence[Entry]) -> Invocation | None:
    """Return what somebody typed, pressed, chose or submitted; None for what is none of these."""
    data = data_of(interaction)
    match interaction.type:
        case discord.InteractionType.application_command:
            used = read_command(data, catalogue)
            invocation = _invocation(interaction, Target(used.path, used.arguments))
            return replace(invocation, about=_pointed(data, invocation))
        case discord.InteractionType.component:
            return _invocation(interaction, decode(data["custom_id"]))
        case discord.InteractionType.modal_submit:
            target = decode(data["custom_id"])
            filled = {**target.arguments, **read_form(data["components"])}
            return _invocation(interaction, Target(target.command, filled, target.community))
        case _:
            return None


def read_typing(interaction: discord.Interaction, catalogue: Sequence[Entry]) -> tuple[Used, Actor]:
    """Return what is being typed into an option, and by whom."""
    return read_command(data_of(interaction), catalogue), _actor(interaction, "")


def read_direct(message: discord.Message) -> Invocation:
    """Return a direct message as addressed text, with Discord's mentions as a command line writes them."""
    member = Member(Community(NAME, ""), str(message.author.id))
    text = _MENTION.sub(r"\1\2", message.content)
    return Invocation(ADDRESSED, {TEXT: text}, Actor(member, message.author.display_name), member)


def is_private(interaction: discord.Interaction) -> bool:
    """Return whether this came from a message that one person alone sees."""
    message = interaction.message
    return message is not None and (message.flags.ephemeral or interaction.guild_id is None)


def data_of(interaction: discord.Interaction) -> Mapping[str, Any]:
    """Return what came with an interaction, as Discord sent it."""
    return cast("Mapping[str, Any]", interaction.data or {})


def _invocation(interaction: discord.Interaction, target: Target) -> Invocation:
    actor = _actor(interaction, target.community)
    place = _place(interaction, actor.member)
    return Invocation(target.command, target.arguments, actor, place, on_private=is_private(interaction))


def _actor(interaction: discord.Interaction, carried: str) -> Actor:
    """Describe who acts. `carried` is the community that a button in a direct message brings along."""
    community = Community(NAME, str(interaction.guild_id) if interaction.guild_id else carried)
    may = interaction.permissions
    return Actor(
        Member(community, str(interaction.user.id)),
        interaction.user.display_name,
        str(interaction.locale),
        manages_community=interaction.guild_id is not None and (may.manage_guild or may.administrator),
    )


def _place(interaction: discord.Interaction, member: Member) -> Address:
    if interaction.guild_id is None:
        return member
    community, room = member.community, interaction.channel
    if isinstance(room, discord.Thread):
        return Thread(Channel(community, str(room.parent_id)), str(room.id))
    return Channel(community, str(interaction.channel_id))


def _pointed(data: Mapping[str, Any], invocation: Invocation) -> Pointed | None:
    """Return the message that a menu was used on."""
    message = pointed_at(data)
    if not message:
        return None
    name = str(data["target_id"])
    author: Json = message.get("author") or {}
    wrote = not (author.get("bot") or message.get("webhook_id")) and message.get("type", 0) in _WRITTEN
    member = Member(invocation.actor.member.community, str(author["id"])) if wrote and author else None
    threaded = bool(message.get("thread") or message.get("flags", 0) & HAS_THREAD)
    return Pointed(invocation.place, name, member, _beside(invocation.place, name, threaded))


def _beside(place: Address, message: str, threaded: bool) -> Address:
    """Return where an answer to a message belongs. A thread has the id of the message that it was started from."""
    match place:
        case Channel():
            return Thread(place, message) if threaded else ReplyTo(place, message)
        case Thread(channel, thread):
            return ReplyTo(channel, message, thread)
        case _:
            return place
