"""A group's own list of moments to celebrate, such as `7d,14d,1y`. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, TypeAlias

Span: TypeAlias = tuple[str, int]
"""A unit ("day", "week", "month", "year") and how many of it."""

LONGEST: Final = 200
"""Characters of a list."""
APART: Final = 4
"""Days that must lie between two moments: a celebration may be looked for in another zone than it was planned in."""
_UNITS: Final = {"d": "day", "w": "week", "m": "month", "y": "year"}
_DAYS: Final = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}
_GIVES: Final = {"day": 0, "week": 0, "month": 3, "year": 3}
"""Days by which a calendar's months and years differ from their mean, at the most."""
_MOST_DAYS: Final = 36525
"""A hundred years."""


class SpanProblem(ValueError):  # noqa: N818  it is told to people as a problem with what they typed
    """The text is no list of moments. `key` names what is wrong: `unreadable`, `order` or `close`, with `given`."""

    def __init__(self, key: str, given: str) -> None:
        super().__init__(key)
        self.key = key
        self.given = given


def read_spans(text: str) -> tuple[Span, ...]:
    """Return what a list names, the earliest first. Raises `SpanProblem`, which names the entries that are wrong."""
    entries = [entry for entry in re.split(r"[,;\s]+", text.casefold()) if entry]
    found = [(entry, _read(entry)) for entry in entries]
    if bad := [entry for entry, span in found if span is None]:
        raise SpanProblem("unreadable", ", ".join(bad)[:60])
    spans = [(entry, span) for entry, span in found if span]
    for (one, earlier), (other, later) in pairwise(spans):
        if _days(later) <= _days(earlier):
            raise SpanProblem("order", f"{one}, {other}")
        if _days(later) - _GIVES[later[0]] - _days(earlier) - _GIVES[earlier[0]] < APART:
            raise SpanProblem("close", f"{one}, {other}")
    return tuple(span for _, span in spans)


def write_spans(spans: tuple[Span, ...]) -> str:
    """Return a list as it is kept."""
    return ",".join(f"{count}{unit[0]}" for unit, count in spans)


def _read(entry: str) -> Span | None:
    parts = re.fullmatch(r"([0-9]{1,5})([dwmy])", entry)
    if not parts:
        return None
    span = (_UNITS[parts[2]], int(parts[1]))
    return span if 1 <= _days(span) <= _MOST_DAYS else None


def _days(span: Span) -> float:
    return _DAYS[span[0]] * span[1]
