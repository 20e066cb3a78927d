"""`care buddy`: two leaders who look after each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.port import Actor, Ask, Button, Message, Reason, Reply, Response, Update
from tests.fakes import actor, later
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    House,
    button_of,
    labels_of,
    message_of,
    problems_of,
    rows_of,
    text_of,
)

BEN, IDA, JON = actor("ben"), actor("ida"), actor("jon")
"""Other leaders."""
NO_BUDDY = "You have no buddy at the moment."
OVER = "This is no longer open, so nothing has changed."


async def leading(house: House, *others: Actor) -> None:
    for who in others or (BEN, IDA, JON):
        await house.app.appoint(who.member)


async def ask(house: House, who: Actor = LEADER, whom: str = "ben") -> Response:
    """Ask somebody to be a buddy, and say yes to what is asked before that."""
    question = await house.types(who, f"care buddy who=@{whom}")
    labels = labels_of(question)
    return await house.press(who, button_of(question, "Yes, ask")) if "Yes, ask" in labels else question


async def paired(house: House, who: Actor = LEADER, whom: Actor = BEN) -> Message:
    """Make two leaders buddies, and return what the one who asked was told."""
    await leading(house, who, whom)
    await ask(house, who, whom.member.id)
    await house.press(whom, button_of(house.newest(whom), "Yes"))
    return house.newest(who)


async def page(house: House, who: Actor = LEADER) -> Message:
    return message_of(await house.types(who, "care buddy"))


async def rest(house: House, who: Actor, minutes: int) -> None:
    """Take a leader away for some minutes."""
    leader = await house.app.tools.leaders.find(who.member)
    assert leader
    async with house.app.tools.database.write() as unit:
        until = house.clock.now() + timedelta(minutes=minutes)
        await house.app.tools.roster.rest(unit, leader.id, house.clock.now(), until)


# ---------------------------------------------------------------- finding one


async def test_two_leaders_agree(house: House) -> None:
    """Both press yes; each is told privately, and nobody else hears of it."""
    await leading(house)
    question = await house.types(LEADER, "care buddy who=@ben")
    before = list(house.platform.posts)
    asking = await house.press(LEADER, button_of(question, "Yes, ask"))
    letter = house.newest(BEN)
    yes = await house.press(BEN, button_of(letter, "Yes"))

    assert "Shall I ask @ to be your buddy?" in text_of(question)
    assert [] == before
    assert "You have asked @ to be your buddy." in text_of(asking)
    assert ["Yes", "Not now", "Get support"] == labels_of(letter)
    assert "@ would like you to be their buddy" in text_of(letter)
    assert "member/lea" in letter.body
    assert isinstance(yes, Update)
    assert "You and @ look after each other." in text_of(yes)
    assert "@ said yes. You are buddies now." in text_of(house.newest(LEADER))
    assert "member/ben" in (await page(house)).body
    assert {LEADER.member, BEN.member} == {post.to for post in house.platform.posts}


async def test_nobody_is_named_in_a_button(house: House) -> None:
    """Whom somebody is about to ask stays in hand meanwhile."""
    await leading(house)
    question = await house.types(LEADER, "care buddy who=@ben")

    assert "ben" not in f"{message_of(question).buttons}"


async def test_without_a_buddy_the_page_says_how_to_find_one(house: House) -> None:
    """With a button that opens the form."""
    found = await page(house)
    form = await house.press(LEADER, button_of(found, "Ask a leader"))

    assert NO_BUDDY in text_of(found)
    assert isinstance(form, Ask)
    assert ("care buddy", ["who"]) == (form.command, [field.name for field in form.fields])


async def test_not_now_is_told_kindly(house: House) -> None:
    """Without a name or a reason; the one who asked can ask somebody else."""
    await leading(house)
    await ask(house)
    said = await house.press(BEN, button_of(house.newest(BEN), "Not now"))

    assert "That's all right. I let them know kindly, without a reason." in text_of(said)
    told = house.newest(LEADER)
    assert "I ask nobody for a reason." in text_of(told)
    assert "ben" not in told.body
    assert [] == rows_of(house.address, "buddies")
    assert "You have asked @" in text_of(await ask(house, whom="ida"))


@pytest.mark.parametrize(
    ("whom", "said"),
    [("lea", "a buddy is somebody else"), ("mia", "this person doesn't lead here"), ("ola", "doesn't lead here")],
)
async def test_a_buddy_is_another_leader(house: House, whom: str, said: str) -> None:
    """Oneself, a member and an organiser who leads nobody are asked for again."""
    assert said in problems_of(await house.types(LEADER, f"care buddy who=@{whom}"))["who"]


async def test_an_invited_person_is_no_leader_yet(house: House) -> None:
    """Nor is somebody who was removed."""
    await house.app.tools.leaders.invite(MEMBER.member)
    await leading(house)
    await house.types(ORGANISER, "leader remove who=@ben")

    for whom in ("mia", "ben"):
        assert "doesn't lead here" in problems_of(await house.types(LEADER, f"care buddy who=@{whom}"))["who"]


async def test_who_has_a_buddy_is_not_asked(house: House) -> None:
    """It is said kindly, and not who that is."""
    await paired(house, BEN, IDA)
    said = await ask(house)

    assert "@ has a buddy already. Perhaps another leader would be glad to be asked." in text_of(said)
    assert "ida" not in message_of(said).body
    assert not house.platform.posts_to(LEADER.member)


async def test_one_buddy_and_one_question_at_a_time(house: House) -> None:
    """Whoever has asked, or has a buddy, sees how things stand instead of asking another."""
    await leading(house)
    await ask(house)
    waiting = await ask(house, whom="ida")
    await house.press(BEN, button_of(house.newest(BEN), "Yes"))
    having = await ask(house, whom="ida")

    assert "You have asked @ to be your buddy." in text_of(waiting)
    assert "You and @ look after each other." in text_of(having)
    assert not house.platform.posts_to(IDA.member)
    assert 1 == len(rows_of(house.address, "buddies"))


async def test_two_who_ask_each_other_agree(house: House) -> None:
    """Both have pressed yes, so neither needs to answer."""
    await leading(house)
    await ask(house)
    said = await ask(house, BEN, "lea")

    assert "You and @ look after each other." in text_of(said)
    assert "@ said yes." in text_of(house.newest(LEADER))
    assert [(1,)] == rows_of(house.address, "buddies", "agreed")


async def test_others_who_had_asked_are_told(house: House) -> None:
    """Once somebody said yes to another, what else was asked of the two is over, and its buttons say so."""
    await leading(house)
    await ask(house)
    await ask(house, IDA, "ben")
    letters = house.platform.messages_to(BEN.member)
    await ask(house, BEN, "jon")
    await house.press(BEN, button_of(letters[0], "Yes"))

    late = await house.press(BEN, button_of(letters[1], "Yes"))
    vain = await house.press(JON, button_of(house.newest(JON), "Yes"))

    assert [True, True] == [OVER in text_of(each) for each in (late, vain)]
    assert "doesn't work out just now" in text_of(house.newest(IDA))
    assert NO_BUDDY in text_of(await page(house, JON))
    assert 1 == len(rows_of(house.address, "buddies"))


async def test_a_question_can_be_taken_back(house: House) -> None:
    """Nobody is told, and what was sent says that it is over."""
    await leading(house)
    await ask(house)
    letter = house.newest(BEN)
    said = await house.press(LEADER, button_of(await page(house), "Take it back"))

    assert "I've taken it back." in text_of(said)
    for label in ("Yes", "Not now"):
        assert OVER in text_of(await house.press(BEN, button_of(letter, label)))
    assert NO_BUDDY in text_of(await page(house))
    assert 1 == len(house.platform.posts)


async def test_a_question_taken_back_in_time_is_not_sent(house: House) -> None:
    """It is looked at again just before it goes."""
    await leading(house)
    house.platform.fails(later(timedelta(minutes=5)))
    await ask(house)
    await house.press(LEADER, button_of(await page(house), "Take it back"))
    await house.wait(hours=1)

    assert [] == list(house.platform.posts)


async def test_who_cannot_be_written_to_finds_the_question(house: House) -> None:
    """In `care buddy`, where it can be answered as well."""
    await leading(house)
    house.platform.refuses[BEN.member] = Reason.CLOSED
    await ask(house)
    found = await page(house, BEN)
    await house.press(BEN, button_of(found, "Yes"))

    assert "@ would like you to be their buddy" in text_of(found)
    assert "You and @ look after each other." in text_of(await page(house))


async def test_a_break_is_left_in_peace(house: House) -> None:
    """The question comes when they are back, the answer too."""
    await leading(house)
    await rest(house, BEN, 30)
    await ask(house)
    before = list(house.platform.posts)
    await house.wait(minutes=30)
    await rest(house, LEADER, 20)
    await house.press(BEN, button_of(house.newest(BEN), "Yes"))
    between = list(house.platform.posts_to(LEADER.member))
    await house.wait(minutes=20)

    assert [] == before
    assert [] == between
    assert "said yes" in text_of(house.newest(LEADER))


# ---------------------------------------------------------------- having one


async def test_a_word_is_all_that_is_said(house: House) -> None:
    """The other reads that a word would be welcome, whoever of the two asks; not who, not why."""
    told = await paired(house)
    said = await house.press(LEADER, button_of(told, "I'd like a word"))
    await house.press(BEN, button_of(await page(house, BEN), "I'd like a word"))

    assert isinstance(said, Reply)
    assert "I'm telling your buddy that you would like a word. That is all I say." in text_of(said)
    for who in (BEN, LEADER):
        assert "Your buddy would like a word." == text_of(house.newest(who))
        assert ["Get support"] == labels_of(house.newest(who))


async def test_a_word_is_passed_on_once_an_hour(house: House) -> None:
    """Who presses again is told so kindly; the other way round is another word."""
    word = button_of(await paired(house), "I'd like a word")
    said: list[str] = []
    for _ in range(4):
        said.append(text_of(await house.press(LEADER, word)))
        await house.wait(minutes=25)

    lately = ["I pass it on once an hour at most." in each for each in said]
    assert [False, True, True, False] == lately
    assert 2 == house.said_to(BEN).count("Your buddy would like a word.")


async def test_a_word_waits_until_they_are_back(house: House) -> None:
    """From a break, or from their own quiet hours: without the reason, and once, however often it was asked for."""
    word = button_of(await paired(house), "I'd like a word")
    ben = await house.app.tools.leaders.find(BEN.member)
    assert ben
    await house.app.tools.leaders.choose(ben.id, house.clock.now(), quiet="17:00-19:00")
    await rest(house, BEN, 180)  # until five in the afternoon
    before = len(house.platform.posts_to(BEN.member))
    said = [text_of(await house.press(LEADER, word))]
    await house.wait(hours=2)
    said.append(text_of(await house.press(LEADER, word)))
    await house.wait(hours=2, minutes=30)
    said.append(text_of(await house.press(LEADER, word)))
    waiting = len(house.platform.posts_to(BEN.member))
    await house.until(datetime(2026, 10, 21, 17, 0, tzinfo=UTC))

    for each in said:
        assert each.startswith("I pass it on when they are back.")
        assert not any(reason in each for reason in ("break", "quiet", "resting"))
    assert before == waiting
    assert before + 1 == len(house.platform.posts_to(BEN.member))


async def test_ending_is_quiet(house: House) -> None:
    """After asking once; the other reads one kind line the next time they come, and no message."""
    told = await paired(house)
    sent = len(house.platform.posts)
    question = await house.press(BEN, button_of(await page(house, BEN), "End it"))
    kept = await house.press(BEN, button_of(question, "Keep it as it is"))
    said = await house.press(BEN, button_of(question, "Yes, end it"))
    first, second = [text_of(await house.types(LEADER, "care buddy")) for _ in range(2)]

    assert "You and @ look after each other." in text_of(kept)
    assert "It is done, without a word about why." in text_of(said)
    assert "You and your buddy are no longer paired." in first
    assert "no longer paired" not in second
    assert NO_BUDDY in second
    assert sent == len(house.platform.posts)
    for button in (button_of(told, "I'd like a word"), button_of(question, "Yes, end it")):
        assert OVER in text_of(await house.press(LEADER, button))


async def test_a_word_that_waited_is_not_said_after_the_end(house: House) -> None:
    """What was on its way is withdrawn."""
    word = button_of(await paired(house), "I'd like a word")
    await rest(house, BEN, 60)
    await house.press(LEADER, word)
    question = await house.press(LEADER, button_of(await page(house), "End it"))
    await house.press(LEADER, button_of(question, "Yes, end it"))
    await house.wait(hours=3)

    assert not any("would like a word" in said and "Your buddy" in said for said in house.said_to(BEN))


async def test_a_removed_leader_is_nobodys_buddy(house: House) -> None:
    """It ends at once and quietly; old buttons say that nothing is open."""
    told = await paired(house)
    await house.types(ORGANISER, "leader remove who=@ben")

    assert NO_BUDDY in text_of(await page(house))
    assert OVER in text_of(await house.press(LEADER, button_of(told, "I'd like a word")))
    assert [] == rows_of(house.address, "buddies")


async def test_who_asked_is_removed_meanwhile(house: House) -> None:
    """The question is over; whoever was asked can be anybody's buddy."""
    await leading(house)
    await ask(house)
    letter = house.newest(BEN)
    await house.types(ORGANISER, "leader remove who=@lea")

    assert OVER in text_of(await house.press(BEN, button_of(letter, "Yes")))
    assert NO_BUDDY in text_of(await page(house, BEN))


async def test_buttons_are_for_the_two(house: House) -> None:
    """Another leader who gets hold of one learns nothing and changes nothing; neither does a row made up."""
    await leading(house)
    await ask(house)
    (row,) = rows_of(house.address, "buddies", "id")
    for path in ("agree", "decline", "word", "part"):
        for buddy in (str(row[0]), "12345"):
            assert OVER in text_of(await house.press(IDA, Button("x", f"care {path}", {"buddy": buddy})))
    for path in ("agree", "decline", "word"):
        assert OVER in text_of(await house.press(LEADER, Button("x", f"care {path}", {"buddy": str(row[0])})))
    for path in ("word", "part"):
        assert OVER in text_of(await house.press(BEN, Button("x", f"care {path}", {"buddy": str(row[0])})))
    assert [(0,)] == rows_of(house.address, "buddies", "agreed")


async def test_yes_twice_is_yes_once(house: House) -> None:
    """A second press shows the buddy, and nobody is told again."""
    await leading(house)
    await ask(house)
    letter = house.newest(BEN)
    await house.press(BEN, button_of(letter, "Yes"))
    sent = len(house.platform.posts)
    said = await house.press(BEN, button_of(letter, "Yes"))

    assert "You and @ look after each other." in text_of(said)
    assert OVER in text_of(await house.press(BEN, button_of(letter, "Not now")))
    assert sent == len(house.platform.posts)


async def test_that_there_is_a_buddy_is_exported_and_erased(house: House) -> None:
    """Not who: that is the other's. Erasing ends it for both."""
    await leading(house)
    care = next(each for each in house.app.tools.house.features if each.name == "care")
    await ask(house)
    asked = [await care.personal_data.export(who.member) for who in (LEADER, BEN, IDA)]
    await house.press(BEN, button_of(house.newest(BEN), "Yes"))
    agreed = await care.personal_data.export(LEADER.member)
    shown = text_of(await house.types(LEADER, "privacy show"))
    await care.personal_data.erase(BEN.member)

    assert [{"buddy_asked": True}, {"buddy_asked": True}, {}] == asked
    assert {"buddy": True} == agreed
    assert "That you and another leader are buddies." in shown
    assert {} == await care.personal_data.export(LEADER.member)
