"""`milestone share`, cheers, and taking down what others can see."""

from __future__ import annotations

from datetime import datetime

from bot.community.quiet import moved
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
        if form.moment is None:
            milestone = await self._own.one(form.milestone, call)
        else:
            milestone, _ = await self._own.celebration(form.moment, call)
        sharing = await self._meant(milestone, form, call)
        if await self._tools.directory.is_silenced(call.member):
            raise Refusal("milestones.not_public")
        span, extra = await self._span(milestone, form, call)
        await self._insist_on_once(milestone, span, sharing)
        at = await self._leaves(milestone, sharing, call)
        if form.text is None:
            return await self._preview(milestone, span, sharing, at, call)
        async with self._store.database.write() as unit:
            held = await self._store.hold(unit, milestone.id)
            if held is None or held.run != milestone.run:
                raise Refusal("milestones.gone")
            await self._insist_on_once(held, span, sharing)
            lines = self._store.lines
            told = await lines.share(unit, held, span, sharing, extra=extra, text=form.text, at=call.now)
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
        return await self._own.sharing(audience, given, usual.label if form.show is None else form.show, call)

    async def _span(self, milestone: Milestone, form: Share, call: Call) -> tuple[Span, bool]:
        """Return what is shared: a moment that was reached, or else the days so far, which take no moment's place."""
        if form.moment is not None:
            _, celebration = await self._own.celebration(form.moment, call)
            if celebration.run != milestone.run.id:
                raise Refusal("milestones.gone")
            return celebration.span, True
        wanted = await self._celebrations.wanted(milestone)
        today = moment_today(milestone.start, call.today, wanted)
        if today is None:
            return ("day", milestone.run.days(call.today)), True
        done = spans_of(await self._store.celebrations(milestone.id), milestone)
        return today.span, any(is_same(today.span, each) for each in done)

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
        return moved(group, call.now) if group else call.now

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
        if sharing.label and self._own.is_delicate(milestone.label):
            parts.append(self._words.say("milestones.label_sure", call.locale, label=milestone.label))
        title = self._words.label("milestones.preview_title", call.locale)
        keep = Button(self._words.label("milestones.keep_private", call.locale), "milestone show")
        message = Message(Markup("\n\n".join(parts)), title, buttons=(keep,), picture=post.picture)
        label = self._words.label("milestones.share_now", call.locale)
        return Confirm(message, label, {"text": str(text)})

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
            if found and found.state is State.UP:
                await self._store.lines.take_down(unit, found, call.now)
            elif found and found.state is State.WAITING:
                await self._store.lines.drop(unit, found, call.now)
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
        """Return whether somebody is where the post can be read: in its channel, or as a leader; or changes their mind.

        The button that takes a cheer back stands in a private answer.
        """
        if post.community != call.member.community:
            return False
        if post.channel is None:
            return call.role >= Role.LEADER
        return True
