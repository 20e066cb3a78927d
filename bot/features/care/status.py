"""`care status`: everything that is counted about a leader, for them alone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.community.leaders import Leader
from bot.community.load import REMEMBERED, WEEK, Load, load_of
from bot.core.commands import Call
from bot.core.forms import Form
from bot.core.port import Button, Message, Reply
from bot.core.text import Markup, mention
from bot.features.care.buddies import Buddies
from bot.features.care.check_ins import CheckIns
from bot.features.care.desk import Desk


class Nothing(Form):
    """No input."""


class Status:
    """The handler of `care status`."""

    def __init__(self, desk: Desk, check_ins: CheckIns, buddies: Buddies) -> None:
        self._desk = desk
        self._tools = desk.tools
        self._words = desk.words
        self._check_ins = check_ins
        self._buddies = buddies

    async def status(self, form: Nothing, call: Call) -> Reply:
        """Show all that is counted, the leader's answers, their buddy, and how often they are asked."""
        del form
        leader = await self._desk.leader(call)
        locale = call.locale
        buddy = await self._buddies.have(leader)
        key = "care.status_buddy" if buddy else "care.status_no_buddy"
        counted = self._counted(await self._load(leader, call), locale)
        parts = [
            self._words.say("care.status", locale),
            counted,
            await self._check_ins.line(leader, call),
            self._words.say(key, locale, who=mention(buddy.member) if buddy else ""),
            self._words.say(f"care.rhythm_{leader.own.rhythm if leader.check_at else 0}", locale),
        ]
        buttons = (
            Button(self._words.label("care.check_in_button", locale), "care check-in"),
            Button(self._words.label("care.rhythm_button", locale), "care rhythm"),
            Button(self._words.label("care.buddy_button", locale), "care buddy"),
            Button(self._words.label("care.stop_button", locale), "invitation stop"),
        )
        title = self._words.label("care.status_title", locale)
        return Reply(Message(Markup("\n\n".join(parts)), title, self._words.say("care.status_all", locale), buttons))

    async def _load(self, leader: Leader, call: Call) -> Load:
        duties = await self._tools.roster.recent(leader.id, call.now - REMEMBERED)
        taken = await self._tools.requests.taken(leader.id, call.now - WEEK)
        answered = len(await self._tools.roster.answers(leader.id, call.now - WEEK))
        stretches = [(duty.since, duty.until) for duty in duties]
        return load_of(stretches, taken, answered, call.now, ZoneInfo(call.zone))

    def _counted(self, load: Load, locale: str) -> Markup:
        hours, rest = divmod(load.on_duty, timedelta(hours=1))
        lines = [
            self._words.say("care.count_duty", locale, hours=hours, minutes=rest // timedelta(minutes=1)),
            self._words.say("care.count_days", locale, count=load.days),
            self._words.say("care.count_late", locale, count=load.late),
            self._words.say("care.count_taken", locale, count=load.taken),
            self._words.say("care.count_answered", locale, count=load.answered),
        ]
        return Markup("\n".join(f"- {line}" for line in lines))
