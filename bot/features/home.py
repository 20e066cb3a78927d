"""`help` and `home`: the doors into everything else, put together from what the other features declare."""

from __future__ import annotations

from bot.community.tools import Tools
from bot.core.commands import Call, command
from bot.core.feature import KEEPS_NOTHING, Feature
from bot.core.forms import Form
from bot.core.port import Button, Entry, Message, Reply, Role, Shown
from bot.core.text import Markup, plain

DOORS = (("practise", "practice"), ("milestones", "milestone show"), ("support", "support"), ("data", "privacy show"))
MOST_BUTTONS = 10


class Nothing(Form):
    """No input."""


class Doors:
    """Handlers of `help` and `home`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def help(self, form: Nothing, call: Call) -> Reply:
        """Show four doors to everybody, and their own commands to leaders and organisers."""
        del form
        parts = [self._words.say("home.help", call.locale)]
        for role in (Role.LEADER, Role.ORGANISER):
            if call.role >= role:
                lines = [
                    self._line(entry, call.locale) for entry in self._tools.house.catalogue if self._is_for(entry, role)
                ]
                heading = self._words.say(f"home.help_{role.name.lower()}", call.locale)
                parts.append(Markup("\n".join([heading, "", *lines])))
        title = self._words.label("home.help_title", call.locale)
        return Reply(Message(Markup("\n\n".join(parts)), title, buttons=self._doors(call.locale)))

    async def home(self, form: Nothing, call: Call) -> Reply:
        """Put together what each feature has to show this person."""
        del form
        found = [await feature.home(call) for feature in self._tools.house.features if feature.home]
        parts = sorted((part for part in found if part), key=lambda part: part.order)
        bodies = [
            Markup(
                f"**{plain(part.message.title)}**\n\n{part.message.body}" if part.message.title else part.message.body
            )
            for part in parts
        ]
        buttons = tuple(button for part in parts for button in part.message.buttons)
        body = Markup("\n\n".join(bodies)) if bodies else self._words.say("home.empty", call.locale)
        shown = {button.command for button in buttons}
        doors = tuple(door for door in self._doors(call.locale) if door.command not in shown)
        return Reply(
            Message(body, self._words.label("home.title", call.locale), buttons=(*buttons, *doors)[:MOST_BUTTONS])
        )

    def _doors(self, locale: str) -> tuple[Button, ...]:
        return tuple(Button(self._words.label(f"home.door_{name}", locale), path) for name, path in DOORS)

    def _line(self, entry: Entry, locale: str) -> str:
        summary = self._words.label(f"command.{entry.path}.summary", locale)
        return f"- `{entry.path}`: {plain(summary)}"

    def _is_for(self, entry: Entry, role: Role) -> bool:
        return entry.role is role and entry.shown is Shown.TYPED


def build(tools: Tools) -> Feature:
    """Plug in `help` and `home`."""
    doors = Doors(tools)
    return Feature(
        name="home",
        personal_data=KEEPS_NOTHING,
        commands=(
            command("help", Nothing, doors.help, anywhere=True, needs_community=False),
            command("home", Nothing, doors.home),
        ),
    )
