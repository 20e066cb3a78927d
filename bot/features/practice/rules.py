"""Which exercise comes next. Pure: the same turn gives the same exercise, so that a preview and the post agree."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from bot.features.practice.exercises import Exercise

_SHUFFLED_FROM: Final = 3
"""Fewer than three can only take turns."""


def nth(pool: Sequence[Exercise], seed: str, number: int) -> Exercise:
    """Return the exercise of a turn, counted from 0.

    Every round holds each exercise once, shuffled by the seed. None comes twice in a row where two rounds meet.
    """
    turn, place = divmod(number, len(pool))
    if len(pool) < _SHUFFLED_FROM:
        return _shuffled(pool, seed)[place]
    order = _shuffled(pool, f"{seed}:{turn}")
    if turn and order[0] == _shuffled(pool, f"{seed}:{turn - 1}")[-1]:
        order[0], order[1] = order[1], order[0]
    return order[place]


def some_other(pool: Sequence[Exercise], before: str) -> Exercise:
    """Return the exercise that follows another one in the content, beginning anew after the last."""
    ids = [exercise.id for exercise in pool]
    return pool[(ids.index(before) + 1) % len(pool)]


def _shuffled(pool: Sequence[Exercise], seed: str) -> list[Exercise]:
    return sorted(pool, key=lambda exercise: hashlib.sha256(f"{seed}:{exercise.id}".encode()).digest())
