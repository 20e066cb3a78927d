"""What in `content/` would never be read, though it looks like words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.core.sheet import Flaw
from bot.core.text import is_locale

WITHOUT_WORDS: Final = {"demo", "coach-corpus"}
"""Folders that hold no words: a transcript, and what the coach was trained on."""
READ: Final = ".yaml"
_LOOKS_READ: Final = {READ, ".yml"}
_SCRIPT: Final = 4
"""Letters of a script in a locale, as in zh-Hant."""


def strays(folder: Path, features: Collection[str]) -> Iterator[Flaw]:
    """Yield files and folders of `content/` that nobody would look into."""
    for stray in sorted(folder.iterdir()):
        name = str(stray.relative_to(folder.parent))
        if stray.suffix.lower() in _LOOKS_READ:
            yield Flaw(name, 1, "stands in no feature's folder: move it into one, or take it out")
        elif stray.name in features and stray.is_dir():
            yield from _below(stray, folder.parent)
        elif _is_folder(stray):
            known = ", ".join(sorted(features))
            yield Flaw(name, 1, f"belongs to no feature: call the folder after one ({known}), or take it out")


def _below(feature: Path, base: Path) -> Iterator[Flaw]:
    for stray in sorted(feature.iterdir()):
        if stray.suffix != READ and stray.suffix.lower() in _LOOKS_READ:
            yield Flaw(str(stray.relative_to(base)), 1, f"is not read: call it {stray.stem}{READ}")
        elif _is_folder(stray):
            for file in sorted(stray.rglob("*")):
                if file.suffix.lower() in _LOOKS_READ:
                    what = f"is not read here: move it into {feature.relative_to(base)} itself, or take it out"
                    yield Flaw(str(file.relative_to(base)), 1, what)


def _is_folder(stray: Path) -> bool:
    return stray.is_dir() and not stray.name.startswith(".") and stray.name not in WITHOUT_WORDS


def misnamed(locale: str, files: Sequence[Path], base: Path) -> Iterator[Flaw]:
    """Yield what is wrong with a locale that the names of files begin with."""
    for file in files:
        name = str(file.relative_to(base))
        if not is_locale(locale):
            what = f"{locale} is no language: call the file after one, such as es.yaml or es-MX.yaml"
            yield Flaw(name, 1, what)
        elif locale != (usual := _usual(locale)):
            yield Flaw(name, 1, f"{locale} is written {usual}: call it {usual}{file.name[len(locale) :]}")


def _usual(locale: str) -> str:
    """Return a locale in its usual letters, in which it is looked for."""
    language, *parts = re.split("[-_]", locale)
    return "-".join([language.lower(), *(part.title() if len(part) == _SCRIPT else part.upper() for part in parts)])
