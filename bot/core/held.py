"""Text in hand: what a form held when it could not be used yet. In memory only, per member, 15 minutes."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.core.port import Clock, Member

KEPT_FOR: Final = timedelta(minutes=15)
MOST: Final = 10_000
MOST_EACH: Final = 20
"""Forms of one member: nobody pushes out what others have in hand."""


@dataclass(frozen=True, slots=True)
class _Entry:
    member: Member
    arguments: Mapping[str, str]
    until: datetime


class Held:
    """Keeps arguments of forms for their owners. Forgets the oldest first when there are very many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def keep(self, member: Member, arguments: Mapping[str, str]) -> str:
        """Keep arguments and return the word that fetches them, at most 12 characters."""
        self._forget()
        mine = [token for token, entry in self._entries.items() if entry.member == member]
        for oldest in mine[: max(0, len(mine) - MOST_EACH + 1)]:
            del self._entries[oldest]
        while len(self._entries) >= MOST:
            self._entries.popitem(last=False)
        token = secrets.token_urlsafe(9)
        self._entries[token] = _Entry(member, dict(arguments), self._clock.now() + KEPT_FOR)
        return token

    def fetch(self, member: Member, token: str) -> Mapping[str, str] | None:
        """Return what is kept, to its owner only. None when it is gone: ask again, kindly."""
        self._forget()
        entry = self._entries.get(token)
        return entry.arguments if entry and entry.member == member else None

    def drop(self, member: Member) -> None:
        """Forget everything in hand of a member."""
        self._entries = OrderedDict((token, entry) for token, entry in self._entries.items() if entry.member != member)

    def _forget(self) -> None:
        now = self._clock.now()
        while self._entries and next(iter(self._entries.values())).until <= now:
            self._entries.popitem(last=False)
