"""`leader`: who leads the groups. Leaders are invited, and lead only once they accept."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from bot.community.glance import Next
from bot.community.leaders import KEPT, Leader
from bot.community.quiet import reached
from bot.community.records import LeaderRecords
from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal, command
from bot.core.feature import Feature, HomePart, Job, Sending, Withdraw
from bot.core.forms import Form, Mark, RowId, Who
from bot.core.port import (
    Button,
    Emphasis,
    Event,
    Kind,
    Member,
    MemberGone,
    Message,
    Reason,
    Reply,
    Response,
    Role,
    Shown,
    Update,
)
from bot.core.text import Markup, mention
from bot.delivery.letters import Letter

FEATURE: Final = "leaders"
INVITATION: Final = "invitation"
INVITATION_LASTS: Final = timedelta(days=7)
HELLO: Final = "hello"
HELLO_LASTS: Final = timedelta(days=1)
FIRST_ASKED: Final = timedelta(days=7)
"""So long after somebody accepted they are first asked how they are, at `ASKED_AT` on their clock."""
ASKED_AT: Final = time(10)
CLOSED: Final = frozenset({Reason.CLOSED, Reason.FORBIDDEN})


class Person(Form):
    """Whom it is about."""

    who: Who


class Nothing(Form):
    """No input."""


class Sure(Form):
    """What the second press says."""

    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Invited(Form):
    """An invitation, by its row."""

    invitation: RowId


class LeaderCommands:
    """Handlers of `leader`, and of the invitation's buttons."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def add(self, form: Person, call: Call) -> Response:
        """Invite somebody, with one private note that also asks leave for direct messages."""
        platform = self._tools.platforms[form.who.community.platform]
        if await platform.look_up(form.who) is None:
            raise Mistake("who", "leaders.unknown")
        new = await self._tools.leaders.invite(form.who)
        leader = await self._tools.leaders.find(form.who)
        if leader is None:
            raise Refusal("core.failed")
        if not leader.accepted:  # also when they are invited already: the note has a name, and goes out once
            name = (INVITATION, *_name(leader))
            letter = Letter(name, FEATURE, INVITATION, leader.id, form.who, call.now, call.now + INVITATION_LASTS)
            async with self._tools.database.write() as unit:
                await self._tools.outbox.put(unit, letter)
        key = "leaders.invited" if new else "leaders.already"
        return Reply(Message(self._words.say(key, call.locale, who=mention(form.who))))

    async def remove(self, form: Person, call: Call) -> Response:
        """End somebody's leadership, quietly."""
        gone = await self._tools.leaders.remove(form.who, call.now)
        key = "leaders.removed" if gone else "leaders.not_one"
        return Reply(Message(self._words.say(key, call.locale, who=mention(form.who))))

    async def list(self, form: Nothing, call: Call) -> Response:
        """List the leaders and those invited."""
        del form
        found = await self._tools.leaders.all(call.member.community)
        if not found:
            return Reply(Message(self._words.say("leaders.none", call.locale)))
        keys = {True: "leaders.line", False: "leaders.line_invited"}
        lines = [self._words.say(keys[each.accepted], call.locale, who=mention(each.member)) for each in found]
        return Reply(
            Message(Markup("\n".join(f"- {line}" for line in lines)), self._words.label("leaders.title", call.locale))
        )

    async def accept(self, form: Invited, call: Call) -> Response:
        """Make the invited person a leader, and try whether they can be written to. Nobody else's press has effect."""
        leader = await self._tools.leaders.get(form.invitation)
        if leader is None or leader.member != call.member or not await self._tools.directory.is_here(call.member):
            raise Refusal("leaders.invitation_gone")
        if not leader.accepted:
            await self._tools.leaders.accept(call.member, _first_asked(call), call.now)
        await self._tools.people.touch(call.member)
        await self._greet(leader, call.now)
        when = (
            Button(self._words.label("leaders.step_hours", call.locale), "duty plan", {}, Emphasis.PRIMARY),
            Button(self._words.label("leaders.step_breaks", call.locale), "break plan"),
            Button(self._words.label("leaders.step_varies", call.locale), "invitation varies"),
        )
        return Update(Message(self._words.say("leaders.welcome", call.locale), buttons=when))

    async def varies(self, form: Nothing, call: Call) -> Response:
        """Tell somebody without regular hours how duty begins for them."""
        del form
        leader = await self._tools.leaders.find(call.member)
        if leader is None or not leader.accepted:
            raise Refusal("leaders.invitation_gone")
        first_steps = (
            Button(self._words.label("leaders.step_duty", call.locale), "duty on"),
            Button(self._words.label("leaders.step_schedule", call.locale), "schedule add"),
        )
        return Update(Message(self._words.say("leaders.varies", call.locale), buttons=first_steps))

    async def stop(self, form: Sure, call: Call) -> Response:
        """Let a leader end their own leadership, after asking once. Nobody is told."""
        leader = await self._tools.leaders.find(call.member)
        if leader is None or not leader.accepted:
            raise Refusal("leaders.invitation_gone")
        if not form.sure:
            yes = Button(self._words.label("leaders.stop_yes", call.locale), "invitation stop", {"sure": "yes"})
            return Reply(Message(self._words.say("leaders.stop_sure", call.locale), buttons=(yes,)))
        await self._tools.leaders.remove(call.member, call.now)
        return Update(Message(self._words.say("leaders.stopped", call.locale)))

    async def observe(self, event: Event) -> None:
        """End the leadership of whoever has left the community."""
        if isinstance(event, MemberGone):
            await self._tools.leaders.remove(event.member, self._tools.clock.now())

    async def due(self, now: datetime) -> datetime | None:
        """Return when the next one is to be forgotten who leads no more."""
        del now
        first = await self._tools.glance.next(Next.GONE)
        return first + KEPT if first else None

    async def forget(self, now: datetime) -> datetime | None:
        """Forget those who have not led for a while."""
        await self._tools.leaders.forget(now)
        return await self.due(now)

    async def _greet(self, leader: Leader, now: datetime) -> None:
        """Send the first private message, once: so that it is known early whether they arrive."""
        letter = Letter((HELLO, *_name(leader)), FEATURE, HELLO, leader.id, leader.member, now, now + HELLO_LASTS)
        async with self._tools.database.write() as unit:
            await self._tools.outbox.put(unit, letter)

    async def decline(self, form: Invited, call: Call) -> Response:
        """Leave the invitation open, and say so."""
        leader = await self._tools.leaders.get(form.invitation)
        if leader is None or leader.member != call.member or leader.accepted:
            raise Refusal("leaders.invitation_gone")
        return Update(Message(self._words.say("leaders.declined", call.locale)))

    async def compose(self, sending: Sending) -> Message | Withdraw:
        """Write the invitation, unless it is settled meanwhile, or the first message to somebody who accepted it."""
        leader = await self._tools.leaders.get(sending.subject)
        if leader is None or leader.member != sending.to or leader.accepted != (sending.kind == HELLO):
            return Withdraw("settled")
        if sending.kind == HELLO:
            title = self._words.label("leaders.hello_title", sending.locale)
            return Message(self._words.say("leaders.hello", sending.locale), title)
        return self._invitation(leader.id, sending.locale)

    async def unheard(self, sending: Sending, reason: Reason) -> None:
        """Tell a new leader, the next time they use the bot, how to open their direct messages."""
        if sending.kind == HELLO and reason in CLOSED and isinstance(sending.to, Member):
            await self._tools.directory.leave_note(sending.to, "leaders.note_closed")

    async def home(self, call: Call) -> HomePart | None:
        """Show an invitation that waits, for those whose direct messages are closed."""
        leader = await self._tools.leaders.find(call.member)
        if leader is None or leader.accepted:
            return None
        return HomePart(0, self._invitation(leader.id, call.locale))

    def _invitation(self, leader: int, locale: str) -> Message:
        arguments = {"invitation": str(leader)}
        buttons = (
            Button(self._words.label("leaders.accept", locale), "invitation accept", arguments, Emphasis.PRIMARY),
            Button(self._words.label("leaders.not_now", locale), "invitation decline", arguments),
        )
        title = self._words.label("leaders.invitation_title", locale)
        return Message(self._words.say("leaders.invitation", locale), title, buttons=buttons)


def _name(leader: Leader) -> tuple[str, ...]:
    """Return what names somebody's time as a leader: another one has letters of its own."""
    return (str(leader.id), str(leader.again)) if leader.again else (str(leader.id),)


def _first_asked(call: Call) -> datetime:
    return reached(call.today + FIRST_ASKED, ASKED_AT, ZoneInfo(call.zone))


def build(tools: Tools) -> Feature:
    """Plug in `leader`."""
    leaders = LeaderCommands(tools)
    return Feature(
        name=FEATURE,
        personal_data=LeaderRecords(tools.database, tools.leaders),
        commands=(
            command("leader add", Person, leaders.add, role=Role.ORGANISER),
            command("leader remove", Person, leaders.remove, role=Role.ORGANISER),
            command("leader list", Nothing, leaders.list, role=Role.ORGANISER),
            command("invitation accept", Invited, leaders.accept, shown=Shown.HIDDEN),
            command("invitation decline", Invited, leaders.decline, shown=Shown.HIDDEN),
            command("invitation varies", Nothing, leaders.varies, shown=Shown.HIDDEN),
            command("invitation stop", Sure, leaders.stop, shown=Shown.HIDDEN),
        ),
        jobs=(Job("forget", leaders.forget, leaders.due),),
        observe=leaders.observe,
        compose=leaders.compose,
        unheard=leaders.unheard,
        home=leaders.home,
    )
