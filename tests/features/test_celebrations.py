"""Celebrations: when they come, what they say, who shares a post, and how they go again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from itertools import pairwise

import pytest
from sqlalchemy import update

from bot.content import Shelf
from bot.core.port import Actor, Ask, Channel, Invocation, Member, Message, Reason, Update
from bot.features.milestones.tables import milestones
from bot.features.milestones.texts import Texts
from tests.fakes import CIRCLE, HERE, LOST_AFTER, Fails, Post, actor, later, refused
from tests.features.dates import (
    DAY,
    HOUR,
    LABEL,
    LEADERS,
    MINUTE,
    MORNING,
    NAMED,
    PRIVATE,
    UNNAMED,
    change,
    moment_in,
    set_by,
)
from tests.house import LEADER, MEMBER, OTHER, House, again, button_of, labels_of, rows_of, text_of


def in_public(house: House) -> list[Post]:
    """Return every post that was ever made in a channel."""
    return [post for post in house.platform.everything if isinstance(post.to, Channel)]


# ---------------------------------------------------------------- when they come


async def test_a_private_milestone_is_a_private_note(house: House) -> None:
    """In the owner's morning, with their own word for it, and nothing in any channel."""
    await house.keeps(MEMBER, PRIVATE)
    await house.until(MORNING - MINUTE)
    before = list(house.platform.posts)

    await house.until(MORNING)

    assert [] == before
    (post,) = house.platform.posts
    assert (MEMBER.member, MORNING) == (post.to, post.at)
    assert f"You have reached one week ({LABEL}). That is yours" in text_of(post.message)
    assert ["Share it after all", "My milestone", "Get support"] == labels_of(post.message)


async def test_a_named_milestone_is_celebrated_in_its_group(house: House) -> None:
    """With the name and the moment; it shows neither the label nor the date, and pings its owner alone."""
    await house.keeps(MEMBER, NAMED)

    await house.until(MORNING)

    (post,) = house.platform.posts_to(CIRCLE)
    assert "one week" in text_of(post.message)
    assert f"member/{MEMBER.member.id}" in post.message.body
    assert (MEMBER.member,) == post.message.notifies
    assert ["Cheer", "Get support"] == labels_of(post.message)
    shown = f"{replace(post.message, picture=None)}"
    assert LABEL not in shown
    assert "2026" not in shown
    assert "20" not in text_of(post.message)


async def test_moments_follow_each_other(house: House) -> None:
    """Each comes once at its own time, over months and a change of the clocks."""
    await house.keeps(MEMBER, "milestone set date=2026-10-21")

    await house.until(datetime(2027, 11, 1, tzinfo=UTC))

    said = [(post.at.isoformat()[:16], moment_in(post.message)) for post in house.platform.posts]
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
    await house.keeps(MEMBER, "milestone set date=2026-10-20")  # its 24 hours were over this morning
    await house.keeps(MEMBER, "milestone set date=2016-10-21 label=decade")  # ten years, since this morning

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
        await house.keeps(who, "milestone set date=2026-10-21")
        await house.types(who, f"me timezone zone={zone}")

        assert f"24 hours, Thu 22 Oct 2026, {morning} ({zone})" in text_of(await house.types(who, "milestone show"))

    await house.wait(days=2)

    assert {zone: at for zone, (_, at) in lives.items()} == {
        post.to.id: post.at for post in house.platform.posts if isinstance(post.to, Member)
    }
    assert not any("A little later" in text_of(post.message) for post in house.platform.posts)


async def test_a_morning_that_is_still_to_come_further_west_counts(house: House) -> None:
    """What had passed in the group's zone has not passed for somebody who lives where it is still night."""
    await house.keeps(MEMBER, "milestone set date=2026-10-20")
    await house.types(MEMBER, "me timezone zone=America/Los_Angeles")

    await house.wait(days=1)

    assert [datetime(2026, 10, 21, 16, 0, tzinfo=UTC)] == [post.at for post in house.platform.posts]
    assert "24 hours" in text_of(house.newest(MEMBER))


async def test_a_move_after_the_celebration_brings_no_second_one(house: House) -> None:
    """The same morning comes again further west; the moment does not."""
    await house.keeps(MEMBER, PRIVATE)
    await house.until(MORNING)
    await house.types(MEMBER, "me timezone zone=Pacific/Pago_Pago")

    await house.wait(days=3)

    assert 1 == len(house.platform.posts)


async def test_after_a_downtime_a_celebration_comes_late_once(house: House, shelf: Shelf) -> None:
    """It says that it is late; and more than a week later it is not sent any more."""
    await house.keeps(MEMBER, PRIVATE)
    await house.keeps(OTHER, "milestone set date=2026-10-14")
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
    await house.keeps(MEMBER, NAMED)
    house.platform.strangers.add((MEMBER.member, CIRCLE))

    await house.until(MORNING + DAY)

    assert [] == list(house.platform.posts)


async def test_a_group_that_takes_no_posts_outs_nobody(house: House) -> None:
    """When the celebration is refused, no leader is told of it, for that would tell them of the milestone."""
    await house.keeps(MEMBER, NAMED)
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN

    await house.until(MORNING + DAY)

    assert [] == list(house.platform.posts)
    assert "milestone" not in text_of(await house.types(LEADER, "schedule list")).lower()


async def test_a_note_that_cannot_arrive_is_told_once(house: House) -> None:
    """With direct messages closed, the owner hears of it the next time they use the bot."""
    await house.keeps(MEMBER, PRIVATE)
    house.platform.refuses[MEMBER.member] = Reason.CLOSED
    await house.until(MORNING)

    first, second = [text_of(await house.types(MEMBER, "milestone show")) for _ in range(2)]

    assert [] == list(house.platform.posts)
    assert "could not reach you" in first
    assert "could not reach you" not in second


async def test_a_lost_answer_does_not_celebrate_twice(house: House) -> None:
    """A celebration whose answer was lost is found again."""
    await house.keeps(MEMBER, NAMED)
    house.platform.fails(LOST_AFTER)

    await house.until(MORNING + DAY)

    assert 1 == len(in_public(house))


async def test_two_processes_celebrate_once(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database, each moment comes once."""
    await house.keeps(MEMBER, PRIVATE)
    await house.keeps(OTHER, NAMED)
    async with again(house, shelf) as other:
        house.clock.move(MORNING)
        await other.app.work.tick()
        await house.engine.settle()
        await other.engine.settle()

    assert [CIRCLE, MEMBER.member, OTHER.member] == sorted((post.to for post in house.platform.everything), key=str)


# ---------------------------------------------------------------- what the group chose


async def test_a_group_celebrates_its_own_moments(house: House) -> None:
    """In public what is on its list, and nothing after its end; private notes keep to the usual ones."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, PRIVATE)
    await change(house, moments="14d,3w")

    said = text_of(await house.types(MEMBER, "milestone show"))
    await house.until(datetime(2027, 1, 1, tzinfo=UTC))

    assert "Next: 14 days, Tue 3 Nov 2026, 09:00" in said
    posted = house.said_to(CIRCLE)
    assert [True, True] == [part in text for part, text in zip(("14 days", "3 weeks"), posted, strict=True)]
    assert ["one week", "30 days", "60 days"] == [moment_in(note) for note in house.platform.messages_to(OTHER.member)]
    assert "No further moment is planned." in text_of(await house.types(MEMBER, "milestone show"))


async def test_a_changed_list_plans_anew(house: House) -> None:
    """What has ended begins again, and what waits to be sent but is no longer on the list is not sent."""
    await change(house, moments="1w")
    await house.keeps(MEMBER, NAMED)
    house.platform.fails(later(timedelta(hours=1)))
    await house.until(MORNING)
    await change(house, moments="2w")
    await house.wait(days=2)
    before = in_public(house)
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
        await house.keeps(who, line)
    await change(house, zone="Asia/Kathmandu")

    await house.until(MORNING + DAY)
    await change(house, zone="Pacific/Pago_Pago")
    await house.wait(days=3)

    there = datetime(2026, 10, 27, 4, 0, tzinfo=UTC)
    told = {(MEMBER.member, there), (CIRCLE, there), (OTHER.member, there), (zoned.member, MORNING)}
    assert told == {(post.to, post.at) for post in house.platform.everything}
    assert 4 == len(house.platform.everything)


async def test_a_second_group_moves_no_mornings(house: House) -> None:
    """Members without a zone follow the community's first group: the one that was added first, whatever its name."""
    await house.keeps(MEMBER, PRIVATE)
    await house.app.tools.groups.add(Channel(HERE, "all"), "Asia/Kathmandu", "en", "NP")

    assert "27 Oct 2026, 09:00 (Europe/Berlin)" in text_of(await house.types(MEMBER, "milestone show"))


async def test_celebrations_wait_for_the_end_of_quiet_hours(house: House) -> None:
    """Those in public, and the list says so; a private note comes when it comes."""
    await change(house, quiet_from=clock_time(22), quiet_to=clock_time(10))
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, PRIVATE)

    said = text_of(await house.types(MEMBER, "milestone show"))
    await house.until(MORNING + DAY)

    assert "Next: one week, Tue 27 Oct 2026, 10:00" in said
    after = MORNING + timedelta(hours=1)
    assert {(OTHER.member, MORNING), (CIRCLE, after), (MEMBER.member, after)} == {
        (post.to, post.at) for post in house.platform.posts
    }
    assert "A little later" not in house.said_to(CIRCLE)[0]


async def test_a_celebration_outlasts_quiet_hours_that_leave_posts_out(house: House) -> None:
    """What is about a member is never left out as long as it is welcome: it comes at their end."""
    await change(house, quiet_from=clock_time(22), quiet_to=clock_time(10), quiet_moves=False)
    await house.keeps(MEMBER, NAMED)

    await house.until(MORNING + 2 * DAY)

    assert [MORNING + timedelta(hours=1)] == [post.at for post in house.platform.posts_to(CIRCLE)]


async def test_a_row_that_cannot_be_opened_does_not_stop_the_others(house: House) -> None:
    """It is looked at again an hour later, and everybody else is celebrated in time."""
    bad = await set_by(house, MEMBER)
    await house.keeps(OTHER, PRIVATE)
    async with house.app.tools.database.write() as unit:
        await unit.execute(update(milestones).where(milestones.c.id == int(bad)).values(details=b"x" * 60))

    await house.until(MORNING)
    tick = await house.app.work.tick()

    assert [OTHER.member] == [post.to for post in house.platform.posts]
    assert MORNING + timedelta(hours=1) == tick.next_at


# ---------------------------------------------------------------- what they say, and to whom


async def test_without_a_name_nobody_is_named(house: House) -> None:
    """The post says that it is someone here, mentions and notifies nobody, and comes in the group's own morning."""
    await house.types(MEMBER, "me timezone zone=Asia/Kathmandu")
    said = text_of(await house.keeps(MEMBER, f"{UNNAMED} hour=23"))
    await house.until(MORNING + DAY)

    (post,) = in_public(house)
    assert "without your name, in the morning of the group's clock" in said
    assert "people may still guess who it is" in said
    assert MORNING == post.at
    assert "one week" in text_of(post.message)
    for known in (MEMBER.member.id, LABEL, "2026", "member/"):
        assert known not in f"{replace(post.message, picture=None)}"
    assert () == post.message.notifies


async def test_the_leaders_are_told_privately(house: House) -> None:
    """Each in a message of their own, with the name and the moment; nothing is posted."""
    await house.app.appoint(actor("lou").member)
    await house.keeps(MEMBER, LEADERS)
    await house.until(MORNING + DAY)

    assert [] == in_public(house)
    for leader in (LEADER, actor("lou")):
        (message,) = house.platform.messages_to(leader.member)
        assert "one week" in text_of(message)
        assert f"member/{MEMBER.member.id}" in message.body
        assert LABEL not in message.body
    assert "The leaders have been told, as you chose: one week" in text_of(house.newest(MEMBER))


async def test_with_no_leaders_the_owner_hears_of_it(house: House) -> None:
    """Nothing is lost without a word, and nobody else is told instead."""
    await house.keeps(MEMBER, LEADERS)
    await house.app.tools.leaders.remove(LEADER.member, house.clock.now())
    await house.until(MORNING + DAY)

    assert [] == list(house.platform.everything)
    assert "nobody leads a group here at the moment" in text_of(await house.types(MEMBER, "milestone show"))


async def test_a_leader_is_not_told_of_their_own(house: House) -> None:
    """A leader who shares with the leaders reads the owner's note, and the others theirs."""
    await house.app.appoint(actor("lou").member)
    await house.keeps(LEADER, LEADERS)
    await house.until(MORNING + DAY)

    assert ["The leaders have been told"] == [said[:26] for said in house.said_to(LEADER)]
    assert 1 == len(house.said_to(actor("lou")))


async def test_a_label_is_shown_only_where_it_is_ticked(house: House) -> None:
    """To a group, to the leaders, and to nobody else."""
    for who, line in ((MEMBER, NAMED), (OTHER, LEADERS)):
        await house.keeps(who, f"{line.replace(LABEL, who.member.id + '-word')} show=yes")
    await house.until(MORNING + DAY)

    assert "one week (mia-word)" in text_of(in_public(house)[0].message)
    assert "one week (otto-word)" in text_of(house.newest(LEADER))


async def test_the_owner_is_told_where_it_stands(house: House) -> None:
    """In a private note, after it is there, with a way to take it down and to see who cheered."""
    await house.keeps(MEMBER, NAMED)
    await house.until(MORNING + DAY)

    note = house.newest(MEMBER)
    assert "Marked in #circle, with your name, as you chose: one week." in text_of(note)
    assert ["Take it down", "Who cheered", "My milestone", "Get support"] == labels_of(note)


async def test_those_of_one_group_and_hour_share_a_post(house: House) -> None:
    """Named ones, one without a name and another moment stand in one post, each with its own line."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, "milestone set date=2026-09-27 audience=named")
    await house.keeps(actor("zoe"), UNNAMED)
    await house.until(MORNING + DAY)

    (post,) = in_public(house)
    body = post.message.body
    assert 3 == body.count("\n- ")
    assert f"- [@](hearthside:member/{MEMBER.member.id}): **one week**" in body
    assert f"- [@](hearthside:member/{OTHER.member.id}): **30 days**" in body
    assert "- Someone here: **one week**" in body
    assert {MEMBER.member, OTHER.member} == set(post.message.notifies)
    assert {"Take it down"} <= {label for who in (MEMBER, OTHER) for label in labels_of(house.newest(who))}


async def test_two_dates_that_look_alike_are_one_line(house: House) -> None:
    """Whoever keeps two milestones of one day is named once."""
    await house.keeps(MEMBER, f"{NAMED} show=yes")
    await house.keeps(MEMBER, NAMED.replace(LABEL, "other"))
    await house.keeps(MEMBER, NAMED.replace(LABEL, "third") + " show=yes")
    await house.until(MORNING + DAY)

    (post,) = in_public(house)
    assert 3 == post.message.body.count("member/mia")
    row = rows_of(house.address, "milestones", "id")[0][0]
    await house.use(MEMBER, "milestone erase", of=str(row))
    assert 2 == in_public(house)[0].message.body.count("member/mia")


async def test_another_hour_is_another_post(house: House) -> None:
    """An owner's own hour counts."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, f"{NAMED} hour=6")
    await house.until(MORNING + DAY)

    assert [MORNING - 3 * HOUR, MORNING] == [post.at for post in in_public(house)]


async def test_after_a_downtime_they_share_a_post_too(house: House, shelf: Shelf) -> None:
    """Those that were missed come together in the hour in which the bot is back."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, f"{NAMED} hour=6")
    house.clock.move(MORNING + DAY)
    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)

    (post,) = in_public(house)
    assert 2 == post.message.body.count("member/")
    assert "A little later than planned." in text_of(post.message)


async def test_no_words_repeat_in_a_group(house: House) -> None:
    """Whatever is celebrated or shared there, the next one says something else."""
    for who in (MEMBER, OTHER, actor("zoe"), actor("yan")):
        await house.keeps(who, PRIVATE)
        preview = await house.types(who, "milestone share audience=named in=#circle")
        await house.press(who, button_of(preview, "Share it now"))

    said = [post.message.body.replace(post.message.notifies[0].id, "who") for post in in_public(house)]
    assert 4 == len(said) == len(set(said))


@pytest.mark.parametrize("way", ["named", "unnamed", "to_leaders", "together"])
def test_there_are_words_for_a_season(shelf: Shelf, way: str) -> None:
    """Two celebrations a day for a quarter of a year in one group: no two alike, and no wish twice in a row."""
    texts = Texts(shelf)
    for first in (0, 17, 4711):
        said = [texts.of(way, first + number, "en") for number in range(184)]

        assert len(said) == len(set(said))
        assert all(one[1] != other[1] and one[0] != other[0] for one, other in pairwise(said))


async def test_late_news_is_no_news(house: House, shelf: Shelf) -> None:
    """What came more than a week ago is not sent any more, and its place is taken: it never comes again."""
    await house.keeps(MEMBER, NAMED)
    house.clock.move(MORNING + 8 * DAY)
    async with again(house, shelf) as restarted:
        await restarted.wait(days=3)
        await restarted.types(MEMBER, "me timezone zone=Pacific/Pago_Pago")
        await restarted.wait(days=3)

    assert [] == list(house.platform.everything)


# ---------------------------------------------------------------- pictures


async def test_a_medallion_comes_with_its_words(house: House) -> None:
    """The picture is that of the moment, and its alternative text says the moment."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, PRIVATE)
    await house.until(MORNING)

    drawn = house.app.tools.library.picture("milestones", "medallions/week-1.png")
    for message in (in_public(house)[0].message, house.newest(OTHER)):
        assert message.picture
        assert (drawn, "image/png") == (message.picture.bytes, message.picture.type)
        assert "A round medallion with a small flame, for one week" == message.picture.alternative


async def test_several_moments_share_a_medallion_without_a_number(house: House) -> None:
    """Nobody's number stands above the others'."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, "milestone set date=2026-09-27 audience=named")
    await house.until(MORNING)

    picture = in_public(house)[0].message.picture
    assert picture
    assert house.app.tools.library.picture("milestones", "medallions/plain.png") == picture.bytes
    assert "A round medallion with a small flame" == picture.alternative


async def test_pictures_can_be_left_out(house: House) -> None:
    """By whoever wants none, in their own notes and in a post that they share with others."""
    await house.keeps(MEMBER, f"{NAMED} plain=yes")
    await house.keeps(OTHER, NAMED)
    await house.keeps(actor("zoe"), f"{PRIVATE} plain=yes")
    await house.until(MORNING)

    assert None is in_public(house)[0].message.picture
    assert None is house.newest(actor("zoe")).picture


async def test_an_unusual_count_has_the_medallion_without_a_number(house: House) -> None:
    """A group may count as it likes; the alternative text still says what it is."""
    await change(house, moments="33d")
    await house.keeps(MEMBER, "milestone set days=32 audience=named")
    await house.until(MORNING)

    picture = in_public(house)[0].message.picture
    assert picture
    assert picture.alternative.endswith("for 33 days")


# ---------------------------------------------------------------- cheers


async def celebrated(house: House, *lines: tuple[Actor, str]) -> Post:
    """Let milestones be celebrated, and return the post."""
    for who, line in lines or ((MEMBER, NAMED),):
        await house.keeps(who, line)
    await house.until(MORNING + HOUR)
    (post,) = in_public(house)
    return post


async def press_post(house: House, who: Actor, label: str = "Cheer") -> str:
    """Let somebody press a button of the post, and return what they read."""
    return text_of(await house.press(who, button_of(in_public(house)[0].message, label)))


async def test_the_first_cheer_is_written_into_the_post(house: House) -> None:
    """Later ones change nothing there: there is no count, and no name."""
    before = (await celebrated(house)).message.body
    said = [await press_post(house, who) for who in (OTHER, LEADER, OTHER)]

    post = in_public(house)[0]
    assert f"{before}\n\nCheered by the group." == post.message.body
    assert 1 == post.edits
    assert ["Your cheer is kept", "Your cheer is kept", "You have cheered already"] == [
        text[:18] if "kept" in text else text[:24] for text in said
    ]
    for known in ("member/otto", "member/lea", "2"):
        assert known not in post.message.body.replace("hearthside:member/mia", "")


async def test_the_owner_alone_sees_who_cheered(house: House) -> None:
    """In the private note and on the milestone's page; for anybody else there is no such thing."""
    await celebrated(house)
    await press_post(house, OTHER)
    await press_post(house, LEADER)
    note = house.newest(MEMBER)
    asked = button_of(note, "Who cheered")

    mine = [(await house.press(MEMBER, asked)), (await house.types(MEMBER, "milestone show"))]
    theirs = [await house.press(who, asked) for who in (OTHER, LEADER)]

    for response in mine:
        assert "member/otto" in f"{response}"
        assert "member/lea" in f"{response}"
    for response in theirs:
        assert "I can't find this any more" in text_of(response)


async def test_nobody_cheers_themself(house: House) -> None:
    """The post says that others cheered only when somebody else did."""
    await celebrated(house)

    assert "This one is yours" in await press_post(house, MEMBER)
    assert 0 == in_public(house)[0].edits


async def test_a_cheer_can_be_taken_back(house: House) -> None:
    """With the last one the post no longer says so; taken back twice it does no harm."""
    before = (await celebrated(house)).message.body
    cheered = await house.press(OTHER, button_of(in_public(house)[0].message, "Cheer"))
    for _ in range(2):
        await house.press(OTHER, button_of(cheered, "Take my cheer back"))

    assert before == in_public(house)[0].message.body
    assert [] == rows_of(house.address, "cheers")


async def test_cheering_without_a_name_tells_nobody_whose_it_is(house: House) -> None:
    """Whoever cheers learns nothing, and the owner alone sees who it was."""
    await celebrated(house, (MEMBER, UNNAMED))
    said = await press_post(house, OTHER)

    assert "mia" not in said
    assert "otto" in f"{await house.types(MEMBER, 'milestone show')}"


async def test_another_community_cannot_cheer(house: House) -> None:
    """A row of another community opens nothing."""
    await celebrated(house)
    stranger = actor("otto", community=type(HERE)("fake", "there"))

    assert "This can't be cheered any more" in await press_post(house, stranger)
    assert [] == rows_of(house.address, "cheers")


async def test_leaders_cheer_what_was_told_to_them(house: House) -> None:
    """In their private messages, every copy of which says so."""
    await house.app.appoint(actor("lou").member)
    await house.keeps(MEMBER, LEADERS)
    await house.until(MORNING + HOUR)
    button = button_of(house.newest(LEADER), "Cheer")
    outsider = text_of(await house.press(OTHER, button))
    await house.press(LEADER, button)

    assert "This can't be cheered any more" in outsider
    for leader in (LEADER, actor("lou")):
        assert "Cheered by the leaders." in text_of(house.newest(leader))


# ---------------------------------------------------------------- taking down


async def test_the_last_line_takes_the_post_with_it(house: House) -> None:
    """The post is gone, and so is who cheered it; the moment does not come again."""
    await celebrated(house)
    await press_post(house, OTHER)
    answer = await house.press(MEMBER, button_of(house.newest(MEMBER), "Take it down"))
    await house.wait(days=2)

    assert isinstance(answer, Update)
    assert [] == list(house.platform.posts_to(CIRCLE))
    assert 1 == len(in_public(house))
    assert [] == rows_of(house.address, "cheers")
    assert [] == rows_of(house.address, "celebration_posts")


async def test_taking_down_removes_ones_own_line_only(house: House) -> None:
    """The others stay, and with one left the post reads as if it had always been alone."""
    await celebrated(house, (MEMBER, NAMED), (OTHER, NAMED))
    await house.press(MEMBER, button_of(house.newest(MEMBER), "Take it down"))

    (post,) = house.platform.posts_to(CIRCLE)
    assert "mia" not in f"{replace(post.message, picture=None)}"
    assert "member/otto" in post.message.body
    assert "\n- " not in post.message.body


async def test_show_and_history_offer_it_too(house: House) -> None:
    """Whoever closed their direct messages finds it there."""
    await celebrated(house)
    for line in ("milestone show", "milestone history"):
        assert "Take down: one week" in labels_of(await house.types(MEMBER, line))
    await house.press(MEMBER, button_of(await house.types(MEMBER, "milestone history"), "Take down: one week"))

    assert [] == list(house.platform.posts_to(CIRCLE))
    assert "Take down: one week" not in labels_of(await house.types(MEMBER, "milestone show"))


async def test_nobody_else_takes_it_down(house: House) -> None:
    """Not another member whose line stands beside it, not a leader."""
    await celebrated(house, (MEMBER, NAMED), (OTHER, NAMED))
    button = button_of(house.newest(MEMBER), "Take it down")
    for who in (OTHER, LEADER):
        assert "I can't find this any more" in text_of(await house.press(who, button))

    assert "member/mia" in house.platform.posts_to(CIRCLE)[0].message.body


async def test_what_cannot_be_taken_down_is_told_and_can_be_tried_again(house: House) -> None:
    """Privately, the next time; the button is there once more, and then it works."""
    await celebrated(house)
    house.platform.fails(refused(), doing="delete")
    await house.press(MEMBER, button_of(house.newest(MEMBER), "Take it down"))
    shown = await house.types(MEMBER, "milestone show")
    await house.press(MEMBER, button_of(shown, "Take down: one week"))

    assert "could not be taken down, so it is still there" in text_of(shown)
    assert [] == list(house.platform.posts_to(CIRCLE))


async def test_a_milestone_goes_with_its_posts_or_without(house: House) -> None:
    """Its owner is asked; what stays can no longer be cheered, and says nothing about anybody who asks."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, f"{NAMED} hour=6")
    await house.until(MORNING + HOUR)
    for who, label in ((MEMBER, "Yes, remove it"), (OTHER, "Yes, and take down its posts")):
        asked = await house.types(who, "milestone remove")
        assert "stay there, or I take them down as well" in text_of(asked)
        await house.press(who, button_of(asked, label))

    (post,) = house.platform.posts_to(CIRCLE)
    assert "member/mia" in post.message.body
    assert "This can't be cheered any more" in text_of(await house.press(LEADER, button_of(post.message, "Cheer")))


# ---------------------------------------------------------------- looked at again just before they go


async def delayed(house: House, line: str = NAMED) -> None:
    """Let a celebration wait for an hour, because the platform is busy."""
    await house.keeps(MEMBER, line)
    house.platform.fails(later(HOUR))
    await house.until(MORNING + MINUTE)


async def test_a_pause_withdraws_what_waits(house: House) -> None:
    """And what was withdrawn is not made up later."""
    await delayed(house)
    await house.types(MEMBER, "milestone pause")
    await house.wait(hours=3)
    await house.types(MEMBER, "milestone resume")
    await house.wait(days=3)

    assert [] == list(house.platform.everything)


async def test_a_new_audience_is_told_instead(house: House) -> None:
    """What waited for the group is told to the owner alone, once, when they changed their mind in time."""
    await delayed(house)
    await house.types(MEMBER, "milestone edit audience=private")
    await house.wait(days=1)

    assert [] == in_public(house)
    assert ["one week"] == [moment_in(note) for note in house.platform.messages_to(MEMBER.member)]


async def test_an_unticked_label_is_not_shown(house: House) -> None:
    """The celebration comes without it, once."""
    await delayed(house, f"{NAMED} show=yes")
    await house.types(MEMBER, "milestone edit show=no")
    await house.wait(days=1)

    (post,) = in_public(house)
    assert LABEL not in f"{post.message.body}"


async def test_what_is_on_its_way_is_taken_down_when_it_arrives(house: House) -> None:
    """Whoever begins again in the very second in which the post leaves is not seen in it for long."""
    await house.keeps(MEMBER, NAMED)

    async def begin_again(to: object, _: Message) -> None:
        if to == CIRCLE:
            house.platform.before_posting = None
            await house.app.core.invoke(Invocation("milestone restart", {"from": "2026-10-26"}, MEMBER, CIRCLE))

    house.platform.before_posting = begin_again
    await house.until(MORNING + DAY)

    assert 1 == len(in_public(house))
    assert [] == list(house.platform.posts_to(CIRCLE))


async def test_a_lost_answer_and_a_new_beginning(house: House) -> None:
    """The post whose answer was lost is looked for, and taken down where it is found."""
    await house.keeps(MEMBER, NAMED)
    house.platform.fails(LOST_AFTER)
    await house.until(MORNING)
    await house.types(MEMBER, "milestone restart from=2026-10-26")
    await house.wait(days=2)

    assert 1 == len(in_public(house))
    assert [] == list(house.platform.posts_to(CIRCLE))


async def test_who_left_is_not_written_to(house: House) -> None:
    """A private note does not follow somebody who has left the community."""
    await house.keeps(MEMBER, PRIVATE)
    house.platform.profiles[MEMBER.member] = None
    await house.until(MORNING + DAY)

    assert [] == list(house.platform.everything)


async def test_one_who_left_does_not_stop_the_others(house: House) -> None:
    """A shared post comes with those who are here."""
    for who in (MEMBER, OTHER, actor("zoe")):
        await house.keeps(who, NAMED)
    house.platform.strangers.add((MEMBER.member, CIRCLE))
    await house.until(MORNING + DAY)

    (post,) = in_public(house)
    assert {OTHER.member, actor("zoe").member} == set(post.message.notifies)
    assert "mia" not in post.message.body


async def test_a_refused_look_up_counts_as_gone(house: House) -> None:
    """Whoever the platform refuses to look up has left: nothing is posted about them, and the others are celebrated."""
    for who in (MEMBER, OTHER, actor("zoe")):
        await house.keeps(who, NAMED)
    house.platform.fails(refused(Reason.GONE), doing="belongs")
    await house.until(MORNING + DAY)

    (post,) = in_public(house)
    assert 2 == len(post.message.notifies) == post.message.body.count("member/")


async def test_quiet_about_one_keeps_the_others(house: House) -> None:
    """What `quiet member` silences falls out of a shared post, and the leaders are not told of it either."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, NAMED)
    await house.keeps(actor("zoe"), LEADERS)
    for who in ("mia", "zoe"):
        await house.types(LEADER, f"quiet member who=@{who}")
    await house.until(MORNING + DAY)

    (post,) = in_public(house)
    assert "member/otto" in post.message.body
    assert "mia" not in f"{replace(post.message, picture=None)}"
    assert [] == house.said_to(LEADER)


# ---------------------------------------------------------------- sharing now


async def test_sharing_shows_first_what_others_will_read(house: House) -> None:
    """The preview is the post, word for word; nothing is sent before the press, and one press sends it once."""
    await house.keeps(MEMBER, PRIVATE)
    preview = await house.types(MEMBER, "milestone share audience=named in=#circle")
    before = list(house.platform.everything)
    for _ in range(2):
        await house.press(MEMBER, button_of(preview, "Share it now"))

    (post,) = in_public(house)
    assert [] == before
    assert text_of(post.message) in text_of(preview).replace("> ", "")
    assert "1 day" not in text_of(post.message)
    assert "24 hours" in text_of(post.message)
    assert LABEL not in f"{post.message.body}"
    assert "Private: only you hear of it." in text_of(await house.types(MEMBER, "milestone show"))


async def test_a_private_milestone_asks_whom_to_tell(house: House) -> None:
    """Nothing is assumed: the form asks for the audience."""
    await house.keeps(MEMBER, PRIVATE)
    form = await house.types(MEMBER, "milestone share")

    assert isinstance(form, Ask)
    assert "audience" in {field.name for field in form.fields if field.name in form.problems or not form.problems}
    assert {"named", "unnamed", "leaders"} == {
        choice.value for field in form.fields if field.name == "audience" for choice in field.choices
    }


async def test_a_private_moment_can_be_shared_after_all(house: House) -> None:
    """From its note, also days later; it is that moment, and it is shared with the same people once."""
    await house.keeps(MEMBER, PRIVATE)
    await house.until(MORNING + 2 * DAY)
    share = button_of(house.newest(MEMBER), "Share it after all")
    preview = await house.press(MEMBER, share, audience="unnamed")
    await house.press(MEMBER, button_of(preview, "Share it now"))
    again_ = await house.press(MEMBER, share, audience="named")

    (post,) = in_public(house)
    assert "one week" in text_of(post.message)
    assert "mia" not in f"{post.message.body}"
    assert "This is shared there already" in text_of(again_)


async def test_what_is_shared_this_morning_does_not_come_again(house: House) -> None:
    """Whoever shares a moment on its day before its hour has it celebrated once; other days take no moment's place."""
    await house.keeps(MEMBER, NAMED)
    await share(house)
    await house.until(datetime(2026, 10, 27, 6, tzinfo=UTC))
    await share(house)
    await house.until(MORNING + 2 * DAY)

    assert ["24 hours", "one week"] == [
        moment
        for post in in_public(house)
        for moment in ("24 hours", "one week", "7 days")
        if moment in text_of(post.message)
    ]


async def share(house: House, line: str = "milestone share") -> None:
    await house.press(MEMBER, button_of(await house.types(MEMBER, line), "Share it now"))


async def test_sharing_honours_quiet_hours(house: House) -> None:
    """The preview says until when it waits, and it comes then."""
    await change(house, quiet_from=clock_time(12), quiet_to=clock_time(20))
    await house.keeps(MEMBER, NAMED)
    preview = await house.types(MEMBER, "milestone share")
    await house.press(MEMBER, button_of(preview, "Share it now"))
    before = in_public(house)
    await house.until(datetime(2026, 10, 21, 19, 0, tzinfo=UTC))

    assert "Quiet hours hold it back until Wed 21 Oct 2026, 20:00" in text_of(preview)
    assert [] == before
    assert [datetime(2026, 10, 21, 18, 0, tzinfo=UTC)] == [post.at for post in in_public(house)]


async def test_an_old_preview_posts_nothing(house: House) -> None:
    """What was looked at is what is posted: after anything has changed it is not, and a kind word says so."""
    await house.keeps(MEMBER, f"{NAMED} show=yes")
    for line in ("milestone correct days=3", "milestone edit label=other", "milestone restart from=today"):
        preview = await house.types(MEMBER, "milestone share audience=named in=#circle show=yes")
        await house.types(MEMBER, line)
        said = text_of(await house.press(MEMBER, button_of(preview, "Share it now")))

        assert "This has changed since you looked at it, so I sent nothing." in said, line
    preview = await house.types(MEMBER, "milestone share audience=named in=#circle")
    await house.until(datetime(2026, 10, 21, 22, 5, tzinfo=UTC))  # midnight has passed
    await house.press(MEMBER, button_of(preview, "Share it now"))

    assert [] == in_public(house)


async def test_what_was_taken_down_is_not_shared_by_an_old_preview(house: House) -> None:
    """A new look is needed, and then it is shared again."""
    await house.keeps(MEMBER, PRIVATE)
    line = "milestone share audience=named in=#circle"
    preview = await house.types(MEMBER, line)
    await house.press(MEMBER, button_of(preview, "Share it now"))
    await house.press(MEMBER, button_of(await house.types(MEMBER, "milestone show"), "Take down: 24 hours"))
    await house.press(MEMBER, button_of(preview, "Share it now"))
    once = len(in_public(house))
    await share(house, line)

    assert [1, 2] == [once, len(in_public(house))]


async def test_sharing_elsewhere_leaves_the_moment_to_its_place(house: House) -> None:
    """Whoever tells the leaders in the early morning is still celebrated in the group; a label is ticked for each."""
    await house.keeps(MEMBER, f"{NAMED} show=yes")
    await house.until(MORNING - 2 * HOUR)
    await share(house, "milestone share audience=leaders")
    await house.until(MORNING)

    assert LABEL not in house.newest(LEADER).body
    assert "one week" in text_of(in_public(house)[0].message)


# ---------------------------------------------------------------- leaders who come and go


async def test_who_no_longer_leads_is_not_told(house: House) -> None:
    """What waited for a leader is not sent once they lead no more; the others are told."""
    await house.app.appoint(actor("lou").member)
    await house.keeps(MEMBER, LEADERS)
    house.platform.fails(later(HOUR), later(HOUR))
    await house.until(MORNING)
    await house.app.tools.leaders.remove(LEADER.member, house.clock.now())
    await house.wait(hours=3)

    assert [] == house.said_to(LEADER)
    assert 1 == len(house.said_to(actor("lou")))


async def test_who_led_once_keeps_nothing_that_is_taken_down(house: House) -> None:
    """It is taken down wherever it was sent; and when that does not work in one place, the owner hears of it."""
    await house.app.appoint(actor("lou").member)
    await house.keeps(MEMBER, LEADERS)
    await house.until(MORNING + HOUR)
    await house.app.tools.leaders.remove(LEADER.member, house.clock.now())
    house.platform.fails(refused(), doing="delete")
    await house.press(MEMBER, button_of(house.newest(MEMBER), "Take it down"))
    shown = await house.types(MEMBER, "milestone show")
    left = [*house.said_to(LEADER), *house.said_to(actor("lou"))]
    await house.press(MEMBER, button_of(shown, "Take down: one week"))

    assert 1 == len(left)
    assert "could not be taken down" in text_of(shown)
    assert [] == [*house.said_to(LEADER), *house.said_to(actor("lou"))]


async def test_a_sole_leader_tells_nobody_and_knows_it(house: House) -> None:
    """Nobody else leads: nothing is sent, and the page does not say that it was."""
    await house.keeps(LEADER, LEADERS)
    await house.until(MORNING + DAY)
    shown = text_of(await house.types(LEADER, "milestone show"))

    assert [] == list(house.platform.everything)
    assert "nobody leads a group here at the moment" in shown
    assert "Told to the leaders:" not in shown


async def test_leaders_who_cannot_be_reached_are_not_said_to_know(house: House) -> None:
    """With direct messages closed nobody was told, and the owner hears that privately."""
    await house.keeps(MEMBER, LEADERS)
    house.platform.refuses[LEADER.member] = Reason.CLOSED
    await house.until(MORNING + DAY)
    shown = text_of(await house.types(MEMBER, "milestone show"))

    assert "none of them could be reached" in shown
    assert "Told to the leaders:" not in shown
    assert "way to the leaders" not in shown


# ---------------------------------------------------------------- what did not arrive, or nobody can tell


@pytest.mark.parametrize("trouble", [refused(Reason.CLOSED), LOST_AFTER], ids=["refused", "nobody can tell"])
async def test_a_private_moment_stays_private(house: House, trouble: Fails) -> None:
    """A note that did not arrive, or may have, does not come again, least of all in public."""
    await house.keeps(MEMBER, PRIVATE)
    house.platform.can_look = False
    house.platform.fails(trouble)
    await house.until(MORNING + DAY)
    await house.types(MEMBER, "milestone edit audience=named in=#circle")
    await house.types(MEMBER, "milestone correct date=2026-10-22")
    await house.until(MORNING + 5 * DAY)

    assert [] == in_public(house)
    assert (trouble is LOST_AFTER) == (1 == len(house.said_to(MEMBER)))


async def test_a_long_silence_is_told_to_the_owner(house: House) -> None:
    """After a week nothing is sent, nothing is said to stand, and the owner knows."""
    await house.types(LEADER, "quiet group in=#circle")
    await house.keeps(MEMBER, NAMED)
    await house.until(MORNING + HOUR)
    house.clock.move(MORNING + 7 * DAY - HOUR)
    await house.until(MORNING + 7 * DAY + HOUR)
    shown = text_of(await house.types(MEMBER, "milestone show"))

    assert [] == in_public(house)
    assert "could not be celebrated in the group" in shown
    assert "To be seen" not in shown


async def test_where_nobody_can_look_the_owner_is_told(house: House) -> None:
    """Whoever begins again while an answer is lost hears that it may be there."""
    house.platform.can_look = False
    await house.keeps(MEMBER, NAMED)
    house.platform.fails(LOST_AFTER)
    await house.until(MORNING)
    await house.types(MEMBER, "milestone restart from=today")
    await house.wait(days=1)

    assert "a leader can remove it" in text_of(await house.types(MEMBER, "milestone show"))


async def test_a_take_down_that_comes_after_an_edit_is_not_forgotten(house: House) -> None:
    """While a cheer is written into the post its owner takes it down, and that is refused: they hear of it."""
    await celebrated(house)
    takedown = button_of(house.newest(MEMBER), "Take it down")
    house.platform.fails(later(HOUR), doing="edit")
    house.platform.fails(refused(), doing="delete")
    await press_post(house, OTHER)
    await house.press(MEMBER, takedown)
    await house.wait(hours=2)
    shown = await house.types(MEMBER, "milestone show")

    assert "could not be taken down" in text_of(shown)
    assert "Take down: one week" in labels_of(shown)


async def test_a_new_label_is_the_one_that_is_read(house: House) -> None:
    """Also where the old one may have arrived already."""
    await house.keeps(MEMBER, f"{NAMED} show=yes")
    house.platform.fails(LOST_AFTER)
    await house.until(MORNING)
    await house.types(MEMBER, "milestone edit label=harmless")
    await house.wait(hours=1)

    (post,) = in_public(house)
    assert "one week (harmless)" in text_of(post.message)


async def test_what_is_not_to_be_sent_does_not_come_back(house: House) -> None:
    """Before it is there the button says so; pressed, the moment is over, whatever is changed afterwards."""
    await change(house, quiet_from=clock_time(22), quiet_to=clock_time(12))
    await house.keeps(MEMBER, NAMED)
    await house.until(MORNING)
    shown = await house.types(MEMBER, "milestone show")
    await house.press(MEMBER, button_of(shown, "Don't send: one week"))
    await house.types(MEMBER, "milestone edit hour=20")
    await house.until(MORNING + DAY)

    assert "On its way to #circle, with your name: one week." in text_of(shown)
    assert [] == in_public(house)


async def test_a_late_choice_to_be_unnamed_waits_for_the_morning(house: House) -> None:
    """No odd hour tells that somebody has just changed something, and the answer says when it comes."""
    await house.keeps(MEMBER, f"{PRIVATE} hour=20")
    await house.until(MORNING + 6 * HOUR)
    said = text_of(await house.types(MEMBER, "milestone edit audience=unnamed in=#circle"))
    await house.until(MORNING + 2 * DAY)

    assert "Next: one week, Wed 28 Oct 2026, 09:00" in said
    assert [MORNING + DAY] == [post.at for post in in_public(house)]
    assert "later than planned" not in text_of(in_public(house)[0].message)


async def test_quiet_hours_that_leave_posts_out_are_told(house: House) -> None:
    """A celebration comes at their end, as its owner was told, and is not called late."""
    await change(house, quiet_from=clock_time(22), quiet_to=clock_time(10), quiet_moves=False)
    said = text_of(await house.keeps(MEMBER, NAMED))
    await house.until(MORNING + DAY)

    assert "27 Oct 2026, 10:00" in said
    (post,) = in_public(house)
    assert MORNING + HOUR == post.at
    assert "later than planned" not in text_of(post.message)


async def test_a_milestone_of_an_earlier_version_goes_on(house: House) -> None:
    """It was kept without a history and without a plan: it is celebrated as it was, and can be begun again."""
    row = int(await set_by(house, MEMBER, NAMED))
    before = {"start": "2026-10-20", "label": LABEL, "channel": CIRCLE.id}
    sealed = house.app.tools.sealing.seal_json(before, "milestones.details", row)
    async with house.app.tools.database.write() as unit:
        await unit.execute(update(milestones).where(milestones.c.id == row).values(details=sealed))
    await house.until(MORNING + HOUR)
    begun = text_of(await house.types(MEMBER, "milestone restart from=today"))

    assert ["one week" in text_of(post.message) for post in in_public(house)] == [True]
    assert "7 days in all. Now: 0 days. Longest: 7 days." in begun
