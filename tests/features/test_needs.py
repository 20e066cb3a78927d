"""*Say what I need*: one note beside a message of one's own, without a name, and its owner's alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import func, select, text

from bot.content import Shelf
from bot.core.port import (
    Actor,
    Address,
    Channel,
    Invocation,
    Pointed,
    Reason,
    Reply,
    ReplyTo,
    Response,
    Role,
    Thread,
    Update,
)
from bot.core.text import read_as_text
from bot.delivery.outbox import Outbox, Patience
from bot.delivery.tables import deliveries
from bot.features.needs.notes import Need
from bot.features.needs.store import MOST, NeedStore, needs
from bot.storage.database import Database
from bot.storage.keys import MainKey
from bot.storage.sealing import Sealing
from tests.databases import Postgres
from tests.fakes import CIRCLE, HERE, LOST_AFTER, START, FakeClock, later, refused
from tests.house import LEADER, MEMBER, OTHER, House, again, button_of, labels_of, message_of, rows_of, text_of

MENU = "menu need"
MESSAGE = "m-4711"
REPLY = ReplyTo(CIRCLE, MESSAGE)
"""Where a note about a message stands."""
IN_THREAD = Thread(CIRCLE, "t-12")
LISTEN = "Just listening, please. Whoever wrote this would like to be heard; ideas can wait."
IDEAS = "Ideas welcome. Whoever wrote this would be glad of ideas, and of being heard first."
GONE = "I no longer know this note and can't change it."


def about(
    author: Actor | None = MEMBER, beside: Address = REPLY, place: Address = CIRCLE, message: str = MESSAGE
) -> Pointed:
    return Pointed(place, message, author.member if author else None, beside)


async def chooses(house: House, pointed: Pointed | None = None, who: Actor = MEMBER) -> Response:
    """Let somebody choose *Say what I need* in the menu of a message."""
    pointed = pointed or about()
    return await house.invoke(Invocation(MENU, {}, who, pointed.place, about=pointed))


async def says(house: House, label: str, pointed: Pointed | None = None) -> Response:
    """Let a member choose a note for a message of theirs."""
    return await house.press(MEMBER, button_of(await chooses(house, pointed), label))


def notes(house: House, beside: Address = REPLY) -> Sequence[str]:
    return [read_as_text(message.body) for message in house.platform.messages_to(beside)]


# ---------------------------------------------------------------- choosing


async def test_both_notes_are_shown_before_one_is_posted(house: House) -> None:
    """Privately, with what each says and where; nothing is posted until one is pressed."""
    response = await chooses(house)

    assert isinstance(response, Reply)
    assert ["Just listening", "Ideas welcome", "Get support"] == labels_of(response)
    assert all(part in text_of(response) for part in (LISTEN, IDEAS, "I can answer your message in #circle"))
    assert [] == list(house.platform.posts)


@pytest.mark.parametrize(("label", "said"), [("Just listening", LISTEN), ("Ideas welcome", IDEAS)])
async def test_a_press_posts_one_note(house: House, label: str, said: str) -> None:
    """As an answer to the message, with no name in it and nobody notified; the private message says what stands."""
    response = await says(house, label)

    (post,) = house.platform.posts
    assert (REPLY, said, ()) == (post.to, read_as_text(post.message.body), post.message.notifies)
    assert MEMBER.name not in text_of(post.message)
    assert ["Get support"] == labels_of(post.message)
    assert isinstance(response, Update)
    assert said in text_of(response)


async def test_pressing_twice_posts_once(house: House) -> None:
    """Also at the same time: a second press, and a second choice of the same message, find the note that is there."""
    card, same = await asyncio.gather(chooses(house), chooses(house))
    await asyncio.gather(*(house.press(MEMBER, button_of(each, "Just listening")) for each in (card, same, card)))
    once_more = await chooses(house)

    assert [LISTEN] == notes(house)
    assert (1, 0) == (house.platform.tries("post"), house.platform.tries("edit"))
    assert ["Ideas welcome instead", "Take the note away", "Get support"] == labels_of(once_more)


async def test_a_note_is_changed_where_it_stands(house: House) -> None:
    """There and back: the newest wish stands, in the same post."""
    response = await says(house, "Just listening")
    response = await house.press(MEMBER, button_of(response, "Ideas welcome instead"))
    changed = notes(house)
    response = await house.press(MEMBER, button_of(response, "Just listening instead"))

    assert ([IDEAS], [LISTEN]) == (changed, notes(house))
    assert LISTEN in text_of(response)
    assert (1, 2) == (house.platform.tries("post"), house.platform.tries("edit"))


async def test_a_note_is_taken_away(house: House) -> None:
    """It goes, its row too, and the same message may have another one."""
    response = await says(house, "Just listening")
    gone = await house.press(MEMBER, button_of(response, "Take the note away"))
    rows, posts = rows_of(house.address, "needs"), notes(house)
    twice = await house.press(MEMBER, button_of(response, "Take the note away"))
    await says(house, "Ideas welcome")

    assert isinstance(gone, Update)
    assert ["Get support"] == labels_of(gone)
    assert ([], []) == (rows, posts)
    assert GONE in text_of(twice)
    assert [IDEAS] == notes(house)


async def test_a_note_on_its_way_is_not_lost(house: House) -> None:
    """Its answer was lost, and it is taken away meanwhile: it is found, and taken down."""
    house.platform.fails(LOST_AFTER)
    response = await says(house, "Just listening")
    await house.press(MEMBER, button_of(response, "Take the note away"))
    await house.wait(hours=1)

    assert [] == notes(house)
    assert 1 == house.platform.tries("post")


async def test_it_goes_on_after_a_restart(house: House, shelf: Shelf) -> None:
    """Buttons hold a row, and everything else is there."""
    response = await says(house, "Just listening")
    async with again(house, shelf) as restarted:
        await restarted.press(MEMBER, button_of(response, "Ideas welcome instead"))
        assert [IDEAS] == notes(restarted)
        await restarted.press(MEMBER, button_of(response, "Take the note away"))

    assert [] == notes(house)


# ---------------------------------------------------------------- where, and whose


async def test_in_a_thread_a_note_says_so(house: House) -> None:
    """Where it cannot show which message it is about, it speaks of the thread; under its own message it need not."""
    inside = about(beside=IN_THREAD, place=IN_THREAD)
    under = about(beside=Thread(CIRCLE, "m-2"), message="m-2")

    offered = [text_of(await says(house, "Just listening", pointed)) for pointed in (inside, under)]

    assert ["Just listening, please. Somebody in this thread would like to be heard; ideas can wait."] == notes(
        house, IN_THREAD
    )
    assert [LISTEN] == notes(house, Thread(CIRCLE, "m-2"))
    assert ["Somebody in this thread" in said for said in offered] == [True, False]


@pytest.mark.parametrize(
    ("pointed", "said"),
    [
        (about(OTHER), "This works on your own messages."),
        (about(None), "This works on your own messages."),
        (about(beside=ReplyTo(Channel(HERE, "hall"), MESSAGE)), "This works where a group meets"),
        (about(beside=MEMBER.member, place=MEMBER.member), "This works where a group meets"),
    ],
)
async def test_elsewhere_it_refuses_kindly(house: House, pointed: Pointed, said: str) -> None:
    """On somebody else's message, on a bot's, and where no group meets; nothing is kept."""
    assert said in text_of(await chooses(house, pointed))
    assert [] == rows_of(house.address, "needs")


async def test_without_a_message_it_says_what_to_do(house: House) -> None:
    """However that came about."""
    assert "in the menu of a message that you wrote" in text_of(await house.use(MEMBER, MENU))


async def test_only_its_owner_changes_a_note(house: House) -> None:
    """Others who come by the button, leaders too, are told that there is nothing."""
    response = await says(house, "Just listening")

    for who in (OTHER, LEADER):
        for label in ("Ideas welcome instead", "Take the note away"):
            assert GONE in text_of(await house.press(who, button_of(response, label)))
    assert [LISTEN] == notes(house)
    assert Role.LEADER is await house.role(LEADER)


async def test_nobody_leaves_notes_everywhere(house: House) -> None:
    """After fifty, the next one is refused, to nobody else."""
    await chooses(house, about(message="m-0"))
    async with house.app.tools.database.write() as unit:
        (row,) = (await unit.execute(select(needs))).mappings()
        copies = [{**row, "id": number, "message_index": bytes([number])} for number in range(1, MOST)]
        await unit.execute(needs.insert(), copies)

    refused_one, theirs = await chooses(house), await chooses(house, about(OTHER), OTHER)
    assert "You have many notes at the moment." in text_of(refused_one)
    assert "I can answer your message" in text_of(theirs)


# ---------------------------------------------------------------- quiet, silenced, refused


async def test_while_a_group_is_quiet_nothing_is_posted(house: House) -> None:
    """The member is told until when, and may press again then; a note that stands can still be changed."""
    stands = await says(house, "Just listening", about(message="m-0", beside=IN_THREAD))
    group = await house.app.tools.groups.at(CIRCLE)
    assert group
    await house.app.tools.groups.change(group.id, quiet_from=time(12), quiet_to=time(20))
    quiet = await says(house, "Just listening")
    changed = await house.press(MEMBER, button_of(stands, "Ideas welcome instead"))
    before = notes(house)
    await house.wait(hours=7)
    await house.press(MEMBER, button_of(quiet, "Just listening"))

    assert "is quiet until" in text_of(quiet)
    assert ["Just listening", "Ideas welcome", "Get support"] == labels_of(quiet)
    assert "Ideas welcome. Somebody in this thread" in text_of(changed)
    assert ([], [LISTEN]) == (before, notes(house))


async def test_silenced_by_a_leader_too(house: House) -> None:
    """Without an end, nothing says when."""
    await house.types(LEADER, "quiet group")

    assert "is quiet, so I post nothing there" in text_of(await chooses(house))


async def test_about_a_silenced_member_nothing_is_posted(house: House) -> None:
    """And nothing that they are answered tells them so, then or later."""
    answers: list[Sequence[str]] = []
    for silenced in ("", "yes"):
        pointed = about(message=f"m-{silenced}", beside=ReplyTo(CIRCLE, f"m-{silenced}"))
        await house.app.tools.people.change(MEMBER.member, silenced=silenced)
        first = await says(house, "Just listening", pointed)
        second = await house.press(MEMBER, button_of(first, "Ideas welcome instead"))
        third = await house.press(MEMBER, button_of(second, "Take the note away"))
        await house.wait(hours=2)
        answers.append([text_of(each) for each in (first, second, third, await house.types(MEMBER, "support"))])

    assert answers[0] == answers[1]
    assert 1 == house.platform.tries("post")


async def test_a_refused_note_is_told_to_its_owner_alone(house: House) -> None:
    """The next time they use the bot, once; then they may choose again."""
    house.platform.refuses[REPLY] = Reason.FORBIDDEN
    await says(house, "Just listening")
    others = text_of(await house.types(OTHER, "milestone show"))
    told = text_of(await house.types(MEMBER, "milestone show"))
    house.platform.refuses.clear()
    card = await chooses(house)

    assert "could not be posted, because I can't write there. Nobody was told." in told
    assert "could not be posted" not in others + text_of(card)
    assert ["Just listening", "Ideas welcome", "Get support"] == labels_of(card)
    assert [] == list(house.platform.posts)


async def test_a_note_that_comes_too_late_is_left_out(house: House) -> None:
    """A group that became quiet in between would have it posted in the morning: then it helps nobody."""
    group = await house.app.tools.groups.at(CIRCLE)
    assert group
    card = await chooses(house)
    house.platform.fails(replace(refused(), outcome=LOST_AFTER.outcome))  # nothing was posted, and nobody can say
    await house.press(MEMBER, button_of(card, "Just listening"))
    await house.app.tools.groups.change(group.id, quiet_from=time(12), quiet_to=time(20))
    await house.wait(hours=12)

    assert [] == list(house.platform.posts)
    assert "could not be posted in time" in text_of(await house.types(MEMBER, "milestone show"))


# ---------------------------------------------------------------- what cannot be changed

KEPT = "could not be taken away, so it is still there. You can ask a leader to remove it"


async def test_what_cannot_be_changed_is_told_and_shown_as_it_is(house: House) -> None:
    """To its owner alone, at their next use; the menu shows what stands, and a later try may succeed."""
    response = await says(house, "Just listening")
    house.platform.refuses[REPLY] = Reason.FORBIDDEN
    await house.press(MEMBER, button_of(response, "Ideas welcome instead"))
    others = text_of(await house.types(OTHER, "milestone show"))
    shown = await chooses(house)
    house.platform.refuses.clear()
    changed = await house.press(MEMBER, button_of(shown, "Ideas welcome instead"))

    assert "could not be changed, so it still says what it said before" in text_of(shown)
    assert LISTEN in text_of(shown)
    assert "could not be changed" not in others + text_of(changed)
    assert [IDEAS] == notes(house)


@pytest.mark.parametrize("expires", [False, True])
async def test_what_cannot_be_taken_away_is_not_forgotten(house: House, expires: bool) -> None:
    """Refused, or tried in vain for a week: the owner is told, and there is still one note, in their hands."""
    response = await says(house, "Just listening")
    failure = later(timedelta(days=8), Reason.UNREACHABLE) if expires else refused()
    house.platform.fails(failure, doing="delete")
    await house.press(MEMBER, button_of(response, "Take the note away"))
    meanwhile = await chooses(house)
    await house.wait(days=9)
    told = text_of(await house.types(MEMBER, "milestone show"))
    shown = await chooses(house)
    assert [LISTEN] == notes(house)
    await house.press(MEMBER, button_of(shown, "Take the note away"))

    assert ("I am still taking your note at this message away" in text_of(meanwhile)) is expires
    assert KEPT in told if expires else KEPT in text_of(meanwhile)
    assert [] == notes(house) == rows_of(house.address, "needs")


async def test_what_a_leader_removed_is_gone(house: House) -> None:
    """Told when it would be changed; then a new one may be chosen."""
    response = await says(house, "Just listening")
    house.platform.removed.add(house.platform.posts[0].posted.message)
    await house.press(MEMBER, button_of(response, "Ideas welcome instead"))
    shown = await chooses(house)

    assert "is no longer there, so it could not be changed" in text_of(shown)
    assert ["Just listening", "Ideas welcome", "Get support"] == labels_of(shown)


async def test_what_nobody_knows_to_be_there_is_told_so(house: House) -> None:
    """The answer was lost and nobody can look: taking it away may leave something behind."""
    house.platform.fails(LOST_AFTER)
    house.platform.can_look = False
    response = await says(house, "Just listening")
    await house.wait(hours=1)
    unsure = text_of(await house.press(MEMBER, button_of(response, "Take the note away")))
    told = text_of(await house.types(MEMBER, "milestone show"))

    assert "I can't tell whether your note about what you need arrived" in unsure
    assert "If you see it, please ask a leader to remove it." in told


@pytest.mark.parametrize("erasing", [False, True])
async def test_two_changes_at_once_do_not_block_each_other(
    postgres: Postgres, main_key: MainKey, erasing: bool
) -> None:
    """Whoever takes a note away, or erases, waits for the note before they touch its deliveries."""
    database = await Database.open(postgres.migrated())
    sealing, clock = await Sealing.prepare(database, main_key), FakeClock(START)
    store = NeedStore(database, sealing, Outbox(database, sealing, clock, Patience()), clock)
    note = await store.begin(MEMBER.member, about(), START)
    assert note
    await store.want(note.id, Need.LISTEN, START)
    waiting = select(func.count()).select_from(text("pg_locks")).where(text("NOT granted"))
    async with database.write() as unit:
        await unit.execute(select(needs).with_for_update())
        other = asyncio.create_task(
            store.erase(MEMBER.member) if erasing else store.take_away(note.id, START),
        )
        async with asyncio.timeout(10):
            while not await unit.scalar(waiting):  # noqa: ASYNC110  another connection waits
                await asyncio.sleep(0.01)
        assert 1 == len(await unit.all(select(deliveries.c.id).with_for_update(nowait=True)))
    await other
    await database.close()


# ---------------------------------------------------------------- words of despair


async def test_words_of_despair_bring_support_first(house: House, shelf: Shelf) -> None:
    """Before the two notes, and with a way on to them; in a new process the way on asks to choose again."""
    arguments = {"message": "i just want to die"}
    offer = await house.invoke(Invocation(MENU, arguments, MEMBER, CIRCLE, about=about()))
    on = await house.press(MEMBER, button_of(offer, "Not now, go on"))
    async with again(house, shelf) as restarted:
        later_on = await restarted.press(MEMBER, button_of(offer, "Not now, go on"))

    assert "Just listening" not in labels_of(offer)
    assert ["Just listening", "Ideas welcome", "Get support"] == labels_of(on)
    assert "in the menu of a message that you wrote" in text_of(later_on)


# ---------------------------------------------------------------- what is kept


async def test_a_choice_lasts_a_day_at_least(house: House) -> None:
    """Also when it was offered a minute before midnight; to look again renews it."""
    await house.until(START.replace(hour=23, minute=59, second=30))
    card = await chooses(house)
    await house.wait(hours=20)
    await chooses(house)
    await house.wait(hours=20)
    await house.press(MEMBER, button_of(card, "Just listening"))

    assert [LISTEN] == notes(house)


async def test_what_is_kept_is_told_in_words(house: House) -> None:
    """Where, since when and what for; and that somebody only looked."""
    await says(house, "Ideas welcome")
    await chooses(house, about(message="m-9"))

    said = text_of(await house.types(MEMBER, "privacy show"))

    assert "That you asked for a note beside a message of yours in #circle, Wed 21 Oct 2026" in said
    assert ": ideas welcome." in said
    assert "That you looked at the notes for a message of yours in #circle" in said


async def test_nothing_of_it_can_be_read_without_the_key(house: House) -> None:
    """Neither whose message it is, nor which, nor what for."""
    await says(house, "Just listening")

    raw = await house.raw()
    assert not [word for word in (MESSAGE, "listen", MEMBER.member.id + '"') if word.encode() in raw]


async def test_deleting_takes_the_note_down(house: House) -> None:
    """At once, with its row; what somebody else said stays."""
    await says(house, "Just listening")
    theirs = Pointed(CIRCLE, "m-8", OTHER.member, ReplyTo(CIRCLE, "m-8"))
    await house.press(OTHER, button_of(await chooses(house, theirs, OTHER), "Ideas welcome"))

    await house.use(MEMBER, "privacy delete", sure="yes")

    assert [] == notes(house)
    assert [IDEAS] == notes(house, ReplyTo(CIRCLE, "m-8"))
    assert 1 == len(rows_of(house.address, "needs"))


async def test_after_two_weeks_it_is_forgotten(house: House) -> None:
    """The note stays where it is; what was only looked at goes after a day, in the night."""
    response = await says(house, "Just listening")
    await chooses(house, about(message="m-9"))
    kept: list[int] = []
    for days in (2, 11, 2):
        await house.until(house.clock.now() + timedelta(days=days))
        kept.append(len(rows_of(house.address, "needs")))

    assert [1, 1, 0] == kept
    assert [LISTEN] == notes(house)
    assert GONE in text_of(await house.press(MEMBER, button_of(response, "Ideas welcome instead")))
    assert message_of(response).buttons
