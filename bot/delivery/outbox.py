"""Deliveries as rows: put in once under a name, claimed by one process, settled with what became of them."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, case, delete, func, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.core.port import Clock, Member, Posted, Reason
from bot.delivery.letters import Action, Claimed, Letter, State, lane_of, open_posted, pack, read_claimed, seal_posted
from bot.delivery.tables import deliveries
from bot.storage.database import Database, Unit, insert_once
from bot.storage.keys import SealingError
from bot.storage.members import index_member
from bot.storage.sealing import Sealing
from bot.storage.tables import Instant, new_id

log = structlog.get_logger(__name__)

BATCH: Final = 100
AFTER_A_FAULT: Final = timedelta(hours=1)
_OPEN: Final = (State.DUE, State.CLAIMED, State.SENDING)
_HELD: Final = (State.CLAIMED, State.SENDING)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take.

    `lease`: a process that holds a delivery is given up for dead after it. `settle`: after an unclear answer a post may
    still be on its way for so long; only then do we look for it. `answer`: a request that takes longer counts as lost.
    """

    lease: timedelta = timedelta(seconds=90)
    settle: timedelta = timedelta(seconds=5)
    answer: timedelta = timedelta(seconds=30)


Wake = Callable[[datetime], Awaitable[None]]


class Outbox:
    """The rows of `deliveries`."""

    def __init__(self, database: Database, sealing: Sealing, clock: Clock, patience: Patience) -> None:
        self._database = database
        self._sealing = sealing
        self._clock = clock
        self._patience = patience
        self._holder = secrets.token_hex(8)
        self._wake: Wake = _sleep_on

    def wakes(self, wake: Wake) -> None:
        """Say what to call when something nearer is due."""
        self._wake = wake

    async def nudge(self) -> None:
        """Have the engine look at the rows now: something changed that a job wants to know."""
        await self._wake(self._clock.now())

    # ------------------------------------------------------------ putting in

    async def put(self, unit: Unit, letter: Letter) -> str:
        """Have a post delivered once, ever, under its name. Returns the key of the post."""
        key = self._sealing.key_for(letter.feature, *letter.name)
        await self._insert(unit, letter, key, key, Action.POST)
        return key

    async def put_more(self, unit: Unit, letter: Letter, post_key: str, action: Action) -> None:
        """Have something done to a post: edited, deleted, pinned, given a thread. Asked for again, it is done again."""
        key = self._sealing.key_for(post_key, action.value)
        if await self._insert(unit, letter, key, post_key, action):
            return
        held = deliveries.c.state.in_(_HELD)
        await unit.execute(
            update(deliveries)
            .where(deliveries.c.key == key)
            .values(
                state=case((held, deliveries.c.state), else_=State.DUE),
                subject=letter.subject,
                due_at=letter.due_at,
                again=held,
                try_at=case((held, deliveries.c.try_at), else_=literal(letter.due_at, deliveries.c.try_at.type)),
                expires_at=letter.expires_at,
            )
        )
        unit.then(lambda: self._wake(letter.due_at))

    async def _insert(self, unit: Unit, letter: Letter, key: str, post_key: str, action: Action) -> bool:
        row = new_id()
        values = {
            "id": row,
            "key": key,
            "post_key": post_key,
            "action": action,
            "feature": letter.feature,
            "kind": letter.kind,
            "subject": letter.subject,
            "lane": lane_of(letter.to),
            "address": self._sealing.seal_json(pack(letter.to), "deliveries.address", row),
            "member_index": self.index_of(letter.to) if isinstance(letter.to, Member) else None,
            "personal": letter.personal,
            "state": State.DUE,
            "due_at": letter.due_at,
            "try_at": letter.due_at,
            "expires_at": letter.expires_at,
            "doubtful": False,
            "again": False,
            "tries": 0,
        }
        inserted = await insert_once(unit, deliveries, values, [deliveries.c.key])
        if inserted:
            unit.then(lambda: self._wake(letter.due_at))
        return inserted

    def index_of(self, member: Member) -> bytes:
        """Return what a member's rows are found by."""
        return index_member(self._sealing, "deliveries", member)

    async def withdraw(self, unit: Unit, feature: str, subject: int, kinds: Sequence[str] = ()) -> None:
        """Have nothing more sent about a feature's row. Only a request that is out already cannot be called back."""
        about = (deliveries.c.feature == feature) & (deliveries.c.subject == subject)
        if kinds:
            about &= deliveries.c.kind.in_(kinds)
        await unit.execute(
            update(deliveries)
            .where(about, deliveries.c.state.in_((State.DUE, State.CLAIMED)))
            .values(state=State.WITHDRAWN, **_blurred(self._clock.now()))
        )

    async def forget(self, unit: Unit, member: Member) -> None:
        """Remove every delivery to a member."""
        await unit.execute(delete(deliveries).where(deliveries.c.member_index == self.index_of(member)))

    async def count(self, member: Member) -> int:
        """Return how many deliveries to a member are on record."""
        mine = deliveries.c.member_index == self.index_of(member)
        async with self._database.read() as unit:
            return await unit.scalar(select(func.count()).where(mine)) or 0

    # ------------------------------------------------------------ taking out

    async def lanes(self, now: datetime) -> list[str]:
        """Return the lanes in which something waits to be sent."""
        async with self._database.read() as unit:
            rows = await unit.all(select(deliveries.c.lane).where(_claimable(now)).distinct())
        return [row.lane for row in rows]

    async def next_at(self, after: datetime | None = None) -> datetime | None:
        """Return when something is wanted next, or next after an instant: a delivery is due, or a lease ends."""
        wanted = case((deliveries.c.state == State.DUE, deliveries.c.try_at), else_=deliveries.c.lease_until)
        query = select(func.min(wanted)).where(deliveries.c.state.in_(_OPEN))
        async with self._database.read() as unit:
            return await unit.scalar(query if after is None else query.where(wanted > after))

    async def claim(self, lane: str, now: datetime) -> list[Claimed]:
        """Take a batch of a lane, oldest first. What a dead process was sending is taken over as doubtful."""
        chosen = (
            select(deliveries.c.id)
            .where(deliveries.c.lane == lane, _claimable(now))
            .order_by(deliveries.c.try_at, deliveries.c.id)
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
        return sorted(found, key=lambda each: (each.due_at, each.action is not Action.POST, each.id))

    def _read(self, row: Row[Any]) -> Claimed | None:
        """Return a row in our words; None when it cannot be opened, which must not stop the others."""
        try:
            return read_claimed(row, self._sealing)
        except SealingError as error:
            log.error("delivery put off", feature=row.feature, error=type(error).__name__)  # noqa: TRY400  the name says it all
            return None

    async def start(self, claimed: Claimed, now: datetime) -> bool:
        """Record that the request goes out now. False when the delivery is not ours any more."""
        return await self._change(
            claimed,
            now,
            state=State.SENDING,
            sending_since=claimed.sending_since or now,
            lease_until=now + self._patience.lease,
            tries=claimed.tries + 1,
        )

    async def settle(self, claimed: Claimed, state: State, reason: str = "", posted: Posted | None = None) -> bool:
        """Record what became of a delivery. One that was wanted again meanwhile is due again."""
        return await self._change(
            claimed,
            self._clock.now(),
            state=case((deliveries.c.again, State.DUE), else_=state),
            again=False,
            doubtful=False,
            reason=reason or None,
            posted=seal_posted(self._sealing, claimed.id, posted) if posted else None,
            **_blurred(self._clock.now()),
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

    async def _change(self, claimed: Claimed, now: datetime, **values: Any) -> bool:
        mine = (
            (deliveries.c.id == claimed.id)
            & (deliveries.c.holder == self._holder)
            & deliveries.c.state.in_(_HELD)
            & (deliveries.c.lease_until > now)
        )
        async with self._database.write() as unit:
            result = await unit.execute(update(deliveries).where(mine).values(**values).returning(deliveries.c.id))
            return result.first() is not None

    async def coming(self, post_key: str) -> datetime | None:
        """Return when a post that was not sent yet is tried next, or None when it will not be sent any more."""
        open_still = (deliveries.c.key == post_key, deliveries.c.state.in_(_OPEN))
        async with self._database.read() as unit:
            return await unit.scalar(select(deliveries.c.try_at).where(*open_still))

    async def posted(self, post_key: str) -> Posted | None:
        """Return where a post is, once it was sent."""
        about = (deliveries.c.key == post_key, deliveries.c.posted.is_not(None))
        async with self._database.read() as unit:
            row = await unit.one_or_none(select(deliveries.c.id, deliveries.c.posted).where(*about))
        return open_posted(self._sealing, row.id, row.posted) if row else None


def _blurred(now: datetime) -> dict[str, Any]:
    """Return what a settled row says of itself: a member's tells neither what it was about, nor more than the month."""
    hidden = deliveries.c.personal & ~deliveries.c.again
    month = literal(now.replace(day=1, hour=0, minute=0, second=0, microsecond=0), Instant)
    instants = (deliveries.c.due_at, deliveries.c.try_at, deliveries.c.expires_at, deliveries.c.sending_since)
    return {
        "subject": case((hidden, 0), else_=deliveries.c.subject),
        "settled_at": case((hidden, month), else_=literal(now, Instant)),
        **{column.name: case((hidden, month), else_=column) for column in instants},
    }


def _claimable(now: datetime) -> ColumnElement[bool]:
    waiting = (deliveries.c.state == State.DUE) & (deliveries.c.try_at <= now)
    abandoned = deliveries.c.state.in_(_HELD) & (deliveries.c.lease_until <= now)
    return waiting | abandoned


async def _sleep_on(at: datetime) -> None:
    del at
