"""What is kept about somebody as a leader, as they may take it or erase it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import select

from bot.community.leaders import TABLE, Leaders, Own
from bot.community.tables import answers, asks, duties, requests
from bot.core.port import Member
from bot.storage.database import Database


class LeaderRecords:
    """The rows of `leaders`, and what goes with them: duty, and requests. Implements `PersonalData`."""

    tables: Sequence[str] = (TABLE, "duties", "answers", "requests", "asks")

    def __init__(self, database: Database, leaders: Leaders) -> None:
        self._database = database
        self._leaders = leaders

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return whether the member is a leader, what they chose, and when they were on duty, asked and answered."""
        leader = await self._leaders.kept(member)
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
        role: Mapping[str, object] = {"accepted": leader.accepted, "direct_messages": leader.direct}
        chosen = [{"rule": name, "value": value} for name, value in _chosen(leader.own)]
        written = {"written": {"at": leader.written_at.isoformat()}} if leader.written_at else {}
        return {
            **({"led": {"until": leader.gone_at.isoformat()}} if leader.gone_at else {"leader": role}),
            **written,
            **({"rules": chosen} if chosen else {}),
            **({"duties": times} if times else {}),
            **({"answered": [{"at": row.answered_at.isoformat()} for row in answered]} if answered else {}),
            **({"asked": [{"at": row.asked_at.isoformat(), "said": row.answer} for row in asked]} if asked else {}),
            **({"wishes": [{"at": row.asked_at.isoformat(), "wish": row.kind} for row in wishes]} if wishes else {}),
        }

    async def erase(self, member: Member) -> None:
        """Remove the member's leadership, and all that goes with it, at once."""
        await self._leaders.erase(member)


def _chosen(own: Own) -> Sequence[tuple[str, str]]:
    """Return what differs from what everybody has, by its name."""
    usual = asdict(Own())
    return [(name, str(value)) for name, value in asdict(own).items() if value != usual[name]]
