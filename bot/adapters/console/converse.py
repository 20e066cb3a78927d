"""The bot in a terminal, for people: a prompt, forms that are asked field by field, help of its own."""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import TextIO

from rich.text import Text as Ink

from bot.adapters.console.form import OpenForm, headed, listed, offer, prompt
from bot.adapters.console.platform import Console
from bot.adapters.console.player import ImpossibleError, Player
from bot.adapters.console.render import INDENT, Line, printable
from bot.adapters.console.script import Expect, Refuse, UnreadableError, read_step
from bot.core.port import Field, Kind, Unreadable

_ENDS = frozenset({"quit", "exit"})
_HELP = "?"
_CANCEL = "cancel"
_AT = "@"
LARGEST_FILE = 256 * 1024
"""In bytes."""
_AT_ONCE = 65_536


async def converse(console: Console, lines: AsyncIterator[str] | None = None) -> None:
    """Talk until `quit` or the end of the input. Without `lines` they come from the keyboard."""
    await Conversation(console, lines or typed_lines(sys.stdin)).hold()


class Conversation:
    """One person at a terminal, who speaks for everyone in turn."""

    def __init__(self, console: Console, lines: AsyncIterator[str]) -> None:
        self._window = console.window
        self._player = Player(console, echo=False)
        self._lines = lines

    async def hold(self) -> None:
        """Read and answer, line by line."""
        self._window.screen.say(self._window.label("intro"))
        self._window.screen.blank()
        while True:
            line = await self._read(f"{self._player.acting.persona.name}> ")
            if line is None or line.casefold() in _ENDS:
                return
            await self._take(line)

    async def _take(self, line: str) -> None:
        if line == _HELP:
            self._tell(self._window.label("help"))
            return
        try:
            step = read_step(line)
            await self._player.do(step)
            if isinstance(step, Expect | Refuse):
                self._tell(self._window.label("holds"))
        except (UnreadableError, ImpossibleError) as error:
            self._tell(str(error))
        await self._fill_in()

    # ------------------------------------------------------------ forms

    async def _fill_in(self) -> None:
        """Ask for the fields of the open form, and again for the wrong ones, until it is sent or left."""
        acting = self._player.acting
        title = ""
        while form := acting.form:
            if not form.begun and form.ask.title != title:
                title = form.ask.title
                self._window.show_lines(acting.persona.id, headed(form))
            if form.current is None and (not form.spare or await self._spare(form)):
                await acting.submit()
            elif form.current and not await self._fill(form.current):
                self._leave()

    async def _fill(self, field: Field) -> bool:
        """Ask for one field until there is an answer; return False when the form is left."""
        acting = self._player.acting
        form = acting.form
        if form is None:
            return False
        self._window.screen.lines(prompt(form, field, self._window.words))
        kept = form.kept(field)
        question = f"{INDENT}{field.label} [{kept}]> " if kept else f"{INDENT}{field.label}> "
        while True:
            raw = await self._read(question, tidy=field.kind is not Kind.FILE)
            line = raw and raw.strip()
            if line is None or line.casefold() == _CANCEL:
                return False
            if line.startswith(_HELP):
                await self._suggest(form.ask.command, field, line.removeprefix(_HELP).strip())
            elif acting.answer(await self._whole(raw) if field.kind is Kind.FILE and raw and line else line):
                return True
            else:
                self._tell(self._window.label("needed"))

    async def _spare(self, form: OpenForm) -> bool:
        """Offer the fields that nobody has to fill in; return True when the form is to be sent as it is."""
        acting = self._player.acting
        self._window.screen.lines(offer(form, self._window.words))
        line = await self._read(f"{INDENT}> ")
        if line is None or line.casefold() == _CANCEL:
            self._leave()
        elif line and not acting.pick(line):
            self._tell(self._window.label("no_such"))
        return line == ""

    def _leave(self) -> None:
        self._player.acting.drop_form()
        self._tell(self._window.label("left"))

    async def _whole(self, first: str) -> str:
        """Return a file as it was named (`@week.yaml`) or as it goes on, line by line, until an empty one."""
        if first.startswith(_AT):
            return await asyncio.to_thread(_read_file, first.removeprefix(_AT))
        lines = [first]
        while line := await anext(self._lines, None):
            if not line.strip():
                break
            lines.append(line.rstrip("\n"))
        return "\n".join(lines)

    async def _suggest(self, command: str, field: Field, typed: str) -> None:
        offered = await self._player.acting.suggestions(command, field.name, typed) if field.suggests else field.choices
        self._tell(listed(offered) or self._window.label("nothing_to_suggest"))

    # ------------------------------------------------------------ in and out

    async def _read(self, question: str, *, tidy: bool = True) -> str | None:
        self._window.screen.begin(printable(question))
        line = await anext(self._lines, None)
        if line is None:
            self._window.screen.blank()
        return line if line is None else line.strip() if tidy else line.rstrip()

    def _tell(self, text: str) -> None:
        self._window.screen.lines([Line(Ink(printable(part))) for part in text.split("\n")])
        self._window.screen.blank()


def _read_file(name: str) -> str:
    try:
        content = Path(name).expanduser().read_bytes()
    except OSError:
        return Unreadable.GONE
    if len(content) > LARGEST_FILE:
        return Unreadable.TOO_LARGE
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unreadable.NO_TEXT


async def typed_lines(source: TextIO) -> AsyncGenerator[str]:
    """Yield lines as they are typed, without holding up anything else meanwhile."""
    decoder, held = codecs.getincrementaldecoder("utf-8")("replace"), ""
    while await _readable(source):
        read = os.read(source.fileno(), _AT_ONCE)
        *lines, held = (held + decoder.decode(read, final=not read)).split("\n")
        for line in lines:
            yield line
        if not read:
            if held:
                yield held
            return
    while line := await asyncio.to_thread(source.readline):
        yield line


async def _readable(source: TextIO) -> bool:
    """Wait until there is something to read; return False for a file, where that cannot be told, and on Windows.

    Watches for one reading at a time: a second notice of the same input would make the next reading wait for ever.
    """
    loop, noticed = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(source, noticed.set)
    except (NotImplementedError, OSError):
        return False
    try:
        await noticed.wait()
    finally:
        loop.remove_reader(source)
    return True
