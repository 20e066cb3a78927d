"""Marks for the fields of a form: what each holds, how it is read, and the limits that platforms are told.

A form is one pydantic model. Everything else that needs to know a command's input is derived from it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, LiteralString, TypeAlias, Union, cast, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.core.port import Channel, Community, Kind, Member, Unreadable
from bot.core.text import clean, read_country


class Form(BaseModel):
    """The input of a command."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader of arguments may need to know. `today` is the date in the person's own zone."""

    community: Community
    today: date


Reader: TypeAlias = Callable[[str, Reading], object]


def mistake(key: str, **values: str | int) -> PydanticCustomError:
    """Return an error for a reader to raise. `key` names the sentence `problem.<key>`."""
    return PydanticCustomError(cast("LiteralString", key), cast("LiteralString", key), values)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a field holds. Stands in `Annotated[type, Mark(...)]`, where the type is what `reader` returns.

    `personal` text is a person's own words: guards look at it, and nothing logs it. `hidden` fields are filled by
    buttons only. `suggests` asks the command for autocomplete. `row`: people give a number of their list, buttons a row
    id, which tells people nothing: a form that is about a row does not show it. `blank`: what was made empty is given
    as empty text; elsewhere it counts as not given.
    """

    kind: Kind
    reader: Reader | None = None
    hidden: bool = False
    personal: bool = False
    suggests: bool = False
    longest: int | None = None
    lowest: int | None = None
    highest: int | None = None
    row: bool = False
    blank: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let the mark read the raw argument."""
        if self.kind is Kind.CHOICE:
            return core_schema.with_info_before_validator_function(self._read, handler(source))
        if self.kind is Kind.CHOICES:
            offered = tuple(literals(source))
            return core_schema.no_info_before_validator_function(
                lambda raw: read_choices(raw, offered) if isinstance(raw, str) else raw, handler(source)
            )
        return core_schema.with_info_plain_validator_function(self._read)

    def _read(self, raw: object, info: ValidationInfo) -> object:
        if not isinstance(raw, str):
            return raw
        text = self._tidy(raw)
        if self.longest is not None and len(text) > self.longest:
            raise mistake("too_long", longest=self.longest, length=len(text))
        value = (self.reader or READERS[self.kind])(text, cast("Reading", info.context))
        if isinstance(value, int) and not self._within(value):
            raise self._out_of_range()
        return value

    def _tidy(self, raw: str) -> str:
        if self.kind is Kind.FILE:
            return raw.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        text = clean(raw)
        return text if self.kind in {Kind.PARAGRAPH, Kind.MESSAGE} else " ".join(text.split())

    def _within(self, value: int) -> bool:
        return (self.lowest is None or value >= self.lowest) and (self.highest is None or value <= self.highest)

    def _out_of_range(self) -> PydanticCustomError:
        if self.highest is None:
            return mistake("number_least", lowest=self.lowest or 0)
        if self.lowest is None:
            return mistake("number_most", highest=self.highest)
        return mistake("number_range", lowest=self.lowest, highest=self.highest)


# ---------------------------------------------------------------- readers


def _text(text: str, _: Reading) -> str:
    return text


def _choice(text: str, _: Reading) -> str:
    return text.casefold().replace(" ", "-")


def read_choices(raw: str, offered: Sequence[str]) -> tuple[str, ...]:
    """Return which of those offered a list names, each once and in their order: `mon, Thursday` are mon and thu.

    A word names a choice that it is, that begins with it, or with which it begins; blanks part words as commas do.
    """
    words = [word for word in re.split(r"[\s,;]+", clean(raw).casefold()) if word]
    named = [_named(word, offered) for word in words]
    if not words or "" in named:
        raise mistake("choices", offered=", ".join(offered))
    return tuple(choice for choice in offered if choice in named)


def _named(word: str, offered: Sequence[str]) -> str:
    exact = [choice for choice in offered if choice.casefold() == word]
    near = [choice for choice in offered if choice.casefold().startswith(word) or word.startswith(choice.casefold())]
    found = exact or near
    return found[0] if len(found) == 1 else ""


def _file(text: str, _: Reading) -> str:
    if text in set(Unreadable):
        raise mistake(f"file_{Unreadable(text).name.casefold()}")
    return text


def _number(text: str, _: Reading) -> int:
    if not re.fullmatch(r"-?[0-9]{1,16}", text):
        raise mistake("number")
    return int(text)


def _flag(text: str, _: Reading) -> bool:
    word = text.casefold()
    if word in {"yes", "y", "true", "on", "1"}:
        return True
    if word in {"no", "n", "false", "off", "0"}:
        return False
    raise mistake("flag")


def _date(text: str, reading: Reading) -> date:
    if text.casefold() == "today":
        return reading.today
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text, re.ASCII)
    if not parts:
        raise mistake("date")
    try:
        return date(*(int(part) for part in parts.groups()))
    except ValueError:
        raise mistake("date_none") from None


def _time(text: str, _: Reading) -> time:
    parts = re.fullmatch(r"(\d{1,2}):(\d{2})", text, re.ASCII)
    if not parts or int(parts[1]) > 23 or int(parts[2]) > 59:  # noqa: PLR2004  hours and minutes
        raise mistake("time")
    return time(int(parts[1]), int(parts[2]))


@lru_cache(maxsize=1)
def zones() -> Mapping[str, str]:
    """Return every IANA time zone by its name in lower case."""
    return {name.casefold(): name for name in sorted(available_timezones()) if "/" in name or name == "UTC"}


def _zone(text: str, _: Reading) -> str:
    wanted = text.casefold().replace(" ", "_")
    if wanted in zones():
        return zones()[wanted]
    near = [name for name in zones() if name.endswith(f"/{wanted}")] or difflib.get_close_matches(wanted, zones(), n=1)
    raise mistake("zone_near", near=zones()[near[0]]) if near else mistake("zone")


def _country(text: str, _: Reading) -> str:
    code = read_country(text)
    if not code:
        raise mistake("country")
    return code


def _channel(text: str, reading: Reading) -> Channel:
    found = re.fullmatch(r"#?([\w.-]{1,80})", text)
    if not found:
        raise mistake("channel")
    return Channel(reading.community, found[1])


def _member(text: str, reading: Reading) -> Member:
    found = re.fullmatch(r"@?([\w.-][\w. -]{0,79})", text)
    if not found:
        raise mistake("member")
    return Member(reading.community, found[1])


READERS: Final[Mapping[Kind, Reader]] = {
    Kind.TEXT: _text,
    Kind.PARAGRAPH: _text,
    Kind.CHOICE: _choice,
    Kind.MEMBER: _member,
    Kind.CHANNEL: _channel,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.ZONE: _zone,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.MESSAGE: _text,
    Kind.FILE: _file,
}

PROBLEMS: Final = (
    "missing", "too_long", "number", "number_range", "number_least", "number_most", "flag", "date", "date_none", "time",
    "zone", "zone_near", "country", "channel", "member", "choice", "choices", "extra", "file_too_large", "file_no_text",
    "file_gone",
)  # fmt: skip
"""Keys of the sentences that reading a form may need."""

InChannel: TypeAlias = Annotated[Channel, Mark(Kind.CHANNEL)]
Who: TypeAlias = Annotated[Member, Mark(Kind.MEMBER)]
Date: TypeAlias = Annotated[date, Mark(Kind.DATE)]
Time: TypeAlias = Annotated[time, Mark(Kind.TIME)]
Zone: TypeAlias = Annotated[str, Mark(Kind.ZONE, suggests=True)]
Country: TypeAlias = Annotated[str, Mark(Kind.TEXT, reader=_country, longest=60, suggests=True)]
"""A country as its two letters, read as `read_country` does."""
Flag: TypeAlias = Annotated[bool, Mark(Kind.FLAG)]
RowId: TypeAlias = Annotated[int, Mark(Kind.NUMBER, hidden=True)]


def holds_country(mark: Mark) -> bool:
    """Return whether a field holds a country, for which every command has the same suggestions."""
    return mark.reader is _country


def literals(annotation: Any) -> Iterator[str]:
    """Yield the values that a type names one by one."""
    origin = get_origin(annotation)
    if origin is Literal:
        yield from (str(value) for value in get_args(annotation))
    elif origin in {Union, UnionType, Annotated, tuple}:
        for part in get_args(annotation):
            if part is not NoneType and part is not Ellipsis:
                yield from literals(part)
