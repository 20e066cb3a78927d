"""Sends a drawn message, and sends it without its picture where Discord does not take that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeAlias, TypeVar

import discord
import structlog

from bot.adapters.discord.access import channel_of
from bot.adapters.discord.render import Drawing
from bot.core.port import Address, DeliveryError, Message, Outcome, Reason, ReplyTo

log = structlog.get_logger(__name__)

MISSING_PERMISSIONS: Final = 50013

Room: TypeAlias = discord.DMChannel | discord.PartialMessageable
_Done = TypeVar("_Done")


async def send(room: Room, to: Address, drawing: Drawing, *, key: str) -> discord.Message:
    """Send a message under a key. Raises what discord.py raises."""
    if not isinstance(to, ReplyTo):
        return await room.send(view=drawing.view, files=drawing.files, allowed_mentions=drawing.allowed, nonce=key)
    # Without its message an answer would seem to answer whatever stands above it.
    reference = discord.MessageReference(message_id=int(to.message), channel_id=channel_of(to))
    return await room.send(
        view=drawing.view,
        files=drawing.files,
        allowed_mentions=drawing.allowed,
        nonce=key,
        reference=reference,
        mention_author=False,
    )


async def with_or_without_picture(message: Message, act: Callable[[Message], Awaitable[_Done]]) -> _Done:
    """Act on a message, and once more without its picture if that may be why it was refused: its text says everything.

    Raises what `act` raises, of two refusals the second.
    """
    try:
        return await act(message)
    except DeliveryError as error:
        if message.picture is None or not _may_be_the_picture(error):
            raise
        log.warning("picture left out", reason=error.reason)
    return await act(replace(message, picture=None))


def _may_be_the_picture(error: DeliveryError) -> bool:
    """Return whether a refusal for good may be about what was uploaded: its size, its kind, or *Attach Files*.

    Discord says "missing permissions" whichever is missing. A refusal that may come after a success is none.
    """
    cause = error.__cause__
    unpermitted = isinstance(cause, discord.HTTPException) and cause.code == MISSING_PERMISSIONS
    return error.outcome is Outcome.REFUSED and (unpermitted or error.reason is Reason.REJECTED)
