"""The methods of Slack's Web API that a bot like ours calls, on a `World`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Final

from tests.adapters.fake_slack_limits import block_problems, too_long_together, view_problems
from tests.adapters.fake_slack_world import (
    BOT,
    BOT_USER,
    TEAM,
    Conversation,
    Json,
    Kind,
    Message,
    Person,
    SlackError,
    Upload,
    View,
    World,
    iterate,
    pictures_of,
)

ALL_SCOPES: Final = frozenset(
    {"app_mentions:read", "chat:write", "commands", "files:read", "files:write", "pins:write", "users:read", "im:write"}
    | {f"{kind.value}:{what}" for kind in Kind for what in ("history", "read")}
)
_SCOPES: Final = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.open": "im:write",
    "pins.add": "pins:write",
    "pins.remove": "pins:write",
    "users.info": "users:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.info": "files:read",
}
_JSON_ARGUMENTS: Final = ("blocks", "view", "metadata", "files", "attachments")
_LONGEST_TEXT, _LONGEST_UPDATE = 40_000, 4_000


class WebApi:
    """Answers calls. `scopes` are what the app was granted; `upload_url` is where files are sent."""

    def __init__(self, world: World, upload_url: Callable[[str], str], socket_url: Callable[[], str]) -> None:
        self.world = world
        self.scopes = set(ALL_SCOPES)
        self.looks_before_ready = 0
        self._upload_url, self._socket_url = upload_url, socket_url
        self._methods: Mapping[str, Callable[[Json], Json]] = {
            "auth.test": self._auth_test,
            "apps.connections.open": self._connections_open,
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": self._info,
            "conversations.members": self._members,
            "conversations.open": self._open_direct,
            "users.conversations": self._users_conversations,
            "users.info": self._users_info,
            "pins.add": self._pin,
            "pins.remove": self._unpin,
            "views.open": self._open_view,
            "views.push": self._open_view,
            "views.update": self._update_view,
            "views.publish": self._publish,
            "files.getUploadURLExternal": self._upload_start,
            "files.completeUploadExternal": self._upload_complete,
            "files.info": self._file_info,
            "files.delete": self._file_delete,
        }

    def answer(self, method: str, arguments: Json) -> Json:
        """Return what Slack says to a call whose token was good."""
        if method not in self._methods:
            return refusal(SlackError("unknown_method", req_method=method))
        try:
            self._demand(_SCOPES.get(method))
            return {"ok": True, **self._methods[method](parsed(arguments))}
        except SlackError as error:
            return refusal(error)

    def _demand(self, scope: str | None) -> None:
        if scope and scope not in self.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    # ------------------------------------------------------------ the app itself

    def _auth_test(self, _: Json) -> Json:
        return {
            "url": "https://circle.example.com/",
            "team": "Circle",
            "user": "hearthside",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def _connections_open(self, _: Json) -> Json:
        return {"url": self._socket_url()}

    # ------------------------------------------------------------ messages

    def _post(self, told: Json) -> Json:
        place = self._postable(told)
        message = self._message(place, told)
        self.world.messages.append(message)
        return {"channel": place.id, "ts": message.ts, "message": message.as_json()}

    def _post_ephemeral(self, told: Json) -> Json:
        place = self._postable(told)
        if told["user"] not in place.members:
            raise SlackError("user_not_in_channel")
        message = self._message(place, told)
        message.only_for = told["user"]
        self.world.messages.append(message)
        return {"message_ts": message.ts}

    def _postable(self, told: Json) -> Conversation:
        place = self.world.joined(told.get("channel", ""))
        if place.archived:
            raise SlackError("is_archived")
        if place.post_refusal:
            raise SlackError(place.post_refusal)
        person = self.world.people[place.members[0]] if place.kind is Kind.IM else None
        if person and person.dm_refusal:
            raise SlackError(person.dm_refusal)
        return place

    def _message(self, place: Conversation, told: Json) -> Message:
        blocks = self.checked_blocks(told)
        thread = told.get("thread_ts")
        if thread and not any(one.channel == place.id and one.ts == thread for one in self.world.messages):
            thread = None  # an answer to a message that is gone is no error: it stands in the channel
        return Message(
            channel=place.id,
            ts=self.world.next_ts(),
            user=BOT_USER,
            text=told.get("text") or "",
            blocks=blocks,
            thread_ts=thread,
            metadata=_metadata(told),
            unfurls=flag(told.get("unfurl_links", True)) or flag(told.get("unfurl_media", True)),
        )

    def checked_blocks(self, told: Json, longest: int = _LONGEST_TEXT) -> list[Json]:
        """Return the blocks as Slack keeps them. Raises the error with which it would refuse the message."""
        text, blocks = told.get("text") or "", list(iterate(told.get("blocks")))
        if not text and not blocks:
            raise SlackError("no_text")
        if len(text) > longest:
            raise SlackError("msg_too_long")
        problems = block_problems(blocks, "message")
        problems += [problem for block in blocks if (problem := self._file_problem(block))]
        if problems:
            raise SlackError("invalid_blocks", *problems)
        if too_long_together(blocks):
            raise SlackError("msg_blocks_too_long")
        return with_ids(blocks)

    def _file_problem(self, block: Json) -> str:
        if block["type"] != "image" or "slack_file" not in block:
            return ""
        upload = self.world.uploads.get(block["slack_file"].get("id"))
        if upload is None:
            return "invalid slack file"
        upload.looks_left -= 1
        return "" if upload.ready else "invalid slack file"

    def _update(self, told: Json) -> Json:
        place = self.world.joined(told["channel"])
        message = self.world.own_message(place.id, told["ts"], "cant_update_message")
        if place.archived:
            raise SlackError("is_inactive")
        before, message.blocks = message.blocks, self.checked_blocks(told, _LONGEST_UPDATE)
        for file in pictures_of(message.blocks).keys() - pictures_of(before):
            self.world.uploads[file].lost = True
        message.text, message.parse = told.get("text") or "", told.get("parse", "client")
        message.metadata = _metadata(told) or message.metadata
        message.edits += 1
        return {"channel": place.id, "ts": message.ts, "text": message.text, "message": message.as_json()}

    def _delete(self, told: Json) -> Json:
        place = self.world.joined(told["channel"])
        message = self.world.own_message(place.id, told["ts"], "cant_delete_message")
        self.world.messages.remove(message)
        return {"channel": place.id, "ts": message.ts}

    def _pin(self, told: Json) -> Json:
        place = self.world.joined(told["channel"])
        message = self.world.message(place.id, told["timestamp"])
        if message.ts in place.pins:
            raise SlackError("already_pinned")
        place.pins.append(message.ts)
        return {}

    def _unpin(self, told: Json) -> Json:
        place = self.world.joined(told["channel"])
        if told["timestamp"] not in place.pins:
            raise SlackError("no_pin")
        place.pins.remove(told["timestamp"])
        return {}

    # ------------------------------------------------------------ reading back

    def _history(self, told: Json) -> Json:
        place = self.world.conversation(told["channel"])
        self._demand(f"{place.kind.value}:history")
        self.world.joined(place.id)
        found = [one for one in self.world.messages if one.channel == place.id and not one.only_for]
        found = [one for one in found if one.thread_ts in (None, one.ts)]
        page, more = paged(_within(found[::-1], told), told)
        return {"messages": _told(page, told), "has_more": bool(more), "response_metadata": {"next_cursor": more}}

    def _replies(self, told: Json) -> Json:
        place = self.world.conversation(told["channel"])
        self._demand(f"{place.kind.value}:history")
        self.world.joined(place.id)
        thread = [
            one
            for one in self.world.messages
            if one.channel == place.id and not one.only_for and told["ts"] in (one.ts, one.thread_ts)
        ]
        if not thread:
            raise SlackError("thread_not_found")
        parents = [one for one in thread if one.ts == told["ts"]]
        page, more = paged(parents + _within([one for one in thread if one not in parents], told), told)
        return {"messages": _told(page, told), "has_more": bool(more), "response_metadata": {"next_cursor": more}}

    # ------------------------------------------------------------ conversations and people

    def _info(self, told: Json) -> Json:
        place = self.world.conversation(told["channel"])
        self._demand(f"{place.kind.value}:read")
        return {"channel": channel_json(place)}

    def _members(self, told: Json) -> Json:
        place = self.world.conversation(told["channel"])
        self._demand(f"{place.kind.value}:read")
        page, more = paged(place.members, told)
        return {"members": page, "response_metadata": {"next_cursor": more}}

    def _open_direct(self, told: Json) -> Json:
        place = self.world.direct(str(told.get("users", "")).split(",")[0])
        return {"channel": {"id": place.id}}

    def _users_conversations(self, told: Json) -> Json:
        person = told.get("user", BOT_USER)
        if person not in self.world.people:
            raise SlackError("user_not_found")
        kinds = {"public_channel": Kind.PUBLIC, "private_channel": Kind.PRIVATE, "im": Kind.IM}
        wanted = {kinds[name] for name in told.get("types", "public_channel").split(",")}
        for kind in wanted:
            self._demand(f"{kind.value}:read")
        found = [
            channel_json(one)
            for one in self.world.conversations.values()
            if one.kind in wanted and person in one.members and (one.kind is Kind.PUBLIC or BOT_USER in one.members)
        ]
        page, more = paged(found, told)
        return {"channels": page, "response_metadata": {"next_cursor": more}}

    def _users_info(self, told: Json) -> Json:
        person = self.world.people.get(told.get("user", ""))
        if person is None:
            raise SlackError("user_not_found")
        return {"user": person_json(person, locale=flag(told.get("include_locale", False)))}

    # ------------------------------------------------------------ views

    def _open_view(self, told: Json) -> Json:
        person = self.world.spend_trigger(told.get("trigger_id", ""))
        view = self.new_view(person, told["view"])
        self.world.views.append(view)
        return {"view": view.as_json()}

    def new_view(self, person: str, content: Json) -> View:
        problems = view_problems(content)
        if problems:
            raise SlackError("invalid_arguments", *problems)
        kept = {**content, "blocks": with_ids(content["blocks"])}
        return View("V0" + secrets.token_hex(4).upper(), person, kept, self.world.next_ts())

    def _update_view(self, told: Json) -> Json:
        view = next((one for one in self.world.views if one.id == told.get("view_id") and one.open), None)
        if view is None:
            raise SlackError("not_found")
        if told.get("hash") not in (None, view.hash):
            raise SlackError("hash_conflict")
        fresh = self.new_view(view.person, told["view"])
        view.content, view.hash = fresh.content, fresh.hash
        return {"view": view.as_json()}

    def _publish(self, told: Json) -> Json:
        if told.get("user_id") not in self.world.people:
            raise SlackError("invalid_arguments")
        view = self.new_view(told["user_id"], told["view"])
        self.world.homes[view.person] = view
        return {"view": view.as_json()}

    # ------------------------------------------------------------ files

    def _upload_start(self, told: Json) -> Json:
        upload = Upload(
            id="F0" + secrets.token_hex(5).upper(),
            name=told["filename"],
            length=int(told["length"]),
            looks_left=self.looks_before_ready,
            alt_text=told.get("alt_txt", ""),
        )
        self.world.uploads[upload.id] = upload
        return {"upload_url": self._upload_url(upload.id), "file_id": upload.id}

    def _upload_complete(self, told: Json) -> Json:
        done: list[Json] = []
        for part in iterate(told.get("files")):
            upload = self._file(part["id"])
            if upload.content is None or len(upload.content) != upload.length:
                raise SlackError("file_update_failed")
            upload.complete = True
            done.append({"id": upload.id, "title": part.get("title", upload.name)})
        if told.get("channel_id"):
            place = self._postable({"channel": told["channel_id"]})
            names = ", ".join(part["title"] for part in done)
            shared = Message(place.id, self.world.next_ts(), BOT_USER, names, [], told.get("thread_ts"))
            self.world.messages.append(shared)
        return {"files": done}

    def _file(self, name: str) -> Upload:
        upload = self.world.uploads.get(name)
        if upload is None or upload.deleted:
            raise SlackError("file_not_found" if upload is None else "file_deleted")
        return upload

    def _file_info(self, told: Json) -> Json:
        upload = self._file(told["file"])
        upload.looks_left -= 1
        return {"file": {"id": upload.id, "name": upload.name, "mimetype": "image/png" if upload.ready else ""}}

    def _file_delete(self, told: Json) -> Json:
        self._file(told["file"]).deleted = True
        return {}


def refusal(error: SlackError) -> Json:
    told: Json = {"ok": False, "error": error.code, **error.more}
    if error.details:
        told["response_metadata"] = {"messages": [f"[ERROR] {line}" for line in error.details]}
    return told


def parsed(arguments: Json) -> Json:
    """Arguments with their JSON parts read: forms carry them as strings."""
    return {
        name: json.loads(value) if name in _JSON_ARGUMENTS and isinstance(value, str) else value
        for name, value in arguments.items()
    }


def flag(value: object) -> bool:
    return value in (True, "true", "1", 1)


def with_ids(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack keeps them: each has a block_id."""
    return [{**block, "block_id": block.get("block_id") or secrets.token_hex(3)} for block in blocks]


def paged(found: list[Json] | list[Message] | list[str], told: Json) -> tuple[list[Json], str]:
    start = int(told.get("cursor") or 0)
    limit = min(int(told.get("limit") or 100), 999)
    page: list[Json] = list(iterate(found))[start : start + limit]
    return page, str(start + limit) if start + limit < len(found) else ""


def _within(messages: list[Message], told: Json) -> list[Message]:
    """Messages after `oldest` and before `latest`; the bounds themselves only with `inclusive`."""
    oldest, latest = float(told.get("oldest") or 0), float(told.get("latest") or "inf")
    edges = flag(told.get("inclusive", False))
    return [one for one in messages if oldest < float(one.ts) < latest or (edges and float(one.ts) in (oldest, latest))]


def _told(page: list[Json], told: Json) -> list[Json]:
    messages: list[Message] = list(iterate(page))
    return [one.as_json(metadata=flag(told.get("include_all_metadata", False))) for one in messages]


def _metadata(told: Json) -> Json | None:
    metadata = told.get("metadata")
    if not metadata:
        return None
    if not isinstance(metadata.get("event_payload"), dict) or not metadata.get("event_type"):
        raise SlackError("invalid_metadata_format")
    return metadata


def channel_json(place: Conversation) -> Json:
    return {
        "id": place.id,
        "name": place.name,
        "is_channel": place.kind is Kind.PUBLIC,
        "is_group": place.kind is Kind.PRIVATE,
        "is_im": place.kind is Kind.IM,
        "is_private": place.kind is not Kind.PUBLIC,
        "is_archived": place.archived,
        "is_member": BOT_USER in place.members,
        "is_read_only": place.post_refusal == "restricted_action_read_only_channel",
    }


def person_json(person: Person, *, locale: bool) -> Json:
    told: Json = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "real_name": person.name.title(),
        "deleted": person.deleted,
        "is_bot": person.bot,
        "is_admin": person.admin,
        "is_owner": person.owner,
        "profile": {"display_name": person.name, "real_name": person.name.title()},
    }
    if not person.deleted:
        told |= {"tz": person.tz, "tz_label": person.tz, "tz_offset": 3600}
    if person.stranger:
        told["is_stranger"] = True
    return told | ({"locale": person.locale} if locale else {})
