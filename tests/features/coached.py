"""A house whose coach says what a test wants it to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.core.dispatch import Dispatch
from bot.core.port import Actor, Button, Response
from bot.features.practice import build
from bot.features.practice.acts import Act, Assessment, Observation
from bot.features.practice.feedback import Assess
from tests.house import MEMBER, House, button_of, labels_of

WRITTEN: Final = "marmalade-in-the-night"
"""What a member writes: a word that stands nowhere else."""
WRITE: Final = "Write my reflection"


def says(act: Act, *observations: Observation, praise: bool = False) -> Assess:
    """Return a coach that always says the same."""
    return lambda _vignette, _reply: Assessment(act, 0.9, observations, praise)


def stumbles(vignette: str, reply: str) -> Assessment:
    """Have an accident that carries somebody's words."""
    message = f"cannot read {vignette!r} and {reply!r}"
    raise ValueError(message)


def coached(house: House, assess: Assess) -> House:
    """Return the same house with another coach."""
    tools = house.app.tools
    features = [build(tools, assess) if each.name == "practice" else each for each in tools.house.features]
    core = Dispatch(features, tools.directory, tools.words, tools.clock, tools.held)
    return replace(house, app=replace(house.app, core=core))


async def card_of(house: House, skill: str, label: str = WRITE, who: Actor = MEMBER) -> Response:
    """Return a private card, the first of a row, that has a button with a label: forms come in any order."""
    for _ in range(60):
        response = await house.types(who, f"practice {skill}")
        if label in labels_of(response):
            return response
    raise AssertionError(label)


async def write_of(house: House, skill: str = "empathy", who: Actor = MEMBER) -> Button:
    """Return the button under a private card that opens a form."""
    return button_of(await card_of(house, skill, who=who), WRITE)


def commands_of(buttons: Sequence[Button]) -> list[str]:
    """Return where buttons lead."""
    return [button.command for button in buttons]
