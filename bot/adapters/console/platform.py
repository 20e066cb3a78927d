"""The bot in a terminal: implements `Platform` over a small world in memory, and prints what people see."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TextIO

from bot.adapters.console.people import NOBODY, Persona
from bot.adapters.console.render import Screen, as_text, draw
from bot.adapters.console.window import Window, read_zone
from bot.adapters.console.world import Shown, World, channel_of, place_id, standing_place
from bot.core.port import (
    Access,
    Actor,
    Address,
    Channel,
    Clock,
    Community,
    Core,
    DeliveryError,
    Member,
    Message,
    Outcome,
    Posted,
    Profile,
    Reason,
    Thread,
)
from bot.core.text import Words

_EVERYTHING: Final = Access(see=True, post=True, thread=True, attach=True, pin=True, look_back=True, call=True)


async def _nothing_due() -> None:
    """Stand in for an engine where nothing ever falls due."""


class Console:
    """One community in a terminal.

    `zone` is how times are printed: an IANA name, or an offset such as "+02:00". `welcome` is awaited, with nothing
    printed, the first time a numbered leader speaks whom nobody invited. `settle` does everything that is due now and
    is awaited after whatever a person does; `move` moves the clock. Both may be set later; without `move` time stands.
    """

    def __init__(
        self,
        *,
        words: Words,
        clock: Clock,
        zone: str = "UTC",
        output: TextIO | None = None,
        welcome: Callable[[Member], Awaitable[None]] | None = None,
        settle: Callable[[], Awaitable[object]] = _nothing_due,
        move: Callable[[datetime], Awaitable[None]] | None = None,
    ) -> None:
        self.clock = clock
        self.welcome = welcome
        self.settle = settle
        self.move = move
        self.world = World(Community(self.name, self.name))
        self.window = Window(self.world, words, clock, read_zone(zone), Screen(output or sys.stdout))
        self.invited: set[str] = set()
        self._core: Core | None = None
        self._attached = asyncio.Event()

    @property
    def name(self) -> str:
        """Return "console"."""
        return "console"

    @property
    def posts(self) -> Sequence[Shown]:
        """Return what the bot posted and what still stands, oldest first: answers are no posts."""
        return [shown for shown in self.world.messages.values() if shown.to is not None]

    async def run(self, core: Core) -> None:
        """Serve until cancelled. People act through `Acting`, which waits for this."""
        self.attach(core)
        await asyncio.Event().wait()

    def attach(self, core: Core) -> None:
        """Take the core."""
        self._core = core
        self._attached.set()

    async def core(self) -> Core:
        """Wait for the core."""
        await self._attached.wait()
        if self._core is None:
            raise RuntimeError("no core was attached")
        return self._core

    # ------------------------------------------------------------ posts

    async def post(self, to: Address, message: Message, *, key: str) -> Posted:
        """Post and print. The same key twice posts twice: nothing here is ever lost."""
        self._refuse(to)
        channel, only_for = channel_of(to), ""
        if isinstance(to, Member):
            only_for = to.id
            self.invited.add(to.id)
        if channel and not self.window.silent:
            self.world.current = channel.id
        shown = Shown(
            self.world.new_id(), standing_place(to), message, self.clock.now(), only_for, "", to, key,
            hidden=self.window.silent,
        )  # fmt: skip
        self.window.show(self.world.put(shown))
        return _posted(shown)

    async def find(self, to: Address, key: str, *, since: datetime) -> Posted | None:
        """Find our own post that still stands."""
        for shown in self.posts:
            if shown.to == to and shown.key == key and shown.at >= since:
                return _posted(shown)
        return None

    async def edit(self, posted: Posted, message: Message, *, key: str) -> None:
        """Replace what a post says, and print it again unless it says the same."""
        shown = self._standing(posted)
        changed = self.world.put(replace(shown, message=message, key=key))
        if as_text(draw(message)) != as_text(draw(shown.message)):
            self.window.show(changed, self.window.label("edited"))

    async def delete(self, posted: Posted) -> None:
        """Take a post down."""
        shown = self.world.messages.pop(posted.message, None)
        if shown:
            self.window.note(shown, self.window.label("removed"))

    async def pin(self, posted: Posted, pinned: bool) -> None:
        """Pin or unpin a post."""
        shown = self._standing(posted)
        if shown.pinned is not pinned:
            self.window.note(self.world.pinned(shown, pinned), self.window.label("pinned" if pinned else "unpinned"))

    async def start_thread(self, posted: Posted, title: str) -> Thread:
        """Open a thread, whose id is that of its message."""
        shown = self._standing(posted)
        channel = channel_of(posted.to)
        if channel is None:
            raise DeliveryError(Reason.REJECTED, Outcome.REFUSED)
        if posted.message not in self.world.threads:
            self.world.threads.add(posted.message)
            self.window.note(shown, self.window.label("thread", title=title))
        return Thread(channel, posted.message)

    # ------------------------------------------------------------ people and places

    async def look_up(self, member: Member) -> Profile | None:
        """Return the name; nothing tells a terminal's language or zone."""
        return None if self._away(member) else Profile(Persona(member.id).name)

    async def belongs(self, member: Member, channel: Channel) -> bool:
        """Return whether somebody is still here: all of them read every channel."""
        return not self._away(member) and channel.id not in self.world.absent

    async def access(self, to: Address) -> Access:
        """Return what the bot may do."""
        channel = channel_of(to)
        if isinstance(to, Member):
            return Access() if self._away(to) or to.id in self.world.closed else _EVERYTHING
        if channel is None or channel.id in self.world.absent:
            return Access()
        return Access(see=True, look_back=True) if channel.id in self.world.locked else _EVERYTHING

    def member(self, persona: Persona) -> Member:
        """Return a person's address."""
        return Member(self.world.community, persona.id)

    def actor(self, persona: Persona) -> Actor:
        """Return a person as one who acts."""
        return Actor(self.member(persona), persona.name, manages_community=persona.manages)

    def channel(self) -> Channel:
        """Return the channel where people are."""
        return Channel(self.world.community, self.world.current)

    def _away(self, member: Member) -> bool:
        return member.id in {NOBODY, *self.world.gone}

    def _refuse(self, to: Address) -> None:
        channel = channel_of(to)
        if isinstance(to, Member) and self._away(to):
            raise DeliveryError(Reason.GONE, Outcome.REFUSED)
        if isinstance(to, Member) and to.id in self.world.closed:
            raise DeliveryError(Reason.CLOSED, Outcome.REFUSED)
        if channel and channel.id in self.world.absent:
            raise DeliveryError(Reason.GONE, Outcome.REFUSED)
        if channel and channel.id in self.world.locked:
            raise DeliveryError(Reason.FORBIDDEN, Outcome.REFUSED)

    def _standing(self, posted: Posted) -> Shown:
        shown = self.world.posted(posted)
        if shown is None:
            raise DeliveryError(Reason.GONE, Outcome.REFUSED)
        return shown


def _posted(shown: Shown) -> Posted:
    to = shown.to or shown.place
    return Posted(to, place_id(to), shown.id)
