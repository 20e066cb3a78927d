"""When leaders were on duty and on breaks, read from the rows once a month is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from bot.community.hours import Stretch, merged
from bot.features.breaks.rules import What
from bot.features.breaks.store import break_events
from tests.house import House
from tests.simulation.cast import Player

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rows:
    """Times on duty and breaks of each leader, by name: breaks as they were begun, and cut short."""

    duties: Mapping[str, Sequence[Stretch]]
    breaks: Mapping[str, Sequence[Stretch]]

    @property
    def covered(self) -> Sequence[Stretch]:
        """Return when anybody was on duty."""
        return merged([each for found in self.duties.values() for each in found])


async def rows_of(house: House, cast: Sequence[Player], within: Stretch) -> Rows:
    """Read duty and breaks within a span."""
    duties: dict[str, Sequence[Stretch]] = {}
    breaks: dict[str, Sequence[Stretch]] = {}
    for player in cast:
        leader = await house.app.tools.leaders.find(player.actor.member)
        assert leader, player
        had = [(each.since, each.until) for each in await house.app.tools.roster.recent(leader.id, within[0])]
        query = select(break_events).where(break_events.c.leader_id == leader.id).order_by(break_events.c.place)
        async with house.app.tools.database.read() as unit:
            events = [(What(row.what), row.happened_at, row.until) for row in await unit.all(query)]
        duties[player.name] = common(had, [within])
        breaks[player.name] = rested(events, duties[player.name])
    return Rows(duties, breaks)


def rested(events: Iterable[tuple[What, datetime, datetime | None]], duties: Sequence[Stretch]) -> Sequence[Stretch]:
    """Return breaks: each up to its end, or until it was begun again, ended, or left for duty."""
    found: list[Stretch] = []
    for what, at, until in events:
        if what in {What.TAKEN, What.ENDED} and found and found[-1][1] > at:
            found[-1] = (found[-1][0], at)
        if what is What.TAKEN and until:
            found.append((at, until))
    starts = [since for since, _ in duties]
    ended = [(since, min([until, *(at for at in starts if since < at < until)])) for since, until in found]
    return [each for each in ended if each[0] < each[1]]


def common(one: Sequence[Stretch], other: Sequence[Stretch]) -> Sequence[Stretch]:
    """Return what two lists of times have in common."""
    return merged([(max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other])


def minutes(found: Iterable[Stretch]) -> int:
    """Return how long times are together, in whole minutes."""
    return round(sum((until - since for since, until in found), timedelta()) / MINUTE)
