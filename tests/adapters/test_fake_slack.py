"""The fake Slack itself: it must say what Slack says, and fail in the ways Slack fails."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.adapters.fake_slack import FakeSlack, Trouble
from tests.adapters.fake_slack_forms import HeldBackError
from tests.adapters.fake_slack_wire import APP_TOKEN, BOT_TOKEN, NotAckedError
from tests.adapters.fake_slack_world import BOT_USER, Json, Kind, Message, Person, iterate

SAMPLES = Path(os.environ.get("HEARTHSIDE_SPECS", "")) / "slack-samples"
BUTTONS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Hello <@U0ALICE000>"}},
    {
        "type": "actions",
        "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", "value": "v"}],
    },
]
MODAL: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "A form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Your name"},
            "element": {"type": "plain_text_input", "action_id": "value", "max_length": 20},
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


def client(slack: FakeSlack) -> Any:
    """Return the SDK's own client. Its methods are typed only in part, hence Any."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])


class Bot:
    """A bot of the smallest kind: acknowledges every envelope, with a payload if `answer` gives one."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection
        self.envelopes: list[Json] = []
        self.answer: Callable[[Json], Json | None] = lambda _: None

    async def serve(self) -> None:
        async for told in self.connection:
            envelope: Json = json.loads(told.data)
            if "envelope_id" in envelope:
                self.envelopes.append(envelope)
                payload = self.answer(envelope)
                ack = {"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {})
                await self.connection.send_json(ack)


@asynccontextmanager
async def connected(slack: FakeSlack) -> AsyncGenerator[Bot]:
    opened = await client(slack).apps_connections_open(app_token=APP_TOKEN)
    async with aiohttp.ClientSession() as session, session.ws_connect(str(opened["url"])) as connection:
        bot = Bot(connection)
        serving = asyncio.create_task(bot.serve())
        await slack.until(lambda: slack.wire.sockets)
        yield bot
        serving.cancel()


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(answer_of(caught.value)["error"])


def answer_of(error: Any) -> Any:
    return error.response


async def test_a_post_is_found_again_by_its_metadata(slack: FakeSlack) -> None:
    """History tells the metadata only to those who ask for it, newest first, page by page."""
    circle = slack.add_channel("circle")
    metadata = {"event_type": "hearthside_post", "event_payload": {"key": "k1"}}

    for number in range(3):
        await client(slack).chat_postMessage(channel=circle.id, text=f"post {number}", metadata=metadata)
    bare = await client(slack).conversations_history(channel=circle.id)
    page = await client(slack).conversations_history(channel=circle.id, limit=2, include_all_metadata=True)
    more = str(page["response_metadata"]["next_cursor"])
    rest = await client(slack).conversations_history(channel=circle.id, limit=2, cursor=more)

    assert [None] * 3 == [one.get("metadata") for one in iterate(bare["messages"])]
    assert ["post 2", "post 1"] == [one["text"] for one in iterate(page["messages"])]
    assert metadata == page["messages"][0]["metadata"]
    assert ["post 0"] == [one["text"] for one in iterate(rest["messages"])]


async def test_oldest_leaves_out_what_came_before(slack: FakeSlack) -> None:
    """History begins after `oldest`, and with `inclusive` at it."""
    circle = slack.add_channel("circle")
    posted = [await client(slack).chat_postMessage(channel=circle.id, text=text) for text in ("one", "two", "three")]
    oldest = str(posted[1]["ts"])

    after = await client(slack).conversations_history(channel=circle.id, oldest=oldest)
    at = await client(slack).conversations_history(channel=circle.id, oldest=oldest, inclusive=True)

    assert ["three"] == [one["text"] for one in iterate(after["messages"])]
    assert ["three", "two"] == [one["text"] for one in iterate(at["messages"])]


async def test_replies_belong_to_their_thread(slack: FakeSlack) -> None:
    """A reply is told by `conversations.replies` and not by the channel's history."""
    circle = slack.add_channel("circle")
    first = await client(slack).chat_postMessage(channel=circle.id, text="first")
    await client(slack).chat_postMessage(channel=circle.id, text="reply", thread_ts=str(first["ts"]))

    history = await client(slack).conversations_history(channel=circle.id)
    replies = await client(slack).conversations_replies(channel=circle.id, ts=str(first["ts"]))

    assert ["first"] == [one["text"] for one in iterate(history["messages"])]
    assert ["first", "reply"] == [one["text"] for one in iterate(replies["messages"])]


async def test_posts_are_refused_as_slack_refuses_them(slack: FakeSlack) -> None:
    """Each hindrance has the error that Slack documents for it."""
    alice = slack.add_person("alice")
    archived = slack.add_channel("archived")
    archived.archived = True
    outside, private = slack.add_channel("outside", bot=False), slack.add_channel("private", private=True, bot=False)
    alice.dm_refusal = "cannot_dm_bot"
    post = partial(client(slack).api_call, "chat.postMessage")  # the method of that name warns of an empty text
    tall = BUTTONS[:1] * 51
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]

    assert "channel_not_found" == await refused(post(json={"channel": "C0NOWHERE0", "text": "x"}))
    assert "channel_not_found" == await refused(post(json={"channel": private.id, "text": "x"}))
    assert "not_in_channel" == await refused(post(json={"channel": outside.id, "text": "x"}))
    assert "is_archived" == await refused(post(json={"channel": archived.id, "text": "x"}))
    assert "cannot_dm_bot" == await refused(post(json={"channel": alice.id, "text": "x"}))
    inside = slack.add_channel("inside")
    assert "no_text" == await refused(post(json={"channel": inside.id, "text": "", "blocks": []}))
    assert "msg_too_long" == await refused(post(json={"channel": inside.id, "text": "x" * 40_001}))
    assert "invalid_blocks" == await refused(post(json={"channel": inside.id, "text": "x", "blocks": tall}))
    assert "invalid_blocks" == await refused(post(json={"channel": inside.id, "text": "x", "blocks": long}))
    assert "msg_blocks_too_long" == await refused(post(json={"channel": inside.id, "text": "x", "blocks": _wide()}))
    assert [] == slack.posts(inside)


def _wide() -> list[Json]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}} for _ in range(5)]


async def test_posts_are_not_deduplicated(slack: FakeSlack) -> None:
    """The same post sent twice is there twice, as on Slack."""
    circle = slack.add_channel("circle")
    metadata = {"event_type": "hearthside_post", "event_payload": {"key": "k1"}}

    for _ in range(2):
        await client(slack).chat_postMessage(channel=circle.id, text="once", metadata=metadata)

    assert ["k1", "k1"] == [one.key for one in slack.posts(circle)]


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_dropped_answer_leaves_the_caller_in_doubt(slack: FakeSlack, accepted: bool) -> None:
    """The connection closes without an answer, whether or not the post is there."""
    circle = slack.add_channel("circle")
    slack.fail("chat.postMessage", Trouble.DROP, accepted=accepted)

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client(slack).chat_postMessage(channel=circle.id, text="hello")
    await client(slack).chat_postMessage(channel=circle.id, text="again")

    assert (["hello"] if accepted else []) + ["again"] == [one.text for one in slack.posts(circle)]


async def test_a_hanging_call_ends_with_the_server(slack: FakeSlack) -> None:
    """A hanging call has taken effect when it was told to, and does not outlive the fake."""
    circle = slack.add_channel("circle")
    slack.fail("chat.postMessage", Trouble.HANG, accepted=True)

    hanging = asyncio.create_task(client(slack).chat_postMessage(channel=circle.id, text="hello"))
    await slack.until(lambda: slack.posts(circle))
    await slack.wire.stop()

    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_rate_limits_say_how_long_to_wait(slack: FakeSlack) -> None:
    """A 429 names the seconds in Retry-After and happens as often as it was told to."""
    slack.fail("auth.test", Trouble.RATE_LIMITED, times=2, retry_after=7)

    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client(slack).auth_test()
        assert "7" == answer_of(caught.value).headers["Retry-After"]
    answer = await client(slack).auth_test()

    assert answer["ok"]


async def test_calls_are_recorded_with_their_token(slack: FakeSlack) -> None:
    """Every call is remembered in order, also those that were refused."""
    await client(slack).auth_test()
    await client(slack).apps_connections_open(app_token=APP_TOKEN)
    wrong: Any = AsyncWebClient(token="xoxb-wrong", base_url=slack.api_url, retry_handlers=[])

    assert "invalid_auth" == await refused(wrong.auth_test())

    assert [("auth.test", "bot"), ("apps.connections.open", "app"), ("auth.test", "unknown")] == [
        (call.method, call.token) for call in slack.wire.calls
    ]


async def test_a_missing_scope_is_named(slack: FakeSlack) -> None:
    """A call without its scope is refused with the scope that it needs."""
    private = slack.add_channel("private", private=True)
    slack.wire.api.scopes.discard("groups:history")

    with pytest.raises(SlackApiError) as caught:
        await client(slack).conversations_history(channel=private.id)

    assert "groups:history" == answer_of(caught.value)["needed"]


async def test_pins_and_files(slack: FakeSlack) -> None:
    """A pin is there once; a file can be drawn only some time after its upload."""
    circle = slack.add_channel("circle")
    web = client(slack)
    posted = await web.chat_postMessage(channel=circle.id, text="hello")
    slack.wire.api.looks_before_ready = 2

    await web.pins_add(channel=circle.id, timestamp=str(posted["ts"]))
    again = await refused(web.pins_add(channel=circle.id, timestamp=str(posted["ts"])))
    place = await web.files_getUploadURLExternal(filename="a.png", length=3)
    async with aiohttp.ClientSession() as session:
        await session.post(str(place["upload_url"]), data=b"abc")
    await web.files_completeUploadExternal(files=[{"id": str(place["file_id"])}])
    looks = [(await web.files_info(file=str(place["file_id"])))["file"]["mimetype"] for _ in range(2)]

    assert "already_pinned" == again
    assert ["", "image/png"] == looks


async def test_everyone_sees_what_is_theirs(slack: FakeSlack) -> None:
    """Ephemeral messages are for one person and direct messages for two; history tells of neither ephemeral one."""
    alice, bob = slack.add_person("alice"), slack.add_person("bob")
    circle = slack.add_channel("circle", alice, bob)
    await client(slack).chat_postEphemeral(channel=circle.id, user=alice.id, text="for alice")
    await client(slack).chat_postMessage(channel=bob.id, text="for bob")

    history = await client(slack).conversations_history(channel=circle.id)

    assert ["for alice"] == [slack.shown(one) for one in slack.seen_by(alice)]
    assert ["for bob"] == [slack.shown(one) for one in slack.seen_by(bob)]
    assert [] == history["messages"]


async def test_slash_commands_escape_and_answer(slack: FakeSlack) -> None:
    """A typed line arrives with tokens for people and channels; the acknowledgement is the private answer."""
    alice = slack.add_person("alice")
    circle = slack.add_channel("circle", alice)
    async with connected(slack) as bot:
        bot.answer = lambda _: {"text": "private"}

        answer = await slack.slash("/hearth", "leader add who=@alice in=#circle a<b", alice, circle)

        typed = bot.envelopes[0]["payload"]["text"]
    assert "leader add who=<@U0ALICE000|alice> in=<#C0CIRCLE00|circle> a&lt;b" == typed
    assert answer is not None
    assert alice.id == answer.only_for


async def test_envelopes_go_to_one_connection_each(slack: FakeSlack) -> None:
    """With two connections open, every event arrives at exactly one of them."""
    alice = slack.add_person("alice")
    async with connected(slack) as one, connected(slack) as two:
        await slack.until(lambda: len(slack.wire.sockets) == 2)
        for _ in range(4):
            await slack.open_home(alice)

        assert (2, 2) == (len(one.envelopes), len(two.envelopes))


async def test_a_redelivery_is_the_same_event_in_a_new_envelope(slack: FakeSlack) -> None:
    """What was not acknowledged comes again with its event_id and the number of the try."""
    alice = slack.add_person("alice")
    async with connected(slack) as bot:
        await slack.dm("hello", alice)
        await slack.redeliver()

        first, again = bot.envelopes
    assert first["payload"]["event_id"] == again["payload"]["event_id"]
    assert first["envelope_id"] != again["envelope_id"]
    assert (0, 1) == (first["retry_attempt"], again["retry_attempt"])


async def test_nobody_listens(slack: FakeSlack) -> None:
    """Without a connection a person's command times out, as they would see."""
    alice = slack.add_person("alice")

    with pytest.raises(NotAckedError):
        await slack.slash("/hearth", "", alice, slack.add_channel("circle", alice))


async def test_channel_messages_are_not_told(slack: FakeSlack) -> None:
    """The app hears of direct messages and mentions, and of nothing else that people write."""
    alice = slack.add_person("alice")
    circle = slack.add_channel("circle", alice)
    async with connected(slack) as bot:
        await slack.say("among us", alice, circle)
        await slack.dm("hello", alice)
        await slack.mention("hello", alice, circle)

        assert ["message", "app_mention"] == [one["payload"]["event"]["type"] for one in bot.envelopes]


async def test_a_form_stays_open_until_it_is_right(slack: FakeSlack) -> None:
    """Errors keep the modal; the client itself holds back what is empty or too long."""
    alice = slack.add_person("alice")
    trigger = slack.world.new_trigger(alice.id)
    await client(slack).views_open(trigger_id=trigger, view=MODAL)
    async with connected(slack) as bot:
        bot.answer = lambda _: {"response_action": "errors", "errors": {"name": "No."}}
        problems = await slack.submit({"Your name": "Bob"}, alice)
        with pytest.raises(HeldBackError):
            await slack.submit({"Your name": ""}, alice)
        with pytest.raises(HeldBackError):
            await slack.submit({"Your name": "x" * 21}, alice)
        still_open = slack.view_of(alice)
        bot.answer = lambda _: None
        await slack.submit({"Your name": "Alice"}, alice)

        sent = bot.envelopes[-1]["payload"]["view"]["state"]["values"]
    assert {"name": "No."} == problems
    assert still_open
    assert slack.view_of(alice) is None
    assert {"name": {"value": {"type": "plain_text_input", "value": "Alice"}}} == sent


async def test_triggers_open_one_view_for_three_seconds(slack: FakeSlack) -> None:
    """A trigger is good once, and only while it is fresh."""
    now = [1_800_000_000.0]
    slack.world.now = lambda: now[0]
    alice = slack.add_person("alice")
    fresh, stale = slack.world.new_trigger(alice.id), slack.world.new_trigger(alice.id)

    await client(slack).views_open(trigger_id=fresh, view=MODAL)
    twice = await refused(client(slack).views_open(trigger_id=fresh, view=MODAL))
    now[0] += 3.5
    late = await refused(client(slack).views_open(trigger_id=stale, view=MODAL))

    assert ("exchanged_trigger_id", "expired_trigger_id") == (twice, late)


async def test_a_response_url_is_good_five_times(slack: FakeSlack) -> None:
    """The sixth use, and any use after half an hour, is refused."""
    alice = slack.add_person("alice")
    circle = slack.add_channel("circle", alice)
    async with connected(slack) as bot, aiohttp.ClientSession() as session:
        await slack.slash("/hearth", "", alice, circle)
        url = bot.envelopes[0]["payload"]["response_url"]
        statuses = [(await session.post(url, json={"text": "hi"})).status for _ in range(6)]

    assert [200] * 5 + [404] == statuses


async def test_pings_are_told_apart_from_text(slack: FakeSlack) -> None:
    """Only real mentions notify; escaped ones are text."""
    circle = slack.add_channel("circle")
    told = "<@U0ALICE000> <!channel> &lt;!here&gt; @everyone"
    await client(slack).chat_postMessage(channel=circle.id, text=told)

    assert {"U0ALICE000", "!channel"} == slack.pings(slack.posts(circle)[0])


# ---------------------------------------------------------------- the shapes of Slack's samples


def differences(ours: Any, sample: Any, at: str = "") -> Iterator[str]:
    """Yield where our answer has a key that the sample lacks, or another type. Samples are unions of what was seen."""
    if ours is None or sample is None:
        return
    if type(ours) is not type(sample):
        yield f"{at} is {type(ours).__name__}, not {type(sample).__name__}"
    elif isinstance(ours, dict):
        yield from _differing_keys(iterate_items(ours), dict(iterate_items(sample)), at)
    elif isinstance(ours, list):
        for value in iterate(ours):
            same = [one for one in iterate(sample) if kind_of(one) == kind_of(value)]
            found = [list(differences(value, one, at)) for one in same]
            yield from min(found, key=len, default=list[str]())


def _differing_keys(told: list[tuple[str, Any]], known: Json, at: str) -> Iterator[str]:
    for key, value in told:
        if key in _FREE or f"{at}/{key}" in _FREE:
            continue
        if key not in known:
            yield f"{at}/{key} is unknown"
        else:
            yield from differences(value, known[key], f"{at}/{key}")


def iterate_items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items())


def kind_of(value: Any) -> object:
    return value.get("type") if hasattr(value, "get") else None


_FREE = {
    "state",  # empty in the samples; what it holds depends on the form
    "metadata",  # the samples know only its event_type
    "is_read_only",
    "action_ts",  # documented; these recordings of actions and shortcuts are older
    "is_enterprise_install",  # a form field is a string, the recording says boolean
    "/view/blocks",  # documented for submissions; their recording leaves it out
    "/response_urls",  # the same
}


def sample(path: str) -> Json:
    if not SAMPLES.is_dir():
        pytest.skip("HEARTHSIDE_SPECS names no folder with Slack's samples")
    return json.loads((SAMPLES / path).read_text())


async def test_answers_have_the_shapes_of_slacks_samples(slack: FakeSlack) -> None:
    """What the Web API of the fake answers has no key and no type that Slack's own recordings lack."""
    sample("api/auth.test.json")
    alice = slack.add_person("alice", admin=True)
    circle = slack.add_channel("circle", alice)
    web = client(slack)
    posted = await web.chat_postMessage(channel=circle.id, text="hello", blocks=BUTTONS)
    trigger = slack.world.new_trigger(alice.id)
    answers = {
        "auth.test": await web.auth_test(),
        "apps.connections.open": await web.apps_connections_open(app_token=APP_TOKEN),
        "conversations.info": await web.conversations_info(channel=circle.id),
        "users.info": await web.users_info(user=alice.id, include_locale=True),
        "chat.postEphemeral": await web.chat_postEphemeral(channel=circle.id, user=alice.id, text="hi"),
        "views.open": await web.views_open(trigger_id=trigger, view=MODAL),
        "views.publish": await web.views_publish(user_id=alice.id, view={"type": "home", "blocks": BUTTONS}),
        "chat.delete": await web.chat_delete(channel=circle.id, ts=str(posted["ts"])),
    }
    view_id = answers["views.open"]["view"]["id"]
    answers["views.update"] = await web.views_update(view_id=view_id, view=MODAL)

    found = {name: list(differences(told.data, sample(f"api/{name}.json"))) for name, told in answers.items()}

    assert {name: list[str]() for name in answers} == found


async def test_payloads_have_the_shapes_of_slacks_samples(slack: FakeSlack) -> None:
    """What the fake delivers has no key and no type that Slack's own recordings lack."""
    sample("interactions/BlockActionPayload.json")
    alice = slack.add_person("alice")
    circle = slack.add_channel("circle", alice)
    async with connected(slack) as bot:
        slack.subscriptions.add("member_left_channel")
        await _act_in_every_way(slack, alice, circle.id)
        await slack.leave(alice, circle)
        await slack.uninstall()
        payloads = [one["payload"] for one in bot.envelopes]

    names = [
        "interactions/SlashCommandPayload",
        "interactions/BlockActionPayload",
        "interactions/MessageShortcutPayload",
        "interactions/ViewSubmissionPayload",
        "events/AppHomeOpenedPayload",
        "events/MessagePayload",
        "events/MemberLeftChannelPayload",
        "events/TokensRevokedPayload",
        "events/AppUninstalledPayload",
    ]
    found = {name: list(differences(told, sample(f"{name}.json"))) for name, told in zip(names, payloads, strict=True)}
    assert {name: list[str]() for name in names} == found


async def _act_in_every_way(slack: FakeSlack, alice: Person, circle: str) -> None:
    posted = await client(slack).chat_postMessage(channel=circle, text="hello", blocks=BUTTONS)
    message: Message = slack.world.message(circle, str(posted["ts"]))
    assert Kind.PUBLIC is slack.world.conversations[circle].kind
    await slack.slash("/hearth", "help", alice, slack.world.conversations[circle])
    await slack.click("Go", alice)
    await slack.shortcut("reflect", message, alice)
    await client(slack).views_open(trigger_id=slack.world.new_trigger(alice.id), view=MODAL)
    await slack.submit({"Your name": "Alice"}, alice)
    await slack.open_home(alice)
    await slack.dm("hello", alice)
    assert BOT_USER != alice.id
