"""Milestones from end to end, through each platform's real client library, against the loopback fakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.slack_harness import SlackHarness
from tests.platform_contract import CIRCLE, MEMBER, ORGANISER, OTHER, Harness, RemoteHarness, Seen
from tests.stories.house import house, submitted

SUNDAY = datetime.fromisoformat("2026-11-22T18:00+01:00")
GROUP = "group add in=#circle zone=Europe/Berlin language=en country=DE"
LINES = (
    ('milestone set date=2026-08-01 label="my day" audience=private', "Group leaders can't see this"),
    ("milestone set date=2026-11-16 audience=named in=#circle", "It will be marked in"),
    ("milestone show", "**113 days** in all"),
    ("milestone show 2", "**6 days** in all"),
    ("milestone restart 1 from=2026-11-20", "Nothing that was is lost"),
    ("milestone history 1", "From 1 Aug 2026 to 20 Nov 2026: 111 days"),
    ("milestone correct 1 days=3", "That is no new beginning"),
    ("milestone pause 1", "is paused"),
    ("milestone resume 1", "goes on"),
    ("milestone edit 2 hour=8", "It is changed"),
    ("milestone remove 1", "I forget it at once"),
    ("home", "my day"),
)
"""Every typed command, the first of which is answered with a question."""


def said(seen: Seen) -> str:
    return seen.text.replace("*", "").replace("\\", "")


def in_the_circle(harness: Harness) -> list[Seen]:
    return [seen for seen in harness.posts_seen(harness.channel(CIRCLE)) if seen.buttons]


async def a_week_is_tomorrow(harness: Harness) -> None:
    """Set up a group, and a milestone that others there will hear of by name."""
    await harness.types(ORGANISER, GROUP)
    await harness.types(MEMBER, "milestone set date=2026-11-16 audience=named in=#circle")
    await harness.presses(MEMBER, "Yes, keep it")


@pytest.mark.parametrize("make", [DiscordHarness, SlackHarness], ids=["discord", "slack"])
async def test_every_command_is_typed_and_answered(make: Callable[[], Harness], tmp_path: Path) -> None:
    """The lines of the product as they are typed, each answered privately, and nothing posted by any of them."""
    harness = make()
    async with house(tmp_path, SUNDAY, harness) as (_, engine):
        await harness.types(ORGANISER, GROUP)
        for line, expected in LINES:
            before = len(harness.answers_seen(MEMBER))
            await harness.types(MEMBER, line)
            if line.startswith("milestone set date=2026-08-01"):
                await harness.presses(MEMBER, "Yes, keep it")
                assert "Only you will hear of it" in said(harness.answers_seen(MEMBER)[-1])
            await engine.settle()
            answers = "\n".join(said(seen) for seen in harness.answers_seen(MEMBER)[before:])
            kept = "Kept: my day" if expected.startswith("Group leaders") else expected.replace("*", "")
            assert kept in answers, line
        assert [] == in_the_circle(harness)


@pytest.mark.parametrize("make", [DiscordHarness, SlackHarness], ids=["discord", "slack"])
async def test_a_celebration_comes_is_cheered_and_goes(make: Callable[[], Harness], tmp_path: Path) -> None:
    """A picture with its words, a cheer that only the owner can see, a private note, and a post that is taken down."""
    harness = make()
    async with house(tmp_path, SUNDAY, harness) as (_, engine):
        await a_week_is_tomorrow(harness)
        await engine.move(SUNDAY + timedelta(days=1))

        (post,) = in_the_circle(harness)
        assert ("Cheer", "Get support") == post.buttons
        assert ("A round medallion with a small flame, for one week",) == post.pictures
        assert {MEMBER} == post.pings
        assert "2026" not in post.text
        note = harness.direct_seen(MEMBER)[-1]
        assert ("Take it down", "Who cheered", "My milestone", "Get support") == note.buttons

        await harness.presses(OTHER, "Cheer")
        await engine.settle()
        assert "Your cheer is kept" in harness.answers_seen(OTHER)[-1].text
        (cheered,) = in_the_circle(harness)
        assert "Cheered by the group." in cheered.text
        assert post.pictures == cheered.pictures
        await harness.presses(MEMBER, "Who cheered")
        assert "Cheered by" in harness.answers_seen(MEMBER)[-1].text

        await harness.presses(MEMBER, "Take it down")
        await engine.settle()
        assert [] == in_the_circle(harness)


@pytest.mark.parametrize("make", [DiscordHarness, SlackHarness], ids=["discord", "slack"])
async def test_a_form_leads_through_it(make: Callable[[], Harness], tmp_path: Path) -> None:
    """Nobody has to know a word: a button, a form, a preview, a press; and a form to begin again."""
    harness = make()
    async with house(tmp_path, SUNDAY, harness) as (_, engine):
        await harness.types(ORGANISER, GROUP)
        await harness.types(MEMBER, "milestone show")
        await harness.presses(MEMBER, "Set a milestone")
        await submitted(harness, {"date": "2026-11-20", "label": "tea"})
        await harness.presses(MEMBER, "Yes, keep it")
        await harness.presses(MEMBER, "My milestone")
        await harness.presses(MEMBER, "Share it now")
        preview = await submitted(harness, {"audience": "unnamed"})
        assert "without your name, now and once" in said(preview)
        await harness.presses(MEMBER, "Share it now")
        await engine.settle()

        (post,) = in_the_circle(harness)
        assert frozenset() == post.pings
        assert "2 days" in post.text
        assert "tea" not in post.text

        await harness.types(MEMBER, "milestone show")
        await harness.presses(MEMBER, "Begin again")
        form = harness.form_seen(MEMBER)
        assert form
        assert "2026-11-22" == form.values["from"]
        assert "It is private now" in said(await submitted(harness, {"from": "2026-11-21"}))


@pytest.mark.parametrize("make", [DiscordHarness, SlackHarness], ids=["discord", "slack"])
async def test_a_celebration_comes_without_its_picture(make: Callable[[], RemoteHarness], tmp_path: Path) -> None:
    """When no picture is taken the words come all the same, once, and can be cheered and taken down."""
    harness = make()
    async with house(tmp_path, SUNDAY, harness) as (_, engine):
        await a_week_is_tomorrow(harness)
        harness.breaks_uploads()
        await engine.move(SUNDAY + timedelta(days=1))

        (post,) = in_the_circle(harness)
        assert () == post.pictures
        assert "one week" in post.text
        await harness.presses(OTHER, "Cheer")
        await engine.settle()
        assert ["Cheered by the group." in seen.text for seen in in_the_circle(harness)] == [True]
