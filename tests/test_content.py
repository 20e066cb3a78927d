"""Loading `content/`: words by locale, lists beside them, and every mistake at once with its file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from bot.content import ContentError, Shelf, load_content
from bot.core.feature import Content
from bot.features.practice.exercises import PracticeContent

COMMAND = """
commands:
  tea make:
    summary: Make some tea
    title: Tea
    fields:
      kind: {label: Kind, hint: Which one, choices: {green: Green tea, black: Black tea}}
      cups: {label: Cups, hint: How many}
  tea drink:
    summary: Drink it
says:
  hello: Hello {name}
  cups: {one: "{count} cup", other: "{count} cups"}
"""
NO_NUMBER = "input should be a valid integer, unable to parse string as an integer"
EXERCISE = """
  - id: {id}
    skill: empathy
    form: reflect
    minutes: 3
    title: A title
    vignette: Something that somebody says.
    task: Answer them.
    look_for: That they are heard.
    example: You are tired.
    why: It helps.
    voice: member
"""


class Tea(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    minutes: int


class TeaContent(Content):
    """Words, and a list of teas."""

    teas: tuple[Tea, ...] = ()


MODELS: Mapping[str, type[Content]] = {"core": Content, "tea": TeaContent}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write content; what is not said about `core` is empty."""
    content = folder / "content"
    for name, text in {"core/en.yaml": "", "tea/en.yaml": "", **files}.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(text, encoding="utf-8")
    return content


def load(folder: Path, files: Mapping[str, str]) -> Shelf:
    return load_content(write(folder, files), MODELS)


def flaws(folder: Path, files: Mapping[str, str], models: Mapping[str, type[Content]] = MODELS) -> Sequence[str]:
    with pytest.raises(ContentError) as caught:
        load_content(write(folder, files), models)
    return [str(flaw) for flaw in caught.value.flaws]


# ---------------------------------------------------------------- what is found


def test_words_are_found_by_feature_and_name(tmp_path: Path) -> None:
    """Sentences go by `feature.name`, words of commands by the command's path."""
    words = load(tmp_path, {"tea/en.yaml": COMMAND, "core/en.yaml": "says: {bye: Goodbye}"}).words

    assert words.label("tea.hello", "en", name="Mia") == "Hello Mia"
    assert words.label("tea.cups", "en", count=1) == "1 cup"
    assert words.label("core.bye", "en") == "Goodbye"
    assert words.label("command.tea make.summary", "en") == "Make some tea"
    assert words.label("command.tea make.kind.label", "en") == "Kind"
    assert words.label("command.tea make.cups.hint", "en") == "How many"
    assert words.label("command.tea make.kind.choice.black", "en") == "Black tea"


def test_a_form_is_called_by_its_title_or_by_the_command(tmp_path: Path) -> None:
    """A short title is for forms; without one the summary stands there."""
    words = load(tmp_path, {"tea/en.yaml": COMMAND}).words

    assert words.label("command.tea make.title", "en") == "Tea"
    assert words.label("command.tea drink.title", "en") == "Drink it"


def test_a_long_list_may_stand_beside_the_words(tmp_path: Path) -> None:
    """Every file that begins with the locale is part of it."""
    shelf = load(tmp_path, {"tea/en.yaml": COMMAND, "tea/en.teas.yaml": "teas:\n  - {name: Oolong, minutes: 4}\n"})

    content = shelf.of("tea", TeaContent, "en")
    assert ((Tea(name="Oolong", minutes=4),), "Hello {name}") == (content.teas, content.says["hello"])


def test_content_falls_back_by_feature(tmp_path: Path) -> None:
    """A locale that one feature has no content for reads its language's, or English."""
    shelf = load(
        tmp_path,
        {
            "tea/en.yaml": "says: {hello: Hello}\nteas: [{name: Black, minutes: 3}]",
            "tea/es.yaml": "says: {hello: Hola}\nteas: [{name: Mate, minutes: 5}]",
            "core/en.yaml": "says: {bye: Goodbye, late: Late}",
            "core/es-MX.yaml": "says: {bye: Nos vemos}",
        },
    )

    assert [["Mate"], ["Mate"], ["Black"], ["Black"]] == [
        [tea.name for tea in shelf.of("tea", TeaContent, locale).teas] for locale in ("es-MX", "es-AR", "de", "")
    ]
    assert ("Nos vemos", "Late", "Hola") == tuple(
        shelf.words.label(key, "es-MX") for key in ("core.bye", "core.late", "tea.hello")
    )
    assert {"en", "es", "es-MX"} == set(shelf.words.locales)


def test_asking_for_content_of_another_kind_is_a_mistake_of_the_programmer(tmp_path: Path) -> None:
    """The model is held to be the one that was loaded."""
    shelf = load(tmp_path, {})

    with pytest.raises(TypeError, match="content of 'core' is Content, not TeaContent"):
        shelf.of("core", TeaContent, "en")


# ---------------------------------------------------------------- what is wrong


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Broken files, unknown names and wrong values of all features and locales stand in one list."""
    found = flaws(
        tmp_path,
        {
            "core/en.yaml": "says:\n  hello: Hello\n  hello: Hello again\n",
            "core/de.yaml": "says:\n  hallo: 'offen\n",
            "tea/en.yaml": "colour: red\ncommands:\n  tea make: {sumary: Make}\n",
            "tea/en.teas.yaml": "teas:\n  - name: Oolong\n    minutes: long\n  - minutes: 3\n",
            "tea/es.yaml": "- nada\n",
        },
    )

    assert [
        "content/core/de.yaml:3: found unexpected end of stream: check the indentation and the quotes",
        "content/core/en.yaml:3: hello: stands here twice: keep one",
        f"content/tea/en.teas.yaml:3: teas[0].minutes: {NO_NUMBER}",
        "content/tea/en.teas.yaml:4: teas[1].name: is missing: add it",
        "content/tea/en.yaml:1: colour: is not known here: check the spelling, or take it out",
        "content/tea/en.yaml:3: commands.tea make.sumary: is not known here: check the spelling, or take it out",
        "content/tea/en.yaml:3: commands.tea make.summary: is missing: add it",
        "content/tea/es.yaml:1: must be names with values, such as `name: value`",
    ] == sorted(found)


def test_both_files_of_a_locale_are_looked_at(tmp_path: Path) -> None:
    """A broken file does not hide what is broken in the one beside it."""
    found = flaws(tmp_path, {"tea/en.yaml": "a: 'open", "tea/en.teas.yaml": "- x"})

    assert ["content/tea/en.teas.yaml:1", "content/tea/en.yaml:1"] == sorted(flaw.partition(": ")[0] for flaw in found)


def test_a_name_that_stands_in_two_files_is_a_mistake(tmp_path: Path) -> None:
    """Neither file silently wins over the other."""
    found = flaws(tmp_path, {"tea/en.yaml": COMMAND, "tea/en.more.yaml": "teas: []\nsays:\n  hello: Hi\n"})

    assert ["content/tea/en.yaml:11: says: stands in content/tea/en.more.yaml too: keep it in one file"] == found


def test_every_feature_has_english_words(tmp_path: Path) -> None:
    """English is what everything falls back to, so it cannot be missing."""
    content = write(tmp_path, {"tea/es.yaml": "says: {hello: Hola}"})
    (content / "tea" / "en.yaml").unlink()
    (content / "core" / "en.yaml").unlink()

    with pytest.raises(ContentError) as caught:
        load_content(content, MODELS)
    assert [f"{content}/{name}: en.yaml is missing: every feature has its words there" for name in MODELS] == [
        str(flaw).replace(":1: ", ": ") for flaw in caught.value.flaws
    ]


def test_a_file_that_is_no_text_is_a_mistake_like_any_other(tmp_path: Path) -> None:
    """Neither another encoding nor a folder ends in a trace back."""
    content = write(tmp_path, {})
    (content / "core" / "en.yaml").write_bytes(b"says: {cafe: caf\xe9}")
    (content / "tea" / "es.yaml").mkdir()

    with pytest.raises(ContentError) as caught:
        load_content(content, MODELS)
    assert ["content/core/en.yaml:1", "content/tea/es.yaml:1"] == sorted(
        str(flaw).partition(": cannot be read")[0] for flaw in caught.value.flaws
    )


def test_a_file_is_called_after_a_language(tmp_path: Path) -> None:
    """A locale that nobody can write dates in would fail later, one answer at a time."""
    good = {"tea/es-MX.yaml": "", "tea/zh-Hant-TW.yaml": ""}
    found = flaws(tmp_path, {**good, "core/english.yaml": "", "tea/e.yaml": ""})

    assert [
        "content/core/english.yaml:1: english is no language: call the file after one, such as es.yaml or es-MX.yaml",
        "content/tea/e.yaml:1: e is no language: call the file after one, such as es.yaml or es-MX.yaml",
    ] == found


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ('"Hello {name"', "its braces do not fit: name a value in them, such as {count}"),
        ('"Hello name}"', "its braces do not fit: name a value in them, such as {count}"),
        ('"Hello {}"', "its braces do not fit: name a value in them, such as {count}"),
        ('"Hello {0}"', "its braces do not fit: name a value in them, such as {count}"),
        ('"Hello {name.upper}"', "its braces do not fit: name a value in them, such as {count}"),
        ('"Hello {name!r}"', "its braces do not fit: name a value in them, such as {count}"),
        ('"Hello {count:d}"', "its braces do not fit: name a value in them, such as {count}"),
        ('{one: "a cup"}', '"other" is missing: every plural needs it'),
        ('{one: "a cup", many: "{", other: "cups"}', "its braces do not fit: name a value in them, such as {count}"),
        ('{single: "a cup", other: "cups"}', "plurals are zero, one, two, few, many and other"),
    ],
)
def test_a_sentence_that_could_not_be_filled_in_is_a_mistake(tmp_path: Path, sentence: str, expected: str) -> None:
    """Otherwise it would fail in front of the person who reads it."""
    (found,) = flaws(tmp_path, {"tea/en.yaml": f"says:\n  fine: Fine {{{{so}}}}\n  broken: {sentence}\n"})

    assert f"content/tea/en.yaml:3: says.broken: {expected}" == found


def test_words_of_commands_are_never_filled_in(tmp_path: Path) -> None:
    """A brace in a summary, label or hint is a mistake, told before any platform draws it."""
    text = COMMAND.replace("Make some tea", "Make {kind}").replace("How many", "'How {many}'")

    assert [
        "content/tea/en.yaml:4: commands.tea make.summary: nothing is filled in here: take out the braces",
        "content/tea/en.yaml:8: commands.tea make.fields.cups.hint: nothing is filled in here: take out the braces",
    ] == flaws(tmp_path, {"tea/en.yaml": text})


# ---------------------------------------------------------------- exercises


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("title: A title|title: " + "x" * 61, "exercises[0].title: string should have at most 60 characters"),
        ("task: Answer them.|task: ''", "exercises[0].task: string should have at least 1 character"),
        ("why: It helps.|why: " + "x" * 301, "exercises[0].why: string should have at most 300 characters"),
        ("skill: empathy|skill: magic", "exercises[0].skill: input should be 'reflective-listening', "),
        ("voice: member|voice: bot", "exercises[0].voice: input should be 'member', 'carer', 'family' or 'leader'"),
        ("id: ab|id: A B", "exercises[0].id: string should match pattern"),
        ("minutes: 3|minutes: some", "exercises[0].minutes: input should be a valid integer"),
        ("    voice: member|    voice: member\n    mood: low", "exercises[0].mood: is not known here"),
        ("    vignette: Something that somebody says.\n|", "exercises[0]: a reflect exercise needs a vignette"),
    ],
)
def test_an_exercise_that_is_wrong_is_shown(tmp_path: Path, wrong: str, expected: str) -> None:
    """Lengths, skills, voices, ids and names are held, and the mistake names the exercise and its line."""
    before, _, after = wrong.partition("|")
    text = f"exercises:{EXERCISE.format(id='ab')}".replace(before, after)
    (found,) = flaws(tmp_path, {"tea/en.yaml": text}, {"tea": PracticeContent})

    assert expected in found
    assert found.startswith("content/tea/en.yaml:")


def test_an_id_stands_once(tmp_path: Path) -> None:
    """Buttons of posted exercises go by it."""
    text = f"exercises:{EXERCISE.format(id='twice')}{EXERCISE.format(id='once')}{EXERCISE.format(id='twice')}"

    assert ["content/tea/en.yaml:1: the file: the id twice stands twice: give each exercise its own"] == flaws(
        tmp_path, {"tea/en.yaml": text}, {"tea": PracticeContent}
    )
