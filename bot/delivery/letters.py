"""A delivery on its way, and how addresses are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row

from bot.core.port import Address, Channel, Community, Member, Posted, ReplyTo, Thread, community_of
from bot.storage.sealing import Sealing


class State(StrEnum):
    """Where a delivery stands."""

    DUE = "due"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN: Final = (State.DUE, State.CLAIMED, State.SENDING)
HELD: Final = (State.CLAIMED, State.SENDING)


class Action(StrEnum):
    """What a delivery does."""

    POST = "post"
    EDIT = "edit"
    DELETE = "delete"
    PIN = "pin"
    UNPIN = "unpin"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery to be put in the outbox.

    `name` says what it is and never changes: the same name is delivered once, ever. `subject` is the feature's own row
    id, from which the message is composed when it is sent. After `expires_at` it is not sent any more.
    """

    name: tuple[str, ...]
    feature: str
    kind: str
    subject: int
    to: Address
    due_at: datetime
    expires_at: datetime
    personal: bool = True
    """Whether it is about a member; see the table."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process holds. `reason`: why an earlier try failed, if one did."""

    id: int
    key: str
    post_key: str
    action: Action
    feature: str
    kind: str
    subject: int
    lane: str
    to: Address
    due_at: datetime
    expires_at: datetime
    sending_since: datetime | None
    doubtful: bool
    tries: int
    reason: str | None = None
    personal: bool = True


def order(claimed: Claimed) -> tuple[datetime, bool, int]:
    """Return what deliveries are sorted by: what was wanted earlier first, and a post before what is done to it."""
    return claimed.due_at, claimed.action is not Action.POST, claimed.id


def lane_of(to: Address) -> str:
    """Return the lane of an address: what must stay in order, and shares one limit."""
    community = community_of(to)
    return f"{community.platform}:{community.id}"


def platform_of(lane: str) -> str:
    """Return the platform that a lane leads to."""
    return lane.partition(":")[0]


def pack(to: Address) -> Mapping[str, str]:
    """Return an address in words that JSON can hold."""
    community = community_of(to)
    home = {"platform": community.platform, "community": community.id}
    match to:
        case Channel(_, id):
            return {**home, "channel": id}
        case Member(_, id):
            return {**home, "member": id}
        case Thread(channel, id):
            return {**home, "channel": channel.id, "thread": id}
        case ReplyTo(channel, message, thread):
            inside = {"thread": thread} if thread else {}
            return {**home, "channel": channel.id, "message": message, **inside}


def unpack(packed: Mapping[str, str]) -> Address:
    """Return the address that `pack` wrote."""
    community = Community(packed["platform"], packed["community"])
    match packed:
        case {"member": member}:
            return Member(community, member)
        case {"message": message, "channel": channel}:
            return ReplyTo(Channel(community, channel), message, packed.get("thread", ""))
        case {"thread": thread, "channel": channel}:
            return Thread(Channel(community, channel), thread)
        case _:
            return Channel(community, packed["channel"])


def seal_posted(sealing: Sealing, row: int, posted: Posted) -> bytes:
    """Seal where a post can be found again."""
    value = {**pack(posted.to), "in": posted.place, "as": posted.message}
    return sealing.seal_json(value, "deliveries.posted", row)


def open_posted(sealing: Sealing, row: int, sealed: bytes) -> Posted:
    """Return where a post can be found again."""
    value: Mapping[str, str] = sealing.open_json(sealed, "deliveries.posted", row)
    return Posted(unpack(value), value["in"], value["as"])


def read_claimed(row: Row[Any], sealing: Sealing) -> Claimed:
    """Return a claimed row in our words."""
    return Claimed(
        row.id,
        row.key,
        row.post_key,
        Action(row.action),
        row.feature,
        row.kind,
        row.subject,
        row.lane,
        unpack(sealing.open_json(row.address, "deliveries.address", row.id)),
        row.due_at,
        row.expires_at,
        row.sending_since,
        row.doubtful,
        row.tries,
        row.reason,
        row.personal,
    )
