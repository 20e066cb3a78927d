"""When there is something to do about leaders: every job asks at every tick, and all of them get it from one look."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, func, select

from bot.community.requests import OVER, TALK
from bot.community.tables import answers, leaders, requests
from bot.storage.database import Database, Unit


class Next(StrEnum):
    """What is looked for: planned hours, breaks, check-ins, somebody to forget, requests, an offer to make."""

    DUTY = "duty_at"
    BREAK = "break_at"
    CHECK = "check_at"
    GONE = "gone_at"
    OVER = "over_at"
    TALK = "talk_at"
    ANSWERED = "answered_at"


_LEADING: Final = (Next.DUTY, Next.BREAK, Next.CHECK)
_LOOK: Final = select(
    *(
        select(func.min(leaders.c[each])).where(leaders.c.accepted).scalar_subquery().label(each.value)
        for each in _LEADING
    ),
    select(func.min(leaders.c.gone_at)).scalar_subquery().label(Next.GONE.value),
    *(
        select(func.min(requests.c.next_at))
        .where(requests.c.kind.in_(wishes), requests.c.open)
        .scalar_subquery()
        .label(each.value)
        for each, wishes in ((Next.OVER, OVER), (Next.TALK, TALK))
    ),
    select(func.min(answers.c.answered_at)).where(~answers.c.offered).scalar_subquery().label(Next.ANSWERED.value),
)
"""Drawn once."""


class Glance:
    """Looks once in each unit of work that only reads, and remembers for as long as that unit lasts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: tuple[Unit, Row[Any]] | None = None

    async def next(self, what: Next) -> datetime | None:
        """Return the earliest instant of a kind; None where nothing waits."""
        async with self._database.read() as unit:
            if unit.writes:
                return getattr((await unit.execute(_LOOK)).one(), what)
            if self._seen is None or self._seen[0] is not unit:
                self._seen = (unit, (await unit.execute(_LOOK)).one())
            return getattr(self._seen[1], what)
