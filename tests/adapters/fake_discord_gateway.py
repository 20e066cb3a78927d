"""The fake Discord's gateway: HELLO, heartbeats, IDENTIFY, events per shard and intent, RESUME with replay."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.adapters.fake_discord_world import Guild, Json, Post, World

GUILDS, MEMBERS, PRESENCES, GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | CONTENT
BAD_TOKEN, BAD_SEQUENCE, DISALLOWED_INTENTS = 4004, 4007, 4014
REPLAYED_AT_MOST = 1000
CLIENT_CLOSES_WITHIN = 1.0


@dataclass(eq=False)
class Line:
    """One websocket; what is put into `outgoing` is written in order, a number closes it with that code."""

    socket: web.WebSocketResponse
    transport: asyncio.BaseTransport | None
    outgoing: asyncio.Queue[Json | int] = field(default_factory=asyncio.Queue[Json | int])

    async def write(self) -> None:
        while True:
            out = await self.outgoing.get()
            if isinstance(out, int):
                await self.socket.close(code=out)
                return
            with contextlib.suppress(ConnectionError):
                await self.socket.send_str(json.dumps(out))


@dataclass(eq=False)
class Session:
    """What survives a lost connection: the events since IDENTIFY, to be replayed."""

    id: str
    shard: tuple[int, int]
    intents: int
    events: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=REPLAYED_AT_MOST))
    sequence: int = 0
    line: Line | None = None

    def dispatch(self, name: str, data: Json) -> None:
        self.sequence += 1
        event: Json = {"op": 0, "t": name, "s": self.sequence, "d": data}
        self.events.append(event)
        if self.line:
            self.line.outgoing.put_nowait(event)


class Gateway:
    """Serves the websocket route and hands events to the sessions that may see them.

    `refuses_with` is a code with which to close on IDENTIFY; 0 lets everybody in who may.
    """

    def __init__(self, world: World, token: str, changed: Callable[[], None]) -> None:
        self.world = world
        self.token = token
        self.changed = changed
        self.url = ""
        self.heartbeat_ms = 41250
        self.refuses_with = 0
        self.sessions: dict[str, Session] = {}
        self.received: list[Json] = []
        self.identified = 0
        self.resumed = 0
        self._lines: set[Line] = set()

    # ---------------------------------------------------------------- events

    def to_guild(self, guild: Guild, name: str, data: Json, needs: int = GUILDS) -> None:
        """Dispatch an event of a guild to the shard that holds it."""
        for session in self.sessions.values():
            number, count = session.shard
            if (int(guild.id) >> 22) % count == number and session.intents & needs:
                session.dispatch(name, data)

    def to_first_shard(self, name: str, data: Json, needs: int = 0) -> None:
        """Dispatch an event outside guilds, which Discord sends to shard 0."""
        for session in self.sessions.values():
            if session.shard[0] == 0 and (not needs or session.intents & needs):
                session.dispatch(name, data)

    def message(self, name: str, post: Post) -> None:
        """Dispatch a message event, with as much of the content as our intents let us read."""
        world, guild = self.world, post.room.guild
        for session in self.sessions.values():
            ours = post.author is world.bot or world.bot in post.mentions or guild is None
            data = world.message(post, readable=ours or bool(session.intents & CONTENT))
            if post.nonce:
                data["nonce"] = post.nonce
            if guild is None:
                if session.shard[0] == 0 and session.intents & DIRECT_MESSAGES:
                    session.dispatch(name, data)
                continue
            number, count = session.shard
            if (int(guild.id) >> 22) % count == number and session.intents & GUILD_MESSAGES:
                data |= {"guild_id": guild.id}
                if not post.webhook:
                    data |= {"member": world.member(post.author, guild, bare=True)}
                session.dispatch(name, data)

    # ---------------------------------------------------------------- the lines

    def drop(self, code: int | None = 4000) -> None:
        """Close every connection with `code`, or cut it without a word when that is None. Sessions can be resumed."""
        for line in list(self._lines):
            if code is None:
                self._detach(line)
                if isinstance(line.transport, asyncio.WriteTransport):
                    line.transport.abort()
            else:
                line.outgoing.put_nowait(code)

    def send_all(self, payload: Json) -> None:
        """Send a bare gateway payload, such as op 7 (reconnect) or op 9 (invalid session), on every connection."""
        for line in self._lines:
            line.outgoing.put_nowait(payload)

    async def close(self) -> None:
        """Close all connections and forget the sessions."""
        self.sessions.clear()
        for line in list(self._lines):
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(line.socket.close(code=1001), CLIENT_CLOSES_WITHIN)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Handle one websocket from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=0, timeout=CLIENT_CLOSES_WITHIN)
        await socket.prepare(request)
        line = Line(socket, request.transport)
        self._lines.add(line)
        writer = asyncio.create_task(line.write())
        line.outgoing.put_nowait({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(line, json.loads(message.data))
        finally:
            writer.cancel()
            self._detach(line)
            self.changed()
        return socket

    def _detach(self, line: Line) -> None:
        self._lines.discard(line)
        for session in self.sessions.values():
            if session.line is line:
                session.line = None

    def _receive(self, line: Line, payload: Json) -> None:
        self.received.append(payload)
        match payload["op"]:
            case 1:
                line.outgoing.put_nowait({"op": 11, "d": None, "s": None, "t": None})
            case 2:
                self._identify(line, payload["d"])
            case 6:
                self._resume(line, payload["d"])
            case 8:
                self._list_members(payload["d"])
            case _:
                pass
        self.changed()

    def _identify(self, line: Line, data: Json) -> None:
        if data["token"] != self.token:
            line.outgoing.put_nowait(BAD_TOKEN)
            return
        refusal = self.refuses_with or (DISALLOWED_INTENTS if data["intents"] & PRIVILEGED else 0)
        if refusal:
            line.outgoing.put_nowait(refusal)
            return
        number, count = data.get("shard", (0, 1))
        for known in [one for one in self.sessions.values() if one.shard == (number, count)]:
            del self.sessions[known.id]
        session = Session(secrets.token_hex(8), (number, count), data["intents"], line=line)
        self.sessions[session.id] = session
        guilds = [guild for guild in self._present() if (int(guild.id) >> 22) % count == number]
        ready: Json = {
            "v": 10,
            "user": self.world.user(self.world.bot),
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": self.world.bot.id, "flags": 0},
            "private_channels": [],
            "shard": [number, count],
        }
        session.dispatch("READY", ready)
        for guild in guilds:
            session.dispatch("GUILD_CREATE", self.world.guild_shape(guild))
        self.identified += 1

    def _present(self) -> list[Guild]:
        return [guild for guild in self.world.guilds.values() if guild.id not in self.world.gone]

    def _resume(self, line: Line, data: Json) -> None:
        session = self.sessions.get(data["session_id"])
        if data["token"] != self.token:
            line.outgoing.put_nowait(BAD_TOKEN)
        elif session is None or data["seq"] is None:
            line.outgoing.put_nowait({"op": 9, "d": False, "s": None, "t": None})
        elif data["seq"] > session.sequence:
            line.outgoing.put_nowait(BAD_SEQUENCE)
        else:
            for missed in [event for event in session.events if event["s"] > data["seq"]]:
                line.outgoing.put_nowait(missed)
            session.line = line
            session.dispatch("RESUMED", {})
            self.resumed += 1

    def _list_members(self, data: Json) -> None:
        guild = self.world.guilds[data["guild_id"]]
        people = [self.world.people[one] for one in guild.members]
        chunk: Json = {
            "guild_id": guild.id,
            "members": [self.world.member(person, guild) for person in people],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
            "nonce": data.get("nonce"),
        }
        self.to_guild(guild, "GUILD_MEMBERS_CHUNK", chunk)
