"""What becomes of deliveries on a platform that fails in every way it can."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.core.clock import MovedClock
from bot.core.feature import Quiet, Reader, Withdraw
from bot.core.port import Address, Button, Channel, Community, Message, Picture, Posted, Reason, ReplyTo, Thread
from bot.delivery.letters import Action, State
from bot.delivery.outbox import BATCH
from bot.delivery.tables import deliveries
from bot.storage.database import Database
from bot.storage.sealing import Sealing
from tests.delivery.desk import EVENING, FEATURE, HOUR, LANE, MIA, PATIENCE, SECOND, Desk, desk_at, letter
from tests.fakes import (
    CIRCLE,
    LOST_AFTER,
    LOST_BEFORE,
    SILENT_AFTER,
    SILENT_BEFORE,
    START,
    Doing,
    Fails,
    FakePlatform,
    later,
    refused,
)
from tests.house import KEY

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def dialect() -> str:
    """Take SQLite alone: the statements have their tests in both dialects elsewhere."""
    return "sqlite"


async def states(desk: Desk) -> list[str]:
    async with desk.database.read() as unit:
        return [row.state for row in await unit.all(select(deliveries.c.state).order_by(deliveries.c.subject))]


# ---------------------------------------------------------------- posts


@pytest.mark.parametrize("to", [CIRCLE, MIA, Thread(CIRCLE, "t"), ReplyTo(CIRCLE, "m")])
async def test_a_post_goes_out_once_under_its_key(desk: Desk, to: Address) -> None:
    """It is marked with the delivery's key, its feature is told where it is, and there is nothing more to send."""
    (key,) = await desk.put(letter(to=to, subject=7))

    await desk.send()
    await desk.send()

    (post,) = desk.platform.posts
    assert (to, key, "number 7") == (post.to, post.key, post.message.body)
    assert [(7, post.posted)] == desk.diary.told
    assert post.posted == await desk.outbox.posted(key)
    assert [State.SENT] == await states(desk)


async def test_a_turn_takes_batch_after_batch(desk: Desk) -> None:
    """However many claims it takes, what is due is sent, and then there is no more."""
    desk.diary.says[1] = Withdraw("quicker than a post")
    await desk.put(*(letter(str(number)) for number in range(BATCH + 1)))

    more = await desk.sender.deliver(LANE)

    assert not more
    assert [State.WITHDRAWN] * (BATCH + 1) == await states(desk)


async def test_support_is_one_press_away_on_every_post(desk: Desk) -> None:
    """Public or private, every post has the button, and one that has it already does not get a second one."""
    own = Button("Help", "support")
    desk.diary.says[3] = Message("with its own", buttons=(own,))
    await desk.put(letter("a", subject=1), letter("b", subject=2, to=MIA), letter("c", subject=3))

    await desk.send()

    buttons = {post.message.body: post.message.buttons for post in desk.platform.posts}
    support = (Button("Get support", "support"),)
    assert {"number 1": support, "number 2": support, "with its own": (own,)} == buttons


async def test_a_post_speaks_its_readers_language(desk: Desk) -> None:
    """A group's post is in the group's language, also in a thread; a private one in the member's."""
    desk.directory.group_readers[CIRCLE] = Reader("de", "Europe/Berlin")
    desk.directory.readers[MIA.id] = Reader("en", "UTC")
    await desk.put(
        letter("a", subject=1), letter("b", subject=2, to=MIA), letter("c", subject=3, to=Thread(CIRCLE, "t"))
    )

    await desk.send()

    assert {1: "de", 2: "en", 3: "de"} == {each.subject: each.locale for each in desk.diary.composed}
    assert {"Hilfe", "Get support"} == {post.message.buttons[-1].label for post in desk.platform.posts}


@pytest.mark.parametrize(
    ("delay", "footer"), [(timedelta(minutes=5), "as always"), (timedelta(minutes=5, seconds=1), "as always\nlate")]
)
async def test_a_late_post_says_so(desk: Desk, delay: timedelta, footer: str) -> None:
    """After five minutes the post says that it is late, beside what its footer says anyway."""
    desk.diary.says[1] = Message("hello", footer="as always")
    await desk.put(letter())
    desk.clock.move(START + delay)

    await desk.send()

    assert [footer] == [post.message.footer for post in desk.platform.posts]


async def test_a_private_message_calls_itself_late_only_if_its_feature_says_so(desk: Desk) -> None:
    """Nobody waited for a notice at its hour; whether it is late is told to the feature all the same."""
    await desk.put(letter(to=MIA))
    desk.clock.move(START + HOUR)

    await desk.send()

    assert [""] == [post.message.footer for post in desk.platform.posts]
    assert [True] == [each.late for each in desk.diary.composed]


async def test_what_is_withdrawn_just_before_sending_is_not_sent(desk: Desk) -> None:
    """A feature that looks again and says no is heard, and nobody is told of a failure."""
    desk.diary.says[1] = Withdraw("paused")
    await desk.put(letter())

    await desk.send_all()

    assert 0 == desk.platform.tries()
    assert [State.WITHDRAWN] == await states(desk)
    assert [] == desk.diary.failures


async def test_a_delivery_of_a_feature_that_is_gone_is_withdrawn(desk: Desk) -> None:
    """What an older version left behind is not sent, and stops nothing."""
    await desk.put(replace(letter("a"), feature="gone"), letter("b", subject=2))

    await desk.send_all()

    assert ["number 2"] == desk.texts
    assert [State.WITHDRAWN, State.SENT] == await states(desk)


async def test_what_has_expired_is_not_sent(desk: Desk) -> None:
    """After its time a post has lost its sense; in its last moment it still goes."""
    await desk.put(letter("a", subject=1), letter("b", subject=2, expires_at=START + HOUR))
    desk.clock.move(START + 2 * HOUR)

    await desk.send_all()

    assert ["number 1"] == desk.texts
    assert [State.SENT, State.EXPIRED] == await states(desk)
    assert [] == desk.diary.failures


async def test_a_sender_that_stops_gives_back_the_rest(desk: Desk) -> None:
    """The delivery in hand is finished; the others wait for a process that goes on, and need not be looked for."""

    async def stop(*_: object) -> None:
        desk.sender.stop()

    desk.platform.before_posting = stop
    await desk.put(*(letter(str(number), subject=number) for number in range(3)))

    more = await desk.sender.deliver(LANE)

    assert not more
    assert 1 == len(desk.platform.posts)
    assert [LANE] == (await desk.outbox.waiting(desk.clock.now())).lanes
    assert [False, False] == [each.doubtful for each in await desk.outbox.claim(LANE, desk.clock.now())]


async def test_a_process_that_was_too_slow_leaves_it_to_the_other(
    desk: Desk, address: str, sealing: Sealing, clock: MovedClock
) -> None:
    """When the lease ended while it composed, and another process has sent the post, it sends nothing."""
    second = await Database.open(address)
    quick = desk_at(second, sealing, clock, platform=desk.platform)

    async def dawdle() -> None:
        clock.move(START + PATIENCE.lease)
        await quick.send()

    desk.diary.while_composing = dawdle
    await desk.put(letter())
    try:
        await desk.send()
    finally:
        await second.close()

    assert 1 == desk.platform.tries()
    assert ([], 1) == (desk.diary.told, len(quick.diary.told))


async def test_what_is_withdrawn_while_it_is_composed_is_not_sent(desk: Desk) -> None:
    """A member who changes their mind in that moment is heard."""

    async def withdraw() -> None:
        async with desk.database.write() as unit:
            await desk.outbox.withdraw(unit, "diary", 1)

    desk.diary.while_composing = withdraw
    await desk.put(letter())

    await desk.send_all()

    assert 0 == desk.platform.tries()
    assert [State.WITHDRAWN] == await states(desk)


# ---------------------------------------------------------------- answers that are lost


@pytest.mark.parametrize("failure", [LOST_AFTER, SILENT_AFTER])
async def test_a_post_whose_answer_was_lost_is_found(desk: Desk, failure: Fails) -> None:
    """It is looked for, not before it can have arrived, and not sent again; the feature is told as always."""
    (key,) = await desk.put(letter())
    desk.platform.fails(failure)
    await desk.send()
    next_at = await desk.outbox.next_at()

    await desk.send_all()

    assert START + PATIENCE.settle <= (next_at or START)
    assert 1 == desk.platform.tries("post")
    assert 1 == desk.platform.tries("find")
    (post,) = desk.platform.posts
    assert [(1, post.posted)] == desk.diary.told
    assert post.posted == await desk.outbox.posted(key)
    assert [State.SENT] == await states(desk)


@pytest.mark.parametrize("failure", [LOST_BEFORE, SILENT_BEFORE])
async def test_a_request_that_was_lost_is_sent_again(desk: Desk, failure: Fails) -> None:
    """What is not there when we look for it is sent again, under the same key."""
    (key,) = await desk.put(letter())
    desk.platform.fails(failure)

    await desk.send_all()

    assert [key] == [post.key for post in desk.platform.posts]
    assert [key, key, key] == [asked.key for asked in desk.platform.asked]
    assert ["post", "find", "post"] == [asked.what for asked in desk.platform.asked]


@pytest.mark.parametrize("failure", [LOST_AFTER, LOST_BEFORE])
@pytest.mark.parametrize("why", ["may not", "refused"])
async def test_what_nobody_can_look_for_is_never_sent_again(desk: Desk, failure: Fails, why: str) -> None:
    """Its state stays unknown, and a leader is told that nobody knows."""
    await desk.put(letter())
    desk.platform.fails(failure)
    if why == "may not":
        desk.platform.can_look = False
    else:
        desk.platform.fails(refused(), doing="find")

    await desk.send_all()
    desk.clock.move(START + DAY)
    await desk.send_all()

    assert 1 == desk.platform.tries("post")
    assert [(1, Reason.NO_ANSWER)] == desk.diary.failures
    assert [State.UNKNOWN] == await states(desk)


async def test_looking_may_have_to_wait(desk: Desk) -> None:
    """A platform too busy to be looked through is asked again later, and meanwhile nothing is sent."""
    await desk.put(letter())
    desk.platform.fails(LOST_AFTER)
    desk.platform.fails(later(7 * MINUTE), LOST_BEFORE, doing="find")

    await desk.send_all()

    assert 1 == desk.platform.tries("post")
    assert 3 == desk.platform.tries("find")
    assert [State.SENT] == await states(desk)


class Garbled(FakePlatform):
    """Accepts a post and then answers something that nobody can read."""

    garbled = True

    async def post(self, to: Address, message: Message, *, key: str) -> Posted:
        posted = await super().post(to, message, key=key)
        if self.garbled:
            self.garbled = False
            raise KeyError(key)
        return posted


async def test_a_fault_after_the_platform_accepted_does_not_post_twice(
    database: Database, sealing: Sealing, clock: MovedClock
) -> None:
    """When the answer cannot be read, the post may be there: it is looked for before anything is sent again."""
    desk = desk_at(database, sealing, clock, platform=Garbled(clock))
    await desk.put(letter(expires_at=START + DAY))

    await desk.send_all()

    assert ["number 1"] == desk.texts
    assert 1 == desk.platform.tries("post")
    assert [State.SENT] == await states(desk)


async def test_a_receipt_that_fails_does_not_post_twice(desk: Desk) -> None:
    """A feature that cannot take the receipt hears it again later; the post stays the only one."""
    desk.diary.breaks_after_sending = True
    await desk.put(letter(expires_at=START + DAY))
    await desk.send_for(2 * HOUR)
    desk.diary.breaks_after_sending = False

    await desk.send_all()

    assert 1 == desk.platform.tries("post")
    assert len(desk.diary.told) > 1
    assert [State.SENT] == await states(desk)


# ---------------------------------------------------------------- refusals and limits


async def test_a_refusal_is_told_and_final(desk: Desk) -> None:
    """The feature learns why; the post is not tried again, and the others of the batch go."""
    desk.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    await desk.put(letter("a", subject=1), letter("b", subject=2, to=EVENING))

    await desk.send_all()
    desk.platform.refuses.clear()
    desk.clock.move(START + DAY)
    await desk.send_all()

    assert ["number 2"] == desk.texts
    assert [(1, Reason.FORBIDDEN)] == desk.diary.failures
    assert [State.REFUSED, State.SENT] == await states(desk)


async def test_a_limit_is_obeyed(desk: Desk) -> None:
    """When the platform says how long to wait, nothing is tried before, and then at once, without looking first."""
    await desk.put(letter())
    desk.platform.fails(later(timedelta(seconds=42)))
    await desk.send()
    desk.clock.move(START + timedelta(seconds=41))
    await desk.send()
    before = desk.platform.tries()
    desk.clock.move(START + timedelta(seconds=42))
    await desk.send()

    assert 1 == before
    assert ["number 1"] == desk.texts
    assert 0 == desk.platform.tries("find")


async def test_tries_come_further_and_further_apart(desk: Desk) -> None:
    """Without a word from the platform the waiting doubles from five seconds up to ten minutes."""
    await desk.put(letter(expires_at=START + DAY))
    desk.platform.fails(*[later()] * 10)
    waits: list[float] = []
    for _ in range(10):
        await desk.send()
        next_at = await desk.outbox.next_at()
        assert next_at
        waits.append((next_at - desk.clock.now()).total_seconds())
        desk.clock.move(next_at)

    assert [5, 10, 20, 40, 80, 160, 320, 600, 600, 600] == waits


@pytest.mark.parametrize(("failure", "reason"), [(later(), Reason.TOO_FAST), (LOST_BEFORE, Reason.UNREACHABLE)])
async def test_what_failed_until_it_expired_is_told(desk: Desk, failure: Fails, reason: Reason) -> None:
    """When every try fails until the post has lost its sense, a leader is told why it never came."""
    await desk.put(letter())
    desk.platform.fails(*[failure] * 100)

    await desk.send_all()

    assert [] == desk.texts
    assert [(1, reason)] == desk.diary.failures
    assert [State.EXPIRED] == await states(desk)


async def test_closed_direct_messages_stay_a_private_matter(desk: Desk) -> None:
    """Nothing is said in public, no leader is told, and the member finds one note the next time they come."""
    desk.platform.refuses[MIA] = Reason.CLOSED
    await desk.put(letter(to=MIA))

    await desk.send_all()
    desk.clock.move(START + DAY)
    await desk.send_all()

    assert [] == list(desk.platform.posts)
    assert 1 == desk.platform.tries()
    assert [] == desk.diary.failures
    assert [(1, Reason.CLOSED)] == desk.diary.missed
    assert {MIA: ["core.note_closed"]} == dict(desk.directory.notes)


async def test_a_feature_that_cannot_hear_what_was_missed_changes_nothing(desk: Desk) -> None:
    """It is settled all the same, and the member has their note."""
    desk.platform.refuses[MIA] = Reason.CLOSED
    desk.diary.breaks_when_told = True
    await desk.put(letter(to=MIA))
    await desk.send_all()

    assert [State.REFUSED] == await states(desk)
    assert {MIA: ["core.note_closed"]} == dict(desk.directory.notes)


@pytest.mark.parametrize(("personal", "missed"), [(True, [(1, Reason.UNREACHABLE)]), (False, [])])
async def test_what_a_silence_outlasts_is_told_where_it_is_about_a_member(
    desk: Desk, personal: bool, missed: list[tuple[int, Reason]]
) -> None:
    """Its feature hears that it will not come; of the group's own posts it knows without being told."""
    desk.directory.silences[CIRCLE] = Quiet(None, moves=False)
    await desk.put(replace(letter(), personal=personal))
    for _ in range(4):
        await desk.send_all()
        desk.clock.move(desk.clock.now() + HOUR)

    assert missed == desk.diary.missed
    assert [] == list(desk.platform.posts)


async def test_a_post_that_does_not_get_through_goes_without_its_picture(desk: Desk) -> None:
    """After three tries it may be the picture that is in the way; the words are sent alone."""
    picture = Picture(b"a lake", "image/png", "A lake")
    desk.diary.says[1] = Message("a walk", picture=picture)
    seen: list[Picture | None] = []

    async def look(to: Address, message: Message) -> None:
        del to
        seen.append(message.picture)

    desk.platform.before_posting = look
    desk.platform.fails(*[LOST_BEFORE] * 3)
    await desk.put(letter())
    for _ in range(6):
        await desk.send_all()
        desk.clock.move(desk.clock.now() + 2 * MINUTE)

    assert [picture, picture, picture, None] == seen
    (post,) = desk.platform.posts
    assert ("a walk", None) == (post.message.body, post.message.picture)


async def test_a_member_who_is_forgotten_meanwhile_stays_forgotten(desk: Desk) -> None:
    """A note that is refused after its member was erased leaves no trace of them."""

    async def erase(*_: object) -> None:
        desk.platform.refuses[MIA] = Reason.CLOSED
        async with desk.database.write() as unit:
            await desk.outbox.forget(unit, MIA)

    desk.platform.before_posting = erase
    await desk.put(letter(to=MIA))

    await desk.send_all()

    assert 1 == desk.platform.tries()
    assert {} == dict(desk.directory.notes)
    assert [] == await states(desk)


# ---------------------------------------------------------------- bad rows


async def test_a_bad_row_is_put_off_and_the_others_go(desk: Desk) -> None:
    """A feature that fails on one row fails on that one alone, and the row is looked at again soon."""
    desk.diary.says[1] = ValueError("a bad row")
    await desk.put(*(letter(str(number), subject=number) for number in range(3)))
    await desk.send()
    others = set(desk.texts)
    next_at = await desk.outbox.next_at()
    del desk.diary.says[1]
    desk.clock.move(START + 15 * SECOND)
    await desk.send()

    assert {"number 0", "number 2"} == others
    assert START + 15 * SECOND == next_at
    assert "number 1" in desk.texts
    assert 0 == desk.platform.tries("find")


@pytest.mark.parametrize("good_for", [timedelta(minutes=10), HOUR, DAY])
async def test_a_fault_waits_for_as_long_as_its_row_has_been_due(desk: Desk, good_for: timedelta) -> None:
    """From a quarter of a minute up to an hour, and once more shortly before it is too late."""
    desk.diary.says[1] = ValueError("a fault")
    await desk.put(letter(expires_at=START + good_for))
    tried: list[timedelta] = []
    await desk.send()
    while (next_at := await desk.outbox.next_at()) and next_at <= START + good_for:
        desk.clock.move(next_at)
        tried.append(next_at - START)
        await desk.send()

    doubled = [15 * SECOND * 2**number for number in range(8)]
    assert [each for each in doubled if each < good_for] == tried[: len([each for each in doubled if each < good_for])]
    assert good_for - 15 * SECOND in tried
    assert all(after - before <= HOUR for before, after in pairwise(tried))


async def test_a_row_that_cannot_be_opened_does_not_stop_its_lane(desk: Desk) -> None:
    """A row whose address was tampered with is put off an hour, and the others go."""
    key, _ = await desk.put(letter("a", subject=1), letter("b", subject=2))
    async with desk.database.write() as unit:
        await unit.execute(update(deliveries).where(deliveries.c.key == key).values(address=b"x" * 60))

    await desk.send()
    next_at = await desk.outbox.next_at()
    await desk.send()

    assert ["number 2"] == desk.texts
    assert START + HOUR == next_at


async def test_a_feature_that_cannot_hear_of_a_failure_does_not_stop_the_others(desk: Desk) -> None:
    """It hears again until it can, and the rest of the batch goes; nobody looks for what was refused."""
    desk.diary.breaks_when_told = True
    desk.platform.refuses[CIRCLE] = Reason.GONE
    await desk.put(letter("a", subject=1, due_at=START - SECOND), letter("b", subject=2, to=EVENING))

    await desk.send()
    before = await states(desk)
    desk.diary.breaks_when_told = False
    await desk.send_all()

    assert ["number 2"] == desk.texts
    assert [State.DUE, State.SENT] == before
    assert [(1, Reason.GONE)] * 2 == desk.diary.failures
    assert [State.REFUSED, State.SENT] == await states(desk)
    assert 0 == desk.platform.tries("find")


async def test_a_feature_that_can_never_hear_of_a_failure_does_not_keep_its_row(desk: Desk) -> None:
    """A day after the post has lost its sense, it is settled all the same."""
    desk.diary.breaks_when_told = True
    desk.platform.refuses[CIRCLE] = Reason.GONE
    await desk.put(letter())

    await desk.send_all()

    assert [State.EXPIRED] == await states(desk)
    assert DAY <= desk.clock.now() - START <= DAY + 4 * HOUR


async def test_a_post_that_may_have_arrived_is_found_though_it_was_withdrawn(desk: Desk) -> None:
    """So it can be taken down; and if it did not arrive, its feature is asked, and it is not sent again."""
    arrived, missing = await desk.put(letter("a", subject=1), letter("b", subject=2, to=EVENING))
    desk.platform.before_posting = _lose_what_goes_to_the_evening(desk)
    await desk.send()
    desk.platform.before_posting = None
    async with desk.database.write() as unit:
        for subject in (1, 2):
            await desk.outbox.withdraw(unit, FEATURE, subject)
            desk.diary.says[subject] = Withdraw("removed")
    await desk.put_more(arrived, Action.DELETE)
    await desk.put_more(missing, Action.DELETE)

    await desk.send_all()

    assert [] == desk.texts
    assert 1 == len(desk.platform.everything)
    assert {State.SENT, State.WITHDRAWN} == set(await states(desk))


def _lose_what_goes_to_the_evening(desk: Desk) -> Callable[[Address, Message], Awaitable[None]]:
    async def lose(to: Address, message: Message) -> None:
        del message
        desk.platform.fails(LOST_BEFORE if to == EVENING else LOST_AFTER)

    return lose


# ---------------------------------------------------------------- more about a post


async def posted(desk: Desk, to: Address = CIRCLE) -> str:
    (key,) = await desk.put(letter("the post", to=to))
    await desk.send()
    return key


async def test_an_edit_draws_the_newest_state(desk: Desk) -> None:
    """The post says what the feature says now, still under its own key, so that it can be found."""
    key = await posted(desk)
    desk.diary.says[1] = Message("changed")
    await desk.put_more(key)
    await desk.put_more(key)

    await desk.send_all()

    (post,) = desk.platform.posts
    assert ("changed", key, 1) == (post.message.body, post.key, post.edits)
    assert ["Get support"] == [button.label for button in post.message.buttons]


async def test_a_post_is_taken_down(desk: Desk) -> None:
    """A delete needs no words of the feature, which may keep nothing about it any more."""
    key = await posted(desk)
    desk.diary.says[1] = Withdraw("gone")
    await desk.put_more(key, Action.DELETE)

    await desk.send_all()

    assert [] == list(desk.platform.posts)


async def test_a_post_is_pinned_and_unpinned(desk: Desk) -> None:
    """Pinning and unpinning are deliveries of their own."""
    key = await posted(desk)
    await desk.put_more(key, Action.PIN)
    await desk.send_all()
    pinned = desk.platform.posts[0].pinned
    await desk.put_more(key, Action.UNPIN)
    await desk.send_all()

    assert pinned
    assert not desk.platform.posts[0].pinned


@pytest.mark.parametrize(("title", "named"), [("Home at seven", "Home at seven"), ("", "Antworten")])
async def test_a_thread_is_opened_under_a_post(desk: Desk, title: str, named: str) -> None:
    """It is called as the post is, or has a name in the group's language."""
    desk.directory.group_readers[CIRCLE] = Reader("de", "Europe/Berlin")
    desk.diary.says[1] = Message("hello", title)
    key = await posted(desk)
    await desk.put_more(key, Action.THREAD)

    await desk.send_all()

    assert [named] == [post.thread for post in desk.platform.posts]


@pytest.mark.parametrize(
    ("action", "doing"),
    [(Action.EDIT, "edit"), (Action.DELETE, "delete"), (Action.PIN, "pin"), (Action.THREAD, "start_thread")],
)
async def test_what_was_lost_on_the_way_to_a_post_is_done_again(desk: Desk, action: Action, doing: Doing) -> None:
    """These do no harm twice, so nothing is looked for."""
    key = await posted(desk)
    desk.platform.fails(LOST_BEFORE, LOST_AFTER, doing=doing)
    await desk.put_more(key, action)

    await desk.send_all()

    assert 3 == desk.platform.tries(doing)
    assert 0 == desk.platform.tries("find")


async def test_a_post_that_is_gone_cannot_be_edited_and_that_is_all(desk: Desk) -> None:
    """Somebody took it down by hand: nobody is told, and nothing is tried again."""
    key = await posted(desk)
    desk.platform.removed.add(desk.platform.posts[0].posted.message)
    await desk.put_more(key)

    await desk.send_all()

    assert [] == desk.diary.failures
    assert 1 == desk.platform.tries("edit")


@pytest.mark.parametrize("failure", [None, later(3 * MINUTE), LOST_AFTER, LOST_BEFORE])
async def test_what_is_to_be_done_to_a_post_waits_for_it(desk: Desk, failure: Fails | None) -> None:
    """A pin that is wanted together with its post is done after it, however late the post is."""
    desk.platform.fails(*([failure] if failure else []))
    keys = await desk.put(*(letter(str(number), subject=number) for number in range(4)))
    for key in keys:
        await desk.put_more(key, Action.PIN)

    await desk.send_all()

    assert [True] * 4 == [post.pinned for post in desk.platform.posts]


async def test_what_is_to_be_done_to_a_post_that_never_comes_is_given_up(desk: Desk) -> None:
    """When the post is withdrawn, so is everything about it."""
    desk.diary.says[1] = Withdraw("paused")
    (key,) = await desk.put(letter(due_at=START + HOUR))
    await desk.put_more(key, Action.PIN, letter())

    await desk.send_all()

    assert [State.WITHDRAWN] * 2 == await states(desk)
    assert [] == desk.platform.asked


# ---------------------------------------------------------------- lanes


async def test_a_lane_is_served_where_its_platform_runs(desk: Desk) -> None:
    """Deliveries for a platform that does not run here wait for a process where it does."""
    there = Channel(Community("elsewhere", "c"), "circle")
    await desk.put(letter(to=there))

    assert desk.sender.serves(LANE)
    assert not desk.sender.serves("elsewhere:c")
    assert ["elsewhere:c"] == (await desk.outbox.waiting(desk.clock.now())).lanes


# ---------------------------------------------------------------- whatever the network does

troubles = st.lists(
    st.sampled_from([LOST_BEFORE, LOST_AFTER, later(), later(9 * MINUTE), SILENT_BEFORE, SILENT_AFTER]), max_size=5
)


@given(posting=troubles, looking=st.lists(st.sampled_from([LOST_BEFORE, later(), later(MINUTE)]), max_size=3))
@settings(max_examples=12, deadline=None)
async def test_whatever_the_network_does_a_post_arrives_once(
    new_sqlite: Callable[[], str], posting: list[Fails], looking: list[Fails]
) -> None:
    """Lost, silent and busy answers in any order end in exactly one post, as long as we may look."""
    database = await Database.open(new_sqlite())
    try:
        desk = desk_at(database, await Sealing.prepare(database, KEY), MovedClock(START))
        (key,) = await desk.put(letter(expires_at=START + DAY))
        desk.platform.fails(*posting)
        desk.platform.fails(*looking, doing="find")

        await desk.send_all()

        assert [key] == [post.key for post in desk.platform.everything]
        assert [State.SENT] == await states(desk)
        assert 1 == len(desk.diary.told)
    finally:
        await database.close()


@given(posting=troubles)
@settings(max_examples=6, deadline=None)
async def test_where_nobody_may_look_a_post_arrives_at_most_once(
    new_sqlite: Callable[[], str], posting: list[Fails]
) -> None:
    """Without leave to look back it may be missing after a lost answer, but it is never there twice."""
    database = await Database.open(new_sqlite())
    try:
        desk = desk_at(database, await Sealing.prepare(database, KEY), MovedClock(START))
        desk.platform.can_look = False
        await desk.put(letter(expires_at=START + DAY))
        desk.platform.fails(*posting)

        await desk.send_all()

        unclear = any(failure.reason is Reason.NO_ANSWER for failure in posting)
        assert len(desk.platform.everything) <= 1
        assert [State.UNKNOWN if unclear else State.SENT] == await states(desk)
    finally:
        await database.close()
