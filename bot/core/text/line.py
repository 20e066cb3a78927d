"""Reads a typed command line against the catalogue.

The longest path wins. After it come `name=value` pairs and bare words. A bare word fills the next field in order; right
after a named text field it continues that field, so `rule=weekdays 19:00` needs no quotes, and so it does after a comma
of a named list. What is left over belongs to the last text field. Double quotes of any kind hold words together: phones
type curly ones. Single ones are apostrophes.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.core.port import Entry, Field, Kind, Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CLOSES: Final = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "”": "”"}
_NAMED: Final = re.compile(r"([A-Za-z_]+)=(.*)", re.DOTALL)
_TEXTS: Final = frozenset({Kind.TEXT, Kind.PARAGRAPH})


class LineError(Exception):
    """A line that cannot be read. `key` names the sentence to answer with, `values` fill it in."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read. `path` is a command's, or the beginning of several when more words are needed."""

    path: str
    arguments: Mapping[str, str]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    literal: bool
    """Quoted as a whole, so that it is no `name=value`."""


def read_line(line: str, catalogue: Sequence[Entry]) -> Line:
    """Read a line such as `schedule add what=empathy in=#circle rule="weekdays 19:00"`.

    Raises `LineError` with one of `PROBLEMS`.
    """
    words = list(_split(line))
    entries = {tuple(entry.path.split()): entry for entry in catalogue if entry.shown is Shown.TYPED}
    said = [word.text.lower() for word in words]
    longest = max((len(known) for known in entries), default=0)
    for length in range(min(len(words), longest), 0, -1):
        path = tuple(said[:length])
        if path in entries:
            return Line(" ".join(path), _arguments(words[length:], entries[path].fields))
        if any(known[:length] == path for known in entries):
            return Line(" ".join(path), {}, complete=False)
    if not words:
        return Line("", {}, complete=False)
    near = difflib.get_close_matches(" ".join(said[:2]), [" ".join(known) for known in entries], n=1)
    near = near or difflib.get_close_matches(said[0], sorted({known[0] for known in entries}), n=1)
    if near:
        raise LineError("line_unknown_near", near=near[0])
    raise LineError("line_unknown")


PROBLEMS: Final = ("line_unknown", "line_unknown_near", "line_quote", "line_field", "line_too_much")


def _split(line: str) -> Iterator[_Word]:
    """Yield words. A quote opens at the start of a word or right after `name=`."""
    text: list[str] = []
    begun, literal, closes = False, False, ""
    for mark in line:
        if closes:
            if mark in closes:
                closes = ""
            else:
                text.append(mark)
        elif mark in _CLOSES and (not begun or text[-1:] == ["="]):
            closes, literal, begun = _CLOSES[mark], not begun, True
        elif mark.isspace():
            if begun:
                yield _Word("".join(text), literal)
            text, begun, literal = [], False, False
        else:
            text.append(mark)
            begun = True
    if closes:
        raise LineError("line_quote")
    if begun:
        yield _Word("".join(text), literal)


def _arguments(words: Sequence[_Word], fields: Sequence[Field]) -> dict[str, str]:
    by_name = {field.name: field for field in fields}
    found: dict[str, str] = {}
    current: Field | None = None
    for word in words:
        named = None if word.literal else _NAMED.fullmatch(word.text)
        if named and named[1].lower() in by_name:
            current = by_name[named[1].lower()]
            found[current.name] = named[2]
            continue
        if named and by_name:
            raise LineError("line_field", field=named[1], fields=", ".join(by_name))
        if current and current.kind in _TEXTS and current.name in found:
            found[current.name] = f"{found[current.name]} {word.text}".strip()
            continue
        if current and current.kind is Kind.CHOICES and _goes_on(found[current.name], word.text):
            found[current.name] += word.text
            continue
        free = next((field for field in fields if field.name not in found), None)
        if free is None:
            current = _last_text(fields)
            found[current.name] = f"{found[current.name]} {word.text}".strip()
            continue
        found[free.name] = word.text
        current = None
    return found


def _goes_on(said: str, more: str) -> bool:
    """Return whether a list goes on: in `day=mon, thu` or `day=mon ,thu` a comma is open."""
    return said.endswith(",") or more.startswith(",")


def _last_text(fields: Sequence[Field]) -> Field:
    for field in reversed(fields):
        if field.kind in _TEXTS:
            return field
    raise LineError("line_too_much")
