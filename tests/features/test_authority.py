"""Who may do what, for every command that there is: decided from roles and rows at the moment of use."""

from __future__ import annotations

from collections.abc import Mapping

from bot.community.requests import Wish
from bot.core.port import Actor, Ask, Channel, Community, Invocation, Pointed, ReplyTo, Role, Shown
from bot.features.care.pairs import Pairs
from bot.storage.tables import metadata
from tests.fakes import actor
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    OTHER,
    House,
    button_of,
    message_of,
    rows_of,
    text_of,
)

THERE = Community("fake", "there")
SECRET = "marmalade-at-last"
"""Stands in everything that belongs to somebody else."""

FILLED: Mapping[str, str] = {
    "in": "#circle",
    "zone": "Europe/Paris",
    "language": "en",
    "country": "FR",
    "who": "@otto",
    "what": "empathy",
    "rule": "daily 19:00",
    "until": "23:00",
    "minutes": "10",
    "date": "today",
    "label": "own",
    "audience": "private",
    "skill": "empathy",
    "reflection": "hello",
    "message": "hello",
    "said": "hello",
    "draft": "hello",
    "exercise": "em-on-the-stairs",
    "sure": "yes",
    "shown": "DE",
    "text": "hello",
    "times": "2",
    "repeat": "daily",
    "day": "mon",
    "time": "19:00",
    "start": "today",
    "thread": "yes",
    "pin": "yes",
    "ping": "nobody",
    "grace": "60",
    "part": "when",
    "counts": "no",
    "press": "1",
    "as": "1",
    "plan": "starter",
    "file": "schedules: []",
    "kind": "exercise",
    "asks": "reflection",
    "form": "talk",
    "title": "hello",
    "task": "hello",
    "vignette": "hello",
    "example": "hello",
    "look": "hello",
    "why": "hello",
    "after": "0",
    "at": "1",
    "quiet": "22:00-07:00",
    "inside": "skip",
    "moments": "default",
    "days": "3",
    "hour": "8",
    "show": "yes",
    "plain": "yes",
    "agreed": "yes",
    "back": "yes",
    "from": "2026-10-02",
    "run": "1",
    "hours": "sat 10:00-12:00",
    "rest": "yes",
    "support": "yes",
    "most": "2",
    "score": "2",
    "every": "month",
}
"""What every input that is no row may hold."""
OWN = {"milestone", "of", "celebration", "invitation", "note", "ask", "buddy"}
"""Rows that belong to one member."""
ROWS = OWN | {"schedule", "row", "group", "suggestion", "post"}
"""Inputs that hold rows: whoever adds one has to say whose rows it may touch."""
SHARED = {"schedule", "row", "group", "suggestion", "post"}
"""Rows that belong to their community: its leaders and organisers may all change them, or everybody may cheer them."""


def kept(house: House) -> dict[str, list[tuple[object, ...]]]:
    """Return everything that is kept."""
    return {table: sorted(rows_of(house.address, table), key=repr) for table in metadata.tables}


async def theirs(house: House, owner: Actor, leader: Actor) -> Mapping[str, str]:
    """Let somebody keep a milestone, plan a post and be invited, and return the rows."""
    await house.app.tools.groups.add(Channel(owner.member.community, "circle"), "Europe/Berlin", "en", "DE")
    await house.app.appoint(leader.member)
    tables = ("milestones", "schedules", "leaders", "bank", "needs", "celebrations", "celebration_posts")
    known = {table: set(rows_of(house.address, table, "id")) for table in tables}
    await house.keeps(owner, f"milestone set date=2026-10-01 label={SECRET}")
    await house.types(leader, "schedule add what=autonomy in=#circle rule=yearly 02-28 23:23")
    await house.types(owner, f"resource suggest exercise #circle skill=empathy title={SECRET} task={SECRET}")
    circle = Channel(owner.member.community, "circle")
    about = Pointed(circle, "m-1", owner.member, ReplyTo(circle, "m-1"))
    await house.invoke(Invocation("menu need", {}, owner, circle, about=about))
    group = await house.app.tools.groups.at(circle)
    assert group
    preview = await house.types(owner, "milestone share audience=unnamed in=#circle", at=circle)
    await house.press(owner, button_of(preview, "Share it now"))
    await house.app.tools.leaders.invite(owner.member)
    asked = await asked_of(house, owner, leader)
    new = {table: str((set(rows_of(house.address, table, "id")) - before).pop()[0]) for table, before in known.items()}
    return {
        "milestone": new["milestones"],
        "schedule": new["schedules"],
        "row": new["schedules"],
        "suggestion": new["bank"],
        "invitation": new["leaders"],
        "note": new["needs"],
        "of": new["milestones"],
        "celebration": new["celebrations"],
        "post": new["celebration_posts"],
        "group": str(group.id),
        "ask": str(asked),
        "buddy": str(await wanted_by(house, owner)),
    }


async def asked_of(house: House, owner: Actor, leader: Actor) -> int:
    """Let a leader ask somebody to take over, and return the row."""
    tools, now = house.app.tools, house.clock.now()
    asked, asks = await tools.leaders.find(owner.member), await tools.leaders.find(leader.member)
    assert asked
    assert asks
    async with tools.database.write() as unit:
        request = await tools.requests.begin(unit, asks.id, Wish.HANDOFF, now, now)
        assert request
        row = await tools.requests.ask(unit, request, asked.id, now)
    assert row
    return row


async def wanted_by(house: House, owner: Actor) -> int:
    """Let a leader of whom nobody else knows ask somebody to be their buddy, and return the row."""
    tools, now = house.app.tools, house.clock.now()
    shy = actor("shy", community=owner.member.community).member
    await house.app.appoint(shy)
    asked, asks = await tools.leaders.find(owner.member), await tools.leaders.find(shy)
    assert asked
    assert asks
    async with tools.database.write() as unit:
        return (await Pairs(tools.leaders).add(unit, asks.id, asked.id, now)).id


async def test_a_lower_role_is_refused_every_command(house: House) -> None:
    """Typed or pressed, with everything filled in: a kind word that tells nothing, and nothing is changed."""
    row = await theirs(house, OTHER, LEADER)
    before = kept(house)
    words = {Role.LEADER: "This is for the group's leaders", Role.ORGANISER: "This is for those who manage"}
    tried = 0
    for entry in house.app.core.catalogue:
        for who in (MEMBER, LEADER):
            if entry.role <= await house.role(who):
                continue
            arguments = {field.name: row.get(field.name, FILLED.get(field.name, "")) for field in entry.fields}
            said = text_of(await house.use(who, entry.path, **arguments))

            tried += 1
            assert words[entry.role] in said, entry.path
            assert SECRET not in said
            assert "23:23" not in said
            assert before == kept(house), entry.path
    assert tried > 15


async def test_a_row_of_somebody_else_opens_nothing(house: House) -> None:
    """With every command that takes a row, of another member or another community: nothing is told or changed."""
    neighbours = await theirs(house, OTHER, LEADER)
    strangers = await theirs(house, actor("eve", community=THERE), actor("ed", community=THERE))
    for whose, closed in ((neighbours, ROWS - SHARED), (strangers, ROWS)):
        before = kept(house)
        for path, name, sure in row_commands(house):
            for who in (MEMBER, LEADER, ORGANISER):
                if name not in closed:
                    continue
                response = await house.use(who, path, **{name: whose[name]}, **sure)

                said = "" if isinstance(response, Ask) else text_of(response)
                assert SECRET not in said, path
                assert "23:23" not in said, path
                assert before == kept(house), path
    assert {name for _, name, _ in row_commands(house)} == ROWS


def row_commands(house: House) -> list[tuple[str, str, dict[str, str]]]:
    """Return every command that takes a row, the input that holds it, and what a second press says."""
    return [
        (path, name, {more: said for more, said in (("sure", "yes"), ("as", "1")) if more in names})
        for path, names in inputs_of(house).items()
        for name in names
        if name in ROWS
    ]


async def test_every_input_that_holds_a_row_is_tried(house: House) -> None:
    """A new command that takes a number or a hidden value has to be placed in the tables of these tests."""
    names = {name for names in inputs_of(house).values() for name in names}

    assert names <= ROWS | set(FILLED), "tell these tests what it holds"


async def test_buttons_of_another_member_act_for_who_presses(house: House) -> None:
    """Pressing every button that another member ever got changes nothing about that member."""
    await house.keeps(OTHER, f"milestone set date=2026-10-01 label={SECRET}")
    shown = [
        await house.types(OTHER, line) for line in ("milestone show", "milestone remove", "privacy delete", "home")
    ]
    before = text_of(await house.types(OTHER, "milestone show"))
    for response in shown:
        for button in message_of(response).buttons:
            answer = await house.press(MEMBER, button)

            assert isinstance(answer, Ask) or SECRET not in text_of(answer)
    assert before == text_of(await house.types(OTHER, "milestone show"))


async def test_what_is_suggested_is_ones_own(house: House) -> None:
    """No input of any command suggests what belongs to another member or another community."""
    await theirs(house, OTHER, LEADER)
    await theirs(house, actor("eve", community=THERE), actor("ed", community=THERE))
    await house.types(LEADER, "schedule remove")
    for entry in house.app.core.catalogue:
        for field in (each for each in entry.fields if each.suggests):
            for who in (MEMBER, LEADER, ORGANISER):
                for choice in await house.app.core.suggest(entry.path, field.name, "", who):
                    assert SECRET not in choice.label
                    assert "23:23" not in choice.label
            if entry.role > Role.ANYONE:
                assert [] == list(await house.app.core.suggest(entry.path, field.name, "", MEMBER))


async def test_a_leader_is_asked_for_their_role_each_time(house: House) -> None:
    """An open form and an old button are of no use once the role is gone."""
    form = await house.types(LEADER, "schedule add")
    listed = await house.types(LEADER, "schedule list")
    await house.types(ORGANISER, "leader remove who=@lea")

    submitted = await house.use(LEADER, "schedule add", what="empathy", rule="daily 19:00", **{"in": "#circle"})
    pressed = await house.press(LEADER, button_of(listed, "Plan a post"))

    assert isinstance(form, Ask)
    for response in (submitted, pressed):
        assert "This is for the group's leaders" in text_of(response)
    assert [] == rows_of(house.address, "schedules")


def inputs_of(house: House) -> dict[str, list[str]]:
    """Return the inputs of every command, hidden ones included."""
    found: dict[str, list[str]] = {}
    for feature in house.app.tools.house.features:
        for command in feature.commands:
            found[command.path] = [given.name for given in command.inputs]
    return found


async def test_hidden_commands_are_behind_buttons_only(house: House) -> None:
    """What is not typed cannot be typed: the line is not known, or leads to the commands that begin like it."""
    for entry in house.app.core.catalogue:
        if entry.shown is not Shown.TYPED:
            response = await house.types(ORGANISER, entry.path)

            assert "I don't know that one" in text_of(response) or entry.path.split()[0] in message_of(response).title
            assert [] == rows_of(house.address, "break_events")
