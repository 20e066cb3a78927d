"""Deliveries as rows: put in once under a name. How they are taken out stands in `claims`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

from sqlalchemy import case, delete, func, literal, select, update

from bot.core.port import Member
from bot.delivery.claims import BATCH, Claims, Patience
from bot.delivery.letters import HELD, OPEN, Action, Letter, State, lane_of, pack
from bot.delivery.settled import blurred, month_of
from bot.delivery.tables import deliveries
from bot.storage.database import Unit, insert_once
from bot.storage.members import index_member
from bot.storage.tables import Instant, new_id

__all__ = ["BATCH", "QUIET", "Fate", "Outbox", "Patience", "Result"]

QUIET: Final = "quiet"
"""Why a letter was withdrawn whose group was quiet for too long."""


class Fate(Enum):
    """What has become of a letter: it arrived or may have, it was not sent, or it never will be."""

    OUT = "out"
    OPEN = "open"
    LOST = "lost"


class Result(NamedTuple):
    """Where a post stands: why, if there is a reason, and since when, if it is settled."""

    state: State
    reason: str
    settled_at: datetime | None


class Outbox(Claims):
    """The rows of `deliveries`, for those who want something sent as well."""

    async def put(self, unit: Unit, letter: Letter) -> str:
        """Have a post delivered once, ever, under its name. Returns the key of the post."""
        key = self._sealing.key_for(letter.feature, *letter.name)
        await self._insert(unit, letter, key, key, Action.POST)
        return key

    async def put_more(self, unit: Unit, letter: Letter, post_key: str, action: Action) -> None:
        """Have something done to a post: edited, deleted, pinned, given a thread. Asked for again, it is done again.

        Whether it is pinned is one question, and the last answer counts. What waits after a failure goes on waiting.
        """
        asked = Action.PIN if action is Action.UNPIN else action
        key = self._sealing.key_for(post_key, asked.value)
        if await self._insert(unit, letter, key, post_key, action):
            return
        held = deliveries.c.state.in_(HELD)
        wanted = literal(letter.due_at.replace(microsecond=0), Instant)
        backing_off = (deliveries.c.state == State.DUE) & deliveries.c.reason.is_not(None)
        waits = held | (backing_off & (deliveries.c.try_at > wanted))
        settled = deliveries.c.state.not_in(OPEN)
        await unit.execute(
            update(deliveries)
            .where(deliveries.c.key == key)
            .values(
                action=action,
                state=case((held, deliveries.c.state), else_=State.DUE),
                subject=letter.subject,
                due_at=letter.due_at,
                again=held,
                try_at=case((waits, deliveries.c.try_at), else_=wanted),
                expires_at=letter.expires_at,
                tries=case((settled, 0), else_=deliveries.c.tries),
                reason=case((settled, None), else_=deliveries.c.reason),
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
            # Letters of one instant may be microseconds apart, which is their order and no time to wait for.
            "try_at": letter.due_at.replace(microsecond=0),
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
        """Have nothing more sent about a feature's row. Only a request that is out already cannot be called back.

        One that may have arrived is looked for, so that what is there can be taken down; if it is not, its feature is
        asked once more before it would be sent again.
        """
        now = self._clock.now()
        about = (deliveries.c.feature == feature) & (deliveries.c.subject == subject)
        if kinds:
            about &= deliveries.c.kind.in_(kinds)
        await unit.execute(
            update(deliveries)
            .where(about, deliveries.c.state.in_((State.DUE, State.CLAIMED)), ~deliveries.c.doubtful)
            .values(state=State.WITHDRAWN, **blurred(literal(now, Instant), literal(month_of(now), Instant)))
        )

    async def fate(self, unit: Unit, feature: str, names: Sequence[tuple[str, ...]]) -> Fate:
        """Return what has become of letters of a feature, taken together, by their names."""
        keys = [self._sealing.key_for(feature, *name) for name in names]
        columns = (deliveries.c.state, deliveries.c.doubtful, deliveries.c.reason)
        rows = await unit.all(select(*columns).where(deliveries.c.key.in_(keys)))
        if any(row.state in {*HELD, State.SENT, State.UNKNOWN} or row.doubtful for row in rows):
            return Fate.OUT
        wanted = [row for row in rows if row.state in {State.DUE, State.WITHDRAWN} and row.reason != QUIET]
        return Fate.OPEN if wanted else Fate.LOST

    async def revive(self, unit: Unit, feature: str, subjects: Sequence[int], now: datetime) -> None:
        """Have posts that were refused or put off tried at once if they are still wanted; what stopped them is over."""
        about = (deliveries.c.feature == feature) & deliveries.c.subject.in_(subjects)
        refused = (deliveries.c.state == State.REFUSED) & (deliveries.c.action == Action.POST)
        await unit.execute(
            update(deliveries)
            .where(about, refused, deliveries.c.expires_at > now)
            .values(state=State.DUE, try_at=now, tries=0, doubtful=False, reason=None, settled_at=None)
        )
        unasked = deliveries.c.reason.is_(None) & ~deliveries.c.doubtful
        put_off = (deliveries.c.state == State.DUE) & (deliveries.c.try_at > now) & (deliveries.c.due_at <= now)
        await unit.execute(update(deliveries).where(about, put_off, unasked).values(try_at=now))
        unit.then(lambda: self._wake(now))

    async def states(self, feature: str, kind: str, subjects: Sequence[int]) -> Mapping[int, Result]:
        """Return where posts stand, by what they are about. What is not on record any more is left out."""
        about = (deliveries.c.feature == feature, deliveries.c.kind == kind, deliveries.c.subject.in_(subjects))
        posts = (*about, deliveries.c.action == Action.POST)
        columns = (deliveries.c.subject, deliveries.c.state, deliveries.c.reason, deliveries.c.settled_at)
        async with self._database.read() as unit:
            rows = await unit.all(select(*columns).where(*posts))
        return {row.subject: Result(State(row.state), row.reason or "", row.settled_at) for row in rows}

    async def forget(self, unit: Unit, member: Member) -> None:
        """Remove every delivery to a member."""
        await unit.execute(delete(deliveries).where(deliveries.c.member_index == self.index_of(member)))

    async def count(self, member: Member) -> int:
        """Return how many deliveries to a member are on record."""
        mine = deliveries.c.member_index == self.index_of(member)
        async with self._database.read() as unit:
            return await unit.scalar(select(func.count()).where(mine)) or 0
