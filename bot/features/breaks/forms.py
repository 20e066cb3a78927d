"""What `break` asks for."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Final, TypeAlias

from bot.community.tact import read_night
from bot.core.forms import Flag, Form, Mark, Reading, mistake
from bot.core.port import Kind

DEFAULT_MINUTES: Final = 10
MOST_TIMES: Final = 6
NONE: Final = frozenset({"none", "no", "off", "never"})
QUIET_PROBLEMS: Final = {"unreadable": "breaks.quiet_unreadable", "equal": "breaks.quiet_equal", "time": "time"}


def _times(text: str, _: Reading) -> tuple[time, ...]:
    if not text or text.casefold() in NONE:
        return ()
    found: set[time] = set()
    for word in text.replace(",", " ").replace(";", " ").split():
        hour, colon, minute = word.partition(":")
        if not colon or not (hour.isascii() and hour.isdecimal() and minute.isascii() and minute.isdecimal()):
            raise mistake("breaks.times_unreadable")
        try:
            found.add(time(int(hour), int(minute)))
        except ValueError:
            raise mistake("time") from None
    if len(found) > MOST_TIMES:
        raise mistake("breaks.times_many", most=MOST_TIMES)
    return tuple(sorted(found))


def _quiet(text: str, _: Reading) -> str:
    if not text or text.casefold() in NONE:
        return ""
    try:
        begins, ends = read_night(text)
    except ValueError as problem:
        raise mistake(QUIET_PROBLEMS[str(problem)]) from None
    return f"{begins:%H:%M}-{ends:%H:%M}"


Times: TypeAlias = Annotated[tuple[time, ...], Mark(Kind.TEXT, reader=_times, longest=60, blank=True)]
QuietHours: TypeAlias = Annotated[str, Mark(Kind.TEXT, reader=_quiet, longest=40, blank=True)]


class Minutes(Form):
    """In how many minutes."""

    minutes: Annotated[int, Mark(Kind.NUMBER, lowest=1, highest=720)] = DEFAULT_MINUTES


class Pause(Form):
    """How long, in minutes, or for the rest of the leader's day. `sure`: also as the last one on duty."""

    minutes: Annotated[int, Mark(Kind.NUMBER, lowest=1, highest=720)] = DEFAULT_MINUTES
    rest: Flag = False
    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Plan(Form):
    """A leader's own rules; what is not given stays as it is."""

    after: Annotated[int, Mark(Kind.NUMBER, lowest=0, highest=480)] | None = None
    times: Times | None = None
    days: Annotated[int, Mark(Kind.NUMBER, lowest=0, highest=30)] | None = None
    most: Annotated[int, Mark(Kind.NUMBER, lowest=0, highest=12)] | None = None
    quiet: QuietHours | None = None
    support: Flag | None = None


class Nothing(Form):
    """No input."""
