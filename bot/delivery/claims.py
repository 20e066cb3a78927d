"""Deliveries as they are taken out: claimed by one process, started, settled with what became of them, or put off."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import structlog
from sqlalchemy import BindParameter, Row, and_, bindparam, case, func, not_, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.core.port import Clock, Posted, Reason
from bot.delivery.letters import HELD, OPEN, Action, Claimed, State, open_posted, order, read_claimed, seal_posted
from bot.delivery.settled import OURS, SETTLING, STARTING, month_of
from bot.delivery.tables import deliveries
from bot.delivery.together import Together
from bot.storage.database import Database
from bot.storage.keys import SealingError
from bot.storage.sealing import Sealing
from bot.storage.tables import Instant

log = structlog.get_logger(__name__)

BATCH: Final = 100
AFTER_A_FAULT: Final = timedelta(hours=1)
A_TICK: Final = timedelta(microseconds=1)

Wake: TypeAlias = Callable[[datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take.

    `lease`: a process that holds a delivery is given up for dead after it. `settle`: after an unclear answer a post may
    still be on its way for so long; only then do we look for it. `answer`: a request that takes longer counts as lost.
    """

    lease: timedelta = timedelta(seconds=90)
    settle: timedelta = timedelta(seconds=5)
    answer: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The lanes in which something waits to be sent: to `people`, who go first, and other `posts`."""

    people: Sequence[str]
    posts: Sequence[str]

    @property
    def lanes(self) -> Sequence[str]:
        """Return all of them."""
        return list(dict.fromkeys((*self.people, *self.posts)))


class Claims:
    """The rows of `deliveries`, for those who send them."""

    def __init__(self, database: Database, sealing: Sealing, clock: Clock, patience: Patience) -> None:
        self._database = database
        self._sealing = sealing
        self._clock = clock
        self._patience = patience
        self._holder = secrets.token_hex(8)
        self._wake: Wake = _sleep_on
        self._changes = Together(self._change_all)

    def wakes(self, wake: Wake) -> None:
        """Say what to call when something nearer is due."""
        self._wake = wake

    async def nudge(self) -> None:
        """Have the engine look at the rows now: something changed that a job wants to know."""
        await self._wake(self._clock.now())

    async def look(self, now: datetime) -> tuple[Waiting, datetime | None]:
        """Return where something waits to be sent, and when something is wanted next."""
        async with self._database.read():
            return await self.waiting(now), await self.next_at(now)

    async def waiting(self, now: datetime) -> Waiting:
        """Return the lanes in which something waits to be sent."""
        async with self._database.read() as unit:
            rows = await unit.all(_WAITING, {"now": now})
        found = sorted((row.lane, bool(row.people)) for row in rows)
        return Waiting([lane for lane, first in found if first], [lane for lane, first in found if not first])

    async def next_at(self, after: datetime | None = None) -> datetime | None:
        """Return when something is wanted next, or next after an instant: a delivery is due, or a lease ends."""
        async with self._database.read() as unit:
            return await (unit.scalar(_NEXT) if after is None else unit.scalar(_NEXT_AFTER, {"after": after}))

    async def claim(self, lane: str, now: datetime, *, people: bool | None = None) -> list[Claimed]:
        """Take a batch of a lane, oldest first: what people wait for, what is not so, or either, people first.

        What a dead process was sending is taken over as doubtful.
        """
        kinds = {True: [_FOR_PEOPLE], False: [not_(_FOR_PEOPLE)], None: []}
        chosen = (
            select(deliveries.c.id)
            .where(deliveries.c.lane == lane, _claimable(now), *kinds[people])
            .order_by(case((_FOR_PEOPLE, 0), else_=1), deliveries.c.due_at, deliveries.c.id)
            .limit(BATCH)
        )
        if self._database.dialect == "postgresql":
            chosen = chosen.with_for_update(skip_locked=True)
        # PostgreSQL may run a plain subquery once for every row, and then its limit holds nothing back.
        once = chosen.cte("chosen")
        taken = (
            update(deliveries)
            .where(deliveries.c.id.in_(select(once.c.id)), _claimable(now))
            .values(
                doubtful=or_(deliveries.c.doubtful, deliveries.c.state == State.SENDING),
                state=State.CLAIMED,
                holder=self._holder,
                lease_until=now + self._patience.lease,
            )
            .returning(*deliveries.c)
        )
        async with self._database.write() as unit:
            rows = (await unit.execute(taken)).all()
            found = [each for row in rows if (each := self._read(row))]
            if bad := {row.id for row in rows} - {each.id for each in found}:
                values = {"state": State.DUE, "try_at": now + AFTER_A_FAULT, "reason": Reason.BROKEN}
                await unit.execute(update(deliveries).where(deliveries.c.id.in_(bad)).values(values))
        return sorted(found, key=order)

    def _read(self, row: Row[Any]) -> Claimed | None:
        """Return a row in our words; None when it cannot be opened, which must not stop the others."""
        try:
            return read_claimed(row, self._sealing)
        except SealingError as error:
            log.error("delivery put off", feature=row.feature, error=type(error).__name__)  # noqa: TRY400  the name says it all
            return None

    async def start(self, claimed: Claimed, now: datetime) -> bool:
        """Record that the request goes out now. False when the delivery is not ours any more."""
        return await self._changes.ask({"row": claimed.id, "now": now})

    async def settle(self, claimed: Claimed, state: State, reason: str = "", posted: Posted | None = None) -> bool:
        """Record what became of a delivery. One that was wanted again meanwhile is due again."""
        now = self._clock.now()
        values = {
            "row": claimed.id,
            "so": state,
            "why": reason or None,
            "where": seal_posted(self._sealing, claimed.id, posted) if posted else None,
            "now": now,
            "month": month_of(now),
        }
        return await self._changes.ask(values)

    async def _change_all(self, changes: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        """Start what only names its row, and settle the others."""
        starts = [change["row"] for change in changes if "so" not in change]
        ends = [change for change in changes if "so" in change]
        now = max(change["now"] for change in changes)
        about = {"me": self._holder, "now": now, "lease": now + self._patience.lease}
        ours: set[int] = set()
        async with self._database.write() as unit:
            if starts:
                ours |= {row.id for row in (await unit.execute(STARTING, {**about, "ids": starts})).all()}
            if ends:
                asked = {**about, "ids": [end["row"] for end in ends]}
                ours |= {row.id for row in await unit.all(OURS, asked)}
            if mine := [end for end in ends if end["row"] in ours]:
                await unit.execute(SETTLING, mine)
        return [change["row"] in ours for change in changes]

    async def hold(self, claimed: Claimed, reason: str, *, doubtful: bool) -> bool:
        """Record why a try failed, before anybody hears of it: should we die then, that much is known.

        False when the delivery is not ours any more.
        """
        now = self._clock.now()
        lease = now + self._patience.lease
        return await self._change(
            claimed, now, state=State.CLAIMED, reason=reason or None, doubtful=doubtful, lease_until=lease
        )

    async def give_back(self, batch: Sequence[Claimed]) -> None:
        """Let others take what this process claimed and did not begin."""
        mine = (
            deliveries.c.id.in_([each.id for each in batch]),
            deliveries.c.holder == self._holder,
            deliveries.c.state == State.CLAIMED,
        )
        async with self._database.write() as unit:
            await unit.execute(update(deliveries).where(*mine).values(state=State.DUE))

    async def put_off(
        self, claimed: Claimed, until: datetime, reason: Reason | None, *, doubtful: bool | None = None
    ) -> bool:
        """Have a delivery tried again later. A doubtful one is looked for first: by default, one that may have gone."""
        gone = or_(deliveries.c.doubtful, deliveries.c.state == State.SENDING) if doubtful is None else doubtful
        changed = await self._change(
            claimed, self._clock.now(), state=State.DUE, try_at=until, reason=reason, doubtful=gone
        )
        await self._wake(until)
        return changed

    async def postpone(self, until: Mapping[int, datetime]) -> None:
        """Have claimed deliveries, by their ids, looked at again later. That is no try, and tells nothing of them."""
        mine = and_(
            deliveries.c.id == bindparam("row"),
            deliveries.c.holder == self._holder,
            deliveries.c.state == State.CLAIMED,
        )
        later = update(deliveries).where(mine).values(state=State.DUE, try_at=bindparam("later", type_=Instant()))
        async with self._database.write() as unit:
            await unit.execute(later, [{"row": row, "later": at} for row, at in until.items()])
        await self._wake(min(until.values()))

    async def move(self, claimed: Claimed, to: datetime) -> bool:
        """Have a delivery due at another instant, with as much time as before until it expires.

        What is moved to the same instant keeps its order: each comes a microsecond after the one before it.
        """
        there = (deliveries.c.lane == claimed.lane, deliveries.c.state == State.DUE, deliveries.c.try_at == to)
        async with self._database.read() as unit:
            last = await unit.scalar(select(func.max(deliveries.c.due_at)).where(*there))
        at = max(last + A_TICK, to) if last else to
        expires = claimed.expires_at + (at - claimed.due_at)
        changed = await self._change(
            claimed, self._clock.now(), state=State.DUE, due_at=at, try_at=to, expires_at=expires
        )
        await self._wake(to)
        return changed

    async def _change(self, claimed: Claimed, now: datetime, **values: Any) -> bool:
        mine = (
            (deliveries.c.id == claimed.id)
            & (deliveries.c.holder == self._holder)
            & deliveries.c.state.in_(HELD)
            & (deliveries.c.lease_until > now)
        )
        async with self._database.write() as unit:
            result = await unit.execute(update(deliveries).where(mine).values(**values).returning(deliveries.c.id))
            return result.first() is not None

    def glance(self) -> AbstractAsyncContextManager[object]:
        """Let everything that is read in the block be one look at the rows."""
        return self._database.read()

    async def coming(self, post_key: str) -> datetime | None:
        """Return when a post that was not sent yet is tried next, or None when it will not be sent any more."""
        open_still = (deliveries.c.key == post_key, deliveries.c.state.in_(OPEN))
        async with self._database.read() as unit:
            return await unit.scalar(select(deliveries.c.try_at).where(*open_still))

    async def posted(self, post_key: str) -> Posted | None:
        """Return where a post is, once it was sent."""
        about = (deliveries.c.key == post_key, deliveries.c.posted.is_not(None))
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(deliveries.c.id, deliveries.c.posted).where(*about))
        return open_posted(self._sealing, row.id, row.posted) if row else None


_FOR_PEOPLE: Final = or_(deliveries.c.member_index.is_not(None), deliveries.c.action.in_((Action.EDIT, Action.DELETE)))
"""Private messages, and changes that a press asked for."""


def _claimable(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    waiting = (deliveries.c.state == State.DUE) & (deliveries.c.try_at <= now)
    abandoned = deliveries.c.state.in_(HELD) & (deliveries.c.lease_until <= now)
    return waiting | abandoned


_WANTED: Final = case((deliveries.c.state == State.DUE, deliveries.c.try_at), else_=deliveries.c.lease_until)
_NEXT: Final = select(func.min(_WANTED)).where(deliveries.c.state.in_(OPEN))
_NEXT_AFTER: Final = _NEXT.where(bindparam("after", type_=Instant) < _WANTED)
_PEOPLE: Final = case((_FOR_PEOPLE, 1), else_=0).label("people")
_WAITING: Final = select(deliveries.c.lane, _PEOPLE).where(_claimable(bindparam("now", type_=Instant))).distinct()
"""Drawn once: they are asked at every tick."""


async def _sleep_on(at: datetime) -> None:
    del at
