"""`me timezone`."""

from __future__ import annotations

from bot.core.port import Ask, Community
from tests.fakes import actor
from tests.house import MEMBER, House, problems_of, rows_of, text_of


async def test_a_zone_is_kept_and_shown(house: House) -> None:
    """The answer tells the time there, and from then on the bot goes by it for this member."""
    response = await house.types(MEMBER, "me timezone zone=Asia/Kathmandu")

    assert "I'll go by Asia/Kathmandu for you. It is Wed 21 Oct 2026, 17:45 (Asia/Kathmandu) there" in text_of(response)
    assert "Asia/Kathmandu" == (await house.app.tools.directory.reader(MEMBER.member)).zone


async def test_a_zone_may_be_typed_by_its_city(house: House) -> None:
    """A city alone is no zone, but the answer names the one that is meant."""
    problem = problems_of(await house.types(MEMBER, "me timezone zone=kathmandu"))["zone"]
    await house.types(MEMBER, "me timezone zone=asia/kathmandu")

    assert "Did you mean Asia/Kathmandu?" in problem
    assert "Asia/Kathmandu" == (await house.app.tools.directory.reader(MEMBER.member)).zone


async def test_without_a_zone_the_form_opens(house: House) -> None:
    """Nobody has to know how a zone is written; and nothing is kept by asking."""
    response = await house.types(MEMBER, "me timezone")

    assert isinstance(response, Ask)
    assert ["zone"] == [field.name for field in response.fields]
    assert {} == response.problems
    assert [] == rows_of(house.address, "people")


async def test_a_zone_is_kept_in_one_community(house: House) -> None:
    """In another community the same person has chosen nothing."""
    await house.types(MEMBER, "me timezone zone=Asia/Kathmandu")

    reader = await house.app.tools.directory.reader(actor("mia", community=Community("fake", "there")).member)

    assert "UTC" == reader.zone


async def test_what_is_kept_about_a_zone_is_sealed(house: House) -> None:
    """Neither the member's id nor their zone stands in the database in clear."""
    who = actor("very-findable-member")
    await house.types(who, "me timezone zone=Asia/Kathmandu")

    raw = await house.raw()

    assert b"very-findable-member" not in raw
    assert b"Kathmandu" not in raw
