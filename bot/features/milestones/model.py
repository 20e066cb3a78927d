"""A milestone and its celebrations, as they are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from bot.core.port import Address, Channel, Community, Member
from bot.features.milestones.rules import GENTLE, MORNING, USUAL, Run, Span

LONGEST_LABEL: Final = 60
CONSENT: Final = 1
"""Version of what `set` explains before anything is kept. A new wording of it is a new version."""


class Audience(StrEnum):
    """Who hears of a celebration: the owner alone, a group by name or without it, or the leaders."""

    PRIVATE = "private"
    NAMED = "named"
    UNNAMED = "unnamed"
    LEADERS = "leaders"

    @property
    def in_group(self) -> bool:
        """Return whether it is celebrated in a channel."""
        return self in {Audience.NAMED, Audience.UNNAMED}


class Sort(StrEnum):
    """What a milestone is about. It chooses private words and which moments are marked, and nothing else."""

    RECOVERY = "recovery"
    WELLBEING = "wellbeing"
    OTHER = "other"

    @property
    def moments(self) -> Sequence[Span]:
        """Return which moments are marked, where no group has a list of its own."""
        return GENTLE if self is Sort.WELLBEING else USUAL


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who may see what of a celebration. `channel` is set where the audience is a group; `label`: it is shown too."""

    audience: Audience = Audience.PRIVATE
    channel: str = ""
    label: bool = False


@dataclass(frozen=True, slots=True)
class Milestone:
    """A member's own date. `runs` are never empty, the current one last.

    `hour`: of the owner's day. `plain`: without pictures. `planned`: the moment that comes next. `agreed`: the
    version that its owner read of what is kept, and when. `made`: how many runs there ever were: no id is given again.
    """

    id: int
    member: Member
    runs: tuple[Run, ...]
    label: str = ""
    sort: Sort = Sort.OTHER
    sharing: Sharing = Sharing()
    hour: int = MORNING
    plain: bool = False
    paused: bool = False
    planned: Span | None = None
    agreed: tuple[int, str] = (0, "")
    made: int = 1

    @property
    def run(self) -> Run:
        """Return the current run."""
        return self.runs[-1]

    @property
    def start(self) -> date:
        """Return when the current run began."""
        return self.run.start

    @property
    def channel(self) -> Channel | None:
        """Return where it is celebrated, if that is a group."""
        return Channel(self.member.community, self.sharing.channel) if self.sharing.audience.in_group else None

    def is_like(self, other: Milestone) -> bool:
        """Return whether both would be celebrated alike. Where nobody sees a label it makes no difference."""
        alike = (self.start, self.sharing) == (other.start, other.sharing)
        seen = self.sharing.audience is Audience.PRIVATE or self.sharing.label
        return alike and (not seen or self.label == other.label)

    def private(self) -> Milestone:
        """Return it as nobody but its owner hears of it."""
        return replace(self, sharing=Sharing())


class State(StrEnum):
    """Where a celebration stands. All but the first two are done, and do not come again."""

    WAITING = "waiting"
    UP = "up"
    DOWN = "down"
    LOST = "lost"


class Origin(StrEnum):
    """Why something is celebrated: its moment came; its owner shared a moment; or they shared days that are none."""

    DUE = "due"
    SHARED = "shared"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Celebration:
    """One moment of one run, celebrated. `post`: the post that shows it; None for a private note.

    `start` is that of the run as it was known then, `label` what others are shown of it. Of one that is taken down,
    `gone` says since when, and `left` which copies of its post still show it.
    """

    id: int
    milestone: int
    post: int | None
    run: int
    start: date
    span: Span
    sharing: Sharing
    origin: Origin
    state: State
    label: str = ""
    gone: datetime | None = None
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """What one or more celebrations are shown by: in a channel, or to leaders, by their rows and their own ids.

    `text` numbers the words it uses. `cheered`: somebody pressed the button. `closed`: nothing more is added to it.
    """

    id: int
    community: Community
    channel_id: str
    leaders: tuple[tuple[int, str], ...]
    text: int
    cheered: bool = False
    closed: bool = False

    @property
    def channel(self) -> Channel | None:
        """Return where it stands, if that is a channel."""
        return Channel(self.community, self.channel_id) if self.channel_id else None

    @property
    def addresses(self) -> tuple[tuple[str, Address], ...]:
        """Return where it goes, each copy with a name: to its channel, or to each leader."""
        if self.channel:
            return (("", self.channel),)
        return tuple((str(row), Member(self.community, person)) for row, person in self.leaders)


def write_details(milestone: Milestone) -> Mapping[str, Any]:
    """Return what is sealed of a milestone, in words that JSON can hold."""
    shared = milestone.sharing
    return {
        "runs": [[run.id, run.start.isoformat(), run.end.isoformat() if run.end else ""] for run in milestone.runs],
        "label": milestone.label,
        "sort": milestone.sort,
        "sharing": [shared.audience, shared.channel, shared.label],
        "hour": milestone.hour,
        "plain": milestone.plain,
        "paused": milestone.paused,
        "planned": list(milestone.planned) if milestone.planned else None,
        "agreed": list(milestone.agreed),
        "made": milestone.made,
    }


def read_details(row: int, member: Member, value: Mapping[str, Any]) -> Milestone:
    """Return a milestone. Of those made before there were audiences, one with a channel was celebrated by name."""
    if "runs" not in value:
        channel = value["channel"] or ""
        sharing = Sharing(Audience.NAMED if channel else Audience.PRIVATE, channel)
        return Milestone(row, member, (Run(1, date.fromisoformat(value["start"])),), value["label"], sharing=sharing)
    audience, channel, label = value["sharing"]
    return Milestone(
        row,
        member,
        tuple(_run(*each) for each in value["runs"]),
        value["label"],
        Sort(value["sort"]),
        Sharing(Audience(audience), channel, label),
        value["hour"],
        value["plain"],
        value["paused"],
        (value["planned"][0], value["planned"][1]) if value["planned"] else None,
        (value["agreed"][0], value["agreed"][1]),
        value["made"],
    )


def _run(row: int, start: str, end: str) -> Run:
    return Run(row, date.fromisoformat(start), date.fromisoformat(end) if end else None)
