"""The posts of schedules: what they show, looked at again just before each goes, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from bot.community.groups import Group
from bot.community.quiet import is_left_out
from bot.community.tools import Tools
from bot.core.feature import Later, PostKind, Sending, Withdraw
from bot.core.port import Channel, Message, Posted, Reason, Thread
from bot.core.recurrence import Due
from bot.core.text import Markup
from bot.delivery.letters import Action, Letter
from bot.delivery.scheduler import FEATURE, KIND, letter_name
from bot.features.schedules.drafts import OWN_TEXT, Schedule
from bot.features.schedules.occasions import Occasions, Occurrence
from bot.features.schedules.openings import FOLLOWS_FOR, OPENING, Openings, turn_of
from bot.features.schedules.results import Results
from bot.features.schedules.stops import STOPPING, Stops
from bot.features.schedules.store import ScheduleStore
from bot.features.schedules.tidings import NOTHING_LEFT, Tidings
from bot.storage.database import Unit

LOOKS_AHEAD: Final = 62
MOST_TURNS: Final = 100
"""Posts that a preview counts before the one it shows: of another schedule, and in all. What comes after more than
these will be different anyway by then.
"""
ASKS_AGAIN: Final = timedelta(hours=1)


class Posts:
    """Composes the posts of schedules and takes their receipts."""

    def __init__(self, tools: Tools, store: ScheduleStore, occasions: Occasions, stops: Stops) -> None:
        self._tools = tools
        self._store = store
        self._occasions = occasions
        self._stops = stops
        self._openings = Openings(tools, store, occasions, self._kind)
        self._tidings = Tidings(tools, store, Results(tools.database), self.label)

    # ------------------------------------------------------------ deliveries

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Draw the post, unless the schedule was paused, stopped, moved or removed; or what leaders are told."""
        if sending.kind != KIND:
            beside = self._openings if sending.kind == OPENING else self._tidings
            return await beside.compose(sending)
        occurrence = await self._occasions.get(sending.subject)
        schedule = await self._store.get(occurrence.schedule) if occurrence else None
        if occurrence is None or schedule is None or schedule.removed_at:
            return Withdraw("removed")
        if schedule.is_paused(sending.now) and not occurrence.asked:
            return Withdraw("paused")
        group = await self._tools.groups.get(schedule.group)
        if group is None or group.channel != sending.to:
            return Withdraw("moved")
        if schedule.stuck:
            return Later(schedule.probe_at or sending.now + ASKS_AGAIN)
        return await self._draw(schedule, occurrence, group)

    async def sent(self, sending: Sending, posted: Posted) -> None:
        """Have a thread opened under the post, with its first words, and the post pinned in place of the last."""
        occurrence = await self._occasions.get(sending.subject) if sending.kind == KIND else None
        schedule = await self._store.get(occurrence.schedule) if occurrence else None
        if occurrence is None or schedule is None:
            return
        await self._stops.sent(schedule.id)
        wanted = [(Action.THREAD, occurrence.slot)] if schedule.draft.thread else []
        if schedule.draft.pin:
            wanted.append((Action.PIN, occurrence.slot))
            last = await self._occasions.post_before(occurrence)
            wanted += [(Action.UNPIN, last)] if last else []
        if not wanted:
            return
        async with self._tools.database.write() as unit:
            for action, slot in wanted:
                name, now = letter_name(schedule.id, slot), sending.now
                key = self._tools.sealing.key_for(FEATURE, *name)
                letter = Letter(name, FEATURE, KIND, occurrence.id, sending.to, now, now + FOLLOWS_FOR, personal=False)
                await self._tools.outbox.put_more(unit, letter, key, action)
            if schedule.draft.thread and schedule.what != OWN_TEXT and isinstance(sending.to, Channel):
                # On every platform a thread goes by the id of its message.
                await self._openings.put(unit, occurrence, Thread(sending.to, posted.message), sending.now)

    async def failed(self, sending: Sending, reason: Reason) -> None:
        """Stop what the platform refuses, and have the leaders told privately, with the fix."""
        occurrence = await self._occasions.get(sending.subject) if sending.kind == KIND else None
        schedule = await self._store.get(occurrence.schedule) if occurrence else None
        if occurrence is None or schedule is None:
            return
        if reason is not Reason.NO_ANSWER:
            await self._occasions.let_go(occurrence.id)
            await self._store.replan(schedule, sending.now)
        if reason in STOPPING:
            await self._stop(schedule, reason.value, sending.now)
        else:
            await self._tidings.tell_one(schedule, occurrence.id, reason, sending.now)

    async def _stop(self, schedule: Schedule, reason: str, now: datetime) -> None:
        async def stop(unit: Unit) -> bool:
            return await self._stops.stop(unit, schedule.id, reason, now)

        await self._tidings.tell_stopped(schedule, reason, now, stop)

    async def tell_missed(self, now: datetime) -> None:
        """Have the leaders told once how many posts were missed while the bot was away."""
        await self._tidings.tell_missed(now)

    # ------------------------------------------------------------ what they show

    async def preview(self, schedule: Schedule, group: Group, now: datetime) -> Message:
        """Return the next post as members would see it. Raises `LookupError` when there is nothing to post."""
        if schedule.what == OWN_TEXT:
            return self._own(schedule)
        used = list(await self._occasions.used(group.id))
        held = next((each for each, _ in await self._occasions.waiting(schedule, now)), None)
        piece = held.piece if held else ""
        if not piece:
            for what in await self._before(schedule, group, now, held):
                used.append(await self._pick(what, group, used))
            piece = await self._pick(schedule.what, group, used)
        message = await (await self._kind(schedule.what, group)).draw(
            piece, turn_of(group, used, thread=schedule.draft.thread)
        )
        return replace(message, ping=schedule.draft.ping)

    async def label(self, schedule: Schedule, locale: str) -> str:
        """Return what people call what a schedule posts."""
        return await self.label_of(schedule.what, schedule.draft.text, schedule.group, locale)

    async def label_of(self, what: str, text: str, group: int, locale: str) -> str:
        """Return what people call something that is posted: of a text of one's own, its beginning."""
        if what == OWN_TEXT:
            line = " ".join(text.split())
            return line if len(line) <= 40 else f"{line[:39]}…"  # noqa: PLR2004  enough to know it by
        for kind in self.kinds():
            if label := await kind.label(what, group, locale):
                return label
        return self._tools.words.label("schedules.what_gone", locale)

    def kinds(self) -> list[PostKind]:
        """Return every kind of post that a feature offers, in their order."""
        kinds = [kind for feature in self._tools.house.features for kind in feature.posts]
        return sorted(kinds, key=lambda kind: kind.order)

    async def knows(self, what: str, group: int) -> bool:
        """Return whether something can be posted in a group."""
        return any([await kind.label(what, group, "en") for kind in self.kinds()])

    async def _draw(self, schedule: Schedule, occurrence: Occurrence, group: Group) -> Message | Withdraw:
        if schedule.what == OWN_TEXT:
            return self._own(schedule)

        async def choose(what: str, used: Sequence[str]) -> str:
            return await self._pick(what, group, used)

        turn = turn_of(group, (), thread=schedule.draft.thread)
        try:
            kind = await self._kind(schedule.what, group)
            piece = await self._occasions.choose(occurrence, group.id, choose)
            try:
                message = await kind.draw(piece, turn)
            except LookupError:  # it was taken out of the content after it was chosen
                await self._occasions.let_go(occurrence.id)
                message = await kind.draw(await self._occasions.choose(occurrence, group.id, choose), turn)
        except LookupError:
            await self._stop(schedule, NOTHING_LEFT, self._tools.clock.now())
            return Withdraw("nothing left")
        return replace(message, ping=schedule.draft.ping)

    def _own(self, schedule: Schedule) -> Message:
        return Message(Markup(schedule.draft.text), ping=schedule.draft.ping)

    async def _before(self, schedule: Schedule, group: Group, now: datetime, held: Occurrence | None) -> Sequence[str]:
        """Return what the group posts until the next time of a schedule, in the order of the turns.

        `held` is that next time, when it was due already and waits for the end of quiet hours.
        """
        pending = await self._occasions.pending(group.id)
        if held:
            return [each.what for each in takewhile(lambda each: each.id != held.id, pending)]
        before = [each.what for each in pending]
        coming = heard(await self._occasions.coming(schedule, now, LOOKS_AHEAD), group)
        if not coming:
            return before
        beside = await self._store.in_group(group.id)
        order = [each.id for each in beside]
        until = (coming[0].at, order.index(schedule.id) if schedule.id in order else 0)
        turns: list[tuple[datetime, int, str]] = []
        for place, each in enumerate(beside):
            if each.id != schedule.id and each.what != OWN_TEXT and not each.stuck:
                due = heard(await self._occasions.coming(each, now, LOOKS_AHEAD), group)
                turns += [(one.at, place, each.what) for one in due if (one.at, place) < until]
        return [*before, *(what for _, _, what in sorted(turns))][:MOST_TURNS]

    async def _pick(self, what: str, group: Group, used: Sequence[str]) -> str:
        return await (await self._kind(what, group)).pick(what, turn_of(group, used))

    async def _kind(self, what: str, group: Group) -> PostKind:
        for kind in self.kinds():
            if await kind.label(what, group.id, group.language):
                return kind
        raise LookupError(what)


def heard(coming: Sequence[Due], group: Group) -> Sequence[Due]:
    """Return the times of a schedule at which its group is not so quiet that they are left out."""
    return [due for due in coming if not is_left_out(group, due.at)]
