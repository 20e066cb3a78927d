"""What Slack's client does with a modal: takes values, holds back what it would hold back, and builds the state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tests.adapters.fake_slack_world import Json, iterate

_PICKED: Final = {
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
}


_OPTIONS: Final = {"type", "selected_option", "selected_options"}


class HeldBackError(Exception):
    """Slack's client does not send the form: the person sees why and mends it first."""


def inputs_of(view: Json) -> list[Json]:
    """Return the input blocks of a view, in order."""
    return [block for block in iterate(view.get("blocks")) if block["type"] == "input"]


def input_called(view: Json, name: str) -> Json:
    """Return the input with this label, block_id or action_id; the end of a block_id will do."""
    for block in inputs_of(view):
        if name in (block["block_id"], block["element"].get("action_id"), block["label"]["text"]):
            return block
    for block in inputs_of(view):
        if str(block["block_id"]).endswith(name):
            return block
    raise LookupError(f"no input {name!r}, there are {[block['label']['text'] for block in inputs_of(view)]}")


def blocks_of(view: Json, answers: Mapping[str, str]) -> dict[str, str]:
    """Return answers that were given by label, block_id or action_id, by block_id."""
    return {input_called(view, name)["block_id"]: answer for name, answer in answers.items()}


def stands_in(block: Json, filled: Mapping[str, str]) -> str:
    """Return what a person reads in an input: what they typed, or what it was opened with."""
    if block["block_id"] in filled:
        return filled[block["block_id"]]
    told = _value(block["element"], None)
    chosen = [told["selected_option"]] if told.get("selected_option") else iterate(told.get("selected_options"))
    values = [option["value"] for option in chosen]
    values += [str(value) for name, value in told.items() if name not in _OPTIONS and value]
    return ",".join(values)


def state_of(view: Json, by_block: Mapping[str, str]) -> Json:
    """Return `view.state.values` after a person filled in the answers, given by block_id."""
    values: Json = {}
    for block in inputs_of(view):
        element = block["element"]
        told = _value(element, by_block.get(block["block_id"]))
        if not block.get("optional", False) and _is_empty(told):
            raise HeldBackError(f"{block['label']['text']}: this field is required")
        values[block["block_id"]] = {element["action_id"]: told}
    return values


def _is_empty(told: Json) -> bool:
    return all(value in (None, "", []) for name, value in told.items() if name != "type")


def _value(element: Json, answer: str | None) -> Json:
    kind = str(element["type"])
    if kind in _PICKED:
        selected, initial = _PICKED[kind]
        return {"type": kind, selected: element.get(initial) if answer is None else answer or None}
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": _typed(element, answer)}
        case "number_input":
            return {"type": kind, "value": _number(element, answer)}
        case "checkboxes" | "multi_static_select":
            return {"type": kind, "selected_options": _ticked(element, answer)}
        case _:
            return {"type": kind, "selected_option": _chosen(element, answer)}


def _typed(element: Json, answer: str | None) -> str | None:
    text = element.get("initial_value") if answer is None else answer
    if text and len(text) > int(element.get("max_length", 3000)):
        raise HeldBackError(f"at most {element.get('max_length', 3000)} characters")
    return text or None


def _number(element: Json, answer: str | None) -> str | None:
    text = element.get("initial_value") if answer is None else answer
    if not text:
        return None
    if not re.fullmatch(r"-?\d+(\.\d+)?", text) or ("." in text and not element["is_decimal_allowed"]):
        raise HeldBackError("enter a number")
    if "min_value" in element and float(text) < float(element["min_value"]):
        raise HeldBackError(f"at least {element['min_value']}")
    if "max_value" in element and float(text) > float(element["max_value"]):
        raise HeldBackError(f"at most {element['max_value']}")
    return str(text)


def _ticked(element: Json, answer: str | None) -> list[Json]:
    if answer is None:
        return list(iterate(element.get("initial_options")))
    wanted = {part.strip() for part in answer.split(",")}
    return [one for one in iterate(element["options"]) if wanted & {one["value"], one["text"]["text"]}]


def _chosen(element: Json, answer: str | None) -> Json | None:
    if answer is None:
        return element.get("initial_option")
    if not answer:
        return None
    for option in iterate(element.get("options")):
        if answer in (option["value"], option["text"]["text"]):
            return option
    raise LookupError(
        f"no choice {answer!r} in {[option['text']['text'] for option in iterate(element.get('options'))]}"
    )
