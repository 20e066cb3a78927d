"""`privacy`: what is kept about a member, and how it goes. By the member alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, cast

import structlog

from bot.community.tools import Tools
from bot.core.commands import Call, command
from bot.core.faults import where
from bot.core.feature import Feature
from bot.core.forms import Form, Mark
from bot.core.held import Held
from bot.core.port import Button, Channel, Emphasis, Kind, Member, Message, Reply, Response, Update
from bot.core.text import Markup, channel_link, countries, language_name, moment, plain
from bot.delivery.outbox import Outbox
from bot.storage.database import Database

log = structlog.get_logger(__name__)

FEATURE: Final = "privacy"
MOST_SHOWN: Final = 20
"""Things of one kind that are told one by one: so that the answer fits a message."""


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
        named = await self._posts(call)
        for feature in self._tools.house.features:
            kept = await feature.personal_data.export(call.member)
            for name, value in kept.items():
                lines.extend(self._lines(f"{feature.name}.kept_{name}", name, value, call, named))
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
        remains = False
        for feature in self._tools.house.features:
            try:
                await feature.personal_data.erase(call.member)
            except Exception as error:  # noqa: BLE001  what one feature cannot remove must not keep the rest
                remains = True
                log.error("data not removed", feature=feature.name, error=type(error).__name__, where=where(error))  # noqa: TRY400  a trace back may hold members' text
        await self._tools.database.checkpoint()
        if remains:
            again = Button(
                self._words.label("privacy.again", call.locale), "privacy delete", {"sure": "yes"}, Emphasis.DANGER
            )
            return Update(Message(self._words.say("privacy.remains", call.locale), buttons=(again,)))
        return Update(Message(self._words.say("privacy.deleted", call.locale)))

    async def _posts(self, call: Call) -> Mapping[str, str]:
        """Return what people call everything that can be posted."""
        kinds = [kind for feature in self._tools.house.features for kind in feature.posts]
        found = [each for kind in kinds for each in await kind.choices(call.member.community, call.locale)]
        return {each.value: each.label for each in found}

    def _lines(self, key: str, name: str, value: object, call: Call, posts: Mapping[str, str]) -> Sequence[Markup]:
        """Tell a kind of thing that is kept, each on its own line, the newest last."""
        found = cast("list[object]", value) if isinstance(value, list) else [value]
        lines = [Markup(f"- {self._line(key, name, each, call, posts)}") for each in found[-MOST_SHOWN:]]
        if earlier := len(found) - len(lines):
            lines.append(Markup(f"- {self._words.say('privacy.earlier', call.locale, count=earlier)}"))
        return lines

    def _line(self, key: str, name: str, value: object, call: Call, posts: Mapping[str, str]) -> Markup:
        """Tell one thing. What it leaves empty, or says no to, is told by a sentence of its own: `..._without_...`."""
        parts = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {name: value}
        missing = [part for part, held in parts.items() if not held]
        values = {part: self._shown(f"{key}_{part}", part, held, call, posts) for part, held in parts.items()}
        wording = "_".join([key, "without", *missing]) if missing else key
        return self._words.say(wording, call.locale, **values)

    def _shown(self, key: str, part: str, value: object, call: Call, posts: Mapping[str, str]) -> Markup:
        """Return a value in words, an instant on the reader's own clock."""
        text = str(value)
        match part:
            case "country":
                return plain(countries(call.locale).get(text, text))
            case "language":
                return plain(language_name(text, call.locale))
            case "channel":
                return channel_link(Channel(call.member.community, text))
            case "post" if not self._words.knows(f"{key}_{text}"):
                return plain(posts[text]) if text in posts else self._words.say(f"{key}_gone", call.locale)
            case "at" | "since" | "until" if text:
                return moment(datetime.fromisoformat(text), call.zone, call.locale)
            case _:
                named = f"{key}_{text}"
                return self._words.say(named, call.locale) if self._words.knows(named) else plain(text)


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
