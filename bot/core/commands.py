"""What a command is and needs, declared once; every platform derives the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, TypeAlias, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bot.core.forms import Form, Reading
from bot.core.inputs import Input, inputs_of
from bot.core.port import (
    Actor,
    Address,
    Choice,
    Entry,
    Field,
    Kind,
    Member,
    Message,
    Pointed,
    Response,
    Role,
    Shown,
)
from bot.core.text import Words, clean


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, where, and in which language and time zone to answer. `about`: see `Invocation`.

    `offered`: a guard has just offered something because of what they wrote, and they chose to go on.
    """

    actor: Actor
    place: Address
    role: Role
    locale: str
    zone: str
    now: datetime
    about: Pointed | None = None
    offered: bool = False

    @property
    def member(self) -> Member:
        """Return the person who asks."""
        return self.actor.member

    @property
    def today(self) -> date:
        """Return the date in the person's own zone."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Open:
    """An answer that opens another command's form, with what is known filled in. `note` is read first.

    The other command may be a hidden one; its role is asked for as if it had been used.
    """

    command: str
    arguments: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """An answer that asks before anything is done: a message, and a button that goes on with what was given.

    `label` stands on that button, the first of the message. What was typed stays in hand meanwhile, with the hidden
    inputs in `adding`, and in no button. When it is there no more, the form is opened again.
    """

    message: Message
    label: str
    adding: Mapping[str, str]


class Refusal(Exception):  # noqa: N818  an answer, not an accident
    """A kind "no", said privately. `key` names the sentence."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Mistake(Exception):  # noqa: N818  an answer, not an accident
    """One field is wrong, as only the handler can know. It is asked for again, with the sentence of `key`."""

    def __init__(self, field: str, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.field = field
        self.key = key
        self.values = values


MOST_BLANKS: Final = 10_000
_LONGEST_LIST: Final = 4
"""Digits of a number in a list. Of a million row ids hardly one is as short."""
F = TypeVar("F", bound=Form)
Answer: TypeAlias = Response | Open | Confirm
"""What a handler returns."""
Handler: TypeAlias = Callable[[Form, Call], Awaitable[Answer]]
Suggester: TypeAlias = Callable[[str, Call], Awaitable[Sequence[Choice]]]
Ready: TypeAlias = Callable[[Mapping[str, str], Call], Awaitable[None]]
"""Raises `Refusal` where a form would be filled in for nothing. It is given the arguments as they came in."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    `anywhere`: usable in a direct message; `needs_community`: there it must be known which one is meant. `note` is the
    key of a sentence that stands over its form whenever it is opened. `ready` is asked before that, unless the form
    holds words of theirs already.
    """

    path: str
    form: type[Form]
    handler: Handler
    role: Role
    shown: Shown
    anywhere: bool
    needs_community: bool
    suggest: Mapping[str, Suggester]
    inputs: tuple[Input, ...] = field(default=())
    note: str = ""
    ready: Ready | None = None


def command(
    path: str,
    form: type[F],
    handler: Callable[[F, Call], Awaitable[Answer]],
    *,
    role: Role = Role.ANYONE,
    shown: Shown = Shown.TYPED,
    anywhere: bool = False,
    needs_community: bool = True,
    suggest: Mapping[str, Suggester] | None = None,
    note: str = "",
    ready: Ready | None = None,
) -> Command:
    """Declare a command. A function, so that the type checker holds form and handler together."""
    return Command(
        path=path,
        form=form,
        handler=cast("Handler", handler),
        role=role,
        shown=shown,
        anywhere=anywhere,
        needs_community=needs_community,
        suggest=suggest or {},
        inputs=inputs_of(form),
        note=note,
        ready=ready,
    )


# ---------------------------------------------------------------- derived


def entry(command: Command, words: Words, locale: str) -> Entry:
    """Return a command as platforms see it, in a language."""
    return Entry(
        command.path,
        words.label(f"command.{command.path}.summary", locale),
        command.role,
        fields(command, words, locale),
        command.shown,
        command.anywhere,
    )


def fields(command: Command, words: Words, locale: str) -> tuple[Field, ...]:
    """Return a command's visible inputs with their words."""
    return tuple(_field(command.path, given, words, locale) for given in command.inputs if not given.mark.hidden)


def _field(path: str, given: Input, words: Words, locale: str) -> Field:
    key = f"command.{path}.{given.name}"
    mark = given.mark
    return Field(
        given.name,
        mark.kind,
        words.label(f"{key}.label", locale),
        words.label(f"{key}.hint", locale),
        given.required,
        tuple(Choice(words.label(f"{key}.choice.{value}", locale), value) for value in given.choices),
        mark.suggests,
        mark.longest,
        mark.lowest,
        mark.highest,
    )


def roomy(shown: Sequence[Field], known: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the inputs with room for what they hold already, so that a text that is too long can be shortened."""
    return tuple(
        replace(given, longest=None) if given.longest and len(known.get(given.name, "")) > given.longest else given
        for given in shown
    )


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one argument: the sentence `problem.<key>` and its values."""

    key: str
    values: Mapping[str, str | int]


_OWN_NAMES: Final = {"missing": "missing", "extra_forbidden": "extra", "literal_error": "choice"}


def read_form(command: Command, arguments: Mapping[str, str], reading: Reading) -> Form | Mapping[str, Problem]:
    """Return the filled form, or a problem per argument. Blank arguments count as not given."""
    kept = {each.name for each in command.inputs if each.mark.blank}
    given = {name: value for name, value in arguments.items() if name in kept or not is_blank(value)}
    try:
        return command.form.model_validate(given, context=reading)
    except ValidationError as error:
        found: dict[str, Problem] = {}
        for detail in error.errors(include_url=False, include_input=False):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            key = _OWN_NAMES.get(detail["type"], detail["type"])
            values = cast("Mapping[str, str | int]", detail.get("ctx", {}))
            found.setdefault(name, Problem(key, {} if key in _OWN_NAMES.values() else values))
        return found


def is_blank(value: str) -> bool:
    """Return whether an argument counts as not given. What is long is not looked through."""
    return len(value) <= MOST_BLANKS and not clean(value)


def as_offered(command: Command, arguments: Mapping[str, str], reading: Reading) -> dict[str, str]:
    """Return arguments as pickers spell them: `today` as a date, `7:05` as `07:05`. What cannot be read stays."""
    inputs = {given.name: given for given in command.inputs}
    return {
        name: inputs[name].spelled(value, reading) if name in inputs else value for name, value in arguments.items()
    }


def personal_texts(command: Command, arguments: Mapping[str, str]) -> list[str]:
    """Return the arguments that are a person's own words. A message that somebody points at is not."""
    marked = {given.name for given in command.inputs if given.mark.personal and given.mark.kind is not Kind.MESSAGE}
    return _said(arguments, marked)


def chosen_texts(command: Command, arguments: Mapping[str, str]) -> list[str]:
    """Return the text of the message in whose menu a command was chosen: perhaps somebody else's words.

    Only there: the form that follows may hold the same text, and whoever went on is not stopped again.
    """
    if command.shown is not Shown.MENU:
        return []
    return _said(arguments, {given.name for given in command.inputs if given.mark.kind is Kind.MESSAGE})


def _said(arguments: Mapping[str, str], names: Collection[str]) -> list[str]:
    return [value for name, value in arguments.items() if name in names and value.strip()]


def hidden_arguments(command: Command, arguments: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments that have no input of their own, or hold a row, and travel with the form."""
    marks = {given.name: given.mark for given in command.inputs}
    return {
        name: value
        for name, value in arguments.items()
        if name in marks and (marks[name].hidden or (marks[name].row and is_row(value)))
    }


def is_row(value: str) -> bool:
    """Return whether a number is a row id, and not one of a list that people count."""
    return value.isdecimal() and len(value) > _LONGEST_LIST
