"""Pictures that stand in `content/` beside the words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path


class Pictures:
    """Finds pictures in the first of some folders that has them, and keeps them in memory."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = folders
        self.of = cache(self._read)

    def _read(self, feature: str, name: str) -> bytes | None:
        """Return what stands in a file of a feature's folder; None where there is no such file."""
        files = (folder / feature / name for folder in self._folders)
        found = next((file for file in files if file.is_file()), None)
        return found.read_bytes() if found else None
