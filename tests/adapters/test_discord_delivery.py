"""Posting once: what is known after each way in which a request can fail, and finding our own posts again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.adapters.discord import platform as discord_platform
from bot.adapters.discord.ids import decode
from bot.adapters.discord.reaching import reaching
from bot.core.port import (
    Access,
    Address,
    Button,
    CannotLookError,
    Community,
    DeliveryError,
    File,
    Member,
    MemberGone,
    Message,
    Outcome,
    Picture,
    Posted,
    Reason,
    ReplyTo,
)
from bot.core.text import plain
from tests.adapters.discord_harness import MESSAGES, DiscordHarness
from tests.adapters.fake_discord import Answer, Drop, Hang
from tests.adapters.fake_discord_rest import rate_limited
from tests.adapters.fake_discord_world import NONE, Can
from tests.platform_contract import CIRCLE, LONG_AGO, MEMBER, OTHER

POST = Message(plain("Once."), buttons=(Button("Write", "practice write"), Button("Support", "support")))
PICTURED = Message(plain("Look."), buttons=POST.buttons, picture=Picture(b"png", "image/png", "A quiet lake"))


@pytest.fixture
async def discord() -> AsyncIterator[DiscordHarness]:
    harness = DiscordHarness(within=timedelta(seconds=0.5))
    await harness.start()
    yield harness
    await harness.stop()


async def refused(discord: DiscordHarness, to: Address | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await discord.platform.post(to or discord.channel(CIRCLE), POST, key="k1")
    return caught.value


# ---------------------------------------------------------------- once


async def test_a_post_is_found_after_discord_forgot_its_nonce(discord: DiscordHarness) -> None:
    """Our own mark outlives the nonce, so nothing is posted twice."""
    discord.fake.rest.forget_nonces_after = 0
    discord.fake.fault("POST", MESSAGES, Drop(accepted=True))

    error = await refused(discord)
    found = await discord.platform.find(discord.channel(CIRCLE), "k1", since=LONG_AGO)

    assert (Reason.NO_ANSWER, Outcome.UNKNOWN) == (error.reason, error.outcome)
    assert [found] == [
        Posted(discord.channel(CIRCLE), discord.room.id, post.id) for post in discord.fake.posts(discord.room)
    ]


async def test_the_nonce_is_the_key(discord: DiscordHarness) -> None:
    """Discord itself refuses to post the same key twice, while it remembers."""
    first = await discord.platform.post(discord.channel(CIRCLE), POST, key="k1")
    second = await discord.platform.post(discord.channel(CIRCLE), POST, key="k1")
    sent = await discord.fake.request("POST", MESSAGES)

    assert first == second
    assert ("k1", True) == (sent.body["nonce"], sent.body["enforce_nonce"])
    assert ["", "k1"] == [decode(one["custom_id"]).key for one in discord.fake.posts(discord.room)[0].buttons]


@pytest.mark.parametrize(
    ("outcome", "reason", "known"),
    [
        (Drop(accepted=True), Reason.NO_ANSWER, Outcome.UNKNOWN),
        (Drop(accepted=False), Reason.NO_ANSWER, Outcome.UNKNOWN),
        (Hang(accepted=True), Reason.NO_ANSWER, Outcome.UNKNOWN),
        (Answer(503), Reason.NO_ANSWER, Outcome.UNKNOWN),
        (Answer(502), Reason.NO_ANSWER, Outcome.UNKNOWN),
        (Answer(401), Reason.UNREACHABLE, Outcome.LATER),
        (Answer(400, {"message": "no", "code": 50035}), Reason.REJECTED, Outcome.REFUSED),
        (Answer(413), Reason.REJECTED, Outcome.REFUSED),
        (Answer(403, {"message": "no", "code": 50001}), Reason.FORBIDDEN, Outcome.REFUSED),
        (Answer(403, {"message": "no", "code": 50013}), Reason.FORBIDDEN, Outcome.REFUSED),
        (Answer(403, {"message": "no", "code": 99999}), Reason.FORBIDDEN, Outcome.REFUSED),
        (Answer(404, {"message": "no", "code": 10003}), Reason.GONE, Outcome.REFUSED),
        (Answer(400, {"message": "no", "code": 50083}), Reason.ARCHIVED, Outcome.REFUSED),
        (Answer(400, {"message": "no", "code": 160005}), Reason.ARCHIVED, Outcome.REFUSED),
        (rate_limited(7, via=False), Reason.TOO_FAST, Outcome.LATER),
        (rate_limited(60), Reason.TOO_FAST, Outcome.LATER),
        (rate_limited(5), Reason.TOO_FAST, Outcome.LATER),
    ],
)
async def test_each_failure_says_what_is_known(
    discord: DiscordHarness, outcome: Answer | Drop | Hang, reason: Reason, known: Outcome
) -> None:
    """Refused for good, not yet, or perhaps done: nothing else, and never a guess."""
    discord.fake.fault("POST", MESSAGES, outcome, times=5)

    error = await refused(discord)

    assert (reason, known) == (error.reason, error.outcome)
    seconds = {7: 7, 60: 60, 5: 5}.get(int(getattr(outcome, "body", {}).get("retry_after", 0)))
    assert (timedelta(seconds=seconds) if seconds else None) == error.retry_after


async def test_a_refusal_after_a_server_error_is_no_refusal() -> None:
    """The first request may have been carried out, although its repetition was refused."""
    harness = DiscordHarness()
    await harness.start()
    harness.fake.fault("POST", MESSAGES, Answer(500))
    harness.fake.fault("POST", MESSAGES, Answer(403, {"message": "no", "code": 50013}))

    error = await refused(harness)
    await harness.stop()

    assert (Reason.FORBIDDEN, Outcome.UNKNOWN) == (error.reason, error.outcome)


async def test_a_short_429_is_waited_out(discord: DiscordHarness) -> None:
    """The library repeats it under the same nonce."""
    discord.fake.fault("POST", MESSAGES, rate_limited(0.01), times=2)

    await discord.platform.post(discord.channel(CIRCLE), POST, key="k1")

    assert ["k1"] * 3 == [one.body["nonce"] for one in discord.fake.requests("POST", MESSAGES)]
    assert 1 == len(discord.fake.posts(discord.room))


async def test_without_a_server_nothing_was_sent(discord: DiscordHarness) -> None:
    """A connection that is refused is not a lost answer."""
    await discord.fake.stop()

    error = await refused(discord)

    assert (Reason.UNREACHABLE, Outcome.LATER) == (error.reason, error.outcome)


async def test_before_it_is_connected_nothing_is_sent() -> None:
    """Deliveries wait until the platform has logged in."""
    harness = DiscordHarness()
    await harness.fake.start()

    with pytest.raises(DeliveryError) as caught:
        await harness.make_platform().post(Member(Community("discord", "1"), "2"), POST, key="k1")
    await harness.fake.stop()

    assert (Reason.UNREACHABLE, Outcome.LATER) == (caught.value.reason, caught.value.outcome)
    assert caught.value.retry_after


async def test_a_client_that_was_closed_meanwhile_sent_nothing() -> None:
    """Its last words are no fault of ours; any other error is."""
    session = aiohttp.ClientSession()
    await session.close()

    with pytest.raises(DeliveryError) as caught:
        async with reaching(timedelta(seconds=1), repeatable=False):
            await session.get("http://127.0.0.1:1/")
    with pytest.raises(RuntimeError, match="something else"):
        async with reaching(timedelta(seconds=1), repeatable=False):
            raise RuntimeError("something else")

    assert (Reason.UNREACHABLE, Outcome.LATER) == (caught.value.reason, caught.value.outcome)


async def test_a_lost_answer_to_opening_a_direct_message_is_harmless(discord: DiscordHarness) -> None:
    """Only the post itself can be doubtful."""
    discord.fake.fault("POST", "/users/@me/channels", Drop(accepted=True))

    assert Outcome.LATER is (await refused(discord, discord.member(MEMBER))).outcome


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_a_lost_answer_to_what_can_be_repeated_is_harmless(discord: DiscordHarness, method: str) -> None:
    """Editing, pinning and deleting twice does what doing it once does."""
    posted = await discord.platform.post(discord.channel(CIRCLE), POST, key="k1")
    discord.fake.fault(method, ".*", Drop(accepted=True), times=3)
    acts = {
        "PATCH": lambda: discord.platform.edit(posted, POST, key="k1"),
        "PUT": lambda: discord.platform.pin(posted, pinned=True),
        "DELETE": lambda: discord.platform.delete(posted),
    }

    with pytest.raises(DeliveryError) as caught:
        await acts[method]()
    assert Outcome.LATER is caught.value.outcome
    discord.fake.rest.faults.clear()
    await acts[method]()


# ---------------------------------------------------------------- people who are gone


@pytest.mark.parametrize("code", [10013, 50278])
async def test_who_cannot_be_reached_any_more_is_told_to_the_core(discord: DiscordHarness, code: int) -> None:
    """Nobody tells us that a member left; the failure of a direct message does."""
    discord.fake.fault("POST", MESSAGES, Answer(403, {"message": "no", "code": code}))

    error = await refused(discord, discord.member(MEMBER))
    await discord.until(lambda: discord.core.events)

    assert (Reason.GONE, Outcome.REFUSED) == (error.reason, error.outcome)
    assert [MemberGone(discord.member(MEMBER))] == discord.core.events


async def test_a_look_up_notices_who_left(discord: DiscordHarness) -> None:
    """Looking a member up in vain tells the core that they are gone."""
    discord.leaves(MEMBER)

    found = await discord.platform.look_up(discord.member(MEMBER))
    reads = await discord.platform.belongs(discord.member(MEMBER), discord.channel(CIRCLE))

    await discord.until(lambda: len(discord.core.events) > 1)

    assert (None, False) == (found, reads)
    assert [MemberGone(discord.member(MEMBER))] * 2 == discord.core.events
    assert Access() == await discord.platform.access(discord.member(MEMBER))


async def test_closed_direct_messages_are_no_departure(discord: DiscordHarness) -> None:
    """Somebody who closed them is still there."""
    discord.closes_direct(MEMBER)

    assert Reason.CLOSED is (await refused(discord, discord.member(MEMBER))).reason
    assert [] == discord.core.events


# ---------------------------------------------------------------- looking


async def test_only_posts_since_then_are_looked_at(discord: DiscordHarness) -> None:
    """What was posted before cannot be the answer."""
    await discord.platform.post(discord.channel(CIRCLE), POST, key="k1")
    later = datetime.now(UTC) + timedelta(minutes=1)

    assert await discord.platform.find(discord.channel(CIRCLE), "k1", since=later) is None


@pytest.fixture
async def patient() -> AsyncIterator[DiscordHarness]:
    harness = DiscordHarness(within=timedelta(seconds=20))
    await harness.start()
    yield harness
    await harness.stop()


async def test_a_busy_channel_is_looked_through_page_by_page(patient: DiscordHarness) -> None:
    """Our post is found among many; beyond the bound we do not claim that it is not there."""
    discord = patient
    for _ in range(250):
        discord.fake.say(discord.people[OTHER], discord.room, "chatter")
    posted = await discord.platform.post(discord.channel(CIRCLE), POST, key="k1")

    assert posted == await discord.platform.find(discord.channel(CIRCLE), "k1", since=LONG_AGO)

    for _ in range(discord_platform.LOOKED_THROUGH):
        discord.fake.say(discord.people[OTHER], discord.room, "chatter")
    with pytest.raises(CannotLookError):
        await discord.platform.find(discord.channel(CIRCLE), "k2", since=LONG_AGO)


async def test_a_channel_that_cannot_be_seen_cannot_be_looked_at(discord: DiscordHarness) -> None:
    """Losing the channel is not the same as the post not being there."""
    discord.fake.overwrite(discord.room, discord.fake.world.bot, deny=Can.VIEW)

    with pytest.raises(CannotLookError):
        await discord.platform.find(discord.channel(CIRCLE), "k1", since=LONG_AGO)


async def test_access_is_what_discord_says_at_this_moment(discord: DiscordHarness) -> None:
    """Each permission has its own answer."""
    circle, bot = discord.channel(CIRCLE), discord.fake.world.bot
    everything = await discord.platform.access(circle)
    discord.fake.overwrite(discord.room, bot, allow=Can.MENTION_EVERYONE)
    assert (False, True) == (everything.call, (await discord.platform.access(circle)).call)
    discord.fake.overwrite(discord.room, bot, deny=Can.PIN | Can.ATTACH | Can.START_THREADS)
    less = await discord.platform.access(circle)
    posted = await discord.platform.post(circle, POST, key="k1")
    discord.fake.overwrite(discord.room, bot, deny=Can.SEND_IN_THREADS)
    thread = await discord.platform.start_thread(posted, "Talk")

    assert Access(see=True, post=True, thread=True, attach=True, pin=True, look_back=True) == everything
    assert Access(see=True, post=True, look_back=True) == less
    assert (True, False) == ((await discord.platform.access(circle)).post, (await discord.platform.access(thread)).post)


# ---------------------------------------------------------------- shapes


async def test_pictures_are_posted_and_replaced_with_the_post(discord: DiscordHarness) -> None:
    """An edit without the picture takes it away."""
    posted = await discord.platform.post(discord.channel(CIRCLE), PICTURED, key="k1")
    (post,) = discord.fake.posts(discord.room)
    shown = [(one.name, one.content, one.description) for one in post.uploads]
    await discord.platform.edit(posted, POST, key="k1")

    assert [("picture.png", b"png", "A quiet lake")] == shown
    assert ([], "Once.") == (post.uploads, post.text)


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(413, {"message": "Request entity too large", "code": 40005}),
        Answer(413),
        Answer(400, {"message": "Invalid Form Body", "code": 50035, "errors": {"attachments": {}}}),
        Answer(400, {"message": "Invalid file uploaded", "code": 50046}),
        Answer(403, {"message": "Missing Permissions", "code": 50013}),
    ],
)
@pytest.mark.parametrize("direct", [False, True])
async def test_a_refused_picture_is_left_out(discord: DiscordHarness, refusal: Answer, direct: bool) -> None:
    """The same words go again under the same nonce, without it; so does an edit."""
    to = discord.member(MEMBER) if direct else discord.channel(CIRCLE)
    discord.fake.fault("POST", MESSAGES, refusal)
    discord.fake.fault("PATCH", f"{MESSAGES}/.*", refusal)

    posted = await discord.platform.post(to, PICTURED, key="k1")
    await discord.platform.edit(posted, PICTURED, key="k1")

    sent = [(one.body["nonce"], len(one.files)) for one in discord.fake.requests("POST", MESSAGES)]
    seen = discord.direct_seen(MEMBER) if direct else discord.posts_seen(discord.channel(CIRCLE))
    changed = [len(one.files) for one in discord.fake.requests("PATCH", f"{MESSAGES}/.*")]
    assert ([("k1", 1), ("k1", 0)], [1, 0]) == (sent, changed)
    assert [("Look.", ())] == [(one.text, one.pictures) for one in seen]


async def test_where_nothing_may_be_posted_the_picture_is_not_to_blame(discord: DiscordHarness) -> None:
    """The same code means both, so it is tried without; then the refusal stands."""
    discord.forbids(CIRCLE)

    with pytest.raises(DeliveryError) as caught:
        await discord.platform.post(discord.channel(CIRCLE), PICTURED, key="k1")

    assert (Reason.FORBIDDEN, Outcome.REFUSED) == (caught.value.reason, caught.value.outcome)
    assert [1, 0] == [len(one.files) for one in discord.fake.requests("POST", MESSAGES)]
    assert [] == list(discord.fake.posts(discord.room))


@pytest.mark.parametrize(
    ("outcome", "known"),
    [
        (Drop(accepted=True), Outcome.UNKNOWN),
        (Drop(accepted=False), Outcome.UNKNOWN),
        (Answer(502), Outcome.UNKNOWN),
        (rate_limited(60), Outcome.LATER),
        (Answer(404, {"message": "no", "code": 10003}), Outcome.REFUSED),
        (Answer(403, {"message": "no", "code": 50001}), Outcome.REFUSED),
    ],
)
async def test_what_is_not_about_the_picture_is_told_as_it_is(
    discord: DiscordHarness, outcome: Answer | Drop, known: Outcome
) -> None:
    """A picture is no reason to post a second time, above all when the first may have arrived."""
    discord.fake.fault("POST", MESSAGES, outcome, times=5)

    with pytest.raises(DeliveryError) as caught:
        await discord.platform.post(discord.channel(CIRCLE), PICTURED, key="k1")

    assert known is caught.value.outcome
    assert all(one.files for one in discord.fake.requests("POST", MESSAGES))


async def test_a_picture_refused_after_a_server_error_is_not_left_out() -> None:
    """The first request may have been carried out, picture and all."""
    harness = DiscordHarness()
    await harness.start()
    harness.fake.fault("POST", MESSAGES, Answer(500))
    harness.fake.fault("POST", MESSAGES, Answer(413))

    with pytest.raises(DeliveryError) as caught:
        await harness.platform.post(harness.channel(CIRCLE), PICTURED, key="k1")
    await harness.stop()

    assert Outcome.UNKNOWN is caught.value.outcome
    assert [1, 1] == [len(one.files) for one in harness.fake.requests("POST", MESSAGES)]


async def test_a_file_is_no_picture(discord: DiscordHarness) -> None:
    """A message says that its file is there, so it does not come without."""
    discord.breaks_uploads()
    message = Message(plain("Here it is."), files=(File("week.yaml", b"a: 1"),))

    with pytest.raises(DeliveryError) as caught:
        await discord.platform.post(discord.channel(CIRCLE), message, key="k1")

    assert (Reason.FORBIDDEN, Outcome.REFUSED) == (caught.value.reason, caught.value.outcome)
    assert 1 == len(discord.fake.requests("POST", MESSAGES))


async def test_an_edit_may_lose_a_picture_and_bring_it_back(discord: DiscordHarness) -> None:
    """Each edit uploads it anew, and changes the words whether it is taken or not."""
    circle, bot = discord.channel(CIRCLE), discord.fake.world.bot
    posted = await discord.platform.post(circle, PICTURED, key="k1")
    shown: list[tuple[str, ...]] = []
    for denied in (Can.ATTACH, NONE):
        discord.fake.overwrite(discord.room, bot, deny=denied)
        await discord.platform.edit(posted, PICTURED, key="k1")
        shown += [one.pictures for one in discord.posts_seen(circle)]

    assert [(), ("A quiet lake",)] == shown


async def test_a_reply_pings_nobody(discord: DiscordHarness) -> None:
    """It stands at its message, without calling who wrote that."""
    question = discord.fake.say(discord.people[MEMBER], discord.room, "may I?")
    await discord.platform.post(ReplyTo(discord.channel(CIRCLE), question.id), POST, key="k1")
    (post,) = discord.fake.posts(discord.room)

    assert (question, set()) == (post.reply_to, post.pings)


async def test_a_reply_to_what_is_gone_is_not_posted(discord: DiscordHarness) -> None:
    """Without its message it would stand under the words of somebody else."""
    error = await refused(discord, ReplyTo(discord.channel(CIRCLE), "1"))

    assert (Reason.GONE, Outcome.REFUSED) == (error.reason, error.outcome)
    assert [] == list(discord.fake.posts(discord.room))


async def test_threads_cannot_be_opened_in_direct_messages(discord: DiscordHarness) -> None:
    """That is refused without asking."""
    posted = await discord.platform.post(discord.member(MEMBER), POST, key="k1")

    with pytest.raises(DeliveryError) as caught:
        await discord.platform.start_thread(posted, "Talk")
    assert (Reason.REJECTED, Outcome.REFUSED) == (caught.value.reason, caught.value.outcome)
