"""Brings pictures and files to Slack, which takes them in three steps and then needs a moment to look at them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeAlias, TypeVar

import structlog

from bot.adapters.slack.api import Api, Json, SlackError
from bot.adapters.slack.render import cut
from bot.core.port import File, Outcome, Picture, Reason

log = structlog.get_logger(__name__)

LONGEST_ALTERNATIVE: Final = 1_000
PICTURE_TRIES: Final = 9
DISCARD_WITHIN: Final = 3.0  # seconds
_ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_Done = TypeVar("_Done")
Send: TypeAlias = Callable[[str], Awaitable[_Done]]
_GONE_ALREADY: Final = frozenset({"file_not_found", "file_deleted"})


class Uploads:
    """Uploads with the scope `files:write` alone: whether a picture is ready, a post with it tells.

    In seconds: `wait` between two tries to show a picture, and `within` which all steps of its upload have to be done.
    """

    def __init__(self, api: Api, *, wait: float, within: float) -> None:
        self._api = api
        self._wait = wait
        self._within = within

    async def picture(self, picture: Picture | None) -> str:
        """Return the id of the uploaded picture, or "" when it cannot be had: the text says everything."""
        if picture is None:
            return ""
        name = f"picture.{_ENDINGS.get(picture.type, 'bin')}"
        asked: Json = {}
        try:
            async with asyncio.timeout(self._within):
                asked = await self._place_for(name, picture.bytes, cut(picture.alternative, LONGEST_ALTERNATIVE))
                await self._fill(asked, name, picture.bytes)
        except (SlackError, TimeoutError) as error:
            reason = error.reason if isinstance(error, SlackError) else Reason.NO_ANSWER
            log.warning("picture left out", reason=reason)
            await self.discard([str(asked.get("file_id", ""))])
            return ""
        return str(asked["file_id"])

    async def send(self, picture: Picture | None, send: Send[_Done], *, tries: int = PICTURE_TRIES) -> _Done:
        """Upload a picture and send a message that shows it, or one that does not. Raises `SlackError`.

        `send` takes the id of the picture to show, or "". A picture that nobody can see in the end is deleted.
        """
        fresh = await self.picture(picture)
        try:
            return await self.show(fresh, send, tries=tries)
        except SlackError as error:
            if error.outcome is not Outcome.UNKNOWN:
                await self.discard([fresh])
            raise

    async def show(self, picture: str, send: Send[_Done], *, tries: int = 1) -> _Done:
        """Send a message that shows an uploaded picture as soon as Slack takes it, and at last one without."""
        for tries_left in reversed(range(tries if picture else 0)):
            try:
                return await send(picture)
            except SlackError as error:
                if not _may_be_the_picture(error):
                    raise
            if tries_left:
                await asyncio.sleep(self._wait)
        await self.discard([picture])
        return await send("")

    async def share(self, files: tuple[File, ...], place: str, thread: str = "") -> None:
        """Send files to a conversation, each as a message of its own. Raises `DeliveryError`."""
        for file in files:
            asked = await self._place_for(file.name, file.bytes)
            await self._fill(asked, file.name, file.bytes, place, thread)

    async def discard(self, pictures: Iterable[str]) -> None:
        """Delete pictures, by their ids. Nothing waits for long for that."""
        for picture in filter(None, pictures):
            try:
                async with asyncio.timeout(DISCARD_WITHIN):
                    await self._api.call("files.delete", file=picture)
            except TimeoutError:
                log.warning("picture stays behind", reason=Reason.NO_ANSWER)
            except SlackError as error:
                if error.code not in _GONE_ALREADY:
                    log.warning("picture stays behind", reason=error.reason)

    async def _place_for(self, name: str, content: bytes, alternative: str = "") -> Json:
        return await self._api.call(
            "files.getUploadURLExternal", filename=name, length=len(content), alt_txt=alternative or None
        )

    async def _fill(self, asked: Json, name: str, content: bytes, place: str = "", thread: str = "") -> None:
        await self._api.upload(str(asked["upload_url"]), content)
        await self._api.call(
            "files.completeUploadExternal",
            files=[{"id": asked["file_id"], "title": name}],
            channel_id=place or None,
            thread_ts=thread or None,
        )


def _may_be_the_picture(error: SlackError) -> bool:
    """Return whether Slack refused a message whose picture is not ready yet. A response_url does not say why."""
    return error.outcome is Outcome.REFUSED and error.code in {"invalid_blocks", ""}
