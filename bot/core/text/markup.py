"""Small Markdown that is safe to fill in, and its parsed form that platforms draw.

Whatever a member wrote goes through `plain`, so that it is text and nothing else: no formatting, no link, no mention.
Mentions and moments are links of a scheme of our own, which `plain` makes impossible to write by hand.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from markdown_it import MarkdownIt

from bot.core.port import Channel, Member

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

SCHEME: Final = "hearthside:"
_ESCAPED: Final = str.maketrans({mark: "\\" + mark for mark in string.punctuation})
_BLANKS: Final = re.compile(r"[^\S\n]+")
_MOMENT: Final = re.compile(r"-?[0-9]{1,10}|[0-9]{11}")
_KEPT_FORMAT: Final = frozenset("\u200c\u200d")  # joiners: Persian needs one, family emoji the other
_EDGES: Final = " \n\u200c\u200d"  # where there is nothing to join
_PICTOGRAPHS: Final = range(0x1F000, 0x1FB00)  # phones know newer ones than this Python's tables do


class Markup(str):
    """Text that is already safe to be read as markup."""

    __slots__ = ()


def clean(text: str) -> str:
    """Return text without control, bidirectional and zero-width characters, blanks folded, in composed form."""
    broken = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    composed = unicodedata.normalize("NFC", "".join(mark for mark in broken if _harmless(mark)))
    lines = (_BLANKS.sub(" ", line).strip() for line in composed.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(_EDGES)


def _harmless(mark: str) -> bool:
    if mark == "\n" or mark in _KEPT_FORMAT or ord(mark) in _PICTOGRAPHS:
        return True
    return unicodedata.category(mark) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str) -> Markup:
    """Return markup that shows exactly this text, cleaned."""
    return Markup(clean(text).translate(_ESCAPED))


def mention(member: Member, name: str = "") -> Markup:
    """Return markup that names a member. It pings only if the message's `notifies` holds them too."""
    shown = plain(" ".join(clean(name).split())) or "@"
    return Markup(f"[{shown}]({SCHEME}member/{quote(member.id, safe='')})")


def channel_link(channel: Channel) -> Markup:
    """Return markup that leads to a channel."""
    return Markup(f"[\\#{plain(channel.id)}]({SCHEME}channel/{quote(channel.id, safe='')})")


def moment(at: datetime, zone: str, locale: str) -> Markup:
    """Return markup for an instant, which platforms show in the reader's own clock.

    The text for everything else is in `zone`, an IANA name, which it shows.
    """
    shown = format_datetime(at.astimezone(ZoneInfo(zone)), "EEE d MMM y, HH:mm", locale=babel_locale(locale))
    return Markup(f"[{plain(f'{shown} ({zone})')}]({SCHEME}moment/{int(at.timestamp())})")


def wall_time(at: datetime, zone: str, locale: str) -> Markup:
    """Return what calendar and clock show in a zone at an instant, in words: "Wednesday 21 October 2026, 19:00"."""
    return plain(format_datetime(at.astimezone(ZoneInfo(zone)), "EEEE d MMMM y, HH:mm", locale=babel_locale(locale)))


def babel_locale(locale: str) -> str:
    """Return the locale in the form that babel reads ("en", "es_MX")."""
    return locale.replace("-", "_")


# ---------------------------------------------------------------- what platforms draw


@dataclass(frozen=True, slots=True)
class Text:
    """A run of literal text, to be escaped by whoever draws it. May hold line breaks."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A web address with its text."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class MemberSpan:
    """A mention. `text` is the name, or "@" when nobody told it."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class ChannelSpan:
    """A link to a channel. `text` starts with "#"."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class MomentSpan:
    """An instant, aware, in UTC. `text` says it for places without a clock of the reader's."""

    at: datetime
    text: str


Span: TypeAlias = Text | Link | MemberSpan | ChannelSpan | MomentSpan


class BlockKind(Enum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    QUOTE = "quote"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, quoted paragraph or list item. `marker` ("•", "1.") stands before an item."""

    kind: BlockKind
    spans: tuple[Span, ...]
    marker: str = ""


def parse(body: str) -> tuple[Block, ...]:
    """Read markup into blocks. Never fails: what is no markup is text."""
    return tuple(_blocks(_reader().parse(body)))


def read_as_text(body: str) -> str:
    """Return what markup says, without any formatting: for logs of a terminal, search and screen readers."""
    return "\n".join(_line(block) for block in parse(body))


def _line(block: Block) -> str:
    words = "".join(span.text for span in block.spans)
    if block.kind is BlockKind.QUOTE:
        return "\n".join(f"> {line}" for line in words.split("\n"))
    return f"{block.marker} {words}" if block.kind is BlockKind.ITEM else words


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).disable(
        ["html_block", "html_inline", "image", "code", "fence", "reference", "autolink"]
    )
    reader.validateLink = lambda url: url.startswith((SCHEME, "https://", "http://"))  # pyright: ignore[reportAttributeAccessIssue]  the library's documented way
    return reader


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    kinds, markers = [BlockKind.PARAGRAPH], [""]
    for token in tokens:
        match token.type:
            case "heading_open":
                kinds.append(BlockKind.HEADING)
            case "blockquote_open":
                kinds.append(BlockKind.QUOTE)
            case "list_item_open":
                kinds.append(BlockKind.ITEM)
                markers.append(f"{token.info}." if token.info else "•")
            case "heading_close" | "blockquote_close":
                kinds.pop()
            case "list_item_close":
                kinds.pop()
                markers.pop()
            case "inline":
                marker = markers[-1] if kinds[-1] is BlockKind.ITEM else ""
                yield Block(kinds[-1], tuple(_spans(token.children or [])), marker)
            case _:
                pass


def _spans(tokens: Sequence[Token]) -> Iterator[Span]:
    style = Text("")
    held = iter(tokens)
    for token in held:
        match token.type:
            case "text" | "code_inline":
                yield replace(style, text=token.content, code=token.type == "code_inline")
            case "softbreak" | "hardbreak":
                yield replace(style, text="\n")
            case "strong_open" | "strong_close":
                style = replace(style, bold=token.nesting > 0)
            case "em_open" | "em_close":
                style = replace(style, italic=token.nesting > 0)
            case "link_open":
                yield _link(str(token.attrs["href"]), _until_close(held))
            case _:
                pass


def _until_close(tokens: Iterator[Token]) -> str:
    said: list[str] = []
    for token in tokens:
        if token.type == "link_close":
            break
        said.append(token.content)
    return "".join(said)


def _link(url: str, text: str) -> Span:
    if not url.startswith(SCHEME):
        return Link(text, url)
    kind, _, value = url.removeprefix(SCHEME).partition("/")
    match kind:
        case "member":
            return MemberSpan(unquote(value), text)
        case "channel":
            return ChannelSpan(unquote(value), text)
        case "moment" if _MOMENT.fullmatch(value):
            return MomentSpan(datetime.fromtimestamp(int(value), tz=UTC), text)
        case _:
            return Text(text)
