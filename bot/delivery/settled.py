"""What a settled delivery still says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case
from sqlalchemy.sql.elements import ColumnElement

from bot.delivery.tables import deliveries


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
