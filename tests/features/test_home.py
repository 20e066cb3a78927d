"""`help` and `home`: the doors into everything else."""

from __future__ import annotations

from bot.core.port import Actor, Community, Member, Role, Shown
from tests.house import LEADER, MEMBER, ORGANISER, House, button_of, labels_of, message_of, text_of

DOORS = ["Practise", "My milestones", "Get support", "My data"]


async def test_help_shows_a_member_four_doors(house: House) -> None:
    """And not one command that they may not use."""
    response = await house.types(MEMBER, "help")

    said = text_of(response)
    assert DOORS == labels_of(response)
    assert "I'm not a person, I'm not watched by one, and I'm no emergency service." in said
    for entry in house.app.core.catalogue:
        if entry.role > Role.ANYONE:
            assert f"• {entry.path}" not in said


async def test_help_shows_leaders_and_organisers_their_own(house: House) -> None:
    """Every command of theirs that can be typed, with its summary; an organiser sees the leaders' too."""
    leader, organiser = [text_of(await house.types(who, "help")) for who in (LEADER, ORGANISER)]

    for entry in house.app.core.catalogue:
        line = f"• {entry.path}: {entry.summary}"
        if entry.shown is Shown.TYPED and entry.role > Role.ANYONE:
            assert line in organiser
            assert (line in leader) is (entry.role is Role.LEADER)
        if entry.shown is not Shown.TYPED:
            assert line not in organiser


async def test_every_door_opens(house: House) -> None:
    """Each button leads to an answer of its own."""
    doors = message_of(await house.types(MEMBER, "help")).buttons

    answers = {text_of(await house.press(MEMBER, door)) for door in doors}

    assert len(DOORS) == len(answers)
    assert not any("went wrong" in answer for answer in answers)


async def test_an_empty_line_is_a_call_for_help(house: House) -> None:
    """Nobody has to know a word to begin with."""
    assert text_of(await house.types(MEMBER, "help")) == text_of(await house.types(MEMBER, ""))


async def test_help_needs_no_community(house: House) -> None:
    """Somebody nobody knows may ask what this is, in a direct message."""
    stranger = Actor(Member(Community("fake", ""), "nobody-knows-me"), "N")

    assert DOORS == labels_of(await house.writes(stranger, "help"))


async def test_home_is_put_together_for_each_person(house: House) -> None:
    """A member's page has what every member may have; a leader's has their duty, too."""
    member, leader = [await house.types(who, "home") for who in (MEMBER, LEADER)]

    assert text_of(member).startswith("Your page\n")
    assert "listening practice" in text_of(member)
    assert "You keep no milestone here" in text_of(member)
    assert "duty" not in text_of(member)
    assert "You're off duty." in text_of(leader)
    assert "I'm looking after the group" in labels_of(leader)


async def test_home_has_no_button_twice_and_not_too_many(house: House) -> None:
    """Ten at most, whatever a person has; support is always among them."""
    await house.keeps(LEADER, "milestone set date=today")
    await house.types(LEADER, "duty on")

    for who in (MEMBER, LEADER, ORGANISER):
        response = await house.types(who, "home")

        buttons = message_of(response).buttons
        assert len(buttons) <= 10
        assert len(buttons) == len({(button.command, *button.arguments.items()) for button in buttons})
        assert "support" == button_of(response, "Get support").command
