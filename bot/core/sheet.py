"""YAML that remembers its lines, so that every mistake can be shown where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError
from yaml.reader import ReaderError

Path: TypeAlias = tuple[str | int, ...]

LARGEST: Final = 2_000_000
"""Characters. A file beyond it is a mistake, or an attack."""
DEEPEST: Final = 20
_LONGEST_NUMBER: Final = 18
_NOTHING: Final = "tag:yaml.org,2002:null"
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half of a character, as "\\ud83d" writes it: no text can hold it, and no database takes it."""

_Loader: TypeAlias = type[yaml.SafeLoader] | type[yaml.CSafeLoader]
_LOADERS: Final[Sequence[_Loader]] = [yaml.CSafeLoader, yaml.SafeLoader] if yaml.__with_libyaml__ else [yaml.SafeLoader]

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

    def stands(self, path: Path) -> str:
        """Return file and line of a value, as "file:line"."""
        found = self.flaw(path, "")
        return f"{found.file}:{found.line}"

    def under(self, *path: str) -> Sheet:
        """Return the part of the sheet below a path, empty when there are no names with values."""
        values: object = self.values
        for name in path:
            values = cast("Mapping[str, object]", values).get(name, {}) if isinstance(values, dict) else {}
        values = cast("Mapping[str, object]", values) if isinstance(values, dict) else {}
        places = {at[len(path) :]: place for at, place in self.places.items() if at[: len(path)] == path}
        return Sheet(self.file, values, places)

    def name(self, path: Path) -> str:
        """Return what a value is called. Items of a list that stands in several files are counted in their own."""
        return _name(self._within_file(path))

    def _within_file(self, path: Path) -> Path:
        if len(path) < 2 or not isinstance(path[1], int) or path[:2] not in self.places:  # noqa: PLR2004  a list's item
            return path
        file, first = self.places[path[:2]][0], path[1]
        while first and self.places.get((path[0], first - 1), ("", 0))[0] == file:
            first -= 1
        return (path[0], path[1] - first, *path[2:])

    def clashes(self, other: Sheet) -> Iterator[Path]:
        """Yield what stands in both sheets and cannot be joined."""
        for name in other.values:
            if name not in self.values:
                continue
            ours, theirs = self.values[name], other.values[name]
            if isinstance(ours, dict) and isinstance(theirs, dict):
                yield from ((name, str(below)) for below in cast("dict[str, object]", theirs) if below in ours)
            elif ours is not None and theirs is not None and not (isinstance(ours, list) and isinstance(theirs, list)):
                yield (name,)

    def beside(self, other: Sheet) -> Sheet:
        """Return both sheets as one. Lists of one name follow one another, and so do names with values below them."""
        values, places, moved = dict(self.values), dict(self.places), dict[str, int]()
        for name, theirs in other.values.items():
            ours = values.get(name)
            if isinstance(ours, list) and isinstance(theirs, list):
                moved[name] = len(cast("list[object]", ours))
                values[name] = [*cast("list[object]", ours), *cast("list[object]", theirs)]
            elif isinstance(ours, dict) and isinstance(theirs, dict):
                values[name] = {**cast("dict[str, object]", ours), **cast("dict[str, object]", theirs)}
            elif ours is None:
                values[name] = theirs
        for path, place in other.places.items():
            if len(path) > 1 and isinstance(path[1], int) and path[0] in moved:
                places[path[0], path[1] + moved[str(path[0])], *path[2:]] = place
            else:
                places.setdefault(path, place)
        return Sheet(self.file, values, places)


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
        node = _compose(file, text)
        if node is None or node.tag == _NOTHING:
            return Sheet(file, {}, places)
        if not isinstance(node, yaml.MappingNode):
            raise SheetError(Flaw(file, 1, "must be names with values, such as `name: value`"))
        return Sheet(file, _mapping(node, (), places, file), places)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SheetError(Flaw(file, line, f"{error.problem}: check the indentation and the quotes")) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SheetError(Flaw(file, line, "this is not YAML: check for odd characters")) from None
    except yaml.YAMLError:
        raise SheetError(Flaw(file, 1, "this is not YAML: check for odd characters")) from None


def _compose(file: str, text: str) -> yaml.Node | None:
    """Return the root of a text. libyaml is ten times as quick; what it refuses is read again, for clearer mistakes.

    It takes tabs where the other refuses them. One text must not be fine on one machine and a mistake on another.
    """
    for loader in _LOADERS[:-1] if "\t" not in text else ():
        with suppress(yaml.YAMLError, UnicodeError):
            _refuse_cleverness(file, text, loader)
            return yaml.compose(text, Loader=loader)
    _refuse_cleverness(file, text, _LOADERS[-1])
    return yaml.compose(text, Loader=_LOADERS[-1])


def _refuse_cleverness(file: str, text: str, loader: _Loader) -> None:
    """Refuse anchors, tags and deep nesting as soon as they appear: the time for brackets grows with their square."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
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
    return _scalar(cast("yaml.ScalarNode", node), _whole(node, file))


def _whole(node: yaml.Node, file: str) -> str:
    text = cast("str", node.value)
    if _HALF.search(text):
        what = "half a character stands here (\\ud800 to \\udfff): write it out"
        raise SheetError(Flaw(file, node.start_mark.line + 1, what))
    return text


def _mapping(node: yaml.MappingNode, path: Path, places: dict[Path, tuple[str, int]], file: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in cast("Sequence[tuple[yaml.Node, yaml.Node]]", node.value):
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise SheetError(Flaw(file, line, "a name must be one plain word"))
        name = _whole(key, file)
        if name in found:
            raise SheetError(Flaw(file, line, f"{name}: stands here twice: keep one"))
        places[*path, name] = (file, line)
        found[name] = _value(value, (*path, name), places, file)
    return found


def _scalar(node: yaml.ScalarNode, text: str) -> object:
    """Return text, a number, yes or no, or nothing. Dates and times stay text."""
    if node.style:  # quoted or a block: "" or None is plain
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
    called = _name((*within, *name)) if within else sheet.name(name)
    return sheet.flaw(stands, f"{called}: {_what(kind, message)}")


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
