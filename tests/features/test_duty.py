"""`duty on` and `duty off`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.port import Actor, Community
from tests.fakes import actor
from tests.house import LEADER, MEMBER, ORGANISER, House, button_of, labels_of, problems_of, rows_of, text_of

BEN = actor("ben")
"""Another leader."""


async def current(house: House, who: Actor = LEADER) -> datetime | None:
    """Return until when somebody is on duty."""
    leader = await house.app.tools.leaders.find(who.member)
    duty = await house.app.tools.roster.current(leader.id, house.clock.now()) if leader else None
    return duty.until if duty else None


async def test_duty_goes_on_until_the_named_time(house: House) -> None:
    """On the leader's own clock, which the answer repeats."""
    response = await house.types(LEADER, "duty on until=21:00")

    assert "You're looking after the group until Wed 21 Oct 2026, 21:00 (Europe/Berlin)" in text_of(response)
    assert ["My breaks", "Off duty", "Get support"] == labels_of(response)
    assert datetime(2026, 10, 21, 19, 0, tzinfo=UTC) == await current(house)


async def test_duty_without_an_end_ends_by_itself(house: House) -> None:
    """After two hours, so that it never goes on for ever, and the answer says so."""
    said = text_of(await house.types(LEADER, "duty on"))
    await house.wait(minutes=119)
    still = await current(house)
    await house.wait(minutes=1)

    assert "then your duty ends by itself, so that you are never on it without meaning to be" in said
    assert "16:00 (Europe/Berlin)" in said
    assert still is not None
    assert None is await current(house)
    assert "You're off duty." in text_of(await house.types(LEADER, "home"))


@pytest.mark.parametrize(
    ("now", "zone", "until", "ends"),
    [
        ("2026-10-21T12:00", "Europe/Berlin", "13:59", "2026-10-22T11:59"),  # has passed: tomorrow
        ("2026-10-21T12:00", "Europe/Berlin", "14:00", "2026-10-22T12:00"),  # is now: tomorrow
        ("2026-10-21T12:00", "Europe/Berlin", "00:00", "2026-10-21T22:00"),  # the midnight to come
        ("2026-10-21T21:30", "Europe/Berlin", "00:30", "2026-10-21T22:30"),  # over midnight
        ("2026-10-21T12:00", "Asia/Kathmandu", "18:00", "2026-10-21T12:15"),
        ("2026-10-24T22:00", "Europe/Berlin", "02:30", "2026-10-25T00:30"),  # comes twice: the first time
        ("2026-10-24T23:59", "Europe/Berlin", "03:00", "2026-10-25T02:00"),  # an hour more in this night
        ("2027-03-28T00:30", "Europe/Berlin", "02:30", "2027-03-28T01:00"),  # is left out: when the gap ends
        ("2027-03-27T23:30", "Europe/Berlin", "03:00", "2027-03-28T01:00"),
    ],
)
async def test_a_time_is_the_next_one_on_the_leaders_clock(
    house: House, now: str, zone: str, until: str, ends: str
) -> None:
    """Past midnight, and through the nights in which the clocks change."""
    await house.app.tools.people.change(LEADER.member, zone=zone)
    house.clock.move(datetime.fromisoformat(f"{now}+00:00"))

    await house.types(LEADER, f"duty on until={until}")

    assert datetime.fromisoformat(f"{ends}+00:00") == await current(house)


async def test_a_second_time_moves_the_end(house: House) -> None:
    """It stays one duty."""
    await house.types(LEADER, "duty on until=21:00")
    await house.types(LEADER, "duty on until=18:00")

    assert datetime(2026, 10, 21, 16, 0, tzinfo=UTC) == await current(house)
    assert 1 == len(rows_of(house.address, "duties"))


async def test_the_last_one_off_duty_is_told_so_kindly(house: House) -> None:
    """Who leaves others on duty hears that; who leaves nobody hears that it is allowed."""
    await house.app.appoint(BEN.member)
    stranger = actor("eve", community=Community("fake", "there"))
    await house.app.appoint(stranger.member)
    for who in (LEADER, BEN, stranger):
        await house.types(who, "duty on")

    first = text_of(await house.types(LEADER, "duty off"))
    last = text_of(await house.types(BEN, "duty off"))

    assert "Others are still looking after the group" in first
    assert "Nobody else is on duty just now, and that is allowed" in last
    assert None is await current(house)
    assert None is not await current(house, stranger)


async def test_who_is_not_on_duty_cannot_leave_it(house: House) -> None:
    """All is well, and nothing changes."""
    assert "You were not on duty, so nothing has changed." in text_of(await house.types(LEADER, "duty off"))
    assert [] == rows_of(house.address, "duties")


async def test_duty_is_part_of_a_leaders_home(house: House) -> None:
    """With the button that changes it; a member's page knows no duty."""
    off = await house.types(LEADER, "home")
    await house.press(LEADER, button_of(off, "I'm looking after the group"))
    on = await house.types(LEADER, "home")

    assert "You're off duty." in text_of(off)
    assert "You're on duty until Wed 21 Oct 2026, 16:00" in text_of(on)
    assert "Off duty" in labels_of(on)
    assert "duty" not in text_of(await house.types(MEMBER, "home"))


async def test_a_time_that_there_is_not_is_asked_for_again(house: House) -> None:
    """And nobody goes on duty by mistake."""
    for time in ("25:00", "19:60", "seven"):
        assert ["until"] == list(problems_of(await house.types(LEADER, f"duty on until={time}")))
    assert None is await current(house)


async def test_duty_is_for_those_who_lead(house: House) -> None:
    """A member is told who may, and an organiser how to become a leader."""
    for line in ("duty on", "duty off"):
        assert "This is for the group's leaders" in text_of(await house.types(MEMBER, line))
        assert "Only leaders go on duty" in text_of(await house.types(ORGANISER, line))
    assert [] == rows_of(house.address, "duties")
