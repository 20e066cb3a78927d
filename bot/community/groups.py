"""The groups of a community, and the communities themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from bot.community.tables import communities, groups
from bot.core.port import Channel, Community
from bot.storage.database import Database, Unit, insert_once
from bot.storage.tables import new_id


@dataclass(frozen=True, slots=True)
class Group:
    """A channel in which a support group meets, with its zone (IANA), language and country (two letters)."""

    id: int
    channel: Channel
    zone: str
    language: str
    country: str


async def community_id(unit: Unit, community: Community) -> int:
    """Return the row of a community, made when it is new."""
    values = {"id": new_id(), "platform": community.platform, "external_id": community.id}
    await insert_once(unit, communities, values, [communities.c.platform, communities.c.external_id])
    found = await unit.scalar(select(communities.c.id).where(*_is(community)))
    assert found is not None  # noqa: S101  it was just made
    return found


class Groups:
    """The rows of `groups`. Every look-up names the community, so that nobody reaches into another one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, channel: Channel, zone: str, language: str, country: str) -> bool:
        """Add a group, or change the one that is there. Returns True when it is new."""
        async with self._database.write() as unit:
            values = {
                "id": new_id(),
                "community_id": await community_id(unit, channel.community),
                "channel": channel.id,
                "zone": zone,
                "language": language,
                "country": country,
            }
            new = await insert_once(unit, groups, values, [groups.c.community_id, groups.c.channel])
            if not new:
                changed = {name: values[name] for name in ("zone", "language", "country")}
                where = (groups.c.community_id == values["community_id"], groups.c.channel == channel.id)
                await unit.execute(update(groups).where(*where).values(changed))
            return new

    async def all(self, community: Community) -> Sequence[Group]:
        """Return the groups of a community, in the order of their channels."""
        async with self._database.read() as unit:
            rows = await unit.all(_select().where(*_is(community)).order_by(groups.c.channel))
        return [_group(row) for row in rows]

    async def at(self, channel: Channel) -> Group | None:
        """Return the group that meets in a channel."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(_select().where(*_is(channel.community), groups.c.channel == channel.id))
        return _group(row) if row else None

    async def get(self, group: int) -> Group | None:
        """Return a group by its row id, which must come from our own rows."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(_select().where(groups.c.id == group))
        return _group(row) if row else None

    async def channel(self, unit: Unit, group: int) -> Channel:
        """Return the channel of a group, inside a unit of work."""
        row = await unit.one_or_none(_select().where(groups.c.id == group))
        if row is None:
            message = f"group {group} is gone"
            raise LookupError(message)
        return _group(row).channel


def _select() -> Any:
    return select(groups, communities.c.platform, communities.c.external_id).join(communities)


def _is(community: Community) -> tuple[Any, Any]:
    return communities.c.platform == community.platform, communities.c.external_id == community.id


def _group(row: Row[Any]) -> Group:
    channel = Channel(Community(row.platform, row.external_id), row.channel)
    return Group(row.id, channel, row.zone, row.language, row.country)
