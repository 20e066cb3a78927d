"""Reads what reaches us from Discord as invocations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import discord

from bot.adapters.discord.commands import Used, read_command
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
    Thread,
)

NAME: Final = "discord"
_MENTION: Final = re.compile(r"<(@|#)[!&]?(\d+)>")


def read_interaction(interaction: discord.Interaction, catalogue: Sequence[Entry]) -> Invocation | None:
    """Return what somebody typed, pressed, chose or submitted; None for what is none of these."""
    data = data_of(interaction)
    match interaction.type:
        case discord.InteractionType.application_command:
            used = read_command(data, catalogue)
            return _invocation(interaction, Target(used.path, used.arguments))
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
