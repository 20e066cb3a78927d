"""The bot in a terminal, for people: a prompt, forms that are asked field by field, help of its own."""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TextIO

from rich.text import Text as Ink

from bot.adapters.console.form import listed, prompt
from bot.adapters.console.platform import Console
from bot.adapters.console.player import ImpossibleError, Player
from bot.adapters.console.render import INDENT, Line, printable
from bot.adapters.console.script import Expect, Refuse, UnreadableError, read_step
from bot.core.port import Field

_ENDS = frozenset({"quit", "exit"})
_HELP = "?"
_CANCEL = "cancel"
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
                self._window.show_lines(acting.persona.id, [Line(Ink(printable(title), style="bold"))])
            if form.current is None:
                await acting.submit()
            elif not await self._fill(form.current):
                acting.drop_form()
                self._tell(self._window.label("left"))

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
            line = await self._read(question)
            if line is None or line.casefold() == _CANCEL:
                return False
            if line.startswith(_HELP):
                await self._suggest(form.ask.command, field, line.removeprefix(_HELP).strip())
            elif acting.answer(line):
                return True
            else:
                self._tell(self._window.label("needed"))

    async def _suggest(self, command: str, field: Field, typed: str) -> None:
        offered = await self._player.acting.suggestions(command, field.name, typed) if field.suggests else field.choices
        self._tell(listed(offered) or self._window.label("nothing_to_suggest"))

    # ------------------------------------------------------------ in and out

    async def _read(self, question: str) -> str | None:
        self._window.screen.begin(printable(question))
        line = await anext(self._lines, None)
        if line is None:
            self._window.screen.blank()
        return line if line is None else line.strip()

    def _tell(self, text: str) -> None:
        self._window.screen.lines([Line(Ink(printable(part))) for part in text.split("\n")])
        self._window.screen.blank()


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
