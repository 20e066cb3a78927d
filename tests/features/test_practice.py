"""`practice`, its forms and answers, and the rule that chooses exercises."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.content import Shelf
from bot.core.port import Ask, Button, Kind, Reply, Response
from bot.core.text import plain, read_as_text
from bot.features.practice import LONGEST_REFLECTION, SKILLS
from bot.features.practice.exercises import Exercise, ExerciseForm, PracticeContent
from bot.features.practice.rules import next_of, some_other
from tests.fakes import CIRCLE
from tests.house import LEADER, MEMBER, OTHER, House, button_of, labels_of, message_of, problems_of, text_of

WRITTEN = "marmalade-in-the-night"
"""What a member writes: a word that stands nowhere else."""


@pytest.fixture
def exercises(shelf: Shelf) -> tuple[Exercise, ...]:
    """Give every exercise."""
    return shelf.of("practice", PracticeContent, "en").exercises


def exercise_of(response: Response, exercises: tuple[Exercise, ...]) -> Exercise:
    """Return the exercise that a card shows."""
    title = message_of(response).title
    return next(each for each in exercises if each.title == title)


async def test_every_skill_has_an_exercise_at_once(house: House, exercises: tuple[Exercise, ...]) -> None:
    """A private card of that skill, with its vignette and task, a way to answer and a way to another one."""
    for skill in SKILLS:
        response = await house.types(MEMBER, f"practice {skill}")

        exercise, said = exercise_of(response, exercises), text_of(response)
        assert isinstance(response, Reply)
        assert skill == exercise.skill
        assert ExerciseForm.TALK is not exercise.form
        assert read_as_text(plain(exercise.task)) in said
        assert read_as_text(plain(exercise.vignette)) in said
        assert exercise.look_for not in said
        assert labels_of(response)[1:] == ["Another exercise", "Get support"]
    assert [] == list(house.platform.posts)


async def test_any_skill_will_do(house: House, exercises: tuple[Exercise, ...]) -> None:
    """Without a skill there is an exercise of any; over time it is not always the same."""
    titles: set[str] = set()
    for _ in range(6):
        titles.add(exercise_of(await house.types(MEMBER, "practice"), exercises).title)
        await house.wait(minutes=1)

    assert len(titles) > 1


async def test_a_skill_may_be_written_as_people_write(house: House, exercises: tuple[Exercise, ...]) -> None:
    """Capitals and blanks do no harm; what is no skill is asked for again."""
    response = await house.types(MEMBER, 'practice skill="Reflective Listening"')
    wrong = await house.types(MEMBER, "practice skill=juggling")

    assert "reflective-listening" == exercise_of(response, exercises).skill
    assert {"skill": "Please choose one of those offered."} == problems_of(wrong)


async def test_another_exercise_is_another_one_of_the_same_skill(house: House, exercises: tuple[Exercise, ...]) -> None:
    """Pressed again and again, it goes through them all."""
    response = await house.types(MEMBER, "practice mindfulness")
    seen = [exercise_of(response, exercises)]
    for _ in range(3):
        response = await house.press(MEMBER, button_of(response, "Another exercise"))
        seen.append(exercise_of(response, exercises))

    assert {"mindfulness"} == {each.skill for each in seen}
    assert all(first.id != second.id for first, second in pairwise(seen))
    assert seen[0].id == seen[3].id
    assert 3 == len({each.id for each in seen})


async def test_a_reflection_is_answered_privately(house: House, exercises: tuple[Exercise, ...]) -> None:
    """The answer shows what was written as it was written, what to look for, an example marked as one, and why."""
    card = await house.types(MEMBER, "practice empathy")
    exercise = exercise_of(card, exercises)
    write = button_of(card, "Write my reflection")

    form = await house.press(MEMBER, write)
    answer = await house.press(
        MEMBER, write, reflection=f"You *feel* {WRITTEN} @everyone <!channel>\n\n1. [x](https://y)"
    )

    assert isinstance(form, Ask)
    assert [("reflection", Kind.PARAGRAPH)] == [(field.name, field.kind) for field in form.fields]
    assert {"exercise": exercise.id} == form.hidden
    assert isinstance(answer, Reply)
    said = text_of(answer)
    assert f"You *feel* {WRITTEN} @everyone <!channel>" in said
    assert "1. [x](https://y)" in said
    for part in (exercise.look_for, exercise.example, exercise.why):
        assert read_as_text(plain(part)) in said
    assert "One possible answer:" in said
    assert () == message_of(answer).notifies
    assert ["Another exercise", "Get support"] == labels_of(answer)


async def test_the_posted_exercise_is_answered_as_well(house: House) -> None:
    """Whoever reads the channel may press, and the answer goes to them alone."""
    await house.types(LEADER, "schedule add what=empathy in=#circle rule=daily 19:00")
    await house.wait(hours=6)
    post = house.newest(CIRCLE)
    write = button_of(post, "Write my reflection")

    for who in (MEMBER, OTHER):
        answer = await house.press(who, write, reflection=WRITTEN)

        assert isinstance(answer, Reply)
        assert WRITTEN in text_of(answer)
    assert "Answer in the thread for everyone, or press Write my reflection to practise alone." in text_of(post)
    assert 1 == len(house.platform.posts)


async def test_what_others_notice_needs_nothing_written(house: House, exercises: tuple[Exercise, ...]) -> None:
    """A quiet minute has no form: its button shows what to look for and why it helps."""
    card = await house.types(MEMBER, "practice mindfulness")
    exercise = exercise_of(card, exercises)

    said = text_of(await house.press(MEMBER, button_of(card, "What others notice")))

    for part in (exercise.look_for, exercise.example, exercise.why):
        assert read_as_text(plain(part)) in said


async def test_a_reflection_that_is_too_long_can_be_shortened(house: House) -> None:
    """The form comes back with every character; one that just fits is answered."""
    card = await house.types(MEMBER, "practice empathy")
    write = button_of(card, "Write my reflection")

    long = await house.press(MEMBER, write, reflection="x" * (LONGEST_REFLECTION + 1))
    fits = await house.press(MEMBER, write, reflection="x" * LONGEST_REFLECTION)

    assert isinstance(long, Ask)
    assert "x" * (LONGEST_REFLECTION + 1) == long.known["reflection"]
    assert "1501 characters long; 1500 fit" in long.problems["reflection"]
    assert isinstance(fits, Reply)


async def test_an_exercise_that_was_taken_out_is_said_kindly(house: House) -> None:
    """Buttons of old posts do not break."""
    for command in ("exercise answer", "exercise look", "exercise another"):
        filled = {"reflection": "hello"} if command == "exercise answer" else {}
        said = text_of(await house.press(MEMBER, Button("Old", command, {"exercise": "no-such"}), **filled))

        assert "This exercise has been taken out" in said


async def test_nothing_that_was_written_is_kept(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """After answers, refusals, an offer of support and a fault, no table and no log holds a word of it."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        await use_practice_in_every_way(house)

    assert WRITTEN.encode() not in await house.raw()
    assert WRITTEN not in str(logs)
    assert WRITTEN not in caplog.text


async def use_practice_in_every_way(house: House) -> None:
    card = await house.types(MEMBER, "practice empathy")
    write = button_of(card, "Write my reflection")
    await house.press(MEMBER, write, reflection=WRITTEN)
    await house.press(MEMBER, write, reflection=WRITTEN * 100)
    offer = await house.press(MEMBER, write, reflection=f"I want to die {WRITTEN}")
    await house.press(MEMBER, message_of(offer).buttons[-1])
    await house.press(MEMBER, Button("Old", "exercise answer", {"exercise": WRITTEN}), reflection=WRITTEN)
    await house.press(MEMBER, Button("Odd", "exercise answer", {"exercise": WRITTEN}), **{WRITTEN: WRITTEN})
    await house.writes(MEMBER, f"I want to die {WRITTEN}")
    await house.writes(MEMBER, WRITTEN)
    await house.wait(hours=1)


async def test_words_of_despair_bring_an_offer_and_then_the_answer(house: House) -> None:
    """The reflection is not lost: after the offer it goes on with one press, and is answered."""
    card = await house.types(MEMBER, "practice empathy")
    write = button_of(card, "Write my reflection")

    offer = await house.press(MEMBER, write, reflection=f"I want to die. {WRITTEN}")
    going_on = button_of(offer, "Not now, go on")
    answer = await house.press(MEMBER, going_on)

    assert "You don't have to be alone with this" in text_of(offer)
    assert "I've told nobody about this" in text_of(offer)
    assert WRITTEN not in str(going_on.arguments)
    assert WRITTEN in text_of(answer)
    assert "Why it helps:" in text_of(answer)


async def test_what_is_in_hand_belongs_to_its_owner(house: House) -> None:
    """Somebody else with the same button gets an empty form, and after fifteen minutes so does the owner."""
    write = button_of(await house.types(MEMBER, "practice empathy"), "Write my reflection")
    offer = await house.press(MEMBER, write, reflection=f"I want to die. {WRITTEN}")
    going_on = button_of(offer, "Not now, go on")

    stranger = await house.press(OTHER, going_on)
    await house.wait(minutes=16)
    late = await house.press(MEMBER, going_on)

    for form in (stranger, late):
        assert isinstance(form, Ask)
        assert "reflection" not in form.known


# ---------------------------------------------------------------- which one comes


names = st.integers(1, 9).map(lambda size: [f"x{number}" for number in range(size)])


def turns(pool: Sequence[str], used: Sequence[str], seed: str, count: int) -> list[str]:
    """Return what comes next so many times, when each is posted."""
    had = list(used)
    for _ in range(count):
        had.append(next_of(pool, had, seed))
    return had[len(used) :]


@given(pool=names, seed=st.text(max_size=5), rounds=st.integers(1, 6))
def test_every_round_holds_each_exercise_once(pool: list[str], seed: str, rounds: int) -> None:
    """And none comes twice in a row, where there are two at all."""
    had = turns(pool, (), seed, len(pool) * rounds)

    for start in range(0, len(had), len(pool)):
        assert sorted(pool) == sorted(had[start : start + len(pool)])
    assert len(pool) == 1 or all(first != second for first, second in pairwise(had))
    assert had == turns(list(reversed(pool)), (), seed, len(had))


@given(pool=names, new=st.integers(1, 3), seed=st.text(max_size=5), rounds=st.integers(0, 3), data=st.data())
def test_what_joins_comes_in_this_round(pool: list[str], new: int, seed: str, rounds: int, data: st.DataObject) -> None:
    """Whenever that is, nothing returns before what was left and what joined have both come."""
    into = data.draw(st.integers(1, len(pool)))
    used = turns(pool, (), seed, len(pool) * rounds + into)
    larger = [*pool, *(f"new{number}" for number in range(new))]

    rest = turns(larger, used, seed, len(larger) - into)
    after = turns(larger, [*used, *rest], seed, len(larger))

    assert sorted(larger) == sorted([*used[len(pool) * rounds :], *rest])
    assert sorted(larger) == sorted(after)
    assert rest[-1:] != after[:1]


@given(pool=names, gone=st.integers(0, 8), seed=st.text(max_size=5), count=st.integers(0, 20))
def test_what_leaves_is_not_waited_for(pool: list[str], gone: int, seed: str, count: int) -> None:
    """Those that stay go on with the round as if it had never been there."""
    used = turns(pool, (), seed, count)
    smaller = [piece for piece in pool if piece != f"x{gone}"]
    mine = [piece for piece in used if piece in smaller]
    if not smaller:
        with pytest.raises(LookupError):
            next_of(smaller, used, seed)
        return

    begun = len(mine) % len(smaller)
    rest = turns(smaller, used, seed, len(smaller) - begun)

    assert sorted(smaller) == sorted([*mine[len(mine) - begun :], *rest])


@given(pool=names, seed=st.text(max_size=5), rounds=st.integers(0, 2), again=st.lists(st.integers(0, 8), max_size=9))
def test_a_choice_that_is_repeated_counts_once(pool: list[str], seed: str, rounds: int, again: list[int]) -> None:
    """However often leaders post one again that this round has had, the others all come before any returns."""
    had: list[str] = []
    used = turns(pool, (), seed, len(pool) * rounds)
    while len(had) < len(pool):
        had.append(next_of(pool, used, seed))
        used.append(had[-1])
        if len(had) < len(pool):
            used += [had[each] for each in again if each < len(had)]

    assert sorted(pool) == sorted(had)


def test_the_order_is_the_group_s_own() -> None:
    """Another group has another one, and what others were posted does not count."""
    pool = [f"x{number}" for number in range(9)]

    assert turns(pool, (), "1:empathy", 9) != turns(pool, (), "2:empathy", 9)
    assert turns(pool, ("y", "z"), "1:empathy", 9) == turns(pool, (), "1:empathy", 9)


def exercise_called(name: str) -> Exercise:
    made = {
        "skill": "empathy",
        "form": "pause",
        "minutes": 1,
        "title": "t",
        "task": "t",
        "look_for": "l",
        "example": "e",
        "why": "w",
        "voice": "member",
    }
    return Exercise.model_validate({**made, "id": name})


@given(size=st.integers(1, 9), start=st.integers(0, 8))
def test_some_other_goes_round(size: int, start: int) -> None:
    """Pressed as often as there are exercises, it comes back to the first, by way of all."""
    pool = [exercise_called(f"x{number}") for number in range(size)]
    seen = [pool[start % size].id]
    for _ in range(size):
        seen.append(some_other(pool, seen[-1]).id)

    assert seen[0] == seen[-1]
    assert size == len(set(seen))
    assert pool[0] == some_other(pool, "elsewhere")


def test_ids_of_the_groups_are_not_given_to_the_content() -> None:
    """What begins with bank- is looked for in a group's bank."""
    with pytest.raises(ValueError, match="belong to the groups"):
        exercise_called("bank-17")
