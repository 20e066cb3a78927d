"""What follows from a leader's answers, when they are asked next, and what supervision is about next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant

LOWEST: Final = 1
HIGHEST: Final = 5
"""The answer with which support comes first."""
MOST_SHOWN: Final = 12
"""Answers on the line that a leader sees."""
ASKED_AT: Final = time(10)
"""When a leader is asked, on their own clock."""
_BURNING: Final = 3
"""From this answer on the measure speaks of burning out."""
_LASTING: Final = 4
_USUAL: Final = 4
"""So many earlier answers say what is usual."""
_A_DAY: Final = timedelta(days=1)
_SLOT: Final = timedelta(minutes=5)
_SLOTS: Final = 13


def drifts(scores: Sequence[int]) -> bool:
    """Return whether an offer goes with the newest answer, the last of them. An offer, no diagnosis.

    With the two highest answers always. With the middle one where it is the first there is, or the second such in a
    row, or higher than usual by one.
    """
    *earlier, newest = scores
    usual = earlier[-_USUAL:]
    if newest < _BURNING:
        return False
    if newest >= _LASTING or not usual:
        return True
    return usual[-1] >= _BURNING or newest - median(usual) >= 1


def next_check(now: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """Return when a leader is asked next: so many weeks from now, at ten on their own clock."""
    on = now.astimezone(zone).date() + timedelta(weeks=weeks)
    while (at := instant(on, ASKED_AT, zone)) is None:
        on += _A_DAY
    return at


def same_day(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    """Return whether two instants lie on one local day."""
    return one.astimezone(zone).date() == other.astimezone(zone).date()


def slots(now: datetime) -> Sequence[str]:
    """Return names for the five minutes that an instant lies in, and for those of the hour before; the newest first."""
    number = int(now.timestamp() // _SLOT.total_seconds())
    return [str(number - back) for back in range(_SLOTS)]


def next_agenda(order: Sequence[str], used: Sequence[str]) -> str:
    """Return the agenda after a history: each once in their order, and then again. What is unknown is not counted.

    Raises `LookupError` where there is none.
    """
    if not order:
        raise LookupError("there is no agenda")
    had: set[str] = set()
    for agenda in used:
        had |= {agenda} & set(order)
        if len(had) == len(set(order)):
            had.clear()
    return next(agenda for agenda in order if agenda not in had)
