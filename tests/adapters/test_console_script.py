"""Reading the lines of a transcript, and the names in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.console.people import Persona, read_persona, with_ids
from bot.adapters.console.script import (
    WORDS,
    Answer,
    As,
    At,
    Direct,
    Expect,
    Leave,
    Menu,
    Press,
    Refuse,
    Remark,
    Say,
    Step,
    Type,
    UnreadableError,
    Wait,
    Write,
    read_step,
)
from tests.adapters.fake_core import CATALOGUE


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("", None),
        ("  \r\n", None),
        ("# a comment", Remark("a comment")),
        ("\ufeffas organiser", As(Persona("organiser"))),
        ("as leader 2\r\n", As(Persona("leader2"))),
        ("AS Member", As(Persona("member1"))),
        ("practice skill=empathy", Type("practice skill=empathy")),
        ("/practice", Type("practice")),
        ("/hearth practice", Type("practice")),
        ("/hearth", Type("")),
        ("/hearthside x", Type("hearthside x")),
        ("/expect nothing", Type("expect nothing")),
        ("wait 3 days", Wait(timedelta(days=3))),
        ("wait 1 hour 30 minutes", Wait(timedelta(minutes=90))),
        ("wait 1 Week, 2 days and 5 seconds", Wait(timedelta(days=9, seconds=5))),
        ("wait 10minutes", Wait(timedelta(minutes=10))),
        ("at 2026-10-25T02:30+02:00", At(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))),
        ("at 2026-10-25 19:00", At(datetime(2026, 10, 25, 19, 0))),  # noqa: DTZ001  written without a zone
        ("press 2", Press("2", 2)),
        ("press Taking it now", Press("Taking it now")),
        ('press "2"', Press("2")),
        ("answer", Answer("")),
        ('answer "weekdays 19:00"', Answer("weekdays 19:00")),
        ('answer She said "no"', Answer('She said "no"')),
        ('answer "yes" and "no"', Answer('"yes" and "no"')),
        ("answer “curly”", Answer("curly")),
        ('menu "Help me reflect" on 2', Menu("Help me reflect", 2)),
        ("menu Help me reflect", Menu("Help me reflect", 1)),
        ("say hello", Say("hello")),
        ("dm hello", Write("hello")),
        ("expect Well done", Expect("Well done")),
        ("refuse '@everyone'", Refuse("@everyone")),
        ("leaves", Leave()),
        ("closes  direct messages", Direct(open=False)),
        ("Opens direct messages", Direct(open=True)),
    ],
)
def test_a_line_is_a_step(line: str, step: Step | None) -> None:
    """Every kind of line is read, with Windows line ends, a BOM, quotes and any case of its first word."""
    assert step == read_step(line)


@pytest.mark.parametrize(
    "line",
    [
        "as",
        "as @",
        "as nobody",
        "as a/b",
        "wait",
        "wait three days",
        "wait 3 fortnights",
        "wait 3 days or so",
        "at",
        "at noon",
        "at 2026-13-01T00:00",
        "press",
        "menu",
        "say",
        "dm ''",
        "expect",
        'refuse "  "',
    ],
)
def test_what_cannot_be_read_is_explained(line: str) -> None:
    """A line that begins like one of the transcript's own but makes no sense is a mistake, with an example."""
    with pytest.raises(UnreadableError, match="write"):
        read_step(line)


@pytest.mark.parametrize(
    ("said", "person", "name"),
    [
        ("organiser", "organiser", "Organiser"),
        ("organiser 2", "organiser2", "Organiser 2"),
        ("leader", "leader1", "Leader 1"),
        ("leader 1", "leader1", "Leader 1"),
        ("@leader-2", "leader2", "Leader 2"),
        ("Leader2", "leader2", "Leader 2"),
        ("member 12", "member12", "Member 12"),
        ("Ana Maria", "ana-maria", "Ana Maria"),
        ("leaderless", "leaderless", "Leaderless"),
    ],
)
def test_people_are_read(said: str, person: str, name: str) -> None:
    """Roles with a number in any spelling are one person; other names are people too."""
    found = read_persona(said)

    assert found is not None
    assert (person, name) == (found.id, found.name)
    assert found == read_persona(found.id)


def test_only_organisers_manage_and_leaders_lead() -> None:
    """A name that merely begins so means nothing."""
    people = [Persona(name) for name in ("organiser", "organiser2", "organiserly", "leader3", "leaders", "member1")]

    assert [True, True, False, False, False, False] == [person.manages for person in people]
    assert [False, False, False, True, False, False] == [person.leads for person in people]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("leader add who=@leader 2", "leader add who=@leader2"),
        ("leader add who=@leader-2", "leader add who=@leader2"),
        ("leader add @Leader", "leader add @leader1"),
        ("x who=@member 3 in=#circle", "x who=@member3 in=#circle"),
        ("x who=@leader 2026-08-01", "x who=@leader1 2026-08-01"),
        ("x who=@leader 19:00", "x who=@leader1 19:00"),
        ("x who=@leader minutes=10", "x who=@leader1 minutes=10"),
        ("x who=@leader 2.", "x who=@leader2."),
        ("x who=@Ana", "x who=@ana"),
        ("write to a@leader.org", "write to a@leader.org"),
        ("x who=@organiser", "x who=@organiser"),
    ],
)
def test_names_in_a_line_become_ids(line: str, read: str) -> None:
    """What follows a name is not taken for its number, and addresses of mail stay as they are."""
    assert read == with_ids(line)


def test_no_command_begins_like_a_line_of_a_transcript() -> None:
    """The transcript's own words are free."""
    assert not WORDS & {entry.path.split()[0] for entry in CATALOGUE}
