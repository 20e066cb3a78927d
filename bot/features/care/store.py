"""A leader's answers about themself. Only their own row leads to them, and they go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, select

from bot.community.leaders import Leaders
from bot.core.port import Member
from bot.delivery.settled import month_of
from bot.features.care.pairs import Pairs
from bot.features.care.rules import same_day
from bot.features.care.tables import TABLES, check_ins
from bot.storage.database import Database, Unit
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

KEPT: Final = timedelta(days=366)
DETAILS: Final = "check_ins.details"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One answer, from 1 to 5, and when it was given."""

    at: datetime
    score: int


class CheckInStore:
    """The rows of `check_ins`."""

    def __init__(self, database: Database, sealing: Sealing, leaders: Leaders) -> None:
        self._database = database
        self._sealing = sealing
        self._leaders = leaders

    async def of(self, leader: int) -> Sequence[CheckIn]:
        """Return a leader's answers, oldest first."""
        query = select(check_ins).where(check_ins.c.leader_id == leader)
        async with self._database.read() as unit:
            rows = await unit.all(query)
        return sorted((self._answer(row) for row in rows), key=lambda each: each.at)

    async def add(self, unit: Unit, leader: int, answer: CheckIn, zone: ZoneInfo) -> None:
        """Keep an answer in the place of another one of the same local day, and forget those of long ago."""
        await self._leaders.lock(unit, leader)
        mine = check_ins.c.leader_id == leader
        had = {row.id: self._answer(row).at for row in await unit.all(select(check_ins).where(mine))}
        gone = [row for row, at in had.items() if same_day(at, answer.at, zone) or at <= answer.at - KEPT]
        await unit.execute(delete(check_ins).where(check_ins.c.id.in_(gone)))
        row = new_id()
        given = {"at": answer.at.isoformat(), "score": answer.score}
        details = self._sealing.seal_json(given, DETAILS, row)
        values = {"id": row, "leader_id": leader, "made_at": month_of(answer.at), "details": details}
        await unit.execute(check_ins.insert().values(values))

    def _answer(self, row: Row[Any]) -> CheckIn:
        given: Mapping[str, str | int] = self._sealing.open_json(row.details, DETAILS, row.id)
        return CheckIn(datetime.fromisoformat(str(given["at"])), int(given["score"]))

    async def answered_on(self, leader: int, now: datetime, zone: ZoneInfo) -> bool:
        """Return whether a leader has answered on the local day of an instant."""
        return any(same_day(answer.at, now, zone) for answer in (await self.of(leader))[-1:])

    async def drop(self, unit: Unit, leader: int) -> None:
        """Remove a leader's answers."""
        await unit.execute(delete(check_ins).where(check_ins.c.leader_id == leader))


class CareData:
    """What `care` keeps about a leader. Implements `PersonalData`."""

    tables: Sequence[str] = TABLES

    def __init__(self, database: Database, leaders: Leaders, answers: CheckInStore, pairs: Pairs) -> None:
        self._database = database
        self._leaders = leaders
        self._answers = answers
        self._pairs = pairs

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return the leader's own answers, and that there is a buddy: who that is, is the other's."""
        leader = await self._leaders.kept(member)
        if leader is None:
            return {}
        answers = [{"at": each.at.isoformat(), "score": each.score} for each in await self._answers.of(leader.id)]
        async with self._database.read() as unit:
            pairs = await self._pairs.of(unit, leader.id)
        return {
            **({"check_ins": answers} if answers else {}),
            **({"buddy": True} if any(pair.agreed for pair in pairs) else {}),
            **({"buddy_asked": True} if any(not pair.agreed for pair in pairs) else {}),
        }

    async def erase(self, member: Member) -> None:
        """Remove the leader's answers, and whatever makes them a buddy."""
        leader = await self._leaders.kept(member)
        if leader is None:
            return
        async with self._database.write() as unit:
            await self._answers.drop(unit, leader.id)
            await self._pairs.drop(unit, await self._pairs.of(unit, leader.id))
