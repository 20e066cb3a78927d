"""`care debrief`: twenty minutes with another leader; and the offer after a request for support was answered."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.content import Shelf
from bot.core.port import Actor, Button, Community, Response, Update
from tests.fakes import START, actor, later
from tests.features.test_buddies import leading, paired, rest
from tests.house import LEADER, ORGANISER, House, again, button_of, labels_of, message_of, rows_of, text_of

BEN, IDA, JON = actor("ben"), actor("ida"), actor("jon")
"""Other leaders."""
YES, NO = "I have twenty minutes", "Not now"
WANTED = "@ would like twenty minutes to talk something over. It is fine to say not now."
NOBODY = "I found nobody with twenty minutes just now."
SUPPORTED = "You were there for somebody not long ago."


async def on_duty(house: House, *crew: Actor) -> None:
    """Appoint leaders, who have been on duty since one minute after the other, for the evening."""
    await leading(house, *crew)
    for place, who in enumerate(crew):
        leader = await house.app.tools.leaders.find(who.member)
        assert leader
        since = house.clock.now() - timedelta(minutes=len(crew) - place)
        # Reminders of breaks are another matter, so there are none.
        await house.app.tools.leaders.choose(leader.id, since, most=0, support=False)
        await house.app.tools.roster.begin(leader.id, since, START + timedelta(hours=6))


async def ask(house: House, label: str = "Ask those on duty", who: Actor = LEADER) -> Response:
    return await house.press(who, button_of(await house.types(who, "care debrief"), label))


async def press(house: House, who: Actor, label: str) -> str:
    return text_of(await house.press(who, button_of(house.newest(who), label)))


def wanted_of(house: House, who: Actor) -> int:
    """Return how often somebody was asked."""
    return sum(WANTED in said for said in house.said_to(who))


# ---------------------------------------------------------------- asking


async def test_two_leaders_are_brought_together(house: House) -> None:
    """Who was asked says yes; both are told privately who the other is, and nothing of why."""
    await on_duty(house, BEN)
    asking = await ask(house)
    letter = house.newest(BEN)
    said = await press(house, BEN, YES)

    assert isinstance(asking, Update)
    assert "I'm asking. As soon as somebody has twenty minutes, I tell you privately who it is." in text_of(asking)
    assert WANTED == text_of(letter)
    assert "member/lea" in letter.body
    assert [YES, NO, "Get support"] == labels_of(letter)
    assert "I'm telling @ that you have twenty minutes for them." in said
    told = house.newest(LEADER)
    assert "@ has twenty minutes for you." in text_of(told)
    assert "member/ben" in told.body
    assert {LEADER.member, BEN.member} == {post.to for post in house.platform.posts}


async def test_whom_to_ask_is_the_leaders_choice(house: House) -> None:
    """The buddy is offered where there is one; nothing is asked before a button is pressed."""
    without = await house.types(LEADER, "care debrief")
    await paired(house)
    sent = len(house.platform.posts)
    both = await house.types(LEADER, "care debrief")

    assert ["Ask those on duty", "Get support"] == labels_of(without)
    assert ["Ask my buddy", "Ask those on duty", "Get support"] == labels_of(both)
    assert "Nobody is told why." in text_of(both)
    assert sent == len(house.platform.posts)


async def test_one_is_asked_after_the_other(house: House) -> None:
    """Ten minutes each, the longest on duty first; *Not now* goes on at once."""
    await on_duty(house, BEN, IDA, JON)
    await ask(house)
    asked = [[wanted_of(house, who) for who in (BEN, IDA, JON)]]
    await house.wait(minutes=10)
    asked.append([wanted_of(house, who) for who in (BEN, IDA, JON)])
    await press(house, IDA, NO)
    asked.append([wanted_of(house, who) for who in (BEN, IDA, JON)])

    assert [[1, 0, 0], [1, 1, 0], [1, 1, 1]] == asked
    assert "That's all right." in await press(house, BEN, NO)
    assert not house.platform.posts_to(LEADER.member)


async def test_who_was_slow_may_still_say_yes(house: House) -> None:
    """Until somebody else does; then they are thanked, and the buttons of the others say so."""
    await on_duty(house, BEN, IDA)
    await ask(house)
    await house.wait(minutes=10)
    yes = await press(house, BEN, YES)
    late = await press(house, IDA, YES)
    again_ = await press(house, BEN, YES)

    assert "that you have twenty minutes" in yes
    assert "Somebody else has taken the time already." in late
    assert yes == again_
    assert 1 == len(house.platform.posts_to(LEADER.member))
    assert "knows that you have twenty minutes. If that has changed" in await press(house, BEN, NO)
    assert 1 == len(house.platform.posts_to(LEADER.member))


async def test_nobody_free_is_told_kindly(house: House) -> None:
    """With other ways; at once where nobody can be asked, else when the last one has not answered."""
    alone = await ask(house)
    await on_duty(house, BEN)
    await ask(house)
    await house.wait(minutes=10)
    told = house.newest(LEADER)

    for message in (message_of(alone), told):
        assert NOBODY in text_of(message)
        assert ["Talk to somebody now", "Take a break"] == labels_of(message)
    assert ["support", "break now"] == [button.command for button in told.buttons]
    assert "This is not being asked any more." in await press(house, BEN, YES)


async def test_the_buddy_alone_is_asked(house: House) -> None:
    """Nobody else unless those on duty are chosen, which is offered again when the buddy has no time."""
    await paired(house)
    await on_duty(house, IDA)
    await ask(house, "Ask my buddy")
    await press(house, BEN, NO)
    told = house.newest(LEADER)
    before = wanted_of(house, IDA)
    await house.press(LEADER, button_of(told, "Ask those on duty"))

    assert NOBODY in text_of(told)
    assert ["Talk to somebody now", "Ask those on duty", "Take a break"] == labels_of(told)
    assert [0, 1] == [before, wanted_of(house, IDA)]


async def test_a_buddy_who_does_not_answer_is_waited_for_ten_minutes(house: House) -> None:
    """Then the leader is told, and has other ways."""
    await paired(house)
    await ask(house, "Ask my buddy")
    await house.wait(minutes=9)
    early = NOBODY in text_of(house.newest(LEADER))
    await house.wait(minutes=1)

    assert not early
    assert NOBODY in text_of(house.newest(LEADER))
    assert 1 == wanted_of(house, BEN)


async def test_who_is_away_is_not_asked(house: House) -> None:
    """Neither on a break, nor a buddy in their quiet hours; nor whoever leads another community or was removed."""
    await paired(house)
    await on_duty(house, IDA, JON)
    eve = actor("eve", community=Community("fake", "there"))
    await house.app.appoint(eve.member)
    await house.types(eve, "duty on")
    ben = await house.app.tools.leaders.find(BEN.member)
    assert ben
    await rest(house, IDA, 60)
    await rest(house, BEN, 60)
    await house.types(ORGANISER, "leader remove who=@jon")
    resting = await ask(house, "Ask my buddy")
    await house.app.tools.roster.back(ben.id, house.clock.now())
    await house.app.tools.leaders.choose(ben.id, house.clock.now(), quiet="13:00-18:00")
    quiet = await ask(house, "Ask my buddy")
    duty = await ask(house)

    assert [True, True, True] == [NOBODY in text_of(each) for each in (resting, quiet, duty)]
    assert [0, 0, 0, 0] == [wanted_of(house, who) for who in (BEN, IDA, JON, eve)]


async def test_a_break_that_begins_meanwhile_is_left_in_peace(house: House) -> None:
    """Who went away before the letter could go is not asked, and who asked reads the end when they are back."""
    await on_duty(house, BEN)
    house.platform.fails(later(timedelta(minutes=2)))
    await ask(house)
    await rest(house, BEN, 60)
    await rest(house, LEADER, 30)
    await house.wait(minutes=29)
    before = list(house.platform.posts)
    await house.wait(minutes=2)

    assert [] == before
    assert NOBODY in text_of(house.newest(LEADER))
    assert 0 == wanted_of(house, BEN)


async def test_those_on_duty_are_asked_for_an_hour(house: House) -> None:
    """After that nobody is, however many there are."""
    crew = [actor(f"p{number}") for number in range(8)]
    await on_duty(house, *crew)
    await ask(house)
    await house.wait(hours=2)

    assert [1] * 6 + [0] * 2 == [wanted_of(house, who) for who in crew]
    assert NOBODY in text_of(house.newest(LEADER))


async def test_one_question_at_a_time(house: House) -> None:
    """Whoever asks again sees that it is asked already, and may end it; then a yes finds it over."""
    await on_duty(house, BEN)
    await ask(house)
    twice = await house.types(LEADER, "care debrief")
    pressed = await house.use(LEADER, "care ask")
    ended = await house.press(LEADER, button_of(twice, "I don't need it any more"))
    twice_ended = await house.press(LEADER, button_of(twice, "I don't need it any more"))
    await house.wait(hours=1)

    assert [True, True] == ["I'm asking." in text_of(each) for each in (twice, pressed)]
    assert [True, True] == ["I ask nobody any more." in text_of(each) for each in (ended, twice_ended)]
    assert "This is not being asked any more." in await press(house, BEN, YES)
    assert 1 == wanted_of(house, BEN)
    assert not house.platform.posts_to(LEADER.member)


async def test_buttons_are_for_who_was_asked(house: House) -> None:
    """Another leader who gets hold of one learns nothing; a row that was made up is over."""
    await on_duty(house, BEN, IDA)
    await ask(house)
    letter = house.newest(BEN)
    for label in (YES, NO):
        assert "This is not being asked any more." in text_of(await house.press(IDA, button_of(letter, label)))
    for path in ("listen", "pass"):
        button = Button("x", f"care {path}", {"ask": "12345"})
        assert "This is not being asked any more." in text_of(await house.press(BEN, button))
    assert [("waiting",)] == rows_of(house.address, "asks", "answer")


async def test_who_asked_is_removed_meanwhile(house: House) -> None:
    """It ends quietly."""
    await on_duty(house, BEN)
    await ask(house)
    await house.types(ORGANISER, "leader remove who=@lea")

    assert "This is not being asked any more." in await press(house, BEN, YES)
    await house.wait(hours=1)
    assert [(0,)] == rows_of(house.address, "requests", "open")


async def test_talking_is_not_counted(house: House) -> None:
    """Neither for who had the time nor for who asked."""
    await on_duty(house, BEN)
    await ask(house)
    await press(house, BEN, YES)

    for who in (LEADER, BEN):
        assert "Times you took over from another leader: 0" in text_of(await house.types(who, "care status"))


async def test_two_processes_ask_one_at_a_time(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database, ten minutes are one person's."""
    await on_duty(house, BEN, IDA, JON)
    await ask(house)
    async with again(house, shelf) as other:
        house.clock.move(house.clock.now() + timedelta(minutes=10))
        await asyncio.gather(other.app.work.tick(), house.app.work.tick())
        await house.engine.settle()
        await other.engine.settle()

    assert [1, 1, 0] == [wanted_of(house, who) for who in (BEN, IDA, JON)]


# ---------------------------------------------------------------- the offer after a request for support


async def answered(house: House, who: Actor = LEADER) -> int:
    """Let a leader answer a request for support, and return their row."""
    leader = await house.app.tools.leaders.find(who.member)
    assert leader
    # The reminder of a break would make the offer as well, so there is none.
    await house.app.tools.leaders.choose(leader.id, house.clock.now(), most=0, support=False)
    await house.app.tools.roster.answered(leader.id, house.clock.now())
    await house.app.tools.outbox.nudge()
    await house.engine.settle()
    return leader.id


def offered_at(house: House, who: Actor = LEADER) -> list[str]:
    """Return when the offer reached a leader, in UTC."""
    posts = house.platform.posts_to(who.member)
    return [f"{post.at:%d %H:%M}" for post in posts if SUPPORTED in text_of(post.message)]


async def test_after_support_talking_it_over_is_offered(house: House) -> None:
    """A quarter of an hour later, once, to the leader alone, however many they answered."""
    await answered(house)
    await house.wait(minutes=5)
    await answered(house)
    await house.wait(days=2)

    assert ["21 12:15"] == offered_at(house)
    letter = house.newest(LEADER)
    assert ["Talk it over", "Take a break", "Get support"] == labels_of(letter)
    assert ["care debrief", "break now"] == [button.command for button in letter.buttons[:2]]


async def test_an_offer_that_was_made_is_not_made_again(house: House) -> None:
    """Where a reminder of a break has brought it already."""
    leader = await answered(house)
    async with house.app.tools.database.write() as unit:
        await house.app.tools.roster.offer(unit, leader)
    await house.wait(hours=2)

    assert [] == offered_at(house)


@pytest.mark.parametrize(("written", "expected"), [(0, ["22 07:00"]), (-1, ["21 12:15"])])
async def test_the_offer_is_the_days_one_message(house: House, written: int, expected: list[str]) -> None:
    """Who was written to today hears it tomorrow morning."""
    leader = await answered(house)
    async with house.app.tools.database.write() as unit:
        await house.app.tools.leaders.wrote(unit, leader, START + timedelta(days=written))
    await house.wait(days=2)

    assert expected == offered_at(house)


async def test_the_offer_waits_for_the_end_of_a_break(house: House) -> None:
    """Also where the break began while it was on its way."""
    await answered(house)
    await rest(house, LEADER, 60)
    await house.wait(days=1)
    house.platform.fails(later(timedelta(minutes=5)))
    await answered(house)
    await house.wait(minutes=15)
    await rest(house, LEADER, 30)
    await house.wait(hours=2)

    assert ["21 13:00", "22 12:45"] == offered_at(house)


async def test_what_is_a_day_old_goes_by_in_silence(house: House, shelf: Shelf) -> None:
    """After a downtime, or a long break, nobody is reminded of the day before."""
    await answered(house)
    house.clock.move(START + timedelta(days=1, minutes=1))
    async with again(house, shelf) as restarted:
        await restarted.wait(hours=3)
    await answered(house)
    await rest(house, LEADER, 60 * 30)
    await house.wait(days=2)

    assert [] == offered_at(house)
    assert {(1,)} == set(rows_of(house.address, "answers", "offered"))


async def test_the_offer_comes_in_the_evening_too(house: House) -> None:
    """But not in the leader's quiet hours."""
    leader = await answered(house)
    await house.app.tools.leaders.choose(leader, house.clock.now(), quiet="14:00-21:30")
    await house.wait(days=1)

    assert ["21 19:30"] == offered_at(house)


async def test_two_processes_offer_once(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database."""
    await answered(house)
    async with again(house, shelf) as other:
        house.clock.move(START + timedelta(minutes=15))
        await asyncio.gather(other.app.work.tick(), house.app.work.tick())
        await house.engine.settle()
        await other.engine.settle()

    assert ["21 12:15"] == offered_at(house)


async def test_a_removed_leader_is_offered_nothing(house: House) -> None:
    """What they answered is not spoken of any more."""
    await answered(house)
    await house.types(ORGANISER, "leader remove who=@lea")
    await house.wait(hours=1)

    assert [] == list(house.platform.posts)
    assert [(1,)] == rows_of(house.address, "answers", "offered")
