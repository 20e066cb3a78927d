"""Who people are to us. Implements the core's `Directory` from rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.community.groups import Groups
from bot.community.leaders import Leaders
from bot.community.people import People
from bot.community.quiet import quiet_at
from bot.core.feature import KnownCommunity, Quiet, Reader
from bot.core.port import Actor, Channel, Member, Platform, Role
from bot.core.text import Words, channel_link, plain

DEFAULT_ZONE: Final = "UTC"


class HouseDirectory:
    """Answers at the moment of use: nothing about roles is remembered."""

    def __init__(
        self, groups: Groups, leaders: Leaders, people: People, words: Words, platforms: Mapping[str, Platform]
    ) -> None:
        self._platforms = platforms
        self._groups = groups
        self._leaders = leaders
        self._people = people
        self._words = words

    async def role(self, actor: Actor) -> Role:
        """Return organiser for those who manage the community, leader for those who accepted, anyone else."""
        if actor.manages_community:
            return Role.ORGANISER
        leader = await self._leaders.find(actor.member)
        return Role.LEADER if leader and leader.accepted else Role.ANYONE

    async def is_here(self, member: Member) -> bool:
        """Ask the platform, which alone knows who has left."""
        return await self._platforms[member.community.platform].look_up(member) is not None

    async def reader(self, member: Member, locale: str = "") -> Reader:
        """Return a member's own language and zone; else the platform's language, else those of the first group."""
        async with self._people.glance():
            own = await self._people.settings(member)
            groups = await self._groups.all(member.community)
        zone = own.zone or (groups[0].zone if groups else DEFAULT_ZONE)
        language = groups[0].language if groups else ""
        return Reader(self._words.best(own.language, locale, language), zone)

    async def group_reader(self, channel: Channel) -> Reader:
        """Return the language and zone of the group in a channel."""
        group = await self._groups.at(channel)
        return (
            Reader(self._words.best(group.language), group.zone) if group else Reader(self._words.best(), DEFAULT_ZONE)
        )

    async def quiet(self, channel: Channel, at: datetime) -> Quiet | None:
        """Return the silence of the group in a channel at an instant."""
        group = await self._groups.at(channel)
        return quiet_at(group, at) if group else None

    async def is_silenced(self, member: Member) -> bool:
        """Return whether a leader asked for nothing public about a member any more."""
        return bool((await self._people.settings(member)).silenced)

    async def communities_of(self, platform: str, person: str) -> Sequence[KnownCommunity]:
        """Return the communities of a platform that keep something about a person, named by their first group."""
        found: list[KnownCommunity] = []
        for row, community in await self._people.communities_of(platform, person):
            groups = await self._groups.all(community)
            name = channel_link(groups[0].channel) if groups else plain(community.id)
            found.append(KnownCommunity(row, community, name))
        return found

    async def take_note(self, member: Member) -> str | None:
        """Return, once, the key of a sentence that could not be sent to a member directly."""
        return await self._people.take_note(member)

    async def leave_note(self, member: Member, key: str) -> None:
        """Keep the key of a sentence for the next time a member uses the bot."""
        await self._people.leave_note(member, key)
