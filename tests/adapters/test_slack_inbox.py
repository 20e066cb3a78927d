"""What people do on Slack reaches the core once, and what it answers reaches them, in time and in private."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.adapters.slack.api import Json
from bot.adapters.slack.manifest import SCOPES
from bot.adapters.slack.pointing import read_pointed
from bot.adapters.slack.turns import Turn
from bot.core.port import (
    ADDRESSED,
    TYPED,
    Actor,
    Ask,
    Button,
    Channel,
    Choice,
    Community,
    CommunityGone,
    File,
    Invocation,
    Member,
    Message,
    Picture,
    Reply,
    Response,
    Thread,
    Update,
)
from bot.core.text import plain
from tests.adapters.fake_core import ADD, CATALOGUE, DONE, GREET, KEEP, MIRROR, PROBLEM, WRONG, FakeCore
from tests.adapters.fake_slack import FakeSlack, Trouble, view_texts
from tests.adapters.fake_slack_wire import RESPONSE_URL
from tests.adapters.fake_slack_world import BOT_USER, TEAM, Conversation, Kind, Person
from tests.adapters.slack_harness import QUICK, Running, make_platform

HOME = "home"
KEEP_IT = Button("Keep it", KEEP, {"row": "7"})
NOTE = Message(plain("A story."), buttons=(KEEP_IT, Button("Add", ADD)))


class SlowCore(FakeCore):
    """A core that thinks for as long as a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.thinks = asyncio.Event()
        self.thinks.set()

    async def invoke(self, invocation: Invocation) -> Response:
        response = await super().invoke(invocation)
        await self.thinks.wait()
        return response

    async def suggest(self, command: str, field: str, typed: str, actor: Actor) -> Sequence[Choice]:
        await self.thinks.wait()
        return await super().suggest(command, field, typed, actor)


class Scene:
    """A workspace with Alice, Bob and a channel, and the bot running."""

    def __init__(self, slack: FakeSlack, in_time: float) -> None:
        self.slack = slack
        self.timing = replace(QUICK, in_time=in_time)
        self.alice, self.bob = slack.add_person("alice"), slack.add_person("bob")
        self.circle = slack.add_channel("circle", self.alice, self.bob)
        self.core = SlowCore()
        self.platform = make_platform(slack, timing=self.timing)
        self.running = Running(slack, self.platform, self.core)

    async def restart(self) -> None:
        """Start the bot anew, with nothing in memory."""
        await self.running.stop()
        await self.slack.until(lambda: not self.slack.wire.sockets)
        self.platform = make_platform(self.slack, timing=self.timing)
        self.running = Running(self.slack, self.platform, self.core)
        await self.running.start()

    def direct(self, person: Person) -> Conversation:
        return self.slack.world.direct(person.id)

    def channel(self) -> Channel:
        return Channel(Community("slack", TEAM), self.circle.id)

    def heard(self) -> list[tuple[str, dict[str, str]]]:
        """Return every command with the arguments that are not empty."""
        return [(one.command, {name: value for name, value in one.arguments.items() if value}) for one in self.core.raw]

    def texts(self, person: Person) -> list[str]:
        return [self.slack.shown(one) for one in self.slack.seen_by(person) if one.user == BOT_USER]

    def methods(self) -> list[str]:
        return [call.method for call in self.slack.wire.calls]


@asynccontextmanager
async def played(in_time: float) -> AsyncGenerator[Scene]:
    async with FakeSlack() as slack:
        slack.wire.api.scopes = set(SCOPES)
        made = Scene(slack, in_time)
        await made.running.start()
        try:
            yield made
        finally:
            made.core.thinks.set()
            await made.running.stop()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with played(QUICK.in_time) as made:
        yield made


@pytest.fixture
async def hurried() -> AsyncIterator[Scene]:
    """Play for slow cores: what takes longer than a moment counts as late."""
    async with played(0.4) as made:
        yield made


# ---------------------------------------------------------------- in time, and late


async def test_a_quick_answer_comes_with_the_acknowledgement(scene: Scene) -> None:
    """Within two seconds a command is answered at once, for one person's eyes, with nothing unfurled."""
    answer = await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)

    assert answer is not None
    assert (DONE, scene.alice.id, False) == (scene.slack.shown(answer), answer.only_for, answer.unfurls)
    assert [] == scene.slack.calls("response_url")


async def test_a_late_answer_comes_through_the_response_url(hurried: Scene) -> None:
    """A command is acknowledged in time, and answered when the core is done."""
    hurried.core.thinks.clear()

    answer = await hurried.slack.slash("/hearth", "greet", hurried.alice, hurried.circle)
    before = hurried.texts(hurried.alice)
    hurried.core.thinks.set()
    late = await hurried.slack.sees(hurried.alice, DONE)

    assert (None, []) == (answer, before)
    assert hurried.alice.id == late.only_for


async def test_a_used_up_response_url_gives_way_to_a_direct_message(hurried: Scene) -> None:
    """When the answer cannot come where the command was, it comes directly."""
    hurried.core.thinks.clear()
    hurried.slack.fail("response_url", Trouble.REFUSE, error="used_url")

    await hurried.slack.slash("/hearth", "greet", hurried.alice, hurried.circle)
    hurried.core.thinks.set()
    late = await hurried.slack.sees(hurried.alice, DONE)

    assert hurried.direct(hurried.alice).id == late.channel


async def test_a_late_form_waits_behind_a_button(hurried: Scene) -> None:
    """A trigger is good for three seconds; a form that comes later is offered, and opens by a press."""
    hurried.core.thinks.clear()

    await hurried.slack.slash("/hearth", "note add tone=soft", hurried.alice, hurried.circle)
    hurried.core.thinks.set()
    await hurried.slack.sees(hurried.alice, "Add a note")
    nothing_yet = hurried.slack.view_of(hurried.alice)
    await hurried.slack.click("Mend it", hurried.alice)
    form = await hurried.slack.opened(hurried.alice)

    assert nothing_yet is None
    assert "Add a note" in view_texts(form)
    assert "soft" == form.content["blocks"][1]["element"]["initial_option"]["value"]


async def test_a_stale_trigger_gives_way_to_a_button(scene: Scene) -> None:
    """If Slack will not open the form after all, it is offered in the same way."""
    scene.slack.fail("views.open", Trouble.REFUSE, error="expired_trigger_id")

    await scene.slack.slash("/hearth", "note add", scene.alice, scene.circle)
    await scene.slack.sees(scene.alice, "Your form is ready")
    await scene.slack.click("Open the form", scene.alice)

    assert await scene.slack.opened(scene.alice)


async def test_a_slow_form_is_acknowledged_and_answered_later(hurried: Scene) -> None:
    """Sending a form never times out; what is wrong with it then comes as a message."""
    await hurried.slack.slash("/hearth", "note add", hurried.alice, hurried.circle)
    await hurried.slack.opened(hurried.alice)
    hurried.core.thinks.clear()

    await hurried.slack.submit({"Title": WRONG}, hurried.alice)
    closed = hurried.slack.view_of(hurried.alice)
    hurried.core.thinks.set()
    message = await hurried.slack.sees(hurried.alice, PROBLEM)

    assert closed is None
    assert hurried.alice.id == message.only_for


async def test_suggestions_that_take_too_long_are_none(hurried: Scene) -> None:
    """A menu that waits shows nothing rather than an error."""
    await hurried.slack.slash("/hearth", "note add", hurried.alice, hurried.circle)
    await hurried.slack.opened(hurried.alice)
    hurried.core.thinks.clear()

    assert [] == await hurried.slack.suggestions("field.zone", "ber", hurried.alice)


async def test_what_may_be_anything_can_be_typed(scene: Scene) -> None:
    """A field that only suggests takes what was typed as well; a zone has to be one of those offered."""
    asked = Ask(ADD, "Add a note", tuple(replace(one, suggests=True) for one in CATALOGUE[2].fields))
    scene.core.answers[GREET] = asked
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    await scene.slack.opened(scene.alice)

    offered = [await scene.slack.suggestions(f"field.{name}", "ber", scene.alice) for name in ("title", "zone")]

    expected = [["Europe/Berlin", "ber"], ["Europe/Berlin"]]
    assert expected == [[option["value"] for option in options] for options in offered]


# ---------------------------------------------------------------- where answers go


async def test_a_private_command_is_answered_in_place(scene: Scene) -> None:
    """In the bot's own conversation an answer is an ordinary message, and stays."""
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.direct(scene.alice))

    answer = await scene.slack.sees(scene.alice, DONE)

    assert (scene.direct(scene.alice).id, None) == (answer.channel, answer.only_for)
    assert isinstance(scene.core.raw[0].place, Member)


async def test_a_command_in_other_peoples_conversation_stays_there(scene: Scene) -> None:
    """A slash command works where the bot is not; the answer is for one person's eyes there."""
    theirs = Conversation("D0ELSEWHERE", "", Kind.IM, [scene.alice.id, scene.bob.id])
    scene.slack.world.conversations[theirs.id] = theirs

    answer = await scene.slack.slash("/hearth", "greet", scene.alice, theirs)

    assert answer is not None
    assert scene.alice.id == answer.only_for
    assert [] == scene.texts(scene.bob)


async def test_a_mention_is_answered_directly(scene: Scene) -> None:
    """A mention is heard without the mention, in its thread, and answered where nobody else reads."""
    scene.core.answers[ADDRESSED] = Reply(Message(plain("A card.")))

    await scene.slack.mention("hello there", scene.alice, scene.circle)
    answer = await scene.slack.sees(scene.alice, "A card.")

    assert [(ADDRESSED, {"text": "hello there"})] == scene.heard()
    assert scene.direct(scene.alice).id == answer.channel
    assert [] == scene.slack.posts(scene.circle)


async def test_the_answer_to_a_form_comes_where_it_was_opened(scene: Scene) -> None:
    """A form remembers the channel and the response_url of the command that opened it."""
    await scene.slack.slash("/hearth", "note add", scene.alice, scene.circle)
    await scene.slack.opened(scene.alice)

    await scene.slack.submit({"Title": "A walk", "Time zone": "Berlin"}, scene.alice)
    answer = await scene.slack.sees(scene.alice, DONE)

    assert (scene.circle.id, scene.alice.id) == (answer.channel, answer.only_for)
    assert (ADD, {"title": "A walk", "zone": "Europe/Berlin"}) == scene.heard()[-1]


async def test_a_press_in_a_thread_is_answered_there(scene: Scene) -> None:
    """The private answer appears beside the message that was pressed."""
    first = scene.slack.writes(scene.bob, "first", scene.circle)
    thread = Thread(scene.channel(), first.ts)
    await scene.platform.post(thread, NOTE, key="k1")

    await scene.slack.click("Keep it", scene.alice)
    answer = await scene.slack.sees(scene.alice, DONE)

    assert (first.ts, scene.alice.id) == (answer.thread_ts, answer.only_for)
    assert thread == scene.core.raw[-1].place


async def test_an_update_of_a_private_answer_replaces_it(scene: Scene) -> None:
    """A private message gives way to the new one; nothing new appears."""
    scene.core.answers = {GREET: Reply(NOTE), KEEP: Update(Message(plain("After.")))}
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)

    await scene.slack.click("Keep it", scene.alice)
    await scene.slack.sees(scene.alice, "After.")

    assert ["After."] == scene.texts(scene.alice)


async def test_a_public_message_is_never_replaced(scene: Scene) -> None:
    """Whatever the core says, a press leaves what everybody reads as it is."""
    await scene.platform.post(scene.channel(), NOTE, key="k1")
    scene.core.answers[KEEP] = Update(Message(plain("After.")))

    await scene.slack.click("Keep it", scene.alice)
    await scene.slack.sees(scene.alice, "After.")

    assert "A story." in scene.slack.shown(scene.slack.posts(scene.circle)[0])


async def test_files_come_directly(scene: Scene) -> None:
    """An ephemeral message can hold no file, so files come in the direct messages."""
    scene.core.answers[GREET] = Reply(Message(plain("Yours."), files=(File("mine.json", b"{}"),)))

    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    shared = await scene.slack.sees(scene.alice, "mine.json")

    assert scene.direct(scene.alice).id == shared.channel
    assert "You find the file in your direct messages with me." in scene.texts(scene.alice)[0]
    assert [b"{}"] == [one.content for one in scene.slack.world.uploads.values()]


async def test_a_file_that_does_not_come_is_told(scene: Scene) -> None:
    """Nobody goes on looking for it."""
    scene.core.answers[GREET] = Reply(Message(plain("Yours."), files=(File("mine.json", b"{}"),)))
    scene.slack.fail("files.completeUploadExternal", Trouble.REFUSE, error="file_update_failed")

    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)

    await scene.slack.sees(scene.alice, "the file could not be brought")


async def test_pictures_come_with_private_answers(scene: Scene) -> None:
    """An answer with a picture waits for the upload; if it fails, the words come alone."""
    picture = Picture(b"abc", "image/png", "A bench by the river")
    scene.core.answers[GREET] = Reply(Message(plain("Look."), picture=picture))
    scene.slack.wire.api.looks_before_ready = 2

    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    first = await scene.slack.sees(scene.alice, "Look.")
    scene.slack.fail("files.getUploadURLExternal", Trouble.REFUSE, error="missing_scope")
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    await scene.slack.until(lambda: len(scene.texts(scene.alice)) == 2)

    kinds = [[block["type"] for block in one.blocks] for one in scene.slack.seen_by(scene.alice)]
    assert [["section", "image"], ["section"]] == kinds
    assert "A bench by the river" in first.text


async def test_a_picture_that_an_answer_does_not_show_is_deleted(scene: Scene) -> None:
    """One that never gets ready, and one whose answer had to take another way, with a picture of its own."""
    picture = Picture(b"abc", "image/png", "A bench by the river")
    scene.core.answers[GREET] = Reply(Message(plain("Look."), picture=picture))
    scene.slack.wire.api.looks_before_ready = 1_000
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    await scene.slack.until(lambda: scene.slack.calls("files.delete"))
    without = await scene.slack.sees(scene.alice, "Look.")
    scene.slack.wire.api.looks_before_ready = 0
    scene.slack.fail(RESPONSE_URL, Trouble.RATE_LIMITED, times=4)
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    await scene.slack.until(lambda: len(scene.texts(scene.alice)) == 2)

    seen = [scene.slack.pictures(one) for one in scene.slack.seen_by(scene.alice)]
    assert ([[], ["A bench by the river"]], "Look.") == (seen, without.text)
    assert [b"abc"] == scene.slack.kept()


# ---------------------------------------------------------------- home


async def test_the_home_tab_is_drawn_when_it_is_opened(scene: Scene) -> None:
    """Opening the tab asks the core for `home` and draws its answer; the messages tab asks for nothing."""
    scene.core.answers[HOME] = Reply(Message(plain("Welcome."), "Hearthside", buttons=(KEEP_IT,)))

    await scene.slack.open_home(scene.alice, "messages")
    await scene.slack.open_home(scene.alice)
    await scene.slack.until(lambda: scene.slack.home_of(scene.alice))

    home = scene.slack.home_of(scene.alice)
    assert home is not None
    assert "Welcome." in view_texts(home)
    assert [(HOME, {})] == scene.heard()


async def test_a_press_in_the_home_tab_is_answered_directly(scene: Scene) -> None:
    """There is no message to answer beside, so the answer is a direct message."""
    scene.core.answers[HOME] = Reply(NOTE)
    await scene.slack.open_home(scene.alice)
    await scene.slack.until(lambda: scene.slack.home_of(scene.alice))

    await scene.slack.click("Keep it", scene.alice)
    answer = await scene.slack.sees(scene.alice, DONE)

    assert scene.direct(scene.alice).id == answer.channel
    assert (KEEP, {"row": "7"}, False) == (*scene.heard()[-1], scene.core.raw[-1].on_private)


async def test_a_form_opens_from_the_home_tab(scene: Scene) -> None:
    """Forms open from there as from anywhere."""
    scene.core.answers[HOME] = Reply(NOTE)
    await scene.slack.open_home(scene.alice)
    await scene.slack.until(lambda: scene.slack.home_of(scene.alice))

    await scene.slack.click("Add", scene.alice)

    assert await scene.slack.opened(scene.alice)


# ---------------------------------------------------------------- once


async def test_a_redelivered_event_is_heard_once(scene: Scene) -> None:
    """Slack delivers again what it thinks was lost; the core hears it once."""
    await scene.slack.dm("hello", scene.alice)
    await scene.slack.redeliver()
    await scene.slack.redeliver(retry=2)
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    await scene.slack.until(lambda: len(scene.heard()) > 1)

    assert [ADDRESSED, TYPED] == sorted(command for command, _ in scene.heard())


async def test_a_redelivered_envelope_is_acknowledged_and_dropped(scene: Scene) -> None:
    """The same envelope twice is acknowledged twice and handled once, whatever it carries."""
    deliver = scene.slack.wire.deliver
    await scene.slack.open_home(scene.alice)
    payload = scene.slack.last_event | {"event_id": ""}
    sent = [await deliver("events_api", payload, envelope="the-same") for _ in range(2)]
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    await scene.slack.until(lambda: len(scene.heard()) > 2)

    assert [None, None] == sent
    assert [TYPED, HOME, HOME] == sorted(command for command, _ in scene.heard())


async def test_a_form_sent_twice_is_heard_once(scene: Scene) -> None:
    """A form that was taken is not taken again; one that came back to be mended is."""
    await scene.slack.slash("/hearth", "note add", scene.alice, scene.circle)
    form = await scene.slack.opened(scene.alice)
    problems = await scene.slack.submit({"Title": WRONG}, scene.alice)
    await scene.slack.submit({"Title": "Better"}, scene.alice)
    form.open = True
    await scene.slack.submit({"Title": "Better"}, scene.alice)

    assert {"field.title": PROBLEM} == problems
    assert [{"title": WRONG}, {"title": "Better"}] == [told for command, told in scene.heard() if command == ADD]


async def test_a_form_survives_a_restart(scene: Scene) -> None:
    """A form that was open while the bot restarted is taken, with all that it does not show."""
    shown = Ask(ADD, "Add a note", CATALOGUE[2].fields, hidden={"row": "7"})
    scene.core.answers[GREET] = shown
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)
    await scene.slack.opened(scene.alice)

    await scene.restart()
    await scene.slack.submit({"Title": "A walk"}, scene.alice)
    answer = await scene.slack.sees(scene.alice, DONE)

    assert (ADD, {"row": "7", "title": "A walk"}) == scene.heard()[-1]
    assert scene.circle.id == answer.channel


async def test_another_form_can_follow_a_form(scene: Scene) -> None:
    """When the next question is another one, the open form becomes it."""
    await scene.slack.slash("/hearth", "note add", scene.alice, scene.circle)
    await scene.slack.opened(scene.alice)
    scene.core.answers[ADD] = Ask("note send", "Send a note", CATALOGUE[5].fields, hidden={"row": "9"})

    await scene.slack.submit({"Title": "A walk"}, scene.alice)
    form = scene.slack.view_of(scene.alice)
    await scene.slack.submit({"Channel": scene.circle.id, "Member": scene.bob.id}, scene.alice)
    await scene.slack.sees(scene.alice, DONE)

    assert form is not None
    expected = {"row": "9", "in": f"#{scene.circle.id}", "who": f"@{scene.bob.id}"}
    assert ("note send", expected) == scene.heard()[-1]


# ---------------------------------------------------------------- what is not for us


async def test_bots_and_edits_are_ignored(scene: Scene) -> None:
    """Neither other bots nor news about old messages are somebody talking to us."""
    told = {"type": "message", "channel_type": "im", "channel": scene.direct(scene.alice).id, "ts": "1.1", "text": "x"}
    edited = {"subtype": "message_changed", "message": {"text": "x"}, "user": scene.alice.id}
    for odd in ({"bot_id": "B0OTHER000", "user": "U0OTHERBOT"}, edited, {"user": BOT_USER}, {}):
        await scene.slack.event(told | odd)
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)

    assert [TYPED] == [command for command, _ in scene.heard()]


async def test_messages_in_channels_are_ignored_even_when_slack_tells_them(scene: Scene) -> None:
    """Somebody may subscribe the app to too much; we do not listen all the same."""
    scene.slack.subscriptions.add("message.channels")
    await scene.slack.say("among us", scene.alice, scene.circle)
    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)

    assert [TYPED] == [command for command, _ in scene.heard()]


async def test_a_message_is_read_with_the_names_that_it_mentions(scene: Scene) -> None:
    """Those that Slack does not tell stay as they are."""
    text = "<@U0ALICE000|al> and <@U0NOBODY00> &lt;said&gt; *so*, in <#C0CIRCLE00|circle>"
    message = scene.slack.writes(scene.alice, text, scene.circle)

    await scene.slack.shortcut(MIRROR, message, scene.alice)

    assert (MIRROR, {"said": "@alice and @U0NOBODY00 <said> *so*, in #C0CIRCLE00"}) == scene.heard()[-1]


@pytest.mark.parametrize(
    ("told", "wrote"),
    [({}, True), ({"subtype": "me_message"}, True), ({"subtype": "channel_join"}, False), ({"bot_id": "B1"}, False)],
)
async def test_only_a_person_s_own_words_have_an_author(scene: Scene, told: Json, wrote: bool) -> None:
    """Not what a bot wrote in their name, nor what Slack says about them; notes stand in the message's thread."""
    turn = Turn.of(scene.channel().community, {"user": {"id": "U0ALICE000"}}, "C1")

    about = read_pointed(turn, {"user": "U0ALICE000", "ts": "1.1", "text": "hi", **told})

    assert about is not None
    assert (turn.member if wrote else None) == about.author
    assert Thread(Channel(turn.community, "C1"), "1.1") == about.beside
    assert read_pointed(turn, {}) is None


async def test_foreign_buttons_are_ignored(scene: Scene) -> None:
    """A press whose value is not ours changes nothing and is acknowledged."""
    post = await scene.platform.post(scene.channel(), NOTE, key="k1")
    scene.slack.world.message(post.place, post.message).blocks[-1]["elements"][0]["value"] = "v1|keep|7"

    await scene.slack.click("Keep it", scene.alice)
    await scene.slack.shortcut("a menu of long ago", scene.slack.posts(scene.circle)[0], scene.alice)

    assert [] == scene.heard()


async def test_a_removed_app_is_told_to_the_core(scene: Scene) -> None:
    """Both of Slack's ways to say so mean that the community is gone; a member's own token does not."""
    await scene.slack.event({"type": "tokens_revoked", "tokens": {"oauth": ["U0ALICE000"], "bot": []}})
    none_yet = list(scene.core.events)
    await scene.slack.uninstall()
    await scene.slack.until(lambda: len(scene.core.events) == 2)

    gone = CommunityGone(scene.channel().community)
    assert ([], [gone, gone]) == (none_yet, scene.core.events)


# ---------------------------------------------------------------- when Slack fails


async def test_admins_are_told_apart_at_the_moment_of_use(scene: Scene) -> None:
    """Admins and owners manage the community; when Slack does not say, nobody does."""
    admin, owner = scene.slack.add_person("adam", admin=True), scene.slack.add_person("olga", owner=True)
    for person in (admin, owner, scene.alice):
        await scene.slack.slash("/hearth", "greet", person, scene.circle)
    unknown = scene.slack.add_person("uma", admin=True)
    scene.slack.fail("users.info", Trouble.SERVER_ERROR)
    await scene.slack.slash("/hearth", "greet", unknown, scene.circle)

    assert [True, True, False, False] == [one.actor.manages_community for one in scene.core.raw]
    assert ["adam", "olga", "alice", "uma"] == [one.actor.name for one in scene.core.raw]
    assert ["en-US"] * 3 + [""] == [one.actor.locale for one in scene.core.raw]


@pytest.mark.parametrize(("team", "stranger"), [("T0ELSEWHERE", False), ("T0CIRCLE00", True), ("T0ELSEWHERE", True)])
async def test_admins_of_elsewhere_manage_nothing_here(scene: Scene, team: str, stranger: bool) -> None:
    """In a shared channel, the owner of another workspace is a member like any other."""
    guest = scene.slack.add_person("gus", admin=True, owner=True)
    guest.team, guest.stranger = team, stranger
    await scene.slack.slash("/hearth", "greet", guest, scene.circle)

    assert [False] == [one.actor.manages_community for one in scene.core.raw]


async def test_a_fault_of_ours_is_said_and_acknowledged(scene: Scene) -> None:
    """If the core breaks its promise, the person reads one kind sentence and nothing of the error."""
    scene.core.answers[GREET] = Reply(Message("x", buttons=(Button("Too much", GREET, {"row": "x" * 3_000}),)))

    await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)

    assert "I am sorry" in (await scene.slack.sees(scene.alice, "Something went wrong")).text


async def test_when_nothing_can_be_said_nothing_breaks(scene: Scene) -> None:
    """With the response_url gone and direct messages closed, the next command works all the same."""
    scene.alice.dm_refusal = "cannot_dm_bot"
    scene.slack.fail("response_url", Trouble.REFUSE, error="used_url")
    await scene.platform.post(scene.channel(), NOTE, key="k1")
    await scene.slack.click("Keep it", scene.alice)
    await scene.slack.until(lambda: "response_url" in scene.methods())

    answer = await scene.slack.slash("/hearth", "greet", scene.alice, scene.circle)

    assert answer is not None
