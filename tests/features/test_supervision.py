"""Supervision: agendas as posts in the leaders' own channel."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import pytest

from bot.content import Shelf
from bot.core.port import Channel, Thread
from bot.features.care.supervision import WHAT, Agenda, CareContent
from bot.features.practice import SKILLS
from bot.features.practice.exercises import PracticeContent
from tests.fakes import HERE
from tests.house import BERLIN, LEADER, House, problems_of, text_of

LEADERS: Final = Channel(HERE, "leaders")
FIRST: Final = datetime(2026, 11, 3, 17, 0, tzinfo=UTC)
"""Six in the evening in Berlin, on the first Tuesday of November."""
MONTHLY: Final = 'schedule add what=supervision in=#leaders rule="monthly 1st tue 18:00"'


def agendas(shelf: Shelf) -> tuple[Agenda, ...]:
    return shelf.of("care", CareContent, "en").agendas


async def add(house: House, line: str) -> str:
    """Add a schedule in the leaders' channel, and return the answer."""
    await house.app.tools.groups.add(LEADERS, BERLIN, "en", "DE")
    return text_of(await house.types(LEADER, line))


async def test_supervision_is_a_scheduled_post(house: House, shelf: Shelf) -> None:
    """The first agenda, with its questions in order, how long it takes, and no place for names."""
    said = await add(house, MONTHLY)
    await house.until(FIRST)

    (post,) = house.platform.posts
    first = agendas(shelf)[0]
    read = text_of(post.message)
    assert "Supervision for leaders" in said
    assert (LEADERS, FIRST) == (post.to, post.at)
    assert read.startswith(f"{first.title}\nFor leaders. About 45 minutes.\n{first.opening}\n")
    for number, question in enumerate(first.questions, 1):
        assert f"{number}. {question}" in read
    assert first.closing in read
    assert "No names of members here, and nothing that was told in confidence." in read


async def test_the_agendas_come_in_their_order(house: House, shelf: Shelf) -> None:
    """Every one once, and then the first again; the preview shows the one that comes."""
    await add(house, 'schedule add what=supervision in=#leaders rule="weekly tue 18:00"')
    order = [agenda.title for agenda in agendas(shelf)]
    for title in [*order, order[0]]:
        preview = text_of(await house.types(LEADER, "schedule preview 1"))
        await house.wait(days=7)
        assert title in preview
        assert title == house.newest(LEADERS).title


async def test_an_agenda_can_be_chosen(house: House, shelf: Shelf) -> None:
    """By its id, with a thread that opens with how leaders treat each other there, and pinned."""
    last = agendas(shelf)[-1]
    said = await add(house, f'schedule add what={last.id} in=#leaders rule="daily 18:00" thread=yes pin=yes')
    await house.wait(hours=6)
    (post, *more) = house.platform.posts
    (opening,) = more

    assert last.title in said
    assert last.title == post.message.title
    assert post.pinned
    assert isinstance(opening.to, Thread)
    assert "What is said here stays among you." in text_of(opening.message)


async def test_supervision_is_suggested(house: House) -> None:
    """While a leader types what to post; what there is not is asked for again."""
    offered = await house.app.core.suggest("schedule add", "what", "superv", LEADER)
    await add(house, MONTHLY)
    wrong = await house.types(LEADER, MONTHLY.replace("supervision", "sv-nothing"))

    assert ["supervision"] == [choice.value for choice in offered]
    assert "what" in problems_of(wrong)


async def test_an_agenda_that_was_taken_out_is_replaced(
    house: House, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was chosen and is gone since gives way to another."""
    await add(house, MONTHLY)
    care = next(each for each in house.app.tools.house.features if each.name == "care")
    (kind,) = care.posts

    async def gone(what: str, turn: object) -> str:
        del what, turn
        monkeypatch.undo()
        return "sv-gone"

    monkeypatch.setattr(kind, "pick", gone)
    await house.until(FIRST)

    assert agendas(shelf)[0].title == house.newest(LEADERS).title


# ---------------------------------------------------------------- the agendas


def test_there_are_eight_agendas_that_fit(shelf: Shelf) -> None:
    """Three or four questions each, about an hour at most, short enough to be read on a phone."""
    found = agendas(shelf)

    assert 8 == len(found)
    for agenda in found:
        assert 30 <= agenda.minutes <= 60, agenda.id
        assert len(agenda.title) <= 30, agenda.id
        for line in (agenda.opening, *agenda.questions, agenda.closing):
            assert len(line) <= 130, (agenda.id, line)
            assert line == line.strip(), agenda.id
            assert not re.search(r"[*`_!]|\]\(", line), (agenda.id, line)
        assert all(question.endswith("?") for question in agenda.questions), agenda.id


def test_no_agenda_is_called_as_something_else(shelf: Shelf) -> None:
    """Neither as an exercise nor as a skill: a schedule names what it posts by one word."""
    exercises = {exercise.id for exercise in shelf.of("practice", PracticeContent, "en").exercises}

    assert set() == {WHAT, *(agenda.id for agenda in agendas(shelf))} & {*exercises, *SKILLS}
