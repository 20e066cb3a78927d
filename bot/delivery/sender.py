"""Sends what was claimed: lane after lane in turn, several addresses of a lane at once, each address in its order."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

import structlog

from bot.core.faults import where
from bot.core.port import Address, Clock, Reason
from bot.delivery.carrier import Carrier
from bot.delivery.letters import Action, Claimed, order, platform_of
from bot.delivery.outbox import BATCH, Outbox
from bot.delivery.pace import Pace, Place, place_of

log = structlog.get_logger(__name__)

LANES_AT_ONCE: Final = 16
"""So many communities of a platform send at the same time; the others wait in line for the next turn."""
AT_ONCE: Final = 32
"""So many addresses of a community are sent to at the same time."""
RATHER_WAIT: Final = timedelta(seconds=0.5)
"""An address that is ready within this time is waited for; else its rows are put off, and others go."""
AHEAD: Final = timedelta(seconds=0.3)
"""So long before, what waits for its channel is taken in hand again, to leave as soon as there is room."""
NOT_AT_ALL: Final = timedelta()
A_NAP: Final = 0.02
"""Seconds after which somebody with nothing to send looks again for an address that has become ready."""
A_BREATH: Final = 0.25
"""Seconds after which, while all that is in hand waits, it is looked for what has become due meanwhile."""
A_TURN: Final = 5.0
"""Seconds after which a lane begins nothing more: so no lease runs out while a row waits, and others have a turn."""
FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(hours=1)
"""A row that met a fault is tried again soon, then ever later: a fault that passes must cost no post."""
MOST_PLACES: Final = 10_000

Claim: TypeAlias = Callable[[datetime], Awaitable[Sequence[Claimed]]]


class Sender:
    """Sends a lane at a time. Lanes of one platform that want to send take turns, first come, first served.

    People and posts have lines of their own, so that nobody who waits for an answer waits for a burst of posts.
    """

    def __init__(self, carrier: Carrier, outbox: Outbox, pace: Pace, clock: Clock, platforms: Collection[str]) -> None:
        self._carrier = carrier
        self._outbox = outbox
        self._pace = pace
        self._clock = clock
        self._platforms = platforms
        self._line = _Line(clock)
        self._turns: Mapping[tuple[str, bool], asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(LANES_AT_ONCE)
        )

    def stop(self) -> None:
        """Finish the deliveries in hand, and give back the others."""
        self._carrier.stopping = True

    def serves(self, lane: str) -> bool:
        """Return whether a lane leads to a platform that runs here."""
        return platform_of(lane) in self._platforms

    async def deliver(self, lane: str, *, people: bool | None = None) -> bool:
        """Send what is due in a lane, for one turn: to people, other posts, or either. Return whether there is more."""
        async with self._turns[platform_of(lane), people is True]:
            claim = partial(self._outbox.claim, lane, people=people)
            turn = _Turn(
                claim, self._line, carrier=self._carrier, outbox=self._outbox, pace=self._pace, clock=self._clock
            )
            return await turn.send()


class _Line:
    """Remembers which posts wait for their address, so that none that was wanted later goes before them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[Address, dict[int, tuple[datetime, Claimed]]] = {}

    def wait(self, claimed: Claimed, until: datetime) -> None:
        """Note that a post waits until an instant."""
        if len(self._waiting) >= MOST_PLACES:
            self._waiting = {to: still for to in list(self._waiting) if (still := self._still(to))}
        self._waiting.setdefault(claimed.to, {})[claimed.id] = until, claimed

    def ahead_of(self, claimed: Claimed) -> datetime | None:
        """Return until when those wait that go before a post to the same address; None when it is its turn."""
        still = self._still(claimed.to) if claimed.action is Action.POST else {}
        before = [until for until, other in still.values() if other.id != claimed.id and order(other) < order(claimed)]
        return max(before, default=None)

    def _still(self, to: Address) -> dict[int, tuple[datetime, Claimed]]:
        """Return what still waits at an address; what has waited long enough is in other hands."""
        now = self._clock.now()
        still = {row: each for row, each in self._waiting.pop(to, {}).items() if each[0] > now}
        if still:
            self._waiting[to] = still
        return still


class _Turn:
    """What one lane sends in its turn. Its addresses take turns too, one delivery each."""

    def __init__(
        self, claim: Claim, line: _Line, *, carrier: Carrier, outbox: Outbox, pace: Pace, clock: Clock
    ) -> None:
        self._take = claim
        self._line = line
        self._carrier = carrier
        self._outbox = outbox
        self._pace = pace
        self._clock = clock
        self._queues: dict[Place, deque[Claimed]] = {}
        """What is in hand, in its order; also while one of an address is on its way."""
        self._ready: deque[Place] = deque()
        """The addresses of which none is on its way."""
        self._put_off: dict[int, datetime] = {}
        self._claiming = asyncio.Lock()
        self._more = True
        self._claimed_at = 0.0
        self._until = asyncio.get_running_loop().time() + A_TURN

    async def send(self) -> bool:
        """Send what can be sent now; give back the rest, or have it looked at when it is ready."""
        if not await self._claim():
            return False
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE if len(self._ready) > 1 else 1):
                group.create_task(self._work())
        await self._postpone()
        if left := [claimed for queue in self._queues.values() for claimed in queue]:
            await self._outbox.give_back(left)
        return bool(left or self._more) and not self._carrier.stopping

    @property
    def _ends(self) -> bool:
        return self._carrier.stopping or asyncio.get_running_loop().time() >= self._until

    async def _claim(self, *, while_others_wait: bool = False) -> bool:
        """Take the next batch, unless somebody just has; return whether there is something to do."""
        async with self._claiming:
            now = asyncio.get_running_loop().time()
            wanted = now > self._claimed_at + A_BREATH if while_others_wait else self._more and not self._ready
            if not wanted or self._ends:
                return bool(self._ready)
            self._claimed_at = now
            await self._postpone()
            batch = await self._take(self._clock.now())
            self._more = len(batch) == BATCH
            for claimed in batch:
                self._take_in_hand(claimed)
            return bool(batch)

    def _take_in_hand(self, claimed: Claimed) -> None:
        place = place_of(claimed.to)
        if place not in self._queues:
            self._queues[place] = deque()
            self._ready.append(place)
        queue = self._queues[place]
        queue.append(claimed)
        if len(queue) > 1 and order(claimed) < order(queue[-2]):
            self._queues[place] = deque(sorted(queue, key=order))

    async def _postpone(self) -> None:
        put_off, self._put_off = self._put_off, {}
        if put_off:
            await self._outbox.postpone(put_off)

    async def _work(self) -> None:
        while not self._ends and (self._ready or await self._claim()):
            place = self._next()
            if place is None:
                await asyncio.sleep(A_NAP)
                await self._claim(while_others_wait=True)
                continue
            await self._carry(self._queues[place].popleft())
            if self._queues[place]:
                self._ready.append(place)
            else:
                del self._queues[place]

    def _next(self) -> Place | None:
        """Return an address that may be sent to now, if there is one; put off those that must wait for long."""
        for _ in range(len(self._ready)):
            place = self._ready.popleft()
            head = self._queues[place][0]
            wait = self._ready_in(head)
            if wait <= NOT_AT_ALL:
                return place
            if self._pace.rests_for(head.to, head.action):
                self._wait(self._queues.pop(place), self._clock.now() + wait)
            elif wait > RATHER_WAIT:
                self._wait(self._queues.pop(place), self._clock.now() + wait - AHEAD)
            else:
                self._ready.append(place)
        return None

    def _ready_in(self, head: Claimed) -> timedelta:
        """Return how long a delivery must wait: for its address, and for what goes there before it."""
        wait = self._pace.ready_in(head.to, head.action)
        ahead = self._line.ahead_of(head)
        return max(wait, ahead - self._clock.now()) if ahead else wait

    def _wait(self, queue: Sequence[Claimed], ready: datetime) -> None:
        """Put an address off until it is ready, its rows in their order, behind those that wait there already."""
        at, first, posts = ready, ready, 0
        if ahead := self._line.ahead_of(queue[0]):
            at = first = max(ready, ahead + self._pace.spacing(queue[0].to, queue[0].action))
        for claimed in queue:
            if claimed.action is Action.POST:
                at = first + posts * self._pace.spacing(claimed.to, claimed.action)
                posts += 1
                self._line.wait(claimed, at)
            self._put_off[claimed.id] = at

    async def _carry(self, claimed: Claimed) -> None:
        try:
            await self._carrier.carry(claimed)
        except Exception as error:  # noqa: BLE001  one bad row must not stop the others
            log.error("delivery put off", feature=claimed.feature, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back would print members' text
            await self._outbox.put_off(claimed, self._after_a_fault(claimed), Reason.BROKEN)

    def _after_a_fault(self, claimed: Claimed) -> datetime:
        """Return when to try again: after as long as it has been due, but also once more before it is too late."""
        now = self._clock.now()
        at = now + min(max(now - claimed.due_at, FIRST_WAIT), LONGEST_WAIT)
        last = claimed.expires_at - FIRST_WAIT
        return last if now + FIRST_WAIT <= last < at else at
