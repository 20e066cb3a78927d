"""What one leader asks of others: who is asked, whose answer counts, and what is forgotten. In both dialects."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.community.glance import Glance, Next
from bot.community.leaders import Leader, Leaders
from bot.community.requests import KEPT, OVER, PATIENCE, TALK, Answer, Asked, Outcome, Request, Requests, Wish
from bot.community.tables import asks, requests
from bot.storage.database import Database
from tests.community.joining import leads
from tests.fakes import START

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def wishes(database: Database, crew: Leaders) -> Requests:
    """Give the requests."""
    return Requests(database, crew)


async def begun(
    database: Database, wishes: Requests, leader: int, wish: Wish = Wish.HANDOFF, now: datetime = START
) -> Request:
    """Begin a request, which must be possible."""
    async with database.write() as unit:
        found = await wishes.begin(unit, leader, wish, now, now + HOUR)
    assert found
    return found


async def asked(database: Database, wishes: Requests, request: Request, leader: int, now: datetime = START) -> int:
    """Ask somebody, which must be possible."""
    async with database.write() as unit:
        found = await wishes.ask(unit, request, leader, now)
    assert found
    return found


async def answered(database: Database, wishes: Requests, ask: int, answer: Answer) -> Outcome:
    """Answer."""
    async with database.write() as unit:
        return await wishes.answer(unit, ask, answer, START)


async def test_a_request_is_begun(database: Database, crew: Leaders, wishes: Requests) -> None:
    """It is open, knows what it is about, and nobody is asked yet."""
    lea = await leads(crew, "lea")
    request = await begun(database, wishes, lea.id)

    assert Request(request.id, lea.id, Wish.HANDOFF, START, START + HOUR, open=True) == request
    assert [request, request] == [await wishes.open_of(lea.id, Wish.HANDOFF), await wishes.request(request.id)]
    assert None is await wishes.open_of(lea.id, Wish.DEBRIEF)
    async with database.read() as unit:
        assert [] == await wishes.everybody_asked(unit, request.id)


async def test_a_leader_has_one_open_request_of_a_kind(database: Database, crew: Leaders, wishes: Requests) -> None:
    """Another kind, or another leader, is another request; a closed one makes room."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    first = await begun(database, wishes, lea.id)
    async with database.write() as unit:
        assert None is await wishes.begin(unit, lea.id, Wish.HANDOFF, START)
    await begun(database, wishes, lea.id, Wish.DEBRIEF)
    await begun(database, wishes, ben.id)
    async with database.write() as unit:
        closed = [await wishes.close(unit, first.id) for _ in range(2)]
    again = await begun(database, wishes, lea.id)

    assert [True, False] == closed
    assert first.id != again.id
    assert again == await wishes.open_of(lea.id, Wish.HANDOFF)


async def test_requests_that_are_begun_at_once_are_one(database: Database, crew: Leaders, wishes: Requests) -> None:
    """A leader who presses twice asks once."""
    lea = await leads(crew, "lea")

    async def begins() -> Request | None:
        async with database.write() as unit:
            return await wishes.begin(unit, lea.id, Wish.COVER, START)

    found = await asyncio.gather(*(begins() for _ in range(3)))

    assert 1 == sum(request is not None for request in found)


async def test_somebody_is_asked_once(database: Database, crew: Leaders, wishes: Requests) -> None:
    """In the order in which they were asked, each stands with what they said."""
    lea, ben, ida = [await leads(crew, name) for name in ("lea", "ben", "ida")]
    request = await begun(database, wishes, lea.id)
    first = await asked(database, wishes, request, ben.id)
    await asked(database, wishes, request, ida.id, START + PATIENCE)
    async with database.write() as unit:
        assert None is await wishes.ask(unit, request, ben.id, START + PATIENCE)
    await answered(database, wishes, first, Answer.NO)

    async with database.read() as unit:
        assert [(ben.id, Answer.NO), (ida.id, Answer.WAITING)] == await wishes.everybody_asked(unit, request.id)
    assert Asked(first, request, ben.id, Answer.NO) == await wishes.asked(first)


async def test_whoever_is_asked_has_ten_minutes(database: Database, crew: Leaders, wishes: Requests) -> None:
    """From when they were asked; then the next is to be asked, and waited for as long."""
    lea, ben, ida = [await leads(crew, name) for name in ("lea", "ben", "ida")]
    request = await begun(database, wishes, lea.id)
    await asked(database, wishes, request, ben.id, START + MINUTE)
    due = [await wishes.waiting(OVER, START + minutes * MINUTE) for minutes in (10, 11)]
    first = await Glance(database).next(Next.OVER)
    await asked(database, wishes, request, ida.id, START + 11 * MINUTE)

    assert [[], [request]] == due
    assert [START + 11 * MINUTE, START + 21 * MINUTE] == [first, await Glance(database).next(Next.OVER)]
    assert [] == await wishes.waiting(OVER, START + 20 * MINUTE)


async def test_whoever_looks_at_one_kind_does_not_see_the_other(
    database: Database, crew: Leaders, wishes: Requests
) -> None:
    """Taking over and talking are waited for apart, and what is closed is not waited for."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    nothing = [await Glance(database).next(each) for each in (Next.OVER, Next.TALK)]
    talk = await begun(database, wishes, lea.id, Wish.DEBRIEF, START + MINUTE)
    cover, handoff = await begun(database, wishes, lea.id, Wish.COVER), await begun(database, wishes, ben.id)
    late = START + HOUR

    assert [None, None] == nothing
    assert {cover, handoff} == set(await wishes.waiting(OVER, late))
    assert [talk] == await wishes.waiting(TALK, late)
    assert [START + PATIENCE, START + MINUTE + PATIENCE] == [
        await Glance(database).next(each) for each in (Next.OVER, Next.TALK)
    ]
    async with database.write() as unit:
        for each in (cover, handoff):
            await wishes.close(unit, each.id)
    assert [[], None] == [await wishes.waiting(OVER, late), await Glance(database).next(Next.OVER)]


async def test_a_yes_ends_the_request(database: Database, crew: Leaders, wishes: Requests) -> None:
    """A no does not; whoever had not answered in time may still say yes, until somebody else has."""
    lea, ben, ida, tom = [await leads(crew, name) for name in ("lea", "ben", "ida", "tom")]
    request = await begun(database, wishes, lea.id)
    of_ben, of_ida, of_tom = [await asked(database, wishes, request, leader.id) for leader in (ben, ida, tom)]
    heard = [
        await answered(database, wishes, of_ida, Answer.NO),
        await answered(database, wishes, of_ben, Answer.YES),
        await answered(database, wishes, of_tom, Answer.YES),
        await answered(database, wishes, of_ida, Answer.NO),
    ]

    assert [Outcome.COUNTS, Outcome.COUNTS, Outcome.TAKEN, Outcome.TAKEN] == heard
    assert None is await wishes.open_of(lea.id, Wish.HANDOFF)
    assert [] == await wishes.waiting(OVER, START + DAY)
    tom_said = await wishes.asked(of_tom)
    assert tom_said
    assert (Answer.WAITING, False) == (tom_said.answer, tom_said.request.open)


async def test_a_yes_that_is_pressed_twice_was_not_somebody_elses(
    database: Database, crew: Leaders, wishes: Requests
) -> None:
    """It counts once, and is over the second time; what was said stays said."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    ask = await asked(database, wishes, await begun(database, wishes, lea.id), ben.id)
    heard = [await answered(database, wishes, ask, answer) for answer in (Answer.YES, Answer.YES, Answer.NO)]

    assert [Outcome.COUNTS, Outcome.OVER, Outcome.OVER] == heard
    said = await wishes.asked(ask)
    assert said
    assert Answer.YES is said.answer


async def test_a_no_may_become_a_yes(database: Database, crew: Leaders, wishes: Requests) -> None:
    """While the request is open."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    ask = await asked(database, wishes, await begun(database, wishes, lea.id), ben.id)

    assert [Outcome.COUNTS] * 2 == [await answered(database, wishes, ask, each) for each in (Answer.NO, Answer.YES)]


async def test_of_two_who_say_yes_at_once_one_counts(database: Database, crew: Leaders, wishes: Requests) -> None:
    """The others hear that somebody was first."""
    lea, *others = [await leads(crew, name) for name in ("lea", "ben", "ida", "tom")]
    request = await begun(database, wishes, lea.id)
    rows = [await asked(database, wishes, request, leader.id) for leader in others]
    heard = await asyncio.gather(*(answered(database, wishes, row, Answer.YES) for row in rows))

    assert [Outcome.COUNTS, Outcome.TAKEN, Outcome.TAKEN] == sorted(heard)


async def test_what_was_withdrawn_is_over(database: Database, crew: Leaders, wishes: Requests) -> None:
    """Whoever answers then hears that it is not asked any more, and nobody else is asked."""
    lea, ben, ida = [await leads(crew, name) for name in ("lea", "ben", "ida")]
    request = await begun(database, wishes, lea.id)
    ask = await asked(database, wishes, request, ben.id)
    async with database.write() as unit:
        await wishes.close(unit, request.id)
        later = await wishes.ask(unit, request, ida.id, START + PATIENCE)

    assert later is None
    assert Outcome.OVER is await answered(database, wishes, ask, Answer.YES)
    async with database.read() as unit:
        assert [(ben.id, Answer.WAITING)] == await wishes.everybody_asked(unit, request.id)


async def test_nobody_is_asked_for_a_request_of_somebody_gone(
    database: Database, crew: Leaders, wishes: Requests
) -> None:
    """Whoever asked leads no more: their request ended with that, and an answer to it is over."""
    lea, ben, ida = [await leads(crew, name) for name in ("lea", "ben", "ida")]
    request = await begun(database, wishes, lea.id)
    ask = await asked(database, wishes, request, ben.id)
    await crew.remove(lea.member, START)
    async with database.write() as unit:
        assert None is await wishes.ask(unit, request, ida.id, START)

    assert Outcome.OVER is await answered(database, wishes, ask, Answer.YES)
    await crew.erase(lea.member)
    assert [None, None] == [await wishes.asked(ask), await wishes.request(request.id)]


async def test_whoever_was_asked_and_leads_no_more_is_not_among_those_asked(
    database: Database, crew: Leaders, wishes: Requests
) -> None:
    """The request goes on with the others."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    request = await begun(database, wishes, lea.id)
    await asked(database, wishes, request, ben.id)
    await crew.erase(ben.member)

    async with database.read() as unit:
        assert [] == await wishes.everybody_asked(unit, request.id)
    assert request == await wishes.open_of(lea.id, Wish.HANDOFF)


async def test_what_somebody_took_over_is_counted(database: Database, crew: Leaders, wishes: Requests) -> None:
    """Duties alone, those they said yes to, and those asked for after an instant."""
    lea, ben, ida = [await leads(crew, name) for name in ("lea", "ben", "ida")]
    for number, wish in enumerate((Wish.HANDOFF, Wish.COVER, Wish.DEBRIEF, Wish.HANDOFF)):
        at = START + number * DAY
        request = await begun(database, wishes, lea.id, wish, at)
        of_ida, of_ben = [await asked(database, wishes, request, leader.id, at) for leader in (ida, ben)]
        await answered(database, wishes, of_ida, Answer.NO)
        await answered(database, wishes, of_ben, Answer.YES)

    assert [3, 2, 0] == [await wishes.taken(ben.id, since) for since in (START - DAY, START, START + 3 * DAY)]
    assert [0, 0] == [await wishes.taken(leader.id, START - DAY) for leader in (ida, lea)]


async def test_what_is_over_is_forgotten(database: Database, crew: Leaders, wishes: Requests) -> None:
    """Who wanted to talk after a day, who took over once it is not counted any more, with those who were asked."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    talk, handoff = await begun(database, wishes, lea.id, Wish.DEBRIEF), await begun(database, wishes, lea.id)
    for request in (talk, handoff):
        await asked(database, wishes, request, ben.id)

    async def left(at: datetime) -> set[int]:
        async with database.write() as unit:
            await wishes.forget(unit, at)
            return {row.id for row in await unit.all(select(requests.c.id))}

    still = await left(START + DAY)
    async with database.write() as unit:
        await wishes.close(unit, talk.id)

    assert {talk.id, handoff.id} == still
    assert [{talk.id, handoff.id}, {handoff.id}] == [await left(START + DAY - MINUTE), await left(START + DAY)]
    assert [{handoff.id}, set()] == [await left(START + KEPT - MINUTE), await left(START + KEPT)]
    async with database.read() as unit:
        assert 0 == await unit.scalar(select(func.count()).select_from(asks))


async def test_leaders_who_ask_one_another_do_not_wait_for_each_other(
    database: Database, crew: Leaders, wishes: Requests
) -> None:
    """Each holds their own row and refers to the other's, at the same moment."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")

    async def ask(asker: Leader, other: Leader) -> None:
        async with database.write() as unit:
            request = await wishes.begin(unit, asker.id, Wish.DEBRIEF, START)
            assert request
            assert await wishes.ask(unit, request, other.id, START)
            await wishes.close(unit, request.id)

    for _ in range(8):
        await asyncio.gather(ask(lea, ben), ask(ben, lea))

    async with database.read() as unit:
        assert 16 == len(await unit.all(select(requests)))
