"""Discord as a `Platform`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import discord
import structlog
from pydantic import SecretStr

from bot.adapters.discord.access import DIRECT, can_read, channel_of, our_access
from bot.adapters.discord.client import PERMANENT, Connection, PublicLines, point_at
from bot.adapters.discord.inbound import NAME
from bot.adapters.discord.reaching import GONE_MESSAGE, NOT_THERE, OUT_OF_REACH, THREAD_EXISTS, asked_wait, reaching
from bot.adapters.discord.render import draw_message, marks, shorten
from bot.adapters.discord.sending import Room, send, with_or_without_picture
from bot.core.port import (
    Access,
    Address,
    CannotLookError,
    CannotStartError,
    Channel,
    Clock,
    Core,
    DeliveryError,
    Member,
    MemberGone,
    Message,
    Meter,
    Outcome,
    Posted,
    Profile,
    Reason,
    ReplyTo,
    Thread,
)
from bot.core.text import Words

log = structlog.get_logger(__name__)

LOOKED_THROUGH: Final = 1000
LONGEST_TITLE: Final = 100
ARCHIVED_AFTER: Final = 10080
LONGEST_WAIT: Final = timedelta(minutes=5)
NOT_CONNECTED_WAIT: Final = timedelta(seconds=5)


class DiscordPlatform:
    """One bot account on Discord.

    `meter` counts every request. `in_time`: how long an answer may take before it is deferred. `within`: how long a
    request may take. `first_wait`: how long to wait before connecting again; it doubles with every failure, until a
    connection holds.
    """

    def __init__(
        self,
        *,
        token: SecretStr | str,
        words: Words,
        clock: Clock,
        meter: Meter | None = None,
        api_url: str = "",
        gateway_url: str = "",
        in_time: timedelta = timedelta(seconds=2),
        within: timedelta = timedelta(seconds=30),
        first_wait: timedelta = timedelta(seconds=5),
    ) -> None:
        self._token = token if isinstance(token, SecretStr) else SecretStr(token)
        self._words = words
        self._clock = clock
        self._meter = meter
        self._addresses = (api_url, gateway_url)
        self._in_time = in_time
        self._within = within
        self._first_wait = first_wait
        self._lines = PublicLines(clock)
        self._client: Connection | None = None

    @property
    def name(self) -> str:
        """Return the platform's short name."""
        return NAME

    # ------------------------------------------------------------ serving

    async def run(self, core: Core) -> None:
        """Serve until cancelled; connect again, more and more slowly, when Discord is out of reach.

        Raises `CannotStartError` for what only the self-hoster can mend.
        """
        # Its debug records hold members' messages and our token.
        logging.getLogger("discord").setLevel(logging.INFO)
        point_at(*self._addresses)
        wait = self._first_wait
        while True:
            began = self._clock.now()
            asked = await self._attempt(core)
            # Not as soon as one is made: Discord takes the token away after a thousand logins in a day.
            if self._clock.now() - began > LONGEST_WAIT:
                wait = self._first_wait
            pause = max(wait, asked).total_seconds()
            log.info("discord is tried again", again_in=pause)
            await asyncio.sleep(pause)
            wait = min(LONGEST_WAIT, wait * 2)

    async def _attempt(self, core: Core) -> timedelta:
        """Serve until the connection is lost; return how long Discord asks us to wait at least before the next."""
        try:
            await self._serve(core)
        except discord.LoginFailure as error:
            raise CannotStartError(PERMANENT[4004]) from error
        except discord.PrivilegedIntentsRequired as error:
            raise CannotStartError(PERMANENT[4014]) from error
        except discord.ConnectionClosed as error:
            if error.code in PERMANENT:
                raise CannotStartError(PERMANENT[error.code]) from error
            log.warning("discord closed the connection", code=error.code)
        except OUT_OF_REACH as error:
            log.warning("discord is out of reach", error=type(error).__name__)
            return asked_wait(error)
        return timedelta()

    async def _serve(self, core: Core) -> None:
        client = Connection(core, self._words, self._lines, in_time=self._in_time, meter=self._meter)
        try:
            async with client:
                await client.login(self._token.get_secret_value())
                self._client = client
                await client.connect()
        finally:
            self._client = None

    def _connected(self) -> Connection:
        if self._client is None or self._client.is_closed():
            raise DeliveryError(Reason.UNREACHABLE, Outcome.LATER, NOT_CONNECTED_WAIT)
        return self._client

    # ------------------------------------------------------------ posts

    async def post(self, to: Address, message: Message, *, key: str) -> Posted:
        """Post once: the key is Discord's nonce, which it enforces for some minutes, and our own mark for ever."""
        client = self._connected()
        room = await self._room(client, to)
        public = not isinstance(to, Member)
        carried = to.community.id if isinstance(to, Member) else ""

        async def post(message: Message) -> Posted:
            drawing = draw_message(message, community=carried, key=key, public=public)
            async with self._noticing(to), reaching(self._within, repeatable=False):
                sent = await send(room, to, drawing, key=key)
            return Posted(to, str(sent.channel.id), str(sent.id))

        return await with_or_without_picture(message, post)

    async def find(self, to: Address, key: str, *, since: datetime) -> Posted | None:
        """Read what was written since, a thousand messages at most, and keep nothing but our own post.

        Without *Read Message History* Discord shows no messages rather than refusing, so that is asked first.
        """
        client = self._connected()
        if not (await self.access(to)).look_back:
            raise CannotLookError
        room = await self._room(client, to)
        seen = 0
        async with reaching(self._within, repeatable=True):
            async for message in room.history(limit=LOOKED_THROUGH, after=since, oldest_first=True):
                seen += 1
                if client.user and message.author.id == client.user.id and marks(message, key):
                    return Posted(to, str(message.channel.id), str(message.id))
        if seen >= LOOKED_THROUGH:
            raise CannotLookError
        return None

    async def edit(self, posted: Posted, message: Message, *, key: str) -> None:
        """Replace what a post says; pictures and files of before go."""
        carried = posted.to.community.id if isinstance(posted.to, Member) else ""

        async def edit(message: Message) -> None:
            drawing = draw_message(message, community=carried, key=key, public=not carried)
            async with reaching(self._within, repeatable=True):
                await self._message(posted).edit(
                    view=drawing.view, attachments=drawing.files, allowed_mentions=drawing.allowed
                )

        await with_or_without_picture(message, edit)

    async def delete(self, posted: Posted) -> None:
        """Take a post down."""
        async with reaching(self._within, repeatable=True):
            try:
                await self._message(posted).delete()
            except discord.NotFound as error:
                if error.code not in GONE_MESSAGE:
                    raise

    async def pin(self, posted: Posted, pinned: bool) -> None:
        """Pin or unpin a post."""
        async with reaching(self._within, repeatable=True):
            message = self._message(posted)
            await (message.pin() if pinned else message.unpin())

    async def start_thread(self, posted: Posted, title: str) -> Thread:
        """Open a thread under a post of a channel. Discord gives it the id of the message."""
        if not isinstance(posted.to, Channel | ReplyTo):
            raise DeliveryError(Reason.REJECTED, Outcome.REFUSED)
        client = self._connected()
        async with reaching(self._within, repeatable=True):
            try:
                await client.http.start_thread_with_message(
                    int(posted.place),
                    int(posted.message),
                    name=shorten(title, LONGEST_TITLE),
                    auto_archive_duration=ARCHIVED_AFTER,
                )
            except discord.HTTPException as error:
                if error.code != THREAD_EXISTS:
                    raise
        channel = posted.to if isinstance(posted.to, Channel) else posted.to.channel
        return Thread(channel, posted.message)

    # ------------------------------------------------------------ people and places

    async def look_up(self, member: Member) -> Profile | None:
        """Return the name by which a community knows a member. Discord tells neither language nor zone."""
        client = self._connected()
        async with reaching(self._within, repeatable=True):
            try:
                if not member.community.id:
                    return Profile((await client.fetch_user(int(member.id))).display_name)
                found = await client.http.get_member(int(member.community.id), int(member.id))
            except discord.NotFound as error:
                if error.code not in NOT_THERE:
                    raise
                client.tell(MemberGone(member))
                return None
        user = found["user"]
        return Profile(found.get("nick") or user.get("global_name") or user["username"])

    async def belongs(self, member: Member, channel: Channel) -> bool:
        """Return whether a member can read a channel."""
        client = self._connected()
        async with reaching(self._within, repeatable=True):
            try:
                return await can_read(client, member, channel)
            except discord.NotFound as error:
                if error.code in NOT_THERE:
                    client.tell(MemberGone(member))
                return False

    async def access(self, to: Address) -> Access:
        """Return what we may do at an address; all false where it is gone or closed to us."""
        client = self._connected()
        if isinstance(to, Member):
            return DIRECT if await self.look_up(to) else Access()
        async with reaching(self._within, repeatable=True):
            try:
                return await our_access(client, to)
            except (discord.NotFound, discord.Forbidden):
                return Access()

    # ------------------------------------------------------------ places

    async def _room(self, client: Connection, to: Address) -> Room:
        if not isinstance(to, Member):
            return client.get_partial_messageable(channel_of(to))
        async with self._noticing(to), reaching(self._within, repeatable=True):
            return await client.create_dm(discord.Object(int(to.id)))

    def _message(self, posted: Posted) -> discord.PartialMessage:
        room = self._connected().get_partial_messageable(int(posted.place))
        return room.get_partial_message(int(posted.message))

    @asynccontextmanager
    async def _noticing(self, to: Address) -> AsyncGenerator[None]:
        """Tell the core when a failure shows that a member has left."""
        try:
            yield
        except DeliveryError as error:
            cause = error.__cause__
            gone = isinstance(cause, discord.HTTPException) and cause.code in NOT_THERE
            if gone and isinstance(to, Member) and self._client:
                self._client.tell(MemberGone(to))
            raise
