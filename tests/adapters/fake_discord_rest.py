"""The fake Discord's REST API v10, as much of it as a bot like ours uses.

Every request is recorded before anything else happens to it, then faults that a test ordered are tried,
then the token is looked at, then the request is carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from aiohttp import web

from tests.adapters.fake_discord_gateway import Gateway
from tests.adapters.fake_discord_limits import faults_in_choices, faults_in_form, faults_in_message, is_empty
from tests.adapters.fake_discord_rates import Rates
from tests.adapters.fake_discord_world import (
    COMPONENTS_V2,
    DM,
    EPHEMERAL,
    LOADING,
    PIN_NOTICE,
    REPLY,
    THREAD,
    Can,
    Guild,
    Json,
    Person,
    Post,
    Room,
    Upload,
    World,
    numbered,
)

Result: TypeAlias = "Json | list[Json] | None"

ROOT = "/api/v10"
KEPT_HEADERS = ("Authorization", "Content-Type", "User-Agent", "X-Audit-Log-Reason")
KEPT_AFTER_EDIT = COMPONENTS_V2 | EPHEMERAL
DEFERRED_MESSAGE, DEFERRED_UPDATE, MESSAGE, UPDATE, CHOICES, FORM = 5, 6, 4, 7, 8, 9


class Refused(Exception):  # noqa: N818  an answer of the server, not an accident
    """An error as Discord answers it: HTTP status, its own code, a message."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "code": code, **({"errors": errors} if errors else {})}


@dataclass(eq=False, slots=True)
class Request:
    """What the bot sent. `status` is what it was answered, or None when it was not answered at all."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    files: list[Upload]
    headers: dict[str, str]
    at: datetime
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with this, instead of doing anything or after doing what was asked."""

    status: int
    body: Json = field(default_factory=lambda: {"message": "ordered by a test", "code": 0})
    headers: dict[str, str] = field(default_factory=dict[str, str])
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """Cut the connection without an answer, after doing what was asked or before."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Hang:
    """Keep silent, after doing what was asked or before, then cut the connection. Bounded by `seconds`."""

    accepted: bool
    seconds: float = 10.0


@dataclass(eq=False, slots=True)
class Fault:
    """Something to go wrong with the next `times` requests that fit. `reached` is set when one arrived."""

    method: str
    path: str
    outcome: Answer | Drop | Hang
    times: int = 1
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)


def rate_limited(retry_after: float, *, via: bool = True, everywhere: bool = False) -> Answer:
    """Return a 429 as Discord sends it; without `Via` it is one that discord.py does not retry."""
    body: Json = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
    headers = {"Retry-After": str(retry_after), "X-RateLimit-Scope": "global" if everywhere else "user"}
    return Answer(429, body, {**headers, "Via": "1.1 google"} if via else headers)


@dataclass(eq=False, slots=True)
class Turn:
    """An interaction: something a person did to which the bot may answer once, then edit and follow up.

    `kind` and `data` are the first answer (None until it came), `original` is the message that it made or changed,
    `edits` counts changes of it, `followups` are further messages.
    """

    id: str
    token: str
    type: int
    person: Person
    room: Room
    about: Post | None
    changed: Callable[[Callable[[], Any]], Awaitable[Any]]
    kind: int | None = None
    data: Json = field(default_factory=dict[str, Any])
    original: Post | None = None
    edits: int = 0
    followups: list[Post] = field(default_factory=list[Post])

    async def first(self) -> int:
        """Wait for the first answer and return its type."""
        await self.changed(lambda: self.kind is not None)
        return self.kind or 0

    async def shown(self) -> Post:
        """Wait for the message that the person finally sees, past any deferral."""
        await self.changed(lambda: self.kind in (MESSAGE, UPDATE) or self.edits or self.followups)
        seen = self.original if self.kind in (MESSAGE, UPDATE) or self.edits else self.followups[-1]
        assert seen is not None, "the answer made no message"
        return seen

    async def form(self) -> Json:
        """Wait for the first answer, which must be a form."""
        await self.changed(lambda: self.kind is not None)
        assert self.kind == FORM, f"not a form but an answer of type {self.kind}: {self.data}"
        return self.data

    async def choices(self) -> list[Json]:
        """Wait for the choices of an autocompletion."""
        await self.changed(lambda: self.kind is not None)
        assert self.kind == CHOICES, f"no choices but an answer of type {self.kind}: {self.data}"
        return self.data["choices"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to what it asks for."""

    part: dict[str, str]
    query: dict[str, str]
    body: Any
    files: list[Upload]


Handler: TypeAlias = "Callable[[Call], Result]"


Disturb: TypeAlias = "Callable[[Request], Awaitable[Fault | None]]"


async def leave_alone(_: Request) -> Fault | None:
    """Let nothing go wrong but what a test ordered."""
    return None


class Rest:
    """Carries requests out on the world. `disturb` is asked about every request that no ordered fault fits."""

    def __init__(
        self, world: World, gateway: Gateway, token: str, clock: Callable[[], float], changed: Callable[[], None]
    ) -> None:
        self.world = world
        self.gateway = gateway
        self.token = token
        self.clock = clock
        self.changed = changed
        self.forget_nonces_after = 180.0
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.disturb: Disturb = leave_alone
        self.rates: Rates | None = None
        self.turns: dict[str, Turn] = {}
        self.commands: list[Json] = []
        self._nonces: dict[tuple[str, str], tuple[float, Post]] = {}
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self._draw_routes()

    # ---------------------------------------------------------------- one request

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Record, go wrong if ordered, else carry out; answer in Discord's shapes."""
        body, files = await _read(request)
        path = request.path.removeprefix(ROOT)
        headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
        record = Request(request.method, path, dict(request.query), body, files, headers, self.world.now())
        self.requests.append(record)
        ruling = self.rates.rule(record.method, record.path) if self.rates else None
        if ruling and ruling.wait is not None:
            record.status = 429
            return _json(ruling.body, 429, ruling.headers)
        fault = self._fault_for(record) or await self.disturb(record)
        outcome = fault.outcome if fault else None
        answer: web.Response | None = None
        if outcome is None or outcome.accepted:
            answer = self._carry_out(record)
        if isinstance(outcome, Answer):
            answer = _json(outcome.body, outcome.status, outcome.headers)
        if fault:
            fault.reached.set()
        self.changed()
        if fault and isinstance(outcome, Hang):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(fault.release.wait(), outcome.seconds)
        if isinstance(outcome, Drop | Hang) or answer is None:
            if request.transport:
                request.transport.abort()
            return web.Response()
        record.status = answer.status
        answer.headers.update(ruling.headers if ruling else {})
        return answer

    def _fault_for(self, record: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method == record.method and re.fullmatch(fault.path, record.path):
                fault.times -= 1
                return fault
        return None

    def _carry_out(self, record: Request) -> web.Response:
        open_to_all = record.path.startswith(("/interactions/", "/webhooks/"))
        if not open_to_all and record.headers.get("Authorization") != f"Bot {self.token}":
            return _json({"message": "401: Unauthorized", "code": 0}, 401)
        for method, pattern, handler in self._routes:
            if method == record.method and (found := pattern.fullmatch(record.path)):
                try:
                    result = handler(Call(found.groupdict(), record.query, record.body, record.files))
                except Refused as refusal:
                    return _json(refusal.body, refusal.status)
                return web.Response(status=204) if result is None else _json(result)
        return _json({"message": "404: Not Found", "code": 0}, 404)

    def _draw_routes(self) -> None:
        message = "/channels/{room}/messages/{post}"
        original = "/webhooks/{app}/{token}/messages/{which}"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/users/@me", lambda _: self.world.user(self.world.bot)),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/gateway/bot", self._gateway),
            ("GET", "/applications/{app}/commands", lambda _: self.commands),
            ("PUT", "/applications/{app}/commands", self._put_commands),
            ("GET", "/users/{person}", lambda call: self.world.user(self._person(call))),
            ("POST", "/users/@me/channels", self._open_direct),
            ("GET", "/guilds/{guild}", lambda call: self.world.guild_shape(self._guild(call))),
            ("GET", "/guilds/{guild}/members/{person}", self._get_member),
            ("GET", "/channels/{room}", lambda call: self.world.channel(self._room(call))),
            ("GET", "/channels/{room}/messages", self._history),
            ("POST", "/channels/{room}/messages", self._post),
            ("GET", message, self._get_message),
            ("PATCH", message, self._edit),
            ("DELETE", message, self._delete),
            ("POST", f"{message}/threads", self._start_thread),
            ("PUT", "/channels/{room}/messages/pins/{post}", lambda call: self._pin(call, pinned=True)),
            ("PUT", "/channels/{room}/pins/{post}", lambda call: self._pin(call, pinned=True)),
            ("DELETE", "/channels/{room}/messages/pins/{post}", lambda call: self._pin(call, pinned=False)),
            ("DELETE", "/channels/{room}/pins/{post}", lambda call: self._pin(call, pinned=False)),
            ("POST", "/interactions/{turn}/{token}/callback", self._answer),
            ("POST", "/webhooks/{app}/{token}", self._follow_up),
            ("GET", original, lambda call: self.world.message(self._answered(call)[1], readable=True)),
            ("PATCH", original, self._edit_answer),
            ("DELETE", original, self._delete_answer),
        ]
        for method, path, handler in routes:
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
            self._routes.append((method, pattern, handler))

    # ---------------------------------------------------------------- finding what a path names

    def _person(self, call: Call) -> Person:
        person = self.world.people.get(call.part["person"])
        if person is None:
            raise Refused(404, 10013, "Unknown User")
        return person

    def _guild(self, call: Call) -> Guild:
        guild = self.world.guilds.get(call.part["guild"])
        if guild is None or guild.id in self.world.gone:
            raise Refused(404, 10004, "Unknown Guild")
        return guild

    def _room(self, call: Call, *needs: Can) -> Room:
        """Return the channel, once it is sure that the bot may see it and has what it needs there."""
        room = self.world.rooms.get(call.part["room"])
        if room is None:
            raise Refused(404, 10003, "Unknown Channel")
        granted = self.world.permissions(self.world.bot, room)
        if Can.VIEW not in granted:
            raise Refused(403, 50001, "Missing Access")
        if any(need not in granted for need in needs):
            raise Refused(403, 50013, "Missing Permissions")
        return room

    def _message(self, call: Call, room: Room) -> Post:
        post = self.world.posts.get(call.part["post"])
        if post is None or post.room is not room or post.only_for:
            raise Refused(404, 10008, "Unknown Message")
        return post

    def _get_member(self, call: Call) -> Json:
        guild, person = self._guild(call), self._person(call)
        if person.id not in guild.members:
            raise Refused(404, 10007, "Unknown Member")
        return self.world.member(person, guild)

    # ---------------------------------------------------------------- the bot itself

    def _application(self, _: Call) -> Json:
        bot = self.world.bot
        shape: Json = {"id": bot.id, "name": bot.name, "icon": None, "description": "", "bot_public": False}
        owner = self.world.user(next(iter(self.world.people.values())))
        return {**shape, "bot_require_code_grant": False, "verify_key": "0" * 64, "flags": 0, "owner": owner}

    def _gateway(self, _: Call) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": 1, "session_start_limit": limit}

    def _put_commands(self, call: Call) -> list[Json]:
        defaults: Json = {"description": "", "type": 1, "nsfw": False}
        known = {(one["name"], one["type"]): one["id"] for one in self.commands}
        self.commands = [
            {
                **defaults,
                **command,
                "default_member_permissions": _as_text(command.get("default_member_permissions")),
                "id": known.get((command["name"], command.get("type", 1))) or self.world.snowflake(),
                "application_id": self.world.bot.id,
                "version": self.world.snowflake(),
            }
            for command in call.body
        ]
        return self.commands

    def _open_direct(self, call: Call) -> Json:
        person = self.world.people.get(str(call.body["recipient_id"]))
        if person is None:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        return self.world.channel(self.world.direct(person))

    # ---------------------------------------------------------------- messages

    def _history(self, call: Call) -> list[Json]:
        room = self._room(call)
        if room.kind != DM and Can.HISTORY not in self.world.permissions(self.world.bot, room):
            return []
        limit = int(call.query.get("limit", "50"))
        here = [post for post in self.world.posts.values() if post.room is room and not post.only_for]
        here.sort(key=lambda post: int(post.id))
        if "after" in call.query:
            chosen = [post for post in here if int(post.id) > int(call.query["after"])][:limit]
        else:
            before = int(call.query.get("before", "0")) or float("inf")
            chosen = [post for post in here if int(post.id) < before][-limit:]
        return [self._as_read(post) for post in reversed(chosen)]

    def _as_read(self, post: Post) -> Json:
        return self.world.message(post, readable=post.author is self.world.bot)

    def _get_message(self, call: Call) -> Json:
        return self._as_read(self._message(call, self._room(call, Can.HISTORY)))

    def _post(self, call: Call) -> Json:
        room = self._room(call)
        granted = self.world.permissions(self.world.bot, room)
        speaking = Can.SEND_IN_THREADS if room.kind == THREAD else Can.SEND
        if speaking not in granted or (call.files and Can.ATTACH not in granted):
            raise Refused(403, 50013, "Missing Permissions")
        if room.person and not self.world.share_a_guild(room.person):
            raise Refused(403, 50278, "Cannot send messages to this user due to having no mutual guilds")
        if room.person and not room.person.dms_open:
            raise Refused(403, 50007, "Cannot send messages to this user")
        nonce = str(call.body.get("nonce") or "")
        known = self._nonces.get((room.id, nonce))
        fresh = known is not None and self.clock() - known[0] < self.forget_nonces_after
        if nonce and call.body.get("enforce_nonce") and known and fresh:
            return self._as_read(known[1])
        post = self._make(room, call)
        if nonce:
            self._nonces[room.id, nonce] = (self.clock(), post)
            post.nonce = nonce
        self.gateway.message("MESSAGE_CREATE", post)
        return {**self._as_read(post), **({"nonce": nonce} if nonce else {})}

    def _make(self, room: Room, call: Call, payload: Json | None = None, flags: int = 0) -> Post:
        """Check and make a message of the bot from what it sent."""
        body: Json = call.body if payload is None else payload
        uploads = _described(call.files, body)
        flags |= body.get("flags") or 0
        self._check(body, flags, uploads)
        reference: Json = body.get("message_reference") or {}
        referenced = self.world.posts.get(str(reference.get("message_id")))
        if referenced and referenced.room is not room:
            referenced = None
        if reference.get("fail_if_not_exists", True) and reference and referenced is None:
            unknown = {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
            raise Refused(400, 50035, "Invalid Form Body", {"message_reference": {"_errors": [unknown]}})
        post = self.world.post(room, self.world.bot, flags=flags, uploads=uploads, reply_to=referenced)
        post.kind = REPLY if referenced else 0
        _write(post, body)
        post.pings = self.world.pinged(post.text, body.get("allowed_mentions"), referenced)
        return post

    def _check(self, body: Json, flags: int, uploads: list[Upload]) -> None:
        names = [upload.name for upload in uploads]
        if is_empty(body, names):
            raise Refused(400, 50006, "Cannot send an empty message")
        _refuse(faults_in_message(body, flags, names))

    def _edit(self, call: Call) -> Json:
        post = self._message(call, self._room(call))
        if post.author is not self.world.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        if call.files and Can.ATTACH not in self.world.permissions(self.world.bot, post.room):
            raise Refused(403, 50013, "Missing Permissions")
        self._change(post, call, call.body)
        self.gateway.message("MESSAGE_UPDATE", post)
        return self._as_read(post)

    def _change(self, post: Post, call: Call, body: Json) -> None:
        uploads = post.uploads
        if call.files or "attachments" in body:
            named: list[Json] = body.get("attachments") or []
            kept = {str(one["id"]) for one in named}
            known = zip(self.world.attachments(post), post.uploads, strict=True)
            uploads = [upload for shape, upload in known if shape["id"] in kept] + _described(call.files, body)
        flags = (body.get("flags") or 0) | post.flags & KEPT_AFTER_EDIT
        merged: Json = {"content": post.content, "embeds": post.embeds, "components": post.components, **body}
        _refuse(faults_in_message(merged, flags, [upload.name for upload in uploads]))
        post.uploads = uploads
        post.flags = post.flags & ~LOADING | flags
        _write(post, body)
        post.edited = self.world.now()

    def _delete(self, call: Call) -> None:
        room = self._room(call)
        post = self._message(call, room)
        if post.author is not self.world.bot and Can.MANAGE_MESSAGES not in self.world.permissions(
            self.world.bot, room
        ):
            raise Refused(403, 50013, "Missing Permissions")
        del self.world.posts[post.id]
        gone = {"id": post.id, "channel_id": room.id}
        if room.guild:
            self.gateway.to_guild(room.guild, "MESSAGE_DELETE", {**gone, "guild_id": room.guild.id})

    def _pin(self, call: Call, *, pinned: bool) -> None:
        room = self._room(call)
        if room.kind != DM:
            self._room(call, Can.PIN)
        post = self._message(call, room)
        if pinned and not post.pinned:
            notice = self.world.post(room, self.world.bot, kind=PIN_NOTICE)
            self.gateway.message("MESSAGE_CREATE", notice)
        post.pinned = pinned
        self.gateway.message("MESSAGE_UPDATE", post)

    def _start_thread(self, call: Call) -> Json:
        room = self._room(call, Can.START_THREADS)
        post = self._message(call, room)
        if post.thread:
            raise Refused(400, 160004, "A thread has already been created for this message")
        if not 1 <= len(call.body["name"]) <= 100:
            raise Refused(400, 50035, "Invalid Form Body: a thread's name has 1 to 100 characters")
        thread = self.world.thread(post, call.body["name"])
        shape = self.world.channel(thread)
        if room.guild:
            self.gateway.to_guild(room.guild, "THREAD_CREATE", {**shape, "newly_created": True})
        return shape

    # ---------------------------------------------------------------- interactions

    def _answer(self, call: Call) -> Json | None:
        turn = self.turns.get(call.part["turn"])
        if turn is None or turn.token != call.part["token"]:
            raise Refused(404, 10062, "Unknown interaction")
        if turn.kind is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        kind: int = call.body["type"]
        data: Json = call.body.get("data") or {}
        self._carry_out_answer(turn, kind, data, call)
        turn.kind, turn.data = kind, data
        if call.query.get("with_response") not in ("1", "true"):
            return None
        about: Json = {"id": turn.id, "type": turn.type}
        resource: Json = {"type": kind}
        if turn.original:
            about["response_message_id"] = turn.original.id
            about["response_message_loading"] = kind == DEFERRED_MESSAGE
            about["response_message_ephemeral"] = turn.original.ephemeral
            resource["message"] = self.world.message(turn.original, readable=True)
        return {"interaction": about, "resource": resource}

    def _carry_out_answer(self, turn: Turn, kind: int, data: Json, call: Call) -> None:
        match kind:
            case 4:
                turn.original = self._make(turn.room, call, data)
                turn.original.only_for = turn.person if turn.original.ephemeral else None
            case 5:
                hidden = (data.get("flags") or 0) & EPHEMERAL
                turn.original = self.world.post(turn.room, self.world.bot, flags=hidden | LOADING)
                turn.original.only_for = turn.person if hidden else None
            case 6 | 7 if turn.about is None:
                raise Refused(400, 50035, "Invalid Form Body: there is no message to update")
            case 6 | 7:
                turn.original = turn.about
                if kind == UPDATE and turn.about:
                    self._change(turn.about, call, data)
            case 8:
                _refuse(faults_in_choices(data["choices"]))
            case 9 if turn.type == 5:
                raise Refused(400, 50035, "Invalid Form Body: a form cannot answer a form")
            case 9:
                _refuse(faults_in_form(data))
                data["components"] = numbered(data["components"])
            case _:
                raise Refused(400, 50035, f"Invalid Form Body: type {kind}")

    def _answered(self, call: Call) -> tuple[Turn, Post]:
        turn = self._turn_of(call)
        which = call.part["which"]
        post = turn.original if which == "@original" else self.world.posts.get(which)
        if post is None:
            raise Refused(404, 10008, "Unknown Message")
        return turn, post

    def _turn_of(self, call: Call) -> Turn:
        turn = next((turn for turn in self.turns.values() if turn.token == call.part["token"]), None)
        if turn is None or turn.kind is None:
            raise Refused(404, 10015, "Unknown Webhook")
        return turn

    def _edit_answer(self, call: Call) -> Json:
        turn, post = self._answered(call)
        self._change(post, call, call.body)
        turn.edits += 1
        return self.world.message(post, readable=True)

    def _delete_answer(self, call: Call) -> None:
        turn, post = self._answered(call)
        self.world.posts.pop(post.id, None)
        if post is turn.original:
            turn.original = None

    def _follow_up(self, call: Call) -> Json:
        turn = self._turn_of(call)
        post = self._make(turn.room, call)
        post.only_for = turn.person if post.ephemeral else None
        turn.followups.append(post)
        return self.world.message(post, readable=True)


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """Return a request's JSON body (None when it has none) and the files that came with it."""
    if request.content_type != "multipart/form-data":
        text = await request.text()
        return (json.loads(text) if text else None), []
    body: Any = None
    files: list[Upload] = []
    form = await request.post()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            files.append(Upload(value.filename, value.file.read()))
        elif name == "payload_json" and isinstance(value, str):
            body = json.loads(value)
    return body, files


def _described(files: list[Upload], body: Json) -> list[Upload]:
    """Join uploaded files with their descriptions, which come in `attachments` under the files' numbers."""
    named: list[Json] = body.get("attachments") or []
    about = {str(one["id"]): one for one in named}
    found = [about.get(str(place), {}) for place in range(len(files))]
    return [
        Upload(one.get("filename", file.name), file.content, one.get("description"))
        for file, one in zip(files, found, strict=True)
    ]


def _as_text(permissions: int | None) -> str | None:
    """Return permissions as Discord does, whatever it was sent."""
    return None if permissions is None else str(permissions)


def _write(post: Post, body: Json) -> None:
    if "content" in body:
        post.content = body["content"] or ""
    if "components" in body:
        post.components = numbered(body["components"] or [])
    if "embeds" in body:
        post.embeds = body["embeds"] or []


def _refuse(problems: Iterable[str]) -> None:
    if found := list(problems):
        raise Refused(400, 50035, f"Invalid Form Body: {'; '.join(found)}")


def _json(body: Json | list[Json], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer JSON under exactly the content type that discord.py compares with."""
    content = json.dumps(body).encode()
    return web.Response(body=content, status=status, headers=headers, content_type="application/json")
