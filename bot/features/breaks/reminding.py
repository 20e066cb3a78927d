"""Reminders of breaks: when they come, what they say, and the ways to answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.community.glance import Next
from bot.community.leaders import Leader, Look
from bot.community.tact import quiet_until
from bot.community.tools import Tools
from bot.core.commands import Call
from bot.core.faults import where
from bot.core.feature import Sending, Withdraw
from bot.core.port import Button, Emphasis, Message, Posted, Response, Update
from bot.core.text import moment
from bot.delivery.letters import Letter
from bot.features.breaks.forms import Minutes, Nothing
from bot.features.breaks.own import FEATURE, Habits
from bot.features.breaks.rules import Happened, Reminder, What, Why, next_reminder, offers_less
from bot.features.breaks.store import BreakStore
from bot.storage.database import Unit

log = structlog.get_logger(__name__)

REMINDER: Final = "reminder"
REMINDER_LASTS: Final = timedelta(minutes=30)
"""A reminder that could not be sent by then has lost its sense."""
AFTER_A_FAULT: Final = timedelta(hours=1)
SNOOZES: Final = (20, 60)
SMALL: Final = 1
"""Minutes of the smaller offer."""
_ON_DUTY_ONLY: Final = frozenset({Why.MINUTES, Why.DAYS})


class Reminding:
    """The job that reminds, its words, and the handlers behind its buttons. A leader hears of their own breaks only."""

    def __init__(self, tools: Tools, store: BreakStore, habits: Habits) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        self._habits = habits

    # ------------------------------------------------------------ how leaders answer

    async def later(self, form: Minutes, call: Call) -> Response:
        """Put the reminder off. Not a skip. Nothing is promised that would not be kept."""
        leader = await self._habits.who(call)
        until = call.now + timedelta(minutes=form.minutes)
        roster = self._tools.roster
        duty = await roster.current(leader.id, call.now) or await roster.coming(leader.id, call.now)
        if (away := leader.away(call.now)) and until < away:
            return self._said("breaks.later_in_break", call, until=moment(away, call.zone, call.locale))
        if quiet := quiet_until(leader, until, ZoneInfo(call.zone)):
            await self._happened(leader, Happened(What.LATER, call.now, until))
            return self._said("breaks.later_quiet", call, until=moment(quiet, call.zone, call.locale))
        if duty and until >= duty.until:
            await self._happened(leader, Happened(What.LATER, call.now, until))
            return self._said("breaks.later_than_duty", call, until=moment(duty.until, call.zone, call.locale))
        await self._happened(leader, Happened(What.LATER, call.now, until))
        return self._said("breaks.later", call, until=moment(until, call.zone, call.locale))

    async def already(self, form: Nothing, call: Call) -> Response:
        """Count a break that was taken without us."""
        del form
        await self._happened(await self._habits.who(call), Happened(What.ALREADY, call.now))
        return self._said("breaks.already", call)

    async def skip(self, form: Nothing, call: Call) -> Response:
        """Be silent until tomorrow."""
        del form
        await self._happened(await self._habits.who(call), Happened(What.NOT_TODAY, call.now))
        return self._said("breaks.not_today", call)

    def _said(self, key: str, call: Call, **values: str) -> Update:
        return Update(Message(self._words.say(key, call.locale, **values)))

    async def _happened(self, leader: Leader, happened: Happened) -> None:
        async with self._tools.database.write() as unit:
            await self._tools.leaders.lock(unit, leader.id)
            await self._store.add(unit, leader.id, happened)
            await self._tools.leaders.look(unit, leader.id, Look.BREAK, happened.at)
        await self._tools.outbox.nudge()

    # ------------------------------------------------------------ the job

    async def wanted(self, now: datetime) -> datetime | None:
        """Return when the next leader is to be looked at."""
        del now
        return await self._tools.glance.next(Next.BREAK)

    async def remind(self, now: datetime) -> datetime | None:
        """Have every leader reminded who is due; return when the next one is looked at."""
        for leader in await self._tools.leaders.due(Look.BREAK, now):
            try:
                await self._remind(leader.id, now)
            except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others are reminded
                log.error("reminder put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may name a leader
                async with self._tools.database.write() as unit:
                    await self._tools.leaders.look(unit, leader.id, Look.BREAK, now + AFTER_A_FAULT)
        return await self._tools.glance.next(Next.BREAK)

    async def _remind(self, leader: int, now: datetime) -> None:
        """Remind a leader if they are due, and note when to look again. Whoever comes second finds it done."""
        async with self._tools.database.write() as unit:
            row = await self._tools.leaders.lock(unit, leader)
            if row is None or row.break_at is None or row.break_at > now:
                return
            found = self._tools.leaders.read(row)
            due = await self._next(found, now, row.break_at) if found.direct else None
            if due and due.at <= now:
                await self._put(unit, found, due, now)
                due = await self._next(found, now, now)
            await self._tools.leaders.look(unit, leader, Look.BREAK, max(due.at, now) if due else None)

    async def _next(self, leader: Leader, now: datetime, seen: datetime) -> Reminder | None:
        zone = await self._habits.zone(leader)
        lately = await self._habits.lately(leader, now, zone)
        return next_reminder(lately, self._habits.rules(leader, zone), seen)

    async def _put(self, unit: Unit, leader: Leader, due: Reminder, now: datetime) -> None:
        event = await self._store.add(unit, leader.id, Happened(What.REMINDED, now, why=due.why))
        letter = Letter((REMINDER, str(event)), FEATURE, REMINDER, event, leader.member, now, now + REMINDER_LASTS)
        await self._tools.outbox.put(unit, letter)

    async def next_of(self, leader: Leader, now: datetime) -> datetime | None:
        """Return when a leader is reminded next, as far as that is known."""
        due = await self._next(leader, now, now)
        return max(due.at, now) if due else None

    # ------------------------------------------------------------ the reminder

    async def compose(self, sending: Sending) -> Message | Withdraw:
        """Write the reminder, unless it has lost its sense: answered, resting, off duty, or in quiet hours."""
        event = await self._store.event(sending.subject)
        leader = await self._tools.leaders.get(event.leader) if event else None
        if event is None or leader is None or leader.member != sending.to:
            return Withdraw("gone")
        if not event.newest:
            return Withdraw("answered")
        if leader.away(sending.now):
            return Withdraw("resting")
        if quiet_until(leader, sending.now, await self._habits.zone(leader)):
            return Withdraw("quiet")
        why = event.happened.why or Why.MINUTES
        if why in _ON_DUTY_ONLY and await self._tools.roster.current(leader.id, sending.now) is None:
            return Withdraw("off duty")
        history = await self._store.history(leader.id, sending.now)
        small = why is not Why.SUPPORT and offers_less(history[:-1])  # that one has an offer of its own
        return self._small(sending.locale) if small else self._whole(why, sending.locale)

    async def sent(self, sending: Sending, posted: Posted) -> None:
        """Note that a reminder which has arrived offered to talk it over, so that nobody offers it again."""
        del posted
        event = await self._store.event(sending.subject)
        if event and event.happened.why is Why.SUPPORT:
            async with self._tools.database.write() as unit:
                await self._tools.roster.offer(unit, event.leader)

    def _whole(self, why: Why, locale: str) -> Message:
        label = self._words.label
        buttons = (
            Button(label("breaks.taking", locale), "break now", {}, Emphasis.PRIMARY),
            *(
                Button(label(f"breaks.in_{minutes}", locale), "break later", {"minutes": str(minutes)})
                for minutes in SNOOZES
            ),
            Button(label("breaks.already_button", locale), "break already"),
            Button(label("breaks.skip_button", locale), "break skip"),
        )
        if why is Why.SUPPORT:
            buttons += (Button(label("breaks.debrief_button", locale), "care debrief"),)
        said = self._words.say(f"breaks.reminder_{why}", locale)
        return Message(said, label("breaks.reminder_title", locale), buttons=buttons)

    def _small(self, locale: str) -> Message:
        label = self._words.label
        buttons = (
            Button(label("breaks.one_minute", locale), "break now", {"minutes": str(SMALL)}, Emphasis.PRIMARY),
            Button(label("breaks.already_button", locale), "break already"),
            Button(label("breaks.skip_button", locale), "break skip"),
        )
        said = self._words.say("breaks.reminder_small", locale)
        return Message(said, label("breaks.reminder_small_title", locale), buttons=buttons)
