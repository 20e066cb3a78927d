"""`hearthside words`: every sentence that people can meet, for those who must approve them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest
import structlog
from typer.testing import CliRunner

from bot.__main__ import program
from bot.app.wording import everything_said
from bot.content import Shelf, load_content
from bot.core.content import Content
from bot.features.practice.exercises import PracticeContent
from tests.write_docs import ROOT

NOT_PRINTED: Mapping[tuple[str, ...], str] = {
    ("exercises", "asks"): "which answer the coach expects",
    ("never", "words"): "words that nobody says",
    ("never", "instead"): "for those who write content",
}
"""Names in a list, with the reason why nobody has to approve what they hold."""


def words(*options: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(program, ["words", *options])
    structlog.reset_defaults()  # it logged to a stream that is closed now
    return result.exit_code, result.stdout, result.stderr


def strings(value: object, *path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text below a value, numbers of list items left out of its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in cast("Mapping[str, object]", value).items():
            yield from strings(part, *path, name)
    elif isinstance(value, list):
        for part in cast("list[object]", value):
            yield from strings(part, *path)


def test_nothing_that_people_meet_is_left_out(shelf: Shelf) -> None:
    """Every text of the loaded content stands in the list, word for word and in whole."""
    code, text, _ = words()
    _, rows, _ = words("--json")
    printed = " ".join(text.split())
    listed = {(row["feature"], row["text"]) for row in json.loads(rows)}
    ids = {row["key"].split(".")[1] for row in json.loads(rows)}
    seen = 0
    for feature, _, content, _ in shelf.parts():
        for path, said in strings(content.model_dump(mode="json")):
            if not said or path in NOT_PRINTED:
                continue
            seen += 1
            assert (feature, said) in listed or said in ids, (feature, path)
            assert " ".join(said.split()) in printed, (feature, path)

    assert (0, True) == (code, seen > 2000)


def test_one_feature_can_be_printed_alone() -> None:
    """Commands, plurals and the speaker of a vignette are told apart; the order is that of the files."""
    _, text, _ = words("--feature", "practice")
    _, rows, _ = words("--feature", "practice", "--json")

    assert text.startswith("== practice ==\n\ncommands.practice\n  summary: ")
    assert "\nsays.about_reflect\n  one: *An exercise: {skill}, about a minute." in text
    assert (
        "\nexercises.rl-night-shift\n  skill: reflective-listening\n  form: reflect\n  title: Home at seven\n" in text
    )
    assert "carer" == next(row["who"] for row in json.loads(rows) if row["key"] == "exercises.rl-night-shift.vignette")
    assert {"practice"} == {row["feature"] for row in json.loads(rows)}
    assert "\x1b" not in text


def test_what_the_docs_show_can_be_printed(shelf: Shelf) -> None:
    """The section of docs/content.md about printing names a feature and a locale that are shipped."""
    page = (ROOT / "docs" / "content.md").read_text("utf-8")
    shown = page.partition("\n## Print")[2].partition("\n## ")[0]
    named = {
        option: set(re.findall(rf"hearthside words .*--{option} (\S+)", shown)) for option in ("feature", "locale")
    }

    assert all(named.values())
    assert named["locale"] <= set(shelf.words.locales)
    assert named["feature"] <= {feature for feature, *_ in shelf.parts()}


def test_a_translation_is_printed_with_what_is_not_translated(tmp_path: Path) -> None:
    """Somebody with that locale meets the rest in English, and it says so."""
    for name, text in {"en": "says: {a: Hi, b: {one: One, other: Many}}", "es": "says: {b: Muchos}"}.items():
        (tmp_path / "core").mkdir(exist_ok=True)
        (tmp_path / "core" / f"{name}.yaml").write_text(text, encoding="utf-8")
    said = everything_said(load_content(tmp_path, {"core": Content}), "es")

    assert [("says.b", "Muchos", "es"), ("says.a", "Hi", "en")] == [(each.key, each.text, each.locale) for each in said]


def test_exercises_are_translated_one_by_one(shelf: Shelf) -> None:
    """Of one that has an id in both, only the nearest is met; the others come in English."""
    english = shelf.of("practice", PracticeContent, "en")
    first = english.exercises[0].model_copy(update={"title": "Guten Abend"})
    german = PracticeContent(exercises=(first,))
    said = everything_said(Shelf({("practice", "en"): english, ("practice", "de"): german}), "de", "practice")
    titles = [(each.text, each.locale) for each in said if re.fullmatch(r"exercises\.\S+\.title", each.key)]

    assert [("Guten Abend", "de"), *((each.title, "en") for each in english.exercises[1:])] == titles


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--feature", "tea"), "--feature: there is no 'tea'; write one of breaks, care, check, core, "),
        (("--locale", "xx"), "--locale: there are no words for 'xx'; write one of en\n"),
        (("--locale", ""), "--locale: there are no words for ''; write one of en\n"),
    ],
)
def test_what_there_is_not_is_one_sentence(options: tuple[str, ...], expected: str) -> None:
    """An unknown feature or locale is a mistake on the command line."""
    code, out, err = words(*options)

    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert expected in err
