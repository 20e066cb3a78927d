"""What one leader asks of others: to take over, or to talk something over. One is asked after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from bot.community.leaders import Leaders
from bot.community.tables import asks, requests
from bot.storage.database import Database, Unit, insert_once
from bot.storage.tables import new_id

PATIENCE: Final = timedelta(minutes=10)
"""Who has not answered by then is not waited for, though they may still say yes until somebody else does."""
KEPT: Final = timedelta(days=35)
"""That somebody took over is counted for their own load."""


class Wish(StrEnum):
    """What is asked for: to take over a duty, to take over from the last one on duty, or twenty minutes to talk."""

    HANDOFF = "handoff"
    COVER = "cover"
    DEBRIEF = "debrief"


OVER: Final = frozenset({Wish.HANDOFF, Wish.COVER})
"""What somebody takes over."""
TALK: Final = frozenset({Wish.DEBRIEF})


class Answer(StrEnum):
    """What somebody who was asked has said."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"


class Outcome(StrEnum):
    """What becomes of an answer: it counts, somebody else was first, or it is not asked any more."""

    COUNTS = "counts"
    TAKEN = "taken"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Request:
    """A request by its row. `leader` asks, `until` is when the duty ends that is handed over.

    `waits`: somebody is waited for; later it stays open for those who were slow.
    """

    id: int
    leader: int
    wish: Wish
    asked_at: datetime
    until: datetime | None
    open: bool
    waits: bool = True

    def stands(self, now: datetime) -> bool:
        """Return whether a yes counts: while somebody is waited for, and then until the end that was asked for."""
        return self.open and (self.waits or now < (self.until or self.asked_at))


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked."""

    id: int
    request: Request
    leader: int
    answer: Answer


class Requests:
    """The rows of `requests` and `asks`. Every leader has one open request of a kind at most."""

    def __init__(self, database: Database, leaders: Leaders) -> None:
        self._database = database
        self._leaders = leaders

    async def begin(
        self, unit: Unit, leader: int, wish: Wish, now: datetime, until: datetime | None = None
    ) -> Request | None:
        """Begin a request. Returns None when there is an open one already. Nobody is asked yet."""
        await self._leaders.lock(unit, leader)
        await self.forget(unit, now)
        if await unit.one_or_none(select(requests).where(*_waiting_one(leader, wish))):
            return None
        given_up = (requests.c.leader_id == leader, requests.c.kind == wish)
        await unit.execute(update(requests).where(*given_up).values(open=False))
        row = new_id()
        values = {
            "id": row,
            "leader_id": leader,
            "kind": wish,
            "asked_at": now,
            "until": until,
            "open": True,
            "next_at": now + PATIENCE,
        }
        await unit.execute(requests.insert().values(values))
        return Request(row, leader, wish, now, until, open=True)

    async def ask(self, unit: Unit, request: Request, leader: int, now: datetime) -> int | None:
        """Ask somebody, and wait for them. Returns the row of it; None when they were asked already, or it is over."""
        still = select(requests.c.id).where(requests.c.id == request.id, requests.c.open)
        if await unit.one_or_none(still.with_for_update()) is None:
            return None
        row = new_id()
        values = {
            "id": row,
            "request_id": request.id,
            "leader_id": leader,
            "asked_at": now,
            "answer": Answer.WAITING,
        }
        if not await insert_once(unit, asks, values, [asks.c.request_id, asks.c.leader_id]):
            return None
        wait = update(requests).where(requests.c.id == request.id).values(next_at=now + PATIENCE)
        await unit.execute(wait)
        return row

    async def answer(self, unit: Unit, ask: int, answer: Answer, now: datetime) -> Outcome:
        """Keep an answer. A yes ends the request; of two at the same moment one counts."""
        found = await self._get(unit, ask)
        if found is None:
            return Outcome.OVER
        if not found.request.stands(now):
            others = (asks.c.request_id == found.request.id, asks.c.id != ask, asks.c.answer == Answer.YES)
            taken = await unit.one_or_none(select(asks.c.id).where(*others))
            return Outcome.TAKEN if taken else Outcome.OVER
        await unit.execute(update(asks).where(asks.c.id == ask).values(answer=answer))
        if answer is Answer.YES:
            await self.close(unit, found.request.id)
        return Outcome.COUNTS

    async def give_up(self, unit: Unit, request: int) -> bool:
        """Wait for nobody any more. Whoever was asked may still say yes. Returns False when nobody was waited for."""
        waited = update(requests).where(requests.c.id == request, requests.c.open, requests.c.next_at.is_not(None))
        return (await unit.execute(waited.values(next_at=None).returning(requests.c.id))).first() is not None

    async def settle(self, unit: Unit, leader: int, wishes: frozenset[Wish]) -> None:
        """End all that a leader asks for, also where nobody is waited for any more."""
        mine = (requests.c.leader_id == leader, requests.c.kind.in_(wishes))
        await unit.execute(update(requests).where(*mine).values(open=False, next_at=None))

    async def close(self, unit: Unit, request: int) -> bool:
        """End a request. Returns False when it had ended already."""
        still = update(requests).where(requests.c.id == request, requests.c.open)
        return (await unit.execute(still.values(open=False, next_at=None).returning(requests.c.id))).first() is not None

    async def open_of(self, leader: int, wish: Wish) -> Request | None:
        """Return what a leader is asking for."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(requests).where(*_waiting_one(leader, wish)))
        return _request(row) if row else None

    async def asked(self, ask: int) -> Asked | None:
        """Return who was asked, by the row of it, which must be looked at: it may be anybody's."""
        async with self._database.read() as unit:
            return await self._get(unit, ask, lock=False)

    async def request(self, request: int) -> Request | None:
        """Return a request by its row."""
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(requests).where(requests.c.id == request))
        return _request(row) if row else None

    async def everybody_asked(self, unit: Unit, request: int) -> Sequence[tuple[int, Answer]]:
        """Return who was asked so far, and what they said."""
        rows = await unit.all(select(asks).where(asks.c.request_id == request).order_by(asks.c.asked_at, asks.c.id))
        return [(row.leader_id, Answer(row.answer)) for row in rows]

    async def waiting(self, wishes: frozenset[Wish], now: datetime) -> Sequence[Request]:
        """Return the requests that nobody has answered in time."""
        due = (requests.c.kind.in_(wishes), requests.c.open, requests.c.next_at <= now)
        async with self._database.read() as unit:
            rows = await unit.all(select(requests).where(*due).order_by(requests.c.next_at, requests.c.id))
        return [_request(row) for row in rows]

    async def taken(self, leader: int, since: datetime) -> int:
        """Return how often a leader took over from another."""
        mine = (asks.c.leader_id == leader, asks.c.answer == Answer.YES, asks.c.asked_at > since)
        over = requests.c.kind.in_(OVER)
        query = select(func.count()).select_from(asks.join(requests)).where(*mine, over)
        async with self._database.read() as unit:
            return await unit.scalar(query) or 0

    async def forget(self, unit: Unit, now: datetime) -> None:
        """Forget what is over: who wanted to talk after a day, who took over once it is not counted any more."""
        over = ~requests.c.open & ((requests.c.kind == Wish.DEBRIEF) & (requests.c.asked_at <= now - timedelta(days=1)))
        await unit.execute(delete(requests).where(over | (requests.c.asked_at <= now - KEPT)))

    async def _get(self, unit: Unit, ask: int, *, lock: bool = True) -> Asked | None:
        found = await unit.one_or_none(select(asks).where(asks.c.id == ask))
        if found is None:
            return None
        query = select(requests).where(requests.c.id == found.request_id)
        row = await unit.one_or_none(query.with_for_update() if lock else query)
        return Asked(found.id, _request(row), found.leader_id, Answer(found.answer)) if row else None


def _waiting_one(leader: int, wish: Wish) -> tuple[Any, ...]:
    return requests.c.leader_id == leader, requests.c.kind == wish, requests.c.open, requests.c.next_at.is_not(None)


def _request(row: Row[Any]) -> Request:
    waits = row.next_at is not None
    return Request(row.id, row.leader_id, Wish(row.kind), row.asked_at, row.until, row.open, waits)
