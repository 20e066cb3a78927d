"""Asks Discord for something, and says after a failure whether it happened.

discord.py repeats requests that were answered 429 or 5xx by itself, under the same nonce; it does not repeat what was
cut off. An `Attempt` watches every request on the wire, so that a refused connection is told from a lost answer. What
discord.py would sleep through is ended: a 429 that names more than a second is told to whoever asked, at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord

from bot.adapters.discord.metering import Wire, asked_for, is_global
from bot.core.port import DeliveryError, Meter, Outcome, Reason

NO_MUTUAL_GUILD: Final = 50278
UNKNOWN_MEMBER: Final = 10007
UNKNOWN_USER: Final = 10013
NOT_THERE: Final = frozenset({UNKNOWN_MEMBER, UNKNOWN_USER, NO_MUTUAL_GUILD})
GONE_MESSAGE: Final = frozenset({10003, 10004, 10008})
THREAD_EXISTS: Final = 160004
INVALID_FORM: Final = 50035
NOTHING_TO_ANSWER: Final = "In message_reference"
"""How discord.py begins to say what is wrong with the message that a post answers: it is gone, or takes no answers."""
OUT_OF_REACH: Final = (
    discord.HTTPException,
    discord.RateLimited,
    discord.GatewayNotFound,
    aiohttp.ClientError,
    OSError,
)
"""What discord.py raises when connecting fails and a later attempt may not."""

_REASONS: Final = {
    50001: Reason.FORBIDDEN,
    50013: Reason.FORBIDDEN,
    50007: Reason.CLOSED,
    50083: Reason.ARCHIVED,
    160005: Reason.ARCHIVED,
    160002: Reason.FORBIDDEN,  # answers need *Read Message History*
    50033: Reason.GONE,
    **dict.fromkeys(GONE_MESSAGE | NOT_THERE, Reason.GONE),
}
LONGEST_NAP: Final = timedelta(seconds=1)
"""So long discord.py may sleep over a 429 by itself."""
_TOO_MANY: Final = 429
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_SERVER_ERROR: Final = 500
_FINE: Final = range(200, 300)


class _TooFast(Exception):  # noqa: N818  never seen outside
    """Discord refuses for a while."""

    def __init__(self, wait: timedelta, *, everywhere: bool) -> None:
        super().__init__()
        self.wait = wait
        self.everywhere = everywhere


@dataclass(slots=True)
class Attempt:
    """What is known of the requests made so far: one is on its way, one may have been, or was, carried out unseen."""

    under_way: bool = False
    doubtful: bool = False
    refused_for: timedelta | None = None


_attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def watch(meter: Meter | None = None) -> aiohttp.TraceConfig:
    """Return what notes for the current `Attempt` how far each request came, and counts requests for a meter."""
    trace = aiohttp.TraceConfig()
    if meter:
        Wire(meter).listen(trace)
    trace.on_request_headers_sent.append(_sent)
    trace.on_request_end.append(_answered)
    trace.on_request_exception.append(_cut_off)
    return trace


async def _sent(_: aiohttp.ClientSession, __: SimpleNamespace, ___: aiohttp.TraceRequestHeadersSentParams) -> None:
    if attempt := _attempt.get():
        attempt.under_way = True


async def _answered(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
    if attempt := _attempt.get():
        status = params.response.status
        attempt.under_way = False
        # Also after a yes: discord.py reads on, and may wait for its own limits, before it hands the answer over.
        attempt.doubtful |= status >= _SERVER_ERROR or status in _FINE
        attempt.refused_for = asked_for(params.response) if status == _TOO_MANY else None
        if attempt.refused_for and attempt.refused_for > LONGEST_NAP:
            raise _TooFast(attempt.refused_for, everywhere=is_global(params.response))


async def _cut_off(_: aiohttp.ClientSession, __: SimpleNamespace, ___: aiohttp.TraceRequestExceptionParams) -> None:
    if attempt := _attempt.get():
        attempt.doubtful |= attempt.under_way
        attempt.under_way = False


@asynccontextmanager
async def reaching(within: timedelta, *, repeatable: bool) -> AsyncGenerator[None]:
    """Turn whatever goes wrong inside into a `DeliveryError`.

    `repeatable` requests do no harm when they are made twice, so a lost answer to them is no reason to look first.
    """
    attempt = Attempt()
    token = _attempt.set(attempt)
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except _TooFast as error:
        raise _failure(Reason.TOO_FAST, attempt, repeatable, error.wait, everywhere=error.everywhere) from error
    except discord.RateLimited as error:
        raise _failure(Reason.TOO_FAST, attempt, repeatable, timedelta(seconds=error.retry_after)) from error
    except discord.HTTPException as error:
        raise _from_answer(error, attempt, repeatable) from error
    except (aiohttp.ClientError, OSError) as error:
        # TimeoutError is an OSError: it comes here too.
        if attempt.refused_for is not None:
            raise _failure(Reason.TOO_FAST, attempt, repeatable, attempt.refused_for) from error
        doubtful = attempt.doubtful or attempt.under_way
        raise _failure(Reason.NO_ANSWER if doubtful else Reason.UNREACHABLE, attempt, repeatable) from error
    except RuntimeError as error:
        # aiohttp's way to say that the client was closed meanwhile.
        if str(error) != "Session is closed":
            raise
        raise _failure(Reason.UNREACHABLE, attempt, repeatable) from error
    finally:
        _attempt.reset(token)


def _from_answer(error: discord.HTTPException, attempt: Attempt, repeatable: bool) -> DeliveryError:
    if error.code == INVALID_FORM and NOTHING_TO_ANSWER in error.text:
        return _refusal(Reason.GONE, attempt, repeatable)
    if error.code in _REASONS:
        return _refusal(_REASONS[error.code], attempt, repeatable)
    if error.status == _TOO_MANY:
        return _failure(Reason.TOO_FAST, attempt, repeatable, asked_for(error.response))
    if error.status >= _SERVER_ERROR:
        return _failure(Reason.NO_ANSWER, attempt, repeatable)
    if error.status == _UNAUTHORISED:
        return _failure(Reason.UNREACHABLE, attempt, repeatable)
    reasons = {_FORBIDDEN: Reason.FORBIDDEN, _NOT_FOUND: Reason.GONE}
    return _refusal(reasons.get(error.status, Reason.REJECTED), attempt, repeatable)


def _refusal(reason: Reason, attempt: Attempt, repeatable: bool) -> DeliveryError:
    """Refuse, unless an earlier try of the same request, answered 5xx, may have been carried out."""
    doubtful = attempt.doubtful and not repeatable
    return DeliveryError(reason, Outcome.UNKNOWN if doubtful else Outcome.REFUSED)


def _failure(
    reason: Reason,
    attempt: Attempt,
    repeatable: bool,
    retry_after: timedelta | None = None,
    *,
    everywhere: bool = False,
) -> DeliveryError:
    doubtful = not repeatable and (attempt.doubtful or attempt.under_way)
    outcome = Outcome.UNKNOWN if doubtful else Outcome.LATER
    return DeliveryError(reason, outcome, retry_after, everywhere=everywhere)


def asked_wait(error: Exception) -> timedelta:
    """Return how long Discord asks us to wait after an error, nothing when it does not ask."""
    if isinstance(error, discord.RateLimited):
        return timedelta(seconds=error.retry_after)
    answered = error.__cause__ if isinstance(error, discord.GatewayNotFound) else error
    return asked_for(answered.response) if isinstance(answered, discord.HTTPException) else timedelta()
