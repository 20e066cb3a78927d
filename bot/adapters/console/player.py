"""Carries out the lines of a transcript, one by one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from bot.adapters.console.acting import Acting
from bot.adapters.console.form import OpenForm
from bot.adapters.console.people import Persona
from bot.adapters.console.platform import Console
from bot.adapters.console.render import day_and_time
from bot.adapters.console.script import (
    Answer,
    As,
    At,
    Direct,
    Expect,
    Leave,
    Menu,
    Press,
    Refuse,
    Remark,
    Say,
    Step,
    Type,
    Wait,
    Write,
)
from bot.adapters.console.world import Shown
from bot.core import port
from bot.core.text import clean

T = TypeVar("T")


class ImpossibleError(Exception):
    """A line that can be read but not carried out, or that does not hold. The text says why."""


@dataclass(frozen=True, slots=True)
class _Pressed:
    """The last thing that was pressed, if nothing else happened since."""

    persona: Persona
    step: Press
    shown: Shown
    button: port.Button


class Player:
    """Carries out steps. With `echo` it prints what people do too, and forms as a whole."""

    def __init__(self, console: Console, *, echo: bool) -> None:
        self.console = console
        self.acting = Acting(console)
        self._echo = echo
        self._pressed: _Pressed | None = None
        self._form: OpenForm | None = None
        self._remarked = False

    async def do(self, step: Step | None, said: str = "") -> None:
        """Carry out a step, which was written as `said`. Raises `ImpossibleError` before anything has changed."""
        self._remark(said if isinstance(step, Remark) else "")
        match step:
            case None | Remark():
                pass
            case Answer(text):
                await self._answer(step, text, said)
            case As(persona):
                await self.finish_form()
                self.acting.persona = persona
            case Expect() | Refuse():
                await self.finish_form()
                self._look(step)
            case _:
                await self.finish_form()
                act = await self._prepared(step)
                self._begin(step, said)
                await act()
                self._show_form()

    async def finish_form(self) -> None:
        """Send the open form if all that is necessary was answered."""
        if self.acting.form and self.acting.form.ready:
            await self.acting.submit()
            self._show_form()

    def seen(self) -> Sequence[str]:
        """Return what the persona has seen since something was last done."""
        return self.console.world.saw(self.acting.persona.id)

    # ------------------------------------------------------------ kinds of steps

    def _look(self, step: Expect | Refuse) -> None:
        holds = any(_folded(step.text) in _folded(seen) for seen in self.seen())
        if holds is isinstance(step, Refuse):
            raise ImpossibleError(f"{self._name} has {'' if holds else 'not '}seen this")

    async def _answer(self, step: Answer, text: str, said: str) -> None:
        acting = self.acting
        if acting.form is None:
            raise ImpossibleError(f"{self._name} has no form open")
        asked = acting.form.current is not None
        sent = not asked and not text
        if asked and not acting.answer(text):
            raise ImpossibleError("this field may not stay empty")
        if not asked and not sent and not acting.pick(text):
            raise ImpossibleError("this form has no such field to fill in by its name")
        self._begin(step, said)
        if sent or (acting.form.current is None and not acting.form.spare):
            await acting.submit()
            self._show_form()
        elif self._echo:
            acting.show_prompt()

    async def _prepared(self, step: Step) -> Callable[[], Awaitable[None]]:
        """Return what a step will do, once it is known that it can be done."""
        acting = self.acting
        match step:
            case Type(line):
                act = partial(acting.type, line)
            case Say(text):
                act = partial(acting.say, text)
            case Write(text):
                act = partial(acting.write, text)
            case Press():
                found = self._button(step)
                self._pressed = _Pressed(acting.persona, step, *found)
                act = partial(acting.press, *found)
            case Menu():
                act = partial(acting.choose, *await self._entry(step))
            case Wait() | At():
                act = partial(self._move, self._instant(step))
            case Direct(is_open):
                act = partial(acting.open_direct, is_open)
            case Leave():
                act = acting.leave
            case _:
                raise TypeError(step)
        return act

    # ------------------------------------------------------------ time

    def _instant(self, step: Wait | At) -> datetime:
        console = self.console
        if console.move is None:
            raise ImpossibleError("time does not move here")
        try:
            to = console.clock.now() + step.length if isinstance(step, Wait) else console.window.instant(step.instant)
        except OverflowError:
            raise ImpossibleError("that is longer than there are years") from None
        if to < console.clock.now():
            raise ImpossibleError(f"time does not go back: it is {day_and_time(console.window.local_now())} already")
        return to

    async def _move(self, to: datetime) -> None:
        if self.console.move is None:
            return
        self.console.window.moving = True
        try:
            await self.console.move(to)
        finally:
            self.console.window.moving = False
        self.console.window.show_time()

    # ------------------------------------------------------------ what can be pressed

    def _button(self, step: Press) -> tuple[Shown, port.Button]:
        shown = self.console.world.seen_by(self.acting.persona.id)
        if step.number:
            for one in shown:
                if len(one.message.buttons) >= step.number:
                    return one, one.message.buttons[step.number - 1]
        else:
            buttons = [(button.label, (one, button)) for one in shown for button in one.message.buttons]
            if found := _matching(step.label, buttons):
                return found
        if again := self._double(step):
            return again
        labels = dict.fromkeys(clean(button.label) for one in shown for button in one.message.buttons)
        raise ImpossibleError(f"{self._name} sees no such button; newest first: {', '.join(labels) or 'none at all'}")

    async def _entry(self, step: Menu) -> tuple[port.Entry, Shown]:
        core = await self.console.core()
        entries = [entry for entry in core.catalogue if entry.shown is port.Shown.MENU]
        entry = _matching(step.label, [(one.summary, one) for one in entries])
        if entry is None:
            offered = ", ".join(one.summary for one in entries) or "nothing"
            raise ImpossibleError(f"the menu of a message has no such entry; it offers: {offered}")
        seen = self.console.world.seen_by(self.acting.persona.id)
        if step.newest > len(seen):
            raise ImpossibleError(f"{self._name} can see {len(seen)} messages, no more")
        return entry, seen[step.newest - 1]

    def _double(self, step: Press) -> tuple[Shown, port.Button] | None:
        """Return what was just pressed, when it is gone and the finger comes down a second time."""
        last = self._pressed
        if last and (last.persona, last.step) == (self.acting.persona, step):
            return last.shown, last.button
        return None

    # ------------------------------------------------------------ what is printed

    def _begin(self, step: Step, said: str) -> None:
        """Begin anew with what people have seen, and print what is done now unless it will show by itself."""
        self.console.world.look_away()
        if not isinstance(step, Press):
            self._pressed = None
        if self._echo and not isinstance(step, Say | Wait | At):
            self.console.window.screen.say(f"{self._name}> {said}", "bold")
            self.console.window.screen.blank()

    def _remark(self, said: str) -> None:
        """Print a comment; after the last of several comes an empty line."""
        screen = self.console.window.screen
        if self._echo and said:
            screen.say(said, "dim")
        elif self._remarked:
            screen.blank()
        self._remarked = self._echo and said != ""

    def _show_form(self) -> None:
        """Print the open form once, when it has just opened."""
        form = self.acting.form
        if self._echo and form and form is not self._form and not form.begun:
            self.acting.show_form()
        self._form = form

    @property
    def _name(self) -> str:
        return self.acting.persona.name


def _matching(label: str, found: Sequence[tuple[str, T]]) -> T | None:
    """Return what is called so; the same letters in another case will do."""
    wanted = _folded(label)
    same = (each for name, each in found if _folded(name) == wanted)
    alike = (each for name, each in found if _folded(name).casefold() == wanted.casefold())
    return next(same, None) or next(alike, None)


def _folded(text: str) -> str:
    """Return text with every stretch of blanks and line breaks as one blank."""
    return " ".join(text.split())
