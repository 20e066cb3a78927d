"""What the code says and draws, read from its source: keys of sentences with their values, and buttons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from bot.core.text.line import PROBLEMS as LINE_PROBLEMS

CODE: Final = Path(__file__).parents[1] / "bot"
ANYTHING: Final = "[A-Za-z0-9_-]+"
EXPANDED: Final[Mapping[str, Sequence[str]]] = {"error.key": LINE_PROBLEMS}
"""What an expression in the middle of a key can be, where that is more exact than anything."""
LITERAL: Final = frozenset({"label", "Mistake", "mistake"})
"""What shows a sentence letter by letter; everything else reads it as markup."""
PLACE_OF_KEY: Final = {"say": 0, "label": 0, "Refusal": 0, "Mistake": 1, "leave_note": 1}

Bindings: TypeAlias = Mapping[str, Sequence[ast.expr]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A place that says something: the keys it may mean, as patterns, and the names of the values that it gives.

    `values` is None where the source does not tell.
    """

    where: str
    patterns: frozenset[str]
    values: frozenset[str] | None
    literal: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place that makes a button. `arguments` is None where the source does not tell."""

    where: str
    labels: frozenset[str]
    commands: frozenset[str]
    arguments: frozenset[str] | None


@lru_cache(maxsize=1)
def spoken() -> Sequence[Spoken]:
    """Return every place that says something whose key can be read from the source."""
    return [found for scope in _scopes() for call in scope.calls() if (found := scope.spoken(call))]


@lru_cache(maxsize=1)
def drawn() -> Sequence[Drawn]:
    """Return every place that makes a button."""
    return [scope.drawn(call) for scope in _scopes() for call in scope.calls() if ast.unparse(call.func) == "Button"]


@lru_cache(maxsize=1)
def mentioned() -> frozenset[str]:
    """Return every text in the code that looks like a key of a sentence, as a pattern."""
    return frozenset(
        pattern
        for scope in _scopes()
        for node in scope.texts()
        for pattern in scope.patterns(node)
        if re.fullmatch(r"\S+\\\.\S+", pattern) and pattern.replace(ANYTHING, "") != "\\."
    )


def matching(patterns: frozenset[str], keys: frozenset[str]) -> set[str]:
    """Return the keys that a place may mean."""
    whole = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    return {key for key in keys if whole.fullmatch(key)}


# ---------------------------------------------------------------- reading the source


@dataclass(frozen=True, slots=True)
class _Scope:
    """A function, or a module without its functions, with what its names are bound to."""

    file: str
    body: ast.AST
    bindings: Bindings
    returns: Bindings
    """What the module's functions return."""

    def nodes(self) -> Iterator[ast.AST]:
        return _own(self.body)

    def texts(self) -> Iterator[ast.AST]:
        """Yield every text that stands for itself."""
        found = [node for node in self.nodes() if isinstance(node, ast.Constant | ast.JoinedStr)]
        parts = {id(part) for node in found if isinstance(node, ast.JoinedStr) for part in node.values}
        return (node for node in found if id(node) not in parts)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes() if isinstance(node, ast.Call))

    def spoken(self, call: ast.Call) -> Spoken | None:
        name = _name(call.func)
        place = PLACE_OF_KEY.get(name, len(call.args))
        patterns = self.patterns(call.args[place]) if place < len(call.args) else frozenset[str]()
        keys = frozenset(pattern for pattern in patterns if "\\." in pattern)
        if not keys:
            return None
        return Spoken(self._where(call), keys, self._given(call.keywords), name in LITERAL)

    def drawn(self, call: ast.Call) -> Drawn:
        given = dict(zip(("label", "command", "arguments"), call.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        arguments = self._names(given["arguments"]) if "arguments" in given else frozenset[str]()
        commands = frozenset(pattern.replace("\\", "") for pattern in self.patterns(given["command"]))
        label = given["label"]
        keys = self.patterns(label.args[0]) if isinstance(label, ast.Call) and label.args else frozenset[str]()
        return Drawn(self._where(call), keys, commands, arguments)

    def patterns(self, expression: ast.AST) -> frozenset[str]:
        """Return what a text can be, as patterns; nothing where the source does not tell."""
        match expression:
            case ast.Constant(value=str(text)):
                return frozenset({re.escape(text)})
            case ast.JoinedStr(values):
                parts = [self._part(part) for part in values]
                return frozenset("".join(chosen) for chosen in product(*parts))
            case ast.IfExp(body=one, orelse=other):
                return self.patterns(one) | self.patterns(other)
            case ast.Name(id=name):
                return self._all(self.bindings.get(name, ()))
            case ast.Subscript(value=ast.Name(id=name)):
                tables = (bound for bound in self.bindings.get(name, ()) if isinstance(bound, ast.Dict))
                return self._all([value for table in tables for value in table.values])
            case _:
                return frozenset()

    def _all(self, expressions: Sequence[ast.expr]) -> frozenset[str]:
        return frozenset(pattern for each in expressions for pattern in self.patterns(each))

    def _part(self, part: ast.expr) -> Sequence[str]:
        if not isinstance(part, ast.FormattedValue):
            return sorted(self.patterns(part))
        known = EXPANDED.get(ast.unparse(part.value)) or sorted(self.patterns(part.value))
        return known or [ANYTHING]

    def _given(self, keywords: Sequence[ast.keyword]) -> frozenset[str] | None:
        names: frozenset[str] = frozenset()
        for keyword in keywords:
            more = frozenset({keyword.arg}) if keyword.arg else self._names(keyword.value)
            if more is None:
                return None
            names |= more
        return names

    def _names(self, expression: ast.expr) -> frozenset[str] | None:
        """Return the names in a dictionary."""
        match expression:
            case ast.Dict(keys) if all(isinstance(key, ast.Constant) for key in keys):
                return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
            case ast.Name(id=name) if len(self.bindings.get(name, ())) == 1:
                return self._names(self.bindings[name][0])
            case ast.Call(func=ast.Name(id=name)) if len(self.returns.get(name, ())) == 1:
                return self._names(self.returns[name][0])
            case _:
                return None

    def _where(self, node: ast.expr) -> str:
        return f"{self.file}:{node.lineno}"


@lru_cache(maxsize=1)
def _scopes() -> Sequence[_Scope]:
    return [scope for file in sorted(CODE.rglob("*.py")) for scope in _scopes_of(file)]


def _scopes_of(file: Path) -> Iterator[_Scope]:
    module, name = ast.parse(file.read_text("utf-8")), str(file.relative_to(CODE.parent))
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    returns: dict[str, list[ast.expr]] = {}
    for function in functions:
        for node in _own(function):
            if isinstance(node, ast.Return) and node.value:
                returns.setdefault(function.name, []).append(node.value)
    outer = _bindings(module)
    yield _Scope(name, module, outer, returns)
    for function in functions:
        yield _Scope(name, function, {**outer, **_bindings(function, outer)}, returns)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield what lies in a function or module, but not in the functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own(child)


def _bindings(scope: ast.AST, outer: Bindings = MappingProxyType({})) -> Bindings:
    found: dict[str, list[ast.expr]] = {}
    for node in _own(scope):
        match node:
            case ast.Assign(targets=[target], value=value):
                _bind(found, target, [value])
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                _bind(found, target, [value])
            case ast.For(target=target, iter=ast.expr() as each) | ast.comprehension(target=target, iter=each):
                _bind(found, target, _elements(each, {**outer, **found}))
            case _:
                pass
    return found


def _elements(iterated: ast.expr, found: Bindings) -> Sequence[ast.expr]:
    if isinstance(iterated, ast.Name):
        return [element for bound in found.get(iterated.id, ()) for element in _elements(bound, {})]
    return iterated.elts if isinstance(iterated, ast.Tuple | ast.List) else []


def _bind(found: dict[str, list[ast.expr]], target: ast.expr, values: Sequence[ast.expr]) -> None:
    if isinstance(target, ast.Name):
        found.setdefault(target.id, []).extend(values)
    if isinstance(target, ast.Tuple):
        for place, each in enumerate(target.elts):
            _bind(found, each, [value.elts[place] for value in values if isinstance(value, ast.Tuple)])


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
