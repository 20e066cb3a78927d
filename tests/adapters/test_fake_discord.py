"""The fake Discord, held against the real client library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.adapters.discord_spec import discord_spec
from tests.adapters.fake_discord import Answer, Drop, FakeDiscord, Hang
from tests.adapters.fake_discord_rest import rate_limited
from tests.adapters.fake_discord_world import NONE, ORDINARY, Can, Guild, Json, Person, Room


class Client(discord.AutoShardedClient):
    """A bot that answers everything in one way and remembers what it heard."""

    def __init__(self) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(intents=intents, max_messages=None, guild_ready_timeout=0)
        self._heard: asyncio.Queue[str] = asyncio.Queue()

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self._heard.put_nowait(message.content)

    async def heard(self, count: int) -> list[str]:
        """Wait for so many messages and return what could be read of them."""
        async with asyncio.timeout(5):
            return [await self._heard.get() for _ in range(count)]

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("seen", ephemeral=True)


@dataclass
class Scene:
    """A fake with one guild, one channel, one member, and a client of the real library connected to it."""

    fake: FakeDiscord
    guild: Guild
    room: Room
    ann: Person
    client: Client
    seconds: list[float] = field(default_factory=lambda: [0.0])

    @property
    def place(self) -> discord.PartialMessageable:
        return self.client.get_partial_messageable(int(self.room.id))


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    seconds = [0.0]
    fake = await FakeDiscord(clock=lambda: seconds[0]).start()
    monkeypatch.setattr(Route, "BASE", fake.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(fake.gateway_url))
    guild = fake.world.guild("Circle")
    room = fake.world.room(guild, "evening")
    client = Client()
    made = Scene(fake, guild, room, fake.member(guild, "Ann"), client, seconds)
    running = asyncio.create_task(client.start(fake.token))
    await fake.connected()
    yield made
    await client.close()
    await running
    await fake.stop()


async def test_the_same_nonce_posts_once_until_it_is_forgotten(scene: Scene) -> None:
    """A nonce deduplicates for a while only, as Discord's does."""
    first = await scene.place.send("hello", nonce="k1")
    again = await scene.place.send("hello", nonce="k1")
    scene.seconds[0] += 1000
    late = await scene.place.send("hello", nonce="k1")

    assert first.id == again.id
    assert first.id != late.id
    assert 2 == len(scene.fake.posts(scene.room))


async def test_an_answer_can_be_dropped_after_the_post_was_accepted(scene: Scene) -> None:
    """The post stands although the client saw an error, or did not when dropped before."""
    scene.fake.fault("POST", r"/channels/\d+/messages", Drop(accepted=True))
    scene.fake.fault("POST", r"/channels/\d+/messages", Drop(accepted=False))

    for _ in range(2):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await scene.place.send("hello")

    assert ["hello"] == [post.text for post in scene.fake.posts(scene.room)]
    assert [None, None] == [one.status for one in scene.fake.requests("POST", r"/channels/\d+/messages")]


async def test_a_request_can_hang_until_it_is_released(scene: Scene) -> None:
    """A test can act while the server holds a request that it has carried out."""
    fault = scene.fake.fault("POST", r"/channels/\d+/messages", Hang(accepted=True))

    sending = asyncio.create_task(scene.place.send("hello"))
    await asyncio.wait_for(fault.reached.wait(), 5)
    seen = len(scene.fake.posts(scene.room))
    fault.release.set()

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await sending
    assert 1 == seen


async def test_a_429_is_retried_by_the_library(scene: Scene) -> None:
    """The shape of a 429 is the one that discord.py understands."""
    scene.fake.fault("POST", r"/channels/\d+/messages", rate_limited(0.01))

    await scene.place.send("hello")

    assert [429, 200] == [one.status for one in scene.fake.requests("POST", r"/channels/\d+/messages")]


async def test_a_resumed_session_gets_what_it_missed(scene: Scene) -> None:
    """Events of the time without a connection are replayed, once."""
    scene.fake.gateway.drop(None)
    scene.fake.dm(scene.ann, "are you there?")

    await scene.fake.until(lambda: scene.fake.gateway.resumed)
    scene.fake.dm(scene.ann, "good")

    assert ["are you there?", "good"] == await scene.client.heard(2)
    assert 1 == scene.fake.gateway.identified


async def test_only_addressed_text_can_be_read(scene: Scene) -> None:
    """Without the content intent a channel's messages are empty, over the gateway and over REST."""
    scene.fake.say(scene.ann, scene.room, "a secret")
    scene.fake.say(scene.ann, scene.room, f"{scene.fake.world.bot.mention} hello")
    ours = await scene.place.send("mine")
    reply = scene.fake.say(scene.ann, scene.room, "to you", reply_to=scene.fake.posts(scene.room)[0])
    turn = scene.fake.dm(scene.ann, "last")

    read = [message.content async for message in scene.place.history(limit=10)]

    assert ["", f"{scene.fake.world.bot.mention} hello", "to you", "last"] == await scene.client.heard(4)
    assert ["", "mine", "", ""] == read
    assert str(ours.id) == scene.fake.posts(scene.room)[0].id
    assert (reply.room, turn.room.person) == (scene.room, scene.ann)


async def test_history_is_paged_newest_first(scene: Scene) -> None:
    """`after` takes the messages next to it, and the library reads through all pages."""
    for number in range(205):
        scene.fake.say(scene.ann, scene.room, str(number))
    ours = await scene.place.send("mine")

    onwards = [message.id async for message in scene.place.history(limit=None, oldest_first=True)]
    back = [message.id async for message in scene.place.history(limit=3, before=ours)]

    assert onwards == sorted(onwards)
    assert 206 == len(onwards)
    assert onwards[-4:-1] == back[::-1]


async def test_permissions_are_those_of_roles_and_overwrites(scene: Scene) -> None:
    """What is denied to the bot in one channel is refused there, with Discord's codes."""
    bot = scene.fake.world.bot
    scene.fake.overwrite(scene.room, bot, deny=Can.SEND)
    with pytest.raises(discord.Forbidden) as muted:
        await scene.place.send("hello")
    scene.fake.overwrite(scene.room, bot, deny=Can.VIEW)
    with pytest.raises(discord.Forbidden) as blind:
        await scene.place.send("hello")

    assert (50013, 50001) == (muted.value.code, blind.value.code)
    assert NONE == scene.fake.world.permissions(bot, scene.room)
    assert ORDINARY == scene.fake.world.permissions(scene.ann, scene.room)


async def test_closed_direct_messages_and_strangers_are_refused(scene: Scene) -> None:
    """Each way of not reaching a person has its own code."""
    stranger = scene.fake.world.person("Stranger")
    scene.ann.dms_open = False
    codes: list[int] = []
    for person in (scene.ann, stranger):
        channel = await scene.client.create_dm(discord.Object(int(person.id)))
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("hello")
        codes.append(refused.value.code)
    scene.fake.leave(scene.guild, scene.ann)
    with pytest.raises(discord.NotFound) as gone:
        await scene.client.http.get_member(int(scene.guild.id), int(scene.ann.id))

    assert [50007, 50278] == codes
    assert 10007 == gone.value.code


async def test_a_thread_starts_once_and_pins_leave_a_notice(scene: Scene) -> None:
    """A second thread on a message is refused; a pin writes a system message of ours."""
    ours = await scene.place.send("hello")
    message = scene.place.get_partial_message(ours.id)
    await message.pin()
    await message.unpin()
    await scene.client.http.start_thread_with_message(
        int(scene.room.id), ours.id, name="talk", auto_archive_duration=60
    )
    with pytest.raises(discord.HTTPException) as refused:
        await scene.client.http.start_thread_with_message(
            int(scene.room.id), ours.id, name="talk", auto_archive_duration=60
        )

    assert 160004 == refused.value.code
    assert 2 == len([post for post in scene.fake.world.posts.values() if post.room is scene.room])


async def test_an_interaction_can_be_answered_once(scene: Scene) -> None:
    """An unknown interaction and a second answer have their codes; the first answer is private to its person."""
    payload: list[Json] = [{"type": 1, "name": "hello", "description": "say hello"}]
    app = int(scene.fake.world.bot.id)
    await scene.client.http.bulk_upsert_global_commands(app, payload)  # pyright: ignore[reportArgumentType]  a plain dictionary is what it takes
    turn = scene.fake.slash(scene.ann, scene.room, "hello")
    shown = await turn.shown()
    async with aiohttp.ClientSession() as session:
        answers: list[int] = []
        for path in (f"{turn.id}/{turn.token}", f"{turn.id}/wrong"):
            body = {"type": 4, "data": {"content": "again"}}
            async with session.post(f"{scene.fake.api_url}/interactions/{path}/callback", json=body) as answer:
                answers.append((await answer.json())["code"])

    assert ("seen", True, scene.ann) == (shown.text, shown.ephemeral, shown.only_for)
    assert [40060, 10062] == answers


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "x" * 2001}, 50035),
        ({"content": ""}, 50006),
        ({"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "y"}]}, 50035),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "y" * 4001}]}, 50035),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "y"}] * 41}, 50035),
        ({"components": [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "c" * 101}]}]}, 50035),
        ({"components": [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "c"}] * 2}]}, 50035),
        ({"content": "x", "nonce": "n" * 26}, 50035),
    ],
)
async def test_what_discord_would_refuse_is_refused(body: Json, code: int) -> None:
    """Limits that the library does not check are checked by the server."""
    fake = await FakeDiscord().start()
    room = fake.world.room(fake.world.guild("Circle"), "evening")
    url, headers = f"{fake.api_url}/channels/{room.id}/messages", {"Authorization": f"Bot {fake.token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=body) as answer:
        refused = await answer.json()
    await fake.stop()

    assert (400, code) == (answer.status, refused["code"])


async def test_a_wrong_token_and_an_unknown_path_are_refused() -> None:
    """401 for the wrong token, 404 for what does not exist."""
    fake = await FakeDiscord().start()
    fake.fault("GET", "/gateway/bot", Answer(500))
    async with aiohttp.ClientSession() as session:
        found: list[int] = []
        for path, token in (("/users/@me", "wrong"), ("/nowhere", fake.token), ("/gateway/bot", fake.token)):
            async with session.get(fake.api_url + path, headers={"Authorization": f"Bot {token}"}) as answer:
                found.append(answer.status)
    await fake.stop()

    assert [401, 404, 500] == found


async def test_the_librarys_own_requests_fit_discords_description(scene: Scene) -> None:
    """The validation itself works: what the library sends is described, what is misspelt is not."""
    spec = discord_spec()
    await scene.place.send("hello", nonce="k1")
    request = await scene.fake.request("POST", r"/channels/\d+/messages")
    faults = [fault for one in scene.fake.rest.requests for fault in spec.faults(one)]
    request.body["content"] = ["no text"]

    assert [] == faults
    assert 1 == len(list(spec.faults(request)))
