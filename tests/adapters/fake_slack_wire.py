"""The loopback server of the fake Slack: Web API, Socket Mode, signed HTTP delivery, response_url and uploads."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import secrets
import socket
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO, Final, TypeVar
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.adapters.fake_slack_api import WebApi, refusal
from tests.adapters.fake_slack_rates import Rates
from tests.adapters.fake_slack_world import APP, BOT_USER, Json, Message, SlackError, World

APP_TOKEN, BOT_TOKEN, SIGNING_SECRET = "xapp-1-fake", "xoxb-fake", "a-signing-secret"
RESPONSE_URL: Final = "response_url"
UPLOAD: Final = "upload"
ACK_SECONDS: Final = 3.0
_LONGEST_HANG: Final = 30.0
_Acked = TypeVar("_Acked")
_HEADERS: Final = ("Content-Type", "User-Agent")


class Trouble(Enum):
    """What can go wrong with a call."""

    RATE_LIMITED = "429 with Retry-After"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    DROP = "the connection is closed without an answer"
    HANG = "no answer for a long time, then a closed connection"
    REFUSE = "an answer with ok: false"
    GARBLED = "200 with something that is no JSON"


@dataclass
class Fault:
    """Trouble for the next calls of a method. `accepted`: the call took effect before the trouble.

    `reached` is set when one arrived, and was carried out if it was accepted.
    """

    method: str
    trouble: Trouble
    times: int = 1
    accepted: bool = False
    retry_after: int = 1
    error: str = ""
    reached: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Call:
    """One request of the bot, as it arrived. `token` tells which of its tokens it used."""

    method: str
    arguments: Json
    headers: dict[str, str]
    token: str
    at: float


async def leave_alone(_: Call) -> Fault | None:
    """Let nothing go wrong but what a test ordered."""
    return None


class NotAckedError(Exception):
    """The bot did not acknowledge within three seconds; Slack shows *operation_timeout* or delivers again."""


class NotAcceptedError(Exception):
    """The bot answered a signed request with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


@dataclass
class Wire:
    """The server. Without `request_url` it delivers to one of the open sockets, each in its turn.

    `disturb` is asked about every call that no ordered fault fits.
    """

    world: World
    port: int = 0
    request_url: str = ""
    calls: list[Call] = field(default_factory=list[Call])
    faults: list[Fault] = field(default_factory=list[Fault])
    disturb: Callable[[Call], Awaitable[Fault | None]] = leave_alone
    rates: Rates | None = None
    sockets: list[web.WebSocketResponse] = field(default_factory=list[web.WebSocketResponse])
    connections: int = 0
    answers_pings: bool = True
    app_token: str = APP_TOKEN
    bot_token: str = BOT_TOKEN
    _tickets: set[str] = field(default_factory=set[str])
    _acks: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict[str, "asyncio.Future[Json | None]"])
    _turn: itertools.count[int] = field(default_factory=itertools.count)
    _runner: web.AppRunner | None = None
    _let_go: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.api = WebApi(self.world, lambda name: f"{self.url}/upload/{name}", self._new_ticket)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; on the same port again after `stop`, so that an outage can be played."""
        application = web.Application(client_max_size=4 * 2**20)
        application.router.add_route("*", "/api/{method}", self._call)
        application.router.add_get("/link/{ticket}", self._socket)
        application.router.add_post("/response/{hook}", self._respond)
        application.router.add_post("/upload/{file}", self._upload)
        self._let_go = asyncio.Event()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener).start()

    async def stop(self) -> None:
        self._let_go.set()
        for connection in self.sockets:
            await connection.close()
        if self._runner:
            await self._runner.cleanup()
        self._runner = None

    # ------------------------------------------------------------ what the bot calls

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments, token = await _arguments(request)
        headers = {name: request.headers.get(name, "") for name in _HEADERS}
        kind = {self.bot_token: "bot", self.app_token: "app"}.get(token, "unknown")
        call = Call(method, arguments, headers, kind, self.world.now())
        self.calls.append(call)
        if self.rates and (wait := self.rates.refuses(method, arguments)):
            return self._reply({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
        fault = self._take_fault(method) or await self.disturb(call)
        return await self._in_trouble(request, fault, lambda: self._answer(method, arguments, kind))

    def _answer(self, method: str, arguments: Json, token: str) -> Json:
        wanted = "app" if method == "apps.connections.open" else "bot"
        if token == "unknown":
            return refusal(SlackError("invalid_auth"))
        if token != wanted:
            return refusal(SlackError("not_allowed_token_type"))
        if not self.world.installed:
            return refusal(SlackError("account_inactive"))
        return self.api.answer(method, arguments)

    async def _in_trouble(
        self, request: web.Request, fault: Fault | None, act: Callable[[], Json]
    ) -> web.StreamResponse:
        """Act and answer, unless a fault stands in the way."""
        if fault is None:
            return self._reply(act())
        if fault.trouble is Trouble.RATE_LIMITED:
            body = {"ok": False, "error": "ratelimited"}
            return self._reply(body, 429, {"Retry-After": str(fault.retry_after)})
        if fault.trouble is Trouble.REFUSE:
            return self._reply({"ok": False, "error": fault.error})
        if fault.accepted:
            act()
        fault.reached.set()
        if fault.trouble in (Trouble.SERVER_ERROR, Trouble.BAD_GATEWAY):
            text = "<html>upstream error</html>"
            return web.Response(status=int(fault.trouble.value), text=text, content_type="text/html")
        if fault.trouble is Trouble.GARBLED:
            return web.Response(text="<html>welcome to this network</html>", content_type="text/html")
        if fault.trouble is Trouble.HANG:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._let_go.wait(), _LONGEST_HANG)
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _take_fault(self, method: str) -> Fault | None:
        fault = next((one for one in self.faults if one.method == method), None)
        if fault:
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
        return fault

    def _reply(self, body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
        granted = {"x-oauth-scopes": ",".join(sorted(self.api.scopes))}
        return web.json_response(body, status=status, headers={**granted, **(headers or {})})

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body: Json = json.loads(await request.text())
        headers = {name: request.headers.get(name, "") for name in _HEADERS}
        self.calls.append(Call(RESPONSE_URL, body, headers, "none", self.world.now()))
        name = request.match_info["hook"]
        answer = await self._in_trouble(request, self._take_fault(RESPONSE_URL), lambda: self._use_hook(name, body))
        if isinstance(answer, web.Response) and answer.status == 200 and isinstance(answer.body, bytes):
            told = json.loads(answer.body or b"{}") if answer.content_type == "application/json" else {"ok": True}
            return answer if told.get("ok") else web.json_response(told, status=404)
        return answer

    def _use_hook(self, name: str, body: Json) -> Json:
        try:
            hook = self.world.spend_hook(name)
            if body.get("delete_original"):
                self._replaced(hook.channel, hook.ts, None)
                return {"ok": True}
            blocks = self.api.checked_blocks(body)
            if body.get("replace_original") and hook.ts:
                self._replaced(hook.channel, hook.ts, body | {"blocks": blocks})
                return {"ok": True}
            only_for = None if body.get("response_type") == "in_channel" else hook.person
            self.say_privately(hook.channel, only_for, body | {"blocks": blocks})
        except SlackError as error:
            return refusal(error)
        return {"ok": True}

    def say_privately(self, channel: str, only_for: str | None, body: Json) -> Message:
        """Keep a message of the bot that came as an acknowledgement or through a response_url."""
        message = Message(
            channel=channel,
            ts=self.world.next_ts(),
            user=BOT_USER,
            text=body.get("text") or "",
            blocks=body.get("blocks") or [],
            thread_ts=body.get("thread_ts"),
            only_for=only_for,
            unfurls=bool(body.get("unfurl_links", True) or body.get("unfurl_media", True)),
        )
        self.world.messages.append(message)
        return message

    def _replaced(self, channel: str, ts: str | None, body: Json | None) -> None:
        found = next((one for one in self.world.messages if one.channel == channel and one.ts == ts), None)
        if found is None:
            raise SlackError("message_not_found")
        if body is None:
            self.world.messages.remove(found)
            return
        found.text, found.blocks, found.edits = body.get("text") or "", body["blocks"], found.edits + 1

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        name = request.match_info["file"]
        self.calls.append(Call(UPLOAD, {"file": name, "length": len(content)}, {}, "none", self.world.now()))

        def keep() -> Json:
            self.world.uploads[name].content = content
            return {"ok": True}

        answer = await self._in_trouble(request, self._take_fault(UPLOAD), keep)
        return web.Response(text=f"OK - {len(content)}") if answer.status == 200 else answer

    # ------------------------------------------------------------ Socket Mode

    def _new_ticket(self) -> str:
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self.port}/link/{ticket}"

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse(autoping=self.answers_pings)
        await connection.prepare(request)
        self.sockets.append(connection)
        self.connections += 1
        await connection.send_json(
            {
                "type": "hello",
                "num_connections": len(self.sockets),
                "debug_info": {"host": "fake", "build_number": 1, "approximate_connection_time": 18060},
                "connection_info": {"app_id": APP},
            }
        )
        async for told in connection:
            if told.type is aiohttp.WSMsgType.TEXT:
                self._acked(json.loads(told.data))
        self.sockets.remove(connection)
        return connection

    def _acked(self, told: Json) -> None:
        waiting = self._acks.pop(told.get("envelope_id", ""), None)
        if waiting and not waiting.done():
            waiting.set_result(told.get("payload"))

    async def refresh(self) -> None:
        """Ask every connection to be renewed, as Slack does about once an hour."""
        for connection in list(self.sockets):
            await connection.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    async def close_sockets(self) -> None:
        for connection in list(self.sockets):
            await connection.close()

    # ------------------------------------------------------------ deliveries to the bot

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0, envelope: str = "") -> Json | None:
        """Deliver `events_api`, `slash_commands` or `interactive`; returns what came with the acknowledgement."""
        if self.request_url:
            return await self._deliver_signed(kind, payload, retry)
        return await self._deliver_by_socket(kind, payload, retry, envelope or str(uuid.uuid4()))

    async def _deliver_by_socket(self, kind: str, payload: Json, retry: int, envelope: str) -> Json | None:
        told: Json = {
            "envelope_id": envelope,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            told |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        acked = self._acks[envelope] = asyncio.get_running_loop().create_future()
        open_ones = [one for one in self.sockets if not one.closed]
        if not open_ones:
            raise NotAckedError("no open connection")
        await open_ones[next(self._turn) % len(open_ones)].send_json(told)
        return await _within_ack_time(acked)

    async def _deliver_signed(self, kind: str, payload: Json, retry: int) -> Json | None:
        if kind == "events_api":
            body, media = json.dumps(payload), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, media = urlencode(form), "application/x-www-form-urlencoded"
        headers = {"Content-Type": media, **signed(body, str(int(time.time())))}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        status, text = await _within_ack_time(self.post(body, headers))
        if status != 200:
            raise NotAcceptedError(status)
        if not text:
            return None
        return json.loads(text) if text.startswith("{") else {"text": text}

    async def post(self, body: str | bytes | BinaryIO, headers: dict[str, str]) -> tuple[int, str]:
        """Send a request to the bot as it is; returns status and body."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.request_url, data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    def new_hook_url(self, name: str) -> str:
        return f"{self.url}/response/{name}"


async def _within_ack_time(waiting: Awaitable[_Acked]) -> _Acked:
    try:
        return await asyncio.wait_for(waiting, ACK_SECONDS)
    except TimeoutError:
        raise NotAckedError("not within three seconds") from None


async def _arguments(request: web.Request) -> tuple[Json, str]:
    """Return the arguments of a call, from query, form or JSON, and its token."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        arguments |= json.loads(await request.text())
    elif request.can_read_body:
        arguments |= dict(await request.post())
    token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.pop("token", "")
    return arguments, token


def signed(body: str, at: str, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """Return the headers with which Slack vouches for a request; `at` is in seconds since 1970."""
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}
