"""One member's milestones are nobody else's: no command, export, suggestion, log line, error or byte tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
import structlog

from bot.core.port import Ask, Choice, Community, Invocation, Message, Response
from bot.features.milestones.drawing import Drawing
from tests.fakes import CIRCLE, actor
from tests.features.dates import DAY, MORNING
from tests.house import LEADER, MEMBER, ORGANISER, OTHER, House, button_of, rows_of

WORD = "quillfeather"
"""The member's own word, which is never ticked to be shown."""
BEGAN = "2001-02-03"
TRACES = (WORD, BEGAN, "3 Feb 2001", "Feb 2001", "2016-10-27", "27 Oct 2016", "Oct 2016")
"""What nobody else may ever read: the word, and the dates in every form in which the owner reads them."""
LINES = (
    f"milestone set date={BEGAN} label={WORD} kind=recovery",
    f"milestone set date=2016-10-27 label={WORD}-2 audience=named in=#circle",
    f"milestone set date=2016-10-27 label={WORD}-3 audience=unnamed in=#circle",
    f"milestone set date=2016-10-27 label={WORD}-4 audience=leaders",
)
STRANGERS = (OTHER, LEADER, ORGANISER, actor(MEMBER.member.id, community=Community("fake", "there")))


async def live(house: House) -> None:
    """Let a member keep milestones of every kind, be celebrated and cheered, begin again, and share."""
    for line in LINES:
        await house.keeps(MEMBER, line)
    await house.until(MORNING)
    for words in ("audience=named in=#circle", "audience=leaders"):
        preview = await house.types(MEMBER, f"milestone share 1 {words}")
        await house.press(MEMBER, button_of(preview, "Share it now"))
    await house.press(OTHER, button_of(house.newest(CIRCLE), "Cheer"))
    await house.types(MEMBER, "milestone restart 2 from=2026-10-25")
    await house.types(MEMBER, "milestone correct 3 date=2016-10-26")


def everything(response: Response | Message) -> str:
    """Return all that an answer holds: what is read, what stands in forms, and what buttons carry."""
    return (
        f"{response.fields}{response.known}{response.hidden}{response.note}"
        if isinstance(response, Ask)
        else f"{response}"
    )


def leaks(said: str) -> list[str]:
    return [trace for trace in TRACES if trace in said]


def rows(house: House) -> list[str]:
    tables = ("milestones", "celebrations", "celebration_posts", "cheers")
    return [str(row) for table in tables for (row,) in rows_of(house.address, table, "id")]


def filled(known: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield arguments in which a row that is somebody else's stands wherever a number may."""
    yield {}
    more = {"from": "2026-10-20", "date": "2026-10-20", "audience": "named", "sure": "yes", "run": "1"}
    for row in known:
        yield {**dict.fromkeys(("milestone", "of", "day", "celebration", "post"), row), **more}


async def test_no_answer_to_anybody_else_tells(house: House) -> None:
    """Every command, with every row there is, by a member, a leader, the organiser and a namesake elsewhere."""
    await live(house)
    known = rows(house)
    asked = 0
    for feature in house.app.tools.house.features:
        for command in feature.commands:
            names = {given.name for given in command.inputs}
            about = feature.name == "milestones"
            for number, given in enumerate(filled(known if about else ())):
                for who in STRANGERS if not given else [STRANGERS[number % len(STRANGERS)]]:
                    arguments = {name: each for name, each in given.items() if name in names}
                    answer = await house.app.core.invoke(Invocation(command.path, arguments, who, CIRCLE))
                    asked += 1
                    assert [] == leaks(everything(answer)), (command.path, given, who.member.id)
    assert asked > 400


async def test_nothing_that_others_were_sent_tells(house: House) -> None:
    """Posts, edits and private messages to leaders, over a year."""
    await live(house)
    await house.until(MORNING + 366 * DAY)

    sent = [post for post in house.platform.everything if post.to != MEMBER.member]
    assert len(sent) > 5
    assert [] == leaks(" ".join(f"{post.message}" for post in sent))


async def test_no_suggestion_and_no_export_tells(house: House) -> None:
    """Neither what is offered while somebody types, nor what others take away about themselves."""
    await live(house)
    offered: list[Choice] = []
    for entry in house.app.core.catalogue:
        for field in (each for each in entry.fields if each.suggests):
            for who in STRANGERS:
                offered += await house.app.core.suggest(entry.path, field.name, "", who)
    features = house.app.tools.house.features
    exported = [await feature.personal_data.export(who.member) for feature in features for who in STRANGERS]

    assert [] == leaks(f"{offered}{exported}")


async def test_no_log_line_tells(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where a celebration, a command and a delivery break in the middle of it."""

    def broken(*given: object, **named: object) -> Message:
        raise ValueError(f"{WORD} {BEGAN} {given} {named}")

    with structlog.testing.capture_logs() as logged:
        await live(house)
        monkeypatch.setattr(Drawing, "post", broken)
        monkeypatch.setattr(Drawing, "note", broken)
        await house.types(MEMBER, f"milestone set date=2026-10-21 label={WORD}-5")
        await house.types(MEMBER, "milestone share 3 audience=leaders")
        await house.until(MORNING + 2 * DAY)

    assert {"command failed", "delivery put off"} <= {line["event"] for line in logged}
    assert [] == leaks(f"{logged}")
    assert not any(MEMBER.member.id == value for line in logged for value in line.values())


async def test_no_page_of_the_database_tells(house: House) -> None:
    """Before and after celebrations, in the file and in its logs: no word, no date, no kind, no audience, no moment."""
    before = b""
    for line in LINES:
        await house.keeps(MEMBER, line)
        before += await house.raw()
    await house.until(MORNING)
    after = before + await house.raw()

    for trace in (*TRACES, "recovery", "unnamed", "week", MEMBER.member.id + '"'):
        assert trace.encode() not in after, trace
