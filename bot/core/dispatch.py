"""The one way in: find the command, authorise, guard, read, run, and turn every failure into an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from bot.core import commands
from bot.core.commands import Call, Command, Mistake, Problem, Refusal
from bot.core.direct import GO_ON, UNGUARDED, about, ask_which, settle
from bot.core.faults import where
from bot.core.forms import Form, Reading, holds_country
from bot.core.port import (
    ADDRESSED,
    HELD,
    TEXT,
    TYPED,
    Actor,
    Address,
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
from bot.core.suggestions import suggest_countries, suggest_zones
from bot.core.text import Line, LineError, Words, plain, read_line

if TYPE_CHECKING:
    from bot.core.feature import Directory, Feature, Guard
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
        try:
            reader = await self._directory.reader(invocation.actor.member, invocation.actor.locale)
            locale = reader.locale
            response = await self._answer(invocation)
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
        call = await self._call(actor, actor.member)
        if call.role < found.role:
            return ()
        if field in found.suggest:
            return await found.suggest[field](typed, call)
        mark = next((given.mark for given in found.inputs if given.name == field), None)
        if mark and mark.kind is Kind.ZONE:
            return suggest_zones(typed)
        if mark and holds_country(mark):
            return suggest_countries(typed, call.locale)
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

    async def _answer(self, invocation: Invocation) -> Response:
        if invocation.command == ADDRESSED:
            return await self._addressed(invocation)
        if invocation.command == TYPED:
            line = self._read(invocation.arguments.get(TEXT, ""))
            if not line.complete:
                return await self._menu(line.path, invocation)
            invocation = replace(invocation, command=line.path, arguments=line.arguments)
        if invocation.command in self._commands:
            return await self._run(self._commands[invocation.command], invocation)
        return await self._menu(invocation.command, invocation)

    def _read(self, text: str) -> Line:
        try:
            return read_line(text, self._catalogue)
        except LineError as error:
            raise Refusal(f"core.{error.key}", **error.values) from None

    async def _addressed(self, invocation: Invocation) -> Response:
        text = invocation.arguments.get(TEXT, "")
        member = invocation.actor.member
        meant = invocation
        if not member.community.id:
            meant, _ = settle(invocation, await self._directory.communities_of(member.community.platform, member.id))
        call = await self._call(meant.actor, invocation.place)
        for guard in self._guards():
            if offer := await guard(text, call):
                return Reply(offer)
        try:
            line = read_line(text, self._catalogue)
        except LineError:
            line = Line("", {}, complete=False)
        if line.complete:
            return await self._run(
                self._commands[line.path], replace(invocation, command=line.path, arguments=line.arguments)
            )
        return Reply(self._card(call.locale))

    def _card(self, locale: str) -> Message:
        doors = (("support", SUPPORT), ("practise", "practice"), ("milestones", "milestone show"))
        buttons = tuple(
            Button(self._words.label(f"core.card_{name}", locale), path)
            for name, path in doors
            if path in self._commands
        )
        return Message(self._words.say("core.card", locale), buttons=buttons)

    async def _menu(self, start: str, invocation: Invocation) -> Response:
        """Answer the beginning of a path with the commands that go on from it; nothing at all with `help`."""
        if not start and HELP in self._commands:
            return await self._run(self._commands[HELP], replace(invocation, command=HELP, arguments={}))
        reader = await self._directory.reader(invocation.actor.member, invocation.actor.locale)
        role = await self._directory.role(invocation.actor)
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

    async def _run(self, command: Command, invocation: Invocation) -> Response:
        member = invocation.actor.member
        if member.community.id:
            return await self._carry_out(command, invocation)
        known = await self._directory.communities_of(member.community.platform, member.id)
        settled, community = settle(invocation, known)
        if community:
            if command.role > Role.ANYONE and not await self._directory.is_here(settled.actor.member):
                raise Refusal(f"core.only_{command.role.name.lower()}")
            response = await self._carry_out(command, settled)
            if not isinstance(response, Ask):
                response = self._supported(response, self._words.best(invocation.actor.locale))
            return about(response, community)
        if not command.needs_community:
            return await self._carry_out(command, settled)
        if not known:
            raise Refusal("core.nowhere")
        return ask_which(command, settled, known, self._words, self._held)

    async def _carry_out(self, command: Command, invocation: Invocation) -> Response:
        call = await self._call(invocation.actor, invocation.place)
        if call.role < command.role:
            raise Refusal(f"core.only_{command.role.name.lower()}")
        arguments = dict(invocation.arguments)
        held = self._held.fetch(call.member, token) if (token := arguments.pop(HELD, "")) else None
        go_on = arguments.pop(GO_ON, "")
        arguments = {**(held or {}), **arguments}
        if token and not go_on:
            return self._ask(command, arguments, {}, call)
        if go_on != UNGUARDED and (offer := await self._offer(command, arguments, call)):
            return offer
        form = commands.read_form(command, arguments, Reading(call.member.community, call.today))
        if not isinstance(form, Form):
            return self._ask(command, arguments, form, call)
        try:
            return await command.handler(form, call)
        except Mistake as mistake:
            return self._ask(command, arguments, {mistake.field: Problem(mistake.key, mistake.values)}, call)

    async def _call(self, actor: Actor, place: Address) -> Call:
        reader = await self._directory.reader(actor.member, actor.locale)
        role = await self._directory.role(actor)
        return Call(actor, place, role, reader.locale, reader.zone, self._clock.now())

    def _guards(self) -> list[Guard]:
        return [guard for feature in self._features for guard in feature.guards]

    async def _offer(self, command: Command, arguments: Mapping[str, str], call: Call) -> Reply | None:
        for text in commands.personal_texts(command, arguments):
            for guard in self._guards():
                if offer := await guard(text, call):
                    token = self._held.keep(call.member, arguments)
                    go_on = Button(
                        self._words.label("core.go_on", call.locale),
                        command.path,
                        {**commands.hidden_arguments(command, arguments), HELD: token, GO_ON: UNGUARDED},
                    )
                    return Reply(replace(offer, buttons=(*offer.buttons, go_on)))
        return None

    def _ask(self, command: Command, arguments: Mapping[str, str], problems: Mapping[str, Problem], call: Call) -> Ask:
        shown = commands.fields(command, self._words, call.locale)
        names = {field.name for field in shown}
        if any(name not in names for name in problems):
            raise Refusal("core.stale")
        known = {name: value for name, value in arguments.items() if name in names}
        said = {
            name: self._say(problem, call.locale)
            for name, problem in problems.items()
            if problem.key != "missing" or known
        }
        title = self._words.label(f"command.{command.path}.title", call.locale)
        held = self._held.keep(call.member, arguments)
        asked = commands.asked_for(commands.roomy(shown, known), problems)
        inputs = {field.name for field in asked}
        hidden = {name: value for name, value in arguments.items() if name not in inputs}
        return Ask(command.path, title, asked, known, said, hidden, held)

    def _say(self, problem: Problem, locale: str) -> str:
        key = problem.key if "." in problem.key else f"core.problem_{problem.key}"
        if not self._words.knows(key):
            key = "core.problem_other"
        return self._words.label(key, locale, **problem.values)

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
