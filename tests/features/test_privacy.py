"""`privacy`: what is kept about a member is told, and goes without a trace."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Column, LargeBinary, MetaData, Table, select

from bot.content import Shelf
from bot.core.clock import MovedClock
from bot.core.feature import Feature
from bot.core.port import Actor, Community, Invocation, Member, Pointed, Reason, Reply, ReplyTo, Update
from bot.storage.members import index_member
from bot.storage.tables import metadata
from tests import databases
from tests.fakes import CIRCLE, actor, later
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    OTHER,
    House,
    apart,
    button_of,
    files_of,
    labels_of,
    message_of,
    opened,
    rows_of,
    text_of,
)


class Broken:
    """Personal data that cannot be removed."""

    tables: Sequence[str] = ()

    async def export(self, member: Member) -> Mapping[str, object]:
        del member
        return {}

    async def erase(self, member: Member) -> None:
        del member
        raise OSError


FINDABLE = actor("findable-9173")
"""Somebody who has used everything there is."""
LABEL = "marmalade-at-last"
NOBODYS = {"communities", "groups", "sealing_keys"}
"""Tables that hold nothing about members: a new one belongs here only after somebody has thought about it."""
THERE = Community("fake", "there")


@dataclass(frozen=True, slots=True)
class Life:
    """A database in which somebody has lived, and the instant until which they did."""

    file: Path
    until: datetime


@pytest.fixture(scope="session")
def life(furnished: Path, tmp_path_factory: pytest.TempPathFactory, shelf: Shelf) -> Life:
    """Let somebody live once, so that every test may begin from there."""
    address = databases.sqlite_copy(furnished, tmp_path_factory.mktemp("life") / "life.db")

    async def live() -> datetime:
        async with opened(address, shelf) as house:
            await fill(house)
            return house.clock.now()

    return Life(Path(address.removeprefix("sqlite:///")), apart(live()))


@pytest_asyncio.fixture(loop_scope="session")
async def lived(life: Life, tmp_path: Path, shelf: Shelf) -> AsyncGenerator[House]:
    """Open a house in which somebody has used everything there is."""
    address = databases.sqlite_copy(life.file, tmp_path / "lived.db")
    async with opened(address, shelf, clock=MovedClock(life.until)) as house:
        yield house


# ---------------------------------------------------------------- showing


async def test_who_left_nothing_is_told_so(house: House) -> None:
    """There is nothing to remove, and who could see what is said all the same."""
    response = await house.types(MEMBER, "privacy show")

    assert "I keep nothing about you in this community." in text_of(response)
    assert "Group leaders can't see this. Whoever runs the bot technically can" in text_of(response)
    assert ["Get support"] == labels_of(response)


async def test_everything_that_is_kept_is_told(lived: House) -> None:
    """In words and on the reader's clock, each thing on a line, and only to the person whom it is about."""
    said = text_of(await lived.types(FINDABLE, "privacy show"))
    others = text_of(await lived.types(OTHER, "privacy show"))

    for line in (
        "Your time zone: Asia/Kathmandu",
        f"Your milestone {LABEL} since 2026-10-20 (about: something else), with its history (since 2026-10-20).",
        "Private: only you hear of it; your word is shown: no. At 09:00; pictures: yes; paused: no.",
        "It is celebrated in #circle, with your name; your word is shown: no. At 09:00; pictures: yes; paused: no.",
        "Celebrated so far: week-1",
        "You read what is kept on 2026-10-21 (1).",
        "Cheers that you gave to others, for as long as they keep their celebration: 1.",
        "A schedule you made for the group: Empathy, daily 19:00",
        "That you are a leader here, and that I may write to you directly.",
        "On duty from Wed 21 Oct 2026, ",
        "Your quiet hours: 22:00-07:00",
        "you answered a request for support. Not whose.",
        "another leader asked you for something, and you have not answered",
        "you asked other leaders to take over from you",
        "(Asia/Kathmandu): I reminded you of a break",
        "(Asia/Kathmandu): you took a break, until ",
        "An exercise you have had on your own: ",
        "That I have sent you private messages, or planned them: ",
    ):
        assert line in said
    assert "True" not in said
    assert "I keep nothing about you" in others


async def test_a_milestone_without_a_name_is_told_in_its_own_words(house: House) -> None:
    """No gap stands where a member chose no word."""
    await house.keeps(MEMBER, "milestone set date=2026-10-20")
    await house.keeps(MEMBER, "milestone set date=2026-10-21 audience=named in=#circle")
    said = text_of(await house.types(MEMBER, "privacy show"))

    assert "Your milestone without a name, since 2026-10-20 (about: something else)" in said
    assert "Your milestone without a name, since 2026-10-21" in said
    assert "It is celebrated in #circle, with your name. At 09:00" in said


async def test_somebody_who_is_invited_is_told_so(house: House) -> None:
    """An invitation is no leadership yet."""
    await house.types(ORGANISER, f"leader add who=@{OTHER.member.id}")

    said = text_of(await house.types(OTHER, "privacy show"))
    assert "That you are invited to be a leader here. You have not accepted." in said


async def test_a_note_that_waits_is_told(house: House) -> None:
    """And comes with the answer, as it does with every answer."""
    await house.app.tools.directory.leave_note(MEMBER.member, "core.note_closed")
    said = text_of(await house.types(MEMBER, "privacy show"))

    assert "A note that waited for you; it stands at the end of this message." in said
    assert "your direct messages from this community are closed" in said
    assert "waited" not in text_of(await house.types(MEMBER, "privacy show"))


async def test_countries_and_languages_are_told_by_name(house: House) -> None:
    """Nobody has to know the letters that stand for them."""
    await house.app.tools.people.change(MEMBER.member, country="DE", language="es")
    said = text_of(await house.types(MEMBER, "privacy show"))

    assert "Your country: Germany" in said
    assert "Your language: Spanish" in said


async def test_a_long_history_fits_the_answer(house: House) -> None:
    """The newest are told one by one, and of the earlier ones how many there are."""
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    for hours in range(23):
        since = house.clock.now() + timedelta(hours=hours)
        await house.app.tools.roster.begin(leader.id, since, since + timedelta(minutes=30))
    said = text_of(await house.types(LEADER, "privacy show"))

    assert 20 == said.count("On duty from")
    assert "and 3 earlier of these" in said


async def test_what_is_exported_can_be_written_as_json(lived: House) -> None:
    """What is kept about a member holds texts, numbers, lists and mappings, and no more."""
    for feature in lived.app.tools.house.features:
        kept = await feature.personal_data.export(FINDABLE.member)
        assert json.loads(json.dumps(kept)) == kept


async def test_that_somebody_was_here_is_told(house: House) -> None:
    """Whoever set a milestone and removed it is remembered by the way to this community, until they delete that."""
    await house.keeps(MEMBER, "milestone set date=today")
    await house.use(MEMBER, "milestone remove", sure="yes")

    said = await house.types(MEMBER, "privacy show")
    assert "That you have used me in this community" in text_of(said)
    assert "Remove everything" in labels_of(said)


# ---------------------------------------------------------------- deleting


async def test_deleting_asks_once(house: House) -> None:
    """The first press says what goes and what stays, and removes nothing; *Keep it* shows what is kept."""
    await house.keeps(MEMBER, "milestone set date=today")
    asked = await house.types(MEMBER, "privacy delete")
    kept = await house.press(MEMBER, button_of(asked, "Keep it"))

    assert isinstance(asked, Reply)
    assert "This can't be undone." in text_of(asked)
    assert "Posts that are already in a channel stay there; notes of Say what I need" in text_of(asked)
    assert "Your milestone without a name" in text_of(kept)
    assert 1 == len(rows_of(house.address, "milestones"))


async def test_a_member_goes_without_a_trace(lived: House) -> None:
    """After a life in every feature no row, no index and no byte of them is left, in the file or its log."""
    traces = await traces_of(lived, FINDABLE)
    filled = {table for table, found in traces.items() if found}
    named = {table for feature in lived.app.tools.house.features for table in feature.personal_data.tables}
    before = files_of(lived.address)

    asked = await lived.types(FINDABLE, "privacy delete")
    done = await lived.press(FINDABLE, button_of(asked, "Yes, remove everything"))
    after = files_of(lived.address)

    assert named - {"occurrences", "celebration_posts"} == filled
    assert isinstance(done, Update)
    assert "It is done. I keep nothing about you in this community any more." in text_of(done)
    for table, found in traces.items():
        assert all(trace in before for trace in found), table
        assert not any(trace in after for trace in found), table
    assert {table: [] for table in traces} == await traces_of(lived, FINDABLE)
    for marker in (FINDABLE.member.id, "findable-0", LABEL, "Kathmandu"):
        assert marker.encode() not in after
    assert "I keep nothing about you" in text_of(await lived.types(FINDABLE, "privacy show"))


async def test_nothing_reaches_a_member_who_is_gone(lived: House) -> None:
    """What was planned for them does not happen: no note, no celebration, no reminder, no role."""
    await erase(lived, FINDABLE)
    await lived.types(ORGANISER, "schedule remove")

    await lived.wait(days=40)

    about_others = "nobody could take over"  # somebody asked them, and others, for something
    assert [] == [post for post in lived.platform.posts if about_others not in text_of(post.message)]
    assert "This is for the group's leaders" in text_of(await lived.types(FINDABLE, "break status"))
    assert b"findable" not in await lived.raw()


async def test_what_belongs_to_the_group_goes_on(lived: House) -> None:
    """A schedule stays when its maker goes, and nobody can tell any more who that was."""
    await erase(lived, FINDABLE)

    await lived.wait(days=1)

    assert lived.platform.posts_to(CIRCLE)[-1].at > lived.clock.now() - timedelta(days=1)
    assert [(None, None)] == rows_of(lived.address, "schedules", "creator, creator_index")


async def test_others_lose_nothing(lived: House) -> None:
    """What is kept about another member, and about the same person in another community, stays."""
    namesake = actor(FINDABLE.member.id, community=THERE)
    for who in (OTHER, namesake):
        await lived.keeps(who, f"milestone set date=2026-10-20 label={LABEL}")
        await lived.types(who, "me timezone zone=Asia/Tokyo")

    await erase(lived, FINDABLE)

    for who in (OTHER, namesake):
        said = text_of(await lived.types(who, "privacy show"))
        assert LABEL in said
        assert "Asia/Tokyo" in said
    assert "lea" in message_of(await lived.types(ORGANISER, "leader list")).body


async def test_one_feature_does_not_keep_what_the_others_had(lived: House) -> None:
    """What cannot be removed is said, with a way to try again; everything else is gone by then."""
    home = lived.app.tools.house
    every = home.features
    home.features = (Feature("broken", Broken()), *every)
    done = await lived.use(FINDABLE, "privacy delete", sure="yes")
    home.features = every
    left = await lived.types(FINDABLE, "privacy show")
    again = await lived.press(FINDABLE, button_of(done, "Try once more"))

    assert "something could not be removed just now" in text_of(done)
    assert "I keep nothing about you" in text_of(left)
    assert "It is done." in text_of(again)


async def test_deleting_twice_does_no_harm(house: House) -> None:
    """There is nothing left, and the answer is the same."""
    for _ in range(2):
        assert "It is done." in text_of(await house.use(MEMBER, "privacy delete", sure="yes"))


async def test_a_member_may_come_back(lived: House) -> None:
    """Everything is new; nothing of before comes back."""
    await erase(lived, FINDABLE)

    await lived.keeps(FINDABLE, "milestone set date=2026-10-25 label=new")
    said = text_of(await lived.types(FINDABLE, "privacy show"))

    assert "new" in said
    assert LABEL not in said
    assert "Kathmandu" not in said


async def test_a_direct_message_finds_the_community(house: House) -> None:
    """With one community it is that one; with several it is asked which; with none there is nothing to find."""
    alone = Actor(Member(Community("fake", ""), MEMBER.member.id), "M")
    nowhere = text_of(await house.writes(alone, "privacy show"))
    await house.keeps(MEMBER, "milestone set date=today label=here")
    one = text_of(await house.writes(alone, "privacy show"))
    await house.keeps(actor(MEMBER.member.id, community=THERE), "milestone set date=today label=there")
    which = await house.writes(alone, "privacy show")
    chosen = [text_of(await house.press(alone, button)) for button in message_of(which).buttons[:2]]

    assert "I don't know yet which community you mean" in nowhere
    assert "here" in one
    assert "Which community is this about?" in text_of(which)
    assert ["here" in said for said in chosen] != ["there" in said for said in chosen]


async def test_only_the_member_deletes(house: House) -> None:
    """Whoever presses the button deletes themself, and nobody else."""
    await house.keeps(MEMBER, f"milestone set date=today label={LABEL}")
    asked = await house.types(MEMBER, "privacy delete")

    for who in (OTHER, LEADER, ORGANISER):
        await house.press(who, button_of(asked, "Yes, remove everything"))

    assert LABEL in text_of(await house.types(MEMBER, "privacy show"))


# ---------------------------------------------------------------- every table has an owner


def unnamed(tables: Iterable[Table], named: Iterable[str]) -> list[str]:
    """Return the tables that nobody says they keep: those about members, and those nobody has thought about."""
    return sorted(table.name for table in tables if table.name not in {*named, *NOBODYS})


def about_members(tables: Iterable[Table]) -> list[str]:
    """Return the tables in which rows are found by member."""
    return sorted(table.name for table in tables if any(column.name.endswith("_index") for column in table.columns))


def names(features: Sequence[Feature]) -> set[str]:
    return {table for feature in features for table in feature.personal_data.tables}


async def test_every_table_is_named_by_a_feature(house: House) -> None:
    """A table that no feature exports and erases is a mistake, and tables about members are never nobody's."""
    named = names(house.app.tools.house.features)

    assert [] == unnamed(metadata.tables.values(), named)
    assert set(about_members(metadata.tables.values())) <= named
    assert named <= set(metadata.tables)


def test_a_table_that_nobody_names_is_noticed() -> None:
    """The check sees a new table, whether or not it holds rows about members."""
    strange = MetaData()
    diaries = Table("diaries", strange, Column("member_index", LargeBinary))
    things = Table("things", strange)

    assert ["diaries", "things"] == unnamed(strange.tables.values(), {"milestones"})
    assert ["diaries"] == about_members([diaries, things])
    assert [] == unnamed(strange.tables.values(), {"diaries", "things"})


# ---------------------------------------------------------------- a life in every feature


async def fill(house: House) -> None:
    """Let somebody use everything there is, so that every table holds something about them."""
    await house.types(ORGANISER, f"leader add who=@{FINDABLE.member.id}")
    await house.press(FINDABLE, button_of(house.newest(FINDABLE), "Accept"))
    await house.types(FINDABLE, "me timezone zone=Asia/Kathmandu")
    await house.types(FINDABLE, "schedule add what=empathy in=#circle rule=daily 19:00")
    await house.types(FINDABLE, "practice empathy")
    await house.types(FINDABLE, f"resource suggest skill=empathy title={LABEL} task=Listen")
    await house.keeps(FINDABLE, f"milestone set date=2026-10-20 label={LABEL}")
    await house.keeps(FINDABLE, f"milestone set date=2026-10-20 label={LABEL} audience=named in=#circle")
    about = Pointed(CIRCLE, f"message-of-{FINDABLE.member.id}", FINDABLE.member, ReplyTo(CIRCLE, "findable-0"))
    card = await house.invoke(Invocation("menu need", {}, FINDABLE, CIRCLE, about=about))
    await house.press(FINDABLE, button_of(card, "Just listening"))
    await cheer_somebody(house)
    await house.types(FINDABLE, "duty on until=21:00")
    await house.wait(minutes=50)
    for label in ("In 20 minutes", "Taking it now", "Already took one", "Not today"):
        await house.press(FINDABLE, button_of(house.newest(FINDABLE), label))
    await house.types(FINDABLE, "duty off")
    await house.types(FINDABLE, "duty on until=23:00")
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN  # a post of theirs fails, and they are told
    await house.wait(days=1)
    house.platform.refuses.clear()
    await house.wait(days=6)  # a week: both milestones are celebrated
    house.platform.refuses[FINDABLE.member] = Reason.CLOSED  # a note is left
    await house.keeps(FINDABLE, f"milestone set date=2026-10-27 label={LABEL}")
    await house.wait(days=1)
    house.platform.refuses.clear()
    await house.app.tools.directory.leave_note(FINDABLE.member, "core.note_closed")
    house.platform.fails(*[later(timedelta(hours=3))] * 2)  # something waits to be sent
    await house.keeps(FINDABLE, f"milestone set date=2026-10-26 label={LABEL}")
    await house.wait(hours=30)
    await lead_with_others(house)


async def lead_with_others(house: House) -> None:
    """Let them tell how they are, have a buddy, be there for somebody, and ask and be asked by another leader."""
    leader = await house.app.tools.leaders.find(FINDABLE.member)
    assert leader
    await house.app.tools.roster.answered(leader.id, house.clock.now())
    await house.use(FINDABLE, "care answer", score="2")
    await house.types(FINDABLE, "break plan quiet=22:00-07:00")
    asked = await house.types(FINDABLE, "care buddy who=@lea")
    await house.press(FINDABLE, message_of(asked).buttons[0])
    for giver, taker in ((FINDABLE, LEADER), (LEADER, FINDABLE)):
        await house.types(giver, "duty on until=23:30")
        await house.types(giver, f"duty handoff who=@{taker.member.id}")
    await house.use(LEADER, "duty off", sure="yes")


async def cheer_somebody(house: House) -> None:
    """Let them cheer what another member shares, who is silent from then on."""
    zed = actor("zed")
    await house.keeps(zed, "milestone set date=2026-10-01")
    preview = await house.types(zed, "milestone share audience=named in=#circle")
    await house.press(zed, button_of(preview, "Share it now"))
    await house.press(FINDABLE, button_of(house.newest(CIRCLE), "Cheer"))
    await house.types(zed, "milestone pause")


async def erase(house: House, who: Actor) -> None:
    asked = await house.types(who, "privacy delete")
    await house.press(who, button_of(asked, "Yes, remove everything"))


async def traces_of(house: House, who: Actor) -> dict[str, list[bytes]]:
    """Return, for every table that somebody names, the bytes that rows about a member hold there."""
    found: dict[str, list[bytes]] = {}
    leader = await house.app.tools.leaders.find(who.member)
    async with house.app.tools.database.read() as unit:
        for table in metadata.tables.values():
            if table.name in NOBODYS or table.name == "occurrences":
                continue
            index = index_member(house.app.tools.sealing, table.name, who.member)
            by_member = [column for column in table.columns if column.name.endswith("_index")]
            clauses = [column == index for column in by_member]
            if "leader_id" in table.columns:
                clauses = [table.c.leader_id == (leader.id if leader else -1)]
            rows: Sequence[Any] = [row for clause in clauses for row in await unit.all(select(table).where(clause))]
            found[table.name] = [trace for row in rows for trace in bytes_of(table, row)]
    return found


def bytes_of(table: Table, row: Any) -> list[bytes]:
    """Return what is sealed or indexed in a row; where nothing is, its id as SQLite writes it into the file."""
    sealed = [value for value in row if isinstance(value, bytes)]
    return sealed or [int(row.id).to_bytes(8, "big").lstrip(b"\0")] if table.name else []
