"""Everything that we send fits Discord's own description of its API."""

from __future__ import annotations

import pytest

from bot.core.port import Button, DeliveryError, File, Message, Picture, Reply, ReplyTo, Update
from bot.core.text import mention, plain
from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.discord_spec import discord_spec
from tests.adapters.fake_core import GREET, KEEP, MIRROR_LABEL, WRONG
from tests.platform_contract import CIRCLE, KEEP_IT, LONG_AGO, MEMBER, OTHER, PICTURED, WRITE

EVERYTHING = Message(
    plain("For all. @everyone"),
    "A title",
    "A footer",
    (KEEP_IT, WRITE, Button("Support", "support")),
    picture=Picture(b"png", "image/png", "A quiet lake"),
    files=(File("notes.json", b"{}"),),
)


async def post_and_look(discord: DiscordHarness) -> None:
    """Use every method of the platform."""
    platform, circle = discord.platform, discord.channel(CIRCLE)
    message = Message(f"{mention(discord.member(OTHER), 'Other')} {EVERYTHING.body}", notifies=(discord.member(OTHER),))
    discord.hurries()
    posted = await platform.post(circle, EVERYTHING, key="k1")
    await platform.edit(posted, EVERYTHING, key="k1")
    await platform.edit(posted, message, key="k1")
    await platform.pin(posted, pinned=True)
    await platform.pin(posted, pinned=False)
    thread = await platform.start_thread(posted, "Talk")
    await platform.post(thread, EVERYTHING, key="k2")
    await platform.post(ReplyTo(circle, posted.message), message, key="k3")
    await platform.find(circle, "k3", since=LONG_AGO)
    await platform.look_up(discord.member(MEMBER))
    await platform.belongs(discord.member(MEMBER), circle)
    await platform.access(circle)
    await platform.delete(posted)
    await platform.post(discord.member(MEMBER), EVERYTHING, key="k4")
    discord.breaks_uploads()
    await platform.post(circle, PICTURED, key="k6")
    discord.closes_direct(OTHER)
    with pytest.raises(DeliveryError):
        await platform.post(discord.member(OTHER), EVERYTHING, key="k5")


async def use(discord: DiscordHarness) -> None:
    """Use every kind of interaction, and write to the bot."""
    discord.core.answers[GREET] = Reply(EVERYTHING)
    await discord.types(MEMBER, "greet")
    await discord.presses(MEMBER, WRITE.label)
    await discord.submits(MEMBER, {"words": WRONG})
    await discord.mends(MEMBER)
    await discord.submits(MEMBER, {"words": "You sound tired."})
    await discord.types(MEMBER, "note add tone=soft")
    await discord.types(MEMBER, f"note send in=#circle who=@other on={WRONG}")
    await discord.types(MEMBER, "note send")
    await discord.submits(MEMBER, {"in": "#circle", "who": "@other"})
    await discord.types(MEMBER, 'note plan day=mon,thu words="by the river" loud=yes')
    await discord.submits(MEMBER, {"title": WRONG, "day": "thu"})
    await discord.mends(MEMBER)
    await discord.types(MEMBER, 'note fetch file="a: 1"')
    await discord.submits(MEMBER, {"tone": "soft", "file": "b: 2"})
    await discord.suggestions(MEMBER, "note add", "zone", "Ber")
    await discord.says(OTHER, "I could not sleep")
    await discord.chooses(MEMBER, MIRROR_LABEL, "I could not sleep")
    discord.core.answers[KEEP] = Update(EVERYTHING)
    await discord.presses(MEMBER, KEEP_IT.label)
    await discord.writes(MEMBER, "hello")
    await discord.mentions(MEMBER, "hello")


async def test_every_request_fits_the_description() -> None:
    """Bodies, paths and query parameters of a whole tour are as Discord describes them."""
    spec = discord_spec()
    harness = DiscordHarness()
    await harness.start()
    await use(harness)
    await post_and_look(harness)
    await harness.stop()
    sent = harness.fake.rest.requests
    faults = [f"{one.method} {one.path}: {fault}" for one in sent for fault in spec.faults(one)]

    assert [] == faults
