"""`group edit`: only what is given changes. On Discord its forms are two, each narrow enough."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from bot.community.groups import Group
from bot.community.spans import LONGEST, SpanProblem, read_spans, write_spans
from bot.community.tact import read_night
from bot.community.tools import Tools
from bot.core.commands import Answer, Call, Mistake, Open
from bot.core.forms import Country, Form, InChannel, Mark, Reading, RowId, Zone, mistake
from bot.core.port import Button, Kind, Message, Reply
from bot.core.text import Markup, channel_link
from bot.features.groups.told import GroupWords

Hours: TypeAlias = tuple[time | None, time | None]
"""From when to when a group is quiet; both are None where it never is."""
Values: TypeAlias = Mapping[str, str | bool | time | None]
NONE: Final = "none"
USUAL: Final = "default"
MOMENTS_PROBLEMS: Final = {
    "unreadable": "groups.moments_unreadable",
    "order": "groups.moments_order",
    "close": "groups.moments_close",
}
QUIET_PROBLEMS: Final = {"unreadable": "groups.quiet_unreadable", "equal": "groups.quiet_equal", "time": "time"}


def _hours(text: str, _: Reading) -> Hours:
    if text.casefold() in {NONE, "no", "off"}:
        return None, None
    try:
        return read_night(text)
    except ValueError as problem:
        raise mistake(QUIET_PROBLEMS[str(problem)]) from None


def _moments(text: str, _: Reading) -> str:
    if text.casefold() == USUAL:
        return ""
    try:
        return write_spans(read_spans(text))
    except SpanProblem as problem:
        raise mistake(MOMENTS_PROBLEMS[problem.key], given=problem.given) from None


Language: TypeAlias = Annotated[str, Mark(Kind.TEXT, longest=20, suggests=True)]
QuietHours: TypeAlias = Annotated[Hours, Mark(Kind.TEXT, reader=_hours, longest=40)]
Inside: TypeAlias = Annotated[Literal["move", "skip"], Mark(Kind.CHOICE)]
Moments: TypeAlias = Annotated[str, Mark(Kind.TEXT, reader=_moments, longest=LONGEST)]
Version: TypeAlias = Annotated[int, Mark(Kind.NUMBER, hidden=True)]
"""What a form was filled with, as a number: another organiser's change in between is noticed."""


class Edit(Form):
    """Which group, and whatever is to change."""

    in_: InChannel | None = Field(default=None, alias="in")
    zone: Zone | None = None
    language: Language | None = None
    country: Country | None = None
    quiet: QuietHours | None = None
    inside: Inside | None = None
    moments: Moments | None = None


class Place(Form):
    """Where a group meets, and how it speaks. `at` is short because buttons are narrow."""

    group: RowId
    at: Version | None = None
    zone: Zone | None = None
    language: Language | None = None
    country: Country | None = None


class Times(Form):
    """When a group is quiet, and what it celebrates."""

    group: RowId
    at: Version | None = None
    quiet: QuietHours | None = None
    inside: Inside | None = None
    moments: Moments | None = None


class GroupEditing:
    """Handlers of `group edit` and of the two forms behind its buttons."""

    def __init__(self, tools: Tools, told: GroupWords) -> None:
        self._tools = tools
        self._words = tools.words
        self._told = told

    async def edit(self, form: Edit, call: Call) -> Answer:
        """Change what is given; with nothing given show what is, and offer the forms."""
        group = await self._tools.groups.meant(form.in_, call.place, call.member.community)
        if values := self._values(form):
            return await self._change(group, values, call)
        body = self._words.say(
            "groups.now", call.locale, channel=channel_link(group.channel), state=self._told.all_of(group, call)
        )
        return Reply(Message(body, buttons=self._forms(group, call.locale)))

    async def place(self, form: Place, call: Call) -> Answer:
        """Open the form for zone, language and country, or carry it out."""
        return await self._form(form, "group zone", ("zone", "language", "country"), call)

    async def times(self, form: Times, call: Call) -> Answer:
        """Open the form for quiet hours and moments, or carry it out."""
        return await self._form(form, "group calm", ("quiet", "inside", "moments"), call)

    async def _form(self, form: Place | Times, path: str, names: tuple[str, ...], call: Call) -> Answer:
        group = await self._tools.groups.ours(form.group, call.member.community)
        values, now = self._values(form), _known(group)
        version = zlib.crc32("\n".join(now[name] for name in names).encode())
        known = {"group": str(group.id), "at": str(version), **{name: now[name] for name in names}}
        if form.at is None and not values:
            return Open(path, known)
        if form.at not in {None, version}:
            return Open(path, known, self._words.label("groups.changed_meanwhile", call.locale))
        return await self._change(group, values, call)

    def _values(self, form: Edit | Place | Times) -> Values:
        """Return what is given, by column."""
        values: dict[str, str | bool | time | None] = {}
        if not isinstance(form, Times):
            known = self._words.locales
            if form.language is not None and form.language not in known:
                raise Mistake("language", "groups.language_unknown", known=", ".join(known))
            given = {"zone": form.zone, "language": form.language, "country": form.country}
            values |= {name: value for name, value in given.items() if value is not None}
        if not isinstance(form, Place):
            if form.quiet is not None:
                values["quiet_from"], values["quiet_to"] = form.quiet
            if form.inside is not None:
                values["quiet_moves"] = form.inside == "move"
            if form.moments is not None:
                values["moments"] = form.moments or None
        return values

    async def _change(self, before: Group, values: Values, call: Call) -> Reply:
        """Change a group; say what is now, the time there, and what a new zone means."""
        groups = self._tools.groups
        group = await groups.change(before.id, **values) if values else before
        if group is None:
            return Reply(Message(self._words.say("groups.gone", call.locale)))
        channel, clock = channel_link(group.channel), group.clock(call.now)
        key = "groups.same" if group == before else "groups.edited"
        parts = [
            self._words.say(key, call.locale, channel=channel, clock=clock),
            self._told.all_of(group, call),
        ]
        if group.zone != before.zone:
            await self._tools.outbox.nudge()
            parts.append(self._words.say("groups.zone_follows", call.locale))
            if (await groups.all(call.member.community))[0].id == group.id:
                parts.append(self._words.say("groups.zone_members", call.locale))
        return Reply(Message(Markup("\n\n".join(parts)), buttons=self._forms(group, call.locale)))

    def _forms(self, group: Group, locale: str) -> tuple[Button, ...]:
        which = {"group": str(group.id)}
        return (
            Button(self._words.label("groups.place_button", locale), "group zone", which),
            Button(self._words.label("groups.times_button", locale), "group calm", which),
        )


def _known(group: Group) -> Mapping[str, str]:
    """Return what a group is, as it would be typed."""
    begins, ends = group.quiet_from, group.quiet_to
    hours = f"{begins:%H:%M}-{ends:%H:%M}" if begins and ends else NONE
    return {
        "zone": group.zone,
        "language": group.language,
        "country": group.country,
        "quiet": hours,
        "inside": "move" if group.quiet_moves else "skip",
        "moments": group.moments or USUAL,
    }
