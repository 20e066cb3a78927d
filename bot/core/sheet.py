"""YAML that remembers its lines, so that every mistake can be shown where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

Path: TypeAlias = tuple[str | int, ...]

LARGEST: Final = 2_000_000
"""Characters. A file beyond it is a mistake, or an attack."""
DEEPEST: Final = 20
_LONGEST_NUMBER: Final = 18
_NOTHING: Final = "tag:yaml.org,2002:null"

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One mistake in a file: where it stands, and what to do about it. Line 0 is no file's, as in the environment."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The values of one or more YAML texts, and where each stands: file and line by path."""

    file: str
    values: Mapping[str, object]
    places: Mapping[Path, tuple[str, int]]

    def flaw(self, path: Path, what: str) -> Flaw:
        """Return a mistake at a value, or at the nearest one around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return Flaw(*self.places[path[:length]], what)
        return Flaw(self.file, 1, what)

    def under(self, *path: str) -> Sheet:
        """Return the part of the sheet below a path, empty when there are no names with values."""
        values: object = self.values
        for name in path:
            values = cast("Mapping[str, object]", values).get(name, {}) if isinstance(values, dict) else {}
        values = cast("Mapping[str, object]", values) if isinstance(values, dict) else {}
        places = {at[len(path) :]: place for at, place in self.places.items() if at[: len(path)] == path}
        return Sheet(self.file, values, places)

    def beside(self, other: Sheet) -> Sheet:
        """Return both sheets as one. A name that stands in both is taken from the other."""
        return Sheet(self.file, {**self.values, **other.values}, {**self.places, **other.places})


class SheetError(Exception):
    """A text that is no usable YAML."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(str(flaw))
        self.flaw = flaw


def read_sheet(file: str, text: str) -> Sheet:
    """Read YAML. No anchors, no tags, no key twice. Raises `SheetError`."""
    if len(text) > LARGEST:
        raise SheetError(Flaw(file, 1, f"too large: keep it under {LARGEST:,} characters"))
    places: dict[Path, tuple[str, int]] = {}
    try:
        _refuse_cleverness(file, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None or node.tag == _NOTHING:
            return Sheet(file, {}, places)
        if not isinstance(node, yaml.MappingNode):
            raise SheetError(Flaw(file, 1, "must be names with values, such as `name: value`"))
        return Sheet(file, _mapping(node, (), places, file), places)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SheetError(Flaw(file, line, f"{error.problem}: check the indentation and the quotes")) from None
    except yaml.YAMLError:
        raise SheetError(Flaw(file, 1, "this is not YAML: check for odd characters")) from None


def _refuse_cleverness(file: str, text: str) -> None:
    """Refuse anchors, tags and deep nesting as soon as they appear: the time for brackets grows with their square."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = cast("yaml.Mark", event.start_mark).line + 1
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise SheetError(Flaw(file, line, "anchors (& and *) are not used here: write it out"))
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise SheetError(Flaw(file, line, "tags (!) are not used here: take it out"))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise SheetError(Flaw(file, line, "nested too deeply"))


def _value(node: yaml.Node, path: Path, places: dict[Path, tuple[str, int]], file: str) -> object:
    places.setdefault(path, (file, node.start_mark.line + 1))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, places, file)
    if isinstance(node, yaml.SequenceNode):
        parts = cast("Sequence[yaml.Node]", node.value)
        return [_value(part, (*path, place), places, file) for place, part in enumerate(parts)]
    return _scalar(cast("yaml.ScalarNode", node))


def _mapping(node: yaml.MappingNode, path: Path, places: dict[Path, tuple[str, int]], file: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in cast("Sequence[tuple[yaml.Node, yaml.Node]]", node.value):
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise SheetError(Flaw(file, line, "a name must be one plain word"))
        name = cast("str", key.value)
        if name in found:
            raise SheetError(Flaw(file, line, f"{name}: stands here twice: keep one"))
        places[*path, name] = (file, line)
        found[name] = _value(value, (*path, name), places, file)
    return found


def _scalar(node: yaml.ScalarNode) -> object:
    """Return text, a number, yes or no, or nothing. Dates and times stay text."""
    text = cast("str", node.value)
    if node.style is not None:
        return text
    match node.tag.rpartition(":")[2]:
        case "int":
            return int(text) if len(text) <= _LONGEST_NUMBER and text.lstrip("+-").isdecimal() else text
        case "float":
            return float(text) if text.count(".") == 1 and text.replace(".", "").lstrip("+-").isdecimal() else text
        case "bool":
            return text.casefold() in {"yes", "true", "on"}
        case "null":
            return None
        case _:
            return text


def check_sheet(sheet: Sheet, model: type[M], within: Path = ()) -> M | list[Flaw]:
    """Return the model that a sheet fills, or everything that is wrong with it. Values never show in a mistake.

    `within` is where the sheet stands when it is part of another, so that mistakes are named in full.
    """
    try:
        return model.model_validate(sheet.values)
    except ValidationError as error:
        found: dict[tuple[Path, str], Flaw] = {}
        for detail in error.errors(include_url=False, include_input=False):
            # Where a value may be two things, it is wrong as each of them: once is enough.
            stands = _without_types(detail["loc"], sheet)
            missing = str(detail["loc"][-1]) if detail["type"] == "missing" else ""
            found.setdefault((stands, missing), _flaw(sheet, detail["loc"], detail["type"], detail["msg"], within))
        return list(found.values())


def _flaw(sheet: Sheet, path: Path, kind: str, message: str, within: Path) -> Flaw:
    stands = _without_types(path, sheet)
    name = (*stands, path[-1]) if kind == "missing" else stands
    return sheet.flaw(stands, f"{_name((*within, *name))}: {_what(kind, message)}")


def _without_types(path: Path, sheet: Sheet) -> Path:
    """Return the part of a path that stands in the file: where a value may be two things, pydantic adds which."""
    kept: Path = ()
    for part in path:
        if (*kept, part) in sheet.places:
            kept = (*kept, part)
    return kept


def _name(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "the file"


def _what(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is missing: add it"
        case "extra_forbidden":
            return "is not known here: check the spelling, or take it out"
        case "dict_type" | "mapping_type" | "model_type":
            return "write names with values below it"
        case _:
            said = message.removeprefix("Value error, ")
            return said[:1].lower() + said[1:]
