"""Asks leaders to take over, one after the other, and tells who asked how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.community.glance import Next
from bot.community.leaders import Leader
from bot.community.leading import is_reachable, zone_of
from bot.community.requests import OVER, PATIENCE, Answer, Asked, Request, Wish
from bot.community.roster import Duty
from bot.community.tools import Tools
from bot.core.faults import where
from bot.core.feature import Later, Sending, Withdraw
from bot.core.port import Button, Emphasis, Member, Message
from bot.core.text import mention, moment
from bot.delivery.letters import Letter
from bot.features.duty.forms import FEATURE
from bot.features.duty.rules import taken_until
from bot.storage.database import Unit

log = structlog.get_logger(__name__)

ASK: Final = "ask"
TAKEN: Final = "taken"
NOBODY: Final = "nobody"
TOLD_FOR: Final = timedelta(hours=1)
"""How it ended is told by then, or not at all."""
AFTER_A_FAULT: Final = timedelta(minutes=5)


class Asking:
    """Requests on their way, the job that goes on to the next leader, and the letters."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def ask(self, unit: Unit, request: Request, leader: Leader, now: datetime) -> None:
        """Ask a leader privately, once in a request."""
        row = await self._tools.requests.ask(unit, request, leader.id, now)
        if row:
            letter = Letter((ASK, str(row)), FEATURE, ASK, row, leader.member, now, now + PATIENCE)
            await self._tools.outbox.put(unit, letter)

    async def go_on(self, unit: Unit, request: Request, giver: Leader, now: datetime) -> None:
        """Ask the next one on duty. When there is none the request is over, and its giver is told."""
        asked = {leader for leader, _ in await self._tools.requests.everybody_asked(unit, request.id)}
        if request.wish is Wish.HANDOFF and await self.duty_of(giver, now):
            for leader, _ in await self._tools.roster.on_duty(giver.member.community, now):
                if leader.id not in {giver.id, *asked} and leader.direct:
                    await self.ask(unit, request, leader, now)
                    return
        if await self._tools.requests.give_up(unit, request.id):
            name = (NOBODY, str(request.id))
            letter = Letter(name, FEATURE, NOBODY, request.id, giver.member, now, now + TOLD_FOR)
            await self._tools.outbox.put(unit, letter)

    async def tell_taken(self, unit: Unit, ask: int, giver: Leader, now: datetime) -> None:
        """Tell who asked that somebody has taken over."""
        letter = Letter((TAKEN, str(ask)), FEATURE, TAKEN, ask, giver.member, now, now + TOLD_FOR)
        await self._tools.outbox.put(unit, letter)

    # ------------------------------------------------------------ ten minutes later

    async def due(self, now: datetime) -> datetime | None:
        """Return when the next request has waited long enough."""
        del now
        return await self._tools.glance.next(Next.OVER)

    async def run(self, now: datetime) -> datetime | None:
        """Go on with every request that nobody has answered in time; return when the next is due."""
        put_off = False
        for request in await self._tools.requests.waiting(OVER, now):
            try:
                await self._waited(request, now)
            except Exception as error:  # noqa: BLE001  one bad row waits, and the others go on
                log.error("request put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may name a leader
                put_off = True
        return now + AFTER_A_FAULT if put_off else await self._tools.glance.next(Next.OVER)

    async def _waited(self, request: Request, now: datetime) -> None:
        async with self._tools.database.write() as unit:
            row = await self._tools.leaders.lock(unit, request.leader)
            waiting = await self._tools.requests.waiting(OVER, now)
            if row is None or request.id not in {each.id for each in waiting}:
                return  # removed, or another process was quicker
            await self.go_on(unit, request, self._tools.leaders.read(row), now)

    async def end_of(self, giver: Leader, request: Request, now: datetime) -> datetime:
        """Return when the duty ends that is handed over, also where its giver took the rest of the day meanwhile."""
        duty = await self.duty_of(giver, now)
        return duty.until if duty else max(request.until or now, now)

    async def duty_of(self, giver: Leader, now: datetime) -> Duty | None:
        """Return the duty that a leader may give away: the one they are on, or what is left of it after a break."""
        return await self._tools.roster.current(giver.id, now) or await self._tools.roster.coming(giver.id, now)

    # ------------------------------------------------------------ letters

    async def write_ask(self, sending: Sending) -> Message | Withdraw:
        """Write to somebody who is asked, unless it is settled or they may not be asked any more."""
        asked = await self._tools.requests.asked(sending.subject)
        if asked is None or not asked.request.open or asked.answer is not Answer.WAITING:
            return Withdraw("settled")
        leader, giver = await self._both(asked)
        if leader is None or giver is None or leader.member != sending.to:
            return Withdraw("gone")
        if not await is_reachable(self._tools, leader, sending.now):
            return Withdraw("not to be asked")
        zone = await zone_of(self._tools, leader)
        end = await self.end_of(giver, asked.request, sending.now)
        until = moment(taken_until(sending.now, end, None), zone.key, sending.locale)
        key = "duty.ask_cover" if asked.request.wish is Wish.COVER else "duty.ask_handoff"
        which = {"ask": str(asked.id)}
        buttons = (
            Button(self._words.label("duty.take_button", sending.locale), "duty take", which, Emphasis.PRIMARY),
            Button(self._words.label("duty.pass_button", sending.locale), "duty pass", which),
        )
        said = self._words.say(key, sending.locale, giver=mention(giver.member), until=until)
        return Message(said, self._words.label("duty.ask_title", sending.locale), buttons=buttons)

    async def write_taken(self, sending: Sending) -> Message | Withdraw | Later:
        """Tell the giver who looks after the group now; after a break if they have begun one."""
        asked = await self._tools.requests.asked(sending.subject)
        leader = await self._tools.leaders.get(asked.leader) if asked else None
        giver = await self._tools.leaders.find(sending.to) if isinstance(sending.to, Member) else None
        if giver is None or not giver.accepted:
            return Withdraw("gone")
        if away := giver.away(sending.now):
            return Later(away)
        if leader is None:  # they have left the leaders since; whoever asked is off duty all the same
            return Message(self._words.say("duty.taken_nameless", sending.locale))
        return Message(self._words.say("duty.taken", sending.locale, who=mention(leader.member)))

    async def write_nobody(self, sending: Sending) -> Message | Withdraw | Later:
        """Tell the giver that nobody could take over, after a break that they are on; or that their duty is over."""
        request = await self._tools.requests.request(sending.subject)
        giver = await self._tools.leaders.get(request.leader) if request else None
        if giver is None or giver.member != sending.to:
            return Withdraw("gone")
        if away := giver.away(sending.now):
            return Later(away)
        if await self._tools.roster.current(giver.id, sending.now) is None:
            return Message(self._words.say("duty.nobody_over", sending.locale))
        button = Button(self._words.label("duty.off_now", sending.locale), "duty off", {"sure": "yes"})
        return Message(self._words.say("duty.nobody", sending.locale), buttons=(button,))

    async def _both(self, asked: Asked) -> tuple[Leader | None, Leader | None]:
        """Return who was asked, and who asks."""
        return await self._tools.leaders.get(asked.leader), await self._tools.leaders.get(asked.request.leader)
