"""Suggestions that every command may need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from bot.core.forms import zones
from bot.core.port import Choice
from bot.core.text import countries

FIRST: Final = (
    "Europe/London", "Europe/Berlin", "Europe/Madrid", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Sao_Paulo", "America/Mexico_City", "Africa/Johannesburg", "Africa/Lagos",
    "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "UTC",
)  # fmt: skip
"""Zones shown before anything is typed."""


def suggest_zones(typed: str) -> Sequence[Choice]:
    """Return time zones whose city or name matches what was typed."""
    wanted = typed.strip().casefold().replace(" ", "_")
    names = FIRST if not wanted else matching(wanted, zones().values())
    return [Choice(name, name) for name in names]


def matching(wanted: str, names: Iterable[str]) -> list[str]:
    """Return names that hold what is wanted; those where a part starts with it come first."""
    held = [name for name in names if wanted in name.casefold()]
    return sorted(
        held, key=lambda name: (not any(part.startswith(wanted) for part in name.casefold().split("/")), name)
    )


def suggest_countries(typed: str, locale: str) -> Sequence[Choice]:
    """Return countries by their two letters, or by how their name begins."""
    wanted = typed.strip().casefold()
    fit = [
        Choice(name, code)
        for code, name in countries(locale).items()
        if wanted == code.casefold() or name.casefold().startswith(wanted)
    ]
    return sorted(fit, key=lambda each: (each.value.casefold() != wanted, each.label))


def suggest_several(typed: str, choices: Sequence[Choice]) -> Sequence[Choice]:
    """Return lists of choices that go on from what was typed: after `mon,t` come `mon,tue` and `mon,thu`."""
    *before, last = [part.strip().casefold() for part in typed.split(",")]
    labels = {choice.value: choice.label for choice in choices}
    chosen = [value for value in labels if value in before]
    return [
        Choice(", ".join(labels[value] for value in [*chosen, new]), ",".join([*chosen, new]))
        for new, label in labels.items()
        if new not in chosen and (new.startswith(last) or label.casefold().startswith(last))
    ]
