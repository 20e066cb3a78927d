"""The content of `schedule`: its words, and the weeks of practice that a group can begin with."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.core.content import Content
from bot.core.recurrence import RuleProblem, read_rule


def _is_rule(text: str) -> str:
    try:
        read_rule(text)
    except RuleProblem as problem:
        message = f"is no rule of time ({problem.key}): write it as weekly mon 19:00"
        raise ValueError(message) from None
    return text


class StarterRow(BaseModel):
    """One schedule of the starter: what it posts, when, and how many times."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    rule: Annotated[str, AfterValidator(_is_rule)]
    times: int
    thread: bool = False


class ScheduleContent(Content):
    """Words, and the starter."""

    starter: tuple[StarterRow, ...] = ()
