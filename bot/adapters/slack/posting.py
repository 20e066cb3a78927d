"""Posts, finds, edits, deletes and pins, and says what the bot may do where."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import structlog

from bot.adapters.slack.api import Api, Json, SlackError
from bot.adapters.slack.people import People
from bot.adapters.slack.render import Drawn, Mentions, draw, draw_publicly, pictures_in, same_picture, strangers
from bot.adapters.slack.threads import thread_at
from bot.adapters.slack.uploads import Uploads
from bot.core.port import (
    Access,
    Address,
    CannotLookError,
    Channel,
    Member,
    Message,
    Outcome,
    Posted,
    Profile,
    Reason,
    ReplyTo,
    Thread,
    community_of,
)

log = structlog.get_logger(__name__)

EVENT_TYPE: Final = "hearthside_post"
PAGE: Final = 200
MOST_PAGES: Final = 20
_MOST_DIRECT: Final = 10_000


class Posts:
    """What the outbox asks of Slack."""

    def __init__(self, api: Api, people: People, uploads: Uploads) -> None:
        self._api = api
        self._people = people
        self.uploads = uploads
        self._direct: OrderedDict[str, str] = OrderedDict()

    # ------------------------------------------------------------ delivering

    async def post(self, to: Address, message: Message, *, key: str) -> Posted:
        """Post once, with the key in the message's metadata, which anyone's app may read: it says nothing."""
        place = await self.place_of(to)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        answer = await self._send(place, thread_at(to), message, metadata, private=isinstance(to, Member))
        posted = Posted(to, str(answer["channel"]), str(answer["ts"]))
        if thread_at(to) and (said := answer.get("message")) and not said.get("thread_ts"):
            await self._out_of_thread(posted, pictures_in(said))
        try:
            await self.uploads.share(message.files, posted.place, thread_at(to))
        except SlackError as error:  # the post is there all the same, and must not be sent again
            log.warning("files left out", reason=error.reason)
        return posted

    async def _out_of_thread(self, posted: Posted, pictures: Iterable[str]) -> None:
        """Take down what Slack put before everybody, as it does when the message above a thread is gone."""
        try:
            await self._take_down(posted, pictures)
        except SlackError as error:  # then it stands there, and can be taken down later
            log.warning("post outside its thread", reason=error.reason)
            return
        raise SlackError(Reason.GONE, Outcome.REFUSED)

    async def tell(self, person: Member, message: Message, *, thread: str = "") -> None:
        """Write to a person directly, as an answer: nobody asks for it again, so it carries no key."""
        place = await self.place_of(person)
        await self._send(place, thread, message, None, private=True)
        await self.uploads.share(message.files, place, thread)

    async def share_files(self, person: Member, message: Message) -> None:
        """Send a message's files to a person directly; an ephemeral message can hold none."""
        if message.files:
            await self.uploads.share(message.files, await self.place_of(person), "")

    async def _send(self, place: str, thread: str, message: Message, metadata: Json | None, *, private: bool) -> Json:
        async def send(picture: str) -> Json:
            drawn = await self._drawn(message, picture, private=private)
            return await self._api.call(
                "chat.postMessage",
                channel=place,
                thread_ts=thread or None,
                metadata=metadata,
                text=drawn.text,
                blocks=drawn.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )

        return await self.uploads.send(message.picture, send)

    async def _drawn(self, message: Message, picture: str, *, private: bool) -> Drawn:
        if private:
            return draw(message, Mentions(), picture=picture)
        return draw_publicly(message, await self._people.names(strangers(message)), picture=picture)

    async def edit(self, posted: Posted, message: Message, *, key: str) -> None:
        """Replace what a post says. Slack would read names and links into an edited text if it were not told not to.

        A picture stays where the message still has it. An edit brings none: Slack takes it, and shows people that a
        file was not found.
        """
        before = await self._pictures_in(posted)

        async def send(picture: str) -> Json:
            drawn = await self._drawn(message, picture, private=isinstance(posted.to, Member))
            return await self._api.call(
                "chat.update",
                channel=posted.place,
                ts=posted.message,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                text=drawn.text,
                blocks=drawn.blocks,
                parse="none",
                link_names=False,
            )

        kept = same_picture(before, message.picture)
        # before they are out of sight: afterwards nothing would lead to them
        await self.uploads.discard(before.keys() - {kept})
        await self.uploads.show(kept, send)

    async def delete(self, posted: Posted) -> None:
        """Take a post down, and the picture in it."""
        await self._take_down(posted, await self._pictures_in(posted))

    async def _take_down(self, posted: Posted, pictures: Iterable[str]) -> None:
        await self.uploads.discard(pictures)
        await self._unless_so({"message_not_found"}, "chat.delete", channel=posted.place, ts=posted.message)

    async def pin(self, posted: Posted, pinned: bool) -> None:
        """Pin or unpin a post; either is success when it is so already."""
        if pinned:
            await self._unless_so({"already_pinned"}, "pins.add", channel=posted.place, timestamp=posted.message)
            return
        fine = {"no_pin", "not_pinned", "message_not_found"}
        await self._unless_so(fine, "pins.remove", channel=posted.place, timestamp=posted.message)

    async def start_thread(self, posted: Posted, title: str) -> Thread:
        """Return the thread under a post. On Slack every post has one already, without a title."""
        del title
        parent = thread_at(posted.to) or posted.message
        return Thread(Channel(community_of(posted.to), posted.place), parent)

    async def _unless_so(self, so_already: set[str], method: str, **arguments: str) -> None:
        try:
            await self._api.call(method, **arguments)
        except SlackError as error:
            if error.code not in so_already:
                raise

    # ------------------------------------------------------------ looking

    async def find(self, to: Address, key: str, *, since: datetime) -> Posted | None:
        """Look for our own post through the messages since then, and drop all else unread.

        Raises `CannotLookError` where we may not look, and where there is more than we look through.
        """
        try:
            place = await self.place_of(to)
            return await self._found(to, place, key, since)
        except SlackError as error:
            if error.outcome is Outcome.REFUSED:
                raise CannotLookError(error.code) from None
            raise

    async def _found(self, to: Address, place: str, key: str, since: datetime) -> Posted | None:
        cursor = None
        thread = thread_at(to)
        for _ in range(MOST_PAGES):
            page = await self._api.call(
                "conversations.replies" if thread else "conversations.history",
                channel=place,
                ts=thread or None,
                oldest=f"{since.timestamp():.6f}",
                inclusive=True,
                limit=PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )
            for told in page["messages"]:
                if self._key_of(told) == key:
                    return Posted(to, place, str(told["ts"]))
            cursor = page.get("response_metadata", {}).get("next_cursor")
            if not cursor:
                return None
        raise CannotLookError("too many messages since")

    def _key_of(self, told: Json) -> str | None:
        ours = told.get("bot_id") and self._api.bot_id in ("", told["bot_id"])
        metadata: Json = told.get("metadata") or {}
        if not ours or metadata.get("event_type") != EVENT_TYPE:
            return None
        payload: Json = metadata.get("event_payload", {})
        return payload.get("key")

    async def _pictures_in(self, posted: Posted) -> Mapping[str, str]:
        """Return the pictures in one of our posts, as `pictures_in` does, none when we may not see it."""
        thread = thread_at(posted.to)
        try:
            page = await self._api.call(
                "conversations.replies" if thread else "conversations.history",
                channel=posted.place,
                ts=thread or None,
                oldest=posted.message,
                latest=posted.message,
                inclusive=True,
                limit=2 if thread else 1,
            )
        except SlackError as error:
            if error.outcome is Outcome.REFUSED:
                return {}
            raise
        told = [one for one in page["messages"] if one.get("ts") == posted.message]
        return pictures_in(told[0]) if told else {}

    async def look_up(self, member: Member) -> Profile | None:
        """Return name, locale and zone of a member; None when they are no longer there."""
        return await self._people.look_up(member.id)

    async def belongs(self, member: Member, channel: Channel) -> bool:
        """Return whether a member is in a channel, as far as we may see it."""
        cursor = None
        for _ in range(MOST_PAGES):
            try:
                page = await self._api.call(
                    "users.conversations",
                    user=member.id,
                    types="public_channel,private_channel",
                    limit=PAGE,
                    cursor=cursor,
                )
            except SlackError as error:
                if error.code in {"user_not_found", "user_not_visible"}:
                    return False
                raise
            if any(told["id"] == channel.id for told in page["channels"]):
                return True
            cursor = page.get("response_metadata", {}).get("next_cursor")
            if not cursor:
                break
        return False

    async def access(self, to: Address) -> Access:
        """Return what we may do at an address: membership, the channel's state, and the scopes that we were given."""
        may = self._may
        try:
            if isinstance(to, Member):
                await self.place_of(to)
                look = may("im:history")
                return Access(
                    see=True, post=True, thread=True, attach=may("files:write"), pin=may("pins:write"), look_back=look
                )
            told = (await self._api.call("conversations.info", channel=await self.place_of(to)))["channel"]
        except SlackError as error:
            if error.outcome is Outcome.REFUSED:
                return Access()
            raise
        if not told.get("is_member"):
            return Access(see=True)
        post = not (told.get("is_archived") or told.get("is_read_only"))
        look = may("groups:history" if told.get("is_private") else "channels:history")
        attach, pin = post and may("files:write"), post and may("pins:write")
        return Access(see=True, post=post, thread=post, attach=attach, pin=pin, look_back=look, call=post)

    def _may(self, scope: str) -> bool:
        return self._api.scopes is None or scope in self._api.scopes

    # ------------------------------------------------------------ places and files

    async def place_of(self, to: Address) -> str:
        """Return Slack's channel for an address; a direct message has one of its own. Raises `DeliveryError`."""
        match to:
            case Channel(id=place):
                return place
            case Thread(channel) | ReplyTo(channel):
                return channel.id
            case Member(id=person):
                return self._direct.get(person) or await self._open_direct(person)

    async def _open_direct(self, person: str) -> str:
        opened = await self._api.call("conversations.open", users=person)
        self._direct[person] = place = str(opened["channel"]["id"])
        if len(self._direct) > _MOST_DIRECT:
            self._direct.popitem(last=False)
        return place
