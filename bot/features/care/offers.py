"""After a request for support was answered: the offer to talk it over, unless somebody made it already."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.community.glance import Next
from bot.community.leaders import Leader
from bot.community.tact import may_write
from bot.core.faults import where
from bot.core.feature import Later, Sending, Withdraw
from bot.core.port import Button, Emphasis, Message
from bot.features.care.desk import Desk

log = structlog.get_logger(__name__)

OFFER: Final = "offer"
AFTER: Final = timedelta(minutes=15)
"""So long after the answer it is offered."""
TOO_LATE: Final = timedelta(days=1)
LASTS: Final = timedelta(hours=6)
AFTER_A_FAULT: Final = timedelta(minutes=10)


class Offers:
    """The job that offers, and its words."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tools = desk.tools
        self._words = desk.words

    async def due(self, now: datetime) -> datetime | None:
        """Return when somebody is to be offered to talk it over."""
        oldest = await self._tools.glance.next(Next.ANSWERED)
        if oldest is None or oldest + AFTER > now:
            return oldest + AFTER if oldest else None
        return min(await self._wanted(now))

    async def offer(self, now: datetime) -> datetime | None:
        """Have everybody offered whose time it is; what is a day old goes by in silence."""
        put_off: list[datetime] = []
        for row, answered in await self._tools.roster.unoffered(now - AFTER):
            try:
                await self._offer(row, answered, now)
            except Exception as error:  # noqa: BLE001  one bad row waits, and the others are offered
                log.error("offer put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may name a leader
                put_off.append(now + AFTER_A_FAULT)
        following = await self.due(now)
        return min([*put_off, *([following] if following and following > now else [])], default=None)

    async def _wanted(self, now: datetime) -> list[datetime]:
        """Return when each of those who wait may be written to, or when it will be too late."""
        wanted: list[datetime] = []
        for row, answered in await self._tools.roster.unoffered(now - AFTER):
            leader = await self._desk.other(row)
            at = await self._when(leader, now) if leader else None
            wanted.append(min(at or now, answered + TOO_LATE))
        return wanted

    async def _when(self, leader: Leader, now: datetime) -> datetime | None:
        return may_write(leader, now, await self._desk.zone(leader), by_day=False)

    async def _offer(self, row: int, answered: datetime, now: datetime) -> None:
        async with self._tools.database.write() as unit:
            await self._tools.leaders.lock(unit, row)
            leader = await self._desk.other(row)
            at = await self._when(leader, now) if leader else None
            late = now >= answered + TOO_LATE
            if at and at > now and not late:
                return
            if not await self._tools.roster.offer(unit, row) or leader is None or at is None or late:
                return
            name = (OFFER, str(row), answered.isoformat())
            await self._desk.put(unit, name, row, leader, now, lasts=LASTS)
            await self._tools.leaders.wrote(unit, row, now)

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Write the offer; who is away reads it when they are back."""
        leader = await self._desk.other(sending.subject, sending.to)
        if leader is None:
            return Withdraw("gone")
        if until := await self._desk.unwelcome_until(leader, sending.now, by_day=False):
            return Later(until)
        talk = self._words.label("care.talk_button", sending.locale)
        buttons = (
            Button(talk, "care debrief", {}, Emphasis.PRIMARY),
            Button(self._words.label("care.break_button", sending.locale), "break now"),
        )
        return Message(self._words.say("care.after_support", sending.locale), buttons=buttons)
