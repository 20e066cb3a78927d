"""Direct messages that carry no community: which one is meant, and how it stays so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.core.commands import Command, hidden_arguments
from bot.core.feature import KnownCommunity
from bot.core.held import Held
from bot.core.port import HELD, Ask, Button, Invocation, Member, Message, Reply, Response
from bot.core.text import Words

COMMUNITY: Final = "c"
"""Argument of a button that says which community a direct message is about: a row id. Short: buttons are narrow."""
GO_ON: Final = "go"
"""Argument of a button that carries on with what is in hand, instead of opening a form with it."""
UNGUARDED: Final = "on"
"""Value of `GO_ON` after a guard's offer: the guards have been asked already."""
SURE: Final = "sure"
"""Value of `GO_ON` after somebody was asked whether they are: the guards have been asked already."""
GUARDED: Final = "ask"
"""Value of `GO_ON` after a community was chosen: nobody has looked yet."""
MOST_COMMUNITIES: Final = 10


def settle(invocation: Invocation, known: Sequence[KnownCommunity]) -> tuple[Invocation, str]:
    """Return an invocation in the community that is meant, and its row id: "" when that is not clear."""
    arguments = dict(invocation.arguments)
    chosen = arguments.pop(COMMUNITY, "")
    fit = [each for each in known if chosen in {"", str(each.id)}]
    if len(fit) != 1:
        return replace(invocation, arguments=arguments), ""
    member = Member(fit[0].community, invocation.actor.member.id)
    actor = replace(invocation.actor, member=member)
    return replace(invocation, actor=actor, arguments=arguments), str(fit[0].id)


def ask_which(
    command: Command, invocation: Invocation, known: Sequence[KnownCommunity], words: Words, held: Held
) -> Reply:
    """Ask which community is meant. What was typed stays in hand, and in no button."""
    buttons: list[Button] = []
    listed: list[str] = []
    for number, each in enumerate(known[:MOST_COMMUNITIES], 1):
        owner = Member(each.community, invocation.actor.member.id)
        arguments = _in_hand(command, invocation.arguments, owner, held)
        buttons.append(Button(str(number), command.path, {**arguments, COMMUNITY: str(each.id)}))
        listed.append(f"{number}. {each.name}")
    question = words.say("core.which_community", words.best(invocation.actor.locale))
    return Reply(Message("\n".join([question, "", *listed]), buttons=tuple(buttons)))


def _in_hand(command: Command, arguments: Mapping[str, str], owner: Member, held: Held) -> dict[str, str]:
    hidden = hidden_arguments(command, arguments)
    if hidden == arguments:
        return hidden
    return {**hidden, HELD: held.keep(owner, arguments), GO_ON: GUARDED}


def about(response: Response, community: str) -> Response:
    """Return an answer whose buttons and form say which community they are about."""
    if isinstance(response, Ask):
        return replace(response, hidden={**response.hidden, COMMUNITY: community})
    message = response.message
    buttons = (replace(each, arguments={**each.arguments, COMMUNITY: community}) for each in message.buttons)
    return replace(response, message=replace(message, buttons=tuple(buttons)))
