"""Whose words the guards look at, and what they offer before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.core import commands
from bot.core.direct import GO_ON, UNGUARDED
from bot.core.port import HELD, Button, Kind, Message, Reply, Shown

if TYPE_CHECKING:
    from bot.core.commands import Call, Command
    from bot.core.feature import Feature, Guard
    from bot.core.held import Held
    from bot.core.text import Words


class Guards:
    """Asks the guards of all features. The first offer is made; what was written stays in hand meanwhile."""

    def __init__(self, features: Sequence[Feature], words: Words, held: Held) -> None:
        self._features = features
        self._words = words
        self._held = held

    async def over_text(self, text: str, call: Call) -> Message | None:
        """Return what is offered to somebody who wrote to the bot."""
        return await _first([text], self._own(None), call)

    async def over(self, command: Command, arguments: Mapping[str, str], call: Call) -> Reply | None:
        """Return what is offered before a command runs, with a button that goes on."""
        chosen = commands.chosen_texts(command, arguments)
        offer = await _first(chosen, self._own(None) if _is_their_own(call) else self._about_others(), call)
        own = self._own(_answered(command, arguments))
        offer = offer or await _first(commands.personal_texts(command, arguments), own, call)
        if offer is None:
            return None
        token = self._held.keep(call.member, arguments, call.about)
        go_on = Button(
            self._words.label("core.go_on", call.locale),
            command.path,
            {**commands.hidden_arguments(command, arguments), HELD: token, GO_ON: UNGUARDED},
        )
        return Reply(replace(offer, buttons=(*offer.buttons, go_on)))

    def _own(self, answered: str | None) -> Iterable[Guard]:
        """Give the guards of a person's own words. `answered`: the message that these words answer, if any."""
        for feature in self._features:
            on_replies = feature.guards_on_replies if answered is not None else ()
            yield from [partial(guard, answered or "") for guard in on_replies] or feature.guards

    def _about_others(self) -> Iterable[Guard]:
        return (guard for feature in self._features for guard in feature.guards_about_others)


def _answered(command: Command, arguments: Mapping[str, str]) -> str | None:
    """Return the message that a form holds beside somebody's answer to it; None where there is no such input."""
    names = [given.name for given in command.inputs if given.mark.kind is Kind.MESSAGE]
    if command.shown is Shown.MENU or not names:
        return None
    return "\n".join(arguments.get(name, "") for name in names)


def _is_their_own(call: Call) -> bool:
    """Return whether a command was chosen in the menu of a message by whoever wrote it.

    In a direct message the author comes without the community that we found to be meant.
    """
    author = call.about.author if call.about else None
    if author is None or author.id != call.member.id:
        return False
    return author.community.id in {"", call.member.community.id}


async def _first(texts: Sequence[str], guards: Iterable[Guard], call: Call) -> Message | None:
    asked = list(guards) if texts else []
    for text in texts:
        for guard in asked:
            if offer := await guard(text, call):
                return offer
    return None
