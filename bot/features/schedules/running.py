"""What leaders do with schedules as they run: look, preview, pause, skip, post now, end and bring back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.community.groups import Group
from bot.core.commands import Call, Mistake, Refusal
from bot.core.port import Button, Emphasis, Message, Ping, Reply, Response
from bot.core.text import Markup, channel_link, moment
from bot.delivery.letters import State
from bot.delivery.plans import Slot
from bot.delivery.scheduler import EXTRA, Fate
from bot.features.schedules.desk import Desk, start_of
from bot.features.schedules.drafts import Schedule
from bot.features.schedules.forms import Nothing, Pause, PostNow, Unskip, Which
from bot.features.schedules.planning import Planning
from bot.features.schedules.tidings import NOTHING_LEFT
from bot.storage.tables import new_id

UNDO_FOR: Final = timedelta(days=1)
MOST_LISTED: Final = 20
_SLOTS: Final = 16**8
"""Names for posts beside the plan; that two meet on one day of one schedule is next to impossible."""


class Running:
    """Handlers for schedules that there are."""

    def __init__(self, desk: Desk, planning: Planning) -> None:
        self._desk = desk
        self._planning = planning
        self._tools = desk.tools
        self._words = desk.words
        self._store = desk.store

    # ------------------------------------------------------------ looking

    async def list(self, form: Nothing, call: Call) -> Reply:
        """List the schedules of this community, numbered: what comes next, how they stand, how the last post went."""
        del form
        found = await self._store.all(call.member.community)
        if not found:
            label = self._words.label
            buttons = (
                Button(label("schedules.add_button", call.locale), "schedule add", emphasis=Emphasis.PRIMARY),
                Button(label("schedules.starter_button", call.locale), "schedule import", {"plan": "starter"}),
            )
            return Reply(Message(self._desk.say("none", call), buttons=buttons))
        lines = [f"{number}. {await self._line(each, call)}" for number, each in enumerate(found[:MOST_LISTED], 1)]
        if len(found) > MOST_LISTED:
            lines.append(self._desk.say("more", call, count=len(found) - MOST_LISTED))
        buttons = self._desk.about(found[0], call) if len(found) == 1 else ()
        title = self._words.label("schedules.title", call.locale)
        return Reply(Message(Markup("\n".join(lines)), title, buttons=buttons))

    async def show(self, form: Which, call: Call) -> Reply:
        """Show one schedule whole."""
        schedule, group = await self._desk.one(form, call)
        parts = [await self._planning.describe(schedule, group, call), await self._state(schedule, group, call)]
        if last := await self._last(schedule, call):
            parts.append(last)
        title = await self._desk.posts.label(schedule, call.locale)
        return Reply(Message(Markup("\n\n".join(parts)), title, buttons=self._desk.about(schedule, call)))

    async def preview(self, form: Which, call: Call) -> Reply:
        """Show the exact next post, to the leader alone."""
        schedule, group = await self._desk.one(form, call)
        try:
            message = await self._desk.posts.preview(schedule, group, call.now)
        except LookupError:
            raise Refusal("schedules.nothing_left") from None
        at = None if schedule.stuck or schedule.paused else await self._desk.next_post(schedule, group, call)
        if at is None:
            note = self._desk.say("preview_paused", call)
        else:
            values = {"at": moment(at, call.zone, call.locale), "channel": channel_link(group.channel)}
            note = self._desk.say("preview", call, **values)
        calls = [self._desk.say(f"preview_calls_{message.ping.value}", call)] if message.ping is not Ping.NOBODY else []
        body = "\n\n".join([note, *calls, message.body]) if message.body else note
        return Reply(replace(message, body=body, ping=Ping.NOBODY))

    # ------------------------------------------------------------ changing how it runs

    async def pause(self, form: Pause, call: Call) -> Reply:
        """Silence a schedule, until a date or until it is resumed. It keeps no score."""
        schedule, group = await self._desk.one(form, call)
        until = start_of(form.until, group) if form.until else None
        if until and until <= call.now:
            raise Mistake("until", "schedules.until_past")
        await self._changed(await self._store.pause(schedule, until, call.now))
        await self._tools.outbox.nudge()
        button = self._desk.button("resume", "schedule resume", schedule, call)
        values = {"what": await self._desk.posts.label(schedule, call.locale)}
        if until is None:
            return Reply(Message(self._desk.say("paused", call, **values), buttons=(button,)))
        coming = await self._desk.runs(await self._again(schedule), group, call)
        return Reply(Message(self._desk.say("paused_until", call, **values, coming=coming), buttons=(button,)))

    async def resume(self, form: Which, call: Call) -> Reply:
        """Let a schedule go on, whether a leader paused it or the platform refused it."""
        schedule, group = await self._desk.one(form, call)
        if schedule.stuck:
            await self._desk.stops.go_on(schedule.id, call.now)
        await self._changed(await self._store.resume(schedule, call.now))
        await self._tools.outbox.nudge()
        return await self._desk.confirm("resumed", await self._again(schedule), group, call)

    async def skip(self, form: Which, call: Call) -> Reply:
        """Leave out the next post."""
        schedule, group = await self._desk.one(form, call)
        due = await self._desk.occasions.skip(schedule, call.now)
        if due is None:
            raise Refusal("schedules.nothing_to_skip")
        values = {"what": await self._desk.posts.label(schedule, call.locale), "at": self._desk.soon(due, call)}
        coming = await self._desk.runs(schedule, group, call)
        day = str(due.on.toordinal())
        button = self._desk.button("unskip", "schedule unskip", schedule, call, press=day)
        return Reply(Message(self._desk.say("skipped", call, **values, coming=coming), buttons=(button,)))

    async def unskip(self, form: Unskip, call: Call) -> Reply:
        """Take back the next one that was left out."""
        schedule, group = await self._desk.one(form, call)
        if await self._desk.occasions.unskip(schedule, call.now, form.press) is None:
            raise Refusal("schedules.nothing_skipped")
        return await self._desk.confirm("unskipped", await self._again(schedule), group, call)

    async def post_now(self, form: PostNow, call: Call) -> Response:
        """Post one now: in place of the next, or beside the plan. Asks which when nobody said."""
        schedule, group = await self._desk.one(form, call)
        if await self._tools.directory.quiet(group.channel, call.now):
            raise Refusal("schedules.quiet_now")
        if schedule.stuck:
            raise Refusal(self._stopped(schedule))
        coming = await self._desk.occasions.coming(schedule, call.now, 1)
        channel = channel_link(group.channel)
        values = {"what": await self._desk.posts.label(schedule, call.locale), "channel": channel}
        if form.counts is None:
            press = str(new_id() % _SLOTS)
            beside = self._desk.button("beside", "schedule post-now", schedule, call, counts="no", press=press)
            if not coming:
                now = replace(beside, label=self._words.label("schedules.now_button", call.locale))
                return Reply(Message(self._desk.say("post_now_sure", call, **values), buttons=(now,)))
            day = str(coming[0].on.toordinal())
            instead = self._desk.button("instead", "schedule post-now", schedule, call, counts="yes", press=day)
            said = self._desk.say("post_now_which", call, **values, at=self._desk.soon(coming[0], call))
            return Reply(Message(said, buttons=(instead, beside)))
        if form.counts and not coming:
            raise Mistake("counts", "schedules.nothing_next")
        if form.counts and form.press not in {None, coming[0].on.toordinal()}:
            raise Refusal("schedules.posted_already")
        counted = (coming[0].on, coming[0].slot) if form.counts else None
        slot: Slot = counted or (self._desk.today(group, call.now), f"{EXTRA}{form.press or new_id() % _SLOTS:x}")
        if not await self._desk.occasions.post_now(schedule, group.channel, slot, call.now):
            raise Refusal("schedules.posted_already")
        runs = await self._desk.runs(await self._again(schedule), group, call)
        return Reply(Message(self._desk.say("posted_now", call, **values, coming=runs)))

    async def remove(self, form: Which, call: Call) -> Reply:
        """End a schedule. For a day it can be brought back."""
        schedule, group = await self._desk.one(form, call)
        await self._changed(await self._store.remove(schedule, call.now))
        values = {"what": await self._desk.posts.label(schedule, call.locale), "channel": channel_link(group.channel)}
        undo = self._desk.button("undo", "timetable undo", schedule, call)
        return Reply(Message(self._desk.say("removed", call, **values), buttons=(undo,)))

    async def undo(self, form: Which, call: Call) -> Reply:
        """Bring an ended schedule back, within a day."""
        schedule = await self._store.get(form.schedule or 0)
        group = await self._tools.groups.get(schedule.group) if schedule else None
        if schedule is None or group is None or group.channel.community != call.member.community:
            raise Refusal("schedules.gone")
        if schedule.removed_at is not None:
            await self._refuse_double(schedule, group)
            if call.now - schedule.removed_at > UNDO_FOR:
                raise Refusal("schedules.undo_too_late")
            await self._changed(await self._store.restore(schedule, call.now))
            await self._store.follow(group, call.now)
            await self._tools.outbox.nudge()
        return await self._desk.confirm("restored", await self._again(schedule), group, call)

    # ------------------------------------------------------------

    async def _again(self, schedule: Schedule) -> Schedule:
        return await self._store.get(schedule.id) or schedule

    async def _changed(self, done: bool) -> None:
        """Raise `Refusal` when somebody else changed the schedule at the same moment."""
        if not done:
            raise Refusal("schedules.try_again")

    async def _refuse_double(self, schedule: Schedule, group: Group) -> None:
        if any(each.draft.is_like(schedule.draft) for each in await self._store.in_group(group.id)):
            raise Refusal("schedules.planned_just_now")

    def _stopped(self, schedule: Schedule) -> str:
        known = schedule.probe_at or schedule.stuck == NOTHING_LEFT
        return f"schedules.stopped_{schedule.stuck}" if known else "schedules.stopped_for_good"

    async def _line(self, schedule: Schedule, call: Call) -> Markup:
        group = await self._tools.groups.get(schedule.group)
        last = await self._last(schedule, call)
        line = self._desk.say(
            "line",
            call,
            what=await self._desk.posts.label(schedule, call.locale),
            channel=channel_link(group.channel) if group else "",
            rule=str(schedule.draft.rule),
            zone=schedule.zone,
            state=await self._state(schedule, group, call, short=True),
        )
        return Markup(f"{line} {last}") if last else line

    async def _state(self, schedule: Schedule, group: Group | None, call: Call, *, short: bool = False) -> Markup:
        """Say how a schedule stands: stopped and why, paused, or what comes next."""
        if schedule.paused:
            return self._desk.say("is_paused", call)
        if schedule.stuck:
            return self._words.say(self._stopped(schedule), call.locale)
        at = await self._desk.next_post(schedule, group, call) if group else None
        if at is None or group is None:
            return self._desk.say("ended", call)
        if schedule.is_paused(call.now):
            return self._desk.say("is_paused_until", call, coming=moment(at, call.zone, call.locale))
        if short:
            return self._desk.say("next", call, coming=moment(at, call.zone, call.locale))
        return self._desk.say("next_runs", call, coming=await self._desk.runs(schedule, group, call))

    async def _last(self, schedule: Schedule, call: Call) -> Markup | None:
        """Say what became of the last one."""
        result = await self._desk.results.last_result(schedule.id, call.now)
        if result is None:
            return None
        named = result.state in {State.SENT, State.UNKNOWN, State.REFUSED, Fate.SKIPPED, Fate.MISSED}
        key = result.state if named else "unsent"
        return self._desk.say(f"last_{key}", call, at=moment(result.at, call.zone, call.locale))
