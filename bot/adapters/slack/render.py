"""Draws a message as blocks, and once more as the one text that screen readers and notifications read.

Slack pings whoever stands in a text as `<@id>`. In a channel, therefore, only those whom the message may notify stand
there as mentions, and everybody else by name. A private message can ping nobody but its reader, so there every mention
is a real one. `<!channel>` and its like cannot come about: all text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, TypeAlias

from bot.adapters.slack.commands import write_press
from bot.core.port import Button, Emphasis, Message, Picture, Ping
from bot.core.text import Block, BlockKind, ChannelSpan, Link, MemberSpan, MomentSpan, Span, Text, parse

Json: TypeAlias = dict[str, Any]

LONGEST_TEXT: Final = 4_000  # of an edit; a post could have ten times as many
LONGEST_SECTION: Final = 3_000
LONGEST_FOOTER: Final = 1_500
MOST_SECTIONS: Final = 2  # with footer and buttons this stays well under 12,000, the end for all blocks together
LONGEST_TITLE: Final = 150
LONGEST_LABEL: Final = 75
LONGEST_ALTERNATIVE: Final = 2_000
MOST_BUTTONS: Final = 25
MOST_NAMES: Final = 30  # each has to be asked for
_PICTURE: Final = "picture"
_PARTS: Final = 3  # of the id of a picture's block
_LONGEST_PIECE: Final = 400  # escaped it may be five times as long, and must fit a section
_LONGEST_URL: Final = 1_500
_DATE: Final = "{date_long_pretty} {time}"
_ID: Final = re.compile(r"[A-Z0-9]{1,30}")
_CALLS: Final = {Ping.NOBODY: "", Ping.HERE: "<!here>", Ping.EVERYONE: "<!channel>"}
_STYLES: Final = {Emphasis.PRIMARY: "primary", Emphasis.DANGER: "danger"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message as Slack takes it."""

    text: str
    blocks: list[Json]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Who may stand in a message as a real mention, and how everybody else is called.

    `pinged` None means everyone: in private messages a mention pings nobody else.
    """

    pinged: frozenset[str] | None = None
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    def drawn(self, span: MemberSpan) -> str:
        """Return a mention, or the name."""
        if _ID.fullmatch(span.id) and (self.pinged is None or span.id in self.pinged):
            return f"<@{span.id}>"
        name = span.text if span.text != "@" else self.names.get(span.id, "")
        return escape(name or "@")


def escape(text: str) -> str:
    """Return literal text as Slack's markup. The order matters: entities must not be escaped twice."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, longest: int) -> str:
    """Return literal text with an ellipsis where it was too long."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def plain_text(text: str, longest: int = LONGEST_LABEL) -> Json:
    """Return a text object that Slack shows letter by letter."""
    return {"type": "plain_text", "text": cut(text, longest) or "…", "emoji": False}


def strangers(message: Message) -> set[str]:
    """Return the members whom a public message mentions, may not ping and does not name; not endlessly many."""
    pinged = {member.id for member in message.notifies}
    spans = [span for part in (message.body, message.footer) for block in parse(part) for span in block.spans]
    nameless = [
        span.id for span in spans if isinstance(span, MemberSpan) and span.text == "@" and _ID.fullmatch(span.id)
    ]
    return set(nameless[:MOST_NAMES]) - pinged


def draw(message: Message, mentions: Mentions, *, picture: str = "", call: str = "") -> Drawn:
    """Return text and blocks; `picture` is the id of the uploaded file. Slack's limits hold by construction.

    `call` is Slack's own word for many people; it stands first, and notifies them.
    """
    body = list(_pieces(parse(message.body), mentions))
    footer = list(_pieces(parse(message.footer), mentions))
    blocks = [_section(call)] if call else []
    blocks += _title(message.title)
    blocks += [_section(text) for text in _packed(body, LONGEST_SECTION, MOST_SECTIONS)]
    if picture and message.picture:
        alternative = cut(message.picture.alternative, LONGEST_ALTERNATIVE) or "…"
        # of an image Slack gives back its own view; the block's id stays as it was
        name = f"{_PICTURE}.{picture}.{mark_of(message.picture)}"
        blocks.append({"type": "image", "block_id": name, "slack_file": {"id": picture}, "alt_text": alternative})
    blocks += [_context(text) for text in _packed(footer, LONGEST_FOOTER, 1)]
    blocks += _row(message.buttons)
    return Drawn(_spoken(message, body, footer, call, pictured=bool(picture)), blocks or [_section("…")])


def mark_of(picture: Picture) -> str:
    """Return by what a picture is told from others, whatever its alternative text."""
    return sha256(picture.bytes).hexdigest()[:16]


def pictures_in(told: Json) -> dict[str, str]:
    """Return the marks of the pictures in one of our messages, as Slack gives it back, by the ids of their files."""
    names = [str(block.get("block_id", "")).split(".") for block in told.get("blocks", [])]
    return {file: mark for kind, file, mark in (name for name in names if len(name) == _PARTS) if kind == _PICTURE}


def same_picture(before: Mapping[str, str], picture: Picture | None) -> str:
    """Return the id of the file that shows a picture already, among those that `pictures_in` found, or ""."""
    mark = picture and mark_of(picture)
    return next((file for file, known in before.items() if known == mark), "")


def draw_publicly(message: Message, names: Mapping[str, str], *, picture: str = "") -> Drawn:
    """Return a message for many readers, of whom only `notifies` are pinged, and those whom `ping` calls."""
    pinged = frozenset(member.id for member in message.notifies)
    return draw(message, Mentions(pinged, names), picture=picture, call=_CALLS[message.ping])


def _spoken(message: Message, body: Sequence[str], footer: Sequence[str], call: str, *, pictured: bool) -> str:
    """Return the whole message as one text: screen readers read nothing else."""
    said = list(_split(message.title, 1)) if message.title else []
    parts = [[call] if call else [], [escape(part) for part in said], body, footer]
    if message.picture and pictured:
        parts.insert(3, [escape(part) for part in _split(message.picture.alternative, 1)])
    labels = " · ".join(f"[{cut(button.label, LONGEST_LABEL)}]" for button in message.buttons[:MOST_BUTTONS])
    parts.append([escape(part) for part in _split(labels, 1)])
    pieces = [piece for part in parts if part for piece in ("\n\n", *part)]
    return "".join(_packed(pieces, LONGEST_TEXT, 1)) or "…"


def _title(title: str) -> Iterator[Json]:
    if title and len(title) <= LONGEST_TITLE:
        yield {"type": "header", "text": plain_text(title, LONGEST_TITLE)}
    elif title:
        yield _section(f"*{escape(cut(title, _LONGEST_PIECE))}*")


def _section(text: str) -> Json:
    return {"type": "section", "text": _markup(text)}


def _context(text: str) -> Json:
    return {"type": "context", "elements": [_markup(text)]}


def _markup(text: str) -> Json:
    # verbatim: Slack adds no links and no mentions of its own to what stands there
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _row(buttons: Sequence[Button]) -> Iterator[Json]:
    if buttons:
        drawn = [_button(button, number) for number, button in enumerate(buttons[:MOST_BUTTONS])]
        yield {"type": "actions", "elements": drawn}


def _button(button: Button, number: int) -> Json:
    drawn: Json = {
        "type": "button",
        "text": plain_text(button.label),
        "action_id": f"press.{number}",
        "value": write_press(button.command, button.arguments),
    }
    if button.emphasis in _STYLES:
        drawn["style"] = _STYLES[button.emphasis]
    return drawn


# ---------------------------------------------------------------- text in pieces that may stand alone


def _pieces(blocks: Sequence[Block], mentions: Mentions) -> Iterator[str]:
    """Yield drawn pieces, none of which may be divided: half a token or half an entity would be nonsense."""
    before: Block | None = None
    for block in blocks:
        if before:
            yield "\n" if before.kind is block.kind is BlockKind.ITEM else "\n\n"
        before = block
        match block.kind:
            case BlockKind.QUOTE:
                yield "> "
                yield from (piece.replace("\n", "\n> ") for piece in _drawn(block.spans, mentions))
            case BlockKind.HEADING:
                yield from _drawn([_bold(span) for span in block.spans], mentions)
            case BlockKind.ITEM:
                yield f"{block.marker} "
                yield from _drawn(block.spans, mentions)
            case BlockKind.PARAGRAPH:
                yield from _drawn(block.spans, mentions)


def _bold(span: Span) -> Span:
    return Text(span.text, bold=True) if isinstance(span, Text) else span


def _drawn(spans: Iterable[Span], mentions: Mentions) -> Iterator[str]:
    for span in spans:
        match span:
            case Text():
                yield from (_styled(part, span) for part in _split(span.text))
            case Link(text, url):
                shown = escape(cut(text or url, _LONGEST_PIECE)).replace("|", "¦").replace("\n", " ")
                fits = len(url) <= _LONGEST_URL and not set(url) & set("<>| \n")
                yield f"<{escape(url)}|{shown}>" if fits else shown
            case MemberSpan():
                yield mentions.drawn(span)
            case ChannelSpan(id=channel, text=text):
                yield f"<#{channel}>" if _ID.fullmatch(channel) else escape(cut(text, _LONGEST_PIECE))
            case MomentSpan(at, text):
                shown = escape(cut(text, _LONGEST_PIECE)).replace("\n", " ").replace("|", "¦")
                yield f"<!date^{int(at.timestamp())}^{_DATE}|{shown}>"


def _split(text: str, least: int = 0) -> Iterator[str]:
    """Yield a text in parts of at most `_LONGEST_PIECE` characters, divided at blanks where there are any."""
    while len(text) > _LONGEST_PIECE:
        blank = max(text.rfind(" ", 1, _LONGEST_PIECE), text.rfind("\n", 1, _LONGEST_PIECE))
        end = blank + 1 if blank > 0 else _LONGEST_PIECE
        yield text[:end]
        text = text[end:]
    if len(text) >= least:
        yield text


def _styled(text: str, style: Text) -> str:
    """Return a text with Slack's marks. They stand line by line and right beside the letters, or Slack ignores them."""
    marks = "".join(mark for mark, set_ in (("*", style.bold), ("_", style.italic), ("`", style.code)) if set_)
    if not marks:
        return escape(text)
    return "\n".join(_marked(line, marks) for line in text.split("\n"))


def _marked(line: str, marks: str) -> str:
    core = line.strip(" ")
    if not core:
        return line
    start = line.index(core)
    return f"{line[:start]}{marks}{escape(core)}{marks[::-1]}{line[start + len(core) :]}"


def _packed(pieces: Iterable[str], longest: int, most: int) -> list[str]:
    """Put pieces together into at most `most` texts of at most `longest` characters, none of them blank."""
    packed = [""]
    for piece in pieces:
        if len(packed[-1]) + len(piece) > longest - 1:
            if len(packed) == most:
                packed[-1] = packed[-1].rstrip() + "…"
                break
            packed.append("")
        packed[-1] += piece
    return [text for part in packed if (text := part.strip("\n")).strip()]
