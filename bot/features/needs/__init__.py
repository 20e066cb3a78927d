"""*Say what I need*: a note beside a message of one's own, so that others know whether to listen or to offer ideas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from bot.community.tools import Tools
from bot.core.commands import Call, Refusal, command
from bot.core.feature import Feature, Job, Quiet, Sending, Withdraw
from bot.core.forms import Form, Mark, RowId
from bot.core.port import (
    Button,
    Emphasis,
    Kind,
    Message,
    Pointed,
    Posted,
    Reason,
    Reply,
    ReplyTo,
    Response,
    Shown,
    Update,
)
from bot.core.text import Markup, channel_link, moment
from bot.features.needs.notes import Need, Note, channel_of
from bot.features.needs.store import AWAY, FEATURE, POST, STILL_WANTED, NeedStore


class Chosen(Form):
    """The message whose menu was used: guards look at its words, and nothing else does. A picture has none."""

    message: Annotated[str, Mark(Kind.MESSAGE)] = ""


class Which(Form):
    """A note by its row."""

    note: RowId


class Needs:
    """Handlers of *Say what I need*. Each note is its owner's alone."""

    def __init__(self, tools: Tools, store: NeedStore) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store

    # ------------------------------------------------------------ what people do

    async def choose(self, form: Chosen, call: Call) -> Reply:
        """Offer the two notes for a message of one's own, or show the one that stands there."""
        del form
        if call.about is None:
            raise Refusal("needs.no_message")
        if call.about.author != call.member:
            raise Refusal("needs.only_own")
        await self._insist_on_group(call.about)
        note = await self._store.begin(call.member, call.about, call.now)
        if note is None:
            raise Refusal("needs.too_many")
        if note.leaving:
            raise Refusal("needs.leaving")
        return Reply(await self._shown(note, call))

    async def ready(self, arguments: Mapping[str, str], call: Call) -> None:
        """Ask for nothing in a form: which message it is can only be chosen."""
        del arguments, call
        raise Refusal("needs.no_message")

    async def listen(self, form: Which, call: Call) -> Response:
        """Say that listening is all that is needed."""
        return await self._want(form, Need.LISTEN, call)

    async def ideas(self, form: Which, call: Call) -> Response:
        """Say that ideas are welcome."""
        return await self._want(form, Need.IDEAS, call)

    async def take_away(self, form: Which, call: Call) -> Response:
        """Take the note down."""
        note = await self._own(form, call)
        await self._store.take_away(note.id, call.now)
        return Update(Message(self._words.say("needs.taken_away", call.locale)))

    async def _insist_on_group(self, about: Pointed) -> None:
        channel = channel_of(about.beside)
        if channel is None or await self._tools.groups.at(channel) is None:
            raise Refusal("needs.only_in_groups")

    async def _want(self, form: Which, need: Need, call: Call) -> Response:
        note = await self._own(form, call)
        if note.leaving:
            raise Refusal("needs.leaving")
        if note.channel is None or await self._tools.groups.at(note.channel) is None:
            raise Refusal("needs.only_in_groups")
        if note.need is None and await self._quiet(note, call):
            return Update(await self._shown(note, call))
        await self._tools.people.touch(call.member)
        wanted = await self._store.want(note.id, need, call.now)
        if wanted is None:
            raise Refusal("needs.gone")
        return Update(await self._shown(wanted, call))

    async def _own(self, form: Which, call: Call) -> Note:
        note = await self._store.get(form.note)
        if note is None or note.member != call.member:
            raise Refusal("needs.gone")
        return note

    async def _quiet(self, note: Note, call: Call) -> Quiet | None:
        return await self._tools.directory.quiet(note.channel, call.now) if note.channel else None

    # ------------------------------------------------------------ what they see

    async def _shown(self, note: Note, call: Call) -> Message:
        """Return what the owner sees of a note: the choice, or what it says and how to change it."""
        no_name = self._words.say("needs.no_name", call.locale)
        if note.need:
            said = self._said(note, note.need, await self._language(note))
            body = Markup(f"{self._words.say('needs.stands', call.locale)}\n\n> {said}")
            return Message(body, footer=no_name, buttons=self._changes(note, call.locale))
        title = self._words.label("needs.title", call.locale)
        listen = Button(self._words.label("needs.listen", call.locale), "need listen", {"note": str(note.id)})
        ideas = Button(self._words.label("needs.ideas", call.locale), "need ideas", {"note": str(note.id)})
        if quiet := await self._quiet(note, call):
            return Message(self._not_now(note, quiet, call), title, buttons=(listen, ideas))
        return Message(await self._offer(note, call), title, no_name, (listen, ideas))

    def _changes(self, note: Note, locale: str) -> tuple[Button, Button]:
        given = {"note": str(note.id)}
        if note.need is Need.LISTEN:
            other = Button(self._words.label("needs.instead_ideas", locale), "need ideas", given)
        else:
            other = Button(self._words.label("needs.instead_listen", locale), "need listen", given)
        return other, Button(self._words.label("needs.away", locale), "need away", given, Emphasis.DANGER)

    async def _offer(self, note: Note, call: Call) -> Markup:
        language = await self._language(note)
        where = "reply" if isinstance(note.to, ReplyTo) else "under" if note.is_attached else "thread"
        channel = channel_link(note.channel) if note.channel else ""
        said = [self._words.say(f"needs.offer_{where}", call.locale, channel=channel)]
        said += [f"> {self._said(note, need, language)}" for need in Need]
        return Markup("\n\n".join(said))

    def _not_now(self, note: Note, quiet: Quiet, call: Call) -> Markup:
        channel = channel_link(note.channel) if note.channel else ""
        if quiet.until is None:
            return self._words.say("needs.quiet", call.locale, channel=channel)
        until = moment(quiet.until, call.zone, call.locale)
        return self._words.say("needs.quiet_until", call.locale, channel=channel, until=until)

    def _said(self, note: Note, need: Need, language: str) -> Markup:
        """Return what a note says. Where it cannot show which message it is about, it speaks of the thread."""
        place = "" if note.is_attached else "_thread"
        return self._words.say(f"needs.note_{need}{place}", language)

    async def _language(self, note: Note) -> str:
        """Return the language of the group, in which the note is written."""
        return (await self._tools.directory.group_reader(note.channel)).locale if note.channel else ""

    # ------------------------------------------------------------ deliveries

    async def compose(self, sending: Sending) -> Message | Withdraw:
        """Write what the note says by now, unless it was taken away, or nothing public may be said about its owner."""
        note = await self._store.get(sending.subject)
        if note is None or note.need is None or note.leaving:
            return Withdraw("gone")
        if note.channel is None or await self._tools.groups.at(note.channel) is None:
            return Withdraw("moved")
        if await self._tools.directory.is_silenced(note.member):
            return Withdraw("silenced")
        if sending.kind == POST and sending.now - note.at > STILL_WANTED:
            # Forgotten, so that its owner may choose again.
            await self._tools.directory.leave_note(note.member, "needs.note_late")
            await self._store.drop(note.id)
            return Withdraw("late")
        # What this delivery was asked to bring, so that we know what stands when the next one is refused.
        return Message(self._said(note, note.since(sending.due_at)[0].need, sending.locale))

    async def sent(self, sending: Sending, posted: Posted) -> None:
        """Remember that the note is there."""
        del posted
        await self._store.stood(sending.subject, sending.due_at)

    async def failed(self, sending: Sending, reason: Reason) -> None:
        """Tell the owner alone, the next time they use the bot, that their note is not there."""
        note = await self._store.get(sending.subject)
        if note is None:
            return
        if reason is Reason.NO_ANSWER:
            await self._tools.directory.leave_note(note.member, "needs.note_unsure")
            await self._store.doubt(note.id)
            return
        key = "needs.note_nowhere" if reason is Reason.GONE else "needs.note_refused"
        await self._tools.directory.leave_note(note.member, key)
        await self._store.drop(note.id)

    async def followed(self, sending: Sending, reason: Reason | None) -> None:
        """Remember what stands, and tell the owner alone what could not be changed or taken away."""
        note = await self._store.get(sending.subject)
        if note is None:
            return
        tell = await (self._left if sending.kind == AWAY else self._changed)(note, sending, reason)
        if tell:
            await self._tools.directory.leave_note(note.member, tell)

    async def _left(self, note: Note, sending: Sending, reason: Reason | None) -> str:
        del sending
        if reason is None or reason is Reason.GONE:
            await self._store.drop(note.id)
            return "needs.note_look" if reason and note.unsure else ""
        await self._store.kept(note.id)
        return "needs.note_kept"

    async def _changed(self, note: Note, sending: Sending, reason: Reason | None) -> str:
        if reason is None:
            await self._store.stood(note.id, sending.due_at)
            return ""
        if reason is Reason.GONE:
            if not note.stands or note.leaving:  # never sent, which is told elsewhere, or going anyway
                return ""
            await self._store.drop(note.id)
            return "needs.note_gone"
        return "needs.note_unchanged" if await self._store.unchanged(note.id, sending.due_at) else ""

    async def due(self, now: datetime) -> datetime | None:
        """Return when the next note is to be forgotten."""
        del now
        return await self._store.next_old()

    async def forget(self, now: datetime) -> datetime | None:
        """Forget notes whose time has passed."""
        return await self._store.forget_old(now)


def build(tools: Tools) -> Feature:
    """Plug in *Say what I need*."""
    store = NeedStore(tools.database, tools.sealing, tools.outbox, tools.clock)
    needs = Needs(tools, store)
    return Feature(
        name=FEATURE,
        personal_data=store,
        commands=(
            command("menu need", Chosen, needs.choose, shown=Shown.MENU, ready=needs.ready),
            command("need listen", Which, needs.listen, shown=Shown.HIDDEN),
            command("need ideas", Which, needs.ideas, shown=Shown.HIDDEN),
            command("need away", Which, needs.take_away, shown=Shown.HIDDEN),
        ),
        jobs=(Job("forget", needs.forget, needs.due),),
        compose=needs.compose,
        sent=needs.sent,
        failed=needs.failed,
        followed=needs.followed,
    )
