"""How a lane is sent: several addresses at once, each in its order, people first; and when a post has to wait."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.core.clock import MovedClock
from bot.core.feature import Later, Quiet
from bot.core.port import Address, Channel, Community, Message, ReplyTo, Thread
from bot.delivery.letters import Action, State
from bot.delivery.pace import Pace, Rate
from bot.delivery.tables import deliveries
from bot.storage.database import Database
from bot.storage.sealing import Sealing
from tests.delivery.desk import EVENING, HOUR, LANE, MIA, PATIENCE, SECOND, Desk, desk_at, letter, subjects_of
from tests.fakes import CIRCLE, HERE, LOST_AFTER, LOST_BEFORE, START, later

NIGHT = START + 9 * HOUR


@pytest.fixture
def dialect() -> str:
    """Take SQLite alone: the statements have their tests in both dialects elsewhere."""
    return "sqlite"


async def ends(desk: Desk) -> list[tuple[str, str | None]]:
    async with desk.database.read() as unit:
        rows = await unit.all(select(deliveries.c.state, deliveries.c.reason).order_by(deliveries.c.subject))
    return [(row.state, row.reason) for row in rows]


# ---------------------------------------------------------------- several at once


async def test_addresses_do_not_wait_for_each_other_and_each_keeps_its_order(desk: Desk) -> None:
    """Posts to different channels are on their way together; in one channel and its threads they follow in order."""
    places = [CIRCLE, EVENING, Channel(HERE, "third")]
    out, most, arrived = set[str](), list[int](), defaultdict[str, list[str]](list)

    async def arrive(to: Address, message: Message) -> None:
        place = to.id if isinstance(to, Channel) else to.channel.id if isinstance(to, Thread) else ""
        assert place not in out
        out.add(place)
        most.append(len(out))
        for _ in range(5):
            await asyncio.sleep(0)
        out.discard(place)
        arrived[place].append(message.body)

    desk.platform.before_posting = arrive
    for number in range(12):
        place = places[number % 3]
        to = Thread(place, "t") if number % 2 else place
        await desk.put(letter(str(number), subject=number, to=to, due_at=START - HOUR + number * SECOND))

    await desk.send()

    assert 3 == max(most)
    assert {place.id: [f"number {n}" for n in range(i, 12, 3)] for i, place in enumerate(places)} == arrived


async def test_people_are_sent_to_before_posts(desk: Desk) -> None:
    """A private message or an edit is claimed by itself, however many posts wait, and what it does is no post."""
    (key,) = await desk.put(letter("old", subject=9))
    await desk.send()
    await desk.put(letter("post", subject=1, due_at=START - HOUR), letter("direct", subject=2, to=MIA))
    await desk.put_more(key, Action.EDIT, letter(subject=9))

    await desk.sender.deliver(LANE, people=True)
    first = list(desk.texts)
    await desk.sender.deliver(LANE, people=False)

    assert ["number 9", "number 2"] == first
    assert [1, "number 1"] == [desk.platform.posts[0].edits, desk.texts[-1]]


async def test_no_community_takes_all_the_room(database: Database, sealing: Sealing, clock: MovedClock) -> None:
    """One with a single post does not wait until another with many is done: they share what the bot may send."""
    pace = Pace({HERE.platform: Rate(overall=1_000)}, clock)
    desk = desk_at(database, sealing, clock, pace=pace)
    many = [Channel(HERE, str(number)) for number in range(100)]
    other = Channel(Community(HERE.platform, "other"), "o")
    await desk.put(*(letter(to.id, subject=number, to=to) for number, to in enumerate(many)))
    await desk.put(letter("other", subject=1_000, to=other))

    await asyncio.gather(desk.sender.deliver(LANE), desk.sender.deliver(f"{HERE.platform}:other"))

    assert 101 == len(desk.texts)
    assert desk.texts.index("number 1000") < 70


# ---------------------------------------------------------------- the pace


def paced(database: Database, sealing: Sealing, clock: MovedClock) -> tuple[Desk, Pace]:
    pace = Pace({HERE.platform: Rate(each=0.1)}, clock)
    return desk_at(database, sealing, clock, pace=pace), pace


async def test_an_address_that_is_not_ready_is_put_off_and_others_go(
    database: Database, sealing: Sealing, clock: MovedClock
) -> None:
    """Nothing is held meanwhile, and it does not count as a try."""
    desk, pace = paced(database, sealing, clock)
    pace.hold(CIRCLE, Action.POST, 42 * SECOND)
    await desk.put(letter("a", subject=1), letter("b", subject=2, to=EVENING))

    await desk.send()

    assert ["number 2"] == desk.texts
    assert START + 42 * SECOND == await desk.outbox.next_at()
    clock.move(START + 42 * SECOND)
    (claimed,) = await desk.outbox.claim(LANE, clock.now())
    assert (0, False, None) == (claimed.tries, claimed.doubtful, claimed.reason)


async def test_posts_that_wait_for_one_channel_keep_their_order(
    database: Database, sealing: Sealing, clock: MovedClock
) -> None:
    """Each is put off by the time that those before it need."""
    desk, _ = paced(database, sealing, clock)
    for number in range(3):
        await desk.put(letter(str(number), subject=number, due_at=START - HOUR + number * SECOND))

    await desk.send()

    async with desk.database.read() as unit:
        rows = await unit.all(select(deliveries.c.try_at).order_by(deliveries.c.subject))
    waits = [(row.try_at - START).total_seconds() for row in rows]
    assert ["number 0"] == desk.texts
    assert [10, 20] == [round(wait) for wait in waits[1:]]


async def test_what_is_taken_in_hand_later_stays_behind_what_waits(
    database: Database, sealing: Sealing, clock: MovedClock
) -> None:
    """Posts due at one instant, a microsecond apart, go in this order, however they come to hand; so do moved ones."""
    desk, _ = paced(database, sealing, clock)
    tick = timedelta(microseconds=1)
    for batch in ((0, 1, 2), (3, 4)):
        await desk.put(*(letter(str(number), subject=number, due_at=START + number * tick) for number in batch))
        await desk.send()
    again = await desk.outbox.claim(LANE, START + 60 * SECOND)
    await desk.outbox.give_back(again)

    async with desk.database.read() as unit:
        rows = await unit.all(select(deliveries.c.try_at).order_by(deliveries.c.subject))
    waits = [(row.try_at - START).total_seconds() for row in rows]
    assert ["number 0"] == desk.texts
    assert [10, 20, 30, 40] == [round(wait) for wait in waits[1:]]
    assert [1, 2, 3, 4] == subjects_of(again)
    taken = await desk.outbox.claim(LANE, START + 60 * SECOND)
    assert [1, 2, 3, 4] == subjects_of(taken)
    for claimed in taken:
        await desk.outbox.move(claimed, NIGHT)
    assert [1, 2, 3, 4] == subjects_of(await desk.outbox.claim(LANE, NIGHT))


async def test_a_refusal_for_haste_lets_others_go(desk: Desk) -> None:
    """What comes after it at the same address waits as long as the platform asked; other addresses do not."""
    desk.platform.fails(later(42 * SECOND))
    await desk.put(letter("a", subject=1, due_at=START - HOUR))
    await desk.send()
    await desk.put(letter("b", subject=2), letter("c", subject=3, to=EVENING))

    await desk.send()
    clock = desk.clock
    clock.move(START + 42 * SECOND)
    await desk.send()

    assert ["number 3", "number 1", "number 2"] == desk.texts


# ---------------------------------------------------------------- quiet


@pytest.mark.parametrize("to", [CIRCLE, Thread(CIRCLE, "t"), ReplyTo(CIRCLE, "m")])
async def test_what_falls_into_quiet_hours_moves_to_their_end(desk: Desk, to: Address) -> None:
    """It comes then, is not called late, and has as much grace as it would have had."""
    desk.directory.silences[CIRCLE] = Quiet(NIGHT, moves=True)
    await desk.put(letter("a", subject=1, to=to), letter("b", subject=2, to=to))
    await desk.send()
    before = desk.platform.tries()
    desk.clock.move(NIGHT)
    desk.platform.fails(later(HOUR))

    await desk.send_all()

    assert 0 == before
    assert ["number 1", "number 2"] == sorted(desk.texts)
    assert {NIGHT, NIGHT + timedelta(microseconds=1)} == {each.due_at for each in desk.diary.composed}
    assert {False, True} == {each.late for each in desk.diary.composed}


@pytest.mark.parametrize(
    ("quiet", "personal", "end"),
    [
        (Quiet(START + HOUR, moves=False), True, (State.SENT, None)),
        (Quiet(START + HOUR, moves=False), False, (State.WITHDRAWN, "quiet")),
        (Quiet(START + 3 * HOUR, moves=False), True, (State.WITHDRAWN, "quiet")),
        (Quiet(None, moves=False), True, (State.WITHDRAWN, "quiet")),
        (Quiet(None, moves=False), False, (State.WITHDRAWN, "quiet")),
    ],
)
async def test_a_silence_leaves_out_posts_and_what_does_not_outlast_it(
    desk: Desk, quiet: Quiet, personal: bool, end: tuple[State, str | None]
) -> None:
    """What is about a member and still welcome when the silence ends waits for that; nobody is told of the rest."""
    desk.directory.silences[CIRCLE] = quiet
    await desk.put(replace(letter(), personal=personal))

    await desk.send_all()

    assert [end] == await ends(desk)
    assert [] == desk.diary.failures
    assert all(post.at >= START + HOUR for post in desk.platform.posts)


@pytest.mark.parametrize("until", [None, START + 20 * HOUR])
async def test_the_early_end_of_a_silence_is_noticed_within_an_hour(desk: Desk, until: datetime | None) -> None:
    """Whatever end was named, and if none was."""
    desk.directory.silences[CIRCLE] = Quiet(until, moves=False)
    await desk.put(replace(letter(expires_at=START + 24 * HOUR), personal=True))
    await desk.send_for(HOUR + timedelta(minutes=30))
    del desk.directory.silences[CIRCLE]

    await desk.send_for(HOUR)

    assert [START + 2 * HOUR] == [post.at for post in desk.platform.posts]


async def test_private_messages_and_changes_go_on_in_quiet_hours(desk: Desk) -> None:
    """Nothing but new posts is held back."""
    (key,) = await desk.put(letter("the post", subject=1))
    await desk.send()
    desk.directory.silences[CIRCLE] = Quiet(NIGHT, moves=True)
    await desk.put(letter("direct", subject=2, to=MIA))
    for action in (Action.EDIT, Action.PIN, Action.THREAD):
        await desk.put_more(key, action)

    await desk.send()

    (post, direct) = desk.platform.posts
    assert (1, True, True, "number 2") == (post.edits, post.pinned, bool(post.thread), direct.message.body)


@pytest.mark.parametrize(("failure", "tries"), [(LOST_AFTER, 1), (LOST_BEFORE, 2)])
async def test_a_doubtful_post_is_looked_for_in_quiet_hours_too(desk: Desk, failure: object, tries: int) -> None:
    """If it is there it is sent; else it moves, and it is looked for once more before it is sent again."""
    assert failure in {LOST_AFTER, LOST_BEFORE}
    await desk.put(letter())
    desk.platform.fails(LOST_AFTER if failure == LOST_AFTER else LOST_BEFORE)
    await desk.send()
    desk.directory.silences[CIRCLE] = Quiet(NIGHT, moves=True)
    desk.clock.move(START + PATIENCE.settle)

    await desk.send_all()

    assert tries == desk.platform.tries("post") == desk.platform.tries("find")
    assert [(State.SENT, None)] == await ends(desk)


# ---------------------------------------------------------------- later


async def test_a_feature_may_say_later(desk: Desk) -> None:
    """It is asked again then, and however often that happens, a failure waits no longer for it."""
    for number in range(1, 6):
        desk.diary.says[1] = Later(START + number * timedelta(minutes=10))
        if number == 1:
            await desk.put(letter())
        await desk.send()
        desk.clock.move(START + number * timedelta(minutes=10))
    del desk.diary.says[1]
    desk.platform.fails(later())
    await desk.send()
    next_at = await desk.outbox.next_at()
    await desk.send_all()

    assert 6 <= len(desk.diary.composed)
    assert desk.clock.now() - 5 * SECOND == START + timedelta(minutes=50)
    assert START + timedelta(minutes=50, seconds=5) == next_at
    assert ["number 1"] == desk.texts


async def test_what_is_put_off_beyond_its_time_is_looked_at_before_it_expires(desk: Desk) -> None:
    """What its feature waits for may come earlier than it said; then it is sent after all."""
    desk.diary.says[1] = Later(START + 3 * HOUR)
    await desk.put(letter())
    await desk.send_for(HOUR)
    del desk.diary.says[1]

    await desk.send_all()

    assert [(State.SENT, None)] == await ends(desk)
    assert [START + 2 * HOUR - 5 * SECOND] == [post.at for post in desk.platform.posts]


async def test_what_is_put_off_beyond_its_time_expires_in_silence(desk: Desk) -> None:
    """The feature knew when it said so: nobody is told."""
    desk.diary.says[1] = Later(START + 3 * HOUR)
    await desk.put(letter())

    await desk.send_all()

    assert [(State.EXPIRED, None)] == await ends(desk)
    assert [] == desk.diary.failures
