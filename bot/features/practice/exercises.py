"""What an exercise is.

Those for everyone stand in `content/practice/<locale>.<anything>.yaml`; a group's own are kept in its bank.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict

from bot.core.content import Content, Remark
from bot.core.text import clean


class ExerciseForm(StrEnum):
    """How an exercise is done: a reply to somebody's words, a quiet minute, a question to the group, a card to read."""

    REFLECT = "reflect"
    PAUSE = "pause"
    TALK = "talk"
    LEARN = "learn"


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
Asks = Literal["reflection", "offer", "limit", "request", "self-talk", "trust"]
"""What a task asks for: mostly a reflection; else the coach does not hold the answer against what a reflection is."""
OWN: Final = "bank-"
"""What the ids of a group's own exercises begin with; their row follows."""

FORMS: Final = "reflect: a reply to the vignette. pause: a quiet minute. talk: a question for the group. learn: a card."
ID: Final = "Kept for good: buttons and schedules go by it."
MINUTES: Final = "How long it takes."
LOOK_FOR: Final = "What to look for in one's own answer; for a learn exercise, one small thing to try."
EXAMPLE: Final = "One possible answer, never the right one. Shown afterwards, and marked as such."
WHY: Final = "Why it helps, in a line."
ASKS: Final = "What the task of a reflect exercise asks for, where it is more than a reflection or something else."
AN_HOUR: Final[JsonDict] = {"minimum": 1, "maximum": MOST_MINUTES}


def _line(value: object) -> object:
    return " ".join(clean(value).split()) if isinstance(value, str) else value


def _lines(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _within_an_hour(minutes: int) -> int:
    if not 1 <= minutes <= MOST_MINUTES:
        message = f"write a number from 1 to {MOST_MINUTES}"
        raise ValueError(message)
    return minutes


# Limits stand before what tidies, so that they are told as limits of a text.
Title = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TITLE), BeforeValidator(_line)]
Vignette = Annotated[str, StringConstraints(max_length=LONGEST_VIGNETTE), BeforeValidator(_lines)]
Task = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TASK), BeforeValidator(_lines)]
Part = Annotated[str, StringConstraints(max_length=LONGEST_PART), BeforeValidator(_lines)]
Whole = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PART), BeforeValidator(_lines)]


class Basics(BaseModel):
    """What every exercise has. Lengths are in characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skill: Annotated[Skill, Field(description="The skill that it trains.")]
    form: Annotated[ExerciseForm, Field(description=FORMS)]
    title: Annotated[Title, Field(description="A few words that stand above it.")]
    vignette: Annotated[Vignette, Field(description="What an invented person says. For a reflect exercise only.")] = ""
    task: Annotated[Task, Field(description="What you ask of whoever reads it; for a learn exercise, the card's text.")]
    asks: Annotated[Asks, Field(description=ASKS)] = "reflection"

    @model_validator(mode="after")
    def _has_somebody_to_listen_to(self) -> Self:
        if self.form is ExerciseForm.REFLECT and not self.vignette:
            raise ValueError("a reflect exercise needs a vignette: add what somebody says")
        return self


def misplaced(exercise: Basics) -> str:
    """Return the name of a part that only a reflect exercise has, where another has it; "" where none does."""
    if exercise.form is ExerciseForm.REFLECT:
        return ""
    return "vignette" if exercise.vignette else "asks" if exercise.asks != "reflection" else ""


class OwnExercise(Basics):
    """What leaders and members write for their group. Parts left empty are not shown."""

    minutes: Annotated[int, Field(strict=True, ge=1, le=MOST_MINUTES, description=MINUTES)] = DEFAULT_MINUTES
    look_for: Annotated[Part, Field(description=LOOK_FOR)] = ""
    example: Annotated[Part, Field(description=EXAMPLE)] = ""
    why: Annotated[Part, Field(description=WHY)] = ""


class BankExercise(OwnExercise):
    """An exercise in a group's bank, with the id by which it is scheduled, posted and answered."""

    id: str


class Exercise(Basics):
    """An exercise of the content."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,26}$"), Field(description=ID)]
    minutes: Annotated[int, AfterValidator(_within_an_hour), Field(description=MINUTES, json_schema_extra=AN_HOUR)]
    look_for: Annotated[Whole, Field(description=LOOK_FOR)]
    example: Annotated[Whole, Field(description=EXAMPLE)]
    why: Annotated[Whole, Field(description=WHY)]
    voice: Annotated[Literal["member", "carer", "family", "leader"], Field(description="Whose voice or whose place.")]
    source: Annotated[str, Field(description="Where the idea comes from, if from somewhere.")] = ""

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

    exercises: tuple[Exercise, ...] = ()

    def remarks(self, locale: str) -> Iterable[Remark]:
        """Return what could be better about the exercises."""
        from bot.features.practice.lint import remarks  # noqa: PLC0415  it reads what stands above, and only for checks

        return remarks(self.exercises, locale)

    @model_validator(mode="after")
    def _ids_stand_once(self) -> PracticeContent:
        seen: set[str] = set()
        for exercise in self.exercises:
            if exercise.id in seen:
                message = f"the id {exercise.id} stands twice: give each exercise its own"
                raise ValueError(message)
            seen.add(exercise.id)
        return self
