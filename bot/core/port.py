"""The words that every layer shares, and the protocols that join them.

Imports nothing of ours. Platforms speak these words inwards (`Core`) and understand them outwards (`Platform`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, IntEnum, StrEnum
from typing import Final, Protocol, TypeAlias

# ---------------------------------------------------------------- who and where


@dataclass(frozen=True, slots=True)
class Community:
    """A Discord server or a Slack workspace. An empty `id` is a direct message that carries no community."""

    platform: str
    id: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one community. Posting to a member is a direct message."""

    community: Community
    id: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A place in a community where many people read."""

    community: Community
    id: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A side conversation that starts at a message of a channel."""

    channel: Channel
    id: str


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """An answer attached to one message of a channel."""

    channel: Channel
    message: str


Address: TypeAlias = Channel | Thread | ReplyTo | Member


def community_of(to: Address) -> Community:
    """Return the community that an address lies in."""
    return to.community if isinstance(to, Channel | Member) else to.channel.community


class Role(IntEnum):
    """What a person may do. A higher role includes the lower ones."""

    ANYONE = 0
    LEADER = 1
    ORGANISER = 2


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, as the platform describes them at this moment.

    `locale` is the platform's own tag ("en-US") or "". `manages_community` is true for organisers: *Manage Server*
    on Discord, admin or owner on Slack.
    """

    member: Member
    name: str
    locale: str = ""
    manages_community: bool = False


# ---------------------------------------------------------------- messages


class Emphasis(Enum):
    """How a button looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A command with its arguments filled in. Arguments hold row ids and content ids, never a member's words."""

    label: str
    command: str
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    emphasis: Emphasis = Emphasis.PLAIN


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with the text that a screen reader says. `type` is a media type such as "image/png"."""

    bytes: bytes
    type: str
    alternative: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to take away."""

    name: str
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What people see.

    `body` and `footer` are small Markdown, read by `text.parse`; `title` and labels are literal text. Only the
    members in `notifies` may be pinged, whatever the body mentions.
    """

    body: str
    title: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    notifies: tuple[Member, ...] = ()
    picture: Picture | None = None
    files: tuple[File, ...] = ()


# ---------------------------------------------------------------- commands


class Kind(StrEnum):
    """What a field of a command holds, so that each platform can offer its own way to fill it in."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"
    MEMBER = "member"
    CHANNEL = "channel"
    DATE = "date"
    TIME = "time"
    ZONE = "zone"
    NUMBER = "number"
    FLAG = "flag"
    MESSAGE = "message"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: what people read, and the argument it stands for."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a command.

    `name` is typed; `label` and `hint` are read. `suggests` asks for autocomplete through `Core.suggest`.
    Limits are inclusive; `longest` counts characters.
    """

    name: str
    kind: Kind
    label: str
    hint: str
    required: bool = True
    choices: tuple[Choice, ...] = ()
    suggests: bool = False
    longest: int | None = None
    lowest: int | None = None
    highest: int | None = None


class Shown(Enum):
    """Where a command can be met: typed by name, in the menu of a message, or behind buttons only."""

    TYPED = "typed"
    MENU = "menu"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of the catalogue. `summary` is the menu's label for commands shown in message menus.

    `anywhere` commands also work in a direct message that carries no community.
    """

    path: str
    summary: str
    role: Role
    fields: tuple[Field, ...] = ()
    shown: Shown = Shown.TYPED
    anywhere: bool = False


TYPED: Final = "(typed)"
"""Command of an invocation whose `text` argument is a command line, as typed after `/hearth`."""

ADDRESSED: Final = "(addressed)"
"""Command of an invocation whose `text` argument is a direct message or a mention: perhaps a command, perhaps not."""

TEXT: Final = "text"
"""Name of the argument of `TYPED` and `ADDRESSED`."""

HELD: Final = "held"
"""Argument of a button that opens a form again; see `Ask.held`."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """Everything that comes in: typed, pressed, from a menu, submitted, or addressed text.

    Arguments are strings as the platform gives them: a channel as `#id`, a member as `@id`, a flag as `yes` or `no`,
    a date as `2026-08-01`, a time as `19:00`, a message (Kind.MESSAGE) as its text.
    `place` is where it happened; a `Member` means a direct message. `on_private` is true when it was pressed on a
    private message, which alone may be replaced by an `Update`.
    """

    command: str
    arguments: Mapping[str, str]
    actor: Actor
    place: Address
    on_private: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A private answer to the person who acted."""

    message: Message


@dataclass(frozen=True, slots=True)
class Update:
    """Replaces the private message that was pressed."""

    message: Message


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks for what is missing or wrong, in a form.

    `known` refills the inputs; `problems` says per field, in the person's language, what to mend; `hidden` are
    arguments without an input, to be sent back with the form. A platform that cannot open a form now shows a private
    message with a button to the same command, its arguments `{**hidden, HELD: held}`.
    """

    command: str
    title: str
    fields: tuple[Field, ...]
    known: Mapping[str, str] = field(default_factory=dict[str, str])
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    hidden: Mapping[str, str] = field(default_factory=dict[str, str])
    held: str = ""


Response: TypeAlias = Reply | Update | Ask


@dataclass(frozen=True, slots=True)
class MemberGone:
    """A person has left a community."""

    member: Member


@dataclass(frozen=True, slots=True)
class CommunityGone:
    """The bot was removed from a community. An outage is not a removal."""

    community: Community


Event: TypeAlias = MemberGone | CommunityGone


# ---------------------------------------------------------------- deliveries


@dataclass(frozen=True, slots=True)
class Posted:
    """One of our posts, as the platform can find it again.

    `place` is the platform's own channel id, which for a direct message differs from the member's id.
    """

    to: Address
    place: str
    message: str


class Outcome(Enum):
    """What is known after a request failed."""

    REFUSED = "refused"
    """It did not happen and will not, as things stand."""
    LATER = "later"
    """It did not happen; try again after `retry_after`."""
    UNKNOWN = "unknown"
    """It may have happened. Look before you try again."""


class Reason(StrEnum):
    """Why a delivery failed. Stable: kept in rows, and each has words for leaders."""

    FORBIDDEN = "forbidden"
    CLOSED = "closed"
    GONE = "gone"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    TOO_FAST = "too_fast"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    BROKEN = "broken"


class DeliveryError(Exception):
    """A request to the platform failed. Says whether it will ever work."""

    def __init__(self, reason: Reason, outcome: Outcome, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{reason.value}, {outcome.value}")
        self.reason = reason
        self.outcome = outcome
        self.retry_after = retry_after


class CannotLookError(Exception):
    """The platform does not let us read back, so nobody can say whether a post arrived."""


class CannotStartError(Exception):
    """A platform refuses for good, for instance a wrong token. The text is one sentence for the self-hoster."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the platform tells about a person. Empty strings where it does not."""

    name: str
    locale: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What the bot may do at an address. All false where the address does not exist."""

    see: bool = False
    post: bool = False
    thread: bool = False
    attach: bool = False
    pin: bool = False
    look_back: bool = False


# ---------------------------------------------------------------- protocols


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
