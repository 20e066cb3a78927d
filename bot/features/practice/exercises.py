"""What an exercise is.

Those for everyone stand in `content/practice/<locale>.exercises.yaml`; a group's own are kept in its bank.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from bot.core.content import Content
from bot.core.text import clean


class ExerciseForm(StrEnum):
    """How an exercise is done: a reply to somebody's words, a quiet minute, or a question for the group."""

    REFLECT = "reflect"
    PAUSE = "pause"
    TALK = "talk"


Skill = Literal[
    "reflective-listening",
    "empathy",
    "compassion",
    "boundaries",
    "self-compassion",
    "mindfulness",
    "realistic-expectations",
    "seeking-support",
    "autonomy",
]
LONGEST_TITLE: Final = 60
LONGEST_VIGNETTE: Final = 500
LONGEST_TASK: Final = 600
LONGEST_PART: Final = 300
MOST_MINUTES: Final = 60
DEFAULT_MINUTES: Final = 5
OWN: Final = "bank-"
"""What the ids of a group's own exercises begin with; their row follows."""


def _line(value: object) -> object:
    return " ".join(clean(value).split()) if isinstance(value, str) else value


def _lines(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


# Limits stand before what tidies, so that they are told as limits of a text.
Title = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TITLE), BeforeValidator(_line)]
Vignette = Annotated[str, StringConstraints(max_length=LONGEST_VIGNETTE), BeforeValidator(_lines)]
Task = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TASK), BeforeValidator(_lines)]
Part = Annotated[str, StringConstraints(max_length=LONGEST_PART), BeforeValidator(_lines)]
Whole = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PART), BeforeValidator(_lines)]


class Basics(BaseModel):
    """What every exercise has. Lengths are in characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skill: Skill
    form: ExerciseForm
    title: Title
    vignette: Vignette = ""
    task: Task

    @model_validator(mode="after")
    def _has_somebody_to_listen_to(self) -> Self:
        if self.form is ExerciseForm.REFLECT and not self.vignette:
            raise ValueError("a reflect exercise needs a vignette: add what somebody says")
        return self


class OwnExercise(Basics):
    """What leaders and members write for their group. Parts left empty are not shown."""

    minutes: Annotated[int, Field(strict=True, ge=1, le=MOST_MINUTES)] = DEFAULT_MINUTES
    look_for: Part = ""
    example: Part = ""
    why: Part = ""


class BankExercise(OwnExercise):
    """An exercise in a group's bank, with the id by which it is scheduled, posted and answered."""

    id: str


class Exercise(Basics):
    """An exercise of the content. How long it may take is held where content is read."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,26}$")]
    minutes: int
    look_for: Whole
    example: Whole
    why: Whole
    voice: Literal["member", "carer", "family", "leader"]
    source: str = ""

    @field_validator("id")
    @classmethod
    def _is_ours(cls, value: str) -> str:
        if value.startswith(OWN):
            message = f"ids that begin with {OWN} belong to the groups: choose another"
            raise ValueError(message)
        return value


Piece: TypeAlias = Exercise | BankExercise


class PracticeContent(Content):
    """Words and exercises."""

    exercises: tuple[Exercise, ...]

    @model_validator(mode="after")
    def _ids_stand_once(self) -> PracticeContent:
        seen: set[str] = set()
        for exercise in self.exercises:
            if exercise.id in seen:
                message = f"the id {exercise.id} stands twice: give each exercise its own"
                raise ValueError(message)
            seen.add(exercise.id)
        return self
