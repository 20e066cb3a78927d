"""`practice`: rows of three, posts and their threads, and the rule that chooses exercises."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.content import Shelf
from bot.core.port import Ask, Button, Kind, Reply, Response, Thread
from bot.core.text import plain, read_as_text
from bot.features.practice import SKILLS
from bot.features.practice.exercises import Exercise, ExerciseForm, PracticeContent
from bot.features.practice.private import LONGEST_REFLECTION
from bot.features.practice.rules import next_of
from bot.features.practice.seen import SeenStore
from bot.features.practice.steps import Step, read_step
from bot.features.support.lines import SupportContent, offer_for
from tests.fakes import CIRCLE, START, later, refused
from tests.features.coached import WRITE, WRITTEN, card_of, coached, stumbles, write_of
from tests.house import (
    LEADER,
    MEMBER,
    OTHER,
    House,
    button_of,
    labels_of,
    message_of,
    problems_of,
    rows_of,
    text_of,
)

ANOTHER, STOP, MORE, LOOK = "Another exercise", "That's enough for now", "Three more", "What others notice"


@pytest.fixture
def exercises(shelf: Shelf) -> tuple[Exercise, ...]:
    """Give every exercise."""
    return shelf.of("practice", PracticeContent, "en").exercises


def exercise_of(response: Response, exercises: tuple[Exercise, ...]) -> Exercise:
    """Return the exercise that a card shows."""
    title = message_of(response).title
    return next(each for each in exercises if each.title == title)


# ---------------------------------------------------------------- alone


async def test_every_skill_has_an_exercise_at_once(house: House, exercises: tuple[Exercise, ...]) -> None:
    """A private card of that skill, with its vignette and task, a way to answer, a way on and a way out."""
    for skill in SKILLS:
        response = await house.types(MEMBER, f"practice {skill}")

        exercise, said = exercise_of(response, exercises), text_of(response)
        first = WRITE if exercise.form is ExerciseForm.REFLECT else LOOK
        assert isinstance(response, Reply)
        assert skill == exercise.skill
        assert ExerciseForm.TALK is not exercise.form
        assert read_as_text(plain(exercise.task)) in said
        assert read_as_text(plain(exercise.vignette)) in said
        assert exercise.look_for not in said
        assert "The first of three. Stop whenever you like." in said
        assert [first, ANOTHER, STOP, "Get support"] == labels_of(response)
    assert [] == list(house.platform.posts)


async def test_a_skill_may_be_written_as_people_write(house: House, exercises: tuple[Exercise, ...]) -> None:
    """Capitals and blanks do no harm; what is no skill is asked for again."""
    response = await house.types(MEMBER, 'practice skill="Reflective Listening"')
    wrong = await house.types(MEMBER, "practice skill=juggling")

    assert "reflective-listening" == exercise_of(response, exercises).skill
    assert {"skill": "Please choose one of those offered."} == problems_of(wrong)


async def test_three_come_in_a_row_with_a_stop_at_every_step(house: House, exercises: tuple[Exercise, ...]) -> None:
    """Each another one of the same skill; the third ends it kindly, and three more are there for who wants them."""
    first = await card_of(house, "empathy")
    second = await house.press(MEMBER, button_of(first, ANOTHER))
    third = await house.press(MEMBER, button_of(second, ANOTHER))
    stops = [await house.press(MEMBER, button_of(card, STOP)) for card in (first, second, third)]
    row = [exercise_of(card, exercises) for card in (first, second, third)]
    last = button_of(third, WRITE if row[2].form is ExerciseForm.REFLECT else LOOK)
    done = await house.press(MEMBER, last, **({"reflection": WRITTEN} if last.label == WRITE else {}))
    more = await house.press(MEMBER, button_of(done, MORE))

    assert {"empathy"} == {each.skill for each in row}
    assert 3 == len({each.id for each in row})
    assert "The second of three." in text_of(second)
    assert "The last of three." in text_of(third)
    assert [last.label, STOP, "Get support"] == labels_of(third)
    for stop in stops:
        assert "let's leave it here. Thank you for taking this time." in text_of(stop)
        assert [MORE, "Get support"] == labels_of(stop)
    assert "That was the third." in text_of(done)
    assert not {ANOTHER, STOP} & set(labels_of(done))
    assert "The first of three." in text_of(more)
    assert "empathy" == exercise_of(more, exercises).skill


def test_a_step_is_read_as_it_was_written() -> None:
    """What buttons carry is an id and one figure; what is neither is an id that nobody knows."""
    for step in (Step("two-hearts"), Step("two-hearts", 1), Step("bank-17", 3)):
        assert step == read_step(str(step), None)  # pyright: ignore[reportArgumentType]  it is not looked at
    for odd in ("two-hearts.0", "two-hearts.4", "two-hearts.", ".", "", "."):
        assert Step(odd) == read_step(odd, None)  # pyright: ignore[reportArgumentType]  it is not looked at


async def test_none_returns_before_all_were_seen(house: House, exercises: tuple[Exercise, ...]) -> None:
    """Whoever comes back is given what they have not had yet, in an order that is their own."""
    pool = {each.id for each in exercises if each.skill == "autonomy" and each.form is not ExerciseForm.TALK}
    shown = {
        who: [exercise_of(await house.types(who, "practice autonomy"), exercises).id for _ in [*pool, *pool]]
        for who in (MEMBER, OTHER)
    }

    for had in shown.values():
        assert pool == set(had[: len(pool)]) == set(had[len(pool) :])
        assert all(first != second for first, second in pairwise(had)) or len(pool) == 1


async def test_what_was_seen_is_ids_sealed_and_bounded(house: House, exercises: tuple[Exercise, ...]) -> None:
    """A row for each member holds nothing in clear and at most so many ids; they are told, and go when asked to."""
    store = SeenStore(house.app.tools.database, house.app.tools.sealing)
    card = exercise_of(await house.types(MEMBER, "practice empathy"), exercises)
    assert [card.id] == await store.of(MEMBER.member)
    assert card.id.encode() not in await house.raw()
    assert f"An exercise you have had on your own: {card.title}" in text_of(await house.types(MEMBER, "privacy show"))

    few = SeenStore(house.app.tools.database, house.app.tools.sealing, most=3)
    for each in ("a", "b", "c", "d"):
        await few.next(MEMBER.member, [each])
    assert ["b", "c", "d"] == await store.of(MEMBER.member)
    assert 1 == len(rows_of(house.address, "practised"))

    await house.use(MEMBER, "privacy delete", sure="yes")
    assert [] == rows_of(house.address, "practised")
    assert [] == await store.of(MEMBER.member)


async def test_two_presses_at_once_bring_two_exercises(house: House) -> None:
    """Both are remembered, and they are not the same."""
    store = SeenStore(house.app.tools.database, house.app.tools.sealing)

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(store.next(MEMBER.member, ["a", "b", "c"])) for _ in range(3)]

    assert {"a", "b", "c"} == {each.result() for each in asked} == set(await store.of(MEMBER.member))


async def test_a_reflection_is_answered_privately(house: House, exercises: tuple[Exercise, ...]) -> None:
    """The answer shows what was written as it was written, what to look for, an example marked as one, and why."""
    card = await card_of(house, "empathy")
    exercise = exercise_of(card, exercises)
    write = button_of(card, WRITE)

    form = await house.press(MEMBER, write)
    answer = await house.press(
        MEMBER, write, reflection=f"You *feel* {WRITTEN} @everyone <!channel>\n\n1. [x](https://y)"
    )

    assert isinstance(form, Ask)
    assert [("reflection", Kind.PARAGRAPH)] == [(field.name, field.kind) for field in form.fields]
    assert {"exercise": f"{exercise.id}.1"} == form.hidden
    assert isinstance(answer, Reply)
    said = text_of(answer)
    assert f"You *feel* {WRITTEN} @everyone <!channel>" in said
    assert "1. [x](https://y)" in said
    for part in (exercise.example, exercise.why):
        assert read_as_text(plain(part)) in said
    assert "One possible answer:" in said
    assert said.endswith("I'm a small program and can be wrong.")
    assert () == message_of(answer).notifies
    assert ["Try again", ANOTHER, STOP, "This is about me"] == labels_of(answer)
    assert "support" == button_of(answer, "This is about me").command


async def test_trying_again_brings_back_what_was_written(house: House) -> None:
    """Also a second time, and for its owner alone; after fifteen minutes it is asked for again, kindly."""
    answer = await house.press(MEMBER, await write_of(house), reflection=WRITTEN)
    again = button_of(answer, "Try again")

    form = await house.press(MEMBER, again)
    stranger = await house.press(OTHER, again)
    changed = await house.press(MEMBER, again, reflection="You are tired.")
    await house.wait(minutes=16)
    late = await house.press(MEMBER, again)

    assert isinstance(form, Ask)
    assert {"reflection": WRITTEN} == {name: form.known[name] for name in ("reflection",)}
    assert isinstance(changed, Ask)
    assert "You are tired." == changed.known["reflection"]
    for gone in (stranger, late):
        assert isinstance(gone, Ask)
        assert "reflection" not in gone.known
        assert "no longer in my hands" in gone.note
    assert WRITTEN not in str(again.arguments)


async def test_what_others_notice_needs_nothing_written(house: House, exercises: tuple[Exercise, ...]) -> None:
    """A quiet minute has no form: its button shows what to look for and why it helps."""
    card = await card_of(house, "mindfulness", LOOK)
    exercise = exercise_of(card, exercises)

    answer = await house.press(MEMBER, button_of(card, LOOK))

    for part in (exercise.look_for, exercise.example, exercise.why):
        assert read_as_text(plain(part)) in text_of(answer)
    assert [ANOTHER, STOP, "Get support"] == labels_of(answer)


async def test_a_reflection_that_is_too_long_can_be_shortened(house: House) -> None:
    """The form comes back with every character; one that just fits is answered."""
    write = await write_of(house)

    long = await house.press(MEMBER, write, reflection="x" * (LONGEST_REFLECTION + 1))
    fits = await house.press(MEMBER, write, reflection="x" * LONGEST_REFLECTION)

    assert isinstance(long, Ask)
    assert "x" * (LONGEST_REFLECTION + 1) == long.known["reflection"]
    assert "1501 characters long; 1500 fit" in long.problems["reflection"]
    assert isinstance(fits, Reply)


async def test_an_exercise_that_was_taken_out_is_said_kindly(house: House) -> None:
    """Buttons of old posts do not break. No form opens for it, and what was written meanwhile is given back."""
    old = {"exercise": "no-such.2"}
    for command in ("exercise answer", "exercise look", "exercise another", "exercise stop"):
        said = text_of(await house.press(MEMBER, Button("Old", command, old)))

        assert "This exercise has been taken out" in said
    said = text_of(await house.press(MEMBER, Button("Old", "exercise answer", old), reflection=f"*{WRITTEN}*"))
    assert "This exercise has been taken out" in said
    assert f"> *{WRITTEN}*" in said


async def test_words_of_despair_bring_an_offer_and_then_the_answer(house: House) -> None:
    """The reflection is not lost: it goes on with one press, to an answer that teaches nothing, and support stays."""
    offer = await house.press(MEMBER, await write_of(house), reflection=f"I want to die. {WRITTEN}")
    going_on = button_of(offer, "Not now, go on")
    answer = await house.press(MEMBER, going_on)

    assert "You don't have to be alone with this" in text_of(offer)
    assert "I've told nobody about this" in text_of(offer)
    assert WRITTEN not in str(going_on.arguments)
    assert WRITTEN in text_of(answer)
    assert "You may leave it right here: nothing more is asked of you" in text_of(answer)
    assert "One possible answer:" in text_of(answer)
    assert "support" == button_of(answer, "This is about me").command
    for lesson in ("What I noticed:", "One thing to try:", "What to look for:"):
        assert lesson not in text_of(answer)


async def test_what_is_in_hand_belongs_to_its_owner(house: House) -> None:
    """Somebody else with the same button gets an empty form, and after fifteen minutes so does the owner."""
    offer = await house.press(MEMBER, await write_of(house), reflection=f"I want to die. {WRITTEN}")
    going_on = button_of(offer, "Not now, go on")

    stranger = await house.press(OTHER, going_on)
    await house.wait(minutes=16)
    late = await house.press(MEMBER, going_on)

    for form in (stranger, late):
        assert isinstance(form, Ask)
        assert "reflection" not in form.known


def test_no_exercise_sounds_like_somebody_in_danger(shelf: Shelf, exercises: tuple[Exercise, ...]) -> None:
    """Whoever answers with what we ourselves wrote is not stopped: no guard has an offer for any part of it."""
    offers = shelf.of("support", SupportContent, "en").offers
    parts = [
        (each.id, part)
        for each in exercises
        for part in (each.vignette, each.task, each.look_for, each.example, each.why)
    ]

    assert [] == [(exercise, part) for exercise, part in parts if offer_for(part, offers)]


async def test_what_was_written_is_forgotten_in_time(house: House) -> None:
    """After fifteen minutes nothing of it is in memory any more, though nobody came back for it."""
    await house.press(MEMBER, await write_of(house), reflection=WRITTEN)
    await house.use(MEMBER, "reflect draft", said=WRITTEN, draft=WRITTEN)
    held = house.app.tools.held

    assert await held.sweep(house.clock.now())
    await house.wait(minutes=15)
    assert await held.sweep(START) is None


# ---------------------------------------------------------------- as posts


async def posted(house: House, what: str, more: str = "") -> None:
    await house.types(LEADER, f"schedule add what={what} in=#circle rule=daily 19:00 {more}")
    await house.wait(hours=6)


async def test_the_posted_exercise_is_answered_as_well(house: House, exercises: tuple[Exercise, ...]) -> None:
    """It says what it is and is not; whoever presses is answered alone, and may have another example alone."""
    await posted(house, "em-on-the-stairs")
    post = house.newest(CIRCLE)

    for who in (MEMBER, OTHER):
        answer = await house.press(who, button_of(post, WRITE), reflection=WRITTEN)
        example = await house.press(who, button_of(post, "Another example"))

        assert WRITTEN in text_of(answer)
        assert ["Try again", ANOTHER, "This is about me"] == labels_of(answer)
        assert isinstance(example, Reply)
        assert "empathy" == exercise_of(example, exercises).skill
        assert ExerciseForm.REFLECT is exercise_of(example, exercises).form
        assert "em-on-the-stairs" != exercise_of(example, exercises).id
        assert "The first of three." in text_of(example)
    for line in (
        "The person in it is invented.",
        "Answer here for everyone, or press Write my reflection to practise alone.",
        "There is no right answer, and nobody is marked.",
    ):
        assert line in text_of(post)
    assert [WRITE, "Another example", "Get support"] == labels_of(post)
    assert 1 == len(house.platform.posts)


async def test_a_thread_begins_with_two_lines_of_ground_rules(house: House) -> None:
    """Once, after the thread is there; the card tells of it, and so did the preview."""
    await house.types(LEADER, "schedule add what=em-on-the-stairs in=#circle rule=daily 19:00 thread=yes")
    preview = await house.types(LEADER, "schedule preview")
    house.platform.fails(later(timedelta(minutes=2)), doing="start_thread")
    await house.wait(hours=6)
    (post,) = house.platform.posts_to(CIRCLE)
    (rules,) = house.platform.posts_to(Thread(CIRCLE, post.posted.message))

    assert post.thread
    for said in (post.message, message_of(preview)):
        assert "Answer in the thread for everyone, or press Write my reflection" in text_of(said)
    assert 2 == len(text_of(rules.message).splitlines())
    assert "What is said here stays here" in text_of(rules.message)
    assert ["Get support"] == labels_of(rules.message)
    assert post.at + timedelta(minutes=2) <= rules.at


async def test_where_no_thread_could_be_opened_nothing_is_said_in_it(house: House) -> None:
    """Nor does the schedule suffer from it."""
    house.platform.fails(refused(), doing="start_thread")
    await posted(house, "empathy", "thread=yes")

    assert 1 == len(house.platform.posts)
    assert [] == house.said_to(LEADER)


async def test_another_example_is_one_to_reply_to(house: House, exercises: tuple[Exercise, ...]) -> None:
    """However often it is pressed under a post; within a row all forms come."""
    another = Button("", "exercise another", {"exercise": "em-on-the-stairs"})
    shown = [exercise_of(await house.press(MEMBER, another), exercises) for _ in range(12)]
    row = Button("", "exercise another", {"exercise": "em-on-the-stairs.1"})
    mixed = [exercise_of(await house.press(OTHER, row), exercises) for _ in exercises if _.skill == "empathy"]

    assert {("empathy", ExerciseForm.REFLECT)} == {(each.skill, each.form) for each in shown}
    assert "em-on-the-stairs" not in {each.id for each in shown}
    assert 1 < len({each.form for each in mixed})


# ---------------------------------------------------------------- nothing is kept


async def test_nothing_that_was_written_is_kept(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """After answers, refusals, offers of support, tries again and faults, no table and no log holds a word of it."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        await use_practice_in_every_way(house)
        await use_practice_in_every_way(coached(house, stumbles))

    raw = await house.raw()
    assert WRITTEN.encode() not in raw
    assert b"practised" in raw
    assert WRITTEN not in str(logs)
    assert "coach out of order" in str(logs)
    assert WRITTEN not in caplog.text


async def use_practice_in_every_way(house: House) -> None:
    write = await write_of(house)
    answer = await house.press(MEMBER, write, reflection=WRITTEN)
    again = button_of(answer, "Try again")
    await house.press(MEMBER, again)
    await house.press(MEMBER, write, f=again.arguments["h"], reflection=f"{WRITTEN} again")
    await house.press(MEMBER, write, reflection=WRITTEN * 100)
    offer = await house.press(MEMBER, write, reflection=f"I want to die {WRITTEN}")
    await house.press(MEMBER, message_of(offer).buttons[-1])
    await house.press(MEMBER, Button("Old", "exercise answer", {"exercise": WRITTEN}), reflection=WRITTEN)
    await house.press(MEMBER, Button("Odd", "exercise answer", {"exercise": WRITTEN}), **{WRITTEN: WRITTEN})
    for said, draft in ((WRITTEN, WRITTEN), (WRITTEN * 300, WRITTEN * 300), ("x", f"I want to die {WRITTEN}")):
        form = await house.use(MEMBER, "menu reflect", message=said)
        known = form.known if isinstance(form, Ask) else {"said": said}
        looked = await house.use(MEMBER, "reflect draft", **known, draft=draft)
        if isinstance(looked, Reply):
            await house.press(MEMBER, looked.message.buttons[0])
    await house.writes(MEMBER, f"I want to die {WRITTEN}")
    await house.writes(MEMBER, WRITTEN)
    await house.wait(hours=1)


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


def test_ids_of_the_groups_are_not_given_to_the_content() -> None:
    """What begins with bank- is looked for in a group's bank."""
    with pytest.raises(ValueError, match="belong to the groups"):
        exercise_called("bank-17")
