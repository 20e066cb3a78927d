"""Keeps under the platforms' rate limits, so that they never have to refuse us.

aiolimiter is not used: a leaky bucket keeps the average at which requests leave, while a platform counts those that
arrive within any second. Requests that were spread out when they left may arrive together.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from bot.core.port import Address, Allowance, Channel, Clock, Member, Meter, community_of
from bot.delivery.letters import Action
from bot.delivery.windows import Slot, Window

MOST_PLACES: Final = 10_000
SECOND: Final = 1.0
PREPARES: Final = 24
"""So many deliveries of a bot are looked at and composed at a time, ahead of the room that there is for them."""
NOTHING: Final = timedelta()

Place: TypeAlias = "Channel | Member"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests a platform takes within any second from one bot, and how many messages in one channel.

    0 where it names no figure, or tells it with every answer.
    """

    overall: int = 0
    each: float = 0.0


def place_of(to: Address) -> Place:
    """Return what shares one order and one limit: a channel with its threads, or a member."""
    return to if isinstance(to, Channel | Member) else to.channel


def for_people(to: Address, action: Action) -> bool:
    """Return whether somebody waits for it: a private message, or a change that a press asked for."""
    return isinstance(to, Member) or action in {Action.EDIT, Action.DELETE}


class Turn:
    """Leave for one request of a delivery. The request takes it up on the wire; what is not taken up is given back.

    `acts`: what is made now is that request. Before, it may be a look at who is there.
    """

    __slots__ = ("action", "acts", "desk", "each", "overall", "to")

    def __init__(self, to: Address, action: Action) -> None:
        self.to = to
        self.action = action
        self.acts = False
        self.desk: Slot | None = None
        self.each: Slot | None = None
        self.overall: Slot | None = None

    @property
    def slots(self) -> list[Slot]:
        """Return what it holds."""
        return [slot for slot in (self.desk, self.each, self.overall) if slot]


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


class Pace:
    """Lets requests go: answers to people first, then posts, each in order of their coming."""

    def __init__(self, rates: Mapping[str, Rate], clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._overall = {name: Window(rate.overall, SECOND) for name, rate in rates.items() if rate.overall}
        self._desks = {name: Window(PREPARES, 0) for name in self._overall}
        self._each: dict[tuple[str, str], Window] = {}
        self._not_before: dict[tuple[Address, Action], datetime] = {}

    def meter(self, platform: str) -> Meter:
        """Return what a platform meters its requests with."""
        return _WireMeter(self, platform)

    def spacing(self, to: Address, action: Action) -> timedelta:
        """Return the time between two posts at an address, as far as it is known before anything is sent."""
        rate = self._rates.get(community_of(to).platform)
        spaced = rate and rate.each and action is Action.POST and not isinstance(to, Member)
        return timedelta(seconds=1 / rate.each) if rate and spaced else NOTHING

    def rests_for(self, to: Address, action: Action) -> timedelta:
        """Return how long an address must be left alone because the platform said so."""
        until = self._not_before.get((to, action))
        return max(NOTHING, until - self._clock.now()) if until else NOTHING

    def ready_in(self, to: Address, action: Action) -> timedelta:
        """Return how long an address must be left alone. What the whole bot may do is not asked here."""
        platform = community_of(to).platform
        overall = self._overall.get(platform)
        each = self._each.get((platform, place_of(to).id)) if self.spacing(to, action) else None
        known = max(overall.held_for() if overall else 0.0, each.free_in() if each else 0.0)
        return max(self.rests_for(to, action), timedelta(seconds=known))

    def hold(self, to: Address, action: Action, wait: timedelta, *, everywhere: bool = False) -> None:
        """Leave an address alone for a time, or let the whole bot rest, as the platform asked."""
        if everywhere and (overall := self._overall.get(community_of(to).platform)):
            overall.hold(wait.total_seconds())
        now = self._clock.now()
        if len(self._not_before) >= MOST_PLACES:
            self._not_before = {key: until for key, until in self._not_before.items() if until > now}
        self._not_before[to, action] = now + wait

    @asynccontextmanager
    async def turn(self, to: Address, action: Action) -> AsyncGenerator[Turn]:
        """Wait until it is worth while to prepare a request to an address. `leaving` waits until it may leave.

        So nobody keeps room from others while preparing, and what is prepared is not old when it leaves.
        """
        turn, platform = Turn(to, action), community_of(to).platform
        token = _turn.set(turn)
        try:
            if self.spacing(to, action):
                turn.each = await self.window(platform, place_of(to).id).take(urgent=False)
            if desk := self._desks.get(platform):
                turn.desk = await desk.take(urgent=for_people(to, action))
            yield turn
        finally:
            _turn.reset(token)
            for slot in (turn.each, turn.overall):
                if slot and turn.acts:
                    slot.spend()
            for slot in turn.slots:
                slot.give_back()

    async def leaving(self, turn: Turn) -> None:
        """Wait until the request of a turn may leave; that is the one that is made next."""
        if overall := self._overall.get(community_of(turn.to).platform):
            turn.overall = await overall.take(urgent=for_people(turn.to, turn.action))
        if turn.desk:
            turn.desk.give_back()

    # ------------------------------------------------------------ for the wire

    def overall(self, platform: str) -> Window | None:
        """Return what counts all requests of a platform."""
        return self._overall.get(platform)

    def window(self, platform: str, channel: str) -> Window:
        """Return what counts the messages in a channel."""
        key = (platform, channel)
        if key not in self._each:
            if len(self._each) >= MOST_PLACES:
                self._each = {at: window for at, window in self._each.items() if not window.idle}
            self._each[key] = Window(1, SECOND / self._rates[platform].each)
        return self._each[key]

    def counts_channels(self, platform: str) -> bool:
        """Return whether messages in a channel are counted."""
        rate = self._rates.get(platform)
        return bool(rate and rate.each)

    def learn(self, turn: Turn, allowance: Allowance) -> None:
        """Leave an address alone when hardly anything is left there.

        One is kept for answers to people; and discord.py holds back the answer to the last one until the time is up.
        """
        kept = 1 if allowance.limit > 1 else 0
        if allowance.remaining <= kept:
            self.hold(turn.to, turn.action, allowance.reset_after)


class _WireMeter:
    """Counts what really goes out. The first request of a turn is the one that was waited for already."""

    def __init__(self, pace: Pace, platform: str) -> None:
        self._pace = pace
        self._platform = platform

    async def admit(self, place: str = "") -> _Leave:
        """Wait until a request may leave: at once when it has its turn."""
        turn = _turn.get()
        leave = _Leave(self._pace, turn)
        try:
            if place and self._pace.counts_channels(self._platform):
                mine = turn.each if turn and place_of(turn.to).id == place else None
                leave.slots.append(await _taken(mine, self._pace.window(self._platform, place)))
            if overall := self._pace.overall(self._platform):
                leave.slots.append(await _taken(turn.overall if turn else None, overall))
        except BaseException:
            leave.end()
            raise
        return leave

    def hold(self, wait: timedelta) -> None:
        """Let nothing leave for a time."""
        if overall := self._pace.overall(self._platform):
            overall.hold(wait.total_seconds())


async def _taken(mine: Slot | None, window: Window) -> Slot:
    """Take up the slot of a turn if it still waits, or else a new one: whoever asks now is a person."""
    slot = mine if mine and mine.waits else await window.take(urgent=True)
    slot.use()
    return slot


class _Leave:
    """Implements `Permit`."""

    __slots__ = ("_pace", "_turn", "slots")

    def __init__(self, pace: Pace, turn: Turn | None) -> None:
        self._pace = pace
        self._turn = turn
        self.slots: list[Slot] = []

    def end(self, allowance: Allowance | None = None) -> None:
        """Let the slots be free again, one span from now, and remember what the answer said."""
        for slot in self.slots:
            slot.end()
        if allowance and self._turn and self._turn.acts:
            self._pace.learn(self._turn, allowance)
