"""Which group a command is about."""

from __future__ import annotations

from bot.community.groups import Group
from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal
from bot.core.port import Address, Channel, Member, Role


class Places:
    """Finds groups of the community of whoever asks, and of no other."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def groups(self, call: Call) -> dict[int, Group]:
        """Return the groups of the community, by their rows, in the order of their channels."""
        return {group.id: group for group in await self._tools.groups.all(call.member.community)}

    async def group(self, named: Channel | None, call: Call) -> Group:
        """Return the group that was named, else the one here, else the only one; otherwise it is asked for.

        Members reach only groups whose channel they can read.
        """
        found = (await self.groups(call)).values()
        if not found:
            raise Refusal("practice.no_groups")
        here = _channel(call.place)
        if named is None or named == here:
            for group in found:
                if group.channel == here:
                    return group
        wanted = [group for group in found if named is None or group.channel == named]
        if len(wanted) == 1 and await self._may_reach(wanted[0], call):
            return wanted[0]
        raise Mistake("in", "practice.no_group" if named else "practice.in_which")

    async def _may_reach(self, group: Group, call: Call) -> bool:
        if call.role >= Role.LEADER:
            return True
        return await self._tools.platforms[call.member.community.platform].belongs(call.member, group.channel)


def _channel(place: Address) -> Channel | None:
    match place:
        case Member():
            return None
        case Channel():
            return place
        case _:
            return place.channel
