"""`milestone`: a member's own date, celebrated as they wish. Private unless they choose otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal, command
from bot.core.feature import Feature, HomePart, Job
from bot.core.forms import Date, Form, InChannel, Mark
from bot.core.port import Button, Channel, Choice, Emphasis, Kind, Message, Reply, Response, Update
from bot.core.text import Markup, channel_link, moment
from bot.features.milestones.celebration import Celebrations
from bot.features.milestones.rules import days_since, next_moment, start_problem
from bot.features.milestones.store import FEATURE, Milestone, MilestoneStore

LONGEST_LABEL: Final = 60
MOST: Final = 20
"""Milestones of one person in one community."""


class Set(Form):
    """A start, a label of one's own, and who may see it celebrated."""

    date: Date
    label: Annotated[str, Mark(Kind.TEXT, longest=LONGEST_LABEL, personal=True)] = ""
    audience: Annotated[Literal["private", "named"], Mark(Kind.CHOICE)] = "private"
    in_: InChannel | None = Field(default=None, alias="in")


class Which(Form):
    """A milestone: its number in `show`, or its row. `sure` is what the second press says."""

    milestone: Annotated[int | None, Mark(Kind.NUMBER, lowest=1, suggests=True)] = None
    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Nothing(Form):
    """No input."""


class Milestones:
    """Handlers of `milestone`. Each sees the rows of the person who asks, and no others."""

    def __init__(self, tools: Tools, store: MilestoneStore, celebrations: Celebrations) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        self._celebrations = celebrations

    async def set(self, form: Set, call: Call) -> Reply:
        """Keep a milestone, and say what will happen and when."""
        if problem := start_problem(form.date, call.today):
            raise Mistake("date", problem)
        channel = await self._channel(form, call)
        milestone = Milestone(0, call.member, form.date, form.label, channel.id if channel else None)
        held = await self._store.of(call.member)
        if len(held) >= MOST and not any(each.is_like(milestone) for each in held):
            raise Refusal("milestones.too_many", count=MOST)
        await self._tools.people.touch(call.member)
        wanted = await self._celebrations.wanted(milestone)
        found = next_moment(milestone.start, ZoneInfo(call.zone), call.now, wanted)
        added, new = await self._store.add(milestone, found[1] if found else None)
        return Reply(await self._kept(added, call) if new else await self._already(added, call))

    async def show(self, form: Nothing, call: Call) -> Reply:
        """Show the person's own milestones, total days first."""
        del form
        found = await self._store.of(call.member)
        title = self._words.label("milestones.title", call.locale)
        if not found:
            button = Button(
                self._words.label("milestones.set_button", call.locale), "milestone set", {}, Emphasis.PRIMARY
            )
            return Reply(Message(self._words.say("milestones.none", call.locale), title, buttons=(button,)))
        lines = [f"{number}. {await self._line(each, call)}" for number, each in enumerate(found, 1)]
        buttons = (
            Button(self._words.label("milestones.set_another", call.locale), "milestone set"),
            Button(self._words.label("milestones.remove_button", call.locale), "milestone remove"),
        )
        footer = self._words.say("milestones.who_sees", call.locale)
        return Reply(Message(Markup("\n".join(lines)), title, footer, buttons))

    async def remove(self, form: Which, call: Call) -> Response:
        """Remove a milestone, after asking once."""
        milestone = await self._one(form, call)
        what = self._named(milestone, call)
        if form.sure:
            await self._store.remove(milestone)
            return Update(Message(self._words.say("milestones.removed", call.locale, what=what)))
        yes = {"milestone": str(milestone.id), "sure": "yes"}
        buttons = (
            Button(self._words.label("milestones.remove_yes", call.locale), "milestone remove", yes, Emphasis.DANGER),
            Button(self._words.label("milestones.keep", call.locale), "milestone show"),
        )
        return Reply(Message(self._words.say("milestones.remove_sure", call.locale, what=what), buttons=buttons))

    async def home(self, call: Call) -> HomePart | None:
        """Show the person's own milestones."""
        shown = (await self.show(Nothing(), call)).message
        return HomePart(30, Message(shown.body, shown.title, buttons=shown.buttons[:1]))

    async def ours(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest the person's own milestones."""
        found = [
            Choice(f"{number}. {each.label or each.start.isoformat()}", str(number))
            for number, each in enumerate(await self._store.of(call.member), 1)
        ]
        return [each for each in found if typed.casefold() in each.label.casefold()]

    # ------------------------------------------------------------

    async def _channel(self, form: Set, call: Call) -> Channel | None:
        """Return the group's channel for a milestone that is celebrated by name."""
        if form.audience == "private":
            return None
        groups = await self._tools.groups.all(call.member.community)
        if form.in_ is None and len(groups) == 1:
            return groups[0].channel
        if form.in_ is None:
            raise Mistake("in", "milestones.in_which")
        if not any(group.channel == form.in_ for group in groups):
            raise Mistake("in", "milestones.no_group")
        platform = self._tools.platforms[call.member.community.platform]
        if not await platform.belongs(call.member, form.in_):
            raise Mistake("in", "milestones.not_there")
        return form.in_

    async def _one(self, form: Which, call: Call) -> Milestone:
        found = await self._store.of(call.member)
        if not found:
            raise Refusal("milestones.none")
        if form.milestone is None and len(found) > 1:
            raise Mistake("milestone", "milestones.which")
        wanted = form.milestone or 1
        if wanted <= len(found):
            return found[wanted - 1]
        for each in found:
            if each.id == wanted:
                return each
        raise Refusal("milestones.gone")

    async def _kept(self, milestone: Milestone, call: Call) -> Message:
        where = milestone.where
        silenced = await self._tools.directory.is_silenced(call.member)
        key = "private" if not isinstance(where, Channel) else "silenced" if silenced else "named"
        body = self._words.say(
            f"milestones.kept_{key}",
            call.locale,
            what=self._named(milestone, call),
            days=self._days(milestone, call),
            channel=channel_link(where) if isinstance(where, Channel) else "",
            next=await self._next(milestone, call),
        )
        buttons = (Button(self._words.label("milestones.show_button", call.locale), "milestone show"),)
        return Message(body, footer=self._words.say("milestones.who_sees", call.locale), buttons=buttons)

    async def _already(self, milestone: Milestone, call: Call) -> Message:
        """Say that this one is kept already, for a second one would be celebrated beside it."""
        body = self._words.say("milestones.already", call.locale, line=await self._line(milestone, call))
        buttons = (
            Button(self._words.label("milestones.show_button", call.locale), "milestone show"),
            Button(
                self._words.label("milestones.remove_this", call.locale),
                "milestone remove",
                {"milestone": str(milestone.id)},
            ),
        )
        return Message(body, buttons=buttons)

    async def _line(self, milestone: Milestone, call: Call) -> Markup:
        where = milestone.where
        audience = (
            self._words.say("milestones.audience_named", call.locale, channel=channel_link(where))
            if isinstance(where, Channel)
            else self._words.say("milestones.audience_private", call.locale)
        )
        return self._words.say(
            "milestones.line",
            call.locale,
            what=self._named(milestone, call),
            days=self._days(milestone, call),
            next=await self._next(milestone, call),
            audience=audience,
        )

    def _named(self, milestone: Milestone, call: Call) -> str:
        return milestone.label or self._words.label("milestones.unnamed", call.locale, date=milestone.start.isoformat())

    def _days(self, milestone: Milestone, call: Call) -> Markup:
        return self._words.say("milestones.days", call.locale, count=days_since(milestone.start, call.today))

    async def _next(self, milestone: Milestone, call: Call) -> Markup:
        """Say what comes next, and promise nothing that will not come."""
        if isinstance(milestone.where, Channel) and await self._tools.directory.is_silenced(call.member):
            return self._words.say("milestones.not_public", call.locale)
        found = await self._celebrations.coming(milestone, call.zone, call.now)
        if found is None:
            return self._words.say("milestones.no_next", call.locale)
        coming, at = found
        name = self._words.say(f"milestones.moment_{coming.unit}", call.locale, count=coming.count)
        return self._words.say("milestones.next", call.locale, moment=name, at=moment(at, call.zone, call.locale))


def build(tools: Tools) -> Feature:
    """Plug in `milestone`."""
    store = MilestoneStore(tools.database, tools.sealing, tools.outbox)
    celebrations = Celebrations(tools, store)
    milestones = Milestones(tools, store, celebrations)
    tools.people.tell(celebrations.moved)
    tools.groups.tell(celebrations.regrouped)
    return Feature(
        name=FEATURE,
        personal_data=store,
        commands=(
            command("milestone set", Set, milestones.set),
            command("milestone show", Nothing, milestones.show),
            command("milestone remove", Which, milestones.remove, suggest={"milestone": milestones.ours}),
        ),
        jobs=(Job("celebrate", celebrations.run),),
        compose=celebrations.compose,
        failed=celebrations.failed,
        home=milestones.home,
    )
