"""Words by locale, safe markup, and typed command lines."""

from __future__ import annotations

from bot.core.text.line import Line, LineError, read_line
from bot.core.text.markup import (
    Block,
    BlockKind,
    ChannelSpan,
    Link,
    Markup,
    MemberSpan,
    MomentSpan,
    Span,
    Text,
    babel_locale,
    channel_link,
    clean,
    mention,
    moment,
    parse,
    plain,
    read_as_text,
    wall_time,
)
from bot.core.text.names import countries, is_locale, language_name, read_country
from bot.core.text.words import DEFAULT_LOCALE, Sentence, Words, flaw_of

__all__ = [
    "DEFAULT_LOCALE",
    "Block",
    "BlockKind",
    "ChannelSpan",
    "Line",
    "LineError",
    "Link",
    "Markup",
    "MemberSpan",
    "MomentSpan",
    "Sentence",
    "Span",
    "Text",
    "Words",
    "babel_locale",
    "channel_link",
    "clean",
    "countries",
    "flaw_of",
    "is_locale",
    "language_name",
    "mention",
    "moment",
    "parse",
    "plain",
    "read_as_text",
    "read_country",
    "read_line",
    "wall_time",
]
