"""Asks for what is missing or wrong, and puts together again what a form brings back with what it did not show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.core import commands
from bot.core.commands import Call, Command, Confirm, Problem, Refusal
from bot.core.direct import GO_ON, SURE
from bot.core.forms import Reading
from bot.core.port import FILLED, HELD, Ask, Button, Emphasis, Reply, Unreadable

if TYPE_CHECKING:
    from bot.core.held import Held
    from bot.core.text import Words

GONE: Final = "core.held_gone"
"""Key of what is said when text that was in hand is there no more."""


class Questions:
    """Draws forms. What people wrote stays in hand, and travels with no button and no form that does not show it."""

    def __init__(self, words: Words, held: Held) -> None:
        self._words = words
        self._held = held

    def ask(
        self,
        command: Command,
        arguments: Mapping[str, str],
        problems: Mapping[str, Problem],
        call: Call,
        note: str = "",
    ) -> Ask:
        """Ask for all inputs of a command, those filled in that are known. Raises `Refusal` for what has no input.

        `note` comes before the note that the command's form always has.
        """
        given = {name: value for name, value in arguments.items() if _holds(value)}
        hidden = commands.hidden_arguments(command, given)
        fields = commands.fields(command, self._words, call.locale)
        shown = tuple(field for field in fields if field.name not in hidden)
        names = {field.name for field in shown}
        if any(name not in names for name in problems):
            raise Refusal("core.stale")
        given = commands.as_offered(command, given, Reading(call.member.community, call.today))
        known = {name: value for name, value in given.items() if name in names}
        told = {
            name: self._say(problem, call.locale)
            for name, problem in problems.items()
            if problem.key != "missing" or known or name in arguments
        }
        title = self._words.label(f"command.{command.path}.title", call.locale)
        held = self._held.keep(call.member, given)
        notes = [note, self._words.label(command.note, call.locale) if command.note else ""]
        said = " ".join(filter(None, notes))
        return Ask(command.path, title, commands.roomy(shown, known), known, told, hidden, held, said)

    def confirm(self, command: Command, arguments: Mapping[str, str], answer: Confirm, call: Call) -> Reply:
        """Ask whether somebody is sure. What they typed stays in hand."""
        held = {HELD: self._held.keep(call.member, {**arguments, **answer.adding}), GO_ON: SURE}
        carried = {**commands.hidden_arguments(command, arguments), **held}
        go_on = Button(answer.label, command.path, carried, Emphasis.PRIMARY)
        return Reply(replace(answer.message, buttons=(go_on, *answer.message.buttons)))

    def whole(self, arguments: Mapping[str, str], call: Call) -> tuple[dict[str, str], bool]:
        """Return arguments with those that were in hand, and whether any that ought to be there are gone.

        What a form says comes before what is in hand, also where it says that an input was made empty.
        """
        put_together, gone = dict(arguments), False
        for name in (HELD, FILLED):
            if token := put_together.pop(name, ""):
                kept = self._held.fetch(call.member, token)
                put_together = {**(kept or {}), **put_together}
                gone = gone or kept is None
        return put_together, gone

    def gone(self, call: Call) -> str:
        """Return what to say when text in hand is gone."""
        return self._words.label(GONE, call.locale)

    def _say(self, problem: Problem, locale: str) -> str:
        key = problem.key if "." in problem.key else f"core.problem_{problem.key}"
        if not self._words.knows(key):
            key = "core.problem_other"
        return self._words.label(key, locale, **problem.values)


def _holds(value: str) -> bool:
    return not commands.is_blank(value) and value not in set(Unreadable)
