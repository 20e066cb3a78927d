"""Practice from end to end, through each platform's real client library, against the loopback fakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.slack_harness import SlackHarness
from tests.platform_contract import CIRCLE, MEMBER, ORGANISER, OTHER, Harness
from tests.stories.house import house, submitted

FRIDAY = datetime.fromisoformat("2026-10-23T18:55+02:00")
PLAN = 'schedule add what=rl-night-shift in=#circle rule="daily 19:00" thread=yes'
WRITTEN = "You come home just when everybody gets up."
SAID = "Nobody rang today, and I stopped waiting around four."
SMALL = "I'm a small program and can be wrong."


@pytest.mark.parametrize("make", [DiscordHarness, SlackHarness], ids=["discord", "slack"])
async def test_practice_and_help_me_reflect(make: Callable[[], Harness], tmp_path: Path) -> None:
    """A thread with its ground rules, an answer, another try, another example, a stop, and a look at a draft."""
    harness = make()
    async with house(tmp_path, FRIDAY, harness) as (_, engine):
        await harness.types(ORGANISER, "group add in=#circle zone=Europe/Berlin language=en country=DE")
        await harness.types(ORGANISER, PLAN)
        await engine.move(FRIDAY + timedelta(minutes=10))
        (post, *inside) = harness.posts_seen(harness.channel(CIRCLE))
        assert ("Write my reflection", "Another example", "Get support") == post.buttons
        assert "Answer in the thread for everyone" in post.text
        assert all("What is said here stays here" in seen.text for seen in inside)

        await harness.presses(MEMBER, "Write my reflection")
        answer = await submitted(harness, {"reflection": WRITTEN})
        assert ("Try again", "Another exercise", "This is about me") == answer.buttons
        for part in (WRITTEN, "What I noticed:", "One possible answer:", SMALL):
            assert part in answer.text.replace("*", "")
        await harness.presses(MEMBER, "Try again")
        form = harness.form_seen(MEMBER)
        assert form
        assert WRITTEN == form.values["reflection"]

        await harness.presses(MEMBER, "Another example")
        await harness.presses(MEMBER, "Another exercise")
        assert "The second of three." in harness.answers_seen(MEMBER)[-1].text
        await harness.presses(MEMBER, "That's enough for now")
        assert ("Three more", "Get support") == harness.answers_seen(MEMBER)[-1].buttons

        await harness.says(OTHER, SAID)
        await harness.chooses(MEMBER, "Help me reflect", SAID)
        form = harness.form_seen(MEMBER)
        assert form
        assert ("Before you send it", SAID) == (form.title, form.values["said"])
        looked = await submitted(harness, {"draft": WRITTEN})
        assert ("Try again", "This is about me") == looked.buttons
        assert WRITTEN in looked.text
        assert SMALL in looked.text
        await harness.presses(MEMBER, "Try again")
        form = harness.form_seen(MEMBER)
        assert form
        assert {"said": SAID, "draft": WRITTEN} == form.values
        await harness.presses(MEMBER, "This is about me")
        assert "In danger now" in harness.answers_seen(MEMBER)[-1].text
