"""Groups, leaders and people: rows of one community that another never sees. In both dialects."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import func, select

from bot.community.directory import HouseDirectory
from bot.community.groups import Group, Groups
from bot.community.leaders import Leaders
from bot.community.people import OwnSettings, People
from bot.community.records import LeaderRecords
from bot.community.roster import Roster
from bot.community.tables import communities, duties, leaders, people
from bot.core.commands import Mistake, Refusal
from bot.core.feature import Quiet, Reader
from bot.core.port import Actor, Channel, Community, Member, Role, Thread
from bot.core.text import Words
from bot.storage.database import Database
from bot.storage.sealing import Sealing
from tests.fakes import CIRCLE, HERE, START

THERE = Community("fake", "there")
"""Another community, whose channels and people have the same ids."""
ELSEWHERE = Community("another", "here")
"""The same id on another platform."""
OTHERS = (THERE, ELSEWHERE)
HOUR = timedelta(hours=1)
WORDS = Words({"en": {}, "de": {}})


def mia(community: Community = HERE) -> Member:
    return Member(community, "mia")


def circle(community: Community = HERE) -> Channel:
    return Channel(community, "circle")


@pytest.fixture
def rooms(database: Database) -> Groups:
    """Give the groups."""
    return Groups(database)


@pytest.fixture
def folk(database: Database, sealing: Sealing) -> People:
    """Give the people."""
    return People(database, sealing)


@pytest.fixture
def directory(rooms: Groups, crew: Leaders, folk: People) -> HouseDirectory:
    """Give the directory over all of them."""
    return HouseDirectory(rooms, crew, folk, WORDS, {})


# ---------------------------------------------------------------- groups


async def test_a_group_is_added_and_changed(rooms: Groups) -> None:
    """Adding the same channel again changes its zone, language and country, and keeps its row."""
    new = await rooms.add(CIRCLE, "Europe/Berlin", "en", "DE")
    first = await rooms.at(CIRCLE)
    changed = await rooms.add(CIRCLE, "Asia/Kathmandu", "de", "NP")
    second = await rooms.at(CIRCLE)

    assert (True, False) == (new, changed)
    assert first
    assert second
    assert first.id == second.id
    assert ("Asia/Kathmandu", "de", "NP") == (second.zone, second.language, second.country)
    assert second == await rooms.get(first.id)


async def test_groups_of_two_communities_do_not_meet(rooms: Groups) -> None:
    """The same channel id in another community, or on another platform, is another group."""
    for number, community in enumerate((HERE, *OTHERS)):
        await rooms.add(circle(community), ("UTC", "Europe/Berlin", "Asia/Tokyo")[number], "en", "DE")
    await rooms.add(Channel(THERE, "evening"), "UTC", "en", "GB")

    assert ["circle"] == [group.channel.id for group in await rooms.all(HERE)]
    assert ["circle", "evening"] == [group.channel.id for group in await rooms.all(THERE)]
    assert ["Asia/Tokyo"] == [group.zone for group in await rooms.all(ELSEWHERE)]
    assert None is await rooms.at(Channel(HERE, "evening"))
    assert [] == await rooms.all(Community("fake", "nowhere"))


async def test_only_what_is_given_changes(rooms: Groups) -> None:
    """Whoever plans for a group hears what it is now; a silence changes no plan, and nobody hears of it."""
    heard: list[Group] = []

    async def listen(group: Group) -> None:
        heard.append(group)

    await rooms.add(CIRCLE, "Europe/Berlin", "en", "DE")
    first = await rooms.at(CIRCLE)
    assert first
    rooms.tell(listen)
    changed = await rooms.change(first.id, quiet_from=time(22), quiet_to=time(7), quiet_moves=False, moments="7d,1y")
    silenced = await rooms.silence(first.id, START)
    ended = await rooms.unsilence(first.id)

    wanted = replace(first, quiet_from=time(22), quiet_to=time(7), quiet_moves=False, moments="7d,1y")
    assert [wanted, wanted, [wanted]] == [changed, ended, heard]
    assert replace(wanted, silent=True, silent_until=START) == silenced
    assert None is await rooms.change(first.id + 1, zone="UTC")


async def test_the_group_that_is_meant(rooms: Groups) -> None:
    """The one that is named, else the one somebody is in, else the only one; and never one of another community."""
    await rooms.add(circle(THERE), "UTC", "en", "GB")
    with pytest.raises(Refusal):
        await rooms.meant(None, CIRCLE, HERE)
    evening, lobby = Channel(HERE, "evening"), Channel(HERE, "lobby")
    await rooms.add(CIRCLE, "UTC", "en", "GB")
    only = [await rooms.meant(None, place, HERE) for place in (lobby, mia(), CIRCLE)]
    await rooms.add(evening, "UTC", "en", "GB")

    assert {CIRCLE} == {group.channel for group in only}
    assert evening == (await rooms.meant(evening, CIRCLE, HERE)).channel
    assert [evening] * 2 == [
        (await rooms.meant(None, place, HERE)).channel for place in (evening, Thread(evening, "t1"))
    ]
    for given, place in ((None, lobby), (None, mia()), (lobby, CIRCLE)):
        with pytest.raises(Mistake):
            await rooms.meant(given, place, HERE)
    there = await rooms.at(circle(THERE))
    assert there
    assert there == await rooms.ours(there.id, THERE)
    with pytest.raises(Refusal):
        await rooms.ours(there.id, HERE)


async def test_a_community_is_made_once(database: Database, rooms: Groups, folk: People) -> None:
    """However many things begin in a community at the same moment, it has one row."""
    await asyncio.gather(
        *(rooms.add(Channel(HERE, f"c{number}"), "UTC", "en", "DE") for number in range(4)),
        *(folk.touch(Member(HERE, f"m{number}")) for number in range(4)),
    )

    async with database.read() as unit:
        assert 1 == await unit.scalar(select(func.count()).select_from(communities))


# ---------------------------------------------------------------- leaders


async def test_a_leader_is_invited_and_accepts(crew: Leaders) -> None:
    """An invitation alone makes nobody a leader, and only one is given."""
    invited = await crew.invite(mia())
    before = await crew.find(mia())
    twice = await crew.invite(mia())
    accepted = await crew.accept(mia())
    after = await crew.find(mia())

    assert (True, False, True) == (invited, twice, accepted)
    assert before
    assert after
    assert (False, False) == (before.accepted, before.direct)
    assert (True, True) == (after.accepted, after.direct)
    assert mia() == after.member
    assert after == await crew.get(after.id)


async def test_nobody_accepts_what_they_were_not_offered(crew: Leaders) -> None:
    """Without an invitation there is nothing to accept, and nothing to remove."""
    assert not await crew.accept(mia())
    assert not await crew.remove(mia(), START)
    assert None is await crew.find(mia())


async def test_a_leader_leads_in_one_community(crew: Leaders) -> None:
    """The same person is nobody in another community, and is removed in one of them only."""
    for community in (HERE, THERE):
        await crew.invite(mia(community))
        await crew.accept(mia(community))
    elsewhere = await crew.find(mia(ELSEWHERE))
    removed = await crew.remove(mia(), START)

    assert elsewhere is None
    assert removed
    assert [] == await crew.all(HERE)
    assert [mia(THERE)] == [leader.member for leader in await crew.all(THERE)]
    assert [] == await crew.all(ELSEWHERE)


async def test_duty_goes_with_the_leader(database: Database, crew: Leaders) -> None:
    """Whoever is no leader any more is on no duty, and no row tells that they were."""
    await crew.invite(mia())
    leader = await crew.find(mia())
    assert leader
    await Roster(database, crew).begin(leader.id, START, START + HOUR)

    await crew.erase(mia())

    async with database.read() as unit:
        assert [] == await unit.all(select(leaders))
        assert [] == await unit.all(select(duties))
    assert {} == await LeaderRecords(database, crew).export(mia())


async def test_a_leader_sees_what_is_kept(database: Database, crew: Leaders) -> None:
    """What is kept is told, to an invited person as to a leader, and to one who leads no more."""
    records = LeaderRecords(database, crew)
    nothing = await records.export(mia())
    await crew.invite(mia())
    invited = await records.export(mia())
    await crew.accept(mia())
    leads = await records.export(mia())
    await crew.remove(mia(), START)

    assert {} == nothing
    assert {"leader": {"accepted": False, "direct_messages": False}} == invited
    assert {"leader": {"accepted": True, "direct_messages": True}} == leads
    assert {"led": {"until": START.isoformat()}} == await records.export(mia())


async def test_a_leader_sees_their_times_on_duty(database: Database, crew: Leaders) -> None:
    """From when until when, in the order in which they were."""
    await crew.invite(mia())
    leader = await crew.find(mia())
    assert leader
    await Roster(database, crew).begin(leader.id, START, START + HOUR)

    kept = await LeaderRecords(database, crew).export(mia())
    assert [{"since": START.isoformat(), "until": (START + HOUR).isoformat()}] == kept["duties"]


# ---------------------------------------------------------------- people


async def test_what_a_member_chose_is_kept_beside_what_they_chose_before(folk: People) -> None:
    """One setting does not undo another, and a second choice replaces the first."""
    nothing = await folk.settings(mia())
    await folk.change(mia(), zone="Asia/Kathmandu")
    await folk.change(mia(), language="de", country="NP")
    await folk.change(mia(), zone="Asia/Tokyo")

    assert OwnSettings() == nothing
    assert OwnSettings("Asia/Tokyo", "de", "NP") == await folk.settings(mia())
    assert {"zone": "Asia/Tokyo", "language": "de", "country": "NP"} == await folk.export(mia())


async def test_changes_at_the_same_moment_do_not_undo_each_other(folk: People) -> None:
    """A leader's wish and the member's own, made at once, are both kept."""
    await folk.touch(mia())
    for _ in range(5):
        await folk.change(mia(), silenced="", zone="")
        await asyncio.gather(folk.change(mia(), silenced="yes"), folk.change(mia(), zone="Asia/Tokyo"))

        assert OwnSettings(zone="Asia/Tokyo", silenced="yes") == await folk.settings(mia())
    assert OwnSettings() == await folk.settings(mia(THERE))


async def test_a_member_who_comes_twice_at_once_has_one_row(database: Database, folk: People) -> None:
    """Two first uses at the same moment keep one row."""
    await asyncio.gather(*(folk.touch(mia()) for _ in range(4)), *(folk.leave_note(mia(), "a") for _ in range(2)))

    async with database.read() as unit:
        assert 1 == await unit.scalar(select(func.count()).select_from(people))


async def test_a_silenced_member_is_no_visitor(directory: HouseDirectory, folk: People) -> None:
    """The row that a silence makes does not say that somebody was here, and goes with everything else."""
    await folk.change(mia(), silenced="yes")

    assert [True, False] == [await directory.is_silenced(mia(community)) for community in (HERE, THERE)]
    assert {} == await folk.export(mia())
    await folk.erase(mia())
    assert not await directory.is_silenced(mia())


async def test_a_note_is_told_once(folk: People) -> None:
    """It waits for its member alone; a newer one takes its place."""
    nothing = await folk.take_note(mia())
    await folk.leave_note(mia(), "first")
    await folk.leave_note(mia(), "second")
    others = [await folk.take_note(mia(community)) for community in OTHERS]

    assert [None, None, None] == [nothing, *others]
    assert ["second", None] == [await folk.take_note(mia()), await folk.take_note(mia())]


async def test_the_communities_of_a_person_are_found(folk: People) -> None:
    """Those of the platform in which something is kept about them, and no others."""
    await folk.touch(mia())
    await folk.change(mia(THERE), zone="UTC")
    await folk.touch(mia(ELSEWHERE))
    await folk.touch(Member(Community("fake", "third"), "otto"))

    found = await folk.communities_of("fake", "mia")

    assert {HERE, THERE} == {community for _, community in found}
    assert 2 == len({row for row, _ in found})
    assert [ELSEWHERE] == [community for _, community in await folk.communities_of("another", "mia")]
    assert [] == await folk.communities_of("fake", "nobody")


async def test_a_person_is_erased_in_one_community(folk: People) -> None:
    """Settings and notes go; what another community keeps stays there."""
    for community in (HERE, THERE):
        await folk.change(mia(community), zone="UTC")
        await folk.leave_note(mia(community), "note")

    await folk.erase(mia())

    assert {} == await folk.export(mia())
    assert None is await folk.take_note(mia())
    assert [THERE] == [community for _, community in await folk.communities_of("fake", "mia")]
    assert "note" == await folk.take_note(mia(THERE))


# ---------------------------------------------------------------- the directory


async def test_roles_are_decided_at_the_moment_of_use(directory: HouseDirectory, crew: Leaders) -> None:
    """An organiser is whom the platform says; a leader is who accepted, until removed."""
    someone, manager = Actor(mia(), "Mia"), Actor(mia(), "Mia", manages_community=True)
    roles = [await directory.role(someone)]
    await crew.invite(mia())
    roles.append(await directory.role(someone))
    await crew.accept(mia())
    roles.append(await directory.role(someone))
    there = await directory.role(Actor(mia(THERE), "Mia"))
    manages = await directory.role(manager)
    await crew.remove(mia(), START)
    roles.append(await directory.role(someone))

    assert [Role.ANYONE, Role.ANYONE, Role.LEADER, Role.ANYONE] == roles
    assert Role.ANYONE is there
    assert Role.ORGANISER is manages


async def test_the_directory_says_when_a_group_is_quiet(directory: HouseDirectory, rooms: Groups) -> None:
    """And whether what falls into it is moved; a leader's silence comes first."""
    at, morning = START.replace(hour=22), START.replace(hour=5) + 24 * HOUR
    nowhere = await directory.quiet(CIRCLE, at)
    await rooms.add(CIRCLE, "Europe/Berlin", "en", "DE")
    group = await rooms.at(CIRCLE)
    assert group
    found = [await directory.quiet(CIRCLE, at)]
    for moves in (True, False):
        await rooms.change(group.id, quiet_from=time(22), quiet_to=time(7), quiet_moves=moves)
        found.append(await directory.quiet(CIRCLE, at))
    await rooms.silence(group.id, at + HOUR)
    found.append(await directory.quiet(CIRCLE, at))

    assert nowhere is None
    assert [None, Quiet(morning, moves=True), Quiet(morning, moves=False), Quiet(at + HOUR, moves=False)] == found


async def test_a_reader_has_their_own_language_and_zone_first(
    directory: HouseDirectory, rooms: Groups, folk: People
) -> None:
    """Then what the platform says, then what the first group has, then English and UTC."""
    nothing = await directory.reader(mia())
    await rooms.add(CIRCLE, "Europe/Berlin", "de", "DE")
    of_group = await directory.reader(mia())
    of_platform = await directory.reader(mia(), "en-US")
    await folk.change(mia(), zone="Asia/Kathmandu", language="de")

    assert Reader("en", "UTC") == nothing
    assert Reader("de", "Europe/Berlin") == of_group
    assert Reader("en", "Europe/Berlin") == of_platform
    assert Reader("de", "Asia/Kathmandu") == await directory.reader(mia(), "en-US")
    assert Reader("en", "UTC") == await directory.reader(mia(THERE))


async def test_a_group_reads_in_its_own_language(directory: HouseDirectory, rooms: Groups) -> None:
    """A channel without a group reads English, in UTC."""
    await rooms.add(CIRCLE, "Europe/Berlin", "de", "DE")

    assert Reader("de", "Europe/Berlin") == await directory.group_reader(CIRCLE)
    assert Reader("en", "UTC") == await directory.group_reader(circle(THERE))


async def test_a_community_is_called_by_its_first_group(directory: HouseDirectory, rooms: Groups, folk: People) -> None:
    """Where there is no group, it is called by its id, and nothing in an id is read as markup."""
    odd = Community("fake", "**there**")
    await rooms.add(CIRCLE, "UTC", "en", "DE")
    await folk.touch(mia())
    await folk.touch(mia(odd))

    found = {each.community: each.name for each in await directory.communities_of("fake", "mia")}

    assert {HERE: "[\\#circle](hearthside:channel/circle)", odd: "\\*\\*there\\*\\*"} == found
