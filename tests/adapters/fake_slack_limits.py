"""Slack's limits on blocks and views, and what a text would make of mentions.

The problems are worded as in `response_metadata.messages`; only kinds that a bot like ours uses are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from tests.adapters.fake_slack_world import Json, iterate, texts_of

_MOST_BLOCKS: Final = {"message": 50, "modal": 100, "home": 100}
_OF_AN_IMAGE: Final = {"type", "block_id", "alt_text", "title", "image_url", "slack_file"}
_TOGETHER: Final = 12_000  # characters of text in all blocks of one message; not documented, observed


Check: TypeAlias = Callable[[Json], Iterator[str]]


def block_problems(blocks: list[Json], surface: str) -> list[str]:
    """Return everything Slack would refuse about these blocks on a `message`, `modal` or `home`."""
    found: list[str] = []
    if len(blocks) > _MOST_BLOCKS[surface]:
        found.append(f"no more than {_MOST_BLOCKS[surface]} items allowed [json-pointer:/blocks]")
    ids = [str(block["block_id"]) for block in blocks if block.get("block_id")]
    found += [f"block_id {name} already exists" for name in set(ids) if ids.count(name) > 1]
    found += [f"block_id {name} is longer than 255" for name in ids if len(name) > 255]
    for place, block in enumerate(blocks):
        kind = str(block.get("type"))
        where = f"/blocks/{place}"
        if kind not in _BLOCKS:
            found.append(f"unsupported type: {kind} [json-pointer:{where}/type]")
            continue
        found += [f"{problem} [json-pointer:{where}]" for problem in _BLOCKS[kind](block)]
    return found


def too_long_together(blocks: list[Json]) -> bool:
    return sum(map(len, texts_of(blocks))) > _TOGETHER


def _section(block: Json) -> Iterator[str]:
    yield from _text(block.get("text"), "text", 3000)
    if "accessory" in block:
        yield from _element(block["accessory"])


def _header(block: Json) -> Iterator[str]:
    yield from _plain(block.get("text"), "text", 150)


def _context(block: Json) -> Iterator[str]:
    yield from _count(block.get("elements"), 1, 10)
    for element in iterate(block.get("elements")):
        yield from _text(element, "element", 3000)


def _image(block: Json) -> Iterator[str]:
    yield from _string(block.get("alt_text"), "alt_text", 2000)
    if bool(block.get("image_url")) == bool(block.get("slack_file")):
        yield "one of image_url and slack_file is needed"
    if len(block.get("slack_file", {"id": ""})) != 1:
        yield "one of id and url is needed"
    yield from (f"invalid additional property: {name}" for name in block.keys() - _OF_AN_IMAGE)


def _actions(block: Json) -> Iterator[str]:
    yield from _count(block.get("elements"), 1, 25)
    names = [element.get("action_id") for element in iterate(block.get("elements"))]
    if len(names) != len(set(names)):
        yield "action_id is not unique"
    for element in iterate(block.get("elements")):
        yield from _element(element)


def _input(block: Json) -> Iterator[str]:
    yield from _plain(block.get("label"), "label", 2000)
    if block.get("hint"):
        yield from _plain(block["hint"], "hint", 2000)
    if block.get("element", {}).get("type") not in _INPUTS:
        yield "unsupported element in an input"
    yield from _element(block.get("element", {}))


def _element(element: Json) -> Iterator[str]:
    kind = str(element.get("type"))
    if kind not in _ELEMENTS:
        yield f"unsupported element {kind}"
        return
    if len(str(element.get("action_id", ""))) > 255:
        yield "action_id is longer than 255"
    if element.get("placeholder"):
        yield from _plain(element["placeholder"], "placeholder", 150)
    yield from _ELEMENTS[kind](element)


def _button(element: Json) -> Iterator[str]:
    yield from _plain(element.get("text"), "text", 75)
    if len(element.get("value", "")) > 2000:
        yield "value is longer than 2000"
    if element.get("style", "primary") not in {"primary", "danger"}:
        yield "style is unknown"


def _text_input(element: Json) -> Iterator[str]:
    longest = int(element.get("max_length", 3000))
    if not 1 <= longest <= 3000:
        yield "max_length is not within 1 and 3000"
    if len(element.get("initial_value", "")) > longest:
        yield "initial_value is longer than max_length"


def _number_input(element: Json) -> Iterator[str]:
    if not isinstance(element.get("is_decimal_allowed"), bool):
        yield "is_decimal_allowed is needed"
    for name in ("initial_value", "min_value", "max_value"):
        if not re.fullmatch(r"-?\d+", element.get(name, "0")):
            yield f"{name} is no number"


def _select(element: Json) -> Iterator[str]:
    yield from _options(element, 100)


def _boxes(element: Json) -> Iterator[str]:
    yield from _options(element, 10)


def _external(element: Json) -> Iterator[str]:
    if element.get("initial_option"):
        yield from _option(element["initial_option"])


def _date(element: Json) -> Iterator[str]:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", element.get("initial_date", "2026-01-01")):
        yield "initial_date is no date"


def _time(element: Json) -> Iterator[str]:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", element.get("initial_time", "00:00")):
        yield "initial_time is no time"


def _picked(_: Json) -> Iterator[str]:
    return iter(())


def _options(element: Json, most: int) -> Iterator[str]:
    options = element.get("options")
    yield from _count(options, 1, most)
    for option in iterate(options):
        yield from _option(option)
    values = [option.get("value") for option in iterate(options)]
    if len(values) != len(set(values)):
        yield "options are not unique"
    chosen = [
        *iterate(element.get("initial_options")),
        *([element["initial_option"]] if "initial_option" in element else []),
    ]
    if any(option not in iterate(options) for option in chosen):
        yield "initial option is none of the options"


def _option(option: Json) -> Iterator[str]:
    yield from _text(option.get("text"), "option text", 75)
    yield from _string(option.get("value"), "option value", 150)
    if option.get("description"):
        yield from _text(option["description"], "option description", 75)


def _count(items: Any, fewest: int, most: int) -> Iterator[str]:
    amount = len(list(iterate(items)))
    if not fewest <= amount <= most:
        yield f"must have between {fewest} and {most} items, has {amount}"


def _plain(value: Any, name: str, longest: int) -> Iterator[str]:
    if _as_object(value).get("type") != "plain_text":
        yield f"{name} must be plain_text"
        return
    yield from _text(value, name, longest)


def _text(value: Any, name: str, longest: int) -> Iterator[str]:
    if _as_object(value).get("type") not in {"plain_text", "mrkdwn"}:
        yield f"{name} is no text object"
        return
    yield from _string(value["text"], name, longest)


def _as_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]  parsed JSON


def _string(value: Any, name: str, longest: int) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield f"{name} must be a text of at least 1 character"
    elif len(value) > longest:
        yield f"{name} must be at most {longest} characters, has {len(value)}"


_BLOCKS: Final[Mapping[str, Check]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "image": _image,
    "actions": _actions,
    "input": _input,
    "divider": _picked,
}
_INPUTS: Final[Mapping[str, Check]] = {
    "plain_text_input": _text_input,
    "number_input": _number_input,
    "static_select": _select,
    "multi_static_select": _select,
    "checkboxes": _boxes,
    "external_select": _external,
    "datepicker": _date,
    "timepicker": _time,
    "users_select": _picked,
    "conversations_select": _picked,
    "channels_select": _picked,
}
_ELEMENTS: Final[Mapping[str, Check]] = {"button": _button, **_INPUTS}


def view_problems(view: Json) -> list[str]:
    """Return everything Slack would refuse about a modal or a home tab."""
    surface = str(view.get("type"))
    if surface not in ("modal", "home"):
        return [f"unsupported view type {surface}"]
    found = block_problems(list(iterate(view.get("blocks"))), surface)
    if surface == "modal":
        found += _plain(view.get("title"), "title", 24)
        has_input = any(block.get("type") == "input" for block in iterate(view.get("blocks")))
        if has_input and not view.get("submit"):
            found.append("submit is needed with inputs")
        for name in ("submit", "close"):
            if view.get(name):
                found += _plain(view[name], name, 24)
    for name, longest in (("private_metadata", 3000), ("callback_id", 255)):
        if len(view.get(name) or "") > longest:
            found.append(f"{name} is longer than {longest}")
    return found


def pings(text: str, blocks: list[Json]) -> set[str]:
    """Return whom Slack would notify: member ids, and `!channel`, `!here`, `!everyone` or user groups."""
    sources = [text]
    for block in blocks:
        sources += list(_mrkdwn(block))
    found: set[str] = set()
    for source in sources:
        found |= set(re.findall(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", source))
        found |= set(re.findall(r"<(!(?:channel|here|everyone|subteam\^[A-Z0-9]+))(?:\|[^>]*)?>", source))
    return found


def _mrkdwn(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        part: Json = value  # pyright: ignore[reportUnknownVariableType]  parsed JSON has string keys
        if part.get("type") == "mrkdwn":
            yield str(part.get("text"))
        for inner in part.values():
            yield from _mrkdwn(inner)
        return
    for inner in iterate(value):
        yield from _mrkdwn(inner)
