"""What joins the core and the platforms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.core.port.asking import Choice, Entry, Event, Invocation, Response
from bot.core.port.messages import Message
from bot.core.port.outcomes import Access, Posted, Profile
from bot.core.port.people import Actor, Address, Channel, Member, Thread


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class Core(Protocol):
    """What platforms may ask of us."""

    @property
    def catalogue(self) -> Sequence[Entry]:
        """Return every command, hidden ones included, in order of their paths."""
        ...

    async def invoke(self, invocation: Invocation) -> Response:
        """Carry out what a person asks. Never raises: mistakes and failures are answers too."""
        ...

    async def suggest(self, command: str, field: str, typed: str, actor: Actor) -> Sequence[Choice]:
        """Return at most 25 choices for what was typed so far. Empty for what the person may not use."""
        ...

    async def observe(self, event: Event) -> None:
        """Take note of what happened on the platform."""
        ...


class Platform(Protocol):
    """A place where people meet, as the core sees it. Every method but `run` may raise `DeliveryError`."""

    @property
    def name(self) -> str:
        """Return the platform's short name, as in `Community.platform`."""
        ...

    async def run(self, core: Core) -> None:
        """Serve people until cancelled. Raises `CannotStartError` when the platform refuses for good."""
        ...

    async def post(self, to: Address, message: Message, *, key: str) -> Posted:
        """Post once. The key (at most 25 characters) marks the post and never changes between tries."""
        ...

    async def find(self, to: Address, key: str, *, since: datetime) -> Posted | None:
        """Find our own post by its key among those made after `since`. Raises `CannotLookError`."""
        ...

    async def edit(self, posted: Posted, message: Message, *, key: str) -> None:
        """Replace what a post says. The key is that of the post, so that it can still be found."""
        ...

    async def delete(self, posted: Posted) -> None:
        """Take a post down. One that is gone already is success."""
        ...

    async def pin(self, posted: Posted, pinned: bool) -> None:
        """Pin or unpin a post."""
        ...

    async def start_thread(self, posted: Posted, title: str) -> Thread:
        """Open a thread under a post. One that exists already is success."""
        ...

    async def look_up(self, member: Member) -> Profile | None:
        """Return what the platform tells about a member; None when they are no longer there."""
        ...

    async def belongs(self, member: Member, channel: Channel) -> bool:
        """Return whether a member can read a channel."""
        ...

    async def access(self, to: Address) -> Access:
        """Return what we may do at an address."""
        ...
