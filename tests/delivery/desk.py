"""What tests of deliveries need: letters, a feature that remembers, and a sender that stands ready."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.clock import MovedClock
from bot.core.feature import KEEPS_NOTHING, Feature, Later, Sending, Withdraw
from bot.core.port import Address, Channel, Member, Message, Posted, Reason
from bot.core.text import Words
from bot.delivery.carrier import Carrier
from bot.delivery.letters import Action, Claimed, Letter
from bot.delivery.outbox import Outbox, Patience
from bot.delivery.pace import Pace
from bot.delivery.sender import Sender
from bot.storage.database import Database
from bot.storage.sealing import Sealing
from tests.fakes import CIRCLE, HERE, START, FakeDirectory, FakePlatform

LANE: Final = "fake:here"
FEATURE: Final = "diary"
HOUR: Final = timedelta(hours=1)
SECOND: Final = timedelta(seconds=1)
PATIENCE: Final = Patience(lease=timedelta(seconds=90), settle=timedelta(seconds=5), answer=timedelta(milliseconds=20))
PAST_THE_LEASE: Final = PATIENCE.lease + SECOND
EVENING: Final = Channel(HERE, "evening")
MIA: Final = Member(HERE, "mia")

WORDS: Final = Words(
    {
        "en": {"core.late": "late", "core.support": "Get support", "core.thread_title": "Answers"},
        "de": {"core.late": "spät", "core.support": "Hilfe", "core.thread_title": "Antworten"},
    }
)

_LETTER: Final = Letter(("a",), FEATURE, "note", 1, CIRCLE, START, START + 2 * HOUR, personal=False)


def letter(
    name: str = "a",
    *,
    to: Address = CIRCLE,
    subject: int = 1,
    kind: str = "note",
    due_at: datetime = START,
    expires_at: datetime | None = None,
) -> Letter:
    """Return a letter of the diary, good for two hours."""
    until = expires_at or due_at + 2 * HOUR
    return replace(_LETTER, name=(name,), to=to, subject=subject, kind=kind, due_at=due_at, expires_at=until)


async def put(database: Database, outbox: Outbox, *letters: Letter) -> list[str]:
    """Put letters in and return their keys."""
    async with database.write() as unit:
        return [await outbox.put(unit, each) for each in letters]


async def put_more(
    database: Database, outbox: Outbox, post_key: str, action: Action = Action.EDIT, more: Letter = _LETTER
) -> None:
    """Have something done to a post."""
    async with database.write() as unit:
        await outbox.put_more(unit, more, post_key, action)


@dataclass(slots=True)
class Diary:
    """A feature whose messages are set by a test, and that remembers what it was told."""

    says: dict[int, Message | Withdraw | Later | Exception] = field(
        default_factory=dict[int, "Message | Withdraw | Later | Exception"]
    )
    """What it composes by subject; else a message that names the subject."""
    composed: list[Sending] = field(default_factory=list[Sending])
    told: list[tuple[int, Posted]] = field(default_factory=list[tuple[int, Posted]])
    failures: list[tuple[int, Reason]] = field(default_factory=list[tuple[int, Reason]])
    missed: list[tuple[int, Reason]] = field(default_factory=list[tuple[int, Reason]])
    """What did not reach a member, or a group that was quiet for too long."""
    while_composing: Callable[[], Awaitable[None]] | None = None
    """Awaited when a message is wanted: a place to let something else happen meanwhile."""
    breaks_after_sending: bool = False
    breaks_when_told: bool = False

    @property
    def feature(self) -> Feature:
        return Feature(
            FEATURE, KEEPS_NOTHING, compose=self.compose, sent=self.sent, failed=self.failed, unheard=self.unheard
        )

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        self.composed.append(sending)
        if self.while_composing:
            await self.while_composing()
        found = self.says.get(sending.subject, Message(f"number {sending.subject}"))
        if isinstance(found, Exception):
            raise found
        return found

    async def sent(self, sending: Sending, posted: Posted) -> None:
        self.told.append((sending.subject, posted))
        if self.breaks_after_sending:
            raise ValueError("the diary cannot be written")

    async def unheard(self, sending: Sending, reason: Reason) -> None:
        self.missed.append((sending.subject, reason))
        if self.breaks_when_told:
            raise ValueError("there is nobody to tell")

    async def failed(self, sending: Sending, reason: Reason) -> None:
        self.failures.append((sending.subject, reason))
        if self.breaks_when_told:
            raise ValueError("there is nobody to tell")


@dataclass(slots=True)
class Desk:
    """One process that sends what the diary wants."""

    database: Database
    clock: MovedClock
    outbox: Outbox
    platform: FakePlatform
    diary: Diary
    directory: FakeDirectory
    sender: Sender

    async def put(self, *letters: Letter) -> list[str]:
        return await put(self.database, self.outbox, *letters)

    async def put_more(self, post_key: str, action: Action = Action.EDIT, more: Letter = _LETTER) -> None:
        await put_more(self.database, self.outbox, post_key, action, more)

    async def send(self, lane: str = LANE) -> None:
        """Send what is due now, however many batches it takes."""
        while await self.sender.deliver(lane):
            pass

    async def send_all(self) -> None:
        """Send until nothing is open any more, moving the clock to wherever something is due."""
        for _ in range(100):
            await self.send()
            next_at = await self.outbox.next_at()
            if next_at is None:
                return
            self.clock.move(next_at)
        raise AssertionError("deliveries do not come to an end")

    async def send_for(self, time: timedelta) -> None:
        """Send what falls due within a time, and end there."""
        until = self.clock.now() + time
        await self.send()
        while (next_at := await self.outbox.next_at()) is not None and next_at <= until:
            self.clock.move(next_at)
            await self.send()
        self.clock.move(until)

    @property
    def texts(self) -> list[str]:
        """Return the bodies of the posts that stand."""
        return [post.message.body for post in self.platform.posts]


def desk_at(
    database: Database,
    sealing: Sealing,
    clock: MovedClock,
    *,
    platform: FakePlatform | None = None,
    diary: Diary | None = None,
    outbox: Outbox | None = None,
    pace: Pace | None = None,
) -> Desk:
    """Return a process on a database."""
    platform, diary = platform or FakePlatform(clock), diary or Diary()
    outbox = outbox or Outbox(database, sealing, clock, PATIENCE)
    directory = FakeDirectory(locales=("en", "de"))
    pace = pace or Pace({}, clock)
    carrier = Carrier(
        outbox=outbox,
        platforms={platform.name: platform},
        features={FEATURE: diary.feature},
        directory=directory,
        words=WORDS,
        clock=clock,
        patience=PATIENCE,
        pace=pace,
    )
    sender = Sender(carrier, outbox, pace, clock, [platform.name])
    return Desk(database, clock, outbox, platform, diary, directory, sender)


def ids_of(claimed: list[Claimed]) -> list[int]:
    return [each.id for each in claimed]


def subjects_of(claimed: list[Claimed]) -> list[int]:
    return [each.subject for each in claimed]
