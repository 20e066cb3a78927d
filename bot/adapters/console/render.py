"""Draws messages as lines of a terminal: plain and stable, with colours where somebody looks at them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TextIO

from rich.console import Console as Paper
from rich.text import Text as Ink

from bot.adapters.console.people import Persona
from bot.core.port import Button, File, Message, Ping
from bot.core.text import Block, BlockKind, ChannelSpan, Link, MemberSpan, MomentSpan, Text, clean, parse

WIDEST: Final = 100
NARROWEST: Final = 20
INDENT: Final = "    "
_QUOTE: Final = "| "
_GAP: Final = "  "
_FENCE: Final = "```"
_KEPT: Final = frozenset("\n\u200c\u200d")


@dataclass(frozen=True, slots=True)
class Line:
    """A line before it is wrapped: its text, and what stands before its first and its other lines.

    `pieces` are never broken: the buttons of a row.
    """

    ink: Ink
    first: str = ""
    other: str = ""
    pieces: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return what it says, with the number or mark of an item, without the bar of a quote."""
        return f"{self.first.replace(_QUOTE, '')}{self.ink.plain}{_GAP.join(self.pieces)}"


def draw(message: Message, *, public: bool = False) -> list[Line]:
    """Return the lines of a message: title, body, what comes with it, footer, numbered buttons.

    A public one begins with those whom it calls.
    """
    call = f"@{message.ping.value}" if public and message.ping is not Ping.NOBODY else ""
    parts = [
        [Line(Ink(call, style="bold cyan"))] if call else [],
        [Line(Ink(clean(message.title), style="bold"))] if message.title else [],
        list(_body(message.body)),
        list(_attached(message)),
        [_styled(line, "dim") for line in _body(message.footer)],
        [_row(message.buttons)] if message.buttons else [],
    ]
    return _apart(parts)


def as_text(lines: Iterable[Line]) -> str:
    """Return what lines say, without any layout."""
    return "\n".join(line.text for line in lines)


def printable(text: str) -> str:
    """Return text without what a terminal would obey: control characters and marks of direction."""
    return "".join(mark for mark in text if mark in _KEPT or unicodedata.category(mark) not in {"Cc", "Cf", "Cs"})


def day_and_time(at: datetime) -> str:
    """Return an instant in words: "Sunday 25 October 2026, 19:00 (+01:00)". `at` carries the zone it is shown in."""
    offset = f"{at:%z}"
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M} ({offset[:3]}:{offset[3:5]})"


def short_time(at: datetime) -> str:
    """Return an instant in short: "Mon 26 Oct 19:00"."""
    return f"{at:%a} {at.day} {at:%b %H:%M}"


class Screen:
    """Where everything is printed."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        terminal = output.isatty()
        self._paper = Paper(
            file=output,
            force_terminal=terminal,
            width=None if terminal else WIDEST,
            color_system="auto" if terminal else None,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._width = min(self._paper.width, WIDEST)

    def message(self, header: Ink, lines: Sequence[Line]) -> None:
        """Print a message under its header."""
        self.lines([Line(header), *lines])
        self.blank()

    def lines(self, lines: Iterable[Line], indent: str = INDENT) -> None:
        """Print lines, wrapped."""
        for line in lines:
            room = max(NARROWEST, self._width - len(indent) - len(line.first))
            parts = _rows(line, room) if line.pieces else line.ink.wrap(self._paper, room, overflow="fold")
            for number, part in enumerate(parts):
                part.rstrip()
                lead = indent + (line.other if number else line.first)
                self._print(Ink.assemble(lead if part.plain else lead.rstrip(), part))

    def say(self, text: str, style: str = "") -> None:
        """Print a sentence from the left edge."""
        self.lines([Line(Ink(printable(text), style=style))], indent="")

    def blank(self) -> None:
        """Print an empty line."""
        self._print(Ink())

    def begin(self, text: str) -> None:
        """Print the beginning of a line that somebody will finish."""
        self._paper.print(Ink(self._writable(text), style="bold"), end="")
        self._output.flush()

    def _print(self, ink: Ink) -> None:
        writable = self._writable(ink.plain)
        if writable != ink.plain:
            ink = Ink(writable)
        self._paper.print(ink, no_wrap=True, overflow="ignore", crop=False)

    def _writable(self, text: str) -> str:
        encoding = self._output.encoding or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)


# ---------------------------------------------------------------- parts of a message


def _apart(parts: Sequence[Sequence[Line]]) -> list[Line]:
    """Join parts with an empty line between them."""
    joined: list[Line] = []
    for part in parts:
        if part and joined:
            joined.append(Line(Ink()))
        joined.extend(part)
    return joined


def _body(body: str) -> Iterator[Line]:
    before: Block | None = None
    for block in parse(body):
        if before and not (before.kind is block.kind is BlockKind.ITEM):
            yield Line(Ink())
        yield _block(block)
        before = block


def _block(block: Block) -> Line:
    ink = Ink.assemble(*(_span(span) for span in block.spans))
    match block.kind:
        case BlockKind.QUOTE:
            return Line(ink, _QUOTE, _QUOTE)
        case BlockKind.ITEM:
            marker = f"{block.marker} "
            return Line(ink, marker, " " * len(marker))
        case BlockKind.HEADING:
            return _styled(Line(ink), "bold")
        case BlockKind.PARAGRAPH:
            return Line(ink)


def _span(span: Text | Link | MemberSpan | ChannelSpan | MomentSpan) -> tuple[str, str]:
    match span:
        case Text(text, bold, italic):
            return printable(text), " ".join(name for name, on in (("bold", bold), ("italic", italic)) if on)
        case Link(text, url):
            return printable(url if text == url else f"{text} ({url})"), "underline"
        case MemberSpan(name, text):
            return "@" + printable(Persona(name).name if text == "@" else text.removeprefix("@")), "cyan"
        case ChannelSpan(_, text):
            return printable(text), "cyan"
        case MomentSpan(_, text):
            return printable(text), ""


def _attached(message: Message) -> Iterator[Line]:
    if message.picture:
        yield Line(Ink(f"[picture: {clean(message.picture.alternative)}]", style="dim"))
    for file in message.files:
        yield Line(Ink(f"[file: {clean(file.name)}, {len(file.bytes)} bytes]", style="dim"))
        yield from _printed(file)


def _printed(file: File) -> Iterator[Line]:
    """Print a file between fences, where it is a text: in a terminal there is no other way to have it."""
    try:
        text = file.bytes.decode()
    except UnicodeDecodeError:
        return
    for line in (_FENCE, *text.removesuffix("\n").split("\n"), _FENCE):
        yield Line(Ink(printable(line)))


def _row(buttons: Sequence[Button]) -> Line:
    return Line(Ink(), pieces=tuple(f"[{number}] {clean(button.label)}" for number, button in enumerate(buttons, 1)))


def _rows(line: Line, room: int) -> list[Ink]:
    """Lay pieces side by side, as many in a row as there is room for."""
    rows: list[str] = []
    for piece in line.pieces:
        if rows and len(rows[-1]) + len(_GAP) + len(piece) <= room:
            rows[-1] += _GAP + piece
        else:
            rows.append(piece)
    return [Ink(row, style="green") for row in rows]


def _styled(line: Line, style: str) -> Line:
    ink = line.ink.copy()
    ink.stylize(style)
    return Line(ink, line.first, line.other)
