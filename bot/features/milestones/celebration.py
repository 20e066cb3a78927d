"""What happens when a milestone's moment comes: one delivery, looked at again just before it goes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.community.groups import Group
from bot.community.quiet import moved
from bot.community.spans import Span, read_spans
from bot.community.tools import Tools
from bot.core.faults import where
from bot.core.feature import Sending, Withdraw
from bot.core.port import Button, Channel, Member, Message, Reason
from bot.core.text import mention
from bot.delivery.letters import Letter
from bot.features.milestones.rules import USUAL, Moment, celebrated_at, moment_near, next_moment
from bot.features.milestones.store import FEATURE, Milestone, MilestoneStore

log = structlog.get_logger(__name__)

KIND: Final = "moment"
STILL_WELCOME: Final = timedelta(days=7)
"""A celebration that could not be sent in time is still sent, as a late one, for a week."""
LOOK_BACK: Final = timedelta(hours=36)
"""More than two time zones can differ: a moment is found again though its owner has moved."""
AFTER_A_FAULT: Final = timedelta(hours=1)
VARIANTS: Final = 3


class Celebrations:
    """The job of milestones, and the words of their celebrations."""

    def __init__(self, tools: Tools, store: MilestoneStore) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store

    async def run(self, now: datetime) -> datetime | None:
        """Make every moment that has come into a delivery."""
        next_due = await self._store.next_due()
        if next_due is None or next_due > now:
            return next_due
        for row, due in await self._store.due(now):
            try:
                await self._celebrate(row, due, now)
            except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others are celebrated
                log.error("milestone put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold a label
                await self._store.reschedule(row, now + AFTER_A_FAULT)
        return await self._store.next_due()

    async def moved(self, member: Member) -> None:
        """Plan a member's next moments anew, for their morning may come at another instant now."""
        for row, planned in await self._store.planned(member):
            await self._replan(row, planned)
        await self._tools.outbox.nudge()

    async def regrouped(self, group: Group) -> None:
        """Plan anew what a group's zone or its own list of moments may have changed."""
        for row, planned in await self._store.planned_in(group.channel.community):
            try:
                await self._replan(row, planned)
            except Exception as error:  # noqa: BLE001  one bad row is left as it is, and the others are planned
                log.error("milestone not planned anew", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold a label
        await self._tools.outbox.nudge()

    async def _replan(self, row: int, planned: datetime | None) -> None:
        milestone = await self._store.get(row)
        if milestone is None:
            return
        zone, wanted = await self.zone_of(milestone), await self.wanted(milestone)
        meant = moment_near(milestone.start, zone, planned, LOOK_BACK, wanted) if planned else None
        coming = next_moment(milestone.start, zone, self._tools.clock.now(), wanted)
        found = [*([celebrated_at(meant, zone)] if meant else []), *([coming[1]] if coming else [])]
        if (due := min(found, default=None)) != planned:
            await self._store.reschedule(row, due)

    async def _celebrate(self, row: int, due: datetime, now: datetime) -> None:
        """Put one moment into the outbox. Its name holds the moment, so that it comes once whatever happens."""
        milestone = await self._store.get(row)
        if milestone is None:
            return
        zone, wanted = await self.zone_of(milestone), await self.wanted(milestone)
        found = next_moment(milestone.start, zone, due - LOOK_BACK, wanted)
        while found and found[1] <= now:
            moment, at = found
            following = next_moment(milestone.start, zone, at, wanted)
            name = (str(milestone.id), milestone.start.isoformat(), moment.id)
            letter = Letter(name, FEATURE, KIND, milestone.id, milestone.where, at, at + STILL_WELCOME)
            async with self._tools.database.write() as unit:
                await self._tools.outbox.put(unit, letter)
                await self._store.move_on(unit, row, following[1] if following else None)
            found = following
        await self._store.reschedule(row, found[1] if found else None)

    async def compose(self, sending: Sending) -> Message | Withdraw:
        """Look again, and write the celebration: to a group in its language, to the owner in theirs."""
        milestone = await self._store.get(sending.subject)
        if milestone is None or milestone.where != sending.to:
            return Withdraw("changed")
        zone, wanted = await self.zone_of(milestone), await self.wanted(milestone)
        moment = moment_near(milestone.start, zone, sending.due_at, LOOK_BACK, wanted)
        if moment is None:
            return Withdraw("changed")
        if not isinstance(sending.to, Channel):
            return self._private(milestone, moment, sending)
        if await self._tools.directory.is_silenced(milestone.member):
            return Withdraw("silenced")
        if not await self._tools.platforms[sending.to.community.platform].belongs(milestone.member, sending.to):
            return Withdraw("left")
        return self._public(milestone, moment, sending)

    async def failed(self, sending: Sending, reason: Reason) -> None:
        """Tell the owner alone, the next time they use the bot, that their celebration is not in the group."""
        milestone = await self._store.get(sending.subject)
        if milestone is not None:
            key = "milestones.note_unsure" if reason is Reason.NO_ANSWER else "milestones.note_not_posted"
            await self._tools.directory.leave_note(milestone.member, key)

    async def zone_of(self, milestone: Milestone) -> ZoneInfo:
        """Return the owner's zone."""
        return ZoneInfo((await self._tools.directory.reader(milestone.member)).zone)

    async def wanted(self, milestone: Milestone) -> Sequence[Span]:
        """Return which moments are marked: in a group those of its own list, if it has one."""
        group = await self._group(milestone)
        return read_spans(group.moments) if group and group.moments else USUAL

    async def coming(self, milestone: Milestone, zone: str, now: datetime) -> tuple[Moment, datetime] | None:
        """Return the next moment of a milestone, and when it is celebrated: after the group's quiet hours."""
        found = next_moment(milestone.start, ZoneInfo(zone), now, await self.wanted(milestone))
        group = await self._group(milestone)
        return (found[0], moved(group, found[1])) if found and group else found

    async def _group(self, milestone: Milestone) -> Group | None:
        place = milestone.where
        return await self._tools.groups.at(place) if isinstance(place, Channel) else None

    def _public(self, milestone: Milestone, moment: Moment, sending: Sending) -> Message:
        """Name the member and the moment: no label, no date."""
        locale = sending.locale
        variant = zlib.crc32(f"{milestone.channel}:{moment.id}:{sending.due_at}".encode()) % VARIANTS + 1
        name = self._words.say(f"milestones.moment_{moment.unit}", locale, count=moment.count)
        who = mention(milestone.member)
        body = self._words.say(f"milestones.celebrate_{variant}", locale, who=who, moment=name)
        return Message(body, notifies=(milestone.member,))

    def _private(self, milestone: Milestone, moment: Moment, sending: Sending) -> Message:
        locale = sending.locale
        name = self._words.say(f"milestones.moment_{moment.unit}", locale, count=moment.count)
        key = "milestones.note_labelled" if milestone.label else "milestones.note"
        body = self._words.say(key, locale, moment=name, label=milestone.label)
        button = Button(self._words.label("milestones.show_button", locale), "milestone show")
        late = self._words.say("core.late", locale) if sending.late else ""
        return Message(body, footer=late, buttons=(button,))
