"""The features: modules or folders with a `build`, found automatically. They never see one another."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from bot.community.tools import Tools
from bot.core.content import Content, Settings
from bot.core.feature import Feature


@dataclass(frozen=True, slots=True)
class Plug:
    """A feature before it is built: the models of its content and settings, and how to build it."""

    name: str
    content: type[Content]
    settings: type[Settings]
    build: Callable[[Tools], Feature]


def discover() -> Mapping[str, Plug]:
    """Return every feature of this folder by name. A module may set `CONTENT` and `SETTINGS`; `build` it must have."""
    found: dict[str, Plug] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        found[module.name] = Plug(
            module.name,
            cast("type[Content]", getattr(loaded, "CONTENT", Content)),
            cast("type[Settings]", getattr(loaded, "SETTINGS", Settings)),
            cast("Callable[[Tools], Feature]", loaded.build),
        )
    return found
