"""What a feature declares, and what it may ask of the house."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from bot.core.commands import Call, Command
from bot.core.port import (
    Access,
    Actor,
    Address,
    Channel,
    Choice,
    Community,
    Event,
    Member,
    Message,
    Posted,
    Reason,
    Role,
)
from bot.core.text import Markup

# ---------------------------------------------------------------- deliveries


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery about to be composed. `subject` is the feature's own row id; `late` says the hour has passed.

    `locale` is the group's for public posts, the reader's for private ones.
    """

    feature: str
    kind: str
    subject: int
    to: Address
    due_at: datetime
    now: datetime
    late: bool
    locale: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Do not send after all. `why` is a word for the records, such as "paused"."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """Do not send before an instant, at which it is looked at again. After its expiry it is not sent at all."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Quiet:
    """A group's silence at an instant. `until` is when it ends; None when nobody has said.

    `moves`: what falls into it is sent at its end; otherwise it is left out.
    """

    until: datetime | None
    moves: bool


Compose: TypeAlias = Callable[[Sending], Awaitable[Message | Withdraw | Later]]
Sent: TypeAlias = Callable[[Sending, Posted], Awaitable[None]]
Failed: TypeAlias = Callable[[Sending, Reason], Awaitable[None]]
Followed: TypeAlias = Callable[[Sending, Reason | None], Awaitable[None]]
"""Hears what became of what was to be done to a post; the reason is None when it was done.

`Reason.GONE`: there is no such post. It may never have been sent.
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """For which group a post is wanted: `group` is its row, `used` the pieces it has had, oldest first.

    `name` names the group wherever its row is kept: an order that is shuffled by it is the same everywhere.
    `thread`: one is opened under the post.
    """

    group: int
    name: str
    used: Sequence[str]
    locale: str
    zone: str
    thread: bool = False


class PostKind(Protocol):
    """A kind of scheduled post that a feature offers to `schedule add`.

    A `what` is what a leader asks for, such as a skill; a piece is what one post shows, such as an exercise. Kinds are
    offered by `order`, lowest first.
    """

    order: int

    async def choices(self, community: Community, locale: str) -> Sequence[Choice]:
        """Return what can be asked for in a community, with labels in a language."""
        ...

    async def label(self, what: str, group: int, locale: str) -> str | None:
        """Return what people call it; None when this kind does not know it, or the group may not have it."""
        ...

    async def pick(self, what: str, turn: Turn) -> str:
        """Return the piece of a turn: always the same for the same turn. Raises `LookupError` when there is none."""
        ...

    async def draw(self, piece: str, turn: Turn) -> Message:
        """Draw a piece. Raises `LookupError` when it is gone."""
        ...

    async def opening(self, piece: str, turn: Turn) -> Message | None:
        """Return what is said first in the thread under a piece; None for nothing."""
        ...


# ---------------------------------------------------------------- the declaration


@dataclass(frozen=True, slots=True)
class Job:
    """Makes what is due into deliveries. `run` returns when it is wanted next, or None; it never posts.

    `due` returns when `run` is wanted, by a look at rows that changes nothing: all jobs look together, and only those
    that are wanted run. Without it, `run` is always wanted.
    """

    name: str
    run: Callable[[datetime], Awaitable[datetime | None]]
    due: Callable[[datetime], Awaitable[datetime | None]] | None = None


class PersonalData(Protocol):
    """What a feature keeps about a member, and how it goes."""

    tables: Sequence[str]
    """Names of the tables it keeps about members; every table of the database must be named by somebody."""

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return everything kept about a member, in words that JSON can hold. Empty when there is nothing."""
        ...

    async def erase(self, member: Member) -> None:
        """Remove everything kept about a member, at once."""
        ...


class _Nothing:
    tables: Sequence[str] = ()

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return nothing."""
        del member
        return {}

    async def erase(self, member: Member) -> None:
        """Remove nothing."""


KEEPS_NOTHING: Final[PersonalData] = _Nothing()

Home: TypeAlias = Callable[[Call], Awaitable["HomePart | None"]]
Guard: TypeAlias = Callable[[str, Call], Awaitable[Message | None]]
ReplyGuard: TypeAlias = Callable[[str, str, Call], Awaitable[Message | None]]
"""Looks at a reply that somebody drafts: the message first, then the reply."""
Observe: TypeAlias = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """The last time that something did not reach a group: when it was due, and why."""

    at: datetime
    reason: Reason


Upcoming: TypeAlias = Callable[[Channel, datetime], Awaitable[Sequence[datetime]]]
LastTrouble: TypeAlias = Callable[[Channel], Awaitable[Trouble | None]]
Accessible: TypeAlias = Callable[[Channel, Access], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HomePart:
    """A feature's part of `home`. Parts are shown by `order`, lowest first."""

    order: int
    message: Message


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature, as it plugs in. `personal_data` has no default: every feature says what it keeps.

    `sent` hears of its posts and private messages, `failed` of posts that did not arrive, `unheard` of private messages
    that did not, and of a post about a member for which a silence was too long; it may miss one when the process dies.
    `followed` hears of what is done to a post: an edit, a deletion, a pin, a thread.
    `upcoming` tells when it posts in a group next, the nearest first and at least three if there are as many;
    `last_failure` what went wrong there last, unless that would tell of a member. `accessible` hears what we may do in
    a group, so that what had stopped goes on. `guards` look at a person's own words, a message of theirs included in
    whose menu a command was chosen; `guards_about_others` at such a message of somebody else. `guards_on_replies` take
    the place of `guards` where a form holds somebody's message and an answer to it. All look before anything runs and
    before any form is opened.
    """

    name: str
    personal_data: PersonalData
    commands: tuple[Command, ...] = ()
    jobs: tuple[Job, ...] = ()
    posts: tuple[PostKind, ...] = ()
    compose: Compose | None = None
    sent: Sent | None = None
    failed: Failed | None = None
    unheard: Failed | None = None
    followed: Followed | None = None
    home: Home | None = None
    guards: tuple[Guard, ...] = ()
    guards_about_others: tuple[Guard, ...] = ()
    guards_on_replies: tuple[ReplyGuard, ...] = ()
    observe: Observe | None = None
    upcoming: Upcoming | None = None
    last_failure: LastTrouble | None = None
    accessible: Accessible | None = None


# ---------------------------------------------------------------- what may be asked


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: their language, and their time zone (an IANA name)."""

    locale: str
    zone: str


@dataclass(frozen=True, slots=True)
class KnownCommunity:
    """A community that keeps something about a person. `name` is markup that the person recognises it by."""

    id: int
    community: Community
    name: Markup


class Directory(Protocol):
    """Who people are to us."""

    async def role(self, actor: Actor) -> Role:
        """Return what a person may do, at this moment."""
        ...

    async def is_here(self, member: Member) -> bool:
        """Ask the platform whether a member is still in their community. May raise `DeliveryError`."""
        ...

    async def reader(self, member: Member, locale: str = "") -> Reader:
        """Return how a member reads. `locale` is what the platform says; their own setting comes first."""
        ...

    async def group_reader(self, channel: Channel) -> Reader:
        """Return the language and zone of the group in a channel."""
        ...

    async def quiet(self, channel: Channel, at: datetime) -> Quiet | None:
        """Return the silence of the group in a channel at an instant; None when posts are welcome."""
        ...

    async def is_silenced(self, member: Member) -> bool:
        """Return whether nothing public may be said about a member any more."""
        ...

    async def communities_of(self, platform: str, person: str) -> Sequence[KnownCommunity]:
        """Return the communities of a platform that keep something about a person."""
        ...

    async def take_note(self, member: Member) -> str | None:
        """Return, once, the key of a sentence that could not be sent to a member directly."""
        ...

    async def leave_note(self, member: Member, key: str) -> None:
        """Keep the key of a sentence for the next time a member uses the bot."""
        ...
