"""Limits of the platforms: the fakes enforce them, and requests on the wire are counted so that none is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.adapters.discord import DiscordPlatform
from bot.adapters.slack import SlackPlatform
from bot.core.clock import SystemClock
from bot.core.port import Allowance, Channel, Community, DeliveryError, Message, Meter, Outcome, Permit, Reason
from bot.core.text import plain
from bot.delivery.letters import Action
from bot.delivery.pace import Pace, Rate
from tests.adapters.discord_harness import MESSAGES, DiscordHarness, platform_words
from tests.adapters.fake_discord_rates import Rates
from tests.adapters.fake_discord_rest import rate_limited
from tests.adapters.fake_slack import FakeSlack
from tests.adapters.fake_slack_rates import Rates as SlackRates
from tests.adapters.fake_slack_wire import APP_TOKEN, BOT_TOKEN
from tests.adapters.fake_slack_world import TEAM
from tests.platform_contract import CIRCLE, MEMBER

POST = Message(plain("Hello."))


class Seconds:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class Counting(Meter):
    """Lets everything go, and remembers."""

    def __init__(self) -> None:
        self.admitted: list[str] = []
        self.ended: list[Allowance | None] = []
        self.held: list[timedelta] = []

    async def admit(self, place: str = "") -> Permit:
        self.admitted.append(place)
        return self

    def end(self, allowance: Allowance | None = None) -> None:
        self.ended.append(allowance)

    def hold(self, wait: timedelta) -> None:
        self.held.append(wait)


class Metered(DiscordHarness):
    """Discord with a meter."""

    def __init__(self, meter: Meter, within: timedelta = timedelta(seconds=20)) -> None:
        super().__init__()
        self.meter = meter
        self.within = within

    def make_platform(self, **settings: timedelta) -> DiscordPlatform:
        assert not settings
        return DiscordPlatform(
            token=self.fake.token,
            words=platform_words(),
            clock=self.clock,
            meter=self.meter,
            api_url=self.fake.api_url,
            gateway_url=self.fake.gateway_url,
            within=self.within,
        )


async def failure(posting: Awaitable[Any]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await posting
    return caught.value


# ---------------------------------------------------------------- the fakes


def test_the_fake_discord_refuses_the_51st_request_of_a_second() -> None:
    """In any second, not from one full second to the next; answers to interactions do not count."""
    clock = Seconds()
    rates = Rates(clock=clock)
    for number in range(50):
        clock.at = 100 + number / 100
        assert rates.rule("GET", f"/users/{number}").wait is None
    refused = rates.rule("GET", "/users/1")
    free = rates.rule("POST", "/interactions/1/token/callback")
    clock.at = 101.0

    assert (0.51, "global", True) == (
        round(refused.wait or 0, 2),
        refused.headers["X-RateLimit-Scope"],
        refused.body["global"],
    )
    assert None is free.wait is rates.rule("GET", "/users/1").wait
    assert 1 == rates.refused


def test_the_fake_discord_takes_five_posts_in_a_channel() -> None:
    """Every answer says how many are left, and when there will be five again; other channels are free."""
    clock = Seconds()
    rates = Rates(scale=2, clock=clock)
    left = [rates.rule("POST", "/channels/1/messages").headers["X-RateLimit-Remaining"] for _ in range(5)]
    clock.at += 1
    refused = rates.rule("POST", "/channels/1/messages")
    other = rates.rule("POST", "/channels/2/messages")
    clock.at += 1.5

    assert ["4", "3", "2", "1", "0"] == left
    assert (1.5, "user", "5", "0") == (
        refused.wait,
        *(refused.headers[f"X-RateLimit-{name}"] for name in ("Scope", "Limit", "Remaining")),
    )
    assert None is other.wait is rates.rule("POST", "/channels/1/messages").wait


def test_the_fake_slack_takes_one_message_a_second_in_a_channel() -> None:
    """Other channels and other methods are free; a burst may be allowed."""
    clock = Seconds()
    rates = SlackRates(clock=clock)
    said = {"channel": "C1"}
    waits = [rates.refuses("chat.postMessage", said) for _ in range(2)]
    free = [rates.refuses("chat.postMessage", {"channel": "C2"}), rates.refuses("chat.update", said)]
    clock.at += 1

    assert ([0, 1], [0, 0], 0) == (waits, free, rates.refuses("chat.postMessage", said))
    burst = SlackRates(burst=1, clock=clock)
    assert [0, 0, 1] == [burst.refuses("chat.postMessage", said) for _ in range(3)]


# ---------------------------------------------------------------- Discord


@pytest.fixture
async def counted() -> AsyncIterator[tuple[Metered, Counting]]:
    meter = Counting()
    harness = Metered(meter, within=timedelta(seconds=0.5))
    harness.fake.rest.rates = Rates()
    await harness.start()
    yield harness, meter
    await harness.stop()


async def test_every_request_counts_but_answers_to_interactions(counted: tuple[Metered, Counting]) -> None:
    """What Discord says of further requests goes to the meter with each answer."""
    discord, meter = counted
    start = len(discord.fake.rest.requests)
    before = len(meter.admitted)
    await discord.platform.post(discord.channel(CIRCLE), POST, key="k1")
    await discord.platform.look_up(discord.member(MEMBER))
    after = len(meter.admitted)
    await discord.types(MEMBER, "greet")

    assert start == before
    assert 2 == after - before
    assert after == len(meter.admitted) == len(meter.ended)
    posted, looked = meter.ended[-2:]
    assert posted
    assert (5, 4, None) == (posted.limit, posted.remaining, looked)
    assert timedelta(seconds=4) < posted.reset_after <= timedelta(seconds=5.001)


async def test_a_long_429_is_not_slept_through(counted: tuple[Metered, Counting]) -> None:
    """Whoever asked hears of it at once, whether it is about one place or about the whole bot."""
    discord, meter = counted
    room = discord.channel(CIRCLE)
    discord.fake.fault("POST", MESSAGES, rate_limited(7))
    one = await failure(discord.platform.post(room, POST, key="k1"))
    discord.fake.fault("POST", MESSAGES, rate_limited(9, everywhere=True))
    every = await failure(discord.platform.post(room, POST, key="k1"))

    told = [(each.reason, each.outcome, each.retry_after, each.everywhere) for each in (one, every)]
    seven, nine = timedelta(seconds=7), timedelta(seconds=9)
    assert [(Reason.TOO_FAST, Outcome.LATER, seven, False), (Reason.TOO_FAST, Outcome.LATER, nine, True)] == told
    assert [nine] == meter.held
    assert 2 == len(discord.fake.requests("POST", MESSAGES))


async def test_a_post_that_arrived_is_never_taken_for_unsent(counted: tuple[Metered, Counting]) -> None:
    """discord.py keeps back the answer to a channel's last post until there is room again; that may be too long."""
    discord, _ = counted
    rates = discord.fake.rest.rates
    assert rates
    for _ in range(4):
        rates.rule("POST", f"/channels/{discord.room.id}/messages")

    error = await failure(discord.platform.post(discord.channel(CIRCLE), POST, key="k1"))

    assert (Reason.NO_ANSWER, Outcome.UNKNOWN) == (error.reason, error.outcome)
    assert 1 == len(discord.fake.posts(discord.room))


async def test_discord_never_has_to_refuse() -> None:
    """However many requests are wanted at once, what leaves keeps under the limit."""
    harness = Metered(Pace({"discord": Rate(overall=19)}, SystemClock()).meter("discord"))
    rates = harness.fake.rest.rates = Rates(scale=0.4)
    await harness.start()
    try:
        await asyncio.gather(*(harness.platform.look_up(harness.member(MEMBER)) for _ in range(25)))
    finally:
        await harness.stop()

    assert 0 == rates.refused
    assert rates.counted > 25


# ---------------------------------------------------------------- Slack


async def test_slack_never_has_to_refuse() -> None:
    """Posts of deliveries and answers to people in one channel follow each other at its pace."""
    pace = Pace({"slack": Rate(each=20)}, SystemClock())
    async with FakeSlack() as slack:
        room = slack.add_channel("circle")
        rates = slack.wire.rates = SlackRates(scale=20)
        platform = SlackPlatform(
            bot_token=SecretStr(BOT_TOKEN), app_token=SecretStr(APP_TOKEN), words=platform_words(), clock=SystemClock(),
            meter=pace.meter("slack"), api_url=slack.api_url,
        )  # fmt: skip
        to = Channel(Community("slack", TEAM), room.id)

        async def deliver(number: int) -> None:
            async with pace.turn(to, Action.POST) as turn:
                await pace.leaving(turn)
                turn.acts = True
                await platform.post(to, POST, key=f"k{number}")

        await asyncio.gather(*(deliver(number) for number in range(3)), platform.post(to, POST, key="answer"))

        assert (0, 4) == (rates.refused, len(slack.posts(room)))
