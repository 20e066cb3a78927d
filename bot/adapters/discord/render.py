"""Draws a message as a view of components of the second version.

Components V2 always: one layout holds title, text, picture, files and buttons in the order in which they are read, has
room for 4,000 characters, and allowed mentions cover it. Nothing forbids them where we post: channels, threads,
replies, direct messages and answers to interactions take them alike.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import discord
from discord import ui

from bot.adapters.discord import markup
from bot.adapters.discord.ids import Target, decode, encode
from bot.core.port import Button, Emphasis, File, Member, Message, Picture, Ping

LONGEST_TEXT: Final = 4000
LONGEST_TITLE: Final = 128
LONGEST_FOOTER: Final = 1000
LONGEST_LABEL: Final = 80
LONGEST_ALTERNATIVE: Final = 1024
IN_A_ROW: Final = 5
MOST_BUTTONS: Final = 25
MARKED: Final = "support"
"""The command whose button carries the key of a post."""

_STYLES: Final = {
    Emphasis.PLAIN: discord.ButtonStyle.secondary,
    Emphasis.PRIMARY: discord.ButtonStyle.primary,
    Emphasis.DANGER: discord.ButtonStyle.danger,
}
_PINGS: Final = {Ping.NOBODY: "", Ping.HERE: "@here", Ping.EVERYONE: "@everyone"}
_UNSAFE_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A message as discord.py sends it. Files can be sent once: draw again for a second try."""

    view: ui.LayoutView
    files: list[discord.File]
    allowed: discord.AllowedMentions


def draw_message(message: Message, *, community: str = "", key: str = "", public: bool = False) -> Drawing:
    """Draw a message. `community` goes into the buttons of direct messages, `key` into the *Support* button of posts.

    Only a `public` one calls those whom its `ping` means; in a private one there is nobody else to call.

    A post without that button carries its key in its last one, and a post without buttons a number made of it in the
    id of its frame. Raises `ValueError` for a button whose command does not fit.
    """
    files = [_file(file) for file in message.files]
    container: ui.Container[ui.LayoutView] = ui.Container(id=_number(key) if key else None)
    ping = _PINGS[message.ping] if public else ""
    title, body, footer = _texts(message, len(ping))
    for text in (ping, title, body):
        if text:
            container.add_item(ui.TextDisplay(text))
    if message.picture:
        picture = _picture(message.picture)
        files.append(picture)
        container.add_item(ui.MediaGallery(discord.MediaGalleryItem(picture, description=picture.description)))
    for file in files[: len(message.files)]:
        container.add_item(ui.File(file))
    for row in _rows(message.buttons[:MOST_BUTTONS], community, key):
        container.add_item(row)
    if footer:
        container.add_item(ui.TextDisplay(footer))
    allowed = _allowed(message.notifies, everyone=bool(ping))
    return Drawing(_alone(ui.LayoutView(timeout=None).add_item(container)), files, allowed)


def marks(message: discord.Message, key: str) -> bool:
    """Return whether a message carries a key."""
    carried = [decode(custom_id).key for custom_id in _custom_ids(message.components)]
    frames = (one.id for one in message.components if isinstance(one, discord.components.Container))
    return key in carried or (not any(carried) and _number(key) in frames)


def shorten(text: str, longest: int) -> str:
    """Cut literal text, and show that it was cut."""
    return text if len(text) <= longest else text[: longest - len(markup.CUT)] + markup.CUT


def _texts(message: Message, taken: int) -> tuple[str, str, str]:
    """Return title, body and footer, together within what Discord takes. They are never all empty."""
    title = f"### {markup.escape(shorten(message.title, LONGEST_TITLE))}" if message.title else ""
    footer = markup.draw_lines(message.footer, LONGEST_FOOTER, "-# ")
    body = markup.draw(message.body, LONGEST_TEXT - len(title) - len(footer) - taken)
    return title, body if body or title or footer else markup.CUT, footer


def _rows(buttons: Sequence[Button], community: str, key: str) -> Iterator[ui.ActionRow[Any]]:
    marked = next((place for place, one in enumerate(buttons) if one.command == MARKED), len(buttons) - 1)
    seen: dict[str, int] = {}
    drawn: list[ui.Button[Any]] = []
    for place, button in enumerate(buttons):
        target = Target(button.command, button.arguments, community, key if place == marked else "")
        custom_id = encode(target)
        seen[custom_id] = nth = seen.get(custom_id, -1) + 1
        drawn.append(
            ui.Button(
                label=shorten(button.label, LONGEST_LABEL),
                style=_STYLES[button.emphasis],
                custom_id=encode(target, nth) if nth else custom_id,
            )
        )
    for start in range(0, len(drawn), IN_A_ROW):
        yield ui.ActionRow(*drawn[start : start + IN_A_ROW])


def _picture(picture: Picture) -> discord.File:
    ending = picture.type.rpartition("/")[2].partition("+")[0]
    name = f"picture.{_UNSAFE_IN_NAMES.sub('', ending) or 'png'}"
    return discord.File(
        io.BytesIO(picture.bytes), name, description=shorten(picture.alternative, LONGEST_ALTERNATIVE) or None
    )


def _file(file: File) -> discord.File:
    return discord.File(io.BytesIO(file.bytes), _UNSAFE_IN_NAMES.sub("_", file.name) or "file")


def _allowed(notified: Sequence[Member], *, everyone: bool) -> discord.AllowedMentions:
    allowed = discord.AllowedMentions.none()
    allowed.everyone = everyone
    if notified:
        allowed.users = [discord.Object(int(member.id)) for member in notified]
    return allowed


def _alone(view: ui.LayoutView) -> ui.LayoutView:
    """Return the view, finished, so that discord.py does not keep it: presses are read from their custom_ids."""
    view.stop()
    return view


def _number(key: str) -> int:
    """Return the id of a frame that stands for a key, out of reach of the small ids that Discord gives by itself."""
    return int.from_bytes(sha256(key.encode()).digest()[:4]) >> 2 | 1 << 30


def _custom_ids(components: Sequence[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.Button) and component.custom_id:
            yield component.custom_id
        yield from _custom_ids(getattr(component, "children", ()))
