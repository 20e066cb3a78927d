"""Leaders as the tests of this folder need them."""

from __future__ import annotations

from bot.community.leaders import Leader, Leaders
from bot.core.port import Community
from tests.fakes import HERE, member


async def leads(crew: Leaders, name: str, community: Community = HERE) -> Leader:
    """Make somebody a leader who has accepted, and return them."""
    await crew.invite(member(name, community))
    await crew.accept(member(name, community))
    found = await crew.find(member(name, community))
    assert found
    return found


async def known(crew: Leaders, leader: int) -> Leader:
    """Return a leader as they are now."""
    found = await crew.get(leader)
    assert found
    return found
