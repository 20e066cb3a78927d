"""`leader add`, the invitation and its buttons, `leader list` and `leader remove`."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.community.glance import Next
from bot.core.port import Ask, Button, Community, MemberGone, Message, Reason, Role, Update
from tests.fakes import actor, later
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    OTHER,
    House,
    button_of,
    labels_of,
    message_of,
    problems_of,
    rows_of,
    text_of,
)

THERE = Community("fake", "there")


async def invited(house: House) -> Message:
    """Invite the member, and return the private note they get."""
    await house.types(ORGANISER, "leader add who=@mia")
    return house.newest(MEMBER)


async def test_an_invitation_is_one_private_note(house: House) -> None:
    """It asks leave for direct messages, and makes nobody a leader by itself."""
    response = await house.types(ORGANISER, "leader add who=@mia")

    assert "one private message. They lead once they accept." in text_of(response)
    (post,) = house.platform.posts
    assert MEMBER.member == post.to
    said = text_of(post.message)
    assert "If you accept, I may write to you directly" in said
    for what in ("remind you of a break", "what other leaders ask of you", "once a week: a short question how you are"):
        assert what in said
    assert ["Accept", "Not now", "Get support"] == labels_of(post.message)
    assert Role.ANYONE is await house.role(MEMBER)


async def test_an_invitation_is_accepted(house: House) -> None:
    """Whoever accepts leads from then on, is welcomed, and may be written to."""
    note = await invited(house)

    response = await house.press(MEMBER, button_of(note, "Accept"))

    assert isinstance(response, Update)
    assert "Welcome, and thank you." in text_of(response)
    assert Role.LEADER is await house.role(MEMBER)
    leader = await house.app.tools.leaders.find(MEMBER.member)
    assert leader
    assert leader.direct


async def test_who_accepts_is_asked_when_they_look_after_the_group(house: House) -> None:
    """At regular hours, with breaks at fixed times, or as it comes: each answer leads on."""
    note = await invited(house)

    welcome = await house.press(MEMBER, button_of(note, "Accept"))
    hours = await house.press(MEMBER, button_of(welcome, "At regular hours"))
    breaks = await house.press(MEMBER, button_of(welcome, "My breaks at fixed times"))
    varies = await house.press(MEMBER, button_of(welcome, "It varies"))

    assert "When do you usually look after the group?" in text_of(welcome)
    assert isinstance(hours, Ask)
    assert isinstance(breaks, Ask)
    assert isinstance(varies, Update)
    assert "tell me with duty on" in text_of(varies)
    assert ["I'm looking after the group", "Plan a post", "Get support"] == labels_of(varies)


async def test_only_leaders_are_told_how_it_goes_when_it_varies(house: House) -> None:
    """For everybody else there is no such question."""
    await invited(house)

    for who in (MEMBER, OTHER):
        assert "no longer open" in text_of(await house.use(who, "invitation varies"))


async def test_direct_messages_are_tried_once(house: House) -> None:
    """A first private message shows how they look; accepting twice sends no second one."""
    note = await invited(house)
    for _ in range(2):
        await house.press(MEMBER, button_of(note, "Accept"))

    assert ["Would you like to be a peer leader here?", "This is how I write to you"] == [
        message.title for message in house.platform.messages_to(MEMBER.member)
    ]
    assert "There is nothing to do." in text_of(house.newest(MEMBER))


async def test_who_cannot_be_written_to_is_told_how_to_mend_it(house: House) -> None:
    """Privately, the next time they use the bot, and once."""
    note = await invited(house)
    house.platform.refuses[MEMBER.member] = Reason.CLOSED
    await house.press(MEMBER, button_of(note, "Accept"))

    first, second = [text_of(await house.types(MEMBER, "home")) for _ in range(2)]

    assert "My first private message could not reach you." in first
    assert "Direct Messages" in first
    assert "could not reach you" not in second


async def test_nobody_is_greeted_whose_leadership_ended(house: House) -> None:
    """Removed before the first message went out, they hear nothing."""
    note = await invited(house)
    house.platform.fails(later(timedelta(minutes=1)))
    await house.press(MEMBER, button_of(note, "Accept"))
    await house.types(ORGANISER, "leader remove who=@mia")
    await house.wait(minutes=5)

    assert 1 == len(house.platform.posts_to(MEMBER.member))


@pytest.mark.parametrize(
    ("zone", "first_asked"),
    [("Europe/Berlin", "2026-10-28T09:00"), ("Asia/Tokyo", "2026-10-28T01:00"), ("Pacific/Apia", "2026-10-28T21:00")],
)
async def test_a_new_leader_is_first_asked_how_they_are_a_week_later(house: House, zone: str, first_asked: str) -> None:
    """At ten on their own clock, also when the clocks change meanwhile; a second press puts it off no further."""
    await house.app.tools.people.change(MEMBER.member, zone=zone)
    note = await invited(house)
    await house.press(MEMBER, button_of(note, "Accept"))
    await house.wait(hours=30)
    await house.press(MEMBER, button_of(note, "Accept"))

    at = await house.app.tools.glance.next(Next.CHECK)

    assert datetime.fromisoformat(f"{first_asked}+00:00") == at


async def test_a_leader_reads_what_they_chose(house: House) -> None:
    """In words, each rule on a line; what they left as it is for everybody is not told."""
    leader = await house.app.tools.leaders.find(LEADER.member)
    assert leader
    chosen = {"hours": "mon 18:00-19:00", "quiet": "22:00-07:00", "after": 0, "most": 3, "days": 4, "times": "11:00"}
    await house.app.tools.leaders.choose(leader.id, house.clock.now(), **chosen, support=False, rhythm=2)

    said = text_of(await house.types(LEADER, "privacy show"))

    for line in (
        "The hours at which you look after the group: mon 18:00-19:00",
        "Your quiet hours: 22:00-07:00",
        "Minutes on duty after which I remind you of a break: 0",
        "Reminders of breaks a day at most: 3",
        "Days in a row after which I remind you of a break: 4",
        "A reminder after you answered a request for support: no",
        "Fixed times of your breaks: 11:00",
        "Weeks from one question how you are to the next: 2",
    ):
        assert line in said


async def test_an_invitation_that_is_put_aside_stays_open(house: House) -> None:
    """*Not now* makes nobody a leader; `home` shows the invitation, where it can be accepted later."""
    note = await invited(house)

    declined = await house.press(MEMBER, button_of(note, "Not now"))
    home = await house.types(MEMBER, "home")
    await house.press(MEMBER, button_of(home, "Accept"))

    assert "The invitation stays open" in text_of(declined)
    assert Role.LEADER is await house.role(MEMBER)


async def test_accepting_twice_changes_nothing(house: House) -> None:
    """A second press is answered as the first, and there is one leader."""
    note = await invited(house)
    await house.press(MEMBER, button_of(note, "Accept"))

    response = await house.press(MEMBER, button_of(note, "Accept"))

    assert "Welcome" in text_of(response)
    assert 2 == len(rows_of(house.address, "leaders"))


async def test_a_leader_cannot_put_aside_what_they_accepted(house: House) -> None:
    """Pressing *Not now* on the old note says that the invitation is settled, not that it stays open."""
    note = await invited(house)
    await house.press(MEMBER, button_of(note, "Accept"))

    said = text_of(await house.press(MEMBER, button_of(note, "Not now")))

    assert "no longer open" in said
    assert Role.LEADER is await house.role(MEMBER)


async def test_an_invitation_is_for_one_person(house: House) -> None:
    """Somebody else who presses it is told that it is not open, and learns nothing of whom it is for."""
    note = await invited(house)
    for who in (OTHER, LEADER, ORGANISER, actor("mia", community=THERE)):
        for label in ("Accept", "Not now"):
            role = await house.role(who)

            said = text_of(await house.press(who, button_of(note, label)))

            assert "This invitation is no longer open" in said
            assert "mia" not in said
            assert role is await house.role(who)
            assert Role.ANYONE is await house.role(MEMBER)


async def test_an_invitation_that_was_made_up_opens_nothing(house: House) -> None:
    """A button with a row that does not exist is refused."""
    said = text_of(await house.press(MEMBER, Button("Accept", "invitation accept", {"invitation": "12345"})))

    assert "no longer open" in said
    assert Role.ANYONE is await house.role(MEMBER)


async def test_who_is_invited_already_gets_no_second_note(house: House) -> None:
    """Neither an invited person nor a leader is written to again."""
    await invited(house)

    twice = await house.types(ORGANISER, "leader add who=@mia")
    leads = await house.types(ORGANISER, "leader add who=@lea")

    assert "a leader already, or has been invited" in text_of(twice)
    assert "a leader already, or has been invited" in text_of(leads)
    assert 1 == len(house.platform.posts)


async def test_an_invitation_whose_note_was_lost_is_mended_by_asking_again(house: House) -> None:
    """If the bot died before the note was written down, the same command writes it, once."""
    await house.app.tools.leaders.invite(MEMBER.member)

    await house.types(ORGANISER, "leader add who=@mia")
    await house.types(ORGANISER, "leader add who=@mia")

    assert 1 == len(house.platform.posts_to(MEMBER.member))


async def test_nobody_is_invited_whom_the_platform_does_not_know(house: House) -> None:
    """The field is asked for again, and no row is made."""
    house.platform.profiles[MEMBER.member] = None

    response = await house.types(ORGANISER, "leader add who=@mia")

    assert "I can't find this person here" in problems_of(response)["who"]
    assert 1 == len(rows_of(house.address, "leaders"))


async def test_an_invitation_that_cannot_arrive_stays_private(house: House) -> None:
    """With direct messages closed nothing is public: the person finds a note, and the invitation in `home`."""
    house.platform.refuses[MEMBER.member] = Reason.CLOSED
    await house.types(ORGANISER, "leader add who=@mia")

    first = await house.types(MEMBER, "home")
    second = await house.types(MEMBER, "home")

    assert [] == list(house.platform.posts)
    assert "A private message from me could not reach you" in text_of(first)
    assert "could not reach you" not in text_of(second)
    assert "Accept" in labels_of(first)
    assert "Accept" in labels_of(second)


async def test_an_invitation_that_was_taken_back_is_not_sent(house: House) -> None:
    """Removed before the note went out, nobody hears of it."""
    house.platform.fails(later(timedelta(minutes=1)))
    await house.types(ORGANISER, "leader add who=@mia")
    await house.types(ORGANISER, "leader remove who=@mia")

    await house.wait(minutes=5)

    assert [] == list(house.platform.posts)


async def test_a_removed_leader_leads_no_more_and_nobody_is_told(house: House) -> None:
    """It takes effect at once, quietly, and old buttons do not bring the role back."""
    note = await invited(house)
    await house.press(MEMBER, button_of(note, "Accept"))
    before = len(house.platform.posts)

    said = text_of(await house.types(ORGANISER, "leader remove who=@mia"))
    pressed = text_of(await house.press(MEMBER, button_of(note, "Accept")))

    assert "I've told nobody" in said
    assert "no longer open" in pressed
    assert Role.ANYONE is await house.role(MEMBER)
    assert before == len(house.platform.posts)


async def test_removing_somebody_who_does_not_lead_changes_nothing(house: House) -> None:
    """The organiser is told so."""
    assert "is not a leader here" in text_of(await house.types(ORGANISER, "leader remove who=@otto"))


async def test_who_was_removed_can_be_invited_anew(house: House) -> None:
    """A new invitation is a new note."""
    await invited(house)
    await house.types(ORGANISER, "leader remove who=@mia")

    await house.types(ORGANISER, "leader add who=@mia")

    assert 2 == len(house.platform.posts_to(MEMBER.member))
    await house.press(MEMBER, button_of(house.newest(MEMBER), "Accept"))
    assert Role.LEADER is await house.role(MEMBER)


async def test_leaders_are_listed(house: House) -> None:
    """Leaders and invited people of this community, told apart, and nobody of another one."""
    await invited(house)
    await house.app.appoint(actor("eve", community=THERE).member)

    response = await house.types(ORGANISER, "leader list")

    said = text_of(response)
    assert 1 == said.count("invited")
    assert 2 == said.count("@")
    body = message_of(response).body
    assert "member/lea" in body
    assert "member/mia" in body
    assert "eve" not in body


async def test_a_new_community_has_no_leaders(bare_house: House) -> None:
    """The list says how the first one is invited."""
    assert "Invite the first one with leader add" in text_of(await bare_house.types(ORGANISER, "leader list"))


async def test_leaders_are_the_organisers_business(house: House) -> None:
    """Everybody else is told kindly, learns no name, and changes nothing."""
    for who in (MEMBER, LEADER):
        for line in ("leader add who=@otto", "leader remove who=@lea", "leader list"):
            said = text_of(await house.types(who, line))

            assert "This is for those who manage this community" in said
            assert [] == list(house.platform.posts)
            assert Role.LEADER is await house.role(LEADER)


# ---------------------------------------------------------------- stopping


async def test_a_leader_may_stop_by_themself(house: House) -> None:
    """After one question, from the page that is theirs alone; nobody is told."""
    await house.types(LEADER, "duty on until=21:00")
    asked = await house.press(LEADER, button_of(await house.types(LEADER, "care status"), "I'd like to stop leading"))
    before = await house.role(LEADER)
    done = await house.press(LEADER, button_of(asked, "Yes, I'd like to stop"))
    await house.wait(days=1)

    assert [Role.LEADER, Role.ANYONE] == [before, await house.role(LEADER)]
    assert "Thank you for the time you gave" in text_of(done)
    assert [] == list(house.platform.posts)
    assert "There are no leaders yet." in text_of(await house.types(ORGANISER, "leader list"))


async def test_what_is_kept_of_a_leadership_goes_after_a_while(house: House) -> None:
    """For thirty days it is theirs to take, or to erase at once."""
    await house.types(LEADER, "duty on until=21:00")
    await house.types(ORGANISER, "leader remove who=@lea")
    await house.wait(days=29)
    kept = text_of(await house.types(LEADER, "privacy show"))
    await house.wait(days=1)

    assert "That you were a leader here, until Wed 21 Oct 2026, 14:00" in kept
    assert "On duty from Wed 21 Oct 2026, 14:00" not in kept  # it ended where it began
    assert [] == rows_of(house.address, "leaders")
    assert "That you were a leader" not in text_of(await house.types(LEADER, "privacy show"))


async def test_somebody_removed_may_be_invited_again(house: House) -> None:
    """With an invitation of its own, and what was theirs is theirs again."""
    await house.types(LEADER, "break plan after=30")
    for _ in range(2):
        await house.types(ORGANISER, "leader remove who=@lea")
        await house.types(ORGANISER, "leader add who=@lea")
        await house.press(LEADER, button_of(house.newest(LEADER), "Accept"))

    assert 2 == sum("Would you like to be a peer leader here?" in each for each in house.said_to(LEADER))
    assert Role.LEADER is await house.role(LEADER)
    assert "After 30 minutes on duty." in text_of(await house.types(LEADER, "break status"))


async def test_whoever_leaves_the_community_leads_no_more(house: House) -> None:
    """Their duty ends, and their hours do not begin again."""
    await house.types(LEADER, "duty on until=21:00")
    await house.app.core.observe(MemberGone(LEADER.member))

    assert Role.ANYONE is await house.role(LEADER)
    assert "is on duty until" not in text_of(await house.types(ORGANISER, "duty status"))


async def test_somebody_invited_again_has_their_hours_back(house: House) -> None:
    """They begin as they did before."""
    await house.types(LEADER, 'duty plan hours="daily 18:00-21:00"')
    await house.types(ORGANISER, "leader remove who=@lea")
    await house.types(ORGANISER, "leader add who=@lea")
    await house.press(LEADER, button_of(house.newest(LEADER), "Accept"))
    await house.wait(hours=5)

    assert "@ is on duty until" in text_of(await house.types(ORGANISER, "duty status"))


async def test_an_invitation_taken_back_leaves_what_was_kept(house: House) -> None:
    """Somebody who led before still has their thirty days."""
    await house.types(LEADER, "break plan after=30")
    for line in ("leader remove", "leader add", "leader remove"):
        await house.types(ORGANISER, f"{line} who=@lea")

    assert "That you were a leader here" in text_of(await house.types(LEADER, "privacy show"))
