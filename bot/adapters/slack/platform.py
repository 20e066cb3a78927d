"""Slack as a platform: starts, serves a workspace, notices when Slack no longer wants it, and stops."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, cast

import structlog
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp

from bot.adapters.slack.api import SLACK, TOKEN_REFUSED, Api, Json, SlackError
from bot.adapters.slack.inbox import Inbox
from bot.adapters.slack.people import People
from bot.adapters.slack.posting import Posts
from bot.adapters.slack.sockets import Transport, signed_requests, socket_mode
from bot.adapters.slack.turns import Answers
from bot.adapters.slack.uploads import Uploads
from bot.core.port import CannotStartError, Clock, Community, Core, Meter, Outcome
from bot.core.text import DEFAULT_LOCALE, Words

log = structlog.get_logger(__name__)

NAME: Final = "slack"
LONGEST_PAUSE: Final = 60.0
FINISH_WITHIN: Final = 2.0


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds.

    `in_time` is how long an answer may take to go the native way (Slack waits three); `check_every` is the time
    between looks at token and socket; `first_pause` is the wait before Slack is tried again at the start, doubled each
    time; `ping_every` and `picture_wait` are the SDK's and Slack's own slowness; what is not uploaded within
    `picture_within` is left out.
    """

    in_time: float = 2.0
    check_every: float = 60.0
    first_pause: float = 1.0
    ping_every: float = 10.0
    picture_wait: float = 0.5
    picture_within: float = 10.0


class SlackPlatform(Posts):
    """Serves one workspace, over Socket Mode with an app token or else by signed requests."""

    def __init__(
        self,
        *,
        bot_token: SecretStr,
        words: Words,
        clock: Clock,
        meter: Meter | None = None,
        app_token: SecretStr | None = None,
        signing_secret: SecretStr | None = None,
        host: str = "127.0.0.1",
        port: int = 3000,
        api_url: str = SLACK,
        timing: Timing | None = None,
    ) -> None:
        self._timing = timing or Timing()
        self._logger = _quiet_logger()
        self._api = Api(bot_token, api_url, self._logger, meter)
        self._people = People(self._api, clock)
        uploads = Uploads(self._api, wait=self._timing.picture_wait, within=self._timing.picture_within)
        super().__init__(self._api, self._people, uploads)
        self._words = words
        self._app_token = app_token
        self._signing_secret = signing_secret
        self._host, self._port = host, port
        self.address = ""
        """Where signed requests are taken in, once the platform runs that way."""

    @property
    def name(self) -> str:
        """Return the platform's short name."""
        return NAME

    async def run(self, core: Core) -> None:
        """Serve until cancelled. Raises `CannotStartError` when Slack refuses a token, now or later."""
        async with self._api.opened():
            inbox = await self._prepare(core)
            app = self._bolt()
            inbox.attach(app)
            async with self._way_in(app) as transport:
                log.info("slack serves")
                try:
                    await self._watch(transport)
                finally:
                    await inbox.finish(FINISH_WITHIN)

    async def _prepare(self, core: Core) -> Inbox:
        await self._insist(self._identify)
        if self._app_token:
            await self._insist(self._try_app_token)
        community = Community(NAME, self._api.team)
        answers = Answers(self._api, self, self._words)
        return Inbox(
            core,
            community,
            self._api.bot_user,
            people=self._people,
            posts=self,
            answers=answers,
            in_time=self._timing.in_time,
        )

    def _bolt(self) -> AsyncApp:
        return AsyncApp(
            client=self._api.client,
            logger=self._logger,
            name=NAME,
            signing_secret="",  # our own check stands before Bolt's, see `Door`
            request_verification_enabled=False,
            user_facing_authorize_error_message=self._words.label("platform.trouble", DEFAULT_LOCALE),
        )

    def _way_in(self, app: AsyncApp) -> AbstractAsyncContextManager[Transport]:
        if self._app_token:
            return socket_mode(app, self._app_token, self._timing.ping_every)
        if self._signing_secret and self._signing_secret.get_secret_value():
            return signed_requests(app, self._signing_secret, self._host, self._port, self._opened)
        raise CannotStartError("Slack: an app token is needed, or a signing secret where Slack can reach this machine.")

    def _opened(self, address: str) -> None:
        self.address = address

    # ------------------------------------------------------------ does Slack want us?

    async def _identify(self) -> Json:
        told = await self._api.call("auth.test")
        self._api.bot_id, self._api.bot_user = str(told.get("bot_id", "")), str(told["user_id"])
        self._api.team = str(told["team_id"])
        return told

    async def _try_app_token(self) -> Json:
        """Ask for a connection once: the SDK would try a wrong token for ever, in silence."""
        return await self._api.call_as_app("apps.connections.open", cast("SecretStr", self._app_token))

    async def _insist(self, ask: Any) -> Json:
        """Ask until Slack answers. Raises `CannotStartError` for the answer no."""
        pause = self._timing.first_pause
        while True:
            try:
                return await ask()
            except SlackError as error:
                _stop_if_refused(error)
                log.warning("slack does not answer", reason=error.reason)
                wait = error.retry_after.total_seconds() if error.retry_after else pause
            await asyncio.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _watch(self, transport: Transport) -> None:
        """Look from time to time whether the token is still good and the way in still open."""
        while True:
            await asyncio.sleep(self._timing.check_every)
            await self._ask(self._identify)
            if not await transport.look_after():
                await self._ask(self._try_app_token)

    async def _ask(self, ask: Any) -> None:
        """Ask once, whether Slack answers or not. Raises `CannotStartError` for the answer no."""
        try:
            await ask()
        except SlackError as error:
            _stop_if_refused(error)
            log.warning("slack does not answer", reason=error.reason)


def _stop_if_refused(error: SlackError) -> None:
    if error.code in TOKEN_REFUSED:
        raise CannotStartError(f"Slack refuses the token ({error.code}): copy it again from the app's page.") from None
    if error.outcome is Outcome.REFUSED and error.code:
        raise CannotStartError(f"Slack refuses to start: {error.code}.") from None


def _quiet_logger() -> logging.Logger:
    """Return the logger for both SDKs. At DEBUG they print tokens and what members write: they never get there."""
    for name in ("slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(logging.INFO)
    return logging.getLogger("slack_bolt")
