"""A Slack workspace on loopback for tests: what people do in it, and what they see.

It answers the real client libraries over the real protocols, remembers every call, never deduplicates posts, and can be
told to fail. A bot in another process reaches it by `api_url`, with the tokens of `fake_slack_wire`.

    async with FakeSlack() as slack:
        alice = slack.add_person("alice", admin=True)
        circle = slack.add_channel("circle", alice)
        ...                                        # start a bot with api_url=slack.api_url
        await slack.until(lambda: slack.wire.sockets)
        await slack.slash("/hearth", "practice", alice, circle)
        await slack.click("Write my reflection", alice)
        await slack.opened(alice)
        await slack.submit({"Your reflection": "It sounds lonely."}, alice)
        await slack.sees(alice, "What to look for")
        slack.fail("chat.postMessage", Trouble.HANG, accepted=True)
        await slack.until(lambda: slack.posts(circle))
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Self

from tests.adapters import fake_slack_limits
from tests.adapters.fake_slack_forms import blocks_of, state_of
from tests.adapters.fake_slack_wire import Call, Fault, Trouble, Wire
from tests.adapters.fake_slack_world import (
    APP,
    BOT_USER,
    TEAM,
    Conversation,
    Hook,
    Json,
    Kind,
    Message,
    Person,
    View,
    World,
    identity,
    iterate,
    pictures_of,
    texts_of,
)

WITHIN: Final = 5.0  # seconds that a test waits for something that ought to happen
_LOOK_EVERY: Final = 0.005
SUBSCRIPTIONS: Final = frozenset({"message.im", "app_mention", "app_home_opened", "app_uninstalled", "tokens_revoked"})


class FakeSlack:
    """One workspace with the bot installed; use it as an async context manager."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.wire = Wire(self.world)
        self.subscriptions = set(SUBSCRIPTIONS)
        self.should_escape = True
        self.last_event: Json = {}

    async def __aenter__(self) -> Self:
        await self.wire.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.wire.stop()

    @property
    def api_url(self) -> str:
        """Where a client finds this workspace instead of Slack."""
        return f"{self.wire.url}/api/"

    # ------------------------------------------------------------ setting the scene

    def add_person(
        self, name: str, *, admin: bool = False, owner: bool = False, tz: str = "Europe/Berlin", locale: str = "en-US"
    ) -> Person:
        person = Person(identity("U", name), name, tz=tz, locale=locale, admin=admin, owner=owner)
        self.world.people[person.id] = person
        return person

    def add_channel(self, name: str, *members: Person, private: bool = False, bot: bool = True) -> Conversation:
        inside = [person.id for person in members] + ([BOT_USER] if bot else [])
        place = Conversation(identity("C", name), name, Kind.PRIVATE if private else Kind.PUBLIC, inside)
        self.world.conversations[place.id] = place
        return place

    def fail(
        self,
        method: str,
        trouble: Trouble,
        *,
        times: int = 1,
        accepted: bool = False,
        retry_after: int = 1,
        error: str = "",
    ) -> None:
        """Let the next calls of a method fail; see `Fault`."""
        self.wire.faults.append(Fault(method, trouble, times, accepted, retry_after, error))

    # ------------------------------------------------------------ looking

    def calls(self, method: str) -> list[Call]:
        return [call for call in self.wire.calls if call.method == method]

    def posts(self, channel: Conversation) -> list[Message]:
        """Return what the bot posted for everyone in a channel, threads included."""
        return [
            one
            for one in self.world.messages
            if one.channel == channel.id and one.user == BOT_USER and not one.only_for
        ]

    def kept(self) -> list[bytes]:
        """Return the contents of the files that the workspace holds, shown somewhere or not."""
        return [one.content or b"" for one in self.world.uploads.values() if one.complete and not one.deleted]

    def pictures(self, message: Message) -> list[str]:
        """Return the alternative texts of the pictures that people see in a message."""
        shown = pictures_of(message.blocks)
        uploads = self.world.uploads
        return [text for file, text in shown.items() if uploads[file].ready and not uploads[file].lost]

    def seen_by(self, person: Person) -> list[Message]:
        """Return what a person can see, oldest first."""
        return self.world.visible_to(person.id)

    def view_of(self, person: Person) -> View | None:
        """Return the modal that a person has open."""
        mine = [view for view in self.world.views if view.person == person.id and view.open]
        return mine[-1] if mine else None

    def home_of(self, person: Person) -> View | None:
        return self.world.homes.get(person.id)

    def shown(self, message: Message) -> str:
        """Return a message as a person reads it."""
        return self.world.as_shown(message.words)

    def pings(self, message: Message) -> set[str]:
        """Return whom a message notified; see `fake_slack_limits.pings`."""
        return fake_slack_limits.pings(message.text, message.blocks)

    async def until(self, condition: Callable[[], object], within: float = WITHIN) -> None:
        """Wait until something is so; raises `TimeoutError` when it does not come about."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110  the condition is any look at the workspace, nothing signals it
                await asyncio.sleep(_LOOK_EVERY)

    async def sees(self, person: Person, text: str, within: float = WITHIN) -> Message:
        """Wait until a person can see a message with this text; returns the newest."""

        def found() -> Message | None:
            return next((one for one in reversed(self.seen_by(person)) if text in self.shown(one)), None)

        await self.until(found, within)
        message = found()
        assert message is not None
        return message

    async def opened(self, person: Person, within: float = WITHIN) -> View:
        """Wait until a person has a modal open."""
        await self.until(lambda: self.view_of(person), within)
        view = self.view_of(person)
        assert view is not None
        return view

    # ------------------------------------------------------------ what people do

    async def slash(self, command: str, text: str, person: Person, channel: Conversation) -> Message | None:
        """Type a slash command. Returns the message that came with the acknowledgement, if any."""
        name = {Kind.IM: "directmessage", Kind.PRIVATE: "privategroup"}.get(channel.kind, channel.name)
        ack = await self.wire.deliver(
            "slash_commands",
            {
                "token": "verification",
                "api_app_id": APP,
                "team_id": TEAM,
                "team_domain": "circle",
                "channel_id": channel.id,
                "channel_name": name,
                "user_id": person.id,
                "user_name": person.name,
                "command": command,
                "text": self._as_typed(text) if self.should_escape else text,
                "is_enterprise_install": "false",
                "response_url": self._hook(channel.id, person),
                "trigger_id": self.world.new_trigger(person.id),
            },
        )
        if not ack or not (ack.get("text") or ack.get("blocks")):
            return None
        told = ack | {"blocks": self.wire.api.checked_blocks(ack)}
        public = ack.get("response_type") == "in_channel"
        return self.wire.say_privately(channel.id, None if public else person.id, told)

    def _as_typed(self, text: str) -> str:
        """Text as Slack hands it on with `should_escape`: entities, and names of people and channels as tokens."""
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for person in sorted(self.world.people.values(), key=lambda one: -len(one.name)):
            text = text.replace(f"@{person.name}", f"<@{person.id}|{person.name}>")
        for place in sorted(self.world.conversations.values(), key=lambda one: -len(one.name)):
            if place.name:
                text = text.replace(f"#{place.name}", f"<#{place.id}|{place.name}>")
        return text

    async def click(self, label: str, person: Person, message: Message | View | None = None) -> None:
        """Press the newest button with this label that a person can see, on a message or in their home tab."""
        place, button, block = self._button(label, person, message)
        payload = self._interaction("block_actions", person) | {
            "actions": [{**_pressed(button), "block_id": block["block_id"], "action_ts": self.world.next_ts()}],
            "state": {"values": Json()},
        }
        if isinstance(place, View):
            payload |= {"container": {"type": "view", "view_id": place.id}, "view": place.as_json()}
        else:
            payload |= self._on_message(place, person)
        await self.wire.deliver("interactive", payload)

    def _button(self, label: str, person: Person, where: Message | View | None) -> tuple[Message | View, Json, Json]:
        home = self.world.homes.get(person.id)
        places = [where] if where else [*reversed(self.seen_by(person)), *([home] if home else [])]
        for place in places:
            blocks = place.blocks if isinstance(place, Message) else list(iterate(place.content["blocks"]))
            for block in blocks:
                for element in iterate(block.get("elements")) if block["type"] == "actions" else ():
                    if label in (element["text"]["text"], element["action_id"], element.get("value")):
                        return place, element, block
        raise LookupError(f"{person.name} sees no button {label!r}")

    def _on_message(self, message: Message, person: Person) -> Json:
        told: Json = {
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": bool(message.only_for),
            },
            "channel": {"id": message.channel, "name": self.world.conversations[message.channel].name},
            "response_url": self._hook(message.channel, person, message.ts),
        }
        if message.thread_ts:
            told["container"]["thread_ts"] = message.thread_ts
        return told if message.only_for else told | {"message": message.as_json()}

    async def submit(self, answers: Mapping[str, str], person: Person) -> dict[str, str]:
        """Send the open modal, filled in by label, block_id or action_id. Returns the problems by block_id.

        Raises `HeldBackError` where Slack's client would not send it, and `LookupError` when nothing is open.
        """
        view = self.view_of(person)
        if view is None:
            raise LookupError(f"{person.name} has no form open")
        await self._find_options(view, answers, person)
        view.filled |= blocks_of(view.content, answers)
        told = view.as_json() | {"state": {"values": state_of(view.content, view.filled)}}
        payload = self._interaction("view_submission", person) | {"view": told, "response_urls": list[str]()}
        return self._after_submission(view, await self.wire.deliver("interactive", payload) or {})

    def _after_submission(self, view: View, ack: Json) -> dict[str, str]:
        match ack.get("response_action"):
            case "errors":
                ids = {block["block_id"] for block in iterate(view.content["blocks"]) if block["type"] == "input"}
                unknown = set(ack["errors"]) - ids
                assert not unknown, f"Slack shows no errors at {unknown}: no such input"
                return dict(ack["errors"])
            case "update":
                view.content, view.filled = self.wire.api.new_view(view.person, ack["view"]).content, {}
            case "push":
                self.world.views.append(self.wire.api.new_view(view.person, ack["view"]))
            case "clear":
                for one in self.world.views:
                    one.open = one.open and one.person != view.person
            case None:
                assert not ack, f"Slack does not know this answer to a form: {ack}"
                view.open = False
            case other:
                raise AssertionError(f"Slack does not know response_action {other}")
        return {}

    async def _find_options(self, view: View, answers: Mapping[str, str], person: Person) -> None:
        """Let the bot suggest for the external selects that are answered, so that there is something to choose."""
        for block in iterate(view.content["blocks"]):
            names = {
                block.get("block_id"),
                block.get("element", {}).get("action_id"),
                block.get("label", {}).get("text"),
            }
            answer = next((text for name, text in answers.items() if name in names), None)
            if answer and block.get("element", {}).get("type") == "external_select":
                block["element"]["options"] = await self.suggestions(block["block_id"], answer, person)

    async def suggestions(self, block_id: str, typed: str, person: Person) -> list[Json]:
        """Return what the open modal offers for what was typed into one of its selects."""
        view = self.view_of(person)
        assert view is not None
        block = next(one for one in iterate(view.content["blocks"]) if one["block_id"] == block_id)
        payload = self._interaction("block_suggestion", person) | {
            "container": {"type": "view", "view_id": view.id},
            "view": view.as_json(),
            "action_id": block["element"]["action_id"],
            "block_id": block_id,
            "value": typed,
        }
        del payload["trigger_id"]
        ack = await self.wire.deliver("interactive", payload)
        return list(iterate((ack or {}).get("options")))

    def close_form(self, person: Person) -> None:
        view = self.view_of(person)
        if view:
            view.open = False

    async def shortcut(self, callback_id: str, message: Message, person: Person) -> None:
        """Choose one of the app's entries in the menu of a message."""
        place = self.world.conversations[message.channel]
        payload = self._interaction("message_action", person)
        del payload["api_app_id"], payload["user"]["username"]
        await self.wire.deliver(
            "interactive",
            payload
            | {
                "callback_id": callback_id,
                "message_ts": message.ts,
                "action_ts": self.world.next_ts(),
                "message": message.as_json(),
                "channel": {"id": place.id, "name": place.name},
                "response_url": self._hook(place.id, person),
            },
        )

    async def open_home(self, person: Person, tab: str = "home") -> None:
        told = {"type": "app_home_opened", "user": person.id, "channel": "D" + person.id[1:], "tab": tab}
        await self.event(told | {"event_ts": self.world.next_ts()})

    def writes(self, person: Person, text: str, channel: Conversation, thread_ts: str | None = None) -> Message:
        """Keep a person's message without telling the bot: it is not subscribed to those in channels."""
        message = Message(channel.id, self.world.next_ts(), person.id, text, [], thread_ts)
        self.world.messages.append(message)
        return message

    async def say(self, text: str, person: Person, channel: Conversation) -> Message:
        """Write in a channel. The bot hears of it only where it is subscribed to."""
        message = self.writes(person, self._as_typed(text), channel)
        kind = {Kind.IM: "im", Kind.PRIVATE: "group"}.get(channel.kind, "channel")
        if f"message.{kind}s".replace("ims", "im") in self.subscriptions:
            await self.event(message.as_json() | {"channel": channel.id, "channel_type": kind, "event_ts": message.ts})
        return message

    async def dm(self, text: str, person: Person) -> Message:
        """Write to the bot."""
        return await self.say(text, person, self.world.direct(person.id))

    async def mention(self, text: str, person: Person, channel: Conversation) -> Message:
        """Write in a channel and mention the bot."""
        message = await self.say(f"@hearthside {text}", person, channel)
        await self.event(
            {
                "type": "app_mention",
                "user": person.id,
                "team": TEAM,
                "text": message.text,
                "ts": message.ts,
                "channel": channel.id,
                "event_ts": message.ts,
            }
        )
        return message

    async def uninstall(self) -> None:
        """Remove the app: Slack tells the bot, whose token is good for nothing from then on."""
        self.world.installed = False
        await self.event({"type": "tokens_revoked", "tokens": {"oauth": list[str](), "bot": [BOT_USER]}})
        await self.event({"type": "app_uninstalled"})

    async def leave(self, person: Person, channel: Conversation) -> None:
        channel.members.remove(person.id)
        await self.event(
            {
                "type": "member_left_channel",
                "user": person.id,
                "channel": channel.id,
                "channel_type": "C",
                "team": TEAM,
                "event_ts": self.world.next_ts(),
            }
        )

    # ------------------------------------------------------------ payloads

    async def event(self, inner: Json, *, event_id: str = "") -> None:
        """Deliver an event if the app is subscribed to it."""
        name = f"message.{inner.get('channel_type')}" if inner["type"] == "message" else inner["type"]
        if name.replace("channel", "channels", 1) in self.subscriptions or name in self.subscriptions:
            self.last_event = self._envelope(inner, event_id)
            await self.wire.deliver("events_api", self.last_event)

    async def redeliver(self, retry: int = 1) -> None:
        """Deliver the last event again, as Slack does when it saw no acknowledgement."""
        await self.wire.deliver("events_api", self.last_event, retry=retry)

    def _envelope(self, inner: Json, event_id: str) -> Json:
        return {
            "token": "verification",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": inner,
            "type": "event_callback",
            "event_id": event_id or f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(self.world.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "4-fake",
        }

    def _interaction(self, kind: str, person: Person) -> Json:
        return {
            "type": kind,
            "team": {"id": TEAM, "domain": "circle"},
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM},
            "api_app_id": APP,
            "token": "verification",
            "trigger_id": self.world.new_trigger(person.id),
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _hook(self, channel: str, person: Person, ts: str | None = None) -> str:
        name = secrets.token_hex(8)
        self.world.hooks[name] = Hook(channel, person.id, self.world.now(), ts)
        return self.wire.new_hook_url(name)


def _pressed(button: Json) -> Json:
    kept = ("type", "action_id", "text", "value", "style")
    return {name: button[name] for name in kept if name in button}


def view_texts(view: View) -> str:
    """Every text of a modal or home tab, a line each."""
    return "\n".join(texts_of(view.content))
