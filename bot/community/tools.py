"""What the house hands to every feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.community.glance import Glance
from bot.community.groups import Groups
from bot.community.leaders import Leaders
from bot.community.people import People
from bot.community.requests import Requests
from bot.community.roster import Roster
from bot.core.content import Library, Settings
from bot.core.feature import Directory, Feature
from bot.core.held import Held
from bot.core.port import Clock, Entry, Platform
from bot.core.text import Words
from bot.delivery.outbox import Outbox
from bot.storage.database import Database
from bot.storage.sealing import Sealing

S = TypeVar("S", bound=Settings)


@dataclass(slots=True)
class House:
    """What is known only once every feature stands: the features themselves and the catalogue."""

    features: Sequence[Feature] = ()
    catalogue: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """What a feature is built from."""

    database: Database
    sealing: Sealing
    outbox: Outbox
    clock: Clock
    words: Words
    library: Library
    directory: Directory
    groups: Groups
    leaders: Leaders
    people: People
    roster: Roster
    requests: Requests
    glance: Glance
    platforms: Mapping[str, Platform]
    settings: Mapping[str, Settings]
    held: Held
    house: House = field(default_factory=House)

    def settings_of(self, feature: str, model: type[S]) -> S:
        """Return what config.yaml says about a feature."""
        found = self.settings.get(feature, model())
        if not isinstance(found, model):
            message = f"settings of {feature!r} are {type(found).__name__}, not {model.__name__}"
            raise TypeError(message)
        return found
