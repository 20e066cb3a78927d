"""Loading `content/`: words by locale, lists beside them, and every mistake at once with its file and line."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from pydantic import BaseModel, ConfigDict

from bot.app.house import content_folder, load_shelf
from bot.config import Config
from bot.content import ContentError, Shelf, load_content
from bot.core.content import Content
from bot.features.practice.exercises import PracticeContent
from bot.pictures import Pictures
from tests.write_docs import ROOT

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


def test_pictures_come_from_the_first_folder_that_has_them(tmp_path: Path) -> None:
    """Whoever has words of their own need not have every picture; what is nowhere is None."""
    for folder, files in (("own", {"a.png": b"mine"}), ("shipped", {"a.png": b"ours", "b.png": b"ours too"})):
        (tmp_path / folder / "tea").mkdir(parents=True)
        for name, content in files.items():
            (tmp_path / folder / "tea" / name).write_bytes(content)
    pictures = Pictures([tmp_path / "own", tmp_path / "shipped"])

    assert [b"mine", b"ours too", None] == [pictures.of("tea", f"{name}.png") for name in "abc"]


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


def test_what_has_an_id_is_translated_one_by_one(tmp_path: Path) -> None:
    """A locale's own come first, then those of its language and of English that it lacks; none takes others away."""
    files = {"en": "ab cd", "es": "ef cd", "es-MX": "gh", "nl": ""}
    text = {
        f"tea/{locale}.pack.yaml": f"exercises: {''.join(EXERCISE.format(id=each) for each in names.split()) or '[]'}"
        for locale, names in files.items()
    }
    content = write(tmp_path, text | {"tea/es.yaml": "", "tea/pl.yaml": "says: {hello: Dzien dobry}"})
    shelf = load_content(content, {"tea": PracticeContent})

    assert ["gh ef cd ab", "ef cd ab", "ab cd", "ab cd", "ab cd"] == [
        " ".join(each.id for each in shelf.of("tea", PracticeContent, locale).exercises)
        for locale in ("es-MX", "es-AR", "nl", "pl", "en")
    ]
    assert {"ab", "cd", "ef", "gh"} == {
        each.id for part in shelf.everywhere("tea", PracticeContent) for each in part.exercises
    }


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


def test_lists_and_names_of_several_files_are_joined(tmp_path: Path) -> None:
    """The words come first, then the files beside them by name; an empty list and a folder add nothing."""
    shelf = load(
        tmp_path,
        {
            "tea/en.yaml": f"{COMMAND}teas: [{{name: Black, minutes: 3}}]\n",
            "tea/en.pack.yaml": "teas: [{name: Oolong, minutes: 4}]\nsays: {bye: Goodbye}\ncommands:\n",
            "tea/en.other.yaml": "teas:\n  - {name: Mate, minutes: 5}\ncommands: {tea pour: {summary: Pour it}}\n",
            "tea/en.empty.yaml": "teas:\n",
            "tea/corpus/en.notes.yaml": "- of another shape, and not read",
        },
    )

    content = shelf.of("tea", TeaContent, "en")
    assert ["Black", "Mate", "Oolong"] == [tea.name for tea in content.teas]
    assert ["hello", "cups", "bye"] == list(content.says)
    assert ["tea make", "tea drink", "tea pour"] == list(content.commands)


def test_a_mistake_in_a_joined_list_is_counted_in_its_own_file(tmp_path: Path) -> None:
    """Whoever wrote the second item of a pack looks for it there, whatever stands in other files."""
    teas = "teas:\n  - {name: Black, minutes: 3}\n  - {name: Mate}\n"
    found = flaws(tmp_path, {"tea/en.yaml": teas.replace("Mate", "Mate, minutes: 2"), "tea/en.pack.yaml": teas})

    assert ["content/tea/en.pack.yaml:3: teas[1].minutes: is missing: add it"] == found


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("says:\n  hello: Hi\n", "2: says.hello: stands in content/tea/en.yaml:12 too: keep one"),
        ("commands:\n  tea drink:\n", "2: commands.tea drink: stands in content/tea/en.yaml:9 too: keep one"),
        ("says: [Hi]\n", "1: says: stands in content/tea/en.yaml:11 too: keep one"),
    ],
)
def test_a_name_that_stands_in_two_files_is_a_mistake(tmp_path: Path, more: str, expected: str) -> None:
    """Neither file silently wins over the other, and both places are told."""

    assert [f"content/tea/en.more.yaml:{expected}"] == flaws(
        tmp_path, {"tea/en.yaml": COMMAND, "tea/en.more.yaml": more}
    )


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
        ("id: ab|id: bank-7", "exercises[0].id: ids that begin with bank- belong to the groups: choose another"),
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
    pack = f"exercises:{EXERCISE.format(id='once')}"

    assert [
        "content/tea/en.pack.yaml:2: exercises[0].id: once stands in content/tea/en.yaml:14 too: give each its own",
        "content/tea/en.yaml:26: exercises[2].id: twice stands in content/tea/en.yaml:2 too: give each its own",
    ] == flaws(tmp_path, {"tea/en.yaml": text, "tea/en.pack.yaml": pack}, {"tea": PracticeContent})


@pytest.mark.parametrize("minutes", ["0", "-5", "61", "5000"])
def test_an_exercise_takes_an_hour_at_most(tmp_path: Path, minutes: str) -> None:
    """A slip of the finger would be posted to a group as it stands."""
    text = f"exercises:{EXERCISE.format(id='ab')}".replace("minutes: 3", f"minutes: {minutes}")

    assert ["content/tea/en.yaml:5: exercises[0].minutes: write a number from 1 to 60"] == flaws(
        tmp_path, {"tea/en.yaml": text}, {"tea": PracticeContent}
    )


# ---------------------------------------------------------------- an own folder, held against the shipped one


def own_flaws(folder: Path, files: Mapping[str, str]) -> Sequence[str]:
    """Return what is wrong with an own folder where COMMAND is what is shipped."""
    shipped = write(folder / "shipped", {"tea/en.yaml": COMMAND})
    own = write(folder, {"tea/en.yaml": COMMAND, **files})
    with pytest.raises(ContentError) as caught:
        load_content(own, MODELS, shipped)
    return [str(flaw) for flaw in caught.value.flaws]


def test_own_words_may_say_it_in_another_way(tmp_path: Path) -> None:
    """The same names with other words, a translation of a part, a README and the demo's folder are fine."""
    shipped = write(tmp_path / "shipped", {"tea/en.yaml": COMMAND})
    own = write(
        tmp_path,
        {
            "tea/en.yaml": COMMAND.replace("Hello {name}", "Welcome, {name}!").replace("Make some tea", "Brew"),
            "tea/es.yaml": "says:\n  cups: '{count} tazas'\n",
            "tea/pl.yaml": "says: {cups: {one: jedna, few: '{count} szklanki', other: '{count} szklanek'}}\n",
            "demo/story.txt": "",
            ".git/config": "",
            "README.md": "Ours",
        },
    )

    words = load_content(own, MODELS, shipped).words
    assert ("Welcome, Mia!", "2 tazas") == (
        words.label("tea.hello", "en", name="Mia"),
        words.label("tea.cups", "es", count=2),
    )


def test_what_is_missing_in_own_words_is_told_at_once(tmp_path: Path) -> None:
    """Sentences, commands, fields and choices that are shipped are needed: without them somebody gets no answer."""
    text = """
commands:
  tea make:
    summary: Make some tea
    fields:
      kind: {label: Kind, hint: Which one, choices: {green: Green tea}}
says:
  hello: Hello {name}
"""

    assert [
        "content/tea/en.yaml:2: commands.tea drink: is missing: add it",
        "content/tea/en.yaml:5: commands.tea make.fields.cups: is missing: add it",
        "content/tea/en.yaml:6: commands.tea make.fields.kind.choices.black: is missing: add it",
        "content/tea/en.yaml:7: says.cups: is missing: add it",
    ] == sorted(own_flaws(tmp_path, {"tea/en.yaml": text}))


def test_what_nothing_asks_for_is_told_at_once(tmp_path: Path) -> None:
    """A misspelt name would never be shown, in English or in a translation."""
    text = """
commands:
  tea make:
    summary: Hacer té
    fields:
      kind: {label: Tipo, hint: Cuál, choices: {blue: Azul}}
      sugar: {label: Azúcar, hint: Cuánto}
  tea spill: {summary: Derramar}
says:
  helo: Hola
"""
    unknown = "is not known here: check the spelling, or take it out"

    assert [
        f"content/tea/es.yaml:10: says.helo: {unknown}",
        f"content/tea/es.yaml:6: commands.tea make.fields.kind.choices.blue: {unknown}",
        f"content/tea/es.yaml:7: commands.tea make.fields.sugar: {unknown}",
        f"content/tea/es.yaml:8: commands.tea spill: {unknown}",
    ] == sorted(own_flaws(tmp_path, {"tea/es.yaml": text}))


SENTENCES = """
  plain: All of it
  long: {one: "{until}, {since}", other: "{count} since {since}"}
"""


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("hello: Hello {nmae}", "no value is given for {nmae}: the values are {name}"),
        ("hello: Hello {name} {count}", "no value is given for {count}: the values are {name}"),
        ("hello: Hello", "{name} is missing: put it where the value goes"),
        ("hello: {one: 'Hi {name}', other: '{name}'}", "nothing is counted here: write one sentence"),
        ("cups: Cups", "{count} is missing: put it where the value goes"),
        ("cups: {one: A cup, other: '{number} cups'}", "no value is given for {number}: the values are {count}"),
        ("long: {one: '{until}', other: '{count}{since}'}", "{since} is missing in one: put it where the value goes"),
        ("plain: All of {it}", "no value is given for {it}: take it out"),
        ("plain: ' '", "is empty: write something"),
    ],
)
def test_a_sentence_keeps_its_values(tmp_path: Path, locale: str, line: str, expected: str) -> None:
    """One that names another value would fail in front of a person; one that drops it would say too little."""
    name, whole = line.partition(":")[0], f"{COMMAND}{SENTENCES}"
    others = [each for each in whole.splitlines() if not each.startswith(f"  {name}:")]
    own = {"tea/en.yaml": whole, "tea/es.yaml": ""} | {
        f"tea/{locale}.yaml": "\n".join([*(others if locale == "en" else ["says:"]), f"  {line}"])
    }
    shipped = write(tmp_path / "shipped", {"tea/en.yaml": whole})
    with pytest.raises(ContentError) as caught:
        load_content(write(tmp_path, own), MODELS, shipped)

    (found,) = caught.value.flaws
    assert (f"content/tea/{locale}.yaml", f"says.{name}: {expected}") == (found.file, found.what)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("summary: Make some tea", "summary: " + "x" * 101, "summary: has 101 characters: 100 are the most"),
        ("label: Kind", "label: " + "x" * 46, "fields.kind.label: has 46 characters: 45 are the most"),
        ("hint: Which one", "hint: " + "x" * 101, "fields.kind.hint: has 101 characters: 100 are the most"),
        ("green: Green tea", "green: " + "x" * 76, "fields.kind.choices.green: has 76 characters: 75 are the most"),
        ("label: Kind", "label: ''", "fields.kind.label: is empty: write something"),
        ("hint: Which one", "hint: ' '", "fields.kind.hint: is empty: write something"),
        ("summary: Make some tea", "summary: ''", "summary: is empty: write something"),
        ("green: Green tea", "green: ''", "fields.kind.choices.green: is empty: write something"),
        ("    title: Tea\n", "", "title: is missing: write one of 24 characters at most, for the form"),
    ],
)
def test_words_of_commands_fit_the_platforms(tmp_path: Path, before: str, after: str, expected: str) -> None:
    """What is too long or empty would be refused by a platform, together with every other command."""
    text = COMMAND.replace("Make some tea", "Make some tea for everybody here") if "title" in before else COMMAND
    (found,) = flaws(tmp_path, {"tea/en.yaml": text.replace(before, after)})

    assert f"commands.tea make.{expected}" in found


def test_a_menu_s_name_is_short(tmp_path: Path) -> None:
    """Slack shows 24 characters in the menu of a message."""
    text = "commands:\n  menu tea:\n    summary: A cup of tea for the writer\n"

    assert ["content/tea/en.yaml:3: commands.menu tea.summary: has 27 characters: 24 are the most"] == flaws(
        tmp_path, {"tea/en.yaml": text}
    )


def test_a_folder_of_no_feature_is_a_mistake(tmp_path: Path) -> None:
    """A misspelt folder's words would never be read, nor those of a file in a folder below or with an odd name."""
    stray = ("taes/es.yaml", "tea/es.yml", "tea/es.our.YAML", "breaks.yaml", "tea/packs/new/es.yaml", "tea/ES.our.yaml")
    fine = ("tea/coach-corpus/notes.yaml", "tea/.git/es.yaml", "tea/packs/README.md")
    found = own_flaws(tmp_path, dict.fromkeys((*stray, *fine, "core/zh_hant-tw.yaml"), ""))

    assert [
        "content/breaks.yaml:1: stands in no feature's folder: move it into one, or take it out",
        "content/core/zh_hant-tw.yaml:1: zh_hant-tw is written zh-Hant-TW: call it zh-Hant-TW.yaml",
        "content/taes:1: belongs to no feature: call the folder after one (core, tea), or take it out",
        "content/tea/ES.our.yaml:1: ES is written es: call it es.our.yaml",
        "content/tea/es.our.YAML:1: is not read: call it es.our.yaml",
        "content/tea/es.yml:1: is not read: call it es.yaml",
        "content/tea/packs/new/es.yaml:1: is not read here: move it into content/tea itself, or take it out",
    ] == sorted(found)


def test_a_list_that_others_fall_back_to_is_needed(tmp_path: Path) -> None:
    """English exercises may be other ones, but a folder without any is a slip; a translation needs none."""
    models = {"tea": PracticeContent}
    shipped = write(tmp_path / "shipped", {"tea/en.yaml": f"exercises:{EXERCISE.format(id='ab')}"})
    own = write(tmp_path, {"tea/en.yaml": "says: {}", "tea/es.yaml": "says: {}"})
    (own / "core" / "en.yaml").unlink()
    (own / "core").rmdir()
    with pytest.raises(ContentError) as caught:
        load_content(own, models, shipped)

    assert ["content/tea/en.yaml:1: exercises: is missing: add it"] == [str(flaw) for flaw in caught.value.flaws]


def test_a_folder_that_is_not_there_is_one_mistake(tmp_path: Path) -> None:
    """It is the folder that is missing, not the words of each feature."""
    with pytest.raises(ContentError, match="there is no such folder: mend content: in config") as caught:
        load_content(tmp_path / "wrods", MODELS, write(tmp_path, {}))

    assert 1 == len(caught.value.flaws)


def test_words_of_the_wrong_shape_are_told_in_words(tmp_path: Path) -> None:
    """No name of ours stands in a mistake, and what may be one thing or another is told once."""
    text = "commands:\n  tea make:\n    summary: Té\n    fields: {kind: 5}\nsays:\n  hello: 7\n"

    assert [
        "content/tea/es.yaml:4: commands.tea make.fields.kind: write names with values below it",
        "content/tea/es.yaml:6: says.hello: input should be a valid string",
    ] == own_flaws(tmp_path, {"tea/es.yaml": text})


def test_mistakes_of_shape_and_of_names_come_together(tmp_path: Path) -> None:
    """A number for a sentence hides neither the missing command nor the value that is not given."""
    text = COMMAND.replace("Hello {name}", "5").replace("  tea drink:\n    summary: Drink it\n", "")
    found = own_flaws(tmp_path, {"tea/en.yaml": text, "tea/es.yaml": "says: {cups: '{cuont}'}"})

    assert ["commands.tea drink", "says.cups", "says.hello"] == sorted(each.split(": ")[1] for each in found)


# ---------------------------------------------------------------- what is shipped


def copied(folder: Path) -> Config:
    """Return a configuration whose content is a copy of the shipped one."""
    shutil.copytree(content_folder(Config()), folder / "words")
    return Config(content=str(folder / "words"))


def test_a_copy_of_the_shipped_words_is_sound(tmp_path: Path) -> None:
    """It is where a self-hoster begins."""
    assert load_shelf(Config()).words.keys() == load_shelf(copied(tmp_path)).words.keys()


def test_own_words_are_held_against_the_shipped_ones(tmp_path: Path) -> None:
    """Wherever `content` points to, the program knows what it has to say."""
    config = copied(tmp_path)
    file = tmp_path / "words" / "breaks" / "en.yaml"
    file.write_text(file.read_text("utf-8").replace("  taking:", "  takign:"), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        load_shelf(config)
    assert ["says.takign", "says.taking"] == sorted(flaw.what.split(": ")[0] for flaw in caught.value.flaws)


def test_what_is_installed_has_its_words_and_no_training_text() -> None:
    """The coach's weights are shipped; what it was trained on is read by nobody who runs it."""
    builder = WheelBuilder(str(ROOT))
    files = {file.distribution_path for file in builder.recurse_included_files()}

    assert {"bot/features/practice/coach.json", "bot/shipped/core/en.yaml", "bot/content.py"} <= files
    assert [] == [file for file in files if "corpus" in file and not file.endswith(".py")]
