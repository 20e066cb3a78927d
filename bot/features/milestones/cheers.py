"""The rows of cheers: who cheered a post. Only those whom the post celebrates are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select

from bot.core.port import Member
from bot.features.milestones.model import Post
from bot.features.milestones.posts import Posts
from bot.features.milestones.tables import cheers
from bot.storage.database import Unit, insert_once
from bot.storage.members import index_member, open_member, seal_member
from bot.storage.sealing import Sealing
from bot.storage.tables import new_id

TABLE: Final = "cheers"


class Cheers:
    """Adds and removes cheers. The first one is written into the post; how many there are is told to nobody."""

    def __init__(self, sealing: Sealing, posts: Posts) -> None:
        self._sealing = sealing
        self._posts = posts

    async def add(self, unit: Unit, post: Post, member: Member, now: datetime) -> bool:
        """Note that somebody cheered. Returns False when they had before."""
        row = new_id()
        values = {
            "id": row,
            "post_id": post.id,
            "member": seal_member(self._sealing, TABLE, row, member),
            "member_index": self._index(member),
        }
        if not await insert_once(unit, cheers, values, [cheers.c.post_id, cheers.c.member_index]):
            return False
        if not post.cheered:
            await self._posts.cheered(unit, post, True, now)
        return True

    async def take_back(self, unit: Unit, post: Post, member: Member, now: datetime) -> None:
        """Forget that somebody cheered; with the last one the post no longer says so."""
        mine = (cheers.c.post_id == post.id, cheers.c.member_index == self._index(member))
        await unit.execute(delete(cheers).where(*mine))
        left = await unit.scalar(select(cheers.c.id).where(cheers.c.post_id == post.id).limit(1))
        if post.cheered and left is None:
            await self._posts.cheered(unit, post, False, now)

    async def of(self, unit: Unit, post: int) -> Sequence[Member]:
        """Return who cheered a post, in no order that tells anything."""
        rows = await unit.all(select(cheers).where(cheers.c.post_id == post).order_by(cheers.c.id))
        return [open_member(self._sealing, TABLE, row.id, row.member) for row in rows]

    async def given(self, unit: Unit, member: Member) -> int:
        """Return how many cheers of a member are kept."""
        return await unit.scalar(select(func.count()).where(cheers.c.member_index == self._index(member))) or 0

    async def erase(self, unit: Unit, member: Member) -> None:
        """Remove every cheer of a member."""
        await unit.execute(delete(cheers).where(cheers.c.member_index == self._index(member)))

    def _index(self, member: Member) -> bytes:
        return index_member(self._sealing, TABLE, member)
