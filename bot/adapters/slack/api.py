"""Calls Slack's Web API, once each, and says of every failure whether the call may have taken effect."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any, Final, Protocol, TypeAlias, cast

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.port import DeliveryError, Meter, Outcome, Permit, Reason

Json: TypeAlias = dict[str, Any]

SLACK: Final = "https://slack.com/api/"
ANSWER_WITHIN: Final = 10.0
CONNECT_WITHIN: Final = 5.0
TOKEN_REFUSED: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_allowed_token_type", "not_authed", "token_expired", "token_revoked"}
)

_QUERIES: Final = frozenset(
    {
        "conversations.history",
        "conversations.info",
        "conversations.replies",
        "users.conversations",
        "users.info",
    }
)
_FORMS: Final = frozenset(
    {
        "files.completeUploadExternal",
        "files.delete",
        "files.getUploadURLExternal",
        "pins.add",
        "pins.remove",
    }
)
_SAYS: Final = "chat.postMessage"
"""What Slack counts for each channel."""
_HARMLESS: Final = _QUERIES | {"apps.connections.open", "auth.test", "conversations.open"}
"""Calls that may be made again whatever became of them: with these, a lost answer is no doubt."""

_REASONS: Final[Mapping[str, Reason]] = {
    **dict.fromkeys(TOKEN_REFUSED - {"account_inactive"}, Reason.FORBIDDEN),
    **dict.fromkeys(
        ("account_inactive", "channel_not_found", "file_not_found", "message_not_found", "not_found"), Reason.GONE
    ),
    **dict.fromkeys(("thread_not_found", "cannot_reply_to_message", "team_not_found"), Reason.GONE),
    **dict.fromkeys(("user_not_found", "users_not_found", "user_not_in_channel"), Reason.GONE),
    **dict.fromkeys(("is_archived", "is_inactive"), Reason.ARCHIVED),
    **dict.fromkeys(("cannot_dm_bot", "messages_tab_disabled", "user_disabled", "user_not_visible"), Reason.CLOSED),
    **dict.fromkeys(("access_denied", "accesslimited", "app_access_restricted", "ekm_access_denied"), Reason.FORBIDDEN),
    **dict.fromkeys(("missing_scope", "no_permission", "not_in_channel", "org_login_required"), Reason.FORBIDDEN),
    **dict.fromkeys(("cant_delete_message", "cant_update_message", "edit_window_closed"), Reason.FORBIDDEN),
    "message_limit_exceeded": Reason.TOO_FAST,
}
_LATER: Final = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited", "request_timeout"})
_IN_DOUBT: Final = frozenset({"fatal_error", "internal_error", "service_unavailable"})
"""Slack's own words for these: some aspect of the operation may have succeeded."""

_TOO_MANY, _SERVER_FAULTS, _FINE = 429, 500, 200


class SlackError(DeliveryError):
    """A failed call. `code` is Slack's own word for it, or "" when Slack said nothing."""

    def __init__(self, reason: Reason, outcome: Outcome, code: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(reason, outcome, retry_after)
        self.code = code


class _Answer(Protocol):
    status_code: int
    data: Any
    headers: Mapping[str, str]


class _Client(Protocol):
    """The part of the SDK's client that is used, with the types that it leaves out."""

    session: aiohttp.ClientSession | None

    async def api_call(
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        params: Json | None = None,
        json: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> _Answer: ...


class Api:
    """One bot's access to Slack.

    The SDK would send a post again after a lost answer, which makes two of it; so this client retries nothing at all.
    A 429 is no exception to that: who delivers knows best what to send meanwhile.
    """

    def __init__(self, bot_token: SecretStr, url: str, logger: logging.Logger, meter: Meter | None = None) -> None:
        self.client = AsyncWebClient(
            token=bot_token.get_secret_value(),
            base_url=url,
            retry_handlers=[],
            logger=logger,
            timeout=int(ANSWER_WITHIN),
        )
        self.scopes: frozenset[str] | None = None
        """What the app may do, as Slack last said; None while it has not said so."""
        self.bot_id = self.bot_user = ""
        """Who the bot is, once `auth.test` has told."""
        self.team = ""
        """The workspace it serves, as `auth.test` tells."""
        self._caller = cast("_Client", self.client)
        self._meter = meter

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Keep connections open for the time of the context; outside of it, every call makes its own."""
        async with _session() as session:
            self._caller.session = session
            try:
                yield
            finally:
                self._caller.session = None

    async def call(self, method: str, **arguments: Any) -> Json:
        """Call a method when there is room for it. Raises `SlackError`; arguments that are None are left out."""
        place = str(arguments["channel"]) if method == _SAYS else ""
        permit = await self._meter.admit(place) if self._meter else None
        with _ended(permit):
            given = {name: value for name, value in arguments.items() if value is not None}
            return await self._call(method, given, None)

    async def call_as_app(self, method: str, app_token: SecretStr) -> Json:
        """Call a method with the app's token instead of the bot's."""
        return await self._call(method, {}, {"Authorization": f"Bearer {app_token.get_secret_value()}"})

    async def _call(self, method: str, arguments: Json, headers: dict[str, str] | None) -> Json:
        try:
            answer = await self._send(method, arguments, headers)
        except SlackApiError as error:
            raise _from_answer(cast("_Answer", error.response), method) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _from_network(error, harmless=method in _HARMLESS) from None
        if "x-oauth-scopes" in answer.headers and headers is None:
            self.scopes = frozenset(answer.headers["x-oauth-scopes"].replace(" ", "").split(","))
        return cast("Json", answer.data)

    async def _send(self, method: str, arguments: Json, headers: dict[str, str] | None) -> _Answer:
        if method in _QUERIES:
            return await self._caller.api_call(method, http_verb="GET", params=arguments)
        if method in _FORMS:
            written = {
                name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()
            }
            return await self._caller.api_call(method, params=written)
        return await self._caller.api_call(method, json=arguments, headers=headers)

    async def respond(self, url: str, body: Json) -> None:
        """Answer through a response_url, which is good for five uses within half an hour. Raises `SlackError`."""
        await self._post(url, json=body)

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file's bytes to where Slack asked for them. Raises `SlackError`."""
        await self._post(url, data=content)

    async def _post(self, url: str, **body: Any) -> None:
        try:
            async with _kept(self._caller.session) as session, session.post(url, **body) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _from_network(error, harmless=False) from None
        if status >= _SERVER_FAULTS:
            raise SlackError(Reason.BROKEN, Outcome.UNKNOWN)
        if status != _FINE:
            raise SlackError(Reason.REJECTED, Outcome.REFUSED)


@contextmanager
def _ended(permit: Permit | None) -> Generator[None]:
    try:
        yield
    finally:
        if permit:
            permit.end()


@asynccontextmanager
async def _kept(session: aiohttp.ClientSession | None) -> AsyncGenerator[aiohttp.ClientSession]:
    if session and not session.closed:
        yield session
        return
    async with _session() as fresh:
        yield fresh


def _session() -> aiohttp.ClientSession:
    limits = aiohttp.ClientTimeout(total=ANSWER_WITHIN, sock_connect=CONNECT_WITHIN)
    return aiohttp.ClientSession(timeout=limits, trust_env=True)


def _from_answer(answer: _Answer, method: str) -> SlackError:
    """Read an answer that is no success."""
    data: object = answer.data
    told = cast("Json", data) if isinstance(data, dict) else {}
    code = str(told.get("error", ""))
    if answer.status_code == _TOO_MANY or code in _LATER:
        seconds = answer.headers.get("Retry-After", "")
        wait = timedelta(seconds=int(seconds)) if seconds.isdecimal() else None
        return SlackError(Reason.TOO_FAST, Outcome.LATER, code, wait)
    doubtful = Outcome.LATER if method in _HARMLESS else Outcome.UNKNOWN
    if answer.status_code >= _SERVER_FAULTS or code in _IN_DOUBT or (answer.status_code == _FINE and not code):
        return SlackError(Reason.BROKEN, doubtful, code)
    if code.startswith("restricted_action"):
        return SlackError(Reason.FORBIDDEN, Outcome.REFUSED, code)
    return SlackError(_REASONS.get(code, Reason.REJECTED), Outcome.REFUSED, code)


def _from_network(error: Exception, *, harmless: bool) -> SlackError:
    """Read an error of the network. What never reached Slack is no doubt; a connection that broke is."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return SlackError(Reason.UNREACHABLE, Outcome.LATER)
    return SlackError(Reason.NO_ANSWER, Outcome.LATER if harmless else Outcome.UNKNOWN)
