"""A core for tests of platforms: a small catalogue, answers that a test chooses, and a memory of what it heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.core.port import (
    ADDRESSED,
    FILLED,
    HELD,
    TEXT,
    TYPED,
    Actor,
    Ask,
    Choice,
    Entry,
    Event,
    Field,
    Invocation,
    Kind,
    Message,
    Reply,
    Response,
    Role,
    Shown,
    Update,
)
from bot.core.text import LineError, plain, read_line

GREET: Final = "greet"
ADD: Final = "note add"
SEND: Final = "note send"
PLAN: Final = "note plan"
FETCH: Final = "note fetch"
KEEP: Final = "note keep"
ANSWER: Final = "note answer"
MIRROR: Final = "mirror"
MIRROR_LABEL: Final = "Hold a mirror"
DRAFT: Final = "mirror draft"
POINT: Final = "point"
POINT_LABEL: Final = "Point at it"

DONE: Final = "All is done."
UNKNOWN: Final = "This is no command here."
WRONG: Final = "wrong"
"""A value that this core finds wrong in any field of a form."""
PROBLEM: Final = "Please mend this one."
MISSING: Final = "This one is needed."

_TITLE: Final = Field("title", Kind.TEXT, "Title", "What it is about", longest=40)
_TONE: Final = Field(
    "tone",
    Kind.CHOICE,
    "Tone",
    "How it sounds",
    required=False,
    choices=(Choice("Soft and slow", "soft"), Choice("Clear", "clear")),
)
_WORDS: Final = Field("words", Kind.PARAGRAPH, "Words", "As many as you like", required=False)
_ZONE: Final = Field("zone", Kind.ZONE, "Time zone", "Where you live", required=False, suggests=True)
_IN: Final = Field("in", Kind.CHANNEL, "Channel", "Where to")
_WHO: Final = Field("who", Kind.MEMBER, "Member", "Whom for")
_ON: Final = Field("on", Kind.DATE, "Date", "Which day", required=False)
_LONG: Final = (
    _TITLE,
    _TONE,
    _WORDS,
    _ZONE,
    Field(
        "day",
        Kind.CHOICES,
        "Days",
        "Which days",
        required=False,
        choices=(Choice("Monday", "mon"), Choice("Thursday", "thu"), Choice("Sunday", "sun")),
    ),
    replace(_ON, name="until"),
    Field("at", Kind.TIME, "Time", "When", required=False),
    Field("loud", Kind.FLAG, "Loud", "Whether it may be loud", required=False),
)
_FILE: Final = Field("file", Kind.FILE, "File", "A text file")
_SAID: Final = Field("said", Kind.MESSAGE, "Message", "What they said", longest=2000)

CATALOGUE: Final = (
    Entry(GREET, "Say hello", Role.ANYONE, anywhere=True),
    Entry(MIRROR, MIRROR_LABEL, Role.ANYONE, (_SAID,), Shown.MENU),
    Entry(ADD, "Add a note", Role.ANYONE, (_TITLE, _TONE, _WORDS, _ZONE)),
    Entry(ANSWER, "Answer a note", Role.ANYONE, (replace(_WORDS, required=True),), Shown.HIDDEN),
    Entry(KEEP, "Keep a note", Role.ANYONE, (), Shown.HIDDEN),
    Entry(SEND, "Send a note", Role.ANYONE, (_IN, _WHO, _ON)),
    Entry(FETCH, "Fetch notes", Role.ANYONE, (_FILE, replace(_TONE, required=True))),
    Entry(PLAN, "Plan a note", Role.ANYONE, _LONG),
    Entry(DRAFT, "Hold a mirror", Role.ANYONE, (_SAID, replace(_WORDS, name="draft", required=True)), Shown.HIDDEN),
    Entry(POINT, POINT_LABEL, Role.ANYONE, (), Shown.MENU),
)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What was asked of `suggest`."""

    command: str
    field: str
    typed: str
    actor: Actor


class FakeCore:
    """Implements `Core`, thinly.

    Like the real one it reads typed lines, asks for what is missing or `WRONG`, keeps what a form held, and turns an
    `Update` into a `Reply` where nothing private was pressed.
    """

    def __init__(self) -> None:
        self.raw: list[Invocation] = []
        """Every invocation, as the platform gave it."""
        self.heard: list[Invocation] = []
        """The same, understood: a typed line is its command and arguments; blank arguments are left out."""
        self.suggested: list[Suggested] = []
        self.events: list[Event] = []
        self.answers: dict[str, Response] = {}
        """What to answer a command with, forms included, instead of asking or saying `DONE`."""
        self.choices: tuple[Choice, ...] = (Choice("Berlin", "Europe/Berlin"), Choice("Lima", "America/Lima"))
        self._held: dict[str, Mapping[str, str]] = {}

    @property
    def catalogue(self) -> Sequence[Entry]:
        return CATALOGUE

    async def invoke(self, invocation: Invocation) -> Response:
        self.raw.append(invocation)
        try:
            heard = self._understood(invocation)
        except LineError:
            return Reply(Message(plain(UNKNOWN)))
        self.heard.append(heard)
        response = self.answers.get(heard.command) or self._asked(heard) or Reply(Message(plain(DONE)))
        if isinstance(response, Update) and not heard.on_private:
            return Reply(response.message)
        return response

    async def suggest(self, command: str, field: str, typed: str, actor: Actor) -> Sequence[Choice]:
        self.suggested.append(Suggested(command, field, typed, actor))
        return [choice for choice in self.choices if typed.casefold() in choice.label.casefold()]

    async def observe(self, event: Event) -> None:
        self.events.append(event)

    def _understood(self, invocation: Invocation) -> Invocation:
        if invocation.command == TYPED:
            line = read_line(invocation.arguments.get(TEXT, ""), CATALOGUE)
            invocation = replace(invocation, command=line.path, arguments=line.arguments)
        arguments = dict(invocation.arguments)
        if (token := arguments.get(FILLED, "")) in self._held:
            arguments = {**self._held[token], **arguments}
            del arguments[FILLED]
        given = {name: value for name, value in arguments.items() if value.strip()}
        return replace(invocation, arguments=given)

    def _asked(self, heard: Invocation) -> Ask | None:
        entry = next((one for one in CATALOGUE if one.path == heard.command), None)
        if entry is None or heard.command == ADDRESSED:
            return None
        given = dict(heard.arguments)
        token = given.pop(HELD, "") or given.pop(FILLED, "")
        given = {**self._held.get(token, {}), **given}
        problems = {} if token else _problems(entry, given)
        if not problems and not token:
            return None
        names = {field.name for field in entry.fields}
        return self.form(entry.path, given, problems if heard.arguments.keys() & names else {})

    def forgets(self) -> None:
        """Have nothing in hand any more, as after a restart."""
        self._held.clear()

    def form(self, path: str, given: Mapping[str, str], problems: Mapping[str, str] | None = None) -> Ask:
        """Return the form of a command with what is known, which stays in hand."""
        entry = next(one for one in CATALOGUE if one.path == path)
        names = {field.name for field in entry.fields}
        held = f"held{len(self._held)}"
        self._held[held] = given
        return Ask(
            entry.path,
            entry.summary,
            entry.fields,
            {name: value for name, value in given.items() if name in names},
            problems or {},
            {name: value for name, value in given.items() if name not in names},
            held,
        )


def _problems(entry: Entry, given: Mapping[str, str]) -> dict[str, str]:
    missing = {field.name: MISSING for field in entry.fields if field.required and field.name not in given}
    wrong = {field.name: PROBLEM for field in entry.fields if given.get(field.name) == WRONG}
    return {**missing, **wrong}
