"""Sends what was claimed: looks again, composes, posts once under a key, and settles unclear outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from bot.core.dispatch import with_support
from bot.core.faults import where
from bot.core.feature import Compose, Directory, Feature, Sending, Withdraw
from bot.core.port import (
    CannotLookError,
    Channel,
    Clock,
    DeliveryError,
    Member,
    Message,
    Outcome,
    Platform,
    Posted,
    Reason,
    ReplyTo,
    Thread,
)
from bot.core.text import Words
from bot.delivery.letters import Action, Claimed, State, platform_of
from bot.delivery.outbox import BATCH, Outbox, Patience
from bot.delivery.pace import Pace

log = structlog.get_logger(__name__)

LATE_AFTER: Final = timedelta(minutes=5)
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=10)
AFTER_A_FAULT: Final = timedelta(hours=1)
THREAD_TITLE: Final = "core.thread_title"
NOTES: Final = {
    Reason.CLOSED: "core.note_closed",
    Reason.FORBIDDEN: "core.note_closed",
    Reason.NO_ANSWER: "core.note_unsure",
}
"""What a member is told, the next time they use the bot, about a private message that did not reach them."""


class Sender:
    """Carries deliveries to the platforms."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        platforms: Mapping[str, Platform],
        features: Mapping[str, Feature],
        directory: Directory,
        words: Words,
        clock: Clock,
        patience: Patience,
        pace: Pace,
    ) -> None:
        self._outbox = outbox
        self._platforms = platforms
        self._features = features
        self._directory = directory
        self._words = words
        self._clock = clock
        self._patience = patience
        self._pace = pace
        self._stopping = False

    def stop(self) -> None:
        """Finish the delivery in hand, and give back the others."""
        self._stopping = True

    def serves(self, lane: str) -> bool:
        """Return whether a lane leads to a platform that runs here."""
        return platform_of(lane) in self._platforms

    async def deliver(self, lane: str) -> bool:
        """Send a batch of a lane; return whether there is more."""
        batch = await self._outbox.claim(lane, self._clock.now())
        for place, claimed in enumerate(batch):
            if self._stopping:
                await self._outbox.give_back(batch[place:])
                return False
            try:
                await self._try(claimed)
            except Exception as error:  # noqa: BLE001  one bad row must not stop the others
                log.error("delivery put off", feature=claimed.feature, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back would print members' text
                await self._outbox.put_off(claimed, self._clock.now() + AFTER_A_FAULT, Reason.BROKEN)
        return len(batch) == BATCH

    async def _try(self, claimed: Claimed) -> None:
        try:
            await self._deliver(claimed)
        except DeliveryError as error:
            await self._failed(claimed, error)

    async def _deliver(self, claimed: Claimed) -> None:
        if claimed.doubtful and claimed.action is Action.POST and await self._found(claimed):
            return
        if self._clock.now() > claimed.expires_at:
            await self._expired(claimed)
            return
        if claimed.action is not Action.POST and await self._too_early(claimed):
            return
        await self._pace.wait(claimed.to)
        message = await self._compose(claimed)
        if isinstance(message, Withdraw):
            await self._outbox.settle(claimed, State.WITHDRAWN, message.why)
            return
        if not await self._outbox.start(claimed, self._clock.now()):
            return
        try:
            async with asyncio.timeout(self._patience.answer.total_seconds()):
                posted = await self._act(claimed, message)
        except TimeoutError:
            raise DeliveryError(Reason.NO_ANSWER, Outcome.UNKNOWN) from None
        await self._sent(claimed, posted)

    async def _found(self, claimed: Claimed) -> bool:
        """Look for what an earlier try may have posted. If nobody can look, it is never sent again."""
        since = (claimed.sending_since or claimed.due_at) - timedelta(minutes=1)
        platform = self._platforms[platform_of(claimed.lane)]
        try:
            posted = await platform.find(claimed.to, claimed.key, since=since)
        except CannotLookError:
            return await self._unknown(claimed)
        except DeliveryError as error:
            if error.outcome is Outcome.REFUSED:
                return await self._unknown(claimed)
            raise
        if posted is None:
            return False
        await self._sent(claimed, posted)
        return True

    async def _unknown(self, claimed: Claimed) -> bool:
        if await self._outbox.settle(claimed, State.UNKNOWN, Reason.NO_ANSWER):
            await self._tell(claimed, Reason.NO_ANSWER)
        return True

    async def _expired(self, claimed: Claimed) -> None:
        """Give up. Whoever wanted it is told why it never went, unless nobody was there to try."""
        if await self._outbox.settle(claimed, State.EXPIRED, claimed.reason or "") and claimed.reason:
            # An unclear answer is clear by now: we looked, and there was nothing.
            reason = Reason(claimed.reason)
            await self._tell(claimed, Reason.UNREACHABLE if reason is Reason.NO_ANSWER else reason)

    async def _too_early(self, claimed: Claimed) -> bool:
        """Wait for the post that something is to be done to; give up when it will never be sent."""
        if await self._outbox.posted(claimed.post_key):
            return False
        coming = await self._outbox.coming(claimed.post_key)
        if coming:
            await self._outbox.put_off(claimed, max(coming, self._clock.now() + FIRST_WAIT), None)
        else:
            await self._outbox.settle(claimed, State.WITHDRAWN, "no post")
        return True

    async def _act(self, claimed: Claimed, message: Message) -> Posted | None:
        platform = self._platforms[platform_of(claimed.lane)]
        if claimed.action is Action.POST:
            return await platform.post(claimed.to, message, key=claimed.key)
        posted = await self._outbox.posted(claimed.post_key)
        if posted is None:
            return None
        match claimed.action:
            case Action.EDIT:
                await platform.edit(posted, message, key=claimed.post_key)
            case Action.DELETE:
                await platform.delete(posted)
            case Action.PIN | Action.UNPIN:
                await platform.pin(posted, claimed.action is Action.PIN)
            case Action.THREAD:
                reader = await self._directory.group_reader(_channel(posted))
                await platform.start_thread(posted, message.title or self._words.label(THREAD_TITLE, reader.locale))
        return posted

    # ------------------------------------------------------------ words and receipts

    async def _compose(self, claimed: Claimed) -> Message | Withdraw:
        """Look again, just before sending: consent, pause, membership. Nothing composed is ever stored."""
        compose: Compose | None = self._features[claimed.feature].compose if claimed.feature in self._features else None
        if compose is None:
            return Withdraw("feature gone")
        sending = await self._sending(claimed)
        if claimed.action in {Action.DELETE, Action.PIN, Action.UNPIN}:
            return Message("")
        message = await compose(sending)
        if isinstance(message, Withdraw):
            return message
        if sending.late and claimed.action is Action.POST:
            note = self._words.say("core.late", sending.locale)
            message = _with_footer(message, note)
        return with_support(message, self._words, sending.locale)

    async def _sending(self, claimed: Claimed) -> Sending:
        match claimed.to:
            case Member():
                reader = await self._directory.reader(claimed.to)
            case Channel():
                reader = await self._directory.group_reader(claimed.to)
            case Thread(channel) | ReplyTo(channel):
                reader = await self._directory.group_reader(channel)
        now = self._clock.now()
        late = now - claimed.due_at > LATE_AFTER
        return Sending(
            claimed.feature, claimed.kind, claimed.subject, claimed.to, claimed.due_at, now, late, reader.locale
        )

    async def _sent(self, claimed: Claimed, posted: Posted | None) -> None:
        """Write the receipt. The feature hears first: if we die in between, the post is found and it hears again."""
        sent = self._features[claimed.feature].sent
        if posted and sent and claimed.action is Action.POST:
            await sent(await self._sending(claimed), posted)
        await self._outbox.settle(claimed, State.SENT, posted=posted)

    # ------------------------------------------------------------ failures

    async def _failed(self, claimed: Claimed, error: DeliveryError) -> None:
        now = self._clock.now()
        log.warning("delivery failed", feature=claimed.feature, reason=error.reason, outcome=error.outcome.value)
        if error.outcome is Outcome.REFUSED:
            # A row that is gone, or another's by now, is nothing to tell about: its member may have been erased.
            if await self._outbox.settle(claimed, State.REFUSED, error.reason):
                await self._tell(claimed, error.reason)
            return
        doubtful = error.outcome is Outcome.UNKNOWN or claimed.doubtful
        wait = error.retry_after or _backoff(claimed.tries)
        if error.outcome is Outcome.UNKNOWN:
            wait = max(wait, self._patience.settle)
        await self._outbox.put_off(claimed, now + wait, error.reason, doubtful=doubtful)

    async def _tell(self, claimed: Claimed, reason: Reason) -> None:
        if claimed.action is not Action.POST:
            return
        if isinstance(claimed.to, Member):
            if note := NOTES.get(reason):
                await self._directory.leave_note(claimed.to, note)
            return
        failed = self._features[claimed.feature].failed
        if failed:
            await failed(await self._sending(claimed), reason)


def _backoff(tries: int) -> timedelta:
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 10))


def _channel(posted: Posted) -> Channel:
    match posted.to:
        case Channel():
            return posted.to
        case Member(community):
            return Channel(community, posted.place)
        case Thread(channel) | ReplyTo(channel):
            return channel


def _with_footer(message: Message, note: str) -> Message:
    return replace(message, footer=f"{message.footer}\n{note}" if message.footer else note)
