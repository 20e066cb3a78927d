"""Every kind of interaction through the real client: in time, too late, after a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.adapters.discord.ids import Target, decode
from bot.core.port import (
    FILLED,
    HELD,
    Address,
    Ask,
    Button,
    Choice,
    Invocation,
    Member,
    Message,
    Reply,
    ReplyTo,
    Response,
    Thread,
    Update,
)
from bot.core.text import plain
from tests.adapters.discord_harness import DiscordHarness
from tests.adapters.fake_core import ADD, ANSWER, CATALOGUE, DONE, GREET, KEEP, PLAN, POINT_LABEL, FakeCore
from tests.adapters.fake_discord import Answer, FakeDiscord
from tests.adapters.fake_discord_world import Json
from tests.platform_contract import KEEP_IT, MEMBER, OTHER, WRITE

CALLBACK = r"/interactions/.+/callback"
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE = 4, 5, 6
NOTE = next(entry for entry in CATALOGUE if entry.path == ADD)


@pytest.fixture
async def discord() -> AsyncIterator[DiscordHarness]:
    harness = DiscordHarness()
    await harness.start()
    yield harness
    await harness.stop()


class SlowCore(FakeCore):
    """A core that answers only once the person has seen something."""

    def __init__(self, fake: FakeDiscord) -> None:
        super().__init__()
        self._fake = fake

    async def invoke(self, invocation: Invocation) -> Response:
        turn = list(self._fake.rest.turns.values())[-1]
        await self._fake.until(lambda: turn.kind is not None)
        return await super().invoke(invocation)


@pytest.fixture
async def slow() -> AsyncIterator[DiscordHarness]:
    """Run a platform for which every answer comes too late for a first response."""
    harness = DiscordHarness(in_time=timedelta(0))
    harness.core = SlowCore(harness.fake)
    await harness.start()
    yield harness
    await harness.stop()


def logged(logs: Sequence[MutableMapping[str, Any]], event: str) -> list[MutableMapping[str, Any]]:
    return [one for one in logs if one["event"] == event]


def said(text: str, *buttons: Button) -> Message:
    return Message(plain(text), buttons=buttons)


# ---------------------------------------------------------------- too late for a first response


async def test_a_late_reply_is_deferred_privately(slow: DiscordHarness) -> None:
    """The person sees that something is coming, alone, and then the answer."""
    slow.core.answers[GREET] = Reply(said("Here I am."))
    turn = slow.fake.slash(slow.people[MEMBER], slow.room, GREET)
    first, shown = await turn.first(), await turn.shown()

    assert (DEFERRED_MESSAGE, {"flags": 64}) == (first, turn.data)
    assert ("Here I am.", slow.people[MEMBER], 1) == (shown.text, shown.only_for, turn.edits)


async def test_a_late_form_becomes_a_message_with_a_button(slow: DiscordHarness) -> None:
    """A form cannot follow a deferral, so it waits behind a button."""
    turn = slow.fake.slash(slow.people[MEMBER], slow.room, ADD)
    shown = await turn.shown()
    (target,) = [decode(one["custom_id"]) for one in shown.buttons]

    assert (["Open the form"], ADD, {HELD: "held0"}) == (shown.labels, target.command, target.arguments)
    assert shown.only_for is slow.people[MEMBER]


async def test_a_late_update_still_replaces_the_private_message(slow: DiscordHarness) -> None:
    """On a private message the update itself is deferred."""
    slow.core.answers[GREET] = Reply(said("Before.", KEEP_IT))
    slow.core.answers[KEEP] = Update(said("After."))
    before = await slow.fake.slash(slow.people[MEMBER], slow.room, GREET).shown()
    turn = slow.fake.click(slow.people[MEMBER], before, KEEP_IT.label)
    first, after = await turn.first(), await turn.shown()

    assert DEFERRED_UPDATE == first
    assert (before.id, "After.") == (after.id, after.text)


async def test_a_late_reply_to_a_private_press_is_a_new_message(slow: DiscordHarness) -> None:
    """The private message that was pressed stays as it is."""
    slow.core.answers[GREET] = Reply(said("Before.", KEEP_IT))
    slow.core.answers[KEEP] = Reply(said("Beside."))
    before = await slow.fake.slash(slow.people[MEMBER], slow.room, GREET).shown()
    turn = slow.fake.click(slow.people[MEMBER], before, KEEP_IT.label)
    beside = await turn.shown()

    assert ("Before.", "Beside.") == (before.text, beside.text)
    assert beside.only_for is slow.people[MEMBER]


async def test_a_late_reply_to_a_public_press_stays_private(slow: DiscordHarness) -> None:
    """The post is not touched."""
    await slow.platform.post(slow.channel("circle"), said("For all.", KEEP_IT), key="k1")
    post = await slow.fake.post(slow.room)
    turn = slow.fake.click(slow.people[MEMBER], post, KEEP_IT.label)
    shown = await turn.shown()

    assert (DEFERRED_MESSAGE, DONE, slow.people[MEMBER]) == (turn.kind, shown.text, shown.only_for)
    assert "For all." == post.text


# ---------------------------------------------------------------- restarts


async def test_a_form_that_was_open_during_a_restart_works(discord: DiscordHarness) -> None:
    """Nothing of a form is kept in the process that opened it."""
    await discord.platform.post(discord.channel("circle"), said("A story.", WRITE), key="k1")
    await discord.presses(MEMBER, WRITE.label)
    await discord.halt()
    discord.platform = discord.make_platform()
    await discord.run()

    await discord.submits(MEMBER, {"words": "You sound tired."})

    heard = discord.core.heard[-1]
    assert (ANSWER, {"row": "7", "words": "You sound tired."}) == (heard.command, heard.arguments)


async def test_a_long_form_that_was_open_during_a_restart_comes_again(discord: DiscordHarness) -> None:
    """What it did not show is no longer in hand; what was filled in is."""
    await discord.types(MEMBER, "note plan loud=yes until=2027-01-31 at=19:00")
    discord.core.forgets()

    await discord.submits(MEMBER, {"title": "A walk"})
    await discord.presses(MEMBER, "Open the form")
    form = discord.form_seen(MEMBER)

    assert form is not None
    assert "A walk" == form.values["title"]


async def test_only_a_token_stands_in_a_long_form(discord: DiscordHarness) -> None:
    """What was written and is not shown is not given to Discord to carry."""
    turn = discord.fake.slash(
        discord.people[MEMBER],
        discord.room,
        PLAN,
        words="a secret",
        tone="soft",
        zone="UTC",
        day="mon",
        until="a secret",
    )
    form = await turn.form()

    assert "secret" not in form["custom_id"]
    assert {FILLED: "held0"} == decode(form["custom_id"]).arguments


async def test_buttons_survive_a_restart(discord: DiscordHarness) -> None:
    """A post of yesterday still does what it says."""
    await discord.platform.post(discord.channel("circle"), said("For all.", KEEP_IT), key="k1")
    await discord.halt()
    discord.platform = discord.make_platform()
    await discord.run()

    await discord.presses(MEMBER, KEEP_IT.label)

    assert KEEP_IT.arguments == discord.core.heard[-1].arguments


async def test_commands_are_declared_only_when_they_changed(discord: DiscordHarness) -> None:
    """A second start finds them there."""
    await discord.halt()
    discord.platform = discord.make_platform()
    await discord.run()

    assert 1 == len(discord.fake.requests("PUT", r"/applications/\d+/commands"))


# ---------------------------------------------------------------- what reaches the core


async def test_a_press_in_a_thread_tells_the_thread(discord: DiscordHarness) -> None:
    """The place is the thread in its channel."""
    circle = discord.channel("circle")
    posted = await discord.platform.post(circle, said("Talk here."), key="k1")
    thread = await discord.platform.start_thread(posted, "Talk")
    await discord.platform.post(thread, said("Inside.", KEEP_IT), key="k2")

    await discord.presses(MEMBER, KEEP_IT.label)

    assert Thread(circle, posted.message) == discord.core.heard[-1].place


async def test_a_note_answers_the_message_and_pings_nobody(discord: DiscordHarness) -> None:
    """In a channel and in a thread as a reply; where a thread began at the message, in that thread."""
    circle, fake = discord.channel("circle"), discord.fake
    await discord.says(MEMBER, "outside")
    await discord.replies(MEMBER, "inside")
    places: list[Address] = []
    for text in ("outside", "inside", "Let us talk here."):
        await discord.chooses(MEMBER, POINT_LABEL, text)
        about = discord.core.heard[-1].about
        assert about is not None
        places.append(about.beside)
        await discord.platform.post(about.beside, said("Noted."), key=f"k{len(places)}")

    written = {post.content: post for post in fake.world.posts.values() if post.content}
    notes = [post for post in fake.world.posts.values() if "Noted." in post.text]
    outside, inside, start = (written[text] for text in ("outside", "inside", "Let us talk here."))
    assert [ReplyTo(circle, outside.id), ReplyTo(circle, inside.id, start.id), Thread(circle, start.id)] == places
    assert [(outside, outside.room), (inside, inside.room), (None, inside.room)] == [
        (note.reply_to, note.room) for note in notes
    ]
    assert [set()] * 3 == [note.pings for note in notes]


@pytest.mark.parametrize("fields", [{"webhook": True}, {"kind": 7}])
async def test_only_a_person_s_own_words_have_an_author(discord: DiscordHarness, fields: Json) -> None:
    """Not what came through a webhook, nor what Discord says about a person, such as that they joined."""
    post = discord.fake.world.post(discord.room, discord.people[MEMBER], content="hello", **fields)

    await discord.fake.menu(discord.people[MEMBER], post, POINT_LABEL).shown()

    about = discord.core.heard[-1].about
    assert about is not None
    assert about.author is None


async def test_a_command_in_a_direct_message_has_no_community(discord: DiscordHarness) -> None:
    """And its answer is no ephemeral message there: it stays to be read."""
    ann = discord.people[MEMBER]
    shown = await discord.fake.slash(ann, discord.fake.world.direct(ann), GREET).shown()

    (heard,) = discord.core.heard
    assert isinstance(heard.place, Member)
    assert ("", heard.actor.member) == (heard.actor.member.community.id, heard.place)
    assert not shown.ephemeral


async def test_buttons_of_a_direct_message_keep_their_community(discord: DiscordHarness) -> None:
    """Also those of the answers that follow."""
    discord.core.answers[KEEP] = Reply(said("And now?", KEEP_IT))
    await discord.platform.post(discord.member(MEMBER), said("A break?", KEEP_IT), key="k1")

    await discord.presses(MEMBER, KEEP_IT.label)
    await discord.presses(MEMBER, KEEP_IT.label)

    assert [discord.member(MEMBER)] * 2 == [heard.actor.member for heard in discord.core.heard]


async def test_the_actors_own_language_is_told(discord: DiscordHarness) -> None:
    """The locale is the client's."""
    dora = discord.fake.member(discord.guild, "Dora", locale="de")
    await discord.fake.slash(dora, discord.room, GREET).shown()

    assert ("Dora", "de") == (discord.core.heard[-1].actor.name, discord.core.heard[-1].actor.locale)


async def test_choices_fit_discord(discord: DiscordHarness) -> None:
    """At most 25, cut where they are only read, left out where cutting would change them."""
    discord.core.choices = (Choice("x", "y" * 101), *(Choice("x" * 150, f"{number}") for number in range(40)))
    offered = await discord.fake.complete(discord.people[MEMBER], discord.room, ADD, "zone", "x").choices()

    assert (25, 100) == (len(offered), len(offered[0]["name"]))


async def test_a_form_never_answers_a_form(discord: DiscordHarness) -> None:
    """What is asked next waits behind a button."""
    await discord.types(MEMBER, "note add")
    discord.core.answers[ADD] = Ask(ADD, "One more thing", NOTE.fields[:1], held="h1")
    await discord.submits(MEMBER, {"title": "A walk"})

    assert ("Open the form",) == discord.answers_seen(MEMBER)[-1].buttons


async def test_a_button_that_nobody_knows_reaches_the_core(discord: DiscordHarness) -> None:
    """Posts of an older version may hold any command; the core says what to answer."""
    await discord.platform.post(discord.channel("circle"), said("Old.", Button("Old", "gone long ago")), key="k1")

    await discord.presses(MEMBER, "Old")

    assert "gone long ago" == discord.core.heard[-1].command


# ---------------------------------------------------------------- failures


class BrokenCore(FakeCore):
    """A core that breaks its promise and fails, with a member's words in its error."""

    async def invoke(self, invocation: Invocation) -> Response:
        raise RuntimeError(f"a member's secret words after {invocation.command}")


async def test_a_failure_is_logged_without_anybodys_words() -> None:
    """The log says where, and nothing that was written."""
    harness = DiscordHarness()
    harness.core = BrokenCore()
    await harness.start()
    with capture_logs() as logs:
        harness.fake.slash(harness.people[MEMBER], harness.room, GREET)
        await harness.until(lambda: logged(logs, "event failed"))
    await harness.stop()

    (entry,) = logged(logs, "event failed")
    assert ("on_interaction", "RuntimeError") == (entry["called"], entry["error"])
    assert "secret" not in str(logs)
    assert "test_discord_interactions.py" in entry["where"]


@pytest.mark.parametrize(("code", "level"), [(10062, "info"), (40060, "info"), (50035, "error")])
async def test_an_answer_that_is_not_taken_is_logged(discord: DiscordHarness, code: int, level: str) -> None:
    """Too late is no fault of ours; anything else is."""
    discord.fake.fault("POST", CALLBACK, Answer(400, {"message": "no", "code": code}))
    with capture_logs() as logs:
        discord.fake.slash(discord.people[OTHER], discord.room, GREET)
        await discord.until(lambda: logged(logs, "answer not taken"))

    assert [(level, code)] == [(one["log_level"], one["code"]) for one in logged(logs, "answer not taken")]


async def test_the_target_of_a_private_answer_is_one_person(discord: DiscordHarness) -> None:
    """Nobody else can press what they cannot see."""
    discord.core.answers[GREET] = Reply(said("For you.", KEEP_IT))
    shown = await discord.fake.slash(discord.people[MEMBER], discord.room, GREET).shown()

    assert (MESSAGE, Target(KEEP, KEEP_IT.arguments)) == (MESSAGE, decode(shown.buttons[0]["custom_id"]))
    with pytest.raises(LookupError):
        discord.fake.click(discord.people[OTHER], shown, KEEP_IT.label)
