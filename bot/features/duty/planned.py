"""Hours at which a leader usually looks after the group: duty then begins by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.community.glance import Next
from bot.community.groups import Group
from bot.community.hours import Stretch, Week, next_planned, planned_at, read_hours, write_hours
from bot.community.leaders import Leader, Look
from bot.community.leading import leading, zone_of
from bot.community.requests import OVER
from bot.community.roster import Began, Duty
from bot.community.tools import Tools
from bot.core.commands import Answer, Call, Open, Refusal
from bot.core.faults import where
from bot.core.port import Button, Member, Message, Reply
from bot.core.text import Markup, moment, plain
from bot.features.duty.forms import NOT_A_LEADER, Plan
from bot.features.duty.rules import begins, waits
from bot.storage.database import Unit

log = structlog.get_logger(__name__)

PLAN: Final = "duty plan"
AFTER_A_FAULT: Final = timedelta(hours=1)
A_MOMENT: Final = timedelta(seconds=1)


class Planned:
    """Handler of `duty plan`, and the job that begins duty."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def plan(self, form: Plan, call: Call) -> Answer:
        """Keep a leader's hours; without any open the form, filled in with those that hold now."""
        leader = await leading(self._tools, call, NOT_A_LEADER)
        if form.hours is None:
            return Open(PLAN, {"hours": leader.own.hours})
        if await self._tools.leaders.choose(leader.id, call.now, hours=write_hours(form.hours)) is None:
            raise Refusal("duty.not_a_leader")
        begun = await self.look(leader.id, call.now, anew=True)
        await self._tools.outbox.nudge()
        change = Button(self._words.label("duty.plan_button", call.locale), PLAN)
        if not form.hours:
            return Reply(Message(self._words.say("duty.plan_none", call.locale), buttons=(change,)))
        breaks = Button(self._words.label("duty.break_status", call.locale), "break status")
        body = await self._told(leader, form.hours, begun, call)
        return Reply(Message(body, buttons=(change, breaks)))

    async def _told(self, leader: Leader, week: Week, begun: Duty | None, call: Call) -> Markup:
        say = self._words.say
        parts = [say("duty.plan_kept", call.locale, hours=plain(write_hours(week)))]
        if begun:
            parts.append(say("duty.plan_now", call.locale, until=moment(begun.until, call.zone, call.locale)))
        if coming := next_planned(week, await zone_of(self._tools, leader), call.now):
            parts.append(say("duty.plan_next", call.locale, next=moment(coming[0], call.zone, call.locale)))
        return Markup("\n\n".join(parts))

    # ------------------------------------------------------------ beginning by itself

    async def due(self, now: datetime) -> datetime | None:
        """Return when planned hours are to be looked at next."""
        del now
        return await self._tools.glance.next(Next.DUTY)

    async def run(self, now: datetime) -> datetime | None:
        """Begin what is planned; return when the next one begins."""
        begun = False
        for leader in await self._tools.leaders.due(Look.DUTY, now):
            try:
                begun = bool(await self.look(leader.id, now)) or begun
            except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others begin
                log.error("planned duty put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may name a leader
                async with self._tools.database.write() as unit:
                    await self._tools.leaders.look(unit, leader.id, Look.DUTY, now + AFTER_A_FAULT)
        if begun:
            return now + A_MOMENT  # other jobs have looked already at this tick, and want to know of it
        return await self._tools.glance.next(Next.DUTY)

    async def look(self, leader_id: int, now: datetime, *, anew: bool = False) -> Duty | None:
        """Look at a leader's planned hours if that is due; return the duty that begins or goes on for longer.

        `anew`: they have just been chosen, so it does not matter that the leader went off duty within them.
        """
        async with self._tools.database.write() as unit:
            row = await self._tools.leaders.lock(unit, leader_id)
            if row is None or row.duty_at is None or row.duty_at > now:
                return None
            leader = self._tools.leaders.read(row)
            week = read_hours(leader.own.hours) if leader.own.hours else ()
            zone = await zone_of(self._tools, leader)
            begun, wanted = None, [each[0] for each in [next_planned(week, zone, now)] if each]
            if planned := planned_at(week, zone, now):
                if away := leader.away(now):
                    again = waits(planned, away, zone)
                    wanted.extend([again] if again else [])
                else:
                    begun = await self._begin(unit, leader, planned, row.duty_at, now, anew=anew)
            await self._tools.leaders.look(unit, leader.id, Look.DUTY, min(wanted, default=None))
        return begun

    async def _begin(
        self, unit: Unit, leader: Leader, planned: Stretch, due: datetime, now: datetime, *, anew: bool
    ) -> Duty | None:
        current = await self._tools.roster.current(leader.id, now)
        left = not anew and await self._tools.roster.went(unit, leader.id, planned[0])
        until = current.until if current else None
        stretch = begins(planned, due, now, leader.away_until, until, left=left)
        if stretch is None:
            return None
        if current is None:
            await self._tools.requests.settle(unit, leader.id, OVER)  # asked when they left an earlier duty
        return await self._tools.roster.begin_in(unit, leader.id, *stretch, Began.PLANNED)

    async def leave(self, unit: Unit, leader: Leader, now: datetime) -> bool:
        """Let planned hours go that wait for the end of a leader's break. Returns False where none do."""
        week = read_hours(leader.own.hours) if leader.own.hours else ()
        zone = await zone_of(self._tools, leader)
        planned = planned_at(week, zone, now)
        if planned is None or leader.away(now) is None:
            return False
        following = next_planned(week, zone, now)
        await self._tools.leaders.look(unit, leader.id, Look.DUTY, following[0] if following else None)
        return True

    # ------------------------------------------------------------ other clocks

    async def moved(self, member: Member) -> None:
        """Look again at somebody's planned hours, for their clock may be another one."""
        await self._tools.leaders.look_again(member, self._tools.clock.now())
        await self._tools.outbox.nudge()

    async def regrouped(self, group: Group) -> None:
        """Look again at the planned hours of everybody who may go by a group's clock."""
        for leader in await self._tools.leaders.all(group.channel.community):
            await self.moved(leader.member)
