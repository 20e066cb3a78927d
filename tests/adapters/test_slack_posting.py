"""Posts arrive once, and every failure says whether it is worth another try."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.slack import uploads
from bot.adapters.slack.manifest import SCOPES
from bot.core.port import (
    Access,
    Address,
    Button,
    CannotLookError,
    Channel,
    Community,
    DeliveryError,
    File,
    Member,
    Message,
    Outcome,
    Picture,
    Profile,
    Reason,
    ReplyTo,
    Thread,
)
from bot.core.text import mention, plain
from tests.adapters import fake_slack_world
from tests.adapters.fake_slack import FakeSlack, Trouble
from tests.adapters.fake_slack_world import BOT_USER, TEAM
from tests.adapters.slack_harness import QUICK, make_platform

HOME = Community("slack", TEAM)
CIRCLE = Channel(HOME, "C0CIRCLE00")
ALICE = Member(HOME, "U0ALICE000")
ROOT = Path(__file__).parents[2]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HELLO = Message(plain("Hello."), buttons=(Button("Keep", "note keep", {"row": "7"}),))
BENCH = Picture(b"abc", "image/png", "A bench")
LOOK = Message(plain("Look."), picture=BENCH)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        fake.wire.api.scopes = set(SCOPES)
        fake.add_channel("circle", fake.add_person("alice"))
        yield fake


async def failure(slack: FakeSlack, to: Address = CIRCLE) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await make_platform(slack).post(to, HELLO, key="k1")
    return caught.value


def posts(slack: FakeSlack) -> list[fake_slack_world.Message]:
    return slack.posts(slack.world.conversations[CIRCLE.id])


async def test_a_post_carries_its_key_and_nothing_else(slack: FakeSlack) -> None:
    """The metadata, which every app may read, is an opaque key; nothing is unfurled."""
    posted = await make_platform(slack).post(CIRCLE, HELLO, key="k1")

    (call,) = slack.calls("chat.postMessage")
    expected = {"event_type": "hearthside_post", "event_payload": {"key": "k1"}}
    assert expected == call.arguments["metadata"]
    assert (False, False) == (call.arguments["unfurl_links"], call.arguments["unfurl_media"])
    assert [(posted.message, "k1")] == [(one.ts, one.key) for one in posts(slack)]


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("trouble", [Trouble.DROP, Trouble.SERVER_ERROR, Trouble.GARBLED])
async def test_a_lost_answer_is_a_doubt_that_looking_settles(
    slack: FakeSlack, trouble: Trouble, accepted: bool
) -> None:
    """After a lost answer nothing is sent again by itself; `find` tells whether the post arrived."""
    slack.fail("chat.postMessage", trouble, accepted=accepted)

    error = await failure(slack)
    found = await make_platform(slack).find(CIRCLE, "k1", since=LONG_AGO)

    assert Outcome.UNKNOWN is error.outcome
    assert 1 == len(slack.calls("chat.postMessage"))
    assert accepted == (found is not None) == bool(posts(slack))


async def test_a_post_that_hangs_can_be_given_up(slack: FakeSlack) -> None:
    """Who waits may stop waiting; the post is there all the same, and is found."""
    slack.fail("chat.postMessage", Trouble.HANG, accepted=True)
    platform = make_platform(slack)

    posting = asyncio.create_task(platform.post(CIRCLE, HELLO, key="k1"))
    await slack.until(lambda: posts(slack))
    posting.cancel()
    found = await platform.find(CIRCLE, "k1", since=LONG_AGO)

    assert found is not None


CHILD = """
import asyncio, sys
from bot.core.port import Channel, Community, Message
from tests.adapters.slack_harness import platform_at
platform = platform_at(sys.argv[1])
asyncio.run(platform.post(Channel(Community("slack", "T0CIRCLE00"), "C0CIRCLE00"), Message("Hello."), key="k1"))
"""


async def test_a_killed_process_leaves_a_post_that_is_found(slack: FakeSlack) -> None:
    """Killed after Slack accepted and before it heard so, the bot finds its post when it comes back."""
    slack.fail("chat.postMessage", Trouble.HANG, accepted=True)

    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, slack.api_url, cwd=ROOT)
    await slack.until(lambda: posts(slack), within=30)
    child.kill()
    await child.wait()
    found = await make_platform(slack).find(CIRCLE, "k1", since=LONG_AGO)

    assert found is not None
    assert ["k1"] == [one.key for one in posts(slack)]


async def test_slack_that_is_not_there_is_worth_another_try(slack: FakeSlack) -> None:
    """A refused connection has posted nothing."""
    await slack.wire.stop()

    error = await failure(slack)

    assert (Reason.UNREACHABLE, Outcome.LATER) == (error.reason, error.outcome)


async def test_a_limit_says_when_to_come_back(slack: FakeSlack) -> None:
    """The wait that Slack names is passed on, so that others can be served meanwhile."""
    slack.fail("chat.postMessage", Trouble.RATE_LIMITED, retry_after=30)

    error = await failure(slack)

    expected = (Reason.TOO_FAST, Outcome.LATER, timedelta(seconds=30))
    assert expected == (error.reason, error.outcome, error.retry_after)
    assert 1 == len(slack.calls("chat.postMessage"))


@pytest.mark.parametrize(
    ("code", "reason", "outcome"),
    [
        ("channel_not_found", Reason.GONE, Outcome.REFUSED),
        ("account_inactive", Reason.GONE, Outcome.REFUSED),
        ("cannot_reply_to_message", Reason.GONE, Outcome.REFUSED),
        ("not_in_channel", Reason.FORBIDDEN, Outcome.REFUSED),
        ("missing_scope", Reason.FORBIDDEN, Outcome.REFUSED),
        ("invalid_auth", Reason.FORBIDDEN, Outcome.REFUSED),
        ("restricted_action_read_only_channel", Reason.FORBIDDEN, Outcome.REFUSED),
        ("is_archived", Reason.ARCHIVED, Outcome.REFUSED),
        ("cannot_dm_bot", Reason.CLOSED, Outcome.REFUSED),
        ("messages_tab_disabled", Reason.CLOSED, Outcome.REFUSED),
        ("msg_too_long", Reason.REJECTED, Outcome.REFUSED),
        ("a_word_of_tomorrow", Reason.REJECTED, Outcome.REFUSED),
        ("message_limit_exceeded", Reason.TOO_FAST, Outcome.LATER),
        ("ratelimited", Reason.TOO_FAST, Outcome.LATER),
        ("internal_error", Reason.BROKEN, Outcome.UNKNOWN),
        ("fatal_error", Reason.BROKEN, Outcome.UNKNOWN),
    ],
)
async def test_refusals_have_reasons(slack: FakeSlack, code: str, reason: Reason, outcome: Outcome) -> None:
    """Slack's words become ours, and say whether it will ever work."""
    slack.fail("chat.postMessage", Trouble.REFUSE, error=code)

    error = await failure(slack)

    assert (reason, outcome) == (error.reason, error.outcome)


async def test_a_person_who_left_is_gone_and_one_who_was_disabled_is_closed(slack: FakeSlack) -> None:
    """Direct messages fail for a reason."""
    gone = await failure(slack, Member(HOME, "U0NOBODY00"))
    slack.add_person("bob").deleted = True
    closed = await failure(slack, Member(HOME, "U0BOB00000"))

    assert (Reason.GONE, Reason.CLOSED) == (gone.reason, closed.reason)


async def test_looking_never_leaves_a_doubt(slack: FakeSlack) -> None:
    """A look that failed has changed nothing and can be made again."""
    for trouble in (Trouble.DROP, Trouble.SERVER_ERROR, Trouble.RATE_LIMITED):
        # the client itself makes a read again once when the connection closes
        slack.fail("conversations.history", trouble, times=2 if trouble is Trouble.DROP else 1)
        with pytest.raises(DeliveryError) as caught:
            await make_platform(slack).find(CIRCLE, "k1", since=LONG_AGO)
        slack.wire.faults.clear()
        assert Outcome.LATER is caught.value.outcome


async def test_finding_looks_through_page_after_page(slack: FakeSlack) -> None:
    """Our post is found behind what people wrote since; theirs is never taken for ours."""
    platform = make_platform(slack)
    posted = await platform.post(CIRCLE, HELLO, key="k1")
    alice, circle = slack.world.people[ALICE.id], slack.world.conversations[CIRCLE.id]
    for number in range(450):
        slack.writes(alice, f"message {number}", circle).metadata = posts(slack)[0].metadata

    found = await platform.find(CIRCLE, "k1", since=LONG_AGO)

    assert posted == found
    assert 3 == len(slack.calls("conversations.history"))


async def test_a_search_that_would_never_end_says_so(slack: FakeSlack) -> None:
    """Not having looked through everything is not the same as finding nothing."""
    alice, circle = slack.world.people[ALICE.id], slack.world.conversations[CIRCLE.id]
    for number in range(4_001):
        slack.writes(alice, f"message {number}", circle)

    with pytest.raises(CannotLookError):
        await make_platform(slack).find(CIRCLE, "k1", since=LONG_AGO)


async def test_only_what_came_since_is_looked_at(slack: FakeSlack) -> None:
    """Older posts are never read."""
    now = [1_800_000_000.0]
    slack.world.now = lambda: now[0]
    platform = make_platform(slack)
    await platform.post(CIRCLE, HELLO, key="k1")
    now[0] += 3_600

    assert await platform.find(CIRCLE, "k1", since=datetime.fromtimestamp(now[0] - 60, UTC)) is None
    assert await platform.find(CIRCLE, "k1", since=datetime.fromtimestamp(now[0] - 7_200, UTC))


async def test_another_bots_mark_is_not_ours(slack: FakeSlack) -> None:
    """Anybody may write our key into their metadata."""
    platform = make_platform(slack)
    await platform.post(CIRCLE, HELLO, key="k1")
    slack.world.messages[0].user = "U0OTHERBOT"

    assert await platform.find(CIRCLE, "k1", since=LONG_AGO) is None


@pytest.mark.parametrize("code", ["not_in_channel", "missing_scope", "channel_not_found", "thread_not_found"])
async def test_where_we_may_not_look_nobody_can_say(slack: FakeSlack, code: str) -> None:
    """Slack's refusal to show a conversation is told apart from an empty one."""
    slack.fail("conversations.history", Trouble.REFUSE, error=code)

    with pytest.raises(CannotLookError):
        await make_platform(slack).find(CIRCLE, "k1", since=LONG_AGO)


@pytest.mark.parametrize("stays", [False, True])
async def test_an_answer_to_what_is_gone_is_taken_down(slack: FakeSlack, stays: bool) -> None:
    """Slack puts it into the channel for all; if it cannot be taken down at once, it is known where it stands."""
    if stays:
        slack.fail("chat.delete", Trouble.REFUSE, error="cant_delete_message")
        posted = await make_platform(slack).post(ReplyTo(CIRCLE, "1.000001"), HELLO, key="k1")
        assert [posted.message] == [one.ts for one in posts(slack)]
        return

    error = await failure(slack, ReplyTo(CIRCLE, "1.000001"))

    assert (Reason.GONE, Outcome.REFUSED) == (error.reason, error.outcome)
    assert [] == posts(slack)


async def test_replies_are_found_in_their_thread(slack: FakeSlack) -> None:
    """A reply stands in a thread, and is looked for there."""
    platform = make_platform(slack)
    first = await platform.post(CIRCLE, HELLO, key="k1")
    reply_to = ReplyTo(CIRCLE, first.message)
    reply = await platform.post(reply_to, HELLO, key="k2")

    assert reply == await platform.find(reply_to, "k2", since=LONG_AGO)
    assert await platform.find(CIRCLE, "k2", since=LONG_AGO) is None
    assert Thread(CIRCLE, first.message) == await platform.start_thread(reply, "Talk")


async def test_an_edit_is_taken_as_it_is(slack: FakeSlack) -> None:
    """Slack reads names and links into edited texts by default; ours are not to be touched, and keep their key."""
    platform = make_platform(slack)
    posted = await platform.post(CIRCLE, HELLO, key="k1")

    await platform.edit(posted, Message(plain("Changed.")), key="k1")

    (call,) = slack.calls("chat.update")
    assert ("none", False) == (call.arguments["parse"], call.arguments["link_names"])
    assert [("Changed.", "k1")] == [(slack.shown(one), one.key) for one in posts(slack)]


async def test_members_without_a_name_are_looked_up(slack: FakeSlack) -> None:
    """A public post names whom it may not ping, by the name that Slack knows."""
    await make_platform(slack).post(CIRCLE, Message(f"Thank you, {mention(ALICE)}"), key="k1")

    assert ["Thank you, alice"] == [slack.shown(one) for one in posts(slack)]
    assert set() == slack.pings(posts(slack)[0])


async def test_a_picture_is_posted_when_slack_is_ready(slack: FakeSlack) -> None:
    """Slack takes a moment to look at an upload, and refuses the post until then."""
    slack.wire.api.looks_before_ready = 3

    await make_platform(slack).post(CIRCLE, Message(plain("Look."), picture=BENCH), key="k1")

    assert [["section", "image"]] == [[block["type"] for block in one.blocks] for one in posts(slack)]
    assert [b"abc"] == [one.content for one in slack.world.uploads.values()]


async def test_words_do_not_wait_for_a_picture_for_ever(slack: FakeSlack) -> None:
    """If the picture never gets ready, the text is posted, once, without it, and the picture is deleted."""
    slack.wire.api.looks_before_ready = 1_000
    await make_platform(slack).post(CIRCLE, LOOK, key="k1")

    assert [("Look.", ["section"])] == [(one.text, [block["type"] for block in one.blocks]) for one in posts(slack)]
    assert ([], 10) == (slack.kept(), len(slack.calls("chat.postMessage")))


STEPS = ("files.getUploadURLExternal", "upload", "files.completeUploadExternal")


BROKEN = [
    (step, trouble, accepted)
    for step in STEPS
    for trouble in Trouble
    for accepted in (True, False)
    # to the bytes Slack answers no JSON even when all is well
    if trouble is not Trouble.HANG and (step, trouble) != ("upload", Trouble.GARBLED)
]


@pytest.mark.parametrize(("step", "trouble", "accepted"), BROKEN)
async def test_a_picture_that_cannot_be_uploaded_is_left_out(
    slack: FakeSlack, step: str, trouble: Trouble, accepted: bool
) -> None:
    """Whichever step fails and however, the text is posted, once, and no file is left."""
    slack.fail(step, trouble, accepted=accepted, error="storage_limit_reached")

    await make_platform(slack).post(CIRCLE, LOOK, key="k1")

    assert [("Look.", ["section"])] == [(one.text, [block["type"] for block in one.blocks]) for one in posts(slack)]
    assert ([], 1) == (slack.kept(), len(slack.calls("chat.postMessage")))


@pytest.mark.parametrize("step", STEPS)
async def test_an_upload_that_takes_too_long_is_given_up(slack: FakeSlack, step: str) -> None:
    """All its steps together have so much time."""
    slack.fail(step, Trouble.HANG, accepted=True)

    await make_platform(slack, timing=replace(QUICK, picture_within=0.1)).post(CIRCLE, LOOK, key="k1")

    assert ["Look."] == [one.text for one in posts(slack)]
    assert [] == slack.kept()


@pytest.mark.parametrize("trouble", [Trouble.SERVER_ERROR, Trouble.HANG])
async def test_a_picture_that_cannot_be_deleted_delays_nothing_for_long(
    slack: FakeSlack, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays behind; what was to be posted, edited or deleted is."""
    monkeypatch.setattr(uploads, "DISCARD_WITHIN", 0.1)
    slack.fail("files.delete", trouble, times=3)
    slack.wire.api.looks_before_ready = 1_000
    platform = make_platform(slack)
    await platform.post(CIRCLE, LOOK, key="k1")
    slack.wire.api.looks_before_ready = 0
    edited, deleted = [await platform.post(CIRCLE, LOOK, key=key) for key in ("k2", "k3")]

    await platform.edit(edited, HELLO, key="k2")
    await platform.delete(deleted)

    assert [("Look.", []), ("Hello.\n\n[Keep]", [])] == [(one.text, slack.pictures(one)) for one in posts(slack)]
    assert 3 == len(slack.kept())


@pytest.mark.parametrize(
    ("trouble", "error", "kept"),
    [
        (Trouble.REFUSE, "is_archived", 0),
        (Trouble.RATE_LIMITED, "", 0),
        (Trouble.DROP, "", 1),
        (Trouble.REFUSE, "fatal_error", 1),
    ],
)
async def test_a_picture_waits_only_where_its_post_may_have_arrived(
    slack: FakeSlack, trouble: Trouble, error: str, kept: int
) -> None:
    """What was not posted leaves no picture behind: another try brings its own."""
    slack.fail("chat.postMessage", trouble, error=error, accepted=True)

    with pytest.raises(DeliveryError):
        await make_platform(slack).post(CIRCLE, LOOK, key="k1")

    assert kept == len(slack.kept())


async def test_a_picture_stays_with_an_edit_and_goes_with_its_post(slack: FakeSlack) -> None:
    """Editing uploads nothing new, also in a thread; deleting a post deletes its picture."""
    platform = make_platform(slack)
    first = await platform.post(CIRCLE, HELLO, key="k1")
    message = replace(LOOK, footer="A footer", buttons=HELLO.buttons)
    for to in (CIRCLE, Thread(CIRCLE, first.message), ALICE):
        posted = await platform.post(to, message, key="k2")
        await platform.edit(posted, replace(message, body="Look again."), key="k2")
        shown = next(one for one in slack.world.messages if one.ts == posted.message)
        kinds = [block["type"] for block in shown.blocks]
        pictures = slack.pictures(shown)
        await platform.delete(posted)

        assert (["section", "image", "context", "actions"], ["A bench"]) == (kinds, pictures)
        assert [] == slack.kept()
    assert 3 == len(slack.world.uploads)


async def test_an_edit_brings_no_picture(slack: FakeSlack) -> None:
    """Slack takes one and then shows people that a file was not found, so nothing is uploaded."""
    platform = make_platform(slack)
    posted = await platform.post(CIRCLE, HELLO, key="k1")
    await platform.edit(posted, LOOK, key="k1")

    assert [("Look.", ["section"])] == [(one.text, [block["type"] for block in one.blocks]) for one in posts(slack)]
    assert {} == slack.world.uploads


async def test_an_edit_does_without_a_picture_that_somebody_deleted(slack: FakeSlack) -> None:
    """Slack refuses to show it again, and takes the words alone."""
    platform = make_platform(slack)
    posted = await platform.post(CIRCLE, LOOK, key="k1")
    for one in slack.world.uploads.values():
        one.deleted = True
    await platform.edit(posted, replace(LOOK, body="Look again."), key="k1")

    assert [("Look again.", ["section"])] == [
        (one.text, [block["type"] for block in one.blocks]) for one in posts(slack)
    ]


@pytest.mark.parametrize("act", ["edit", "delete"])
async def test_a_picture_is_not_lost_sight_of(slack: FakeSlack, act: str) -> None:
    """Where nobody can say which picture a post has, or what became of it, the same is done again later."""
    platform = make_platform(slack)
    posted = await platform.post(CIRCLE, LOOK, key="k1")

    async def acts() -> None:
        await (platform.edit(posted, HELLO, key="k1") if act == "edit" else platform.delete(posted))

    for method in ("conversations.history", f"chat.{act}".replace("edit", "update")):
        slack.fail(method, Trouble.SERVER_ERROR, accepted=True)
        with pytest.raises(DeliveryError):
            await acts()
    await acts()

    assert [] == slack.kept()
    assert (["Hello.\n\n[Keep]"] if act == "edit" else []) == [one.text for one in posts(slack)]


async def test_where_we_may_not_look_words_are_changed_all_the_same(slack: FakeSlack) -> None:
    """A picture that cannot be found is no reason to leave what a post says."""
    platform = make_platform(slack)
    posted = await platform.post(CIRCLE, LOOK, key="k1")
    slack.wire.api.scopes.discard("channels:history")
    await platform.edit(posted, replace(LOOK, body="Look again."), key="k1")
    assert ["Look again."] == [one.text for one in posts(slack)]
    await platform.delete(posted)

    assert [] == posts(slack)


async def test_a_picture_outside_its_thread_is_taken_down_too(slack: FakeSlack) -> None:
    """An answer to what is gone leaves nothing before everybody."""
    with pytest.raises(DeliveryError):
        await make_platform(slack).post(ReplyTo(CIRCLE, "1.000001"), LOOK, key="k1")

    assert ([], []) == (posts(slack), slack.kept())


async def test_files_follow_their_post(slack: FakeSlack) -> None:
    """Files come after the post, which counts even when they fail."""
    message = Message(plain("Yours."), files=(File("a.json", b"{}"),))
    platform = make_platform(slack)
    await platform.post(ALICE, message, key="k1")
    slack.fail("files.completeUploadExternal", Trouble.REFUSE, error="file_update_failed")
    await platform.post(ALICE, message, key="k2")

    seen = slack.seen_by(slack.world.people[ALICE.id])
    assert ["Yours.", "a.json", "Yours."] == [slack.shown(one) for one in seen]


async def test_what_we_may_do_depends_on_channel_and_scopes(slack: FakeSlack) -> None:
    """Membership, archives, read-only channels and missing scopes all show."""
    platform = make_platform(slack)
    directly = Access(see=True, post=True, thread=True, attach=True, pin=True, look_back=True)
    everything = replace(directly, call=True)
    slack.add_channel("outside", bot=False)
    slack.add_channel("archive").archived = True
    slack.add_channel("news").post_refusal = "restricted_action_read_only_channel"
    slack.add_channel("secret", private=True, bot=False)
    names = ("C0OUTSIDE0", "C0ARCHIVE0", "C0NEWS0000", "C0SECRET00")

    found = [await platform.access(Channel(HOME, name)) for name in names]
    inside, direct = await platform.access(CIRCLE), await platform.access(ALICE)
    slack.wire.api.scopes -= {"channels:history", "pins:write", "files:write"}
    await platform.access(CIRCLE)
    less = await platform.access(CIRCLE)

    closed = Access(see=True, look_back=True)
    assert [Access(see=True), closed, closed, Access()] == found
    assert [everything, directly] == [inside, direct]
    assert Access(see=True, post=True, thread=True, call=True) == less


async def test_people_are_looked_up_with_their_zone(slack: FakeSlack) -> None:
    """Name, language and zone are Slack's to tell; nobody is asked twice within a minute."""
    slack.add_person("bob", tz="Asia/Kathmandu", locale="de-DE")
    platform = make_platform(slack)

    found = [await platform.look_up(Member(HOME, "U0BOB00000")) for _ in range(2)]

    assert [Profile("bob", "de-DE", "Asia/Kathmandu")] * 2 == found
    assert 1 == len(slack.calls("users.info"))


async def test_the_bot_belongs_where_it_is(slack: FakeSlack) -> None:
    """Belonging is asked of Slack, page by page."""
    alice = slack.world.people[ALICE.id]
    for number in range(201):
        slack.add_channel(f"room{number}", alice)
    platform = make_platform(slack)

    assert await platform.belongs(ALICE, Channel(HOME, "C0ROOM2000"))
    assert await platform.belongs(Member(HOME, BOT_USER), CIRCLE)
    assert not await platform.belongs(ALICE, Channel(HOME, "C0NOWHERE0"))
