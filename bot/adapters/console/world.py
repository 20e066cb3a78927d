"""What stands in a console's channels and direct messages, and what each person has seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.core.port import Address, Channel, Community, Member, Message, Posted, ReplyTo, Thread

HOME: Final = "circle"
"""Where people are until something is posted elsewhere."""
LOCKED: Final = "locked"
NOWHERE: Final = "nowhere"


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stands.

    `only_for` is the one person who can see it, or "" for everyone; `author` is the person who wrote it, or "" for the
    bot. `to` and `key` are those of a post; an answer has none.
    """

    id: str
    place: Channel | Thread | Member
    message: Message
    at: datetime
    only_for: str = ""
    author: str = ""
    to: Address | None = None
    key: str = ""
    pinned: bool = False
    hidden: bool = False

    def seen_by(self, person: str) -> bool:
        """Return whether somebody can see it."""
        return not self.hidden and self.only_for in {"", person}


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that was shown once, as text without a layout. `only_for` as in `Shown`."""

    only_for: str
    text: str


@dataclass(slots=True)
class World:
    """One community, in memory."""

    community: Community
    messages: dict[str, Shown] = field(default_factory=dict[str, Shown])
    sights: list[Sight] = field(default_factory=list[Sight])
    threads: set[str] = field(default_factory=set[str])
    locked: set[str] = field(default_factory=lambda: {LOCKED})
    absent: set[str] = field(default_factory=lambda: {NOWHERE})
    closed: set[str] = field(default_factory=set[str])
    gone: set[str] = field(default_factory=set[str])
    current: str = HOME
    count: int = 0

    def new_id(self) -> str:
        """Return an id for one more message."""
        self.count += 1
        return f"m{self.count}"

    def put(self, shown: Shown) -> Shown:
        """Keep a message, new or changed."""
        self.messages[shown.id] = shown
        return shown

    def put_last(self, shown: Shown) -> Shown:
        """Keep a changed message as the newest."""
        self.messages.pop(shown.id, None)
        return self.put(shown)

    def beside(self, shown: Shown) -> Address:
        """Return where an answer to a message belongs: its thread, where there is one, else a reply to it."""
        match shown.place:
            case Channel() if shown.id in self.threads:
                return Thread(shown.place, shown.id)
            case Channel():
                return ReplyTo(shown.place, shown.id)
            case Thread(channel, thread):
                return ReplyTo(channel, shown.id, thread)
            case Member():
                return shown.place

    def posted(self, posted: Posted) -> Shown | None:
        """Return a post as it stands, None when it is gone."""
        return self.messages.get(posted.message)

    def pinned(self, shown: Shown, pinned: bool) -> Shown:
        """Pin or unpin a message."""
        return self.put(replace(shown, pinned=pinned))

    def seen_by(self, person: str) -> list[Shown]:
        """Return what somebody can see, newest first."""
        return [shown for shown in reversed(self.messages.values()) if shown.seen_by(person)]

    def saw(self, person: str) -> list[str]:
        """Return what was shown to somebody since the last `look_away`."""
        return [sight.text for sight in self.sights if sight.only_for in {"", person}]

    def look_away(self) -> None:
        """Begin anew with what people have seen."""
        self.sights.clear()


def standing_place(to: Address) -> Channel | Thread | Member:
    """Return where a message to an address stands: a reply stands where its message does."""
    if isinstance(to, ReplyTo):
        return Thread(to.channel, to.thread) if to.thread else to.channel
    return to


def channel_of(to: Address) -> Channel | None:
    """Return the channel an address lies in, None for a person."""
    match to:
        case Channel():
            return to
        case Thread(channel) | ReplyTo(channel):
            return channel
        case Member():
            return None


def place_id(to: Address) -> str:
    """Return the id of the place a post stands in, as `Posted.place` has it."""
    match standing_place(to):
        case Member(_, name):
            return f"direct-{name}"
        case Thread(_, name) | Channel(_, name):
            return name
