"""The console as `platform_contract` sees it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from bot.adapters.console import Console, Outcome, play
from bot.adapters.console.acting import Acting
from bot.adapters.console.form import OpenForm
from bot.adapters.console.people import Persona, with_ids
from bot.adapters.console.render import as_text, draw
from bot.adapters.console.world import Shown
from bot.content import load_content
from bot.core.clock import MovedClock
from bot.core.content import Content
from bot.core.port import Address, Channel, Member, Message, Ping, Thread
from bot.core.text import Words, plain, read_as_text
from tests.adapters.fake_core import FakeCore
from tests.platform_contract import CIRCLE, OTHER, FormSeen, Harness, Seen

START: Final = datetime(2026, 10, 23, 8, 0, tzinfo=UTC)
CONTENT: Final = Path(__file__).parents[2] / "content"
PICTURE: Final = "[picture: "


@lru_cache(maxsize=1)
def platform_words() -> Words:
    """Load the sentences of the platforms."""
    return load_content(CONTENT, {"platform": Content}).words


class Stage:
    """A console with a fake core, a clock that the transcript moves, and everything printed.

    `due` are posts that fall due while time moves: when, to whom, what.
    """

    def __init__(self, *, zone: str = "UTC", welcome: Callable[[Member], Awaitable[None]] | None = None) -> None:
        self.core = FakeCore()
        self.clock = MovedClock(START)
        self.output = io.StringIO()
        self.due: list[tuple[timedelta, Address, Message]] = []
        self.settled = 0
        self.console = Console(
            words=platform_words(),
            clock=self.clock,
            zone=zone,
            output=self.output,
            welcome=welcome,
            settle=self._settle,
            move=self._move,
        )
        self.console.attach(self.core)
        self.circle = Channel(self.console.world.community, "circle")

    @property
    def printed(self) -> str:
        return self.output.getvalue()

    def person(self, name: str) -> Member:
        return Member(self.console.world.community, name)

    async def plays(self, transcript: str) -> Outcome:
        return await play(self.console, transcript.splitlines(keepends=True))

    async def _settle(self) -> None:
        self.settled += 1

    async def _move(self, to: datetime) -> None:
        for after, address, message in self.due:
            self.clock.move(START + after)
            await self.console.post(address, message, key="k")
        self.due.clear()
        self.clock.move(to)


class ConsoleHarness(Harness):
    """People who act on a console directly, without a transcript."""

    longest = 4000

    def __init__(self) -> None:
        self.console = Console(words=platform_words(), clock=MovedClock(START), output=io.StringIO())
        self.fake = FakeCore()
        self.acting = Acting(self.console)
        self._running: asyncio.Task[None] | None = None

    @property
    def platform(self) -> Console:
        return self.console

    @property
    def core(self) -> FakeCore:
        return self.fake

    async def start(self) -> None:
        self._running = asyncio.create_task(self.console.run(self.fake))

    async def stop(self) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.wait([self._running])

    def member(self, name: str) -> Member:
        return self.console.member(_persona(name))

    def channel(self, name: str) -> Channel:
        return Channel(self.console.world.community, name)

    def nobody(self) -> Member:
        return Member(self.console.world.community, "nobody")

    def nowhere(self) -> Channel:
        return Channel(self.console.world.community, "nowhere")

    # ------------------------------------------------------------ what people do

    async def types(self, actor: str, line: str) -> None:
        await self._as(actor).type(line)

    async def writes(self, actor: str, text: str) -> None:
        await self._as(actor).write(text)

    async def mentions(self, actor: str, text: str) -> None:
        await self._as(actor).say(f"@hearthside {text}")

    async def says(self, actor: str, text: str) -> None:
        await self._as(actor).say(text)

    async def replies(self, actor: str, text: str) -> None:
        world, circle, now = self.console.world, self.channel(CIRCLE), self.console.clock.now()
        first = world.put(Shown(world.new_id(), circle, Message("Let us talk here."), now, author=_persona(OTHER).id))
        world.threads.add(first.id)
        inside = Thread(circle, first.id)
        world.put(Shown(world.new_id(), inside, Message(plain(text)), now, author=_persona(actor).id))

    async def chooses(self, actor: str, label: str, text: str) -> None:
        entry = next(one for one in self.fake.catalogue if one.summary == label)
        seen = (one for one in self._seen(actor) if not one.only_for)
        shown = next(one for one in seen if read_as_text(one.message.body) == text)
        await self._as(actor).choose(entry, shown)

    async def presses(self, actor: str, label: str) -> None:
        found = ((one, button) for one in self._seen(actor) for button in one.message.buttons if button.label == label)
        await self._as(actor).press(*next(found))

    async def submits(self, actor: str, values: Mapping[str, str]) -> None:
        form = self._form(actor)
        filled = {**form.values, **{name: with_ids(value) for name, value in values.items()}}
        self.acting.forms[_persona(actor).id] = OpenForm(form.ask, form.place, (), filled, form.origin, begun=True)
        await self._as(actor).submit()

    async def suggestions(self, actor: str, command: str, field: str, typed: str) -> Sequence[str]:
        return [choice.value for choice in await self._as(actor).suggestions(command, field, typed)]

    # ------------------------------------------------------------ what people see

    async def fetches(self, actor: str, name: str) -> str:
        printed = next(one.text for one in self.answers_seen(actor) if name in one.text)
        return printed.partition("```\n")[2].partition("\n```")[0]

    def answers_seen(self, actor: str) -> Sequence[Seen]:
        return [_as_seen(one) for one in reversed(self._seen(actor)) if one.only_for]

    def direct_seen(self, actor: str) -> Sequence[Seen]:
        return [_as_seen(one) for one in reversed(self._seen(actor)) if isinstance(one.place, Member)]

    def posts_seen(self, place: Channel | Thread) -> Sequence[Seen]:
        return [_as_seen(one) for one in self.console.posts if one.place == place]

    def form_seen(self, actor: str) -> FormSeen | None:
        form = self.acting.forms.get(_persona(actor).id)
        if form is None:
            return None
        return FormSeen(form.ask.title, {field.name: form.values.get(field.name, "") for field in form.ask.fields})

    def problems_seen(self, actor: str) -> str:
        return "\n".join(self._form(actor).ask.problems.values())

    async def mends(self, actor: str) -> FormSeen:
        form = self.form_seen(actor)
        assert form is not None
        return form

    # ------------------------------------------------------------ what happens to the bot

    def closes_direct(self, actor: str) -> None:
        self.console.world.closed.add(_persona(actor).id)

    def leaves(self, actor: str) -> None:
        self.console.world.gone.add(_persona(actor).id)

    def forbids(self, channel: str) -> None:
        self.console.world.locked.add(channel)

    # ------------------------------------------------------------ inside

    def _as(self, actor: str) -> Acting:
        self.acting.persona = _persona(actor)
        return self.acting

    def _seen(self, actor: str) -> list[Shown]:
        return self.console.world.seen_by(_persona(actor).id)

    def _form(self, actor: str) -> OpenForm:
        return self.acting.forms[_persona(actor).id]


def _persona(name: str) -> Persona:
    """Return a person of the suite; the typed line `@other` means the same one."""
    return Persona(with_ids(f"@{name}").removeprefix("@"))


def _as_seen(shown: Shown) -> Seen:
    public = not shown.only_for
    lines = [line for line in draw(shown.message, public=public) if not line.pieces]
    text = as_text(line for line in lines if not line.text.startswith(PICTURE)).strip()
    pictures = [line.text.removeprefix(PICTURE).removesuffix("]") for line in lines if line.text.startswith(PICTURE)]
    called = {shown.message.ping.value} - {Ping.NOBODY.value} if public else set[str]()
    pings = frozenset(member.id for member in shown.message.notifies) | called
    buttons = tuple(button.label for button in shown.message.buttons)
    return Seen(text, buttons, pings, shown.pinned, tuple(pictures))
