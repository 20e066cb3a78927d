"""Reads what Slack tells in the words of the port: typed lines, buttons, and what a form carries with it.

Everything that has to survive a restart travels in Slack's own payloads: a button's value, a form's metadata.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

Arguments: TypeAlias = Mapping[str, str]

LONGEST_VALUE: Final = 2_000
LONGEST_METADATA: Final = 3_000
_TOKEN: Final = re.compile(r"<((?:[@#!]|https?:|mailto:|tel:)[^<>]*)>")
_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY: Final = re.compile("|".join(_ENTITIES))


def read_text(raw: str) -> str:
    """Return text as its writer meant it: members as `@id`, channels as `#id`, no entities.

    Slack marks what it recognised with angle brackets and escapes those that people typed, so what looks like a
    token here was never typed as one.
    """
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], _TOKEN.sub(_token, raw)).strip()


def _token(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    if target.startswith(("@", "#")):
        return target
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return label or target.removeprefix("mailto:")


def without_mention(raw: str, member: str) -> str:
    """Return raw text without the mention of a member, by which it was addressed."""
    return re.sub(rf"<@{re.escape(member)}(?:\|[^>]*)?>", " ", raw)


def write_press(command: str, arguments: Arguments) -> str:
    """Return the value of a button. Raises `ValueError` when it is longer than Slack allows."""
    value = json.dumps([command, dict(arguments)], ensure_ascii=False, separators=(",", ":"))
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"the arguments of {command!r} do not fit a button")
    return value


def read_press(value: str) -> tuple[str, dict[str, str]] | None:
    """Return command and arguments of a button, or None when it is not one of ours."""
    match _loaded(value):
        case [str(command), dict(arguments)] if _all_text(arguments):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  checked right here
            return command, {str(name): str(told) for name, told in arguments.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  the same
        case _:
            return None


@dataclass(frozen=True, slots=True)
class FormOrigin:
    """What a form has to remember of how it was opened.

    `hidden` are arguments without an input. The answer goes where the form came from: `channel`, `thread` and
    `response_url`, or to the person directly when `direct`.
    """

    command: str
    hidden: Arguments = field(default_factory=dict[str, str])
    channel: str = ""
    thread: str = ""
    direct: bool = False
    response_url: str = ""


def write_origin(origin: FormOrigin) -> str:
    """Return the form's private_metadata, which only Slack and we can read.

    Without room for the response_url the answer comes as a direct message. Raises `ValueError` when the hidden
    arguments alone do not fit.
    """
    for told in (origin, replace(origin, response_url="")):
        place = [told.channel, told.thread, told.direct, told.response_url]
        written = json.dumps([told.command, dict(told.hidden), place], ensure_ascii=False, separators=(",", ":"))
        if len(written) <= LONGEST_METADATA:
            return written
    raise ValueError(f"the hidden arguments of {origin.command!r} do not fit a form")


def read_origin(metadata: str) -> FormOrigin | None:
    """Return what a form remembers, or None when it is not one of ours."""
    match _loaded(metadata):
        case [str(command), dict(hidden), [str(channel), str(thread), bool(direct), str(url)]] if _all_text(hidden):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  checked right here
            kept = {str(name): str(told) for name, told in hidden.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  the same
            return FormOrigin(command, kept, channel, thread, direct, url)
        case _:
            return None


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _all_text(found: Mapping[Any, Any]) -> bool:
    return all(isinstance(name, str) and isinstance(told, str) for name, told in found.items())
