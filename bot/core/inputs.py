"""The inputs of a form, as read from its model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from bot.core.forms import READERS, Form, Mark, Reading, literals, read_choices
from bot.core.port import Kind
from bot.core.text import clean

_PICKED: Final = frozenset({Kind.CHOICE, Kind.DATE, Kind.TIME, Kind.ZONE, Kind.FLAG})


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form, as read from the model. `name` is the word people type."""

    name: str
    mark: Mark
    required: bool
    choices: tuple[str, ...] = ()

    def spelled(self, argument: str, reading: Reading) -> str:
        """Return an argument as a picker spells it; as it is where it cannot be read or nothing picks it."""
        try:
            return self._spelled(argument, reading)
        except PydanticCustomError:
            return argument

    def _spelled(self, argument: str, reading: Reading) -> str:
        if self.mark.kind is Kind.CHOICES:
            return ",".join(read_choices(argument, self.choices))
        if self.mark.kind not in _PICKED:
            return argument
        match (self.mark.reader or READERS[self.mark.kind])(" ".join(clean(argument).split()), reading):
            case bool(is_so):
                return "yes" if is_so else "no"
            case time() as at:
                return at.isoformat("minutes")
            case value:
                return str(value)


@cache
def inputs_of(form: type[Form]) -> tuple[Input, ...]:
    """Return the fields of a form in order. Raises `TypeError` for a field without a mark."""
    return tuple(_input(name, info) for name, info in form.model_fields.items())


def _input(name: str, info: FieldInfo) -> Input:
    mark = next((found for found in info.metadata if isinstance(found, Mark)), None)
    mark = mark or next(_marks(info.annotation), None)
    if mark is None:
        message = f"field {name!r} has no Mark"
        raise TypeError(message)
    return Input(info.alias or name, mark, info.is_required(), tuple(literals(info.annotation)))


def _marks(annotation: Any) -> Iterator[Mark]:
    if get_origin(annotation) is Annotated:
        yield from (found for found in get_args(annotation)[1:] if isinstance(found, Mark))
    elif get_origin(annotation) in {Union, UnionType}:
        for part in get_args(annotation):
            yield from _marks(part)
