"""Answers interactions within Discord's three seconds, privately.

What the core answers in time becomes the native first response. What takes longer is deferred privately and written
into the deferred answer later; a form cannot follow then, so it becomes a message with a button that opens it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

import discord
import structlog

from bot.adapters.discord.attachments import read_files
from bot.adapters.discord.forms import draw_as_message, draw_form
from bot.adapters.discord.inbound import data_of, is_private, read_interaction, read_typing
from bot.adapters.discord.render import Drawing, draw_message, shorten
from bot.core.port import Ask, Core, Invocation, Message, Response, Update
from bot.core.text import Words

log = structlog.get_logger(__name__)

MOST_CHOICES: Final = 25
LONGEST_CHOICE: Final = 100
TOO_LATE: Final = frozenset({10062, 40060, 10015, 50027})
"""Unknown interaction, answered already, unknown webhook, invalid webhook token: nobody waits for this any more."""


class Answers:
    """Takes interactions to the core and its answers back. `in_time`: after it, an answer is deferred."""

    def __init__(self, core: Core, words: Words, in_time: timedelta) -> None:
        self._core = core
        self._words = words
        self._in_time = in_time.total_seconds()

    async def answer(self, interaction: discord.Interaction) -> None:
        """Answer one interaction. What Discord does not take is logged, without anything that was written."""
        try:
            if interaction.type is discord.InteractionType.autocomplete:
                await self._suggest(interaction)
            elif invocation := read_interaction(interaction, self._core.catalogue):
                await self._invoke(interaction, invocation)
        except discord.HTTPException as error:
            level = "info" if error.code in TOO_LATE else "error"
            getattr(log, level)("answer not taken", kind=interaction.type.name, status=error.status, code=error.code)

    async def _suggest(self, interaction: discord.Interaction) -> None:
        used, actor = read_typing(interaction, self._core.catalogue)
        found = await self._core.suggest(used.path, used.typing, used.arguments.get(used.typing, ""), actor)
        choices = [
            discord.app_commands.Choice(name=shorten(choice.label, LONGEST_CHOICE), value=choice.value)
            for choice in found
            if choice.label and len(choice.value) <= LONGEST_CHOICE
        ]
        await interaction.response.autocomplete(choices[:MOST_CHOICES])

    async def _invoke(self, interaction: discord.Interaction, invocation: Invocation) -> None:
        thinking = asyncio.ensure_future(self._think(interaction, invocation))
        try:
            await asyncio.wait([thinking], timeout=self._in_time)
            if thinking.done():
                await self._respond(interaction, invocation, thinking.result())
                return
            # From a private message: defer its update, so that an Update can still replace it.
            private = is_private(interaction)
            await interaction.response.defer(ephemeral=_ephemeral(interaction), thinking=not private)
            await self._respond_late(interaction, invocation, await thinking, deferred_update=private)
        finally:
            # When the deferral fails nobody waits any more, but what was begun is finished.
            if not thinking.done():
                await asyncio.wait([thinking])

    async def _think(self, interaction: discord.Interaction, invocation: Invocation) -> Response:
        files = await read_files(data_of(interaction))
        return await self._core.invoke(replace(invocation, arguments={**invocation.arguments, **files}))

    async def _respond(self, interaction: discord.Interaction, invocation: Invocation, response: Response) -> None:
        reply = interaction.response
        if isinstance(response, Ask) and interaction.type is not discord.InteractionType.modal_submit:
            locale = self._words.best(str(interaction.locale))
            await reply.send_modal(draw_form(response, self._words, locale, community=_carried(invocation)))
            return
        drawing = self._draw(interaction, invocation, response)
        if isinstance(response, Update) and invocation.on_private:
            await reply.edit_message(view=drawing.view, attachments=drawing.files, allowed_mentions=drawing.allowed)
            return
        await reply.send_message(
            view=drawing.view,
            files=drawing.files,
            allowed_mentions=drawing.allowed,
            ephemeral=_ephemeral(interaction),
        )

    async def _respond_late(
        self, interaction: discord.Interaction, invocation: Invocation, response: Response, *, deferred_update: bool
    ) -> None:
        drawing = self._draw(interaction, invocation, response)
        if deferred_update and not isinstance(response, Update):
            await interaction.followup.send(
                view=drawing.view,
                files=drawing.files,
                allowed_mentions=drawing.allowed,
                ephemeral=_ephemeral(interaction),
            )
            return
        await interaction.edit_original_response(
            view=drawing.view, attachments=drawing.files, allowed_mentions=drawing.allowed
        )

    def _draw(self, interaction: discord.Interaction, invocation: Invocation, response: Response) -> Drawing:
        return draw_message(self._message(interaction, response), community=_carried(invocation))

    def _message(self, interaction: discord.Interaction, response: Response) -> Message:
        if isinstance(response, Ask):
            return draw_as_message(response, self._words, self._words.best(str(interaction.locale)))
        return response.message


def _ephemeral(interaction: discord.Interaction) -> bool:
    """In a direct message everything is private already, and stays readable."""
    return interaction.guild_id is not None


def _carried(invocation: Invocation) -> str:
    """Return the community for the buttons of an answer in a direct message, which carries none of its own."""
    member = invocation.actor.member
    return member.community.id if invocation.place == member else ""
