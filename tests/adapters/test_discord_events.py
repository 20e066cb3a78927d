"""What reaches us beside interactions, and starting, losing and ending the connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from structlog.testing import capture_logs

from bot.adapters.discord.client import ONE_LINE_EVERY, PublicLines, point_at
from bot.adapters.discord.ids import Target, decode
from bot.adapters.discord.platform import LONGEST_WAIT
from bot.core.port import ADDRESSED, TEXT, Ask, CannotStartError, Community, CommunityGone, Entry, Message, Role
from bot.core.text import plain
from tests.adapters.discord_harness import DiscordHarness, StillClock
from tests.adapters.fake_core import ADD, CATALOGUE, GREET, FakeCore
from tests.adapters.fake_discord import Answer
from tests.adapters.fake_discord_rest import rate_limited
from tests.adapters.fake_discord_world import Can
from tests.platform_contract import CIRCLE, MEMBER, OTHER

PRIVATELY = "I answer privately, so that only you can read it."
PAST = timedelta(seconds=1)


class CoreWithHome(FakeCore):
    @property
    def catalogue(self) -> Sequence[Entry]:
        return (*CATALOGUE, Entry("home", "What is there for me", Role.ANYONE))


@pytest.fixture
async def discord() -> AsyncIterator[DiscordHarness]:
    harness = DiscordHarness()
    await harness.start()
    yield harness
    await harness.stop()


async def lines(discord: DiscordHarness) -> list[str]:
    """Return the public lines, once everything that was said before has been dealt with."""
    await discord.writes(OTHER, "the last word")
    return [post.text for post in discord.fake.posts(discord.room)]


# ---------------------------------------------------------------- messages


async def test_a_mention_gets_one_public_line(discord: DiscordHarness) -> None:
    """Always the same line with two doors, which pings nobody; the text never reaches the core."""
    await discord.mentions(MEMBER, "@everyone I cannot go on")
    (post,) = discord.fake.posts(discord.room)

    assert (PRIVATELY, ["Open", "Get support"], set()) == (post.text, post.labels, post.pings)
    assert [Target(ADDRESSED, {TEXT: ""}), Target("support")] == [decode(one["custom_id"]) for one in post.buttons]
    assert [] == discord.core.heard


async def test_the_line_leads_home_where_there_is_a_home(discord: DiscordHarness) -> None:
    """*Open* opens the same as `home`."""
    await discord.halt()
    discord.core = CoreWithHome()
    discord.platform = discord.make_platform()
    await discord.run()
    await discord.mentions(MEMBER, "hello")

    assert "home" == decode(discord.fake.posts(discord.room)[0].buttons[0]["custom_id"]).command


async def test_the_line_comes_once_in_ten_minutes_and_channel(discord: DiscordHarness) -> None:
    """Many mentions make no noise; another channel and later times have their own line."""
    bot = discord.fake.world.bot.mention
    elsewhere = discord.fake.add_room(discord.guild, "elsewhere")
    await discord.mentions(MEMBER, "one")
    discord.fake.say(discord.people[OTHER], discord.room, f"{bot} two")
    discord.fake.say(discord.people[OTHER], elsewhere, f"{bot} three")
    few = await lines(discord)
    discord.clock.at += ONE_LINE_EVERY - PAST
    discord.fake.say(discord.people[MEMBER], discord.room, f"{bot} four")
    same = await lines(discord)
    discord.clock.at += PAST
    discord.fake.say(discord.people[MEMBER], discord.room, f"{bot} five")

    assert ([PRIVATELY], [PRIVATELY]) == (few, same)
    assert [PRIVATELY] * 2 == await lines(discord)
    assert 1 == len(discord.fake.posts(elsewhere))


async def test_a_new_connection_remembers_the_line(discord: DiscordHarness) -> None:
    """The ten minutes belong to the channel, whatever becomes of the connection."""
    await discord.mentions(MEMBER, "one")
    await discord.halt()
    await discord.run()
    discord.fake.say(discord.people[OTHER], discord.room, f"{discord.fake.world.bot.mention} two")

    assert [PRIVATELY] == await lines(discord)


def test_the_lines_that_are_remembered_are_bounded() -> None:
    """Many channels use no more memory than some; the oldest is forgotten."""
    said = PublicLines(StillClock(), most=2)

    assert [True] * 3 == [said.may_say(channel) for channel in (1, 2, 3)]
    assert [False, False, True] == [said.may_say(channel) for channel in (3, 2, 1)]


async def test_a_reply_that_pings_us_is_a_mention(discord: DiscordHarness) -> None:
    """A reply without a ping is not, and neither is a reply to somebody else."""
    await discord.platform.post(discord.channel(CIRCLE), Message(plain("A story.")), key="k1")
    (story,) = discord.fake.posts(discord.room)
    person = discord.people[MEMBER]
    aside = discord.fake.say(person, discord.room, "hm")
    discord.fake.say(person, discord.room, "quietly", reply_to=story, ping=False)
    discord.fake.say(person, discord.room, "to you", reply_to=aside)
    quiet = await lines(discord)
    discord.fake.say(person, discord.room, "to the bot", reply_to=story)

    assert ["A story."] == quiet
    assert ["A story.", PRIVATELY] == await lines(discord)


async def test_bots_and_webhooks_are_ignored(discord: DiscordHarness) -> None:
    """Nobody can make two bots talk to each other."""
    robot = discord.fake.world.person("Robot", bot=True)
    discord.fake.world.join(discord.guild, robot)
    mention = discord.fake.world.bot.mention
    discord.fake.say(robot, discord.room, f"{mention} hello")
    discord.fake.say(discord.people[MEMBER], discord.room, f"{mention} hello", hook=True)
    discord.fake.dm(robot, "hello")

    assert [] == await lines(discord)
    assert ["the last word"] == [heard.arguments[TEXT] for heard in discord.core.heard]


async def test_a_mention_where_we_may_not_write_is_let_be(discord: DiscordHarness) -> None:
    """A line that cannot be said harms nothing."""
    discord.fake.overwrite(discord.room, discord.fake.world.bot, deny=Can.SEND)
    discord.fake.say(discord.people[MEMBER], discord.room, f"{discord.fake.world.bot.mention} hello")

    assert [] == await lines(discord)


async def test_mentions_in_a_direct_message_are_written_as_in_a_line(discord: DiscordHarness) -> None:
    """A command line says `#id` and `@id`."""
    await discord.writes(MEMBER, "note send in=<#34> who=<@!12> or <@&7>")

    assert {TEXT: "note send in=#34 who=@12 or @7"} == discord.core.heard[-1].arguments


async def test_a_form_for_a_direct_message_waits_behind_a_button(discord: DiscordHarness) -> None:
    """A message opens no form; the button does, with what is held."""
    fields = next(entry.fields for entry in CATALOGUE if entry.path == ADD)
    discord.core.answers[ADDRESSED] = Ask(ADD, "Add a note", fields, held="")
    discord.core.answers[ADD] = Ask(ADD, "Add a note", fields, {"tone": "soft"})
    await discord.writes(MEMBER, "note add tone=soft")
    await discord.presses(MEMBER, "Open the form")
    form = discord.form_seen(MEMBER)

    assert form is not None
    assert ("Add a note", "soft") == (form.title, form.values["tone"])


async def test_closed_direct_messages_end_the_answer_quietly(discord: DiscordHarness) -> None:
    """Nobody is told anywhere else."""
    discord.closes_direct(MEMBER)
    discord.fake.dm(discord.people[MEMBER], "hello")

    assert [] == await lines(discord)
    assert 2 == len(discord.core.heard)


# ---------------------------------------------------------------- communities


async def test_being_removed_is_told_and_an_outage_is_not(discord: DiscordHarness) -> None:
    """A guild that is unavailable comes back; one that removed us does not."""
    other = discord.fake.world.guild("Other")
    discord.fake.gateway.to_guild(other, "GUILD_CREATE", discord.fake.world.guild_shape(other))
    discord.fake.outage(discord.guild)
    discord.fake.remove_bot(other)
    await discord.until(lambda: discord.core.events)

    assert [CommunityGone(Community("discord", other.id))] == discord.core.events


# ---------------------------------------------------------------- the connection


@pytest.mark.parametrize("code", [4000, 1001, None])
async def test_a_lost_connection_is_resumed(discord: DiscordHarness, code: int | None) -> None:
    """What was asked meanwhile is answered, once, without another login."""
    discord.fake.gateway.drop(code)
    turn = discord.fake.slash(discord.people[MEMBER], discord.room, GREET)
    await turn.shown()

    assert (1, 1) == (discord.fake.gateway.identified, discord.fake.gateway.resumed)
    assert 1 == len(discord.core.heard)


async def test_cancelling_leaves_nothing_running() -> None:
    """A cancelled platform closes its connections and leaves no task behind."""
    before = asyncio.all_tasks()
    harness = DiscordHarness()
    await harness.start()
    await harness.types(MEMBER, "greet")
    await harness.halt()
    lines = [session.line for session in harness.fake.gateway.sessions.values() if session.line]
    await harness.fake.stop()

    assert ([], before) == (lines, asyncio.all_tasks())


@pytest.mark.parametrize("code", [4004, 4010, 4013, 4014])
async def test_what_only_the_self_hoster_can_mend_ends_the_platform(code: int) -> None:
    """The gateway's permanent refusals say what to do, and are not tried again."""
    harness = DiscordHarness()
    harness.fake.gateway.refuses_with = code

    with pytest.raises(CannotStartError, match="Discord"):
        await asyncio.wait_for(harness.start(), 5)
    await harness.fake.stop()
    assert 1 == len([one for one in harness.fake.gateway.received if one["op"] == 2])


async def test_a_wrong_token_ends_the_platform() -> None:
    """It is not tried twice."""
    harness = DiscordHarness()
    harness.fake.fault("GET", "/users/@me", Answer(401))

    with pytest.raises(CannotStartError, match="token"):
        await asyncio.wait_for(harness.start(), 5)
    await harness.fake.stop()
    assert 1 == len(harness.fake.requests("GET", "/users/@me"))


async def test_commands_that_discord_refuses_end_the_platform() -> None:
    """That is a fault of the catalogue, which waiting does not mend."""
    harness = DiscordHarness()
    harness.fake.fault("PUT", ".*/commands", Answer(400, {"message": "Invalid Form Body", "code": 50035}))

    with pytest.raises(CannotStartError, match="Invalid Form Body"):
        await asyncio.wait_for(harness.start(), 5)
    await harness.fake.stop()


@pytest.mark.parametrize("path", ["/users/@me", "/applications/.+/commands", "/oauth2/applications/@me"])
async def test_a_discord_that_is_down_is_waited_for(path: str) -> None:
    """An outage at the start ends nothing."""
    harness = DiscordHarness(first_wait=timedelta(milliseconds=1))
    harness.fake.fault("GET", path, Answer(503), times=2)
    await harness.start()
    await harness.types(MEMBER, "greet")
    await harness.stop()

    assert 3 == len(harness.fake.requests("GET", path))


PATHS = [
    ("GET", "/users/@me"),
    ("GET", "/oauth2/applications/@me"),
    ("GET", "/applications/.+/commands"),
    ("PUT", "/applications/.+/commands"),
    ("GET", "/gateway/bot"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_a_discord_that_finds_us_too_fast_is_tried_again(method: str, path: str) -> None:
    """A 429 at the start, even one that the library does not wait out, ends nothing."""
    harness = DiscordHarness(first_wait=timedelta(milliseconds=1))
    harness.fake.fault(method, path, rate_limited(0.01, via=False), times=2)
    await harness.start()
    await harness.types(MEMBER, "greet")
    await harness.stop()

    assert 3 == len(harness.fake.requests(method, path))


@pytest.mark.parametrize("via", [True, False])
@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_discord_says_how_long_to_wait(method: str, path: str, via: bool) -> None:
    """A wait that is longer than our own is kept."""
    harness = DiscordHarness()
    await harness.fake.start()
    harness.fake.fault(method, path, rate_limited(60, via=via))
    with capture_logs() as logs:
        running = asyncio.create_task(harness.make_platform().run(harness.core))
        await harness.until(lambda: running.done() or waits(logs))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await harness.fake.stop()

    assert ([60], True) == (waits(logs), running.cancelled())


async def test_a_good_connection_forgets_the_bad_times(discord: DiscordHarness) -> None:
    """Waits grow until a connection has held for longer than the longest of them, and then begin anew."""
    await discord.halt()
    discord.platform = discord.make_platform(first_wait=timedelta(milliseconds=1))
    discord.fake.fault("GET", "/users/@me", Answer(503), times=2)
    with capture_logs() as logs:
        await discord.run()
        await lost(discord, after=LONGEST_WAIT)
        await lost(discord, after=LONGEST_WAIT + PAST)

    assert [0.001, 0.002, 0.004, 0.001] == waits(logs)


async def lost(discord: DiscordHarness, after: timedelta) -> None:
    """Let the connection end after some time, and wait for the next."""
    discord.clock.at += after
    before = discord.fake.gateway.identified
    connection = discord.platform._client  # pyright: ignore[reportPrivateUsage]  Discord itself ends no good connection so
    assert connection is not None
    await connection.close()
    await discord.until(lambda: discord.fake.gateway.identified > before)
    await discord.fake.connected()


def waits(logs: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the waits between attempts, in seconds."""
    return [one["again_in"] for one in logs if "again_in" in one]


def test_the_addresses_are_changed_only_where_told() -> None:
    """Empty settings leave discord.py as it is."""
    before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    try:
        point_at("", "")
        unchanged = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
        point_at("http://127.0.0.1:1/api/v10", "ws://127.0.0.1:1/gateway")
        changed = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    assert before == unchanged
    assert ("http://127.0.0.1:1/api/v10", yarl.URL("ws://127.0.0.1:1/gateway")) == changed


@pytest.mark.usefixtures("discord")
async def test_the_librarys_debug_records_stay_off() -> None:
    """They hold what members write."""
    assert logging.getLogger("discord").getEffectiveLevel() >= logging.INFO
