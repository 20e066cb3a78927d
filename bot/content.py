"""Loads `content/`: every word that people meet, and every exercise. Reports all mistakes at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from string import Formatter
from typing import Final, TypeVar, cast

from bot.core.content import CommandWords, Content
from bot.core.sheet import Flaw, Sheet, SheetError, check_sheet, read_sheet
from bot.core.text import DEFAULT_LOCALE, Sentence, Words, flaw_of, is_locale

C = TypeVar("C", bound=Content)

WITHOUT_WORDS: Final = "demo"
"""A folder of content that belongs to no feature: it holds a transcript."""
LONGEST_TITLE: Final = 24
MOST_MINUTES: Final = 60


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


def load_content(folder: Path, models: Mapping[str, type[Content]], shipped: Path | None = None) -> Shelf:
    """Load the content of every feature in `models`. Raises `ContentError` with everything that is wrong.

    A feature's words stand in `<feature>/<locale>.yaml`; a long list may stand beside it, in `<locale>.<list>.yaml`.
    With `shipped`, words are held against that folder's English, which has every name that the code asks for.
    """
    if not folder.is_dir():
        raise ContentError([Flaw(str(folder), 0, "there is no such folder: mend content: in config.yaml")])
    flaws = list(_strays(folder, models)) if shipped else []
    loaded: dict[tuple[str, str], Content] = {}
    for feature, model in models.items():
        parts = _parts(folder, feature)
        if DEFAULT_LOCALE not in parts:
            what = f"{DEFAULT_LOCALE}.yaml is missing: every feature has its words there"
            flaws.append(Flaw(str(folder / feature), 1, what))
        known = parts if shipped in {None, folder} else _parts(shipped or folder, feature)
        english = known.get(DEFAULT_LOCALE) if shipped else None
        for locale, part in parts.items():
            found = _check(part, model, english, whole=locale == DEFAULT_LOCALE) if isinstance(part, Sheet) else part
            if isinstance(found, Content):
                loaded[feature, locale] = found
            else:
                flaws.extend(found)
    if flaws:
        raise ContentError(sorted(flaws, key=lambda flaw: (flaw.file, flaw.line)))
    return Shelf(loaded)


def _parts(folder: Path, feature: str) -> dict[str, Sheet | list[Flaw]]:
    """Return what stands in a feature's folder, by locale."""
    files: dict[str, list[Path]] = {}
    for file in sorted((folder / feature).glob("*.yaml")):
        files.setdefault(file.name.partition(".")[0], []).append(file)
    return {
        locale: _read(part, folder.parent) if is_locale(locale) else [_no_language(folder, feature, locale)]
        for locale, part in sorted(files.items())
    }


def _no_language(folder: Path, feature: str, locale: str) -> Flaw:
    file = folder.relative_to(folder.parent) / feature / f"{locale}.yaml"
    return Flaw(str(file), 1, f"{locale} is no language: call the file after one, such as es.yaml or es-MX.yaml")


def _strays(folder: Path, features: Collection[str]) -> Iterator[Flaw]:
    """Yield what would never be read, though it looks like words."""
    for stray in sorted(folder.iterdir()):
        name = str(stray.relative_to(folder.parent))
        if stray.suffix in {".yaml", ".yml"}:
            yield Flaw(name, 1, "stands in no feature's folder: move it into one, or take it out")
        elif stray.is_dir() and not stray.name.startswith(".") and stray.name not in {*features, WITHOUT_WORDS}:
            known = ", ".join(sorted(features))
            yield Flaw(name, 1, f"belongs to no feature: call the folder after one ({known}), or take it out")
    for feature in features:
        for file in sorted((folder / feature).glob("*.yml")):
            yield Flaw(str(file.relative_to(folder.parent)), 1, f"is not read: call it {file.stem}.yaml")


def _read(files: Sequence[Path], base: Path) -> Sheet | list[Flaw]:
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
    return flaws or reduce(Sheet.beside, sorted(sheets, key=lambda sheet: len(sheet.file)))


# ---------------------------------------------------------------- beyond the models


def _check(
    sheet: Sheet, model: type[Content], english: Sheet | list[Flaw] | None, *, whole: bool
) -> Content | list[Flaw]:
    """Return the content, if it also fits platforms and people and has the names that the code asks for."""
    found, twice = check_sheet(sheet, model), list(_twice(sheet))
    flaws = [*twice, *_unfit(sheet)]
    if isinstance(english, Sheet):
        flaws.extend(_differences(sheet, english, whole=whole))
    elif english and whole:
        flaws.extend(english)
    if isinstance(found, list):
        # A model that minds ids can only say of the whole file that one stands twice.
        flaws.extend(flaw for flaw in found if not (twice and flaw.what.startswith("the file: ")))
    return flaws or found


def _twice(sheet: Sheet) -> Iterator[Flaw]:
    for name, items in sheet.values.items():
        seen: set[object] = set()
        for number, item in enumerate(cast("list[object]", items) if isinstance(items, list) else ()):
            key = cast("Mapping[str, object]", item).get("id") if isinstance(item, dict) else None
            if isinstance(key, str) and key in seen:
                what = f"{name}[{number}].id: {key} stands here twice: give each its own"
                yield sheet.flaw((name, number, "id"), what)
            seen.add(key if isinstance(key, str) else None)


def _unfit(sheet: Sheet) -> Iterator[Flaw]:
    """Yield words that a platform would refuse, and exercises that nobody has the time for."""
    for path, text in (
        *_texts(sheet.under("says").values, "says"),
        *_texts(sheet.under("commands").values, "commands"),
    ):
        longest = _longest(path)
        if not text.strip():
            yield sheet.flaw(path, f"{'.'.join(path)}: is empty: write something")
        elif longest and len(text) > longest:
            yield sheet.flaw(path, f"{'.'.join(path)}: has {len(text)} characters: {longest} are the most")
    for path in sheet.under("commands").values:
        words = sheet.under("commands", path).values
        summary = words.get("summary")
        if words.get("fields") and "title" not in words and isinstance(summary, str) and len(summary) > LONGEST_TITLE:
            what = f"is missing: write one of {LONGEST_TITLE} characters at most, for the form"
            yield sheet.flaw(("commands", path), f"commands.{path}.title: {what}")
    exercises = sheet.values.get("exercises")
    for number, exercise in enumerate(cast("list[object]", exercises) if isinstance(exercises, list) else ()):
        minutes = cast("Mapping[str, object]", exercise).get("minutes") if isinstance(exercise, dict) else None
        if isinstance(minutes, int) and not 1 <= minutes <= MOST_MINUTES:
            what = f"exercises[{number}].minutes: write a number from 1 to {MOST_MINUTES}"
            yield sheet.flaw(("exercises", number, "minutes"), what)


def _texts(value: object, *path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in cast("Mapping[str, object]", value).items():
            yield from _texts(part, *path, name)


def _longest(path: Sequence[str]) -> int | None:
    """Return how many characters the platforms take. The model holds titles itself."""
    match path:
        case ("commands", command, "summary"):
            return LONGEST_TITLE if command.startswith("menu ") else 100
        case ("commands", _, "fields", _, "label"):
            return 45
        case ("commands", _, "fields", _, "hint"):
            return 100
        case ("commands", _, "fields", _, "choices", _):
            return 75
        case _:
            return None


# ---------------------------------------------------------------- held against the shipped words


def _differences(sheet: Sheet, english: Sheet, *, whole: bool) -> Iterator[Flaw]:
    """Yield names and values that nothing asks for, and, when all are needed, names that are missing."""
    for path in [("says",), *_groups(english)]:
        shipped, own = english.under(*path).values, sheet.under(*path).values
        if len(path) > 1 and path[:-1] not in sheet.places:
            continue
        for name in own:
            if name not in shipped:
                what = f"{'.'.join((*path, name))}: is not known here: check the spelling, or take it out"
                yield sheet.flaw((*path, name), what)
        for name in shipped if whole else ():
            if name not in own:
                yield sheet.flaw((*path, name), f"{'.'.join((*path, name))}: is missing: add it")
    for name, value in sheet.under("says").values.items():
        sentence, shipped = _sentence(value), _sentence(english.under("says").values.get(name))
        if sentence and shipped and (what := _unlike(sentence, shipped)):
            yield sheet.flaw(("says", name), f"says.{name}: {what}")


def _groups(english: Sheet) -> Iterator[tuple[str, ...]]:
    """Yield where the names of commands stand, of each one's fields, and of each field's choices."""
    yield ("commands",)
    for command in english.under("commands").values:
        yield ("commands", command, "fields")
        for name in english.under("commands", command, "fields").values:
            yield ("commands", command, "fields", name, "choices")


def _sentence(value: object) -> Mapping[str, str]:
    """Return the wordings of a sentence, none if it is none that could be said."""
    wordings = {"other": value} if isinstance(value, str) else value
    if not isinstance(wordings, dict):
        return {}
    named = cast("Mapping[str, object]", wordings)
    texts = {name: text for name, text in named.items() if isinstance(text, str) and text.strip()}
    return texts if len(texts) == len(named) and not flaw_of(texts) else {}


def _unlike(own: Mapping[str, str], shipped: Mapping[str, str]) -> str:
    """Return how a sentence's values differ from those that the code gives, or "". Any plural may go without count."""
    given = _values("".join(shipped.values()))
    counted = len(shipped) > 1 or "count" in given
    allowed = given | ({"count"} if counted else set[str]())
    if len(own) > 1 and not counted:
        return "nothing is counted here: write one sentence"
    held = _values("".join(own.values()))
    if unknown := held - allowed:
        return f"no value is given for {_braced(unknown)}: " + (
            f"the values are {_braced(allowed)}" if allowed else "take it out"
        )
    if dropped := given - held:
        return f"{_braced(dropped)} is missing: put it where the value goes"
    always = given.intersection(*map(_values, shipped.values())) - {"count"}
    for kind, wording in own.items():
        if dropped := always - _values(wording):
            return f"{_braced(dropped)} is missing in {kind}: put it where the value goes"
    return ""


def _values(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name}


def _braced(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


# ---------------------------------------------------------------- by key


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
