"""Takes in what people do on Slack, hands it to the core, and brings the answer back.

Slack waits three seconds for an acknowledgement. What the core answers within two goes the native way; later answers
find theirs through the response_url or a direct message. Every kind of payload has one listener; we route ourselves.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias, TypeVar, cast

import structlog
from slack_bolt.async_app import AsyncApp

from bot.adapters.slack.api import Json
from bot.adapters.slack.commands import read_origin, read_press, read_text, without_mention
from bot.adapters.slack.forms import draw_choices, field_of, inline_errors, read_answers
from bot.adapters.slack.people import People
from bot.adapters.slack.pointing import mentioned, read_named, read_pointed
from bot.adapters.slack.posting import Posts
from bot.adapters.slack.seen import Seen
from bot.adapters.slack.turns import Ack, Answers, Once, Turn, thread_of
from bot.core.port import (
    ADDRESSED,
    TEXT,
    TYPED,
    Actor,
    Ask,
    Choice,
    Community,
    CommunityGone,
    Core,
    DeliveryError,
    Entry,
    Invocation,
    Kind,
    Member,
    Message,
    Pointed,
    Response,
    Update,
)
from bot.core.text import DEFAULT_LOCALE

log = structlog.get_logger(__name__)

HOME: Final = "home"
_FREE: Final = frozenset({Kind.TEXT, Kind.PARAGRAPH, Kind.NUMBER})
_ANYTHING: Final = re.compile(".*", re.DOTALL)
_WRITTEN: Final = frozenset({None, "file_share"})
"""Subtypes of messages that a person wrote just now; all others tell of edits, joins and the like."""


_Done = TypeVar("_Done")
Told: TypeAlias = tuple[Turn, Actor, Response]


class Inbox:
    """Serves one workspace. `in_time` is how many seconds an answer may take to go the native way."""

    def __init__(
        self,
        core: Core,
        community: Community,
        bot_user: str,
        *,
        people: People,
        posts: Posts,
        answers: Answers,
        in_time: float,
    ) -> None:
        self._core = core
        self._community = community
        self._bot_user = bot_user
        self._people = people
        self._posts = posts
        self._answers = answers
        self._in_time = in_time
        self._seen = Seen()
        self._working: set[asyncio.Task[Any]] = set()

    def attach(self, app: AsyncApp) -> None:
        """Register one listener per kind of payload."""
        loose = cast("Any", app)  # Bolt's decorators are typed only in part
        loose.command(_ANYTHING)(self._guarded(self.on_command))
        loose.action(_ANYTHING)(self._guarded(self.on_press))
        loose.shortcut(_ANYTHING)(self._guarded(self.on_shortcut))
        loose.view(_ANYTHING)(self._guarded(self.on_submission))
        loose.options(_ANYTHING)(self._guarded(self.on_typing))
        loose.event(_ANYTHING)(self._guarded(self.on_event))

    async def finish(self, within: float) -> None:
        """Let answers that are on their way arrive, and drop the others."""
        if self._working:
            _, late = await asyncio.wait(self._working, timeout=within)
            for task in late:
                task.cancel()

    def _guarded(self, handle: Callable[[Once, Json], Coroutine[Any, Any, None]]) -> Callable[..., Awaitable[None]]:
        async def listener(ack: Ack, body: Json) -> None:
            once = Once(ack)
            try:
                await self._keep(handle(once, body))
            except DeliveryError as error:
                log.warning("answer did not arrive", reason=error.reason, kind=handle.__name__)
            except Exception as error:  # noqa: BLE001  whatever it is, nobody must see its text
                log.error("answer failed", error=type(error).__name__, kind=handle.__name__)  # noqa: TRY400  a trace back would print members' text
                with suppress(DeliveryError):
                    await self._answers.apologise(body, DEFAULT_LOCALE)
            await once()

        return listener

    def _keep(self, work: Coroutine[Any, Any, _Done]) -> asyncio.Task[_Done]:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task

    async def _in_time_for(self, task: asyncio.Task[Any]) -> bool:
        done, _ = await asyncio.wait({task}, timeout=self._in_time)
        return bool(done)

    # ------------------------------------------------------------ what people do

    async def on_command(self, ack: Once, body: Json) -> None:
        """Answer a typed line."""
        if not self._first(body):
            return
        told = self._keep(self._typed(body))
        fresh = await self._in_time_for(told)
        if not fresh:
            await ack()
        turn, actor, response = await told
        if fresh and not isinstance(response, Ask) and not turn.direct and not _comes_with_more(response.message):
            await ack(self._answers.ephemeral(turn, response.message))
            return
        await ack()
        await self._answer(turn, actor, response, fresh=fresh)

    async def _typed(self, body: Json) -> Told:
        turn = Turn.of_command(self._community, body, direct=await self._is_ours(body))
        return await self._invoke(turn, TYPED, {TEXT: read_text(str(body.get("text", "")))})

    async def _is_ours(self, body: Json) -> bool:
        """Return whether a command was typed to the bot: it works in other people's direct messages too."""
        channel = str(body["channel_id"])
        with suppress(DeliveryError):
            person = Member(self._community, str(body["user_id"]))
            return channel.startswith("D") and await self._posts.place_of(person) == channel
        return False

    async def on_press(self, ack: Once, body: Json) -> None:
        """Answer a pressed button."""
        await ack()
        press = read_press(str(body["actions"][0].get("value", "")))
        if press and self._first(body):
            await self._run(Turn.of_press(self._community, body), *press)

    async def on_shortcut(self, ack: Once, body: Json) -> None:
        """Answer an entry of a message's menu, which is given the message."""
        await ack()
        entry = next((each for each in self._core.catalogue if each.path == body["callback_id"]), None)
        if entry is None or not self._first(body):
            return
        message: Json = body.get("message", {})
        channel = str(body.get("channel", {}).get("id", ""))
        turn = Turn.of(self._community, body, channel, thread_of(message))
        await self._bring(self._keep(self._chosen(turn, entry, message)))

    async def _chosen(self, turn: Turn, entry: Entry, message: Json) -> Told:
        arguments: dict[str, str] = {}
        if field := next((field for field in entry.fields if field.kind is Kind.MESSAGE), None):
            raw = str(message.get("text") or "")
            arguments[field.name] = read_named(raw, await self._people.names(mentioned(raw)))
        return await self._invoke(turn, entry.path, arguments, read_pointed(turn, message))

    async def on_submission(self, ack: Once, body: Json) -> None:
        """Answer a form: with what is wrong, inside it; with anything else, where it was opened."""
        view: Json = body["view"]
        origin = read_origin(str(view.get("private_metadata", "")))
        form = f"view:{view['id']}"
        if origin is None or not self._first(body) or not self._seen.first(form):
            return
        turn = Turn.of_form(self._community, body, origin)
        told = self._begin(turn, origin.command, {**origin.hidden, **read_answers(view)})
        if not await self._in_time_for(told):
            await ack()
        _, actor, response = await told
        if isinstance(response, Ask):
            self._seen.forget(form)
            same = response.command == origin.command and dict(response.hidden) == dict(origin.hidden)
            errors = inline_errors(response, view) if same and not response.note else {}
            again: Json = {"response_action": "update", "view": self._answers.form(turn, response, actor)}
            if await ack({"response_action": "errors", "errors": errors} if errors else again):
                return
        await ack()
        await self._answer(turn, actor, response, fresh=False)

    async def on_typing(self, ack: Once, body: Json) -> None:
        """Suggest for what somebody types into a menu; nothing, when it takes too long."""
        origin = read_origin(str(body.get("view", {}).get("private_metadata", "")))
        options: list[Json] = []
        if origin:
            turn = Turn.of(self._community, body, origin.channel)
            field = field_of(str(body.get("block_id", "")))
            asked = self._keep(self._suggested(turn, origin.command, field, str(body.get("value", ""))))
            options = asked.result() if await self._in_time_for(asked) else []
        await ack({"options": options})

    async def _suggested(self, turn: Turn, command: str, field: str, typed: str) -> list[Json]:
        """Return the core's choices, and what was typed itself where anything may be: Slack takes nothing else."""
        actor = await self._people.actor(turn.member, turn.name)
        choices = list(await self._core.suggest(command, field, typed, actor))
        free = {
            one.name
            for each in self._core.catalogue
            if each.path == command
            for one in each.fields
            if one.kind in _FREE
        }
        if typed and field in free and typed not in {choice.value for choice in choices}:
            choices.append(Choice(typed, typed))
        return draw_choices(choices)

    # ------------------------------------------------------------ what Slack tells

    async def on_event(self, ack: Once, body: Json) -> None:
        """Take note of an event. Everything that we are not subscribed to on purpose is dropped."""
        await ack()
        if not self._seen.first(str(body.get("event_id", ""))):
            return
        event: Json = body["event"]
        match event.get("type"):
            case "message" if event.get("channel_type") == "im":
                await self._addressed(event, direct=True)
            case "app_mention":
                await self._addressed(event, direct=False)
            case "app_home_opened" if event.get("tab") == "home":
                await self._home(event)
            case "app_uninstalled":
                await self._core.observe(CommunityGone(self._community))
            case "tokens_revoked" if event.get("tokens", {}).get("bot"):
                await self._core.observe(CommunityGone(self._community))
            case _:
                pass

    async def _addressed(self, event: Json, *, direct: bool) -> None:
        person = event.get("user")
        if not person or person == self._bot_user or event.get("bot_id") or event.get("subtype") not in _WRITTEN:
            return
        turn = Turn(self._community, str(person), "", str(event["channel"]), thread_of(event), direct)
        text = read_text(without_mention(str(event.get("text", "")), self._bot_user))
        await self._run(turn, ADDRESSED, {TEXT: text})

    async def _home(self, event: Json) -> None:
        turn = Turn(self._community, str(event["user"]), direct=True)
        _, actor, response = await self._invoke(turn, HOME, {})
        message = self._answers.late_form(response, actor.locale) if isinstance(response, Ask) else response.message
        await self._answers.publish_home(turn.person, message)

    # ------------------------------------------------------------ to the core and back

    async def _run(self, turn: Turn, command: str, arguments: Mapping[str, str]) -> None:
        await self._bring(self._begin(turn, command, arguments))

    async def _bring(self, told: asyncio.Task[Told]) -> None:
        fresh = await self._in_time_for(told)
        turn, actor, response = await told
        await self._answer(turn, actor, response, fresh=fresh)

    def _begin(self, turn: Turn, command: str, arguments: Mapping[str, str]) -> asyncio.Task[Told]:
        return self._keep(self._invoke(turn, command, arguments))

    async def _invoke(
        self, turn: Turn, command: str, arguments: Mapping[str, str], about: Pointed | None = None
    ) -> Told:
        actor = await self._people.actor(turn.member, turn.name)
        invocation = Invocation(command, arguments, actor, turn.place, turn.on_private, about)
        return turn, actor, await self._core.invoke(invocation)

    async def _answer(self, turn: Turn, actor: Actor, response: Response, *, fresh: bool) -> None:
        if isinstance(response, Ask):
            if not (fresh and turn.trigger and await self._answers.open_form(turn, response, actor)):
                await self._answers.tell(turn, self._answers.late_form(response, actor.locale), actor.locale)
            return
        replaces = isinstance(response, Update) and turn.on_private
        await self._answers.tell(turn, response.message, actor.locale, replace_original=replaces)

    def _first(self, body: Json) -> bool:
        """Return whether an act comes for the first time; every act has a trigger of its own."""
        return self._seen.first(str(body.get("trigger_id", "")))


def _comes_with_more(message: Message) -> bool:
    """Return whether a message has what takes a while, and is not to come before its words."""
    return message.picture is not None or bool(message.files)
