"""Loads `content/`: every word that people meet, and every exercise. Reports all mistakes at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from string import Formatter
from typing import Final, TypeVar, cast

from bot.core.content import Content, joined, sentences_of
from bot.core.sheet import Flaw, Sheet, SheetError, check_sheet, read_sheet
from bot.core.text import DEFAULT_LOCALE, Sentence, Words, flaw_of
from bot.pictures import Pictures
from bot.strays import misnamed, strays

C = TypeVar("C", bound=Content)
LONGEST_TITLE: Final = 24


class ContentError(Exception):
    """Content that cannot be used. Holds every mistake, and what could be used if there were none."""

    def __init__(self, flaws: Sequence[Flaw], sound: Shelf) -> None:
        super().__init__("\n".join(str(flaw) for flaw in flaws))
        self.flaws = tuple(flaws)
        self.sound = sound


class Shelf:
    """What stands in `content/`, by feature and locale. Implements `Library`."""

    def __init__(
        self,
        content: Mapping[tuple[str, str], Content],
        sheets: Mapping[tuple[str, str], Sheet] | None = None,
        folders: Sequence[Path] = (),
    ) -> None:
        self._content = content
        self.picture = Pictures(folders).of
        self._sheets = sheets or {}
        self._joined: dict[tuple[str, str], Content] = {}
        sentences: dict[str, dict[str, Sentence]] = {DEFAULT_LOCALE: {}}
        for (feature, locale), part in content.items():
            sentences.setdefault(locale, {}).update(sentences_of(feature, part))
        self.words = Words(sentences)

    def parts(self) -> Iterator[tuple[str, str, Content, Sheet]]:
        """Yield every feature's content in every locale, with the sheet that it was read from."""
        for (feature, locale), content in self._content.items():
            yield feature, locale, content, self._sheets.get((feature, locale), Sheet("", {}, {}))

    def of(self, feature: str, model: type[C], locale: str) -> C:
        """Return a feature's content in a locale, else in its language, else in English.

        Of lists whose items have ids the nearest come first, and then those that only the further ones have.
        """
        place = feature, self.words.best(locale)
        if place not in self._joined:
            (_, nearest), *others = self.chain(feature, locale)
            self._joined[place] = joined(nearest, [content for _, content in others])
        return _held(feature, self._joined[place], model)

    def everywhere(self, feature: str, model: type[C]) -> Sequence[C]:
        """Return a feature's content in every locale that there is, each for itself."""
        return [_held(feature, content, model) for (name, _), content in self._content.items() if name == feature]

    def chain(self, feature: str, locale: str) -> Iterator[tuple[str, Content]]:
        """Yield a feature's content in a locale, in its language and in English, as far as there is any."""
        for spoken in dict.fromkeys(self.words.fallbacks(locale)):
            if (feature, spoken) in self._content:
                yield spoken, self._content[feature, spoken]


def _held(feature: str, content: Content, model: type[C]) -> C:
    if not isinstance(content, model):
        message = f"content of {feature!r} is {type(content).__name__}, not {model.__name__}"
        raise TypeError(message)
    return content


def load_content(folder: Path, models: Mapping[str, type[Content]], shipped: Path | None = None) -> Shelf:
    """Load the content of every feature in `models`. Raises `ContentError` with everything that is wrong.

    A feature's words stand in `<feature>/<locale>.yaml`; more of the same lists and names may stand beside it, in any
    number of files `<locale>.<anything>.yaml`.
    With `shipped`, words are held against that folder's English, which has every name that the code asks for.
    """
    if not folder.is_dir():
        raise ContentError([Flaw(str(folder), 0, "there is no such folder: mend content: in config.yaml")], Shelf({}))
    flaws = list(strays(folder, models)) if shipped else []
    loaded: dict[tuple[str, str], Content] = {}
    sheets: dict[tuple[str, str], Sheet] = {}
    for feature, model in models.items():
        parts = _parts(folder, feature)
        if DEFAULT_LOCALE not in parts:
            what = f"{DEFAULT_LOCALE}.yaml is missing: every feature has its words there"
            flaws.append(Flaw(str(folder / feature), 1, what))
        known = _parts(shipped, feature) if shipped and shipped != folder else parts
        english = known.get(DEFAULT_LOCALE) if shipped else None
        for locale, part in parts.items():
            if isinstance(part, list):
                flaws.extend(part)
                continue
            found = _check(part, model, english, whole=locale == DEFAULT_LOCALE)
            if isinstance(found, Content):
                loaded[feature, locale], sheets[feature, locale] = found, part
            else:
                flaws.extend(found)
    shelf = Shelf(loaded, sheets, [folder, *filter(None, [shipped])])
    if flaws:
        raise ContentError(sorted(flaws, key=lambda flaw: (flaw.file, flaw.line)), shelf)
    return shelf


def _parts(folder: Path, feature: str) -> dict[str, Sheet | list[Flaw]]:
    """Return what stands in a feature's folder, by locale."""
    files: dict[str, list[Path]] = {}
    # The words come first, the lists and packs beside them in the order of their names.
    for file in sorted((folder / feature).glob("*.yaml"), key=lambda file: file.stem.partition(".")):
        files.setdefault(file.name.partition(".")[0], []).append(file)
    return {
        locale: list(misnamed(locale, part, folder.parent)) or _read(part, folder.parent)
        for locale, part in sorted(files.items())
    }


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
                sheet.flaw(path, f"{sheet.name(path)}: stands in {before.stands(path)} too: keep one")
                for path in before.clashes(sheet)
            )
    return flaws or reduce(Sheet.beside, sheets)


# ---------------------------------------------------------------- beyond the models


def _check(
    sheet: Sheet, model: type[Content], english: Sheet | list[Flaw] | None, *, whole: bool
) -> Content | list[Flaw]:
    """Return the content, if it also fits platforms and people and has the names that the code asks for."""
    found, twice = check_sheet(sheet, model), list(_twice(sheet))
    flaws = [*twice, *_unfit(sheet)]
    if isinstance(english, Sheet):
        flaws.extend(_differences(sheet, english, whole=whole))
        missing = [name for name in _lists(english) if whole and name not in sheet.values]
        flaws.extend(sheet.flaw((name,), f"{name}: is missing: add it") for name in missing)
    elif english and whole:
        flaws.extend(english)
    if isinstance(found, list):
        # A model that minds ids can only say of the whole file that one stands twice.
        flaws.extend(flaw for flaw in found if not (twice and flaw.what.startswith("the file: ")))
    return flaws or found


def _twice(sheet: Sheet) -> Iterator[Flaw]:
    for name, items in sheet.values.items():
        seen: dict[str, tuple[str, int, str]] = {}
        for number, item in enumerate(cast("list[object]", items) if isinstance(items, list) else ()):
            key = cast("Mapping[str, object]", item).get("id") if isinstance(item, dict) else None
            if not isinstance(key, str):
                continue
            path = (name, number, "id")
            first = seen.setdefault(key, path)
            if first != path:
                what = f"{sheet.name(path)}: {key} stands in {sheet.stands(first)} too: give each its own"
                yield sheet.flaw(path, what)


def _unfit(sheet: Sheet) -> Iterator[Flaw]:
    """Yield words that a platform would refuse."""
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


def _lists(english: Sheet) -> Iterator[str]:
    """Yield the names of lists whose items have ids: in a translation what is missing comes from English."""
    for name, items in english.values.items():
        first = cast("list[object]", items)[0] if isinstance(items, list) and items else None
        if isinstance(first, dict) and "id" in first:
            yield name


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
