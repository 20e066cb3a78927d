"""Brings Slack's payloads to Bolt: over Socket Mode, or as signed requests to a server of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import PurePath
from traceback import extract_tb
from typing import Any, Final, Protocol, cast

import structlog
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.adapters.slack.seen import Seen
from bot.core.port import CannotStartError

log = structlog.get_logger(__name__)

PATH: Final = "/slack/events"
LARGEST_REQUEST: Final = 2 * 2**20
STALE_AFTER: Final = 4  # missed pings
RENEWED_WITHIN: Final = 30.0  # seconds, of which the SDK may wait five for itself


class Transport(Protocol):
    """What the platform asks of the way in."""

    async def look_after(self) -> bool:
        """Mend what mends itself only when somebody looks; return whether it is whole now."""
        ...


class Socket(AsyncSocketModeHandler):
    """Socket Mode. Slack hands an envelope to one of our connections, and sometimes twice."""

    def __init__(self, app: AsyncApp, app_token: SecretStr, ping_every: float) -> None:
        loose = cast("Any", super())  # the SDK leaves out types
        loose.__init__(app, app_token.get_secret_value(), ping_interval=ping_every)
        self._seen = Seen()
        self._ping_every = ping_every

    async def handle(self, client: Any, req: SocketModeRequest) -> None:
        """Hand an envelope on once, and acknowledge it every time."""
        if self._seen.first(req.envelope_id):
            await super().handle(client, req)
        else:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))

    async def look_after(self) -> bool:
        """Connect anew when the session is gone or has stopped answering pings, should the SDK have missed it.

        The SDK would try an address that has run out for ever, so it has a bounded time for one.
        """
        client = cast("Any", self.client)
        heard = client.last_ping_pong_time
        silent = heard is not None and time.time() - heard > STALE_AFTER * self._ping_every
        if not silent and await client.is_connected():
            return True
        try:
            async with asyncio.timeout(RENEWED_WITHIN):
                await client.connect_to_new_endpoint(force=True)
        except Exception as error:  # noqa: BLE001  the SDK lets through whatever it meets, and the next look may succeed
            frame = extract_tb(error.__traceback__)[-1]
            where = f"{PurePath(frame.filename).name}:{frame.lineno}"
            log.warning("socket not renewed", error=type(error).__name__, where=where)
            return False
        log.warning("socket renewed", silent=silent)
        return True


@asynccontextmanager
async def socket_mode(app: AsyncApp, app_token: SecretStr, ping_every: float) -> AsyncGenerator[Transport]:
    """Stay connected for the time of the context. `ping_every` is in seconds."""
    socket = Socket(app, app_token, ping_every)
    loose = cast("Any", socket)  # the SDK leaves out types
    try:
        await loose.connect_async()
        yield socket
    finally:
        await loose.close_async()


class Door:
    """A server for signed requests.

    Bolt's own check answers 500 to odd headers, and logs the text of what it refuses. So ours stands before it.
    """

    def __init__(self, app: AsyncApp, signing_secret: SecretStr, host: str, port: int) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret.get_secret_value())
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    async def look_after(self) -> bool:
        """Do nothing: a server that listens needs no mending."""
        return True

    async def open(self) -> str:
        """Listen, and return the address for Slack to send to. Raises `CannotStartError` when that is taken."""
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.router.add_post(PATH, self._receive)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            raise CannotStartError(f"Slack: cannot listen on {self._host}:{self._port}: {error.strerror}") from None
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}{PATH}"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._is_signed(request, body):
            return web.Response(status=401)
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        """Return whether Slack signed this within the last five minutes. Whatever cannot be read is not signed."""
        at = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        try:
            return at.isdecimal() and signature.isascii() and self._verifier.is_valid(body.decode(), at, signature)
        except ValueError:
            return False


@asynccontextmanager
async def signed_requests(
    app: AsyncApp, signing_secret: SecretStr, host: str, port: int, opened: Callable[[str], None]
) -> AsyncGenerator[Transport]:
    """Listen for the time of the context; `opened` is told the address."""
    door = Door(app, signing_secret, host, port)
    try:
        opened(await door.open())
        yield door
    finally:
        await door.close()
