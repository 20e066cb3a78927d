"""Starting, staying connected, being refused, and who may speak to us at all."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.adapters.slack import SlackPlatform
from bot.core.clock import SystemClock
from bot.core.port import ADDRESSED, CannotStartError, Message, Reply
from bot.core.text import plain
from tests.adapters.fake_core import GREET, FakeCore
from tests.adapters.fake_slack import FakeSlack, Trouble
from tests.adapters.fake_slack_wire import SIGNING_SECRET, NotAcceptedError, signed
from tests.adapters.fake_slack_world import Json
from tests.adapters.slack_harness import QUICK, Running, make_platform, platform_words


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        fake.add_channel("circle", fake.add_person("alice"))
        yield fake


@pytest.fixture
async def running(slack: FakeSlack) -> AsyncIterator[Running]:
    made = Running(slack, make_platform(slack, timing=replace(QUICK, check_every=0.02, ping_every=0.1)), FakeCore())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def served(slack: FakeSlack) -> AsyncIterator[Running]:
    made = Running(slack, make_platform(slack, signed=True), FakeCore())
    await made.start()
    yield made
    await made.stop()


async def greeted(slack: FakeSlack) -> None:
    alice, circle = slack.world.people["U0ALICE000"], slack.world.conversations["C0CIRCLE00"]
    assert await slack.slash("/hearth", "greet", alice, circle)


# ---------------------------------------------------------------- starting


@pytest.mark.parametrize(("wrong", "said"), [("bot_token", "invalid_auth"), ("app_token", "invalid_auth")])
async def test_a_wrong_token_ends_the_start(slack: FakeSlack, wrong: str, said: str) -> None:
    """Slack's no is final, is said in one sentence, and never holds the token."""
    setattr(slack.wire, wrong, "another")
    running = Running(slack, make_platform(slack), FakeCore())

    await running.start()

    with pytest.raises(CannotStartError) as caught:
        await running.result()
    assert said in str(caught.value)
    assert "xoxb" not in str(caught.value)
    assert "xapp" not in str(caught.value)


async def test_without_a_way_in_there_is_no_start(slack: FakeSlack) -> None:
    """Neither an app token nor a signing secret: nothing could ever reach us."""
    platform = SlackPlatform(
        bot_token=SecretStr("xoxb-fake"), words=platform_words(), clock=SystemClock(), api_url=slack.api_url
    )

    with pytest.raises(CannotStartError):
        await platform.run(FakeCore())


async def test_a_port_that_is_taken_ends_the_start(slack: FakeSlack) -> None:
    """The self-hoster reads which address it was."""
    platform = SlackPlatform(
        bot_token=SecretStr("xoxb-fake"),
        signing_secret=SecretStr(SIGNING_SECRET),
        port=slack.wire.port,
        words=platform_words(),
        clock=SystemClock(),
        api_url=slack.api_url,
    )

    with pytest.raises(CannotStartError, match=str(slack.wire.port)):
        await platform.run(FakeCore())


@pytest.mark.parametrize("trouble", [Trouble.SERVER_ERROR, Trouble.GARBLED, Trouble.DROP])
async def test_an_outage_at_the_start_is_waited_out(slack: FakeSlack, trouble: Trouble) -> None:
    """Slack that does not answer is no refusal."""
    slack.fail("auth.test", trouble, times=2)
    slack.fail("apps.connections.open", trouble)
    running = Running(slack, make_platform(slack), FakeCore())

    await running.start()

    await greeted(slack)
    await running.stop()


# ---------------------------------------------------------------- staying


async def test_a_refreshed_connection_goes_on(slack: FakeSlack, running: Running) -> None:
    """Slack renews connections about once an hour; nobody notices."""
    before = slack.wire.connections

    await slack.wire.refresh()
    await slack.until(lambda: slack.wire.connections > before and len(slack.wire.sockets) == 1)

    await greeted(slack)
    assert not running.over


async def test_a_lost_connection_is_made_again(slack: FakeSlack, running: Running) -> None:
    """A closed session is replaced by the watch, should the SDK have missed it."""
    before = slack.wire.connections

    await slack.wire.close_sockets()
    await slack.until(lambda: slack.wire.connections > before and slack.wire.sockets)

    await greeted(slack)
    assert not running.over


async def test_a_session_that_answers_no_pings_is_replaced(slack: FakeSlack) -> None:
    """A session can look open and deliver nothing."""
    slack.wire.answers_pings = False
    running = Running(slack, make_platform(slack, timing=replace(QUICK, check_every=0.02, ping_every=0.1)), FakeCore())
    await running.start()

    slack.wire.answers_pings = True
    await slack.until(lambda: slack.wire.connections > 1)
    await slack.until(lambda: len(slack.wire.sockets) == 1)

    await greeted(slack)
    await running.stop()


async def test_a_revoked_token_ends_the_run(slack: FakeSlack, running: Running) -> None:
    """What Slack refuses later ends the platform too, so that the self-hoster hears of it."""
    slack.world.installed = False

    with pytest.raises(CannotStartError, match="account_inactive"):
        await running.result()


async def test_an_outage_does_not_end_the_run(slack: FakeSlack, running: Running) -> None:
    """A check that fails without a word from Slack is only a bad moment."""
    slack.fail("auth.test", Trouble.SERVER_ERROR, times=3)

    await slack.until(lambda: not slack.wire.faults)

    await greeted(slack)
    assert not running.over


async def test_a_slack_that_is_away_for_a_while_is_waited_for(slack: FakeSlack, running: Running) -> None:
    """Every look at the socket fails meanwhile, which ends nothing, and what failed is logged without its words."""
    with capture_logs() as logs:
        await slack.wire.stop()
        await slack.until(lambda: [one for one in logs if one["event"] == "socket not renewed"])
    await slack.wire.start()
    await slack.until(lambda: running.over or slack.wire.sockets)

    await greeted(slack)
    assert not running.over
    (renewal, *_) = [one for one in logs if one["event"] == "socket not renewed"]
    assert {"event", "log_level", "error", "where"} == renewal.keys()


@pytest.mark.parametrize("trouble", [Trouble.SERVER_ERROR, Trouble.GARBLED, Trouble.DROP])
async def test_a_renewal_that_slack_answers_badly_is_tried_again(
    slack: FakeSlack, running: Running, trouble: Trouble
) -> None:
    """Whatever comes instead of an address to connect to, the next look finds a better one."""
    slack.fail("apps.connections.open", trouble, times=4)
    before = slack.wire.connections

    await slack.wire.close_sockets()
    await slack.until(lambda: running.over or (slack.wire.connections > before and slack.wire.sockets))

    await greeted(slack)
    assert not running.over


async def test_a_refused_app_token_ends_the_run(slack: FakeSlack, running: Running) -> None:
    """It would never connect again, so the self-hoster hears of it."""
    slack.wire.app_token = "another"
    await slack.wire.close_sockets()

    with pytest.raises(CannotStartError, match="invalid_auth"):
        await running.result()


async def test_two_processes_share_the_events(slack: FakeSlack, running: Running) -> None:
    """With two connections open, each event is handled by one of them."""
    other = Running(slack, make_platform(slack), FakeCore())
    await other.start()

    for _ in range(4):
        await greeted(slack)

    assert (2, 2) == (len(running.core.raw), len(other.core.raw))
    await other.stop()


async def test_nothing_that_people_write_is_logged(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """However talkative the logs are told to be, neither words nor tokens are in them."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("slack_bolt").setLevel(logging.DEBUG)
    logging.getLogger("slack_sdk").setLevel(logging.DEBUG)
    running = Running(slack, make_platform(slack, signed=True), FakeCore())
    await running.start()
    alice = slack.world.people["U0ALICE000"]
    running.core.answers = {ADDRESSED: Reply(Message(plain("a secret answer")))}

    await slack.dm("a secret wish", alice)
    await slack.sees(alice, "a secret answer")
    refused = await slack.wire.post("payload=a+secret+forgery", signed("another body", str(int(time.time()))))
    await running.stop()

    logged = caplog.text + "".join(capfd.readouterr())
    assert 401 == refused[0]
    assert not [word for word in ("secret", "xoxb", "xapp") if word in logged]


# ---------------------------------------------------------------- signed requests


BODY = "command=%2Fhearth&text=greet&user_id=U0ALICE000&channel_id=C0CIRCLE00&team_id=T0CIRCLE00"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def at(seconds: float) -> str:
    return str(int(time.time() + seconds))


def changed(name: str, value: str) -> Callable[[], dict[str, str]]:
    return lambda: signed(BODY, at(0)) | {name: value}


@pytest.mark.parametrize(
    "headers",
    [
        dict,
        lambda: {"X-Slack-Signature": "v0=00"},
        lambda: {"X-Slack-Request-Timestamp": at(0)},
        lambda: signed(BODY, at(0), "another secret"),
        lambda: signed(BODY + "x", at(0)),
        lambda: signed(BODY, at(-320)),
        lambda: signed(BODY, at(320)),
        changed("X-Slack-Request-Timestamp", "now"),
        changed("X-Slack-Request-Timestamp", "²"),
        changed("X-Slack-Request-Timestamp", "9" * 5_000),
        changed("X-Slack-Request-Timestamp", "-1"),
        changed("X-Slack-Signature", ""),
        changed("X-Slack-Signature", "v0=ü"),
    ],
)
async def test_what_slack_did_not_sign_is_refused(
    slack: FakeSlack, served: Running, headers: Callable[[], dict[str, str]]
) -> None:
    """Missing, wrong, old and malformed signatures are 401, never 500, and reach nobody."""
    status, text = await slack.wire.post(BODY, FORM | headers())

    assert (401, "", []) == (status, text, served.core.raw)


async def test_bytes_that_are_no_text_are_refused(slack: FakeSlack, served: Running) -> None:
    """A body that cannot be read cannot be signed."""
    status, _ = await slack.wire.post(b"\xff\xfe", FORM | signed("", at(0)))

    assert (401, []) == (status, served.core.raw)


async def test_a_request_that_is_too_large_is_refused(slack: FakeSlack, served: Running) -> None:
    """Nobody fills our memory."""
    status, _ = await slack.wire.post(BytesIO(b"x" * 3 * 2**20), FORM | signed("", at(0)))

    assert (413, []) == (status, served.core.raw)


async def test_slack_can_verify_the_address(slack: FakeSlack, served: Running) -> None:
    """Slack asks a new address to give back a challenge."""
    body = json.dumps({"type": "url_verification", "challenge": "c0", "token": "x"})

    status, text = await slack.wire.post(body, {"Content-Type": "application/json"} | signed(body, at(0)))

    assert (200, "c0") == (status, json.loads(text)["challenge"])
    assert [] == served.core.raw


async def test_redelivered_requests_are_heard_once(slack: FakeSlack, served: Running) -> None:
    """The retries of Slack's HTTP delivery carry the same event."""
    alice = slack.world.people["U0ALICE000"]

    await slack.dm("hello", alice)
    await slack.redeliver()
    await greeted(slack)
    await slack.until(lambda: len(served.core.heard) > 1)

    assert [ADDRESSED, GREET] == sorted(one.command for one in served.core.heard)


async def test_odd_payloads_do_not_break_the_door(slack: FakeSlack, served: Running) -> None:
    """Signed but senseless requests are answered, and the next one works."""
    odd: list[Json] = [{"type": "event_callback", "event": {}}, {"type": "block_actions"}, {}]
    for payload in odd:
        with suppress(NotAcceptedError):
            await slack.wire.deliver("events_api", payload)

    await greeted(slack)
    assert not served.over
