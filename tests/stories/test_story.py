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
        await harness.types(OTHER, 'schedule add what=reflective-listening in=#circle rule="weekdays 19:00"')

        await engine.move(FRIDAY + timedelta(minutes=10))
        (post,) = in_the_circle(harness)
        assert ("Write my reflection", "Get support") == post.buttons
        assert "Answer in the thread for everyone" in post.text

        await harness.presses(MEMBER, "Write my reflection")
        await harness.submits(MEMBER, {"reflection": WRITTEN})
        answer = harness.answers_seen(MEMBER)[-1]
        for part in (WRITTEN, "What to look for", "One possible answer", "Why it helps"):
            assert part in answer.text
        assert [post] == in_the_circle(harness)

        await harness.types(MEMBER, "milestone set date=2026-09-26 audience=named in=#circle")
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
        assert "2026-09-26" not in celebration.text
        assert "Write my reflection" in second.buttons

        await engine.move(datetime.fromisoformat("2026-10-26T23:00+01:00"))
        assert 3 == len(in_the_circle(harness))
        assert app.tools.clock.now() == datetime.fromisoformat("2026-10-26T23:00+01:00")


def in_the_circle(harness: Harness) -> list[Seen]:
    return [seen for seen in harness.posts_seen(harness.channel(CIRCLE)) if seen.buttons]
