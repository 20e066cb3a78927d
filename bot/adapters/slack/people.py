"""Who people are, as Slack tells it, remembered for a moment so that every press does not ask again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.adapters.slack.api import Api, Json, SlackError
from bot.core.port import Actor, Clock, Member, Outcome, Profile

REMEMBERED_FOR: Final = timedelta(minutes=1)
"""How long a removed admin may go on as one. Short, because roles are decided at the moment of use."""
_MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class _Person:
    profile: Profile
    manages: bool
    told: datetime


class People:
    """Asks `users.info`, at most once a minute for each person."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._known: OrderedDict[str, _Person] = OrderedDict()

    async def look_up(self, person: str) -> Profile | None:
        """Return what Slack tells about a person, None when they are no longer there. Raises `DeliveryError`."""
        found = await self._ask(person)
        return found.profile if found else None

    async def actor(self, member: Member, name: str) -> Actor:
        """Return the person who acts. When Slack does not answer, they act without an admin's rights."""
        try:
            found = await self._ask(member.id)
        except SlackError:
            found = self._known.get(member.id)
            return Actor(member, found.profile.name if found else name, found.profile.locale if found else "")
        if found is None:
            return Actor(member, name)
        return Actor(member, found.profile.name or name, found.profile.locale, found.manages)

    async def names(self, people: set[str]) -> dict[str, str]:
        """Return the names of people, leaving out those that Slack does not tell."""
        found = {person: await self._name(person) for person in people}
        return {person: name for person, name in found.items() if name}

    async def _name(self, person: str) -> str:
        try:
            profile = await self.look_up(person)
        except SlackError:
            return ""
        return profile.name if profile else ""

    async def _ask(self, person: str) -> _Person | None:
        known = self._known.get(person)
        if known and self._clock.now() - known.told < REMEMBERED_FOR:
            return known
        try:
            told = (await self._api.call("users.info", user=person, include_locale=True))["user"]
        except SlackError as error:
            if error.outcome is Outcome.REFUSED and error.code in {"user_not_found", "user_not_visible"}:
                return None
            raise
        if told.get("deleted"):
            self._known.pop(person, None)
            return None
        self._known[person] = found = _read(told, self._api.team, self._clock.now)
        self._known.move_to_end(person)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found


def _read(told: Json, team: str, now: Callable[[], datetime]) -> _Person:
    profile: Json = told.get("profile") or {}
    name = profile.get("display_name") or told.get("real_name") or told.get("name") or ""
    # A shared channel brings people whose roles are those of another workspace.
    ours = told.get("team_id") == team and not told.get("is_stranger")
    manages = ours and any(told.get(role) for role in ("is_admin", "is_owner", "is_primary_owner"))
    return _Person(Profile(name, told.get("locale") or "", told.get("tz") or ""), manages, now())
