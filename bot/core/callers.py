"""Who somebody is, asked of the directory once for each thing that they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.core.commands import Call

if TYPE_CHECKING:
    from bot.core.feature import Directory, KnownCommunity, Reader
    from bot.core.port import Actor, Address, Clock, Member, Pointed, Role


class Caller:
    """What the directory said about one person, while one thing that they do is carried out.

    A direct message may turn out to be about a community: then they are asked about there once more.
    """

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._readers: dict[Member, Reader] = {}
        self._roles: dict[Actor, Role] = {}
        self._known: Sequence[KnownCommunity] | None = None

    async def reader(self, actor: Actor) -> Reader:
        """Return how they read."""
        if actor.member not in self._readers:
            self._readers[actor.member] = await self._directory.reader(actor.member, actor.locale)
        return self._readers[actor.member]

    async def role(self, actor: Actor) -> Role:
        """Return what they may do."""
        if actor not in self._roles:
            self._roles[actor] = await self._directory.role(actor)
        return self._roles[actor]

    async def communities(self, member: Member) -> Sequence[KnownCommunity]:
        """Return the communities that keep something about them."""
        if self._known is None:
            self._known = await self._directory.communities_of(member.community.platform, member.id)
        return self._known

    async def call(self, actor: Actor, place: Address, about: Pointed | None = None) -> Call:
        """Return all that a handler is told about them."""
        reader, role = await self.reader(actor), await self.role(actor)
        return Call(actor, place, role, reader.locale, reader.zone, self._clock.now(), about)
