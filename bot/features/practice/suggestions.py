"""`resource suggest` and `bank review`: what members hand in, and the one queue in which leaders look at it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from bot.community.tools import Tools
from bot.core.commands import Call, Refusal
from bot.core.forms import Form, InChannel, Mark, RowId
from bot.core.port import Button, Emphasis, Kind, Message, Reply, Response, Update
from bot.core.text import Markup, channel_link
from bot.features.practice import exercises
from bot.features.practice.cards import Cards
from bot.features.practice.exercises import ExerciseForm, OwnExercise, Skill
from bot.features.practice.places import Places
from bot.features.practice.store import MOST_IN_BANK, BankStore, FullError, Kept

MOST_WAITING: Final = 10
"""Suggestions of one member that may wait at once."""


class Suggest(Form):
    """What a member hands in for a group. With somebody's words it is an exercise in reflecting, else in talking."""

    kind: Annotated[Literal["exercise"], Mark(Kind.CHOICE)] = "exercise"
    skill: Annotated[Skill, Mark(Kind.CHOICE)]
    title: Annotated[str, Mark(Kind.TEXT, personal=True, longest=exercises.LONGEST_TITLE)]
    vignette: Annotated[str, Mark(Kind.PARAGRAPH, personal=True, longest=exercises.LONGEST_VIGNETTE)] = ""
    task: Annotated[str, Mark(Kind.PARAGRAPH, personal=True, longest=exercises.LONGEST_TASK)]
    in_: InChannel | None = Field(default=None, alias="in")


class After(Form):
    """The suggestion that was shown before; the oldest comes first."""

    after: RowId | None = None


class Chosen(Form):
    """A suggestion by its row."""

    suggestion: RowId


class Suggestions:
    """Handlers of the queue. Who gave a suggestion is shown to nobody."""

    def __init__(self, tools: Tools, store: BankStore, cards: Cards, places: Places) -> None:
        self._words = tools.words
        self._people = tools.people
        self._store = store
        self._cards = cards
        self._places = places

    async def suggest(self, form: Suggest, call: Call) -> Reply:
        """Keep what a member hands in until a leader has looked at it."""
        group = await self._places.group(form.in_, call)
        how = ExerciseForm.REFLECT if form.vignette else ExerciseForm.TALK
        exercise = OwnExercise(skill=form.skill, form=how, title=form.title, vignette=form.vignette, task=form.task)
        await self._people.touch(call.member)
        if not await self._store.suggest(group.id, exercise, call.member, call.now, MOST_WAITING):
            raise Refusal("practice.suggest_enough", count=MOST_WAITING)
        body = self._words.say("practice.suggested", call.locale, title=exercise.title)
        return Reply(Message(body, self._words.label("practice.suggested_title", call.locale)))

    async def review(self, form: After, call: Call) -> Response:
        """Show the oldest suggestion, or the one after another; after the last comes the first again."""
        groups = await self._places.groups(call)
        waiting = await self._store.waiting(groups)
        if not waiting:
            return Reply(Message(self._words.say("practice.review_none", call.locale)))
        rows = [kept.id for kept in waiting]
        place = (rows.index(form.after) + 1) % len(rows) if form.after in rows else 0
        shown = waiting[place]
        channel = channel_link(groups[shown.group].channel)
        said = self._words.say("practice.review", call.locale, count=len(rows), channel=channel)
        body = Markup(f"{said}\n\n{self._cards.body(shown.piece, call.locale, own=True)}")
        message = Message(body, shown.piece.title, buttons=self._choices(shown, len(rows), call))
        return Reply(message) if form.after is None else Update(message)

    async def use(self, form: Chosen, call: Call) -> Response:
        """Put a suggestion into its group's bank. Nobody is told."""
        waiting = await self._mine(form, call)
        try:
            done = waiting is not None and await self._store.approve(waiting.id, call.now)
        except FullError:
            raise Refusal("practice.bank_full", count=MOST_IN_BANK) from None
        return await self._decided("practice.review_used" if done else "practice.review_decided", call)

    async def drop(self, form: Chosen, call: Call) -> Response:
        """Forget a suggestion. Nobody is told."""
        waiting = await self._mine(form, call)
        done = waiting is not None and await self._store.drop(waiting.id)
        return await self._decided("practice.review_dropped" if done else "practice.review_decided", call)

    async def count(self, call: Call) -> int:
        """Return how many suggestions wait in a community."""
        return await self._store.count_waiting(await self._places.groups(call))

    # ------------------------------------------------------------

    async def _mine(self, form: Chosen, call: Call) -> Kept | None:
        """Return a suggestion that waits in the community of whoever asks."""
        kept = await self._store.get(form.suggestion)
        return kept if kept and not kept.approved and kept.group in await self._places.groups(call) else None

    async def _decided(self, key: str, call: Call) -> Response:
        left = await self.count(call)
        following = Button(self._words.label("practice.review_next", call.locale), "bank review")
        return Update(Message(self._words.say(key, call.locale), buttons=(following,) if left else ()))

    def _choices(self, shown: Kept, count: int, call: Call) -> tuple[Button, ...]:
        row = {"suggestion": str(shown.id)}
        use = Button(self._words.label("practice.review_use", call.locale), "suggestion use", row, Emphasis.PRIMARY)
        drop = Button(self._words.label("practice.review_drop", call.locale), "suggestion drop", row)
        after = {"after": str(shown.id)}
        following = Button(self._words.label("practice.review_next", call.locale), "bank review", after)
        return (use, drop, following) if count > 1 else (use, drop)
