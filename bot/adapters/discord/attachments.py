"""Fetches files that people send along, as text: from Discord's own hosts only, and no more than a bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import aiohttp
import structlog
import yarl
from discord.http import Route

from bot.core.port import Unreadable

log = structlog.get_logger(__name__)

LARGEST: Final = 256 * 1024
"""In bytes."""
FETCHED_WITHIN: Final = 10.0
"""In seconds."""
HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
ATTACHMENT: Final = 11
"""Type of an option of a command."""
FILE_UPLOAD: Final = 19
"""Type of an input of a form."""
DISCORD: Final = "discord.com"
_FINE: Final = 200


async def read_files(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that came with an interaction by their fields' names: their text, or an `Unreadable`."""
    sent: Mapping[str, Mapping[str, Any]] = data.get("resolved", {}).get("attachments", {})
    parts = [*data.get("options", ()), *data.get("components", ())]
    return {name: await _read(sent[chosen]) for name, chosen in _chosen(parts) if chosen in sent}


def _chosen(parts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield names of fields with the ids of the files chosen for them."""
    for part in parts:
        if part["type"] == ATTACHMENT and "name" in part:
            yield part["name"], str(part["value"])
        elif part["type"] == FILE_UPLOAD and part.get("values"):
            yield part["custom_id"], str(part["values"][0])
        inner = [part["component"]] if "component" in part else part.get("components") or part.get("options") or ()
        yield from _chosen(inner)


async def _read(attachment: Mapping[str, Any]) -> str:
    if int(attachment.get("size", 0)) > LARGEST:
        return Unreadable.TOO_LARGE
    address = yarl.URL(str(attachment["url"]))
    if not address.is_absolute() or not _is_discords(address):
        log.warning("attachment from elsewhere", host=address.host)
        return Unreadable.GONE
    try:
        content = await _fetch(address)
    except (aiohttp.ClientError, OSError) as error:
        # TimeoutError is an OSError: it comes here too.
        log.info("attachment not fetched", error=type(error).__name__)
        return Unreadable.GONE
    return _text(content)


async def _fetch(address: yarl.URL) -> bytes:
    """Return at most one byte more than the largest file there may be."""
    limits = aiohttp.ClientTimeout(total=FETCHED_WITHIN)
    async with (
        aiohttp.ClientSession(timeout=limits, trust_env=True) as session,
        # No redirects: they would lead wherever somebody likes.
        session.get(address, allow_redirects=False, raise_for_status=True) as answer,
    ):
        if answer.status != _FINE:
            raise aiohttp.ClientError(answer.status)
        content = bytearray()
        async for piece in answer.content.iter_any():
            content += piece
            if len(content) > LARGEST:
                break
        return bytes(content)


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        return Unreadable.TOO_LARGE
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unreadable.NO_TEXT
    return Unreadable.NO_TEXT if "\0" in text else text


def _is_discords(address: yarl.URL) -> bool:
    """Return whether an address is one of Discord's, or lies where discord.py was pointed instead of Discord."""
    api = yarl.URL(Route.BASE)
    ours = api.host != DISCORD and (address.scheme, address.raw_authority) == (api.scheme, api.raw_authority)
    return ours or (address.scheme == "https" and address.port == 443 and address.host in HOSTS)  # noqa: PLR2004  the port of https
