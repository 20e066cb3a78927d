"""Finds what a person means among their own milestones, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from bot.community.tools import Tools
from bot.core.commands import Call, Mistake, Refusal
from bot.core.port import Channel, Choice
from bot.features.milestones.model import Audience, Celebration, Milestone, Sharing
from bot.features.milestones.rules import start_problem
from bot.features.milestones.store import MilestoneStore
from bot.features.milestones.texts import Texts

_REACHES_OUT: Final = re.compile(
    r"@\S|<[@#!]|\bhttps?:|\bwww\.|\w\.[a-z]{2,}(?:\b|/)",
    re.IGNORECASE,
)
"""A mention or an address on the web, as people write them."""
_WORDS: Final = re.compile(r"\w+")
_KNOWN_BY: Final = 4


class Own:
    """Looks things up for whoever asks. Raises `Mistake` for an input, and `Refusal` for what is not theirs."""

    def __init__(self, tools: Tools, store: MilestoneStore) -> None:
        self._tools = tools
        self._store = store
        self._substances = Texts(tools.library).substances()

    async def all(self, call: Call) -> Sequence[Milestone]:
        """Return the person's milestones."""
        return await self._store.of(call.member)

    async def one(self, given: int | None, call: Call) -> Milestone:
        """Return the milestone that is meant: by its number in the list or its row, or the only one."""
        found = await self.all(call)
        if not found:
            raise Refusal("milestones.none")
        if given is None and len(found) > 1:
            raise Mistake("milestone", "milestones.which")
        number = given or 1
        if number <= len(found):
            return found[number - 1]
        if row := next((each for each in found if each.id == given), None):
            return row
        raise Refusal("milestones.gone")

    async def celebration(self, row: int, call: Call) -> tuple[Milestone, Celebration]:
        """Return a celebration of the person's, with its milestone."""
        async with self._store.database.read() as unit:
            found = await self._store.lines.get(unit, row)
        milestone = await self._store.get(found.milestone) if found else None
        if milestone is None or found is None or milestone.member != call.member:
            raise Refusal("milestones.gone")
        return milestone, found

    async def suggest(self, typed: str, call: Call) -> Sequence[Choice]:
        """Suggest the person's own milestones."""
        found = [
            Choice(f"{number}. {each.label or each.start.isoformat()}", str(number))
            for number, each in enumerate(await self.all(call), 1)
        ]
        return [each for each in found if typed.casefold() in each.label.casefold()]

    # ------------------------------------------------------------ what is typed

    def start(self, on: date | None, days: int | None, call: Call) -> date:
        """Return the start that is meant: a date, or so many days ago."""
        if on and days is not None and (call.today - on).days != days:
            raise Mistake("days", "milestones.date_or_days")
        if on is None and days is None:
            raise Mistake("date", "missing")
        start = on or call.today - timedelta(days=days or 0)
        if problem := start_problem(start, call.today):
            raise Mistake("date" if on else "days", problem)
        return start

    async def sharing(self, audience: Audience, given: Channel | None, label: bool, call: Call) -> Sharing:
        """Return who is to see what. The channel must be a group's that the person can read themself."""
        if audience is Audience.PRIVATE:
            return Sharing()
        if audience is Audience.LEADERS:
            return Sharing(audience, "", label)
        groups = await self._tools.groups.all(call.member.community)
        channel = groups[0].channel if given is None and len(groups) == 1 else given
        if channel is None:
            raise Mistake("in", "milestones.in_which")
        if not any(group.channel == channel for group in groups):
            raise Mistake("in", "milestones.no_group")
        platform = self._tools.platforms[call.member.community.platform]
        if not await platform.belongs(call.member, channel):
            raise Mistake("in", "milestones.not_there")
        return Sharing(audience, channel.id, label)

    def is_delicate(self, milestone: Milestone, sharing: Sharing, call: Call) -> bool:
        """Return whether somebody is asked once more before others see a label: it may say more than they meant.

        It may name a substance, reach out to somebody or to the web, or name its owner where they are not named.
        """
        said = _WORDS.findall(milestone.label.casefold())
        if _REACHES_OUT.search(milestone.label):
            return True
        if sharing.audience is Audience.UNNAMED and set(said) & set(_WORDS.findall(call.actor.name.casefold())):
            return True
        return any(_begins(word, name.casefold()) for word in said for name in self._substances)


def _begins(word: str, name: str) -> bool:
    """Return whether a word is a name, or begins with one that is long enough to be known by: alcoholic, sobriety."""
    return word == name or (len(name) >= _KNOWN_BY and word.startswith(name))
