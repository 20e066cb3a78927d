"""What leaders chose for themselves, and when they are looked at. In both dialects."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.community.glance import Glance, Next
from bot.community.leaders import Leaders, Look, Own
from bot.community.records import LeaderRecords
from bot.community.tables import leaders
from bot.storage.database import Database
from tests.community.joining import known, leads
from tests.fakes import START, member

HOUR = timedelta(hours=1)
LOOKS = (Next.DUTY, Next.BREAK, Next.CHECK)


async def looks(database: Database, leader: int) -> list[datetime | None]:
    """Return when a leader is to be looked at, in the order of `Look`."""
    async with database.read() as unit:
        row = await unit.one_or_none(select(leaders).where(leaders.c.id == leader))
    assert row
    return [row.duty_at, row.break_at, row.check_at]


async def look_at(database: Database, crew: Leaders, leader: int, look: Look, at: datetime | None) -> None:
    async with database.write() as unit:
        await crew.look(unit, leader, look, at)


# ---------------------------------------------------------------- what they chose


async def test_what_a_leader_chose_is_kept_beside_what_they_chose_before(crew: Leaders) -> None:
    """One choice does not undo another, and a second one replaces the first."""
    lea = await leads(crew, "lea")
    await crew.choose(lea.id, START, after=30, quiet="22:00-07:00")
    await crew.choose(lea.id, START, support=False)
    chosen = await crew.choose(lea.id, START, after=0)

    assert Own() == lea.own
    assert chosen
    assert Own(quiet="22:00-07:00", after=0, support=False) == chosen.own
    assert chosen == await crew.find(lea.member)
    assert [chosen] == await crew.all(lea.member.community)


async def test_choices_at_the_same_moment_do_not_undo_each_other(crew: Leaders) -> None:
    """Whatever order they come in, all of them are kept."""
    lea = await leads(crew, "lea")
    await asyncio.gather(
        crew.choose(lea.id, START, after=30),
        crew.choose(lea.id, START, hours="daily 18:00-21:00"),
        crew.choose(lea.id, START, rhythm=0),
    )

    assert Own(hours="daily 18:00-21:00", after=30, rhythm=0) == (await known(crew, lea.id)).own


async def test_what_a_leader_chose_is_sealed(database: Database, crew: Leaders) -> None:
    """Nothing of it can be read in the row."""
    lea = await leads(crew, "lea")
    await crew.choose(lea.id, START, hours="weekend 10:00-12:00")

    async with database.read() as unit:
        kept = await unit.scalar(select(leaders.c.settings))
    assert kept
    assert b"weekend" not in kept
    assert b"hours" not in kept


async def test_whoever_leads_no_more_chooses_nothing(crew: Leaders) -> None:
    """There is no row in which it could be kept."""
    lea = await leads(crew, "lea")
    await crew.remove(lea.member, START)

    assert None is await crew.choose(lea.id, START, after=30)


async def test_a_leader_sees_what_they_chose(database: Database, crew: Leaders) -> None:
    """What is as everybody has it is not told as their choice."""
    lea = await leads(crew, "lea")
    await crew.choose(lea.id, START, after=30, support=False, rhythm=1)

    kept = await LeaderRecords(database, crew).export(lea.member)
    assert [{"rule": "after", "value": "30"}, {"rule": "support", "value": "False"}] == kept["rules"]


async def test_a_choice_has_breaks_looked_at(database: Database, crew: Leaders) -> None:
    """Planned hours too, when they are what was chosen."""
    lea = await leads(crew, "lea")
    before = await looks(database, lea.id)
    await crew.choose(lea.id, START, after=30)
    after = await looks(database, lea.id)
    await crew.choose(lea.id, START + HOUR, hours="daily 18:00-21:00")

    assert [[None, None, None], [None, START, None]] == [before, after]
    assert [START + HOUR, START + HOUR, None] == await looks(database, lea.id)


# ---------------------------------------------------------------- when to look at them


async def test_the_next_leader_to_look_at(database: Database, crew: Leaders) -> None:
    """The earliest there is, for each reason apart; whoever is only invited is not looked at."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    nothing = [await Glance(database).next(each) for each in LOOKS]
    await crew.invite(member("ida"))
    ida = await crew.find(member("ida"))
    assert ida
    for leader, look, hours in ((lea, Look.DUTY, 2), (ben, Look.DUTY, 1), (lea, Look.CHECK, 3), (ida, Look.DUTY, 0)):
        await look_at(database, crew, leader.id, look, START + hours * HOUR)

    assert [None, None, None] == nothing
    assert [START + HOUR, None, START + 3 * HOUR] == [await Glance(database).next(each) for each in LOOKS]
    assert [[], [ben]] == [await crew.due(Look.DUTY, START + hours * HOUR) for hours in (0, 1)]
    assert {lea.id, ben.id} == {each.id for each in await crew.due(Look.DUTY, START + 2 * HOUR)}
    await look_at(database, crew, ben.id, Look.DUTY, None)
    assert START + 2 * HOUR == await Glance(database).next(Next.DUTY)


async def test_a_leader_with_another_clock_is_looked_at(database: Database, crew: Leaders) -> None:
    """Their planned hours and their breaks, and nobody else's; whoever is only invited has none."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    await crew.invite(member("ida"))
    ida = await crew.find(member("ida"))
    assert ida
    for name in ("lea", "ida", "nobody"):
        await crew.look_again(member(name), START)

    assert [START, START, None] == await looks(database, lea.id)
    assert [[None] * 3] * 2 == [await looks(database, leader.id) for leader in (ben, ida)]


async def test_it_is_remembered_when_a_leader_was_written_to(database: Database, crew: Leaders) -> None:
    """That counts for them alone."""
    lea, ben = await leads(crew, "lea"), await leads(crew, "ben")
    async with database.write() as unit:
        await crew.wrote(unit, lea.id, START)

    assert [START, None] == [(await known(crew, leader.id)).written_at for leader in (lea, ben)]


async def test_an_invitation_that_is_accepted_twice_was_accepted_once(database: Database, crew: Leaders) -> None:
    """The button that is pressed again does not move the first check-in, nor bring back one that was ended."""
    await crew.invite(member("lea"))
    for hours in (1, 2):
        await crew.accept(member("lea"), START + hours * HOUR)
    lea = await crew.find(member("lea"))
    assert lea
    first = await looks(database, lea.id)
    await look_at(database, crew, lea.id, Look.CHECK, None)
    again = await crew.accept(member("lea"), START + 3 * HOUR)

    assert [None, None, START + HOUR] == first
    assert again
    assert [None, None, None] == await looks(database, lea.id)
