"""Finds exercises: those that everybody has, and those of a group's bank where it may be met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.community.groups import Groups
from bot.core.commands import Call, Refusal
from bot.core.content import Library
from bot.core.text import DEFAULT_LOCALE
from bot.features.practice.exercises import Exercise, ExerciseForm, Piece, PracticeContent
from bot.features.practice.store import BankStore

FEATURE: Final = "practice"


class Pieces:
    """What can be practised, and by whom."""

    def __init__(self, library: Library, groups: Groups, store: BankStore) -> None:
        self._library = library
        self._groups = groups
        self._store = store

    def all(self, locale: str) -> Sequence[Exercise]:
        """Return the exercises that everybody has, in a language and, where it lacks them, in English."""
        return self._library.of(FEATURE, PracticeContent, locale).exercises

    def alone(self, skill: str | None, locale: str, like: Piece | None = None) -> Sequence[str]:
        """Return the ids of what can be done alone, of a skill or of any; questions for a group only for want of it.

        Raises `Refusal` where there is none at all.
        `like`: only others in the form of this one, if there are any.
        """
        pool = [each for each in self.all(locale) if skill in {None, each.skill}]
        if not pool:
            raise Refusal("practice.none_here")
        alone = [each for each in pool if each.form is not ExerciseForm.TALK] or pool
        others = [each for each in alone if like and each.form is like.form and each.id != like.id]
        return [each.id for each in others or alone]

    def shipped(self, exercise: str, locale: str) -> Exercise | None:
        """Return an exercise that everybody has. One that only another language has may stand posted in a group."""
        elsewhere = (each.exercises for each in self._library.everywhere(FEATURE, PracticeContent))
        return next((each for found in (self.all(locale), *elsewhere) for each in found if each.id == exercise), None)

    def title(self, exercise: str) -> str:
        """Return what people call an exercise; of one that is no longer there, its id."""
        found = self.shipped(exercise, DEFAULT_LOCALE)
        return found.title if found else exercise

    async def in_group(self, exercise: str, group: int, locale: str) -> Piece | None:
        """Return an exercise that everybody has, or one of the bank of this very group."""
        if found := self.shipped(exercise, locale):
            return found
        kept = await self._store.named(exercise)
        return kept.piece if kept and kept.group == group else None

    async def find(self, exercise: str, call: Call) -> Piece:
        """Return an exercise that whoever asks may see, also of any bank of their community. Raises `Refusal`."""
        if found := self.shipped(exercise, call.locale):
            return found
        kept = await self._store.named(exercise)
        group = await self._groups.get(kept.group) if kept else None
        if kept and group and group.channel.community == call.member.community:
            return kept.piece
        raise Refusal("practice.gone")
