"""Draws an `Ask` as a form, or as a private message where Discord takes no form, and reads what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import discord
from discord import ui

from bot.adapters.discord.attachments import FILE_UPLOAD
from bot.adapters.discord.ids import Target, encode
from bot.adapters.discord.markup import escape
from bot.adapters.discord.render import shorten
from bot.core.port import Ask, Button, Choice, Emphasis, Field, Kind, Message
from bot.core.text import Markup, Words, plain

LONGEST_TITLE: Final = 45
LONGEST_LABEL: Final = 45
LONGEST_HINT: Final = 100
LONGEST_INPUT: Final = 4000
LONGEST_NOTE: Final = 500
MOST_FIELDS: Final = 5
MOST_OPTIONS: Final = 25
GROUPS: Final = [discord.ChannelType.text, discord.ChannelType.news]
"""Kinds of channels in which a group can meet."""

YES, NO = "yes", "no"

_PARAGRAPHS: Final = frozenset({Kind.PARAGRAPH, Kind.MESSAGE})
_TEXT_INPUT, _USER_SELECT, _CHANNEL_SELECT = 4, 5, 8


def draw_form(ask: Ask, words: Words, locale: str, *, community: str = "") -> ui.Modal:
    """Draw a form of the inputs that matter most. Its id carries the command, so that it can be read after a restart.

    Raises `ValueError` when the hidden arguments do not fit.
    """
    shown = ask.preferred(MOST_FIELDS)
    full = {field.name for field in shown if field.kind is not Kind.FILE}
    form = ui.Modal(
        title=shorten(ask.title, LONGEST_TITLE),
        custom_id=encode(Target(ask.command, ask.carried(full), community)),
    )
    if ask.note and len(shown) < MOST_FIELDS:
        form.add_item(ui.TextDisplay(escape(shorten(ask.note, LONGEST_NOTE))))
    for field in shown:
        problem = ask.problems.get(field.name)
        form.add_item(
            ui.Label(
                text=shorten(field.label, LONGEST_LABEL),
                description=shorten(problem or field.hint, LONGEST_HINT) or None,
                component=_input(field, ask.known.get(field.name, ""), field.hint if problem else "", words, locale),
            )
        )
    # Finished before it is sent, so that discord.py does not keep it: submissions are read from the form's id.
    form.stop()
    return form


def draw_as_message(ask: Ask, words: Words, locale: str) -> Message:
    """Draw what a person has to mend, or a form that comes late, as a message with a button that opens the form."""
    labels = {field.name: field.label for field in ask.fields}
    label = words.label("platform.mend" if ask.problems else "platform.open_form", locale)
    button = Button(label, ask.command, ask.again, Emphasis.PRIMARY)
    said = [plain(ask.note)] if ask.note else []
    if ask.problems:
        listed = (f"- **{plain(labels.get(name, name))}**: {plain(why)}" for name, why in ask.problems.items())
        said += [words.say("platform.to_mend", locale), Markup("\n".join(listed))]
    said = said or [words.say("platform.form_ready", locale)]
    return Message("\n\n".join(said), ask.title, buttons=(button,))


def read_form(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what was filled into a form, as arguments: "" for what was left empty or made so.

    Files are not among them: those sent are fetched, and an input for files cannot show which one is there already.
    """
    return dict(_filled(components))


def _input(field: Field, known: str, faint: str, words: Words, locale: str) -> ui.Item[Any]:
    chosen = known.lstrip("#@")
    match field.kind:
        case Kind.MEMBER:
            users = [_default(chosen, discord.SelectDefaultValueType.user)] if chosen.isdecimal() else []
            return ui.UserSelect(
                custom_id=field.name, required=field.required, min_values=int(field.required), default_values=users
            )
        case Kind.CHANNEL:
            rooms = [_default(chosen, discord.SelectDefaultValueType.channel)] if chosen.isdecimal() else []
            return ui.ChannelSelect(
                custom_id=field.name,
                required=field.required,
                min_values=int(field.required),
                default_values=rooms,
                channel_types=GROUPS,
            )
        case Kind.CHOICE | Kind.CHOICES if 0 < len(field.choices) <= MOST_OPTIONS:
            return _select(field, field.chosen(known))
        case Kind.FLAG:
            offered = (Choice(words.label("platform.yes", locale), YES), Choice(words.label("platform.no", locale), NO))
            return _select(replace(field, choices=offered), (known,))
        case Kind.FILE:
            needed = field.required and not known
            return ui.FileUpload(custom_id=field.name, required=needed, min_values=int(needed), max_values=1)
        case _:
            return _text_input(field, known, faint)


def _select(field: Field, chosen: Sequence[str]) -> ui.Select[Any]:
    several = field.kind is Kind.CHOICES
    options = [
        discord.SelectOption(label=shorten(one.label, 100), value=one.value, default=one.value in chosen)
        for one in field.choices
    ]
    return ui.Select(
        custom_id=field.name,
        required=field.required,
        options=options,
        min_values=int(field.required),
        max_values=len(options) if several else 1,
    )


def _text_input(field: Field, known: str, faint: str) -> ui.TextInput[Any]:
    longest = min(field.longest or LONGEST_INPUT, LONGEST_INPUT)
    long = field.kind in _PARAGRAPHS
    return ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        required=field.required,
        default=_fitting(known, longest) or None,
        max_length=longest,
        placeholder=shorten(faint, LONGEST_HINT) or None,
    )


def _fitting(text: str, longest: int) -> str:
    """Return as much of a text as an input surely takes: Discord's clients count what is beyond 16 bits twice."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * longest].decode("utf-16-le", "ignore")


def _default(snowflake: str, kind: discord.SelectDefaultValueType) -> discord.SelectDefaultValue:
    return discord.SelectDefaultValue(id=int(snowflake), type=kind)


def _filled(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for one in components:
        yield from _filled([one["component"]] if "component" in one else one.get("components", ()))
        if "custom_id" not in one:
            continue
        chosen: list[str] = one.get("values") or []
        mark = {_USER_SELECT: "@", _CHANNEL_SELECT: "#"}.get(one["type"], "")
        if one["type"] == _TEXT_INPUT:
            yield one["custom_id"], one.get("value") or ""
        elif one["type"] != FILE_UPLOAD:
            yield one["custom_id"], ",".join(mark + value for value in chosen)
