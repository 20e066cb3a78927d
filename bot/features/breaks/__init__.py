"""`break`: a leader's pauses, and the reminder to take one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import structlog
from pydantic import Field

from bot.community.leaders import Leader
from bot.community.roster import Duty
from bot.community.tools import Tools
from bot.core.commands import Call, Refusal, command
from bot.core.content import Settings
from bot.core.faults import where
from bot.core.feature import Feature, Job, Sending, Withdraw
from bot.core.forms import Form, Mark
from bot.core.port import Button, Emphasis, Kind, Message, Reply, Response, Role, Shown, Update
from bot.core.text import moment
from bot.delivery.letters import Letter
from bot.features.breaks.rules import Habit, Happened, What, next_reminder, on_break
from bot.features.breaks.store import BreakStore

log = structlog.get_logger(__name__)

FEATURE: Final = "breaks"
REMINDER: Final = "reminder"
REMINDER_LASTS: Final = timedelta(minutes=30)
"""A reminder that could not be sent by then has lost its sense."""
AFTER_A_FAULT: Final = timedelta(hours=1)
DEFAULT_MINUTES: Final = 10
SNOOZES: Final = (20, 60)


class BreakSettings(Settings):
    """What config.yaml may say under `features.breaks`."""

    remind_after_minutes: int = Field(default=50, ge=5, le=480)
    reminders_per_day: int = Field(default=2, ge=0, le=12)


SETTINGS = BreakSettings


class Minutes(Form):
    """How long, in minutes."""

    minutes: Annotated[int, Mark(Kind.NUMBER, lowest=1, highest=720)] = DEFAULT_MINUTES


class Nothing(Form):
    """No input."""


class Breaks:
    """Handlers of `break`, the job that reminds, and its words. A leader sees their own breaks only."""

    def __init__(self, tools: Tools, store: BreakStore) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        settings = tools.settings_of(FEATURE, BreakSettings)
        self._habit = Habit(timedelta(minutes=settings.remind_after_minutes), settings.reminders_per_day)

    async def now(self, form: Minutes, call: Call) -> Response:
        """Begin a break, and offer a sentence to leave with."""
        leader = await self._leader(call)
        until = call.now + timedelta(minutes=form.minutes)
        await self._store.add(leader.id, Happened(What.TAKEN, call.now, until))
        end = moment(until, call.zone, call.locale)
        return Update(Message(self._words.say("breaks.taken", call.locale, until=end, count=form.minutes)))

    async def later(self, form: Minutes, call: Call) -> Response:
        """Put the reminder off. Not a skip. Nothing is promised that duty ends before."""
        leader = await self._leader(call)
        until = call.now + timedelta(minutes=form.minutes)
        duty = await self._tools.roster.current(leader.id, call.now)
        if duty is None:
            return Update(Message(self._words.say("breaks.status_off_duty", call.locale)))
        if until >= duty.until:
            end = moment(duty.until, call.zone, call.locale)
            await self._store.add(leader.id, Happened(What.ALREADY, call.now))
            return Update(Message(self._words.say("breaks.later_than_duty", call.locale, until=end)))
        await self._store.add(leader.id, Happened(What.LATER, call.now, until))
        await self._tools.outbox.nudge()
        end = moment(until, call.zone, call.locale)
        return Update(Message(self._words.say("breaks.later", call.locale, until=end)))

    async def already(self, form: Nothing, call: Call) -> Response:
        """Count a break that was taken without us."""
        del form
        leader = await self._leader(call)
        await self._store.add(leader.id, Happened(What.ALREADY, call.now))
        return Update(Message(self._words.say("breaks.already", call.locale)))

    async def skip(self, form: Nothing, call: Call) -> Response:
        """Be silent until tomorrow."""
        del form
        leader = await self._leader(call)
        await self._store.add(leader.id, Happened(What.NOT_TODAY, call.now))
        return Update(Message(self._words.say("breaks.not_today", call.locale)))

    async def status(self, form: Nothing, call: Call) -> Reply:
        """Tell the leader where they stand."""
        del form
        leader = await self._leader(call)
        history = await self._store.history(leader.id, call.now)
        if end := on_break(history, call.now):
            said = self._words.say("breaks.status_on_break", call.locale, until=moment(end, call.zone, call.locale))
            return Reply(Message(said))
        duty = await self._tools.roster.current(leader.id, call.now)
        if duty is None:
            return Reply(Message(self._words.say("breaks.status_off_duty", call.locale)))
        due = next_reminder(duty.since, duty.until, history, self._habit, ZoneInfo(call.zone))
        key = "breaks.status_next" if due else "breaks.status_none"
        values = {
            "since": moment(duty.since, call.zone, call.locale),
            "until": moment(duty.until, call.zone, call.locale),
            "next": moment(max(due, call.now), call.zone, call.locale) if due else "",
        }
        button = Button(self._words.label("breaks.now_button", call.locale), "break now", emphasis=Emphasis.PRIMARY)
        return Reply(Message(self._words.say(key, call.locale, **values), buttons=(button,)))

    # ------------------------------------------------------------ reminding

    async def wanted(self, now: datetime) -> datetime | None:
        """Return now if anybody is on duty, who may be due a reminder."""
        return now if await self._tools.roster.everyone(now) else None

    async def remind(self, now: datetime) -> datetime | None:
        """Have every leader reminded who is due; return who is next."""
        wanted: list[datetime] = []
        for duty in await self._tools.roster.everyone(now):
            try:
                due = await self._remind_one(duty, now)
            except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others are reminded
                log.error("reminder put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may name a leader
                due = now + AFTER_A_FAULT
            wanted.extend([due] if due else [])
        return min(wanted, default=None)

    async def _remind_one(self, duty: Duty, now: datetime) -> datetime | None:
        leader = await self._tools.leaders.get(duty.leader)
        if leader is None or not leader.direct:
            return None
        zone = ZoneInfo((await self._tools.directory.reader(leader.member)).zone)
        history = await self._store.history(leader.id, now)
        due = next_reminder(duty.since, duty.until, history, self._habit, zone)
        if due is None or due > now:
            return due
        async with self._tools.database.write() as unit:
            await self._store.lock(unit, leader.id)
            history = await self._store.history(leader.id, now)  # again: another process may have been quicker
            if next_reminder(duty.since, duty.until, history, self._habit, zone) != due:
                return now
            happened = Happened(What.REMINDED, now)
            event = await self._store.add_in(unit, leader.id, happened)
            name = (REMINDER, str(duty.id), due.isoformat())
            letter = Letter(name, FEATURE, REMINDER, event, leader.member, now, now + REMINDER_LASTS)
            await self._tools.outbox.put(unit, letter)
        return next_reminder(duty.since, duty.until, [*history, happened], self._habit, zone)

    async def compose(self, sending: Sending) -> Message | Withdraw:
        """Write the reminder, unless the leader has left or is resting already."""
        found = await self._store.leader_of(sending.subject)
        leader = await self._tools.leaders.get(found) if found else None
        if leader is None or leader.member != sending.to:
            return Withdraw("gone")
        if await self._tools.roster.current(leader.id, sending.now) is None:
            return Withdraw("off duty")
        if on_break(await self._store.history(leader.id, sending.now), sending.now):
            return Withdraw("resting")
        if await self._store.newest(leader.id) != sending.subject:
            return Withdraw("answered")
        say, locale = self._words.label, sending.locale
        buttons = (
            Button(say("breaks.taking", locale), "break now", {}, Emphasis.PRIMARY),
            *(
                Button(say(f"breaks.in_{minutes}", locale), "break later", {"minutes": str(minutes)})
                for minutes in SNOOZES
            ),
            Button(say("breaks.already_button", locale), "break already"),
            Button(say("breaks.skip_button", locale), "break skip"),
        )
        return Message(
            self._words.say("breaks.reminder", locale), say("breaks.reminder_title", locale), buttons=buttons
        )

    async def _leader(self, call: Call) -> Leader:
        leader = await self._tools.leaders.find(call.member)
        if leader is None or not leader.accepted:
            raise Refusal("breaks.not_a_leader")
        return leader


def build(tools: Tools) -> Feature:
    """Plug in `break`."""
    store = BreakStore(tools.database, tools.leaders)
    breaks = Breaks(tools, store)
    return Feature(
        name=FEATURE,
        personal_data=store,
        commands=(
            command("break now", Minutes, breaks.now, role=Role.LEADER),
            command("break later", Minutes, breaks.later, role=Role.LEADER),
            command("break skip", Nothing, breaks.skip, role=Role.LEADER),
            command("break status", Nothing, breaks.status, role=Role.LEADER),
            command("break already", Nothing, breaks.already, role=Role.LEADER, shown=Shown.HIDDEN),
        ),
        jobs=(Job("remind", breaks.remind, breaks.wanted),),
        compose=breaks.compose,
    )
