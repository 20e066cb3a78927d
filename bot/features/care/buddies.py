"""`care buddy`: two leaders who look after each other, once both said yes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final

from bot.community.leaders import Leader
from bot.core.commands import Answer, Call, Confirm, Mistake, Open, Refusal
from bot.core.feature import Later, Sending, Withdraw
from bot.core.forms import Form, Mark, RowId, Who
from bot.core.port import Button, Emphasis, Kind, Message, Reply, Response, Update
from bot.core.text import mention
from bot.delivery.outbox import Fate
from bot.features.care.desk import FEATURE, Desk
from bot.features.care.pairs import Pair, Pairs
from bot.features.care.rules import slots
from bot.storage.database import Unit

ASK: Final = "buddy"
AGREED: Final = "agreed"
DECLINED: Final = "declined"
WORD: Final = "word"
WORD_BACK: Final = "word-back"
"""A word that the one would like who was asked to be a buddy: what waits for either is found by its kind."""
ASK_LASTS: Final = timedelta(days=7)
WORD_LASTS: Final = timedelta(days=1)


class Buddy(Form):
    """Whom to ask, and what the second press says."""

    who: Who | None = None
    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Which(Form):
    """Two leaders, by the row of them."""

    buddy: RowId


class Part(Which):
    """Which two, and what the second press says."""

    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Nothing(Form):
    """No input."""


class Buddies:
    """Handlers of `care buddy` and of its buttons, and what the other one is told."""

    def __init__(self, desk: Desk, pairs: Pairs) -> None:
        self._desk = desk
        self._tools = desk.tools
        self._words = desk.words
        self._pairs = pairs

    # ------------------------------------------------------------ finding one

    async def buddy(self, form: Buddy, call: Call) -> Answer:
        """Ask another leader to be the leader's buddy, after asking once; without one, show how things stand."""
        leader = await self._desk.leader(call)
        mine = await self.of(leader)
        if form.who is None or any(pair.agreed or pair.leader == leader.id for pair in mine):
            return Reply(await self._page(leader, call))
        if form.who == call.member:
            raise Mistake("who", "care.buddy_yourself")
        found = await self._tools.leaders.find(form.who)
        other = await self._desk.other(found.id) if found else None
        if other is None:
            raise Mistake("who", "care.buddy_no_leader")
        if any(pair.agreed for pair in await self.of(other)):
            raise Refusal("care.buddy_taken", who=mention(other.member))
        if not form.sure:
            said = self._words.say("care.buddy_sure", call.locale, who=mention(other.member))
            return Confirm(Message(said), self._words.label("care.buddy_ask", call.locale), {"sure": "yes"})
        await self._ask(leader, other, call)
        return Reply(await self._page(leader, call))

    async def find(self, form: Nothing, call: Call) -> Open:
        """Ask who it is to be."""
        del form
        await self._desk.leader(call)
        return Open("care buddy", {})

    async def agree(self, form: Which, call: Call) -> Response:
        """Say yes to whoever asked."""
        leader = await self._desk.leader(call)
        pair = await self._mine(form, leader)
        if pair.agreed:
            return Update(await self._page(leader, call))
        async with self._tools.database.write() as unit:
            await self._pairs.lock(unit, pair.leader, pair.other)
            if pair.other != leader.id or await self._pairs.get(unit, pair.id) != pair:
                raise Refusal("care.buddy_over")
            await self._settle(unit, pair, call)
        return Update(await self._page(leader, call))

    async def decline(self, form: Which, call: Call) -> Response:
        """Say *Not now* to whoever asked."""
        leader = await self._desk.leader(call)
        pair = await self._mine(form, leader)
        if pair.agreed or pair.other != leader.id:
            raise Refusal("care.buddy_over")
        async with self._tools.database.write() as unit:
            await self._pairs.drop(unit, [pair])
            await self._tell_declined(unit, pair, call)
        return Update(Message(self._words.say("care.buddy_declined", call.locale)))

    async def _ask(self, leader: Leader, other: Leader, call: Call) -> None:
        """Ask the other; or agree, if they have asked the same meanwhile."""
        async with self._tools.database.write() as unit:
            await self._pairs.lock(unit, leader.id, other.id)
            mine, theirs = await self._pairs.of(unit, leader.id), await self._pairs.of(unit, other.id)
            if any(pair.agreed for pair in (*mine, *theirs)):
                raise Refusal("care.buddy_over")
            if back := next((pair for pair in mine if pair.leader == other.id), None):
                await self._settle(unit, back, call)
            elif not any(pair.leader == leader.id for pair in mine):
                pair = await self._pairs.add(unit, leader.id, other.id, call.now)
                await self._desk.put(unit, (ASK, str(pair.id)), pair.id, other, call.now, lasts=ASK_LASTS)

    async def _settle(self, unit: Unit, pair: Pair, call: Call) -> None:
        """Make two leaders buddies, and have those told who had asked: the one of the two, and others in vain."""
        over = await self._pairs.agree(unit, pair)
        if asker := await self._desk.other(pair.leader):
            await self._desk.put(unit, (AGREED, str(pair.id)), pair.id, asker, call.now, lasts=ASK_LASTS)
        for each in over:
            if each.leader not in {pair.leader, pair.other}:
                await self._tell_declined(unit, each, call)

    async def _tell_declined(self, unit: Unit, pair: Pair, call: Call) -> None:
        if asker := await self._desk.other(pair.leader):
            await self._desk.put(unit, (DECLINED, str(pair.id)), asker.id, asker, call.now, lasts=ASK_LASTS)

    # ------------------------------------------------------------ having one

    async def word(self, form: Which, call: Call) -> Response:
        """Have the buddy told that a word would be welcome: once an hour at most, and when they are back."""
        leader = await self._desk.leader(call)
        pair = await self._mine(form, leader)
        other = await self._desk.other(pair.beside(leader.id))
        if not pair.agreed or other is None:
            raise Refusal("care.buddy_over")
        kind = WORD if leader.id == pair.leader else WORD_BACK
        names = [(kind, str(pair.id), slot) for slot in slots(call.now)]
        async with self._tools.database.write() as unit:
            await self._pairs.lock(unit, pair.leader, pair.other)
            lately = await self._tools.outbox.fate(unit, FEATURE, names) is not Fate.LOST
            if not lately:
                await self._tools.outbox.withdraw(unit, FEATURE, pair.id, [kind])
                await self._desk.put(unit, names[0], pair.id, other, call.now, lasts=WORD_LASTS)
        waits = await self._desk.alone_until(other, call.now)
        key = "care.word_waits" if waits else "care.word_lately" if lately else "care.word_sent"
        talk = Button(self._words.label("care.talk_button", call.locale), "care debrief")
        return Reply(Message(self._words.say(key, call.locale), buttons=(talk,)))

    async def part(self, form: Part, call: Call) -> Response:
        """End it, after asking once; or take back what nobody has answered. The other reads it when they come next."""
        leader = await self._desk.leader(call)
        pair = await self._mine(form, leader)
        if not pair.agreed and pair.leader != leader.id:
            raise Refusal("care.buddy_over")
        if pair.agreed and not form.sure:
            yes = Button(
                self._words.label("care.part_yes", call.locale),
                "care part",
                {"buddy": str(pair.id), "sure": "yes"},
                Emphasis.DANGER,
            )
            keep = Button(self._words.label("care.part_no", call.locale), "care buddy")
            return Reply(Message(self._words.say("care.part_sure", call.locale), buttons=(yes, keep)))
        async with self._tools.database.write() as unit:
            await self._pairs.lock(unit, pair.leader, pair.other)
            if await self._pairs.get(unit, pair.id) != pair:
                raise Refusal("care.buddy_over")
            await self._pairs.drop(unit, [pair])
        other = await self._tools.leaders.get(pair.beside(leader.id))
        if pair.agreed and other:
            await self._tools.directory.leave_note(other.member, "care.note_parted")
        key = "care.parted" if pair.agreed else "care.taken_back"
        return Update(Message(self._words.say(key, call.locale)))

    async def of(self, leader: Leader) -> Sequence[Pair]:
        """Return everything that a leader is a part of, what they agreed to first."""
        async with self._tools.database.read() as unit:
            return await self._pairs.of(unit, leader.id)

    async def have(self, leader: Leader) -> Leader | None:
        """Return a leader's buddy."""
        pair = next((each for each in await self.of(leader) if each.agreed), None)
        return await self._desk.other(pair.beside(leader.id)) if pair else None

    async def _mine(self, form: Which, leader: Leader) -> Pair:
        async with self._tools.database.read() as unit:
            pair = await self._pairs.get(unit, form.buddy)
        if pair is None or leader.id not in {pair.leader, pair.other}:
            raise Refusal("care.buddy_over")
        return pair

    # ------------------------------------------------------------ what they see

    async def _page(self, leader: Leader, call: Call) -> Message:
        """Return how things stand: a buddy, a question of one's own, one of somebody else, or nothing yet."""
        title = self._words.label("care.buddy_title", call.locale)
        mine = await self.of(leader)
        for pair in sorted(mine, key=lambda each: each.leader != leader.id):
            other = await self._desk.other(pair.beside(leader.id))
            if other is None:
                continue
            which, who = {"buddy": str(pair.id)}, mention(other.member)
            if pair.agreed:
                word = self._words.label("care.word_button", call.locale)
                part = self._words.label("care.part_button", call.locale)
                buttons = (Button(word, "care word", which, Emphasis.PRIMARY), Button(part, "care part", which))
                return Message(self._words.say("care.buddy_have", call.locale, who=who), title, buttons=buttons)
            if pair.leader == leader.id:
                back = Button(self._words.label("care.take_back", call.locale), "care part", which)
                return Message(self._words.say("care.buddy_asked", call.locale, who=who), title, buttons=(back,))
            return self._asked(pair, other, call.locale)
        find = Button(self._words.label("care.buddy_find", call.locale), "care find")
        return Message(self._words.say("care.buddy_none", call.locale), title, buttons=(find,))

    def _asked(self, pair: Pair, asker: Leader, locale: str) -> Message:
        which = {"buddy": str(pair.id)}
        buttons = (
            Button(self._words.label("care.buddy_yes", locale), "care agree", which, Emphasis.PRIMARY),
            Button(self._words.label("care.not_now", locale), "care decline", which),
        )
        title = self._words.label("care.buddy_title", locale)
        return Message(self._words.say("care.buddy_wanted", locale, who=mention(asker.member)), title, buttons=buttons)

    # ------------------------------------------------------------ letters

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Write what is asked or told, unless it is over; a leader who is away reads it when they are back."""
        reader, message = await (self._declined if sending.kind == DECLINED else self._about)(sending)
        if reader is None or message is None:
            return Withdraw("over")
        until = await self._desk.alone_until(reader, sending.now)
        return Later(until) if until else message

    async def _declined(self, sending: Sending) -> tuple[Leader | None, Message | None]:
        """Return who asked, and that it is not to be now. Whom they asked, they know."""
        message = Message(self._words.say("care.buddy_not_now", sending.locale))
        return await self._desk.other(sending.subject, sending.to), message

    async def _about(self, sending: Sending) -> tuple[Leader | None, Message | None]:
        """Return who reads a letter about two leaders, and what it says while that is still so."""
        async with self._tools.database.read() as unit:
            pair = await self._pairs.get(unit, sending.subject)
        if pair is None or pair.agreed is (sending.kind == ASK):
            return None, None
        to = pair.leader if sending.kind in {AGREED, WORD_BACK} else pair.other
        reader, other = await self._desk.other(to, sending.to), await self._desk.other(pair.beside(to))
        if other is None:
            return None, None
        if sending.kind == ASK:
            return reader, self._asked(pair, other, sending.locale)
        if sending.kind != AGREED:
            return reader, Message(self._words.say("care.word", sending.locale))
        word = self._words.label("care.word_button", sending.locale)
        said = self._words.say("care.buddy_agreed", sending.locale, who=mention(other.member))
        return reader, Message(said, buttons=(Button(word, "care word", {"buddy": str(pair.id)}),))
