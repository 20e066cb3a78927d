"""Carries out the lines of a transcript, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.adapters.console.acting import Acting
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

    async def do(self, step: Step) -> None:
        """Carry out a step. Raises `ImpossibleError`."""
        match step:
            case Remark(text):
                self._remark(text)
            case Answer(text):
                await self._answer(text)
            case As() | Expect() | Refuse():
                await self.finish_form()
                self._look(step)
            case _:
                await self.finish_form()
                self._begin(step)
                await self._act(step)
                self._show_form()

    async def finish_form(self) -> None:
        """Send the open form if all that is necessary was answered."""
        if self.acting.form and self.acting.form.ready:
            await self.acting.submit()
            self._show_form()

    # ------------------------------------------------------------ kinds of steps

    def _look(self, step: As | Expect | Refuse) -> None:
        match step:
            case As(persona):
                self.acting.persona = persona
            case Expect(text):
                if not any(_holds(seen, text) for seen in self._saw()):
                    raise ImpossibleError(f"{self.acting.persona.name} has not seen this. {self._since()}")
            case Refuse(text):
                for seen in self._saw():
                    if _holds(seen, text):
                        raise ImpossibleError(f"{self.acting.persona.name} has seen this:\n{_indented(seen)}")

    async def _act(self, step: Step) -> None:
        acting, world, me = self.acting, self.console.world, self.acting.persona.id
        match step:
            case Type(line):
                await acting.type(line)
            case Say(text):
                await acting.say(text)
            case Write(text):
                await acting.write(text)
            case Press():
                await self._press(step)
            case Menu():
                await self._menu(step)
            case Wait(length):
                await self._wait(length)
            case At(instant):
                await self._at(instant)
            case Leave():
                await acting.leave()
            case Direct(is_open):
                world.closed = world.closed - {me} if is_open else world.closed | {me}
            case _:
                raise TypeError(step)

    async def _answer(self, text: str) -> None:
        acting = self.acting
        if acting.form is None:
            raise ImpossibleError(f"{acting.persona.name} has no form open. {self._since()}")
        self._begin(Answer(text))
        if not acting.answer(text):
            raise ImpossibleError("this field may not stay empty")
        if acting.form.current is None:
            await acting.submit()
            self._show_form()
        elif self._echo:
            acting.show_prompt(acting.form.current)

    async def _press(self, step: Press) -> None:
        found = self._button(step)
        self._pressed = _Pressed(self.acting.persona, step, *found)
        await self.acting.press(*found)

    async def _menu(self, step: Menu) -> None:
        core = await self.console.core()
        entries = [entry for entry in core.catalogue if entry.shown is port.Shown.MENU]
        entry = _matching(step.label, [(one.summary, one) for one in entries])
        if entry is None:
            listed = ", ".join(one.summary for one in entries) or "nothing"
            raise ImpossibleError(f"the menu of a message offers no {step.label!r}, but {listed}")
        seen = self.console.world.seen_by(self.acting.persona.id)
        if step.newest > len(seen):
            raise ImpossibleError(f"{self.acting.persona.name} can see {len(seen)} messages only")
        await self.acting.choose(entry, seen[step.newest - 1])

    async def _wait(self, length: timedelta) -> None:
        try:
            to = self.console.clock.now() + length
        except OverflowError:
            raise ImpossibleError("that is longer than there are years") from None
        await self._move(to)

    async def _at(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=self.console.local_now().tzinfo)
        if instant < self.console.clock.now():
            raise ImpossibleError(f"time does not go back: it is {day_and_time(self.console.local_now())} already")
        self.console.follow(instant.tzinfo)
        await self._move(instant)

    async def _move(self, to: datetime) -> None:
        if self.console.move is None:
            raise ImpossibleError("time does not move here")
        self.console.moving = True
        try:
            await self.console.move(to)
        finally:
            self.console.moving = False
        self.console.show_time()

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
        listed = ", ".join(labels) or "none"
        raise ImpossibleError(
            f"{self.acting.persona.name} sees no such button. Buttons in sight, newest first: {listed}"
        )

    def _double(self, step: Press) -> tuple[Shown, port.Button] | None:
        """Return what was just pressed, when it is gone and the finger comes down a second time."""
        last = self._pressed
        if last and (last.persona, last.step) == (self.acting.persona, step):
            return last.shown, last.button
        return None

    # ------------------------------------------------------------ what is printed

    def _begin(self, step: Step) -> None:
        """Begin anew with what people have seen, and print what is done now."""
        self.console.world.look_away()
        if not isinstance(step, Press):
            self._pressed = None
        if self._echo and (said := _as_typed(step)):
            self.console.screen.say(f"{self.acting.persona.name}> {said}", "bold")
            self.console.screen.blank()

    def _remark(self, text: str) -> None:
        if self._echo:
            self.console.screen.say(f"# {text}".rstrip(), "dim")

    def _show_form(self) -> None:
        if self._echo and self.acting.form and not self.acting.form.begun:
            self.acting.show_form()

    def _saw(self) -> Sequence[str]:
        return self.console.world.saw(self.acting.persona.id)

    def _since(self) -> str:
        seen = self._saw()
        if not seen:
            return "Since the last act they saw nothing."
        return "Since the last act they saw:\n" + "\n".join(_indented(text) for text in seen)


def _as_typed(step: Step) -> str:
    match step:
        case Type(line):
            return line
        case Write(text):
            return f"dm {text}"
        case Press(label):
            return f"press {label}"
        case Answer(text):
            return f"answer {text}"
        case Menu(label, newest):
            return f'menu "{label}" on {newest}'
        case Leave():
            return "leaves"
        case Direct(is_open):
            return "opens direct messages" if is_open else "closes direct messages"
        case _:
            return ""


def _matching(label: str, found: Sequence[tuple[str, T]]) -> T | None:
    """Return what is called so; the same letters in another case will do."""
    wanted = _folded(label)
    same = (each for name, each in found if _folded(name) == wanted)
    alike = (each for name, each in found if _folded(name).casefold() == wanted.casefold())
    return next(same, None) or next(alike, None)


def _holds(seen: str, text: str) -> bool:
    return _folded(text) in _folded(seen)


def _folded(text: str) -> str:
    """Return text with every stretch of blanks and line breaks as one blank."""
    return " ".join(text.split())


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
