"""What leaders are told privately: a post was refused, may or may not have arrived, or was missed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from bot.community.leading import rests_until
from bot.community.tools import Tools
from bot.core.feature import Later, Sending, Withdraw
from bot.core.port import Button, Community, Member, Message, Reason
from bot.core.text import Markup, channel_link
from bot.delivery.letters import Letter
from bot.delivery.scheduler import FEATURE
from bot.features.schedules.drafts import Schedule
from bot.features.schedules.results import Results
from bot.features.schedules.store import ScheduleStore
from bot.storage.database import Unit

NOTHING_LEFT: Final = "nothing"
FAILURE: Final = "failure-"
MISSED: Final = "missed"
FOR_GOOD: Final = "for-good"
OWN_KEYS: Final = {NOTHING_LEFT: "schedules.nothing_to_post", FOR_GOOD: "schedules.refused_for_good"}
LASTS: Final = timedelta(days=1)
MOST_NAMED: Final = 10

Label: TypeAlias = Callable[[Schedule, str], Awaitable[str]]
Stop: TypeAlias = Callable[[Unit], Awaitable[bool]]
"""Stops a schedule; returns True when only a leader can have it go on."""


class Tidings:
    """Writes to leaders who gave leave for direct messages."""

    def __init__(self, tools: Tools, store: ScheduleStore, results: Results, label: Label) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        self._results = results
        self._label = label

    # ------------------------------------------------------------ putting in

    async def tell_one(self, schedule: Schedule, occurrence: int, reason: Reason, now: datetime) -> None:
        """Tell the maker about one post; the other leaders, if the maker leads no more."""
        creator = await self._store.creator(schedule.id)
        leaders = await self._leaders(await self._community(schedule))
        told = [each for each in leaders if each == creator] or leaders
        letters = self._letters(("failure", str(occurrence)), f"{FAILURE}{reason.value}", schedule.id, told, now)
        async with self._tools.database.write() as unit:
            await self._put(unit, letters)
        if not told and creator:
            await self._tools.directory.leave_note(creator, f"schedules.note_{reason.value}")

    async def tell_stopped(self, schedule: Schedule, reason: str, now: datetime, stop: Stop) -> None:
        """Stop a schedule and tell every leader, in one: once a day for a group and a reason, however often it happens.

        When it will not go on by itself any more, that is said too.
        """
        leaders = await self._leaders(await self._community(schedule))
        async with self._tools.database.write() as unit:
            for_good = await stop(unit) and reason != NOTHING_LEFT
            day = now.date().isoformat()
            name = ("stopped", str(schedule.group), reason, day)
            name = ("stopped for good", str(schedule.id), day) if for_good else name
            name = ("nothing left", str(schedule.id), day) if reason == NOTHING_LEFT else name
            kind = f"{FAILURE}{FOR_GOOD if for_good else reason}"
            await self._put(unit, self._letters(name, kind, schedule.id, leaders, now))
        creator = await self._store.creator(schedule.id)
        if not leaders and creator:
            note = "schedules.nothing_note" if reason == NOTHING_LEFT else f"schedules.note_{reason}"
            await self._tools.directory.leave_note(creator, note)

    async def tell_missed(self, now: datetime) -> None:
        """Tell every leader once how many posts were missed while the bot was away."""
        for community in await self._results.with_missed():
            leaders = await self._leaders(community)
            async with self._tools.database.write() as unit:
                if number := await self._results.mark_told(unit, community):
                    await self._put(unit, self._letters((MISSED, str(number)), MISSED, number, leaders, now))

    def _letters(
        self, name: tuple[str, ...], kind: str, subject: int, told: Sequence[Member], now: datetime
    ) -> Sequence[Letter]:
        return [Letter((*name, member.id), FEATURE, kind, subject, member, now, now + LASTS) for member in told]

    async def _put(self, unit: Unit, letters: Sequence[Letter]) -> None:
        for letter in letters:
            await self._tools.outbox.put(unit, letter)

    async def _leaders(self, community: Community | None) -> Sequence[Member]:
        found = await self._tools.leaders.all(community) if community else ()
        return [each.member for each in found if each.accepted and each.direct]

    async def _community(self, schedule: Schedule) -> Community | None:
        group = await self._tools.groups.get(schedule.group)
        return group.channel.community if group else None

    # ------------------------------------------------------------ words

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Write what a leader is told, in their language. Nothing comes in a break."""
        if isinstance(sending.to, Member) and (until := await rests_until(self._tools, sending.to, sending.now)):
            return Later(until)
        if sending.kind == MISSED:
            return await self._missed(sending)
        schedule = await self._store.get(sending.subject)
        group = await self._tools.groups.get(schedule.group) if schedule else None
        if schedule is None or group is None:
            return Withdraw("gone")
        reason = sending.kind.removeprefix(FAILURE)
        key = OWN_KEYS.get(reason) or f"schedules.failed_{reason}"
        said = self._words.say(
            key,
            sending.locale,
            channel=channel_link(group.channel),
            what=await self._label(schedule, sending.locale),
        )
        arguments = {"schedule": str(schedule.id)}
        buttons = (Button(self._words.label("schedules.show_button", sending.locale), "schedule show", arguments),)
        if schedule.stuck:
            label = self._words.label("schedules.try_button", sending.locale)
            buttons = (Button(label, "schedule resume", arguments), *buttons)
        return Message(said, buttons=buttons)

    async def _missed(self, sending: Sending) -> Message | Withdraw:
        counts = await self._results.told(sending.subject)
        found = [(await self._store.get(schedule), count) for schedule, count in counts.items()]
        known = sorted(((each, count) for each, count in found if each), key=lambda pair: -pair[1])
        if not known:
            return Withdraw("gone")
        lines: list[Markup] = []
        for schedule, count in known[:MOST_NAMED]:
            group = await self._tools.groups.get(schedule.group)
            what = await self._label(schedule, sending.locale)
            channel = channel_link(group.channel) if group else ""
            line = self._words.say("schedules.missed_line", sending.locale, what=what, channel=channel, count=count)
            lines.append(Markup(f"- {line}"))
        said = self._words.say("schedules.missed", sending.locale, count=sum(count for _, count in known))
        return Message(Markup("\n".join([said, "", *lines])))
