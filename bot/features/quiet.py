"""`quiet`: silence a group until a time, or have nothing public said about one person any more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.community.groups import Group
from bot.community.people import People
from bot.community.quiet import is_silent, quiet_at, reached
from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal, command
from bot.core.feature import Feature
from bot.core.forms import Form, InChannel, Mark, Reading, Who, mistake
from bot.core.port import Button, Kind, Member, Message, Reply, Response, Role, Update
from bot.core.recurrence import instant
from bot.core.text import Markup, channel_link, mention, moment

MOST_YEARS: Final = 10
_A_DAY: Final = timedelta(days=1)
_UNTIL: Final = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2}))?[ T]?(?:(\d{1,2}):(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class End:
    """When a silence ends, on the group's clock: a date, a time, or both."""

    on: date | None
    at: time | None


def _end(text: str, _: Reading) -> End:
    found = _UNTIL.fullmatch(text)
    if not found:
        raise mistake("quiet.until_unreadable")
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    try:
        on = None if year is None or month is None or day is None else date(year, month, day)
    except ValueError:
        raise mistake("date_none") from None
    try:
        return End(on, None if hour is None or minute is None else time(hour, minute))
    except ValueError:
        raise mistake("time") from None


class GroupFor(Form):
    """Which group, and until when."""

    in_: InChannel | None = Field(default=None, alias="in")
    until: Annotated[End, Mark(Kind.TEXT, reader=_end, longest=20)] | None = None


class Person(Form):
    """Whom it is about."""

    who: Who


class Over(Form):
    """What is to end: a group's silence, by its channel or its row, or that of a person."""

    in_: InChannel | None = Field(default=None, alias="in")
    who: Who | None = None
    group: Annotated[int | None, Mark(Kind.NUMBER, hidden=True)] = None


class Quieting:
    """Handlers of `quiet`. What it answers about a person is the same whatever there was."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def group(self, form: GroupFor, call: Call) -> Reply:
        """Silence a group at once."""
        group = await self._tools.groups.meant(form.in_, call.place, call.member.community)
        until = _until(form.until, group, call.now) if form.until else None
        if await self._tools.groups.silence(group.id, until) is None:
            raise Refusal("groups.gone")
        channel = channel_link(group.channel)
        if until:
            end = moment(until, call.zone, call.locale)
            said = self._words.say("quiet.group_until", call.locale, channel=channel, until=end)
        else:
            said = self._words.say("quiet.group", call.locale, channel=channel)
        body = Markup(f"{said}\n\n{self._words.say('quiet.goes_on', call.locale)}")
        button = Button(self._words.label("quiet.end_button", call.locale), "quiet end", {"group": str(group.id)})
        return Reply(Message(body, buttons=(button,)))

    async def member(self, form: Person, call: Call) -> Reply:
        """Have nothing public said about a person any more, what waits to be sent included. Nobody is told."""
        await self._tools.people.change(form.who, silenced="yes")
        return Reply(Message(self._words.say("quiet.member", call.locale, who=mention(form.who))))

    async def end(self, form: Over, call: Call) -> Response:
        """End the silence of a group or of a person."""
        if form.who is None:
            return await self._end_group(form, call)
        if form.in_ is not None:
            raise Mistake("who", "quiet.one_of_them")
        if (await self._tools.people.settings(form.who)).silenced:
            await self._tools.people.change(form.who, silenced="")
        return Reply(Message(self._words.say("quiet.member_over", call.locale, who=mention(form.who))))

    async def _end_group(self, form: Over, call: Call) -> Response:
        groups, community = self._tools.groups, call.member.community
        if form.group is None:
            group = await groups.meant(form.in_, call.place, community)
        else:
            group = await groups.ours(form.group, community)
        key = "quiet.group_over" if is_silent(group, call.now) else "quiet.group_was_not"
        said = [self._words.say(key, call.locale, channel=channel_link(group.channel))]
        after = await groups.unsilence(group.id)
        await self._tools.outbox.nudge()
        if after and (hours := quiet_at(after, call.now)) and hours.until:
            until = moment(hours.until, call.zone, call.locale)
            said.append(self._words.say("quiet.hours_go_on", call.locale, until=until))
        return Update(Message(Markup(" ".join(said))))


def _until(end: End, group: Group, now: datetime) -> datetime:
    """Return the instant that is meant: a time alone is the next one, a date alone its beginning."""
    zone = ZoneInfo(group.zone)
    today = now.astimezone(zone).date()
    if end.on is None:
        wanted = end.at or time(0)
        coming = (instant(today + days * _A_DAY, wanted, zone) for days in range(4))
        return next(at for at in coming if at and at > now)
    if end.on.year > today.year + MOST_YEARS:
        raise Mistake("until", "quiet.until_far", count=MOST_YEARS)
    until = reached(end.on, end.at or time(0), zone)
    if until <= now:
        raise Mistake("until", "quiet.until_past")
    return until


class Silences:
    """Tells a member that they are silenced. It is kept, and goes, with their settings. Implements `PersonalData`."""

    tables: Sequence[str] = ()

    def __init__(self, people: People) -> None:
        self._people = people

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return whether nothing public is said about the member."""
        return {"silenced": True} if (await self._people.settings(member)).silenced else {}

    async def erase(self, member: Member) -> None:
        """Remove nothing: the settings go as a whole."""


def build(tools: Tools) -> Feature:
    """Plug in `quiet`."""
    quiet = Quieting(tools)
    return Feature(
        name="quiet",
        personal_data=Silences(tools.people),
        commands=(
            command("quiet group", GroupFor, quiet.group, role=Role.LEADER),
            command("quiet member", Person, quiet.member, role=Role.LEADER),
            command("quiet end", Over, quiet.end, role=Role.LEADER),
        ),
    )
