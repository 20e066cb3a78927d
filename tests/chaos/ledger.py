"""Counts what became of every post: what was wanted, what the bot wrote down, and what the platform ever accepted."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.chaos.plan import Slot

OPEN: Final = frozenset({"due", "claimed", "sending"})
UNKNOWN: Final = "unknown"
_HELD: Final = "SELECT key, state, holder FROM deliveries WHERE state IN ('claimed', 'sending')"
_HOLDERS: Final = "SELECT DISTINCT holder FROM deliveries WHERE holder IS NOT NULL"
_WAITING: Final = "SELECT count(*) FROM deliveries WHERE state IN ('due', 'claimed', 'sending')"
_SLOTS: Final = """
    SELECT groups.channel, occurrences.slot, deliveries.key, deliveries.state
    FROM deliveries
    LEFT JOIN occurrences ON occurrences.id = deliveries.subject
        AND deliveries.feature = 'schedules' AND deliveries.kind = 'post'
    LEFT JOIN schedules ON schedules.id = occurrences.schedule_id
    LEFT JOIN groups ON groups.id = schedules.group_id
    WHERE deliveries.action = 'post'
"""


class Stage(StrEnum):
    """How far the furthest delivery of a process had come when it was killed."""

    NOTHING = "nothing"
    CLAIMED = "claimed"
    SENDING = "sending"
    UNRECORDED = "unrecorded"


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery that is held, as the bot wrote it down. `holder` is the process that has it."""

    key: str
    state: str
    holder: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The delivery of a post. Only those that a schedule wanted have a slot; the others tell leaders something."""

    slot: Slot | None
    key: str
    state: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it all. `unknown`: given up by the bot because nobody could look, which is told to leaders."""

    posts: int
    lost: int
    duplicated: int
    unknown: int


class Book:
    """The bot's database, read beside it. What happens to be locked raises `sqlite3.OperationalError`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def held(self) -> list[Row]:
        """Return what is claimed or being sent."""
        return [Row(*found) for found in self._read(_HELD)]

    def holders(self) -> frozenset[str]:
        """Return every process that ever had a delivery last."""
        return frozenset(holder for (holder,) in self._read(_HOLDERS))

    def waiting(self) -> int:
        """Return how many deliveries are not settled yet."""
        ((count,),) = self._read(_WAITING)
        return int(count)

    def entries(self) -> list[Entry]:
        """Return the deliveries of all posts."""
        found = self._read(_SLOTS)
        return [Entry(Slot(channel, slot) if slot else None, key, state) for channel, slot, key, state in found]

    def _read(self, query: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=0.5)) as rows:
            return rows.execute(query).fetchall()


def stage_of(held: Sequence[Row], strangers: AbstractSet[str], accepted: AbstractSet[str]) -> Stage:
    """Return how far a process had come.

    `strangers` are the other processes, `accepted` the keys that the platform took while this one lived.
    """
    mine = [row for row in held if row.holder not in strangers]
    sending = {row.key for row in mine if row.state == "sending"}
    if sending & accepted:
        return Stage.UNRECORDED
    if sending:
        return Stage.SENDING
    return Stage.CLAIMED if mine else Stage.NOTHING


def settled(wanted: AbstractSet[Slot], entries: Sequence[Entry]) -> bool:
    """Return whether everything that was wanted is done with, one way or the other."""
    return wanted <= {entry.slot for entry in entries} and not any(entry.state in OPEN for entry in entries)


def repeated(accepted: Sequence[str]) -> int:
    """Return how many posts came after the first of their key."""
    return len(accepted) - len(set(accepted))


def judge(wanted: AbstractSet[Slot], entries: Sequence[Entry], accepted: Sequence[str]) -> Verdict:
    """Count. What the platform accepted is what counts; a post that nobody wanted is one too many."""
    posts = Counter(accepted)
    arrived: Counter[Slot | str] = Counter()
    given_up: set[Slot | str] = set()
    for entry in entries:
        name = entry.slot or entry.key
        arrived[name] += posts.pop(entry.key, 0)
        if entry.state == UNKNOWN:
            given_up.add(name)
    return Verdict(
        posts=len(accepted),
        lost=sum(not arrived[slot] and slot not in given_up for slot in wanted),
        duplicated=sum(count - 1 for count in arrived.values() if count > 1) + posts.total(),
        unknown=len(given_up),
    )
