"""Remembers what has come in, because Slack delivers some things twice and Bolt hands on both."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_MOST: Final = 10_000


class Seen:
    """The newest few thousand names of what came in; older ones are forgotten."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._names: OrderedDict[str, None] = OrderedDict()

    def first(self, name: str) -> bool:
        """Return whether this comes for the first time, and remember it. What has no name never repeats."""
        if not name:
            return True
        if name in self._names:
            return False
        self._names[name] = None
        if len(self._names) > self._most:
            self._names.popitem(last=False)
        return True

    def forget(self, name: str) -> None:
        """Let something come again, as a form does that was sent back to be mended."""
        self._names.pop(name, None)
