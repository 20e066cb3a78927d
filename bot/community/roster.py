"""Who is looking after the groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import Row, case, delete, literal, select, update

from bot.community.leaders import Leader, Leaders, Look
from bot.community.tables import answers, communities, duties, leaders
from bot.core.port import Community
from bot.storage.database import Database, Unit
from bot.storage.tables import Instant, new_id


class Began(StrEnum):
    """How a duty came about: with an end that was told, without one, or by the leader's planned hours."""

    TOLD = "told"
    OPEN = "open"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Duty:
    """One time on duty of a leader: row ids and instants. One that begins later is left over after a break."""

    id: int
    leader: int
    since: datetime
    until: datetime
    began: Began = Began.TOLD


OnDuty: TypeAlias = tuple[Leader, Duty]


class Roster:
    """The rows of `duties`, and who is away from them. Whatever changes here has the leader's breaks looked at."""

    def __init__(self, database: Database, known: Leaders) -> None:
        self._database = database
        self._leaders = known

    # ------------------------------------------------------------ on and off

    async def begin(self, leader: int, now: datetime, until: datetime, began: Began = Began.TOLD) -> Duty:
        """Put a leader on duty, or move the end of the duty they are on. Whoever was on a break is back."""
        async with self._database.write() as unit:
            return await self.begin_in(unit, leader, now, until, began)

    async def begin_in(
        self, unit: Unit, leader: int, now: datetime, until: datetime, began: Began = Began.TOLD
    ) -> Duty:
        """Put a leader on duty inside a unit of work."""
        await self._leaders.lock(unit, leader)
        await self._back(unit, leader, now)
        await unit.execute(update(leaders).where(leaders.c.id == leader).values({Look.BREAK: now}))
        current = await self._held(unit, leader, now)
        if current:
            await unit.execute(update(duties).where(duties.c.id == current.id).values(until=until, kind=began))
            return Duty(current.id, leader, current.since, until, began)
        return await _add(unit, Duty(new_id(), leader, now, until, began))

    async def finish(self, leader: int, now: datetime) -> Duty | None:
        """Take a leader off duty. Returns the duty that ended, or None when they were not on."""
        async with self._database.write() as unit:
            return await self.finish_in(unit, leader, now)

    async def finish_in(self, unit: Unit, leader: int, now: datetime) -> Duty | None:
        """Take a leader off duty inside a unit of work. What is left of it after a break goes too."""
        current = await self._held(unit, leader, now)
        paused = await self._paused(unit, leader, now)
        await unit.execute(update(leaders).where(leaders.c.id == leader).values({Look.BREAK: now}))
        if paused:
            await unit.execute(delete(duties).where(duties.c.id == paused.id))
        if current is None:
            return _left(paused, now)
        await unit.execute(update(duties).where(duties.c.id == current.id).values(until=now, ended=True))
        return Duty(current.id, leader, current.since, now, Began(current.kind))

    # ------------------------------------------------------------ away and back

    async def rest(self, unit: Unit, leader: int, now: datetime, until: datetime, *, over: bool = False) -> Duty | None:
        """Take a leader away until an instant, at which they are on duty again if it still goes on.

        `over`: their duty does not go on after it, unless they are back before. Asked for again, the new end counts.
        Returns the duty they leave.
        """
        current = await self._held(unit, leader, now)
        left = current or await self._paused(unit, leader, now)
        values = {"away_until": until, Look.BREAK: now}
        await unit.execute(update(leaders).where(leaders.c.id == leader).values(values))
        if left is None:
            return None
        since = max(until, left.until) if over else until
        if current:
            await unit.execute(update(duties).where(duties.c.id == current.id).values(until=now, ended=True))
            await _add(unit, Duty(new_id(), leader, since, current.until, Began(current.kind)))
        else:
            await unit.execute(update(duties).where(duties.c.id == left.id).values(since=since))
        return _duty(left) if left.until > now else None

    async def back(self, leader: int, now: datetime) -> Duty | None:
        """End the break that a leader is on. Returns the duty they are on."""
        async with self._database.write() as unit:
            return await self.back_in(unit, leader, now)

    async def back_in(self, unit: Unit, leader: int, now: datetime) -> Duty | None:
        """End the break that a leader is on, inside a unit of work."""
        await self._leaders.lock(unit, leader)
        await self._back(unit, leader, now)
        current = await self._held(unit, leader, now)
        return _duty(current) if current else None

    async def _back(self, unit: Unit, leader: int, now: datetime) -> None:
        paused = await self._paused(unit, leader, now)
        away = (leaders.c.id == leader, leaders.c.away_until > now)
        # Planned hours that wait for the end of the break begin with it.
        waits = leaders.c.duty_at <= leaders.c.away_until
        look = case((waits, literal(now, Instant)), else_=leaders.c.duty_at)
        values = {"away_until": now, Look.BREAK: now, Look.DUTY: look}
        await unit.execute(update(leaders).where(*away).values(values))
        if paused:
            await unit.execute(update(duties).where(duties.c.id == paused.id).values(since=now))

    async def _held(self, unit: Unit, leader: int, now: datetime) -> Row[Any] | None:
        """Return the duty a leader is on, and let no other process change it until the unit ends."""
        await self._leaders.lock(unit, leader)
        return await unit.one_or_none(select(duties).where(_open(now), duties.c.leader_id == leader))

    async def _paused(self, unit: Unit, leader: int, now: datetime) -> Row[Any] | None:
        """Return what is left of a duty after the break that a leader is on, even if that is nothing by now."""
        waits = (duties.c.leader_id == leader, ~duties.c.ended, duties.c.since > now)
        return await unit.one_or_none(select(duties).where(*waits))

    # ------------------------------------------------------------ who is on

    async def current(self, leader: int, now: datetime) -> Duty | None:
        """Return the duty a leader is on."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(duties).where(_open(now), duties.c.leader_id == leader))
        return _duty(row) if row else None

    async def coming(self, leader: int, now: datetime) -> Duty | None:
        """Return the duty that goes on after the break a leader is on."""
        async with self._database.read() as unit:
            row = await self._paused(unit, leader, now)
        return _duty(row) if row and row.since < row.until else None

    async def on_duty(self, community: Community, now: datetime) -> Sequence[OnDuty]:
        """Return who looks after the groups of a community now, those on a break left out; the longest there first."""
        here = (communities.c.platform == community.platform, communities.c.external_id == community.id)
        joined = duties.join(leaders).join(communities)
        columns = [leaders, *(duties.c[name].label(f"duty_{name}") for name in ("id", "since", "until", "kind"))]
        query = select(*columns).select_from(joined).where(_open(now), *here).order_by(duties.c.since, leaders.c.id)
        async with self._database.read() as unit:
            rows = await unit.all(query)
        return [
            (
                self._leaders.read(row),
                Duty(row.duty_id, row.id, row.duty_since, row.duty_until, Began(row.duty_kind)),
            )
            for row in rows
        ]

    async def others(self, community: Community, leader: int, now: datetime) -> int:
        """Return how many other leaders of a community are on duty."""
        return sum(each.id != leader for each, _ in await self.on_duty(community, now))

    async def recent(self, leader: int, since: datetime) -> Sequence[Duty]:
        """Return the duties of a leader that ended after an instant or go on, oldest first."""
        mine = (duties.c.leader_id == leader, duties.c.until > since, duties.c.since < duties.c.until)
        async with self._database.read() as unit:
            rows = await unit.all(select(duties).where(*mine).order_by(duties.c.since))
        return [_duty(row) for row in rows]

    async def went(self, unit: Unit, leader: int, since: datetime) -> bool:
        """Return whether a leader has gone off duty since an instant, also where they had just begun."""
        mine = (duties.c.leader_id == leader, duties.c.ended, duties.c.until >= since)
        return bool(await unit.all(select(duties.c.id).where(*mine).limit(1)))

    # ------------------------------------------------------------ requests for support

    async def answered(self, leader: int, now: datetime) -> None:
        """Note that a leader has answered a member's request for support: that, and when."""
        async with self._database.write() as unit:
            values = {"id": new_id(), "leader_id": leader, "answered_at": now, "offered": False}
            await unit.execute(answers.insert().values(values))
            look = {Look.BREAK: now}
            await unit.execute(update(leaders).where(leaders.c.id == leader).values(look))

    async def answers(self, leader: int, since: datetime) -> Sequence[datetime]:
        """Return when a leader answered requests for support, oldest first."""
        mine = (answers.c.leader_id == leader, answers.c.answered_at > since)
        async with self._database.read() as unit:
            rows = await unit.all(select(answers.c.answered_at).where(*mine).order_by(answers.c.answered_at))
        return [row.answered_at for row in rows]

    async def unoffered(self, before: datetime) -> Sequence[tuple[int, datetime]]:
        """Return the leaders who were not offered to talk over what they answered by an instant, and when that was."""
        wanted = (~answers.c.offered, answers.c.answered_at <= before)
        query = select(answers.c.leader_id, answers.c.answered_at).where(*wanted).order_by(answers.c.answered_at)
        async with self._database.read() as unit:
            return [(row.leader_id, row.answered_at) for row in await unit.all(query)]

    async def offer(self, unit: Unit, leader: int) -> bool:
        """Note that a leader is offered to talk over what they answered. Returns False when they were already."""
        waiting = update(answers).where(answers.c.leader_id == leader, ~answers.c.offered).values(offered=True)
        return bool((await unit.execute(waiting.returning(answers.c.id))).all())


async def _add(unit: Unit, duty: Duty) -> Duty:
    values = {
        "id": duty.id,
        "leader_id": duty.leader,
        "since": duty.since,
        "until": duty.until,
        "ended": False,
        "kind": duty.began,
    }
    await unit.execute(duties.insert().values(values))
    return duty


def _open(now: datetime) -> Any:
    return ~duties.c.ended & (duties.c.since <= now) & (duties.c.until > now)


def _left(row: Row[Any] | None, now: datetime) -> Duty | None:
    """Return the duty of a row, unless it has run out, as it may during a break."""
    return _duty(row) if row and row.until > now else None


def _duty(row: Row[Any]) -> Duty:
    return Duty(row.id, row.leader_id, row.since, row.until, Began(row.kind))
