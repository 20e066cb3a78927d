"""What a button or a form carries in its custom_id: a command with its arguments, so that it survives restarts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LONGEST: Final = 100
_BETWEEN: Final = "~"
_RESERVED: Final = re.compile(r"[~%=]")
_ESCAPED: Final = re.compile(r"%([0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class Target:
    """A command with its arguments.

    `community` is set in direct messages, which carry none of their own. `key` marks a post as ours; pressing ignores
    it. No argument has an empty name.
    """

    command: str
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    community: str = ""
    key: str = ""


def encode(target: Target, nth: int = 0) -> str:
    """Return a custom_id. `nth` tells apart equal buttons of one message, which Discord refuses.

    Raises `ValueError` when it does not fit Discord's 100 characters.
    """
    parts = [target.command, target.community, target.key]
    pairs = [f"{_escape(name)}={_escape(value)}" for name, value in target.arguments.items()]
    if nth:
        pairs.append(f"={nth}")
    made = _BETWEEN.join([*map(_escape, parts), *pairs])
    if len(made) > LONGEST:
        message = f"the button of {target.command!r} needs {len(made)} of {LONGEST} characters"
        raise ValueError(message)
    return made


def decode(custom_id: str) -> Target:
    """Read a custom_id. Never fails: what `encode` did not write becomes a command that nobody knows."""
    first, *rest = custom_id.split(_BETWEEN)
    community, key, *pairs = [*rest, "", ""] if len(rest) < 2 else rest  # noqa: PLR2004  community and key
    split = (pair.partition("=") for pair in pairs)
    arguments = {_unescape(name): _unescape(value) for name, _, value in split if name}
    return Target(_unescape(first), arguments, _unescape(community), _unescape(key))


def _escape(text: str) -> str:
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
