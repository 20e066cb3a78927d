"""`duty`: a leader is looking after the group, or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.tools import Tools
from bot.core.commands import Call, Refusal, command
from bot.core.feature import KEEPS_NOTHING, Feature, HomePart
from bot.core.forms import Form, Time
from bot.core.port import Button, Message, Reply, Role
from bot.core.recurrence import instant
from bot.core.text import moment

WITHOUT_END: Final = timedelta(hours=2)


class On(Form):
    """Until when, on the leader's own clock."""

    until: Time | None = None


class Nothing(Form):
    """No input."""


class DutyCommands:
    """Handlers of `duty`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def on(self, form: On, call: Call) -> Reply:
        """Put the leader on duty. Without an end it stops after two hours."""
        leader = await self._leader(call)
        until = self._until(form, call)
        await self._tools.roster.begin(leader.id, call.now, until)
        await self._tools.outbox.nudge()
        end = moment(until, call.zone, call.locale)
        key = "duty.on" if form.until else "duty.on_two_hours"
        buttons = (
            Button(self._words.label("duty.break_status", call.locale), "break status"),
            Button(self._words.label("duty.off_button", call.locale), "duty off"),
        )
        return Reply(Message(self._words.say(key, call.locale, until=end), buttons=buttons))

    async def off(self, form: Nothing, call: Call) -> Reply:
        """Take the leader off duty, and say when nobody is left."""
        del form
        leader = await self._leader(call)
        if await self._tools.roster.finish(leader.id, call.now) is None:
            return Reply(Message(self._words.say("duty.was_off", call.locale)))
        others = await self._tools.roster.others(call.member.community, leader.id, call.now)
        return Reply(Message(self._words.say("duty.off" if others else "duty.off_last", call.locale)))

    async def home(self, call: Call) -> HomePart | None:
        """Tell a leader whether they are on duty."""
        leader = await self._tools.leaders.find(call.member)
        if leader is None or not leader.accepted:
            return None
        duty = await self._tools.roster.current(leader.id, call.now)
        title = self._words.label("duty.title", call.locale)
        if duty is None:
            button = Button(self._words.label("duty.on_button", call.locale), "duty on")
            return HomePart(20, Message(self._words.say("duty.home_off", call.locale), title, buttons=(button,)))
        end = moment(duty.until, call.zone, call.locale)
        button = Button(self._words.label("duty.off_button", call.locale), "duty off")
        return HomePart(20, Message(self._words.say("duty.home_on", call.locale, until=end), title, buttons=(button,)))

    async def _leader(self, call: Call) -> Leader:
        leader = await self._tools.leaders.find(call.member)
        if leader is None or not leader.accepted:
            raise Refusal("duty.not_a_leader")
        return leader

    def _until(self, form: On, call: Call) -> datetime:
        if form.until is None:
            return call.now + WITHOUT_END
        zone = ZoneInfo(call.zone)
        for days in range(3):
            at = instant(call.today + timedelta(days=days), form.until, zone)
            if at is not None and at > call.now:
                return at
        return call.now + WITHOUT_END


def build(tools: Tools) -> Feature:
    """Plug in `duty`. What it keeps goes with the leader's row."""
    duty = DutyCommands(tools)
    return Feature(
        name="duty",
        personal_data=KEEPS_NOTHING,
        commands=(
            command("duty on", On, duty.on, role=Role.LEADER),
            command("duty off", Nothing, duty.off, role=Role.LEADER),
        ),
        home=duty.home,
    )
