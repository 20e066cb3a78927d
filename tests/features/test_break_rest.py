"""A break itself: off duty, a sentence to leave with, something to do, an end; and one's own rules for reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.content import Shelf
from bot.core.port import Ask, Reason, Response
from tests.fakes import CIRCLE, actor, later
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

BEN = actor("ben")
"""Another leader."""


async def begin(house: House, line: str = "break now") -> Response:
    """Put the leader on duty until 23:00, and let them begin a break."""
    await house.types(LEADER, "duty on until=23:00")
    return await house.types(LEADER, line)


async def is_on(house: House) -> bool:
    leader = await house.app.tools.leaders.find(LEADER.member)
    return bool(leader and await house.app.tools.roster.current(leader.id, house.clock.now()))


def said(house: House) -> list[str]:
    """Return what the leader was sent so far, with the time in UTC."""
    return [f"{post.at:%H:%M} {text_of(post.message)}" for post in house.platform.posts_to(LEADER.member)]


async def test_a_break_takes_its_leader_off_duty_until_its_end(house: House) -> None:
    """Then they look after the group again, and they alone are told."""
    await begin(house)
    during = await is_on(house)
    await house.wait(minutes=10)

    assert not during
    assert await is_on(house)
    (only,) = said(house)
    assert "12:10 Your break is over. You're looking after the group again until Wed 21 Oct 2026, 23:00" in only
    assert ["5 more minutes", "Go off duty", "Get support"] == labels_of(house.newest(LEADER))
    assert [LEADER.member] == [post.to for post in house.platform.posts]


async def test_an_end_is_told_whatever_the_clock_shows(house: House) -> None:
    """Also where a break began between two seconds."""
    house.clock.move(house.clock.now() + timedelta(microseconds=345678))
    await begin(house, "break now minutes=5")
    await house.wait(minutes=5)

    assert [True] == ["Your break is over" in each for each in said(house)]


async def test_a_break_off_duty_ends_quietly_too(house: House) -> None:
    """Nothing waits for whoever was not on duty."""
    await house.types(LEADER, "break now minutes=5")
    await house.wait(minutes=5)

    assert "Your break is over. You're not on duty" in said(house)[0]


async def test_duty_that_ends_in_a_break_is_over(house: House) -> None:
    """Nobody is put on duty by the end of a break."""
    await house.types(LEADER, "duty on until=14:20")
    await house.types(LEADER, "break now minutes=30")
    await house.wait(minutes=30)

    assert not await is_on(house)
    assert "You're not on duty" in said(house)[0]


async def test_there_is_a_sentence_to_leave_with(house: House) -> None:
    """It tells until when, on the group's clock, and who is there meanwhile."""
    alone = text_of(await begin(house))
    await house.app.appoint(BEN.member)
    await house.types(BEN, "duty on until=20:00")
    both = text_of(await house.types(LEADER, "break now minutes=20"))
    await house.app.tools.people.change(LEADER.member, zone="Asia/Tokyo")
    far = text_of(await house.types(LEADER, "break now minutes=20"))

    assert "> I'm stepping away until 14:10. If you need somebody before then" in alone
    assert "Nobody else is on duty just now, and that is fine." in alone
    assert "> I'm stepping away until 14:20; another leader is here." in both
    assert "Nobody else" not in both
    assert "until 14:20 (Europe/Berlin); another" in far


async def test_a_break_may_be_made_longer_or_shorter(house: House) -> None:
    """The newest length counts, its end is told once, and duty goes on after it."""
    response = await begin(house)
    labels = labels_of(response)
    await house.press(LEADER, button_of(response, "20 minutes"))
    await house.wait(minutes=15)
    still = await is_on(house)
    await house.press(LEADER, button_of(response, "5 minutes"))
    await house.wait(minutes=15)

    lengths = ["5 minutes", "20 minutes", "The rest of the day"]
    assert [*lengths, "Ask the others to take over", "Something to do meanwhile", "I'm back"] == labels[:6]
    assert not still
    assert [True] == ["12:20 Your break is over" in each for each in said(house)]
    assert await is_on(house)


async def test_the_rest_of_the_day_is_free(house: House) -> None:
    """Duty ends with it, nothing comes before tomorrow, and its end is told in the morning."""
    response = await begin(house)
    answer = text_of(await house.press(LEADER, button_of(response, "The rest of the day")))
    await house.until(datetime(2026, 10, 22, 6, 59, tzinfo=UTC))
    before = said(house)
    await house.wait(minutes=1)

    assert "The rest of the day is yours." in answer
    assert "> I'm stepping away for today." in answer
    assert [] == before
    assert ["07:00 Your break is over. You're not on duty, so there is no hurry."] == said(house)
    assert not await is_on(house)


async def test_whoever_is_on_duty_again_in_the_morning_is_not_told(house: House) -> None:
    """They know."""
    await begin(house, "break now rest=yes")
    await house.until(datetime(2026, 10, 22, 6, 0, tzinfo=UTC))
    await house.types(LEADER, "duty on until=12:00")
    await house.wait(minutes=49)

    assert [] == said(house)


async def test_a_break_ends_before_its_time_when_its_leader_is_back(house: House) -> None:
    """By hand, or by going on duty; its end is not told again."""
    await begin(house)
    await house.wait(minutes=3)
    back = text_of(await house.types(LEADER, "break end"))
    on = await is_on(house)
    none = text_of(await house.types(LEADER, "break end"))
    await house.types(LEADER, "break now minutes=20")
    await house.types(LEADER, "duty on until=22:00")
    again_on = await is_on(house)
    await house.wait(minutes=30)

    assert "Welcome back. You're looking after the group again until" in back
    assert on
    assert "You were not on a break" in none
    assert again_on
    assert [] == said(house)


async def test_nothing_comes_in_a_break(house: House) -> None:
    """A reminder that falls into it is left out, one that was put off into it as well."""
    await house.types(LEADER, "break plan times=14:20")
    await house.types(LEADER, "duty on until=23:00")
    await house.types(LEADER, "break now minutes=60")
    put_off = text_of(await house.types(LEADER, "break later minutes=20"))
    await house.wait(minutes=61)

    assert "You're on a break until Wed 21 Oct 2026, 15:00" in put_off
    assert [True] == ["13:00 Your break is over" in each for each in said(house)]


async def test_a_break_that_ended_while_the_bot_was_down_is_over(house: House, shelf: Shelf) -> None:
    """At once when it starts, and nobody is told late."""
    await begin(house)
    house.clock.move(house.clock.now() + timedelta(minutes=25))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=1)

        assert await is_on(restarted)
        assert "You've been on duty since Wed 21 Oct 2026, 14:10" in text_of(await house.types(LEADER, "break status"))
    assert [] == said(house)


async def test_a_removed_leader_is_not_told_of_an_end(house: House) -> None:
    """Everything ends quietly; what is kept of it is theirs."""
    await begin(house)
    await house.types(ORGANISER, "leader remove who=@lea")
    await house.wait(hours=1)

    assert [] == said(house)
    assert "you took a break, until" in text_of(await house.types(LEADER, "privacy show"))


async def test_there_is_something_to_do_meanwhile(house: House) -> None:
    """Three small exercises, which work."""
    offered = await house.press(LEADER, button_of(await begin(house), "Something to do meanwhile"))

    assert ["A kind word to myself", "A quiet minute", "A limit, kindly said"] == labels_of(offered)[:3]
    for button in message_of(offered).buttons[:3]:
        assert f"practice {button.arguments['skill']}" == f"{button.command} {button.arguments['skill']}"
        assert "min" in text_of(await house.press(LEADER, button))


async def test_there_are_words_to_leave_with(house: House) -> None:
    """Whole sentences to copy, each with its moment."""
    words = text_of(await house.types(LEADER, "break words"))

    assert "> I'm going off now, and another leader is here." in words
    assert 8 == words.count("> ")


# ---------------------------------------------------------------- smaller offers, other reasons


async def test_two_without_an_answer_make_the_third_smaller(house: House) -> None:
    """One minute, on the spot; it counts as a break, and then reminders are what they were."""
    await house.types(LEADER, "break plan most=4")
    await house.types(LEADER, "duty on until=23:00")
    await house.wait(minutes=150)
    third = house.newest(LEADER)
    await house.press(LEADER, button_of(third, "One minute now"))
    await house.wait(minutes=51)

    texts = said(house)
    assert ["Time for a break?" in each for each in texts] == [True, True, False, False, True]
    assert "One minute, where you are" in texts[2]
    assert ["One minute now", "Already took one", "Not today", "Get support"] == labels_of(third)
    assert "Your break is over" in texts[3]


async def test_support_that_was_given_brings_a_break_and_a_talk(house: House) -> None:
    """Soon after, once; and the offer to talk it over is not made a second time."""
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    await house.app.tools.roster.answered(leader.id, house.clock.now())
    await house.app.tools.outbox.nudge()
    await house.wait(hours=3)

    (only,) = said(house)
    assert "12:05 " in only
    assert "You were just there for somebody." in only
    assert "Talk it over" in labels_of(house.newest(LEADER))
    assert [(1,)] == rows_of(house.address, "answers", "offered")


async def test_many_days_in_a_row_are_noticed(house: House) -> None:
    """On the sixth day, early in the duty."""
    for _ in range(6):
        await house.types(LEADER, "duty on until=15:00")
        await house.wait(hours=1)
        await house.use(LEADER, "break already")
        await house.wait(hours=23)

    assert ["12:10"] == [each[:5] for each in said(house) if "one more day" in each]


# ---------------------------------------------------------------- a leader's own rules


async def test_rules_are_ones_own(house: House) -> None:
    """Only what is given changes; the answer tells all of it, and the next reminder keeps to it."""
    first = text_of(await house.types(LEADER, 'break plan after=30 times="11:00, 15:30" quiet=22:00-07:00'))
    second = text_of(await house.types(LEADER, "break plan most=1 days=0 support=no"))
    await house.wait(hours=24)

    assert "After 30 minutes on duty." in first
    assert "At 11:00, 15:30 on your own clock, on duty or not." in first
    assert "After 6 days in a row." in first
    assert "Never in your quiet hours, 22:00-07:00." in first
    assert "I'll remind you of a break on Wed 21 Oct 2026, 15:30" in first
    assert "Once a day at most." in second
    assert "days in a row" not in second
    assert "After 30 minutes on duty." in second
    assert ["13:30", "09:00"] == [each[:5] for each in said(house)]


async def test_rules_are_changed_in_a_form_that_knows_them(house: House) -> None:
    """It shows what holds, and *none* takes a rule away."""
    await house.types(LEADER, "break plan times=11:00 quiet=22:00-07:00")
    form = await house.types(LEADER, "break plan")
    assert isinstance(form, Ask)
    changed = await house.use(LEADER, form.command, **{**form.known, "times": "none", "quiet": "none", "after": "0"})

    known = {"after": "50", "times": "11:00", "days": "6", "most": "2", "quiet": "22:00-07:00", "support": "yes"}
    assert known == form.known
    said_now = text_of(changed)
    assert "on your own clock" not in said_now
    assert "quiet hours" not in said_now
    assert "minutes on duty" not in said_now


async def test_nobody_is_reminded_who_wants_nothing(house: House) -> None:
    """And what they ask for themselves comes anyway, on duty or not."""
    never = text_of(await house.types(LEADER, "break plan most=0"))
    await house.types(LEADER, "break later minutes=30")
    await house.wait(hours=5)

    assert "I never remind you by myself" in never
    assert ["12:30"] == [each[:5] for each in said(house)]
    assert "You asked me to come back." in said(house)[0]


async def test_nothing_is_promised_for_quiet_hours(house: House) -> None:
    """Neither a reminder put off, nor one that would be due."""
    await house.types(LEADER, "break plan quiet=14:30-18:00")
    await house.types(LEADER, "duty on until=23:00")
    put_off = text_of(await house.types(LEADER, "break later minutes=40"))
    await house.wait(hours=5)

    assert "That would be in your quiet hours" in put_off
    assert "which end on Wed 21 Oct 2026, 18:00" in put_off
    assert ["16:00", "16:50"] == [each[:5] for each in said(house)]


@pytest.mark.parametrize(
    "wrong",
    [
        "after=4",
        "after=481",
        "times=soon",
        "times=25:00",
        'times="1:00 2:00 3:00 4:00 5:00 6:00 7:00"',
        "days=31",
        "most=13",
        "quiet=22:00",
        "quiet=22:00-22:00",
        "quiet=22:00-24:30",
        "support=perhaps",
    ],
)
async def test_a_rule_that_cannot_be_is_asked_for_again(house: House, wrong: str) -> None:
    """With one sentence that says what to do; nothing is kept."""
    response = await house.types(LEADER, f"break plan {wrong}")

    assert [wrong.partition("=")[0]] == list(problems_of(response))
    assert [(None,)] == rows_of(house.address, "leaders", "settings")


async def test_a_change_of_zone_moves_fixed_times(house: House) -> None:
    """They are on the leader's own clock, wherever it is."""
    await house.types(LEADER, "break plan times=15:30")
    await house.types(LEADER, "me timezone zone=America/New_York")
    await house.wait(hours=10)

    assert ["19:30"] == [each[:5] for each in said(house)]


async def test_a_break_in_a_thread_speaks_of_its_group(house: House) -> None:
    """The sentence is on the clock of the group in which the leader is."""
    there = CIRCLE.__class__(CIRCLE.community, "far")
    await house.app.tools.groups.add(there, "Asia/Tokyo", "en", "JP")
    said_there = text_of(await house.types(LEADER, "break now", at=there))

    assert "until 21:10 (Asia/Tokyo)" in said_there


async def test_nothing_comes_to_a_leader_in_a_break(house: House) -> None:
    """Neither what went wrong with a post, nor what a member shares with the leaders: it comes at its end."""
    await house.types(LEADER, 'schedule add what=autonomy in=#circle rule="daily 14:05"')
    await house.types(LEADER, "break now minutes=30")
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    preview = await house.keeps(MEMBER, "milestone set date=2026-10-20 audience=private")
    assert preview
    shared = await house.types(MEMBER, "milestone share 1 audience=leaders")
    await house.press(MEMBER, button_of(shared, "Share it now"))
    await house.wait(minutes=29)
    during = said(house)
    await house.wait(minutes=2)

    assert [] == during
    assert 3 == len(said(house))


async def test_what_was_put_off_is_not_brought_sooner(house: House) -> None:
    """Neither by the count of minutes before a duty that ends first, nor before quiet hours in which it would come."""
    await house.types(LEADER, "break plan quiet=16:00-18:00")
    await house.types(LEADER, "duty on until=15:40")
    await house.wait(minutes=50)
    ends_first = text_of(await house.press(LEADER, button_of(house.newest(LEADER), "In 1 hour")))
    await house.wait(minutes=60)
    await house.types(LEADER, "duty on until=16:30")
    in_quiet = text_of(await house.types(LEADER, "break later minutes=20"))
    await house.wait(minutes=60)

    assert "Your duty ends" in ends_first
    assert "quiet hours" in in_quiet
    assert ["12:50"] == [each[:5] for each in said(house)]


async def test_the_last_one_may_have_others_take_over_in_a_break(house: House) -> None:
    """What is left of the duty goes to whoever says yes."""
    await house.app.appoint(BEN.member)
    response = await begin(house)
    await house.press(LEADER, button_of(response, "Ask the others to take over"))
    taken = text_of(await house.press(BEN, button_of(house.newest(BEN), "I've got it")))
    await house.wait(minutes=11)

    assert "You're looking after the group until Wed 21 Oct 2026, 23:00" in taken
    assert not await is_on(house)
    assert "You're not on duty" in "".join(said(house))


async def test_whoever_is_back_by_going_on_duty_is_reminded_again(house: House) -> None:
    """The rest of the day is over then, for reminders as well."""
    await begin(house, "break now rest=yes")
    await house.wait(minutes=30)
    await house.types(LEADER, "duty on until=22:00")
    await house.wait(minutes=51)

    assert ["13:20"] == [each[:5] for each in said(house)]


async def test_the_rest_of_the_day_can_be_taken_back(house: House) -> None:
    """By a shorter break, or by being back: the duty is what it was."""
    response = await begin(house, "break now rest=yes")
    await house.press(LEADER, button_of(response, "5 minutes"))
    await house.wait(minutes=5)
    shorter = await is_on(house)
    await house.types(LEADER, "break now rest=yes")
    back = text_of(await house.types(LEADER, "break end"))

    assert shorter
    assert "again until Wed 21 Oct 2026, 23:00" in back
    assert await is_on(house)


async def test_what_is_made_empty_in_the_form_is_gone(house: House) -> None:
    """Times and quiet hours; the answer says so."""
    await house.types(LEADER, "break plan times=11:00 quiet=22:00-07:00")
    form = await house.types(LEADER, "break plan")
    assert isinstance(form, Ask)
    kept = text_of(await house.use(LEADER, form.command, **{**form.known, "times": "", "quiet": ""}))

    assert "11:00" not in kept
    assert "22:00" not in kept


async def test_what_is_put_off_in_a_break_beyond_its_duty_is_not_promised(house: House) -> None:
    """What is left of the duty ends before."""
    await house.types(LEADER, "duty on until=14:40")
    await house.types(LEADER, "break now minutes=10")

    assert "Your duty ends" in text_of(await house.types(LEADER, "break later minutes=60"))


async def test_a_reminder_that_never_came_offered_nothing(house: House) -> None:
    """So the offer to talk it over comes by itself."""
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    await house.app.tools.roster.answered(leader.id, house.clock.now())
    await house.app.tools.outbox.nudge()
    house.platform.fails(later(timedelta(minutes=40)))
    await house.wait(hours=2)

    assert ["care debrief" in [button.command for button in house.newest(LEADER).buttons]] == [True]
    assert 1 == len(said(house))


async def test_the_last_one_is_asked_before_the_rest_of_the_day(house: House) -> None:
    """Others could take over; whoever needs to rest at once may."""
    await house.app.appoint(BEN.member)
    asked = await begin(house, "break now rest=yes")
    still = await is_on(house)
    rests = text_of(await house.press(LEADER, button_of(asked, "The rest of the day")))

    assert "You're the last one on duty just now." in text_of(asked)
    assert ["Ask the others to take over", "The rest of the day", "Get support"] == labels_of(asked)
    assert still
    assert "The rest of the day is yours." in rests
    assert not await is_on(house)


async def test_what_waits_for_the_rest_of_a_day_comes_in_the_morning(house: House) -> None:
    """Not at midnight, at which that break ends."""
    await house.types(LEADER, 'schedule add what=autonomy in=#circle rule="daily 14:05"')
    await house.types(LEADER, "break now rest=yes")
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    await house.until(datetime(2026, 10, 22, 6, 59, tzinfo=UTC))
    before = said(house)
    await house.wait(minutes=1)

    assert [] == before
    assert ["07:00", "07:00"] == [each[:5] for each in said(house)]
