"""Deliveries as rows, in both dialects. A second outbox stands for a second process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from bot.core.clock import MovedClock
from bot.core.port import Community, Member, Posted, Reason
from bot.delivery.letters import Action, Letter, State
from bot.delivery.outbox import BATCH, QUIET, Fate, Outbox
from bot.delivery.tables import deliveries
from bot.storage.database import Database
from tests.delivery.desk import (
    EVENING,
    HOUR,
    LANE,
    MIA,
    PAST_THE_LEASE,
    PATIENCE,
    SECOND,
    ids_of,
    letter,
    put,
    put_more,
    subjects_of,
)
from tests.fakes import CIRCLE, START

POSTED = Posted(CIRCLE, "circle", "m1")


async def counted(database: Database) -> int:
    async with database.read() as unit:
        return await unit.scalar(select(func.count()).select_from(deliveries)) or 0


async def states(database: Database) -> list[str]:
    async with database.read() as unit:
        return [row.state for row in await unit.all(select(deliveries.c.state).order_by(deliveries.c.subject))]


# ---------------------------------------------------------------- once under a name


async def test_a_name_is_delivered_once_ever(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """The same name put again, before or after it was settled in whatever way, is not delivered a second time."""
    ends = (State.SENT, State.REFUSED, State.UNKNOWN, State.WITHDRAWN, State.EXPIRED)
    for state in ends:
        first = await put(database, outbox, letter(state), letter(state))
        (claimed,) = await outbox.claim(LANE, clock.now())
        await put(database, outbox, letter(state))
        await outbox.start(claimed, clock.now())
        await outbox.settle(claimed, state)
        last = await put(database, outbox, letter(state, due_at=START + HOUR))

        assert {first[0]} == {*first, *last}
        assert len(first[0]) <= 25

    clock.move(START + 24 * HOUR)
    assert [] == await outbox.claim(LANE, clock.now())
    assert len(ends) == await counted(database)
    assert None is await outbox.next_at()


async def test_two_processes_put_one_row(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """When two processes put the same names at the same moment, each is there once."""
    other_database, other_outbox = other
    names = [letter(str(number), subject=number) for number in range(10)]

    async def put_apart(database: Database, outbox: Outbox) -> None:
        for each in names:
            await put(database, outbox, each)

    await asyncio.gather(put_apart(database, outbox), put_apart(other_database, other_outbox))

    assert list(range(10)) == sorted(subjects_of(await outbox.claim(LANE, clock.now())))
    assert 10 == await counted(database)


async def test_names_of_two_features_do_not_meet(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """A name belongs to its feature, and its parts are not run together."""
    async with database.write() as unit:
        keys = {
            await outbox.put(unit, letter("a")),
            await outbox.put(unit, letter("b")),
            await outbox.put(unit, _named("diary", "a", "b")),
            await outbox.put(unit, _named("diary", "ab")),
            await outbox.put(unit, _named("diarya", "b")),
        }

    assert 5 == len(keys)
    assert 5 == len(await outbox.claim(LANE, clock.now()))


def _named(feature: str, *name: str) -> Letter:
    return replace(letter(), feature=feature, name=name)


async def test_a_unit_that_fails_puts_nothing(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """A letter belongs to the transaction it was put in, and so does the alarm for it."""
    rung: list[datetime] = []

    async def wake(at: datetime) -> None:
        rung.append(at)

    async def fail() -> None:
        async with database.write() as unit:
            await outbox.put(unit, letter())
            raise ZeroDivisionError

    outbox.wakes(wake)
    with pytest.raises(ZeroDivisionError):
        await fail()

    assert [] == await outbox.claim(LANE, clock.now())
    assert [] == rung


# ---------------------------------------------------------------- claims


async def test_a_claim_takes_what_is_due_oldest_first(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """What falls due later, and what is in another lane, stays where it is."""
    elsewhere = Member(Community("fake", "elsewhere"), "mia")
    await put(
        database,
        outbox,
        letter("later", subject=1, due_at=START + SECOND),
        letter("newer", subject=2, due_at=START - SECOND),
        letter("older", subject=3, due_at=START - HOUR),
        letter("now", subject=4, to=MIA),
        letter("elsewhere", subject=5, to=elsewhere),
    )

    first = await outbox.claim(LANE, clock.now())
    second = await outbox.claim(LANE, clock.now() + SECOND)
    third = await outbox.claim("fake:elsewhere", clock.now())

    assert [3, 2, 4] == subjects_of(first)
    assert [1] == subjects_of(second)
    assert [elsewhere] == [each.to for each in third]
    assert [False] * 3 == [each.doubtful for each in first]


async def test_a_claim_takes_at_most_a_batch(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """Whatever is more waits for the next claim, and nothing is left out."""
    await put(database, outbox, *(letter(str(number), subject=number) for number in range(BATCH + 3)))

    first, second, third = [await outbox.claim(LANE, clock.now()) for _ in range(3)]

    assert [BATCH, 3, 0] == [len(first), len(second), len(third)]
    assert list(range(BATCH + 3)) == sorted(subjects_of([*first, *second]))


async def test_a_claim_is_exclusive(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """What one process claimed, another does not get while the lease lasts."""
    await put(database, outbox, letter())
    mine = await outbox.claim(LANE, clock.now())
    clock.move(START + PATIENCE.lease - SECOND)

    assert 1 == len(mine)
    assert [] == await other[1].claim(LANE, clock.now())
    assert [] == await outbox.claim(LANE, clock.now())


async def test_claims_at_the_same_moment_share_nothing(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """However many claims race, every delivery goes to exactly one of them."""
    await put(database, outbox, *(letter(str(number), subject=number) for number in range(BATCH * 2)))

    claims = await asyncio.gather(*(each.claim(LANE, clock.now()) for each in (outbox, other[1]) * 4))

    taken = [each for claim in claims for each in ids_of(claim)]
    assert BATCH * 2 == len(taken)
    assert BATCH * 2 == len(set(taken))


async def test_a_claim_takes_people_before_posts(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """Private messages and edits can be claimed by themselves, and come first where either is wanted."""
    for _ in range(2):
        await put(database, outbox, letter("post", subject=1, due_at=START - HOUR), letter("direct", subject=2, to=MIA))
        await put_more(database, outbox, "k", Action.EDIT, letter(subject=3))
        await put_more(database, outbox, "k", Action.PIN, letter(subject=4))
    waiting = await outbox.waiting(clock.now())

    people = await outbox.claim(LANE, clock.now(), people=True)
    posts = await outbox.claim(LANE, clock.now(), people=False)
    await outbox.give_back([*people, *posts])

    assert ([LANE], [LANE], [LANE]) == (waiting.people, waiting.posts, waiting.lanes)
    assert ({2, 3}, [1, 4]) == (set(subjects_of(people)), subjects_of(posts))
    assert {1, 2, 3, 4} == set(subjects_of(await outbox.claim(LANE, clock.now())))


# ---------------------------------------------------------------- leases


async def test_a_claim_whose_lease_ended_is_handed_over(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """A delivery that a dead process had only claimed goes to another, which need not doubt that it is unsent."""
    await put(database, outbox, letter())
    (dead,) = await outbox.claim(LANE, clock.now())
    clock.move(START + PATIENCE.lease)

    (taken,) = await other[1].claim(LANE, clock.now())

    assert dead.id == taken.id
    assert not taken.doubtful
    assert None is taken.sending_since


async def test_what_a_dead_process_was_sending_is_doubtful(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """Whoever takes it over knows since when it may have been sent, and the doubt outlasts a second death."""
    await put(database, outbox, letter())
    (dead,) = await outbox.claim(LANE, clock.now())
    clock.move(START + 10 * SECOND)
    assert await outbox.start(dead, clock.now())
    clock.move(START + 10 * SECOND + PATIENCE.lease)

    (taken,) = await other[1].claim(LANE, clock.now())
    clock.move(clock.now() + PAST_THE_LEASE)
    (taken_again,) = await outbox.claim(LANE, clock.now())

    assert [True, True] == [taken.doubtful, taken_again.doubtful]
    assert START + 10 * SECOND == taken.sending_since == taken_again.sending_since
    assert [1, 1] == [taken.tries, taken_again.tries]


async def test_a_process_whose_lease_ended_can_do_nothing(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """It neither starts nor settles nor puts off, and spoils nothing for the one that has taken over."""
    await put(database, outbox, letter())
    (mine,) = await outbox.claim(LANE, clock.now())
    clock.move(START + PATIENCE.lease)
    too_late = await outbox.start(mine, clock.now())
    (taken,) = await other[1].claim(LANE, clock.now())

    stolen = (
        await outbox.start(mine, clock.now()),
        await outbox.settle(mine, State.REFUSED, Reason.GONE),
        await outbox.put_off(mine, clock.now() + HOUR, Reason.TOO_FAST, doubtful=True),
    )

    assert not too_late
    assert (False, False, False) == stolen
    assert await other[1].start(taken, clock.now())
    assert await other[1].settle(taken, State.SENT, posted=POSTED)
    assert [State.SENT] == await states(database)


async def test_sending_renews_the_lease(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """A delivery that waited for its turn in a batch has the whole lease once its request goes out."""
    await put(database, outbox, letter())
    (mine,) = await outbox.claim(LANE, clock.now())
    clock.move(START + PATIENCE.lease - SECOND)
    await outbox.start(mine, clock.now())
    clock.move(clock.now() + PATIENCE.lease - SECOND)

    assert [] == await other[1].claim(LANE, clock.now())
    assert await outbox.settle(mine, State.SENT, posted=POSTED)


async def test_what_is_settled_stays_settled(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """Nothing settled is settled again, started or put off, not even by the process that settled it."""
    await put(database, outbox, letter())
    (mine,) = await outbox.claim(LANE, clock.now())
    await outbox.start(mine, clock.now())
    await outbox.settle(mine, State.SENT, posted=POSTED)

    assert not await outbox.settle(mine, State.REFUSED)
    assert not await outbox.start(mine, clock.now())
    assert not await outbox.put_off(mine, clock.now(), Reason.TOO_FAST, doubtful=False)
    assert [State.SENT] == await states(database)


# ---------------------------------------------------------------- putting off, withdrawing, forgetting


@pytest.mark.parametrize(("doubtful", "then"), [(True, True), (False, False), (None, True)])
async def test_what_is_put_off_waits(
    database: Database, outbox: Outbox, clock: MovedClock, doubtful: bool | None, then: bool
) -> None:
    """It is claimed again from the given instant on, with the doubt it was left with: by default, that it went."""
    await put(database, outbox, letter())
    (mine,) = await outbox.claim(LANE, clock.now())
    await outbox.start(mine, clock.now())
    until = START + timedelta(minutes=7)

    assert await outbox.put_off(mine, until, Reason.TOO_FAST, doubtful=doubtful)

    assert until == await outbox.next_at()
    assert [] == await outbox.claim(LANE, until - SECOND)
    (again,) = await outbox.claim(LANE, until)
    assert then == again.doubtful
    assert START == again.sending_since
    assert 1 == again.tries


async def test_what_is_postponed_is_no_try(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """Claimed deliveries wait until an instant of their own, with the doubt that they had; what started does not."""
    rung: list[datetime] = []

    async def wake(at: datetime) -> None:
        rung.append(at)

    await put(database, outbox, *(letter(str(number), subject=number) for number in range(3)))
    held = {each.subject: each for each in await outbox.claim(LANE, clock.now())}
    await outbox.start(held[2], clock.now())
    outbox.wakes(wake)

    await outbox.postpone({held[number].id: START + (2 + number) * SECOND for number in range(3)})

    assert [START + 2 * SECOND] == rung
    assert [0] == subjects_of(await outbox.claim(LANE, START + 2 * SECOND))
    (last,) = await outbox.claim(LANE, START + 3 * SECOND)
    assert (1, 0, False, None) == (last.subject, last.tries, last.doubtful, last.reason)
    assert [] == await outbox.claim(LANE, START + HOUR / 60)


async def test_what_is_moved_keeps_its_grace(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """It is due at the other instant, and expires as long after it as it would have."""
    await put(database, outbox, letter())
    (claimed,) = await outbox.claim(LANE, clock.now())

    assert await outbox.move(claimed, START + 9 * HOUR)

    assert [] == await outbox.claim(LANE, START + 8 * HOUR)
    (moved,) = await outbox.claim(LANE, START + 9 * HOUR)
    assert (START + 9 * HOUR, START + 11 * HOUR) == (moved.due_at, moved.expires_at)


async def test_what_was_refused_is_tried_again_when_it_is_mended(
    database: Database, outbox: Outbox, clock: MovedClock
) -> None:
    """Refused posts about the named rows are due at once; what expired, and what ended otherwise, stays as it is."""
    rung: list[datetime] = []

    async def wake(at: datetime) -> None:
        rung.append(at)

    ends = {1: State.REFUSED, 2: State.SENT, 3: State.REFUSED, 4: State.REFUSED}
    expires = {3: START + SECOND}
    await put(
        database,
        outbox,
        *(letter(str(row), subject=row, expires_at=expires.get(row)) for row in ends),
    )
    for claimed in await outbox.claim(LANE, clock.now()):
        await outbox.start(claimed, clock.now())
        await outbox.settle(claimed, ends[claimed.subject], Reason.FORBIDDEN)
    clock.move(START + 60 * SECOND)
    outbox.wakes(wake)
    before = await outbox.states("diary", "note", [1, 2, 9])

    async with database.write() as unit:
        await outbox.revive(unit, "diary", [1, 2, 3], clock.now())
        await outbox.revive(unit, "another", [4], clock.now())
        await outbox.revive(unit, "diary", [], clock.now())
    after = await outbox.states("diary", "note", [1])
    (claimed,) = await outbox.claim(LANE, clock.now())

    assert {1: (State.REFUSED, "forbidden", START), 2: (State.SENT, "forbidden", START)} == before
    assert {1: (State.DUE, "", None)} == after
    assert (1, False, 0, None) == (claimed.subject, claimed.doubtful, claimed.tries, claimed.reason)
    assert clock.now() in rung


async def test_what_is_withdrawn_is_not_claimed(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """Withdrawing takes back what waits about one row of one feature, and only the kinds it names."""
    await put(
        database,
        outbox,
        letter("a", subject=1, kind="note"),
        letter("b", subject=1, kind="call"),
        letter("c", subject=2, kind="note"),
    )

    async with database.write() as unit:
        await outbox.withdraw(unit, "another", 1)
        await outbox.withdraw(unit, "diary", 1, ["note"])
    left = await outbox.claim(LANE, clock.now())

    assert [(1, "call"), (2, "note")] == sorted((each.subject, each.kind) for each in left)


async def test_the_fate_of_letters_is_known_by_their_names(
    database: Database, outbox: Outbox, clock: MovedClock
) -> None:
    """What is on its way, arrived or may have is out; what waits, or was withdrawn, was not sent; the rest is lost."""
    ends = {
        State.SENT: Fate.OUT,
        State.UNKNOWN: Fate.OUT,
        State.WITHDRAWN: Fate.OPEN,
        State.REFUSED: Fate.LOST,
        State.EXPIRED: Fate.LOST,
    }
    for state in ends:
        await put(database, outbox, letter(state))
        (claimed,) = await outbox.claim(LANE, clock.now())
        assert await outbox.settle(claimed, state)
    await put(database, outbox, letter("quiet"))
    (claimed,) = await outbox.claim(LANE, clock.now())
    await outbox.settle(claimed, State.WITHDRAWN, QUIET)
    await put(database, outbox, letter("claimed"))
    (claimed,) = await outbox.claim(LANE, clock.now())
    await put(database, outbox, letter("doubtful"))
    (doubtful,) = await outbox.claim(LANE, clock.now())
    await outbox.put_off(doubtful, clock.now() + HOUR, None, doubtful=True)
    await put(database, outbox, letter("due"))

    async with database.read() as unit:
        found = {name: await outbox.fate(unit, "diary", [(name,)]) for name in (*ends, "claimed", "doubtful", "due")}
        quiet, nobodys = [await outbox.fate(unit, "diary", [(name,)]) for name in ("quiet", "never put")]
        several = await outbox.fate(unit, "diary", [(State.REFUSED,), ("due",)])
    assert {**ends, "claimed": Fate.OUT, "doubtful": Fate.OUT, "due": Fate.OPEN} == found
    assert (Fate.LOST, Fate.LOST, Fate.OPEN) == (quiet, nobodys, several)


async def test_withdrawing_reaches_what_is_claimed(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """As long as its request is not out, a delivery that a process holds is taken back, and it does not start."""
    await put(database, outbox, letter("a", subject=1), letter("b", subject=2))
    held = {each.subject: each for each in await outbox.claim(LANE, clock.now())}
    await outbox.start(held[2], clock.now())

    async with database.write() as unit:
        await outbox.withdraw(unit, "diary", 1)
        await outbox.withdraw(unit, "diary", 2)

    assert not await outbox.start(held[1], clock.now())
    assert await outbox.settle(held[2], State.SENT, posted=POSTED)
    assert [State.WITHDRAWN, State.SENT] == sorted(await states(database), reverse=True)


async def test_what_is_given_back_goes_to_others_at_once(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """A process that stops gives back what it did not begin, and keeps what is on its way."""
    await put(database, outbox, *(letter(str(number), subject=number) for number in range(3)))
    batch = await outbox.claim(LANE, clock.now())
    await outbox.start(batch[0], clock.now())

    await outbox.give_back(batch)
    taken = await other[1].claim(LANE, clock.now())

    assert set(ids_of(batch[1:])) == set(ids_of(taken))
    assert [False, False] == [each.doubtful for each in taken]
    await outbox.give_back(batch)
    assert await other[1].start(taken[0], clock.now())


async def test_a_settled_delivery_about_a_member_tells_nothing(
    database: Database, outbox: Outbox, clock: MovedClock
) -> None:
    """Neither which row it was about, nor when, beyond the month; one about a group keeps both."""
    await put(database, outbox, replace(letter("a", subject=7), personal=True), letter("b", subject=8))
    clock.move(START + HOUR)
    for claimed in await outbox.claim(LANE, clock.now()):
        await outbox.start(claimed, clock.now())
        await outbox.settle(claimed, State.SENT, posted=POSTED)

    async with database.read() as unit:
        rows = await unit.all(select(deliveries).order_by(deliveries.c.personal))
    month = datetime(2026, 10, 1, tzinfo=START.tzinfo)
    kept = [(row.subject, row.due_at, row.try_at, row.expires_at, row.sending_since, row.settled_at) for row in rows]

    assert [(8, START, START, START + 2 * HOUR, START + HOUR, START + HOUR), (0, *[month] * 5)] == kept


async def test_a_member_is_forgotten(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """Everything to one member goes, whatever its state, and nothing else does."""
    namesake = Member(Community("fake", "elsewhere"), MIA.id)
    await put(
        database,
        outbox,
        letter("waiting", to=MIA),
        letter("done", to=MIA),
        letter("public", subject=2),
        letter("namesake", to=namesake, subject=3),
    )
    first, *_ = [each for each in await outbox.claim(LANE, clock.now()) if each.to == MIA]
    await outbox.start(first, clock.now())
    await outbox.settle(first, State.SENT, posted=Posted(MIA, "dm", "m1"))
    kept = await outbox.count(MIA)

    async with database.write() as unit:
        await outbox.forget(unit, MIA)

    assert 2 == kept
    assert [0, 1] == [await outbox.count(MIA), await outbox.count(namesake)]
    assert 2 == await counted(database)


# ---------------------------------------------------------------- more about a post


async def test_many_edits_that_wait_are_one(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """However often an edit is asked for before it goes out, it goes out once, for the newest state is drawn then."""
    for _ in range(5):
        await put_more(database, outbox, "k")
    found = await outbox.claim(LANE, clock.now())

    assert [(Action.EDIT, "k")] == [(each.action, each.post_key) for each in found]
    await outbox.start(found[0], clock.now())
    await outbox.settle(found[0], State.SENT)
    assert [] == await outbox.claim(LANE, clock.now())


async def test_an_edit_asked_for_while_one_is_on_its_way_comes_once_more(
    database: Database, outbox: Outbox, clock: MovedClock
) -> None:
    """What was drawn before the newest change may be old: so it is drawn once more, and then no more."""
    for started, state in product((True, False), (State.SENT, State.WITHDRAWN, State.REFUSED)):
        post = f"{started} {state}"
        await put_more(database, outbox, post)
        (first,) = await outbox.claim(LANE, clock.now())
        if started:
            await outbox.start(first, clock.now())
        await put_more(database, outbox, post)
        await put_more(database, outbox, post)
        nothing = await outbox.claim(LANE, clock.now())
        await outbox.settle(first, state)

        (second,) = await outbox.claim(LANE, clock.now())
        await outbox.settle(second, state)

        assert [] == nothing
        assert first.id == second.id
        assert [] == await outbox.claim(LANE, clock.now())


async def test_an_edit_asked_for_again_later_comes_again(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """An edit that was settled is due anew when it is asked for anew, and the engine hears of it."""
    rung: list[datetime] = []

    async def wake(at: datetime) -> None:
        rung.append(at)

    await put_more(database, outbox, "k")
    (first,) = await outbox.claim(LANE, clock.now())
    await outbox.start(first, clock.now())
    await outbox.settle(first, State.SENT)
    clock.move(START + HOUR)
    outbox.wakes(wake)
    await put_more(database, outbox, "k", more=letter(due_at=clock.now()))

    (second,) = await outbox.claim(LANE, clock.now())

    assert first.id == second.id
    assert START + 3 * HOUR == second.expires_at
    assert [START + HOUR] == rung


async def test_what_is_done_to_a_post_does_not_mix(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """Each action on each post is a delivery of its own, but for pinning and unpinning, where the last wish counts."""
    wanted = {(key, action) for key in ("k", "l") for action in Action if action not in {Action.POST, Action.PIN}}
    for key, action in sorted({*wanted, ("k", Action.PIN), ("l", Action.PIN)}):
        await put_more(database, outbox, key, action)

    found = await outbox.claim(LANE, clock.now())

    assert wanted == {(each.post_key, each.action) for each in found}


@pytest.mark.parametrize("meanwhile", ["backing off", "held", "settled"])
async def test_a_pin_does_not_come_after_the_wish_to_unpin(
    database: Database, outbox: Outbox, clock: MovedClock, meanwhile: str
) -> None:
    """Whatever became of the first wish, or is becoming of it, the last one is carried out last."""
    await put_more(database, outbox, "k", Action.PIN)
    (first,) = await outbox.claim(LANE, clock.now())
    await outbox.start(first, clock.now())
    if meanwhile == "backing off":
        await outbox.put_off(first, clock.now() + SECOND, Reason.TOO_FAST)
    if meanwhile == "settled":
        await outbox.settle(first, State.SENT)
    await put_more(database, outbox, "k", Action.UNPIN)
    if meanwhile == "held":
        await outbox.settle(first, State.SENT)
    clock.move(START + SECOND)

    (last,) = await outbox.claim(LANE, clock.now())
    await outbox.settle(last, State.SENT)

    assert [Action.PIN, Action.UNPIN] == [first.action, last.action]
    assert [] == await outbox.claim(LANE, clock.now() + HOUR)


async def test_asking_again_does_not_get_around_a_wait(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """An edit that has to wait after a failure waits on; one that is merely planned comes when it is wanted now."""
    await put_more(database, outbox, "k")
    (first,) = await outbox.claim(LANE, clock.now())
    await outbox.start(first, clock.now())
    await outbox.put_off(first, START + 42 * SECOND, Reason.TOO_FAST, doubtful=False)
    await put_more(database, outbox, "l", more=letter(due_at=START + HOUR))
    await put_more(database, outbox, "k")
    await put_more(database, outbox, "l")

    assert ["l"] == [each.post_key for each in await outbox.claim(LANE, START + 41 * SECOND)]
    assert ["k"] == [each.post_key for each in await outbox.claim(LANE, START + 42 * SECOND)]


async def test_what_was_done_before_does_not_lengthen_the_wait(
    database: Database, outbox: Outbox, clock: MovedClock
) -> None:
    """Tries are counted anew each time that an edit is wanted anew, also while one is on its way."""
    await put_more(database, outbox, "k")
    (first,) = await outbox.claim(LANE, clock.now())
    await outbox.start(first, clock.now())
    await outbox.settle(first, State.SENT)
    await put_more(database, outbox, "k")
    (second,) = await outbox.claim(LANE, clock.now())
    await outbox.start(second, clock.now())
    await put_more(database, outbox, "k")
    await outbox.settle(second, State.SENT)
    (third,) = await outbox.claim(LANE, clock.now())

    assert [0, 0, 0] == [first.tries, second.tries, third.tries]


async def test_a_post_can_be_found_again_once_it_was_sent(
    database: Database, outbox: Outbox, clock: MovedClock
) -> None:
    """Where a post is stays unknown until it was sent, and is told exactly afterwards."""
    (key,) = await put(database, outbox, letter(to=EVENING))
    (claimed,) = await outbox.claim(LANE, clock.now())
    await outbox.start(claimed, clock.now())
    before = await outbox.posted(key)
    posted = Posted(EVENING, "e-1", "m-1")
    await outbox.settle(claimed, State.SENT, posted=posted)

    assert before is None
    assert posted == await outbox.posted(key)
    assert None is await outbox.posted("nobody")


# ---------------------------------------------------------------- what the engine asks


async def test_lanes_are_those_where_something_is_due(
    database: Database, outbox: Outbox, other: tuple[Database, Outbox], clock: MovedClock
) -> None:
    """A lane is named once as long as something in it can be claimed, and again when a lease ends."""
    elsewhere = Member(Community("fake", "elsewhere"), "mia")
    await put(
        database,
        outbox,
        letter("a"),
        letter("b", to=EVENING),
        letter("c", to=elsewhere, due_at=START + HOUR),
    )

    now = (await outbox.waiting(clock.now())).lanes
    await outbox.claim(LANE, clock.now())
    claimed = (await other[1].waiting(clock.now())).lanes
    ended = (await other[1].waiting(clock.now() + PATIENCE.lease)).lanes
    later = (await outbox.waiting(clock.now() + HOUR)).lanes

    assert [LANE] == now
    assert [] == claimed
    assert [LANE] == ended
    assert [LANE, "fake:elsewhere"] == sorted(later, reverse=True)


async def test_the_next_instant_is_the_nearest_of_all(database: Database, outbox: Outbox, clock: MovedClock) -> None:
    """It is the first due instant, or the end of the first lease if that comes earlier; none when all is settled."""
    nothing = await outbox.next_at()
    await put(database, outbox, letter("b", due_at=START + HOUR), letter("a"))
    first = await outbox.next_at()
    (claimed,) = await outbox.claim(LANE, clock.now())
    leased = await outbox.next_at()
    await outbox.start(claimed, clock.now())
    await outbox.settle(claimed, State.SENT, posted=POSTED)
    second = await outbox.next_at()
    (claimed,) = await outbox.claim(LANE, START + HOUR)
    await outbox.settle(claimed, State.EXPIRED)

    assert [None, START, START + PATIENCE.lease, START + HOUR] == [nothing, first, leased, second]
    assert None is await outbox.next_at()


async def test_the_engine_is_woken_for_what_is_put_in_and_put_off(
    database: Database, outbox: Outbox, clock: MovedClock
) -> None:
    """Every new instant is told once it is certain; a name that is there already tells none."""
    rung: list[datetime] = []

    async def wake(at: datetime) -> None:
        rung.append(at)

    outbox.wakes(wake)
    await put(database, outbox, letter("a"), letter("b", due_at=START + HOUR))
    await put(database, outbox, letter("a"))
    (claimed,) = await outbox.claim(LANE, clock.now())
    await outbox.put_off(claimed, START + 2 * HOUR, Reason.TOO_FAST, doubtful=False)
    await outbox.nudge()

    assert [START, START + HOUR, START + 2 * HOUR, START] == rung
