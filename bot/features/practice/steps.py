"""Three exercises in a row: what their buttons carry, and nothing else is known of where somebody stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from bot.core.forms import Mark, Reading
from bot.core.port import Kind

IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """An exercise, and its place in the row: 0 where it is in none, as under a post."""

    exercise: str
    place: int = 0

    def __str__(self) -> str:
        """Return what a button carries: two characters more than the id at most."""
        return f"{self.exercise}.{self.place}" if self.place else self.exercise

    @property
    def is_last(self) -> bool:
        """Return whether the row ends here."""
        return self.place >= IN_A_ROW

    @property
    def next_place(self) -> int:
        """Return the place of what comes next; after the last a new row begins."""
        return 1 if self.is_last else self.place + 1


def step_of(text: str) -> Step:
    """Return what a button carried. No id holds a full stop."""
    exercise, place = text[:-2], text[-1:]
    carries = text[-2:-1] == "." and place in {str(each) for each in range(1, IN_A_ROW + 1)}
    return Step(exercise, int(place)) if carries else Step(text)


def read_step(text: str, _: Reading) -> Step:
    """Return what a button carried, as a field of a form reads it."""
    return step_of(text)


CarriedStep: TypeAlias = Annotated[Step, Mark(Kind.TEXT, reader=read_step, hidden=True)]
