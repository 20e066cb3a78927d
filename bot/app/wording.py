"""Everything that people can meet in `content/`: for those who must approve it, and for the words we avoid."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from rich.console import Console
from rich.text import Text

from bot.content import Shelf
from bot.core.content import Content, Never, items_by_id, without_quotations
from bot.core.sheet import Flaw, Path
from bot.core.text import DEFAULT_LOCALE

NOT_SHOWN: Final[Mapping[str, frozenset[str]]] = {
    "never": frozenset({"words", "instead"}),  # what nobody says
    "exercises": frozenset({"id", "asks"}),  # by which code finds one, and looks at an answer
    "agendas": frozenset({"id"}),
}
"""By the name of a list: names in its items with values that nobody reads."""
NOT_SAID: Final = {("support", "offers"), ("milestones", "substances")}
"""Features and names whose words are other people's: phrases to notice, not to say."""
_TITLED: Final = {"summary", "title"}
_VALUE: Final = re.compile(r"\{\w+\}")


class NotThereError(LookupError):
    """A locale or a feature that there are no words for, as one sentence."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text that people can meet, where it stands, and in which locale. `who` speaks it, where that is a person."""

    feature: str
    key: str
    text: str
    locale: str
    who: str = ""


def everything_said(shelf: Shelf, locale: str, feature: str = "") -> Sequence[Said]:
    """Return what somebody with a locale can meet, of one feature or of all. Raises `NotThereError`.

    What is not translated comes in the language or in English, as in a chat.
    """
    features = list(dict.fromkeys(name for name, *_ in shelf.parts()))
    if feature and feature not in features:
        message = f"--feature: there is no {feature!r}; write one of {', '.join(sorted(features))}"
        raise NotThereError(message)
    if locale not in shelf.words.locales:
        known = ", ".join(sorted(shelf.words.locales))
        message = f"--locale: there are no words for {locale!r}; write one of {known}"
        raise NotThereError(message)
    return [said for name in sorted(features) if feature in {"", name} for said in _of(shelf, name, locale)]


def _of(shelf: Shelf, feature: str, locale: str) -> Iterator[Said]:
    met: set[Path] = set()
    for spoken, content in shelf.chain(feature, locale):
        here: set[Path] = set()
        by_item = items_by_id(content)
        for path, text, who in _met(content):
            unit = path[:2] if path[0] in by_item else _unit(path)
            if unit not in met:
                here.add(unit)
                yield Said(feature, _key(path), text, spoken, who)
        met |= here


def show(said: Sequence[Said]) -> None:
    """Print texts for people: a heading for each feature, a line for each name, the texts below it."""
    console = Console(highlight=False) if sys.stdout.isatty() else None
    for style, line in _lines(said):
        if console:
            console.print(Text(line, style), soft_wrap=True)
        else:
            sys.stdout.write(f"{line}\n")


def _lines(said: Sequence[Said]) -> Iterator[tuple[str, str]]:
    feature, above = "", ""
    for each in said:
        if each.feature != feature:
            yield "bold", f"{chr(10) if feature else ''}== {each.feature} =="
            feature, above = each.feature, ""
        parts = each.key.split(".")
        around, name = ".".join(parts[:2]), ".".join(parts[2:])
        if around != above:
            above = around
            yield "cyan", f"\n{around}"
        label = f"{name}: " if name else ""
        note = f" [{each.locale}]" if each.locale != said[0].locale else ""
        first, *more = each.text.splitlines()
        yield "", f"  {label}{first}{note}"
        yield from (("", f"    {line}".rstrip()) for line in more)


def _unit(path: Path) -> Path:
    """Return what is translated as a whole: a sentence with its plurals, a command's titles, a label, a plain list."""
    if path[0] == "says":
        return path[:2]
    if path[0] == "commands":
        return path[:2] if path[2] in _TITLED else path
    return path[:1]


def _key(path: Path) -> str:
    return ".".join(map(str, path))


def _met(content: Content) -> Iterator[tuple[Path, str, str]]:
    """Yield every text of a content with its path and who says it. Items of a list go by their id, if they have one."""
    for name, value in content.model_dump(mode="json").items():
        items = _items(value)
        for path, text in _texts(name, value):
            item: Mapping[str, str] = items[path[1]] if items and isinstance(path[1], int) else {}
            who = item.get("voice", "") if "vignette" in path else ""
            yield (name, item.get("id", path[1]), *path[2:]) if len(path) > 1 else path, text, who


def _items(value: object) -> Sequence[Mapping[str, str]]:
    """Return the items of a list; of those without names, nothing."""
    items = cast("Sequence[object]", value) if isinstance(value, list) else ()
    return [cast("Mapping[str, str]", item) if isinstance(item, dict) else {} for item in items]


def _texts(name: str, value: object) -> Iterator[tuple[Path, str]]:
    """Yield what is shown of what stands under a name."""
    hidden = NOT_SHOWN.get(name, frozenset[str]())
    return ((path, text) for path, text in _leaves(value, (name,)) if not hidden.intersection(map(str, path[2:])))


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str) and value.strip():
        yield path, value
    elif isinstance(value, dict):
        for name, part in cast("Mapping[str, object]", value).items():
            yield from _leaves(part, (*path, name))
    elif isinstance(value, list):
        for place, part in enumerate(cast("Sequence[object]", value)):
            yield from _leaves(part, (*path, place))


# ---------------------------------------------------------------- what could be better


def remarks(shelf: Shelf) -> Iterator[Flaw]:
    """Yield what each feature has to say of its content, and every sentence that uses a word we avoid or shouts."""
    avoided = _avoided(shelf)
    for feature, locale, content, sheet in shelf.parts():
        for path, what in content.remarks(locale):
            yield sheet.flaw(path, f"{sheet.name(path)}: {what}")
        found = [*avoided.get(locale, ()), *(avoided.get(locale.partition("-")[0], ()) if "-" in locale else ())]
        for name, value in content.model_dump(mode="json").items():
            for path, text in _texts(name, value) if (feature, name) not in NOT_SAID else ():
                for what in _worded(path, text, found):
                    yield sheet.flaw(path, f"{sheet.name(path)}: {what}")


def _worded(path: Path, text: str, avoided: Sequence[tuple[re.Pattern[str], str]]) -> Iterator[str]:
    bare = _VALUE.sub("", text)
    for pattern, instead in avoided:
        if word := pattern.search(bare):
            yield f'says "{word[0]}", a word that we never use: {instead}'
    if path[0] in {"says", "commands"} and "!" in without_quotations(bare):
        yield "shouts: end the sentence with a full stop"


def _avoided(shelf: Shelf) -> Mapping[str, Sequence[tuple[re.Pattern[str], str]]]:
    """Return the words that are avoided, by locale, each with what to say instead."""
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {DEFAULT_LOCALE: []}
    for _, locale, content, _ in shelf.parts():
        found.setdefault(locale, []).extend((_pattern(never), never.instead) for never in content.never)
    return found


def _pattern(never: Never) -> re.Pattern[str]:
    """Return what finds any of some words, as whole words; those that end in * may have any ending."""
    words = (
        re.escape(word.rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if word.endswith("*") else "")
        for word in never.words
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
