"""`quiet`, as a leader uses it: a group is silent at once, and about a person nothing is public any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.port import Ask, Channel, Community, Update
from tests.fakes import CIRCLE, HERE, actor, later
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

DAY = timedelta(days=1)
NAMED = "milestone set date=2026-10-20 audience=named in=#circle"
PRIVATE = "milestone set date=2026-10-20"
MORNING = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)
"""When milestones of that date are celebrated: nine in Berlin, in winter time."""
THERE = Community("fake", "there")


# ---------------------------------------------------------------- a group


async def test_a_group_is_silenced_until_somebody_ends_it(house: House) -> None:
    """Nothing is celebrated there; private notes and answers go on; what is still welcome comes within the hour."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(OTHER, PRIVATE)
    silenced = await house.types(LEADER, "quiet group")
    await house.until(MORNING + DAY + timedelta(minutes=20))
    before = [post.to for post in house.platform.posts]
    ended = await house.press(LEADER, button_of(silenced, "End the quiet"))
    await house.wait(days=2)

    assert "#circle is quiet from now on, until somebody ends it with quiet end." in text_of(silenced)
    assert "My private answers go on as always, and so does support." in text_of(silenced)
    assert [OTHER.member] == before
    assert [MORNING + DAY + timedelta(hours=1)] == [post.at for post in house.platform.posts_to(CIRCLE)]
    assert isinstance(ended, Update)
    assert "#circle is no longer silenced." in text_of(ended)
    await house.until(datetime(2026, 11, 20, tzinfo=UTC))
    assert 2 == len(house.said_to(CIRCLE))


async def test_support_goes_on_in_a_silenced_group(house: House) -> None:
    """Whoever needs somebody to talk to is answered as ever."""
    before = text_of(await house.types(MEMBER, "support"))
    await house.types(LEADER, "quiet group")

    assert before == text_of(await house.types(MEMBER, "support"))


async def test_what_is_only_a_little_late_comes_when_the_silence_ends(house: House) -> None:
    """A celebration is welcome for a week, so a silence of a morning delays it, and it says that it is late."""
    await house.keeps(MEMBER, NAMED)
    await house.until(MORNING - timedelta(hours=1))
    await house.types(LEADER, "quiet group until=12:00")

    await house.wait(days=1)

    (post,) = house.platform.posts_to(CIRCLE)
    assert MORNING + timedelta(hours=3) == post.at
    assert "A little later than planned." in text_of(post.message)


async def test_when_a_silence_ends(house: House) -> None:
    """A time is the next one on the group's clock, a date its beginning; it is told on the reader's own clock."""
    await house.types(LEADER, "me timezone zone=UTC")
    for until, told in (
        ("21:00", "Wed 21 Oct 2026, 19:00 (UTC)"),
        ("13:59", "Thu 22 Oct 2026, 11:59 (UTC)"),
        ("2026-12-01", "Mon 30 Nov 2026, 23:00 (UTC)"),
        ('"2026-12-01 18:00"', "Tue 1 Dec 2026, 17:00 (UTC)"),
        ("2026-12-01T18:00", "Tue 1 Dec 2026, 17:00 (UTC)"),
    ):
        said = text_of(await house.types(LEADER, f"quiet group until={until}"))

        assert f"#circle is quiet until {told}." in said


async def test_an_end_that_cannot_be_is_asked_for_again(house: House) -> None:
    """What has passed on the group's clock, what is no time, and what nobody can mean; nothing is silenced."""
    for until, sentence in (
        ("2026-10-21", "This has passed already"),
        ('"2026-10-21 13:59"', "This has passed already"),
        ("0001-01-01", "This has passed already"),
        ("0000-01-01", "no such date"),
        ("2026-02-30", "no such date"),
        ("24:00", "from 00:00 to 23:59"),
        ("9999-12-31", "within 10 years"),
        ("tomorrow", "Please write a time such as 21:00"),
        ("x" * 500, "500 characters long; 20 fit"),
    ):
        problems = problems_of(await house.types(LEADER, f"quiet group until={until}"))

        assert ["until"] == list(problems)
        assert sentence in problems["until"]
    assert [(0, None)] == rows_of(house.address, "groups", "silent, silent_until")


async def test_the_group_that_is_meant_is_named(house: House) -> None:
    """With several groups it is the one in which it is typed, or the one that is named; else it is asked for."""
    evening = Channel(HERE, "evening")
    await house.app.tools.groups.add(evening, "Europe/London", "en", "GB")

    assert "#evening is quiet" in text_of(await house.types(LEADER, "quiet group", evening))
    assert "#circle is quiet" in text_of(await house.types(LEADER, "quiet group in=#circle", evening))
    assert "#circle is no longer" in text_of(await house.types(LEADER, "quiet end"))
    assert "#circle was not silenced" in text_of(await house.types(LEADER, "quiet end in=#circle"))
    which = await house.types(LEADER, "quiet end", Channel(HERE, "lobby"))
    assert isinstance(which, Ask)
    assert {"in": "Which group? Please choose its channel."} == which.problems
    assert [(0,), (1,)] == sorted(rows_of(house.address, "groups", "silent"))


async def test_quiet_hours_outlast_a_silence(house: House) -> None:
    """Whoever ends a silence at night hears that the group's quiet hours go on."""
    await house.types(ORGANISER, "group edit quiet=13:00-15:00")
    await house.types(LEADER, "quiet group")

    assert "Its quiet hours go on until Wed 21 Oct 2026, 15:00" in text_of(await house.types(LEADER, "quiet end"))


async def test_posts_keep_the_quiet_hours_of_their_group(house: House) -> None:
    """What falls inside comes at their end, or is left out, as the group chose; what a leader silenced is left out."""
    await house.types(LEADER, 'schedule add what=empathy in=#circle rule="daily 23:00"')
    came: list[list[str]] = []
    for change in ("group edit quiet=22:00-07:00", "group edit inside=skip", "group edit quiet=none", "quiet group"):
        await house.types(ORGANISER, change)
        before = len(house.platform.posts)
        await house.wait(days=1)
        came.append([f"{post.at:%H:%M}" for post in house.platform.posts[before:]])

    assert [["05:00"], [], ["21:00"], []] == came


# ---------------------------------------------------------------- a person


async def test_nothing_public_is_said_about_a_member(house: House) -> None:
    """Neither what was planned nor what waits to be sent; what they keep for themself goes on as they wish."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(MEMBER, PRIVATE)
    await house.keeps(OTHER, NAMED)
    house.platform.fails(later(timedelta(hours=1)), later(timedelta(hours=1)), later(timedelta(hours=1)))
    await house.until(MORNING)
    await house.types(LEADER, "quiet member who=@mia")
    await house.until(datetime(2026, 11, 20, tzinfo=UTC))

    assert {MEMBER.member, OTHER.member, CIRCLE} == {post.to for post in house.platform.posts}
    assert all("member/mia" not in message.body for message in house.platform.messages_to(CIRCLE))
    assert 2 == len(house.platform.messages_to(CIRCLE)) == len(house.platform.messages_to(MEMBER.member))


async def test_the_answer_is_the_same_whoever_it_is(house: House) -> None:
    """Known or not, with something to celebrate or without, silenced already or not: it tells nothing."""
    await house.keeps(MEMBER, NAMED)
    told: dict[str, set[str]] = {}
    for line in ("quiet member", "quiet member", "quiet end", "quiet end"):
        for name in ("mia", "otto", "nobody-at-all"):
            answer = await house.types(LEADER, f"{line} who=@{name}")
            told.setdefault(line, set()).add(message_of(answer).body.replace(f"member/{name}", "member/x"))
            assert ["Get support"] == labels_of(answer)

    assert [1, 1] == [len(said) for said in told.values()]
    assert "I tell nobody." in told["quiet member"].pop()
    assert [] == list(house.platform.posts)


async def test_a_silenced_member_may_be_celebrated_again(house: House) -> None:
    """When it is ended, what comes next is celebrated as they wish, and nobody is told of any of it."""
    await house.types(LEADER, "quiet member who=@mia")
    kept = text_of(await house.keeps(MEMBER, NAMED))
    shown = text_of(await house.types(MEMBER, "milestone show"))
    await house.types(LEADER, "quiet end who=@mia")

    await house.until(MORNING)

    for said in (kept, shown):
        assert "Nothing public is said about you here, so it is not posted." in said
        assert "Next:" not in said
    assert 1 == len(house.platform.posts_to(CIRCLE))


async def test_only_the_member_can_see_it(house: House) -> None:
    """They do, among what is kept about them; no list shows it to a leader, and no byte of the files."""
    await house.types(LEADER, "quiet member who=@mia")
    mine = text_of(await house.types(MEMBER, "privacy show"))

    assert "Nothing public is said about you here." in mine
    assert "That you have used me" not in mine
    for line in ("group list", "leader list", "home", "privacy show"):
        assert "mia" not in text_of(await house.types(ORGANISER, line))
    raw = await house.raw()
    assert b"silenced" not in raw
    await house.use(MEMBER, "privacy delete", sure="yes")
    assert "I keep nothing about you" in text_of(await house.types(MEMBER, "privacy show"))


async def test_an_end_is_for_a_group_or_a_person(house: House) -> None:
    """Both at once is a slip, and nothing is changed."""
    await house.types(LEADER, "quiet group")

    assert ["who"] == list(problems_of(await house.types(LEADER, "quiet end in=#circle who=@mia")))
    assert [(1,)] == rows_of(house.address, "groups", "silent")


async def test_a_person_is_silenced_in_one_community(house: House) -> None:
    """The same person elsewhere is somebody else to us."""
    namesake = actor("mia", community=THERE)
    await house.types(LEADER, "quiet member who=@mia")

    assert "Nothing public" not in text_of(await house.types(namesake, "privacy show"))


async def test_quiet_is_for_leaders(house: House) -> None:
    """A member is told kindly, and nothing changes."""
    before = rows_of(house.address, "groups"), rows_of(house.address, "people")
    for line in ("quiet group", "quiet member who=@otto", "quiet end"):
        assert "This is for the group's leaders" in text_of(await house.types(MEMBER, line))
    assert before == (rows_of(house.address, "groups"), rows_of(house.address, "people"))
