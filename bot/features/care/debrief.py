"""`care debrief`: twenty minutes with the buddy or with somebody on duty. Nobody is told why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import structlog

from bot.community.glance import Next
from bot.community.leaders import Leader
from bot.community.leading import is_reachable
from bot.community.requests import PATIENCE, TALK, Asked, Outcome, Request, Wish
from bot.community.requests import Answer as Said
from bot.core.commands import Call, Refusal
from bot.core.faults import where
from bot.core.feature import Later, Sending, Withdraw
from bot.core.forms import Form, Mark, RowId
from bot.core.port import Button, Emphasis, Kind, Message, Reply, Response, Update
from bot.core.text import mention
from bot.features.care.buddies import Buddies
from bot.features.care.desk import Desk
from bot.storage.database import Unit

log = structlog.get_logger(__name__)

ASKED: Final = "debrief"
FOUND: Final = "found"
NOBODY: Final = "nobody"
GOES_ON: Final = timedelta(hours=1)
"""How long those on duty are asked, one after the other."""
TOLD_FOR: Final = timedelta(hours=12)
AFTER_A_FAULT: Final = timedelta(minutes=10)


class Whom(Form):
    """The buddy, or else those on duty."""

    buddy: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Which(Form):
    """Who was asked, by the row of it."""

    ask: RowId


class Nothing(Form):
    """No input."""


class Debrief:
    """Handlers of `care debrief` and of its buttons, and the job that asks the next one.

    A request with an end is for those on duty, who are asked until then; one without is for the buddy alone.
    """

    def __init__(self, desk: Desk, buddies: Buddies) -> None:
        self._desk = desk
        self._tools = desk.tools
        self._words = desk.words
        self._requests = desk.tools.requests
        self._buddies = buddies

    # ------------------------------------------------------------ who would like to talk

    async def debrief(self, form: Nothing, call: Call) -> Reply:
        """Offer whom to ask."""
        del form
        leader = await self._desk.leader(call)
        if await self._requests.open_of(leader.id, Wish.DEBRIEF):
            return Reply(self._asking(call.locale))
        first = Emphasis.PRIMARY
        duty = Button(self._words.label("care.ask_duty", call.locale), "care ask", {}, first)
        buttons = (duty,)
        if await self._buddies.have(leader):
            buddy = Button(self._words.label("care.ask_buddy", call.locale), "care ask", {"buddy": "yes"}, first)
            buttons = (buddy, duty)
        title = self._words.label("care.debrief_title", call.locale)
        return Reply(Message(self._words.say("care.debrief", call.locale), title, buttons=buttons))

    async def ask(self, form: Whom, call: Call) -> Response:
        """Ask the first one, or say at once that nobody can be asked."""
        leader = await self._desk.leader(call)
        async with self._tools.database.write() as unit:
            until = None if form.buddy else call.now + GOES_ON
            request = await self._requests.begin(unit, leader.id, Wish.DEBRIEF, call.now, until)
            nobody = request is not None and not await self._ask_next(unit, request, call.now)
            if request and nobody:
                await self._requests.close(unit, request.id)
        await self._tools.outbox.nudge()
        return Update(self._nobody(call.locale, buddy=form.buddy) if nobody else self._asking(call.locale))

    async def cancel(self, form: Nothing, call: Call) -> Response:
        """Ask nobody any more."""
        del form
        leader = await self._desk.leader(call)
        if request := await self._requests.open_of(leader.id, Wish.DEBRIEF):
            async with self._tools.database.write() as unit:
                await self._requests.close(unit, request.id)
        return Update(Message(self._words.say("care.debrief_cancelled", call.locale)))

    # ------------------------------------------------------------ who was asked

    async def listen(self, form: Which, call: Call) -> Response:
        """Bring two leaders together: each is told privately who the other is."""
        asked, asker = await self._asked(form, call)
        if asked.answer is not Said.YES:
            async with self._tools.database.write() as unit:
                outcome = await self._requests.answer(unit, asked.id, Said.YES, call.now)
                if outcome is Outcome.COUNTS:
                    name = (FOUND, str(asked.request.id))
                    await self._desk.put(unit, name, asked.request.id, asker, call.now, lasts=TOLD_FOR)
            if outcome is not Outcome.COUNTS:
                key = "care.debrief_taken" if outcome is Outcome.TAKEN else "care.debrief_over"
                return Update(Message(self._words.say(key, call.locale)))
        return Update(Message(self._words.say("care.debrief_yours", call.locale, who=mention(asker.member))))

    async def decline(self, form: Which, call: Call) -> Response:
        """Ask the next one at once, unless somebody else is being waited for already."""
        asked, asker = await self._asked(form, call)
        async with self._tools.database.write() as unit:
            await self._tools.leaders.lock(unit, asked.request.leader)
            outcome = Outcome.OVER
            if asked.answer is not Said.YES:
                outcome = await self._requests.answer(unit, asked.id, Said.NO, call.now)
            newest = [leader for leader, _ in await self._requests.everybody_asked(unit, asked.request.id)][-1:]
            if outcome is Outcome.COUNTS and newest == [asked.leader]:
                await self._go_on(unit, asked.request, call.now)
        await self._tools.outbox.nudge()
        if asked.answer is Said.YES:
            return Update(Message(self._words.say("care.debrief_promised", call.locale, who=mention(asker.member))))
        return Update(Message(self._words.say("care.debrief_declined", call.locale)))

    async def _asked(self, form: Which, call: Call) -> tuple[Asked, Leader]:
        """Return what the leader was asked, and by whom. Raises `Refusal` for what is over or somebody else's."""
        leader = await self._desk.leader(call)
        asked = await self._requests.asked(form.ask)
        if asked is None or asked.leader != leader.id or asked.request.wish is not Wish.DEBRIEF:
            raise Refusal("care.debrief_over")
        asker = await self._desk.other(asked.request.leader)
        if asker is None:
            raise Refusal("care.debrief_over")
        return asked, asker

    # ------------------------------------------------------------ one after the other

    async def due(self, now: datetime) -> datetime | None:
        """Return when the next one is to be asked."""
        del now
        return await self._tools.glance.next(Next.TALK)

    async def go_on(self, now: datetime) -> datetime | None:
        """Ask the next one wherever nobody has answered in time."""
        faults: list[datetime] = []
        for request in await self._requests.waiting(TALK, now):
            try:
                async with self._tools.database.write() as unit:
                    await self._tools.leaders.lock(unit, request.leader)
                    if request in await self._requests.waiting(TALK, now):  # still: no other process was quicker
                        await self._go_on(unit, request, now)
            except Exception as error:  # noqa: BLE001  one bad row waits, and the others go on
                log.error("debrief put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may name a leader
                faults.append(now + AFTER_A_FAULT)
        following = await self._tools.glance.next(Next.TALK)
        return min([*faults, *([following] if following and following > now else [])], default=None)

    async def _go_on(self, unit: Unit, request: Request, now: datetime) -> None:
        """Ask the next one; where there is none, end the request and have the leader told."""
        if await self._ask_next(unit, request, now):
            return
        asker = await self._desk.other(request.leader)
        if await self._requests.close(unit, request.id) and asker:
            await self._desk.put(unit, (NOBODY, str(request.id)), request.id, asker, now, lasts=TOLD_FOR)

    async def _ask_next(self, unit: Unit, request: Request, now: datetime) -> bool:
        for leader in await self._candidates(unit, request, now):
            if ask := await self._requests.ask(unit, request, leader.id, now):
                await self._desk.put(unit, (ASKED, str(ask)), ask, leader, now, lasts=PATIENCE)
                return True
        return False

    async def _candidates(self, unit: Unit, request: Request, now: datetime) -> Sequence[Leader]:
        """Return who may be asked next. Nobody on a break is, and no buddy in their quiet hours."""
        had = {leader for leader, _ in await self._requests.everybody_asked(unit, request.id)} | {request.leader}
        asker = await self._desk.other(request.leader)
        if asker is None or (request.until and request.until <= now):
            return ()
        if request.until:
            on = await self._tools.roster.on_duty(asker.member.community, now)
            return [leader for leader, _ in on if leader.id not in had and leader.direct and not leader.away(now)]
        buddy = await self._buddies.have(asker)
        if buddy is None or buddy.id in had or await self._desk.alone_until(buddy, now):
            return ()
        return [buddy]

    # ------------------------------------------------------------ what they see

    def _asking(self, locale: str) -> Message:
        cancel = Button(self._words.label("care.cancel_button", locale), "care cancel")
        return Message(self._words.say("care.debrief_asking", locale), buttons=(cancel,))

    def _nobody(self, locale: str, *, buddy: bool) -> Message:
        """Say that nobody is free, with other ways; after the buddy, those on duty are one."""
        support = Button(self._words.label("care.support_button", locale), "support", {}, Emphasis.PRIMARY)
        rest = Button(self._words.label("care.break_button", locale), "break now")
        duty = Button(self._words.label("care.ask_duty", locale), "care ask")
        said = self._words.say("care.debrief_nobody", locale)
        return Message(said, buttons=(support, *((duty,) if buddy else ()), rest))

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Write what is asked, or how it ended."""
        if sending.kind == ASKED:
            return await self._compose_asked(sending)
        request = await self._requests.request(sending.subject)
        asker = await self._desk.other(request.leader, sending.to) if request else None
        if request is None or asker is None:
            return Withdraw("gone")
        if until := asker.away(sending.now):
            return Later(until)
        if sending.kind == NOBODY:
            return self._nobody(sending.locale, buddy=request.until is None)
        async with self._tools.database.read() as unit:
            asked = await self._requests.everybody_asked(unit, request.id)
        found = next((leader for leader, answer in asked if answer is Said.YES), None)
        other = await self._desk.other(found) if found else None
        if other is None:
            return Withdraw("gone")
        return Message(self._words.say("care.debrief_found", sending.locale, who=mention(other.member)))

    async def _compose_asked(self, sending: Sending) -> Message | Withdraw:
        asked = await self._requests.asked(sending.subject)
        leader = await self._desk.other(asked.leader, sending.to) if asked else None
        asker = await self._desk.other(asked.request.leader) if asked else None
        if asked is None or leader is None or asker is None or not asked.request.open:
            return Withdraw("over")
        if not await is_reachable(self._tools, leader, sending.now):
            return Withdraw("not to be asked")
        which = {"ask": str(asked.id)}
        buttons = (
            Button(self._words.label("care.listen", sending.locale), "care listen", which, Emphasis.PRIMARY),
            Button(self._words.label("care.not_now", sending.locale), "care pass", which),
        )
        said = self._words.say("care.debrief_wanted", sending.locale, who=mention(asker.member))
        return Message(said, buttons=buttons)
