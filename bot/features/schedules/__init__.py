"""`schedule`: what is posted, where and when."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.community.groups import Group
from bot.community.quiet import moved
from bot.community.tools import Tools
from bot.core.commands import Suggester, command
from bot.core.faults import where
from bot.core.feature import Feature, Job, Trouble
from bot.core.port import Access, Channel, Reason, Role, Shown
from bot.delivery.scheduler import FEATURE
from bot.features.schedules.desk import Desk
from bot.features.schedules.forms import (
    Add,
    ChangeLimits,
    ChangeWhat,
    ChangeWhen,
    Edit,
    Import,
    Nothing,
    Pause,
    PostNow,
    Unskip,
    Which,
)
from bot.features.schedules.papers import Papers
from bot.features.schedules.planning import Planning
from bot.features.schedules.posts import LOOKS_AHEAD, heard
from bot.features.schedules.running import UNDO_FOR, Running
from bot.features.schedules.starter import ScheduleContent
from bot.features.schedules.stops import is_fine

log = structlog.get_logger(__name__)

CONTENT = ScheduleContent
SHOWN_RUNS: Final = 3
MOST_ASKED: Final = 10
"""Channels that the platforms are asked about at a time."""
PATIENCE: Final = 5.0
"""Seconds."""
A_MOMENT: Final = timedelta(seconds=1)
TIDIES_EVERY: Final = timedelta(hours=6)


class Watch:
    """What schedules do by themselves, and what others ask of them."""

    def __init__(self, tools: Tools, desk: Desk) -> None:
        self._tools = tools
        self._desk = desk
        self._tidied: datetime | None = None

    async def look(self, now: datetime) -> datetime | None:
        """See whether stopped schedules can go on, and whether leaders are to be told of what was missed."""
        async with self._tools.database.read():
            next_at, is_missed = await self._desk.stops.next_at(), await self._desk.results.is_missed()
        if is_missed:
            await self._desk.posts.tell_missed(now)
        if next_at and next_at <= now:
            return await self._mend(now)
        return next_at

    async def _mend(self, now: datetime) -> datetime | None:
        """Ask the platforms whether stopped schedules can go on: a channel once, some at a time, within a bound."""
        waiting: defaultdict[Channel, list[int]] = defaultdict(list)
        for row in await self._desk.stops.due(now):
            schedule = await self._desk.store.get(row)
            group = await self._tools.groups.get(schedule.group) if schedule else None
            if group is None:
                await self._desk.stops.wait(row, now)
            else:
                waiting[group.channel].append(row)
        asked = list(waiting)[:MOST_ASKED]
        for channel, access in zip(asked, await asyncio.gather(*map(self._access, asked)), strict=True):
            for row in waiting[channel]:
                await (self._desk.stops.go_on(row, now) if is_fine(access) else self._desk.stops.wait(row, now))
        return max(await self._desk.stops.next_at() or now, now + A_MOMENT) if asked else None

    async def follow(self, group: Group) -> None:
        """Have the schedules of a group follow its clock."""
        await self._desk.store.follow(group, self._tools.clock.now())
        await self._tools.outbox.nudge()

    async def tidy(self, now: datetime) -> datetime | None:
        """Now and then, have every schedule on its group's clock, and forget the words of those that are gone.

        Nobody has to wake up for it: whenever there is a look at the rows, it is seen whether it is time.
        """
        if self._tidied and now - self._tidied < TIDIES_EVERY:
            return None
        self._tidied = now
        for row in await self._desk.store.astray():
            if group := await self._tools.groups.get(row):
                await self._desk.store.follow(group, now)
        await self._desk.store.forget_texts(now - UNDO_FOR)
        return None

    async def accessible(self, channel: Channel, access: Access) -> None:
        """Let stopped schedules go on at once, since somebody saw that access is fine."""
        group = await self._tools.groups.at(channel)
        for schedule in await self._desk.store.in_group(group.id) if group else ():
            if schedule.stuck and is_fine(access):
                await self._desk.stops.go_on(schedule.id, self._tools.clock.now())

    async def upcoming(self, channel: Channel, now: datetime) -> Sequence[datetime]:
        """Return when the next posts of a group come."""
        group = await self._tools.groups.at(channel)
        found = await self._desk.store.in_group(group.id) if group else ()
        runs: list[datetime] = []
        for each in found if group else ():
            if group and not each.stuck:
                runs += [at for _, at in await self._desk.occasions.waiting(each, now)]
                coming = heard(await self._desk.occasions.coming(each, now, LOOKS_AHEAD), group)
                runs += [moved(group, due.at) for due in coming[:SHOWN_RUNS]]
        return sorted(runs)[:SHOWN_RUNS]

    async def last_failure(self, channel: Channel) -> Trouble | None:
        """Return the last post of a group that did not arrive, and why."""
        group = await self._tools.groups.at(channel)
        result = await self._desk.results.last_failure(group.id) if group else None
        return Trouble(result.at, Reason(result.reason)) if result else None

    async def _access(self, channel: Channel) -> Access:
        platform = self._tools.platforms.get(channel.community.platform)
        try:
            async with asyncio.timeout(PATIENCE):
                return await platform.access(channel) if platform else Access()
        except Exception as error:  # noqa: BLE001  whatever it is, it is asked again later
            log.warning("access not known", error=type(error).__name__, where=where(error))
            return Access()


def build(tools: Tools) -> Feature:
    """Plug in `schedule`."""
    desk = Desk(tools)
    planning, papers, watch = Planning(desk), Papers(desk), Watch(tools, desk)
    running = Running(desk, planning)
    one: Mapping[str, Suggester] = {"schedule": desk.choices}
    tools.groups.tell(watch.follow)
    return Feature(
        name=FEATURE,
        personal_data=desk.store,
        commands=(
            command("schedule add", Add, planning.add, role=Role.LEADER, suggest={"what": desk.kinds}),
            command("schedule list", Nothing, running.list, role=Role.LEADER),
            command("schedule show", Which, running.show, role=Role.LEADER, suggest=one),
            command("schedule preview", Which, running.preview, role=Role.LEADER, suggest=one),
            command("schedule edit", Edit, planning.edit, role=Role.LEADER, suggest={**one, "what": desk.kinds}),
            command("schedule pause", Pause, running.pause, role=Role.LEADER, suggest=one),
            command("schedule resume", Which, running.resume, role=Role.LEADER, suggest=one),
            command("schedule skip", Which, running.skip, role=Role.LEADER, suggest=one),
            command("schedule unskip", Unskip, running.unskip, role=Role.LEADER, suggest=one),
            command("schedule post-now", PostNow, running.post_now, role=Role.LEADER, suggest=one),
            command("schedule remove", Which, running.remove, role=Role.LEADER, suggest=one),
            command("schedule import", Import, papers.take, role=Role.LEADER),
            command("schedule export", Nothing, papers.export, role=Role.LEADER),
            command("timetable undo", Which, running.undo, role=Role.LEADER, shown=Shown.HIDDEN),
            command(
                "edit what",
                ChangeWhat,
                planning.change_what,
                role=Role.LEADER,
                shown=Shown.HIDDEN,
                suggest={"what": desk.kinds},
            ),
            command("edit when", ChangeWhen, planning.change_when, role=Role.LEADER, shown=Shown.HIDDEN),
            command("edit limits", ChangeLimits, planning.change_limits, role=Role.LEADER, shown=Shown.HIDDEN),
        ),
        jobs=(Job("watch", watch.look), Job("tidy", watch.tidy)),
        compose=desk.posts.compose,
        sent=desk.posts.sent,
        failed=desk.posts.failed,
        upcoming=watch.upcoming,
        last_failure=watch.last_failure,
        accessible=watch.accessible,
    )
