"""Fakes that implement the core's protocols and remember: a clock, a platform that can fail, a directory of people."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from bot.core.clock import MovedClock
from bot.core.commands import Command
from bot.core.feature import KnownCommunity, Quiet, Reader
from bot.core.port import (
    Access,
    Actor,
    Address,
    CannotLookError,
    Channel,
    Community,
    Core,
    DeliveryError,
    Member,
    Message,
    Outcome,
    Posted,
    Profile,
    Reason,
    ReplyTo,
    Role,
    Thread,
)
from bot.core.text import Sentence, Words, plain

FakeClock: TypeAlias = MovedClock
"""Stands still until a test moves it."""

START: Final = datetime(2026, 10, 21, 12, 0, tzinfo=UTC)
"""Where the tests' clocks begin: a Wednesday in the week before Europe's clocks go back."""

HERE: Final = Community("fake", "here")
CIRCLE: Final = Channel(HERE, "circle")
EVERYTHING: Final = Access(see=True, post=True, thread=True, attach=True, pin=True, look_back=True, call=True)


def member(name: str, community: Community = HERE) -> Member:
    """Return a member whose id is their name."""
    return Member(community, name)


def actor(name: str, *, locale: str = "", manages: bool = False, community: Community = HERE) -> Actor:
    """Return somebody who acts, called by their id."""
    return Actor(Member(community, name), name, locale, manages)


# ---------------------------------------------------------------- the platform

Doing: TypeAlias = Literal["post", "find", "edit", "delete", "pin", "start_thread", "look_up", "belongs", "access"]


@dataclass(frozen=True, slots=True)
class Fails:
    """How one request goes wrong.

    `accepted`: the platform did what was asked, and only its answer was lost. `silent`: no answer ever comes, so the
    caller waits until it gives up by itself.
    """

    reason: Reason
    outcome: Outcome
    retry_after: timedelta | None = None
    accepted: bool = False
    silent: bool = False


LOST_BEFORE: Final = Fails(Reason.NO_ANSWER, Outcome.UNKNOWN)
"""The answer is lost, and nothing was posted."""
LOST_AFTER: Final = Fails(Reason.NO_ANSWER, Outcome.UNKNOWN, accepted=True)
"""The answer is lost, but the post is there."""
SILENT_BEFORE: Final = Fails(Reason.NO_ANSWER, Outcome.UNKNOWN, silent=True)
SILENT_AFTER: Final = Fails(Reason.NO_ANSWER, Outcome.UNKNOWN, accepted=True, silent=True)


def refused(reason: Reason = Reason.FORBIDDEN) -> Fails:
    """Return a failure for good."""
    return Fails(reason, Outcome.REFUSED)


def later(after: timedelta | None = None, reason: Reason = Reason.TOO_FAST) -> Fails:
    """Return a failure for now, after which the request may be tried again."""
    return Fails(reason, Outcome.LATER, after)


@dataclass(frozen=True, slots=True)
class Post:
    """One of the bot's posts as it stands now."""

    posted: Posted
    message: Message
    key: str
    at: datetime
    pinned: bool = False
    edits: int = 0
    thread: str = ""
    """The title of the thread under it, or ""."""

    @property
    def to(self) -> Address:
        return self.posted.to


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that arrived, whatever became of it. `key` is empty for requests without one."""

    what: Doing
    to: Address
    key: str = ""


class FakePlatform:
    """Implements `Platform` in memory. Like Slack it does not deduplicate: the same key twice posts twice."""

    def __init__(self, clock: MovedClock, name: str = "fake") -> None:
        self.clock = clock
        self._name = name
        self.everything: list[Post] = []
        """Every post that was ever accepted, in order, as it stands or stood last."""
        self.removed: set[str] = set()
        """Ids of the messages that were taken down."""
        self.asked: list[Asked] = []
        """Every request but `run`, in order, failed ones included."""
        self.refuses: dict[Address, Reason] = {}
        """Addresses where nothing can be posted as long as they stand here."""
        self.can_look = True
        """False: `find` raises `CannotLookError`."""
        self.profiles: dict[Member, Profile | None] = {}
        """What `look_up` tells; by default everybody is called by their id."""
        self.strangers: set[tuple[Member, Channel]] = set()
        """Who cannot read which channel."""
        self.accesses: dict[Address, Access] = {}
        """What we may do where; by default everything that `refuses` does not rule out."""
        self.before_posting: Callable[[Address, Message], Awaitable[None]] | None = None
        """Awaited when a post arrives and before it is accepted: a place to let something else happen meanwhile."""
        self.core: Core | None = None
        self._failures: dict[Doing, list[Fails]] = defaultdict(list)

    # ------------------------------------------------------------ for tests

    def fails(self, *failures: Fails, doing: Doing = "post") -> None:
        """Let the next requests of a kind fail, one after the other."""
        self._failures[doing].extend(failures)

    @property
    def posts(self) -> Sequence[Post]:
        """Return the posts that stand, in order."""
        return [post for post in self.everything if post.posted.message not in self.removed]

    def posts_to(self, to: Address) -> Sequence[Post]:
        """Return the posts that stand at an address, in order."""
        return [post for post in self.posts if post.to == to]

    def messages_to(self, to: Address) -> Sequence[Message]:
        """Return what the posts at an address say, in order."""
        return [post.message for post in self.posts_to(to)]

    def tries(self, doing: Doing = "post") -> int:
        """Return how many requests of a kind arrived."""
        return sum(asked.what == doing for asked in self.asked)

    # ------------------------------------------------------------ the port

    @property
    def name(self) -> str:
        return self._name

    async def run(self, core: Core) -> None:
        self.core = core
        await asyncio.Event().wait()

    async def post(self, to: Address, message: Message, *, key: str) -> Posted:
        self.asked.append(Asked("post", to, key))
        if self.before_posting:
            await self.before_posting(to, message)
        self._refuse(to)
        number = len(self.everything) + 1
        posted = Posted(to, _place(to), f"m{number}")
        async with _Failing(self._failures["post"]):
            self.everything.append(Post(posted, message, key, self.clock.now()))
        return posted

    async def find(self, to: Address, key: str, *, since: datetime) -> Posted | None:
        self.asked.append(Asked("find", to, key))
        if not self.can_look:
            raise CannotLookError
        async with _Failing(self._failures["find"]):
            pass
        found = (post for post in self.posts_to(to) if post.key == key and post.at >= since)
        return next((post.posted for post in found), None)

    async def edit(self, posted: Posted, message: Message, *, key: str) -> None:
        self.asked.append(Asked("edit", posted.to, key))
        post = self._standing(posted)
        async with _Failing(self._failures["edit"]):
            self._change(replace(post, message=message, key=key, edits=post.edits + 1))

    async def delete(self, posted: Posted) -> None:
        self.asked.append(Asked("delete", posted.to))
        async with _Failing(self._failures["delete"]):
            self.removed.add(posted.message)

    async def pin(self, posted: Posted, pinned: bool) -> None:
        self.asked.append(Asked("pin", posted.to))
        post = self._standing(posted)
        async with _Failing(self._failures["pin"]):
            self._change(replace(post, pinned=pinned))

    async def start_thread(self, posted: Posted, title: str) -> Thread:
        self.asked.append(Asked("start_thread", posted.to))
        post = self._standing(posted)
        if not isinstance(posted.to, Channel):
            raise DeliveryError(Reason.REJECTED, Outcome.REFUSED)
        async with _Failing(self._failures["start_thread"]):
            self._change(replace(post, thread=post.thread or title))
        return Thread(posted.to, posted.message)

    async def look_up(self, member: Member) -> Profile | None:
        self.asked.append(Asked("look_up", member))
        async with _Failing(self._failures["look_up"]):
            pass
        return self.profiles.get(member, Profile(member.id))

    async def belongs(self, member: Member, channel: Channel) -> bool:
        self.asked.append(Asked("belongs", channel))
        async with _Failing(self._failures["belongs"]):
            pass
        return (member, channel) not in self.strangers

    async def access(self, to: Address) -> Access:
        self.asked.append(Asked("access", to))
        async with _Failing(self._failures["access"]):
            pass
        return self.accesses.get(to, Access() if to in self.refuses else EVERYTHING)

    def _refuse(self, to: Address) -> None:
        if to in self.refuses:
            raise DeliveryError(self.refuses[to], Outcome.REFUSED)

    def _standing(self, posted: Posted) -> Post:
        self._refuse(posted.to)
        for post in self.posts:
            if post.posted == posted:
                return post
        raise DeliveryError(Reason.GONE, Outcome.REFUSED)

    def _change(self, changed: Post) -> None:
        self.everything = [changed if post.posted == changed.posted else post for post in self.everything]


class _Failing:
    """Takes the next failure: before what stands in its block, or after it when the platform accepted."""

    def __init__(self, failures: list[Fails]) -> None:
        self._failure = failures.pop(0) if failures else None

    async def __aenter__(self) -> None:
        if self._failure and not self._failure.accepted:
            await self._fail(self._failure)

    async def __aexit__(self, *_: object) -> None:
        if self._failure and self._failure.accepted:
            await self._fail(self._failure)

    async def _fail(self, failure: Fails) -> None:
        if failure.silent:
            await asyncio.Event().wait()
        raise DeliveryError(failure.reason, failure.outcome, failure.retry_after)


def _place(to: Address) -> str:
    """Return where a post lies: as on Discord, a direct message lies in a channel of its own."""
    match to:
        case Member():
            return f"dm-{to.id}"
        case Channel():
            return to.id
        case Thread():
            return to.id
        case ReplyTo():
            return to.channel.id


# ---------------------------------------------------------------- people


class FakeDirectory:
    """Implements `Directory` over dictionaries, by the ids of people. Zones and locales may change at any time."""

    def __init__(self, *, zone: str = "UTC", locales: Sequence[str] = ("en",)) -> None:
        self.zone = zone
        self.locales = locales
        self.roles: dict[str, Role] = {}
        self.gone: set[Member] = set()
        """Who has left their community."""
        self.readers: dict[str, Reader] = {}
        """How people read who chose it themselves."""
        self.group_readers: dict[Channel, Reader] = {}
        self.silences: dict[Channel, Quiet] = {}
        """Which groups are quiet, whatever the hour."""
        self.silenced: set[Member] = set()
        """About whom nothing public may be said."""
        self.communities: dict[str, list[KnownCommunity]] = defaultdict(list)
        self.notes: dict[Member, list[str]] = defaultdict(list)
        self.asked_role: list[Actor] = []
        """Whose role was asked for, in order."""
        self.asked_reader: list[Member] = []
        """How who reads was asked for, in order."""

    def knows(self, person: str, *communities: str, platform: str = "fake") -> None:
        """Let communities keep something about a person. Their row ids count from 1, and their names are their ids."""
        for name in communities:
            row = len(self.communities[person]) + 1
            self.communities[person].append(KnownCommunity(row, Community(platform, name), plain(name)))

    async def role(self, actor: Actor) -> Role:
        self.asked_role.append(actor)
        return Role.ORGANISER if actor.manages_community else self.roles.get(actor.member.id, Role.ANYONE)

    async def is_here(self, member: Member) -> bool:
        return member not in self.gone

    async def reader(self, member: Member, locale: str = "") -> Reader:
        self.asked_reader.append(member)
        return self.readers.get(member.id, Reader(Words({each: {} for each in self.locales}).best(locale), self.zone))

    async def group_reader(self, channel: Channel) -> Reader:
        return self.group_readers.get(channel, Reader("en", self.zone))

    async def quiet(self, channel: Channel, at: datetime) -> Quiet | None:
        quiet = self.silences.get(channel)
        return quiet if quiet and (quiet.until is None or at < quiet.until) else None

    async def is_silenced(self, member: Member) -> bool:
        return member in self.silenced

    async def communities_of(self, platform: str, person: str) -> Sequence[KnownCommunity]:
        return [known for known in self.communities[person] if known.community.platform == platform]

    async def take_note(self, member: Member) -> str | None:
        return self.notes[member].pop(0) if self.notes[member] else None

    async def leave_note(self, member: Member, key: str) -> None:
        self.notes[member].append(key)


# ---------------------------------------------------------------- words


def words_for(commands: Sequence[Command], says: Mapping[str, Sentence] | None = None) -> Words:
    """Return English words made up for commands ("Summary of x", "Label of y", "Choice z"), and sentences by key."""
    made: dict[str, Sentence] = {}
    for command in commands:
        key = f"command.{command.path}"
        made[f"{key}.summary"] = f"Summary of {command.path}"
        made[f"{key}.title"] = f"Title of {command.path}"
        for given in command.inputs:
            made[f"{key}.{given.name}.label"] = f"Label of {given.name}"
            made[f"{key}.{given.name}.hint"] = f"Hint of {given.name}"
            made |= {f"{key}.{given.name}.choice.{value}": f"Choice {value}" for value in given.choices}
    return Words({"en": {**made, **(says or {})}})
