"""Text in hand: what a form held when it could not be used yet. In memory only, per member, 15 minutes."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.core.port import Clock, Member, Pointed

KEPT_FOR: Final = timedelta(minutes=15)
MOST: Final = 10_000
MOST_CHARACTERS: Final = 50_000_000
"""Of all that is in hand: files may be long."""
MOST_EACH: Final = 20
"""Forms of one member: nobody pushes out what others have in hand."""


@dataclass(frozen=True, slots=True)
class _Entry:
    member: Member
    arguments: Mapping[str, str]
    until: datetime
    about: Pointed | None = None

    @property
    def size(self) -> int:
        """Return how many characters are kept."""
        return sum(map(len, self.arguments.values()))


class Held:
    """Keeps arguments of forms for their owners. Forgets the oldest first when there is very much.

    Somebody has to run `sweep` when it asks for it: nothing stays longer only because nobody comes back.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._tokens: dict[Member, list[str]] = {}
        self._size = 0

    def keep(self, member: Member, arguments: Mapping[str, str], about: Pointed | None = None) -> str:
        """Keep arguments and return the word that fetches them, at most 12 characters. `about`: see `Invocation`."""
        self._forget(self._clock.now())
        if len(self._tokens.get(member, ())) >= MOST_EACH:
            self._remove(self._tokens[member][0])
        entry = _Entry(member, dict(arguments), self._clock.now() + KEPT_FOR, about)
        while self._entries and (len(self._entries) >= MOST or self._size + entry.size > MOST_CHARACTERS):
            self._remove(next(iter(self._entries)))
        token = secrets.token_urlsafe(9)
        self._entries[token] = entry
        self._size += entry.size
        self._tokens.setdefault(member, []).append(token)
        return token

    def fetch(self, member: Member, token: str) -> Mapping[str, str] | None:
        """Return what is kept, to its owner only. None when it is gone: ask again, kindly."""
        entry = self._entry(member, token)
        return entry.arguments if entry else None

    def about(self, member: Member, token: str) -> Pointed | None:
        """Return the message in whose menu it all began, to its owner only."""
        entry = self._entry(member, token)
        return entry.about if entry else None

    async def sweep(self, now: datetime) -> datetime | None:
        """Forget what has been in hand for too long; return when that is so for the next. A job of the house."""
        self._forget(now)
        return next((entry.until for entry in self._entries.values()), None)

    def drop(self, member: Member) -> None:
        """Forget everything in hand of a member."""
        for token in list(self._tokens.get(member, ())):
            self._remove(token)

    def _entry(self, member: Member, token: str) -> _Entry | None:
        self._forget(self._clock.now())
        entry = self._entries.get(token)
        return entry if entry and entry.member == member else None

    def _forget(self, now: datetime) -> None:
        while self._entries and next(iter(self._entries.values())).until <= now:
            self._remove(next(iter(self._entries)))

    def _remove(self, token: str) -> None:
        entry = self._entries.pop(token)
        self._size -= entry.size
        member, tokens = entry.member, self._tokens[entry.member]
        tokens.remove(token)
        if not tokens:
            del self._tokens[member]
