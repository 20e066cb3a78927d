"""`care check-in`, the question that comes by itself, and `care status`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.community.glance import Next
from bot.community.leaders import Leader, Look
from bot.content import Shelf
from bot.core.port import Actor, Ask, Button, Reason, Reply, Update
from bot.features.care.rules import next_check
from tests.fakes import actor, later
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    House,
    again,
    button_of,
    labels_of,
    message_of,
    rows_of,
    text_of,
)

BEN = actor("ben")
"""Another leader."""
TEN = datetime(2026, 10, 28, 9, 0, tzinfo=UTC)
"""Ten in Berlin, a week after the start, in winter time."""
DAY = timedelta(days=1)
QUESTION = "Overall, based on your definition of burnout, how would you rate your level of burnout?"
PUBLISHED = """\
1. I enjoy my work. I have no symptoms of burnout.
2. Occasionally I am under stress, and I don't always have as much energy as I once did, but I don't feel burned out.
3. I am definitely burning out and have one or more symptoms of burnout, such as physical and emotional exhaustion.
4. The symptoms of burnout that I'm experiencing won't go away. I think about frustration at work a lot.
5. I feel completely burned out and often wonder if I can go on. I am at the point where I may need some changes or \
may need to seek some sort of help.""".splitlines()
"""The answers as they were printed."""
COMMANDS = (
    "care check-in",
    "care answer score=1",
    "care rhythm",
    "care buddy",
    "care find",
    "care debrief",
    "care ask",
    "care cancel",
    "care status",
)


async def row_of(house: House, who: Actor = LEADER) -> Leader:
    found = await house.app.tools.leaders.find(who.member)
    assert found
    return found


async def answer(house: House, score: int, who: Actor = LEADER) -> str:
    """Answer the check-in and return what is said to it."""
    return text_of(await house.use(who, "care answer", score=str(score)))


async def asked_weekly(house: House, who: Actor = LEADER) -> None:
    """Have a leader asked every week from now on."""
    await house.types(who, "care check-in every=week")


def asked_at(house: House, who: Actor = LEADER) -> list[str]:
    """Return when the question reached a leader, in UTC."""
    posts = house.platform.posts_to(who.member)
    return [f"{post.at:%d %H:%M}" for post in posts if "How are you?" == post.message.title]


# ---------------------------------------------------------------- the question


async def test_the_question_is_the_published_one(house: House) -> None:
    """Word for word, with its five answers and its source; a number for each, and a way to be asked no more."""
    response = await house.types(LEADER, "care check-in")

    said = text_of(response)
    assert "\n".join([QUESTION, *PUBLISHED]) in said
    assert "Work here means looking after the group. No leader and no organiser sees your answer" in said
    assert "(Dolan and others, 2015)" in said
    assert isinstance(response, Reply)
    assert ["1", "2", "3", "4", "5", "Don't ask me again", "Get support"] == labels_of(response)


async def test_an_answer_shows_the_line_over_the_weeks(house: House) -> None:
    """The newest last, each with its day; who is well gets no offer."""
    for score in (2, 1):
        await answer(house, score)
        await house.wait(days=7)
    said = await answer(house, 2)

    assert "Only you see this." in said
    assert "Your answers: 21 Oct: 2 · 28 Oct: 1 · 4 Nov: 2" in said
    assert "some ways to put a little of it down" not in said


async def test_the_line_ends_after_twelve(house: House) -> None:
    """Older answers are kept for the leader's own export, for a year."""
    for _ in range(13):
        await answer(house, 1)
        await house.wait(days=7)
    said = await answer(house, 1)

    assert 12 == said.count(": 1")
    assert "21 Oct" not in said
    assert 14 == len(rows_of(house.address, "check_ins"))
    await house.wait(days=366)
    await answer(house, 1)
    assert 1 == len(rows_of(house.address, "check_ins"))


async def test_a_second_answer_of_a_day_replaces_the_first(house: House) -> None:
    """The day is that of the leader's own clock."""
    await answer(house, 4)
    same_day = await answer(house, 2)
    await house.until(datetime(2026, 10, 21, 22, 0, tzinfo=UTC))
    next_day = await answer(house, 1)

    assert "Your answers: 21 Oct: 2" in same_day
    assert "Your answers: 21 Oct: 2 · 22 Oct: 1" in next_day
    assert 2 == len(rows_of(house.address, "check_ins"))


async def test_answers_that_drift_bring_an_offer(house: House) -> None:
    """A longer break, the buddy, somebody to talk to: an offer, and no word of what it may mean."""
    response = await house.use(LEADER, "care answer", score="3")

    assert isinstance(response, Update)
    assert "here are some ways to put a little of it down. Nobody hears of your answer." in text_of(response)
    assert ["The rest of the day off", "My buddy", "Talk it over", "Get support"] == labels_of(response)
    assert ("break now", {"rest": "yes"}) == (
        button_of(response, "The rest of the day off").command,
        button_of(response, "The rest of the day off").arguments,
    )
    for label in ("My buddy", "Talk it over"):
        assert isinstance(await house.press(LEADER, button_of(response, label)), Reply)


async def test_the_hardest_answer_brings_people_first(house: House) -> None:
    """One kind sentence, and the way to talk to somebody before all others."""
    response = await house.use(LEADER, "care answer", score="5")

    assert "You don't have to carry this alone" in text_of(response)
    assert ["Talk to somebody now", "The rest of the day off", "My buddy", "Talk it over"] == labels_of(response)
    assert "support" == message_of(response).buttons[0].command
    assert [] == list(house.platform.posts)


@pytest.mark.parametrize("score", ["0", "6", "-1", "much", "5" * 20])
async def test_there_are_five_answers(house: House, score: str) -> None:
    """A button that was made up is told to be none, and nothing is kept."""
    response = await house.use(LEADER, "care answer", score=score)

    assert "This button is from an older message" in text_of(response)
    assert [] == rows_of(house.address, "check_ins")


async def test_an_old_question_is_answered_for_today(house: House) -> None:
    """A button of weeks ago still counts, as the answer of the day it is pressed; on a break it may be pressed too."""
    await asked_weekly(house)
    await house.until(TEN)
    old = house.newest(LEADER)
    await house.until(TEN + 20 * DAY)
    await house.types(LEADER, "break now")

    assert "Your answers: 17 Nov: 2" in text_of(await house.press(LEADER, button_of(old, "2")))


# ---------------------------------------------------------------- by itself


async def test_a_leader_is_asked_at_their_own_rhythm(house: House) -> None:
    """At ten on their own clock, in winter as in summer time, privately, until they want no more of it."""
    await asked_weekly(house)
    await house.until(TEN + 8 * DAY)
    said = await house.press(LEADER, button_of(house.newest(LEADER), "Don't ask me again"))
    await house.until(TEN + 30 * DAY)

    assert ["28 09:00", "04 09:00"] == asked_at(house)
    assert isinstance(said, Update)
    assert "I don't ask how you are. care check-in is there whenever you like." in text_of(said)
    assert {LEADER.member} == {post.to for post in house.platform.posts}


@pytest.mark.parametrize(("every", "days"), [("week", 7), ("two-weeks", 14), ("month", 28)])
async def test_the_rhythm_is_the_leaders_choice(house: House, every: str, days: int) -> None:
    """Every week, every second or every fourth; the clock is theirs too."""
    await house.app.tools.people.change(LEADER.member, zone="Asia/Kathmandu")
    await house.types(LEADER, f"care check-in every={every}")
    first = datetime(2026, 10, 21, 4, 15, tzinfo=UTC) + timedelta(days=days)
    await house.until(first - timedelta(seconds=1))
    before = asked_at(house)
    await house.until(first + timedelta(days=days))

    assert [] == before
    assert [f"{first + each * timedelta(days=days):%d %H:%M}" for each in (0, 1)] == asked_at(house)


async def test_who_answered_today_is_not_asked(house: House) -> None:
    """Their next time comes a rhythm later; a question that is on its way is withdrawn."""
    await asked_weekly(house)
    await house.until(TEN - timedelta(hours=1))
    await answer(house, 1)
    await house.until(TEN + 6 * DAY)
    none = asked_at(house)
    house.platform.fails(later(timedelta(minutes=30)))
    await house.until(TEN + 7 * DAY)
    await answer(house, 1)
    await house.until(TEN + 8 * DAY)

    assert [] == none
    assert [] == asked_at(house)


async def test_a_question_that_is_not_wanted_any_more_is_withdrawn(house: House) -> None:
    """Turned off while it was on its way, it does not come."""
    await asked_weekly(house)
    house.platform.fails(later(timedelta(minutes=30)))
    await house.until(TEN)
    await house.types(LEADER, "care check-in every=never")
    await house.until(TEN + DAY)

    assert [] == asked_at(house)


async def test_a_break_is_left_in_peace(house: House) -> None:
    """The question waits until its end, also where the break began while it was on its way."""
    await asked_weekly(house)
    leader = await row_of(house)
    async with house.app.tools.database.write() as unit:
        await house.app.tools.roster.rest(unit, leader.id, house.clock.now(), TEN + timedelta(hours=2))
    await house.until(TEN + DAY)
    house.platform.fails(later(timedelta(minutes=5)))
    await house.until(TEN + 7 * DAY)
    async with house.app.tools.database.write() as unit:
        await house.app.tools.roster.rest(unit, leader.id, house.clock.now(), TEN + 7 * DAY + timedelta(hours=1))
    await house.until(TEN + 8 * DAY)

    assert ["28 11:00", "04 10:00"] == asked_at(house)


async def test_one_unasked_message_a_day(house: House) -> None:
    """Who was written to today is asked tomorrow; in quiet hours nobody is."""
    await asked_weekly(house)
    leader = await row_of(house)
    await house.app.tools.leaders.choose(leader.id, house.clock.now(), quiet="09:30-11:30")
    async with house.app.tools.database.write() as unit:
        await house.app.tools.leaders.wrote(unit, leader.id, TEN - timedelta(hours=3))
    await house.until(TEN + 2 * DAY)

    assert ["29 08:00"] == asked_at(house)


async def test_two_processes_ask_once(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database, the question comes once."""
    await asked_weekly(house)
    async with again(house, shelf) as other:
        house.clock.move(TEN)
        await asyncio.gather(other.app.work.tick(), house.app.work.tick())
        await house.engine.settle()
        await other.engine.settle()

    assert ["28 09:00"] == asked_at(house)


async def test_after_a_downtime_the_question_comes_once(house: House, shelf: Shelf) -> None:
    """What was missed is not made up; at night it waits for the day."""
    await asked_weekly(house)
    house.clock.move(TEN + 15 * DAY + timedelta(hours=11))  # nine in the evening

    async with again(house, shelf) as restarted:
        await restarted.wait(days=3)

    assert ["13 08:00"] == asked_at(house)


async def test_a_question_that_cannot_arrive_stays_private(house: House) -> None:
    """With direct messages closed there is a note for the leader alone."""
    await asked_weekly(house)
    house.platform.refuses[LEADER.member] = Reason.CLOSED
    await house.until(TEN)

    assert [] == list(house.platform.posts)
    assert "could not reach you" in text_of(await house.types(LEADER, "care status"))


async def test_nobody_is_asked_who_leads_no_more(house: House) -> None:
    """Their answers stay theirs."""
    await asked_weekly(house)
    await answer(house, 4)
    await house.types(ORGANISER, "leader remove who=@lea")
    await house.until(TEN + DAY)

    assert [] == list(house.platform.posts)
    assert 1 == len(rows_of(house.address, "check_ins"))


async def test_who_gave_no_leave_for_messages_is_not_asked(house: House) -> None:
    """Neither is who is looked at without a rhythm; nobody looks again."""
    leaders, leader = house.app.tools.leaders, await row_of(house)
    await leaders.choose(leader.id, house.clock.now(), rhythm=0)
    async with house.app.tools.database.write() as unit:
        await leaders.look(unit, leader.id, Look.CHECK, TEN)
    await house.until(TEN)

    assert [] == list(house.platform.posts)
    assert None is await house.app.tools.glance.next(Next.CHECK)


# ---------------------------------------------------------------- status


async def test_status_shows_what_is_counted(house: House) -> None:
    """Time, days, late evenings, hand-offs, requests answered; the line, buddy and rhythm; and that this is all."""
    leader, roster = await row_of(house), house.app.tools.roster
    for days in (0, 1):
        begins = datetime(2026, 10, 21, 19, 0, tzinfo=UTC) + days * DAY  # nine in the evening
        await house.until(begins)
        await roster.begin(leader.id, begins, begins + timedelta(hours=1, minutes=30))
        await house.wait(hours=2)
    await roster.answered(leader.id, house.clock.now())
    await answer(house, 2)
    await asked_weekly(house)

    response = await house.types(LEADER, "care status")

    said = text_of(response)
    for line in (
        "Time on duty: 3 h 0 min",
        "Days with duty in a row: 2",
        "Evenings with duty after 22:00: 2",
        "Times you took over from another leader: 0",
        "Requests for support you answered: one",
        "Your answers: 22 Oct: 2",
        "You have no buddy at the moment.",
        "I ask how you are once a week",
        "That is all I count. I count no messages",
        "No other leader and no organiser sees this page",
    ):
        assert line in said
    assert [
        "Check in now",
        "Change how often I ask",
        "My buddy",
        "I'd like to stop leading",
        "Get support",
    ] == labels_of(response)


async def test_what_is_counted_is_of_a_week(house: House) -> None:
    """Eight days later nothing is left of it; a new leader has nothing to begin with."""
    before = text_of(await house.types(LEADER, "care status"))
    await house.types(LEADER, "duty on until=15:00")
    await house.app.tools.roster.answered((await row_of(house)).id, house.clock.now())
    await house.wait(days=8)
    after = text_of(await house.types(LEADER, "care status"))

    for said in (before, after):
        assert "Time on duty: 0 h 0 min" in said
        assert "Days with duty in a row: 0" in said
        assert "Requests for support you answered: 0" in said
    assert "You have given no answers yet." in after


async def test_the_rhythm_is_changed_in_a_form(house: House) -> None:
    """From the status, with what holds now filled in."""
    await house.types(LEADER, "care check-in every=two-weeks")
    status = await house.types(LEADER, "care status")
    form = await house.press(LEADER, button_of(status, "Change how often I ask"))

    assert "every two weeks" in text_of(status)
    assert isinstance(form, Ask)
    assert ("care check-in", {"every": "two-weeks"}) == (form.command, form.known)
    assert "every four weeks" in text_of(await house.use(LEADER, form.command, every="month"))


# ---------------------------------------------------------------- whose it is


async def test_care_is_for_those_who_lead(house: House) -> None:
    """A member and an organiser who leads no group are told so, typed or pressed, and nothing is kept."""
    for line in COMMANDS:
        path, _, given = line.partition(" score=")
        arguments = {"score": given} if given else {}
        assert "This is for the group's leaders" in text_of(await house.use(MEMBER, path, **arguments))
        assert "This is for those who lead a group here" in text_of(await house.use(ORGANISER, path, **arguments))
    for path, row in (("agree", "buddy"), ("decline", "buddy"), ("word", "buddy"), ("part", "buddy"), ("pass", "ask")):
        button = Button("x", f"care {path}", {row: "1"})
        assert "This is for those who lead a group here" in text_of(await house.press(ORGANISER, button))
    assert [] == rows_of(house.address, "check_ins")


async def test_an_invited_person_is_not_asked(house: House) -> None:
    """Whoever has not accepted leads nobody yet."""
    await house.app.tools.leaders.invite(BEN.member)

    assert "This is for the group's leaders" in text_of(await house.use(BEN, "care answer", score="3"))


async def test_a_leader_takes_their_answers_away(house: House) -> None:
    """The export has every answer with its day and only whether there is a buddy; erasing leaves nothing."""
    await house.app.appoint(BEN.member)
    for who in (LEADER, BEN):
        await answer(house, 2, who)
    await house.types(LEADER, "care buddy")
    shown = text_of(await house.types(LEADER, "privacy show"))
    care = next(each for each in house.app.tools.house.features if each.name == "care")
    exported = await care.personal_data.export(LEADER.member)
    sure = await house.types(LEADER, "privacy delete")
    await house.press(LEADER, button_of(sure, "Yes, remove everything"))

    assert "Check-in on Wed 21 Oct 2026, 14:00 (Europe/Berlin): you answered 2." in shown
    assert {"check_ins": [{"at": "2026-10-21T12:00:00+00:00", "score": 2}]} == exported
    assert {} == await care.personal_data.export(LEADER.member)
    assert 1 == len(rows_of(house.address, "check_ins"))


async def test_erasing_care_alone_leaves_the_leader(house: House) -> None:
    """Each feature erases what is its own; who keeps nothing has nothing to erase."""
    await answer(house, 2)
    care = next(each for each in house.app.tools.house.features if each.name == "care")
    for who in (LEADER, MEMBER):
        await care.personal_data.erase(who.member)

    assert [] == rows_of(house.address, "check_ins")
    assert {} == await care.personal_data.export(MEMBER.member)
    assert await row_of(house)


def test_ten_is_what_the_rule_says() -> None:
    """The instant that these tests wait for."""
    assert TEN == next_check(datetime(2026, 10, 21, 12, 0, tzinfo=UTC), 1, ZoneInfo("Europe/Berlin"))


async def test_a_question_that_was_held_up_does_not_come_at_night(house: House) -> None:
    """It waits for the day, or is left out."""
    await asked_weekly(house)
    house.platform.fails(*[later(timedelta(hours=4))] * 4)
    await house.until(TEN + DAY)

    hours = [post.at.astimezone(ZoneInfo("Europe/Berlin")).hour for post in house.platform.posts_to(LEADER.member)]
    assert all(9 <= hour < 20 for hour in hours)


async def test_the_hour_of_the_question_moves_with_the_clock(house: House) -> None:
    """Ten o'clock is ten where the leader is."""
    await asked_weekly(house)
    await house.types(LEADER, "me timezone zone=America/New_York")
    await house.until(TEN + DAY)

    assert ["28 14:00"] == asked_at(house)
