"""`privacy`: what is kept about a member, and how it goes. By the member alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from bot.community.tools import Tools
from bot.core.commands import Call, command
from bot.core.feature import Feature
from bot.core.forms import Form, Mark
from bot.core.held import Held
from bot.core.port import Button, Emphasis, Kind, Member, Message, Reply, Response, Update
from bot.core.text import Markup
from bot.delivery.outbox import Outbox
from bot.storage.database import Database

FEATURE: Final = "privacy"


class Sure(Form):
    """What the second press says."""

    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Nothing(Form):
    """No input."""


class Mail:
    """Deliveries to a member: what waits for them, and that something was sent. Implements `PersonalData`.

    Text in hand goes with them; it is in memory only.
    """

    tables: Sequence[str] = ("deliveries",)

    def __init__(self, database: Database, outbox: Outbox, held: Held) -> None:
        self._database = database
        self._outbox = outbox
        self._held = held

    async def export(self, member: Member) -> Mapping[str, object]:
        """Return how many private messages are on record: their words are not kept."""
        count = await self._outbox.count(member)
        return {"private_messages_on_record": count} if count else {}

    async def erase(self, member: Member) -> None:
        """Remove every delivery to the member, and what they have in hand."""
        self._held.drop(member)
        async with self._database.write() as unit:
            await self._outbox.forget(unit, member)


class Privacy:
    """Handlers of `privacy`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def show(self, form: Nothing, call: Call) -> Reply:
        """Say in words what is kept about the person who asks, why, and who could see it."""
        del form
        lines: list[str] = []
        for feature in self._tools.house.features:
            kept = await feature.personal_data.export(call.member)
            lines.extend(self._line(f"{feature.name}.kept_{name}", value, call.locale) for name, value in kept.items())
        key = "privacy.kept" if lines else "privacy.nothing"
        body = Markup("\n\n".join([self._words.say(key, call.locale), *(["\n".join(lines)] if lines else [])]))
        footer = self._words.say("privacy.who_sees", call.locale)
        buttons = (Button(self._words.label("privacy.delete_button", call.locale), "privacy delete"),) if lines else ()
        return Reply(Message(body, self._words.label("privacy.title", call.locale), footer, buttons))

    async def delete(self, form: Sure, call: Call) -> Response:
        """Erase everything about the person who asks, after asking once."""
        if not form.sure:
            yes = Button(
                self._words.label("privacy.yes", call.locale), "privacy delete", {"sure": "yes"}, Emphasis.DANGER
            )
            keep = Button(self._words.label("privacy.keep", call.locale), "privacy show")
            return Reply(Message(self._words.say("privacy.sure", call.locale), buttons=(yes, keep)))
        for feature in self._tools.house.features:
            await feature.personal_data.erase(call.member)
        await self._tools.database.checkpoint()
        return Update(Message(self._words.say("privacy.deleted", call.locale)))

    def _line(self, key: str, value: object, locale: str) -> str:
        shown = ", ".join(str(each) for each in _flat(value))
        return f"- {self._words.say(key, locale, value=shown)}"


def _flat(value: object) -> list[object]:
    """Return the leaves of what JSON can hold."""
    if isinstance(value, Mapping):
        return [leaf for each in value.values() for leaf in _flat(each)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  any JSON
    if isinstance(value, list):
        return [leaf for each in value for leaf in _flat(each)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  any JSON
    return [value] if value not in ("", None) else []


def build(tools: Tools) -> Feature:
    """Plug in `privacy`."""
    privacy = Privacy(tools)
    return Feature(
        name=FEATURE,
        personal_data=Mail(tools.database, tools.outbox, tools.held),
        commands=(
            command("privacy show", Nothing, privacy.show, anywhere=True),
            command("privacy delete", Sure, privacy.delete, anywhere=True),
        ),
    )
