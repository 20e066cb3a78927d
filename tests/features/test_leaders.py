"""`leader add`, the invitation and its buttons, `leader list` and `leader remove`."""

from __future__ import annotations

from datetime import timedelta

from bot.core.port import Button, Community, Message, Reason, Role, Update
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
    assert "If you accept, I may write to you directly" in text_of(post.message)
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
