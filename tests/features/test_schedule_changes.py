"""What leaders do with schedules as they run: edit, pause, skip, post now, end, carry in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.port import Access, Ask, Ping, Reason
from bot.core.text import plain
from tests.fakes import CIRCLE, later
from tests.house import (
    LEADER,
    ORGANISER,
    House,
    button_of,
    labels_of,
    message_of,
    problems_of,
    rows_of,
    text_of,
)

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ADD = "schedule add what=empathy in=#circle rule=daily 19:00"
OWN = 'schedule add text="Two kind minutes" in=#circle rule="daily 19:00"'
SEVEN = datetime(2026, 10, 21, 17, 0, tzinfo=UTC)
"""19:00 in Berlin on the day on which the tests begin, a Wednesday."""


def dates(house: House) -> list[str]:
    """Return the local dates of the posts in the circle, in order."""
    return [f"{post.at + 2 * HOUR:%m-%d}" for post in house.platform.posts_to(CIRCLE)]


async def say(house: House, line: str) -> str:
    return text_of(await house.types(LEADER, line))


# ---------------------------------------------------------------- what, and how it looks


async def test_own_words_are_posted_as_they_are(house: House) -> None:
    """The text of a leader comes with its small markup, a thread under it, and calls nobody."""
    await house.types(LEADER, OWN.replace("kind", "**kind**") + " thread=yes")

    await house.until(SEVEN + MINUTE)

    (post,) = house.platform.posts_to(CIRCLE)
    assert "Two **kind** minutes" in post.message.body
    assert post.thread
    assert Ping.NOBODY is post.message.ping
    assert ["Get support"] == labels_of(post.message)


async def test_a_post_calls_those_whom_the_leader_chose(house: House) -> None:
    """Only a public post calls, not the preview of it."""
    await house.types(LEADER, ADD + " ping=here")
    preview = message_of(await house.types(LEADER, "schedule preview"))

    await house.until(SEVEN)

    assert Ping.HERE is house.newest(CIRCLE).ping
    assert Ping.NOBODY is preview.ping


async def test_the_newest_post_is_pinned_and_the_last_unpinned(house: House) -> None:
    """At any time one post of the schedule is pinned."""
    await house.types(LEADER, ADD + " pin=yes")

    await house.until(SEVEN + 2 * DAY + MINUTE)

    assert [False, False, True] == [post.pinned for post in house.platform.posts_to(CIRCLE)]


async def test_what_and_when_may_be_picked(house: House) -> None:
    """Day and time from pickers make the same rules as words."""
    for picked, rule in (
        ("repeat=weekly day=fri,mon time=08:00", "weekly mon,fri 08:00"),
        ("repeat=every-2-weeks day=tue time=08:00", "every 2 weeks tue 08:00"),
        ("repeat=monthly start=2026-10-31 time=08:00", "monthly 31 08:00"),
        ("repeat=once start=2026-12-24 time=08:00", "once 2026-12-24 08:00"),
        ("repeat=weekdays time=8:00", "weekdays 08:00"),
    ):
        assert f"Planned: Empathy in #circle, {rule} (" in await say(
            house, f"schedule add what=empathy in=#circle {picked}"
        )


async def test_what_contradicts_is_asked_for_again(house: House) -> None:
    """Each mistake has its sentence at its field, and nothing is planned."""
    for more, field, sentence in (
        ("rule=daily 19:00", "what", "still needed"),
        ('what=empathy text="Hello" rule="daily 19:00"', "what", "not both"),
        ("what=text rule=daily 19:00", "text", "write the words"),
        ('what=empathy rule="daily 19:00" repeat=daily', "repeat", "not both"),
        ("what=empathy repeat=daily", "time", "choose a time"),
        ("what=empathy repeat=weekly time=19:00", "day", "choose the days"),
        ("what=empathy repeat=once time=19:00", "start", "choose the day"),
        ("what=empathy time=19:00", "repeat", "how often"),
        ('what=empathy rule="daily 19:00" until=2026-10-20', "until", "before the first day"),
        ('what=empathy rule="monthly 30 19:00" until=2026-10-22', "rule", "Nothing would be posted by then"),
        ('what=empathy rule="daily 19:00" times=0', "times", "1 to 1000"),
        (f'text="{"x" * 1801}" rule="daily 19:00"', "text", "1801 characters long"),
    ):
        problems = problems_of(await house.types(LEADER, f"schedule add in=#circle {more}"))

        assert [field] == list(problems)
        assert sentence in problems[field]
    assert [] == rows_of(house.address, "schedules")


async def test_the_same_post_is_not_planned_twice(house: House) -> None:
    """A line that is sent twice by mistake plans one schedule."""
    await house.types(LEADER, ADD)

    problems = problems_of(await house.types(LEADER, ADD))

    assert "planned already: it is number 1" in problems["rule"]
    assert 1 == len(rows_of(house.address, "schedules"))


async def test_a_confirmation_says_what_the_clocks_do(house: House) -> None:
    """When they change between the posts it names, when a time is skipped, and when it comes twice."""
    house.clock.move(datetime(2026, 10, 23, 18, 0, tzinfo=UTC))
    autumn = await say(house, "schedule add what=empathy in=#circle rule=daily 02:30")
    house.clock.move(datetime(2027, 3, 27, 18, 0, tzinfo=UTC))
    spring = await say(house, "schedule add what=autonomy in=#circle rule=daily 02:30")
    later = await say(house, "schedule add what=boundaries in=#circle rule=weekly tue 19:00")

    assert "02:30 comes twice that day, and the post comes the first time" in autumn
    assert "there is no 02:30 that day, so it comes at Sunday 28 March 2027, 03:00" in spring
    assert "The clocks in Europe/Berlin change before Tuesday 30 March 2027, 19:00. It stays" in later


async def test_a_confirmation_says_what_we_may_not_do_there(house: House) -> None:
    """A leader learns at once that threads cannot be opened, and not at the hour of the post."""
    house.platform.accesses[CIRCLE] = Access(see=True, post=True)

    said = await say(house, ADD + " thread=yes pin=yes")

    assert "can't open threads in #circle" in said
    assert "can't pin messages in #circle" in said


# ---------------------------------------------------------------- limits


async def test_a_schedule_ends_by_itself(house: House) -> None:
    """After its last day, or so many posts, nothing more comes, and the list says so."""
    await house.types(LEADER, ADD + " until=2026-10-23")
    await house.types(LEADER, ADD.replace("empathy", "autonomy") + " times=2")

    await house.wait(days=6)

    assert ["10-21", "10-21", "10-22", "10-22", "10-23"] == dates(house)
    assert 2 == (await say(house, "schedule list")).count("Nothing more is to come.")


async def test_a_grace_is_the_leaders_choice(house: House) -> None:
    """A post with five minutes of grace is not sent after ten."""
    await house.types(LEADER, ADD + " grace=5")
    house.platform.fails(later(10 * MINUTE))

    await house.until(SEVEN + HOUR)

    assert [] == dates(house)


# ---------------------------------------------------------------- edit


async def test_an_edit_offers_three_parts_and_each_its_form(house: House) -> None:
    """Each form has five inputs at most, filled with what is, and saves what was changed."""
    await house.types(LEADER, ADD + " until=2027-01-31")
    offered = await house.types(LEADER, "schedule edit")
    forms: dict[str, Ask] = {}
    for part in ("What and where", "When", "Limits"):
        form = await house.press(LEADER, button_of(offered, part))
        assert isinstance(form, Ask)
        assert len(form.fields) <= 5
        forms[part] = form

    hidden = forms["Limits"].hidden
    saved = await house.use(LEADER, "edit limits", **hidden, until="", times="3", grace="60", ping="nobody")

    assert {"what": "empathy", "in": "#circle", "thread": "no", "pin": "no"} == dict(forms["What and where"].known)
    assert {"rule": "daily 19:00"} == dict(forms["When"].known)
    assert "2027-01-31" == forms["Limits"].known["until"]
    assert "Changed: Empathy in #circle" in text_of(saved)
    assert [(None, 3, 60)] == rows_of(house.address, "schedules", "until, times, grace_minutes")


async def test_an_edited_time_holds_from_now_on(house: House) -> None:
    """Nothing that was due before is made up; a day that had its post has no second one at the same slot."""
    await house.types(LEADER, ADD)
    await house.until(SEVEN + HOUR)

    said = await say(house, "schedule edit 1 rule=daily 18:00")
    await house.until(SEVEN + DAY + MINUTE)
    await house.types(LEADER, "schedule edit 1 rule=daily 19:00")
    await house.until(SEVEN + 2 * DAY)

    assert "Thursday 22 October 2026, 18:00" in said
    assert ["10-21 19", "10-22 18", "10-23 19"] == [
        f"{post.at + 2 * HOUR:%m-%d %H}" for post in house.platform.posts_to(CIRCLE)
    ]


async def test_two_leaders_do_not_undo_each_other_unseen(house: House) -> None:
    """The second to save a form sees what the first made of it, and nothing is overwritten."""
    await house.types(LEADER, ADD)
    first = await house.types(LEADER, "schedule edit 1 part=when")
    second = await house.types(ORGANISER, "schedule edit 1 part=limits")
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)

    await house.use(LEADER, "edit when", **first.hidden, rule="daily 20:00")
    answer = await house.use(ORGANISER, "edit limits", **second.hidden, times="1", grace="120", ping="nobody")

    assert "Somebody else changed this schedule while you were at it" in text_of(answer)
    assert "When: daily 20:00" in text_of(answer)
    assert [("daily 20:00", None)] == rows_of(house.address, "schedules", "rule, times")
    again = await house.press(ORGANISER, button_of(answer, "Change"))
    assert isinstance(again, Ask)
    assert "edit limits" == again.command


async def test_a_schedule_outlives_its_makers_leadership(house: House) -> None:
    """It goes on, and the others see and change it."""
    await house.types(LEADER, ADD)
    await house.types(ORGANISER, f"leader remove who=@{LEADER.member.id}")

    said = text_of(await house.types(ORGANISER, "schedule edit 1 what=boundaries"))
    await house.until(SEVEN)

    assert "Changed: Boundaries" in said
    assert "Boundaries" in house.said_to(CIRCLE)[0]


# ---------------------------------------------------------------- pause, skip, post now, undo


async def test_a_pause_may_end_by_itself(house: House) -> None:
    """From its last date on posts come again; one in the past is asked for again."""
    await house.types(LEADER, ADD)

    said = await say(house, "schedule pause 1 until=2026-10-24")
    past = problems_of(await house.types(LEADER, "schedule pause 1 until=2026-10-21"))
    listed = await say(house, "schedule list")
    await house.until(SEVEN + 4 * DAY)

    assert "Saturday 24 October 2026, 19:00" in said
    assert "Please choose a later one" in past["until"]
    assert "Paused; it goes on Sat 24 Oct 2026, 19:00" in listed
    assert ["10-24"] == dates(house)


async def test_the_next_is_skipped_and_comes_back(house: House) -> None:
    """Skipping twice leaves out two; a button brings back the day that it is about."""
    await house.types(LEADER, ADD)

    first = await say(house, "schedule skip")
    second = await house.types(LEADER, "schedule skip")
    back = text_of(await house.press(LEADER, button_of(second, "Bring it back")))
    await house.until(SEVEN + 2 * DAY + HOUR)

    assert "Left out: Empathy, Wed 21 Oct 2026, 19:00" in first
    assert "Left out: Empathy, Thu 22 Oct" in text_of(second)
    assert "Thursday 22 October 2026, 19:00" in back
    assert ["10-22", "10-23"] == dates(house)
    assert "Nothing that is to come was left out" in await say(house, "schedule unskip")


async def test_post_now_asks_whether_it_counts(house: House) -> None:
    """In place of the next the next is left out; as well it is not. A second press of a button posts nothing."""
    await house.types(LEADER, ADD)
    asked = await house.types(LEADER, "schedule post-now")
    await house.press(LEADER, button_of(asked, "As well"))
    await house.press(LEADER, button_of(asked, "As well"))
    beside = dates(house)
    await house.press(LEADER, button_of(asked, "Instead of the next"))
    again = text_of(await house.press(LEADER, button_of(asked, "Instead of the next")))
    instead = dates(house)
    await house.until(SEVEN + DAY)

    assert [["10-21"], ["10-21", "10-21"]] == [beside, instead]
    assert "This was posted already" in again
    assert ["10-21", "10-21", "10-22"] == dates(house)
    assert 3 == len({post.message.title for post in house.platform.posts_to(CIRCLE)})


async def test_an_ended_schedule_can_be_brought_back_for_a_day(house: House) -> None:
    """What was due meanwhile is not made up; after a day it is too late."""
    await house.types(LEADER, ADD)
    removed = await house.types(LEADER, "schedule remove")
    await house.until(SEVEN + HOUR)

    back = text_of(await house.press(LEADER, button_of(removed, "Undo")))
    await house.until(SEVEN + DAY)
    await house.types(LEADER, "schedule remove")
    await house.wait(days=1, minutes=1)

    assert "Back again: Empathy" in back
    assert ["10-22"] == dates(house)
    assert "more than a day ago" in text_of(await house.press(LEADER, button_of(removed, "Undo")))


# ---------------------------------------------------------------- in and out


async def test_what_goes_out_comes_in_again(house: House) -> None:
    """An export, with everything removed and imported again, plans the same."""
    for line in (
        ADD + " until=2027-01-31 times=9 thread=yes pin=yes ping=here grace=30",
        OWN.replace("daily", "every 2 weeks mon"),
    ):
        await house.types(LEADER, line)
    columns = "what, rule, starts_on, until, times, ping, thread, pin, grace_minutes"
    before = rows_of(house.address, "schedules WHERE NOT removed ORDER BY made_at", columns)
    (file,) = message_of(await house.types(LEADER, "schedule export")).files
    for _ in range(2):
        await house.types(LEADER, "schedule remove 1")

    shown = await house.use(LEADER, "schedule import", file=file.bytes.decode())
    planned = await house.press(LEADER, button_of(shown, "Plan them"))

    assert "2 schedules would be planned" in text_of(shown)
    assert "2 schedules are planned" in text_of(planned)
    assert before == rows_of(house.address, "schedules WHERE NOT removed ORDER BY made_at", columns)
    assert "Two kind minutes" in await say(house, "schedule list")
    assert "planned already" in text_of(await house.press(LEADER, button_of(shown, "Plan them")))


async def test_an_import_is_all_or_nothing_and_names_its_lines(house: House) -> None:
    """Every bad row is named by its line, the good ones are not planned, and the text comes back with the form."""
    text = """\
schedules:
  - {what: empathy, rule: "daily 19:00"}
  - {what: juggling, rule: "daily 19:00"}
  - what: autonomy
    rule: daily 25:00
  - {what: empathy, in: "#nowhere", rule: "daily 19:00"}
  - {what: empathy, rule: "daily 19:00", colour: red}
  - {what: empathy, rule: "once 2026-10-20 19:00"}
  - just words
  - {what: empathy, rule: "daily 19:00"}
"""
    response = await house.use(LEADER, "schedule import", file=text)

    said = text_of(response)
    for line, what in (
        (3, "what: I can't post that"),
        (5, "rule: Please end the rule with a time"),
        (6, "in: I don't know a group"),
        (7, "colour: I don't know this field"),
        (8, "rule: This time has passed"),
        (9, "a row needs names"),
        (10, "this row stands here twice"),
    ):
        assert f"Line {line}: {what}" in said
    assert "7 rows need a change" in said
    assert [] == rows_of(house.address, "schedules")
    mended = await house.press(LEADER, button_of(response, "Mend it"))
    assert isinstance(mended, Ask)
    assert text.strip() == mended.known["file"].strip()


async def test_what_is_no_list_of_schedules_is_refused_kindly(house: House) -> None:
    """Whatever is pasted, there is one line to mend, and nothing is planned."""
    for text in (
        "hello",
        "schedules: 3",
        "schedules: []",
        "a: &x [1]",
        "[",
        "other: [1]",
        "schedules:\n" + "  - a\n" * 51,
    ):
        assert "I planned nothing" in text_of(await house.use(LEADER, "schedule import", file=text))


async def test_the_starter_is_shown_and_then_planned(house: House) -> None:
    """Four weeks, three posts a week, and then it ends."""
    shown = await house.types(LEADER, "schedule import starter")
    nothing = rows_of(house.address, "schedules")
    await house.press(LEADER, button_of(shown, "Plan them"))
    await house.wait(days=60)

    assert [] == nothing
    assert 12 == len(dates(house))
    listed = await say(house, "schedule list")
    assert 3 == listed.count("Nothing more is to come.")


# ---------------------------------------------------------------- when the platform refuses


async def test_a_refused_schedule_stops_and_goes_on_by_itself(house: House) -> None:
    """One try, one message to each leader for the group; once access is fine it goes on, late but within its grace."""
    await house.types(LEADER, ADD)
    await house.types(LEADER, ADD.replace("empathy", "autonomy"))
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    await house.until(SEVEN + HOUR)
    tried, told = house.platform.tries(), house.said_to(LEADER)
    listed = await say(house, "schedule list")

    del house.platform.refuses[CIRCLE]
    await house.until(SEVEN + HOUR + 5 * MINUTE)

    assert (3, 1) == (tried, len(told))  # two posts refused, and the message about them
    assert 2 == listed.count("Stopped: I may not post there")
    assert ["10-21", "10-21"] == dates(house)
    assert all("A little later than planned" in said for said in house.said_to(CIRCLE))
    assert "Stopped" not in await say(house, "schedule list")


async def test_a_stopped_schedule_tries_nothing_and_keeps_its_place(house: House) -> None:
    """A day later the next exercise is the one that nobody has seen, and nothing old is made up."""
    await house.types(LEADER, ADD)
    wanted = message_of(await house.types(LEADER, "schedule preview")).title
    house.platform.refuses[CIRCLE] = Reason.GONE
    await house.until(SEVEN + DAY)
    tried = house.platform.tries()

    del house.platform.refuses[CIRCLE]
    await house.until(SEVEN + 2 * DAY)

    assert 2 == tried
    assert ["10-22", "10-23"] == dates(house)
    assert wanted == house.platform.posts_to(CIRCLE)[0].message.title


async def test_a_platform_that_says_yes_and_refuses_is_tried_three_times(house: House) -> None:
    """Where access looks fine and posts are refused all the same, the tries come to an end until a leader acts."""
    await house.types(LEADER, ADD)
    house.platform.refuses[CIRCLE] = Reason.CLOSED
    house.platform.accesses[CIRCLE] = Access(see=True, post=True)
    await house.until(SEVEN + DAY + MINUTE)
    tried = sum(asked.what == "post" and asked.to == CIRCLE for asked in house.platform.asked)

    del house.platform.refuses[CIRCLE]
    await house.until(SEVEN + DAY + HOUR)
    before = dates(house)
    await house.types(LEADER, "schedule resume")
    await house.until(SEVEN + 2 * DAY)

    assert 3 == tried
    assert [] == before
    assert ["10-22", "10-23"] == dates(house)


async def test_a_text_that_became_impossible_is_told_once(house: House) -> None:
    """A post that the platform will not take does not stop the schedule; its maker is told of each."""
    await house.types(LEADER, OWN)
    house.platform.refuses[CIRCLE] = Reason.REJECTED
    await house.until(SEVEN + HOUR)
    del house.platform.refuses[CIRCLE]
    await house.until(SEVEN + DAY)

    assert 1 == len(house.said_to(LEADER))
    assert ["10-22"] == dates(house)


# ---------------------------------------------------------------- a changed zone


async def test_schedules_follow_their_groups_clock(house: House) -> None:
    """The group moves to New York: each date still has one post, at seven there."""
    await house.types(LEADER, ADD)
    await house.until(SEVEN + HOUR)

    await house.types(ORGANISER, "group add in=#circle zone=America/New_York language=en country=US")
    await house.until(SEVEN + 2 * DAY)

    assert ["10-21T17:00", "10-22T23:00"] == [f"{post.at:%m-%dT%H:%M}" for post in house.platform.posts_to(CIRCLE)]


async def test_nothing_of_a_leaders_own_words_is_readable_in_the_database(house: House) -> None:
    """The text of a schedule is sealed."""
    await house.types(LEADER, OWN)

    assert b"kind minutes" not in await house.raw()
    assert str(plain("Two kind minutes")) in str(message_of(await house.types(LEADER, "schedule preview")).body)
