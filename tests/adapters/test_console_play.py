"""Playing transcripts."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest

from bot.adapters.console import play
from bot.core.port import ADDRESSED, TEXT, Ask, Button, Field, Kind, Member, MemberGone, Message, Reply, Update
from bot.core.text import plain
from tests.adapters.console_harness import Stage
from tests.adapters.fake_core import ADD, ANSWER, CATALOGUE, GREET, KEEP, MIRROR, SEND

KEEP_IT = Button("Keep it", KEEP, {"row": "7"})
HELP = Button("Get support", GREET)


async def test_a_dialogue_is_printed() -> None:
    """What people do and what they see reads like a conversation."""
    stage = Stage(zone="Europe/Berlin")
    stage.core.answers[GREET] = Reply(Message(plain("Good evening."), buttons=(KEEP_IT, HELP)))
    stage.due = [(timedelta(days=3, hours=1), stage.circle, Message(plain("A story."), "Listening"))]

    outcome = await stage.plays("# How it begins\nas leader 2\n/hearth greet\nsay hello\nwait 3 days 1 hour\n")

    expected = """\
        # How it begins

        Leader 2> /hearth greet

            Hearthside  (only you can see this)
            Good evening.

            [1] Keep it  [2] Get support

            #circle  Leader 2
            hello

            #circle  Hearthside  [Mon 26 Oct 10:00]
            Listening

            A story.

        --- Monday 26 October 2026, 10:00 (+01:00)

        """
    assert 0 == outcome.code
    assert dedent(expected) == stage.printed


async def test_commands_reach_the_core_as_typed() -> None:
    """The core reads the line, with people as ids; it comes from the channel."""
    stage = Stage()

    await stage.plays("as member 3\nnote send in=#circle who=@leader 2 on=2026-08-01\n")

    (heard,) = stage.core.heard
    assert (SEND, {"in": "#circle", "who": "@leader2", "on": "2026-08-01"}) == (heard.command, heard.arguments)
    assert ("Member 3", stage.circle) == (heard.actor.name, heard.place)


async def test_without_as_the_organiser_speaks() -> None:
    """Who comes first may do everything."""
    stage = Stage()

    await stage.plays("greet")

    assert stage.core.heard[0].actor.manages_community


# ---------------------------------------------------------------- expect and refuse


async def test_what_was_seen_is_expected() -> None:
    """Titles, footers, labels and line breaks count; private answers are for their owner alone."""
    stage = Stage()
    message = Message("One\n\ntwo **three**", "Title", "Footer", (KEEP_IT,))
    stage.core.answers[GREET] = Reply(message)

    outcome = await stage.plays(
        "as member\ngreet\nexpect Title One two three Footer [1] Keep it\nexpect only you\nrefuse title\n"
        "as member 2\nrefuse Title\nas member\nexpect Title\n"
    )

    assert 0 == outcome.code


@pytest.mark.parametrize(
    ("lines", "line", "problem"),
    [
        ("greet\n\nexpect Never", 3, "Member 1 has not seen this"),
        ("greet\nexpect all is done", 2, "Member 1 has not seen this"),
        ("greet\nrefuse All is  done", 2, "Member 1 has seen this"),
        ("greet\nwait 1 hour\nexpect done", 3, "Member 1 has not seen this"),
        ("press Nothing", 1, "Member 1 sees no such button; newest first: none at all"),
        ("press 1", 1, "Member 1 sees no such button; newest first: none at all"),
        ("answer yes", 1, "Member 1 has no form open"),
        ("note add\nanswer", 2, "this field may not stay empty"),
        ("menu Hold a mirror", 1, "Member 1 can see 0 messages, no more"),
        ("menu Polish on 1", 1, "the menu of a message has no such entry; it offers: Hold a mirror, Point at it"),
        ("wait a bit", 1, "write how long: `wait 3 days`, `wait 1 hour 30 minutes`"),
        ("wait 999999 weeks", 1, "that is longer than there are years"),
        ("at 2026-10-23T07:59Z", 1, "time does not go back: it is Friday 23 October 2026, 08:00 (+00:00) already"),
        ("at 0001-01-01T00:00+14:00", 1, "that is longer than there are years"),
    ],
)
async def test_a_line_that_does_not_hold_ends_the_play(lines: str, line: int, problem: str) -> None:
    """The line, its number, what is wrong and what was visible are printed, and nothing after it happens."""
    stage = Stage()

    outcome = await stage.plays(f"as member\n{lines}\nnote add title=After\n")

    assert (1, line + 1, problem) == (outcome.code, outcome.line, outcome.problem)
    assert f"line {line + 1}: {lines.rsplit(chr(10), maxsplit=1)[-1]}\n{problem}.\n" in stage.printed
    assert ADD not in [heard.command for heard in stage.core.heard if heard.arguments]


async def test_what_was_visible_is_printed() -> None:
    """The report repeats what the persona saw since something was last done."""
    stage = Stage()

    await stage.plays("as member\ngreet\nexpect Never\n")

    report = stage.printed.split("line 3")[1]
    assert "What Member 1 saw since something was last done:" in report
    assert "All is done." in report


async def test_a_file_that_is_no_text_ends_the_play() -> None:
    """Bytes that are no UTF-8 are one clear sentence, at their line."""
    stage = Stage()
    lines = io.TextIOWrapper(io.BytesIO(b"greet\n\xff\xfe\n"), encoding="utf-8")

    outcome = await play(stage.console, lines)

    assert 1 == outcome.code
    assert "a transcript must be a text file in UTF-8" == outcome.problem


# ---------------------------------------------------------------- buttons and menus


async def test_a_number_is_a_button_of_the_newest_message_that_has_so_many() -> None:
    """A newer message with fewer buttons is passed over."""
    stage = Stage()
    await stage.console.post(stage.circle, Message("Many", buttons=(HELP, KEEP_IT)), key="k1")
    await stage.console.post(stage.circle, Message("Few", buttons=(HELP,)), key="k2")

    outcome = await stage.plays("as member\npress 2\npress 1")

    assert 0 == outcome.code
    assert [KEEP, GREET] == [heard.command for heard in stage.core.heard]


async def test_the_newest_matching_button_is_pressed() -> None:
    """Labels match as written first, then in any case; other people's private messages are out of reach."""
    stage = Stage()
    old = Button("Yes", GREET, {"row": "1"})
    new = Button("yes", GREET, {"row": "2"})
    await stage.console.post(stage.circle, Message("Old", buttons=(old,)), key="k1")
    await stage.console.post(stage.circle, Message("New", buttons=(new,)), key="k2")
    await stage.console.post(stage.person("leader1"), Message("Hers", buttons=(old,)), key="k3")

    await stage.plays("as member\npress Yes\npress YES\n")

    assert ["1", "2"] == [heard.arguments["row"] for heard in stage.core.heard]


async def test_a_double_press_arrives_twice() -> None:
    """The finger comes down again although the button has just gone."""
    stage = Stage()
    stage.core.answers[KEEP] = Update(Message("Taken."))
    await stage.console.post(stage.person("member1"), Message("Take?", buttons=(KEEP_IT,)), key="k1")

    outcome = await stage.plays("as member\npress Keep it\npress Keep it\nexpect Taken\ngreet\npress Keep it\n")

    assert (1, 6) == (outcome.code, outcome.line)
    assert [KEEP, KEEP, GREET] == [heard.command for heard in stage.core.heard]
    assert [True, True] == [heard.on_private for heard in stage.core.heard[:2]]


async def test_a_menu_is_used_on_what_people_said_and_what_was_posted() -> None:
    """Messages are counted from the newest that this person can see."""
    stage = Stage()
    await stage.console.post(stage.circle, Message("A *story*.", "Title"), key="k1")

    await stage.plays(
        'as member\nsay I am tired\nas leader\ndm only mine\nas member 2\nmenu "Hold a mirror" on 2\n'
        "as member 3\nmenu hold a mirror\n"
    )

    texts = [heard.arguments["said"] for heard in stage.core.heard if heard.command == MIRROR]
    assert ["Title\nA story.", "I am tired"] == texts


# ---------------------------------------------------------------- forms


async def test_every_field_can_be_answered_in_order() -> None:
    """The whole form is shown, necessary fields come first, and after the last one the form is sent."""
    stage = Stage()

    outcome = await stage.plays(
        "note send\nexpect Where to\nexpect Which day\nanswer circle\nrefuse Where to\nexpect Whom for\n"
        "answer leader 2\nanswer 2026-08-02\nexpect done\n"
    )

    expected = {"in": "#circle", "who": "@leader2", "on": "2026-08-02"}
    assert 0 == outcome.code
    assert expected == stage.core.heard[-1].arguments


async def test_necessary_fields_alone_will_do() -> None:
    """The next line that is no answer sends the form; so does the end of the transcript."""
    stage = Stage()

    outcome = await stage.plays(
        "note add\nanswer First\n# a remark\n\nexpect done\nnote add\nanswer Second\ngreet\nnote add\nanswer Third"
    )

    sent = [heard.arguments.get("title", "") for heard in stage.core.heard]
    assert 0 == outcome.code
    assert ["", "First", "", "Second", "", "", "Third"] == sent


async def test_an_empty_answer_keeps_what_stands_there() -> None:
    """Known values stay; optional fields may be left empty."""
    stage = Stage()
    fields = next(entry.fields for entry in CATALOGUE if entry.path == ADD)
    stage.core.answers[GREET] = Ask(ADD, "Edit", fields, {"title": "A walk", "tone": "soft"})

    outcome = await stage.plays("greet\nexpect Now: A walk\nanswer\nanswer\nanswer\nanswer Europe/Berlin\n")

    assert 0 == outcome.code
    assert {"title": "A walk", "tone": "soft", "zone": "Europe/Berlin"} == stage.core.heard[-1].arguments


async def test_a_long_form_is_answered_by_name() -> None:
    """Only the necessary is asked; others are named, and the next line that is no answer sends the form."""
    stage = Stage()

    outcome = await stage.plays(
        "note plan\nexpect More, if you like\nanswer A walk\nanswer until=2027-01-31\nexpect done"
    )
    again = await stage.plays("note plan\nanswer A swim\nanswer\nexpect done\nnote plan\nanswer A run\nanswer nonsense")

    assert (0, 1) == (outcome.code, again.code)
    titles = [heard.arguments["title"] for heard in stage.core.heard if heard.arguments]
    assert ["A walk", "A swim"] == titles
    assert "2027-01-31" == stage.core.heard[1].arguments["until"]


async def test_what_is_missing_in_a_line_is_asked_for_and_nothing_else() -> None:
    """A line with some of its arguments needs only the others."""
    stage = Stage()

    outcome = await stage.plays("note send on=2026-08-01 who=@member\nrefuse Which day\nanswer #circle\nexpect done\n")

    assert 0 == outcome.code
    assert {"in": "#circle", "who": "@member1", "on": "2026-08-01"} == stage.core.heard[-1].arguments


async def test_only_wrong_fields_are_asked_again() -> None:
    """The problem is shown, one answer mends it, and the rest is kept."""
    stage = Stage()

    outcome = await stage.plays(
        "note add\nanswer wrong\nanswer clear\nanswer Many words\nanswer\n"
        "expect Please mend this one\nrefuse Time zone\nanswer Right\nexpect done\n"
    )

    assert 0 == outcome.code
    assert {"title": "Right", "tone": "clear", "words": "Many words"} == stage.core.heard[-1].arguments


async def test_a_wrong_value_that_nobody_needs_can_be_taken_out() -> None:
    """An empty answer to a wrong optional field leaves it out."""
    stage = Stage()

    await stage.plays("note add title=A zone=wrong\nanswer\nexpect done")

    assert {"title": "A"} == stage.core.heard[-1].arguments


@pytest.mark.parametrize("said", ["soft", "Soft and slow", "SOFT AND SLOW", "1"])
async def test_a_choice_is_made_by_value_label_or_number(said: str) -> None:
    """People answer as they like."""
    stage = Stage()

    await stage.plays(f"note add\nanswer A\nanswer {said}\n")

    assert "soft" == stage.core.heard[-1].arguments["tone"]


async def test_forms_belong_to_their_people() -> None:
    """Somebody else may act in between; doing something else leaves the form."""
    stage = Stage()
    await stage.console.post(stage.circle, Message("A.", buttons=(Button("Write", ANSWER, {"row": "7"}),)), key="k")

    outcome = await stage.plays("as member\npress Write\nas member 2\nanswer no\nas member\nanswer You sound tired\n")
    left = await stage.plays("as member\npress Write\ngreet\nanswer too late\n")

    assert (4, 4) == (outcome.line, left.line)
    assert not [heard for heard in stage.core.heard if "words" in heard.arguments]


async def test_a_form_is_printed_once() -> None:
    """Talking meanwhile leaves the form open and does not print it again."""
    stage = Stage()

    outcome = await stage.plays("as member\nnote add\nsay one moment\nanswer A walk\nexpect done\n")

    assert 0 == outcome.code
    assert 1 == stage.printed.count("Add a note")


async def test_a_form_from_a_private_message_may_replace_it() -> None:
    """What answers the form is an update of the message whose button opened it."""
    stage = Stage()
    ask = Ask(KEEP, "Keep", (Field("why", Kind.TEXT, "Why", ""),), hidden={"row": "7"})
    stage.core.answers = {GREET: Reply(Message("Before", buttons=(KEEP_IT,))), KEEP: ask}

    await stage.plays("greet\npress Keep it")
    stage.core.answers[KEEP] = Update(Message("After"))
    await stage.plays("greet\npress Keep it")

    assert stage.core.heard[-1].on_private
    assert ["Before", "After"] == [shown.message.body for shown in stage.console.world.messages.values()]


# ---------------------------------------------------------------- words for everyone, words for the bot


async def test_only_a_mention_reaches_the_bot() -> None:
    """What is said is seen by all; the bot hears its name and answers in private."""
    stage = Stage()

    outcome = await stage.plays(
        "as member\nsay good evening\nsay @Hearthside, are you there?\nexpect done\n"
        "as leader\nrefuse done\nexpect there\n"
    )

    (heard,) = stage.core.heard
    assert 0 == outcome.code
    assert (ADDRESSED, {TEXT: "are you there?"}, stage.circle) == (heard.command, heard.arguments, heard.place)


async def test_people_talk_where_something_was_posted_last() -> None:
    """The channel of the newest post is where they are."""
    stage = Stage()
    evening = type(stage.circle)(stage.circle.community, "evening")
    await stage.console.post(evening, Message("Hello."), key="k")

    await stage.plays("as member\nsay hi\ngreet")

    assert "#evening  Member 1" in stage.printed
    assert evening == stage.core.heard[0].place


async def test_the_bot_is_written_to_directly() -> None:
    """Text and answer stay between the two."""
    stage = Stage()

    outcome = await stage.plays("as member\ndm hello there\nexpect direct message to Member 1\n")

    (heard,) = stage.core.heard
    assert 0 == outcome.code
    assert (ADDRESSED, {TEXT: "hello there"}, stage.person("member1")) == (heard.command, heard.arguments, heard.place)


async def test_direct_messages_close_and_open() -> None:
    """A closed door refuses until it is opened."""
    stage = Stage()

    await stage.plays("as leader\ncloses direct messages")
    closed = await stage.console.access(stage.person("leader1"))
    await stage.plays("as leader\nopens direct messages")

    assert not closed.post
    assert (await stage.console.access(stage.person("leader1"))).post


async def test_who_leaves_is_gone_until_they_speak() -> None:
    """The core hears of it, and nobody is looked up in vain."""
    stage = Stage()
    member = stage.person("member1")

    await stage.plays("as member\nleaves")
    gone = await stage.console.look_up(member)
    await stage.plays("as member\ngreet")

    assert [MemberGone(member)] == stage.core.events
    assert gone is None
    assert await stage.console.belongs(member, stage.circle)


# ---------------------------------------------------------------- time


async def test_time_moves_by_lengths_and_to_instants() -> None:
    """A day is twenty-four hours; an instant keeps its offset, and without one it is in the zone shown."""
    stage = Stage(zone="Europe/Berlin")

    await stage.plays("wait 3 days\nat 2026-10-26T19:00\nat 2026-10-26T20:00+02:00\n")

    assert datetime(2026, 10, 26, 18, 0, tzinfo=UTC) == stage.clock.now()
    assert [
        "--- Monday 26 October 2026, 09:00 (+01:00)",
        "--- Monday 26 October 2026, 19:00 (+01:00)",
        "--- Monday 26 October 2026, 19:00 (+01:00)",
    ] == stage.printed.split("\n\n")[:3]


async def test_a_written_offset_is_shown_where_no_zone_was_chosen() -> None:
    """Whoever writes +02:00 reads +02:00."""
    stage = Stage()

    await stage.plays("at 2026-10-25T02:30+02:00\nwait 1 hour\n")

    assert "--- Sunday 25 October 2026, 03:30 (+02:00)" in stage.printed


async def test_what_is_due_is_done_after_every_act() -> None:
    """Commands, presses and texts each let the engine settle."""
    stage = Stage()

    await stage.plays("greet\ndm hello\nsay hello\nsay @hearthside hello\n")

    assert 3 == stage.settled


# ---------------------------------------------------------------- leaders without ceremony


async def test_a_leader_nobody_invited_is_welcomed_quietly() -> None:
    """Only numbered leaders, only once, before they first act, and nothing of it is shown."""
    welcomed: list[Member] = []

    async def welcome(member: Member) -> None:
        welcomed.append(member)
        await stage.console.post(member, Message("Welcome.", buttons=(KEEP_IT,)), key="w")

    stage = Stage(welcome=welcome)
    outcome = await stage.plays("as leader\nexpect nothing\n")
    again = await stage.plays("as leader\ngreet\ngreet\nas member\ngreet\nas leader 2\ngreet\npress Keep it\n")

    assert (2, 8) == (outcome.line, again.line)
    assert [stage.person("leader1"), stage.person("leader2")] == welcomed
    assert "Welcome" not in stage.printed


@pytest.mark.parametrize(
    "invitation", ["leader add who=@leader 2", "leader add @leader2", "/hearth leader add who=@Leader-2"]
)
async def test_an_invited_leader_accepts_by_themselves(invitation: str) -> None:
    """A typed invitation counts, and so does a direct message."""
    welcomed: list[Member] = []

    async def welcome(member: Member) -> None:
        welcomed.append(member)

    stage = Stage(welcome=welcome)
    await stage.console.post(stage.person("leader3"), Message("Would you like to lead?"), key="k")

    await stage.plays(f"{invitation}\nas leader 2\ngreet\nas leader 3\ngreet\nas leader 4\ngreet")

    assert [stage.person("leader4")] == welcomed
