"""Carries one delivery: looks again, composes, posts once under a key, and settles unclear outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.core.dispatch import with_support
from bot.core.feature import Compose, Directory, Feature, Later, Quiet, Sending, Withdraw
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
)
from bot.core.text import Words
from bot.delivery.endings import Endings
from bot.delivery.letters import Action, Claimed, State, platform_of
from bot.delivery.outbox import Outbox, Patience
from bot.delivery.pace import Pace, Turn, place_of
from bot.delivery.together import Together

log = structlog.get_logger(__name__)

LATE_AFTER: Final = timedelta(minutes=5)
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=10)
LOOKS_AGAIN: Final = timedelta(hours=1)
"""What is about a member waits for the end of a silence, which may come earlier than was said: so often we look."""
PICTURE_TRIES: Final = 3
"""After so many tries a post goes without its picture: it may be that which does not get through."""
THREAD_TITLE: Final = "core.thread_title"


class Carrier:
    """Carries deliveries to the platforms, each by itself."""

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
        self._glances = Together(self._glance)
        self._endings = Endings(outbox, features, directory, clock, self._sending)
        self.stopping = False
        """Whether what has not begun is to be given back."""

    async def carry(self, claimed: Claimed) -> None:
        """Bring a delivery as far as it gets now."""
        try:
            await self._carry(claimed)
        except DeliveryError as error:
            await self._failed(claimed, error)

    async def _carry(self, claimed: Claimed) -> None:
        if claimed.doubtful and claimed.action is Action.POST and await self._found(claimed):
            return
        if self._clock.now() > claimed.expires_at:
            await self._expired(claimed)
            return
        target = None
        if claimed.action is not Action.POST:
            target = await self._outbox.posted(claimed.post_key)
            if target is None:
                await self._too_early(claimed)
                return
        async with self._pace.turn(claimed.to, claimed.action) as turn:
            if self.stopping:
                await self._outbox.give_back([claimed])
                return
            quiet, sending = await self._glances.ask(claimed)
            if quiet:
                await self._keep_quiet(claimed, quiet)
            else:
                await self._send(claimed, target, sending, turn)

    async def _send(self, claimed: Claimed, target: Posted | None, sending: Sending, turn: Turn) -> None:
        match await self._compose(claimed, sending):
            case Withdraw(why):
                await self._outbox.settle(claimed, State.WITHDRAWN, why)
            case Later(until):
                await self._later(claimed, until)
            case message:
                await self._pace.leaving(turn)
                if await self._outbox.start(claimed, self._clock.now()):
                    turn.acts = True
                    posted = await self._answer(claimed, target, message, sending.locale)
                    await self._sent(claimed, posted, sending)

    async def _answer(self, claimed: Claimed, target: Posted | None, message: Message, locale: str) -> Posted:
        try:
            async with asyncio.timeout(self._patience.answer.total_seconds()):
                return await self._act(claimed, target, message, locale)
        except TimeoutError:
            raise DeliveryError(Reason.NO_ANSWER, Outcome.UNKNOWN) from None

    # ------------------------------------------------------------ before it is sent

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
        await self._sent(claimed, posted, await self._sending(claimed))
        return True

    async def _unknown(self, claimed: Claimed) -> bool:
        await self._endings.end(claimed, State.UNKNOWN, Reason.NO_ANSWER, Reason.NO_ANSWER)
        return True

    async def _expired(self, claimed: Claimed) -> None:
        """Give up. Whoever wanted it is told why it never went, unless nobody was there to try."""
        told = Reason(claimed.reason) if claimed.reason else None
        # An unclear answer is clear by now: we looked, and there was nothing. And what is done to posts is always told.
        if told is Reason.NO_ANSWER or (told is None and claimed.action is not Action.POST):
            told = Reason.UNREACHABLE
        await self._endings.end(claimed, State.EXPIRED, claimed.reason or "", told)

    async def _too_early(self, claimed: Claimed) -> None:
        """Wait for the post that something is to be done to; give up when it will never be sent."""
        coming = await self._outbox.coming(claimed.post_key)
        if coming:
            await self._outbox.put_off(claimed, max(coming, self._clock.now() + FIRST_WAIT), None)
        else:
            await self._endings.end(claimed, State.WITHDRAWN, "no post", Reason.GONE)

    async def _glance(self, batch: Sequence[Claimed]) -> Sequence[tuple[Quiet | None, Sending]]:
        """Look at the groups that several posts are for, at the same time."""
        async with self._outbox.glance():
            return [(await self._silence(claimed), await self._sending(claimed)) for claimed in batch]

    async def _silence(self, claimed: Claimed) -> Quiet | None:
        """Return a silence that holds a post back. What is done to posts goes on, and so do private messages."""
        place = place_of(claimed.to)
        if claimed.action is not Action.POST or isinstance(place, Member):
            return None
        return await self._directory.quiet(place, self._clock.now())

    async def _keep_quiet(self, claimed: Claimed, quiet: Quiet) -> None:
        """Move a post to the end of the silence, or leave it out; what is about a member waits while it is welcome."""
        look = self._clock.now() + LOOKS_AGAIN
        look = min(quiet.until or look, look)
        if quiet.until and quiet.moves:
            await self._outbox.move(claimed, quiet.until)
        elif claimed.personal and look < claimed.expires_at:
            await self._outbox.put_off(claimed, look, None)
        else:
            await self._endings.leave_out(claimed)

    async def _later(self, claimed: Claimed, until: datetime) -> None:
        """Look again then, but also in the last moment: what the feature waits for may have come earlier."""
        soonest, last = self._clock.now() + FIRST_WAIT, claimed.expires_at - FIRST_WAIT
        await self._outbox.put_off(claimed, max(min(until, last), soonest), None)

    async def _act(self, claimed: Claimed, target: Posted | None, message: Message, locale: str) -> Posted:
        platform = self._platforms[platform_of(claimed.lane)]
        if target is None:
            return await platform.post(claimed.to, message, key=claimed.key)
        match claimed.action:
            case Action.EDIT:
                await platform.edit(target, message, key=claimed.post_key)
            case Action.DELETE:
                await platform.delete(target)
            case Action.PIN | Action.UNPIN:
                await platform.pin(target, claimed.action is Action.PIN)
            case _:
                await platform.start_thread(target, message.title or self._words.label(THREAD_TITLE, locale))
        return target

    # ------------------------------------------------------------ words and receipts

    async def _compose(self, claimed: Claimed, sending: Sending) -> Message | Withdraw | Later:
        """Look again, just before sending: consent, pause, membership. Nothing composed is ever stored."""
        compose: Compose | None = self._features[claimed.feature].compose if claimed.feature in self._features else None
        if compose is None:
            return Withdraw("feature gone")
        if claimed.action in {Action.DELETE, Action.PIN, Action.UNPIN}:
            return Message("")
        message = await compose(sending)
        if not isinstance(message, Message):
            return message
        if claimed.tries >= PICTURE_TRIES:
            message = replace(message, picture=None)
        # Nobody waits for a private message at an hour, but where its feature says so itself.
        if sending.late and claimed.action is Action.POST and not isinstance(claimed.to, Member):
            note = self._words.say("core.late", sending.locale)
            message = _with_footer(message, note)
        return with_support(message, self._words, sending.locale)

    async def _sending(self, claimed: Claimed) -> Sending:
        match place_of(claimed.to):
            case Member() as member:
                reader = await self._directory.reader(member)
            case Channel() as channel:
                reader = await self._directory.group_reader(channel)
        now = self._clock.now()
        late = now - claimed.due_at > LATE_AFTER
        return Sending(
            claimed.feature, claimed.kind, claimed.subject, claimed.to, claimed.due_at, now, late, reader.locale
        )

    async def _sent(self, claimed: Claimed, posted: Posted, sending: Sending) -> None:
        """Write the receipt. The feature hears first: if we die in between, the post is found and it hears again."""
        feature = self._features.get(claimed.feature)
        if feature and feature.sent and claimed.action is Action.POST:
            await feature.sent(sending, posted)
        elif feature and feature.followed and claimed.action is not Action.POST:
            await feature.followed(sending, None)
        await self._outbox.settle(claimed, State.SENT, posted=posted)

    # ------------------------------------------------------------ failures

    async def _failed(self, claimed: Claimed, error: DeliveryError) -> None:
        now = self._clock.now()
        log.warning("delivery failed", feature=claimed.feature, reason=error.reason, outcome=error.outcome.value)
        if error.outcome is Outcome.REFUSED:
            await self._endings.end(claimed, State.REFUSED, error.reason, error.reason)
            return
        doubtful = error.outcome is Outcome.UNKNOWN or claimed.doubtful
        wait = error.retry_after or _backoff(claimed.tries)
        if error.reason is Reason.TOO_FAST:
            self._pace.hold(claimed.to, claimed.action, wait, everywhere=error.everywhere)
        if error.outcome is Outcome.UNKNOWN:
            wait = max(wait, self._patience.settle)
        await self._outbox.put_off(claimed, now + wait, error.reason, doubtful=doubtful)


def _backoff(tries: int) -> timedelta:
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 10))


def _with_footer(message: Message, note: str) -> Message:
    return replace(message, footer=f"{message.footer}\n{note}" if message.footer else note)
