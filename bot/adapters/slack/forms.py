"""Draws a form as a modal, and reads what came back with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

from bot.adapters.slack.commands import FormOrigin, write_origin
from bot.adapters.slack.render import cut, plain_text
from bot.core.port import Ask, Choice, Field, Kind
from bot.core.text import Words

Json: TypeAlias = dict[str, Any]

LONGEST_TITLE: Final = 24
LONGEST_INPUT: Final = 3_000
LONGEST_HINT: Final = 2_000
LONGEST_OPTION: Final = 75
LONGEST_CHOICE: Final = 150
MOST_CHOICES: Final = 100
MOST_FIELDS: Final = 98
INPUT: Final = "value"
_BLOCK: Final = "field."
_YES: Final = "yes"


def draw_form(ask: Ask, origin: FormOrigin, words: Words, locale: str) -> Json:
    """Return the modal. What is wrong stands as a hint at its input, since a fresh modal can show no errors."""
    blocks = [
        {"type": "section", "text": plain_text(text, LONGEST_HINT)}
        for text in (ask.title if len(ask.title) > LONGEST_TITLE else "", ask.note, *_homeless(ask))
        if text
    ]
    blocks += [_input(field, ask, words, locale) for field in ask.preferred(MOST_FIELDS)]
    return {
        "type": "modal",
        "callback_id": cut(ask.command, 255),
        "private_metadata": write_origin(origin),
        "title": plain_text(ask.title or ask.command, LONGEST_TITLE),
        "submit": plain_text(words.label("platform.send", locale), LONGEST_TITLE),
        "close": plain_text(words.label("platform.close", locale), LONGEST_TITLE),
        "blocks": blocks or [{"type": "section", "text": plain_text(ask.title or ask.command, LONGEST_HINT)}],
    }


def inline_errors(ask: Ask, view: Json) -> dict[str, str]:
    """Return what is wrong by block, or nothing when the open modal has no input for some of it."""
    inputs = {str(block.get("block_id")) for block in view.get("blocks", []) if block.get("type") == "input"}
    errors = {_BLOCK + name: cut(problem, LONGEST_HINT) or "…" for name, problem in ask.problems.items()}
    return errors if errors and set(errors) <= inputs else {}


def read_answers(view: Json) -> dict[str, str]:
    """Return what a person filled in, as arguments: "" for what they left empty or made so."""
    values: Json = view.get("state", {}).get("values", {})
    return {
        block.removeprefix(_BLOCK): _answer(inputs.get(INPUT, {}))
        for block, inputs in values.items()
        if block.startswith(_BLOCK)
    }


def field_of(block: str) -> str:
    """Return the name of the field that a block asks for."""
    return block.removeprefix(_BLOCK)


def draw_choices(choices: Sequence[Choice]) -> list[Json]:
    """Return options for a menu, leaving out those whose value Slack could not send back."""
    return [_option(choice) for choice in choices if 0 < len(choice.value) <= LONGEST_CHOICE][:MOST_CHOICES]


def _homeless(ask: Ask) -> list[str]:
    shown = {field.name for field in ask.fields}
    return [problem for name, problem in ask.problems.items() if name not in shown]


def _input(field: Field, ask: Ask, words: Words, locale: str) -> Json:
    hint = ask.problems.get(field.name) or field.hint
    block: Json = {
        "type": "input",
        "block_id": _BLOCK + field.name,
        "label": plain_text(field.label or field.name, LONGEST_HINT),
        "optional": not field.required or field.kind is Kind.FLAG,
        "element": {"action_id": INPUT, **_element(field, ask.known.get(field.name, ""), words, locale)},
    }
    return block | {"hint": plain_text(hint, LONGEST_HINT)} if hint else block


def _element(field: Field, known: str, words: Words, locale: str) -> Json:
    if field.suggests or field.kind is Kind.ZONE or len(field.choices) > MOST_CHOICES:
        return _suggesting(field, known, words, locale)
    draw = _ELEMENTS.get(field.kind, _typed)
    return draw(field, known) if field.kind is not Kind.FLAG else _tick(known, words, locale)


def _member(_: Field, known: str) -> Json:
    return {"type": "users_select"} | _known("initial_user", known.removeprefix("@"), r"[UW][A-Z0-9]+")


def _channel(_: Field, known: str) -> Json:
    filters: Json = {"include": ["public", "private"], "exclude_bot_users": True}
    initial = _known("initial_conversation", known.removeprefix("#"), r"[CG][A-Z0-9]+")
    return {"type": "conversations_select", "filter": filters} | initial


def _day(_: Field, known: str) -> Json:
    return {"type": "datepicker"} | ({"initial_date": known} if _is_date(known) else {})


def _time(_: Field, known: str) -> Json:
    return {"type": "timepicker"} | _known("initial_time", known, r"([01]\d|2[0-3]):[0-5]\d")


def _typed(field: Field, known: str) -> Json:
    longest = min(field.longest or LONGEST_INPUT, LONGEST_INPUT)
    many_lines = field.kind in {Kind.PARAGRAPH, Kind.MESSAGE, Kind.FILE}
    drawn: Json = {"type": "plain_text_input", "multiline": many_lines, "max_length": longest}
    # A text that is cut can be read and mended; half a file cannot, and would be sent as a whole one.
    whole = _units(known) <= longest
    shown = known if whole else "" if field.kind is Kind.FILE else f"{_fitting(known, longest - 1).rstrip()}…"
    return drawn | ({"initial_value": shown} if shown else {})


def _units(text: str) -> int:
    """Return how long a text is for Slack's clients, which count what is beyond 16 bits twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(text: str, longest: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * longest].decode("utf-16-le", "ignore")


def _number(field: Field, known: str) -> Json:
    limits = {"min_value": field.lowest, "max_value": field.highest}
    drawn: Json = {"type": "number_input", "is_decimal_allowed": False}
    drawn |= {name: str(limit) for name, limit in limits.items() if limit is not None}
    return drawn | _known("initial_value", known, r"-?\d+")


def _tick(known: str, words: Words, locale: str) -> Json:
    option = _option(Choice(words.label("platform.yes", locale), _YES))
    return {"type": "checkboxes", "options": [option]} | ({"initial_options": [option]} if known == _YES else {})


def _menu(field: Field, known: str) -> Json:
    options = draw_choices(field.choices)
    chosen = [option for option in options if option["value"] in field.chosen(known)]
    return {"type": "static_select", "options": options} | ({"initial_option": chosen[0]} if chosen else {})


def _several(field: Field, known: str) -> Json:
    options = draw_choices(field.choices)
    chosen = [option for option in options if option["value"] in field.chosen(known)]
    return {"type": "multi_static_select", "options": options} | ({"initial_options": chosen} if chosen else {})


def _suggesting(field: Field, known: str, words: Words, locale: str) -> Json:
    labels = {choice.value: choice.label for choice in field.choices}
    chosen = draw_choices([Choice(labels.get(known, known), known)])
    drawn: Json = {
        "type": "external_select",
        "min_query_length": 2 if field.kind is Kind.ZONE else 0,
        "placeholder": plain_text(words.label("platform.type_to_search", locale), LONGEST_CHOICE),
    }
    return drawn | ({"initial_option": chosen[0]} if chosen else {})


def _option(choice: Choice) -> Json:
    return {"text": plain_text(choice.label or choice.value, LONGEST_OPTION), "value": choice.value}


def _known(name: str, value: str, pattern: str) -> Json:
    return {name: value} if re.fullmatch(pattern, value) else {}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_ELEMENTS: Final[Mapping[Kind, Callable[[Field, str], Json]]] = {
    Kind.CHOICE: _menu,
    Kind.CHOICES: _several,
    Kind.MEMBER: _member,
    Kind.CHANNEL: _channel,
    Kind.DATE: _day,
    Kind.TIME: _time,
    Kind.NUMBER: _number,
}
_PICKED: Final = {
    "users_select": ("@", "selected_user"),
    "conversations_select": ("#", "selected_conversation"),
    "channels_select": ("#", "selected_channel"),
    "datepicker": ("", "selected_date"),
    "timepicker": ("", "selected_time"),
}


def _answer(told: Json) -> str:
    kind = str(told.get("type"))
    if kind in _PICKED:
        mark, name = _PICKED[kind]
        return f"{mark}{told[name]}" if told.get(name) else ""
    if kind == "checkboxes":
        return _YES if told.get("selected_options") else "no"
    if kind in {"static_select", "external_select"}:
        option: Json = told.get("selected_option") or {}
        return str(option.get("value", ""))
    if kind == "multi_static_select":
        options: list[Json] = told.get("selected_options") or []
        return ",".join(str(option["value"]) for option in options)
    return str(told.get("value") or "")
