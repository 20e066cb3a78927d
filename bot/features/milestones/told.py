"""What owners are told of their own milestones. Nobody else reads any of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from babel.dates import format_date

from bot.community.tools import Tools
from bot.core.commands import Call
from bot.core.port import Button, Channel, Emphasis, Message
from bot.core.text import Markup, babel_locale, channel_link, mention, moment, plain
from bot.features.milestones.celebration import Celebrations
from bot.features.milestones.drawing import Drawing
from bot.features.milestones.model import Audience, Celebration, Milestone, Sharing, State
from bot.features.milestones.rules import tally
from bot.features.milestones.store import MilestoneStore

MOST_STANDING: Final = 2
"""Celebrations that can be taken down from a milestone's own page; its history has the others."""
MOST_CHEERING: Final = 30


class OwnWords:
    """Puts a milestone into words for its owner, in their language and on their clock."""

    def __init__(self, tools: Tools, store: MilestoneStore, celebrations: Celebrations, drawing: Drawing) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        self._celebrations = celebrations
        self._drawing = drawing

    # ------------------------------------------------------------ parts

    def named(self, milestone: Milestone, locale: str) -> str:
        """Return what it is called: the owner's own word for it, or its date."""
        return milestone.label or self._words.label(
            "milestones.unnamed", locale, date=self.day(milestone.start, locale)
        )

    def day(self, on: date, locale: str) -> str:
        """Return a date in words."""
        return format_date(on, "d MMM y", locale=babel_locale(locale))

    def days(self, count: int, locale: str) -> Markup:
        """Return so many days."""
        return self._words.say("milestones.days", locale, count=count)

    def tally(self, milestone: Milestone, call: Call) -> Markup:
        """Return its days: all of them first, then those of now and of the longest run."""
        found = tally(milestone.runs, call.today)
        return self._words.say(
            "milestones.tally",
            call.locale,
            total=self.days(found.total, call.locale),
            now=self.days(found.now, call.locale),
            longest=self.days(found.longest, call.locale),
        )

    def audience(self, sharing: Sharing, call: Call) -> Markup:
        """Return who hears of it."""
        key = f"milestones.audience_{sharing.audience}"
        return self._words.say(key, call.locale, channel=self.channel(sharing, call))

    def channel(self, sharing: Sharing, call: Call) -> Markup:
        """Return the channel in which it is celebrated, if there is one."""
        return channel_link(Channel(call.member.community, sharing.channel)) if sharing.channel else plain("")

    async def next(self, milestone: Milestone, call: Call) -> Markup:
        """Say what comes next, and promise nothing that will not come."""
        if milestone.paused:
            return self._words.say("milestones.is_paused", call.locale)
        public = milestone.sharing.audience is not Audience.PRIVATE
        if public and await self._tools.directory.is_silenced(call.member):
            return self._words.say("milestones.not_public", call.locale)
        found = await self._celebrations.coming(milestone, call.now)
        if found is None:
            return self._words.say("milestones.no_next", call.locale)
        coming, at = found
        if at <= call.now:
            moment_now = self._drawing.moment(coming.span, call.locale)
            return self._words.say("milestones.next_now", call.locale, moment=moment_now)
        name = self._drawing.moment(coming.span, call.locale)
        return self._words.say("milestones.next", call.locale, moment=name, at=moment(at, call.zone, call.locale))

    async def state(self, milestone: Milestone, call: Call) -> Markup:
        """Say what comes next, and who hears of it."""
        public = milestone.sharing.audience is not Audience.PRIVATE
        if public and await self._tools.directory.is_silenced(call.member):
            return await self.next(milestone, call)
        return Markup(f"{await self.next(milestone, call)} {self.audience(milestone.sharing, call)}")

    def footer(self, found: Sequence[Milestone], locale: str) -> Markup:
        """Say who can see what is kept."""
        shared = any(each.sharing.audience is not Audience.PRIVATE for each in found)
        return self._words.say("milestones.who_sees_shared" if shared else "milestones.who_sees", locale)

    # ------------------------------------------------------------ pages

    async def line(self, milestone: Milestone, call: Call) -> Markup:
        """Return a milestone in one line."""
        return self._words.say(
            "milestones.line",
            call.locale,
            what=self.named(milestone, call.locale),
            tally=self.tally(milestone, call),
            state=await self.state(milestone, call),
        )

    async def page(self, milestone: Milestone, call: Call) -> Message:
        """Return a milestone's own page, with what can be done."""
        standing = await self._standing(milestone)
        parts = [self.tally(milestone, call), await self.state(milestone, call)]
        parts += [await self._seen(each, call) for each in standing]
        footer = self.footer([milestone], call.locale)
        buttons = (*self._doors(milestone, call.locale), *self.downs(standing, call.locale))
        return Message(Markup("\n\n".join(parts)), self.named(milestone, call.locale), footer, buttons)

    async def pages(self, found: Sequence[Milestone], call: Call) -> Message:
        """Return several milestones, each with a door to its own page."""
        locale = call.locale
        lines = [f"{number}. {await self.line(each, call)}" for number, each in enumerate(found, 1)]
        doors = tuple(
            Button(f"{number}. {self.named(each, locale)}", "milestone show", {"milestone": str(each.id)})
            for number, each in enumerate(found, 1)
        )
        another = Button(self._words.label("milestones.set_another", locale), "milestone set")
        footer = self.footer(found, locale)
        title = self._words.label("milestones.title", locale)
        return Message(Markup("\n".join(lines)), title, footer, (*doors, another))

    async def history(self, milestone: Milestone, call: Call) -> Message:
        """Return every run of a milestone and what others can see of it, each with a way to take it away."""
        locale = call.locale
        lines: list[str] = []
        buttons: list[Button] = []
        for number, run in enumerate(milestone.runs, 1):
            key = "milestones.run_ended" if run.end else "milestones.run_now"
            end = self.day(run.end, locale) if run.end else ""
            days = self.days(run.days(call.today), locale)
            said = self._words.say(key, locale, start=self.day(run.start, locale), end=end, days=days)
            lines.append(f"{number}. {said}")
            label = self._words.label("milestones.run_forget", locale, number=number)
            which = {"of": str(milestone.id), "run": str(run.id)}
            buttons.append(Button(label, "milestone forget", which))
        standing = await self._standing(milestone, most=10)
        seen = [await self._seen(each, call) for each in standing]
        body = Markup("\n\n".join(["\n".join(lines), self.tally(milestone, call), *seen]))
        title = self._words.label("milestones.history_title", locale)
        shown = buttons[-10:] if len(milestone.runs) > 1 else []
        footer = self._words.say("milestones.history_footer", locale)
        return Message(body, title, footer, (*shown, *self.downs(standing, locale)))

    def kept(self, milestone: Milestone, locale: str) -> tuple[Button, ...]:
        """Return the door to a milestone's own page."""
        label = self._words.label("milestones.show_one", locale)
        return (Button(label, "milestone show", {"milestone": str(milestone.id)}),)

    def downs(self, standing: Sequence[Celebration], locale: str) -> tuple[Button, ...]:
        """Return a way to take down each of some celebrations."""
        drawn: list[Button] = []
        for each in standing:
            key = "milestones.take_down_one" if each.state is State.UP else "milestones.do_not_send"
            label = self._words.label(key, locale, moment=self._drawing.moment_label(each.span, locale))
            which = {"celebration": str(each.id)}
            drawn.append(Button(label, "milestone takedown", which, Emphasis.DANGER))
        return tuple(drawn)

    async def cheering(self, celebration: Celebration, call: Call) -> Markup:
        """Return who cheered besides the owner; how many is not said."""
        async with self._store.database.read() as unit:
            members = await self._store.cheers.of(unit, celebration.post or 0)
        return Markup(", ".join(mention(each) for each in members[:MOST_CHEERING] if each != call.member))

    async def _standing(self, milestone: Milestone, most: int = MOST_STANDING) -> Sequence[Celebration]:
        """Return the newest celebrations that others can see, or are about to."""
        found = [each for each in await self._store.celebrations(milestone.id) if each.post]
        return [each for each in found if each.state in {State.UP, State.WAITING}][-most:]

    async def _seen(self, celebration: Celebration, call: Call) -> Markup:
        """Say what others can see, and who cheered."""
        seen = "seen" if celebration.state is State.UP else "waits"
        said = self._words.say(
            f"milestones.{seen}_{celebration.sharing.audience}",
            call.locale,
            moment=self._drawing.moment(celebration.span, call.locale, celebration.label),
            channel=self.channel(celebration.sharing, call),
        )
        if not (names := await self.cheering(celebration, call)):
            return said
        return Markup(f"{said} {self._words.say('milestones.cheered_by', call.locale, names=names)}")

    def _doors(self, milestone: Milestone, locale: str) -> tuple[Button, ...]:
        going = "resume" if milestone.paused else "pause"
        go = "milestone resume" if milestone.paused else "milestone pause"
        doors = (
            ("share", "milestone share"),
            ("edit", "milestone edit"),
            (going, go),
            ("restart", "milestone restart"),
            ("correct", "milestone correct"),
            ("history", "milestone history"),
            ("remove", "milestone remove"),
        )
        which = {"milestone": str(milestone.id)}
        return tuple(Button(self._words.label(f"milestones.door_{name}", locale), path, which) for name, path in doors)
