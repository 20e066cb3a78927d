"""`schedule`: what is posted, where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.community.groups import Group
from bot.community.tools import Tools
from bot.core.commands import Suggester, command
from bot.core.feature import Feature, Job, Trouble
from bot.core.port import Access, Channel, DeliveryError, Reason, Role, Shown
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
    Which,
)
from bot.features.schedules.papers import Papers
from bot.features.schedules.planning import Planning
from bot.features.schedules.running import Running
from bot.features.schedules.starter import ScheduleContent
from bot.features.schedules.stops import is_fine

CONTENT = ScheduleContent
SHOWN_RUNS = 3


class Watch:
    """What schedules do by themselves, and what others ask of them."""

    def __init__(self, tools: Tools, desk: Desk) -> None:
        self._tools = tools
        self._desk = desk

    async def mend(self, now: datetime) -> datetime | None:
        """Ask the platforms whether stopped schedules can go on."""
        next_at = await self._desk.stops.next_at()
        if next_at is None or next_at > now:
            return next_at
        for row in await self._desk.stops.due(now):
            schedule = await self._desk.store.get(row)
            group = await self._tools.groups.get(schedule.group) if schedule else None
            access = await self._access(group.channel) if group else Access()
            if schedule and is_fine(access, thread=schedule.draft.thread):
                await self._desk.stops.go_on(row, now)
            else:
                await self._desk.stops.wait(row, now)
        return await self._desk.stops.next_at()

    async def tell_missed(self, now: datetime) -> datetime | None:
        """Have leaders told of what was missed."""
        await self._desk.posts.tell_missed(now)
        return None

    async def follow(self, group: Group) -> None:
        """Have the schedules of a group follow its clock."""
        await self._desk.store.follow(group, self._tools.clock.now())
        await self._tools.outbox.nudge()

    async def accessible(self, channel: Channel, access: Access) -> None:
        """Let stopped schedules go on at once, since somebody saw that access is fine."""
        group = await self._tools.groups.at(channel)
        for schedule in await self._desk.store.in_group(group.id) if group else ():
            if schedule.stuck and is_fine(access, thread=schedule.draft.thread):
                await self._desk.stops.go_on(schedule.id, self._tools.clock.now())

    async def upcoming(self, channel: Channel, now: datetime) -> Sequence[datetime]:
        """Return when the next posts of a group come."""
        group = await self._tools.groups.at(channel)
        found = await self._desk.store.in_group(group.id) if group else ()
        runs = [due.at for each in found for due in await self._desk.occasions.coming(each, now, SHOWN_RUNS)]
        return sorted(runs)[:SHOWN_RUNS]

    async def last_failure(self, channel: Channel) -> Trouble | None:
        """Return the last post of a group that did not arrive, and why."""
        group = await self._tools.groups.at(channel)
        result = await self._desk.occasions.last_failure(group.id) if group else None
        return Trouble(result.at, Reason(result.reason)) if result else None

    async def _access(self, channel: Channel) -> Access:
        platform = self._tools.platforms.get(channel.community.platform)
        try:
            return await platform.access(channel) if platform else Access()
        except DeliveryError:
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
            command("schedule unskip", Which, running.unskip, role=Role.LEADER, suggest=one),
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
        jobs=(Job("mend", watch.mend), Job("missed", watch.tell_missed)),
        compose=desk.posts.compose,
        sent=desk.posts.sent,
        failed=desk.posts.failed,
        upcoming=watch.upcoming,
        last_failure=watch.last_failure,
        accessible=watch.accessible,
    )
