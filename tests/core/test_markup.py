"""Safe markup: what a member wrote is text and nothing else, whatever it holds."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.port import Channel, Community, Member
from bot.core.text import (
    Block,
    BlockKind,
    ChannelSpan,
    Link,
    MemberSpan,
    MomentSpan,
    Text,
    babel_locale,
    channel_link,
    clean,
    mention,
    moment,
    parse,
    plain,
    read_as_text,
)

HERE = Community("fake", "here")

PIECES = (
    "*", "**", "_", "__", "`", "```", "~~~", "#", "# ", "- ", "+ ", "1. ", "> ", "    ", "\t", "\n", "\n\n", "\r\n",
    "---", "===", "[", "]", "(", ")", "![", "<", ">", "&", "&amp;", "&#42;", "\\", "\\\n", "|", "~", "^", ":", "!", "@",
    "@everyone", "<!channel>", "<@1>", "<#2>", "[x](hearthside:member/1)", "[x]: https://evil.example",
    "https://evil.example", "<https://evil.example>", "www.evil.example", "me@evil.example", "{value}", "{", "}", "%s",
    "a", "B", "9", " ", "  ", "é", "ß", "\x00", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\u200d", "\u200c", "\ufeff",
    "\u2028", "\u00a0", "\u3000", "\u0301", "🙂", "👨\u200d👩\u200d👧", "مرحبا", "שלום",
)  # fmt: skip
fast = settings(max_examples=50, deadline=None)
nasty = st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=20).map("".join)
ids = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)


def paragraphs(text: str) -> list[str]:
    """Return text as markup can show it: blank lines part paragraphs."""
    return [part for part in text.split("\n\n") if part]


@fast
@given(nasty)
@example("1. one\n2. two")
@example("- - -\n***\n# no heading")
@example("    four spaces are no code")
@example("a\\\nb")
@example("title\n===")
def test_what_is_plain_parses_back_to_exactly_the_cleaned_text(text: str) -> None:
    """Whatever somebody writes, its markup shows the cleaned text in plain paragraphs and does nothing else."""
    blocks = parse(plain(text))

    assert {block.kind for block in blocks} <= {BlockKind.PARAGRAPH}
    assert all(isinstance(span, Text) and span == Text(span.text) for block in blocks for span in block.spans)
    assert paragraphs(clean(text)) == ["".join(span.text for span in block.spans) for block in blocks]


@fast
@given(nasty)
def test_plain_text_stays_plain_inside_a_sentence(text: str) -> None:
    """A value in bold, in a quote or in a list item cannot break out of it."""
    value = " ".join(clean(text).split())
    blocks = parse(f"> before {plain(value)} after\n\n- item {plain(value)}.")

    assert [BlockKind.QUOTE, BlockKind.ITEM] == [block.kind for block in blocks]
    assert [f"before {value} after", f"item {value}."] == [
        "".join(span.text for span in block.spans) for block in blocks
    ]
    assert all(isinstance(span, Text) for block in blocks for span in block.spans)


@fast
@given(st.text(st.sampled_from("[]()*_`#>-+!<>&\\:/ \n\thearthside.moment/member/19x"), max_size=60))
@example("[x](hearthside:moment/abc)")
@example("[x](hearthside:moment/99999999999999999999)")
@example("[x](hearthside:moment/-99999999999)")
@example("[x](hearthside:moment/)")
@example("[x](hearthside:)")
def test_parsing_never_fails(body: str) -> None:
    """Any text at all can be parsed: what is no markup is text."""
    assert isinstance(read_as_text(body), str)


def test_a_link_of_our_own_scheme_that_means_nothing_is_text() -> None:
    """Neither an unknown kind nor a moment without a number becomes something to draw."""
    assert (Block(BlockKind.PARAGRAPH, (Text("x"),)),) == parse("[x](hearthside:door/1)")
    assert (Block(BlockKind.PARAGRAPH, (Text("x"),)),) == parse("[x](hearthside:moment/soon)")


@fast
@given(nasty)
@example("e\u200b\u0301")
@example("a \u200b b")
@example("\u200b\n\u200b\n\u200b\nx")
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """Cleaned text is clean."""
    assert clean(text) == clean(clean(text))


@fast
@given(nasty)
def test_cleaned_text_holds_nothing_invisible(text: str) -> None:
    """No control, direction or zero-width character is left but line breaks and the two joiners."""
    kept = set(clean(text)) - {"\n", "\u200c", "\u200d"}

    assert not [mark for mark in kept if unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two   words \t here ", "two words here"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\n \n\t\nb", "a\n\nb"),
        ("bell\x07 escape\x1b[31m null\x00", "bell escape[31m null"),
        ("\u202eright to left\u202c \u2066isolated\u2069 \u200fmark", "right to left isolated mark"),
        ("zero\u200bwidth \ufeffmark soft\u00adhyphen", "zerowidth mark softhyphen"),
        ("no\u00a0break ideographic\u3000space", "no break ideographic space"),
        ("line\u2028separator", "lineseparator"),
        ("private \ue000 use", "private use"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("cafe\u0301", "café"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),  # Persian needs the joiner
        ("👨\u200d👩\u200d👧 and ❤\ufe0f", "👨\u200d👩\u200d👧 and ❤\ufe0f"),
        ("newer 🩵 and 🫨 and 🫩", "newer 🩵 and 🫨 and 🫩"),
        ("", ""),
        (" \n\t\u200b ", ""),
        ("\u200d \u200c", ""),
    ],
)
def test_cleaning_keeps_what_people_need(text: str, expected: str) -> None:
    """Blanks are folded and invisible characters go; joiners, accents and pictographs of any year stay."""
    assert expected == clean(text)


@fast
@given(ids, nasty)
@example("leader 2", "Mia B")
@example("Jürgen", "Jürgen")
@example("x)y", "x](https://evil.example)")
@example("7", "two\n\nparagraphs")
def test_a_mention_comes_back_as_it_went(person: str, name: str) -> None:
    """A mention parses to the member and the name on one line, whatever either holds."""
    parsed = parse(f"for {mention(Member(HERE, person), name)}, gladly")

    shown = " ".join(clean(name).split()) or "@"
    spans = (Text("for "), MemberSpan(person, shown), Text(", gladly"))
    assert (Block(BlockKind.PARAGRAPH, spans),) == parsed


@fast
@given(ids)
@example("support-café")
def test_a_channel_link_comes_back_as_it_went(channel: str) -> None:
    """A link to a channel parses to its id."""
    (block,) = parse(f"in {channel_link(Channel(HERE, channel))} now")

    assert isinstance(block.spans[1], ChannelSpan)
    assert channel == block.spans[1].id
    assert block.spans[1].text.startswith("#")
    assert (Text("in "), Text(" now")) == (block.spans[0], block.spans[2])


@fast
@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  hypothesis wants naive bounds
def test_a_moment_comes_back_as_it_went(at: datetime) -> None:
    """A moment parses to the same second in UTC."""
    ((span,),) = (block.spans for block in parse(moment(at, "Asia/Kathmandu", "en")))

    assert isinstance(span, MomentSpan)
    assert at.replace(microsecond=0) == span.at
    assert UTC.utcoffset(None) == span.at.utcoffset()


def test_a_moment_says_the_time_of_its_zone_and_names_it() -> None:
    """Whoever has no clock of the reader's still shows the right wall time."""
    summer = moment(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", "en")
    winter = moment(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin", "de")

    assert read_as_text(summer) == "Sun 25 Oct 2026, 02:30 (Europe/Berlin)"
    assert read_as_text(winter) == "So. 25 Okt. 2026, 02:30 (Europe/Berlin)"


def test_blocks_keep_their_kind_and_marker() -> None:
    """Headings, quotes, lists and paragraphs are told apart, and numbers of lists are kept."""
    parsed = parse("# Title\n\nText\n\n> quote\n> goes on\n\n- one\n- two\n\n3. three\n4. four")

    assert [
        (BlockKind.HEADING, "", "Title"),
        (BlockKind.PARAGRAPH, "", "Text"),
        (BlockKind.QUOTE, "", "quote\ngoes on"),
        (BlockKind.ITEM, "•", "one"),
        (BlockKind.ITEM, "•", "two"),
        (BlockKind.ITEM, "3.", "three"),
        (BlockKind.ITEM, "4.", "four"),
    ] == [(block.kind, block.marker, "".join(span.text for span in block.spans)) for block in parsed]


def test_styles_do_not_run_on() -> None:
    """Bold, italic and code end where they are closed."""
    (block,) = parse("**b *c*** `d*` e")

    styled = [Text("b ", bold=True), Text("c", bold=True, italic=True), Text(" "), Text("d*", code=True), Text(" e")]
    assert styled == [span for span in block.spans if span.text]


@pytest.mark.parametrize(
    "body",
    [
        "<b>html</b>",
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](mailto:a@evil.example)",
        "<https://evil.example>",
        "https://evil.example",
    ],
)
def test_what_could_do_harm_is_no_link(body: str) -> None:
    """No HTML, no pictures, no schemes but the web's, and no addresses that link by themselves."""
    assert body == read_as_text(body)
    assert not [span for block in parse(body) for span in block.spans if isinstance(span, Link)]


def test_a_picture_is_no_more_than_a_link() -> None:
    """Nothing is loaded from elsewhere when somebody reads."""
    parsed = parse("![picture](https://elsewhere.example/x.png)")

    spans = (Text("!"), Link("picture", "https://elsewhere.example/x.png"))
    assert (Block(BlockKind.PARAGRAPH, spans),) == parsed


def test_a_web_link_keeps_its_text() -> None:
    """A link to the web has an address and the words on it."""
    assert (Block(BlockKind.PARAGRAPH, (Text("see "), Link("here, now", "https://findahelpline.com"))),) == parse(
        "see [here, *now*](https://findahelpline.com)"
    )


def test_reading_as_text_keeps_lines_and_marks() -> None:
    """The text for terminals keeps quotes and lists recognisable."""
    body = f"**Hello** {mention(Member(HERE, '7'), 'Mia')}\n\n> said\n> so\n\n- one\n\n1. two"

    assert read_as_text(body) == "Hello Mia\n> said\n> so\n• one\n1. two"


def test_babel_reads_our_locales() -> None:
    """Platforms write es-MX, babel es_MX."""
    assert babel_locale("es-MX") == "es_MX"
