"""What happens to the leaders in a month, whatever the bot does: the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from bot.community.hours import Stretch, stretches
from bot.community.quiet import reached
from bot.features.duty.overview import DAY
from tests.simulation.cast import GROUP_ZONE, Player

FIRST: Final = date(2026, 10, 12)
"""A Monday. The clocks go back within the month that follows, in Berlin and in New York on different days."""
CALLED_AWAY: Final = 0.25
PAUSES: Final = 0.15
RESTS: Final = 0.03
SOMEBODY_ASKS: Final = 0.5
"""How likely these are: the first three in each time of planned hours, the last on each day of the group."""
_A_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


class What(StrEnum):
    """What happens: a leader has to go, or takes a break unasked, or a member asks for support."""

    CALLED_AWAY = "called away"
    PAUSE = "pause"
    REST = "rest"
    SOMEBODY_ASKS = "somebody asks"


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that happens. `who` is nobody when a member asks. `until`: when the planned hours end."""

    at: datetime
    what: What
    until: datetime
    who: str = ""


@dataclass(frozen=True, slots=True)
class Luck:
    """Chance that depends on what it is for alone, so that it is the same however the rest of the month goes."""

    seed: int

    def of(self, *what: object) -> Random:
        named = " ".join(str(each) for each in (self.seed, *what))
        return Random(named)  # noqa: S311  it guards nothing, and has to be repeatable


def span(days: int) -> Stretch:
    """Return from when until when the group is looked at."""
    zone = ZoneInfo(GROUP_ZONE)
    return reached(FIRST, time(0), zone), reached(FIRST + days * _A_DAY, time(0), zone)


def planned(player: Player, within: Stretch) -> Sequence[Stretch]:
    """Return the planned hours of a leader that lie within a span, whole."""
    since, until = within
    found = stretches(player.week, player.clock, since, until)
    return [each for each in found if each[0] >= since and each[1] <= until]


def days_of_group(days: int) -> Sequence[Stretch]:
    """Return the times of day at which somebody should be there for the group, as `duty status` has them."""
    zone, dates = ZoneInfo(GROUP_ZONE), [FIRST + number * _A_DAY for number in range(days)]
    return [(reached(on, DAY[0], zone), reached(on, DAY[1], zone)) for on in dates]


def scenes(cast: Sequence[Player], luck: Luck, days: int) -> Sequence[Scene]:
    """Return everything that happens, in order."""
    found: list[Scene] = []
    for player in cast:
        for each in planned(player, span(days)):
            found.extend(_of_hours(player, each, luck))
    for each in days_of_group(days):
        chance = luck.of("asks", each[0])
        if chance.random() < SOMEBODY_ASKS:
            found.append(Scene(_within(each, chance), What.SOMEBODY_ASKS, each[1]))
    return sorted(found, key=lambda scene: (scene.at, scene.who))


def _of_hours(player: Player, hours: Stretch, luck: Luck) -> Sequence[Scene]:
    found: list[Scene] = []
    for what, likely in ((What.CALLED_AWAY, CALLED_AWAY), (What.PAUSE, PAUSES), (What.REST, RESTS)):
        chance = luck.of(what, player.name, hours[0])
        if chance.random() < likely:
            found.append(Scene(_within(hours, chance), what, hours[1], player.name))
    return found


def _within(each: Stretch, chance: Random) -> datetime:
    """Return a minute in the middle of a time."""
    minutes = (each[1] - each[0]) // _MINUTE
    return each[0] + chance.randint(minutes // 6, minutes * 5 // 6) * _MINUTE
