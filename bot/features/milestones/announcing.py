"""Celebrations on their way: looked at again just before they go, written, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.community.leading import rests_until
from bot.community.tools import Tools
from bot.core.feature import Later, Sending, Withdraw
from bot.core.port import Channel, DeliveryError, Member, Message, Outcome, Posted, Reason
from bot.delivery.outbox import Fate
from bot.features.milestones.celebration import Celebrations
from bot.features.milestones.drawing import Drawing, line_of
from bot.features.milestones.lines import NOTE, TOLD
from bot.features.milestones.model import Celebration, Milestone, Origin, Post, State
from bot.features.milestones.posts import CHANGE, POST
from bot.features.milestones.store import MilestoneStore

GONE: Final = Withdraw("changed")


class Announcements:
    """What the outbox asks of milestones."""

    def __init__(self, tools: Tools, store: MilestoneStore, celebrations: Celebrations, drawing: Drawing) -> None:
        self._tools = tools
        self._store = store
        self._celebrations = celebrations
        self._drawing = drawing

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Look again, and write it: to a group in its language, to a person in theirs."""
        writers = {NOTE: self._note, TOLD: self._told, POST: self._post, CHANGE: self._changed}
        return await writers[sending.kind](sending) if sending.kind in writers else GONE

    # ------------------------------------------------------------ private notes

    async def _note(self, sending: Sending) -> Message | Withdraw:
        found = await self._found(sending.subject)
        if found is None:
            return GONE
        milestone, celebration = found
        if not _still(milestone, celebration) or not await self._is_here(milestone.member):
            await self._drop([celebration])
            return GONE
        return self._drawing.note(milestone, celebration, sending.locale, late=sending.late)

    async def _told(self, sending: Sending) -> Message | Withdraw:
        found = await self._found(sending.subject)
        if found is None or found[1].state is not State.UP:
            return GONE
        return self._drawing.told(*found, sending.locale)

    async def _found(self, celebration: int) -> tuple[Milestone, Celebration] | None:
        async with self._store.database.read() as unit:
            found = await self._store.lines.get(unit, celebration)
            milestone = await self._store.get(found.milestone) if found else None
        return (milestone, found) if milestone and found else None

    # ------------------------------------------------------------ posts

    async def _post(self, sending: Sending) -> Message | Withdraw | Later:
        """Write a post of those of its lines that are still wanted. The others are forgotten.

        To a leader on a break nothing comes before its end.
        """
        if isinstance(sending.to, Member) and (until := await rests_until(self._tools, sending.to, sending.now)):
            return Later(until)
        async with self._store.database.write() as unit:
            post = await self._store.posts.get(unit, sending.subject)
            if post is None:
                return GONE
            await self._store.posts.close(unit, post)
            lines = await self._store.lines.shown(unit, post.id)
        wanted: list[tuple[Milestone, Celebration]] = []
        unwanted: list[Celebration] = []
        for each in lines:
            milestone = await self._store.get(each.milestone)
            if milestone and await self._is_wanted(milestone, each, post):
                wanted.append((milestone, each))
            elif each.state is State.WAITING:  # what is up already is so for another leader
                unwanted.append(each)
        await self._drop(unwanted)
        if isinstance(sending.to, Member) and not await self._still_leads(sending.to):
            return GONE
        return self._drawn(wanted, post, sending)

    async def _changed(self, sending: Sending) -> Message | Withdraw:
        """Write a post again, with those lines that stand in it by now."""
        async with self._store.database.read() as unit:
            post = await self._store.posts.get(unit, sending.subject)
            lines = await self._store.lines.shown(unit, post.id) if post else ()
            found = [(await self._store.get(each.milestone), each) for each in lines]
        if post is None:
            return GONE
        return self._drawn([(milestone, each) for milestone, each in found if milestone], post, sending)

    def _drawn(
        self, found: Sequence[tuple[Milestone, Celebration]], post: Post, sending: Sending
    ) -> Message | Withdraw:
        """Draw a post; nobody reads of themself in a message to leaders."""
        lines = [line_of(milestone, each) for milestone, each in found if milestone.member != sending.to]
        if not lines:
            return GONE
        return self._drawing.post(lines, post.text, sending.locale, row=post.id, cheered=post.cheered)

    async def _is_wanted(self, milestone: Milestone, celebration: Celebration, post: Post) -> bool:
        """Return whether its owner still wants it, may be named here, and is here."""
        if not _still(milestone, celebration) or await self._tools.directory.is_silenced(milestone.member):
            return False
        if celebration.origin is Origin.DUE and not await self._celebrations.marks(milestone, celebration.span):
            return False
        if post.channel is None:
            return await self._is_here(milestone.member)
        if await self._tools.groups.at(post.channel) is None:
            return False
        return await self._reads(milestone.member, post.channel)

    async def _still_leads(self, member: Member) -> bool:
        """Return whether somebody is a leader who gave leave for private messages, and is here."""
        leader = await self._tools.leaders.find(member)
        return leader is not None and leader.accepted and leader.direct and await self._is_here(member)

    async def _reads(self, member: Member, channel: Channel) -> bool:
        """Return whether a member can read a channel. Where the platform refuses to say, they have left."""
        try:
            return await self._tools.platforms[channel.community.platform].belongs(member, channel)
        except DeliveryError as error:
            if error.outcome is Outcome.REFUSED:
                return False
            raise

    async def _is_here(self, member: Member) -> bool:
        try:
            return await self._tools.directory.is_here(member)
        except DeliveryError as error:
            if error.outcome is Outcome.REFUSED:
                return False
            raise

    async def _drop(self, unwanted: Sequence[Celebration]) -> None:
        """Forget what is not wanted and was surely not sent. Its moment may come yet, on another date."""
        for each in unwanted:
            async with self._store.database.write() as unit:
                await self._store.lines.forget(unit, each)
                if each.post:
                    await self._store.lines.forget_empty(unit, each.post)
            await self._celebrations.replan(each.milestone)

    # ------------------------------------------------------------ what became of them

    async def sent(self, sending: Sending, posted: Posted) -> None:
        """Note that it is there, and tell its owner privately how to take it down."""
        del posted
        async with self._store.database.write() as unit:
            lines = self._store.lines
            if sending.kind == NOTE:
                found = await lines.get(unit, sending.subject)
                await lines.mark(unit, [found] if found and found.state is State.WAITING else [], State.UP)
            if sending.kind != POST or await self._store.posts.get(unit, sending.subject) is None:
                return
            waiting = await lines.shown(unit, sending.subject, [State.WAITING])
            await lines.mark(unit, waiting, State.UP)
            for each in waiting:
                if milestone := await self._store.get(each.milestone):
                    await lines.tell(unit, each, milestone.member, sending.now)

    async def failed(self, sending: Sending, reason: Reason) -> None:
        """Tell the owners alone, the next time they use the bot, that their celebration is not in the group.

        Where nobody can tell, those who wanted it taken down meanwhile are told so too.
        """
        unsure = reason is Reason.NO_ANSWER
        states = (State.WAITING, State.DOWN) if unsure else (State.WAITING,)
        async with self._store.database.read() as unit:
            found = await self._store.lines.shown(unit, sending.subject, states)
        await self._tell(found, "milestones.note_unsure" if unsure else "milestones.note_not_posted")
        async with self._store.database.write() as unit:
            await self._store.lines.mark(unit, [each for each in found if each.state is State.WAITING], State.LOST)

    async def unheard(self, sending: Sending, reason: Reason) -> None:
        """Note what did not reach anybody. What may have arrived counts as celebrated."""
        lines, state = self._store.lines, State.UP if reason is Reason.NO_ANSWER else State.LOST
        async with self._store.database.write() as unit:
            if sending.kind == NOTE:
                note = await lines.get(unit, sending.subject)
                await lines.mark(unit, [note] if note and note.state is State.WAITING else [], state)
                return
            post = await self._store.posts.get(unit, sending.subject) if sending.kind == POST else None
            if post is None or (state is State.LOST and await self._store.posts.fate(unit, post) is not Fate.LOST):
                return
            waiting = await lines.shown(unit, post.id, [State.WAITING])
            await lines.mark(unit, waiting, state)
        if state is State.LOST:
            await self._tell(waiting, "milestones.note_not_told" if post.leaders else "milestones.note_not_posted")

    async def followed(self, sending: Sending, reason: Reason | None) -> None:
        """Note what was taken down, and tell its owners what could not be; they may try again."""
        async with self._store.database.write() as unit:
            post = await self._store.posts.get(unit, sending.subject)
            if post is None:
                return
            if reason is None or reason is Reason.GONE:
                copy = next((name for name, to in post.addresses if to == sending.to), "")
                await self._store.lines.settle(unit, post.id, copy, sending.due_at)
                return
            found = await self._store.lines.stays(unit, post.id)
        await self._tell(found, "milestones.note_stays")

    async def _tell(self, found: Sequence[Celebration], note: str) -> None:
        """Leave a note for the owners of celebrations."""
        for row in {each.milestone for each in found}:
            if milestone := await self._store.get(row):
                await self._tools.directory.leave_note(milestone.member, note)


def _still(milestone: Milestone, celebration: Celebration) -> bool:
    """Return whether a celebration is still that of the milestone as it is now.

    What its owner shared was asked for as it is, whoever else hears of the milestone.
    """
    if (milestone.run.id, milestone.start) != (celebration.run, celebration.start):
        return False
    asked_for = celebration.origin is not Origin.DUE
    return asked_for or (not milestone.paused and celebration.sharing == milestone.sharing)
