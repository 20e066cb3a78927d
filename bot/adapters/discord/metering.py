"""Tells a meter of every request that Discord counts, and of what Discord says about further ones."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Final

import aiohttp
from discord.http import Route

from bot.core.port import Allowance, Meter

_EXEMPT: Final = ("/interactions/", "/webhooks/")
_TOO_MANY: Final = 429


class Wire:
    """Notes on the wire, where discord.py's own repetitions are seen too. Answers to interactions do not count."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def listen(self, trace: aiohttp.TraceConfig) -> None:
        """Be told by aiohttp."""
        trace.on_request_start.append(self._leaves)
        trace.on_request_end.append(self._answered)
        trace.on_request_exception.append(self._cut_off)

    async def _leaves(
        self, _: aiohttp.ClientSession, about: SimpleNamespace, params: aiohttp.TraceRequestStartParams
    ) -> None:
        url = str(params.url)
        counts = url.startswith(Route.BASE) and not url.removeprefix(Route.BASE).startswith(_EXEMPT)
        about.permit = await self._meter.admit() if counts else None

    async def _answered(
        self, _: aiohttp.ClientSession, about: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        answer = params.response
        if about.permit:
            about.permit.end(_allowance(answer))
        if answer.status == _TOO_MANY and is_global(answer):
            self._meter.hold(asked_for(answer))

    async def _cut_off(
        self, _: aiohttp.ClientSession, about: SimpleNamespace, __: aiohttp.TraceRequestExceptionParams
    ) -> None:
        if about.permit:
            about.permit.end()


def is_global(answer: object) -> bool:
    """Return whether a 429 is about the whole bot, not about one place."""
    return getattr(answer, "headers", {}).get("X-RateLimit-Scope") == "global"


def asked_for(answer: object) -> timedelta:
    """Return how long a 429 asks us to wait, from its headers; nothing when they do not say."""
    said = getattr(answer, "headers", {}).get("Retry-After", "")
    try:
        return timedelta(seconds=float(said))
    except ValueError:
        return timedelta()


def _allowance(answer: aiohttp.ClientResponse) -> Allowance | None:
    said = answer.headers
    try:
        reset_after = timedelta(seconds=float(said["X-RateLimit-Reset-After"]))
        return Allowance(int(said["X-RateLimit-Limit"]), int(said["X-RateLimit-Remaining"]), reset_after)
    except (KeyError, ValueError, OverflowError):
        return None
