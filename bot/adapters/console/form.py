"""A form in a terminal: one field after the other, the necessary ones first.

Of a long form only those are asked that are necessary or wrong. The others are filled in by name, whoever wants to:
nobody is led through ten questions to answer three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.text import Text as Ink

from bot.adapters.console.people import read_persona, with_ids
from bot.adapters.console.render import Line, printable
from bot.core.port import Address, Ask, Choice, Field, Kind
from bot.core.text import Words

LOCALE: Final = "en"
MOST_ASKED: Final = 5
"""Of a form with more fields only the necessary ones are asked."""
LONGEST_SHOWN: Final = 300
EMPTY: Final = "-"
"""What is typed to make a field empty."""
_ASKS: Final = "? "
_UNDER: Final = "  "


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that somebody is filling in.

    `queue` holds the fields still to be asked, `spare` those that are filled in by name only; `values` what stands in
    all of them, known values included. `origin` is the id of the private message whose button opened it, or "".
    `begun` is true once something was answered.
    """

    ask: Ask
    place: Address
    queue: tuple[Field, ...]
    values: Mapping[str, str]
    origin: str = ""
    begun: bool = False
    spare: tuple[Field, ...] = ()

    @property
    def current(self) -> Field | None:
        """Return the field that the next answer goes to."""
        return self.queue[0] if self.queue else None

    @property
    def ready(self) -> bool:
        """Return whether it may be sent: something was answered, and nothing wrong or necessary is left."""
        left = {field.name for field in self.queue}
        wrong = left & self.ask.problems.keys()
        missing = [field for field in self.ask.fields if field.required and not self.values.get(field.name)]
        return self.begun and not wrong and not missing

    @property
    def arguments(self) -> dict[str, str]:
        """Return what is sent: everything there is, since a terminal forgets nothing that it does not show."""
        return {**self.ask.hidden, **self.values}

    def kept(self, field: Field) -> str:
        """Return what an empty answer leaves in a field: what stands there, unless it is wrong and not needed."""
        dispensable = field.name in self.ask.problems and not field.required
        return "" if dispensable else self.values.get(field.name, "")

    def answered(self, text: str) -> OpenForm | None:
        """Return the form with one more field filled in; None when it may not stay empty."""
        field = self.queue[0]
        value = "" if text.strip() == EMPTY else _value(field, text) or self.kept(field)
        if field.required and not value:
            return None
        return replace(self, queue=self.queue[1:], values={**self.values, field.name: value}, begun=True)

    def picked(self, text: str) -> OpenForm | None:
        """Return the form with a spare field asked next (`until`) or filled in (`until=2027-01-31`).

        None when there is no such field.
        """
        name, equals, value = text.partition("=")
        field = next((one for one in self.spare if one.name == name.strip().casefold()), None)
        if field is None:
            return None
        asked = replace(self, queue=(field, *self.queue))
        return asked.answered(value) if equals else asked


def open_form(ask: Ask, place: Address, origin: str) -> OpenForm:
    """Open a form. With problems only their fields are asked, else all: necessary ones without a value first.

    A message that somebody answers stands there already, and comes last: the first answer is not for it.
    """
    wrong = [field for field in ask.fields if field.name in ask.problems]
    needed = [field for field in ask.fields if field.required and not ask.known.get(field.name)]
    others = [field for field in ask.fields if field not in needed]
    others.sort(key=lambda field: field.kind is Kind.MESSAGE)
    if wrong:
        queue, spare = wrong, []
    elif len(ask.fields) > MOST_ASKED:
        queue, spare = needed, others
    else:
        queue, spare = [*needed, *others], []
    return OpenForm(ask, place, tuple(queue), dict(ask.known), origin, spare=tuple(spare))


def _value(field: Field, text: str) -> str:
    """Return an argument for what was typed: choices by label or number too, people and channels as people say them."""
    said = text.strip()
    match field.kind:
        case Kind.MEMBER if said:
            persona = read_persona(said)
            return f"@{persona.id}" if persona else with_ids(said)
        case Kind.CHANNEL if said:
            return f"#{said.removeprefix('#')}"
        case Kind.FILE:
            return text if said else ""
        case _:
            chosen = (_chosen(field.choices, part.strip()) for part in said.split(","))
            return ",".join(chosen) if field.kind is Kind.CHOICES else _chosen(field.choices, said)


def _chosen(choices: Sequence[Choice], said: str) -> str:
    by_number = {str(number): choice.value for number, choice in enumerate(choices, 1)}
    by_label = {choice.label.casefold(): choice.value for choice in choices}
    if any(choice.value == said for choice in choices):
        return said
    return by_label.get(said.casefold()) or by_number.get(said) or said


def headed(form: OpenForm) -> list[Line]:
    """Return what stands over a form."""
    title = Line(Ink(printable(form.ask.title), style="bold"))
    return [title, Line(Ink(printable(form.ask.note)))] if form.ask.note else [title]


def prompt(form: OpenForm, field: Field, words: Words) -> list[Line]:
    """Return what is shown of one field: label, hint, choices, what stands in it, what is wrong with it."""
    label = Ink(printable(field.label), style="bold")
    hint = f": {field.hint}" if field.hint else ""
    optional = "" if field.required else f" ({words.label('platform.console_optional', LOCALE)})"
    lines = [Line(Ink.assemble(label, printable(hint), (printable(optional), "dim")), _ASKS, _UNDER)]
    if field.choices:
        key = "platform.console_several" if field.kind is Kind.CHOICES else "platform.console_choices"
        lines.append(_under(words.label(key, LOCALE, choices=listed(field.choices))))
    if known := form.values.get(field.name):
        lines.append(_under(words.label("platform.console_known", LOCALE, value=_short(known))))
    if problem := form.ask.problems.get(field.name):
        lines.append(Line(Ink(printable(problem), style="yellow"), "! ", _UNDER))
    return lines


def offer(form: OpenForm, words: Words) -> list[Line]:
    """Return what is shown of the fields that nobody has to fill in, with what stands in them."""
    if not form.spare:
        return []
    named = (f"{one.name}={form.values[one.name]}" if form.values.get(one.name) else one.name for one in form.spare)
    return [Line(Ink(printable(words.label("platform.console_spare", LOCALE, names=", ".join(named)))), _ASKS, _UNDER)]


def listed(choices: Sequence[Choice]) -> str:
    """Return choices in a row, each with its value where that differs from what people read."""
    return ", ".join(
        choice.value if _slug(choice.label) == _slug(choice.value) else f"{choice.label} ({choice.value})"
        for choice in choices
    )


def _short(known: str) -> str:
    """Return the beginning of what stands in a field: a file may be long."""
    return known if len(known) <= LONGEST_SHOWN else f"{known[:LONGEST_SHOWN]}…"


def _slug(text: str) -> str:
    return text.casefold().replace(" ", "-")


def _under(text: str) -> Line:
    return Line(Ink(printable(text), style="dim"), _UNDER, _UNDER)
