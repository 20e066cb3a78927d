"""The coach by itself, for measuring: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.features.practice.coach import assess


def coach_lines(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield a line for each that came in, and whether it could be read. Blank lines are passed over.

    In: an object with `vignette` and `reply`, both texts; whatever else it holds is not looked at.
    Out: `act`, `confidence`, `observations` and `praise`, or `error` with the line's number.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            given: Any = json.loads(line)
            vignette, reply = given["vignette"], given["reply"]
        except (ValueError, KeyError, TypeError, RecursionError):
            vignette = reply = None
        if isinstance(vignette, str) and isinstance(reply, str):
            found = assess(vignette, reply)
            said: dict[str, Any] = {
                "act": found.act,
                "confidence": found.confidence,
                "observations": list(found.observations),
                "praise": found.praise,
            }
            yield json.dumps(said), True
        else:
            yield (
                json.dumps({"error": f'line {number}: write {{"vignette": "…", "reply": "…"}}'}, ensure_ascii=False),
                False,
            )
