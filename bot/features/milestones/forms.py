"""What the commands of `milestone` take in."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from bot.core.forms import READERS, Flag, Form, InChannel, Mark, Reading, RowId
from bot.core.port import Kind
from bot.features.milestones.model import LONGEST_LABEL
from bot.features.milestones.rules import MORNING

MOST_DAYS: Final = 40_000
_YEAR: Final = re.compile(r"19\d\d|20\d\d", re.ASCII)
"""A number that is rather meant as a year: nobody should have to find out that it was read as days."""
_DAYS: Final = re.compile(r"(\d{1,5}) ?(?:d|days?)?", re.ASCII)


def _start(text: str, reading: Reading) -> object:
    """Read a date, `today`, `yesterday`, or days so far such as `45` or `45 days`, all in the owner's own zone."""
    word = text.casefold()
    if word == "yesterday":
        return reading.today - timedelta(days=1)
    found = _DAYS.fullmatch(word)
    if found and not _YEAR.fullmatch(word):
        return reading.today - timedelta(days=int(found[1]))
    return READERS[Kind.DATE](text, reading)


Start: TypeAlias = Annotated[date, Mark(Kind.DATE, reader=_start)]
Days: TypeAlias = Annotated[int, Mark(Kind.NUMBER, lowest=0, highest=MOST_DAYS)]
Label: TypeAlias = Annotated[str, Mark(Kind.TEXT, longest=LONGEST_LABEL, personal=True)]
Sort: TypeAlias = Annotated[Literal["recovery", "wellbeing", "other"], Mark(Kind.CHOICE)]
Everybody: TypeAlias = Annotated[Literal["private", "named", "unnamed", "leaders"], Mark(Kind.CHOICE)]
Others: TypeAlias = Annotated[Literal["named", "unnamed", "leaders"], Mark(Kind.CHOICE)]
Hour: TypeAlias = Annotated[int, Mark(Kind.NUMBER, lowest=0, highest=23)]
Own: TypeAlias = Annotated[int, Mark(Kind.NUMBER, lowest=1, suggests=True, row=True)]
"""A milestone: its number in `show`, or its row."""
Sure: TypeAlias = Annotated[bool, Mark(Kind.FLAG, hidden=True)]
RunId: TypeAlias = Annotated[int, Mark(Kind.NUMBER, hidden=True, lowest=1, highest=99_999)]
Seen: TypeAlias = Annotated[int, Mark(Kind.NUMBER, hidden=True, lowest=0, highest=2**28)]


class Set(Form):
    """A start, a label of one's own, and who may see it celebrated.

    `show`: celebrations show the label. `plain`: they have no picture. Both are the exception, for on Slack a box that
    nobody touched says no.
    """

    date: Start | None = None
    label: Label = ""
    audience: Everybody = "private"
    in_: InChannel | None = Field(default=None, alias="in")
    kind: Sort = "other"
    days: Days | None = None
    hour: Hour = MORNING
    show: Flag = False
    plain: Flag = False
    agreed: Sure = False
    sure: Sure = False


def _label(text: str, _: Reading) -> str:
    """Read a label; `-` is none."""
    return "" if text == "-" else text


class Edit(Form):
    """A milestone, and whatever is to change of it. A label that is made empty is gone."""

    milestone: Own | None = None
    audience: Everybody | None = None
    in_: InChannel | None = Field(default=None, alias="in")
    show: Flag | None = None
    hour: Hour | None = None
    plain: Flag | None = None
    label: Annotated[str, Mark(Kind.TEXT, reader=_label, longest=LONGEST_LABEL, personal=True, blank=True)] | None = (
        None
    )
    kind: Sort | None = None
    sure: Sure = False


class Which(Form):
    """A milestone."""

    milestone: Own | None = None


class Remove(Form):
    """A milestone. `sure` is what the second press says."""

    milestone: Own | None = None
    sure: Sure = False


class All(Form):
    """A milestone by its row, to be removed with its posts."""

    of: RowId


class Restart(Form):
    """A milestone, and when it began again."""

    milestone: Own | None = None
    from_: Start | None = Field(default=None, alias="from")


class Correct(Form):
    """A milestone, and when its current run really began."""

    milestone: Own | None = None
    date: Start | None = None
    days: Days | None = None


class Share(Form):
    """A milestone, and whom to tell of it now: of its days so far, or of the `day`, a celebration of it.

    `seen` stands for the preview, which must still be true: what was seen is what is posted.
    """

    milestone: Own | None = None
    audience: Others | None = None
    in_: InChannel | None = Field(default=None, alias="in")
    show: Flag | None = None
    day: Annotated[int | None, Mark(Kind.NUMBER, hidden=True)] = None
    seen: Seen | None = Field(default=None, alias="as")


class Run(Form):
    """A run of a milestone, to be forgotten. `of` is the milestone's row: short, because buttons are narrow."""

    of: RowId
    run: RunId
    sure: Sure = False


class Celebrated(Form):
    """A celebration by its row."""

    celebration: RowId


class Cheered(Form):
    """A post by its row. `back`: the cheer is taken back."""

    post: RowId
    back: Sure = False


class Nothing(Form):
    """No input."""
