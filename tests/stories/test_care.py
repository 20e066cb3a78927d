"""Leaders' care from end to end, through each platform's real client library, against the loopback fakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app.house import App
from bot.delivery.stepped import SteppedEngine
from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.slack_harness import SlackHarness
from tests.platform_contract import CIRCLE, MEMBER, ORGANISER, OTHER, Harness, Seen
from tests.stories.house import house, submitted

MONDAY = datetime.fromisoformat("2026-11-23T15:00+01:00")
GROUP = "group add in=#circle zone=Europe/Berlin language=en country=DE"
BOTH = pytest.mark.parametrize("make", [DiscordHarness, SlackHarness], ids=["discord", "slack"])
LINES = (
    ("duty on until=21:00", "You're looking after the group until"),
    ("duty on", "You're looking after the group until"),
    ('duty plan hours="weekdays 18:00-21:00, sat 10:00-12:00"', "weekdays 18:00-21:00, sat 10:00-12:00"),
    ("duty status", "on duty until"),
    ("break status", "I'll remind you of a break on"),
    ("break later minutes=20", "I'll ask again on"),
    ("break skip", "quiet about breaks until tomorrow"),
    (
        'break plan after=45 times="11:00, 15:30" days=5 most=3 quiet=22:00-07:00 support=no',
        "After 45 minutes on duty.",
    ),
    ("break now minutes=10", "I'm stepping away until 15:10"),
    ("break end", "Welcome back."),
    ("break now rest=yes", "You're the last one on duty just now."),
    ("break words", "another leader is here"),
    ("care check-in", "how would you rate your level of burnout?"),
    ("care check-in every=month", "every four weeks"),
    ("care buddy", "buddy"),
    ("care debrief", "twenty minutes"),
    ("care status", "What I count about you"),
    ("duty off", "You're the last one on duty just now."),
    ("home", "Looking after the group"),
)
"""Every typed command of a leader, as it is typed."""


def said(seen: Seen) -> str:
    return seen.text.replace("*", "").replace("\\", "")


def newest(harness: Harness, who: str) -> str:
    return said(harness.answers_seen(who)[-1])


async def two_leaders(app: App, engine: SteppedEngine, harness: Harness) -> None:
    """Set up a group with two leaders, of whom one joins as everybody does."""
    await harness.types(ORGANISER, GROUP)
    await app.appoint(harness.member(OTHER))
    await harness.types(ORGANISER, "leader add who=@member")
    await engine.settle()
    await harness.presses(MEMBER, "Accept")
    await engine.settle()


@BOTH
async def test_every_command_is_typed_and_answered(make: Callable[[], Harness], tmp_path: Path) -> None:
    """Each is answered privately, and nothing is posted by any of them."""
    harness = make()
    async with house(tmp_path, MONDAY, harness) as (app, engine):
        await two_leaders(app, engine, harness)
        for line, expected in LINES:
            before = len(harness.answers_seen(MEMBER))
            await harness.types(MEMBER, line)
            await engine.settle()

            assert expected in "\n".join(said(seen) for seen in harness.answers_seen(MEMBER)[before:]), line
        assert [] == [seen for seen in harness.posts_seen(harness.channel(CIRCLE)) if seen.buttons]


@BOTH
async def test_a_leader_joins_and_is_reminded(make: Callable[[], Harness], tmp_path: Path) -> None:
    """A question, a form, hours that begin by themselves, a reminder, a break with its sentence, and its end."""
    harness = make()
    async with house(tmp_path, MONDAY, harness) as (app, engine):
        await two_leaders(app, engine, harness)
        assert "This is how I write to you" in said(harness.direct_seen(MEMBER)[-1])
        await harness.presses(MEMBER, "At regular hours")
        answer = await submitted(harness, {"hours": "mon 16:00-21:00"})
        assert "These are your hours: mon 16:00-21:00." in said(answer)

        await engine.move(MONDAY + timedelta(hours=1, minutes=50))
        reminder = harness.direct_seen(MEMBER)[-1]
        assert ("Taking it now", "In 20 minutes", "In 1 hour", "Already took one", "Not today") == reminder.buttons[:5]
        await harness.presses(MEMBER, "Taking it now")
        assert "I'm stepping away until 17:00" in newest(harness, MEMBER)
        await harness.presses(MEMBER, "20 minutes")
        assert "I'm stepping away until 17:10" in newest(harness, MEMBER)
        await harness.presses(MEMBER, "Something to do meanwhile")
        await harness.presses(MEMBER, "A quiet minute")
        assert "min" in newest(harness, MEMBER)

        await engine.move(MONDAY + timedelta(hours=2, minutes=15))
        ends = [said(seen) for seen in harness.direct_seen(MEMBER) if "Your break is over" in said(seen)]
        assert 1 == len(ends)
        await harness.presses(MEMBER, "Go off duty")
        assert "last one" in newest(harness, MEMBER)
        await harness.presses(MEMBER, "Go off duty now")
        assert "off duty" in newest(harness, MEMBER)


@BOTH
async def test_a_duty_is_handed_over(make: Callable[[], Harness], tmp_path: Path) -> None:
    """A private request, an answer, who asked hears how it ended, and a stale button says so kindly."""
    harness = make()
    async with house(tmp_path, MONDAY, harness) as (app, engine):
        await two_leaders(app, engine, harness)
        await harness.types(MEMBER, "duty on until=21:00")
        await harness.types(MEMBER, "duty handoff who=@other")
        await engine.settle()
        assert ("I've got it", "Not now") == harness.direct_seen(OTHER)[-1].buttons[:2]
        await harness.types(MEMBER, "duty off")
        await harness.presses(MEMBER, "Go off duty now")
        await harness.types(MEMBER, "duty on until=21:00")
        await harness.presses(OTHER, "I've got it")
        assert "settled" in newest(harness, OTHER)

        await harness.types(MEMBER, "duty off")
        await harness.presses(MEMBER, "Ask the others first")
        await engine.settle()
        await harness.presses(OTHER, "I've got it")
        await engine.settle()
        assert "is looking after the group now" in said(harness.direct_seen(MEMBER)[-1])


@BOTH
async def test_two_leaders_look_after_each_other(make: Callable[[], Harness], tmp_path: Path) -> None:
    """A check-in by itself, an answer that nobody else sees, a buddy, a word, and twenty minutes."""
    harness = make()
    async with house(tmp_path, MONDAY, harness) as (app, engine):
        await two_leaders(app, engine, harness)
        await engine.move(MONDAY + timedelta(days=7))
        assert "how would you rate" in said(harness.direct_seen(MEMBER)[-1])
        await harness.presses(MEMBER, "4")
        assert "Your answers: 30 Nov: 4" in newest(harness, MEMBER)
        others = len(harness.direct_seen(OTHER))

        await harness.types(MEMBER, "care buddy who=@other")
        await harness.presses(MEMBER, "Yes, ask")
        await engine.settle()
        assert others + 1 == len(harness.direct_seen(OTHER))
        await harness.presses(OTHER, harness.direct_seen(OTHER)[-1].buttons[0])
        await engine.settle()
        await harness.types(MEMBER, "care buddy")
        await harness.presses(MEMBER, "I'd like a word")
        await engine.settle()
        assert "Your buddy would like a word" in said(harness.direct_seen(OTHER)[-1])

        await harness.types(MEMBER, "care debrief")
        await harness.presses(MEMBER, "Ask my buddy")
        await engine.settle()
        await harness.presses(OTHER, "I have twenty minutes")
        await engine.settle()
        told = " ".join(said(seen) for seen in (*harness.direct_seen(OTHER), *harness.answers_seen(OTHER)))
        assert "30 Nov: 4" not in told
        assert "burnout" not in told
