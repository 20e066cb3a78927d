"""What people do in a console: type, press, fill in forms, talk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.adapters.console.form import OpenForm, headed, offer, open_form, prompt
from bot.adapters.console.people import ORGANISER, Persona, with_ids
from bot.adapters.console.platform import Console
from bot.adapters.console.world import Shown, standing_place
from bot.core.port import (
    ADDRESSED,
    TEXT,
    TYPED,
    Address,
    Ask,
    Button,
    Choice,
    Entry,
    Invocation,
    Kind,
    Member,
    MemberGone,
    Message,
    Pointed,
    Response,
    Update,
)
from bot.core.text import plain, read_as_text

_MENTION: Final = re.compile(r"@hearthside\b[,:]?", re.IGNORECASE)
_INVITES: Final = "leader add"
_LEADERS: Final = re.compile(r"@(leader\d+)\b")


class Acting:
    """Lets one person after the other act. `persona` is who acts now; everyone has at most one form open."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.persona = Persona(ORGANISER)
        self.forms: dict[str, OpenForm] = {}
        self._known: set[str] = set()

    @property
    def form(self) -> OpenForm | None:
        """Return the form that this person has open."""
        return self.forms.get(self.persona.id)

    # ------------------------------------------------------------ acts

    async def type(self, line: str) -> None:
        """Type a command line, without `/` or `/hearth`."""
        await self._invoke(TYPED, {TEXT: with_ids(line)}, self.console.channel())

    async def press(self, shown: Shown, button: Button) -> None:
        """Press a button."""
        await self._invoke(button.command, dict(button.arguments), shown.place, shown)

    async def choose(self, entry: Entry, shown: Shown) -> None:
        """Choose an entry in the menu of a message."""
        field = next((one for one in entry.fields if one.kind is Kind.MESSAGE), None)
        text = "\n".join(part for part in (shown.message.title, read_as_text(shown.message.body)) if part)
        author = self.console.member(Persona(shown.author)) if shown.author else None
        about = Pointed(shown.place, shown.id, author, self.console.world.beside(shown))
        await self._invoke(entry.path, {field.name: text} if field else {}, shown.place, about=about)

    async def say(self, text: str) -> None:
        """Write in the channel. The bot hears it only where it is mentioned."""
        await self._speak()
        world, place = self.console.world, self.console.channel()
        said = Shown(world.new_id(), place, Message(plain(text)), self.console.clock.now(), author=self.persona.id)
        self.console.window.show(world.put(said))
        if _MENTION.search(text):
            addressed = with_ids(_MENTION.sub("", text, count=1)).strip()
            await self._invoke(ADDRESSED, {TEXT: addressed}, place)

    async def write(self, text: str) -> None:
        """Write to the bot directly."""
        await self._invoke(ADDRESSED, {TEXT: with_ids(text)}, self._member)

    async def submit(self) -> None:
        """Send the open form."""
        form = self.forms.pop(self.persona.id)
        origin = self.console.world.messages.get(form.origin)
        await self._invoke(form.ask.command, form.arguments, form.place, origin)

    async def leave(self) -> None:
        """Leave the community."""
        self.console.world.gone.add(self.persona.id)
        await (await self.console.core()).observe(MemberGone(self._member))
        await self.console.settle()

    async def open_direct(self, is_open: bool) -> None:
        """Open or close direct messages."""
        closed = self.console.world.closed
        (closed.discard if is_open else closed.add)(self.persona.id)

    # ------------------------------------------------------------ forms

    def answer(self, text: str) -> bool:
        """Fill in the next field of the open form; return False when it may not stay empty."""
        form = self.forms[self.persona.id].answered(text)
        return self._went_on(form)

    def pick(self, text: str) -> bool:
        """Go on with a field that nobody has to fill in, by its name; return False when there is none."""
        return self._went_on(self.forms[self.persona.id].picked(text))

    def _went_on(self, form: OpenForm | None) -> bool:
        if form:
            self.forms[self.persona.id] = form
        return form is not None

    def drop_form(self) -> None:
        """Leave the open form."""
        self.forms.pop(self.persona.id, None)

    def show_form(self) -> None:
        """Print all fields of the open form, in the order in which they are asked."""
        form = self.forms[self.persona.id]
        fields = [line for field in form.queue for line in prompt(form, field, self.console.window.words)]
        lines = [*headed(form), *fields, *offer(form, self.console.window.words)]
        self.console.window.show_lines(self.persona.id, lines)

    def show_prompt(self) -> None:
        """Print the field of the open form that is asked next."""
        form, words = self.forms[self.persona.id], self.console.window.words
        asked = prompt(form, form.current, words) if form.current else offer(form, words)
        self.console.window.show_lines(self.persona.id, asked)

    async def suggestions(self, command: str, field: str, typed: str) -> Sequence[Choice]:
        """Return what is offered for what was typed into a field."""
        core = await self.console.core()
        return await core.suggest(command, field, typed, self.console.actor(self.persona))

    # ------------------------------------------------------------ the way to the core and back

    @property
    def _member(self) -> Member:
        return self.console.member(self.persona)

    async def _invoke(
        self,
        command: str,
        arguments: dict[str, str],
        place: Address,
        origin: Shown | None = None,
        *,
        about: Pointed | None = None,
    ) -> None:
        await self._speak()
        self.drop_form()
        self._mark_invited(command, arguments)
        core = await self.console.core()
        private = origin is not None and origin.only_for != ""
        actor = self.console.actor(self.persona)
        response = await core.invoke(Invocation(command, arguments, actor, place, on_private=private, about=about))
        self._take(response, place, origin if private else None)
        await self.console.settle()

    def _take(self, response: Response, place: Address, origin: Shown | None) -> None:
        world = self.console.world
        if isinstance(response, Ask):
            self.forms[self.persona.id] = open_form(response, place, origin.id if origin else "")
            return
        standing = world.messages.get(origin.id) if origin else None
        if isinstance(response, Update) and standing:
            self.console.window.show(world.put_last(replace(standing, message=response.message)))
            return
        answer = Shown(
            world.new_id(), standing_place(place), response.message, self.console.clock.now(), self.persona.id
        )
        self.console.window.show(world.put(answer))

    async def _speak(self) -> None:
        """Be here, and as a numbered leader whom nobody invited become one first."""
        person, console = self.persona, self.console
        console.world.gone.discard(person.id)
        first = person.id not in self._known
        self._known.add(person.id)
        if first and person.leads and person.id not in console.invited and console.welcome:
            with console.window.silence():
                await console.welcome(self._member)

    def _mark_invited(self, command: str, arguments: dict[str, str]) -> None:
        """Remember whom somebody invites to lead: they are to accept by themselves."""
        line = f"{command} {' '.join(arguments.values())}"
        if _INVITES in line.casefold():
            self.console.invited.update(_LEADERS.findall(line))
