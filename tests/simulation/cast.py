"""Who plays: six leaders of one group, each with hours, rules and manners of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.community.hours import Week, read_hours
from bot.core.port import Actor
from tests.fakes import actor

GROUP_ZONE: Final = "Europe/Berlin"
REMINDER: Final = "breaks reminder"
ASK: Final = "duty ask"
TAKEN: Final = "duty taken"
NOBODY: Final = "duty nobody"
STILL: Final = "duty still"
CHECK_IN: Final = "care check-in"
OFFER: Final = "care offer"
"""Kinds of message: the feature, and what it calls it."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to answer: buttons to press one after the other, each on the answer to the last, and when.

    No button is no answer. The more `weight`, the more often. It takes between so many `minutes`.
    """

    presses: tuple[str, ...]
    weight: int
    minutes: tuple[int, int] = (1, 6)


Manner: TypeAlias = Sequence[Way]

SILENT: Final[tuple[str, ...]] = ()
TEN: Final = ("break now",)
TWENTY: Final = ("break now", "break now minutes=20")
FIVE: Final = ("break now", "break now minutes=5")
REST: Final = ("break now", "break now rest=yes")
SOON: Final = ("break later minutes=20",)
IN_AN_HOUR: Final = ("break later minutes=60",)
ALREADY: Final = ("break already",)
NOT_TODAY: Final = ("break skip",)
TALKS: Final = ("care debrief", "care ask")

TAKES_THEM: Final = (Way(TEN, 10), Way(TWENTY, 6), Way(FIVE, 3), Way(REST, 1), Way(ALREADY, 2))
PUTS_OFF: Final = (Way(SOON, 5), Way(IN_AN_HOUR, 2), Way(TEN, 3), Way(NOT_TODAY, 1))
IGNORES: Final = (Way(SILENT, 6), Way(TEN, 1), Way(ALREADY, 1))
MIXED: Final = (
    Way(TEN, 8),
    Way(TWENTY, 3),
    Way(REST, 1),
    Way(SOON, 4),
    Way(ALREADY, 2),
    Way(NOT_TODAY, 2),
    Way(SILENT, 4),
    Way(TALKS, 2),
)
HELPFUL: Final = (
    Way(("duty take",), 6, (1, 9)),
    Way(("duty take",), 1, (11, 25)),
    Way(("duty pass",), 2),
    Way(SILENT, 1),
)
BUSY: Final = (
    Way(("duty take",), 2, (3, 9)),
    Way(("duty take",), 2, (11, 40)),
    Way(("duty pass",), 3),
    Way(SILENT, 3),
)
MANNERS: Final[Mapping[str, Manner]] = {
    "breaks end": (Way(SILENT, 8), Way(("break now minutes=5",), 1)),
    NOBODY: (Way(("duty off",), 1, (1, 3)),),
    CHECK_IN: (
        Way(("care answer score=1",), 4, (5, 300)),
        Way(("care answer score=2",), 4, (5, 300)),
        Way(("care answer score=3", "break now"), 1, (5, 300)),
        Way(("care answer score=4", "care debrief", "care ask"), 1, (5, 300)),
        Way(("care check-in every=never",), 1, (5, 60)),
        Way(SILENT, 3),
    ),
    OFFER: (Way(TALKS, 2, (2, 60)), Way(("break now",), 1), Way(SILENT, 2)),
    "care debrief": (Way(("care listen",), 3), Way(("care pass",), 1), Way(SILENT, 1)),
}
"""How everybody answers what is not a matter of their own manner."""


@dataclass(frozen=True, slots=True)
class Player:
    """A leader. `hours` and `quiet` are on their own clock; `rules` are typed as they stand.

    `most`: so many reminders a day they allow, those not counted that they put off themselves. `patience`: so many
    minutes they stay on for an answer when they are called away.
    """

    name: str
    zone: str
    hours: str
    most: int = 2
    quiet: str = "22:00-07:00"
    rules: str = ""
    reminded: Manner = MIXED
    asked: Manner = HELPFUL
    patience: int = 12

    @property
    def actor(self) -> Actor:
        return actor(self.name)

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def week(self) -> Week:
        return read_hours(self.hours)

    def manner(self, kind: str) -> Manner:
        """Return how they answer a kind of message; nothing where there is nothing to answer."""
        return {REMINDER: self.reminded, ASK: self.asked, **MANNERS}.get(kind, ())


CAST: Final = (
    Player("ana", "Europe/Berlin", "weekdays 8:00-11:30, sun 15:00-18:00", reminded=TAKES_THEM),
    Player(
        "ben",
        "Europe/London",
        "mon,tue,thu,fri 10:00-13:30",
        most=3,
        rules="after=40 most=3",
        reminded=PUTS_OFF,
        asked=BUSY,
    ),
    Player("chi", "America/New_York", "weekdays 8:30-12:00", most=1, rules="most=1", asked=BUSY, patience=25),
    Player("dev", "Asia/Kathmandu", "wed,sat,sun 14:00-17:30", quiet="", rules="days=2", reminded=IGNORES),
    Player("ema", "Africa/Nairobi", "weekdays 18:30-22:30", rules="after=60", patience=5),
    Player(
        "finn",
        "Australia/Sydney",
        "weekend 18:00-22:00",
        quiet="21:00-08:00",
        rules='after=0 times="12:00, 19:00"',
        reminded=TAKES_THEM,
    ),
)
