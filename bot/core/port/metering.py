"""How a platform tells of every request that it makes, so that nobody has to refuse us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an answer says of further requests of the same kind at the same place.

    `remaining` of `limit` may still come before `reset_after` has passed.
    """

    limit: int
    remaining: int
    reset_after: timedelta


class Permit(Protocol):
    """Leave for one request."""

    def end(self, allowance: Allowance | None = None) -> None:
        """Say that the answer came, or that none will. Saying it twice does no harm."""
        ...


class Meter(Protocol):
    """Lets the requests of one bot on one platform go, each when there is room for it."""

    async def admit(self, place: str = "") -> Permit:
        """Wait until a request may leave. `place` is the channel where it makes a message, if it makes one."""
        ...

    def hold(self, wait: timedelta) -> None:
        """Let nothing leave for a time: the platform refused the whole bot."""
        ...
