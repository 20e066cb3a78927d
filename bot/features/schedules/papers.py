"""`schedule import` and `schedule export`: schedules as YAML, all of them or none."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast
from zoneinfo import ZoneInfo

import yaml
from pydantic import ValidationError

from bot.community.groups import Group
from bot.core.commands import Call, Mistake
from bot.core.forms import Reading
from bot.core.port import FILLED, HELD, Button, Channel, File, Message, Ping, Reply, Response, Update
from bot.core.sheet import Flaw, Sheet, SheetError, read_sheet
from bot.core.text import Markup, channel_link, clean, moment
from bot.delivery.plans import Plan
from bot.features.schedules.desk import Desk
from bot.features.schedules.drafts import OWN_TEXT, USUAL_GRACE, Draft, Schedule
from bot.features.schedules.forms import Add, Import, Nothing, draft_of
from bot.features.schedules.starter import ScheduleContent
from bot.features.schedules.store import AlreadyPlannedError

FEATURE: Final = "schedules"
FILE: Final = "hearthside-schedules.yaml"
ROWS: Final = "schedules"
MOST_ROWS: Final = 50
MOST_FLAWS: Final = 20
_OWN_WORDS: Final = {"missing": "missing", "extra_forbidden": "extra", "literal_error": "choice"}


@dataclass(frozen=True, slots=True)
class Row:
    """A schedule as it stands in a file."""

    line: int
    group: Group
    draft: Draft
    paused: bool
    is_there: bool


class BadRowError(Exception):
    """A row that cannot be planned: the key and values of the sentence that says why, and the field."""

    def __init__(self, field: str, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.field = field
        self.key = key
        self.values = values


class Papers:
    """Handlers that carry schedules in and out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tools = desk.tools

    # ------------------------------------------------------------ out

    async def export(self, form: Nothing, call: Call) -> Reply:
        """Give what is planned in this community as one file, in the words of `schedule add`."""
        del form
        rows: list[dict[str, object]] = []
        for each in await self._desk.store.all(call.member.community):
            group = await self._tools.groups.get(each.group)
            if group and (each.paused or await self._desk.occasions.coming(each, call.now, 1)):
                rows.append(_row(each, group, self._desk.today(group, call.now)))
        if not rows:
            return Reply(Message(self._desk.say("none", call)))
        note = "# hearthside: schedule import reads this again.\n"
        text = note + yaml.safe_dump({ROWS: rows}, sort_keys=False, allow_unicode=True, width=100)
        said = self._desk.say("exported", call, count=len(rows))
        return Reply(Message(said, files=(File(FILE, text.encode()),)))

    # ------------------------------------------------------------ in

    async def take(self, form: Import, call: Call) -> Response:
        """Read schedules, show what would be planned, and plan it once the leader says so."""
        if form.plan is None and form.file is None:
            raise Mistake("file", "schedules.import_what")
        try:
            sheet = self._starter(call) if form.plan else await asyncio.to_thread(read_sheet, FILE, form.file or "")
        except SheetError as error:
            unreadable = self._desk.words.label("schedules.import_unreadable", call.locale)
            return self._refuse([Flaw(FILE, error.flaw.line, unreadable)], form, call)
        rows, flaws = await self._read(sheet, form, call)
        if flaws:
            return self._refuse(flaws, form, call)
        fresh = [row for row in rows if not row.is_there]
        if not fresh:
            return Reply(Message(self._desk.say("import_all_there", call), buttons=(self._list_button(call),)))
        if not form.sure:
            return await self._show(fresh, len(rows) - len(fresh), form, call)
        try:
            await self._plan(fresh, call)
        except AlreadyPlannedError:  # the button was pressed twice at once
            return Reply(Message(self._desk.say("planned_just_now", call), buttons=(self._list_button(call),)))
        await self._tools.outbox.nudge()
        said = self._desk.say("imported", call, count=len(fresh))
        return Update(Message(said, buttons=(self._list_button(call),)))

    async def _plan(self, rows: Sequence[Row], call: Call) -> None:
        async with self._tools.database.write() as unit:
            made = [await self._desk.store.add_in(unit, row.group, row.draft, call.member, call.now) for row in rows]
        for row, schedule in zip(rows, made, strict=True):
            if row.paused and schedule and (added := await self._desk.store.get(schedule)):
                await self._desk.store.pause(added, None, call.now)

    def _list_button(self, call: Call) -> Button:
        return Button(self._desk.words.label("schedules.list_button", call.locale), "schedule list")

    async def _show(self, rows: Sequence[Row], there: int, form: Import, call: Call) -> Reply:
        lines: list[str] = []
        for row in rows:
            draft = row.draft
            due = Plan(draft.rule, _zone(row.group), draft.starts_on, call.now, draft.until).after(call.now)
            values = {
                "what": await self._desk.posts.label_of(draft.what, draft.text, row.group.id, call.locale),
                "channel": channel_link(row.group.channel),
                "rule": str(draft.rule),
                "coming": moment(due.at, call.zone, call.locale) if due else "",
            }
            key = "import_line_times" if draft.times else "import_line"
            lines.append(f"- {self._desk.say(key, call, **values, count=draft.times or 0)}")
        kept = {"plan": form.plan, "file": form.file, "in": f"#{form.in_.id}" if form.in_ else None}
        button = self._desk.carrying("import", "schedule import", kept, call, again=FILLED, sure="yes")
        key = "import_starter" if form.plan else "import_sure"
        said = self._desk.say(key, call, count=len(rows))
        left = [self._desk.say("import_there", call, count=there)] if there else []
        return Reply(Message(Markup("\n\n".join([said, "\n".join(lines), *left])), buttons=(button,)))

    def _refuse(self, flaws: Sequence[Flaw], form: Import, call: Call) -> Reply:
        """Name every bad row by its line. Nothing was planned, and the text comes back with the form."""
        named = flaws[:MOST_FLAWS]
        shown = [f"- {self._desk.say('import_flaw', call, line=flaw.line, what=flaw.what)}" for flaw in named]
        if len(flaws) > MOST_FLAWS:
            others = ", ".join(str(flaw.line) for flaw in flaws[MOST_FLAWS:])
            shown.append(f"- {self._desk.say('import_more', call, lines=others)}")
        kept = {"file": form.file, "in": f"#{form.in_.id}" if form.in_ else None}
        buttons = (self._desk.carrying("mend", "schedule import", kept, call, again=HELD),) if form.file else ()
        said = self._desk.say("import_problems", call, count=len(flaws))
        return Reply(Message(Markup("\n".join([said, "", *shown])), buttons=buttons))

    def _starter(self, call: Call) -> Sheet:
        starter = self._tools.library.of(FEATURE, ScheduleContent, call.locale).starter
        rows = [row.model_dump() for row in starter]
        return Sheet(FILE, {ROWS: rows}, {(ROWS, place): (FILE, place + 1) for place in range(len(rows))})

    # ------------------------------------------------------------ reading rows

    async def _read(self, sheet: Sheet, form: Import, call: Call) -> tuple[Sequence[Row], Sequence[Flaw]]:
        listed = sheet.values.get(ROWS)
        known = set(sheet.values) == {ROWS}
        if not known or not isinstance(listed, list) or not listed or len(cast("list[object]", listed)) > MOST_ROWS:
            return (), [sheet.flaw((ROWS,), self._desk.words.label("schedules.row_list", call.locale, most=MOST_ROWS))]
        usual = form.in_ or await self._usual(call)
        rows: list[Row] = []
        flaws: list[Flaw] = []
        for place, told in enumerate(cast("list[object]", listed)):
            line = sheet.flaw((ROWS, place), "").line
            try:
                row = await self._row(told, line, usual, call)
                _refuse_twice(row, rows)
            except BadRowError as bad:
                flaws.append(sheet.flaw((ROWS, place, bad.field), self._said(bad, call)))
            else:
                rows.append(row)
        return rows, flaws

    async def _usual(self, call: Call) -> Channel | None:
        """Return the group that is meant where nothing is said: the one in this channel, or the only one."""
        found = [group.channel for group in await self._tools.groups.all(call.member.community)]
        here = [channel for channel in found if channel == call.place]
        return here[0] if here else found[0] if len(found) == 1 else None

    async def _row(self, told: object, line: int, usual: Channel | None, call: Call) -> Row:
        if not isinstance(told, dict):
            raise BadRowError("", "schedules.row_names")
        values = dict(cast("Mapping[str, object]", told))
        if "in" in values and values["in"] is None:
            raise BadRowError("in", "schedules.row_in_quotes")
        paused = _written(values.pop("paused", "no")) == "yes"
        given = {name: _written(value) for name, value in values.items()}
        given = {name: value for name, value in given.items() if clean(value)}
        if "in" not in given and usual:
            given["in"] = f"#{usual.id}"
        try:
            form = Add.model_validate(given, context=Reading(call.member.community, call.today))
        except ValidationError as error:
            detail = error.errors(include_url=False, include_input=False)[0]
            name = str(detail["loc"][0]) if detail["loc"] else ""
            key = _OWN_WORDS.get(detail["type"], detail["type"])
            context = cast("Mapping[str, str | int]", detail.get("ctx", {}))
            raise BadRowError(name, key, **({} if detail["type"] in _OWN_WORDS else context)) from None
        try:
            group = await self._desk.group_at(form.in_)
            draft = await self._desk.named(draft_of(form, self._desk.today(group, call.now)), call)
            is_there = any(each.draft.is_like(draft) for each in await self._desk.store.in_group(group.id))
            if not is_there:
                await self._desk.check(draft, group)
        except Mistake as mistake:
            raise BadRowError(mistake.field, mistake.key, **mistake.values) from None
        plan = Plan(draft.rule, _zone(group), draft.starts_on, call.now, draft.until)
        if plan.after(call.now) is None and not is_there:
            raise BadRowError("rule", "schedules.until_too_early" if draft.until else "schedules.rule_past")
        return Row(line, group, draft, paused, is_there)

    def _said(self, bad: BadRowError, call: Call) -> str:
        words = self._desk.words
        key = bad.key if "." in bad.key else f"core.problem_{bad.key}"
        said = words.label(key if words.knows(key) else "core.problem_other", call.locale, **bad.values)
        return f"{bad.field}: {said}" if bad.field else said


def _refuse_twice(row: Row, rows: Sequence[Row]) -> None:
    if any((row.group, row.draft) == (other.group, other.draft) for other in rows):
        raise BadRowError("", "schedules.row_twice")


def _zone(group: Group) -> ZoneInfo:
    return ZoneInfo(group.zone)


def _row(schedule: Schedule, group: Group, today: date) -> dict[str, object]:
    """Return a schedule in the words of `schedule add`; what is as usual is left out."""
    draft = schedule.draft
    said: dict[str, object] = {
        "what": None if draft.what == OWN_TEXT else draft.what,
        "text": draft.text or None,
        "in": f"#{group.channel.id}",
        "rule": str(draft.rule),
        "start": draft.starts_on.isoformat() if "weeks" in str(draft.rule) or draft.starts_on > today else None,
        "until": draft.until.isoformat() if draft.until else None,
        "times": draft.times,
        "thread": "yes" if draft.thread else None,
        "pin": "yes" if draft.pin else None,
        "ping": draft.ping.value if draft.ping is not Ping.NOBODY else None,
        "paused": "yes" if schedule.paused else None,
        "grace": draft.grace if draft.grace != USUAL_GRACE else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
