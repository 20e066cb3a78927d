"""What became of a post, and what a platform tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum

from bot.core.port.people import Address


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
    """A request to the platform failed. Says whether it will ever work.

    `retry_after` holds for the address that was asked, or for the whole bot where `everywhere` says so.
    """

    def __init__(
        self, reason: Reason, outcome: Outcome, retry_after: timedelta | None = None, *, everywhere: bool = False
    ) -> None:
        super().__init__(f"{reason.value}, {outcome.value}")
        self.reason = reason
        self.outcome = outcome
        self.retry_after = retry_after
        self.everywhere = everywhere


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
    """What the bot may do at an address. All false where the address does not exist. `call`: a whole channel."""

    see: bool = False
    post: bool = False
    thread: bool = False
    attach: bool = False
    pin: bool = False
    look_back: bool = False
    call: bool = False
