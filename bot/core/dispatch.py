"""The one way in: find the command, authorise, guard, read, run, and turn every failure into an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from bot.core import commands
from bot.core.callers import Caller
from bot.core.commands import Call, Command, Confirm, Mistake, Open, Problem, Refusal
from bot.core.direct import GO_ON, SURE, UNGUARDED, about, ask_which, settle
from bot.core.faults import where
from bot.core.forms import Form, Reading, holds_country
from bot.core.guarding import Guards
from bot.core.port import (
    ADDRESSED,
    HELD,
    TEXT,
    TYPED,
    Actor,
    Ask,
    Button,
    Choice,
    Entry,
    Event,
    Invocation,
    Kind,
    Message,
    Reply,
    Response,
    Role,
    Shown,
    Update,
)
from bot.core.questions import Questions
from bot.core.suggestions import suggest_countries, suggest_several, suggest_zones
from bot.core.text import Line, LineError, Words, plain, read_line

if TYPE_CHECKING:
    from bot.core.feature import Directory, Feature
    from bot.core.held import Held
    from bot.core.port import Clock

log = structlog.get_logger(__name__)

HELP: Final = "help"
SUPPORT: Final = "support"
SUPPORT_CARD: Final = "emergency overdose"
"""A button that only the support card itself has."""
MOST_CHOICES: Final = 25
MOST_BUTTONS: Final = 10


class Dispatch:
    """Implements `Core` over the features."""

    def __init__(
        self, features: Sequence[Feature], directory: Directory, words: Words, clock: Clock, held: Held
    ) -> None:
        self._features = features
        self._directory = directory
        self._words = words
        self._clock = clock
        self._held = held
        self._questions = Questions(words, held)
        self._guards = Guards(features, words, held)
        found = sorted((each for feature in features for each in feature.commands), key=lambda each: each.path)
        self._commands = {each.path: each for each in found}
        self._catalogue = tuple(commands.entry(each, words, "en") for each in found)

    @property
    def catalogue(self) -> Sequence[Entry]:
        """Return every command, in order of their paths."""
        return self._catalogue

    async def invoke(self, invocation: Invocation) -> Response:
        """Carry out what a person asks; a failure is logged without anything that they wrote."""
        locale = self._words.best(invocation.actor.locale)
        caller = Caller(self._directory, self._clock)
        try:
            locale = (await caller.reader(invocation.actor)).locale
            response = await self._answer(invocation, caller)
            return await self._finish(response, invocation, locale)
        except Refusal as refusal:
            return self._supported(Reply(Message(self._words.say(refusal.key, locale, **refusal.values))), locale)
        except Exception as error:  # noqa: BLE001  the person still gets an answer, and the log says where
            log.error("command failed", command=invocation.command, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back would print members' text
            return self._supported(Reply(Message(self._words.say("core.failed", locale))), locale)

    async def suggest(self, command: str, field: str, typed: str, actor: Actor) -> Sequence[Choice]:
        """Return choices for what was typed so far; none for what the person may not use."""
        found = self._commands.get(command)
        if found is None:
            return ()
        try:
            return (await self._suggested(found, field, typed, actor))[:MOST_CHOICES]
        except Exception as error:  # noqa: BLE001  whoever types goes on typing
            log.error("suggestions failed", command=command, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back would print what was typed
            return ()

    async def _suggested(self, found: Command, field: str, typed: str, actor: Actor) -> Sequence[Choice]:
        call = await Caller(self._directory, self._clock).call(actor, actor.member)
        if call.role < found.role:
            return ()
        if field in found.suggest:
            return await found.suggest[field](typed, call)
        mark = next((given.mark for given in found.inputs if given.name == field), None)
        if mark and mark.kind is Kind.ZONE:
            return suggest_zones(typed)
        if mark and holds_country(mark):
            return suggest_countries(typed, call.locale)
        if mark and mark.kind is Kind.CHOICES:
            shown = commands.fields(found, self._words, call.locale)
            return suggest_several(typed, next(each.choices for each in shown if each.name == field))
        return ()

    async def observe(self, event: Event) -> None:
        """Tell every feature that wants to know."""
        for feature in self._features:
            if feature.observe:
                try:
                    await feature.observe(event)
                except Exception as error:  # noqa: BLE001  one feature's accident must not keep the others from hearing
                    log.error("event missed", feature=feature.name, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold members' text

    # ------------------------------------------------------------ from words to a command

    async def _answer(self, invocation: Invocation, caller: Caller) -> Response:
        if invocation.command == ADDRESSED:
            return await self._addressed(invocation, caller)
        if invocation.command == TYPED:
            line = self._read(invocation.arguments.get(TEXT, ""))
            if not line.complete:
                return await self._menu(line.path, invocation, caller)
            invocation = replace(invocation, command=line.path, arguments=line.arguments)
        if invocation.command in self._commands:
            return await self._run(self._commands[invocation.command], invocation, caller)
        return await self._menu(invocation.command, invocation, caller)

    def _read(self, text: str) -> Line:
        try:
            return read_line(text, self._catalogue)
        except LineError as error:
            raise Refusal(f"core.{error.key}", **error.values) from None

    async def _addressed(self, invocation: Invocation, caller: Caller) -> Response:
        text = invocation.arguments.get(TEXT, "")
        member = invocation.actor.member
        meant = invocation
        if not member.community.id:
            meant, _ = settle(invocation, await caller.communities(member))
        call = await caller.call(meant.actor, invocation.place)
        if offer := await self._guards.over_text(text, call):
            return Reply(offer)
        try:
            line = read_line(text, self._catalogue)
        except LineError:
            line = Line("", {}, complete=False)
        if line.complete:
            invocation = replace(invocation, command=line.path, arguments=line.arguments)
            return await self._run(self._commands[line.path], invocation, caller)
        return Reply(self._card(call.locale))

    def _card(self, locale: str) -> Message:
        doors = (("support", SUPPORT), ("practise", "practice"), ("milestones", "milestone show"))
        buttons = tuple(
            Button(self._words.label(f"core.card_{name}", locale), path)
            for name, path in doors
            if path in self._commands
        )
        return Message(self._words.say("core.card", locale), buttons=buttons)

    async def _menu(self, start: str, invocation: Invocation, caller: Caller) -> Response:
        """Answer the beginning of a path with the commands that go on from it; nothing at all with `help`."""
        if not start and HELP in self._commands:
            return await self._run(self._commands[HELP], replace(invocation, command=HELP, arguments={}), caller)
        reader, role = await caller.reader(invocation.actor), await caller.role(invocation.actor)
        found = [
            each for each in self._commands.values() if each.path.startswith(f"{start} ") and each.shown is Shown.TYPED
        ]
        if not found:
            raise Refusal("core.line_unknown")
        if found[0].role > role:
            raise Refusal(f"core.only_{found[0].role.name.lower()}")
        entries = [commands.entry(each, self._words, reader.locale) for each in found]
        body = "\n".join(f"- **{plain(each.path)}**: {plain(each.summary)}" for each in entries)
        buttons = tuple(Button(each.path, each.path) for each in entries[:MOST_BUTTONS])
        return Reply(Message(body, self._words.label("core.menu", reader.locale, start=start), buttons=buttons))

    # ------------------------------------------------------------ from a command to its answer

    async def _run(self, command: Command, invocation: Invocation, caller: Caller) -> Response:
        member = invocation.actor.member
        if member.community.id:
            return await self._carry_out(command, invocation, caller)
        known = await caller.communities(member)
        settled, community = settle(invocation, known)
        if community:
            if command.role > Role.ANYONE and not await self._directory.is_here(settled.actor.member):
                raise Refusal(f"core.only_{command.role.name.lower()}")
            response = await self._carry_out(command, settled, caller)
            if not isinstance(response, Ask):
                response = self._supported(response, self._words.best(invocation.actor.locale))
            return about(response, community)
        if not command.needs_community:
            return await self._carry_out(command, settled, caller)
        if not known:
            raise Refusal("core.nowhere")
        return ask_which(command, settled, known, self._words, self._held)

    async def _carry_out(self, command: Command, invocation: Invocation, caller: Caller) -> Response:
        call = await caller.call(invocation.actor, invocation.place, invocation.about)
        _admit(command, call)
        given = dict(invocation.arguments)
        go_on = given.pop(GO_ON, "")
        arguments, gone = self._questions.whole(given, call)
        if gone:
            return await self._ask(command, arguments, {}, call, self._questions.gone(call))
        if given.get(HELD) and not go_on:
            return await self._ask(command, arguments, {}, call)
        if go_on == UNGUARDED:
            began = self._held.about(call.member, given.get(HELD, ""))
            call = replace(call, offered=True, about=call.about or began)
        elif go_on != SURE and (offer := await self._guards.over(command, arguments, call)):
            return offer
        form = commands.read_form(command, arguments, Reading(call.member.community, call.today))
        if not isinstance(form, Form):
            return await self._ask(command, arguments, form, call)
        response = await self._handled(command, form, arguments, call)
        if isinstance(response, Reply) and go_on == SURE:
            return Update(response.message)  # in the place of the question
        return response

    async def _handled(self, command: Command, form: Form, arguments: Mapping[str, str], call: Call) -> Response:
        """Run a command, and turn what its handler asks for into a form or a question."""
        try:
            answer = await command.handler(form, call)
        except Mistake as mistake:
            problems = {mistake.field: Problem(mistake.key, mistake.values)}
            return await self._ask(command, arguments, problems, call)
        if isinstance(answer, Confirm):
            return self._questions.confirm(command, arguments, answer, call)
        return self._open(answer, call) if isinstance(answer, Open) else answer

    async def _ask(
        self,
        command: Command,
        arguments: Mapping[str, str],
        problems: Mapping[str, Problem],
        call: Call,
        note: str = "",
    ) -> Ask:
        """Ask for the inputs of a command. What somebody wrote already is never refused here: it would be lost."""
        if command.ready and not commands.personal_texts(command, arguments):
            await command.ready(arguments, call)
        return self._questions.ask(command, arguments, problems, call, note)

    def _open(self, answer: Open, call: Call) -> Ask:
        command = self._commands[answer.command]
        _admit(command, call)
        if unknown := answer.arguments.keys() - {given.name for given in command.inputs}:
            raise LookupError(f"{command.path} has no {sorted(unknown)}")
        return self._questions.ask(command, answer.arguments, {}, call, answer.note)

    # ------------------------------------------------------------ the last look

    async def _finish(self, response: Response, invocation: Invocation, locale: str) -> Response:
        if isinstance(response, Ask):
            return response
        if isinstance(response, Update) and not invocation.on_private:
            response = Reply(response.message)
        if note := await self._directory.take_note(invocation.actor.member):
            said = self._words.say(note, locale)
            footer = f"{response.message.footer}\n{said}" if response.message.footer else said
            response = replace(response, message=replace(response.message, footer=footer))
        return self._supported(response, locale)

    def _supported(self, response: Reply | Update, locale: str) -> Reply | Update:
        return replace(response, message=with_support(response.message, self._words, locale))


def with_support(message: Message, words: Words, locale: str) -> Message:
    """Return a message from which `support` is one press away."""
    if any(button.command in {SUPPORT, SUPPORT_CARD} for button in message.buttons):
        return message
    return replace(message, buttons=(*message.buttons, Button(words.label("core.support", locale), SUPPORT)))


def _admit(command: Command, call: Call) -> None:
    if call.role < command.role:
        raise Refusal(f"core.only_{command.role.name.lower()}")
