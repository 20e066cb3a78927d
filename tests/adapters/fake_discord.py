"""A Discord on 127.0.0.1: REST v10 and gateway for a real client, and hands with which a test acts as people.

The client may live in this process or in another one; nothing but HTTP and the websocket passes between the two.

    fake = await FakeDiscord().start()
    guild = fake.world.guild("Circle")
    room = fake.world.room(guild, "evening")
    ann = fake.member(guild, "Ann")
    ...                                     # point a client at fake.api_url and fake.gateway_url
    await fake.connected()
    shown = await fake.slash(ann, room, "practice", skill="boundaries").shown()
    form = await fake.click(ann, shown, "Write my reflection").form()
    shown = await fake.submit(ann, room, form, {"Your reflection": "It sounds lonely."}).shown()
    await fake.stop()
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web

from tests.adapters.fake_discord_gateway import Gateway
from tests.adapters.fake_discord_limits import BUTTON
from tests.adapters.fake_discord_rest import ROOT, Answer, Drop, Fault, Hang, Request, Rest, Turn
from tests.adapters.fake_discord_world import (
    NONE,
    REPLY,
    Can,
    Guild,
    Json,
    Person,
    Post,
    Role,
    Room,
    Upload,
    World,
    walk,
)

__all__ = ["Answer", "Drop", "FakeDiscord", "Hang", "Turn"]

T = TypeVar("T")

TOKEN = "fake.bot.token"
PATIENCE = 5.0
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER, ATTACHMENT = 1, 2, 3, 4, 5, 6, 7, 10, 11
TEXT_INPUT, FILE_UPLOAD = 4, 19
SLASH, MESSAGE_MENU = 1, 3
USED_COMMAND, PRESSED, COMPLETING, SUBMITTED = 2, 3, 4, 5


class FakeDiscord:
    """The server and its people. `clock` counts seconds for forgetting nonces, `now` stamps messages."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.token = token
        self._news = asyncio.Event()
        self.world = World(now)
        self.gateway = Gateway(self.world, token, self._news.set)
        self.rest = Rest(self.world, self.gateway, token, clock, self._news.set)
        self.api_url = ""
        self.gateway_url = ""
        self.sent: dict[str, Upload] = {}
        """Files that people sent along with commands and forms, by their ids."""
        self.cdn_url = ""
        """Where those files lie. A test may let them lie elsewhere."""
        self.redirects_files_to = ""
        self.fetched: list[str] = []
        """Ids of the files that were asked for."""
        self._runner: web.AppRunner | None = None

    # ---------------------------------------------------------------- the server

    async def start(self, port: int = 0) -> FakeDiscord:
        """Listen on loopback; port 0 takes a free one."""
        app = web.Application(client_max_size=32 * 1024**2)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_route("*", ROOT + "/{path:.*}", self.rest.serve)
        app.router.add_get("/attachments/{file}/{name}", self._serve_file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        address: tuple[str, int] = self._runner.addresses[0]
        self.api_url = f"http://127.0.0.1:{address[1]}{ROOT}"
        self.cdn_url = f"http://127.0.0.1:{address[1]}/attachments"
        self.gateway_url = self.gateway.url = f"ws://127.0.0.1:{address[1]}/gateway"
        return self

    async def stop(self) -> None:
        """Let go of whatever hangs, close every connection, stop listening."""
        for fault in self.rest.faults:
            fault.release.set()
        await self.gateway.close()
        if self._runner:
            await self._runner.cleanup()

    async def _serve_file(self, request: web.Request) -> web.Response:
        self.fetched.append(request.match_info["file"])
        if self.redirects_files_to:
            raise web.HTTPFound(self.redirects_files_to)
        file = self.sent.get(request.match_info["file"])
        return web.Response(body=file.content) if file else web.Response(status=404)

    async def until(self, check: Callable[[], T], *, within: float = PATIENCE) -> T:
        """Return what `check` returns as soon as that is true; raise TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not (found := check()):
                self._news.clear()
                await self._news.wait()
        return found

    async def connected(self, *, within: float = PATIENCE) -> None:
        """Wait until a bot has identified itself and listens, with its commands synced before."""
        sessions = self.gateway.sessions
        await self.until(lambda: any(session.line for session in sessions.values()), within=within)

    def fault(self, method: str, path: str, outcome: Answer | Drop | Hang, times: int = 1) -> Fault:
        """Let the next `times` requests whose path matches the regular expression go wrong."""
        made = Fault(method, path, outcome, times)
        self.rest.faults.append(made)
        return made

    def requests(self, method: str, path: str) -> list[Request]:
        """Return what the bot sent so far that fits the method and the regular expression."""
        return [one for one in self.rest.requests if one.method == method and re.fullmatch(path, one.path)]

    async def request(self, method: str, path: str, *, count: int = 1) -> Request:
        """Wait for the `count`th request that fits, and return it."""
        found = await self.until(lambda: self.requests(method, path)[count - 1 :])
        return found[0]

    def posts(self, room: Room) -> list[Post]:
        """Return the bot's own lasting messages in a channel, oldest first."""
        ours = [post for post in self.world.posts.values() if post.room is room and post.author is self.world.bot]
        return [post for post in ours if not post.only_for and post.kind in (0, REPLY)]

    async def post(self, room: Room, *, count: int = 1) -> Post:
        """Wait for the `count`th message of the bot in a channel, and return it."""
        found = await self.until(lambda: self.posts(room)[count - 1 :])
        return found[0]

    # ---------------------------------------------------------------- the world changes

    def member(self, guild: Guild, name: str, *roles: Role, manages: bool = False, locale: str = "en-GB") -> Person:
        """Make a person who is a member; `manages` gives *Manage Server*."""
        person = self.world.person(name, locale=locale)
        if manages:
            organisers = self.world.role(guild, f"organiser {name}", Can.MANAGE_GUILD)
            shape = next(one for one in self.world.roles(guild) if one["id"] == organisers.id)
            self.gateway.to_guild(guild, "GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": shape})
            roles = (*roles, organisers)
        self.world.join(guild, person, *roles)
        return person

    def overwrite(self, room: Room, target: Person | Role, *, allow: Can = NONE, deny: Can = NONE) -> None:
        """Change what a person or a role may do in one channel, and tell the bot."""
        room.overwrites[target.id] = (allow, deny)
        if room.guild:
            self.gateway.to_guild(room.guild, "CHANNEL_UPDATE", self.world.channel(room))

    def add_room(self, guild: Guild, name: str) -> Room:
        """Make a channel while the bot is connected."""
        room = self.world.room(guild, name)
        self.gateway.to_guild(guild, "CHANNEL_CREATE", self.world.channel(room))
        return room

    def remove_room(self, room: Room) -> None:
        """Delete a channel with all its messages."""
        del self.world.rooms[room.id]
        for post in [post for post in self.world.posts.values() if post.room is room]:
            del self.world.posts[post.id]
        if room.guild:
            del room.guild.rooms[room.id]
            self.gateway.to_guild(room.guild, "CHANNEL_DELETE", self.world.channel(room))

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        self.gateway.to_guild(guild, "GUILD_DELETE", {"id": guild.id})
        self.world.gone.add(guild.id)
        guild.members.pop(self.world.bot.id, None)

    def outage(self, guild: Guild) -> None:
        """Let a guild be unavailable for a while, which is no removal."""
        self.gateway.to_guild(guild, "GUILD_DELETE", {"id": guild.id, "unavailable": True})

    def leave(self, guild: Guild, person: Person) -> None:
        """Let a member go. The bot is not told: that event is privileged."""
        guild.members.pop(person.id, None)

    # ---------------------------------------------------------------- people write

    def say(
        self,
        person: Person,
        room: Room,
        text: str,
        *,
        reply_to: Post | None = None,
        ping: bool = True,
        hook: bool = False,
    ) -> Post:
        """Write in a channel. The bot's mention addresses it, and so does a reply to it that pings.

        `hook`: the message comes from a webhook.
        """
        bot = self.world.bot
        addressed = bot.mention in text or (reply_to is not None and reply_to.author is bot and ping)
        fields: Json = {"content": text, "reply_to": reply_to, "mentions": [bot] if addressed else [], "webhook": hook}
        post = self.world.post(room, person, kind=REPLY if reply_to else 0, **fields)
        self.gateway.message("MESSAGE_CREATE", post)
        return post

    def dm(self, person: Person, text: str) -> Post:
        """Write to the bot alone."""
        post = self.world.post(self.world.direct(person), person, content=text)
        self.gateway.message("MESSAGE_CREATE", post)
        return post

    # ---------------------------------------------------------------- people use the bot

    def slash(self, person: Person, room: Room, path: str, **options: str | float | Person | Room | Upload) -> Turn:
        """Use a slash command; `path` are its words. Raise LookupError when this person could not choose it there."""
        command, leaf = self._command(person, room, path)
        missing = {one["name"] for one in leaf.get("options", []) if one.get("required")} - options.keys()
        if missing:
            raise LookupError(f"Discord would not send /{path} without {sorted(missing)}")
        resolved = self._resolved(room, options)
        data = _nested(command, path, self._filled(leaf, options))
        return self._interact(person, room, USED_COMMAND, {**data, "resolved": resolved})

    def complete(self, person: Person, room: Room, path: str, option: str, typed: str, **others: str | float) -> Turn:
        """Type into an option that offers choices."""
        command, leaf = self._command(person, room, path)
        declared = next(one for one in leaf["options"] if one["name"] == option)
        if not declared.get("autocomplete"):
            raise LookupError(f"/{path} {option} offers no completion")
        focused = {"type": declared["type"], "name": option, "value": typed, "focused": True}
        return self._interact(person, room, COMPLETING, _nested(command, path, [*self._filled(leaf, others), focused]))

    def menu(self, person: Person, post: Post, name: str) -> Turn:
        """Use a message's context menu; its content comes along, as the one exception to the missing intent."""
        command, _ = self._command(person, post.room, name, MESSAGE_MENU)
        messages = {post.id: self.world.message(post, readable=True)}
        data: Json = {"id": command["id"], "name": name, "type": MESSAGE_MENU, "target_id": post.id}
        return self._interact(person, post.room, USED_COMMAND, {**data, "resolved": {"messages": messages}})

    def click(self, person: Person, post: Post, button: str) -> Turn:
        """Press the button with this label or custom_id on a message that this person sees."""
        if post.only_for not in (None, person):
            raise LookupError("this message is private to somebody else")
        found = [one for one in post.buttons if button in (one.get("label"), one.get("custom_id"))]
        if not found or found[0].get("disabled"):
            raise LookupError(f"no button {button!r} among {post.labels}")
        data: Json = {"component_type": BUTTON, "custom_id": found[0]["custom_id"], "id": found[0]["id"]}
        return self._interact(person, post.room, PRESSED, data, post)

    def submit(
        self,
        person: Person,
        room: Room,
        form: Json,
        values: dict[str, str | Person | Room | Upload],
        about: Post | None = None,
    ) -> Turn:
        """Send a form: what is not among `values` (by label or custom_id) stays as it was prefilled.

        `about` is the message whose button opened the form, if one did.
        """
        fields = {one["custom_id"]: one for one in walk(form["components"]) if "custom_id" in one}
        labels = {one["label"]: one["component"]["custom_id"] for one in form["components"] if "component" in one}
        chosen = {labels.get(name, name): value for name, value in values.items()}
        if unknown := chosen.keys() - fields.keys():
            raise LookupError(f"the form has no {sorted(unknown)} but {sorted(labels)}")
        resolved = self._resolved(room, chosen)
        data: Json = {
            "custom_id": form["custom_id"],
            "components": [_returned(one, chosen) for one in form["components"]],
            "resolved": resolved,
        }
        return self._interact(person, room, SUBMITTED, data, about)

    # ---------------------------------------------------------------- what a real client would work out

    def _command(self, person: Person, room: Room, path: str, kind: int = SLASH) -> tuple[Json, Json]:
        """Return the synced command and the part of it that `path` leads to, if this person would see it here."""
        first, *rest = [path] if kind == MESSAGE_MENU else path.split()
        found = [one for one in self.rest.commands if (one["name"], one["type"]) == (first, kind)]
        if not found:
            raise LookupError(f"no command {first!r} was synced")
        command = leaf = found[0]
        wanted = int(command["default_member_permissions"] or 0)
        if room.guild and wanted & Can.MANAGE_GUILD and not self.world.manages(person, room.guild):
            raise LookupError(f"{person.name} does not see /{first}")
        if room.guild is None and 1 not in command.get("contexts", [0, 1]):
            raise LookupError(f"/{first} is not offered in direct messages")
        for word in rest:
            inner = [
                one for one in leaf.get("options", []) if one["name"] == word and one["type"] in (SUBCOMMAND, GROUP)
            ]
            if not inner:
                raise LookupError(f"/{path}: no {word!r}")
            leaf = inner[0]
        if any(one["type"] in (SUBCOMMAND, GROUP) for one in leaf.get("options", [])):
            raise LookupError(f"/{path} has subcommands and cannot be used itself")
        return command, leaf

    def _filled(self, leaf: Json, options: dict[str, Any]) -> list[Json]:
        declared = {one["name"]: one for one in leaf.get("options", [])}
        if unknown := options.keys() - declared.keys():
            raise LookupError(f"no options {sorted(unknown)}, but {sorted(declared)}")
        filled: list[Json] = []
        for name, value in options.items():
            _fits(declared[name], value)
            plain = value.id if isinstance(value, Person | Room | Upload) else value
            filled.append({"type": declared[name]["type"], "name": name, "value": plain})
        return filled

    def _resolved(self, room: Room, values: dict[str, Any]) -> Json:
        people = [one for one in values.values() if isinstance(one, Person)]
        rooms = [one for one in values.values() if isinstance(one, Room)]
        files = [one for one in values.values() if isinstance(one, Upload)]
        resolved: Json = {"attachments": {one.id: self._keep(one) for one in files}} if files else {}
        if people:
            resolved["users"] = {one.id: self.world.user(one) for one in people}
        if people and room.guild:
            permissions = {"permissions": str(int(Can.SEND))}
            resolved["members"] = {
                one.id: {**self.world.member(one, room.guild, bare=True), **permissions} for one in people
            }
        if rooms:
            shown = {one.id: self.world.permissions(self.world.bot, one) for one in rooms}
            resolved["channels"] = {
                one.id: {**self.world.channel(one), "permissions": str(int(shown[one.id]))} for one in rooms
            }
        return resolved

    def _keep(self, file: Upload) -> Json:
        self.sent[file.id] = file
        url = f"{self.cdn_url}/{file.id}/{file.name}"
        shape: Json = {"id": file.id, "filename": file.name, "size": len(file.content), "url": url, "proxy_url": url}
        return {**shape, "content_type": "text/plain; charset=utf-8", "ephemeral": True}

    def _interact(self, person: Person, room: Room, kind: int, data: Json, about: Post | None = None) -> Turn:
        if not self.gateway.sessions:
            raise LookupError("no bot is connected: the application did not respond")
        turn = Turn(self.world.snowflake(), f"turn-{len(self.rest.turns)}", kind, person, room, about, self.until)
        self.rest.turns[turn.id] = turn
        guild = room.guild
        shown: Json = {**self.world.channel(room), "permissions": str(int(self.world.permissions(person, room)))}
        payload: Json = {
            "id": turn.id,
            "application_id": self.world.bot.id,
            "type": kind,
            "data": data,
            "token": turn.token,
            "version": 1,
            "channel_id": room.id,
            "channel": shown,
            "app_permissions": str(int(self.world.permissions(self.world.bot, room))),
            "locale": person.locale,
            "entitlements": [],
            "authorizing_integration_owners": {"0": guild.id if guild else "0"},
            "context": 0 if guild else 1,
            "attachment_size_limit": 10 * 1024**2,
        }
        if about:
            payload["message"] = self.world.message(about, readable=True)
        if guild is None:
            self.gateway.to_first_shard("INTERACTION_CREATE", {**payload, "user": self.world.user(person)})
            return turn
        payload |= {"guild_id": guild.id, "guild_locale": guild.locale}
        payload["guild"] = {"id": guild.id, "locale": guild.locale, "features": []}
        granted = self.world.permissions(person, room) | (
            Can.MANAGE_GUILD if self.world.manages(person, guild) else Can(0)
        )
        payload["member"] = {**self.world.member(person, guild), "permissions": str(int(granted))}
        self.gateway.to_guild(guild, "INTERACTION_CREATE", payload, needs=~0)
        return turn


def _nested(command: Json, path: str, options: list[Json]) -> Json:
    """Return a command's interaction data, its options under the groups and subcommands of its path."""
    _, *rest = path.split()
    for depth, word in reversed(list(enumerate(rest))):
        options = [{"type": SUBCOMMAND if depth == len(rest) - 1 else GROUP, "name": word, "options": options}]
    return {"id": command["id"], "name": command["name"], "type": SLASH, "options": options}


def _returned(part: Json, chosen: dict[str, Any]) -> Json:
    """Turn one component of a form into what comes back of it when the form is sent."""
    back: Json = {"type": part["type"], "id": part["id"]}
    if "component" in part:
        return {**back, "component": _returned(part["component"], chosen)}
    if "components" in part:
        return {**back, "components": [_returned(one, chosen) for one in part["components"]]}
    if "custom_id" not in part:
        return back
    back["custom_id"] = part["custom_id"]
    value = chosen.get(part["custom_id"])
    if part["type"] == TEXT_INPUT:
        text = part.get("value") or "" if value is None else str(value)
        if part.get("required", True) and not text:
            raise LookupError(f"Discord would not send the form without {part['custom_id']}")
        return {**back, "value": text[: part.get("max_length", 4000)]}
    if value is None:
        defaults = [one["id"] for one in part.get("default_values", [])]
        values = defaults + [one["value"] for one in part.get("options", []) if one.get("default")]
    else:
        values = [value.id] if isinstance(value, Person | Room | Upload) else _options(part, str(value))
    if not part.get("min_values", 1) * part.get("required", True) <= len(values) <= part.get("max_values", 1):
        raise LookupError(f"Discord would not send the form with {len(values)} values of {part['custom_id']}")
    return {**back, "values": values}


def _options(part: Json, value: str) -> list[str]:
    """Return the values of options that were chosen by value or label, with commas between them."""
    known = {name: one["value"] for one in part["options"] for name in (one["label"], one["value"])}
    return [known[name] for name in value.split(",") if name]


def _fits(declared: Json, value: Any) -> None:
    """Raise TypeError or LookupError for what a real client would not let a person type into an option."""
    kinds: dict[int, type[Any] | tuple[type[Any], ...]] = {
        STRING: str,
        INTEGER: int,
        BOOLEAN: bool,
        USER: Person,
        CHANNEL: Room,
        NUMBER: (int, float),
        ATTACHMENT: Upload,
    }
    if not isinstance(value, kinds[declared["type"]]):
        raise TypeError(f"option {declared['name']} does not take {value!r}")
    if "choices" in declared and value not in [one["value"] for one in declared["choices"]]:
        raise LookupError(f"option {declared['name']} does not offer {value!r}")
    if isinstance(value, str) and len(value) > declared.get("max_length", 6000):
        raise LookupError(f"option {declared['name']} takes no more than {declared['max_length']} characters")
