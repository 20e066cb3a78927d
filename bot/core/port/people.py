"""Who and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias


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
    """An answer attached to one message of a channel. `thread`: the side conversation in which it stands, if any."""

    channel: Channel
    message: str
    thread: str = ""


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
