"""One act of one person: who, where, and by which ways an answer can reach them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import structlog

from bot.adapters.slack.api import Api, Json, SlackError
from bot.adapters.slack.commands import FormOrigin
from bot.adapters.slack.forms import MOST_FIELDS, draw_form
from bot.adapters.slack.posting import Posts
from bot.adapters.slack.render import Drawn, Mentions, draw, pictures_in, same_picture
from bot.core.port import (
    Actor,
    Address,
    Ask,
    Button,
    Channel,
    Community,
    Emphasis,
    Member,
    Message,
    Thread,
)
from bot.core.text import Words, plain

log = structlog.get_logger(__name__)

PICTURE_TRIES: Final = 3  # a response_url is good for five uses


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known about an act before the core hears of it.

    `direct` means the bot's own conversation with this person, or the home tab, where an answer is an ordinary message
    and stays. Elsewhere it comes through `response_url`, for their eyes only. `trigger` opens a form while it is fresh.
    `on_private` tells that a private message was pressed, which may be replaced; `pictures` are those in it, as
    `pictures_in` has them. Slack does not tell what stands in a message for one person's eyes.
    """

    community: Community
    person: str
    name: str = ""
    channel: str = ""
    thread: str = ""
    direct: bool = False
    response_url: str = ""
    trigger: str = ""
    on_private: bool = False
    pictures: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, community: Community, body: Json, channel: str = "", thread: str = "", *, direct: bool = False) -> Turn:
        """Return the turn that a payload of a shortcut, form or menu tells of."""
        user: Json = body["user"]
        return cls(
            community,
            str(user["id"]),
            str(user.get("name") or user.get("username") or ""),
            channel,
            thread,
            direct,
            str(body.get("response_url", "")),
            str(body.get("trigger_id", "")),
        )

    @classmethod
    def of_command(cls, community: Community, body: Json, *, direct: bool) -> Turn:
        """Return the turn of a typed line."""
        user = {"id": body["user_id"], "name": body.get("user_name")}
        return cls.of(community, {**body, "user": user}, str(body["channel_id"]), direct=direct)

    @classmethod
    def of_press(cls, community: Community, body: Json) -> Turn:
        """Return the turn of a pressed button: on a message for all, on a private one, or in the home tab."""
        container: Json = body.get("container", {})
        channel, ephemeral = str(container.get("channel_id", "")), bool(container.get("is_ephemeral"))
        direct = not channel or (channel.startswith("D") and not ephemeral)
        thread = thread_of({"ts": container.get("message_ts"), **container})
        turn = cls.of(community, body, channel, thread, direct=direct)
        private = bool(channel) and (direct or ephemeral)
        return replace(turn, on_private=private, pictures=pictures_in(body.get("message", {})))

    @classmethod
    def of_form(cls, community: Community, body: Json, origin: FormOrigin) -> Turn:
        """Return the turn of a form, whose answer belongs where it was opened."""
        turn = cls.of(community, body, origin.channel, origin.thread, direct=origin.direct)
        return replace(turn, response_url=origin.response_url, trigger="")

    @property
    def member(self) -> Member:
        """Return who acts."""
        return Member(self.community, self.person)

    @property
    def place(self) -> Address:
        """Return where it happened."""
        if self.direct or not self.channel:
            return self.member
        channel = Channel(self.community, self.channel)
        return Thread(channel, self.thread) if self.thread else channel

    def origin(self, ask: Ask) -> FormOrigin:
        """Return what a form has to remember so that its answer comes to the same place."""
        carried = ask.carried({field.name for field in ask.preferred(MOST_FIELDS)})
        return FormOrigin(ask.command, carried, self.channel, self.thread, self.direct, self.response_url)


def thread_of(message: Json) -> str:
    """Return the first message of the thread that a message answers in, "" outside of threads."""
    thread = str(message.get("thread_ts") or "")
    return "" if thread == message.get("ts") else thread


class Ack(Protocol):
    """Bolt's acknowledgement, of which the body is all we use."""

    def __call__(self, body: str | Json = "") -> Awaitable[object]:
        """Acknowledge, with an answer or without."""
        ...


class Once:
    """Acknowledges once; what comes after is not said."""

    def __init__(self, ack: Ack) -> None:
        self._ack = ack
        self._done = False

    async def __call__(self, body: str | Json = "") -> bool:
        """Return whether this was the time that counted."""
        if self._done:
            return False
        self._done = True
        await self._ack(body)
        return True


class Answers:
    """Brings answers to people, privately, by the best way that is open."""

    def __init__(self, api: Api, posts: Posts, words: Words) -> None:
        self._api = api
        self._posts = posts
        self._words = words

    async def open_form(self, turn: Turn, ask: Ask, actor: Actor) -> bool:
        """Open a form; return whether that worked. A trigger is good for one form within three seconds."""
        try:
            await self._api.call("views.open", trigger_id=turn.trigger, view=self.form(turn, ask, actor))
        except SlackError:
            return False
        return True

    def form(self, turn: Turn, ask: Ask, actor: Actor) -> Json:
        """Return the modal for a form."""
        return draw_form(ask, turn.origin(ask), self._words, actor.locale)

    def late_form(self, ask: Ask, locale: str) -> Message:
        """Return the private message that stands in for a form, with what is wrong and a button that opens it."""
        button = Button(
            self._words.label("platform.mend" if ask.problems else "platform.open_form", locale),
            ask.command,
            ask.again,
            Emphasis.PRIMARY,
        )
        labels = {field.name: field.label for field in ask.fields}
        wrong = [f"- **{plain(labels.get(name, name))}**: {plain(text)}" for name, text in ask.problems.items()]
        said = [plain(ask.note)] if ask.note else []
        if wrong or not said:
            said.append(self._words.say("platform.to_mend" if wrong else "platform.form_ready", locale))
        return Message("\n\n".join([*said, "\n".join(wrong)]), title=ask.title, buttons=(button,))

    async def tell(self, turn: Turn, message: Message, locale: str, *, replace_original: bool = False) -> None:
        """Bring a message to the person who acted; directly when the response_url no longer works."""
        through_url = bool(turn.response_url) and (replace_original or not turn.direct)
        pointing = self._pointing(message, locale)
        if not (through_url and await self._respond(turn, pointing, replace_original=replace_original)):
            alone = replace(message, files=())
            await self._posts.tell(turn.member, alone, thread=turn.thread if turn.direct else "")
        await self._bring_files(turn, message, locale)

    def _pointing(self, message: Message, locale: str) -> Message:
        """Return a message that says where its files are, for a way by which no files can come."""
        if not message.files:
            return message
        said = self._words.say("platform.files_direct", locale)
        return replace(message, footer="\n\n".join(part for part in (message.footer, said) if part))

    async def _bring_files(self, turn: Turn, message: Message, locale: str) -> None:
        """Send a message's files to the person directly, and say so when they do not come."""
        try:
            await self._posts.share_files(turn.member, message)
        except SlackError as error:
            log.warning("files left out", reason=error.reason)
            lost = Message(self._words.say("platform.files_lost", locale))
            await self.tell(turn, lost, locale)

    async def _respond(self, turn: Turn, message: Message, *, replace_original: bool) -> bool:
        async def send(picture: str) -> None:
            await self._api.respond(turn.response_url, self.ephemeral(turn, message, replace_original, picture))

        uploads = self._posts.uploads
        before: Mapping[str, str] = turn.pictures if replace_original else {}
        kept = same_picture(before, message.picture)
        await uploads.discard(before.keys() - {kept})
        try:
            if kept:
                await uploads.show(kept, send)
            else:
                await uploads.send(message.picture, send, tries=PICTURE_TRIES)
        except SlackError:
            return False
        return True

    def ephemeral(self, turn: Turn, message: Message, replace_original: bool = False, picture: str = "") -> Json:
        """Return a message as an acknowledgement or a response_url takes it."""
        drawn = draw(message, Mentions(), picture=picture)
        body: Json = {
            "response_type": "ephemeral",
            "replace_original": replace_original,
            "text": drawn.text,
            "blocks": drawn.blocks,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return body | ({"thread_ts": turn.thread} if turn.thread and not replace_original else {})

    async def apologise(self, body: Json, locale: str) -> None:
        """Say that something went wrong on our side, where Slack gives a way to say it."""
        if url := str(body.get("response_url", "")):
            message = Message(self._words.say("platform.trouble", locale))
            text = draw(message, Mentions()).text
            await self._api.respond(url, {"response_type": "ephemeral", "replace_original": False, "text": text})

    async def publish_home(self, person: str, message: Message) -> None:
        """Draw the home tab, which one person alone sees."""
        drawn: Drawn = draw(message, Mentions())
        await self._api.call("views.publish", user_id=person, view={"type": "home", "blocks": drawn.blocks})
