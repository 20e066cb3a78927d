"""What `hearthside check` says of content that works and could be better, and what is shipped."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.app.house import content_folder
from bot.app.paperwork import check
from bot.app.wording import remarks
from bot.config import Config
from bot.content import Shelf, load_content
from bot.core.content import Content
from bot.features.practice.exercises import ExerciseForm, OwnExercise, PracticeContent
from bot.features.practice.lint import reading_ease
from bot.features.practice.rows import read_rows
from tests.write_docs import ROOT, SCHEMA, exercise_schema

GOOD: dict[str, object] = {
    "id": "ab",
    "skill": "empathy",
    "form": "reflect",
    "minutes": 3,
    "title": "The last bus",
    "vignette": "I missed the last bus! Nobody asked where I had been.",
    "task": "Say back in one sentence what the evening was like for this person.",
    "look_for": 'Is the second half in your answer? You may hear "Look!" in it.',
    "example": "You walked half the night, and nobody noticed that you were gone.",
    "why": "What somebody says last is often what they came to say.",
    "voice": "member",
}
OTHER: dict[str, object] = GOOD | {
    "id": "cd",
    "title": "The quiet yard",
    "vignette": "My hens are fed and the gate is shut. The house is too quiet since she left.",
    "task": "What is missing here? Offer it softly.",
    "example": "It is so still now, with only the hens to talk to.",
}
BUREAUCRATIC = (
    "Participants demonstrate comprehension of communicated difficulties by formulating appropriate acknowledgements, "
    "avoiding unsolicited recommendations."
)
ADVICE = "You should get up and walk to the next bus."
LONG = "Look at it and " + "then again " * 14 + "stop."
NEVER = """
never:
  - {words: ["relaps*", sad day], instead: write "starting again"}
  - {words: [clean], instead: write "not using"}
"""
MODELS: Mapping[str, type[Content]] = {"core": Content, "tea": PracticeContent}


def shelved(folder: Path, files: Mapping[str, object]) -> Shelf:
    """Return a shelf of files, each with its text or its values."""
    for name, held in {"core/en.yaml": NEVER, "tea/en.yaml": "exercises: []", **files}.items():
        (folder / "words" / name).parent.mkdir(parents=True, exist_ok=True)
        text = held if isinstance(held, str) else yaml.safe_dump(held, sort_keys=False, width=1000)
        (folder / "words" / name).write_text(text, encoding="utf-8")
    return load_content(folder / "words", MODELS)


def remarked(folder: Path, files: Mapping[str, object]) -> Sequence[str]:
    return [str(flaw) for flaw in remarks(shelved(folder, files))]


# ---------------------------------------------------------------- exercises


def test_a_good_exercise_needs_no_remark(tmp_path: Path) -> None:
    """Somebody in a vignette may shout, and so may a quotation; a pause and a card keep their lines.

    The coach looks at examples of a reflection alone, and at English ones.
    """
    advice = GOOD | {"example": ADVICE}
    others = [
        OTHER | {"id": form, "form": form, "vignette": "", "task": f"{form}.\nStop."} for form in ("pause", "learn")
    ]

    assert [] == remarked(tmp_path, {"tea/en.yaml": {"exercises": [GOOD]}})
    assert [] == remarked(tmp_path, {"tea/en.yaml": {"exercises": [GOOD, others[0]]}})
    assert [] == remarked(tmp_path, {"tea/en.yaml": {"exercises": [GOOD, others[1]]}})
    assert [] == remarked(tmp_path, {"tea/en.yaml": {"exercises": [advice | {"asks": "offer"}]}})
    assert [] == remarked(tmp_path, {"tea/en.yaml": {"exercises": []}, "tea/nl.yaml": {"exercises": [advice]}})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"form": "talk"}, "7: exercises[0].vignette: only a reflect exercise has one, and this is talk"),
        ({"form": "pause", "vignette": "", "asks": "limit"}, "13: exercises[0].asks: only a reflect exercise asks"),
        ({"task": "Say it.\nAgain."}, "8: exercises[0].task: has several lines: write it as one paragraph"),
        ({"vignette": "&" * 500, "task": "<" * 450}, "8: exercises[0].task: takes 4312 characters together with"),
        ({"task": BUREAUCRATIC}, "8: exercises[0].task: is hard to read (LIX 98, 50 at most): use shorter words"),
        (
            dict.fromkeys(("task", "look_for", "example", "why"), "Consider whatever happened yesterday."),
            "8: exercises[0].task: the exercise is hard to read (LIX 64, 40 at most): use shorter words",
        ),
        ({"look_for": LONG}, "9: exercises[0].look_for: has a sentence of 33 words: make two of it, 28 at most"),
        ({"why": "It helps!"}, "11: exercises[0].why: shouts: end the sentence with a full stop"),
        ({"example": ADVICE}, "10: exercises[0].example: the coach reads this example as advice: say back what was"),
        ({"example": "You are just lazy."}, "10: exercises[0].example: the coach reads this example as judgement: "),
        ({"title": "Clean again"}, 'exercises[0].title: says "Clean", a word that we never use: write "not using"'),
        ({"vignette": "It was a sad  day."}, 'exercises[0].vignette: says "sad day", a word that we never use'),
        ({"example": "You fear relapsing."}, 'exercises[0].example: says "relapsing", a word that we never use'),
    ],
)
def test_what_makes_an_exercise_hard_to_use_is_told(
    tmp_path: Path, changed: Mapping[str, object], expected: str
) -> None:
    """One remark for each rule, at the line of the part that it is about."""
    found = remarked(tmp_path, {"tea/en.yaml": {"exercises": [{**GOOD, **changed}]}})

    assert [True] == [expected in each and each.startswith("words/tea/en.yaml:") for each in found], found


def test_an_exercise_like_another_is_told_with_its_name(tmp_path: Path) -> None:
    """Also when it stands in another file, with another name and other details."""
    copied = str(GOOD["vignette"]).replace("bus", "tram")
    near = OTHER | {"vignette": copied, "task": str(GOOD["task"]).replace("person", "woman")}
    said = OTHER | {
        "id": "ef",
        "title": "Rain",
        "vignette": "Rain.",
        "task": "Listen.",
        "example": f"Yes. {GOOD['example']}",
    }
    found = remarked(tmp_path, {"tea/en.yaml": {"exercises": [GOOD]}, "tea/en.pack.yaml": {"exercises": [near, said]}})

    assert [
        "words/tea/en.pack.yaml:8: exercises[0].task: is almost that of ab: write another, or take one out",
        "words/tea/en.pack.yaml:21: exercises[1].example: is almost that of ab: write another, or take one out",
    ] == found


def test_many_alike_are_told_once_each(tmp_path: Path) -> None:
    """With the one that each is most like, not with every other; a title is told within its skill."""
    copies = [GOOD | {"id": f"copy-{number}", "title": f"Bus {number}"} for number in range(200)]
    nearest = OTHER | {"id": "of-hens", "task": f"{OTHER['task']} {GOOD['task']}", "title": "bus 7"}
    elsewhere = {"id": "elsewhere", "skill": "compassion", "vignette": "Rain.", "task": "Hm.", "asks": "offer"}
    texts = [*copies, OTHER, nearest, GOOD | elsewhere | {"title": "Bus 8", "example": "Wet."}]
    found = [each.partition(": ")[2] for each in remarked(tmp_path, {"tea/en.yaml": {"exercises": texts}})]

    assert "exercises[201].title: is that of copy-7 too, of the same skill: choose another" == found.pop(0)
    assert [f"exercises[{place}].task" for place in range(1, 200)] == [each.partition(":")[0] for each in found[:199]]
    assert ["exercises[201].task: is almost that of cd: write another, or take one out"] == found[199:]


def test_reading_ease_is_the_lix() -> None:
    """Words per sentence and the percentage of words over six letters; lines and marks end sentences."""
    assert 5.0 == reading_ease("I am so glad now.")
    assert 3 + 100 * 2 / 6 == pytest.approx(reading_ease("Somebody sings. Ça va très joliment\n"))
    assert 0.0 == reading_ease("…")


# ---------------------------------------------------------------- every sentence


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("core/en.says.yaml", "says: {a: 'Your {clean} room'}", []),
        ("core/en.says.yaml", "says: {a: 'Cleaner, unclean, cleanly'}", []),
        ("core/en.says.yaml", "says: {a: {one: a, other: 'A Clean day'}}", ['1: says.a.other: says "Clean", a word']),
        ("core/en.says.yaml", "commands: {b: {summary: Clean}}", ['1: commands.b.summary: says "Clean", a word']),
        ("core/en.says.yaml", "says: {a: 'Well done!', b: 'Say \"well done!\"'}", ["1: says.a: shouts: end the"]),
        ("core/es.yaml", "says: {a: clean}", []),
        ("core/en-GB.yaml", "says: {a: clean}", ['1: says.a: says "clean", a word']),
    ],
)
def test_words_we_never_use_are_found_in_every_sentence(
    tmp_path: Path, file: str, text: str, expected: Sequence[str]
) -> None:
    """Whole words in any letters, of the same language; names of values are no words."""
    found = remarked(tmp_path, {file: text})

    assert len(expected) == len(found), found
    assert all(f"words/{file}:{what}" in each for what, each in zip(expected, found, strict=True)), found


def test_style_is_checked_and_stops_nothing(tmp_path: Path) -> None:
    """A pack that shouts is loaded as it is; `check` tells its style beside the mistakes of other files."""
    shutil.copytree(content_folder(Config()), tmp_path / "words")
    (tmp_path / "config.yaml").write_text(f"content: {tmp_path}/words\n", encoding="utf-8")
    pack = tmp_path / "words" / "practice" / "en.pack.yaml"
    pack.write_text(yaml.safe_dump({"exercises": [GOOD | {"title": "Run!"}]}), encoding="utf-8")
    (tmp_path / "words" / "duty" / "es.yaml").write_text("says: {nothing: nada}", encoding="utf-8")

    assert [
        ("words/duty/es.yaml", "says.nothing: is not known here: check the spelling, or take it out"),
        ("words/practice/en.pack.yaml", "exercises[0].title: shouts: end the sentence with a full stop"),
    ] == [(flaw.file, flaw.what) for flaw in check(tmp_path / "config.yaml")]
    assert "Run!" in {each.title for each in shelved(tmp_path, {"tea/en.yaml": pack.read_text("utf-8")}).of(
        "tea", PracticeContent, "en").exercises}  # fmt: skip


# ---------------------------------------------------------------- what is shipped


def test_shipped_words_hold_every_rule(shelf: Shelf) -> None:
    """Nothing in `content/` is hard to read, shouts, judges, or stands there twice."""
    assert [] == [str(flaw) for flaw in remarks(shelf)]


def test_there_are_exercises_for_every_skill_form_and_voice(shelf: Shelf) -> None:
    """Enough for a year of weeks in reflective listening, for some weeks in each other; each can be done alone."""
    exercises = shelf.of("practice", PracticeContent, "en").exercises
    skills = Counter(each.skill for each in exercises)

    assert len(exercises) >= 120
    assert skills.pop("reflective-listening") >= 48
    assert (8, True) == (len(skills), min(skills.values()) >= 6)
    assert set(ExerciseForm) == {each.form for each in exercises}
    assert {"member", "carer", "family", "leader"} == {each.voice for each in exercises}
    assert len({each.skill for each in exercises if each.form is not ExerciseForm.TALK}) == len(skills) + 1


# ---------------------------------------------------------------- the schema for editors


def mistakes(*items: Mapping[str, object]) -> Sequence[str]:
    validator: Any = Draft7Validator(json.loads(exercise_schema()))
    return sorted(
        ".".join(map(str, error.path)) + " " + error.validator
        for error in validator.iter_errors({"exercises": list(items)})
    )


def test_the_examples_of_the_docs_can_be_used_as_they_are(tmp_path: Path) -> None:
    """The pack and the import in docs/content.md, and the exercise in CONTRIBUTING.md, need no remark."""
    page = (ROOT / "docs" / "content.md").read_text("utf-8")
    pack, imported, never = (textwrap.dedent(each) for each in re.findall(r"```yaml\n(.*?) *```", page, re.DOTALL))
    item = re.search(r"```yaml\n(.*?) *```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
    assert item

    assert [] == remarked(tmp_path, {"tea/en.yaml": pack, "core/en.never-ours.yaml": never})
    assert [] == remarked(tmp_path, {"tea/en.yaml": "exercises:\n" + textwrap.dedent(item[1])})
    assert ["reflect", "learn"] == [row.form for row in read_rows(imported) if isinstance(row, OwnExercise)]
    assert [] == mistakes(*yaml.safe_load(imported)["exercises"])


def test_the_schema_is_fresh_and_names_no_address() -> None:
    """It is what the model makes of it; an editor needs no network for it."""
    text = SCHEMA.read_text("utf-8")

    assert exercise_schema() == text, "run: .venv/bin/python -m tests.write_docs"
    assert text.count("://") == 1
    Draft7Validator.check_schema(json.loads(text))


def test_the_schema_takes_what_is_shipped_and_what_is_imported() -> None:
    """An exercise with an id needs everything; a leader's own needs neither id nor voice."""
    files = [file for file in sorted((ROOT / "content" / "practice").glob("en.*.yaml")) if "coach" not in file.name]
    loose = {name: GOOD[name] for name in ("skill", "form", "title", "task")}

    assert len(files) >= 9
    for file in files:
        text = file.read_text("utf-8")
        assert text.startswith("# yaml-language-server: $schema=exercises.schema.json\n"), file
        assert [] == mistakes(*yaml.safe_load(text)["exercises"]), file
    assert [] == mistakes(loose | {"form": "learn"})
    assert ["exercises.0 required"] == mistakes(loose)  # a reply needs a vignette
    for odd in ({"vignette": "Hm."}, {"asks": "limit"}):
        assert 1 == len(mistakes(loose | {"form": "talk"} | odd))
        assert [] == mistakes(loose | {"vignette": "Hm."} | odd)
    assert ["exercises.0 required"] * 4 == mistakes(loose | {"form": "talk", "voice": "member", "id": "ab"})
    assert ["exercises.0 additionalProperties", "exercises.0.form enum", "exercises.0.minutes maximum"] == mistakes(
        loose | {"form": "sing", "minutes": 61, "mood": "low"}
    )
