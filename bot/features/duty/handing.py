"""Handing duty to another leader: who is asked, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.community.leaders import Leader
from bot.community.leading import is_reachable, leading
from bot.community.requests import OVER, Answer, Asked, Outcome, Request, Wish
from bot.community.roster import Began, Duty
from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal
from bot.core.port import Button, Message, Reply, Response, Update
from bot.core.text import mention, moment
from bot.features.duty.asking import Asking
from bot.features.duty.forms import NOT_A_LEADER, Nothing, To, Which
from bot.features.duty.rules import taken_until
from bot.storage.database import Unit


class Handing:
    """Handlers of `duty handoff`, and of the buttons of those who are asked."""

    def __init__(self, tools: Tools, asking: Asking) -> None:
        self._tools = tools
        self._words = tools.words
        self._asking = asking

    # ------------------------------------------------------------ asking

    async def handoff(self, form: To, call: Call) -> Response:
        """Ask another leader to take over. The giver stays on duty until somebody does."""
        giver = await leading(self._tools, call, NOT_A_LEADER)
        duty = await self._tools.roster.current(giver.id, call.now)
        if duty is None:
            raise Refusal("duty.handoff_off_duty")
        taker = await self._taker(form, giver, call)
        if not await self._begin(Wish.HANDOFF, giver, duty, [taker], call):
            raise Refusal("duty.handoff_open")
        return Reply(Message(self._words.say("duty.handoff_asked", call.locale, who=mention(taker.member))))

    async def cover(self, form: Nothing, call: Call) -> Response:
        """Ask everybody at once who may be asked, for the last one on duty wants to go."""
        del form
        giver = await leading(self._tools, call, NOT_A_LEADER)
        duty = await self._asking.duty_of(giver, call.now)
        if duty is None:
            return Update(Message(self._words.say("duty.was_off", call.locale)))
        button = Button(self._words.label("duty.off_now", call.locale), "duty off", {"sure": "yes"})
        others = [each for each in await self._tools.leaders.all(call.member.community) if each.id != giver.id]
        able = [each for each in others if await is_reachable(self._tools, each, call.now)]
        if not able:
            return Update(Message(self._words.say("duty.cover_nobody", call.locale), buttons=(button,)))
        begun = await self._begin(Wish.COVER, giver, duty, able, call)
        key = "duty.cover_asked" if begun else "duty.cover_open"
        return Update(Message(self._words.say(key, call.locale), buttons=(button,)))

    async def _taker(self, form: To, giver: Leader, call: Call) -> Leader:
        """Return the leader who is meant, who may be asked now."""
        if form.who == call.member:
            raise Mistake("who", "duty.handoff_self")
        found = await self._tools.leaders.find(form.who)
        if found is None or not found.accepted or found.id == giver.id:
            raise Mistake("who", "duty.handoff_not_a_leader")
        if away := found.away(call.now):
            end = moment(away, call.zone, call.locale)
            raise Refusal("duty.handoff_away", who=mention(form.who), until=end)
        if not await is_reachable(self._tools, found, call.now):
            raise Refusal("duty.handoff_not_now", who=mention(form.who))
        return found

    async def _begin(self, wish: Wish, giver: Leader, duty: Duty, others: Sequence[Leader], call: Call) -> bool:
        """Begin a request and ask. Returns False when the giver is asking already, in this way or the other."""
        async with self._tools.database.write() as unit:
            await self._lock(unit, giver.id, *(each.id for each in others))
            if any([await self._tools.requests.open_of(giver.id, each) for each in OVER]):
                return False
            request = await self._tools.requests.begin(unit, giver.id, wish, call.now, duty.until)
            if request is None:
                return False
            for each in others:
                await self._asking.ask(unit, request, each, call.now)
        return True

    # ------------------------------------------------------------ answering

    async def take(self, form: Which, call: Call) -> Response:
        """Put whoever says yes on duty, and the giver off it. The first yes counts, also a late one."""
        leader, asked = await self._asked(form, call)
        async with self._tools.database.write() as unit:
            giver = await self._giver(unit, leader, asked)
            if giver is None:
                raise Refusal("duty.ask_gone")
            if await self._tools.requests.answer(unit, asked.id, Answer.YES, call.now) is not Outcome.COUNTS:
                return await self._too_late(unit, leader, asked, call)
            until = await self._hand_over(unit, giver, leader, asked.request, call.now)
            await self._asking.tell_taken(unit, asked.id, giver, call.now)
        return self._took(until, call)

    async def leave(self, form: Which, call: Call) -> Response:
        """Thank whoever says no, and ask the next one at once if nobody else is being asked."""
        leader, asked = await self._asked(form, call)
        async with self._tools.database.write() as unit:
            giver = await self._giver(unit, leader, asked)
            if giver is None:
                raise Refusal("duty.ask_gone")
            before = dict(await self._tools.requests.everybody_asked(unit, asked.request.id))
            if await self._tools.requests.answer(unit, asked.id, Answer.NO, call.now) is not Outcome.COUNTS:
                return Update(Message(self._words.say("duty.settled", call.locale)))
            if (
                asked.request.waits
                and before[leader.id] is not Answer.NO
                and not _waits(before, leader.id, asked.request.wish)
            ):
                await self._asking.go_on(unit, asked.request, giver, call.now)
        return Update(Message(self._words.say("duty.passed", call.locale)))

    async def _asked(self, form: Which, call: Call) -> tuple[Leader, Asked]:
        """Return who presses, and what they were asked: nobody answers for somebody else."""
        leader = await leading(self._tools, call, NOT_A_LEADER)
        asked = await self._tools.requests.asked(form.ask)
        if asked is None or asked.leader != leader.id:
            raise Refusal("duty.ask_gone")
        return leader, asked

    async def _giver(self, unit: Unit, leader: Leader, asked: Asked) -> Leader | None:
        """Return who asks, if they still lead."""
        return (await self._lock(unit, leader.id, asked.request.leader)).get(asked.request.leader)

    async def _lock(self, unit: Unit, *leaders: int) -> dict[int, Leader]:
        """Let no other process change anything of these leaders; in one order, so that none waits for ever."""
        found = [await self._tools.leaders.lock(unit, each) for each in sorted(set(leaders))]
        return {row.id: self._tools.leaders.read(row) for row in found if row}

    async def _hand_over(self, unit: Unit, giver: Leader, taker: Leader, request: Request, now: datetime) -> datetime:
        """Put the taker on duty and the giver off it, whose duty may be over while they waited for an answer."""
        own = await self._tools.roster.current(taker.id, now)
        until = taken_until(now, await self._asking.end_of(giver, request, now), own.until if own else None)
        if own is None or own.until < until:
            await self._tools.roster.begin_in(unit, taker.id, now, until, Began.TOLD)
        await self._tools.roster.finish_in(unit, giver.id, now)
        return until

    async def _too_late(self, unit: Unit, leader: Leader, asked: Asked, call: Call) -> Response:
        """Say kindly how it ended; who presses twice is told the same as the first time."""
        everybody = await self._tools.requests.everybody_asked(unit, asked.request.id)
        taker = next((each for each, answer in everybody if answer is Answer.YES), None)
        duty = await self._tools.roster.current(leader.id, call.now)
        if taker == leader.id and duty:
            return self._took(duty.until, call)
        other = await self._tools.leaders.get(taker) if taker and taker != leader.id else None
        if other is None:
            return Update(Message(self._words.say("duty.settled", call.locale)))
        return Update(Message(self._words.say("duty.taken_already", call.locale, who=mention(other.member))))

    def _took(self, until: datetime, call: Call) -> Response:
        button = Button(self._words.label("duty.off_button", call.locale), "duty off")
        said = self._words.say("duty.took", call.locale, until=moment(until, call.zone, call.locale))
        return Update(Message(said, buttons=(button,)))


def _waits(everybody: Mapping[int, Answer], leader: int, wish: Wish) -> bool:
    """Return whether somebody else is being waited for: in a hand-off, whoever was asked after a leader."""
    if wish is Wish.HANDOFF and leader == list(everybody)[-1]:
        return False
    return any(answer is Answer.WAITING for each, answer in everybody.items() if each != leader)
