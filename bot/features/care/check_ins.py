"""`care check-in`: how a leader is, at their own rhythm, for their eyes only. An offer may follow, no diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_date

from bot.community.glance import Next
from bot.community.groups import Group
from bot.community.leaders import Leader, Look
from bot.community.tact import may_write
from bot.core.commands import Call, Open
from bot.core.faults import where
from bot.core.feature import Later, Sending, Withdraw
from bot.core.forms import Form, Mark
from bot.core.port import Button, Emphasis, Kind, Member, Message, Reply, Response, Update
from bot.core.text import Markup, babel_locale, plain
from bot.features.care.desk import Desk
from bot.features.care.rules import HIGHEST, LOWEST, MOST_SHOWN, drifts, next_check
from bot.features.care.store import CheckIn, CheckInStore

log = structlog.get_logger(__name__)

CHECK_IN: Final = "check-in"
LASTS: Final = timedelta(hours=12)
AFTER_A_FAULT: Final = timedelta(hours=1)
Every: TypeAlias = Literal["week", "two-weeks", "month", "never"]
WEEKS: Final[Mapping[Every, int]] = {"week": 1, "two-weeks": 2, "month": 4, "never": 0}


class Rhythm(Form):
    """How often somebody wants to be asked."""

    every: Annotated[Every, Mark(Kind.CHOICE)] | None = None


class Answered(Form):
    """Which of the five answers."""

    score: Annotated[int, Mark(Kind.NUMBER, hidden=True, lowest=LOWEST, highest=HIGHEST)]


class Nothing(Form):
    """No input."""


class CheckIns:
    """Handlers of `care check-in`, the job that asks, and its words."""

    def __init__(self, desk: Desk, store: CheckInStore) -> None:
        self._desk = desk
        self._tools = desk.tools
        self._words = desk.words
        self._store = store

    # ------------------------------------------------------------ what people do

    async def check_in(self, form: Rhythm, call: Call) -> Response:
        """Ask how the leader is; or keep how often they want to be asked."""
        leader = await self._desk.leader(call)
        if form.every is None:
            return Reply(self._question(call.locale))
        weeks = WEEKS[form.every]
        await self._tools.leaders.choose(leader.id, call.now, rhythm=weeks)
        await self._look(leader, weeks, call.now, ZoneInfo(call.zone))
        return Update(Message(self._words.say(f"care.rhythm_{weeks}", call.locale)))

    async def rhythm(self, form: Nothing, call: Call) -> Open:
        """Ask how often."""
        del form
        leader = await self._desk.leader(call)
        every = next((name for name, weeks in WEEKS.items() if weeks == leader.own.rhythm), "")
        return Open("care check-in", {"every": every} if every else {})

    async def answer(self, form: Answered, call: Call) -> Response:
        """Keep an answer as that of today, also where the question is an old one, and show the line."""
        leader = await self._desk.leader(call)
        async with self._tools.database.write() as unit:
            await self._store.add(unit, leader.id, CheckIn(call.now, form.score), ZoneInfo(call.zone))
        answers = await self._store.of(leader.id)
        thanks, line = self._words.say("care.thanks", call.locale), await self.line(leader, call)
        if not drifts([each.score for each in answers]):
            return Update(Message(Markup(f"{thanks}\n\n{line}")))
        hardest = form.score == HIGHEST
        offer = self._words.say("care.offer_support" if hardest else "care.offer", call.locale)
        parts = [offer, thanks, line] if hardest else [thanks, line, offer]  # people come before numbers
        return Update(Message(Markup("\n\n".join(parts)), buttons=self._offers(call.locale, hardest=hardest)))

    # ------------------------------------------------------------ what they see

    async def line(self, leader: Leader, call: Call) -> Markup:
        """Return a leader's newest answers in one line, the newest last."""
        answers = (await self._store.of(leader.id))[-MOST_SHOWN:]
        if not answers:
            return self._words.say("care.line_empty", call.locale)
        zone, locale = ZoneInfo(call.zone), babel_locale(call.locale)
        days = [(format_date(each.at.astimezone(zone).date(), "d MMM", locale), each.score) for each in answers]
        said = Markup(" · ".join(plain(f"{day}: {score}") for day, score in days))
        return self._words.say("care.line", call.locale, answers=said)

    def _question(self, locale: str) -> Message:
        answers = [
            f"{score}. {self._words.say(f'care.answer_{score}', locale)}" for score in range(LOWEST, HIGHEST + 1)
        ]
        question = [self._words.say("care.question", locale), "\n".join(answers), self._words.say("care.about", locale)]
        buttons = tuple(
            Button(self._words.label("care.number", locale, number=score), "care answer", {"score": str(score)})
            for score in range(LOWEST, HIGHEST + 1)
        )
        never = Button(self._words.label("care.never", locale), "care check-in", {"every": "never"})
        title = self._words.label("care.check_in_title", locale)
        source = self._words.say("care.source", locale)
        return Message(Markup("\n\n".join(question)), title, source, (*buttons, never))

    def _offers(self, locale: str, *, hardest: bool) -> tuple[Button, ...]:
        support = Button(self._words.label("care.support_button", locale), "support", {}, Emphasis.PRIMARY)
        ways = (
            Button(self._words.label("care.rest_button", locale), "break now", {"rest": "yes"}),
            Button(self._words.label("care.buddy_button", locale), "care buddy"),
            Button(self._words.label("care.talk_button", locale), "care debrief"),
        )
        return (support, *ways) if hardest else ways

    # ------------------------------------------------------------ asking

    async def due(self, now: datetime) -> datetime | None:
        """Return when the next leader is to be asked."""
        del now
        return await self._tools.glance.next(Next.CHECK)

    async def ask(self, now: datetime) -> datetime | None:
        """Have every leader asked whose time it is; return when the next one is."""
        for leader in await self._tools.leaders.due(Look.CHECK, now):
            try:
                await self._ask(leader, now)
            except Exception as error:  # noqa: BLE001  one bad row is pushed on, and the others are asked
                log.error("check-in put off", error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may name a leader
                async with self._tools.database.write() as unit:
                    await self._tools.leaders.look(unit, leader.id, Look.CHECK, now + AFTER_A_FAULT)
        return await self._tools.glance.next(Next.CHECK)

    async def _ask(self, due: Leader, now: datetime) -> None:
        zone, leaders = await self._desk.zone(due), self._tools.leaders
        async with self._tools.database.write() as unit:
            row = await leaders.lock(unit, due.id)
            if row is None or row.check_at is None or row.check_at > now:  # another process was quicker
                return
            leader = leaders.read(row)
            if not leader.own.rhythm or not leader.direct:
                await leaders.look(unit, leader.id, Look.CHECK, None)
                return
            later = next_check(now, leader.own.rhythm, zone)
            at = later if await self._store.answered_on(leader.id, now, zone) else may_write(leader, now, zone)
            if at != now:
                await leaders.look(unit, leader.id, Look.CHECK, at or later)
                return
            day = now.astimezone(zone).date().isoformat()
            await self._desk.put(unit, (CHECK_IN, str(leader.id), day), leader.id, leader, now, lasts=LASTS)
            await leaders.wrote(unit, leader.id, now)
            await leaders.look(unit, leader.id, Look.CHECK, later)

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Write the question, unless they have answered today already or want no more of them."""
        leader = await self._desk.other(sending.subject, sending.to)
        if leader is None:
            return Withdraw("gone")
        if not leader.own.rhythm:
            return Withdraw("off")
        if await self._store.answered_on(leader.id, sending.now, await self._desk.zone(leader)):
            return Withdraw("answered")
        until = await self._desk.unwelcome_until(leader, sending.now)
        return Later(until) if until else self._question(sending.locale)

    async def moved(self, member: Member) -> None:
        """Keep the hour of the next question on a leader's clock, which may be another one now."""
        leader = await self._tools.leaders.find(member)
        if leader is None or leader.check_at is None or leader.check_at <= self._tools.clock.now():
            return
        zone = await self._desk.zone(leader)
        async with self._tools.database.write() as unit:
            at = next_check(leader.check_at, 0, zone)
            await self._tools.leaders.look(unit, leader.id, Look.CHECK, at)

    async def regrouped(self, group: Group) -> None:
        """Keep the hour for everybody who may go by a group's clock."""
        for leader in await self._tools.leaders.all(group.channel.community):
            await self.moved(leader.member)

    async def _look(self, leader: Leader, weeks: int, now: datetime, zone: ZoneInfo) -> None:
        async with self._tools.database.write() as unit:
            at = next_check(now, weeks, zone) if weeks else None
            await self._tools.leaders.look(unit, leader.id, Look.CHECK, at)
        await self._tools.outbox.nudge()
