"""Discord for the contract of platforms: the real client against the fake, and the eyes of its people."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from bot.adapters.discord import DiscordPlatform
from bot.core.port import Channel, Community, Field, Kind, Member, Thread
from bot.core.text import Words, read_line
from tests.adapters.fake_core import FakeCore
from tests.adapters.fake_discord import PATIENCE, FakeDiscord, Turn
from tests.adapters.fake_discord_limits import GALLERY
from tests.adapters.fake_discord_rest import FORM, Drop, rate_limited
from tests.adapters.fake_discord_world import DM, REPLY, Can, Guild, Json, Person, Post, Room, Upload, walk
from tests.platform_contract import CIRCLE, MEMBER, ORGANISER, OTHER, FormSeen, Seen

MESSAGES: Final = r"/channels/\d+/messages"
CONTENT: Final = Path(__file__).parents[2] / "content" / "platform" / "en.yaml"


class StillClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def platform_words() -> Words:
    """Return the sentences that the platforms themselves need."""
    says: Mapping[str, str] = yaml.safe_load(CONTENT.read_text("utf-8"))["says"]
    return Words({"en": {f"platform.{name}": sentence for name, sentence in says.items()}})


def as_read(text: str) -> str:
    """Return text of a message as people see it: no escapes, no marks of small print or headings, none hidden."""
    lines = (re.sub(r"^(-# |### )", "", line) for line in text.split("\n"))
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", "\n".join(lines)).replace("\u200b", "")


class DiscordHarness:
    """Implements `RemoteHarness`; `fake`, `guild` and `people` are for Discord's own tests.

    `settings` are the platform's times.
    """

    longest = 4000

    def __init__(self, **settings: Any) -> None:
        self.core = FakeCore()
        self.clock = StillClock()
        self.fake = FakeDiscord()
        self._settings = settings
        self._forms: dict[str, tuple[Json, Post | None]] = {}
        self._problems: dict[str, Post] = {}
        self._running: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ the platform

    async def start(self) -> None:
        await self.fake.start()
        self.guild: Guild = self.fake.world.guild("Home")
        self.room: Room = self.fake.world.room(self.guild, CIRCLE)
        self.people: dict[str, Person] = {
            name: self.fake.member(self.guild, name, manages=name == ORGANISER) for name in (MEMBER, OTHER, ORGANISER)
        }
        self.platform = self.make_platform()
        await self.run()

    def make_platform(self, **settings: Any) -> DiscordPlatform:
        """Return a platform that leads to the fake, not running."""
        return DiscordPlatform(
            token=self.fake.token,
            words=platform_words(),
            clock=self.clock,
            api_url=self.fake.api_url,
            gateway_url=self.fake.gateway_url,
            **(self._settings | settings),
        )

    async def run(self) -> None:
        """Run the platform; return when it is connected."""
        self._running = asyncio.create_task(self.platform.run(self.core))
        waiting = asyncio.create_task(self.fake.connected())
        await asyncio.wait([self._running, waiting], return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            waiting.cancel()
            self._running.result()
        await waiting

    async def stop(self) -> None:
        await self.halt()
        await self.fake.stop()

    async def halt(self) -> None:
        """Stop the platform alone, as before a restart."""
        if self._running:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    # ------------------------------------------------------------ names

    @property
    def community(self) -> Community:
        return Community("discord", self.guild.id)

    def member(self, name: str) -> Member:
        return Member(self.community, self.people[name].id)

    def channel(self, name: str) -> Channel:
        assert name == CIRCLE, f"there is only {CIRCLE}"
        return Channel(self.community, self.room.id)

    def nobody(self) -> Member:
        return Member(self.community, self.fake.world.snowflake())

    def nowhere(self) -> Channel:
        return Channel(self.community, self.fake.world.snowflake())

    # ------------------------------------------------------------ what people do

    async def types(self, actor: str, line: str) -> None:
        read = read_line(line, self.core.catalogue)
        fields = {
            field.name: field for entry in self.core.catalogue if entry.path == read.path for field in entry.fields
        }
        options = {name: self._chosen(fields[name], value) for name, value in read.arguments.items()}
        await self._see(actor, self.fake.slash(self.people[actor], self.room, read.path, **options))

    def _chosen(self, field: Field, value: str) -> Any:
        match field.kind:
            case Kind.CHANNEL:
                return self.room
            case Kind.MEMBER:
                return self.people[value.lstrip("@")]
            case Kind.NUMBER if not field.suggests:
                return int(value)
            case Kind.FLAG:
                return value == "yes"
            case Kind.FILE:
                return self._upload(value)
            case _:
                return value

    def _upload(self, text: str) -> Upload:
        return Upload("notes.txt", text.encode(), id=self.fake.world.snowflake())

    async def writes(self, actor: str, text: str) -> None:
        before = len(self.direct_seen(actor))
        self.fake.dm(self.people[actor], text)
        await self._until(lambda: len(self.direct_seen(actor)) > before)

    async def mentions(self, actor: str, text: str) -> None:
        before = len(self.fake.posts(self.room))
        self.fake.say(self.people[actor], self.room, f"{self.fake.world.bot.mention} {text}")
        await self._until(lambda: len(self.fake.posts(self.room)) > before)

    async def says(self, actor: str, text: str) -> None:
        self.fake.say(self.people[actor], self.room, text)

    async def replies(self, actor: str, text: str) -> None:
        first = self.fake.say(self.people[OTHER], self.room, "Let us talk here.")
        self.fake.say(self.people[actor], self.fake.world.thread(first, "Talk"), text)

    async def chooses(self, actor: str, label: str, text: str) -> None:
        posts = [post for post in self.fake.world.posts.values() if post.room.guild is self.guild]
        found = [post for post in posts if text in (post.content or as_read(post.text), post.content)]
        await self._see(actor, self.fake.menu(self.people[actor], found[-1], label))

    async def presses(self, actor: str, label: str) -> None:
        person = self.people[actor]
        seen = [post for post in self._visible(person) if label in post.labels]
        assert seen, f"{actor} sees no button {label!r}"
        await self._see(actor, self.fake.click(person, seen[-1], label), seen[-1])

    async def submits(self, actor: str, values: Mapping[str, str]) -> None:
        form, about = self._forms.pop(actor)
        kinds = {part["custom_id"]: part["type"] for part in walk(form["components"]) if "custom_id" in part}
        pickers: dict[int, Callable[[str], Any]] = {
            5: lambda name: self.people[name.lstrip("@")],
            8: lambda _: self.room,
            19: self._upload,
        }
        chosen = {name: pickers.get(kinds[name], str)(value) for name, value in values.items()}
        room = about.room if about else self.room
        await self._see(actor, self.fake.submit(self.people[actor], room, form, chosen, about), sent_form=True)

    async def suggestions(self, actor: str, command: str, field: str, typed: str) -> Sequence[str]:
        offered = await self.fake.complete(self.people[actor], self.room, command, field, typed).choices()
        return [choice["value"] for choice in offered]

    # ------------------------------------------------------------ what people see

    async def fetches(self, actor: str, name: str) -> str:
        person = self.people[actor]
        mine = [post for post in self._visible(person) if post.only_for is person or post.room.person is person]
        (file,) = [upload for post in mine for upload in post.uploads if upload.name == name]
        return file.content.decode()

    def answers_seen(self, actor: str) -> Sequence[Seen]:
        person = self.people[actor]
        private = [post for post in self._visible(person) if post.only_for is person or post.room.person is person]
        return [self._seen(post) for post in private]

    def direct_seen(self, actor: str) -> Sequence[Seen]:
        return [self._seen(post) for post in self._visible(self.people[actor]) if post.room.kind == DM]

    def posts_seen(self, place: Channel | Thread) -> Sequence[Seen]:
        return [self._seen(post) for post in self.fake.posts(self.fake.world.rooms[place.id])]

    def form_seen(self, actor: str) -> FormSeen | None:
        if actor not in self._forms:
            return None
        form, _ = self._forms[actor]
        return FormSeen(
            form["title"],
            {part["custom_id"]: _standing(part) for part in walk(form["components"]) if "custom_id" in part},
        )

    def problems_seen(self, actor: str) -> str:
        return as_read(self._problems[actor].text)

    async def mends(self, actor: str) -> FormSeen:
        await self.presses(actor, "Mend it")
        form = self.form_seen(actor)
        assert form is not None
        return form

    # ------------------------------------------------------------ what happens to the bot

    def closes_direct(self, actor: str) -> None:
        self.people[actor].dms_open = False

    def leaves(self, actor: str) -> None:
        self.fake.leave(self.guild, self.people[actor])

    def forbids(self, channel: str) -> None:
        assert channel == CIRCLE
        self.fake.overwrite(self.room, self.fake.world.bot, deny=Can.SEND)

    def hides_history(self, channel: str) -> None:
        assert channel == CIRCLE
        self.fake.overwrite(self.room, self.fake.world.bot, deny=Can.HISTORY)

    def loses_answer(self) -> None:
        self.fake.fault("POST", MESSAGES, Drop(accepted=True))

    def breaks_uploads(self) -> None:
        self.fake.overwrite(self.room, self.fake.world.bot, deny=Can.ATTACH)

    def kept(self) -> Sequence[bytes]:
        ours = [post for post in self.fake.world.posts.values() if post.author is self.fake.world.bot]
        return [upload.content for post in ours for upload in post.uploads]

    def hurries(self) -> None:
        self.fake.fault("POST", MESSAGES, rate_limited(0.01))

    # ------------------------------------------------------------ eyes

    async def until(self, check: Callable[[], Any]) -> None:
        """Wait, within a bound, until something is true of the bot's side, which the fake cannot see."""
        async with asyncio.timeout(PATIENCE):
            while not check():  # noqa: ASYNC110  nothing of ours hears about it, so it is looked at again and again
                await asyncio.sleep(0)

    async def _see(self, actor: str, turn: Turn, about: Post | None = None, *, sent_form: bool = False) -> None:
        if await turn.first() == FORM:
            self._forms[actor] = (await turn.form(), about)
            return
        shown = await turn.shown()
        if sent_form:
            self._problems[actor] = shown

    async def _until(self, check: Callable[[], bool]) -> None:
        await self.fake.until(check, within=PATIENCE)

    def _in(self, room: Room) -> list[Post]:
        return [post for post in self.fake.world.posts.values() if post.room is room]

    def _visible(self, person: Person) -> list[Post]:
        """Return what the bot wrote that this person can read, oldest first."""
        ours = (post for post in self.fake.world.posts.values() if post.author is self.fake.world.bot)
        mine = (post for post in ours if post.only_for in (None, person) and post.room.person in (None, person))
        return [post for post in mine if post.kind in (0, REPLY)]

    def _seen(self, post: Post) -> Seen:
        names = {person.id: name for name, person in self.people.items()}
        pings = frozenset(names.get(one, one) for one in post.pings)
        galleries = [part for part in walk(post.components) if part["type"] == GALLERY]
        pictures = tuple(item.get("description") or "" for part in galleries for item in part["items"])
        return Seen(as_read(post.text), tuple(post.labels), pings, post.pinned, pictures)


def _standing(part: Json) -> str:
    """Return what stands in an input of a form before anybody changes it."""
    chosen = [one["value"] for one in part.get("options", []) if one.get("default")]
    chosen += [one["id"] for one in part.get("default_values", [])]
    return part.get("value") or ",".join(chosen)
