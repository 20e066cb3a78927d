"""Sees every message that the platform accepts, and how its reader stands at that moment by the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from bot.core.port import Address, Member, Message
from bot.delivery.tables import deliveries
from bot.features.breaks.store import break_events
from tests.house import House
from tests.simulation.cast import ASK, REMINDER, TAKEN


@dataclass(frozen=True, slots=True)
class Sent:
    """One message. `kind` names the feature and its sort; `why` is for reminders.

    `about`: the number of the request that it tells of, or 0. `away`: its reader was on a break.
    """

    at: datetime
    to: str
    kind: str
    why: str = ""
    about: int = 0
    away: bool = False


@dataclass(slots=True)
class Witness:
    """Writes down what is sent, and lets its readers answer."""

    house: House
    answer: Callable[[Sent, Message], None]
    sent: list[Sent] = field(default_factory=list[Sent])
    _requests: dict[int, int] = field(default_factory=dict[int, int])
    """The numbers of requests by their rows, for row ids are another matter of chance."""

    async def see(self, to: Address, message: Message) -> None:
        """Write down a message on its way: its row names what it is until it has arrived."""
        if not isinstance(to, Member):
            return
        tools, key = self.house.app.tools, self.house.platform.asked[-1].key
        async with tools.database.read() as unit:
            row = await unit.one_or_none(select(deliveries).where(deliveries.c.key == key))
            assert row is not None, "a message without a delivery"
            kind = f"{row.feature} {row.kind}"
            of = select(break_events.c.why).where(break_events.c.id == row.subject)
            why = await unit.scalar(of) if kind == REMINDER else ""
        now = self.house.clock.now()
        leader = await tools.leaders.find(to)
        away = leader is not None and leader.away(now) is not None
        seen = Sent(now, to.id, kind, why or "", await self._about(kind, row.subject), away)
        self.sent.append(seen)
        self.answer(seen, message)

    async def _about(self, kind: str, subject: int) -> int:
        if kind not in {ASK, TAKEN}:
            return 0
        asked = await self.house.app.tools.requests.asked(subject)
        assert asked, "told of no request"
        return self._requests.setdefault(asked.request.id, len(self._requests) + 1)
