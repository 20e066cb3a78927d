"""Keeps under the platforms' rate limits, so that they never have to refuse us."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiolimiter import AsyncLimiter

from bot.core.port import Address, Channel, Member
from bot.delivery.letters import lane_of, platform_of

MOST_PLACES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests a platform takes: a second from one bot, and a second at one address."""

    overall: float
    each: float


class Pace:
    """Waits until a request may go. Platforms without a rate never wait."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._overall = {name: AsyncLimiter(1, 1 / rate.overall) for name, rate in rates.items()}
        self._each: OrderedDict[Address, AsyncLimiter] = OrderedDict()

    async def wait(self, to: Address) -> None:
        """Return when the next request to an address may go."""
        platform = platform_of(lane_of(to))
        if rate := self._rates.get(platform):
            await self._limiter(to, rate).acquire()
            await self._overall[platform].acquire()

    def _limiter(self, to: Address, rate: Rate) -> AsyncLimiter:
        place = to if isinstance(to, Channel | Member) else to.channel
        limiter = self._each.pop(place, None) or AsyncLimiter(1, 1 / rate.each)
        self._each[place] = limiter
        if len(self._each) > MOST_PLACES:
            self._each.popitem(last=False)
        return limiter
