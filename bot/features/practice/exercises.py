"""What an exercise is. Exercises stand in `content/practice/<locale>.exercises.yaml`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from bot.core.feature import Content


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
Short = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Exercise(BaseModel):
    """One exercise. Lengths are in characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,26}$")]
    skill: Skill
    form: ExerciseForm
    minutes: int
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    vignette: Annotated[str, StringConstraints(max_length=500)] = ""
    task: Annotated[str, StringConstraints(min_length=1, max_length=600)]
    look_for: Short
    example: Short
    why: Short
    voice: Literal["member", "carer", "family", "leader"]
    source: str = ""

    @model_validator(mode="after")
    def _has_somebody_to_listen_to(self) -> Exercise:
        if self.form is ExerciseForm.REFLECT and not self.vignette:
            raise ValueError("a reflect exercise needs a vignette: add what somebody says")
        return self


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
