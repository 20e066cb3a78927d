"""`bank`: the group's own exercises."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from bot.community.groups import Group
from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal
from bot.core.forms import Form, InChannel, Mark
from bot.core.port import Button, Choice, Emphasis, Kind, Message, Reply, Response, Update
from bot.core.text import Markup, channel_link
from bot.features.practice import exercises
from bot.features.practice.cards import Cards
from bot.features.practice.exercises import Asks, ExerciseForm, OwnExercise, Skill, misplaced
from bot.features.practice.places import Places
from bot.features.practice.rows import Wrong, read_rows
from bot.features.practice.store import MOST_IN_BANK, BankStore, FullError, Kept

LONGEST_FILE: Final = 50_000
MOST_LISTED: Final = 25
"""Lines of one list: so that it fits a message."""
MOST_WRONG: Final = 8
"""Mistakes that are told at once."""


class Add(Form):
    """An exercise, and the group that it is for. From `vignette` on nothing is always needed."""

    skill: Annotated[Skill, Mark(Kind.CHOICE)]
    form: Annotated[Literal["reflect", "pause", "talk", "learn"], Mark(Kind.CHOICE)]
    title: Annotated[str, Mark(Kind.TEXT, longest=exercises.LONGEST_TITLE)]
    task: Annotated[str, Mark(Kind.PARAGRAPH, longest=exercises.LONGEST_TASK)]
    vignette: Annotated[str, Mark(Kind.PARAGRAPH, longest=exercises.LONGEST_VIGNETTE)] = ""
    look: Annotated[str, Mark(Kind.PARAGRAPH, longest=exercises.LONGEST_PART)] = ""
    example: Annotated[str, Mark(Kind.PARAGRAPH, longest=exercises.LONGEST_PART)] = ""
    why: Annotated[str, Mark(Kind.PARAGRAPH, longest=exercises.LONGEST_PART)] = ""
    asks: Annotated[Asks, Mark(Kind.CHOICE)] = "reflection"
    minutes: Annotated[int, Mark(Kind.NUMBER, lowest=1, highest=exercises.MOST_MINUTES)] = exercises.DEFAULT_MINUTES
    in_: InChannel | None = Field(default=None, alias="in")


class Some(Form):
    """Of which group and skill; of all where nothing is said."""

    in_: InChannel | None = Field(default=None, alias="in")
    skill: Annotated[Skill, Mark(Kind.CHOICE)] | None = None


class Which(Form):
    """An exercise by its number in the list, or by its row."""

    exercise: Annotated[int, Mark(Kind.NUMBER, suggests=True, lowest=1)]
    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Import(Form):
    """Several exercises in one text."""

    file: Annotated[str, Mark(Kind.FILE, longest=LONGEST_FILE)]
    in_: InChannel | None = Field(default=None, alias="in")


@dataclass(frozen=True, slots=True)
class Listed:
    """An exercise with its number, which counts through all groups of a community."""

    number: int
    group: Group
    kept: Kept


class Bank:
    """Handlers of `bank`, but for `bank review`."""

    def __init__(self, tools: Tools, store: BankStore, cards: Cards, places: Places) -> None:
        self._words = tools.words
        self._store = store
        self._cards = cards
        self._places = places

    async def add(self, form: Add, call: Call) -> Reply:
        """Add an exercise, and show how it will look."""
        if form.form == ExerciseForm.REFLECT and not form.vignette:
            raise Mistake("vignette", "practice.vignette_needed")
        group = await self._places.group(form.in_, call)
        parts = form.model_dump(exclude={"in_", "look"})
        exercise = OwnExercise.model_validate({**parts, "look_for": form.look})
        if part := misplaced(exercise):
            raise Mistake(part, f"practice.only_reply_{part}")
        await self._keep(group, [exercise], call)
        said = self._words.say("practice.bank_added", call.locale, channel=channel_link(group.channel))
        body = Markup(f"{said}\n\n{self._cards.body(exercise, call.locale, own=True)}")
        return Reply(Message(body, exercise.title, buttons=self._onwards(call)))

    async def show(self, form: Some, call: Call) -> Reply:
        """List the exercises of each group, and say how many suggestions wait."""
        groups = await self._places.groups(call)
        if form.in_ is not None:
            groups = {row: group for row, group in groups.items() if group.channel == form.in_}
            if not groups:
                raise Mistake("in", "practice.no_group")
        shown = [
            each
            for each in await self._all(call)
            if each.group.id in groups and form.skill in {None, each.kept.piece.skill}
        ]
        waiting = await self._store.count_waiting(groups)
        parts = self._lines(shown, call) or [self._words.say("practice.bank_empty", call.locale)]
        buttons = self._onwards(call)[:1]
        if waiting:
            parts.append(self._words.say("practice.waiting", call.locale, count=waiting))
            buttons += (Button(self._words.label("practice.review_button", call.locale), "bank review"),)
        title = self._words.label("practice.bank_title", call.locale)
        return Reply(Message(Markup("\n\n".join(parts)), title, buttons=buttons))

    async def remove(self, form: Which, call: Call) -> Response:
        """Take an exercise out, after asking once."""
        found = next((each for each in await self._all(call) if form.exercise in {each.number, each.kept.id}), None)
        if found is None:
            raise Refusal("practice.bank_gone")
        title = found.kept.piece.title
        if form.sure:
            await self._store.remove(found.kept.id)
            return Update(Message(self._words.say("practice.bank_removed", call.locale, title=title)))
        body = self._words.say(
            "practice.bank_remove_sure", call.locale, title=title, channel=channel_link(found.group.channel)
        )
        yes = {"exercise": str(found.kept.id), "sure": "yes"}
        buttons = (
            Button(self._words.label("practice.bank_remove_yes", call.locale), "bank remove", yes, Emphasis.DANGER),
            Button(self._words.label("practice.bank_keep", call.locale), "bank list"),
        )
        return Reply(Message(body, buttons=buttons))

    async def take_in(self, form: Import, call: Call) -> Reply:
        """Add every exercise of a text, or none and a line for each mistake."""
        group = await self._places.group(form.in_, call)
        there = [kept.piece for kept in await self._store.of([group.id])]
        added: list[OwnExercise] = []
        wrong: list[Wrong] = []
        for row in await asyncio.to_thread(read_rows, form.file, there):  # a crowded text takes a second
            if isinstance(row, Wrong):
                wrong.append(row)
            else:
                added.append(row)
        if wrong:
            raise Mistake("file", "practice.import_wrong", rows=self._told(wrong, call.locale))
        await self._keep(group, added, call)
        channel = channel_link(group.channel)
        said = self._words.say("practice.imported", call.locale, count=len(added), channel=channel)
        lines = [f"- {self._named(each, call.locale)}" for each in added[:MOST_LISTED]]
        more = self._more(len(added) - len(lines), call.locale)
        body = Markup("\n\n".join([said, "\n".join(lines), *more]))
        return Reply(Message(body, buttons=self._onwards(call)))

    async def suggest(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest the exercises of the community's groups."""
        found = [Choice(f"{each.number}. {each.kept.piece.title}", str(each.kept.id)) for each in await self._all(call)]
        return [each for each in found if typed.casefold() in each.label.casefold()]

    # ------------------------------------------------------------

    async def _all(self, call: Call) -> Sequence[Listed]:
        groups = await self._places.groups(call)
        place = {row: number for number, row in enumerate(groups)}
        found = sorted(await self._store.of(groups), key=lambda kept: place[kept.group])
        return [Listed(number, groups[kept.group], kept) for number, kept in enumerate(found, 1)]

    async def _keep(self, group: Group, added: Sequence[OwnExercise], call: Call) -> None:
        try:
            await self._store.add(group.id, added, call.now)
        except FullError:
            raise Refusal("practice.bank_full", count=MOST_IN_BANK) from None

    def _lines(self, shown: Sequence[Listed], call: Call) -> list[Markup]:
        """Return the list, with a heading for each group."""
        told: dict[int, list[str]] = {}
        for each in shown[:MOST_LISTED]:
            heading = f"**{channel_link(each.group.channel)}**"
            line = f"- **{each.number}** {self._named(each.kept.piece, call.locale)}"
            told.setdefault(each.group.id, [heading]).append(line)
        parts = [Markup("\n".join(lines)) for lines in told.values()]
        return [*parts, *self._more(len(shown) - MOST_LISTED, call.locale)]

    def _named(self, exercise: OwnExercise, locale: str) -> Markup:
        skill = self._words.label(f"practice.skill_{exercise.skill}", locale)
        form = self._words.label(f"practice.form_{exercise.form}", locale)
        return self._words.say("practice.bank_line", locale, title=exercise.title, skill=skill, form=form)

    def _more(self, count: int, locale: str) -> list[Markup]:
        return [self._words.say("practice.bank_more", locale, count=count)] if count > 0 else []

    def _told(self, wrong: Sequence[Wrong], locale: str) -> str:
        lines = [
            self._words.label(f"practice.row_{each.kind}", locale, line=each.line, **each.values)
            for each in wrong[:MOST_WRONG]
        ]
        more = len(wrong) - len(lines)
        return "\n".join([*lines, *([self._words.label("practice.wrong_more", locale, count=more)] if more else [])])

    def _onwards(self, call: Call) -> tuple[Button, ...]:
        return (
            Button(self._words.label("practice.bank_add", call.locale), "bank add"),
            Button(self._words.label("practice.bank_show", call.locale), "bank list"),
        )
