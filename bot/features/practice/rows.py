"""Reads the exercises of `bank import`: a YAML text with every mistake shown at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast, get_args

from pydantic import ValidationError

from bot.core.sheet import Flaw, Sheet, SheetError, read_sheet
from bot.features.practice.exercises import MOST_MINUTES, Asks, Basics, ExerciseForm, OwnExercise, Skill, misplaced

LIST: Final = "exercises"
MOST_ROWS: Final = 50
"""Exercises of one text."""

GRAMMAR: Final = "check the indentation and the quotes"
"""How `read_sheet` ends what it says of a text that YAML does not take."""

_KINDS: Final = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_too_long": "too_long",
    "string_too_short": "empty",
    "string_type": "text",
    "literal_error": "choice",
    "enum": "choice",
    "value_error": "vignette",
}
_CHOICES: Final = {
    "skill": ", ".join(get_args(Skill)),
    "form": ", ".join(ExerciseForm),
    "asks": ", ".join(get_args(Asks)),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A mistake in a text: its line, and the sentence `practice.row_<kind>` with its values."""

    line: int
    kind: str
    values: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


def read_rows(text: str, there: Sequence[OwnExercise] = ()) -> Sequence[OwnExercise] | Sequence[Wrong]:
    """Return every exercise of a text, or everything that is wrong with it. `there`: those that the group has."""
    try:
        sheet = read_sheet(LIST, text)
    except SheetError as error:
        return [_unreadable(text, error.flaw)]
    strange = [name for name in sheet.values if name != LIST]
    if strange:
        known = {"name": strange[0], "known": LIST}
        return [Wrong(sheet.flaw((strange[0],), "").line, "unknown", known)]
    rows = sheet.values.get(LIST)
    if not isinstance(rows, list) or not rows:
        return [Wrong(sheet.flaw((LIST,), "").line, "none")]
    found = cast("list[object]", rows)
    if len(found) > MOST_ROWS:
        return [Wrong(sheet.flaw((LIST, MOST_ROWS), "").line, "too_many", {"count": MOST_ROWS})]
    read = [_row(sheet, place, row) for place, row in enumerate(found)]
    wrong = [each for row in read if isinstance(row, list) for each in row]
    wrong += _odd(sheet, {place: row for place, row in enumerate(read) if isinstance(row, OwnExercise)}, there)
    return sorted(wrong, key=lambda each: each.line) or [row for row in read if isinstance(row, OwnExercise)]


def _odd(sheet: Sheet, rows: Mapping[int, OwnExercise], there: Sequence[OwnExercise]) -> Iterator[Wrong]:
    """Yield what is wrong with rows that are exercises: parts that their form has not, and the same one twice."""
    known = dict.fromkeys(map(_same, there), 0)
    for place, row in rows.items():
        line = sheet.flaw((LIST, place), "").line
        if part := misplaced(row):
            yield Wrong(sheet.flaw((LIST, place, part), "").line, f"{part}_misplaced", {"form": row.form})
        first = known.setdefault(_same(row), line)
        if first != line:
            yield Wrong(line, "twice", {"first": first}) if first else Wrong(line, "there")


def _same(exercise: Basics) -> tuple[str, ...]:
    """Return what makes two exercises the same one, whatever stands in their other parts."""
    return exercise.skill, exercise.form, exercise.title, exercise.vignette, exercise.task


def _unreadable(text: str, flaw: Flaw) -> Wrong:
    if text.lstrip().startswith("- "):
        return Wrong(flaw.line, "none")
    # What YAML itself says is for those who know its grammar; what we say of it is for everybody.
    return Wrong(flaw.line, "grammar") if flaw.what.endswith(GRAMMAR) else Wrong(flaw.line, "odd", {"what": flaw.what})


def _row(sheet: Sheet, place: int, row: object) -> OwnExercise | list[Wrong]:
    if not isinstance(row, dict):
        return [Wrong(sheet.flaw((LIST, place), "").line, "alone")]
    try:
        return OwnExercise.model_validate(row)
    except ValidationError as error:
        return [_wrong(sheet, place, detail) for detail in error.errors(include_url=False, include_input=False)]


def _wrong(sheet: Sheet, place: int, detail: Any) -> Wrong:
    name = str(detail["loc"][0]) if detail["loc"] else ""
    kind = "minutes" if name == "minutes" else _KINDS.get(detail["type"], "text")
    values: dict[str, dict[str, str | int]] = {
        "unknown": {"name": name, "known": ", ".join(OwnExercise.model_fields)},
        "too_long": {"name": name, "longest": detail.get("ctx", {}).get("max_length", 0)},
        "choice": {"name": name, "choices": _CHOICES.get(name, "")},
        "minutes": {"highest": MOST_MINUTES},
        "vignette": {},
    }
    return Wrong(sheet.flaw((LIST, place, name), "").line, kind, values.get(kind, {"name": name}))
