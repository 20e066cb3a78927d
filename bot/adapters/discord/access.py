"""Works out who may do what in a channel."""

from __future__ import annotations

from typing import Final, TypeAlias

import discord

from bot.core.port import Access, Address, Channel, Member, ReplyTo, Thread

Room: TypeAlias = "discord.abc.GuildChannel | discord.Thread"

DIRECT: Final = Access(see=True, post=True, attach=True, pin=True, look_back=True)


def channel_of(to: Channel | Thread | ReplyTo) -> int:
    """Return Discord's id of the channel or thread behind an address."""
    match to:
        case Channel(_, id) | Thread(_, id):
            return int(id)
        case ReplyTo(channel, _, thread):
            return int(thread or channel.id)


async def our_access(client: discord.Client, to: Channel | Thread | ReplyTo) -> Access:
    """Return what we may do at an address. Raises what discord.py raises, `NotFound` for what is gone included.

    Asks Discord, not discord.py's memory: after a lost answer that memory may be as old as the last event.
    """
    guild = await client.fetch_guild(_guild_of(to), with_counts=False)
    room = await guild.fetch_channel(channel_of(to))
    me = await guild.fetch_member(client.user.id) if client.user else None
    may = await _permissions(guild, room, me) if me else discord.Permissions.none()
    in_thread = isinstance(room, discord.Thread)
    return Access(
        see=may.view_channel,
        post=may.view_channel and (may.send_messages_in_threads if in_thread else may.send_messages),
        thread=may.view_channel and may.create_public_threads and not in_thread,
        attach=may.attach_files,
        pin=may.pin_messages,
        look_back=may.view_channel and may.read_message_history,
        call=may.mention_everyone,
    )


async def can_read(client: discord.Client, member: Member, channel: Channel) -> bool:
    """Return whether a member sees a channel. Raises what discord.py raises."""
    guild = client.get_guild(int(channel.community.id))
    if guild is None or guild.unavailable:
        guild = await client.fetch_guild(int(channel.community.id), with_counts=False)
    room = guild.get_channel_or_thread(int(channel.id)) or await guild.fetch_channel(int(channel.id))
    return (await _permissions(guild, room, await guild.fetch_member(int(member.id)))).view_channel


async def _permissions(guild: discord.Guild, room: Room, person: discord.Member) -> discord.Permissions:
    """Return permissions; those in a thread are its channel's."""
    if not isinstance(room, discord.Thread):
        return room.permissions_for(person)
    parent = guild.get_channel(room.parent_id) or await guild.fetch_channel(room.parent_id)
    return discord.Permissions.none() if isinstance(parent, discord.Thread) else parent.permissions_for(person)


def _guild_of(to: Address) -> int:
    match to:
        case Channel(community) | Member(community):
            return int(community.id)
        case Thread(channel) | ReplyTo(channel):
            return int(channel.community.id)
