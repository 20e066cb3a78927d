"""What the fake Slack knows: people, conversations, messages, views and files of one workspace.

Nothing here speaks HTTP. Every refusal is a `SlackError` whose code is the one that Slack itself uses.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

TEAM, APP, BOT, BOT_USER = "T0CIRCLE00", "A0HEARTH00", "B0HEARTH00", "U0HEARTH00"
TRIGGER_SECONDS = 3.0
HOOK_SECONDS, HOOK_USES = 30 * 60.0, 5


class SlackError(Exception):
    """An answer with `ok: false`; `details` are the lines of `response_metadata.messages`."""

    def __init__(self, code: str, *details: str, **more: str) -> None:
        super().__init__(code)
        self.code, self.details, self.more = code, details, more


class Kind(Enum):
    """The kinds of conversation that the bot can meet; the value is the name of its scopes."""

    PUBLIC = "channels"
    PRIVATE = "groups"
    IM = "im"


@dataclass
class Person:
    """A member of the workspace. `dm_refusal` is the error with which direct messages to them are refused.

    `team` is the workspace they belong to; a `stranger` is met in a shared channel alone.
    """

    id: str
    name: str
    tz: str = "Europe/Berlin"
    locale: str = "en-US"
    admin: bool = False
    owner: bool = False
    bot: bool = False
    deleted: bool = False
    dm_refusal: str | None = None
    team: str = TEAM
    stranger: bool = False


@dataclass
class Conversation:
    """A channel or direct message. `post_refusal` is the error with which posts to it are refused."""

    id: str
    name: str
    kind: Kind
    members: list[str]
    archived: bool = False
    post_refusal: str | None = None
    pins: list[str] = field(default_factory=list[str])


@dataclass
class Message:
    """A message as kept by Slack; `only_for` marks an ephemeral one, which never appears in history."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    thread_ts: str | None = None
    metadata: Json | None = None
    only_for: str | None = None
    edits: int = 0
    unfurls: bool = True
    parse: str = "none"

    @property
    def words(self) -> str:
        """What is drawn on the screen: the blocks, or the text when there are none."""
        return "\n".join(texts_of(self.blocks)) if self.blocks else self.text

    @property
    def key(self) -> str | None:
        """The mark that the bot left on its post."""
        return str(self.metadata["event_payload"]["key"]) if self.metadata else None

    def as_json(self, *, metadata: bool = False) -> Json:
        told: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts, "team": TEAM}
        if self.blocks:
            told["blocks"] = [_given_back(block) for block in self.blocks]
        if self.user == BOT_USER:
            told |= {"bot_id": BOT, "app_id": APP}
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if metadata and self.metadata:
            told["metadata"] = self.metadata
        return told


@dataclass
class View:
    """A modal or a home tab as kept by Slack.

    `open` is whether the person still sees it; `filled` is what they typed, by block, which stays there until the
    form is taken.
    """

    id: str
    person: str
    content: Json
    hash: str
    open: bool = True
    filled: dict[str, str] = field(default_factory=dict[str, str])

    def as_json(self) -> Json:
        kept = {key: value for key, value in self.content.items() if value is not None}
        return {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            **kept,
            "id": self.id,
            "team_id": TEAM,
            "hash": self.hash,
            "state": {"values": {}},
            "root_view_id": self.id,
            "previous_view_id": None,
            "app_id": APP,
            "app_installed_team_id": TEAM,
            "bot_id": BOT,
        }


@dataclass
class Trigger:
    person: str
    at: float
    used: bool = False


@dataclass
class Hook:
    """A response_url: good for five uses within half an hour. `ts` is the message it belongs to, if any."""

    channel: str
    person: str
    at: float
    ts: str | None = None
    uses: int = 0


@dataclass
class Upload:
    """A file; Slack sets its mimetype some time after the upload, here after `looks_left` looks.

    `lost`: people are told that it was not found, as when an edit brought it.
    """

    id: str
    name: str
    length: int
    looks_left: int
    alt_text: str = ""
    content: bytes | None = None
    complete: bool = False
    deleted: bool = False
    lost: bool = False

    @property
    def ready(self) -> bool:
        return self.complete and not self.deleted and self.looks_left <= 0


@dataclass
class World:
    """The state of one workspace. `now` gives seconds since 1970; a test may move it."""

    now: Callable[[], float] = time.time
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    conversations: dict[str, Conversation] = field(default_factory=dict[str, Conversation])
    messages: list[Message] = field(default_factory=list[Message])
    views: list[View] = field(default_factory=list[View])
    homes: dict[str, View] = field(default_factory=dict[str, View])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])
    triggers: dict[str, Trigger] = field(default_factory=dict[str, Trigger])
    hooks: dict[str, Hook] = field(default_factory=dict[str, Hook])
    installed: bool = True
    _second: int = 0
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.people[BOT_USER] = Person(BOT_USER, "hearthside", bot=True)

    def next_ts(self) -> str:
        """Return a timestamp later than every one given out before, as Slack's are."""
        self._second = max(self._second, int(self.now()))
        return f"{self._second}.{next(self._numbers):06d}"

    def new_trigger(self, person: str) -> str:
        trigger = f"{next(self._numbers)}.{next(self._numbers)}.{secrets.token_hex(8)}"
        self.triggers[trigger] = Trigger(person, self.now())
        return trigger

    def spend_trigger(self, trigger: str) -> str:
        """Return the person whose act gave this trigger; it opens one view within three seconds."""
        known = self.triggers.get(trigger)
        if known is None:
            raise SlackError("invalid_trigger_id")
        if known.used:
            raise SlackError("exchanged_trigger_id")
        if self.now() - known.at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        known.used = True
        return known.person

    def spend_hook(self, name: str) -> Hook:
        hook = self.hooks.get(name)
        if hook is None or hook.uses >= HOOK_USES:
            raise SlackError("used_url")
        if self.now() - hook.at > HOOK_SECONDS:
            raise SlackError("expired_url")
        hook.uses += 1
        return hook

    def direct(self, person: str) -> Conversation:
        """Return the direct message conversation of the bot with this person, made at its first use."""
        known = self.people.get(person)
        if known is None or known.bot:
            raise SlackError("user_not_found" if known is None else "cannot_dm_bot")
        if known.deleted:
            raise SlackError("user_disabled")
        place = "D" + person[1:]
        if place not in self.conversations:
            self.conversations[place] = Conversation(place, "", Kind.IM, [person, BOT_USER])
        return self.conversations[place]

    def conversation(self, name: str) -> Conversation:
        """Return a conversation as the bot may know it: a private one it is not in does not exist for it."""
        if name in self.people:
            return self.direct(name)
        found = self.conversations.get(name)
        if found is None or (found.kind is not Kind.PUBLIC and BOT_USER not in found.members):
            raise SlackError("channel_not_found")
        return found

    def joined(self, name: str) -> Conversation:
        found = self.conversation(name)
        if BOT_USER not in found.members:
            raise SlackError("not_in_channel")
        return found

    def message(self, channel: str, ts: str) -> Message:
        found = next((one for one in self.messages if one.channel == channel and one.ts == ts), None)
        if found is None or found.only_for:
            raise SlackError("message_not_found")
        return found

    def own_message(self, channel: str, ts: str, refusal: str) -> Message:
        found = self.message(channel, ts)
        if found.user != BOT_USER:
            raise SlackError(refusal)
        return found

    def visible_to(self, person: str) -> list[Message]:
        """Return what this person could see, oldest first: channels, direct messages, what is only for them."""
        mine = {one.id for one in self.conversations.values() if person in one.members}
        return [one for one in self.messages if one.channel in mine and one.only_for in (None, person)]

    def as_shown(self, text: str) -> str:
        """Text as people see it: mentions and channels by name, dates by their fallback, entities as characters."""
        shown = re.sub(r"<([^<>]+)>", self._shown_token, text)
        return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _shown_token(self, token: re.Match[str]) -> str:
        target, _, label = token[1].partition("|")
        if target.startswith("@"):
            return "@" + (self.people[target[1:]].name if target[1:] in self.people else target[1:])
        if target.startswith("#"):
            return "#" + (self.conversations[target[1:]].name if target[1:] in self.conversations else target[1:])
        return label or target


def _given_back(block: Json) -> Json:
    """Return a block as Slack tells it. It adds to an image what it would not take, and need not name the file."""
    if block["type"] != "image":
        return block
    file = block.get("slack_file", {}).get("id", "")
    seen = {"image_url": f"https://files.slack.com/files-pri/{TEAM}-{file}/picture.png", "fallback": "3x3px image"}
    size = {"image_width": 3, "image_height": 3, "image_bytes": 3, "is_animated": False}
    return {name: value for name, value in block.items() if name != "slack_file"} | seen | size


def pictures_of(blocks: list[Json]) -> dict[str, str]:
    """Return the alternative texts of the uploaded pictures in blocks, by the ids of their files."""
    found = [block for block in blocks if block["type"] == "image" and "slack_file" in block]
    return {str(block["slack_file"]["id"]): str(block["alt_text"]) for block in found}


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text object inside blocks, in order."""
    if isinstance(value, dict):
        part: Json = value  # pyright: ignore[reportUnknownVariableType]  parsed JSON has string keys
        if part.get("type") in ("mrkdwn", "plain_text") and isinstance(part.get("text"), str):
            yield part["text"]
            return
        for inner in part.values():
            yield from texts_of(inner)
        return
    for inner in iterate(value):
        yield from texts_of(inner)


def iterate(value: Any) -> Iterable[Any]:
    """Return a parsed JSON list as an iterable; anything else is empty."""
    return value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]  parsed JSON


def identity(prefix: str, name: str) -> str:
    """Return an id that looks like Slack's and tells whose it is: `U0ALICE000`."""
    return f"{prefix}0{re.sub('[^A-Z0-9]', '', name.upper())}".ljust(10, "0")
