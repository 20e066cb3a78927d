"""The first words in the thread under a post: said once, and only where the thread was opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from bot.community.groups import Group
from bot.community.tools import Tools
from bot.core.feature import Later, PostKind, Sending, Turn, Withdraw
from bot.core.port import Message, Thread
from bot.delivery.letters import Action, Letter
from bot.delivery.scheduler import FEATURE, letter_name
from bot.features.schedules.drafts import Schedule
from bot.features.schedules.occasions import Occasions, Occurrence
from bot.features.schedules.store import ScheduleStore
from bot.storage.database import Unit

OPENING: Final = "opening"
"""Kind of these deliveries."""
FOLLOWS_FOR: Final = timedelta(days=1)
"""How late they may be, as the thread itself."""
A_TICK: Final = timedelta(microseconds=1)

FindKind: TypeAlias = Callable[[str, Group], Awaitable[PostKind]]
"""Returns who offers what a group posts. Raises `LookupError`."""


class Openings:
    """Puts the first words of threads in the outbox, and composes them."""

    def __init__(self, tools: Tools, store: ScheduleStore, occasions: Occasions, kind: FindKind) -> None:
        self._tools = tools
        self._store = store
        self._occasions = occasions
        self._kind = kind

    async def put(self, unit: Unit, occurrence: Occurrence, thread: Thread, now: datetime) -> None:
        """Have them said, once ever, after the thread, which is asked for at the same moment."""
        at = now + A_TICK
        name = (*letter_name(occurrence.schedule, occurrence.slot), OPENING)
        letter = Letter(name, FEATURE, OPENING, occurrence.id, thread, at, now + FOLLOWS_FOR, personal=False)
        await self._tools.outbox.put(unit, letter)

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Write them as soon as the thread is there."""
        occurrence = await self._occasions.get(sending.subject)
        schedule = await self._store.get(occurrence.schedule) if occurrence else None
        group = await self._tools.groups.get(schedule.group) if schedule else None
        if occurrence is None or schedule is None or group is None:
            return Withdraw("removed")
        return await self._awaited(occurrence) or await self._words(occurrence, schedule, group)

    async def _awaited(self, occurrence: Occurrence) -> Withdraw | Later | None:
        post = self._tools.sealing.key_for(FEATURE, *letter_name(occurrence.schedule, occurrence.slot))
        thread = self._tools.sealing.key_for(post, Action.THREAD.value)  # as the outbox names what it does to a post
        if coming := await self._tools.outbox.coming(thread):
            return Later(coming)
        return None if await self._tools.outbox.posted(thread) else Withdraw("no thread")

    async def _words(self, occurrence: Occurrence, schedule: Schedule, group: Group) -> Message | Withdraw:
        try:
            kind = await self._kind(schedule.what, group)
        except LookupError:
            return Withdraw("nothing left")
        return await kind.opening(occurrence.piece, turn_of(group, thread=True)) or Withdraw("nothing to say")


def turn_of(group: Group, used: Sequence[str] = (), *, thread: bool = False) -> Turn:
    """Return the turn of a group that has had these pieces."""
    community = group.channel.community
    name = f"{community.platform}:{community.id}:{group.channel.id}"
    return Turn(group.id, name, used, group.language, group.zone, thread)
