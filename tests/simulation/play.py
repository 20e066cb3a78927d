"""Plays the month: the bot does what is due, things happen to the leaders, and they press buttons or do not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final, TypeAlias

from bot.community.leaders import Leader
from bot.community.requests import Wish
from bot.core.port import Button, Message, Reply, Response, Update
from tests.fakes import HERE
from tests.house import House, message_of
from tests.simulation.cast import NOBODY, Player
from tests.simulation.script import Luck, Scene, What, scenes, span
from tests.simulation.witness import Sent, Witness

AT_ONCE: Final = timedelta(seconds=1)
NAMES_SOMEBODY: Final = 0.4
"""How likely somebody who is called away asks one leader by name, and not the bot to ask them all."""
Act: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody on duty was called away."""

    who: str
    at: datetime


@dataclass(slots=True)
class Play:
    """One month of a cast. `asks`: whoever is called away asks the others first."""

    house: House
    cast: Sequence[Player]
    luck: Luck
    days: int
    asks: bool
    witness: Witness = field(init=False)
    called: list[Called] = field(default_factory=list[Called])
    _gone: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Until when somebody cannot look: they were called away."""
    _acts: list[tuple[datetime, str, int, Act]] = field(default_factory=list[tuple[datetime, str, int, Act]])
    """What somebody is about to do. At the same moment names decide, and not the rows, which are random."""
    _count: int = 0

    def __post_init__(self) -> None:
        self.witness = Witness(self.house, self._answer)

    async def run(self) -> None:
        """Play to the end."""
        self.house.platform.before_posting = self.witness.see
        for scene in scenes(self.cast, self.luck, self.days):
            self._at(scene.at, scene.who, self._happens(scene))
        end = span(self.days)[1]
        while (now := self.house.clock.now()) < end:
            due = await self.house.engine.settle()
            coming = [at for at in (due, self._acts[0][0] if self._acts else None) if at]
            await self.house.until(max(min([*coming, end]), now + AT_ONCE))
            while self._acts and self._acts[0][0] <= self.house.clock.now():
                await heappop(self._acts)[-1]()

    # ------------------------------------------------------------ what happens

    def _at(self, at: datetime, who: str, act: Act) -> None:
        self._count += 1
        heappush(self._acts, (at, who, self._count, act))

    def _happens(self, scene: Scene) -> Act:
        async def happen() -> None:
            if scene.what is What.SOMEBODY_ASKS:
                await self._support()
            elif scene.what is What.CALLED_AWAY:
                await self._leave(self._player(scene.who), scene.until)
            elif self._looks(scene.who):
                rest = scene.what is What.REST
                await self.house.types(self._player(scene.who).actor, f"break now {'rest=yes' if rest else ''}")

        return happen

    async def _support(self) -> None:
        """Have whoever is there longest answer a member's request for support."""
        roster, now = self.house.app.tools.roster, self.house.clock.now()
        for leader, _ in (await roster.on_duty(HERE, now))[:1]:
            await roster.answered(leader.id, now)
            await self.house.app.tools.outbox.nudge()

    async def _leave(self, player: Player, until: datetime) -> None:
        """Call somebody away in the middle of their duty, if they are on it."""
        leader, now = await self._leader(player), self.house.clock.now()
        if await self.house.app.tools.roster.current(leader.id, now) is None:
            return
        self.called.append(Called(player.name, now))
        self._gone[player.name] = until
        if not self.asks:
            await self.house.use(player.actor, "duty off", sure="yes")
        elif not await self._hands_to_one(player, leader):
            answer = await self.house.types(player.actor, "duty off")
            await self._press(player, message_of(answer), ("duty cover",))

        async def give_up() -> None:
            if await self.house.app.tools.roster.current(leader.id, self.house.clock.now()):
                await self.house.use(player.actor, "duty off", sure="yes")

        self._at(now + timedelta(minutes=player.patience), player.name, give_up)

    async def _hands_to_one(self, player: Player, leader: Leader) -> bool:
        """Ask somebody by name, perhaps. Returns whether they are being asked."""
        chance = self.luck.of("names", player.name, self.house.clock.now())
        if chance.random() >= NAMES_SOMEBODY:
            return False
        named = chance.choice([each.name for each in self.cast if each != player])
        await self.house.types(player.actor, f"duty handoff who=@{named}")
        return await self.house.app.tools.requests.open_of(leader.id, Wish.HANDOFF) is not None

    # ------------------------------------------------------------ how they answer

    def _answer(self, sent: Sent, message: Message) -> None:
        """Have somebody answer a message after a while, in their manner."""
        player = self._player(sent.to)
        if not (ways := player.manner(sent.kind)):
            return
        chance = self.luck.of(sent.kind, sent.to, sent.at)
        way = chance.choices(ways, [each.weight for each in ways])[0]

        async def act() -> None:
            if self._looks(player.name) or sent.kind == NOBODY:
                await self._press(player, message, way.presses)

        self._at(sent.at + timedelta(minutes=chance.randint(*way.minutes)), f"{sent.to} {sent.kind}", act)

    async def _press(self, player: Player, message: Message, presses: Sequence[str]) -> None:
        """Press one button after the other, each on the answer to the last, as far as they are there."""
        for wanted in presses:
            button = next((each for each in message.buttons if _is(each, wanted)), None)
            response: Response | None = await self.house.press(player.actor, button) if button else None
            if not isinstance(response, Reply | Update):
                return
            message = response.message

    def _looks(self, who: str) -> bool:
        return self.house.clock.now() >= self._gone.get(who, self.house.clock.now())

    def _player(self, name: str) -> Player:
        return next(each for each in self.cast if each.name == name)

    async def _leader(self, player: Player) -> Leader:
        found = await self.house.app.tools.leaders.find(player.actor.member)
        assert found, player
        return found


def _is(button: Button, wanted: str) -> bool:
    """Return whether a button is meant, by its command and, where they are named, its arguments."""
    spelled = " ".join([button.command, *(f"{name}={value}" for name, value in button.arguments.items())])
    return spelled == wanted or (button.command == wanted and "=" not in wanted)
