"""A note as it is known: whose message it is about, what it shall say, and what stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.port import Address, Channel, Member, Thread


class Need(StrEnum):
    """What somebody wishes from those who read."""

    LISTEN = "listen"
    IDEAS = "ideas"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a note shall say since an instant, which is when the delivery that brings it is due."""

    at: datetime
    need: Need


@dataclass(frozen=True, slots=True)
class Note:
    """A note about a member's own message; `at` is when they chose it.

    `wishes`: what it says, oldest first. When it `stands`, the first one is what can be read there. `unsure`: nobody
    can tell whether it was posted. `leaving`: it is being taken down.
    """

    id: int
    member: Member
    message: str
    to: Address
    at: datetime
    wishes: tuple[Wish, ...] = ()
    stands: bool = False
    unsure: bool = False
    leaving: bool = False

    @property
    def need(self) -> Need | None:
        """Return the newest wish; None as long as nothing was chosen."""
        return self.wishes[-1].need if self.wishes else None

    def since(self, due: datetime) -> tuple[Wish, ...]:
        """Return the wishes from the one that a delivery due at an instant brings."""
        known = sum(wish.at <= due for wish in self.wishes)
        return self.wishes[max(known - 1, 0) :]

    @property
    def channel(self) -> Channel | None:
        """Return the channel in which the note stands, or whose thread it is in."""
        return channel_of(self.to)

    @property
    def is_attached(self) -> bool:
        """Return whether whoever reads the note sees which message it is about."""
        return not isinstance(self.to, Thread) or self.to.id == self.message


def channel_of(place: Address) -> Channel | None:
    """Return the channel that a place lies in; None for a direct message."""
    return None if isinstance(place, Member) else place if isinstance(place, Channel) else place.channel
