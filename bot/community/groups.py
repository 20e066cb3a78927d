"""The groups of a community, and the communities themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select, update

from bot.community.tables import communities, groups
from bot.core.commands import Mistake, Refusal
from bot.core.port import Address, Channel, Community, Member
from bot.storage.database import Database, Unit, insert_once
from bot.storage.tables import new_id


@dataclass(frozen=True, slots=True)
class Group:
    """A channel in which a support group meets, with its zone (IANA), language and country (two letters).

    `quiet_from` and `quiet_to` are wall times, both or neither; what falls between them `quiet_moves` to their end, or
    is left out. `silent`: a leader silenced the group, until `silent_until` if that is known.
    """

    id: int
    channel: Channel
    zone: str
    language: str
    country: str
    quiet_from: time | None = None
    quiet_to: time | None = None
    quiet_moves: bool = True
    silent: bool = False
    silent_until: datetime | None = None
    moments: str = ""

    def clock(self, at: datetime) -> str:
        """Return what a clock on the wall shows there, with its zone, whatever the reader's own clock shows."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M} ({self.zone})"


Listener: TypeAlias = Callable[[Group], Awaitable[None]]
_AWAKE: Final = {"silent": False, "silent_until": None}


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
        self._listeners: list[Listener] = []

    def tell(self, listener: Listener) -> None:
        """Have a feature hear which group was changed, for what it plans may come at another time now."""
        self._listeners.append(listener)

    async def add(self, channel: Channel, zone: str, language: str, country: str) -> bool:
        """Add a group, or change the one that is there. Returns True when it is new."""
        async with self._database.write() as unit:
            community = await community_id(unit, channel.community)
            last = await unit.scalar(select(func.max(groups.c.place)).where(groups.c.community_id == community))
            values = {
                "id": new_id(),
                "community_id": community,
                "place": (last or 0) + 1,
                "channel": channel.id,
                "zone": zone,
                "language": language,
                "country": country,
                "quiet_moves": True,
                **_AWAKE,
            }
            new = await insert_once(unit, groups, values, [groups.c.community_id, groups.c.channel])
            if not new:
                changed = {name: values[name] for name in ("zone", "language", "country")}
                where = (groups.c.community_id == values["community_id"], groups.c.channel == channel.id)
                await unit.execute(update(groups).where(*where).values(changed))
        if group := await self.at(channel):
            await self._told(group)
        return new

    async def change(self, group: int, **values: str | bool | time | None) -> Group | None:
        """Change columns of a group, and tell who plans for it. Returns what it is now; None when it is gone."""
        written = {
            name: value.isoformat("minutes") if isinstance(value, time) else value for name, value in values.items()
        }
        changed = await self._write(group, written)
        if changed:
            await self._told(changed)
        return changed

    async def silence(self, group: int, until: datetime | None) -> Group | None:
        """Silence a group, until an instant or until somebody ends it. Plans stay as they are."""
        return await self._write(group, {"silent": True, "silent_until": until})

    async def unsilence(self, group: int) -> Group | None:
        """End a group's silence."""
        return await self._write(group, _AWAKE)

    async def _write(self, group: int, values: Mapping[str, object]) -> Group | None:
        async with self._database.write() as unit:
            await unit.execute(update(groups).where(groups.c.id == group).values(values))
        return await self.get(group)

    async def _told(self, group: Group) -> None:
        for listener in self._listeners:
            await listener(group)

    async def meant(self, given: Channel | None, place: Address, community: Community) -> Group:
        """Return the group that a person means: the one named, else the one they are in, else the only one.

        Raises `Mistake` for the field `in`, or `Refusal` when there is no group at all.
        """
        found = await self.all(community)
        if not found:
            raise Refusal("groups.none")
        named = next((group for group in found if group.channel == given), None)
        if given is not None and named is None:
            raise Mistake("in", "groups.unknown")
        here = None if isinstance(place, Member) else place if isinstance(place, Channel) else place.channel
        group = named or next((group for group in found if group.channel == here), None)
        if group is None and len(found) > 1:
            raise Mistake("in", "groups.which")
        return group or found[0]

    async def ours(self, group: int, community: Community) -> Group:
        """Return a group by a row that came with a button. Raises `Refusal` unless it is of that community."""
        found = await self.get(group)
        if found is None or found.channel.community != community:
            raise Refusal("groups.gone")
        return found

    async def all(self, community: Community) -> Sequence[Group]:
        """Return the groups of a community, the one that was added first before the others."""
        async with self._database.read() as unit:
            rows = await unit.all(_select().where(*_is(community)).order_by(groups.c.place, groups.c.channel))
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

    async def within(self, unit: Unit, group: int) -> Group:
        """Return a group inside a unit of work. Raises `LookupError` when it is gone."""
        row = await unit.one_or_none(_select().where(groups.c.id == group))
        if row is None:
            message = f"group {group} is gone"
            raise LookupError(message)
        return _group(row)


def _select() -> Any:
    return select(groups, communities.c.platform, communities.c.external_id).join(communities)


def _is(community: Community) -> tuple[Any, Any]:
    return communities.c.platform == community.platform, communities.c.external_id == community.id


def _group(row: Row[Any]) -> Group:
    channel = Channel(Community(row.platform, row.external_id), row.channel)
    return Group(
        row.id,
        channel,
        row.zone,
        row.language,
        row.country,
        time.fromisoformat(row.quiet_from) if row.quiet_from else None,
        time.fromisoformat(row.quiet_to) if row.quiet_to else None,
        row.quiet_moves,
        row.silent,
        row.silent_until,
        row.moments or "",
    )
