"""On duty and off it, and the question whether somebody is still there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.leading import leading, zone_of
from bot.community.requests import OVER
from bot.community.roster import Began
from bot.community.tact import quiet_until
from bot.community.tools import Tools
from bot.core.commands import Call
from bot.core.feature import HomePart, Later, Sending, Withdraw
from bot.core.port import Button, Emphasis, Message, Reply, Response, Update
from bot.core.recurrence import instant
from bot.core.text import moment
from bot.delivery.letters import Letter
from bot.features.duty.asking import Asking
from bot.features.duty.forms import FEATURE, NOT_A_LEADER, Off, On
from bot.features.duty.planned import Planned
from bot.features.duty.rules import ASKED_BEFORE, WITHOUT_END
from bot.storage.database import Unit

STILL: Final = "still"


class Going:
    """Handlers of `duty on` and `duty off`, and duty's part of `home`."""

    def __init__(self, tools: Tools, asking: Asking, planned: Planned) -> None:
        self._tools = tools
        self._words = tools.words
        self._asking = asking
        self._planned = planned

    async def on(self, form: On, call: Call) -> Reply:
        """Put the leader on duty. Without an end it stops after two hours; what goes on for longer is not cut."""
        leader = await leading(self._tools, call, NOT_A_LEADER)
        until, began = await self._end(form, leader, call)
        async with self._tools.database.write() as unit:
            if await self._asking.duty_of(leader, call.now) is None:
                await self._tools.requests.settle(unit, leader.id, OVER)  # asked when they left an earlier duty
            await self._tools.roster.begin_in(unit, leader.id, call.now, until, began)
            if began is Began.OPEN:
                await self._will_ask(unit, leader, until)
        await self._tools.outbox.nudge()
        end = moment(until, call.zone, call.locale)
        key = "duty.on_two_hours" if began is Began.OPEN else "duty.on"
        buttons = (
            Button(self._words.label("duty.break_status", call.locale), "break status"),
            Button(self._words.label("duty.off_button", call.locale), "duty off"),
        )
        return Reply(Message(self._words.say(key, call.locale, until=end), buttons=buttons))

    async def off(self, form: Off, call: Call) -> Response:
        """Take the leader off duty. Who is the last one there may ask the others first."""
        leader = await leading(self._tools, call, NOT_A_LEADER)
        if await self._tools.roster.current(leader.id, call.now) is None:
            resting = await self._let_go(leader, call.now)
            return Reply(Message(self._words.say("duty.off_resting" if resting else "duty.was_off", call.locale)))
        if await self._tools.roster.others(call.member.community, leader.id, call.now):
            await self._tools.roster.finish(leader.id, call.now)
            return Reply(Message(self._words.say("duty.off", call.locale)))
        everybody = await self._tools.leaders.all(call.member.community)
        if not any(each.accepted and each.id != leader.id for each in everybody):
            await self._tools.roster.finish(leader.id, call.now)
            return Reply(Message(self._words.say("duty.off_alone", call.locale)))
        if form.sure:
            await self._tools.roster.finish(leader.id, call.now)
            return Update(Message(self._words.say("duty.off_last", call.locale)))
        buttons = (
            Button(self._words.label("duty.cover_button", call.locale), "duty cover", emphasis=Emphasis.PRIMARY),
            Button(self._words.label("duty.off_now", call.locale), "duty off", {"sure": "yes"}),
        )
        return Reply(Message(self._words.say("duty.off_last_sure", call.locale), buttons=buttons))

    async def home(self, call: Call) -> HomePart | None:
        """Tell a leader whether they are on duty, or away."""
        leader = await self._tools.leaders.find(call.member)
        if leader is None or not leader.accepted:
            return None
        title = self._words.label("duty.title", call.locale)
        if away := leader.away(call.now):
            said = self._words.say("duty.home_away", call.locale, until=moment(away, call.zone, call.locale))
            button = Button(self._words.label("duty.back_button", call.locale), "break end")
        elif duty := await self._tools.roster.current(leader.id, call.now):
            said = self._words.say("duty.home_on", call.locale, until=moment(duty.until, call.zone, call.locale))
            button = Button(self._words.label("duty.off_button", call.locale), "duty off")
        else:
            said = self._words.say("duty.home_off", call.locale)
            button = Button(self._words.label("duty.on_button", call.locale), "duty on")
        return HomePart(20, Message(said, title, buttons=(button,)))

    async def still(self, sending: Sending) -> Message | Withdraw | Later:
        """Ask whether they are still there, unless their duty has another end by now. Quiet hours are quiet."""
        leader = await self._tools.leaders.get(sending.subject)
        if leader is None or leader.member != sending.to or not leader.direct:
            return Withdraw("gone")
        end = sending.due_at + ASKED_BEFORE
        zone = await zone_of(self._tools, leader)
        if wait := leader.away(sending.now) or quiet_until(leader, sending.now, zone):
            return Later(wait) if wait < end else Withdraw("not asked now")
        duty = await self._tools.roster.current(leader.id, sending.now)
        if duty is None or duty.began is not Began.OPEN or duty.until != end:
            return Withdraw("settled")
        buttons = (
            Button(self._words.label("duty.still_button", sending.locale), "duty on", {}, Emphasis.PRIMARY),
            Button(self._words.label("duty.off_button", sending.locale), "duty off"),
        )
        said = self._words.say("duty.still", sending.locale, until=moment(end, zone.key, sending.locale))
        return Message(said, self._words.label("duty.still_title", sending.locale), buttons=buttons)

    async def _let_go(self, leader: Leader, now: datetime) -> bool:
        """End what waits for the end of a break: what is left of a duty, or planned hours."""
        async with self._tools.database.write() as unit:
            waited = await self._tools.roster.finish_in(unit, leader.id, now) is not None
            return await self._planned.leave(unit, leader, now) or waited

    async def _will_ask(self, unit: Unit, leader: Leader, until: datetime) -> None:
        name = (STILL, str(leader.id), until.isoformat())
        letter = Letter(name, FEATURE, STILL, leader.id, leader.member, until - ASKED_BEFORE, until)
        await self._tools.outbox.put(unit, letter)

    async def _end(self, form: On, leader: Leader, call: Call) -> tuple[datetime, Began]:
        """Return when duty ends and how that came about."""
        if form.until is None:
            held = await self._tools.roster.current(leader.id, call.now)
            held = held or await self._tools.roster.coming(leader.id, call.now)
            usual = call.now + WITHOUT_END
            return (held.until, held.began) if held and held.until > usual else (usual, Began.OPEN)
        zone = ZoneInfo(call.zone)
        coming = (instant(call.today + timedelta(days=days), form.until, zone) for days in range(4))
        return next(at for at in coming if at and at > call.now), Began.TOLD
