"""`milestone`, as its owner uses it, and the celebrations that come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.content import Shelf
from bot.core.port import Actor, Ask, Channel, Choice, Community, Invocation, Member, Reason, Update
from bot.features.milestones.store import milestones
from tests.fakes import CIRCLE, HERE, LOST_AFTER, actor, later
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    OTHER,
    House,
    again,
    button_of,
    labels_of,
    message_of,
    opened,
    problems_of,
    rows_of,
    text_of,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
LABEL = "marmalade-at-last"
"""A label that stands nowhere else."""
PRIVATE = f"milestone set date=2026-10-20 label={LABEL}"
NAMED = f"milestone set date=2026-10-20 label={LABEL} audience=named in=#circle"
EVENING = Channel(HERE, "evening")
MORNING = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)
"""Nine in Berlin, a week after the date of these milestones, in winter time."""


async def set_by(house: House, who: Actor, line: str = PRIVATE) -> str:
    """Set a milestone and return its row."""
    before = set(rows_of(house.address, "milestones", "id"))
    await house.types(who, line)
    ((row,),) = set(rows_of(house.address, "milestones", "id")) - before
    return str(row)


def moment_in(note: str) -> str:
    """Return the moment that a private note without a label names."""
    return note.partition("You have reached ")[2].partition(".")[0]


# ---------------------------------------------------------------- setting


async def test_a_milestone_is_private_unless_its_owner_chooses(house: House) -> None:
    """The answer says who will hear of it, how many days it is, and what comes when, in the owner's clock."""
    response = await house.types(MEMBER, PRIVATE)

    said = text_of(response)
    assert f"Kept: {LABEL}, 1 day so far. Only you will hear of it" in said
    assert "Next: one week, Tue 27 Oct 2026, 09:00 (Europe/Berlin)." in said
    assert "Group leaders can't see this." in said
    assert ["My milestones", "Get support"] == labels_of(response)
    assert [] == list(house.platform.posts)


async def test_a_named_milestone_says_what_others_will_see(house: House) -> None:
    """Name and moment, never the date or the label; with one group its channel needs no naming."""
    said = text_of(await house.types(MEMBER, "milestone set date=today audience=named"))

    assert "It will be marked in #circle with your name. Your date and your own word for it are never shown" in said
    assert "Kept: your milestone of 2026-10-21, 0 days so far" in said
    assert "Next: 24 hours, Thu 22 Oct 2026, 09:00" in said


async def test_what_is_wrong_is_asked_for_again(house: House) -> None:
    """The form comes back with what was right, and nothing is stored."""
    await house.app.tools.groups.add(EVENING, "UTC", "en", "GB")
    house.platform.strangers.add((MEMBER.member, EVENING))
    for line, field, sentence in (
        ("milestone set date=2026-10-22", "date", "This date is still to come"),
        ("milestone set date=1929-12-31", "date", "from 1930 on"),
        ("milestone set date=2026-02-29", "date", "no such date"),
        ("milestone set date=yesterday", "date", "year-month-day"),
        (f"milestone set date=today label={'x' * 5000}", "label", "5000 characters long; 60 fit"),
        ("milestone set date=today audience=everybody", "audience", "one of those offered"),
        ("milestone set date=today audience=named", "in", "Which group?"),
        ("milestone set date=today audience=named in=#nowhere", "in", "I don't know a group"),
        ("milestone set date=today audience=named in=#evening", "in", "You can't read this channel yourself"),
    ):
        response = await house.types(MEMBER, line)

        assert isinstance(response, Ask)
        assert [field] == list(response.problems)
        assert sentence in response.problems[field]
        assert [] == rows_of(house.address, "milestones")


async def test_today_is_the_owners_own(house: House) -> None:
    """A date that has begun where the owner lives is no date to come."""
    house.clock.move(datetime(2026, 10, 21, 20, 0, tzinfo=UTC))
    in_berlin = await house.types(MEMBER, "milestone set date=2026-10-22")
    await house.types(MEMBER, "me timezone zone=Asia/Kathmandu")

    in_kathmandu = await house.types(MEMBER, "milestone set date=2026-10-22")

    assert ["date"] == list(problems_of(in_berlin))
    assert "0 days so far" in text_of(in_kathmandu)


async def test_a_label_is_text_and_nothing_else(house: House) -> None:
    """Marks, mentions and tricks of writing show as they were written, and ping nobody."""
    label = "**my day** @everyone <!channel> [x](https://y) <@1>"
    response = await house.types(MEMBER, f'milestone set date=2026-10-20 label="{label}\u202e\u0000"')
    await house.until(MORNING)

    for message in (message_of(response), house.newest(MEMBER)):
        assert label in text_of(message)
        assert "\u202e" not in message.body
        assert () == message.notifies


async def test_words_of_despair_in_a_label_bring_an_offer(house: House) -> None:
    """The milestone is kept after one more press, and not before."""
    offer = await house.types(MEMBER, 'milestone set date=2026-10-20 label="wanted to kill myself"')
    before = rows_of(house.address, "milestones")

    kept = await house.press(MEMBER, button_of(offer, "Not now, go on"))

    assert "You don't have to be alone with this" in text_of(offer)
    assert [] == before
    assert "Kept: wanted to kill myself" in text_of(kept)


async def test_a_member_keeps_at_most_twenty(house: House) -> None:
    """The next one is refused kindly; another member is not concerned."""
    for number in range(20):
        arguments = {"date": "today", "label": f"{number}"}
        await house.app.core.invoke(Invocation("milestone set", arguments, MEMBER, CIRCLE))

    said = text_of(await house.types(MEMBER, PRIVATE))

    assert "You keep 20 milestones already" in said
    assert 20 == len(rows_of(house.address, "milestones"))
    assert "Kept" in text_of(await house.types(OTHER, PRIVATE))


async def test_the_same_one_is_kept_once(house: House) -> None:
    """Set again it is shown, with a way to remove it; others never see a label, so in a group it makes no other."""
    for line in (PRIVATE, NAMED):
        row = await set_by(house, MEMBER, line)
        twice = await house.types(MEMBER, line)

        assert "You have this one already" in text_of(twice)
        assert f"{LABEL}: 1 day." in text_of(twice)
        assert ["My milestones", "Remove this one", "Get support"] == labels_of(twice)
        assert {"milestone": row} == button_of(twice, "Remove this one").arguments
    private, named = [text_of(await house.types(MEMBER, line.replace(LABEL, "other"))) for line in (PRIVATE, NAMED)]

    assert "Kept: other" in private
    assert "You have this one already" in named
    assert 3 == len(rows_of(house.address, "milestones"))
    assert "Kept" in text_of(await house.types(OTHER, PRIVATE))


async def test_a_form_that_is_sent_twice_at_once_keeps_one(house: House) -> None:
    """A double press makes no second milestone, however close the two are."""
    pressed = Invocation("milestone set", {"date": "today"}, MEMBER, CIRCLE)
    await asyncio.gather(*(house.app.core.invoke(pressed) for _ in range(3)))

    assert 1 == len(rows_of(house.address, "milestones"))


async def test_milestones_of_one_date_keep_their_order(house: House) -> None:
    """Those that began together stand in the order of their names, so that a number means the same tomorrow."""
    for label in ("water", "air", "fire"):
        await house.types(MEMBER, f"milestone set date=2026-10-20 label={label}")
    lines = text_of(await house.types(MEMBER, "milestone show")).splitlines()[1:4]

    assert ["1. air", "2. fire", "3. water"] == [line.partition(":")[0] for line in lines]


async def test_what_is_kept_is_sealed(house: House) -> None:
    """A stolen database shows neither who, nor since when, nor what they call it, nor where it is celebrated."""
    who = actor("very-findable-member")
    await house.types(who, NAMED)
    await house.types(who, PRIVATE)
    await house.until(MORNING)

    raw = await house.raw()

    for marker in (b"very-findable-member", LABEL.encode(), b"2026-10-20", b"week-1"):
        assert marker not in raw
    assert [(0,), (0,)] == rows_of(house.address, "milestones", "next_due_at % 3600000000")


# ---------------------------------------------------------------- celebrating


async def test_a_private_milestone_is_a_private_note(house: House) -> None:
    """In the owner's morning, with their own word for it, and nothing in any channel."""
    await house.types(MEMBER, PRIVATE)
    await house.until(MORNING - MINUTE)
    before = list(house.platform.posts)

    await house.until(MORNING)

    assert [] == before
    (post,) = house.platform.posts
    assert (MEMBER.member, MORNING) == (post.to, post.at)
    assert f"You have reached one week: {LABEL}. That is yours" in text_of(post.message)
    assert ["My milestones", "Get support"] == labels_of(post.message)


async def test_a_named_milestone_is_celebrated_in_its_group(house: House) -> None:
    """With the name and the moment; it shows neither the label nor the date, and pings its owner alone."""
    await house.types(MEMBER, NAMED)

    await house.until(MORNING)

    (post,) = house.platform.posts
    assert CIRCLE == post.to
    assert "one week" in text_of(post.message)
    assert f"member/{MEMBER.member.id}" in post.message.body
    assert (MEMBER.member,) == post.message.notifies
    shown = f"{post.message}"
    assert LABEL not in shown
    assert "2026" not in shown
    assert "20" not in text_of(post.message)


async def test_moments_follow_each_other(house: House) -> None:
    """Each comes once at its own time, over months and a change of the clocks."""
    await house.types(MEMBER, "milestone set date=2026-10-21")

    await house.until(datetime(2027, 11, 1, tzinfo=UTC))

    said = [(post.at.isoformat()[:16], moment_in(text_of(post.message))) for post in house.platform.posts]
    assert [
        ("2026-10-22T07:00", "24 hours"),
        ("2026-10-28T08:00", "one week"),
        ("2026-11-20T08:00", "30 days"),
        ("2026-12-20T08:00", "60 days"),
        ("2027-01-19T08:00", "90 days"),
        ("2027-04-21T07:00", "6 months"),
        ("2027-07-21T07:00", "9 months"),
        ("2027-10-21T07:00", "one year"),
    ] == said


async def test_what_passed_before_it_was_set_is_never_made_up(house: House) -> None:
    """A date of long ago is celebrated from its next moment on, also when that is this very day."""
    await house.types(MEMBER, "milestone set date=2026-10-20")  # its 24 hours were over this morning
    await house.types(MEMBER, "milestone set date=2016-10-21 label=decade")  # ten years, since this morning

    await house.until(datetime(2026, 10, 26, tzinfo=UTC))

    assert [] == list(house.platform.posts)


async def test_a_milestone_is_celebrated_where_its_owner_lives_now(house: House) -> None:
    """Whoever tells their zone after setting a milestone is greeted in their own morning, and not called late."""
    lives = {
        "Asia/Kathmandu": ("09:45", datetime(2026, 10, 22, 4, 0, tzinfo=UTC)),
        "America/New_York": ("09:00", datetime(2026, 10, 22, 13, 0, tzinfo=UTC)),
        "Pacific/Kiritimati": ("09:00", datetime(2026, 10, 21, 19, 0, tzinfo=UTC)),
    }
    for zone, (morning, _) in lives.items():
        who = actor(zone)
        await house.types(who, "milestone set date=2026-10-21")
        await house.types(who, f"me timezone zone={zone}")

        assert f"24 hours, Thu 22 Oct 2026, {morning} ({zone})" in text_of(await house.types(who, "milestone show"))

    await house.wait(days=2)

    assert {zone: at for zone, (_, at) in lives.items()} == {
        post.to.id: post.at for post in house.platform.posts if isinstance(post.to, Member)
    }
    assert not any("A little later" in text_of(post.message) for post in house.platform.posts)


async def test_a_morning_that_is_still_to_come_further_west_counts(house: House) -> None:
    """What had passed in the group's zone has not passed for somebody who lives where it is still night."""
    await house.types(MEMBER, "milestone set date=2026-10-20")
    await house.types(MEMBER, "me timezone zone=America/Los_Angeles")

    await house.wait(days=1)

    assert [datetime(2026, 10, 21, 16, 0, tzinfo=UTC)] == [post.at for post in house.platform.posts]
    assert "24 hours" in text_of(house.newest(MEMBER))


async def test_a_move_after_the_celebration_brings_no_second_one(house: House) -> None:
    """The same morning comes again further west; the moment does not."""
    await house.types(MEMBER, PRIVATE)
    await house.until(MORNING)
    await house.types(MEMBER, "me timezone zone=Pacific/Pago_Pago")

    await house.wait(days=3)

    assert 1 == len(house.platform.posts)


async def test_after_a_downtime_a_celebration_comes_late_once(house: House, shelf: Shelf) -> None:
    """It says that it is late; and more than a week later it is not sent any more."""
    await house.types(MEMBER, PRIVATE)
    await house.types(OTHER, "milestone set date=2026-10-14")
    house.clock.move(MORNING + 2 * DAY)

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)
        await restarted.wait(days=1)

    (post,) = house.platform.posts
    assert MEMBER.member == post.to
    assert "one week" in text_of(post.message)
    assert "A little later than planned." in text_of(post.message)


async def test_a_removed_milestone_is_not_celebrated(house: House) -> None:
    """Neither if it goes before its moment, nor if its note is waiting already."""
    first = await set_by(house, MEMBER)
    second = await set_by(house, OTHER, NAMED)
    await house.use(MEMBER, "milestone remove", milestone=first, sure="yes")
    house.platform.fails(later(timedelta(hours=1)))
    await house.until(MORNING)
    await house.use(OTHER, "milestone remove", milestone=second, sure="yes")

    await house.wait(days=2)

    assert 1 == house.platform.tries()
    assert [] == list(house.platform.posts)


async def test_who_left_the_group_is_not_celebrated_there(house: House) -> None:
    """Nothing is posted, in the channel or elsewhere, and no leader is told."""
    await house.types(MEMBER, NAMED)
    house.platform.strangers.add((MEMBER.member, CIRCLE))

    await house.until(MORNING + DAY)

    assert [] == list(house.platform.posts)


async def test_a_group_that_takes_no_posts_outs_nobody(house: House) -> None:
    """When the celebration is refused, no leader is told of it, for that would tell them of the milestone."""
    await house.types(MEMBER, NAMED)
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN

    await house.until(MORNING + DAY)

    assert [] == list(house.platform.posts)
    assert "milestone" not in text_of(await house.types(LEADER, "schedule list")).lower()


async def test_a_note_that_cannot_arrive_is_told_once(house: House) -> None:
    """With direct messages closed, the owner hears of it the next time they use the bot."""
    await house.types(MEMBER, PRIVATE)
    house.platform.refuses[MEMBER.member] = Reason.CLOSED
    await house.until(MORNING)

    first, second = [text_of(await house.types(MEMBER, "milestone show")) for _ in range(2)]

    assert [] == list(house.platform.posts)
    assert "could not reach you" in first
    assert "could not reach you" not in second


async def test_a_lost_answer_does_not_celebrate_twice(house: House) -> None:
    """A celebration whose answer was lost is found again."""
    await house.types(MEMBER, NAMED)
    house.platform.fails(LOST_AFTER)

    await house.until(MORNING + DAY)

    assert 1 == len(house.platform.everything)


async def test_two_processes_celebrate_once(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database, each moment comes once."""
    await house.types(MEMBER, PRIVATE)
    await house.types(OTHER, NAMED)
    async with again(house, shelf) as other:
        house.clock.move(MORNING)
        await other.app.work.tick()
        await house.engine.settle()
        await other.engine.settle()

    assert {MEMBER.member, CIRCLE} == {post.to for post in house.platform.everything}
    assert 2 == len(house.platform.everything)


# ---------------------------------------------------------------- what the group chose


async def change(house: House, channel: Channel = CIRCLE, **values: str | bool | clock_time | None) -> None:
    """Change a group, as `group edit` does."""
    group = await house.app.tools.groups.at(channel)
    assert group
    await house.app.tools.groups.change(group.id, **values)


async def test_a_group_celebrates_its_own_moments(house: House) -> None:
    """In public what is on its list, and nothing after its end; private notes keep to the usual ones."""
    await house.types(MEMBER, NAMED)
    await house.types(OTHER, PRIVATE)
    await change(house, moments="14d,3w")

    said = text_of(await house.types(MEMBER, "milestone show"))
    await house.until(datetime(2027, 1, 1, tzinfo=UTC))

    assert "Next: 14 days, Tue 3 Nov 2026, 09:00" in said
    posted = house.said_to(CIRCLE)
    assert [True, True] == [part in text for part, text in zip(("14 days", "3 weeks"), posted, strict=True)]
    assert ["one week", "30 days", "60 days"] == [moment_in(text.replace(":", ".")) for text in house.said_to(OTHER)]
    assert "No further moment is planned." in text_of(await house.types(MEMBER, "milestone show"))


async def test_a_changed_list_plans_anew(house: House) -> None:
    """What has ended begins again, and what waits to be sent but is no longer on the list is not sent."""
    await change(house, moments="1w")
    await house.types(MEMBER, NAMED)
    house.platform.fails(later(timedelta(hours=1)))
    await house.until(MORNING)
    await change(house, moments="2w")
    await house.wait(days=2)
    before = list(house.platform.posts)
    await house.until(datetime(2026, 11, 4, tzinfo=UTC))
    ended = text_of(await house.types(MEMBER, "milestone show"))
    await change(house, moments=None)

    assert [] == before
    assert 1 == len(house.said_to(CIRCLE))
    assert "No further moment" in ended
    assert "Next: 30 days, Thu 19 Nov 2026" in text_of(await house.types(MEMBER, "milestone show"))


async def test_members_without_a_zone_follow_the_group(house: House) -> None:
    """When its clock is changed their mornings move, also a public one; whoever told their own zone keeps it."""
    zoned = actor("zoe")
    await house.types(zoned, "me timezone zone=Europe/Berlin")
    for who, line in ((MEMBER, PRIVATE), (OTHER, NAMED), (zoned, PRIVATE)):
        await house.types(who, line)
    await change(house, zone="Asia/Kathmandu")

    await house.until(MORNING + DAY)
    await change(house, zone="Pacific/Pago_Pago")
    await house.wait(days=3)

    there = datetime(2026, 10, 27, 4, 0, tzinfo=UTC)
    assert {(MEMBER.member, there), (CIRCLE, there), (zoned.member, MORNING)} == {
        (post.to, post.at) for post in house.platform.everything
    }
    assert 3 == len(house.platform.everything)


async def test_a_new_first_group_moves_mornings_too(house: House) -> None:
    """Members without a zone follow the community's first group, also when that is another one now."""
    await house.types(MEMBER, PRIVATE)
    await house.app.tools.groups.add(Channel(HERE, "all"), "Asia/Kathmandu", "en", "NP")

    assert "27 Oct 2026, 09:45 (Asia/Kathmandu)" in text_of(await house.types(MEMBER, "milestone show"))


async def test_celebrations_wait_for_the_end_of_quiet_hours(house: House) -> None:
    """Those in public, and the list says so; a private note comes when it comes."""
    await change(house, quiet_from=clock_time(22), quiet_to=clock_time(10))
    await house.types(MEMBER, NAMED)
    await house.types(OTHER, PRIVATE)

    said = text_of(await house.types(MEMBER, "milestone show"))
    await house.until(MORNING + DAY)

    assert "Next: one week, Tue 27 Oct 2026, 10:00" in said
    assert {(OTHER.member, MORNING), (CIRCLE, MORNING + timedelta(hours=1))} == {
        (post.to, post.at) for post in house.platform.posts
    }
    assert "A little later" not in house.said_to(CIRCLE)[0]


async def test_a_celebration_outlasts_quiet_hours_that_leave_posts_out(house: House) -> None:
    """What is about a member is never left out as long as it is welcome: it comes at their end."""
    await change(house, quiet_from=clock_time(22), quiet_to=clock_time(10), quiet_moves=False)
    await house.types(MEMBER, NAMED)

    await house.until(MORNING + 2 * DAY)

    assert [MORNING + timedelta(hours=1)] == [post.at for post in house.platform.posts_to(CIRCLE)]


async def test_a_row_that_cannot_be_opened_does_not_stop_the_others(house: House) -> None:
    """It is looked at again an hour later, and everybody else is celebrated in time."""
    bad = await set_by(house, MEMBER)
    await house.types(OTHER, PRIVATE)
    async with house.app.tools.database.write() as unit:
        await unit.execute(update(milestones).where(milestones.c.id == int(bad)).values(details=b"x" * 60))

    await house.until(MORNING)
    tick = await house.app.work.tick()

    assert [OTHER.member] == [post.to for post in house.platform.posts]
    assert MORNING + timedelta(hours=1) == tick.next_at


# ---------------------------------------------------------------- show and remove


async def test_everybody_sees_their_own(house: House) -> None:
    """The longest-standing first, numbered, each with days, next moment and audience; nobody else's is there."""
    await house.types(MEMBER, "milestone set date=2026-10-20 audience=named")
    await house.types(MEMBER, f"milestone set date=2025-10-20 label={LABEL}")
    await house.types(OTHER, "milestone set date=2026-10-19 label=secret")

    said = text_of(await house.types(MEMBER, "milestone show"))

    lines = said.splitlines()
    assert lines[1] == f"1. {LABEL}: 366 days. Next: 18 months, Tue 20 Apr 2027, 09:00 (Europe/Berlin). Private."
    assert lines[2].startswith("2. your milestone of 2026-10-20: 1 day. Next: one week")
    assert "Shared in #circle, with your name." in lines[2]
    assert "secret" not in said
    for stranger in (LEADER, ORGANISER, actor("mia", community=Community("fake", "there"))):
        assert "You keep no milestone here" in text_of(await house.types(stranger, "milestone show"))


async def test_who_has_none_may_set_one(house: House) -> None:
    """The first answer is an open door, not a reproach."""
    response = await house.types(MEMBER, "milestone show")

    assert ["Set a milestone", "Get support"] == labels_of(response)
    assert isinstance(await house.press(MEMBER, button_of(response, "Set a milestone")), Ask)


async def test_a_milestone_is_removed_after_one_question(house: House) -> None:
    """The first press asks, and forgets nothing; the second forgets it at once."""
    await house.types(MEMBER, PRIVATE)
    asked = await house.types(MEMBER, "milestone remove")
    kept = rows_of(house.address, "milestones")

    gone = await house.press(MEMBER, button_of(asked, "Yes, remove it"))

    assert f"Remove {LABEL}?" in text_of(asked)
    assert 1 == len(kept)
    assert isinstance(gone, Update)
    assert f"Removed: {LABEL}." in text_of(gone)
    assert [] == rows_of(house.address, "milestones")
    assert "You keep no milestone here" in text_of(await house.press(MEMBER, button_of(asked, "Yes, remove it")))


async def test_with_several_the_number_is_asked_for(house: House) -> None:
    """Nothing is guessed, and the number is that of the list."""
    await house.types(MEMBER, "milestone set date=2026-10-20 label=younger")
    await house.types(MEMBER, "milestone set date=2026-10-10 label=older")

    which = problems_of(await house.types(MEMBER, "milestone remove"))
    second = text_of(await house.types(MEMBER, "milestone remove 2"))
    third = text_of(await house.types(MEMBER, "milestone remove 3"))

    assert {"milestone": "Which one? Please give its number in milestone show."} == which
    assert "Remove younger?" in second
    assert "I can't find this milestone any more" in third


async def test_a_row_of_somebody_else_is_refused(house: House) -> None:
    """Whoever they are, they learn nothing of it and change nothing."""
    row = await set_by(house, MEMBER)
    await house.types(OTHER, "milestone set date=2026-10-10 label=own")
    for stranger in (OTHER, LEADER, ORGANISER, actor("mia", community=Community("fake", "there"))):
        for sure in ("", "yes"):
            said = text_of(await house.use(stranger, "milestone remove", milestone=row, sure=sure))

            assert LABEL not in said
            assert 2 == len(rows_of(house.address, "milestones"))


async def test_own_milestones_are_suggested(house: House) -> None:
    """By number, and by the owner's word or date; nobody else's are."""
    await house.types(MEMBER, f"milestone set date=2026-10-10 label={LABEL}")
    await house.types(MEMBER, "milestone set date=2026-10-11")
    suggest = house.app.core.suggest

    assert [Choice(f"1. {LABEL}", "1")] == list(await suggest("milestone remove", "milestone", "marma", MEMBER))
    assert [Choice("2. 2026-10-11", "2")] == list(await suggest("milestone remove", "milestone", "10-11", MEMBER))
    assert [] == list(await suggest("milestone remove", "milestone", "", OTHER))


async def test_milestones_are_part_of_home(house: House) -> None:
    """The owner's page shows them; somebody else's does not."""
    await house.types(MEMBER, PRIVATE)

    assert LABEL in text_of(await house.types(MEMBER, "home"))
    assert LABEL not in text_of(await house.types(OTHER, "home"))


# ---------------------------------------------------------------- each moment at most once

happenings = st.lists(
    st.one_of(
        st.tuples(
            st.just("zone"), st.sampled_from(["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
        ),
        st.tuples(st.just("group"), st.sampled_from(["Asia/Kathmandu", "America/Los_Angeles", "Europe/Berlin"])),
        st.tuples(st.just("wait"), st.integers(1, 60)),
        st.tuples(st.just("sleep"), st.integers(1, 60)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("busy"), st.integers(1, 3)),
    ),
    min_size=2,
    max_size=6,
)


@given(happened=happenings)
@settings(max_examples=5, deadline=None)
async def test_each_moment_comes_at_most_once(
    new_sqlite: Callable[[], str], shelf: Shelf, happened: list[tuple[str, int | str]]
) -> None:
    """Through moves between zones, downtimes, restarts and a busy platform, none comes twice and none is lost."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(new_sqlite(), shelf))
        await house.furnish()
        await house.types(MEMBER, "milestone set date=2026-10-21")
        for what, value in [*happened, ("wait", 48)]:
            match what, value:
                case "zone", str(zone):
                    await house.types(MEMBER, f"me timezone zone={zone}")
                case "group", str(zone):
                    await change(house, zone=zone)
                case "wait", int(hours):
                    await house.wait(hours=hours)
                case "sleep", int(hours):
                    house.clock.move(house.clock.now() + timedelta(hours=hours))
                case "busy", int(times):
                    house.platform.fails(*[later(timedelta(hours=1))] * times)
                case _:
                    await stack.aclose()
                    house = await stack.enter_async_context(again(house, shelf))

    said = [moment_in(text_of(post.message)) for post in house.platform.everything]
    assert len(said) == len(set(said))
    # The day after the start has passed in every zone by now, and no downtime was longer than a week.
    assert "24 hours" in said
