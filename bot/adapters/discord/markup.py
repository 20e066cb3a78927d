"""Draws parsed markup in Discord's Markdown. All text is escaped: nobody's words become formatting, link or mention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.core.text import Block, BlockKind, ChannelSpan, Link, MemberSpan, MomentSpan, Span, Text, parse

CUT: Final = "…"
_ANYWHERE: Final = re.compile(r"[\\*_~`|<>\[\]()@]|:(?=//)")
_AT_LINE_START: Final = re.compile(r"^(\s*(?:#{0,2}|-|\d+))([#.)+-])(?=\s|$)", re.MULTILINE)
_CALLS: Final = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\([^A-Za-z0-9\s])")


def escape(text: str) -> str:
    """Return Markdown that shows exactly this text."""
    return _AT_LINE_START.sub(r"\1\\\2", _ANYWHERE.sub(r"\\\g<0>", calls_nobody(text)))


def calls_nobody(text: str) -> str:
    """Return text in which no word calls many, also where a message may: a mark that nobody sees follows the `@`."""
    return _CALLS.sub("@\u200b", text)


def unescape(markdown: str) -> str:
    """Return what escaped Markdown shows."""
    return _ESCAPED.sub(r"\1", markdown).replace("@\u200b", "@")


def draw(body: str, longest: int) -> str:
    """Draw markup in at most `longest` characters. What does not fit is left out, and a mark says so."""
    blocks = parse(body)
    whole = _join(blocks)
    if len(whole) <= longest:
        return whole
    kept: list[Block] = []
    for block in blocks:
        if len(_join([*kept, block])) + 2 + len(CUT) > longest:
            break
        kept.append(block)
    if kept:
        return f"{_join(kept)}\n\n{CUT}"
    return _join([_shortened(blocks[0], longest)])


def draw_lines(body: str, longest: int, start: str) -> str:
    """Draw markup with the same mark at the start of each line that is not empty."""
    drawn = draw(body, longest)
    return "\n".join(f"{start}{line}" for line in drawn.split("\n") if line.strip())


def _join(blocks: Sequence[Block]) -> str:
    made = ""
    for before, block in zip([None, *blocks], blocks, strict=False):
        in_list = before is not None and before.kind is block.kind is BlockKind.ITEM
        made += ("\n" if in_list else "\n\n") if before else ""
        made += _block(block)
    return made


def _block(block: Block) -> str:
    said = "".join(_span(span) for span in block.spans)
    match block.kind:
        case BlockKind.PARAGRAPH:
            return said
        case BlockKind.HEADING:
            return "### " + said.replace("\n", " ")
        case BlockKind.QUOTE:
            return "\n".join(f"> {line}" for line in said.split("\n"))
        case BlockKind.ITEM:
            return f"{'-' if block.marker == '•' else block.marker} " + said.replace("\n", "\n  ")


def _span(span: Span) -> str:
    match span:
        case Text():
            return _text(span)
        case Link(text, url):
            address = _CALLS.sub("%40", url)
            address = address.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
            return f"[{escape(text)}]({address})"
        case MemberSpan(id, text):
            return f"<@{id}>" if _is_id(id) else escape(text)
        case ChannelSpan(id, text):
            return f"<#{id}>" if _is_id(id) else escape(text)
        case MomentSpan(at):
            return f"<t:{int(at.timestamp())}:f>"


def _text(span: Text) -> str:
    if span.code and "``" not in span.text:
        fence = "``" if "`" in span.text else "`"
        pad = " " if fence == "``" else ""
        return f"{fence}{pad}{calls_nobody(span.text)}{pad}{fence}"
    said = escape(span.text)
    marks = "*" * (2 * span.bold + span.italic)
    inner = said.strip()
    if not marks or not inner:
        return said
    start = said.index(inner)
    return f"{said[:start]}{marks}{inner}{marks}{said[start + len(inner) :]}"


def _shortened(block: Block, longest: int) -> Block:
    """Cut one block's text so that it fits even if every character of it has to be escaped."""
    left = max(0, longest - len(CUT)) // 2
    kept: list[Span] = []
    for span in block.spans:
        if len(_span(span)) > left:
            kept.append(
                Text(span.text[: max(left, 0)]) if not isinstance(span, Text) else replace(span, text=span.text[:left])
            )
            break
        kept.append(span)
        left -= len(_span(span))
    return replace(block, spans=(*kept, Text(CUT)))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()
