"""How deliveries end that did not arrive, and who hears of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from bot.core.faults import where
from bot.core.feature import Directory, Failed, Feature, Followed, Sending
from bot.core.port import Clock, Member, Reason
from bot.delivery.letters import Action, Claimed, State
from bot.delivery.outbox import QUIET, Outbox

log = structlog.get_logger(__name__)

LISTENS_FOR: Final = timedelta(days=1)
"""So long after its time a failure is told again to a feature that cannot hear it; then it is settled all the same."""
NOTES: Final = {
    Reason.CLOSED: "core.note_closed",
    Reason.FORBIDDEN: "core.note_closed",
    Reason.NO_ANSWER: "core.note_unsure",
}
"""What a member is told, the next time they use the bot, about a private message that did not reach them."""


class Endings:
    """Settles what did not arrive, and tells those whom it concerns. `sending` says what a delivery was about."""

    def __init__(
        self,
        outbox: Outbox,
        features: Mapping[str, Feature],
        directory: Directory,
        clock: Clock,
        sending: Callable[[Claimed], Awaitable[Sending]],
    ) -> None:
        self._outbox = outbox
        self._features = features
        self._directory = directory
        self._clock = clock
        self._sending = sending

    async def end(self, claimed: Claimed, state: State, reason: str, told: Reason | None) -> None:
        """Settle what did not arrive, and tell of it, unless it is another's by now.

        About a group its feature hears first: if we die in between, it hears again. A member's note comes last, for
        with the row they may have been erased.
        """
        feature = self._features.get(claimed.feature)
        follows = claimed.action is not Action.POST
        hears = feature and (feature.followed if follows else feature.failed)
        if told is None or (follows and hears is None):
            if await self._outbox.settle(claimed, state, reason) and claimed.personal and not follows:
                await self._unheard(claimed, Reason.UNREACHABLE)
        elif isinstance(claimed.to, Member) and not follows:
            if await self._outbox.settle(claimed, state, reason):
                if note := NOTES.get(told):
                    await self._directory.leave_note(claimed.to, note)
                await self._unheard(claimed, told)
        elif await self._outbox.hold(claimed, reason, doubtful=state is State.UNKNOWN):
            if hears:
                await self._tell(hears, claimed, told)
            await self._outbox.settle(claimed, state, reason)

    async def leave_out(self, claimed: Claimed) -> None:
        """Settle a post for which its group is quiet."""
        if await self._outbox.settle(claimed, State.WITHDRAWN, QUIET) and claimed.personal:
            await self._unheard(claimed, Reason.UNREACHABLE)

    async def _unheard(self, claimed: Claimed, reason: Reason) -> None:
        """Tell a feature, once, of what is settled and did not arrive."""
        feature = self._features.get(claimed.feature)
        if feature and feature.unheard:
            try:
                await feature.unheard(await self._sending(claimed), reason)
            except Exception as error:  # noqa: BLE001  it is settled, and a try more would not change that
                log.error("not told", feature=claimed.feature, error=type(error).__name__, where=where(error))  # noqa: TRY400  the same

    async def _tell(self, hears: Failed | Followed, claimed: Claimed, reason: Reason) -> None:
        try:
            await hears(await self._sending(claimed), reason)
        except Exception as error:
            if self._clock.now() <= claimed.expires_at + LISTENS_FOR:
                raise
            log.error("failure not told", feature=claimed.feature, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold members' text
