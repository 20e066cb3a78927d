"""`milestone pause`, `restart`, `correct` and `history`: what was stays, and nothing is said aloud."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.port import Ask, Channel, Invocation, Message, Update
from tests.fakes import CIRCLE, later
from tests.features.dates import DAY, HOUR, LABEL, LEADERS, MORNING, NAMED, PRIVATE, UNNAMED, change, moment_in, set_by
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


def notes(house: House) -> list[str]:
    """Return the moments of the member's private notes."""
    said = (moment_in(message) for message in house.platform.messages_to(MEMBER.member))
    return [moment for moment in said if moment]


def public(house: House) -> list[Message]:
    """Return every message that anybody but the member could ever read."""
    return [post.message for post in house.platform.everything if post.to != MEMBER.member]


# ---------------------------------------------------------------- beginning again


async def test_beginning_again_keeps_what_was(house: House) -> None:
    """Total first, then now and the longest; the words are kind, ask for no reason, and help is one press away."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    response = await house.types(MEMBER, "milestone restart from=2026-10-16")

    said = text_of(response)
    assert "You are here, and that is a beginning." in said
    assert "Nothing that was is lost. 81 days in all. Now: 5 days. Longest: 76 days." in said
    assert "It is private now" in said
    assert "Next: one week, Fri 23 Oct 2026, 09:00" in said
    assert "Get support" in labels_of(response)
    history = text_of(await house.types(MEMBER, "milestone history"))
    assert "1. From 1 Aug 2026 to 16 Oct 2026: 76 days." in history
    assert "2. Since 16 Oct 2026: 5 days so far." in history


@pytest.mark.parametrize("line", [NAMED, UNNAMED, LEADERS], ids=["named", "unnamed", "leaders"])
async def test_whoever_begins_again_is_seen_by_nobody(house: House, line: str) -> None:
    """With a public audience, a year later: not one public word, and the owner had every note."""
    await house.keeps(MEMBER, f"{line} show=yes")
    await house.types(MEMBER, "milestone restart from=2026-10-21")
    await house.until(datetime(2027, 10, 22, tzinfo=UTC) if line == NAMED else MORNING)

    assert [] == public(house)
    year = ["24 hours", "one week", "30 days", "60 days", "90 days", "6 months", "9 months", "one year"]
    assert (year if line == NAMED else year[:1]) == notes(house)
    assert "Private: only you hear of it." in text_of(await house.types(MEMBER, "milestone show"))


async def test_it_is_shared_again_when_the_owner_says_so(house: House) -> None:
    """And without the label, which was ticked for another time."""
    await house.keeps(MEMBER, f"{NAMED} show=yes")
    await house.types(MEMBER, "milestone restart from=2026-10-21")
    await house.types(MEMBER, "milestone edit audience=named")
    await house.until(MORNING - DAY)

    (message,) = public(house)
    assert "24 hours" in text_of(message)
    assert LABEL not in message.body


async def test_a_pending_celebration_goes_in_the_same_step(house: House) -> None:
    """What waited for a busy platform is not sent, whatever comes first."""
    await house.keeps(MEMBER, NAMED)
    house.platform.fails(later(HOUR))
    await house.until(MORNING)
    await house.app.core.invoke(Invocation("milestone restart", {"from": "today"}, MEMBER, CIRCLE))
    states = {
        state for state, feature in rows_of(house.address, "deliveries", "state, feature") if feature == "milestones"
    }
    await house.wait(hours=5)

    assert {"withdrawn"} == states
    assert [] == public(house)


async def test_a_double_press_is_one_beginning(house: House) -> None:
    """The second says the same, and adds no run of no days."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    first, second = [text_of(await house.types(MEMBER, "milestone restart from=today")) for _ in range(2)]

    assert first == second
    assert "81 days in all. Now: 0 days. Longest: 81 days." in second


async def test_the_form_offers_today(house: House) -> None:
    """Without a date a form asks for it, filled in; a date of one's own is fine."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    page = await house.types(MEMBER, "milestone show")
    form = await house.press(MEMBER, button_of(page, "Begin again"))

    assert isinstance(form, Ask)
    assert "2026-10-21" == form.known["from"]
    assert {} == form.problems


async def test_a_beginning_lies_between_the_last_one_and_today(house: House) -> None:
    """Else a sentence says what to do, and nothing is changed."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    for start, sentence in (
        ("2026-10-22", "still to come"),
        ("2026-07-31", "before the time that goes on now, since 1 Aug 2026"),
        ("1929-12-31", "from 1930 on"),
        ("2026-02-31", "no such date"),
    ):
        assert sentence in problems_of(await house.types(MEMBER, f"milestone restart from={start}"))["from"]
    assert "81 days in all. Now: 81 days" in text_of(await house.types(MEMBER, "milestone show"))


@pytest.mark.parametrize(("kind", "told"), [("recovery", True), ("wellbeing", False), ("other", False)])
async def test_recovery_comes_with_a_word_on_safety(house: House, kind: str, told: bool) -> None:
    """After a time without, less is dangerous: said to those whom it may save, and only to them."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 kind={kind}")
    said = text_of(await house.types(MEMBER, "milestone restart from=today"))

    assert told is ("the body takes less than before" in said)


async def test_no_new_beginning_after_all(house: House) -> None:
    """A mistaken press can be undone: the time before goes on, and what was celebrated does not come again."""
    await house.keeps(MEMBER, PRIVATE)
    await house.until(MORNING)
    begun = await house.types(MEMBER, "milestone restart from=today")
    asked = await house.press(MEMBER, button_of(begun, "It was no new beginning"))
    await house.press(MEMBER, button_of(asked, "Yes, delete it"))
    await house.until(MORNING + 30 * DAY)

    assert ["one week", "30 days"] == notes(house)
    assert "Now: 37 days. Longest: 37 days." in text_of(await house.types(MEMBER, "milestone show"))


# ---------------------------------------------------------------- mending a date


async def test_a_wrong_date_is_no_new_beginning(house: House) -> None:
    """It is mended in place; the audience stays, and moments follow the right date."""
    await house.keeps(MEMBER, NAMED)
    said = text_of(await house.types(MEMBER, "milestone correct date=2026-10-18"))
    await house.until(MORNING)

    assert "It is mended: since 18 Oct 2026, 3 days so far. That is no new beginning" in said
    assert "Shared in #circle, with your name." in said
    assert [datetime(2026, 10, 25, 8, 0, tzinfo=UTC)] == [post.at for post in house.platform.posts_to(CIRCLE)]
    assert "1. Since 18 Oct 2026" in text_of(await house.types(MEMBER, "milestone history"))


async def test_what_was_celebrated_is_not_repeated(house: House) -> None:
    """Neither in public nor in private, though it comes again by the right date."""
    await house.keeps(MEMBER, NAMED)
    await house.keeps(MEMBER, PRIVATE)
    await house.until(MORNING + HOUR)
    for number in (1, 2):
        await house.types(MEMBER, f"milestone correct {number} date=2026-10-24")
    await house.until(MORNING + 10 * DAY)

    assert 1 == len(public(house))
    assert ["one week"] == notes(house)


async def test_what_waits_comes_by_the_right_date(house: House) -> None:
    """A celebration that had not gone out yet is not lost: it comes when its day has come."""
    await house.keeps(MEMBER, NAMED)
    house.platform.fails(later(HOUR))
    await house.until(MORNING)
    await house.types(MEMBER, "milestone correct date=2026-10-22")
    await house.until(MORNING + DAY)
    before = public(house)
    await house.until(MORNING + 3 * DAY)

    assert [] == before
    assert ["one week" in text_of(message) for message in public(house)] == [True]


async def test_a_correction_moves_the_end_before_it(house: House) -> None:
    """Days in between belong to one time only; a date inside an earlier time is refused."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    await house.types(MEMBER, "milestone restart from=2026-10-11")
    await house.types(MEMBER, "milestone correct days=20")
    refused = problems_of(await house.types(MEMBER, "milestone correct date=2026-08-01"))

    assert "81 days in all. Now: 20 days. Longest: 61 days." in text_of(await house.types(MEMBER, "milestone show"))
    assert {
        "date": "This date lies in an earlier time of this milestone. You find them all in milestone history."
    } == refused


async def test_the_form_holds_the_date_that_is_kept(house: House) -> None:
    """Whoever mends it sees what stands there."""
    await house.keeps(MEMBER, PRIVATE)
    form = await house.types(MEMBER, "milestone correct")

    assert isinstance(form, Ask)
    assert "2026-10-20" == form.known["date"]


# ---------------------------------------------------------------- pausing


async def test_a_pause_is_silent_and_the_days_go_on(house: House) -> None:
    """Moments that pass meanwhile are never made up; what is to come comes."""
    await house.keeps(MEMBER, PRIVATE)
    paused = await house.types(MEMBER, "milestone pause")
    await house.until(MORNING + DAY)
    shown = text_of(await house.types(MEMBER, "milestone show"))
    resumed = text_of(await house.types(MEMBER, "milestone resume"))
    await house.until(MORNING + 30 * DAY)

    assert "moments that pass meanwhile are not made up for later" in text_of(paused)
    assert "8 days in all" in shown
    assert "Paused: I say nothing about it until you go on." in shown
    assert "Next: 30 days, Thu 19 Nov 2026" in resumed
    assert ["30 days"] == notes(house)


async def test_a_pause_outlasts_everything_else(house: House) -> None:
    """A new zone, a new list, a mended date or a new beginning end no pause."""
    await house.keeps(MEMBER, NAMED)
    await house.types(MEMBER, "milestone pause")
    await house.types(MEMBER, "me timezone zone=Asia/Kathmandu")
    await change(house, moments="3d,1w")
    await house.types(MEMBER, "milestone correct date=2026-10-21")
    await house.types(MEMBER, "milestone restart from=today")
    await house.until(MORNING + 30 * DAY)

    assert [] == list(house.platform.everything)
    assert "Go on" in labels_of(await house.types(MEMBER, "milestone show"))


async def test_pausing_twice_does_no_harm(house: House) -> None:
    """Nor does going on with what is not paused."""
    await house.keeps(MEMBER, PRIVATE)
    for line in ("pause", "pause", "resume", "resume"):
        assert LABEL in text_of(await house.types(MEMBER, f"milestone {line}"))
    await house.until(MORNING)

    assert ["one week"] == notes(house)


# ---------------------------------------------------------------- history


async def test_a_time_can_be_forgotten(house: House) -> None:
    """After one question its days are gone from the total, its celebrations come down, and no byte tells of it."""
    await house.keeps(MEMBER, NAMED)
    await house.until(MORNING + HOUR)
    await house.types(MEMBER, "milestone restart from=today")
    history = await house.types(MEMBER, "milestone history")
    asked = await house.press(MEMBER, button_of(history, "Delete 1"))
    kept = len(house.platform.posts_to(CIRCLE))
    done = await house.press(MEMBER, button_of(asked, "Yes, delete it"))

    assert "Its days no longer count in the total" in text_of(asked)
    assert 1 == kept
    assert isinstance(done, Update)
    assert "1. Since 27 Oct 2026: 0 days so far." in text_of(done)
    assert "0 days in all. Now: 0 days. Longest: 0 days." in text_of(done)
    assert [] == list(house.platform.posts_to(CIRCLE))
    assert [] == rows_of(house.address, "celebrations")


async def test_an_old_yes_forgets_no_new_beginning(house: House) -> None:
    """The id of a time is never given again: a button of before leads nowhere."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    begun = await house.types(MEMBER, "milestone restart from=2026-10-11")
    asked = await house.press(MEMBER, button_of(begun, "It was no new beginning"))
    await house.press(MEMBER, button_of(asked, "Yes, delete it"))
    await house.types(MEMBER, "milestone restart from=2026-10-11")
    said = text_of(await house.press(MEMBER, button_of(asked, "Yes, delete it")))

    assert "I can't find this time any more" in said
    assert "Now: 10 days" in text_of(await house.types(MEMBER, "milestone show"))


async def test_deleted_days_do_not_come_back(house: House) -> None:
    """Where the time before had ended earlier, it cannot go on in the place of the one that is deleted."""
    await house.keeps(MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    for start in ("2026-09-01", "2026-10-01"):
        await house.types(MEMBER, f"milestone restart from={start}")
    history = await house.types(MEMBER, "milestone history")
    asked = await house.press(MEMBER, button_of(history, "Delete 2"))
    left = await house.press(MEMBER, button_of(asked, "Yes, delete it"))
    said = text_of(await house.press(MEMBER, button_of(left, "Delete 2")))

    assert "The time before this one ended earlier, so it can't simply go on." in said
    assert "51 days in all. Now: 20 days" in text_of(await house.types(MEMBER, "milestone show"))


async def test_whoever_begins_again_is_told_what_still_stands(house: House) -> None:
    """A celebration of before stays, and its owner learns how to take it down."""
    await house.keeps(MEMBER, NAMED)
    await house.until(MORNING)
    response = await house.types(MEMBER, "milestone restart from=today")

    assert "What was posted before still stands." in text_of(response)


async def test_the_only_time_goes_with_the_milestone(house: House) -> None:
    """There is no button for it, and an old one says so kindly."""
    row = await set_by(house, MEMBER)
    history = await house.types(MEMBER, "milestone history")
    said = text_of(await house.use(MEMBER, "milestone forget", of=row, run="1", sure="yes"))

    assert not [label for label in labels_of(history) if label.startswith("Delete")]
    assert "milestone remove removes a milestone as a whole" in said
    assert 1 == len(rows_of(house.address, "milestones"))


async def test_nobody_else_sees_or_changes_a_history(house: House) -> None:
    """Whoever they are, with the row in hand they learn nothing and change nothing."""
    row = await set_by(house, MEMBER, f"milestone set date=2026-08-01 label={LABEL}")
    await house.types(MEMBER, "milestone restart from=2026-10-11")
    before = text_of(await house.types(MEMBER, "milestone history"))
    for who in (OTHER, LEADER, ORGANISER):
        await house.keeps(who, "milestone set date=2026-10-01 label=own")
        for path, given in (
            ("history", {}),
            ("show", {}),
            ("pause", {}),
            ("resume", {}),
            ("restart", {"from": "today"}),
            ("correct", {"date": "2026-10-12"}),
            ("edit", {"audience": "named"}),
            ("share", {"audience": "named"}),
            ("forget", {"run": "1", "sure": "yes"}),
            ("remove", {"sure": "yes"}),
            ("erase", {}),
        ):
            which = {"of" if path in {"forget", "erase"} else "milestone": row}
            response = await house.use(who, f"milestone {path}", **which, **given)
            assert LABEL not in f"{message_of(response)}", path
            assert "2026-08" not in f"{message_of(response)}", path

    assert before == text_of(await house.types(MEMBER, "milestone history"))
    assert [] == [post for post in house.platform.everything if isinstance(post.to, Channel)]
