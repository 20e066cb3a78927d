"""Reads one line of a transcript. The format is described in docs/transcripts.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from bot.adapters.console.people import Persona, read_persona


class UnreadableError(Exception):
    """A line that is no line of a transcript. The text says how to mend it."""


@dataclass(frozen=True, slots=True)
class As:
    """Somebody else speaks from here on."""

    persona: Persona


@dataclass(frozen=True, slots=True)
class Type:
    """A command line, without `/` or `/hearth`."""

    line: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class At:
    """`instant` has no zone where none was written."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class Press:
    """`label` is a number, or what stands on the button."""

    label: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The next field of the open form; "" leaves it as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Menu:
    """`newest` counts back from the newest message, which is 1."""

    label: str
    newest: int = 1


@dataclass(frozen=True, slots=True)
class Say:
    """A message to everyone in the channel."""

    text: str


@dataclass(frozen=True, slots=True)
class Write:
    """A direct message to the bot."""

    text: str


@dataclass(frozen=True, slots=True)
class Expect:
    """The persona has seen this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """The persona has not seen this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The persona leaves the community."""


@dataclass(frozen=True, slots=True)
class Direct:
    """The persona opens or closes direct messages."""

    open: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment."""

    text: str


Step: TypeAlias = (
    As | Type | Wait | At | Press | Answer | Menu | Say | Write | Expect | Refuse | Leave | Direct | Remark
)

_UNITS: Final[Mapping[str, timedelta]] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_LENGTH: Final = re.compile(rf"(\d{{1,6}})\s*({'|'.join(_UNITS)})s?(?:\s*,\s*|\s+and\s+|\s+|$)", re.IGNORECASE)
_MENU: Final = re.compile(r"(.+?)(?:\s+on\s+([1-9]\d{0,3}))?", re.DOTALL)
_QUOTES: Final = {'"': '"', "“": "”", "'": "'"}
_PLAIN: Final[Mapping[str, Step]] = {
    "leaves": Leave(),
    "closes direct messages": Direct(open=False),
    "opens direct messages": Direct(open=True),
}


def read_step(raw: str) -> Step | None:
    """Read a line; None for an empty one. Raises `UnreadableError`."""
    line = raw.removeprefix("\ufeff").strip()
    if not line:
        return None
    if line.startswith("#"):
        return Remark(line.removeprefix("#").strip())
    if line.startswith("/"):
        return Type(_command(line))
    if " ".join(line.casefold().split()) in _PLAIN:
        return _PLAIN[" ".join(line.casefold().split())]
    word, _, rest = line.partition(" ")
    reader = _READERS.get(word.casefold())
    return reader(rest.strip()) if reader else Type(line)


def _command(line: str) -> str:
    """Return a command line without the `/` or `/hearth` before it."""
    words = line.removeprefix("/").strip()
    first, _, rest = words.partition(" ")
    return rest.strip() if first.casefold() == "hearth" else words


def _as(text: str) -> As:
    persona = read_persona(text)
    if persona is None:
        raise UnreadableError("write who speaks: `as organiser`, `as leader 2`, `as member 3` or `as ana`")
    return As(persona)


def _wait(text: str) -> Wait:
    length, end = timedelta(), 0
    for part in _LENGTH.finditer(text):
        if part.start() != end:
            break
        end = part.end()
        length += int(part[1]) * _UNITS[part[2].casefold()]
    if not text or end != len(text):
        raise UnreadableError("write how long: `wait 3 days`, `wait 1 hour 30 minutes`")
    return Wait(length)


def _at(text: str) -> At:
    try:
        return At(datetime.fromisoformat(text))
    except ValueError:
        raise UnreadableError("write an instant: `at 2026-10-25T02:30+02:00`") from None


def _press(text: str) -> Press:
    if not text:
        raise UnreadableError("write which button: `press 2` or `press Taking it now`")
    return Press(text, int(text)) if re.fullmatch(r"[1-9]\d{0,2}", text) else Press(unquoted(text))


def _menu(text: str) -> Menu:
    found = _MENU.fullmatch(text)
    if not found:
        raise UnreadableError('write which entry, on which message: `menu "Help me reflect" on 2`')
    return Menu(unquoted(found[1]), int(found[2] or 1))


def _needed(word: str, step: Callable[[str], Step]) -> Callable[[str], Step]:
    def read(text: str) -> Step:
        if not unquoted(text).strip():
            raise UnreadableError(f"write a text after `{word}`")
        return step(unquoted(text))

    return read


def unquoted(text: str) -> str:
    """Return text without the quotation marks around the whole of it."""
    closing = _QUOTES.get(text[:1])
    if len(text) > 1 and closing and text.endswith(closing) and not {text[0], closing} & set(text[1:-1]):
        return text[1:-1]
    return text


_READERS: Final[Mapping[str, Callable[[str], Step]]] = {
    "as": _as,
    "wait": _wait,
    "at": _at,
    "press": _press,
    "answer": lambda text: Answer(unquoted(text)),
    "menu": _menu,
    "say": _needed("say", Say),
    "dm": _needed("dm", Write),
    "expect": _needed("expect", Expect),
    "refuse": _needed("refuse", Refuse),
}

WORDS: Final = frozenset(_READERS)
"""First words that belong to transcripts; no command may begin with one of them."""
