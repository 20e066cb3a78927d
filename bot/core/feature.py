"""What a feature declares, and what it may ask of the house."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Protocol, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from bot.core.commands import Call, Command
from bot.core.port import Actor, Address, Channel, Choice, Community, Event, Member, Message, Posted, Reason, Role
from bot.core.text import Markup, Sentence, flaw_of


def _fillable(sentence: Sentence) -> Sentence:
    if flaw := flaw_of(sentence):
        raise ValueError(flaw)
    return sentence


def _fixed(words: str) -> str:
    if "{" in words or "}" in words:
        raise ValueError("nothing is filled in here: take out the braces")
    return words


Fixed: TypeAlias = Annotated[str, AfterValidator(_fixed)]


class FieldWords(BaseModel):
    """Words for one input of a command."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Fixed
    hint: Fixed
    choices: Mapping[str, Fixed] = {}


class CommandWords(BaseModel):
    """Words for one command. `title` stands over its form; forms are narrow, so it has 24 characters at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: Fixed
    title: Annotated[Fixed, StringConstraints(max_length=24)] = ""
    fields: Mapping[str, FieldWords] = {}


class Content(BaseModel):
    """What `content/<feature>/<locale>.yaml` holds. A feature with more than sentences extends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    commands: Mapping[str, CommandWords] = {}
    says: Mapping[str, Annotated[Sentence, AfterValidator(_fillable)]] = {}


class Settings(BaseModel):
    """What stands under `features.<name>` in config.yaml. A feature with settings extends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# ---------------------------------------------------------------- deliveries


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery about to be composed. `subject` is the feature's own row id; `late` says the hour has passed.

    `locale` is the group's for public posts, the reader's for private ones.
    """

    feature: str
    kind: str
    subject: int
    to: Address
    due_at: datetime
    now: datetime
    late: bool
    locale: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Do not send after all. `why` is a word for the records, such as "paused"."""

    why: str


Compose: TypeAlias = Callable[[Sending], Awaitable[Message | Withdraw]]
Sent: TypeAlias = Callable[[Sending, Posted], Awaitable[None]]
Failed: TypeAlias = Callable[[Sending, Reason], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Turn:
    """Which post of a kind is wanted: `group` names the group, `number` counts what it has had before."""

    group: str
    number: int
    locale: str
    zone: str


@dataclass(frozen=True, slots=True)
class PostKind:
    """A kind of scheduled post that a feature offers to `schedule add`.

    `choices` are the values of `what`, with labels in a language; `compose` draws one, always the same for the same
    turn, so that a preview and the post agree.
    """

    choices: Callable[[str], Sequence[Choice]]
    compose: Callable[[str, Turn], Message]


# ---------------------------------------------------------------- the declaration


@dataclass(frozen=True, slots=True)
class Job:
    """Makes what is due into deliveries. `run` returns when it is wanted next, or None; it never posts."""

    name: str
    run: Callable[[datetime], Awaitable[datetime | None]]


class PersonalData(Protocol):
    """What a feature keeps about a member, and how it goes."""

    tables: Sequence[str]
    """Names of the tables it keeps about members; every table of the database must be named by somebody."""

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return everything kept about a member, in words that JSON can hold. Empty when there is nothing."""
        ...

    async def erase(self, member: Member) -> None:
        """Remove everything kept about a member, at once."""
        ...


class _Nothing:
    tables: Sequence[str] = ()

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return nothing."""
        del member
        return {}

    async def erase(self, member: Member) -> None:
        """Remove nothing."""


KEEPS_NOTHING: Final[PersonalData] = _Nothing()

Home: TypeAlias = Callable[[Call], Awaitable["HomePart | None"]]
Guard: TypeAlias = Callable[[str, Call], Awaitable[Message | None]]
Observe: TypeAlias = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HomePart:
    """A feature's part of `home`. Parts are shown by `order`, lowest first."""

    order: int
    message: Message


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature, as it plugs in. `personal_data` has no default: every feature says what it keeps."""

    name: str
    personal_data: PersonalData
    commands: tuple[Command, ...] = ()
    jobs: tuple[Job, ...] = ()
    posts: tuple[PostKind, ...] = ()
    compose: Compose | None = None
    sent: Sent | None = None
    failed: Failed | None = None
    home: Home | None = None
    guards: tuple[Guard, ...] = ()
    observe: Observe | None = None


# ---------------------------------------------------------------- what may be asked


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: their language, and their time zone (an IANA name)."""

    locale: str
    zone: str


@dataclass(frozen=True, slots=True)
class KnownCommunity:
    """A community that keeps something about a person. `name` is markup that the person recognises it by."""

    id: int
    community: Community
    name: Markup


class Directory(Protocol):
    """Who people are to us."""

    async def role(self, actor: Actor) -> Role:
        """Return what a person may do, at this moment."""
        ...

    async def is_here(self, member: Member) -> bool:
        """Ask the platform whether a member is still in their community. May raise `DeliveryError`."""
        ...

    async def reader(self, member: Member, locale: str = "") -> Reader:
        """Return how a member reads. `locale` is what the platform says; their own setting comes first."""
        ...

    async def group_reader(self, channel: Channel) -> Reader:
        """Return the language and zone of the group in a channel."""
        ...

    async def communities_of(self, platform: str, person: str) -> Sequence[KnownCommunity]:
        """Return the communities of a platform that keep something about a person."""
        ...

    async def take_note(self, member: Member) -> str | None:
        """Return, once, the key of a sentence that could not be sent to a member directly."""
        ...

    async def leave_note(self, member: Member, key: str) -> None:
        """Keep the key of a sentence for the next time a member uses the bot."""
        ...


C = TypeVar("C", bound=Content)


class Library(Protocol):
    """What stands in `content/`."""

    def of(self, feature: str, model: type[C], locale: str) -> C:
        """Return a feature's content in a language, or in English."""
        ...
