"""Who can speak in a console: an organiser, leaders, members, and whoever else is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ORGANISER: Final = "organiser"
LEADER: Final = "leader"
MEMBER: Final = "member"
NOBODY: Final = "nobody"
"""`@nobody` is no person here, as `#nowhere` is no channel."""

_ROLES: Final = rf"{ORGANISER}|{LEADER}|{MEMBER}"
_ROLE: Final = re.compile(rf"({_ROLES})[ -]?([1-9]\d{{0,3}})?", re.IGNORECASE)
_IN_A_LINE: Final = re.compile(rf"(?<![\w.@])@({_ROLES})(?:[ -]?([1-9]\d{{0,3}}))?(?![\w:=/-]|\.\w)", re.IGNORECASE)
_OTHER: Final = re.compile(r"(?<![\w.@])@([\w-][\w.-]*)")
_NAME: Final = re.compile(r"[\w-][\w. -]{0,39}")


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who speaks. `id` is what follows an `@`."""

    id: str

    @property
    def name(self) -> str:
        """Return the name that others read: "Leader 2"."""
        role = _ROLE.fullmatch(self.id)
        words = f"{role[1]} {role[2] or ''}" if role else self.id.replace("-", " ")
        return words.strip().title()

    @property
    def manages(self) -> bool:
        """Return whether they manage the community."""
        role = _ROLE.fullmatch(self.id)
        return role is not None and role[1] == ORGANISER

    @property
    def leads(self) -> bool:
        """Return whether they are one of the numbered leaders."""
        role = _ROLE.fullmatch(self.id)
        return role is not None and role[1] == LEADER


def read_persona(words: str) -> Persona | None:
    """Read "leader 2", "@leader-2", "leader" (the first) or another name; None for what cannot be a name."""
    said = words.strip().removeprefix("@").casefold()
    role = _ROLE.fullmatch(said)
    if role:
        return Persona(_role_id(role))
    if not _NAME.fullmatch(said) or said == NOBODY:
        return None
    return Persona(re.sub(r" +", "-", said.rstrip()))


def with_ids(line: str) -> str:
    """Return a line in which every `@name` is a member's id, so that `@leader 2` becomes `@leader2`."""
    line = _IN_A_LINE.sub(lambda found: f"@{_role_id(found)}", line)
    return _OTHER.sub(lambda found: f"@{found[1].casefold()}", line)


def _role_id(found: re.Match[str]) -> str:
    role, number = found[1].casefold(), found[2] or "1"
    return role if role == ORGANISER and number == "1" else f"{role}{number}"
