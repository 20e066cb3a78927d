"""What the fake Discord knows: people, guilds, channels, posts, who may do what, and how each looks on the wire.

Nothing here opens a socket. `fake_discord_rest` and `fake_discord_gateway` show this world to the bot,
`fake_discord` lets a test act in it as a person.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntFlag
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Overwrite: TypeAlias = "tuple[Can, Can]"

EPOCH_MS = 1420070400000
EPHEMERAL = 1 << 6
LOADING = 1 << 7
HAS_THREAD = 1 << 5
COMPONENTS_V2 = 1 << 15
TEXT, DM, THREAD = 0, 1, 11
PIN_NOTICE, REPLY = 6, 19


class Can(IntFlag):
    """The permissions that the fake enforces, with Discord's bits."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW = 1 << 10
    SEND = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED = 1 << 14
    ATTACH = 1 << 15
    HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    START_THREADS = 1 << 35
    SEND_IN_THREADS = 1 << 38
    PIN = 1 << 51


NONE = Can(0)
EVERYTHING = Can(sum(Can))
ORDINARY = Can.VIEW | Can.SEND | Can.EMBED | Can.ATTACH | Can.HISTORY | Can.COMMANDS | Can.SEND_IN_THREADS
HELPFUL_BOT = ORDINARY | Can.START_THREADS | Can.PIN


@dataclass(eq=False, slots=True)
class Person:
    """A user: a member of some guilds, the bot itself, or another bot."""

    id: str
    name: str
    locale: str = "en-GB"
    bot: bool = False
    dms_open: bool = True

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(eq=False, slots=True)
class Role:
    id: str
    name: str
    permissions: Can


@dataclass(eq=False, slots=True)
class Guild:
    """A server. `members` maps a person's id to the ids of their roles."""

    id: str
    name: str
    owner: Person
    locale: str = "en-US"
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    members: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    rooms: dict[str, Room] = field(default_factory=dict[str, "Room"])


@dataclass(eq=False, slots=True)
class Room:
    """Anywhere messages stand: a text channel, a thread, or a direct message with `person`."""

    id: str
    name: str
    kind: int = TEXT
    guild: Guild | None = None
    person: Person | None = None
    parent: Room | None = None
    overwrites: dict[str, Overwrite] = field(default_factory=dict[str, "Overwrite"])


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived in a multipart request."""

    name: str
    content: bytes
    description: str | None = None
    id: str = ""
    """That of a file which a person sent."""


@dataclass(eq=False, slots=True)
class Post:
    """A message as it truly is, whatever the bot is allowed to see of it."""

    id: str
    room: Room
    author: Person
    written: datetime
    content: str = ""
    components: list[Json] = field(default_factory=list[Json])
    embeds: list[Json] = field(default_factory=list[Json])
    uploads: list[Upload] = field(default_factory=list[Upload])
    mentions: list[Person] = field(default_factory=list[Person])
    pings: set[str] = field(default_factory=set[str])
    flags: int = 0
    kind: int = 0
    nonce: str | None = None
    reply_to: Post | None = None
    thread: Room | None = None
    only_for: Person | None = None
    webhook: bool = False
    pinned: bool = False
    edited: datetime | None = None

    @property
    def text(self) -> str:
        """Every visible word: the content, or all text displays, one a line."""
        shown = [part["content"] for part in walk(self.components) if part["type"] == 10]
        return "\n".join([self.content, *shown] if self.content else shown)

    @property
    def buttons(self) -> list[Json]:
        return [part for part in walk(self.components) if part["type"] == 2]

    @property
    def labels(self) -> list[str]:
        return [part.get("label", "") for part in self.buttons]

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component of a message or a form, parents before children."""
    for part in components:
        yield part
        yield from walk(part.get("components", []))
        for single in ("accessory", "component"):
            if single in part:
                yield from walk([part[single]])


def numbered(components: list[Json]) -> list[Json]:
    """Return a copy in which every component has the `id` that Discord would give it."""
    count = itertools.count(1)

    def copy(part: Json) -> Json:
        made = {**part, "id": part.get("id") or next(count)}
        if "components" in part:
            made["components"] = [copy(child) for child in part["components"]]
        for single in ("accessory", "component"):
            if single in part:
                made[single] = copy(part[single])
        return made

    return [copy(part) for part in components]


def stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


class World:
    """Everything that exists, and the rules about who may do what in it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self._count = itertools.count(1)
        self.people: dict[str, Person] = {}
        self.guilds: dict[str, Guild] = {}
        self.gone: set[str] = set()
        self.rooms: dict[str, Room] = {}
        self.posts: dict[str, Post] = {}
        self.bot = self.person("Hearthside", bot=True)

    # ---------------------------------------------------------------- making

    def snowflake(self) -> str:
        """Return a new id that carries the present moment, as Discord's do."""
        milliseconds = int(self.now().timestamp() * 1000) - EPOCH_MS
        return str(milliseconds << 22 | next(self._count) & 0x3FFFFF)

    def person(self, name: str, *, bot: bool = False, locale: str = "en-GB") -> Person:
        made = Person(self.snowflake(), name, locale=locale, bot=bot)
        self.people[made.id] = made
        return made

    def guild(self, name: str, owner: Person | None = None, *, bot: Can = HELPFUL_BOT) -> Guild:
        """Make a guild in which everyone may do what is ordinary, and our bot what `bot` says."""
        made = Guild(self.snowflake(), name, owner or self.person(f"owner of {name}"))
        made.roles[made.id] = Role(made.id, "@everyone", ORDINARY)
        self.guilds[made.id] = made
        self.join(made, made.owner)
        self.join(made, self.bot, self.role(made, self.bot.name, bot))
        return made

    def role(self, guild: Guild, name: str, permissions: Can) -> Role:
        made = Role(self.snowflake(), name, permissions)
        guild.roles[made.id] = made
        return made

    def join(self, guild: Guild, person: Person, *roles: Role) -> None:
        guild.members[person.id] = {role.id for role in roles}

    def room(self, guild: Guild, name: str) -> Room:
        made = Room(self.snowflake(), name, guild=guild)
        self.rooms[made.id] = guild.rooms[made.id] = made
        return made

    def direct(self, person: Person) -> Room:
        """Return the direct-message channel between our bot and this person, made at first use."""
        for room in self.rooms.values():
            if room.person is person:
                return room
        made = Room(self.snowflake(), person.name, DM, person=person)
        self.rooms[made.id] = made
        return made

    def thread(self, post: Post, name: str) -> Room:
        """Start a thread on a message; as on Discord it bears the message's own id."""
        made = Room(post.id, name, THREAD, guild=post.room.guild, parent=post.room)
        self.rooms[made.id] = made
        post.thread = made
        post.flags |= HAS_THREAD
        return made

    def post(self, room: Room, author: Person, **fields: Any) -> Post:
        made = Post(self.snowflake(), room, author, self.now(), **fields)
        self.posts[made.id] = made
        return made

    # ---------------------------------------------------------------- asking

    def share_a_guild(self, person: Person) -> bool:
        return any({person.id, self.bot.id} <= guild.members.keys() for guild in self.guilds.values())

    def permissions(self, person: Person, room: Room) -> Can:
        """Compute permissions the documented way: base, then everyone's, the roles' and the member's overwrites."""
        guild = room.guild
        if guild is None:
            return ORDINARY
        if person.id not in guild.members or guild.id in self.gone:
            return NONE
        roles = guild.members[person.id]
        granted = guild.roles[guild.id].permissions
        for role in roles:
            granted |= guild.roles[role].permissions
        if person is guild.owner or Can.ADMINISTRATOR in granted:
            return EVERYTHING
        overwrites = (room.parent or room).overwrites
        for group in ([guild.id], roles, [person.id]):
            allow, deny = NONE, NONE
            for one in group:
                more, less = overwrites.get(one, (NONE, NONE))
                allow, deny = allow | more, deny | less
            granted = granted & ~deny | allow
        return granted if Can.VIEW in granted else NONE

    def manages(self, person: Person, guild: Guild) -> bool:
        granted = NONE
        for role in guild.members.get(person.id, set()):
            granted |= guild.roles[role].permissions
        return person is guild.owner or bool(granted & (Can.MANAGE_GUILD | Can.ADMINISTRATOR))

    def pinged(self, text: str, allowed: Json | None, reply_to: Post | None = None) -> set[str]:
        """Return the ids (and `everyone`) that this text would notify under these allowed mentions."""
        written = set(re.findall(r"<@!?(\d+)>", text)) & self.people.keys()
        everyone = set(re.findall(r"@(everyone|here)", text))
        replied = {reply_to.author.id} if reply_to else set[str]()
        if allowed is None:
            return written | everyone | replied
        kinds: list[str] = allowed.get("parse", [])
        named = written if "users" in kinds else written & set(map(str, allowed.get("users", [])))
        return (
            named
            | (everyone if "everyone" in kinds else set[str]())
            | (replied if allowed.get("replied_user") else set[str]())
        )

    # ---------------------------------------------------------------- on the wire

    def user(self, person: Person) -> Json:
        return {
            "id": person.id,
            "username": person.name.lower().replace(" ", "."),
            "discriminator": "0",
            "global_name": person.name,
            "avatar": None,
            "bot": person.bot,
            "public_flags": 0,
        }

    def member(self, person: Person, guild: Guild, *, bare: bool = False) -> Json:
        """Describe a membership; `bare` leaves the user out, as Message Create does."""
        shape = {
            "roles": sorted(guild.members.get(person.id, set())),
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "nick": None,
            "avatar": None,
            "premium_since": None,
            "pending": False,
        }
        return shape if bare else {**shape, "user": self.user(person)}

    def roles(self, guild: Guild) -> list[Json]:
        colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        return [
            {
                "id": role.id,
                "name": role.name,
                "permissions": str(int(role.permissions)),
                "position": position,
                "color": 0,
                "colors": colours,
                "hoist": False,
                "managed": False,
                "mentionable": False,
                "flags": 0,
            }
            for position, role in enumerate(guild.roles.values())
        ]

    def channel(self, room: Room) -> Json:
        shape: Json = {"id": room.id, "type": room.kind, "last_message_id": None, "flags": 0}
        if room.kind == DM and room.person:
            return {**shape, "recipients": [self.user(room.person)]}
        shape |= {"guild_id": room.guild.id if room.guild else None, "name": room.name, "rate_limit_per_user": 0}
        if room.parent:
            return {**shape, **self._thread_shape(room.parent)}
        overwrites = [
            {
                "id": target,
                "type": int(room.guild is not None and target not in room.guild.roles),
                "allow": str(int(allow)),
                "deny": str(int(deny)),
            }
            for target, (allow, deny) in room.overwrites.items()
        ]
        plain = {"position": 0, "topic": None, "nsfw": False, "parent_id": None}
        return {**shape, **plain, "permission_overwrites": overwrites}

    def _thread_shape(self, parent: Room) -> Json:
        meta = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": stamp(self.now())}
        return {
            "parent_id": parent.id,
            "owner_id": self.bot.id,
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {**meta, "locked": False, "create_timestamp": stamp(self.now())},
        }

    def guild_shape(self, guild: Guild) -> Json:
        nothing = dict.fromkeys(_ABSENT_IN_GUILDS)
        lists = {name: list[Json]() for name in _EMPTY_IN_GUILDS}
        zeros = dict.fromkeys(_ZERO_IN_GUILDS, 0)
        return {
            **nothing,
            **lists,
            **zeros,
            "id": guild.id,
            "name": guild.name,
            "owner_id": guild.owner.id,
            "roles": self.roles(guild),
            "channels": [self.channel(room) for room in guild.rooms.values()],
            "members": [self.member(self.bot, guild)],
            "member_count": len(guild.members),
            "large": False,
            "unavailable": False,
            "joined_at": "2026-01-01T00:00:00+00:00",
            "preferred_locale": guild.locale,
            "premium_progress_bar_enabled": False,
            "afk_timeout": 300,
        }

    def message(self, post: Post, *, readable: bool) -> Json:
        """Describe a message; unless `readable`, as a bot without the message-content intent gets it."""
        shape: Json = {
            "id": post.id,
            "channel_id": post.room.id,
            "author": self.user(post.author),
            "content": post.content if readable else "",
            "timestamp": stamp(post.written),
            "edited_timestamp": stamp(post.edited),
            "tts": False,
            "mention_everyone": "everyone" in post.pings,
            "mentions": [self.user(person) for person in post.mentions],
            "mention_roles": [],
            "attachments": self.attachments(post) if readable else [],
            "embeds": [{"type": "rich", **embed} for embed in post.embeds] if readable else [],
            "components": post.components if readable else [],
            "pinned": post.pinned,
            "type": post.kind,
            "flags": post.flags,
        }
        if post.webhook:
            shape["webhook_id"] = post.author.id
        if post.reply_to:
            shape["message_reference"] = {"message_id": post.reply_to.id, "channel_id": post.room.id, "type": 0}
            ours = post.reply_to.author is self.bot
            shape["referenced_message"] = self.message(post.reply_to, readable=ours)
        if post.thread:
            shape["thread"] = self.channel(post.thread)
        return shape

    def attachments(self, post: Post) -> list[Json]:
        return [
            {
                "id": str(int(post.id) + place),
                "filename": upload.name,
                "description": upload.description,
                "size": len(upload.content),
                "url": f"https://cdn.invalid/{post.id}/{upload.name}",
                "proxy_url": f"https://media.invalid/{post.id}/{upload.name}",
            }
            for place, upload in enumerate(post.uploads)
        ]


_ABSENT_IN_GUILDS = (
    *("icon", "afk_channel_id", "system_channel_id", "rules_channel_id", "public_updates_channel_id"),
    *("application_id", "description", "banner", "splash", "discovery_splash", "vanity_url_code"),
)
_EMPTY_IN_GUILDS = (
    *("emojis", "stickers", "features", "threads", "presences", "voice_states", "stage_instances"),
    *("guild_scheduled_events", "soundboard_sounds"),
)
_ZERO_IN_GUILDS = (
    *("verification_level", "default_message_notifications", "explicit_content_filter", "mfa_level"),
    *("nsfw_level", "premium_tier", "premium_subscription_count", "system_channel_flags"),
)
