"""Writes what is taken from the code: docs/commands.md, the demo's excerpt in the README, the schema of exercises.

After a change of a command, its words, the demo or the model of an exercise: `.venv/bin/python -m tests.write_docs`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bot.app.house import load_shelf, open_app
from bot.app.paperwork import load
from bot.config import Config, Loaded
from bot.core.clock import MovedClock
from bot.core.port import Entry, Field, Kind, Role, Shown
from bot.delivery.stepped import SteppedEngine
from bot.features.practice.exercises import Exercise, ExerciseForm, OwnExercise
from bot.storage.keys import KEY_BYTES, MainKey
from tests.fakes import START

ROOT: Final = Path(__file__).parent.parent
COMMANDS: Final = ROOT / "docs" / "commands.md"
README: Final = ROOT / "README.md"
SCHEMA: Final = ROOT / "content" / "practice" / "exercises.schema.json"

EXCERPT_BEGINS: Final = "# Time goes on."
EXCERPT_ENDS: Final = "# Two milestones"
"""Remarks of the demo's story, between which the README's excerpt stands."""
BEFORE: Final = "<!-- excerpt of the demo -->\n"
AFTER: Final = "<!-- end of the excerpt -->\n"

INTRODUCTION: Final = """\
# Commands

This page is made from the code. To refresh it: `.venv/bin/python -m tests.write_docs`.

Type a command on Discord as `/group add`, on Slack as `/hearth group add`, and in the console as `group add`.

- On Discord each field is an option of the command. On Slack and in the console, write `name=value`; quotes hold
  words together, as in `label="my day"`.
- Leave out a field that is needed, and a form asks for it. Every answer is private.
- A channel is written `#name`, a person `@name`.
"""

PEOPLE: Final = {
    Role.ANYONE: ("For everybody", "Leaders and organisers have these too."),
    Role.LEADER: (
        "For leaders",
        "For organisers too; `break`, `care` and one's own `duty` are for those who were invited and accepted.",
    ),
    Role.ORGANISER: ("For organisers", "On Discord: who has *Manage Server*. On Slack: admins and owners."),
}

MENUS: Final = """\
## In the menu of a message

On Discord: open the message's menu, then *Apps*. On Slack: *More actions* beside the message. Nobody else sees it.
"""

RULES: Final = (
    ("once 2026-10-25 19:00", "on that date"),
    ("daily 19:00", "every day"),
    ("weekdays 19:00", "Monday to Friday"),
    ("weekly mon,thu 19:00", "every Monday and Thursday"),
    ("every 2 weeks mon 19:00", "every second Monday, counted from the week in which the schedule begins"),
    ("monthly 31 19:00", "on the 31st; on the last day in shorter months"),
    ("monthly 2nd tue 19:00", "on the second Tuesday"),
    ("monthly last fri 19:00", "on the last Friday"),
    ("yearly 02-29 19:00", "on 29 February; on 28 February in other years"),
)
"""What may stand after `rule=`, and what it means."""

TIME: Final = """\
## Rules of time

What may stand in the field `rule`. The time is that of the clocks in the group's time zone. Weeks begin on Monday.
"""

TIME_NOTES: Final = """\
When clocks go forward over the time, the post comes at the first moment after the gap. When they go back and the time
comes twice, the post comes the first time. A local date that a zone left out has no post.
"""

_HOLDS: Final = {
    Kind.TEXT: "text",
    Kind.PARAGRAPH: "longer text",
    Kind.CHOICE: "one of these",
    Kind.CHOICES: "one or more of these",
    Kind.MEMBER: "a person",
    Kind.CHANNEL: "a channel",
    Kind.DATE: "a date",
    Kind.TIME: "a time",
    Kind.ZONE: "a time zone",
    Kind.NUMBER: "a number",
    Kind.FLAG: "yes or no",
    Kind.MESSAGE: "the message",
    Kind.FILE: "a file",
}


async def read_catalogue() -> Sequence[Entry]:
    """Return every command there is, from the whole house on an empty database."""
    loaded, clock = load(None), MovedClock(START)
    with tempfile.TemporaryDirectory() as folder:
        config = Config(database=f"sqlite:///{folder}/docs.db")
        async with open_app(
            loaded=Loaded(config, loaded.settings),
            shelf=load_shelf(config),
            keys=[MainKey(secrets.token_bytes(KEY_BYTES))],
            clock=clock,
            engine=SteppedEngine(clock),
            build_platforms=lambda _words, _clock: {},
        ) as app:
            return app.core.catalogue


def command_page(catalogue: Sequence[Entry]) -> str:
    """Return docs/commands.md."""
    typed = [entry for entry in catalogue if entry.shown is Shown.TYPED]
    parts = [INTRODUCTION]
    for role, (heading, who) in PEOPLE.items():
        parts += [f"## {heading}\n\n{who}\n", *(_section(entry) for entry in typed if entry.role is role)]
    menus = [f"- *{entry.summary}*" for entry in catalogue if entry.shown is Shown.MENU]
    parts += [MENUS, "\n".join([*menus, ""])]
    rules = [f"| `{rule}` | {meaning} |" for rule, meaning in RULES]
    parts += [TIME, "\n".join(["| rule | when |", "|---|---|", *rules, ""]), TIME_NOTES]
    return "\n".join(parts)


def _section(entry: Entry) -> str:
    lines = [f"### `{entry.path}`", "", f"{entry.summary}."]
    if entry.anywhere:
        lines.append("On Discord it also works in a direct message to the bot.")
    if entry.fields:
        lines += ["", "| field | holds | needed | |", "|---|---|---|---|"]
        lines += [_row(field) for field in entry.fields]
    return "\n".join([*lines, ""])


def _row(field: Field) -> str:
    needed = "yes" if field.required else "no"
    return f"| `{field.name}` | {_held(field)} | {needed} | {field.hint} |".replace(" |  |", " | |")


def _held(field: Field) -> str:
    choices = ", ".join(f"`{choice.value}`" for choice in field.choices)
    if choices:
        return f"{_HOLDS[field.kind]}: {choices}"
    if field.lowest is not None and field.highest is not None:
        return f"{_HOLDS[field.kind]} from {field.lowest} to {field.highest}"
    if field.longest is not None:
        return f"{_HOLDS[field.kind]}, at most {field.longest} characters"
    return _HOLDS[field.kind]


def exercise_schema() -> str:
    """Return the JSON Schema of a file of exercises, for editors.

    It serves both those of `content/practice/` and those of `bank import`: an item with one of the names that only the
    former have needs all of theirs. Drafts later than 7 are not read by every editor.
    """
    whole, own = Exercise.model_json_schema(), OwnExercise.model_json_schema()
    forms = {"enum": [form.value for form in ExerciseForm]}
    properties: dict[str, Any] = {**whole["properties"], **own["properties"]}
    properties["form"] = forms | {"description": properties["form"]["description"]}
    others = [form.value for form in ExerciseForm if form is not ExerciseForm.REFLECT]
    parts = ("look_for", "example", "why")
    shipped = [name for name in whole["properties"] if name not in own["properties"]]
    item: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {key: value for key, value in held.items() if key != "title" and value != ""}
            for name, held in properties.items()
        },
        "required": own["required"],
        "allOf": [
            {
                "if": {"properties": {"form": {"const": "reflect"}}, "required": ["form"]},
                "then": {"required": ["vignette"], "properties": {"vignette": {"minLength": 1}}},
            },
            {
                "if": {"properties": {"form": {"enum": others}}, "required": ["form"]},
                "then": {"properties": {"vignette": {"maxLength": 0}, "asks": {"const": "reflection"}}},
            },
            {
                "if": {"anyOf": [{"required": [name]} for name in shipped]},
                "then": {"required": whole["required"], "properties": {name: {"minLength": 1} for name in parts}},
            },
        ],
    }
    schema: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Exercises of Hearthside",
        "description": "For content/practice/ with an id and a voice; for bank import without.",
        "type": "object",
        "additionalProperties": False,
        "required": ["exercises"],
        "properties": {"exercises": {"type": "array", "items": item}},
    }
    return json.dumps(schema, indent=2) + "\n"


def played_demo() -> subprocess.CompletedProcess[str]:
    """Play the whole demo, as without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "demo"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def demo_excerpt(told: str) -> str:
    """Return what the README shows of what `hearthside demo` told, as a block of Markdown."""
    begin = told.index(EXCERPT_BEGINS)
    return f"```\n{told[begin : told.index(EXCERPT_ENDS, begin)].rstrip()}\n```\n"


def with_excerpt(readme: str, excerpt: str) -> str:
    """Return the README with another excerpt."""
    head, rest = readme.split(BEFORE)
    return f"{head}{BEFORE}{excerpt}{AFTER}{rest.split(AFTER)[1]}"


if __name__ == "__main__":
    SCHEMA.write_text(exercise_schema(), encoding="utf-8")
    COMMANDS.write_text(command_page(asyncio.run(read_catalogue())), encoding="utf-8")
    README.write_text(
        with_excerpt(README.read_text(encoding="utf-8"), demo_excerpt(played_demo().stdout)), encoding="utf-8"
    )
