"""The main job from end to end, through each platform's real client library, against the loopback fakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.slack_harness import SlackHarness
from tests.platform_contract import CIRCLE, MEMBER, ORGANISER, OTHER, Harness, Seen
from tests.stories.house import house

FRIDAY = datetime.fromisoformat("2026-10-23T18:55+02:00")
WRITTEN = "You have carried this alone for a long time, and you are tired of it."


@pytest.mark.parametrize(
    "make",
    [DiscordHarness, SlackHarness, lambda: SlackHarness(signed=True)],
    ids=["discord", "slack socket", "slack signed"],
)
async def test_the_whole_story(make: Callable[[], Harness], tmp_path: Path) -> None:
    """Command, occurrence, one post, press, form, private answer, celebration, break reminder."""
    harness = make()
    async with house(tmp_path, FRIDAY, harness) as (app, engine):
        await harness.types(ORGANISER, "group add in=#circle zone=Europe/Berlin language=en country=DE")
        await harness.types(ORGANISER, "leader add who=@other")
        await engine.settle()
        await harness.presses(OTHER, "Accept")
        await harness.types(OTHER, 'schedule add what=rl-night-shift in=#circle rule="weekdays 19:00"')

        await engine.move(FRIDAY + timedelta(minutes=10))
        (post,) = in_the_circle(harness)
        assert ("Write my reflection", "Another example", "Get support") == post.buttons
        assert "Answer here for everyone" in post.text

        await harness.presses(MEMBER, "Write my reflection")
        await harness.submits(MEMBER, {"reflection": WRITTEN})
        answer = harness.answers_seen(MEMBER)[-1]
        for part in (WRITTEN, "What I noticed", "One possible answer", "Why it helps"):
            assert part in answer.text
        assert [post] == in_the_circle(harness)

        await harness.types(MEMBER, "milestone set date=2026-09-26 audience=named in=#circle")
        assert "Group leaders can't see this" in harness.answers_seen(MEMBER)[-1].text
        await harness.presses(MEMBER, "Yes, keep it")
        assert "It will be marked in" in harness.answers_seen(MEMBER)[-1].text
        await harness.types(OTHER, "duty on until=21:00")
        await engine.move(FRIDAY + timedelta(minutes=70))
        reminder = harness.direct_seen(OTHER)[-1]
        five = ("Taking it now", "In 20 minutes", "In 1 hour", "Already took one", "Not today")
        assert five == reminder.buttons[:5]
        await harness.presses(OTHER, "Taking it now")
        assert "Enjoy it" in harness.answers_seen(OTHER)[-1].text

        await engine.move(datetime.fromisoformat("2026-10-26T19:05+01:00"))
        _, celebration, second = in_the_circle(harness)
        assert "30 days" in celebration.text
        assert {MEMBER} == celebration.pings
        assert ("A round medallion with a small flame, for 30 days",) == celebration.pictures
        assert "2026-09-26" not in celebration.text
        assert "Write my reflection" in second.buttons

        await engine.move(datetime.fromisoformat("2026-10-26T23:00+01:00"))
        assert 3 == len(in_the_circle(harness))
        assert app.tools.clock.now() == datetime.fromisoformat("2026-10-26T23:00+01:00")


def in_the_circle(harness: Harness) -> list[Seen]:
    return [seen for seen in harness.posts_seen(harness.channel(CIRCLE)) if seen.buttons]


LINES = (
    ('schedule add what=empathy in=#circle rule="daily 19:00" thread=yes pin=yes', "Planned: Empathy"),
    ('schedule add text="Two kind minutes" in=#circle rule="every 2 weeks mon 19:00" times=3', "Two kind minutes"),
    ("schedule list", "2. Two kind minutes"),
    ("schedule show 1", "daily 19:00"),
    ("schedule preview 1", "Only you can see this"),
    ("schedule edit 1 rule=daily 18:30", "Changed: Empathy"),
    ("schedule pause 1", "Nothing is posted until you resume it"),
    ("schedule resume 1", "It goes on"),
    ("schedule skip 1", "Left out"),
    ("schedule unskip 1", "Back in"),
    ("schedule post-now 2 counts=no", "On its way"),
    ("schedule remove 2", "bring it back"),
    ("schedule export", "in this file"),
    ("schedule import starter", "Four weeks of listening practice"),
    ("bank list", "exercise"),
    ("bank review", "waits"),
    ("quiet group in=#circle until=21:00", "quiet"),
    ("quiet end in=#circle", "no longer silenced"),
    ("group edit in=#circle zone=Europe/Paris", "Europe/Paris"),
    ("check", "post"),
)


@pytest.mark.parametrize("make", [DiscordHarness, SlackHarness], ids=["discord", "slack"])
async def test_a_week_is_planned(make: Callable[[], Harness], tmp_path: Path) -> None:
    """Every line of scheduling is typed, answered privately, and does on each platform what it says."""
    harness = make()
    async with house(tmp_path, FRIDAY, harness) as (_, engine):
        await harness.types(ORGANISER, "group add in=#circle zone=Europe/Berlin language=en country=DE")
        for line, expected in LINES:
            before = len(harness.answers_seen(ORGANISER))
            await harness.types(ORGANISER, line)
            await engine.settle()
            answers = harness.answers_seen(ORGANISER)[before:]
            assert answers, line
            assert expected in "\n".join(seen.text.replace("*", "") for seen in answers), line
        await engine.move(datetime.fromisoformat("2026-10-24T18:35+02:00"))

        posts = harness.posts_seen(harness.channel(CIRCLE))
        assert 1 == sum("Two kind minutes" in seen.text for seen in posts)
        assert 1 == sum("Empathy" in seen.text for seen in posts)
