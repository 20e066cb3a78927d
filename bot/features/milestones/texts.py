"""The words of celebrations: no two alike in a place for as long as there are others. The choice is pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import Formatter
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator

from bot.core.content import Content, Fixed, Library
from bot.core.text import DEFAULT_LOCALE

FEATURE: Final = "milestones"


def _with(*names: str) -> Callable[[str], str]:
    """Return what insists that a sentence holds these values, each once, and no others."""

    def check(sentence: str) -> str:
        try:
            held = sorted(
                name for _, name, shape, change in Formatter().parse(sentence) if name and not (shape or change)
            )
        except ValueError:
            held = []
        if held != sorted(names):
            raise ValueError(f"needs {', '.join(f'{{{name}}}' for name in names)}, each once, and no other braces")
        return sentence

    return check


Named: TypeAlias = Annotated[str, AfterValidator(_with("who", "moment"))]
Unnamed: TypeAlias = Annotated[str, AfterValidator(_with("moment"))]


class MilestoneContent(Content):
    """What is said when a moment is celebrated, in two parts: a beginning for each way to celebrate, and a wish.

    `substances` are names that a member is asked about once more before a post shows them.
    """

    named: tuple[Named, ...] = ()
    unnamed: tuple[Unnamed, ...] = ()
    to_leaders: tuple[Named, ...] = ()
    together: tuple[Fixed, ...] = ()
    wishes: tuple[Fixed, ...] = ()
    substances: tuple[Fixed, ...] = ()


def pair(number: int, beginnings: int, wishes: int) -> tuple[int, int]:
    """Return which beginning and which wish a post with a number has, both counted from 0.

    Of numbers that follow each other no two have the same beginning or the same wish until one of them has had all;
    no two within `beginnings * wishes` have both the same.
    """
    around, beginning = divmod(number % (beginnings * wishes), beginnings)
    return beginning, (beginning + around) % wishes


class Texts:
    """Finds the words of a celebration by the number of its post."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def of(self, way: str, number: int, locale: str) -> tuple[str, str]:
        """Return the beginning and the wish for a way to celebrate: the name of a list in `MilestoneContent`."""
        beginnings, wishes = self._list(way, locale), self._list("wishes", locale)
        beginning, wish = pair(number, len(beginnings), len(wishes))
        return beginnings[beginning], wishes[wish]

    def substances(self) -> Sequence[str]:
        """Return the names of substances in every language."""
        found = self._library.everywhere(FEATURE, MilestoneContent)
        return [name for content in found for name in content.substances]

    def _list(self, name: str, locale: str) -> Sequence[str]:
        own: Sequence[str] = getattr(self._library.of(FEATURE, MilestoneContent, locale), name)
        return own or getattr(self._library.of(FEATURE, MilestoneContent, DEFAULT_LOCALE), name)
