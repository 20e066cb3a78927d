"""What a month comes to: from the rows of duty and of breaks, and from what the platform was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from statistics import median
from typing import Final

from bot.community.hours import Stretch, merged
from bot.community.tact import read_night
from bot.features.breaks.rules import Why
from bot.features.duty.rules import gaps
from tests.simulation.cast import ASK, CHECK_IN, OFFER, REMINDER, STILL, TAKEN, Player
from tests.simulation.play import Called, Play
from tests.simulation.rows import MINUTE, Rows, common, minutes
from tests.simulation.script import days_of_group, planned, span
from tests.simulation.witness import Sent

OTHERS: Final = frozenset({CHECK_IN, OFFER})
"""What is sent to a leader unasked, reminders of breaks aside."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How long somebody was planned, and nobody was there; the same for the group's day. Whole minutes."""

    planned: int
    nobody: int
    nobody_longest: int
    day: int
    day_nobody: int


@dataclass(frozen=True, slots=True)
class HandOffs:
    """How often leaders were called away, and what became of asking the others. `stayed`: minutes, all together."""

    called_away: int
    asked: int
    taken: int
    unanswered: int
    minutes_till_taken: float | None
    stayed: int


@dataclass(frozen=True, slots=True)
class Breaks:
    """How many breaks there were, and how many of them for the rest of a day.

    `nobody`: minutes of planned hours in which nobody was there while somebody was on a break; `nobody_rest`: those
    in which one of them was away for the rest of their day.
    """

    taken: int
    rests: int
    nobody: int
    nobody_rest: int


@dataclass(frozen=True, slots=True)
class Messages:
    """What was sent. `limit_broken`: reminders beyond what their reader allows a day.

    Counts of a day are of one leader on their own clock. What somebody put off themself is not among `reminders`.
    """

    reminders: int
    put_off: int
    reminders_a_day_most: int
    reminders_a_day_median: float
    check_ins: int
    offers: int
    others_a_day_most: int
    limit_broken: int
    in_quiet_hours: int
    in_a_break: int

    @property
    def kept(self) -> bool:
        """Whether every limit was kept."""
        return not (self.limit_broken or self.in_quiet_hours or self.in_a_break or self.others_a_day_most > 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one month."""

    coverage: Coverage
    handoffs: HandOffs
    breaks: Breaks
    messages: Messages


def figures_of(play: Play, rows: Rows) -> Figures:
    """Return what a month came to that has been played."""
    sent = play.witness.sent
    return Figures(
        coverage_of(rows, play.cast, play.days),
        handoffs_of(play.called, rows, sent),
        breaks_of(rows, play.cast, play.days),
        messages_of(sent, rows, play.cast),
    )


def wanted(cast: Sequence[Player], days: int) -> Sequence[Stretch]:
    """Return when anybody was to be there by their planned hours."""
    return merged([each for player in cast for each in planned(player, span(days))])


def coverage_of(rows: Rows, cast: Sequence[Player], days: int) -> Coverage:
    """Return how long nobody was there in planned hours, and in the group's day."""
    hours, day = wanted(cast, days), days_of_group(days)
    nobody = gaps(hours, rows.covered)
    longest = max((minutes([each]) for each in nobody), default=0)
    return Coverage(minutes(hours), minutes(nobody), longest, minutes(day), minutes(gaps(day, rows.covered)))


def handoffs_of(called: Sequence[Called], rows: Rows, sent: Sequence[Sent]) -> HandOffs:
    """Return what became of the requests that reached anybody."""
    began: dict[int, datetime] = {}
    for each in sent:
        if each.kind == ASK:
            began.setdefault(each.about, each.at)
    took = [(each.at - began[each.about]) / MINUTE for each in sent if each.kind == TAKEN]
    stayed = [(call.at, until) for call in called for since, until in rows.duties[call.who] if since <= call.at < until]
    return HandOffs(
        len(called),
        len(began),
        len(took),
        len(began) - len(took),
        round(median(took), 1) if took else None,
        minutes(stayed),
    )


def breaks_of(rows: Rows, cast: Sequence[Player], days: int) -> Breaks:
    """Return how many breaks there were, and how long nobody was there meanwhile."""
    had = [(each, player.clock) for player in cast for each in rows.breaks[player.name]]
    rests = [each for each, clock in had if each[1].astimezone(clock).time() == time(0)]
    nobody = gaps(wanted(cast, days), rows.covered)
    while_away = [minutes(common(nobody, merged(each))) for each in ([each for each, _ in had], rests)]
    return Breaks(len(had), len(rests), *while_away)


def messages_of(sent: Sequence[Sent], rows: Rows, cast: Sequence[Player]) -> Messages:
    """Return what was sent, and whether it kept the limits. A day without duty is none on which to be reminded."""
    players = {player.name: player for player in cast}
    reminders = [each for each in sent if each.kind == REMINDER and each.why != Why.SNOOZE]
    by_day = _by_day(reminders, players)
    others = _by_day([each for each in sent if each.kind in OTHERS], players)
    days = {(name, since.astimezone(players[name].clock).date()) for name in players for since, _ in rows.duties[name]}
    return Messages(
        reminders=len(reminders),
        put_off=sum(each.why == Why.SNOOZE for each in sent),
        reminders_a_day_most=max(by_day.values(), default=0),
        reminders_a_day_median=median([by_day[each] for each in sorted(days)] or [0]),
        check_ins=sum(each.kind == CHECK_IN for each in sent),
        offers=sum(each.kind == OFFER for each in sent),
        others_a_day_most=max(others.values(), default=0),
        limit_broken=sum(max(0, count - players[name].most) for (name, _), count in by_day.items()),
        in_quiet_hours=sum(in_quiet(each, players[each.to]) for each in sent),
        in_a_break=sum(each.away for each in sent),
    )


def in_quiet(sent: Sent, player: Player) -> bool:
    """Return whether something was sent unasked in its reader's quiet hours, by what a clock on their wall shows."""
    if sent.kind not in {REMINDER, STILL, *OTHERS} or not player.quiet:
        return False
    (begins, ends), at = read_night(player.quiet), sent.at.astimezone(player.clock).time()
    return begins <= at < ends if begins < ends else at >= begins or at < ends


def _by_day(sent: Iterable[Sent], players: Mapping[str, Player]) -> Counter[tuple[str, date]]:
    """Count messages by their reader and the date on the reader's clock."""
    return Counter((each.to, each.at.astimezone(players[each.to].clock).date()) for each in sent)
