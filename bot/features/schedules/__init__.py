"""`schedule`: what is posted, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from bot.community.groups import Group
from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal, command
from bot.core.feature import Feature, PostKind, Sending, Turn, Withdraw
from bot.core.forms import Form, InChannel, Mark, Reading, mistake
from bot.core.port import Button, Choice, Kind, Message, Reason, Reply, Role, community_of
from bot.core.recurrence import Rule, RuleProblem, read_rule
from bot.core.text import Markup, channel_link, moment
from bot.delivery.letters import Letter
from bot.delivery.scheduler import FEATURE
from bot.features.schedules.store import Schedule, ScheduleStore

SHOWN: Final = 3
"""Coming posts that a confirmation names."""
FAILURE: Final = "failure-"
FAILURE_LASTS: Final = timedelta(days=1)


def _rule(text: str, _: Reading) -> Rule:
    try:
        return read_rule(text)
    except RuleProblem as problem:
        raise mistake(problem.key, **problem.values) from None


class Add(Form):
    """What to post, in which group, and when."""

    what: Annotated[str, Mark(Kind.TEXT, longest=80, suggests=True)]
    in_: InChannel = Field(alias="in")
    rule: Annotated[Rule, Mark(Kind.TEXT, reader=_rule, longest=80)]


class Which(Form):
    """A schedule: its number in the list, or its row."""

    schedule: Annotated[int | None, Mark(Kind.NUMBER, lowest=1, suggests=True)] = None


class Nothing(Form):
    """No input."""


class Schedules:
    """Handlers of `schedule`, and the words of its posts."""

    def __init__(self, tools: Tools, store: ScheduleStore) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store

    async def add(self, form: Add, call: Call) -> Reply:
        """Add a schedule, and name the next posts in the reader's clock."""
        group = await self._tools.groups.at(form.in_)
        if group is None:
            raise Mistake("in", "schedules.no_group")
        what = form.what.casefold().replace(" ", "-")
        if self._kind(what) is None:
            raise Mistake("what", "schedules.what_unknown")
        schedule = await self._store.add(group, what, form.rule, call.member, call.now)
        if schedule is None:
            raise Mistake("rule", "schedules.rule_past")
        await self._tools.outbox.nudge()
        body = self._words.say(
            "schedules.added",
            call.locale,
            what=self._label(what, call.locale),
            channel=channel_link(group.channel),
            rule=str(form.rule),
            zone=group.zone,
            coming=self._moments(schedule, call),
        )
        return Reply(Message(body, buttons=self._buttons(schedule, call.locale)))

    async def list(self, form: Nothing, call: Call) -> Reply:
        """List the schedules of this community, numbered, each with its next post."""
        del form
        found = await self._store.all(call.member.community)
        if not found:
            button = Button(self._words.label("schedules.add_button", call.locale), "schedule add")
            return Reply(Message(self._words.say("schedules.none", call.locale), buttons=(button,)))
        lines = [f"{number}. {await self._line(each, call)}" for number, each in enumerate(found, 1)]
        title = self._words.label("schedules.title", call.locale)
        buttons = self._buttons(found[0], call.locale) if len(found) == 1 else ()
        return Reply(Message(Markup("\n".join(lines)), title, buttons=buttons))

    async def preview(self, form: Which, call: Call) -> Reply:
        """Show the exact next post, to the leader alone."""
        schedule, group = await self._one(form, call)
        turn = _turn(group, await self._store.next_turn(schedule, call.now))
        message = self._compose_what(schedule, turn)
        coming = schedule.coming(call.now, 1)
        if schedule.paused or not coming:
            note = self._words.say("schedules.preview_paused", call.locale)
        else:
            at = moment(coming[0].at, call.zone, call.locale)
            note = self._words.say("schedules.preview", call.locale, at=at, channel=channel_link(group.channel))
        return Reply(replace(message, body=f"{note}\n\n{message.body}"))

    async def pause(self, form: Which, call: Call) -> Reply:
        """Silence a schedule. It keeps no score."""
        schedule, _ = await self._one(form, call)
        await self._store.pause(schedule)
        button = Button(
            self._words.label("schedules.resume_button", call.locale), "schedule resume", {"schedule": str(schedule.id)}
        )
        body = self._words.say("schedules.paused", call.locale, what=self._label(schedule.what, call.locale))
        return Reply(Message(body, buttons=(button,)))

    async def resume(self, form: Which, call: Call) -> Reply:
        """Let a schedule go on."""
        schedule, _ = await self._one(form, call)
        await self._store.resume(schedule, call.now)
        await self._tools.outbox.nudge()
        going = replace(schedule, paused=False)
        body = self._words.say(
            "schedules.resumed",
            call.locale,
            what=self._label(schedule.what, call.locale),
            coming=self._moments(going, call),
        )
        return Reply(Message(body, buttons=self._buttons(going, call.locale)))

    async def remove(self, form: Which, call: Call) -> Reply:
        """End a schedule."""
        schedule, group = await self._one(form, call)
        await self._store.remove(schedule)
        what, channel = self._label(schedule.what, call.locale), channel_link(group.channel)
        return Reply(Message(self._words.say("schedules.removed", call.locale, what=what, channel=channel)))

    # ------------------------------------------------------------ suggestions

    async def kinds(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest what can be posted."""
        known = [choice for kind in self._kinds() for choice in kind.choices(call.locale)]
        return [each for each in known if typed.casefold() in f"{each.label} {each.value}".casefold()]

    async def ours(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest the schedules of this community."""
        found: list[Choice] = []
        for number, schedule in enumerate(await self._store.all(call.member.community), 1):
            label = f"{number}. {self._label(schedule.what, call.locale)}, {schedule.rule}"
            if typed.casefold() in label.casefold():
                found.append(Choice(label[:100], str(number)))
        return found

    # ------------------------------------------------------------ deliveries

    async def compose(self, sending: Sending) -> Message | Withdraw:
        """Draw the post, unless the schedule was paused or removed meanwhile; or tell its maker what went wrong."""
        if sending.kind.startswith(FAILURE):
            return await self._failure(sending)
        occurrence = await self._store.occurrence(sending.subject)
        schedule = await self._store.get(occurrence.schedule) if occurrence else None
        if occurrence is None or schedule is None or schedule.removed:
            return Withdraw("removed")
        if schedule.paused:
            return Withdraw("paused")
        group = await self._tools.groups.get(schedule.group)
        if group is None or self._kind(schedule.what) is None:
            return Withdraw("gone")
        return self._compose_what(schedule, _turn(group, occurrence.turn))

    async def failed(self, sending: Sending, reason: Reason) -> None:
        """Have the maker told privately, with the fix; the other leaders, if the maker leads no more."""
        occurrence = await self._store.occurrence(sending.subject)
        if occurrence is None:
            return
        creator = await self._store.creator(occurrence.schedule)
        leaders = [each for each in await self._tools.leaders.all(community_of(sending.to)) if each.direct]
        told = [each.member for each in leaders if each.member == creator] or [each.member for each in leaders]
        if not told and creator:
            await self._tools.directory.leave_note(creator, f"schedules.note_{reason}")
        kind, until = f"{FAILURE}{reason}", sending.now + FAILURE_LASTS
        async with self._tools.database.write() as unit:
            for member in told:
                name = ("failure", str(occurrence.id), member.id)
                letter = Letter(name, FEATURE, kind, occurrence.schedule, member, sending.now, until)
                await self._tools.outbox.put(unit, letter)

    async def _failure(self, sending: Sending) -> Message | Withdraw:
        schedule = await self._store.get(sending.subject)
        group = await self._tools.groups.get(schedule.group) if schedule else None
        if schedule is None or group is None:
            return Withdraw("gone")
        reason = sending.kind.removeprefix(FAILURE)
        channel = channel_link(group.channel)
        what = self._label(schedule.what, sending.locale)
        return Message(self._words.say(f"schedules.failed_{reason}", sending.locale, channel=channel, what=what))

    # ------------------------------------------------------------ one schedule

    async def _one(self, form: Which, call: Call) -> tuple[Schedule, Group]:
        """Return the schedule that is meant, of this community only."""
        found = await self._store.all(call.member.community)
        if not found:
            raise Refusal("schedules.none")
        if form.schedule is None and len(found) > 1:
            raise Mistake("schedule", "schedules.which")
        wanted = form.schedule or 1
        chosen = (
            found[wanted - 1] if wanted <= len(found) else next((each for each in found if each.id == wanted), None)
        )
        group = await self._tools.groups.get(chosen.group) if chosen else None
        if chosen is None or group is None:
            raise Refusal("schedules.gone")
        return chosen, group

    async def _line(self, schedule: Schedule, call: Call) -> Markup:
        group = await self._tools.groups.get(schedule.group)
        state = (
            self._words.say("schedules.is_paused", call.locale)
            if schedule.paused
            else self._words.say("schedules.next", call.locale, coming=self._moments(schedule, call, 1))
        )
        return self._words.say(
            "schedules.line",
            call.locale,
            what=self._label(schedule.what, call.locale),
            channel=channel_link(group.channel) if group else "",
            rule=str(schedule.rule),
            zone=schedule.zone,
            state=state,
        )

    def _moments(self, schedule: Schedule, call: Call, count: int = SHOWN) -> Markup:
        coming = schedule.coming(call.now, count)
        if not coming:
            return self._words.say("schedules.no_more", call.locale)
        return Markup("; ".join(moment(due.at, call.zone, call.locale) for due in coming))

    def _buttons(self, schedule: Schedule, locale: str) -> tuple[Button, ...]:
        arguments = {"schedule": str(schedule.id)}
        return (
            Button(self._words.label("schedules.preview_button", locale), "schedule preview", arguments),
            Button(self._words.label("schedules.pause_button", locale), "schedule pause", arguments),
        )

    def _compose_what(self, schedule: Schedule, turn: Turn) -> Message:
        kind = self._kind(schedule.what)
        if kind is None:
            raise Refusal("schedules.what_unknown")
        return kind.compose(schedule.what, turn)

    def _kinds(self) -> list[PostKind]:
        return [kind for feature in self._tools.house.features for kind in feature.posts]

    def _kind(self, what: str) -> PostKind | None:
        return next((kind for kind in self._kinds() if what in {each.value for each in kind.choices("en")}), None)

    def _label(self, what: str, locale: str) -> str:
        known = {each.value: each.label for kind in self._kinds() for each in kind.choices(locale)}
        return known.get(what, what)


def _turn(group: Group, number: int) -> Turn:
    community = group.channel.community
    name = f"{community.platform}:{community.id}:{group.channel.id}"
    return Turn(name, number, group.language, group.zone)


def build(tools: Tools) -> Feature:
    """Plug in `schedule`."""
    store = ScheduleStore(tools.database, tools.sealing)
    schedules = Schedules(tools, store)
    one = {"schedule": schedules.ours}
    return Feature(
        name=FEATURE,
        personal_data=store,
        commands=(
            command("schedule add", Add, schedules.add, role=Role.LEADER, suggest={"what": schedules.kinds}),
            command("schedule list", Nothing, schedules.list, role=Role.LEADER),
            command("schedule preview", Which, schedules.preview, role=Role.LEADER, suggest=one),
            command("schedule pause", Which, schedules.pause, role=Role.LEADER, suggest=one),
            command("schedule resume", Which, schedules.resume, role=Role.LEADER, suggest=one),
            command("schedule remove", Which, schedules.remove, role=Role.LEADER, suggest=one),
        ),
        compose=schedules.compose,
        failed=schedules.failed,
    )
