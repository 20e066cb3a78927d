"""What people see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.core.port.people import Member


class Emphasis(Enum):
    """How a button looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class Ping(Enum):
    """Whom a public message calls besides those it names: nobody, those who are here now, or the whole channel."""

    NOBODY = "nobody"
    HERE = "here"
    EVERYONE = "everyone"


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
    members in `notifies` may be pinged, whatever the body mentions, and those whom `ping` calls.
    """

    body: str
    title: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    notifies: tuple[Member, ...] = ()
    picture: Picture | None = None
    files: tuple[File, ...] = ()
    ping: Ping = Ping.NOBODY
