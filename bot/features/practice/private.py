"""`practice`: three exercises in a row for one person alone, and the answers to what they write.

What somebody writes is read once and kept nowhere, but for what `held` has in hand for *Try again*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from bot.community.people import People
from bot.core.commands import Call, Refusal
from bot.core.forms import Form, Mark
from bot.core.held import Held
from bot.core.port import Kind, Reply
from bot.features.practice.cards import Cards, Given
from bot.features.practice.exercises import Piece, Skill
from bot.features.practice.feedback import Feedback
from bot.features.practice.pieces import Pieces
from bot.features.practice.seen import SeenStore
from bot.features.practice.steps import CarriedStep, Step, step_of

LONGEST_REFLECTION: Final = 1500


class Practise(Form):
    """Which skill, or any."""

    skill: Annotated[Skill, Mark(Kind.CHOICE)] | None = None


class Chosen(Form):
    """An exercise by its id in the content, and its place in the row."""

    exercise: CarriedStep


class Reflection(Chosen):
    """What a member wrote. Read once, never kept."""

    reflection: Annotated[str, Mark(Kind.PARAGRAPH, personal=True, longest=LONGEST_REFLECTION)]


class Private:
    """Handlers of `practice` and of the buttons of exercises."""

    def __init__(
        self, *, pieces: Pieces, seen: SeenStore, cards: Cards, feedback: Feedback, people: People, held: Held
    ) -> None:
        self._pieces = pieces
        self._seen = seen
        self._cards = cards
        self._feedback = feedback
        self._people = people
        self._held = held

    async def practise(self, form: Practise, call: Call) -> Reply:
        """Begin a row."""
        return await self._give(form.skill, 1, None, call)

    async def another(self, form: Chosen, call: Call) -> Reply:
        """Give the next exercise of the same skill, under a post also in the same form."""
        before = await self._pieces.find(form.exercise.exercise, call)
        return await self._give(before.skill, form.exercise.next_place, before, call, alike=not form.exercise.place)

    async def ready(self, arguments: Mapping[str, str], call: Call) -> None:
        """Raise `Refusal` where the exercise of a form was taken out: nobody is to write for nothing."""
        await self._pieces.find(step_of(arguments.get("exercise", "")).exercise, call)

    async def answer(self, form: Reflection, call: Call) -> Reply:
        """Answer a reflection with what was noticed, one thing to try, an example and why it helps.

        Whoever went on past an offer of support is not taught anything.
        """
        step, written = form.exercise, form.reflection
        try:
            piece = await self._pieces.find(step.exercise, call)
        except Refusal:
            return Reply(self._cards.gone(written, call.locale))
        given = Given(step, written, self._held.keep(call.member, {"exercise": str(step), "reflection": written}))
        if call.offered:
            return Reply(self._cards.left_here(piece, given, self._feedback.after_offer(call.locale), call.locale))
        feedback = self._feedback.on_exercise(piece, written, call.locale)
        return Reply(self._cards.answer(piece, given, feedback, call.locale))

    async def look(self, form: Chosen, call: Call) -> Reply:
        """Show what to look for without anything having been written."""
        piece = await self._pieces.find(form.exercise.exercise, call)
        return Reply(self._cards.look(piece, form.exercise, call.locale))

    async def stop(self, form: Chosen, call: Call) -> Reply:
        """End the row at any step."""
        piece = await self._pieces.find(form.exercise.exercise, call)
        return Reply(self._cards.closing(Step(piece.id), call.locale))

    async def _give(
        self, skill: str | None, place: int, before: Piece | None, call: Call, *, alike: bool = False
    ) -> Reply:
        await self._people.touch(call.member)
        known = before.id if before and self._pieces.shipped(before.id, call.locale) else ""
        pool = self._pieces.alone(skill, call.locale, before if alike else None)
        chosen = await self._seen.next(call.member, pool, known)
        return Reply(self._cards.alone(await self._pieces.find(chosen, call), place, call.locale))
