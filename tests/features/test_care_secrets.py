"""What a leader carries is theirs alone: whatever it is, all that others can see, ask and take away is the same.

The same weeks are lived twice: once by a leader who is well, and once by one who carries far too much.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import structlog

from bot.content import Shelf
from bot.core.port import HELD, Actor, Ask, Community, Invocation, Message, Response
from tests import databases
from tests.fakes import CIRCLE, START, actor
from tests.features.test_buddies import paired
from tests.house import LEADER, MEMBER, ORGANISER, House, button_of, labels_of, message_of, opened, rows_of, text_of

BEN, IDA = actor("ben"), actor("ida")
"""Other leaders: the leader's buddy, and one who is nobody's."""
NAMESAKE: Final = actor(LEADER.member.id, community=Community("fake", "there"))
STRANGERS: Final = (BEN, IDA, ORGANISER, MEMBER, NAMESAKE)
TABLES: Final = ("check_ins", "buddies", "answers", "requests", "asks", "break_events", "duties")
"""What goes with a leader."""
NEAR: Final = {"care", "duty", "leaders", "home"}
"""Features that are asked by everybody; the others by one each."""
NIGHTS: Final = 4
A_ROW: Final = re.compile(r"\d{5,}")


@dataclass(frozen=True, slots=True)
class Life:
    """A house in which a leader lived for some weeks, and what was logged meanwhile."""

    house: House
    heavy: bool
    logged: Sequence[Mapping[str, Any]]

    def rows(self) -> list[str]:
        """Return a row of each kind that there is about leaders: others might ask for them."""
        kinds = ("leaders", "check_ins", "buddies", "requests", "asks")
        return [str(row) for table in kinds for (row,) in rows_of(self.house.address, table, "id")[:1]]


async def meet(house: House) -> None:
    """Let there be other leaders, and the leader's buddy among them."""
    await paired(house)
    for who in (IDA, NAMESAKE):
        await house.app.appoint(who.member)


async def live(house: House, *, heavy: bool) -> None:
    """Let a leader look after the group by night, rest, answer, and ask; or do nothing of it.

    In the end they turn to the others, who are told the same either way.
    """
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    await house.types(LEADER, "care check-in every=week" if heavy else "care check-in every=never")
    for night in range(NIGHTS):
        await house.until(START + timedelta(days=night, hours=9))
        await house.use(LEADER, "care answer", score="5" if heavy else "1")
        if heavy:
            await house.types(LEADER, "duty on until=23:30")
            await house.app.tools.roster.answered(leader.id, house.clock.now())
            await house.types(LEADER, "break now minutes=20")
            await house.use(LEADER, "care ask")  # nobody is on duty, so nobody is asked
            await house.types(LEADER, "care status")
    await house.until(START + timedelta(days=NIGHTS + 1))
    await house.types(BEN, "duty on until=16:00")
    await house.use(LEADER, "care ask")
    await house.press(BEN, button_of(house.newest(BEN), "I have twenty minutes"))
    ((pair,),) = rows_of(house.address, "buddies", "id")
    await house.use(LEADER, "care word", buddy=str(pair))
    await house.wait(hours=6)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lives(
    furnished: Path, tmp_path_factory: pytest.TempPathFactory, shelf: Shelf
) -> AsyncGenerator[tuple[Life, Life]]:
    """Give the house of a leader who is well, and that of one who carries too much."""
    folder = tmp_path_factory.mktemp("lives")
    begun = folder / "begun.db"
    async with opened(databases.sqlite_copy(furnished, begun), shelf) as house:
        await meet(house)
    addresses = [databases.sqlite_copy(begun, folder / f"{name}.db") for name in ("light", "heavy")]
    async with opened(addresses[0], shelf) as light, opened(addresses[1], shelf) as heavy:
        found: list[Life] = []
        for house in (light, heavy):
            with structlog.testing.capture_logs() as logged:
                await live(house, heavy=house is heavy)
            found.append(Life(house, house is heavy, list(logged)))
        yield found[0], found[1]


def seen(said: Response | Message) -> str:
    """Return all that an answer holds, rows and tokens left out: they are chance in both lives."""
    if isinstance(said, Ask):
        whole = f"{said.command} {said.title} {said.fields} {said.known} {said.problems} {said.hidden} {said.note}"
        return A_ROW.sub("#", whole)
    message = said if isinstance(said, Message) else message_of(said)
    buttons = [
        (button.label, button.command, sorted(item for item in button.arguments.items() if item[0] != HELD))
        for button in message.buttons
    ]
    return A_ROW.sub("#", f"{text_of(message)} {message.body} {buttons} {message.files} {message.notifies}")


def filled(names: set[str], known: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield arguments in which every row there is stands wherever one may, and the leader where somebody is named."""
    yield {}
    rows = names & {"buddy", "ask", "invitation", "request", "duty", "of"}
    for row in known if rows else ():
        yield dict.fromkeys(rows, row)
    if "who" in names:
        yield {"who": f"@{LEADER.member.id}"}


async def answers(life: Life) -> list[tuple[str, str, str]]:
    """Return what everybody else is answered: every command, with every row there is."""
    found: list[tuple[str, str, str]] = []
    known, turn = life.rows(), 0
    for feature in life.house.app.tools.house.features:
        for command in feature.commands:
            names = {given.name for given in command.inputs}
            heard: set[tuple[str, str, str]] = set()
            for arguments in filled(names, known if feature.name in NEAR else ()):
                turn += 1
                few = [STRANGERS[len(command.path) % len(STRANGERS)]]
                for who in STRANGERS if feature.name in NEAR and not arguments else few:
                    answer = await life.house.app.core.invoke(Invocation(command.path, arguments, who, CIRCLE))
                    heard.add((command.path, who.member.id, seen(answer)))
            found += sorted(heard)  # a life with more rows is asked more often, and answered the same
    assert turn > 100
    return found


async def test_others_were_sent_the_same(lives: tuple[Life, Life]) -> None:
    """Posts in channels and private messages, to the buddy too, word for word and minute by minute."""
    sent = [
        [(post.to, post.at, seen(post.message)) for post in life.house.platform.everything if not _own(post.to)]
        for life in lives
    ]
    own = [sum(_own(post.to) for post in life.house.platform.everything) for life in lives]

    assert sent[0] == sent[1]
    assert 2 <= len(sent[0])
    assert own[0] < own[1]  # the leader was written to, so that the two lives do differ


async def test_nobody_else_can_take_any_of_it_away(lives: tuple[Life, Life]) -> None:
    """Neither what others export about themselves, nor what is offered while they type, tells the lives apart."""
    exported, offered = [
        [[await each(life, who) for who in STRANGERS] for life in lives] for each in (_exported, _offered)
    ]

    assert exported[0] == exported[1]
    assert offered[0] == offered[1]
    mine = [await _exported(life, LEADER) for life in lives]
    assert mine[0] != mine[1]


async def test_the_logs_are_the_same(lives: tuple[Life, Life]) -> None:
    """What whoever runs the bot reads there names no answer, no load and no leader."""
    light, heavy = [[line["event"] for line in life.logged] for life in lives]

    assert light == heavy
    assert not any(f"{LEADER.member.id!r}" in f"{life.logged}" for life in lives)


async def test_the_database_shows_none_of_it(lives: tuple[Life, Life]) -> None:
    """An answer is sealed and padded: 1 and 5 look alike, and what a leader chose stands nowhere in clear."""
    sizes = {len(details) for life in lives for (details,) in rows_of(life.house.address, "check_ins", "details")}
    raw = b"".join([await life.house.raw() for life in lives])

    assert 1 == len(sizes)
    assert b'"rhythm"' not in raw
    assert b"lea" + b'"' not in raw


async def test_nobody_else_is_answered_anything_about_it(lives: tuple[Life, Life]) -> None:
    """Every command, with every row, by the buddy, another leader, the organiser, a member, a namesake elsewhere."""
    light, heavy = [await answers(life) for life in lives]

    assert light == heavy
    assert {who.member.id for who in STRANGERS} == {who for _, who, _ in light}


async def test_the_leader_alone_sees_the_difference(lives: tuple[Life, Life]) -> None:
    """Which shows that there is one to be seen."""
    said = [text_of(await life.house.types(LEADER, "care status")) for life in lives]

    assert ["Time on duty: 0 h 0 min" in each for each in said] == [True, False]
    assert [": 5 ·" in each for each in said] == [False, True]


async def test_what_is_left_of_a_leadership_is_its_leaders_alone(lives: tuple[Life, Life]) -> None:
    """Removed, they can still take and erase it. Whoever is appointed anew after that begins with nothing."""
    house = lives[1].house
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    before = _tables_about(house, leader.id)
    await house.types(ORGANISER, "leader remove who=@lea")
    theirs = await _exported(lives[1], LEADER)
    await house.use(LEADER, "privacy delete", sure="yes")
    left = _tables_about(house, leader.id)
    await house.app.appoint(LEADER.member)
    said = await house.types(LEADER, "care status")

    assert {"check_ins", "answers", "requests", "break_events", "duties"} <= before
    assert "'score': 5" in theirs
    assert set() == left
    assert "You have given no answers yet." in text_of(said)
    assert "Check in now" in labels_of(said)


def _own(to: object) -> bool:
    return to == LEADER.member


def _tables_about(house: House, leader: int) -> set[str]:
    about = {table: rows_of(house.address, table, "leader_id") for table in TABLES}
    about["buddies"] += rows_of(house.address, "buddies", "other_id")
    return {table for table, rows in about.items() if (leader,) in rows}


async def _exported(life: Life, who: Actor) -> str:
    features = life.house.app.tools.house.features
    return f"{[await feature.personal_data.export(who.member) for feature in features]}"


async def _offered(life: Life, who: Actor) -> str:
    core = life.house.app.core
    general = {"zone", "country"}  # the same for everybody, and many
    fields = [
        (entry.path, field.name)
        for entry in core.catalogue
        for field in entry.fields
        if field.suggests and field.name not in general
    ]
    return f"{[await core.suggest(path, name, '', who) for path, name in fields]}"
