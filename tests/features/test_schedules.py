"""`schedule`, as leaders use it, and the posts that come of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.content import Shelf
from bot.core.port import Ask, Channel, Choice, Community, Message, Reason
from bot.features.practice import SKILLS
from tests.fakes import CIRCLE, HERE, actor, later
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    House,
    again,
    button_of,
    labels_of,
    message_of,
    problems_of,
    rows_of,
    text_of,
)

DAY = timedelta(days=1)
ADD = 'schedule add what=reflective-listening in=#circle rule="weekdays 19:00"'
SEVEN = datetime(2026, 10, 21, 17, 0, tzinfo=UTC)
"""19:00 in Berlin on the day on which the tests begin, a Wednesday."""
EVENING = Channel(HERE, "evening")
THERE = Community("fake", "there")
STRANGER = actor("eve", community=THERE)
"""A leader of another community, where the channel has the same id."""


def shows(preview: Message, post: Message) -> bool:
    """Return whether a preview shows exactly a post, below its own first line."""
    same = (preview.title, preview.footer, preview.buttons) == (post.title, post.footer, post.buttons)
    return same and preview.body.partition("\n\n")[2] == post.body


async def with_strangers(house: House) -> str:
    """Plan a post in another community, and return its row."""
    await house.app.tools.groups.add(Channel(THERE, "circle"), "Europe/Berlin", "en", "DE")
    await house.app.appoint(STRANGER.member)
    response = await house.types(STRANGER, "schedule add what=autonomy in=#circle rule=daily 19:00")
    return message_of(response).buttons[0].arguments["schedule"]


# ---------------------------------------------------------------- adding


async def test_a_schedule_is_added(house: House) -> None:
    """The confirmation says what, where and when, and names the next posts in the reader's own clock."""
    await house.types(LEADER, "me timezone zone=Asia/Kathmandu")

    response = await house.types(LEADER, ADD)

    said = text_of(response)
    assert "Planned: Reflective listening in #circle, weekdays 19:00 (Europe/Berlin)." in said
    assert "Wednesday 21 October 2026, 19:00 · for you Wed 21 Oct 2026, 22:45 (Asia/Kathmandu)" in said
    assert 3 == said.count("(Asia/Kathmandu)")
    assert ["Preview", "Change", "Pause", "Get support"] == labels_of(response)
    assert [] == list(house.platform.posts)


async def test_a_post_comes_at_its_local_time_once(house: House) -> None:
    """It is there at the minute, in the group's channel, with its buttons, and on the next working day again."""
    await house.types(LEADER, ADD)
    await house.until(SEVEN - timedelta(seconds=1))
    before = list(house.platform.posts)
    await house.until(SEVEN)
    first = list(house.platform.posts)
    await house.until(datetime(2026, 10, 26, 18, 0, tzinfo=UTC))

    assert [] == before
    assert [(CIRCLE, SEVEN)] == [(post.to, post.at) for post in first]
    assert ["Write my reflection", "Another example", "Get support"] == labels_of(first[0].message)
    at = [post.at.isoformat() for post in house.platform.posts]
    # Thursday, Friday, and a Monday in winter time.
    assert ["2026-10-22T17:00:00+00:00", "2026-10-23T17:00:00+00:00", "2026-10-26T18:00:00+00:00"] == at[1:]


async def test_what_is_wrong_is_asked_for_again(house: House) -> None:
    """The form comes back with what was right, and no schedule is kept, not even half of one."""
    for line, field, sentence in (
        (ADD.replace("reflective-listening", "juggling"), "what", "I can't post that"),
        (ADD.replace("#circle", "#nowhere"), "in", "I don't know a group in this channel"),
        (ADD.replace("19:00", "25:00"), "rule", "from 00:00 to 23:59"),
        (ADD.replace("weekdays", "now and then"), "rule", "I can't read this as a time rule"),
        (ADD.replace("weekdays", "once 2026-10-20"), "rule", "This time has passed"),
        (ADD.replace("weekdays 19:00", "once 2026-10-21 13:59"), "rule", "This time has passed"),
        (ADD.replace("weekdays", "once 2026-02-30"), "rule", "no such date"),
        ("schedule add what=empathy in=#circle", "rule", "This is still needed"),
    ):
        response = await house.types(LEADER, line)

        assert isinstance(response, Ask)
        assert [field] == list(response.problems)
        assert sentence in response.problems[field]
        assert {"what", "in", "rule"} - {field} <= set(response.known)
        assert [] == rows_of(house.address, "schedules")


async def test_a_schedule_belongs_to_a_group_of_the_own_community(house: House) -> None:
    """A channel of another community is no group here."""
    await house.app.tools.groups.add(Channel(THERE, "secret"), "Europe/Berlin", "en", "DE")

    problems = problems_of(await house.types(LEADER, ADD.replace("#circle", "#secret")))

    assert ["in"] == list(problems)


async def test_schedules_are_the_leaders_business(house: House) -> None:
    """A member is told kindly, sees nothing of what is planned, and changes nothing."""
    await house.types(LEADER, ADD)

    for line in (ADD, *(f"schedule {name}" for name in ("list", "preview", "pause", "resume", "remove"))):
        said = text_of(await house.types(MEMBER, line))

        assert "This is for the group's leaders" in said
        assert "19:00" not in said
        assert [(0, 0)] == rows_of(house.address, "schedules", "paused, removed")


async def test_an_organiser_may_do_what_leaders_may(house: House) -> None:
    """A higher role includes the lower ones."""
    assert "Planned" in text_of(await house.types(ORGANISER, ADD))


async def test_what_can_be_posted_is_suggested(house: House) -> None:
    """A leader who begins to type a skill sees those that fit; a member sees nothing."""
    suggested = await house.app.core.suggest("schedule add", "what", "reflec", LEADER)

    assert Choice("Reflective listening", "reflective-listening") == suggested[0]
    assert all("reflec" in choice.label.casefold() for choice in suggested)
    everything = await house.app.core.suggest("schedule add", "what", "", LEADER)
    assert list(SKILLS) == [choice.value for choice in everything[: len(SKILLS)]]
    by_title = await house.app.core.suggest("schedule add", "what", "kitchen", LEADER)
    assert ["rl-kitchen-drawer"] == [choice.value for choice in by_title]
    assert [] == list(await house.app.core.suggest("schedule add", "what", "reflec", MEMBER))


# ---------------------------------------------------------------- list


async def test_schedules_are_listed_with_their_numbers(house: House) -> None:
    """Each says what, where, when and what comes next; those of other communities are not there."""
    await with_strangers(house)
    await house.types(LEADER, ADD)
    await house.types(LEADER, "schedule add what=boundaries in=#circle rule=monthly 31 20:00")
    await house.types(LEADER, "schedule pause 2")

    said = text_of(await house.types(LEADER, "schedule list"))

    assert {"1.", "2."} == {line[:2] for line in said.splitlines()[1:]}
    assert "in #circle, weekdays 19:00 (Europe/Berlin). Next: Wed 21 Oct 2026, 19:00" in said or "Paused." in said
    assert 1 == said.count("Paused.")
    assert "Autonomy" not in said


async def test_a_list_without_schedules_leads_on(house: House) -> None:
    """It says how the first post is planned."""
    response = await house.types(LEADER, "schedule list")

    assert "Nothing is planned yet" in text_of(response)
    assert ["Plan a post", "Four weeks to begin with", "Get support"] == labels_of(response)


async def test_own_schedules_are_suggested(house: House) -> None:
    """By number and by what they are, and only those of the own community."""
    await with_strangers(house)
    await house.types(LEADER, ADD)

    suggested = await house.app.core.suggest("schedule pause", "schedule", "reflec", LEADER)

    ((row,),) = rows_of(house.address, "schedules WHERE what != 'autonomy'", "id")
    assert [Choice("1. Reflective listening, weekdays 19:00", str(row))] == list(suggested)
    assert [] == list(await house.app.core.suggest("schedule pause", "schedule", "auton", LEADER))


# ---------------------------------------------------------------- preview


async def test_a_preview_is_the_next_post(house: House) -> None:
    """Of every skill, what the leader saw is exactly what the group gets."""
    for minute, skill in enumerate(SKILLS):
        await house.types(LEADER, f"schedule add what={skill} in=#circle rule=daily 19:0{minute}")
    rows = dict(rows_of(house.address, "schedules", "what, id"))
    previews = [message_of(await house.use(LEADER, "schedule preview", schedule=str(rows[skill]))) for skill in SKILLS]
    await house.wait(days=1)

    for preview, post in zip(previews, house.platform.messages_to(CIRCLE), strict=True):
        assert shows(preview, post)
        assert "Only you can see this. It comes " in text_of(preview)


async def test_a_preview_is_the_next_post_turn_after_turn(house: House) -> None:
    """No exercise comes twice before the others, and the leader knows each before the group does."""
    await house.types(LEADER, "schedule add what=empathy in=#circle rule=daily 19:00")
    titles: list[str] = []
    for _ in range(4):
        preview = message_of(await house.types(LEADER, "schedule preview"))
        await house.wait(days=1)

        assert shows(preview, house.newest(CIRCLE))
        titles.append(preview.title)

    assert 4 == len(set(titles))


async def test_a_preview_knows_what_comes_in_between(house: House) -> None:
    """When another schedule of the group posts the same skill before, the preview counts it in."""
    await house.types(LEADER, "schedule add what=empathy in=#circle rule=weekly sat 20:00")
    await house.types(LEADER, "schedule add what=empathy in=#circle rule=daily 19:00")
    lines = text_of(await house.types(LEADER, "schedule list")).splitlines()
    weekly = next(line[0] for line in lines if "weekly" in line)

    preview = message_of(await house.types(LEADER, f"schedule preview {weekly}"))
    await house.until(datetime(2026, 10, 24, 18, 30, tzinfo=UTC))

    assert 5 == len(house.platform.posts)
    assert shows(preview, house.newest(CIRCLE))


async def test_a_preview_costs_no_turn(house: House) -> None:
    """Looking ten times changes nothing."""
    await house.types(LEADER, ADD)

    previews = {message_of(await house.types(LEADER, "schedule preview")).body for _ in range(10)}

    assert 1 == len(previews)
    assert [] == rows_of(house.address, "occurrences")


async def test_a_paused_schedule_can_be_looked_at(house: House) -> None:
    """The preview says that nothing is due as things stand."""
    await house.types(LEADER, ADD)
    await house.types(LEADER, "schedule pause")

    assert "Nothing is due as things stand" in text_of(await house.types(LEADER, "schedule preview"))


# ---------------------------------------------------------------- pause, resume, remove


async def test_a_pause_is_silent_and_nothing_is_made_up(house: House) -> None:
    """After the pause it goes on with the next occurrence, and what passed meanwhile never comes."""
    confirmation = await house.types(LEADER, ADD.replace("weekdays", "daily"))
    paused = await house.press(LEADER, button_of(confirmation, "Pause"))
    await house.wait(days=3)
    silent = len(house.platform.posts)

    resumed = await house.press(LEADER, button_of(paused, "Go on"))
    at_once = len(house.platform.posts)
    await house.wait(days=1)

    assert "Paused: Reflective listening. Nothing is posted until you resume it" in text_of(paused)
    assert "Saturday 24 October 2026, 19:00" in text_of(resumed)
    assert [0, 0, 1] == [silent, at_once, len(house.platform.posts)]
    assert "A little later" not in text_of(house.newest(CIRCLE))


async def test_a_pause_reaches_a_post_that_is_waiting(house: House) -> None:
    """A post that the platform was too busy for is not sent after the pause, nor after the resumption."""
    await house.types(LEADER, ADD)
    house.platform.fails(*[later(timedelta(minutes=20))])
    await house.until(SEVEN)

    await house.types(LEADER, "schedule pause")
    await house.wait(hours=1)
    await house.types(LEADER, "schedule resume")
    await house.wait(hours=2)

    assert 1 == house.platform.tries()
    assert [] == list(house.platform.posts)


async def test_an_ended_schedule_posts_no_more(house: House) -> None:
    """It is gone from the list, and the post that was waiting is not sent."""
    await house.types(LEADER, ADD)
    house.platform.fails(later(timedelta(minutes=20)))
    await house.until(SEVEN)

    said = text_of(await house.types(LEADER, "schedule remove"))
    await house.wait(days=5)

    assert "Ended: Reflective listening in #circle" in said
    assert [] == list(house.platform.posts)
    assert "Nothing is planned yet" in text_of(await house.types(LEADER, "schedule list"))
    assert "Nothing is planned yet" in text_of(await house.types(LEADER, "schedule resume"))


async def test_with_several_schedules_the_number_is_asked_for(house: House) -> None:
    """Nothing is guessed; a number that there is not is answered with the way to the list."""
    await house.types(LEADER, ADD)
    await house.types(LEADER, ADD.replace("19:00", "20:00"))

    for command in ("preview", "pause", "resume", "remove"):
        asked = problems_of(await house.types(LEADER, f"schedule {command}"))
        gone = text_of(await house.types(LEADER, f"schedule {command} 3"))

        assert {"schedule": "Which one? Please give its number in schedule list."} == asked
        assert "I can't find this schedule any more" in gone
        assert [(0, 0), (0, 0)] == rows_of(house.address, "schedules", "paused, removed")


async def test_what_is_no_number_is_asked_for_again(house: House) -> None:
    """A number that cannot be one is told so in the form."""
    await house.types(LEADER, ADD)

    for number in ("0", "-1", "x", "1.5", "99999999999999999999"):
        assert ["schedule"] == list(problems_of(await house.types(LEADER, f"schedule pause {number}")))


async def test_a_row_of_another_community_is_refused(house: House) -> None:
    """Neither its content nor its state is touched, whether or not there are schedules of one's own."""
    row = await with_strangers(house)
    commands = ("schedule preview", "schedule pause", "schedule resume", "schedule remove")

    without = [text_of(await house.use(LEADER, command, schedule=row)) for command in commands]
    await house.types(LEADER, ADD)
    with_own = [text_of(await house.use(LEADER, command, schedule=row)) for command in commands]

    assert all("Nothing is planned yet" in said for said in without)
    assert all("I can't find this schedule any more" in said for said in with_own)
    assert [(0, 0), (0, 0)] == rows_of(house.address, "schedules", "paused, removed")


async def test_schedules_of_two_communities_run_side_by_side(house: House) -> None:
    """Each posts in its own channel, though both are called the same."""
    await with_strangers(house)
    await house.types(LEADER, ADD)

    await house.until(SEVEN)

    assert {CIRCLE, Channel(THERE, "circle")} == {post.to for post in house.platform.posts}


# ---------------------------------------------------------------- when something goes wrong


async def test_a_refused_post_is_told_to_its_maker_with_the_fix(house: House) -> None:
    """Privately, once for each post, and never in the group."""
    await house.types(LEADER, ADD)
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN

    await house.until(SEVEN + timedelta(hours=1))

    (post,) = house.platform.posts
    assert LEADER.member == post.to
    assert "I can no longer post in #circle, so this was not sent: Reflective listening" in text_of(post.message)
    assert "let me see the channel and send messages there" in text_of(post.message)


async def test_the_leaders_are_told_when_the_maker_leads_nobody(house: House) -> None:
    """A schedule that an organiser made is the leaders' too: one of them can mend it."""
    await house.types(ORGANISER, ADD)
    house.platform.refuses[CIRCLE] = Reason.GONE
    await house.until(SEVEN)

    (post,) = house.platform.posts
    assert LEADER.member == post.to


async def test_a_maker_who_cannot_be_written_to_finds_a_note(house: House) -> None:
    """Where nobody gave leave for direct messages, the maker hears of it the next time they use the bot, once."""
    await house.types(ORGANISER, f"leader remove who=@{LEADER.member.id}")
    await house.types(ORGANISER, ADD)
    house.platform.refuses[CIRCLE] = Reason.GONE
    await house.until(SEVEN)

    first = text_of(await house.types(ORGANISER, "schedule list"))
    second = text_of(await house.types(ORGANISER, "schedule list"))

    assert [] == list(house.platform.posts)
    assert "its channel is gone" in first
    assert "its channel is gone" not in second


async def test_a_platform_that_stays_away_is_told_too(house: House) -> None:
    """When a post could not be sent until it was too late, its maker learns why."""
    await house.types(LEADER, ADD)
    house.platform.fails(*[later(timedelta(minutes=30), Reason.UNREACHABLE)] * 5)

    await house.until(SEVEN + timedelta(hours=3))

    (post,) = house.platform.posts
    assert LEADER.member == post.to
    assert "The platform could not be reached" in text_of(post.message)


async def test_after_a_downtime_a_post_comes_late_once(house: House, shelf: Shelf) -> None:
    """Started again within two hours, the bot posts what it missed, says that it is late, and no second time."""
    await house.types(LEADER, ADD)
    house.clock.move(SEVEN + timedelta(hours=1))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)
        await restarted.wait(hours=1)

    (post,) = house.platform.posts
    assert "A little later than planned." in text_of(post.message)


async def test_after_a_long_downtime_nothing_old_is_posted(house: House, shelf: Shelf) -> None:
    """Older posts are left out, the leaders are told once how many, and the next one comes as planned."""
    await house.types(LEADER, ADD)
    house.clock.move(SEVEN + DAY + timedelta(hours=3))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)
        skipped = list(house.platform.posts)
        await restarted.wait(days=1)

    (told,) = skipped
    assert LEADER.member == told.to
    assert "2 posts were not sent" in text_of(told.message)
    assert "Reflective listening in #circle: 2" in text_of(told.message)
    assert [("missed",), ("missed",), ("made",)] == rows_of(house.address, "occurrences ORDER BY due_at", "state")
    assert [SEVEN + 2 * DAY] == [post.at for post in house.platform.posts_to(CIRCLE)]


async def test_two_processes_post_once(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database, each post is there once."""
    await house.types(LEADER, ADD)
    async with again(house, shelf) as other:
        for days in range(3):
            house.clock.move(SEVEN + days * DAY)
            await other.engine.settle()
            await house.engine.settle()

    assert 3 == len(house.platform.posts)
    assert 3 == len({post.key for post in house.platform.posts})
