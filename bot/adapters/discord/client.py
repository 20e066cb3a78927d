"""The connection to Discord: discord.py's client with the few events that we listen to."""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import PurePath
from traceback import extract_tb
from typing import Any, Final, cast

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.adapters.discord.answers import Answers
from bot.adapters.discord.commands import draw_commands, same
from bot.adapters.discord.forms import draw_as_message
from bot.adapters.discord.inbound import NAME, read_direct
from bot.adapters.discord.reaching import watch
from bot.adapters.discord.render import draw_message
from bot.core.port import (
    ADDRESSED,
    TEXT,
    Ask,
    Button,
    CannotStartError,
    Clock,
    Community,
    CommunityGone,
    Core,
    Event,
    Message,
    Meter,
)
from bot.core.text import Words

log = structlog.get_logger(__name__)

ONE_LINE_EVERY: Final = timedelta(minutes=10)
MOST_CHANNELS: Final = 10_000
LONGEST_RATE_LIMIT: Final = 30.0
FINISHES_WITHIN: Final = 2.0
SUPPORT, HOME = "support", "home"
PERMANENT: Final = {
    4004: "Discord does not accept the token: copy it again from the developer portal",
    4010: "Discord refuses this number of shards",
    4011: "Discord wants more shards than it was asked for",
    4012: "Discord does not speak this version of the gateway any more: update Hearthside",
    4013: "Discord does not know the intents we ask for: update Hearthside",
    4014: "Discord does not allow the intents we ask for: look at the app's page in the developer portal",
}
"""Codes with which the gateway closes for good, and what to do."""
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500


def point_at(api_url: str, gateway_url: str) -> None:
    """Send discord.py elsewhere, for a proxy or a server of one's own. Empty addresses change nothing."""
    if api_url:
        Route.BASE = api_url
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class PublicLines:
    """Where the public line was said lately. It outlives a connection, and `most` channels are remembered."""

    def __init__(self, clock: Clock, most: int = MOST_CHANNELS) -> None:
        self._clock = clock
        self._most = most
        self._said: OrderedDict[int, datetime] = OrderedDict()

    def may_say(self, channel: int) -> bool:
        """Return whether it is time for the line, and take it as said if so: once in ten minutes per channel."""
        now = self._clock.now()
        last = self._said.get(channel)
        if last is not None and now - last < ONE_LINE_EVERY:
            return False
        self._said[channel] = now
        self._said.move_to_end(channel)
        if len(self._said) > self._most:
            self._said.popitem(last=False)
        return True


class Connection(discord.AutoShardedClient):
    """One login. Interactions of every kind go to `Answers`; of messages, only addressed ones are looked at.

    `shard_count` is asked of Discord when it is None.
    """

    def __init__(
        self,
        core: Core,
        words: Words,
        lines: PublicLines,
        *,
        in_time: timedelta,
        meter: Meter | None = None,
        shard_count: int | None = None,
    ) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(
            intents=intents,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            # Nothing of ours waits for on_ready.
            guild_ready_timeout=0,
            http_trace=watch(meter),
            max_ratelimit_timeout=LONGEST_RATE_LIMIT,
            shard_count=shard_count,
        )
        self._core = core
        self._words = words
        self._lines = lines
        self._answers = Answers(core, words, in_time)
        self._busy: set[asyncio.Task[Any]] = set()

    async def setup_hook(self) -> None:
        """Declare our commands, if Discord does not have exactly these."""
        drawn = draw_commands(self._core.catalogue)
        application = self.application_id or 0
        try:
            if not same(drawn, cast("Any", await self.http.get_global_commands(application))):
                await self.http.bulk_upsert_global_commands(application, cast("Any", drawn))
                log.info("commands declared", count=len(drawn))
        except discord.HTTPException as error:
            if error.status == _TOO_MANY or error.status >= _SERVER_ERROR:
                raise
            raise CannotStartError(f"Discord does not take our commands: {error.text}") from error

    async def close(self) -> None:
        """Finish what is being answered, within a bound, and close."""
        others = self._busy - {asyncio.current_task()}
        if others and not self.is_closed():
            await asyncio.wait(others, timeout=FINISHES_WITHIN)
        await super().close()

    def tell(self, event: Event) -> None:
        """Tell the core what happened, without making whoever found out wait for it."""
        task = asyncio.create_task(self._core.observe(event))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    # ------------------------------------------------------------ events, by discord.py's names

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer whatever was typed, pressed, chosen or submitted."""
        with self._working():
            await self._answers.answer(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a direct message, or a mention in a channel; look at nothing else."""
        if message.author.bot or message.webhook_id or message.is_system():
            return
        with self._working():
            if isinstance(message.channel, discord.DMChannel):
                await self._answer_direct(message)
            elif self.user and any(person.id == self.user.id for person in message.mentions):
                await self._say_line(message)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Tell the core that we were removed. discord.py does not call this for outages."""
        with self._working():
            await self._core.observe(CommunityGone(Community(NAME, str(guild.id))))

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """Log where something failed; the error's own words may be a member's."""
        error = sys.exc_info()[1]
        frames = extract_tb(error.__traceback__)[-4:] if error else []
        where = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
        log.error("event failed", called=event_method, error=type(error).__name__, where=where)

    # ------------------------------------------------------------ answers without an interaction

    async def _answer_direct(self, message: discord.Message) -> None:
        response = await self._core.invoke(read_direct(message))
        said = draw_as_message(response, self._words, "") if isinstance(response, Ask) else response.message
        drawing = draw_message(said)
        try:
            await message.channel.send(view=drawing.view, files=drawing.files, allowed_mentions=drawing.allowed)
        except discord.HTTPException as error:
            log.info("direct answer not taken", status=error.status, code=error.code)

    async def _say_line(self, message: discord.Message) -> None:
        """Say publicly that we answer privately: always the same line, and not often."""
        if not self._lines.may_say(message.channel.id):
            return
        locale = str(message.guild.preferred_locale) if message.guild else ""
        drawing = draw_message(self._line(self._words.best(locale)))
        try:
            await message.channel.send(view=drawing.view, allowed_mentions=drawing.allowed)
        except discord.HTTPException as error:
            log.info("public line not taken", status=error.status, code=error.code)

    def _line(self, locale: str) -> Message:
        known = {entry.path for entry in self._core.catalogue}
        label = self._words.label("platform.open", locale)
        door = Button(label, HOME) if HOME in known else Button(label, ADDRESSED, {TEXT: ""})
        support = Button(self._words.label("platform.support", locale), SUPPORT)
        return Message(self._words.say("platform.private", locale), buttons=(door, support))

    @contextmanager
    def _working(self) -> Generator[None]:
        task = asyncio.current_task()
        if task is None:
            yield
            return
        self._busy.add(task)
        try:
            yield
        finally:
            self._busy.discard(task)
