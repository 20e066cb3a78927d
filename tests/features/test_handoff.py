"""`duty handoff` and `duty cover`: one leader asks others to take over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.community.leaders import Leader
from bot.content import Shelf
from bot.core.port import Actor, Community, Message, Reason, Update
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
    problems_of,
    rows_of,
    text_of,
)

BEN, IDA, NOA = actor("ben"), actor("ida"), actor("noa")
"""Other leaders. They go on duty in this order."""
TITLE = "Could you take over?"


async def crew(house: House, *others: Actor, on_duty: bool = True) -> None:
    """Put the leader on duty until 18:00 UTC, and others until half past twelve, each a second after the other."""
    now = house.clock.now()
    await begin(house, LEADER, now, now + timedelta(hours=6))
    for number, who in enumerate(others, 1):
        await house.app.appoint(who.member)
        if on_duty:
            await begin(house, who, now + timedelta(seconds=number), now + timedelta(minutes=30))
    house.clock.move(now + timedelta(seconds=len(others)))


async def begin(house: House, who: Actor, since: datetime, until: datetime) -> None:
    await house.app.tools.roster.begin((await leader_of(house, who)).id, since, until)


async def leader_of(house: House, who: Actor) -> Leader:
    found = await house.app.tools.leaders.find(who.member)
    assert found
    return found


async def ends(house: House, who: Actor) -> str:
    """Return until when somebody is on duty, in UTC; nothing when they are not."""
    leader = await house.app.tools.leaders.find(who.member)
    duty = await house.app.tools.roster.current(leader.id, house.clock.now()) if leader else None
    return f"{duty.until:%H:%M}" if duty else ""


def asked(house: House, who: Actor) -> Sequence[Message]:
    """Return what somebody was asked."""
    return [message for message in house.platform.messages_to(who.member) if message.title == TITLE]


async def press(house: House, who: Actor, label: str = "I've got it") -> str:
    """Press a button of the newest request to somebody and return the answer."""
    response = await house.press(who, button_of(asked(house, who)[-1], label))
    assert isinstance(response, Update)
    return text_of(response)


# ---------------------------------------------------------------- who may be asked


async def test_a_leader_is_asked_privately(house: House) -> None:
    """With who asks, until when it would be, and two answers; the giver hears what happens next."""
    await crew(house, BEN)

    response = await house.types(LEADER, "duty handoff @ben")

    assert "I've asked @ privately, and I'll tell you how it ends." in text_of(response)
    assert "member/ben" in message_of(response).body
    (note,) = asked(house, BEN)
    assert "until Wed 21 Oct 2026, 20:00 (Europe/Berlin)" in text_of(note)
    assert "member/lea" in note.body
    assert ["I've got it", "Not now", "Get support"] == labels_of(note)
    assert "18:00" == await ends(house, LEADER)


async def test_who_is_not_on_duty_has_nothing_to_hand_over(house: House) -> None:
    """Neither off duty nor on a break."""
    await house.app.appoint(BEN.member)
    off = text_of(await house.types(LEADER, "duty handoff who=@ben"))
    await house.types(LEADER, "duty on")
    await house.types(LEADER, "break now")
    away = text_of(await house.types(LEADER, "duty handoff who=@ben"))

    assert "there is nothing to hand over" in off
    assert "there is nothing to hand over" in away
    assert [] == rows_of(house.address, "requests")


async def test_only_another_leader_can_be_asked(house: House) -> None:
    """Not oneself, nobody who has not accepted, no member, and nobody of another community."""
    await crew(house)
    await house.app.tools.leaders.invite(IDA.member)
    await house.app.appoint(actor("ben", community=Community("fake", "there")).member)

    oneself = problems_of(await house.types(LEADER, "duty handoff who=@lea"))["who"]
    others = [
        problems_of(await house.types(LEADER, f"duty handoff who=@{who}"))["who"] for who in ("ida", "mia", "ben")
    ]

    assert "That would be you" in oneself
    assert ["This person is not a leader here. Please choose one of the leaders."] * 3 == others
    assert [] == rows_of(house.address, "requests")


async def test_somebody_on_a_break_is_not_asked(house: House) -> None:
    """The giver hears until when they are away, and nothing else."""
    await crew(house, BEN)
    await house.types(BEN, "break now minutes=20")

    said = text_of(await house.types(LEADER, "duty handoff who=@ben"))

    assert "@ is away until Wed 21 Oct 2026, 14:20 (Europe/Berlin). Please ask somebody else" in said
    assert [] == rows_of(house.address, "requests")


async def test_quiet_hours_are_kept_off_duty(house: House) -> None:
    """The giver does not hear why; whoever is on duty in them may be asked."""
    await crew(house, BEN, IDA)
    for who in (BEN, IDA):
        leader = await leader_of(house, who)
        await house.app.tools.leaders.choose(leader.id, house.clock.now(), quiet="13:00-16:00")
    await house.types(BEN, "duty off")

    off = text_of(await house.types(LEADER, "duty handoff who=@ben"))
    on = text_of(await house.types(LEADER, "duty handoff who=@ida"))

    assert "I can't ask @ just now." in off
    assert "quiet" not in off
    assert "I've asked" in on


async def test_one_request_at_a_time(house: House) -> None:
    """Whoever asks already is told so, and nobody is asked twice."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")

    again_asked = text_of(await house.types(LEADER, "duty handoff who=@ida"))
    covered = text_of(await house.use(LEADER, "duty cover"))

    assert "I'm asking for you already" in again_asked
    assert "I'm asking for you already" in covered
    assert [1, 0] == [len(asked(house, who)) for who in (BEN, IDA)]


# ---------------------------------------------------------------- answers


async def test_accepted_duty_goes_over(house: House) -> None:
    """The taker is on until the giver's end, the giver is off, and both are told."""
    await crew(house, BEN)
    await house.types(LEADER, "duty handoff who=@ben")

    said = await press(house, BEN)

    assert "You're looking after the group until Wed 21 Oct 2026, 20:00 (Europe/Berlin)" in said
    assert ["", "18:00"] == [await ends(house, who) for who in (LEADER, BEN)]
    told = house.newest(LEADER)
    assert "@ is looking after the group now. You're off duty. Rest well." in text_of(told)
    assert "member/ben" in told.body


@pytest.mark.parametrize(("given", "own", "until"), [("14:15", "", "13:00"), ("20:00", "22:00", "20:00")])
async def test_taking_over_is_neither_short_nor_shortens(house: House, given: str, own: str, until: str) -> None:
    """It lasts for an hour at least, and whoever stays for longer does so."""
    await house.types(LEADER, f"duty on until={given}")
    await house.app.appoint(BEN.member)
    if own:
        await house.types(BEN, f"duty on until={own}")
    await house.types(LEADER, "duty handoff who=@ben")

    await press(house, BEN)

    assert until == await ends(house, BEN)


async def test_not_now_asks_the_next_one_at_once(house: House) -> None:
    """Of those on duty, the longest there first; nobody is asked for a reason."""
    await crew(house, BEN, IDA, NOA)
    await house.types(LEADER, "duty handoff who=@ida")

    said = await press(house, IDA, "Not now")

    assert "That's fine. Thank you for answering." in said
    await press(house, IDA, "Not now")
    assert [1, 1, 0] == [len(asked(house, who)) for who in (BEN, IDA, NOA)]
    await press(house, BEN, "Not now")
    await press(house, NOA)
    assert ["", "18:00"] == [await ends(house, who) for who in (LEADER, NOA)]


async def test_without_an_answer_the_next_one_is_asked_after_ten_minutes(house: House) -> None:
    """Each is waited for as long, and a late yes still counts."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")
    await house.wait(minutes=9)
    early = len(asked(house, IDA))
    await house.wait(minutes=2)

    assert [0, 1] == [early, len(asked(house, IDA))]
    await press(house, BEN)
    assert ["", "18:00"] == [await ends(house, who) for who in (LEADER, BEN)]
    assert "@ has it already. Thank you." in await press(house, IDA)
    assert "This is settled" in await press(house, IDA, "Not now")
    assert "12:30" == await ends(house, IDA)


async def test_a_late_no_asks_nobody_while_another_is_being_waited_for(house: House) -> None:
    """The next one has their ten minutes."""
    await crew(house, BEN, IDA, NOA)
    await house.types(LEADER, "duty handoff who=@ben")
    await house.wait(minutes=11)

    await press(house, BEN, "Not now")

    assert [1, 0] == [len(asked(house, who)) for who in (IDA, NOA)]


async def test_a_no_may_become_a_yes(house: House) -> None:
    """As long as nobody else has taken over."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")
    await press(house, BEN, "Not now")

    assert "You're looking after the group" in await press(house, BEN)
    assert "18:00" == await ends(house, BEN)


async def test_when_nobody_can_the_giver_is_told(house: House) -> None:
    """They are still on duty, and may go all the same."""
    await crew(house, BEN)
    await house.types(LEADER, "duty handoff who=@ben")
    await press(house, BEN, "Not now")

    told = house.newest(LEADER)

    assert "nobody could take over just now. You're still on duty." in text_of(told)
    assert "18:00" == await ends(house, LEADER)
    await house.press(LEADER, button_of(told, "Go off duty now"))
    assert "" == await ends(house, LEADER)


async def test_who_changes_their_mind_may_still_take_over(house: House) -> None:
    """Also after the giver was told that nobody could, until the end that was asked for."""
    await crew(house, BEN, on_duty=False)
    await house.types(LEADER, "duty handoff who=@ben")
    await press(house, BEN, "Not now")
    yes = await press(house, BEN)
    await house.types(LEADER, "duty on until=21:00")
    await house.types(LEADER, "duty handoff who=@ben")
    await press(house, BEN, "Not now")
    await house.wait(hours=9)

    assert "You're looking after the group until" in yes
    assert "is looking after the group now" in "".join(house.said_to(LEADER))
    assert "This is settled" in await press(house, BEN)


async def test_pressing_twice_answers_twice_the_same(house: House) -> None:
    """And changes nothing more."""
    await crew(house, BEN)
    await house.types(LEADER, "duty handoff who=@ben")

    first, second = [await press(house, BEN) for _ in range(2)]
    await house.types(BEN, "duty off")
    await house.press(BEN, button_of(await house.types(BEN, "duty off"), "Get support"))
    await house.use(BEN, "duty off", sure="yes")

    assert first == second
    assert "This is settled" in await press(house, BEN)
    assert 1 == len([said for said in house.said_to(LEADER) if "looking after the group now" in said])


async def test_of_two_who_say_yes_at_once_one_takes_over(house: House) -> None:
    """The other is thanked."""
    await crew(house, BEN, IDA, on_duty=False)
    await house.use(LEADER, "duty cover")
    buttons = [(who, button_of(asked(house, who)[-1], "I've got it")) for who in (BEN, IDA)]

    said = [text_of(each) for each in await asyncio.gather(*(house.press(who, button) for who, button in buttons))]

    assert 1 == sum("You're looking after the group" in each for each in said)
    assert 1 == sum("has it already. Thank you." in each for each in said)
    assert ["", "18:00"] == sorted([await ends(house, who) for who in (BEN, IDA)])


async def test_a_request_is_for_one_person(house: House) -> None:
    """Nobody else can answer it, or learns anything of it."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")
    note = asked(house, BEN)[0]
    for who in (LEADER, IDA):
        for label in ("I've got it", "Not now"):
            assert "This is settled" in text_of(await house.press(who, button_of(note, label)))
    assert "This is for the group's leaders" in text_of(await house.press(MEMBER, button_of(note, "I've got it")))
    assert "Only leaders go on duty" in text_of(await house.press(ORGANISER, button_of(note, "Not now")))
    assert "18:00" == await ends(house, LEADER)


# ---------------------------------------------------------------- what happens meanwhile


async def test_who_leaves_while_asking_may_still_be_relieved(house: House) -> None:
    """*If you need to go, just go*: a yes that comes after that puts somebody where nobody was."""
    await crew(house, BEN, on_duty=False)
    asking = await house.types(LEADER, "duty off")
    await house.press(LEADER, button_of(asking, "Ask the others first"))
    await house.press(LEADER, button_of(asking, "Go off duty now"))

    assert "You're looking after the group until" in await press(house, BEN)
    assert "18:00" == await ends(house, BEN)
    assert "" == await ends(house, LEADER)


async def test_who_is_on_duty_again_asks_for_nothing_more(house: House) -> None:
    """What they asked when they left is settled, and nobody takes their new duty."""
    await crew(house, BEN, on_duty=False)
    asking = await house.types(LEADER, "duty off")
    await house.press(LEADER, button_of(asking, "Ask the others first"))
    await house.press(LEADER, button_of(asking, "Go off duty now"))
    await house.types(LEADER, "duty on until=19:00")

    assert "This is settled" in await press(house, BEN)
    assert "17:00" == await ends(house, LEADER)


async def test_who_asked_hears_of_it_though_the_taker_has_gone(house: House) -> None:
    """That they are off duty, without a name."""
    await crew(house, BEN, on_duty=False)
    await house.types(LEADER, "duty handoff who=@ben")
    house.platform.fails(later(timedelta(minutes=5)))
    await press(house, BEN)
    await house.use(BEN, "privacy delete", sure="yes")
    await house.wait(minutes=10)

    assert "Another leader took over from you" in text_of(house.newest(LEADER))


async def test_a_request_ends_quietly_with_the_givers_leadership(house: House) -> None:
    """Whoever was asked is told that it is settled, nobody else is asked, and the giver hears no more."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")
    before = len(house.platform.posts_to(LEADER.member))
    await house.types(ORGANISER, "leader remove who=@lea")

    said = text_of(await house.press(BEN, button_of(asked(house, BEN)[-1], "I've got it")))
    await house.wait(minutes=11)

    assert "This is settled" in said
    assert "12:30" == await ends(house, BEN)
    assert [] == list(asked(house, IDA))
    assert before == len(house.platform.posts_to(LEADER.member))


async def test_a_request_goes_on_while_its_giver_rests(house: House) -> None:
    """What is left of the duty is handed over, and the giver hears of it after the break."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")
    await house.types(LEADER, "break now minutes=30")
    await house.wait(minutes=11)
    said = text_of(await house.press(IDA, button_of(asked(house, IDA)[-1], "I've got it")))
    before = len(house.platform.posts_to(LEADER.member))
    await house.wait(minutes=20)

    assert "18:00" == await ends(house, IDA)
    assert "You're looking after the group until" in said
    assert "" == await ends(house, LEADER)
    told = [text_of(post.message) for post in house.platform.posts_to(LEADER.member)][before:]
    assert [True] == ["is looking after the group now" in each for each in told if "Your break is over" not in each]


async def test_the_next_one_is_asked_when_a_taker_is_removed(house: House) -> None:
    """At the end of the ten minutes, as if they had not answered."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")
    note = asked(house, BEN)[0]
    await house.types(ORGANISER, "leader remove who=@ben")

    pressed = text_of(await house.press(BEN, button_of(note, "I've got it")))
    await house.wait(minutes=11)

    assert "This is for the group's leaders" in pressed
    assert 1 == len(asked(house, IDA))


async def test_nobody_on_a_break_is_passed_a_request(house: House) -> None:
    """Neither when their turn comes, nor when the letter was held up until then."""
    await crew(house, BEN, IDA, NOA)
    await house.types(BEN, "break now minutes=60")
    house.platform.fails(later(timedelta(minutes=2)))
    await house.types(LEADER, "duty handoff who=@ida")
    await house.types(IDA, "break now minutes=60")
    await house.wait(minutes=11)

    assert [0, 0, 1] == [len(asked(house, who)) for who in (BEN, IDA, NOA)]


async def test_who_began_a_break_is_told_after_it(house: House) -> None:
    """Nothing reaches them before."""
    await crew(house, BEN)
    await house.types(LEADER, "duty handoff who=@ben")
    house.platform.fails(later(timedelta(minutes=2)))
    await press(house, BEN)
    await house.types(LEADER, "break now minutes=15")
    await house.wait(minutes=14)
    during = [said for said in house.said_to(LEADER) if "looking after the group now" in said]
    await house.wait(minutes=2)

    assert [] == during
    assert 1 == len([said for said in house.said_to(LEADER) if "looking after the group now" in said])


async def test_closed_direct_messages_pass_the_request_on(house: House) -> None:
    """Nothing is public, and after ten minutes the next one is asked."""
    await crew(house, BEN, IDA)
    house.platform.refuses[BEN.member] = Reason.CLOSED
    await house.types(LEADER, "duty handoff who=@ben")
    await house.wait(minutes=11)

    assert 1 == len(asked(house, IDA))
    assert {LEADER.member, BEN.member, IDA.member} >= {post.to for post in house.platform.posts}


async def test_a_request_survives_a_restart(house: House, shelf: Shelf) -> None:
    """Down over the ten minutes, the bot asks the next one when it is back, once."""
    await crew(house, BEN, IDA)
    await house.types(LEADER, "duty handoff who=@ben")
    house.clock.move(house.clock.now() + timedelta(minutes=15))

    async with again(house, shelf) as restarted:
        await restarted.wait(minutes=9)
        assert 1 == len(asked(restarted, IDA))
        await restarted.wait(minutes=2)

        assert 1 == len([said for said in restarted.said_to(LEADER) if "nobody could take over" in said])


async def test_two_processes_ask_one(house: House, shelf: Shelf) -> None:
    """While a deploy runs two bots on one database, each leader has their own ten minutes."""
    await crew(house, BEN, IDA, NOA)
    await house.types(LEADER, "duty handoff who=@ben")
    async with again(house, shelf) as other:
        house.clock.move(house.clock.now() + timedelta(minutes=10))
        await asyncio.gather(other.app.work.tick(), house.app.work.tick())
        await house.engine.settle()

        assert [1, 0] == [len(asked(house, who)) for who in (IDA, NOA)]


async def test_who_says_yes_after_the_givers_duty_looks_after_the_group(house: House) -> None:
    """For an hour: it ran out while they were asked, and somebody is glad to be there."""
    await house.types(LEADER, "duty on until=14:05")
    await house.app.appoint(BEN.member)
    await house.types(LEADER, "duty handoff who=@ben")
    await house.wait(minutes=6)

    assert "You're looking after the group until" in await press(house, BEN)
    assert "13:06" == await ends(house, BEN)


async def test_whose_duty_runs_out_while_asking_hears_how_it_ended(house: House) -> None:
    """That nobody could, and that this is fine."""
    await house.types(LEADER, "duty on until=14:05")
    await house.app.appoint(BEN.member)
    await house.types(LEADER, "duty handoff who=@ben")
    await house.wait(minutes=11)

    assert "Your duty has ended by now, and that is fine." in text_of(house.newest(LEADER))


async def test_who_rests_for_the_day_may_still_be_relieved(house: House) -> None:
    """Until the end that their duty would have had."""
    await crew(house, BEN, on_duty=False)
    await house.types(LEADER, "duty handoff who=@ben")
    await house.types(LEADER, "break now rest=yes")

    assert "You're looking after the group until" in await press(house, BEN)
    assert "18:00" == await ends(house, BEN)


# ---------------------------------------------------------------- the last one on duty


async def test_the_last_one_asks_everybody_at_once(house: House) -> None:
    """Those who are not away and not in their quiet hours; the first yes takes over."""
    await crew(house, BEN, IDA, NOA, on_duty=False)
    await house.types(IDA, "break now minutes=60")
    await house.app.tools.leaders.choose((await leader_of(house, NOA)).id, house.clock.now(), quiet="13:00-16:00")

    response = await house.press(LEADER, button_of(await house.types(LEADER, "duty off"), "Ask the others first"))

    assert "You'll hear from me within ten minutes" in text_of(response)
    assert [1, 0, 0] == [len(asked(house, who)) for who in (BEN, IDA, NOA)]
    assert "is the last one looking after the group" in text_of(asked(house, BEN)[0])
    await press(house, BEN)
    assert ["", "18:00"] == [await ends(house, who) for who in (LEADER, BEN)]


async def test_the_last_one_hears_after_ten_minutes_that_nobody_could(house: House) -> None:
    """Nobody is asked a second time, and they may go."""
    await crew(house, BEN, IDA, on_duty=False)
    await house.use(LEADER, "duty cover")
    await press(house, BEN, "Not now")
    before = house.said_to(LEADER)
    await house.wait(minutes=11)

    assert [] == before
    assert "nobody could take over just now" in text_of(house.newest(LEADER))
    assert [1, 1] == [len(asked(house, who)) for who in (BEN, IDA)]
    assert "18:00" == await ends(house, LEADER)


async def test_the_last_one_hears_at_once_when_all_have_answered(house: House) -> None:
    """There is nothing left to wait for."""
    await crew(house, BEN, IDA, on_duty=False)
    await house.use(LEADER, "duty cover")
    for who in (BEN, IDA):
        await press(house, who, "Not now")

    assert "nobody could take over just now" in text_of(house.newest(LEADER))


async def test_the_last_one_hears_at_once_when_nobody_may_be_asked(house: House) -> None:
    """Nothing is begun, and they may go."""
    await crew(house, BEN, on_duty=False)
    await house.types(BEN, "break now minutes=60")

    response = await house.use(LEADER, "duty cover")

    assert "There is nobody I can ask just now." in text_of(response)
    assert "Go off duty now" in labels_of(response)
    assert [] == rows_of(house.address, "requests")


async def test_who_is_off_duty_needs_nobody_to_take_over(house: House) -> None:
    """An old button says so."""
    assert "You were not on duty" in text_of(await house.use(LEADER, "duty cover"))


async def test_old_requests_are_forgotten(house: House) -> None:
    """Once they are not counted for anybody's load any more."""
    await crew(house, BEN)
    await house.types(LEADER, "duty handoff who=@ben")
    await press(house, BEN)
    house.clock.move(house.clock.now() + timedelta(days=36))
    await house.types(LEADER, "duty on")
    await house.types(LEADER, "duty handoff who=@ben")
    await house.wait(minutes=11)

    assert 1 == len(rows_of(house.address, "requests"))


async def test_a_new_duty_settles_what_was_asked_in_an_old_one(house: House) -> None:
    """Also after the giver was told that nobody could, and when the new one begins by their hours."""
    await crew(house, BEN, on_duty=False)
    await house.types(LEADER, "duty handoff who=@ben")
    await press(house, BEN, "Not now")
    await house.use(LEADER, "duty off", sure="yes")
    await house.types(LEADER, 'duty plan hours="daily 14:30-17:00"')
    await house.wait(hours=1)

    assert "This is settled" in await press(house, BEN)
    assert "15:00" == await ends(house, LEADER)
