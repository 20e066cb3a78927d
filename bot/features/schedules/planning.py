"""`schedule add` and `schedule edit`: what leaders decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from bot.community.groups import Group
from bot.core.commands import Answer, Call, Mistake, Open, Refusal
from bot.core.port import Message, Ping, Reply
from bot.core.recurrence import Rule
from bot.core.text import Markup, channel_link
from bot.features.schedules.desk import Desk
from bot.features.schedules.drafts import OWN_TEXT, Draft, Schedule
from bot.features.schedules.forms import (
    Add,
    ChangeLimits,
    ChangeWhat,
    ChangeWhen,
    Edit,
    Part,
    Which,
    draft_of,
    rule_of,
    what_of,
)
from bot.features.schedules.store import AlreadyPlannedError

PARTS: Final[tuple[Part, ...]] = ("what", "when", "limits")


class Planning:
    """Handlers that make schedules, and change what they are."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tools = desk.tools
        self._store = desk.store

    async def add(self, form: Add, call: Call) -> Reply:
        """Add a schedule, and name the next posts in words and in the reader's clock."""
        group = await self._desk.group_at(form.in_)
        draft = draft_of(form, self._desk.today(group, call.now))
        draft = await self._desk.named(draft, call)
        await self._desk.check(draft, group)
        try:
            schedule = await self._store.add(group, draft, call.member, call.now)
        except AlreadyPlannedError:
            raise Refusal("schedules.planned_just_now") from None
        if schedule is None:
            raise Mistake("rule", _never(draft))
        await self._tools.outbox.nudge()
        return await self._desk.confirm("added", schedule, group, call)

    async def edit(self, form: Edit, call: Call) -> Answer:
        """Change what is given; with nothing given, offer what can be changed, a form for each part."""
        schedule, group = await self._desk.one(form, call)
        if form.part:
            return self._open(form.part, schedule, group)
        given = {name for name in form.model_fields_set if getattr(form, name) is not None} - {"schedule", "part"}
        if given:
            draft, where = await self._edited(form, schedule, group)
            return await self._save(schedule, where, draft, call, "rule" if form.rule else "until")
        buttons = tuple(self._desk.button(f"part_{part}", "schedule edit", schedule, call, part=part) for part in PARTS)
        what = await self._desk.posts.label(schedule, call.locale)
        said = self._desk.say("edit_which", call, what=what, coming=await self._desk.runs(schedule, group, call))
        return Reply(Message(said, buttons=buttons))

    async def change_what(self, form: ChangeWhat, call: Call) -> Answer:
        """Change what is posted, and where."""
        schedule, _ = await self._desk.one(Which(schedule=form.row), call)
        if schedule.version != form.since:
            return await self._changed_meanwhile(schedule.id, "what", call)
        group = await self._desk.group_at(form.in_)
        draft = schedule.draft
        what, text = form.what, form.text
        if what and text:  # both stand in the form: what was there before gives way to what is new
            what, text = (None, text) if what == draft.what else (what, None) if text == draft.text else (what, text)
        what, text = what_of(what, text)
        draft = replace(draft, what=what, text=text, thread=form.thread, pin=form.pin)
        return await self._save(schedule, group, draft, call, "what")

    async def change_when(self, form: ChangeWhen, call: Call) -> Answer:
        """Change when it comes."""
        schedule, group = await self._desk.one(Which(schedule=form.row), call)
        if schedule.version != form.since:
            return await self._changed_meanwhile(schedule.id, "when", call)
        today = self._desk.today(group, call.now)
        before = schedule.draft
        rule = rule_of(form, today, before.rule)
        return await self._save(schedule, group, _timed(before, rule, form.start), call, "rule")

    async def change_limits(self, form: ChangeLimits, call: Call) -> Answer:
        """Change its limits, and whom it calls."""
        schedule, group = await self._desk.one(Which(schedule=form.row), call)
        if schedule.version != form.since:
            return await self._changed_meanwhile(schedule.id, "limits", call)
        limits = {"until": form.until, "times": form.times, "grace": form.grace, "ping": Ping(form.ping)}
        return await self._save(schedule, group, replace(schedule.draft, **limits), call, "until")

    # ------------------------------------------------------------

    async def _edited(self, form: Edit, schedule: Schedule, group: Group) -> tuple[Draft, Group]:
        """Return a schedule with what a line says, and its group."""
        draft = schedule.draft
        if form.what or form.text:
            what, text = what_of(form.what, form.text)
            draft = replace(draft, what=what, text=text)
        if form.rule:
            draft = _timed(draft, form.rule, None)
        said: dict[str, Any] = {
            name: value
            for name in ("until", "times", "thread", "pin", "grace")
            if (value := getattr(form, name)) is not None
        }
        if form.ping:
            said["ping"] = Ping(form.ping)
        return replace(draft, **said), await self._desk.group_at(form.in_) if form.in_ else group

    async def _save(self, schedule: Schedule, group: Group, draft: Draft, call: Call, field: str) -> Answer:
        """Save a schedule. `field` is asked for again should it never post as it is now."""
        before = schedule.draft
        draft = await self._desk.named(draft, call)
        await self._desk.check(draft, group, besides=schedule.id)
        timed = (draft.rule, draft.starts_on, draft.until) != (before.rule, before.starts_on, before.until)
        changed = replace(schedule.plan, rule=draft.rule, starts_on=draft.starts_on, until=draft.until)
        if timed and changed.after(call.now) is None:
            raise Mistake(field, _never(draft))
        if not await self._store.change(schedule, group, draft, call.now):
            return await self._changed_meanwhile(schedule.id, None, call)
        if timed or group.id != schedule.group:
            await self._desk.occasions.drop_waiting(schedule, call.now)
        if (draft.what, draft.text) != (before.what, before.text):
            await self._desk.occasions.choose_anew(schedule.id)
        if schedule.stuck:
            await self._desk.stops.go_on(schedule.id, call.now)
        await self._tools.outbox.nudge()
        saved = await self._store.get(schedule.id)
        return await self._desk.confirm("changed", saved or schedule, group, call)

    async def _changed_meanwhile(self, row: int, part: Part | None, call: Call) -> Reply:
        """Show what a schedule is now, since somebody else changed it while this person was at it."""
        schedule = await self._store.get(row)
        group = await self._tools.groups.get(schedule.group) if schedule else None
        if schedule is None or group is None or schedule.removed_at:
            raise Refusal("schedules.gone")
        shown = await self.describe(schedule, group, call)
        more = {"part": part} if part else {}
        buttons = (self._desk.button("edit", "schedule edit", schedule, call, **more),)
        return Reply(Message(Markup(f"{self._desk.say('changed_meanwhile', call)}\n\n{shown}"), buttons=buttons))

    async def describe(self, schedule: Schedule, group: Group, call: Call) -> Markup:
        """Return everything that leaders decided about a schedule, a line each."""
        draft, label = schedule.draft, self._desk.words.label
        yes, no = (label(f"schedules.{word}", call.locale) for word in ("yes", "no"))
        values = {
            "what": await self._desk.posts.label(schedule, call.locale),
            "in": channel_link(group.channel),
            "rule": f"{draft.rule} ({group.zone})",
            "until": draft.until.isoformat() if draft.until else "",
            "times": str(draft.times or ""),
            "thread": yes if draft.thread else no,
            "pin": yes if draft.pin else no,
            "ping": label(f"command.schedule add.ping.choice.{draft.ping.value}", call.locale),
            "grace": str(draft.grace),
        }
        named = {label(f"command.schedule add.{name}.label", call.locale): value for name, value in values.items()}
        lines = [self._desk.say("detail", call, name=name, value=value) for name, value in named.items() if value]
        return Markup("\n".join(f"- {line}" for line in lines))

    def _open(self, part: Part, schedule: Schedule, group: Group) -> Open:
        draft = schedule.draft
        known: dict[str, str | None] = {"row": str(schedule.id), "as": str(schedule.version)}
        match part:
            case "what":
                own = draft.what == OWN_TEXT
                known |= {"what": None if own else draft.what, "in": f"#{group.channel.id}", "text": draft.text}
                known |= {"thread": _flag(draft.thread), "pin": _flag(draft.pin)}
            case "when":
                known |= {"rule": str(draft.rule)}
            case "limits":
                known |= {"until": draft.until.isoformat() if draft.until else None, "grace": str(draft.grace)}
                known |= {"times": str(draft.times) if draft.times else None, "ping": draft.ping.value}
        return Open(f"edit {part}", {name: value for name, value in known.items() if value})


def _timed(draft: Draft, rule: Rule, start: date | None) -> Draft:
    """Return a draft with another time. It keeps its first day, from which weeks are counted, if none is given."""
    return replace(draft, rule=rule, starts_on=start or draft.starts_on)


def _never(draft: Draft) -> str:
    return "schedules.until_too_early" if draft.until else "schedules.rule_past"


def _flag(value: bool) -> str:
    return "yes" if value else "no"
