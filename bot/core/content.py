"""What stands in `content/` and `config.yaml` for a feature: the models that it extends, and how it gets at them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Final, Protocol, TypeAlias, TypeVar, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from bot.core.text import Sentence, flaw_of

Remark: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where something stands in the content of a feature, and how it could be better."""

_QUOTED: Final = re.compile(r'"[^"]*"|\u201c[^\u201d]*\u201d')


def without_quotations(text: str) -> str:
    """Return a text without the words of others that stand in it in quotation marks."""
    return _QUOTED.sub("", text)


def _fillable(sentence: Sentence) -> Sentence:
    if flaw := flaw_of(sentence):
        raise ValueError(flaw)
    return sentence


def _fixed(words: str) -> str:
    if "{" in words or "}" in words:
        raise ValueError("nothing is filled in here: take out the braces")
    return words


Fixed: TypeAlias = Annotated[str, AfterValidator(_fixed)]


class FieldWords(BaseModel):
    """Words for one input of a command."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Fixed
    hint: Fixed
    choices: Mapping[str, Fixed] = {}


class CommandWords(BaseModel):
    """Words for one command. `title` stands over its form; forms are narrow, so it has 24 characters at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: Fixed
    title: Annotated[Fixed, StringConstraints(max_length=24)] = ""
    fields: Mapping[str, FieldWords] = {}


class Never(BaseModel):
    """Words that no sentence of a language uses, in any feature, and what to say instead. `relaps*` has any ending."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^\w[\w' -]*\*?$")], ...], Field(min_length=1)]
    instead: Annotated[str, StringConstraints(min_length=1)]


class Content(BaseModel):
    """What `content/<feature>/<locale>.yaml` holds. A feature with more than sentences extends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    commands: Mapping[str, CommandWords] = {}
    says: Mapping[str, Annotated[Sentence, AfterValidator(_fillable)]] = {}
    never: tuple[Never, ...] = ()

    def remarks(self, locale: str) -> Iterable[Remark]:
        """Return what could be better, though it can be used: for those who check, not for those who start."""
        del locale
        return ()


C = TypeVar("C", bound=Content)


def items_by_id(content: Content) -> dict[str, dict[str, BaseModel]]:
    """Return the lists of a content whose items have ids, by name: they are translated item by item."""
    found: dict[str, dict[str, BaseModel]] = {}
    for name in type(content).model_fields:
        value: object = getattr(content, name)
        for item in cast("tuple[object, ...]", value) if isinstance(value, tuple) else ():
            if isinstance(item, BaseModel) and "id" in type(item).model_fields:
                found.setdefault(name, {})[str(getattr(item, "id"))] = item  # noqa: B009  no model here declares it
    return found


def joined(nearest: C, others: Iterable[Content]) -> C:
    """Return a content with the items that it has under no id of its own, and others have; the nearest come first."""
    lists: dict[str, dict[str, BaseModel]] = {}
    for content in (nearest, *others):
        for name, items in items_by_id(content).items():
            known = lists.setdefault(name, {})
            known.update((key, item) for key, item in items.items() if key not in known)
    return nearest.model_copy(update={name: tuple(items.values()) for name, items in lists.items()})


def sentences_of(feature: str, content: Content) -> Iterator[tuple[str, Sentence]]:
    """Yield the sentences and the words of commands in a feature's content, by the keys under which they are said."""
    yield from ((f"{feature}.{name}", sentence) for name, sentence in content.says.items())
    for path, words in content.commands.items():
        key = f"command.{path}"
        yield f"{key}.summary", words.summary
        yield f"{key}.title", words.title or words.summary
        for name, field in words.fields.items():
            yield f"{key}.{name}.label", field.label
            yield f"{key}.{name}.hint", field.hint
            yield from ((f"{key}.{name}.choice.{value}", label) for value, label in field.choices.items())


class Settings(BaseModel):
    """What stands under `features.<name>` in config.yaml. A feature with settings extends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Library(Protocol):
    """What stands in `content/`."""

    def of(self, feature: str, model: type[C], locale: str) -> C:
        """Return a feature's content in a language, or in English. Items with an id that it lacks come in English."""
        ...

    def everywhere(self, feature: str, model: type[C]) -> Sequence[C]:
        """Return a feature's content in every language that there is, each for itself."""
        ...

    def picture(self, feature: str, name: str) -> bytes | None:
        """Return what stands in a file of a feature's folder, such as "medallions/day-30.png"; None without it."""
        ...
