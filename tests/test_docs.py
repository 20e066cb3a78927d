"""The docs say everything that the code has, and nothing that it has not."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from bot.__main__ import program
from bot.adapters.discord.invite import PERMISSIONS
from bot.adapters.slack.manifest import SCOPES
from bot.config import Config
from bot.core.port import Entry
from bot.core.recurrence import read_rule
from bot.core.text import read_line
from bot.features import discover
from tests.write_docs import (
    COMMANDS,
    ROOT,
    RULES,
    command_page,
    read_catalogue,
)

PAPERS: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
CONFIGURATION: Final = (ROOT / "docs" / "configuration.md").read_text("utf-8")
EVERYTHING: Final = "\n".join(paper.read_text("utf-8") for paper in PAPERS)
REFRESH: Final = "run: .venv/bin/python -m tests.write_docs"
VARIABLE: Final = re.compile(r"\bHEARTHSIDE(?:_[A-Z]+)+\b")


@pytest.fixture
async def catalogue() -> Sequence[Entry]:
    """Give every command there is."""
    return await read_catalogue()


# ---------------------------------------------------------------- commands


async def test_the_reference_is_fresh(catalogue: Sequence[Entry]) -> None:
    """docs/commands.md is what the commands and their words make of it."""
    assert command_page(catalogue) == COMMANDS.read_text("utf-8"), REFRESH


@pytest.mark.parametrize("rule", [rule for rule, _ in RULES])
def test_rules_of_the_reference_are_rules(rule: str) -> None:
    """Every rule of time in the reference can be typed, and is called the same afterwards."""
    assert rule == str(read_rule(rule))


async def test_lines_of_the_docs_can_be_typed(catalogue: Sequence[Entry]) -> None:
    """Every line that the docs show for a chat is a command with fields that it has."""
    typed = list(_typed_lines())

    assert len(typed) >= 10
    for line in typed:
        assert read_line(line, catalogue).complete, line


def _typed_lines() -> Iterator[str]:
    """Yield what is to be typed into a chat, as the console takes it."""
    for found in re.findall(r"^ *(/[a-z].*)$|`(/(?:hearth )?[a-z]+ [^`/]*?)`", EVERYTHING, re.MULTILINE):
        line = found[0] or found[1].replace("\n", " ")
        if line.startswith("/hearth "):
            yield line.removeprefix("/hearth ")
        elif not line.startswith("/invite "):
            yield re.sub(r"\b([a-z]+):(?=\S)", r"\1=", line.removeprefix("/"))


# ---------------------------------------------------------------- settings, variables, options


def _settings(model: type[BaseModel], *path: str) -> Iterator[tuple[str, Any]]:
    """Yield every setting of a model by its full name, with its default."""
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _settings(info.annotation, *path, name)
        elif (*path, name) != ("features",):
            yield ".".join([*path, name]), info.get_default(call_default_factory=True)


def _all_settings() -> Iterator[tuple[str, Any]]:
    yield from _settings(Config)
    for name, plug in discover().items():
        yield from _settings(plug.settings, "features", name)


def test_every_setting_is_documented_with_its_default() -> None:
    """docs/configuration.md has a row for every setting of config.yaml, and no other."""
    expected = {name: f"`{default}`" if default != "" else "empty" for name, default in _all_settings()}

    rows = re.findall(r"^\| `([a-z_.]+)` \| (`[^`]+`|empty) \|", CONFIGURATION, re.MULTILINE)

    assert expected == dict(rows)


def test_every_variable_is_documented() -> None:
    """Every environment variable that the code knows is in the docs, and none that it does not."""
    code = [*(ROOT / "bot").rglob("*.py"), ROOT / ".ci" / "run"]
    known = {name for file in code for name in VARIABLE.findall(file.read_text("utf-8"))}
    secret = {name for name in known if name.endswith(("_TOKEN", "_SECRET"))}

    assert known | {f"{name}_FILE" for name in secret} == set(VARIABLE.findall(EVERYTHING))


def test_variables_that_the_bot_reads_stand_together() -> None:
    """docs/configuration.md has a row for each variable of the bot and its file."""
    rows = re.findall(r"^\| `(HEARTHSIDE_\w+)` \| `(\w+)` \|", CONFIGURATION, re.MULTILINE)

    assert {name for row in rows for name in row} == set(VARIABLE.findall(EVERYTHING)) - {"HEARTHSIDE_SPECS"}
    assert all(file == f"{name}_FILE" for name, file in rows)


def _programs(command: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command of the command line by its full name."""
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _programs(below, *path, name)
    else:
        yield " ".join(path), command


def test_the_command_line_is_documented() -> None:
    """docs/configuration.md has every command of the command line, and every option with the command it is of."""
    programs = dict(_programs(get_command(program), "hearthside"))
    options = {
        (option, name.removeprefix("hearthside "))
        for name, command in programs.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--config"
    }

    named = re.findall(r"^\| `(hearthside [a-z ]+)` \|", CONFIGURATION, re.MULTILINE)
    rows = re.findall(r"^\| `(--[a-z]+)[ A-Z]*` \| `([a-z ]+)` \|", CONFIGURATION, re.MULTILINE)

    assert set(programs) == set(named)
    assert options == set(rows)


# ---------------------------------------------------------------- what platforms are asked for


def test_every_permission_on_discord_is_explained() -> None:
    """docs/discord.md has a row for every permission that the invitation asks for, and no other."""
    page = (ROOT / "docs" / "discord.md").read_text("utf-8")
    section = page.partition("| permission |")[2].partition("\n\n")[0]

    rows = re.findall(r"^\| ([A-Z][A-Za-z ]+) \|", section, re.MULTILINE)

    assert set(PERMISSIONS) == {row.lower().replace(" ", "_") for row in rows}


def test_every_scope_on_slack_is_explained() -> None:
    """docs/slack.md has every scope that the manifest asks for, and no other."""
    page = (ROOT / "docs" / "slack.md").read_text("utf-8")
    section = page.partition("| scope |")[2].partition("\n\n")[0]

    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)

    assert set(SCOPES) == {scope for row in rows for scope in re.findall(r"`([^`]+)`", row)}


# ---------------------------------------------------------------- the map, and links


@pytest.mark.parametrize("package", ["core", "core/port", "storage", "delivery", "community", "adapters", "app"])
def test_the_map_names_every_module(package: str) -> None:
    """docs/architecture.md names every module of a package."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = {Path(name).stem for name in re.findall(r"`([\w./]+)`", page)}

    assert {module.name for module in pkgutil.iter_modules([str(ROOT / "bot" / package)])} <= named


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_links_lead_somewhere(paper: Path) -> None:
    """Every relative link in the docs leads to a file that is there."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", _without_code(paper.read_text("utf-8")))

    missing = [to for to in targets if "://" not in to and not (paper.parent / to).exists()]

    assert [] == missing


def _without_code(markdown: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.MULTILINE | re.DOTALL)
