"""Slack for the suite that every platform passes: the real Bolt against the fake workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import yaml
from pydantic import SecretStr

from bot.adapters.slack import SlackPlatform, Timing
from bot.adapters.slack.manifest import SCOPES
from bot.core.clock import SystemClock
from bot.core.port import CannotStartError, Channel, Community, Member, Thread
from bot.core.text import Words
from tests.adapters.fake_core import FakeCore
from tests.adapters.fake_slack import FakeSlack, Trouble
from tests.adapters.fake_slack_forms import inputs_of, stands_in
from tests.adapters.fake_slack_wire import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from tests.adapters.fake_slack_world import BOT_USER, TEAM, Conversation, Kind, Message, Person, iterate
from tests.platform_contract import CIRCLE, MEMBER, ORGANISER, OTHER, FormSeen, Seen

CONTENT: Final = Path(__file__).parents[2] / "content" / "platform" / "en.yaml"
QUICK: Final = Timing(in_time=1.5, check_every=30.0, first_pause=0.01, ping_every=5.0, picture_wait=0.001)


def platform_words() -> Words:
    """Return the sentences that the platforms themselves need, as they stand in `content/`."""
    said: dict[str, str] = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))["says"]
    return Words({"en": {f"platform.{name}": sentence for name, sentence in said.items()}})


def make_platform(slack: FakeSlack, *, signed: bool = False, timing: Timing = QUICK) -> SlackPlatform:
    """Return the platform as it would run: over Socket Mode, or by signed requests."""
    return platform_at(slack.api_url, signed=signed, timing=timing)


def platform_at(api_url: str, *, signed: bool = False, timing: Timing = QUICK) -> SlackPlatform:
    """Return the platform for a workspace that may live in another process."""
    return SlackPlatform(
        bot_token=SecretStr(BOT_TOKEN),
        app_token=None if signed else SecretStr(APP_TOKEN),
        signing_secret=SecretStr(SIGNING_SECRET) if signed else None,
        host="127.0.0.1",
        port=0,
        api_url=api_url,
        words=platform_words(),
        clock=SystemClock(),
        timing=timing,
    )


class Running:
    """A platform that serves a workspace until it is stopped."""

    def __init__(self, slack: FakeSlack, platform: SlackPlatform, core: FakeCore) -> None:
        self.slack, self.platform, self.core = slack, platform, core
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        before = self.slack.wire.connections
        self._task = asyncio.create_task(self.platform.run(self.core))
        await self.slack.until(lambda: self.over or self.platform.address or self.slack.wire.connections > before)
        self.slack.wire.request_url = self.platform.address

    @property
    def over(self) -> bool:
        """Whether `run` has ended by itself."""
        return self._task is not None and self._task.done()

    async def result(self) -> None:
        """Wait for the end, and raise what `run` raised."""
        assert self._task is not None
        async with asyncio.timeout(5):
            await self._task

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError, CannotStartError):
                await self._task
        self._task = None


class SlackHarness:
    """Implements `RemoteHarness` of the platform contract."""

    longest = 40_000

    def __init__(self, *, signed: bool = False) -> None:
        self.slack = FakeSlack()
        self.core = FakeCore()
        self._signed = signed
        self._problems = ""
        self._platform: SlackPlatform | None = None
        self._running: Running | None = None

    @property
    def platform(self) -> SlackPlatform:
        assert self._platform is not None
        return self._platform

    async def start(self) -> None:
        await self.slack.wire.start()
        self.slack.wire.api.scopes = set(SCOPES)
        people = [self.slack.add_person(name, admin=name == ORGANISER) for name in (MEMBER, OTHER, ORGANISER)]
        self.slack.add_channel(CIRCLE, *people)
        self._platform = make_platform(self.slack, signed=self._signed)
        self._running = Running(self.slack, self._platform, self.core)
        await self._running.start()

    async def stop(self) -> None:
        if self._running:
            await self._running.stop()
        await self.slack.wire.stop()

    # ------------------------------------------------------------ addresses

    def person(self, name: str) -> Person:
        return next(one for one in self.slack.world.people.values() if one.name == name)

    def place(self, name: str) -> Conversation:
        return next(one for one in self.slack.world.conversations.values() if one.name == name)

    def member(self, name: str) -> Member:
        return Member(Community("slack", TEAM), self.person(name).id)

    def channel(self, name: str) -> Channel:
        return Channel(Community("slack", TEAM), self.place(name).id)

    def nobody(self) -> Member:
        return Member(Community("slack", TEAM), "U0NOBODY00")

    def nowhere(self) -> Channel:
        return Channel(Community("slack", TEAM), "C0NOWHERE0")

    # ------------------------------------------------------------ what people do

    async def types(self, actor: str, line: str) -> None:
        person = self.person(actor)
        await self._answered(person, self.slack.slash("/hearth", line, person, self.place(CIRCLE)))

    async def writes(self, actor: str, text: str) -> None:
        person = self.person(actor)
        await self._answered(person, self.slack.dm(text, person))

    async def mentions(self, actor: str, text: str) -> None:
        person = self.person(actor)
        await self._answered(person, self.slack.mention(text, person, self.place(CIRCLE)))

    async def says(self, actor: str, text: str) -> None:
        await self.slack.say(text, self.person(actor), self.place(CIRCLE))

    async def replies(self, actor: str, text: str) -> None:
        first = self.slack.writes(self.person(OTHER), "Let us talk here.", self.place(CIRCLE))
        self.slack.writes(self.person(actor), text, self.place(CIRCLE), first.ts)

    async def chooses(self, actor: str, label: str, text: str) -> None:
        person = self.person(actor)
        entry = next(one for one in self.core.catalogue if one.summary == label)
        shown = self.slack.world.as_shown
        here = [one for one in self.slack.world.messages if one.channel == self.place(CIRCLE).id]
        there = [one for one in here if text in one.text or text in shown(one.text)]
        await self._answered(person, self.slack.shortcut(entry.path, there[-1], person))

    async def presses(self, actor: str, label: str) -> None:
        person = self.person(actor)
        await self._answered(person, self.slack.click(label, person))

    async def submits(self, actor: str, values: Mapping[str, str]) -> None:
        person = self.person(actor)
        before = self._state(person)
        problems = await self.slack.submit({f"field.{name}": value for name, value in values.items()}, person)
        self._problems = "\n".join(problems.values())
        if not problems:
            await self.slack.until(lambda: self._state(person)[0] != before[0] or self.slack.view_of(person))

    async def suggestions(self, actor: str, command: str, field: str, typed: str) -> Sequence[str]:
        await self.types(actor, command)
        offered = await self.slack.suggestions(f"field.{field}", typed, self.person(actor))
        return [str(option["value"]) for option in offered]

    async def _answered(self, person: Person, act: Awaitable[object]) -> None:
        before = self._state(person)
        await act
        await self.slack.until(lambda: self._state(person) != before)

    def _state(self, person: Person) -> tuple[object, object]:
        view = self.slack.view_of(person)
        return [(one.ts, one.edits) for one in self._private(person)], view and (view.id, view.content)

    # ------------------------------------------------------------ what people see

    async def fetches(self, actor: str, name: str) -> str:
        await self.slack.until(lambda: [seen for seen in self.direct_seen(actor) if name in seen.text])
        (file,) = [upload for upload in self.slack.world.uploads.values() if upload.name == name]
        assert file.content is not None
        return file.content.decode()

    def answers_seen(self, actor: str) -> Sequence[Seen]:
        return [self.seen(one) for one in self._private(self.person(actor))]

    def direct_seen(self, actor: str) -> Sequence[Seen]:
        person = self.person(actor)
        return [self.seen(one) for one in self._private(person) if one.only_for is None]

    def posts_seen(self, place: Channel | Thread) -> Sequence[Seen]:
        channel = place if isinstance(place, Channel) else place.channel
        posts = self.slack.posts(self.slack.world.conversations[channel.id])
        inside = [one for one in posts if isinstance(place, Channel) or one.thread_ts == place.id]
        return [self.seen(one) for one in inside]

    def _private(self, person: Person) -> list[Message]:
        mine = self.slack.seen_by(person)
        places = self.slack.world.conversations
        return [one for one in mine if one.user == BOT_USER and (one.only_for or places[one.channel].kind is Kind.IM)]

    def seen(self, message: Message) -> Seen:
        """Return a message as a person sees it, its buttons apart."""
        rows = [block for block in message.blocks if block["type"] == "actions"]
        text = Message("", "", "", "", [block for block in message.blocks if block not in rows]).words
        buttons = tuple(str(button["text"]["text"]) for row in rows for button in iterate(row["elements"]))
        people = self.slack.world.people
        many = {"!channel": "everyone"}
        pings = {
            people[name].name if name in people else many.get(name, name.removeprefix("!"))
            for name in self.slack.pings(message)
        }
        private = message.only_for or self.slack.world.conversations[message.channel].kind is Kind.IM
        pinned = message.ts in self.slack.world.conversations[message.channel].pins
        return Seen(
            self.slack.world.as_shown(text or message.text),
            buttons,
            frozenset[str]() if private and not pings & {"here", "everyone"} else frozenset(pings),
            pinned,
            tuple(self.slack.pictures(message)),
        )

    def form_seen(self, actor: str) -> FormSeen | None:
        view = self.slack.view_of(self.person(actor))
        if view is None:
            return None
        inputs = {str(block["block_id"]).removeprefix("field."): block for block in inputs_of(view.content)}
        values = {name: stands_in(block, view.filled) for name, block in inputs.items()}
        return FormSeen(str(view.content["title"]["text"]), values)

    def problems_seen(self, actor: str) -> str:
        assert self.person(actor)
        return self._problems

    async def mends(self, actor: str) -> FormSeen:
        form = self.form_seen(actor)
        assert form is not None
        return form

    # ------------------------------------------------------------ what happens to the bot

    def closes_direct(self, actor: str) -> None:
        self.person(actor).dm_refusal = "cannot_dm_bot"

    def leaves(self, actor: str) -> None:
        self.place(CIRCLE).members.remove(self.person(actor).id)

    def forbids(self, channel: str) -> None:
        self.place(channel).members.remove(BOT_USER)

    def loses_answer(self) -> None:
        self.slack.fail("chat.postMessage", Trouble.DROP, accepted=True)

    def hurries(self) -> None:
        self.slack.fail("chat.postMessage", Trouble.RATE_LIMITED, retry_after=1)

    def breaks_uploads(self) -> None:
        self.slack.fail("upload", Trouble.SERVER_ERROR, times=99)

    def kept(self) -> Sequence[bytes]:
        return self.slack.kept()

    def hides_history(self, channel: str) -> None:
        self.slack.wire.api.scopes.discard(f"{self.place(channel).kind.value}:history")
