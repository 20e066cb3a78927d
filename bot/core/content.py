"""What stands in `content/` and `config.yaml` for a feature: the models that it extends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from bot.core.text import Sentence, flaw_of


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


class Content(BaseModel):
    """What `content/<feature>/<locale>.yaml` holds. A feature with more than sentences extends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    commands: Mapping[str, CommandWords] = {}
    says: Mapping[str, Annotated[Sentence, AfterValidator(_fillable)]] = {}


class Settings(BaseModel):
    """What stands under `features.<name>` in config.yaml. A feature with settings extends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
