"""The peer leaders of a community, and what they chose for themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, case, delete, literal, select, update

from bot.community.groups import community_id
from bot.community.tables import answers, communities, duties, leaders, requests
from bot.core.port import Community, Member
from bot.storage.database import Database, Unit, insert_once
from bot.storage.members import index_member, open_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import Instant, new_id

TABLE: Final = "leaders"
SETTINGS: Final = "leaders.settings"
KEPT: Final = timedelta(days=30)
"""What is kept of somebody's leadership goes so long after it."""
Listener: TypeAlias = Callable[[Unit, int], Awaitable[None]]


class Look(StrEnum):
    """What is to be looked at, at an instant that stands in the leader's row: planned hours, breaks, check-ins."""

    DUTY = "duty_at"
    BREAK = "break_at"
    CHECK = "check_at"


@dataclass(frozen=True, slots=True)
class Own:
    """What a leader chose for themself. None where the house decides; empty texts are "none".

    `hours`: when they usually look after the group, as `hours.read_hours` reads it. `quiet`: their own quiet hours,
    such as "22:00-07:00". They are reminded of a break `after` so many minutes on duty, after `days` in a row, after a
    request for `support`, and at `times` of their own clock, such as "11:00, 15:30"; `most` so many times a day. 0 is
    never. `rhythm`: weeks from one check-in to the next; 0 is none.
    """

    hours: str = ""
    quiet: str = ""
    after: int | None = None
    most: int | None = None
    days: int | None = None
    support: bool = True
    times: str = ""
    rhythm: int = 1


@dataclass(frozen=True, slots=True)
class Leader:
    """A leader, or somebody invited to be one. `direct`: they gave leave for direct messages.

    `away_until` may have passed. `written_at`: when they were last written to unasked, reminders of breaks aside.
    `check_at`: when they are asked next how they are, if ever. `gone_at`: since when they lead no more.
    `again`: how often they were invited anew after that.
    """

    id: int
    member: Member
    accepted: bool
    direct: bool
    own: Own = Own()
    away_until: datetime | None = None
    written_at: datetime | None = None
    check_at: datetime | None = None
    gone_at: datetime | None = None
    again: int = 0

    def away(self, now: datetime) -> datetime | None:
        """Return when the break ends that the leader is on; None when they are on none."""
        return self.away_until if self.away_until and self.away_until > now else None


class Leaders:
    """The rows of `leaders`. What is kept about them is told and erased by `LeaderRecords`."""

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing
        self._listeners: list[Listener] = []

    def left(self, listener: Listener) -> None:
        """Have a feature hear who leads no more, inside the unit of work in which that is so."""
        self._listeners.append(listener)

    async def invite(self, member: Member) -> bool:
        """Note that somebody is invited. Returns False when they are a leader, or invited, already."""
        row = new_id()
        async with self._database.write() as unit:
            values = {
                "id": row,
                "community_id": await community_id(unit, member.community),
                "member": seal_member(self._sealing, TABLE, row, member),
                "member_index": self._index(member),
                "accepted": False,
                "direct": False,
                "again": 0,
            }
            if await insert_once(unit, leaders, values, [leaders.c.community_id, leaders.c.member_index]):
                return True
            gone = (leaders.c.member_index == self._index(member), leaders.c.gone_at.is_not(None))
            again = update(leaders).where(*gone).values(gone_at=None, again=leaders.c.again + 1)
            return (await unit.execute(again.returning(leaders.c.id))).first() is not None

    async def accept(self, member: Member, check_at: datetime | None = None, now: datetime | None = None) -> bool:
        """Make an invited person a leader, with leave for direct messages. Returns False when nobody invited them.

        `check_at`: when they are first asked how they are. Accepted again, it stays as it is. `now`: when to look at
        them, for somebody who led before has hours and rules.
        """
        async with self._database.write() as unit:
            changed = update(leaders).where(leaders.c.member_index == self._index(member), leaders.c.gone_at.is_(None))
            first = case((leaders.c.accepted, leaders.c.check_at), else_=literal(check_at, Instant))
            looks = {Look.DUTY: now, Look.BREAK: now} if now else {}
            values = {"accepted": True, "direct": True, "check_at": first, **looks}
            result = await unit.execute(changed.values(values).returning(leaders.c.id))
            return result.first() is not None

    async def remove(self, member: Member, now: datetime) -> bool:
        """End somebody's leadership or invitation, quietly: duty, a break, what they ask. Returns False without one.

        What is kept about them stays theirs until `forget`; of an invitation nothing is kept.
        """
        async with self._database.write() as unit:
            mine = (leaders.c.member_index == self._index(member), leaders.c.gone_at.is_(None))
            row = await unit.one_or_none(select(leaders).where(*mine).with_for_update())
            if row is None:
                return False
            if not row.accepted and not row.again:
                await unit.execute(delete(leaders).where(leaders.c.id == row.id))
                return True
            for listener in self._listeners:
                await listener(unit, row.id)
            of = duties.c.leader_id == row.id
            await unit.execute(delete(duties).where(of, duties.c.since > now))
            await unit.execute(update(duties).where(of, duties.c.until > now).values(until=now, ended=True))
            asking = update(requests).where(requests.c.leader_id == row.id)
            await unit.execute(asking.values(open=False, next_at=None))
            await unit.execute(update(answers).where(answers.c.leader_id == row.id).values(offered=True))
            over = {"accepted": False, "direct": False, "away_until": None, "gone_at": now}
            await unit.execute(
                update(leaders).where(leaders.c.id == row.id).values(over | dict.fromkeys(Look)),
            )
        return True

    async def erase(self, member: Member) -> None:
        """Remove somebody's leadership, and all that goes with it, at once."""
        async with self._database.write() as unit:
            await unit.execute(delete(leaders).where(leaders.c.member_index == self._index(member)))

    async def forget(self, now: datetime) -> None:
        """Forget those who have not led for so long."""
        async with self._database.write() as unit:
            await unit.execute(delete(leaders).where(leaders.c.gone_at <= now - KEPT))

    async def find(self, member: Member) -> Leader | None:
        """Return somebody's leadership or invitation."""
        leader = await self.kept(member)
        return leader if leader and leader.gone_at is None else None

    async def kept(self, member: Member) -> Leader | None:
        """Return what is kept of somebody's leadership, also when it is over: for them to take or to erase."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(leaders).where(leaders.c.member_index == self._index(member)))
        return self._leader(row) if row else None

    async def get(self, leader: int) -> Leader | None:
        """Return a leader by row id, which must come from our own rows."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(leaders).where(leaders.c.id == leader, leaders.c.gone_at.is_(None)))
        return self._leader(row) if row else None

    async def all(self, community: Community) -> Sequence[Leader]:
        """Return the leaders of a community, those invited included."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        async with self._database.read() as unit:
            leading = (*here, leaders.c.gone_at.is_(None))
            rows = await unit.all(select(leaders).join(communities).where(*leading).order_by(leaders.c.id))
        return [self._leader(row) for row in rows]

    # ------------------------------------------------------------ what they chose

    async def choose(self, leader: int, now: datetime, **chosen: str | int | bool) -> Leader | None:
        """Keep what a leader chose, beside what they chose before. Returns them; None when they lead no more."""
        async with self._database.write() as unit:
            row = await self.lock(unit, leader)
            if row is None:
                return None
            own = replace(self._own(row), **chosen)
            values: dict[str, object] = {
                "settings": self._sealing.seal_json(asdict(own), SETTINGS, leader),
                Look.BREAK: now,
                **({Look.DUTY: now} if "hours" in chosen else {}),
            }
            await unit.execute(update(leaders).where(leaders.c.id == leader).values(values))
        return await self.get(leader)

    async def lock(self, unit: Unit, leader: int) -> Row[Any] | None:
        """Let no other process change anything of a leader until the unit ends. Returns their row, if they lead."""
        leads = (leaders.c.id == leader, leaders.c.gone_at.is_(None))
        # Others may refer to the row meanwhile: whoever asks a leader for something does not wait for them.
        return await unit.one_or_none(select(leaders).where(*leads).with_for_update(key_share=True))

    async def wrote(self, unit: Unit, leader: int, now: datetime) -> None:
        """Remember that a leader is written to without having asked."""
        await unit.execute(update(leaders).where(leaders.c.id == leader).values(written_at=now))

    # ------------------------------------------------------------ when to look at them

    async def due(self, look: Look, now: datetime) -> Sequence[Leader]:
        """Return the leaders who are to be looked at by now."""
        async with self._database.read() as unit:
            wanted = (leaders.c.accepted, leaders.c[look] <= now)
            rows = await unit.all(select(leaders).where(*wanted).order_by(leaders.c.id))
        return [self._leader(row) for row in rows]

    async def look(self, unit: Unit, leader: int, look: Look, at: datetime | None) -> None:
        """Have a leader looked at then; None: not again until something changes."""
        await unit.execute(update(leaders).where(leaders.c.id == leader).values({look: at}))

    async def look_again(self, member: Member, now: datetime) -> None:
        """Have a leader looked at now: their clock is another one."""
        mine = update(leaders).where(leaders.c.member_index == self._index(member), leaders.c.accepted)
        async with self._database.write() as unit:
            await unit.execute(mine.values({Look.DUTY: now, Look.BREAK: now}))

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, TABLE, member)

    def read(self, row: Row[Any]) -> Leader:
        """Return the leader of a row of `leaders`, whatever else it holds."""
        return self._leader(row)

    def _leader(self, row: Row[Any]) -> Leader:
        return Leader(
            row.id,
            open_member(self._sealing, TABLE, row.id, row.member),
            row.accepted,
            row.direct,
            self._own(row),
            row.away_until,
            row.written_at,
            row.check_at,
            row.gone_at,
            row.again,
        )

    def _own(self, row: Row[Any]) -> Own:
        return Own(**self._sealing.open_json(row.settings, SETTINGS, row.id)) if row.settings else Own()
