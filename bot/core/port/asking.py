"""What comes in, and what goes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final, TypeAlias

from bot.core.port.messages import Message
from bot.core.port.people import Actor, Address, Community, Member, Role


class Kind(StrEnum):
    """What a field of a command holds, so that each platform can offer its own way to fill it in."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"
    CHOICES = "choices"
    MEMBER = "member"
    CHANNEL = "channel"
    DATE = "date"
    TIME = "time"
    ZONE = "zone"
    NUMBER = "number"
    FLAG = "flag"
    MESSAGE = "message"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: what people read, and the argument it stands for."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a command.

    `name` is typed; `label` and `hint` are read. `suggests` asks for autocomplete through `Core.suggest`.
    Limits are inclusive; `longest` counts characters.
    """

    name: str
    kind: Kind
    label: str
    hint: str
    required: bool = True
    choices: tuple[Choice, ...] = ()
    suggests: bool = False
    longest: int | None = None
    lowest: int | None = None
    highest: int | None = None

    def chosen(self, argument: str) -> tuple[str, ...]:
        """Return the values of the choices that an argument names, in the order in which they are offered."""
        said = {"-".join(part.split()).casefold() for part in argument.split(",")}
        return tuple(choice.value for choice in self.choices if choice.value.casefold() in said)


class Shown(Enum):
    """Where a command can be met: typed by name, in the menu of a message, or behind buttons only."""

    TYPED = "typed"
    MENU = "menu"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of the catalogue. `summary` is the menu's label for commands shown in message menus.

    `anywhere` commands also work in a direct message that carries no community.
    """

    path: str
    summary: str
    role: Role
    fields: tuple[Field, ...] = ()
    shown: Shown = Shown.TYPED
    anywhere: bool = False


TYPED: Final = "(typed)"
"""Command of an invocation whose `text` argument is a command line, as typed after `/hearth`."""

ADDRESSED: Final = "(addressed)"
"""Command of an invocation whose `text` argument is a direct message or a mention: perhaps a command, perhaps not."""

TEXT: Final = "text"
"""Name of the argument of `TYPED` and `ADDRESSED`."""

HELD: Final = "h"
"""Argument of a button that opens a form again; see `Ask.again`. Short: buttons are narrow."""

FILLED: Final = "f"
"""Argument of a submitted form that did not show everything; see `Ask.carried`."""


class Unreadable(StrEnum):
    """What stands in the place of a file's text that could not be had, and why."""

    TOO_LARGE = "(this file is too large)"
    NO_TEXT = "(this file is no text)"
    GONE = "(this file could not be fetched)"


@dataclass(frozen=True, slots=True)
class Pointed:
    """The message in whose menu a command was chosen.

    `place` is where it stands. `author` is None where no person wrote it: a bot, a webhook, the platform itself.
    `beside` is where an answer to it belongs that everybody may read: a reply, or a thread. In a thread that did not
    begin at this message, an answer cannot show which message it is about.
    """

    place: Address
    message: str
    author: Member | None
    beside: Address


@dataclass(frozen=True, slots=True)
class Invocation:
    """Everything that comes in: typed, pressed, from a menu, submitted, or addressed text.

    Arguments are strings as the platform gives them: a channel as `#id`, a member as `@id`, a flag as `yes` or `no`,
    a date as `2026-08-01`, a time as `19:00`, several choices as `mon,thu`, a message (Kind.MESSAGE) and a file
    (Kind.FILE) as its text. A form says "" for an input that was shown and left or made empty.
    `place` is where it happened; a `Member` means a direct message. `on_private` is true when it was pressed on a
    private message, which alone may be replaced by an `Update`. `about` is the message in whose menu the command was
    chosen. It comes with the choice alone, never with a button or a form that follows (but for going on past what a
    guard offered): keep it in a row.
    """

    command: str
    arguments: Mapping[str, str]
    actor: Actor
    place: Address
    on_private: bool = False
    about: Pointed | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A private answer to the person who acted."""

    message: Message


@dataclass(frozen=True, slots=True)
class Update:
    """Replaces the private message that was pressed."""

    message: Message


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks for what is missing or wrong, in a form.

    `fields` are all inputs of the command, in order. `known` refills them; `problems` says per field, in the person's
    language, what to mend; `note` is a sentence to be read first. `hidden` are arguments without an input: row ids,
    never a person's words. `held` fetches everything that is known, for its owner and a while.
    A platform that cannot open a form now shows a private message with a button to the same command, its arguments
    `again`.
    """

    command: str
    title: str
    fields: tuple[Field, ...]
    known: Mapping[str, str] = field(default_factory=dict[str, str])
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    hidden: Mapping[str, str] = field(default_factory=dict[str, str])
    held: str = ""
    note: str = ""

    @property
    def again(self) -> dict[str, str]:
        """Return the arguments of a button that opens this form."""
        return {**self.hidden, **({HELD: self.held} if self.held else {})}

    def preferred(self, most: int) -> tuple[Field, ...]:
        """Return the inputs to show where no more than `most` fit: wrong ones, then required ones, then in order."""
        ranked = sorted(self.fields, key=lambda each: (each.name not in self.problems, not each.required))
        kept = {each.name for each in ranked[:most]}
        return tuple(each for each in self.fields if each.name in kept)

    def carried(self, shown: Collection[str]) -> dict[str, str]:
        """Return what a form sends back besides its inputs. `shown` names those that hold what is known of them."""
        unseen = any(value and name not in shown for name, value in self.known.items())
        return {**self.hidden, **({FILLED: self.held} if unseen and self.held else {})}


Response: TypeAlias = Reply | Update | Ask


@dataclass(frozen=True, slots=True)
class MemberGone:
    """A person has left a community."""

    member: Member


@dataclass(frozen=True, slots=True)
class CommunityGone:
    """The bot was removed from a community. An outage is not a removal."""

    community: Community


Event: TypeAlias = MemberGone | CommunityGone
