"""`milestone share`, cheers, and taking down what others can see."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Final

from bot.community.quiet import after_hours
from bot.community.tools import Tools
from bot.core.commands import Answer, Call, Confirm, Mistake, Refusal
from bot.core.port import Button, Member, Message, Reply, Response, Role, Update
from bot.core.text import Markup, moment
from bot.features.milestones.celebration import Celebrations, spans_of
from bot.features.milestones.drawing import Drawing, line_to_be
from bot.features.milestones.forms import Celebrated, Cheered, Share
from bot.features.milestones.model import Audience, Milestone, Post, Sharing, State
from bot.features.milestones.own import Own
from bot.features.milestones.rules import Span, is_same, moment_today
from bot.features.milestones.store import MilestoneStore
from bot.features.milestones.told import OwnWords

MARKS: Final = 2**28
"""So many previews can be told apart."""


class SharingNow:
    """Handlers of what others see of a milestone."""

    def __init__(
        self,
        tools: Tools,
        store: MilestoneStore,
        celebrations: Celebrations,
        *,
        own: Own,
        told: OwnWords,
        drawing: Drawing,
    ) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        self._celebrations = celebrations
        self._own = own
        self._told = told
        self._drawing = drawing

    # ------------------------------------------------------------ share

    async def share(self, form: Share, call: Call) -> Answer:
        """Tell others now, once, after a preview of what they will read."""
        if form.day is None:
            milestone = await self._own.one(form.milestone, call)
        else:
            milestone, _ = await self._own.celebration(form.day, call)
        sharing = await self._meant(milestone, form, call)
        if await self._tools.directory.is_silenced(call.member):
            raise Refusal("milestones.not_public")
        span, extra = await self._span(milestone, sharing, form, call)
        await self._insist_on_once(milestone, span, sharing)
        at = await self._leaves(milestone, sharing, call)
        if form.seen is None:
            return await self._preview(milestone, span, sharing, at, call)
        async with self._store.database.write() as unit:
            held = await self._store.hold(unit, milestone.id)
            if held is None:
                raise Refusal("milestones.gone")
            await self._insist_on_once(held, span, sharing)
            text = await self._store.posts.next_text(unit, call.member.community, sharing)
            if form.seen != await self._mark(held, span, sharing, text):
                raise Refusal("milestones.share_changed")
            told = await self._store.lines.share(unit, held, span, sharing, extra=extra, text=text, at=at)
            if told:
                await self._celebrations.plan(unit, held, call.now, keep=True)
        if not told:
            raise Refusal("milestones.no_leaders")
        key = "milestones.shared_later" if at > call.now else "milestones.shared"
        said = self._words.say(key, call.locale, at=moment(at, call.zone, call.locale))
        return Reply(Message(said, buttons=self._told.kept(milestone, call.locale)))

    async def _meant(self, milestone: Milestone, form: Share, call: Call) -> Sharing:
        usual = milestone.sharing
        audience = Audience(form.audience) if form.audience else usual.audience
        if audience is Audience.PRIVATE:
            raise Mistake("audience", "missing")
        given = form.in_ or (milestone.channel if audience.in_group else None)
        shows = (audience is usual.audience and usual.label) if form.show is None else form.show
        return await self._own.sharing(audience, given, shows, call)

    async def _span(self, milestone: Milestone, sharing: Sharing, form: Share, call: Call) -> tuple[Span, bool]:
        """Return what is shared: a moment that was reached, or else the days so far; and whether it is an extra.

        An extra takes the place of no moment. Of the moments only that of this day is none, shared where it would be
        celebrated anyway.
        """
        if form.day is not None:
            _, celebration = await self._own.celebration(form.day, call)
            if celebration.run != milestone.run.id:
                raise Refusal("milestones.gone")
            return celebration.span, True
        wanted = await self._celebrations.wanted(milestone)
        today = moment_today(milestone.start, call.today, wanted)
        if today is None:
            return ("day", milestone.run.days(call.today)), True
        done = spans_of(await self._store.celebrations(milestone.id), milestone)
        usual = (sharing.audience, sharing.channel) == (milestone.sharing.audience, milestone.sharing.channel)
        return today.span, not usual or any(is_same(today.span, each) for each in done)

    async def _insist_on_once(self, milestone: Milestone, span: Span, sharing: Sharing) -> None:
        """Raise `Refusal` where the same has been shared with the same people, or is about to be."""
        for each in await self._store.celebrations(milestone.id):
            same = (each.run, each.span) == (milestone.run.id, span) and each.post is not None
            place = (each.sharing.audience.in_group, each.sharing.channel)
            if (
                same
                and place == (sharing.audience.in_group, sharing.channel)
                and each.state in {State.WAITING, State.UP}
            ):
                raise Refusal("milestones.shared_already")

    async def _leaves(self, milestone: Milestone, sharing: Sharing, call: Call) -> datetime:
        """Return when it is sent: after the group's quiet hours."""
        group = next(
            (
                each
                for each in await self._tools.groups.all(milestone.member.community)
                if each.channel.id == sharing.channel
            ),
            None,
        )
        return after_hours(group, call.now) if group else call.now

    async def _mark(self, milestone: Milestone, span: Span, sharing: Sharing, text: int) -> int:
        """Return a number that stands for what others would read, and for what they could read before.

        A preview is of no use any more when the milestone has changed, or when it was shared or taken down since.
        """
        before = len(await self._store.celebrations(milestone.id))
        label = milestone.label if sharing.label else ""
        told = (milestone.id, milestone.run, span, sharing, label, milestone.plain, text, before)
        return zlib.crc32(repr(told).encode()) % MARKS

    async def _preview(self, milestone: Milestone, span: Span, sharing: Sharing, at: datetime, call: Call) -> Confirm:
        async with self._store.database.read() as unit:
            text = await self._store.posts.next_text(unit, call.member.community, sharing)
        post = self._drawing.post([line_to_be(milestone, span, sharing)], text, await self._language(sharing, call))
        shown = "\n".join(f"> {line}" if line else ">" for line in post.body.split("\n"))
        parts = [
            self._words.say(
                f"milestones.preview_{sharing.audience}", call.locale, channel=self._told.channel(sharing, call)
            ),
            shown,
        ]
        if at > call.now:
            later = moment(at, call.zone, call.locale)
            parts.append(self._words.say("milestones.held_back", call.locale, at=later))
        if sharing.audience is Audience.UNNAMED:
            parts.append(self._words.say("milestones.small_groups", call.locale))
        if sharing.label and self._own.is_delicate(milestone, sharing, call):
            parts.append(self._words.say("milestones.label_sure", call.locale, label=milestone.label))
        title = self._words.label("milestones.preview_title", call.locale)
        keep = Button(self._words.label("milestones.keep_private", call.locale), "milestone show")
        message = Message(Markup("\n\n".join(parts)), title, buttons=(keep,), picture=post.picture)
        label = self._words.label("milestones.share_now", call.locale)
        seen = await self._mark(milestone, span, sharing, text)
        return Confirm(message, label, {"as": str(seen)})

    async def _language(self, sharing: Sharing, call: Call) -> str:
        """Return the language in which others will read it."""
        groups = await self._tools.groups.all(call.member.community)
        group = next((each for each in groups if each.channel.id == sharing.channel), None)
        return self._words.best(group.language) if group else call.locale

    # ------------------------------------------------------------ taking down

    async def take_down(self, form: Celebrated, call: Call) -> Response:
        """Take one's own line out of a post; the last one takes the post with it."""
        milestone, celebration = await self._own.celebration(form.celebration, call)
        async with self._store.database.write() as unit:
            found = await self._store.lines.get(unit, celebration.id)
            if found:
                await self._store.lines.take_down(unit, found, call.now)
        said = self._words.say("milestones.taken_down", call.locale)
        return Update(Message(said, buttons=self._told.kept(milestone, call.locale)))

    # ------------------------------------------------------------ cheers

    async def cheer(self, form: Cheered, call: Call) -> Response:
        """Keep a cheer for those whom a post celebrates, or take it back."""
        async with self._store.database.write() as unit:
            post = await self._store.posts.get(unit, form.post)
            if post is None or not self._stands_there(post, call):
                raise Refusal("milestones.cheer_gone")
            owners = await self._owners(post)
            if not owners:
                raise Refusal("milestones.cheer_gone")
            if form.back:
                await self._store.cheers.take_back(unit, post, call.member, call.now)
                return Update(Message(self._words.say("milestones.cheer_back", call.locale)))
            if owners == {call.member}:
                raise Refusal("milestones.cheer_own")
            new = await self._store.cheers.add(unit, post, call.member, call.now)
        await self._tools.people.touch(call.member)
        key = "milestones.cheer_kept" if new else "milestones.cheer_before"
        back = Button(
            self._words.label("milestones.cheer_take_back", call.locale),
            "milestone cheer",
            {"post": str(post.id), "back": "yes"},
        )
        return Reply(Message(self._words.say(key, call.locale), buttons=(back,)))

    async def cheers(self, form: Celebrated, call: Call) -> Reply:
        """Tell the owner alone who cheered. How many is not said."""
        milestone, celebration = await self._own.celebration(form.celebration, call)
        names = await self._told.cheering(celebration, call)
        if names:
            said = self._words.say("milestones.cheered_by", call.locale, names=names)
        else:
            said = self._words.say("milestones.cheered_by_nobody", call.locale)
        return Reply(Message(said, buttons=self._told.kept(milestone, call.locale)))

    async def _owners(self, post: Post) -> set[Member]:
        """Return whom a post celebrates."""
        async with self._store.database.read() as unit:
            found = [await self._store.get(each.milestone) for each in await self._store.lines.shown(unit, post.id)]
        return {each.member for each in found if each}

    def _stands_there(self, post: Post, call: Call) -> bool:
        """Return whether a post is one that somebody can have pressed: of their community, and of the leaders if so.

        The button stands where the post can be read, and nowhere else.
        """
        if post.community != call.member.community:
            return False
        if post.channel is None:
            return call.role >= Role.LEADER
        return True
