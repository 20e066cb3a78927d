"""The peer leaders of a community, and what they chose for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, case, delete, func, literal, select, update

from bot.community.groups import community_id
from bot.community.tables import answers, asks, communities, duties, leaders, requests
from bot.core.port import Community, Member
from bot.storage.database import Database, Unit, insert_once
from bot.storage.members import index_member, open_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import Instant, new_id

TABLE: Final = "leaders"
SETTINGS: Final = "leaders.settings"


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
    """

    id: int
    member: Member
    accepted: bool
    direct: bool
    own: Own = Own()
    away_until: datetime | None = None
    written_at: datetime | None = None

    def away(self, now: datetime) -> datetime | None:
        """Return when the break ends that the leader is on; None when they are on none."""
        return self.away_until if self.away_until and self.away_until > now else None


class Leaders:
    """The rows of `leaders`. Implements `PersonalData` for them and for what goes with them: duty, and requests."""

    tables: Sequence[str] = (TABLE, "duties", "answers", "requests", "asks")

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

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
            }
            return await insert_once(unit, leaders, values, [leaders.c.community_id, leaders.c.member_index])

    async def accept(self, member: Member, check_at: datetime | None = None) -> bool:
        """Make an invited person a leader, with leave for direct messages. Returns False when nobody invited them.

        `check_at`: when they are first asked how they are. Accepted again, it stays as it is.
        """
        async with self._database.write() as unit:
            changed = update(leaders).where(leaders.c.member_index == self._index(member))
            first = case((leaders.c.accepted, leaders.c.check_at), else_=literal(check_at, Instant))
            values = {"accepted": True, "direct": True, "check_at": first}
            result = await unit.execute(changed.values(values).returning(leaders.c.id))
            return result.first() is not None

    async def remove(self, member: Member) -> bool:
        """End somebody's leadership or invitation, and their duty with it. Returns False when there was none."""
        async with self._database.write() as unit:
            gone = delete(leaders).where(leaders.c.member_index == self._index(member)).returning(leaders.c.id)
            return (await unit.execute(gone)).first() is not None

    async def find(self, member: Member) -> Leader | None:
        """Return somebody's leadership or invitation."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(leaders).where(leaders.c.member_index == self._index(member)))
        return self._leader(row) if row else None

    async def away(self, member: Member, now: datetime) -> datetime | None:
        """Return when the break ends that somebody is on, during which nothing comes to them as a leader."""
        leader = await self.find(member)
        return leader.away(now) if leader else None

    async def get(self, leader: int) -> Leader | None:
        """Return a leader by row id, which must come from our own rows."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(leaders).where(leaders.c.id == leader))
        return self._leader(row) if row else None

    async def all(self, community: Community) -> Sequence[Leader]:
        """Return the leaders of a community, those invited included."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        async with self._database.read() as unit:
            rows = await unit.all(select(leaders).join(communities).where(*here).order_by(leaders.c.id))
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
        """Let no other process change anything of a leader until the unit ends. Returns their row."""
        return await unit.one_or_none(select(leaders).where(leaders.c.id == leader).with_for_update())

    async def wrote(self, unit: Unit, leader: int, now: datetime) -> None:
        """Remember that a leader is written to without having asked."""
        await unit.execute(update(leaders).where(leaders.c.id == leader).values(written_at=now))

    # ------------------------------------------------------------ when to look at them

    async def next(self, look: Look) -> datetime | None:
        """Return when the next leader is to be looked at."""
        async with self._database.read() as unit:
            return await unit.scalar(_NEXT[look])

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

    # ------------------------------------------------------------ what is kept about a member

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return whether the member is a leader, what they chose, and when they were on duty, asked and answered."""
        leader = await self.find(member)
        if leader is None:
            return {}
        async with self._database.read() as unit:
            mine = (duties.c.leader_id == leader.id, duties.c.since < duties.c.until)
            rows = await unit.all(select(duties).where(*mine).order_by(duties.c.since))
            was_there = select(answers.c.answered_at).where(answers.c.leader_id == leader.id)
            answered = await unit.all(was_there.order_by(answers.c.answered_at))
            said = select(asks.c.asked_at, asks.c.answer).where(asks.c.leader_id == leader.id)
            asked = await unit.all(said.order_by(asks.c.asked_at))
            wished = select(requests.c.asked_at, requests.c.kind).where(requests.c.leader_id == leader.id)
            wishes = await unit.all(wished.order_by(requests.c.asked_at))
        times = [{"since": row.since.isoformat(), "until": row.until.isoformat()} for row in rows]
        role = {"accepted": leader.accepted, "direct_messages": leader.direct}
        chosen = [{"rule": name, "value": value} for name, value in _chosen(leader.own)]
        return {
            "leader": role,
            **({"rules": chosen} if chosen else {}),
            **({"duties": times} if times else {}),
            **({"answered": [{"at": row.answered_at.isoformat()} for row in answered]} if answered else {}),
            **({"asked": [{"at": row.asked_at.isoformat(), "said": row.answer} for row in asked]} if asked else {}),
            **({"wishes": [{"at": row.asked_at.isoformat(), "wish": row.kind} for row in wishes]} if wishes else {}),
        }

    async def erase(self, member: Member) -> None:
        """Remove the member's leadership and duty."""
        await self.remove(member)

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
        )

    def _own(self, row: Row[Any]) -> Own:
        return Own(**self._sealing.open_json(row.settings, SETTINGS, row.id)) if row.settings else Own()


_NEXT: Final = {look: select(func.min(leaders.c[look])).where(leaders.c.accepted) for look in Look}
"""Drawn once: this is asked at every tick."""


def _chosen(own: Own) -> Sequence[tuple[str, str]]:
    """Return what differs from what everybody has, by its name."""
    usual = asdict(Own())
    return [(name, str(value)) for name, value in asdict(own).items() if value != usual[name]]
