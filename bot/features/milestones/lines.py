"""The rows of celebrations: each moment of a run once, as a private note or as a line of a post."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, select, update

from bot.core.port import Member
from bot.delivery.letters import Letter
from bot.delivery.outbox import Fate, Outbox
from bot.features.milestones.model import Audience, Celebration, Milestone, Origin, Post, Sharing, State
from bot.features.milestones.posts import AWAY, CHANGE, STILL_WELCOME, Posts
from bot.features.milestones.rules import Span, length
from bot.features.milestones.tables import FEATURE, celebrations
from bot.storage.database import Unit
from bot.storage.members import index_member
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

NOTE: Final = "note"
"""A private note of a moment. Its subject is the celebration."""
TOLD: Final = "told"
"""A private note that others can see a celebration now. Its subject is the celebration."""
TOLD_WITHIN: Final = timedelta(days=1)
SHOWN: Final = (State.WAITING, State.UP)


class Lines:
    """Adds, finds, drops and takes down celebrations. Always inside a unit of work.

    Whoever changes a milestone as well holds it first; then comes the post, and then its lines.
    """

    def __init__(self, sealing: Sealing, outbox: Outbox, posts: Posts) -> None:
        self._sealing = sealing
        self._outbox = outbox
        self._posts = posts

    # ------------------------------------------------------------ reading

    async def of(self, unit: Unit, milestone: int) -> Sequence[Celebration]:
        """Return the celebrations of a milestone, those of its first run and its earliest moments first."""
        rows = await unit.all(select(celebrations).where(celebrations.c.milestone_id == milestone))
        return sorted(map(self._celebration, rows), key=lambda each: (each.run, length(each.span), each.id))

    async def get(self, unit: Unit, celebration: int) -> Celebration | None:
        """Return a celebration by a row id of ours."""
        row = await unit.one_or_none(select(celebrations).where(celebrations.c.id == celebration))
        return self._celebration(row) if row else None

    async def shown(self, unit: Unit, post: int, states: Collection[State] = SHOWN) -> Sequence[Celebration]:
        """Return the celebrations of a post, in an order that compares nobody."""
        about = (celebrations.c.post_id == post, celebrations.c.state.in_(states))
        rows = await unit.all(select(celebrations).where(*about))
        return sorted(map(self._celebration, rows), key=lambda each: (zlib.crc32(str(each.id).encode()), each.id))

    # ------------------------------------------------------------ adding

    async def note(self, unit: Unit, milestone: Milestone, span: Span, at: datetime) -> None:
        """Have the owner told of a moment privately."""
        row = await self._add(unit, milestone, span, milestone.sharing)
        letter = Letter((str(row),), FEATURE, NOTE, row, milestone.member, at, at + STILL_WELCOME)
        await self._outbox.put(unit, letter)

    async def lost(self, unit: Unit, milestone: Milestone, span: Span) -> None:
        """Note that a moment has come and cannot be celebrated any more."""
        await self._add(unit, milestone, span, milestone.sharing, state=State.LOST)

    async def celebrate(self, unit: Unit, milestone: Milestone, span: Span, *, hour: datetime, at: datetime) -> bool:
        """Add a moment to the post of its place and an hour. Returns False when there is nobody to tell."""
        sharing = milestone.sharing
        post = await self._posts.of_hour(unit, milestone.member, sharing, hour, at)
        if post is None:
            return False
        await self._add(unit, milestone, span, sharing, post=post.id)
        return True

    async def share(
        self, unit: Unit, milestone: Milestone, span: Span, sharing: Sharing, *, extra: bool, text: int, at: datetime
    ) -> bool:
        """Share a moment, or days that are none (`extra`), in a post of its own. False when there is nobody to tell."""
        post = await self._posts.new(unit, milestone.member, sharing, text=text, at=at)
        if post is None:
            return False
        await self._add(unit, milestone, span, sharing, post=post.id, origin=Origin.EXTRA if extra else Origin.SHARED)
        return True

    async def _add(
        self,
        unit: Unit,
        milestone: Milestone,
        span: Span,
        sharing: Sharing,
        *,
        post: int | None = None,
        origin: Origin = Origin.DUE,
        state: State = State.WAITING,
    ) -> int:
        label = milestone.label if sharing.label else ""
        run = milestone.run
        added = Celebration(
            new_id(), milestone.id, post, run.id, run.start, span, sharing, origin, state=state, label=label
        )
        values = {
            "id": added.id,
            "milestone_id": milestone.id,
            "post_id": post,
            "member_index": self._index(milestone.member),
            "details": self._details(added),
            "state": state,
        }
        await unit.execute(celebrations.insert().values(values))
        return added.id

    # ------------------------------------------------------------ taking back

    async def drop_waiting(self, unit: Unit, milestone: int, now: datetime) -> Sequence[Span]:
        """Have nothing sent that waits about a milestone. What may be on its way is taken down once it is there.

        Returns the moments that were due and surely have not been sent.
        """
        waiting = [each for each in await self.of(unit, milestone) if each.state is State.WAITING]
        kept = [each for each in waiting if await self.drop(unit, each, now)]
        return [each.span for each in kept if each.origin is Origin.DUE]

    async def drop(self, unit: Unit, celebration: Celebration, now: datetime, *, for_good: bool = False) -> bool:
        """Have one that waits not sent, and taken down if it may have been.

        What surely was not sent is forgotten, so that its moment may come yet, unless it is dropped `for_good`. Returns
        whether it may.
        """
        post = await self._posts.get(unit, celebration.post)
        others = [each for each in await self.shown(unit, post.id) if each.id != celebration.id] if post else []
        if post is None:
            await self._outbox.withdraw(unit, FEATURE, celebration.id, [NOTE])
            fate = await self._outbox.fate(unit, FEATURE, [(str(celebration.id),)])
        else:
            if not others:
                await self._posts.withdraw(unit, post)
            fate = await self._posts.fate(unit, post)
        if fate is Fate.OUT:
            await self._gone(unit, celebration, post, now)
        elif fate is Fate.LOST or for_good:
            await self._write(unit, replace(celebration, state=State.LOST, post=None))
        else:
            await self.forget(unit, celebration)
        if post and fate is not Fate.OUT and not others:
            await self._posts.forget(unit, post.id)
        return fate is Fate.OPEN and not for_good

    async def _gone(self, unit: Unit, celebration: Celebration, post: Post | None, now: datetime) -> None:
        """Have a celebration taken out of its post; the last one takes the post with it."""
        left = tuple(copy for copy, _ in post.addresses) if post else ()
        await self._write(unit, replace(celebration, state=State.DOWN, gone=now, left=left))
        if post:
            await self._posts.change(unit, post, CHANGE if await self.shown(unit, post.id) else AWAY, now)

    async def _write(self, unit: Unit, celebration: Celebration) -> None:
        values = {
            "details": self._details(celebration),
            "state": celebration.state,
            "post_id": celebration.post,
        }
        await unit.execute(update(celebrations).where(celebrations.c.id == celebration.id).values(values))

    async def relabel(self, unit: Unit, milestone: Milestone, now: datetime) -> None:
        """Have what waits show the label that a milestone has now, also where it may be there already."""
        for each in await self.of(unit, milestone.id):
            if each.state is State.WAITING and each.sharing.label and each.label != milestone.label:
                await self._write(unit, replace(each, label=milestone.label))
                post = await self._posts.get(unit, each.post)
                if post and await self._posts.fate(unit, post) is Fate.OUT:
                    await self._posts.change(unit, post, CHANGE, now)

    async def take_down(self, unit: Unit, celebration: Celebration, now: datetime) -> None:
        """Have a celebration taken out of its post, or not sent. It does not come again."""
        if celebration.state is State.WAITING:
            await self.drop(unit, celebration, now, for_good=True)
        elif celebration.state is State.UP and (post := await self._posts.get(unit, celebration.post)):
            await self._gone(unit, celebration, post, now)

    async def remove(self, unit: Unit, gone: Sequence[Celebration], now: datetime, *, down: bool) -> None:
        """Forget celebrations. What waits is not sent; what others can see stays there unless it is to come down.

        A post that showed nothing else is forgotten.
        """
        for each in gone:
            if each.state is State.WAITING or down:
                await self.take_down(unit, each, now)
        await unit.execute(delete(celebrations).where(celebrations.c.id.in_([each.id for each in gone])))
        for post in {each.post for each in gone if each.post}:
            await self.forget_empty(unit, post)

    async def forget(self, unit: Unit, celebration: Celebration) -> None:
        """Forget what was not sent."""
        await unit.execute(delete(celebrations).where(celebrations.c.id == celebration.id))

    # ------------------------------------------------------------ what became of them

    async def mark(self, unit: Unit, found: Sequence[Celebration], state: State) -> None:
        """Record where celebrations stand."""
        rows = [each.id for each in found]
        await unit.execute(update(celebrations).where(celebrations.c.id.in_(rows)).values(state=state))

    async def tell(self, unit: Unit, celebration: Celebration, owner: Member, now: datetime) -> None:
        """Have the owner told privately that others can see it."""
        name = (str(celebration.id), TOLD)
        await self._outbox.put(unit, Letter(name, FEATURE, TOLD, celebration.id, owner, now, now + TOLD_WITHIN))

    async def settle(self, unit: Unit, post: int, copy: str, due: datetime) -> None:
        """Note that a copy of a post was written again, or taken down, as it was wanted at an instant.

        What has been taken down in every copy no longer belongs to its post.
        """
        for each in await self.shown(unit, post, [State.DOWN]):
            if each.gone and each.gone <= due:
                left = tuple(name for name in each.left if name != copy)
                await self._write(unit, replace(each, left=left, post=post if left else None))
        await self.forget_empty(unit, post)

    async def stays(self, unit: Unit, post: int) -> Sequence[Celebration]:
        """Note that what was to be taken down of a post still stands there, so that it can be tried again."""
        found = await self.shown(unit, post, [State.DOWN])
        await self.mark(unit, found, State.UP)
        return found

    async def forget_empty(self, unit: Unit, post: int) -> None:
        """Forget a post that shows nothing any more."""
        if not await self.shown(unit, post, tuple(State)):
            await self._posts.forget(unit, post)

    async def rows_of(self, unit: Unit, member: Member) -> Sequence[Row[Any]]:
        """Return a member's rows, also those that can no longer be read."""
        return await unit.all(select(celebrations).where(celebrations.c.member_index == self._index(member)))

    async def erase(self, unit: Unit, member: Member) -> None:
        """Remove a member's rows, whatever they say."""
        await unit.execute(delete(celebrations).where(celebrations.c.member_index == self._index(member)))

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, "celebrations", member)

    def _details(self, celebration: Celebration) -> bytes:
        sharing = celebration.sharing
        value = {
            "run": celebration.run,
            "start": celebration.start.isoformat(),
            "span": list(celebration.span),
            "sharing": [sharing.audience, sharing.channel, sharing.label],
            "origin": celebration.origin,
            "label": celebration.label,
            "gone": celebration.gone.isoformat() if celebration.gone else "",
            "left": list(celebration.left),
        }
        return self._sealing.seal_json(value, "celebrations.details", celebration.id)

    def _celebration(self, row: Row[Any]) -> Celebration:
        value = self._sealing.open_json(row.details, "celebrations.details", row.id)
        audience, channel, label = value["sharing"]
        return Celebration(
            row.id,
            row.milestone_id,
            row.post_id,
            value["run"],
            date.fromisoformat(value["start"]),
            (value["span"][0], value["span"][1]),
            Sharing(Audience(audience), channel, label),
            Origin(value["origin"]),
            State(row.state),
            value["label"],
            datetime.fromisoformat(value["gone"]) if value["gone"] else None,
            tuple(value["left"]),
        )
