"""The catalogue as Discord's application commands, and what people fill in as arguments again.

Plain dictionaries in Discord's own shapes rather than a `CommandTree`: that one routes interactions by itself and drops
what it does not know, and ours are all routed by the core.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from bot.adapters.discord.attachments import ATTACHMENT
from bot.adapters.discord.forms import GROUPS, MOST_OPTIONS
from bot.adapters.discord.markup import unescape
from bot.adapters.discord.render import shorten
from bot.core.port import Entry, Field, Kind, Role, Shown

Json: TypeAlias = dict[str, Any]

MOST_COMMANDS: Final = 100
MOST_IN_GROUP: Final = 25
MOST_MENUS: Final = 5
LONGEST_DESCRIPTION: Final = 100
LONGEST_NAME: Final = 32
LONGEST_OPTION: Final = 6000
MANAGE_GUILD: Final = 1 << 5
IN_GUILDS, IN_DIRECT_MESSAGES = 0, 1
INSTALLED_BY_GUILDS: Final = 0
SLASH, MESSAGE_MENU = 1, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL = 1, 2, 3, 4, 5, 6, 7
TEXT_DISPLAY: Final = 10
_MENTION: Final = re.compile(r"<@!?(\d+)>")
_EMOJI: Final = re.compile(r"<a?(:\w+:)\d+>")

_TYPES: Final = {
    Kind.NUMBER: INTEGER,
    Kind.FLAG: BOOLEAN,
    Kind.MEMBER: USER,
    Kind.CHANNEL: CHANNEL,
    Kind.FILE: ATTACHMENT,
}


@dataclass(frozen=True, slots=True)
class Used:
    """A command as somebody used it. `typing` names the option that is being completed."""

    path: str
    arguments: Mapping[str, str]
    typing: str = ""


# ---------------------------------------------------------------- drawn


def draw_commands(catalogue: Sequence[Entry]) -> list[Json]:
    """Return the commands to declare. Raises `ValueError` for more than Discord takes.

    Only commands for organisers are hidden from others by Discord; who is a leader, Discord cannot know.
    """
    typed: dict[str, list[Entry]] = {}
    for entry in catalogue:
        if entry.shown is Shown.TYPED:
            typed.setdefault(entry.path.split()[0], []).append(entry)
    menus = [entry for entry in catalogue if entry.shown is Shown.MENU]
    if len(typed) > MOST_COMMANDS or len(menus) > MOST_MENUS:
        message = f"{len(typed)} commands and {len(menus)} menus where {MOST_COMMANDS} and {MOST_MENUS} fit"
        raise ValueError(message)
    drawn = [{**_branch(word, entries, 1), **_shared(SLASH, entries)} for word, entries in typed.items()]
    return drawn + [{"name": shorten(one.summary, LONGEST_NAME), **_shared(MESSAGE_MENU, [one])} for one in menus]


def _shared(kind: int, entries: Sequence[Entry]) -> Json:
    """Return what a whole command has: its kind, who sees it, and where."""
    anywhere = any(entry.anywhere for entry in entries)
    shared: Json = {
        "type": kind,
        "contexts": [IN_GUILDS, IN_DIRECT_MESSAGES] if anywhere else [IN_GUILDS],
        "integration_types": [INSTALLED_BY_GUILDS],
    }
    if all(entry.role is Role.ORGANISER for entry in entries):
        shared["default_member_permissions"] = MANAGE_GUILD
    return shared


def _branch(word: str, entries: Sequence[Entry], depth: int) -> Json:
    """Draw one word of a path with everything below it."""
    if len(entries) == 1 and len(entries[0].path.split()) == depth:
        entry = entries[0]
        options = [_option(field) for field in entry.fields]
        return {"name": word, "description": shorten(entry.summary, LONGEST_DESCRIPTION), "options": options}
    below: dict[str, list[Entry]] = {}
    for entry in entries:
        below.setdefault(entry.path.split()[depth], []).append(entry)
    if len(below) > MOST_IN_GROUP:
        message = f"{len(below)} commands under {word!r} where {MOST_IN_GROUP} fit"
        raise ValueError(message)
    branches = [_branch(inner, found, depth + 1) for inner, found in below.items()]
    options = [{**branch, "type": GROUP if _has_subcommands(branch) else SUBCOMMAND} for branch in branches]
    return {"name": word, "description": shorten(" · ".join(below), LONGEST_DESCRIPTION), "options": options}


def _has_subcommands(branch: Json) -> bool:
    return any(option["type"] in (SUBCOMMAND, GROUP) for option in branch["options"])


def _option(field: Field) -> Json:
    """Draw an option. None is required: what is left out is asked for in a form.

    What is suggested is text, also where it stands for a number: then people can search by name.
    """
    option: Json = {
        "type": STRING if field.suggests else _TYPES.get(field.kind, STRING),
        "name": field.name,
        "description": shorten(field.hint or field.label, LONGEST_DESCRIPTION),
    }
    if option["type"] == CHANNEL:
        option["channel_types"] = [kind.value for kind in GROUPS]
    if option["type"] == INTEGER:
        limits = {"min_value": field.lowest, "max_value": field.highest}
        option |= {name: limit for name, limit in limits.items() if limit is not None}
    if option["type"] == STRING:
        option |= _text_limits(field)
    return option


def _text_limits(field: Field) -> Json:
    if field.kind is Kind.CHOICES:
        return {"autocomplete": True}
    if field.choices and len(field.choices) <= MOST_OPTIONS:
        return {"choices": [{"name": shorten(one.label, 100), "value": one.value} for one in field.choices]}
    if field.suggests:
        return {"autocomplete": True}
    return {"max_length": min(field.longest, LONGEST_OPTION)} if field.longest else {}


def same(drawn: Sequence[Json], fetched: Sequence[Json]) -> bool:
    """Return whether Discord already has these commands.

    It adds ids, versions and defaults to what it was sent, and returns permissions as text.
    """
    return _by_name(drawn) == _by_name(fetched)


def _by_name(commands: Sequence[Json]) -> dict[tuple[str, int], Any]:
    return {
        (command["name"], command["type"]): (
            _without_defaults(command),
            str(command.get("default_member_permissions") or ""),
        )
        for command in commands
    }


def _without_defaults(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_defaults(one) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        kept = ((name, _without_defaults(one)) for name, one in cast("Json", value).items() if name in _OURS)
        return {name: one for name, one in kept if one not in (None, False, "", [])}
    return value


_OURS: Final = frozenset(
    {"type", "name", "description", "options", "choices", "value", "channel_types", "autocomplete"}
    | {"min_value", "max_value", "max_length", "contexts", "integration_types"}
)


# ---------------------------------------------------------------- read


def read_command(data: Mapping[str, Any], catalogue: Sequence[Entry]) -> Used:
    """Return what was used, from the data of an interaction: a slash command, a menu, or one being typed.

    Files are not among the arguments: they have to be fetched.
    """
    if data.get("type", SLASH) == MESSAGE_MENU:
        return _read_menu(data, catalogue)
    path: list[str] = [data["name"]]
    options: list[Json] = data.get("options", [])
    while options and options[0]["type"] in (SUBCOMMAND, GROUP):
        path.append(options[0]["name"])
        options = options[0].get("options", [])
    arguments = {
        option["name"]: _argument(option["type"], option["value"]) for option in options if option["type"] != ATTACHMENT
    }
    typing = next((option["name"] for option in options if option.get("focused")), "")
    return Used(" ".join(path), arguments, typing)


def _argument(kind: int, value: Any) -> str:
    if kind == BOOLEAN:
        return "yes" if value else "no"
    return {USER: "@", CHANNEL: "#"}.get(kind, "") + str(value)


def _read_menu(data: Mapping[str, Any], catalogue: Sequence[Entry]) -> Used:
    shown = (entry for entry in catalogue if entry.shown is Shown.MENU)
    entry = next((entry for entry in shown if shorten(entry.summary, LONGEST_NAME) == data["name"]), None)
    if entry is None:
        return Used(str(data["name"]), {})
    field = next((field for field in entry.fields if field.kind is Kind.MESSAGE), None)
    return Used(entry.path, {field.name: _said(pointed_at(data))} if field else {})


def pointed_at(data: Mapping[str, Any]) -> Json:
    """Return the message that a menu was used on, empty when Discord does not tell."""
    found: Json = data.get("resolved", {}).get("messages", {})
    return found.get(str(data.get("target_id", "")), {})


def _said(message: Json) -> str:
    """Return what a message says as people read it: those whom it mentions by their names."""
    if not (content := message.get("content")):
        return unescape("\n".join(_displayed(message.get("components", []))))
    names = {person["id"]: person.get("global_name") or person["username"] for person in message.get("mentions", [])}
    named = _MENTION.sub(lambda found: f"@{names.get(found[1], found[1])}", content)
    return _EMOJI.sub(r"\1", named)


def _displayed(components: Sequence[Json]) -> Iterator[str]:
    for one in components:
        if one["type"] == TEXT_DISPLAY:
            yield one["content"]
        yield from _displayed(one.get("components", []))
