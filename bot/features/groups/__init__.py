"""`group`: the channels in which support groups meet."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, command
from bot.core.feature import KEEPS_NOTHING, Feature
from bot.core.forms import Country, Form, InChannel, Zone
from bot.core.port import Button, Choice, Message, Reply, Role, Shown
from bot.core.text import Markup, channel_link, language_name, moment
from bot.features.groups.edit import Edit, GroupEditing, Language, Place, Times
from bot.features.groups.told import GroupWords


class Add(Form):
    """Where a group meets, and its zone, language and country."""

    in_: InChannel = Field(alias="in")
    zone: Zone
    language: Language
    country: Country


class Nothing(Form):
    """No input."""


class GroupCommands:
    """Handlers of `group add` and `group list`."""

    def __init__(self, tools: Tools, told: GroupWords) -> None:
        self._tools = tools
        self._words = tools.words
        self._told = told

    async def add(self, form: Add, call: Call) -> Reply:
        """Add a group, or change the one in this channel, once we know that we can post there."""
        if form.language not in self._words.locales:
            raise Mistake("language", "groups.language_unknown", known=", ".join(self._words.locales))
        access = await self._tools.platforms[form.in_.community.platform].access(form.in_)
        if not access.see:
            raise Mistake("in", "groups.cannot_see")
        if not access.post:
            raise Mistake("in", "groups.cannot_post")
        new = await self._tools.groups.add(form.in_, form.zone, form.language, form.country)
        key = "groups.added" if new else "groups.changed"
        now = moment(call.now, form.zone, call.locale)
        body = self._words.say(key, call.locale, channel=channel_link(form.in_), now=now)
        return Reply(Message(body, buttons=self._next_steps(call.locale)))

    async def list(self, form: Nothing, call: Call) -> Reply:
        """List the groups of this community."""
        del form
        found = await self._tools.groups.all(call.member.community)
        if not found:
            return Reply(Message(self._words.say("groups.none", call.locale)))
        lines = [f"- {self._told.line(group, call)}" for group in found]
        return Reply(Message(Markup("\n".join(lines)), self._words.label("groups.title", call.locale)))

    async def languages(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest the languages there are words for."""
        known = [Choice(language_name(locale, call.locale), locale) for locale in self._words.locales]
        return [choice for choice in known if typed.casefold() in f"{choice.label} {choice.value}".casefold()]

    def _next_steps(self, locale: str) -> tuple[Button, ...]:
        return (
            Button(self._words.label("groups.next_leader", locale), "leader add"),
            Button(self._words.label("groups.next_schedule", locale), "schedule add"),
        )


def build(tools: Tools) -> Feature:
    """Plug in `group`."""
    told = GroupWords(tools.words)
    groups, editing = GroupCommands(tools, told), GroupEditing(tools, told)
    language = {"language": groups.languages}
    return Feature(
        name="groups",
        personal_data=KEEPS_NOTHING,
        commands=(
            command("group add", Add, groups.add, role=Role.ORGANISER, suggest=language),
            command("group list", Nothing, groups.list, role=Role.ORGANISER),
            command("group edit", Edit, editing.edit, role=Role.ORGANISER, suggest=language),
            command("group zone", Place, editing.place, role=Role.ORGANISER, shown=Shown.HIDDEN, suggest=language),
            command("group calm", Times, editing.times, role=Role.ORGANISER, shown=Shown.HIDDEN),
        ),
    )
