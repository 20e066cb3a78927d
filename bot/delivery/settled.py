"""What a settled delivery still says, and the statements that start and settle many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, bindparam, case, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.delivery.letters import HELD, State
from bot.delivery.tables import deliveries
from bot.storage.tables import Instant


def month_of(now: datetime) -> datetime:
    """Return when a month began."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def blurred(now: ColumnElement[datetime], month: ColumnElement[datetime]) -> dict[str, Any]:
    """Return what a settled row says of itself: a member's tells neither what it was about, nor more than the month."""
    hidden = deliveries.c.personal & ~deliveries.c.again
    instants = (deliveries.c.due_at, deliveries.c.try_at, deliveries.c.expires_at, deliveries.c.sending_since)
    return {
        "subject": case((hidden, 0), else_=deliveries.c.subject),
        "settled_at": case((hidden, month), else_=now),
        **{column.name: case((hidden, month), else_=column) for column in instants},
    }


# Written once, because drawing a statement costs more than carrying it out.

_NOW: Final = bindparam("now", type_=Instant())
_MINE: Final = (
    deliveries.c.id.in_(bindparam("ids", expanding=True))
    & (deliveries.c.holder == bindparam("me"))
    & deliveries.c.state.in_(HELD)
    & (deliveries.c.lease_until > _NOW)
)
OURS: Final = select(deliveries.c.id).where(_MINE).with_for_update()
STARTING: Final = (
    update(deliveries)
    .where(_MINE)
    .values(
        state=State.SENDING,
        sending_since=func.coalesce(deliveries.c.sending_since, _NOW),
        lease_until=bindparam("lease", type_=Instant()),
        tries=deliveries.c.tries + 1,
    )
    .returning(deliveries.c.id)
)
SETTLING: Final = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("row"))
    .values(
        state=case((deliveries.c.again, State.DUE), else_=bindparam("so", type_=String())),
        again=False,
        tries=case((deliveries.c.again, 0), else_=deliveries.c.tries),
        doubtful=False,
        reason=case((deliveries.c.again, None), else_=bindparam("why", type_=String())),
        posted=bindparam("where", type_=deliveries.c.posted.type),
        **blurred(_NOW, bindparam("month", type_=Instant())),
    )
)
