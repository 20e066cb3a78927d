"""The rows of the posts that show celebrations, and their deliveries: one to a channel, or one to each leader."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from bot.community.groups import community_id
from bot.community.leaders import Leaders
from bot.core.port import Community, Member
from bot.delivery.letters import Action, Letter
from bot.delivery.outbox import Fate, Outbox
from bot.features.milestones.model import Audience, Post, Sharing
from bot.features.milestones.tables import FEATURE, celebration_posts
from bot.storage.database import Unit, insert_or_take
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

POST: Final = "post"
CHANGE: Final = "change"
AWAY: Final = "away"
"""Kinds of deliveries: a post, and what is done to it. Their subject is the post's row."""

STILL_WELCOME: Final = timedelta(days=7)
"""A celebration that could not be sent in time is still sent, as a late one, for a week."""
LOOKED_AFTER: Final = timedelta(days=7)
"""So long a change of a post is tried."""
FIRST_TEXTS: Final = 1000


class Posts:
    """Makes, finds, changes and forgets posts. Always inside a unit of work."""

    def __init__(self, sealing: Sealing, outbox: Outbox, leaders: Leaders) -> None:
        self._sealing = sealing
        self._outbox = outbox
        self._leaders = leaders

    async def get(self, unit: Unit, post: int | None) -> Post | None:
        """Return a post by a row id of ours; in a unit that writes nobody else changes it until the unit ends."""
        query = select(celebration_posts).where(celebration_posts.c.id == post)
        row = await unit.one_or_none(query.with_for_update() if unit.writes else query)
        return self._post(row) if row else None

    async def of_hour(self, unit: Unit, owner: Member, sharing: Sharing, hour: datetime, at: datetime) -> Post | None:
        """Return the post to which the celebrations of a place and an hour are added, new if there is none.

        A new one is sent at an instant. None when there is nobody but the owner to tell.
        """
        place = self._place(owner.community, sharing)
        same = (celebration_posts.c.place_index == place, celebration_posts.c.due_at == hour)
        row = await unit.one_or_none(select(celebration_posts).where(*same).with_for_update())
        if row:
            post = self._post(row)
            return post if any(to != owner for _, to in post.addresses) else None
        text = await self.next_text(unit, owner.community, sharing)
        return await self.new(unit, owner, sharing, text=text, at=at, hour=hour)

    async def new(
        self,
        unit: Unit,
        owner: Member,
        sharing: Sharing,
        *,
        text: int,
        at: datetime,
        hour: datetime | None = None,
    ) -> Post | None:
        """Make a post and have it sent at an instant. Only where it has an hour more may be added to it."""
        community = owner.community
        told: list[tuple[int, str]] = []
        if sharing.audience is Audience.LEADERS:
            leaders = [each for each in await self._leaders.all(community) if each.accepted and each.direct]
            told = [(each.id, each.member.id) for each in leaders]
            if not any(each.member != owner for each in leaders):
                return None
        row = new_id()
        values = {
            "id": row,
            "community_id": await community_id(unit, community),
            "place_index": self._place(community, sharing),
            "due_at": hour,
            "details": self._details(row, community, sharing.channel, told),
            "text": text,
            "cheered": False,
        }
        post = self._post(await insert_or_take(unit, celebration_posts, values, _HOUR))
        for copy, to in post.addresses:
            letter = Letter(_name(post, copy), FEATURE, POST, post.id, to, at, at + STILL_WELCOME)
            await self._outbox.put(unit, letter)
        return post

    async def next_text(self, unit: Unit, community: Community, sharing: Sharing) -> int:
        """Return the number of the words that come next in a place. Each place begins at one of its own."""
        place = self._place(community, sharing)
        query = select(func.max(celebration_posts.c.text)).where(celebration_posts.c.place_index == place)
        last = await unit.scalar(query)
        return zlib.crc32(place) % FIRST_TEXTS if last is None else last + 1

    async def close(self, unit: Unit, post: Post) -> None:
        """Let nothing more be added to a post: it is about to be written."""
        await unit.execute(update(celebration_posts).where(celebration_posts.c.id == post.id).values(due_at=None))

    async def cheered(self, unit: Unit, post: Post, so: bool, now: datetime) -> None:
        """Have the post say that it was cheered, or no longer."""
        await unit.execute(update(celebration_posts).where(celebration_posts.c.id == post.id).values(cheered=so))
        await self.change(unit, post, CHANGE, now)

    async def change(self, unit: Unit, post: Post, kind: str, now: datetime) -> None:
        """Have a post written again as it is by now (`CHANGE`), or taken down (`AWAY`), once it is there."""
        action = Action.EDIT if kind == CHANGE else Action.DELETE
        for copy, to in post.addresses:
            key = self._sealing.key_for(FEATURE, *_name(post, copy))
            letter = Letter(_name(post, copy), FEATURE, kind, post.id, to, now, now + LOOKED_AFTER)
            await self._outbox.put_more(unit, letter, key, action)

    async def withdraw(self, unit: Unit, post: Post) -> None:
        """Have a post not sent, unless it is on its way."""
        await self._outbox.withdraw(unit, FEATURE, post.id, [POST])

    async def fate(self, unit: Unit, post: Post) -> Fate:
        """Return what has become of a post, all its copies taken together."""
        return await self._outbox.fate(unit, FEATURE, [_name(post, copy) for copy, _ in post.addresses])

    async def forget_leader(self, unit: Unit, member: Member) -> None:
        """Forget that somebody was told as a leader. What they have of it can no longer be taken down."""
        place = self._place(member.community, Sharing(Audience.LEADERS))
        for row in await unit.all(select(celebration_posts).where(celebration_posts.c.place_index == place)):
            post = self._post(row)
            left = [each for each in post.leaders if each[1] != member.id]
            if len(left) < len(post.leaders):
                details = self._details(post.id, post.community, post.channel_id, left)
                await unit.execute(
                    update(celebration_posts).where(celebration_posts.c.id == post.id).values(details=details)
                )

    async def forget(self, unit: Unit, post: int) -> None:
        """Forget a post, and who cheered it."""
        await unit.execute(delete(celebration_posts).where(celebration_posts.c.id == post))

    def _place(self, community: Community, sharing: Sharing) -> bytes:
        where = ("channel", sharing.channel) if sharing.audience.in_group else ("leaders", "")
        return self._sealing.index("celebration_posts.place_index", community.platform, community.id, *where)

    def _details(self, row: int, community: Community, channel: str, told: Sequence[tuple[int, str]]) -> bytes:
        value = [community.platform, community.id, channel, [list(each) for each in told]]
        return self._sealing.seal_json(value, "celebration_posts.details", row)

    def _post(self, row: Row[Any]) -> Post:
        platform, community, channel, leaders = self._sealing.open_json(
            row.details, "celebration_posts.details", row.id
        )
        home = Community(platform, community)
        told = tuple((leader, person) for leader, person in leaders)
        return Post(row.id, home, channel, told, row.text, row.cheered, closed=row.due_at is None)


_HOUR: Final = (celebration_posts.c.place_index, celebration_posts.c.due_at)


def _name(post: Post, copy: str) -> tuple[str, ...]:
    return POST, str(post.id), copy
