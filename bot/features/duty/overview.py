"""Who looks after the group, who is next, and when nobody does: names and hours, and nothing else of anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.community.hours import Hours, Stretch, merged, read_hours, stretches
from bot.community.leaders import Leader
from bot.community.leading import zone_of
from bot.community.tools import Tools
from bot.core.commands import Call
from bot.core.port import Button, Community, Message, Reply
from bot.core.text import Markup, babel_locale, mention, moment, plain
from bot.features.duty.forms import Nothing
from bot.features.duty.rules import by_day, expected, gaps

AHEAD: Final = timedelta(days=7)
DAY: Final = (time(8), time(22))
"""The hours to look after where the first group has no quiet hours."""
MOST_GAPS: Final = 10
"""Gaps that are told one by one: so that the answer fits a message."""


@dataclass(frozen=True, slots=True)
class Plans:
    """When a leader is to be on duty: `first` is when they begin next by their planned hours."""

    leader: Leader
    covers: Sequence[Stretch]
    first: datetime | None
    has_hours: bool


class Overview:
    """Handler of `duty status`. Breaks are told by their end alone, and load never."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def status(self, form: Nothing, call: Call) -> Reply:
        """Tell who is on duty and who is next, who is away, and what nobody looks after in the coming week."""
        del form
        everybody = await self._tools.leaders.all(call.member.community)
        leaders = [each for each in everybody if each.accepted]
        plans = [await self._plans(each, call.now) for each in leaders]
        parts = [
            await self._on(call),
            self._away(leaders, call),
            self._next(plans, call),
            await self._gaps(plans, call),
        ]
        buttons = (
            Button(self._words.label("duty.on_button", call.locale), "duty on"),
            Button(self._words.label("duty.plan_button", call.locale), "duty plan"),
        )
        title = self._words.label("duty.title", call.locale)
        return Reply(Message(Markup("\n\n".join(filter(None, parts))), title, buttons=buttons))

    async def _plans(self, leader: Leader, now: datetime) -> Plans:
        zone = await zone_of(self._tools, leader)
        week = read_hours(leader.own.hours) if leader.own.hours else ()
        planned = stretches(week, zone, now, now + AHEAD)
        coming = expected(planned, now, leader.away(now), zone)
        roster = self._tools.roster
        held = await roster.current(leader.id, now) or await roster.coming(leader.id, now)
        covers = [*coming, *([(held.since, held.until)] if held else [])]
        fresh = [since for since, _ in coming if held is None or since > held.until]
        return Plans(leader, covers, min(fresh, default=None), bool(week))

    async def _on(self, call: Call) -> Markup:
        found = await self._tools.roster.on_duty(call.member.community, call.now)
        if not found:
            return self._words.say("duty.status_nobody", call.locale)
        ends = [(mention(leader.member), moment(duty.until, call.zone, call.locale)) for leader, duty in found]
        return _list([self._words.say("duty.status_on", call.locale, who=who, until=until) for who, until in ends])

    def _away(self, leaders: Sequence[Leader], call: Call) -> Markup:
        found = [(mention(each.member), away) for each in leaders if (away := each.away(call.now))]
        ends = [(who, moment(away, call.zone, call.locale)) for who, away in found]
        return _list([self._words.say("duty.status_away", call.locale, who=who, until=until) for who, until in ends])

    def _next(self, plans: Sequence[Plans], call: Call) -> Markup:
        """Name whoever begins next, all of them if it is at the same time."""
        first = min((each.first for each in plans if each.first), default=None)
        if first is None:
            return Markup("")
        who = Markup(", ".join(mention(each.leader.member) for each in plans if each.first == first))
        at = moment(first, call.zone, call.locale)
        return self._words.say("duty.status_next", call.locale, who=who, at=at)

    async def _gaps(self, plans: Sequence[Plans], call: Call) -> Markup:
        if not any(each.has_hours for each in plans):
            return self._words.say("duty.status_no_hours", call.locale)
        wanted = await self._wanted(call.member.community, call)
        found = gaps(wanted, merged([each for plan in plans for each in plan.covers]))
        if not found:
            return self._words.say("duty.status_no_gaps", call.locale)
        zone = ZoneInfo(call.zone)
        lines: list[Markup] = []
        for on, times in by_day(found[:MOST_GAPS], zone):
            day = format_date(on, "EEE d MMM", locale=babel_locale(call.locale))
            shown = ", ".join(_hours(each, zone) for each in times)
            lines.append(self._words.say("duty.status_gap", call.locale, day=day, hours=shown))
        if more := len(found[MOST_GAPS:]):
            lines.append(self._words.say("duty.status_more", call.locale, count=more))
        intro = self._words.say("duty.status_gaps", call.locale, zone=plain(call.zone))
        return Markup(f"{intro}\n{_list(lines)}")

    async def _wanted(self, community: Community, call: Call) -> Sequence[Stretch]:
        """Return the hours of the coming days that somebody should look after: the first group's day."""
        groups = await self._tools.groups.all(community)
        first = groups[0] if groups else None
        zone = ZoneInfo(first.zone if first else call.zone)
        begins, ends = DAY
        if first and first.quiet_from and first.quiet_to and first.quiet_from != first.quiet_to:
            begins, ends = first.quiet_to, first.quiet_from
        until = call.now + AHEAD
        days = stretches((Hours(frozenset(range(7)), begins, ends),), zone, call.now, until)
        return [(max(since, call.now), min(end, until)) for since, end in days]


def _list(lines: Sequence[Markup]) -> Markup:
    return Markup("\n".join(f"- {line}" for line in lines))


def _hours(stretch: Stretch, zone: ZoneInfo) -> str:
    since, until = (at.astimezone(zone) for at in stretch)
    return f"{since:%H:%M}\u2013{until:%H:%M}"
