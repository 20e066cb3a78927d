"""Supervision: agendas for a meeting of leaders, as posts of a schedule in their own channel.

They stand in `content/care/<locale>.<anything>.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.core.content import Content, Library
from bot.core.feature import Turn
from bot.core.port import Choice, Community, Message
from bot.core.text import Markup, Words, plain
from bot.features.care.desk import FEATURE
from bot.features.care.rules import next_agenda

WHAT: Final = "supervision"
LONGEST: Final = 300
Line = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class Agenda(BaseModel):
    """What leaders talk about when they meet. Ids begin with `sv-`, so that none is that of an exercise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^sv-[a-z0-9-]{1,24}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    minutes: Annotated[int, Field(ge=10, le=120)]
    opening: Line
    questions: Annotated[tuple[Line, ...], Field(min_length=3, max_length=4)]
    closing: Line


class CareContent(Content):
    """Words and agendas."""

    agendas: tuple[Agenda, ...] = ()


class Supervision:
    """Offers agendas as posts of schedules."""

    order = 10

    def __init__(self, words: Words, library: Library) -> None:
        self._words = words
        self._library = library

    async def choices(self, community: Community, locale: str) -> Sequence[Choice]:
        """Return supervision as such first, then every agenda by its title."""
        del community
        all_of_them = Choice(self._words.label("care.supervision", locale), WHAT)
        return [all_of_them, *(Choice(agenda.title, agenda.id) for agenda in self._all(locale))]

    async def label(self, what: str, group: int, locale: str) -> str | None:
        """Return what supervision is called, or the title of an agenda."""
        del group
        if what == WHAT:
            return self._words.label("care.supervision", locale)
        found = self._find(what, locale)
        return found.title if found else None

    async def pick(self, what: str, turn: Turn) -> str:
        """Return the agenda of a turn: each once in their order, and then again."""
        if self._find(what, turn.locale):
            return what
        return next_agenda([agenda.id for agenda in self._all(turn.locale)], turn.used)

    async def draw(self, piece: str, turn: Turn) -> Message:
        """Draw an agenda as a post."""
        agenda = self._find(piece, turn.locale)
        if agenda is None:
            raise LookupError(piece)
        about = self._words.say("care.agenda_about", turn.locale, count=agenda.minutes)
        questions = "\n".join(f"{number}. {plain(each)}" for number, each in enumerate(agenda.questions, 1))
        body = Markup("\n\n".join([about, plain(agenda.opening), questions, plain(agenda.closing)]))
        return Message(body, agenda.title, self._words.say("care.agenda_names", turn.locale))

    async def opening(self, piece: str, turn: Turn) -> Message | None:
        """Say in two lines how leaders treat each other in the thread."""
        del piece
        return Message(self._words.say("care.agenda_opening", turn.locale))

    def _all(self, locale: str) -> Sequence[Agenda]:
        return self._library.of(FEATURE, CareContent, locale).agendas

    def _find(self, agenda: str, locale: str) -> Agenda | None:
        """Return an agenda. One that only another language has may stand posted in a group."""
        elsewhere = (each.agendas for each in self._library.everywhere(FEATURE, CareContent))
        return next((each for found in (self._all(locale), *elsewhere) for each in found if each.id == agenda), None)
