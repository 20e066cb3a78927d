"""Who is on duty, who is away from it, and what is left of it after a break. In both dialects."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.community.glance import Glance, Next
from bot.community.leaders import Leaders, Look
from bot.community.records import LeaderRecords
from bot.community.roster import Began, Duty, Roster
from bot.community.tables import answers, duties, leaders
from bot.core.port import Community
from bot.storage.database import Database
from tests.community.joining import known, leads
from tests.fakes import HERE, START, member

THERE = Community("fake", "there")
"""Another community."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


async def away(
    database: Database, roster: Roster, leader: int, now: datetime, until: datetime, *, over: bool = False
) -> Duty | None:
    """Begin a break of a leader."""
    async with database.write() as unit:
        return await roster.rest(unit, leader, now, until, over=over)


async def on_duty(roster: Roster, now: datetime, community: Community = HERE) -> list[str]:
    """Return who looks after the groups."""
    return [leader.member.id for leader, _ in await roster.on_duty(community, now)]


# ---------------------------------------------------------------- on and off


async def test_duty_begins_and_ends(crew: Leaders, roster: Roster) -> None:
    """A leader is on duty from the first instant on and before the last one."""
    lea = await leads(crew, "lea")
    begun = await roster.begin(lea.id, START, START + HOUR)

    assert begun == await roster.current(lea.id, START)
    assert None is await roster.current(lea.id, START + HOUR)
    assert None is await roster.current(lea.id, START - HOUR)
    assert [(lea, begun)] == [(known, duty) for known, duty in await roster.on_duty(HERE, START + HOUR - MINUTE)]
    assert [] == await roster.on_duty(HERE, START + HOUR)


async def test_duty_that_is_begun_again_moves_its_end(crew: Leaders, roster: Roster) -> None:
    """It stays one duty, counted from its first beginning, and has the end and the kind that were told last."""
    lea = await leads(crew, "lea")
    first = await roster.begin(lea.id, START, START + HOUR, Began.PLANNED)
    second = await roster.begin(lea.id, START + HOUR / 2, START + 3 * HOUR, Began.OPEN)

    assert Duty(first.id, lea.id, START, START + 3 * HOUR, Began.OPEN) == second
    assert [second] == await roster.recent(lea.id, START)
    assert second == await roster.current(lea.id, START + 2 * HOUR)


async def test_duty_is_finished(crew: Leaders, roster: Roster) -> None:
    """It ends at that instant, once; the next one is a duty of its own."""
    lea = await leads(crew, "lea")
    first = await roster.begin(lea.id, START, START + HOUR)

    finished = await roster.finish(lea.id, START + HOUR / 2)
    twice = await roster.finish(lea.id, START + HOUR / 2)
    second = await roster.begin(lea.id, START + HOUR / 2, START + 2 * HOUR)

    assert Duty(first.id, lea.id, START, START + HOUR / 2) == finished
    assert twice is None
    assert first.id != second.id
    assert second == await roster.current(lea.id, START + HOUR / 2)
    assert [finished, second] == await roster.recent(lea.id, START)


async def test_duty_that_was_over_at_once_was_none(database: Database, crew: Leaders, roster: Roster) -> None:
    """Begun and finished at the same instant, it stands in no list and no export."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + HOUR)
    await roster.finish(lea.id, START)

    assert [] == await roster.recent(lea.id, START - HOUR)
    assert "duties" not in await LeaderRecords(database, crew).export(lea.member)


async def test_the_recent_duties_of_a_leader(crew: Leaders, roster: Roster) -> None:
    """Oldest first: those that ended after an instant, and the one that goes on; and nobody else's."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    begun = [await roster.begin(lea.id, START + 2 * hours * HOUR, START + (2 * hours + 1) * HOUR) for hours in range(3)]
    await roster.begin(ben.id, START, START + 9 * HOUR)

    assert begun == await roster.recent(lea.id, START)
    assert begun[1:] == await roster.recent(lea.id, START + HOUR)
    assert [] == await roster.recent(lea.id, START + 5 * HOUR)


async def test_duty_that_is_begun_twice_at_once_is_one(database: Database, crew: Leaders, roster: Roster) -> None:
    """Whichever comes second moves the end of the first."""
    lea = await leads(crew, "lea")
    begun = await asyncio.gather(*(roster.begin(lea.id, START, START + hours * HOUR) for hours in (1, 2, 3)))

    assert 1 == len({duty.id for duty in begun})
    async with database.read() as unit:
        assert 1 == await unit.scalar(select(func.count()).select_from(duties))


async def test_on_duty_are_those_of_the_community(crew: Leaders, roster: Roster) -> None:
    """The longest there first; not those whose time is over, nor those of another community."""
    lea, ben, ida = [await leads(crew, name) for name in ("lea", "ben", "ida")]
    eve = await leads(crew, "eve", THERE)
    await roster.begin(ben.id, START - MINUTE, START + HOUR)
    await roster.begin(ida.id, START - 2 * MINUTE, START + HOUR / 4)
    for leader in (lea, eve):
        await roster.begin(leader.id, START, START + HOUR)

    assert ["ida", "ben", "lea"] == await on_duty(roster, START)
    assert ["ben", "lea"] == await on_duty(roster, START + HOUR / 2)
    assert ["eve"] == await on_duty(roster, START, THERE)
    assert [] == await on_duty(roster, START, Community("another", "here"))


async def test_a_leader_who_leads_no_more_is_on_no_duty(crew: Leaders, roster: Roster) -> None:
    """Nor on a break; and what is said of them later changes nothing."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + HOUR)
    await crew.remove(lea.member, START)

    assert None is await roster.current(lea.id, START)
    assert None is await roster.finish(lea.id, START)
    assert None is await roster.back(lea.id, START)
    assert [] == await on_duty(roster, START)


# ---------------------------------------------------------------- away and back


async def test_whoever_is_away_is_not_on_duty(database: Database, crew: Leaders, roster: Roster) -> None:
    """Until the break ends: then what is left of the duty goes on by itself, as the duty that it was."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    for leader in (lea, ben):
        await roster.begin(leader.id, START, START + 2 * HOUR, Began.OPEN)
    left = await away(database, roster, lea.id, START + HOUR, START + HOUR + 10 * MINUTE)

    assert left
    assert (START, START + 2 * HOUR) == (left.since, left.until)
    assert [["ben"], ["ben", "lea"]] == [await on_duty(roster, START + HOUR + minutes * MINUTE) for minutes in (9, 10)]
    rest = await roster.coming(lea.id, START + HOUR)
    assert rest
    assert (START + HOUR + 10 * MINUTE, START + 2 * HOUR, Began.OPEN) == (rest.since, rest.until, rest.began)
    assert rest == await roster.current(lea.id, START + HOUR + 10 * MINUTE)
    assert None is await roster.coming(lea.id, START + HOUR + 10 * MINUTE)
    resting = await known(crew, lea.id)
    assert START + HOUR + 10 * MINUTE == resting.away(START + HOUR + 9 * MINUTE)
    assert None is resting.away(START + HOUR + 10 * MINUTE)


async def test_a_break_is_no_time_on_duty(database: Database, crew: Leaders, roster: Roster) -> None:
    """Before it and after it there is one duty each, with the break between them."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + 2 * HOUR)
    await away(database, roster, lea.id, START + HOUR, START + HOUR + 10 * MINUTE)

    assert [(START, START + HOUR), (START + HOUR + 10 * MINUTE, START + 2 * HOUR)] == [
        (duty.since, duty.until) for duty in await roster.recent(lea.id, START)
    ]


async def test_a_break_is_ended_early(database: Database, crew: Leaders, roster: Roster) -> None:
    """The leader is on duty again at once, until the same end."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + 2 * HOUR)
    await away(database, roster, lea.id, START + HOUR, START + HOUR + 20 * MINUTE)
    back = await roster.back(lea.id, START + HOUR + 5 * MINUTE)
    twice = await roster.back(lea.id, START + HOUR + 6 * MINUTE)

    assert back
    assert (START + HOUR + 5 * MINUTE, START + 2 * HOUR) == (back.since, back.until)
    assert back == twice
    assert START + HOUR + 5 * MINUTE == (await known(crew, lea.id)).away_until


async def test_a_break_that_is_longer_than_the_duty(database: Database, crew: Leaders, roster: Roster) -> None:
    """Nothing is left for its end; whoever is back earlier is on duty until the duty ends."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    for leader in (lea, ben):
        await roster.begin(leader.id, START, START + HOUR)
        await away(database, roster, leader.id, START + HOUR / 2, START + 2 * HOUR)
    nothing = await roster.coming(lea.id, START + HOUR / 2)
    early = await roster.back(lea.id, START + 45 * MINUTE)
    late = await roster.back(ben.id, START + 90 * MINUTE)

    assert [None, None] == [nothing, late]
    assert early
    assert (START + 45 * MINUTE, START + HOUR) == (early.since, early.until)
    assert [] == await on_duty(roster, START + 2 * HOUR)
    assert [(START, START + HOUR / 2)] == [(each.since, each.until) for each in await roster.recent(ben.id, START)]


async def test_a_break_that_is_asked_for_again_has_the_new_end(
    database: Database, crew: Leaders, roster: Roster
) -> None:
    """Shorter or longer; there is one row for what is left, and it moves."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + 3 * HOUR)
    found: list[datetime | None] = []
    for minutes in (60, 10, 30):
        await away(database, roster, lea.id, START + MINUTE, START + minutes * MINUTE)
        coming = await roster.coming(lea.id, START + MINUTE)
        found += [(await known(crew, lea.id)).away_until, coming.since if coming else None]

    assert [START + minutes * MINUTE for minutes in (60, 60, 10, 10, 30, 30)] == found
    assert 2 == len(await roster.recent(lea.id, START))


async def test_a_break_that_ends_the_duty(database: Database, crew: Leaders, roster: Roster) -> None:
    """At once, or after a shorter one: nothing is left of it at its end; whoever is back earlier has it back."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    for leader in (lea, ben):
        await roster.begin(leader.id, START, START + 9 * HOUR)
    await away(database, roster, ben.id, START + MINUTE, START + 10 * MINUTE)
    for leader in (lea, ben):
        left = await away(database, roster, leader.id, START + 2 * MINUTE, START + HOUR, over=True)
        assert left
        assert START + 9 * HOUR == left.until

    assert [None, None] == [await roster.coming(leader.id, START + 2 * MINUTE) for leader in (lea, ben)]
    back = await roster.back(lea.id, START + HOUR / 2)
    assert back
    assert (START + HOUR / 2, START + 9 * HOUR) == (back.since, back.until)
    assert ["lea"] == await on_duty(roster, START + 2 * HOUR)


async def test_a_break_without_duty(database: Database, crew: Leaders, roster: Roster) -> None:
    """Leaves no duty, and brings none."""
    lea = await leads(crew, "lea")
    left = await away(database, roster, lea.id, START, START + HOUR)

    assert [None, None] == [left, await roster.coming(lea.id, START)]
    assert START + HOUR == (await known(crew, lea.id)).away(START)
    assert None is await roster.back(lea.id, START + MINUTE)
    assert [] == await roster.recent(lea.id, START - HOUR)


async def test_whoever_begins_duty_is_back_from_a_break(database: Database, crew: Leaders, roster: Roster) -> None:
    """What was left of the earlier duty is the one that goes on, with the new end."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    await roster.begin(lea.id, START, START + 2 * HOUR)
    for leader in (lea, ben):
        await away(database, roster, leader.id, START + HOUR, START + HOUR + 20 * MINUTE)
    for leader in (lea, ben):
        await roster.begin(leader.id, START + HOUR + MINUTE, START + 4 * HOUR)

    assert [None, None] == [(await known(crew, leader.id)).away(START + HOUR + MINUTE) for leader in (lea, ben)]
    assert ["ben", "lea"] == sorted(await on_duty(roster, START + 3 * HOUR))
    assert [None, None] == [await roster.coming(leader.id, START + HOUR + MINUTE) for leader in (lea, ben)]
    assert [(START, START + HOUR), (START + HOUR + MINUTE, START + 4 * HOUR)] == [
        (duty.since, duty.until) for duty in await roster.recent(lea.id, START)
    ]


async def test_duty_that_is_finished_during_a_break_does_not_come_back(
    database: Database, crew: Leaders, roster: Roster
) -> None:
    """It is told as the duty that ended, the leader stays away until the break ends, and then nothing begins."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + 2 * HOUR)
    await away(database, roster, lea.id, START + HOUR, START + HOUR + 20 * MINUTE)
    ended = await roster.finish(lea.id, START + HOUR + MINUTE)

    assert ended
    assert START + 2 * HOUR == ended.until
    assert START + HOUR + 20 * MINUTE == (await known(crew, lea.id)).away(START + HOUR + MINUTE)
    assert None is await roster.finish(lea.id, START + HOUR + 2 * MINUTE)
    assert [] == await on_duty(roster, START + HOUR + 30 * MINUTE)


async def test_duty_that_ran_out_during_a_break_is_over(database: Database, crew: Leaders, roster: Roster) -> None:
    """There is nothing to finish any more, and nothing to leave for a longer break."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + HOUR)
    await away(database, roster, lea.id, START + HOUR / 2, START + 3 * HOUR)
    longer = await away(database, roster, lea.id, START + 2 * HOUR, START + 4 * HOUR)

    assert [None, None] == [longer, await roster.finish(lea.id, START + 2 * HOUR)]
    assert START + 4 * HOUR == (await known(crew, lea.id)).away_until


async def test_a_break_and_its_end_at_the_same_moment(database: Database, crew: Leaders, roster: Roster) -> None:
    """Whichever comes first, there is one duty that goes on or is left, and never two."""
    lea = await leads(crew, "lea")
    await roster.begin(lea.id, START, START + 2 * HOUR)
    at = START + HOUR
    await asyncio.gather(
        away(database, roster, lea.id, at, at + 10 * MINUTE),
        away(database, roster, lea.id, at, at + 20 * MINUTE),
        roster.back(lea.id, at + MINUTE),
        roster.begin(lea.id, at + MINUTE, START + 3 * HOUR),
    )

    async with database.read() as unit:
        left = select(func.count()).select_from(duties).where(~duties.c.ended)
        assert 1 == await unit.scalar(left)


async def test_whatever_changes_has_breaks_looked_at(database: Database, crew: Leaders, roster: Roster) -> None:
    """Beginning, resting, coming back and finishing, on duty or during a break."""
    lea = await leads(crew, "lea")

    async def begins(now: datetime) -> object:
        return await roster.begin(lea.id, now, START + 9 * HOUR)

    async def rests(now: datetime) -> object:
        return await away(database, roster, lea.id, now, now + HOUR)

    async def returns(now: datetime) -> object:
        return await roster.back(lea.id, now)

    async def finishes(now: datetime) -> object:
        return await roster.finish(lea.id, now)

    async def answers_one(now: datetime) -> object:
        return await roster.answered(lea.id, now)

    now = START
    for change in (begins, rests, returns, answers_one, finishes, begins, rests, finishes):
        now += MINUTE
        async with database.write() as unit:
            await crew.look(unit, lea.id, Look.BREAK, None)
        await change(now)
        async with database.read() as unit:
            assert now == await unit.scalar(select(leaders.c.break_at))


# ---------------------------------------------------------------- requests for support


async def test_answers_to_requests_for_support_are_counted(crew: Leaders, roster: Roster) -> None:
    """When they were, oldest first, and after an instant; nobody else's."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    for leader, minutes in ((lea, 2), (lea, 1), (ben, 3), (lea, 0)):
        await roster.answered(leader.id, START + minutes * MINUTE)

    assert [START + MINUTE, START + 2 * MINUTE] == await roster.answers(lea.id, START)
    assert [START + 3 * MINUTE] == await roster.answers(ben.id, START)
    assert [] == await roster.answers(lea.id, START + 2 * MINUTE)


async def test_talking_it_over_is_offered_once(database: Database, crew: Leaders, roster: Roster) -> None:
    """For all that a leader has answered by then; another answer brings another offer."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    nothing = await Glance(database).next(Next.ANSWERED)
    for leader, minutes in ((lea, 0), (lea, 5), (ben, 3)):
        await roster.answered(leader.id, START + minutes * MINUTE)
    oldest, due = await Glance(database).next(Next.ANSWERED), await roster.unoffered(START + 4 * MINUTE)
    async with database.write() as unit:
        offers = [await roster.offer(unit, leader.id) for leader in (lea, lea)]
    left = await roster.unoffered(START + HOUR)
    await roster.answered(lea.id, START + 9 * MINUTE)

    assert [None, START] == [nothing, oldest]
    assert [(lea.id, START), (ben.id, START + 3 * MINUTE)] == due
    assert [True, False] == offers
    assert [(ben.id, START + 3 * MINUTE)] == left
    assert [ben.id, lea.id] == [leader for leader, _ in await roster.unoffered(START + HOUR)]


async def test_answers_go_with_the_leader(database: Database, crew: Leaders, roster: Roster) -> None:
    """No row tells that they answered anything."""
    lea = await leads(crew, "lea")
    await roster.answered(lea.id, START)
    await crew.erase(member("lea"))

    assert None is await Glance(database).next(Next.ANSWERED)
    async with database.read() as unit:
        assert [] == await unit.all(select(answers))
