"""Draws an `Ask` as a form, or as a private message where Discord takes no form, and reads what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.adapters.discord.ids import Target, encode
from bot.adapters.discord.render import shorten
from bot.core.port import HELD, Ask, Button, Emphasis, Field, Kind, Message
from bot.core.text import Words, plain

LONGEST_TITLE: Final = 45
LONGEST_LABEL: Final = 45
LONGEST_HINT: Final = 100
LONGEST_INPUT: Final = 4000
MOST_FIELDS: Final = 5
MOST_OPTIONS: Final = 25
GROUPS: Final = [discord.ChannelType.text, discord.ChannelType.news]
"""Kinds of channels in which a group can meet."""

_PARAGRAPHS: Final = frozenset({Kind.PARAGRAPH, Kind.MESSAGE, Kind.FILE})
_TEXT_INPUT, _USER_SELECT, _CHANNEL_SELECT = 4, 5, 8


def draw_form(ask: Ask, *, community: str = "") -> ui.Modal:
    """Draw a form. Its id carries the command, so that it can be read after a restart.

    Values of inputs for which there is no room travel in the id as well, as far as they fit.
    Raises `ValueError` when the hidden arguments do not fit.
    """
    shown = ask.fields[:MOST_FIELDS]
    names = {field.name for field in shown}
    unseen = {name: value for name, value in ask.known.items() if name not in names}
    form = ui.Modal(title=shorten(ask.title, LONGEST_TITLE), custom_id=_id(ask, unseen, community))
    for field in shown:
        problem = ask.problems.get(field.name)
        form.add_item(
            ui.Label(
                text=shorten(field.label, LONGEST_LABEL),
                description=shorten(problem or field.hint, LONGEST_HINT) or None,
                component=_input(field, ask.known.get(field.name, ""), field.hint if problem else ""),
            )
        )
    # Finished before it is sent, so that discord.py does not keep it: submissions are read from the form's id.
    form.stop()
    return form


def draw_as_message(ask: Ask, words: Words, locale: str) -> Message:
    """Draw what a person has to mend, or a form that comes late, as a message with a button that opens the form."""
    labels = {field.name: field.label for field in ask.fields}
    arguments = {**ask.hidden, **({HELD: ask.held} if ask.held else {})}
    if not ask.problems:
        button = Button(words.label("platform.open_form", locale), ask.command, arguments, Emphasis.PRIMARY)
        return Message(words.say("platform.form_ready", locale), ask.title, buttons=(button,))
    listed = "\n".join(f"- **{plain(labels.get(name, name))}**: {plain(said)}" for name, said in ask.problems.items())
    button = Button(words.label("platform.mend", locale), ask.command, arguments, Emphasis.PRIMARY)
    return Message(f"{words.say('platform.to_mend', locale)}\n\n{listed}", ask.title, buttons=(button,))


def read_form(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what was filled into a form, as arguments. Inputs left empty are left out."""
    return {name: value for name, value in _filled(components) if value.strip()}


def _id(ask: Ask, unseen: Mapping[str, str], community: str) -> str:
    try:
        return encode(Target(ask.command, {**unseen, **ask.hidden}, community))
    except ValueError:
        if not unseen:
            raise
    return _id(ask, dict(list(unseen.items())[:-1]), community)


def _input(field: Field, known: str, faint: str) -> ui.Item[Any]:
    chosen = known.lstrip("#@")
    match field.kind:
        case Kind.MEMBER:
            users = [_default(chosen, discord.SelectDefaultValueType.user)] if chosen.isdecimal() else []
            return ui.UserSelect(custom_id=field.name, required=field.required, default_values=users)
        case Kind.CHANNEL:
            rooms = [_default(chosen, discord.SelectDefaultValueType.channel)] if chosen.isdecimal() else []
            return ui.ChannelSelect(
                custom_id=field.name, required=field.required, default_values=rooms, channel_types=GROUPS
            )
        case Kind.CHOICE if 0 < len(field.choices) <= MOST_OPTIONS:
            options = [
                discord.SelectOption(label=shorten(one.label, 100), value=one.value, default=one.value == known)
                for one in field.choices
            ]
            return ui.Select(custom_id=field.name, required=field.required, options=options)
        case _:
            return _text_input(field, known, faint)


def _text_input(field: Field, known: str, faint: str) -> ui.TextInput[Any]:
    longest = min(field.longest or LONGEST_INPUT, LONGEST_INPUT)
    long = field.kind in _PARAGRAPHS
    return ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        required=field.required,
        default=known[:longest] or None,
        max_length=longest,
        placeholder=shorten(faint, LONGEST_HINT) or None,
    )


def _default(snowflake: str, kind: discord.SelectDefaultValueType) -> discord.SelectDefaultValue:
    return discord.SelectDefaultValue(id=int(snowflake), type=kind)


def _filled(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for one in components:
        yield from _filled([one["component"]] if "component" in one else one.get("components", ()))
        if "custom_id" not in one:
            continue
        chosen: list[str] = one.get("values") or []
        if one["type"] == _TEXT_INPUT:
            yield one["custom_id"], one.get("value") or ""
        elif chosen:
            mark = {_USER_SELECT: "@", _CHANNEL_SELECT: "#"}.get(one["type"], "")
            yield one["custom_id"], mark + chosen[0]
