"""Milestones that tests of several files keep, and what their posts say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Final

from bot.core.port import Actor, Channel, Message
from tests.fakes import CIRCLE, HERE
from tests.house import House, rows_of, text_of

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
LABEL: Final = "marmalade-at-last"
"""A label that stands nowhere else."""
PRIVATE: Final = f"milestone set date=2026-10-20 label={LABEL}"
NAMED: Final = f"milestone set date=2026-10-20 label={LABEL} audience=named in=#circle"
UNNAMED: Final = f"milestone set date=2026-10-20 label={LABEL} audience=unnamed in=#circle"
LEADERS: Final = f"milestone set date=2026-10-20 label={LABEL} audience=leaders"
EVENING: Final = Channel(HERE, "evening")
MORNING: Final = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)
"""Nine in Berlin, a week after the date of these milestones, in winter time."""


async def set_by(house: House, who: Actor, line: str = PRIVATE) -> str:
    """Set a milestone and return its row."""
    before = set(rows_of(house.address, "milestones", "id"))
    await house.keeps(who, line)
    ((row,),) = set(rows_of(house.address, "milestones", "id")) - before
    return str(row)


def moment_in(note: Message) -> str:
    """Return the moment that a private note names, without a label."""
    return text_of(note).partition("You have reached ")[2].partition(".")[0].partition(" (")[0]


async def change(house: House, channel: Channel = CIRCLE, **values: str | bool | clock_time | None) -> None:
    """Change a group, as `group edit` does."""
    group = await house.app.tools.groups.at(channel)
    assert group
    await house.app.tools.groups.change(group.id, **values)
