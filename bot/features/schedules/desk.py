"""What all handlers of `schedule` need: finding the one that is meant, and saying when it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.community.groups import Group
from bot.community.quiet import moved, quiet_at
from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal
from bot.core.port import Button, Channel, Choice, DeliveryError, Emphasis, Message, Ping, Reply
from bot.core.recurrence import Due, instant
from bot.core.text import Markup, channel_link, moment, wall_time
from bot.features.schedules.drafts import Draft, Schedule
from bot.features.schedules.forms import Which
from bot.features.schedules.occasions import Occasions
from bot.features.schedules.posts import LOOKS_AHEAD, Posts, heard
from bot.features.schedules.results import Results
from bot.features.schedules.stops import Stops
from bot.features.schedules.store import ScheduleStore

SHOWN: Final = 3
"""Coming posts that a confirmation names."""


class Desk:
    """The rows of schedules and the words about them."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.words = tools.words
        self.store = ScheduleStore(tools.database, tools.sealing)
        self.occasions = Occasions(tools.database, tools.outbox)
        self.results = Results(tools.database)
        self.stops = Stops(tools.database, tools.outbox)
        self.posts = Posts(tools, self.store, self.occasions, self.stops)

    # ------------------------------------------------------------ finding

    async def one(self, form: Which, call: Call) -> tuple[Schedule, Group]:
        """Return the schedule that is meant, of this community only: by its number in the list, or its row."""
        found = await self.store.all(call.member.community)
        if not found:
            raise Refusal("schedules.none")
        if form.schedule is None and len(found) > 1:
            raise Mistake("schedule", "schedules.which")
        wanted = form.schedule or 1
        by_row = next((each for each in found if each.id == wanted), None)
        chosen = found[wanted - 1] if wanted <= len(found) else by_row
        group = await self.tools.groups.get(chosen.group) if chosen else None
        if chosen is None or group is None:
            raise Refusal("schedules.gone")
        return chosen, group

    async def group_at(self, channel: Channel) -> Group:
        """Return the group in a channel. Raises `Mistake`."""
        if group := await self.tools.groups.at(channel):
            return group
        raise Mistake("in", "schedules.no_group")

    async def check(self, draft: Draft, group: Group, *, besides: int = 0) -> None:
        """See that a draft can be posted, and is not planned already. Raises `Mistake`."""
        if not draft.text and not await self.posts.knows(draft.what, group.id):
            raise Mistake("what", "schedules.what_unknown")
        if draft.until and draft.until < draft.starts_on:
            raise Mistake("until", "schedules.until_before_start")
        for number, each in enumerate(await self.store.all(group.channel.community), 1):
            if each.id != besides and each.group == group.id and each.draft.is_like(draft):
                raise Mistake("rule", "schedules.planned_already", number=number)

    async def named(self, draft: Draft, call: Call) -> Draft:
        """Return a draft whose `what` may have been written as people call it: a skill's name, an exercise's title."""
        for kind in self.posts.kinds() if not draft.text else ():
            for choice in await kind.choices(call.member.community, call.locale):
                if draft.what in {choice.value, choice.label.casefold().replace(" ", "-")}:
                    return replace(draft, what=choice.value)
        return draft

    def today(self, group: Group, now: datetime) -> date:
        """Return the date on a group's clock."""
        return now.astimezone(ZoneInfo(group.zone)).date()

    # ------------------------------------------------------------ saying

    def say(self, key: str, call: Call, **values: str | int) -> Markup:
        """Return a sentence of this feature."""
        return self.words.say(f"schedules.{key}", call.locale, **values)

    def button(self, name: str, command: str, schedule: Schedule, call: Call, **more: str) -> Button:
        """Return a button about a schedule."""
        label = self.words.label(f"schedules.{name}_button", call.locale)
        return Button(label, command, {"schedule": str(schedule.id), **more})

    def carrying(
        self, name: str, command: str, kept: Mapping[str, str | None], call: Call, *, again: str, **more: str
    ) -> Button:
        """Return a button that goes on with what is in hand: `again` says whether in its form, or at once."""
        token = self.tools.held.keep(call.member, {key: value for key, value in kept.items() if value})
        label = self.words.label(f"schedules.{name}_button", call.locale)
        return Button(label, command, {again: token, **more}, Emphasis.PRIMARY)

    async def confirm(self, key: str, schedule: Schedule, group: Group, call: Call) -> Reply:
        """Say what a schedule is now, and its next posts."""
        body = self.say(
            key,
            call,
            what=await self.posts.label(schedule, call.locale),
            channel=channel_link(group.channel),
            rule=str(schedule.draft.rule),
            zone=group.zone,
            coming=await self.runs(schedule, group, call),
        )
        notes = await self._lacking(schedule, group, call)
        return Reply(Message(Markup("\n\n".join([body, *notes])), buttons=self.about(schedule, call)))

    def about(self, schedule: Schedule, call: Call) -> tuple[Button, ...]:
        """Return what can be done next about a schedule as it stands."""
        rests = schedule.stuck or schedule.is_paused(call.now)
        turn = ("resume", "schedule resume") if rests else ("pause", "schedule pause")
        return (
            self.button("preview", "schedule preview", schedule, call),
            self.button("edit", "schedule edit", schedule, call),
            self.button(*turn, schedule, call),
        )

    async def next_post(self, schedule: Schedule, group: Group, call: Call) -> datetime | None:
        """Return when the next post of a schedule is sent, with the quiet hours of its group; None when none is."""
        waiting = await self.occasions.waiting(schedule, call.now)
        coming = heard(await self.occasions.coming(schedule, call.now, LOOKS_AHEAD), group)
        found = [at for _, at in waiting] + [moved(group, due.at) for due in coming]
        return min(found, default=None)

    async def runs(self, schedule: Schedule, group: Group, call: Call, count: int = SHOWN) -> Markup:
        """Return the next posts, a line each: in words on the group's clock, and in the reader's."""
        if schedule.paused:
            return self.say("is_paused", call)
        waiting = await self.occasions.waiting(schedule, call.now)
        coming = (await self.occasions.coming(schedule, call.now, count))[: max(count - len(waiting), 0)]
        if not coming and not waiting:
            return self.say("no_more", call)
        held = [self.say("run_waits", call, there=wall_time(at, group.zone, call.locale)) for _, at in waiting]
        lines = [f"- {line}" for line in (*held, *(self._run(due, group, call) for due in coming))]
        notes = self._clock_notes(coming, schedule, call)
        return Markup("\n".join([*lines, *(f"\n{note}" for note in notes)]))

    def soon(self, due: Due, call: Call) -> Markup:
        """Return when something comes, in the reader's clock."""
        return moment(due.at, call.zone, call.locale)

    def _run(self, due: Due, group: Group, call: Call) -> Markup:
        words = {
            "there": wall_time(due.at, group.zone, call.locale),
            "here": moment(due.at, call.zone, call.locale),
        }
        quiet = quiet_at(group, due.at)
        if quiet is None:
            return self.say("run", call, **words)
        if quiet.moves:
            end = wall_time(moved(group, due.at), group.zone, call.locale)
            return self.say("run_moved", call, **words, end=end)
        return self.say("run_quiet", call, **words)

    def _clock_notes(self, coming: Sequence[Due], schedule: Schedule, call: Call) -> Sequence[Markup]:
        """Say what changes of the clock do to the posts that are named."""
        zone, at = ZoneInfo(schedule.zone), schedule.draft.rule.at
        told: list[Markup] = []
        offset = call.now.astimezone(zone).utcoffset()
        for due in coming:
            local = due.at.astimezone(zone)
            when = wall_time(due.at, schedule.zone, call.locale)
            if (local.date(), local.time()) != (due.on, at):
                told.append(self.say("clock_gap", call, slot=due.slot, when=when))
            elif local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset():
                told.append(self.say("clock_fold", call, slot=due.slot, when=when))
            elif local.utcoffset() != offset and not told:
                told.append(self.say("clock_change", call, slot=due.slot, zone=schedule.zone, when=when))
            offset = local.utcoffset()
        return told[:2]

    async def _lacking(self, schedule: Schedule, group: Group, call: Call) -> Sequence[Markup]:
        """Say what the platform does not let us do there, so that nobody learns it at the hour of the post."""
        platform = self.tools.platforms.get(group.channel.community.platform)
        if platform is None:
            return ()
        try:
            may = await platform.access(group.channel)
        except DeliveryError:
            return ()
        channel, wanted = channel_link(group.channel), schedule.draft
        lacks = {
            "post": not may.post,
            "thread": wanted.thread and not may.thread,
            "pin": wanted.pin and not may.pin,
            "call": wanted.ping is not Ping.NOBODY and not may.call,
        }
        return [self.say(f"lacks_{name}", call, channel=channel) for name, is_lacking in lacks.items() if is_lacking]

    async def choices(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest the schedules of this community."""
        found: list[Choice] = []
        for number, schedule in enumerate(await self.store.all(call.member.community), 1):
            # The row, not the number: another leader may end one meanwhile, and numbers move up.
            label = f"{number}. {await self.posts.label(schedule, call.locale)}, {schedule.draft.rule}"
            if typed.casefold() in label.casefold():
                found.append(Choice(label[:100], str(schedule.id)))
        return found

    async def kinds(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest what can be posted."""
        community = call.member.community
        known = [choice for kind in self.posts.kinds() for choice in await kind.choices(community, call.locale)]
        return [each for each in known if typed.casefold() in f"{each.label} {each.value}".casefold()]


def start_of(day: date, group: Group) -> datetime:
    """Return the instant at which a local date begins in a group. Raises `Mistake` for one that does not exist."""
    found = instant(day, datetime.min.time(), ZoneInfo(group.zone))
    if found is None:
        raise Mistake("until", "date_none")
    return found
