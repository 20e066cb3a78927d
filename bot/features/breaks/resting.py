"""A break: its length, a sentence to leave with, something to do meanwhile, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from bot.community.groups import Group
from bot.community.leaders import Leader
from bot.community.tools import Tools
from bot.core.commands import Call
from bot.core.content import Content, Fixed
from bot.core.feature import Sending, Withdraw
from bot.core.port import Address, Button, Channel, Emphasis, Member, Message, Reply, Response, Update
from bot.core.text import Markup, moment, plain
from bot.delivery.letters import Letter
from bot.features.breaks.forms import Nothing, Pause
from bot.features.breaks.own import FEATURE, Habits
from bot.features.breaks.rules import Happened, What, next_day
from bot.features.breaks.store import BreakStore
from bot.storage.database import Unit

END: Final = "end"
END_LASTS: Final = timedelta(minutes=3)
"""A break ends by itself. Whoever could not be told by then is not told late."""
MORNING_LASTS: Final = timedelta(hours=2)
LENGTHS: Final = (5, 20)
"""Other lengths, in minutes, that a break offers when it has begun."""
SKILLS: Final = ("self-compassion", "mindfulness", "boundaries")
"""What goes well with a break: skills of `practice`."""


class Leaving(BaseModel):
    """A kind sentence to leave a conversation with, ready to copy. `when`: what it is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    when: Fixed
    say: Fixed


class BreakContent(Content):
    """Words, and the sentences of `break words`."""

    leaving: tuple[Leaving, ...] = ()


def whole(at: datetime) -> datetime:
    """Return the whole second of an instant, for letters go out at whole seconds: none tells an end before it."""
    return at.replace(microsecond=0)


class Resting:
    """Handlers of breaks that are taken, and the words at their end."""

    def __init__(self, tools: Tools, store: BreakStore, habits: Habits) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        self._habits = habits

    # ------------------------------------------------------------ what leaders do

    async def now(self, form: Pause, call: Call) -> Response:
        """Begin a break, and offer a sentence to leave with. Begun again, the new end counts."""
        leader = await self._habits.who(call)
        zone = ZoneInfo(call.zone)
        alone = await self._is_alone(leader, call.now)
        if form.rest and alone and not form.sure and await self._may_ask(leader, call.now):
            return Reply(self._ask_first(call.locale))
        until = next_day(call.now, zone) if form.rest else whole(call.now) + timedelta(minutes=form.minutes)
        async with self._tools.database.write() as unit:
            await self._tools.leaders.lock(unit, leader.id)
            event = await self._store.add(unit, leader.id, Happened(What.TAKEN, call.now, until))
            left = await self._tools.roster.rest(unit, leader.id, call.now, until, over=form.rest)
            await self._tell_end(unit, leader, event, until, rest=form.rest, zone=zone)
        await self._tools.outbox.nudge()
        return Update(await self._begun(form, call, until, alone=alone, leaves=left is not None))

    async def _is_alone(self, leader: Leader, now: datetime) -> bool:
        """Return whether nobody else is on duty."""
        return not await self._tools.roster.others(leader.member.community, leader.id, now)

    async def _may_ask(self, leader: Leader, now: datetime) -> bool:
        """Return whether a leader leaves a duty for which others could be asked."""
        if await self._tools.roster.current(leader.id, now) is None:
            return False
        everybody = await self._tools.leaders.all(leader.member.community)
        return any(each.accepted and each.id != leader.id for each in everybody)

    def _ask_first(self, locale: str) -> Message:
        """Ask the last one on duty before they leave for the day; they may leave all the same."""
        label = self._words.label
        cover = Button(label("breaks.cover_button", locale), "duty cover", emphasis=Emphasis.PRIMARY)
        rest = Button(label("breaks.rest_button", locale), "break now", {"rest": "yes", "sure": "yes"})
        return Message(self._words.say("breaks.last_one", locale), buttons=(cover, rest))

    async def end(self, form: Nothing, call: Call) -> Response:
        """End a break before its time."""
        del form
        leader = await self._habits.who(call)
        async with self._tools.database.write() as unit:
            row = await self._tools.leaders.lock(unit, leader.id)
            if row is None or self._tools.leaders.read(row).away(call.now) is None:
                return Update(Message(self._words.say("breaks.was_none", call.locale)))
            await self._store.add(unit, leader.id, Happened(What.ENDED, call.now))
            duty = await self._tools.roster.back_in(unit, leader.id, call.now)
        await self._tools.outbox.nudge()
        if duty is None:
            return Update(Message(self._words.say("breaks.back_off_duty", call.locale)))
        until = moment(duty.until, call.zone, call.locale)
        back = self._words.say("breaks.back", call.locale, until=until)
        return Update(Message(back, buttons=(self._off(call.locale),)))

    async def meanwhile(self, form: Nothing, call: Call) -> Response:
        """Offer something to do in a break: three short exercises, each for oneself."""
        del form
        await self._habits.who(call)
        buttons = tuple(
            Button(self._words.label(f"breaks.do_{skill}", call.locale), "practice", {"skill": skill})
            for skill in SKILLS
        )
        return Reply(Message(self._words.say("breaks.meanwhile", call.locale), buttons=buttons))

    async def words(self, form: Nothing, call: Call) -> Response:
        """Show kind sentences to leave a conversation well, ready to copy."""
        del form
        await self._habits.who(call)
        found = self._tools.library.of(FEATURE, BreakContent, call.locale).leaving
        parts = [self._words.say("breaks.words", call.locale)]
        parts += [Markup(f"{plain(each.when)}\n\n> {plain(each.say)}") for each in found]
        title = self._words.label("breaks.words_title", call.locale)
        button = Button(self._words.label("breaks.now_button", call.locale), "break now", emphasis=Emphasis.PRIMARY)
        return Reply(Message(Markup("\n\n".join(parts)), title, buttons=(button,)))

    # ------------------------------------------------------------ words

    async def _begun(self, form: Pause, call: Call, until: datetime, *, alone: bool, leaves: bool) -> Message:
        say, locale = self._words.say, call.locale
        end = moment(until, call.zone, locale)
        if form.rest:
            free = say("breaks.taken_rest", locale)
        else:
            free = say("breaks.taken", locale, until=end, count=form.minutes)
        sentence = await self._sentence(call, until, rest=form.rest, alone=alone)
        parts = [free, say("breaks.before_you_go", locale), Markup(f"> {sentence}")]
        if alone and leaves:
            parts.append(say("breaks.nobody_else", locale))
        label = self._words.label
        lengths = [minutes for minutes in LENGTHS if form.rest or minutes != form.minutes]
        buttons = [
            Button(label("breaks.minutes_button", locale, number=minutes), "break now", {"minutes": str(minutes)})
            for minutes in lengths
        ]
        if not form.rest:
            buttons.append(Button(label("breaks.rest_button", locale), "break now", {"rest": "yes"}))
        if alone and leaves and not form.rest:
            buttons.append(Button(label("breaks.cover_button", locale), "duty cover"))
        buttons.append(Button(label("breaks.meanwhile_button", locale), "break practice"))
        buttons.append(Button(label("breaks.end_button", locale), "break end"))
        return Message(Markup("\n\n".join(parts)), buttons=tuple(buttons))

    async def _sentence(self, call: Call, until: datetime, *, rest: bool, alone: bool) -> Markup:
        """Return what the leader may say to the group, in its language and on its clock."""
        group = await self._group(call.place, call.member)
        locale = self._words.best(group.language) if group else call.locale
        zone = group.zone if group else call.zone
        clock = f"{until.astimezone(ZoneInfo(zone)):%H:%M}"
        shown = clock if zone == call.zone else f"{clock} ({zone})"
        if rest:
            return self._words.say("breaks.sentence_rest_alone" if alone else "breaks.sentence_rest_others", locale)
        return self._words.say("breaks.sentence_alone" if alone else "breaks.sentence_others", locale, clock=shown)

    async def _group(self, place: Address, member: Member) -> Group | None:
        """Return the group in which the leader is, else the first one."""
        channel = None if isinstance(place, Member) else place if isinstance(place, Channel) else place.channel
        here = await self._tools.groups.at(channel) if channel else None
        groups: Sequence[Group] = () if here else await self._tools.groups.all(member.community)
        return here or (groups[0] if groups else None)

    def _off(self, locale: str) -> Button:
        return Button(self._words.label("breaks.off_button", locale), "duty off")

    # ------------------------------------------------------------ the end

    async def _tell_end(
        self, unit: Unit, leader: Leader, event: int, until: datetime, *, rest: bool, zone: ZoneInfo
    ) -> None:
        """Have the end told to the leader alone: when it comes, or in the morning where that is midnight."""
        due, lasts = until, END_LASTS
        if rest:
            due, lasts = self._habits.morning(leader, until, zone), MORNING_LASTS
        letter = Letter((END, str(event)), FEATURE, END, event, leader.member, due, due + lasts)
        await self._tools.outbox.put(unit, letter)

    async def compose(self, sending: Sending) -> Message | Withdraw:
        """Write that a break is over, unless another has begun since, or it was ended by hand."""
        event = await self._store.event(sending.subject)
        leader = await self._tools.leaders.get(event.leader) if event else None
        if event is None or leader is None or leader.member != sending.to:
            return Withdraw("gone")
        history = await self._store.history(leader.id, sending.now)
        newest = [each for each in history if each.what in {What.TAKEN, What.ENDED}][-1:]
        if newest != [event.happened] or leader.away_until != event.happened.until or leader.away(sending.now):
            return Withdraw("another break")
        reader = await self._tools.directory.reader(leader.member)
        duty = await self._tools.roster.current(leader.id, sending.now)
        if duty and sending.due_at != event.happened.until:
            return Withdraw("on duty again")  # since the morning after a day's rest
        if duty is None:
            return Message(self._words.say("breaks.over_off_duty", sending.locale))
        until = moment(duty.until, reader.zone, sending.locale)
        label = self._words.label("breaks.more_button", sending.locale, number=LENGTHS[0])
        more = Button(label, "break now", {"minutes": str(LENGTHS[0])})
        over = self._words.say("breaks.over", sending.locale, until=until)
        return Message(over, buttons=(more, self._off(sending.locale)))
