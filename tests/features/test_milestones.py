"""`milestone`, as its owner keeps, sees, changes and removes it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.content import Shelf
from bot.core.port import Ask, Choice, Community, Invocation, Update
from tests.fakes import CIRCLE, actor
from tests.features.dates import EVENING, LABEL, MORNING, NAMED, PRIVATE, set_by
from tests.house import (
    LEADER,
    MEMBER,
    ORGANISER,
    OTHER,
    House,
    again,
    button_of,
    labels_of,
    message_of,
    problems_of,
    rows_of,
    text_of,
)

# ---------------------------------------------------------------- the first time


async def test_the_first_time_it_is_explained_before_anything_is_kept(house: House) -> None:
    """Four lines say what is kept, who sees it, what others hear and how it goes; nothing is stored before the yes."""
    told = await house.types(MEMBER, PRIVATE)
    before = [rows_of(house.address, table) for table in ("milestones", "people")]
    kept = await house.press(MEMBER, button_of(told, "Yes, keep it"))

    said = text_of(told)
    assert [[], []] == before
    assert 4 == said.count("\u2022 ")
    for part in ("sealed, until you remove them", "Group leaders can't see this", "milestone remove", "privacy delete"):
        assert part in said
    assert LABEL not in f"{message_of(told)}"
    assert isinstance(kept, Update)
    assert f"Kept: {LABEL}" in text_of(kept)
    assert "You read what is kept on 2026-10-21 (1)" in text_of(await house.types(MEMBER, "privacy show"))


async def test_it_is_explained_once(house: House) -> None:
    """Not with the second milestone; again when nothing is left that somebody agreed to."""
    row = await set_by(house, MEMBER)
    second = await house.types(MEMBER, NAMED)
    await house.use(MEMBER, "milestone remove", milestone=row, sure="yes")
    await house.types(MEMBER, "milestone remove")
    await house.use(MEMBER, "milestone remove", sure="yes")

    third = await house.types(MEMBER, PRIVATE)

    assert "Kept" in text_of(second)
    assert "Before I keep it" in text_of(third)


async def test_what_was_read_keeps_its_date(house: House) -> None:
    """A later milestone says when its owner read what is kept, and not when it was added."""
    await set_by(house, MEMBER)
    await house.wait(days=3)
    await house.keeps(MEMBER, NAMED)

    assert 2 == text_of(await house.types(MEMBER, "privacy show")).count("what is kept on 2026-10-21 (1)")


async def test_a_yes_after_a_restart_asks_again_kindly(house: House, shelf: Shelf) -> None:
    """What was typed is in no button; when it is no longer in hand, the form is there once more."""
    told = await house.types(MEMBER, PRIVATE)
    async with again(house, shelf) as restarted:
        form = await restarted.press(MEMBER, button_of(told, "Yes, keep it"))
        sent = await restarted.use(MEMBER, "milestone set", date="2026-10-20", label=LABEL)

    assert isinstance(form, Ask)
    assert "I keep it for 15 minutes" in form.note
    assert "Before I keep it" in text_of(sent)


# ---------------------------------------------------------------- setting


async def test_a_milestone_is_private_unless_its_owner_chooses(house: House) -> None:
    """The answer says who will hear of it, how many days it is, and what comes when, in the owner's clock."""
    response = await house.keeps(MEMBER, PRIVATE)

    said = text_of(response)
    assert f"Kept: {LABEL}, 1 day so far. Only you will hear of it" in said
    assert "Next: one week, Tue 27 Oct 2026, 09:00 (Europe/Berlin)." in said
    assert "Group leaders can't see this." in said
    assert ["My milestone", "Get support"] == labels_of(response)
    assert [] == list(house.platform.posts)


async def test_a_named_milestone_says_what_others_will_see(house: House) -> None:
    """Name and moment, never the date or the label; with one group its channel needs no naming."""
    said = text_of(await house.keeps(MEMBER, "milestone set date=today audience=named"))

    assert "It will be marked in #circle with your name. Your date is never shown there." in said
    assert "Kept: your milestone of 21 Oct 2026, 0 days so far" in said
    assert "Next: 24 hours, Thu 22 Oct 2026, 09:00" in said


async def test_what_is_wrong_is_asked_for_again(house: House) -> None:
    """The form comes back with what was right, and nothing is stored."""
    await house.app.tools.groups.add(EVENING, "UTC", "en", "GB")
    house.platform.strangers.add((MEMBER.member, EVENING))
    for line, field, sentence in (
        ("milestone set date=2026-10-22", "date", "This date is still to come"),
        ("milestone set date=1929-12-31", "date", "from 1930 on"),
        ("milestone set date=2026-02-29", "date", "no such date"),
        ("milestone set date=9999-99-99", "date", "no such date"),
        ("milestone set date=last-week", "date", "year-month-day"),
        ("milestone set date=99999", "date", "from 1930 on"),
        ("milestone set date=2019", "date", "year-month-day"),
        ("milestone set days=40000", "days", "from 1930 on"),
        ("milestone set date=2026-10-20 days=3", "days", "don't fit together"),
        ("milestone set date=today hour=24", "hour", "from 0 to 23"),
        ("milestone set date=today kind=secret", "kind", "one of those offered"),
        (f"milestone set date=today label={'x' * 5000}", "label", "5000 characters long; 60 fit"),
        ("milestone set date=today audience=everybody", "audience", "one of those offered"),
        ("milestone set date=today audience=named", "in", "Which group?"),
        ("milestone set date=today audience=named in=#nowhere", "in", "I don't know a group"),
        ("milestone set date=today audience=named in=#evening", "in", "You can't read this channel yourself"),
    ):
        response = await house.types(MEMBER, line)

        assert isinstance(response, Ask)
        assert [field] == list(response.problems)
        assert sentence in response.problems[field]
        assert [] == rows_of(house.address, "milestones")


async def test_today_is_the_owners_own(house: House) -> None:
    """A date that has begun where the owner lives is no date to come."""
    house.clock.move(datetime(2026, 10, 21, 20, 0, tzinfo=UTC))
    in_berlin = await house.keeps(MEMBER, "milestone set date=2026-10-22")
    await house.types(MEMBER, "me timezone zone=Asia/Kathmandu")

    in_kathmandu = await house.keeps(MEMBER, "milestone set date=2026-10-22")

    assert ["date"] == list(problems_of(in_berlin))
    assert "0 days so far" in text_of(in_kathmandu)


async def test_a_label_is_text_and_nothing_else(house: House) -> None:
    """Marks, mentions and tricks of writing show as they were written, and ping nobody."""
    label = "**my day** @everyone <!channel> [x](https://y) <@1>"
    response = await house.keeps(MEMBER, f'milestone set date=2026-10-20 label="{label}\u202e\u0000"')
    await house.until(MORNING)

    for message in (message_of(response), house.newest(MEMBER)):
        assert label in text_of(message)
        assert "\u202e" not in message.body
        assert () == message.notifies


async def test_words_of_despair_in_a_label_bring_an_offer(house: House) -> None:
    """The milestone is kept after one more press, and not before."""
    offer = await house.keeps(MEMBER, 'milestone set date=2026-10-20 label="wanted to kill myself"')
    before = rows_of(house.address, "milestones")

    told = await house.press(MEMBER, button_of(offer, "Not now, go on"))
    kept = await house.press(MEMBER, button_of(told, "Yes, keep it"))

    assert "You don't have to be alone with this" in text_of(offer)
    assert [] == before
    assert "You don't have to be alone" not in text_of(told)
    assert "Kept: wanted to kill myself" in text_of(kept)


async def test_a_member_keeps_at_most_twenty(house: House) -> None:
    """The next one is refused kindly; another member is not concerned."""
    await house.keeps(MEMBER, "milestone set date=today label=0")
    for number in range(1, 20):
        arguments = {"date": "today", "label": f"{number}"}
        await house.app.core.invoke(Invocation("milestone set", arguments, MEMBER, CIRCLE))

    said = text_of(await house.keeps(MEMBER, PRIVATE))

    assert "You keep 20 milestones already" in said
    assert 20 == len(rows_of(house.address, "milestones"))
    assert "Kept" in text_of(await house.keeps(OTHER, PRIVATE))


async def test_the_same_one_is_kept_once(house: House) -> None:
    """Set again it is shown, with a way to remove it; others never see a label, so in a group it makes no other."""
    for line in (PRIVATE, NAMED):
        row = await set_by(house, MEMBER, line)
        twice = await house.types(MEMBER, line)

        assert "You have this one already" in text_of(twice)
        assert f"{LABEL}: 1 day in all. Now: 1 day. Longest: 1 day." in text_of(twice)
        assert ["My milestone", "Remove this one", "Get support"] == labels_of(twice)
        assert {"milestone": row} == button_of(twice, "Remove this one").arguments
    private, named = [text_of(await house.types(MEMBER, line.replace(LABEL, "other"))) for line in (PRIVATE, NAMED)]

    assert "Kept: other" in private
    assert "You have this one already" in named
    assert 3 == len(rows_of(house.address, "milestones"))
    assert "Kept" in text_of(await house.keeps(OTHER, PRIVATE))


async def test_a_form_that_is_sent_twice_at_once_keeps_one(house: House) -> None:
    """A double press makes no second milestone, however close the two are."""
    await house.keeps(MEMBER, "milestone set date=today label=first")
    pressed = Invocation("milestone set", {"date": "today"}, MEMBER, CIRCLE)
    await asyncio.gather(*(house.app.core.invoke(pressed) for _ in range(3)))

    assert 2 == len(rows_of(house.address, "milestones"))


async def test_milestones_of_one_date_keep_their_order(house: House) -> None:
    """Those that began together stand in the order of their names, so that a number means the same tomorrow."""
    for label in ("water", "air", "fire"):
        await house.keeps(MEMBER, f"milestone set date=2026-10-20 label={label}")
    lines = text_of(await house.types(MEMBER, "milestone show")).splitlines()[1:4]

    assert ["1. air", "2. fire", "3. water"] == [line.partition(":")[0] for line in lines]


async def test_what_is_kept_is_sealed(house: House) -> None:
    """A stolen database shows neither who, nor since when, nor what they call it, nor where it is celebrated."""
    who = actor("very-findable-member")
    await house.keeps(who, NAMED)
    await house.keeps(who, PRIVATE)
    await house.until(MORNING)

    raw = await house.raw()

    for marker in (b"very-findable-member", LABEL.encode(), b"2026-10-20", b"week-1"):
        assert marker not in raw
    assert [(0,), (0,)] == rows_of(house.address, "milestones", "next_due_at % 3600000000")


# ---------------------------------------------------------------- dates as people say them


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("date=yesterday", "1 day so far"),
        ("date=45", "45 days so far"),
        ('date="45 days"', "45 days so far"),
        ("days=45", "45 days so far"),
        ("days=0", "0 days so far"),
        ("date=2026-10-20 days=1", "1 day so far"),
        ("date=1930-01-01", "35357 days so far"),
        ("date=2024-02-29", "965 days so far"),
    ],
)
async def test_a_start_may_be_days_so_far(house: House, typed: str, days: str) -> None:
    """A date, today, yesterday, or how many days it has been: what was understood is said."""
    assert f"{days}." in text_of(await house.keeps(MEMBER, f"milestone set {typed}"))


async def test_yesterday_is_the_owners_own(house: House) -> None:
    """Where a day has begun already, yesterday is another date."""
    house.clock.move(datetime(2026, 10, 21, 20, 0, tzinfo=UTC))
    for who, zone in ((MEMBER, "Asia/Kathmandu"), (OTHER, "America/New_York")):
        await house.types(who, f"me timezone zone={zone}")
        await house.keeps(who, "milestone set date=yesterday")

    said = [text_of(await house.types(who, "milestone show")) for who in (MEMBER, OTHER)]
    assert ["your milestone of 21 Oct 2026", "your milestone of 20 Oct 2026"] == [text.splitlines()[0] for text in said]


# ---------------------------------------------------------------- words that say more than was meant


@pytest.mark.parametrize(
    "label",
    ["no more vodka", "for @lea", "see https://x.org", "signal.group/x", "Heroinfree now", "Drinking days"],
)
async def test_a_telling_label_is_asked_about_before_others_see_it(house: House, label: str) -> None:
    """Once more, with the words as they would be read; in private it is nobody's business."""
    private = await house.keeps(MEMBER, f'milestone set date=2026-10-20 label="{label}"')
    asked = await house.types(MEMBER, f'milestone set date=2026-10-20 label="{label}" audience=named show=yes')
    before = len(rows_of(house.address, "milestones"))
    kept = await house.press(MEMBER, button_of(asked, "Yes, show my word"))

    assert "Kept" in text_of(private)
    assert f"Others would read your own word for it: {label}." in text_of(asked)
    assert 1 == before
    assert "is shown with it, as you chose" in text_of(kept)


async def test_an_edit_is_asked_about_too(house: House) -> None:
    """A word that comes later is looked at as one that was there from the start, and nothing changes before the yes."""
    await set_by(house, MEMBER, f"{NAMED} show=yes")
    asked = await house.types(MEMBER, 'milestone edit label="no gin"')
    shown = text_of(await house.types(MEMBER, "milestone show"))
    await house.press(MEMBER, button_of(asked, "Yes, show my word"))

    assert "no gin" in text_of(asked)
    assert shown.startswith(LABEL)
    assert text_of(await house.types(MEMBER, "milestone show")).startswith("no gin")


async def test_an_unnamed_label_that_names_its_owner_is_asked_about(house: House) -> None:
    """What is shared without a name would have one after all."""
    line = 'milestone set date=2026-10-20 label="mia at home" show=yes in=#circle audience='
    await house.keeps(MEMBER, PRIVATE)

    assert "Others would read your own word for it" in text_of(await house.types(MEMBER, f"{line}unnamed"))
    assert "Kept" in text_of(await house.types(MEMBER, f"{line}named"))


async def test_a_plain_label_is_not_asked_about(house: House) -> None:
    """Most words are no trouble."""
    assert "Kept" in text_of(await house.keeps(MEMBER, f"{NAMED} show=yes"))


# ---------------------------------------------------------------- edit


async def test_edit_opens_a_form_with_what_is(house: House) -> None:
    """On Slack a box that nobody touched says no: so the form holds how it is."""
    row = await set_by(house, MEMBER, f"{NAMED} show=yes plain=yes hour=20 kind=wellbeing")
    form = await house.types(MEMBER, "milestone edit")

    assert isinstance(form, Ask)
    expected = {"audience": "named", "in": "#circle", "show": "yes", "hour": "20", "plain": "yes"}
    assert {**expected, "label": LABEL, "kind": "wellbeing"} == form.known
    assert {"milestone": row} == form.hidden
    assert "milestone" not in {field.name for field in form.fields}
    sent = await house.use(MEMBER, "milestone edit", **form.known, **form.hidden)
    assert "It is changed." in text_of(sent)
    assert 1 == len(rows_of(house.address, "milestones"))


async def test_a_label_can_be_taken_back(house: House) -> None:
    """Made empty in the form, or typed as `-`, it is gone, from what is shown as well."""
    await set_by(house, MEMBER, f"{NAMED} show=yes")
    form = await house.types(MEMBER, "milestone edit")
    assert isinstance(form, Ask)
    emptied = await house.use(MEMBER, "milestone edit", **{**form.known, "label": ""}, **form.hidden)
    await house.types(MEMBER, f"milestone edit label={LABEL}")
    await house.types(MEMBER, "milestone edit label=-")
    await house.until(MORNING)

    assert "your milestone of 20 Oct 2026" in text_of(emptied)
    assert LABEL not in house.said_to(CIRCLE)[0]


async def test_with_several_edit_asks_which_before_it_shows_a_form(house: House) -> None:
    """A form that does not hold what is would change it unseen."""
    await house.keeps(MEMBER, f"{PRIVATE} plain=yes")
    await house.keeps(MEMBER, NAMED)
    response = await house.types(MEMBER, "milestone edit")

    assert ["1. ", "2. "] == [label[:3] for label in labels_of(response)[:2]]


async def test_edit_changes_only_what_is_given(house: House) -> None:
    """The rest stays, and the answer says what comes next and who hears of it."""
    await house.app.tools.groups.add(EVENING, "UTC", "en", "GB")
    await set_by(house, MEMBER, f"{NAMED} show=yes")
    said = [
        text_of(await house.types(MEMBER, f"milestone edit {change}"))
        for change in ("hour=20", "in=#evening", "audience=unnamed show=yes", "audience=private")
    ]

    assert "20:00 (Europe/Berlin). Shared in #circle, with your name." in said[0]
    assert "Shared in #evening, with your name." in said[1]
    assert "11:00 (Europe/Berlin)" in said[2]  # nine in that group
    assert "Shared in #evening, without your name." in said[2]
    assert "is shown with it, as you chose" in said[2]
    assert "Private: only you hear of it." in said[3]


async def test_edit_insists_on_a_group_that_the_owner_can_read(house: House) -> None:
    """As `set` does, and nothing is changed."""
    await house.app.tools.groups.add(EVENING, "UTC", "en", "GB")
    house.platform.strangers.add((MEMBER.member, EVENING))
    await set_by(house, MEMBER)

    for change, sentence in (("audience=named in=#evening", "You can't read this"), ("audience=named", "Which group?")):
        assert sentence in problems_of(await house.types(MEMBER, f"milestone edit {change}"))["in"]
    assert "Private" in text_of(await house.types(MEMBER, "milestone show"))


async def test_a_changed_hour_moves_the_next_moment(house: House) -> None:
    """Also when that hour has passed already today: what was planned is not lost."""
    await set_by(house, MEMBER)
    await house.until(MORNING - timedelta(minutes=30))
    await house.types(MEMBER, "milestone edit hour=5")
    await house.wait(minutes=1)

    assert 1 == len(house.said_to(MEMBER))


# ---------------------------------------------------------------- show, home and remove


async def test_everybody_sees_their_own(house: House) -> None:
    """The longest-standing first, numbered, each with days, next moment and audience; nobody else's is there."""
    await house.keeps(MEMBER, "milestone set date=2026-10-20 audience=named")
    await house.keeps(MEMBER, f"milestone set date=2025-10-20 label={LABEL}")
    await house.keeps(OTHER, "milestone set date=2026-10-19 label=secret")

    said = text_of(await house.types(MEMBER, "milestone show"))

    lines = said.splitlines()
    days = "366 days in all. Now: 366 days. Longest: 366 days."
    assert lines[1].startswith(f"1. {LABEL}: {days} Next: 18 months, Tue 20 Apr 2027, 09:00 (Europe/Berlin). Private:")
    assert lines[2].startswith("2. your milestone of 20 Oct 2026: 1 day in all.")
    assert "Next: one week" in lines[2]
    assert "Shared in #circle, with your name." in lines[2]
    assert "secret" not in said
    for stranger in (LEADER, ORGANISER, actor("mia", community=Community("fake", "there"))):
        assert "You keep no milestone here" in text_of(await house.types(stranger, "milestone show"))


async def test_who_has_none_may_set_one(house: House) -> None:
    """The first answer is an open door, not a reproach."""
    response = await house.types(MEMBER, "milestone show")

    assert ["Set a milestone", "Get support"] == labels_of(response)
    assert isinstance(await house.press(MEMBER, button_of(response, "Set a milestone")), Ask)


async def test_a_milestone_is_removed_after_one_question(house: House) -> None:
    """The first press asks, and forgets nothing; the second forgets it at once."""
    await house.keeps(MEMBER, PRIVATE)
    asked = await house.types(MEMBER, "milestone remove")
    kept = rows_of(house.address, "milestones")

    gone = await house.press(MEMBER, button_of(asked, "Yes, remove it"))

    assert f"Remove {LABEL}?" in text_of(asked)
    assert 1 == len(kept)
    assert isinstance(gone, Update)
    assert f"Removed: {LABEL}." in text_of(gone)
    assert [] == rows_of(house.address, "milestones")
    assert "You keep no milestone here" in text_of(await house.press(MEMBER, button_of(asked, "Yes, remove it")))


async def test_with_several_the_number_is_asked_for(house: House) -> None:
    """Nothing is guessed, and the number is that of the list."""
    await house.keeps(MEMBER, "milestone set date=2026-10-20 label=younger")
    await house.keeps(MEMBER, "milestone set date=2026-10-10 label=older")

    which = problems_of(await house.types(MEMBER, "milestone remove"))
    second = text_of(await house.types(MEMBER, "milestone remove 2"))
    third = text_of(await house.types(MEMBER, "milestone remove 3"))

    assert {"milestone": "Which one? Please give its number in milestone show."} == which
    assert "Remove younger?" in second
    assert "I can't find this any more" in third


async def test_a_row_of_somebody_else_is_refused(house: House) -> None:
    """Whoever they are, they learn nothing of it and change nothing."""
    row = await set_by(house, MEMBER)
    await house.keeps(OTHER, "milestone set date=2026-10-10 label=own")
    for stranger in (OTHER, LEADER, ORGANISER, actor("mia", community=Community("fake", "there"))):
        for sure in ("", "yes"):
            said = text_of(await house.use(stranger, "milestone remove", milestone=row, sure=sure))

            assert LABEL not in said
            assert 2 == len(rows_of(house.address, "milestones"))


async def test_own_milestones_are_suggested(house: House) -> None:
    """By number, and by the owner's word or date; nobody else's are."""
    await house.keeps(MEMBER, f"milestone set date=2026-10-10 label={LABEL}")
    await house.keeps(MEMBER, "milestone set date=2026-10-11")
    suggest = house.app.core.suggest

    assert [Choice(f"1. {LABEL}", "1")] == list(await suggest("milestone remove", "milestone", "marma", MEMBER))
    assert [Choice("2. 2026-10-11", "2")] == list(await suggest("milestone remove", "milestone", "10-11", MEMBER))
    assert [] == list(await suggest("milestone remove", "milestone", "", OTHER))


async def test_milestones_are_part_of_home(house: House) -> None:
    """The owner's page shows them; somebody else's does not."""
    await house.keeps(MEMBER, PRIVATE)

    assert LABEL in text_of(await house.types(MEMBER, "home"))
    assert LABEL not in text_of(await house.types(OTHER, "home"))
