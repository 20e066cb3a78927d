"""What `duty` asks for."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from bot.community.hours import LONGEST, HoursProblem, Week, read_hours
from bot.core.forms import Form, Mark, Reading, RowId, Time, Who, mistake
from bot.core.port import Kind

NONE: Final = frozenset({"", "none", "no", "off"})
PROBLEMS: Final = {
    "unreadable": "duty.hours_unreadable",
    "equal": "duty.hours_equal",
    "time": "duty.hours_time",
    "many": "duty.hours_many",
}


def _week(text: str, _: Reading) -> Week:
    if text.casefold() in NONE:
        return ()
    try:
        return read_hours(text)
    except HoursProblem as problem:
        raise mistake(PROBLEMS[problem.key], given=problem.given) from None


HoursOfWeek: TypeAlias = Annotated[Week, Mark(Kind.TEXT, reader=_week, longest=LONGEST, blank=True)]
"""Hours of a week. What was made empty is none."""


FEATURE: Final = "duty"
NOT_A_LEADER: Final = "duty.not_a_leader"


class Nothing(Form):
    """No input."""


class On(Form):
    """Until when, on the leader's own clock."""

    until: Time | None = None


class Off(Form):
    """What the second press says."""

    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Plan(Form):
    """When a leader usually looks after the group."""

    hours: HoursOfWeek | None = None


class To(Form):
    """Who is asked to take over."""

    who: Who


class Which(Form):
    """What somebody was asked, by its row."""

    ask: RowId
