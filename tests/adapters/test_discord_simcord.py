"""The same client against another simulation of Discord, written by others."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord
import simcord

from bot.adapters.discord.client import Connection, PublicLines
from bot.core.port import ADDRESSED, TEXT, Choice, Message, Reply, Update
from bot.core.text import plain
from tests.adapters.discord_harness import StillClock, as_read, platform_words
from tests.adapters.fake_core import (
    ADD,
    ANSWER,
    DONE,
    FETCH,
    GREET,
    KEEP,
    MIRROR,
    MIRROR_LABEL,
    PLAN,
    PROBLEM,
    SEND,
    WRONG,
    FakeCore,
)
from tests.adapters.fake_discord_world import walk
from tests.platform_contract import KEEP_IT, WRITE


@dataclass
class Scene:
    core: FakeCore
    env: Any
    room: Any
    ann: Any


@asynccontextmanager
async def simulated() -> AsyncGenerator[Scene]:
    """Run a client in a simulation, which has to begin and end in the test's own task."""
    core = FakeCore()
    client = Connection(core, platform_words(), PublicLines(StillClock()), in_time=timedelta(seconds=2), shard_count=1)
    async with simcord.run(client) as env:
        guild = env.create_guild("Circle")
        yield Scene(core, env, guild.create_text_channel("evening"), guild.add_member(env.create_user("ann")))


def text(shown: Any) -> str:
    parts = walk(shown.components)
    return as_read(
        "\n".join(part["content"] for part in parts if part["type"] == discord.ComponentType.text_display.value)
    )


async def test_a_command_is_answered_privately() -> None:
    """Options arrive as arguments, the answer is for one person."""
    async with simulated() as scene:
        sent = await scene.ann.slash(scene.room, SEND, **{"in": scene.room, "who": scene.ann, "on": "2026-08-01"})
        (heard,) = scene.core.heard

        assert (DONE, True) == (text(sent.response), sent.ephemeral)
        assert SEND == heard.command
        assert {"in": f"#{scene.room.id}", "who": f"@{scene.ann.id}", "on": "2026-08-01"} == heard.arguments


async def test_every_command_was_declared() -> None:
    """An undeclared command could not be used."""
    async with simulated() as scene:
        assert {GREET, ADD, FETCH, PLAN, SEND} == set(scene.ann.available_commands(scene.room))


async def test_typing_is_completed() -> None:
    """Choices come from the core."""
    async with simulated() as scene:
        scene.core.choices = (Choice("Berlin", "Europe/Berlin"),)

        assert [{"name": "Berlin", "value": "Europe/Berlin"}] == await scene.ann.autocomplete(
            scene.room, ADD, "zone", "Ber"
        )


async def test_a_form_is_filled_in_mended_and_taken() -> None:
    """A wrong form leads to a private message whose button opens it refilled."""
    async with simulated() as scene:
        form = await scene.ann.slash(scene.room, ADD, tone="soft")
        wrong = await scene.ann.submit_modal(form, {"title": WRONG, "words": "all that I wrote"})
        again = await scene.ann.click(wrong.response, label="Mend it")
        done = await scene.ann.submit_modal(again, {"title": "Better", "tone": ["soft"], "words": "all that I wrote"})

        assert (PROBLEM in text(wrong.response), wrong.ephemeral) == (True, True)
        assert {"title": "Better", "tone": "soft", "words": "all that I wrote"} == scene.core.heard[-1].arguments
        assert DONE == text(done.response)


async def test_a_private_message_is_updated() -> None:
    """The message that was pressed gives way to the new one."""
    async with simulated() as scene:
        scene.core.answers[GREET] = Reply(Message(plain("Before."), buttons=(KEEP_IT, WRITE)))
        scene.core.answers[KEEP] = Update(Message(plain("After.")))
        before = await scene.ann.slash(scene.room, GREET)
        message = before.response
        form = await scene.ann.click(message, label=WRITE.label)
        await scene.ann.submit_modal(form, {"words": "You sound tired."})
        await scene.ann.click(message, label=KEEP_IT.label)

        assert [(ANSWER, True), (KEEP, True)] == [(one.command, one.on_private) for one in scene.core.heard[-2:]]
        assert "After." == text(before.response)


async def test_a_message_menu_brings_its_text() -> None:
    """What the menu was used on reaches the core."""
    async with simulated() as scene:
        said = await scene.ann.send(scene.room, "I could not sleep")
        await scene.ann.context_menu(scene.room, MIRROR_LABEL, said)

        assert (MIRROR, {"said": "I could not sleep"}) == (scene.core.heard[-1].command, scene.core.heard[-1].arguments)


async def test_a_direct_message_is_answered_there() -> None:
    """What is written to the bot is addressed text."""
    async with simulated() as scene:
        await scene.ann.send_dm("hello")

        assert (ADDRESSED, {TEXT: "hello"}) == (scene.core.heard[-1].command, scene.core.heard[-1].arguments)


async def test_a_mention_gets_the_public_line() -> None:
    """Once, whatever was said."""
    async with simulated() as scene:
        for _ in range(2):
            await scene.ann.send(scene.room, f"<@{scene.env.bot.user.id}> hello")

        lines = [message for message in scene.room.history() if message.author.id == scene.env.bot.user.id]
        assert 1 == len(lines)
        assert [] == scene.core.heard
