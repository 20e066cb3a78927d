"""`bank` and `resource suggest`: the groups' own exercises, what members hand in, and how leaders decide."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.app.house import content_folder, load_shelf
from bot.config import Config
from bot.content import Shelf
from bot.core.feature import PostKind, Turn
from bot.core.port import Ask, Channel, Community, Reply, Update
from bot.features.practice.exercises import BankExercise, PracticeContent
from bot.features.practice.rows import MOST_ROWS
from bot.features.practice.store import MOST_IN_BANK
from bot.features.practice.suggestions import MOST_WAITING
from tests.fakes import CIRCLE, HERE, actor
from tests.house import (
    BERLIN,
    LEADER,
    MEMBER,
    ORGANISER,
    OTHER,
    House,
    button_of,
    labels_of,
    message_of,
    opened,
    problems_of,
    rows_of,
    text_of,
)

EVENING = Channel(HERE, "evening")
THERE = Community("fake", "there")
STRANGER = actor("sol", manages=True, community=THERE)
"""Somebody who may do everything, in another community."""
TALK = {"skill": "empathy", "form": "talk", "title": "Two chairs", "task": "What would the empty chair say?"}
REFLECT = {**TALK, "form": "reflect", "title": "The last bus", "vignette": "I walked home again."}
PARTS = {"look": "The walk.", "example": "A long way, again.", "why": "It was heard."}
GIVEN = {"skill": "empathy", "title": "marmalade-toast", "task": "Say it back.", "vignette": "Nobody rang today."}


def kind_of(house: House) -> PostKind:
    """Return what `practice` offers to schedules."""
    return next(feature for feature in house.app.tools.house.features if feature.name == "practice").posts[0]


async def row_of(house: House, channel: Channel = CIRCLE) -> int:
    """Return the row of a group."""
    group = await house.app.tools.groups.at(channel)
    assert group
    return group.id


async def turn_of(house: House, *used: str, channel: Channel = CIRCLE) -> Turn:
    return Turn(await row_of(house, channel), channel.id, used, "en", BERLIN)


def ids(house: House) -> list[str]:
    return [f"bank-{row}" for (row,) in rows_of(house.address, "bank WHERE approved ORDER BY made_at, id", "id")]


def in_circle(given: Mapping[str, str]) -> dict[str, str]:
    return {**given, "in": "#circle"}


# ---------------------------------------------------------------- adding


async def test_an_exercise_of_its_own_is_kept_and_shown(house: House) -> None:
    """Its leader sees how it will look, finds it in the list, and it can be asked for by its title."""
    response = await house.use(LEADER, "bank add", **in_circle(REFLECT), **PARTS)
    listed = await house.types(LEADER, "bank list")
    (piece,) = ids(house)

    said = text_of(response)
    assert isinstance(response, Reply)
    for part in ("The last bus", "#circle", "of this group's own: Empathy, about 5 minutes", "I walked home again."):
        assert part in said
    assert "invented" not in said
    assert "1 The last bus (Empathy, a reply)" in text_of(listed)
    assert ["Add an exercise", "Get support"] == labels_of(listed)
    assert "The last bus" in [each.label for each in await kind_of(house).choices(HERE, "en") if each.value == piece]
    assert "The last bus" == await kind_of(house).label(piece, await row_of(house), "en")
    assert [] == list(house.platform.posts)


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"title": "x" * 61}, "title", "This is 61 characters long; 60 fit."),
        ({"task": "x" * 601}, "task", "601 characters long; 600 fit"),
        ({"vignette": "x" * 501}, "vignette", "501 characters long; 500 fit"),
        ({"look": "x" * 301}, "look", "301 characters long; 300 fit"),
        ({"example": "x" * 301}, "example", "301 characters long; 300 fit"),
        ({"why": "x" * 301}, "why", "301 characters long; 300 fit"),
        ({"minutes": "0"}, "minutes", "Please choose a number from 1 to 60."),
        ({"minutes": "61"}, "minutes", "Please choose a number from 1 to 60."),
        ({"skill": "juggling"}, "skill", "Please choose one of those offered."),
        ({"form": "sing"}, "form", "Please choose one of those offered."),
        ({"title": " "}, "title", "This is still needed."),
        ({"form": "reflect"}, "vignette", "there must be somebody to listen to"),
        ({"vignette": "Hm."}, "vignette", "Only a reply has words of somebody."),
        ({"asks": "limit"}, "asks", "Only a reply asks for words."),
        ({"in": "#nowhere"}, "in", "I don't know a group of yours in this channel."),
    ],
)
async def test_what_does_not_fit_is_asked_for_again(
    house: House, wrong: Mapping[str, str], field: str, sentence: str
) -> None:
    """Each limit has its sentence, everything else stays as it was filled in, and nothing is kept."""
    response = await house.use(LEADER, "bank add", **{**in_circle(TALK), **wrong})

    assert isinstance(response, Ask)
    assert [field] == list(response.problems)
    assert sentence in response.problems[field]
    assert TALK["task"] in {*response.known.values(), *response.hidden.values()} or "task" in wrong
    assert [] == ids(house)


async def test_what_just_fits_is_kept(house: House) -> None:
    """Limits are the last length that is taken; words stay words, whatever they hold."""
    odd = "*@everyone* <!channel> [x](https://y) "
    most = {"title": "t" * 60, "task": odd + "t" * (600 - len(odd)), "vignette": "v" * 500, "minutes": "60"}
    await house.use(LEADER, "bank add", **in_circle(TALK), **PARTS | {"why": "w" * 300})

    said = text_of(await house.use(LEADER, "bank add", **{**in_circle(REFLECT), **most}))

    assert 2 == len(ids(house))
    assert odd.strip() in said
    assert "about 60 minutes" in said


async def test_only_parts_that_are_there_are_shown(house: House) -> None:
    """A question without notes has no button for them, and an answer tells what its leader wrote, nothing more."""
    for given in (TALK, REFLECT, {**TALK, "form": "pause", "why": "It slows things down."}):
        await house.use(LEADER, "bank add", **in_circle(given))
        await house.wait(minutes=1)
    kind = kind_of(house)
    talk, reflect, pause = [await kind.draw(piece, await turn_of(house)) for piece in ids(house)]

    answer = await house.press(MEMBER, button_of(reflect, "Write my reflection"), reflection="You walked.")
    look = await house.press(MEMBER, button_of(pause, "What others notice"))
    other = await house.press(MEMBER, button_of(answer, "Another exercise"))

    assert [] == labels_of(talk)
    assert "Answer here for everyone, or only read along." in talk.footer
    assert text_of(answer).startswith("Thank you for taking the time\nYou wrote:\n> You walked.\nWhat I noticed: ")
    assert not re.search("What to look for|One possible answer|Why it helps", text_of(answer))
    assert "Two chairs\nWhy it helps: It slows things down." == text_of(look)
    assert "Empathy" in text_of(other)


async def test_all_parts_are_shown_after_an_answer(house: House) -> None:
    """As with every exercise: what was noticed, then one answer, and why it helps."""
    await house.use(LEADER, "bank add", **in_circle(REFLECT), **PARTS)
    post = await kind_of(house).draw(ids(house)[0], await turn_of(house))

    said = text_of(await house.press(MEMBER, button_of(post, "Write my reflection"), reflection="You walked."))

    assert "What I noticed: " in said
    assert "One possible answer: A long way, again.\nWhy it helps: It was heard." in said


async def test_a_form_fits_discord(house: House) -> None:
    """The first five fields, which are all that it shows at once, are enough."""
    add, suggest = await house.types(LEADER, "bank add"), await house.types(MEMBER, "resource suggest")

    assert isinstance(add, Ask)
    assert isinstance(suggest, Ask)
    assert ["skill", "form", "title", "task", "vignette"] == [field.name for field in add.preferred(5)]
    assert ["kind", "skill", "title", "vignette", "task"] == [field.name for field in suggest.preferred(5)]


# ---------------------------------------------------------------- which group


async def test_the_group_is_the_one_here_or_the_only_one_or_asked_for(house: House) -> None:
    """Typed in a group it is that one; elsewhere it is the only one, and among several nobody guesses."""
    alone = await house.use(LEADER, "bank add", **TALK)
    await house.app.tools.groups.add(EVENING, BERLIN, "en", "DE")
    asked = await house.use(LEADER, "bank add", **TALK)
    here = await house.types(LEADER, "bank add skill=empathy form=talk title=Here task=Listen", at=EVENING)
    listed = text_of(await house.types(LEADER, "bank list"))
    only = text_of(await house.types(LEADER, "bank list in=#evening"))

    assert "#circle" in text_of(alone)
    assert {"in": "Please choose the group's channel."} == problems_of(asked)
    assert "#evening" in text_of(here)
    assert listed.index("1 Two chairs") < listed.index("#evening") < listed.index("2 Here")
    assert "2 Here" in only
    assert "Two chairs" not in only
    assert "none here yet" in text_of(await house.types(LEADER, "bank list skill=autonomy"))


async def test_members_reach_no_group_that_they_cannot_read(house: House) -> None:
    """Neither by its name nor because it is the only one; it looks as if there were none."""
    house.platform.strangers.add((MEMBER.member, CIRCLE))

    named = await house.use(MEMBER, "resource suggest", **in_circle(GIVEN))
    unnamed = await house.use(MEMBER, "resource suggest", **GIVEN)

    assert {"in": "I don't know a group of yours in this channel. Please choose another channel."} == problems_of(named)
    assert {"in": "Please choose the group's channel."} == problems_of(unnamed)
    assert [] == rows_of(house.address, "bank")


async def test_without_any_group_there_is_no_bank(bare_house: House) -> None:
    """And who could change that is said."""
    for who, line in ((ORGANISER, "bank add skill=empathy form=talk title=A task=B"), (MEMBER, "resource suggest")):
        response = await bare_house.types(who, line)
        filled = {**GIVEN} if isinstance(response, Ask) else {}
        said = response if not filled else await bare_house.use(who, "resource suggest", **filled)
        assert "An organiser can add one with group add" in text_of(said)


async def test_another_community_is_out_of_reach(house: House) -> None:
    """Its leaders find neither the group nor what it has, and its members no exercise, even by their rows."""
    await house.use(LEADER, "bank add", **in_circle(TALK), **PARTS)
    await house.use(MEMBER, "resource suggest", **in_circle(GIVEN))
    await house.app.tools.groups.add(Channel(THERE, "circle"), BERLIN, "en", "DE")
    (piece,) = ids(house)
    ((row,),) = rows_of(house.address, "bank WHERE NOT approved", "id")

    gone = await house.use(STRANGER, "bank remove", exercise=piece.removeprefix("bank-"), sure="yes")
    assert "I can't find this exercise" in text_of(gone)
    assert "none here yet" in text_of(await house.types(STRANGER, "bank list", at=Channel(THERE, "circle")))
    assert "Nothing waits" in text_of(await house.types(STRANGER, "bank review"))
    for command in ("suggestion use", "suggestion drop"):
        assert "decided already" in text_of(await house.use(STRANGER, command, suggestion=str(row)))
    assert "taken out" in text_of(await house.use(STRANGER, "exercise look", exercise=piece))
    assert 2 == len(rows_of(house.address, "bank"))
    assert [piece] == ids(house)


@pytest.mark.parametrize("line", ["bank add", "bank list", "bank remove", "bank import", "bank review"])
async def test_the_bank_is_for_leaders(house: House, line: str) -> None:
    """A member gets one sentence, and the buttons of the queue are none of theirs either."""
    await house.use(LEADER, "bank add", **in_circle(TALK))

    assert "This is for the group's leaders." in text_of(await house.types(MEMBER, line))
    assert "This is for the group's leaders." in text_of(await house.use(MEMBER, "suggestion use", suggestion="1"))
    suggested = await house.app.core.suggest("bank remove", "exercise", "", MEMBER)
    assert [] == list(suggested)


# ---------------------------------------------------------------- choosing


async def test_a_skill_goes_through_the_group_s_own_too(house: House, shelf: Shelf) -> None:
    """Every round holds the exercises for everyone and this group's, and no other group's."""
    await house.app.tools.groups.add(EVENING, BERLIN, "en", "DE")
    for given in (in_circle(TALK), in_circle({**TALK, "skill": "autonomy"}), {**TALK, "in": "#evening"}):
        await house.use(LEADER, "bank add", **given)
        await house.wait(minutes=1)
    kind, (mine, _, others) = kind_of(house), ids(house)

    shipped = [each for each in shelf.of("practice", PracticeContent, "en").exercises if each.skill == "empathy"]
    count = len(shipped) + 1

    used: list[str] = []
    for _ in range(2 * count):
        used.append(await kind.pick("empathy", await turn_of(house, *used)))

    assert set(used[:count]) == set(used[count:])
    assert count == len(set(used))
    assert mine in used
    assert others not in used
    assert used[-1] == await kind.pick("empathy", await turn_of(house, *used[:-1]))


async def test_one_exercise_is_its_own_group_s_alone(house: House) -> None:
    """Asked for by its id it comes each time; another group neither knows, picks nor draws it."""
    await house.app.tools.groups.add(EVENING, BERLIN, "en", "DE")
    await house.use(LEADER, "bank add", **in_circle(TALK))
    kind, (piece,) = kind_of(house), ids(house)

    assert piece == await kind.pick(piece, await turn_of(house, piece, piece))
    assert await kind.label(piece, await row_of(house, EVENING), "en") is None
    for strange in (piece, "bank-1", "bank-", "bank-²", f"bank-{'9' * 30}", "no-such"):
        with pytest.raises(LookupError):
            await kind.pick(strange, await turn_of(house, channel=EVENING))
        with pytest.raises(LookupError):
            await kind.draw(strange, await turn_of(house, channel=EVENING))


async def test_what_is_taken_out_is_gone(house: House) -> None:
    """It asks once; then nothing shows it any more, not even the buttons of an old post."""
    await house.use(LEADER, "bank add", **in_circle(REFLECT))
    (piece,) = ids(house)
    post = await kind_of(house).draw(piece, await turn_of(house))
    (choice,) = await house.app.core.suggest("bank remove", "exercise", "bus", LEADER)

    asked = await house.types(LEADER, "bank remove 1")
    kept = await house.press(LEADER, button_of(asked, "Keep it"))
    done = await house.press(LEADER, button_of(asked, "Remove it"))
    again = await house.press(LEADER, button_of(asked, "Remove it"))

    assert ("1. The last bus", piece.removeprefix("bank-")) == (choice.label, choice.value)
    assert "Take The last bus out of the bank of #circle?" in text_of(asked)
    assert "1 The last bus" in text_of(kept)
    assert isinstance(done, Update)
    assert "Taken out: The last bus." in text_of(done)
    assert "I can't find this exercise" in text_of(again)
    with pytest.raises(LookupError):
        await kind_of(house).draw(piece, await turn_of(house))
    said = await house.press(MEMBER, button_of(post, "Write my reflection"), reflection="You walked.")
    assert "This exercise has been taken out" in text_of(said)


# ---------------------------------------------------------------- several at once

TEXT = """\
exercises:
  - skill: empathy
    form: reflect
    title: The last bus
    vignette: >-
      I walked home again,
      and it rained.
    task: Say it back.
    look_for: The rain.
  # a comment
  - skill: mindfulness
    form: pause
    minutes: 2
    title: One cup
    task: |-
      Hold it.
      Feel how warm it is.
"""
ROW = "- {{skill: empathy, form: talk, title: A{}, task: B}}\n"


async def test_several_are_added_at_once(house: House) -> None:
    """They are told by title, and keep their order."""
    response = await house.use(LEADER, "bank import", file=TEXT)

    assert "2 exercises are in the bank of #circle now:" in text_of(response)
    assert "• The last bus (Empathy, a reply)\n• One cup (Mindfulness, a quiet minute)" in text_of(response)
    drawn = [await kind_of(house).draw(piece, await turn_of(house)) for piece in ids(house)]
    assert ["The last bus", "One cup"] == [each.title for each in drawn]
    assert "I walked home again, and it rained." in text_of(drawn[0])
    assert "about 2 minutes.\nHold it.\nFeel how warm it is." in text_of(drawn[1])


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("skill: empathy", "skill: magic", "Line 2: for skill, please choose from reflective-listening, empathy,"),
        ("form: pause", "form: sing", "Line 12: for form, please choose from reflect, pause, talk, learn."),
        ("title: One cup", "title: " + "x" * 61, "Line 14: title has more than 60 characters."),
        ("title: One cup", "title: ''", "Line 14: title is empty."),
        ("title: One cup", "title: 2020", "Line 14: please write title as text, in quotation marks."),
        ("    title: One cup\n", "", "Line 11: title is missing here."),
        ("minutes: 2", "minutes: 0", "Line 13: for minutes, please write a whole number from 1 to 60."),
        ("minutes: 2", "minutes: yes", "Line 13: for minutes, please write a whole number from 1 to 60."),
        (
            "form: pause",
            "form: pause\n    vignette: Hm.",
            "Line 13: only form: reflect has a vignette, and this is pause.",
        ),
        ("form: pause", "form: pause\n    asks: limit", "Line 13: only form: reflect has asks, and this is pause."),
        ("look_for: The rain.", "asks: magic", "Line 9: for asks, please choose from reflection, offer, limit,"),
        (
            TEXT,
            f"exercises:\n{ROW.format(1)}# again\n{ROW.format(1)}",
            "Line 4: this exercise stands in line 2 already.",
        ),
        ("minutes: 2", "mood: low", "Line 13: I don't know mood. I know skill, form, title,"),
        ("form: pause", "form: reflect", "Line 11: a reply needs a vignette"),
        ("    form: pause", "   form: pause", "I can't read this. Please check the indentation"),
        ("title: One cup", "title: &cup One cup", "Line 14: anchors (& and *) are not used here: write it out."),
        ("title: One cup", "title: !!python/name:os.system x", "Line 14: tags (!) are not used here: take it out."),
        ("minutes: 2", "form: pause", "Line 13: form: stands here twice: keep one."),
        ("exercises:", "things:", "Line 1: I don't know things. I know exercises."),
        ("exercises:\n", "", "Line 1: please write exercises: first"),
        (TEXT, "exercises: []", "Line 1: please write exercises: first"),
        (TEXT, "exercises:\n- Two chairs", "Line 2: this is no exercise."),
        (TEXT, "exercises:\n" + "- a\n" * (MOST_ROWS + 1), "please send 50 exercises at a time at most."),
    ],
)
async def test_one_bad_row_and_nothing_is_added(house: House, before: str, after: str, sentence: str) -> None:
    """It is named by its line, and the text comes back to be mended."""
    assert before in TEXT

    response = await house.use(LEADER, "bank import", file=TEXT.replace(before, after, 1))

    assert "Nothing was added yet." in problems_of(response)["file"]
    assert sentence in problems_of(response)["file"]
    assert [] == ids(house)


async def test_what_the_group_has_is_not_added_again(house: House) -> None:
    """Whoever sends a text once more, with one exercise new, is told which are there."""
    await house.use(LEADER, "bank import", file=TEXT)
    response = await house.use(LEADER, "bank import", file=TEXT + ROW.format(1).replace("- ", "  - "))

    assert ["Line 2: your group has this exercise already.", "Line 11: your group has this exercise already."] == (
        problems_of(response)["file"].splitlines()[1:]
    )
    assert 2 == len(ids(house))


async def test_a_task_may_ask_for_something_else_than_a_reflection(house: House) -> None:
    """Then the coach does not hold the answer against what a reflection is; without a word about it, it does."""
    await house.use(LEADER, "bank add", **in_circle(REFLECT))
    await house.wait(minutes=1)
    await house.use(LEADER, "bank add", **in_circle(REFLECT), asks="offer")
    await house.wait(minutes=1)
    await house.use(LEADER, "bank import", file=TEXT.replace("look_for: The rain.", "asks: request"))
    advice = {"reflection": "You should call a taxi next time and tell your sister about it."}
    said = [text_of(await house.use(MEMBER, "exercise answer", exercise=piece, **advice)) for piece in ids(house)[:3]]

    assert [True, False, False] == ["It may read as advice." in each for each in said]
    assert "reflection" == BankExercise.model_validate({"id": "bank-1", **TALK}).asks


async def test_all_bad_rows_are_named_at_once(house: House) -> None:
    """As many as can be read, and how many more there are."""
    text = "exercises:\n" + "- {skill: empathy, form: talk, title: A}\n" * 12
    response = await house.use(LEADER, "bank import", file=text)

    said = problems_of(response)["file"].splitlines()
    assert [f"Line {line}: task is missing here." for line in range(2, 10)] == said[1:-1]
    assert "And 4 more." == said[-1]


async def test_a_bank_has_room_for_so_many(house: House) -> None:
    """What would be too many is not added at all."""
    rows = [ROW.format(number) for number in range(MOST_IN_BANK + 1)]
    for first in range(0, MOST_IN_BANK, MOST_ROWS):
        await house.use(LEADER, "bank import", file="exercises:\n" + "".join(rows[first : first + MOST_ROWS]))
    await house.use(MEMBER, "resource suggest", **GIVEN)
    review = await house.types(LEADER, "bank review")

    for response in (
        await house.use(LEADER, "bank import", file="exercises:\n" + rows[-1]),
        await house.press(LEADER, button_of(review, "Use it")),
    ):
        assert f"There is room for {MOST_IN_BANK} exercises" in text_of(response)
    assert MOST_IN_BANK == len(ids(house))
    listed = text_of(await house.types(LEADER, "bank list"))
    assert "(Empathy, a question)\nAnd 175 more." in listed


# ---------------------------------------------------------------- packs of other languages

PACK = """\
exercises:
  - {id: unser-bus, skill: boundaries, form: reflect, minutes: 3, title: Der letzte Bus, voice: member,
     vignette: Ich habe den Bus verpasst., task: Sag es zurück., look_for: Der Bus., example: So spät., why: Es hilft.}
"""


async def test_a_pack_in_one_language_takes_nothing_from_anybody(
    shelf: Shelf, new_sqlite: Callable[[], str], tmp_path: Path
) -> None:
    """Its readers have the English exercises too, and buttons of either lead on, whoever presses them."""
    shutil.copytree(content_folder(Config()), tmp_path / "words")
    (tmp_path / "words" / "practice" / "de.unsere-gruppe.yaml").write_text(PACK, encoding="utf-8")
    dora = actor("dora", locale="de")
    async with opened(new_sqlite(), load_shelf(Config(content=str(tmp_path / "words")))) as house:
        await house.furnish()
        empathy = await house.types(dora, "practice skill=empathy")
        post = await kind_of(house).draw("em-pause-half-here", await turn_of(house))
        looked = await house.press(dora, button_of(post, "What others notice"))
        theirs = await house.use(MEMBER, "exercise another", exercise="unser-bus")
        choices = [each.value for each in await kind_of(house).choices(HERE, "de")]

    assert "Empathy" in text_of(empathy)
    assert text_of(looked).startswith("Half there, half here")
    assert "Boundaries" in text_of(theirs)
    exercises = shelf.of("practice", PracticeContent, "en").exercises
    assert ["unser-bus", *(each.id for each in exercises)] == choices[-len(exercises) - 1 :]


async def test_without_any_exercise_that_is_said(shelf: Shelf, new_sqlite: Callable[[], str]) -> None:
    """Where somebody took them all out, nothing goes wrong."""
    parts = {(feature, locale): content for feature, locale, content, _ in shelf.parts()}
    parts["practice", "en"] = parts["practice", "en"].model_copy(update={"exercises": ()})
    async with opened(new_sqlite(), Shelf(parts)) as house:
        await house.furnish()
        said = [text_of(await house.types(MEMBER, line)) for line in ("practice", "practice skill=empathy")]
        with pytest.raises(LookupError):
            await kind_of(house).pick("empathy", await turn_of(house))

    assert ["I have no exercise for this yet."] * 2 == [each.partition(" practice")[0] for each in said]


# ---------------------------------------------------------------- what members hand in


async def test_a_suggestion_is_used_when_a_leader_says_so(house: House) -> None:
    """The member is told who sees it, the leaders never who it was, and nothing is sent to anybody."""
    thanks = await house.use(MEMBER, "resource suggest", **in_circle(GIVEN))
    listed = await house.types(LEADER, "bank list")
    review = await house.press(LEADER, button_of(listed, "Look at suggestions"))
    before = ids(house)
    used = await house.press(LEADER, button_of(review, "Use it"))

    assert "They see it, and your group may use it. Your name is not shown." in text_of(thanks)
    assert "One suggestion from a member waits to be looked at." in text_of(listed)
    for part in ("A member suggests this for #circle.", "marmalade-toast", "Nobody rang today.", "Say it back."):
        assert part in text_of(review)
    assert MEMBER.member.id not in f"{message_of(review)}{message_of(listed)}{message_of(used)}"
    assert ["Use it", "Not for us", "Get support"] == labels_of(review)
    assert [] == before
    assert isinstance(used, Update)
    assert ["Get support"] == labels_of(used)
    (piece,) = ids(house)
    assert "marmalade-toast" == (await kind_of(house).draw(piece, await turn_of(house))).title
    assert "Nothing waits" in text_of(await house.types(LEADER, "bank review"))
    assert [] == list(house.platform.posts)


async def test_without_somebody_s_words_it_is_a_question(house: House) -> None:
    """And what is not for this group is gone at once."""
    given = {name: text for name, text in GIVEN.items() if name != "vignette"}
    await house.use(MEMBER, "resource suggest", kind="exercise", **given)
    review = await house.types(LEADER, "bank review")
    waiting = ids(house)

    dropped = await house.press(LEADER, button_of(review, "Not for us"))

    assert "Something to talk about: Empathy" in text_of(review)
    assert [] == waiting
    assert "It is gone. Nobody was told." in text_of(dropped)
    assert [] == rows_of(house.address, "bank")


async def test_what_waits_is_in_no_bank_yet(house: House) -> None:
    """Neither a schedule nor a member can reach it by its row."""
    await house.use(MEMBER, "resource suggest", **GIVEN)
    ((row,),) = rows_of(house.address, "bank", "id")
    piece, kind = f"bank-{row}", kind_of(house)

    assert await kind.label(piece, await row_of(house), "en") is None
    assert piece not in [each.value for each in await kind.choices(HERE, "en")]
    assert piece not in [await kind.pick("empathy", await turn_of(house, *["x"] * number)) for number in range(5)]
    assert "taken out" in text_of(await house.use(MEMBER, "exercise look", exercise=piece))
    assert "I can't find" in text_of(await house.use(LEADER, "bank remove", exercise=str(row), sure="yes"))
    assert 1 == len(rows_of(house.address, "bank"))


async def test_the_queue_is_one_and_goes_round(house: House) -> None:
    """The oldest comes first, of whichever group; *Next* leads on, and from the last to the first."""
    await house.app.tools.groups.add(EVENING, BERLIN, "en", "DE")
    for title, channel in (("one", "#evening"), ("two", "#circle"), ("three", "#evening")):
        await house.use(MEMBER, "resource suggest", **{**GIVEN, "title": title, "in": channel})
        await house.wait(minutes=1)

    review = await house.types(LEADER, "bank review")
    titles = [message_of(review).title]
    for _ in range(3):
        review = await house.press(LEADER, button_of(review, "Next"))
        titles.append(message_of(review).title)
    used = await house.press(LEADER, button_of(review, "Use it"))
    following = await house.press(LEADER, button_of(used, "Next"))

    assert ["one", "two", "three", "one"] == titles
    assert isinstance(review, Update)
    assert "for #evening, one of 3 that wait" in text_of(review)
    assert "two" == message_of(following).title


async def test_two_leaders_decide_at_once(house: House) -> None:
    """One of them decides; the other is told, and nothing is undone."""
    await house.use(MEMBER, "resource suggest", **GIVEN)
    first, second = [await house.types(who, "bank review") for who in (LEADER, ORGANISER)]

    one, other = await asyncio.gather(
        house.press(LEADER, button_of(first, "Use it")), house.press(ORGANISER, button_of(second, "Use it"))
    )
    late = await house.press(ORGANISER, button_of(second, "Not for us"))

    said = sorted(text_of(each) for each in (one, other))
    assert "It is in the group's bank now" in said[0]
    assert "decided already, perhaps by another leader" in said[1]
    assert "decided already, perhaps by another leader" in text_of(late)
    assert 1 == len(ids(house))


async def test_so_many_may_wait_for_each_member(house: House) -> None:
    """Then it is asked to wait, kindly; others may go on, and so may they once something is decided."""
    for _ in range(MOST_WAITING):
        await house.use(MEMBER, "resource suggest", **GIVEN)
    enough = await house.use(MEMBER, "resource suggest", **GIVEN)
    await house.wait(minutes=1)
    other = await house.use(OTHER, "resource suggest", **GIVEN)
    await house.press(LEADER, button_of(await house.types(LEADER, "bank review"), "Not for us"))
    again = await house.use(MEMBER, "resource suggest", **GIVEN)

    assert "10 of your suggestions are still waiting" in text_of(enough)
    assert "Your name is not shown." in text_of(other)
    assert "Your name is not shown." in text_of(again)


@pytest.mark.parametrize("field", ["title", "task", "vignette"])
async def test_words_of_despair_bring_support_first(house: House, field: str) -> None:
    """Nothing is kept until the member goes on."""
    offer = await house.use(MEMBER, "resource suggest", **{**GIVEN, field: "I want to die"})
    before = rows_of(house.address, "bank")
    thanks = await house.press(MEMBER, button_of(offer, "Not now, go on"))

    assert "You don't have to be alone with this" in text_of(offer)
    assert [] == before
    assert "Your name is not shown." in text_of(thanks)


async def test_home_tells_leaders_of_suggestions(house: House) -> None:
    """And members nothing of them."""
    await house.use(MEMBER, "resource suggest", **GIVEN)

    assert "One suggestion from a member waits" in text_of(await house.types(LEADER, "home"))
    assert "suggestion" not in text_of(await house.types(MEMBER, "home"))


# ---------------------------------------------------------------- what is kept


async def test_a_member_sees_and_takes_back_what_they_gave(house: House) -> None:
    """What waits goes; what a group uses stays, and nobody can tell any more whose it was."""
    for title in ("used-17", "waits-18"):
        await house.use(MEMBER, "resource suggest", **{**GIVEN, "title": title})
        await house.wait(minutes=1)
    await house.press(LEADER, button_of(await house.types(LEADER, "bank review"), "Use it"))
    said = text_of(await house.types(MEMBER, "privacy show"))
    others = text_of(await house.types(OTHER, "privacy show"))
    ((giver, index),) = rows_of(house.address, "bank WHERE approved", "giver, giver_index")

    await house.use(MEMBER, "privacy delete", sure="yes")

    assert "which waits for your leaders: waits-18" in said
    assert "(Europe/Berlin): used-17. If you remove everything, it stays with the group" in said
    assert "I keep nothing about you" in others
    assert [(1, None, None)] == rows_of(house.address, "bank", "approved, giver, giver_index")
    kept = await house.raw()
    assert giver not in kept
    assert index not in kept
    assert "used-17" in text_of(await house.types(LEADER, "bank list"))
    assert "I keep nothing about you" in text_of(await house.types(MEMBER, "privacy show"))


async def test_what_is_kept_is_sealed(house: House) -> None:
    """The file shows neither what was written nor by whom."""
    await house.use(LEADER, "bank add", **in_circle({**REFLECT, "title": "sealed-21"}))
    await house.use(MEMBER, "resource suggest", **GIVEN)

    kept = await house.raw()
    for written in ("sealed-21", "I walked home again", "marmalade-toast", "Nobody rang"):
        assert written.encode() not in kept
