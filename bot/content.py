"""Loads `content/`: every word that people meet, and every exercise. Reports all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TypeVar

from bot.core.feature import CommandWords, Content
from bot.core.sheet import Flaw, Sheet, SheetError, check_sheet, read_sheet
from bot.core.text import DEFAULT_LOCALE, Sentence, Words, is_locale

C = TypeVar("C", bound=Content)


class ContentError(Exception):
    """Content that cannot be used. Holds every mistake."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("\n".join(str(flaw) for flaw in flaws))
        self.flaws = tuple(flaws)


class Shelf:
    """What stands in `content/`, by feature and locale. Implements `Library`."""

    def __init__(self, content: Mapping[tuple[str, str], Content]) -> None:
        self._content = content
        self.words = Words(_sentences(content))

    def of(self, feature: str, model: type[C], locale: str) -> C:
        """Return a feature's content in a locale, else in its language, else in English."""
        spoken = (each for each in self.words.fallbacks(locale) if (feature, each) in self._content)
        found = self._content[feature, next(spoken, DEFAULT_LOCALE)]
        if not isinstance(found, model):
            message = f"content of {feature!r} is {type(found).__name__}, not {model.__name__}"
            raise TypeError(message)
        return found


def load_content(folder: Path, models: Mapping[str, type[Content]]) -> Shelf:
    """Load the content of every feature in `models`. Raises `ContentError` with everything that is wrong.

    A feature's words stand in `<feature>/<locale>.yaml`; a long list may stand beside it, in `<locale>.<list>.yaml`.
    """
    flaws: list[Flaw] = []
    loaded: dict[tuple[str, str], Content] = {}
    for feature, model in models.items():
        files = sorted((folder / feature).glob("*.yaml"))
        locales = sorted({file.name.partition(".")[0] for file in files})
        if DEFAULT_LOCALE not in locales:
            flaws.append(
                Flaw(str(folder / feature), 1, f"{DEFAULT_LOCALE}.yaml is missing: every feature has its words there")
            )
        for locale in locales:
            if not is_locale(locale):
                flaws.append(_no_language(folder, feature, locale))
                continue
            part = [file for file in files if file.name.partition(".")[0] == locale]
            found = _load(part, model, folder.parent)
            if isinstance(found, Content):
                loaded[feature, locale] = found
            else:
                flaws.extend(found)
    if flaws:
        raise ContentError(flaws)
    return Shelf(loaded)


def _no_language(folder: Path, feature: str, locale: str) -> Flaw:
    file = folder.relative_to(folder.parent) / feature / f"{locale}.yaml"
    return Flaw(str(file), 1, f"{locale} is no language: call the file after one, such as es.yaml or es-MX.yaml")


def _load(files: Sequence[Path], model: type[Content], base: Path) -> Content | list[Flaw]:
    sheets: list[Sheet] = []
    flaws: list[Flaw] = []
    for file in files:
        name = str(file.relative_to(base))
        try:
            sheets.append(read_sheet(name, file.read_text(encoding="utf-8")))
        except SheetError as error:
            flaws.append(error.flaw)
        except (OSError, UnicodeDecodeError):
            flaws.append(Flaw(name, 1, "cannot be read: it must be a text file in UTF-8"))
    for number, sheet in enumerate(sheets):
        for before in sheets[:number]:
            flaws.extend(
                sheet.flaw((name,), f"{name}: stands in {before.file} too: keep it in one file")
                for name in sheet.values
                if name in before.values
            )
    return flaws or check_sheet(reduce(Sheet.beside, sheets), model)


def _sentences(content: Mapping[tuple[str, str], Content]) -> dict[str, dict[str, Sentence]]:
    found: dict[str, dict[str, Sentence]] = {DEFAULT_LOCALE: {}}
    for (feature, locale), part in content.items():
        sentences = found.setdefault(locale, {})
        sentences.update({f"{feature}.{name}": sentence for name, sentence in part.says.items()})
        for path, words in part.commands.items():
            sentences.update(_command_sentences(path, words))
    return found


def _command_sentences(path: str, words: CommandWords) -> Iterator[tuple[str, Sentence]]:
    key = f"command.{path}"
    yield f"{key}.summary", words.summary
    yield f"{key}.title", words.title or words.summary
    for name, field in words.fields.items():
        yield f"{key}.{name}.label", field.label
        yield f"{key}.{name}.hint", field.hint
        for value, label in field.choices.items():
            yield f"{key}.{name}.choice.{value}", label
