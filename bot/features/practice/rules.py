"""Which exercise comes next. Pure: the same history gives the same exercise, so that a preview and the post agree."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence


def next_of(pool: Collection[str], used: Sequence[str], seed: str) -> str:
    """Return what comes after a history: none returns before all were used.

    Every round holds each of the pool once, shuffled by the seed, and none comes twice in a row where two rounds meet.
    What is not of the pool is not counted, and a repeat within a round counts once. What joined in mid-round comes next
    in it; the history does not tell when that was, so what was never used comes before what was.
    Raises `LookupError` for an empty pool.
    """
    known = set(pool)
    if not known:
        raise LookupError("there is nothing to choose from")
    rounds, last = 0, ""
    had: set[str] = set()
    seen: set[str] = set()
    for piece in used:
        if piece not in known:
            continue
        if piece in had and had == seen:  # a round had ended before the rest of the pool joined
            rounds += 1
            had.clear()
        had.add(piece)
        seen.add(piece)
        last = piece
        if had == known:
            rounds += 1
            had.clear()
    left = sorted(known - had, key=lambda piece: (piece in seen, _rank(f"{seed}:{rounds}", piece)))
    return left[1] if left[0] == last and len(left) > 1 else left[0]


def _rank(seed: str, piece: str) -> bytes:
    return hashlib.sha256(f"{seed}:{piece}".encode()).digest()
