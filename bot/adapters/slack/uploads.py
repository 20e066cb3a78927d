"""Brings pictures and files to Slack, which takes them in three steps and then needs a moment to look at them."""

from __future__ import annotations

from typing import Final

import structlog

from bot.adapters.slack.api import Api, Json, SlackError
from bot.core.port import File, Picture

log = structlog.get_logger(__name__)

LONGEST_ALTERNATIVE: Final = 1_000
_ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class Uploads:
    """Uploads with the scope `files:write` alone: whether a picture is ready, a post with it tells."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def picture(self, picture: Picture | None) -> str:
        """Return the id of the uploaded picture, or "" when it cannot be had: the text says everything."""
        if picture is None:
            return ""
        try:
            name = f"picture.{_ENDINGS.get(picture.type, 'bin')}"
            return await self._upload(name, picture.bytes, alternative=picture.alternative[:LONGEST_ALTERNATIVE])
        except SlackError as error:
            log.warning("picture left out", reason=error.reason)
            return ""

    async def share(self, files: tuple[File, ...], place: str, thread: str = "") -> None:
        """Send files to a conversation, each as a message of its own. Raises `DeliveryError`."""
        for file in files:
            await self._upload(file.name, file.bytes, place=place, thread=thread)

    async def discard(self, blocks: list[Json]) -> None:
        """Delete the pictures that these blocks showed."""
        for block in blocks:
            try:
                await self._api.call("files.delete", file=block["slack_file"]["id"])
            except SlackError as error:
                log.warning("picture stays behind", reason=error.reason)

    async def _upload(
        self, name: str, content: bytes, *, place: str = "", thread: str = "", alternative: str = ""
    ) -> str:
        asked = await self._api.call(
            "files.getUploadURLExternal", filename=name, length=len(content), alt_txt=alternative or None
        )
        await self._api.upload(str(asked["upload_url"]), content)
        await self._api.call(
            "files.completeUploadExternal",
            files=[{"id": asked["file_id"], "title": name}],
            channel_id=place or None,
            thread_ts=thread or None,
        )
        return str(asked["file_id"])
