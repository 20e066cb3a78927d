"""Drawing messages in a terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.adapters.console.render import Line, Screen, as_text, day_and_time, draw, short_time
from bot.adapters.console.window import read_zone
from bot.core.port import Button, Channel, Community, File, Member, Message, Picture
from bot.core.text import channel_link, mention, moment, plain

COMMUNITY = Community("console", "console")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(message: Message, output: io.StringIO | None = None) -> str:
    output = output or io.StringIO()
    Screen(output).lines(draw(message))
    return output.getvalue()


def test_every_kind_of_block_is_drawn() -> None:
    """Headings, quotes, items and paragraphs keep their shape without any markup."""
    body = "# Heading\n\nSome **bold** and *thin* text.\n\n> A quote\n> goes on.\n\n- one\n- two\n\n1. first"

    expected = "Heading\n\nSome bold and thin text.\n\n| A quote\n| goes on.\n\n• one\n• two\n1. first\n"
    assert expected == printed(Message(body)).replace("    ", "")


def test_mentions_links_and_moments_are_readable() -> None:
    """Nothing is left of the addresses behind them but a link's own."""
    body = " ".join(
        [
            mention(Member(COMMUNITY, "leader2")),
            mention(Member(COMMUNITY, "member1"), "Ana"),
            channel_link(Channel(COMMUNITY, "circle")),
            moment(NOON, "Europe/Berlin", "en"),
            "[help](https://findahelpline.com) [https://a.org](https://a.org)",
        ]
    )

    expected = (
        "@Leader 2 @Ana #circle Wed 1 Jul 2026, 14:00 (Europe/Berlin) help (https://findahelpline.com) https://a.org"
    )
    assert expected == as_text(draw(Message(body)))


def test_lines_are_wrapped_under_their_marks() -> None:
    """No line is wider than a hundred columns; items and quotes stay indented; buttons stay whole."""
    words = "word " * 40
    buttons = tuple(Button(f"A button of some length {number}", "greet") for number in range(6))

    lines = printed(Message(f"- {words}\n\n> {words}\n\n{'x' * 250}", buttons=buttons)).split("\n")

    assert all(len(line) <= 100 for line in lines)
    assert all(line == line.rstrip() for line in lines)
    assert ["    • word", "      word"] == [line[:10] for line in lines[:2]]
    assert 3 == len([line for line in lines if line.startswith("    | ")])
    assert 6 == len([part for line in lines for part in line.split("  ") if part.startswith("[")])


def test_what_cannot_be_drawn_is_described() -> None:
    """Pictures by their alternative, files by their name, and what stands in them where that is a text."""
    files = (File("data.yaml", b"- a:\n    b: 1\n"), File("data.bin", b"\xff"))
    message = Message("", picture=Picture(b"", "image/png", "a candle"), files=files)

    assert (
        "[picture: a candle]\n[file: data.yaml, 14 bytes]\n```\n- a:\n    b: 1\n```\n[file: data.bin, 1 bytes]"
    ) == as_text(draw(message))
    assert "        b: 1\n" in printed(message)


def test_a_terminal_is_not_commanded() -> None:
    """Control characters and marks of direction go, wherever they stand; joiners stay."""
    evil = "\x1b[31mred\x07 \u202eright\u200e family\u200dname"

    text = printed(Message(evil, evil, evil, (Button(evil, "greet"),)))

    assert 4 == text.count("[31mred right family\u200dname")
    assert not set("\x1b\x07\u202e\u200e") & set(text)


def test_hostile_text_is_only_text() -> None:
    """Nothing is expanded, and nothing that looks like rich's own markup is."""
    hostile = "@everyone <!channel> **loud** [bold]x[/bold] :smile: [a](javascript:1)"

    assert hostile == as_text(draw(Message(plain(hostile))))
    assert hostile in printed(Message(plain(hostile), hostile))


def test_colours_are_for_terminals() -> None:
    """A pipe gets plain text, a terminal gets styles."""
    assert "\x1b" not in printed(Message("**x**", "Title"))
    assert "\x1b[1m" in printed(Message("**x**", "Title"), Terminal())


def test_a_narrow_encoding_is_no_accident() -> None:
    """What an output cannot write becomes a question mark."""
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding="ascii")

    Screen(output).lines(draw(Message("- ünïcode")))
    output.flush()

    assert b"    ? ?n?code\n" == raw.getvalue()


def test_times_are_said_with_their_offset() -> None:
    """In long, and in short."""
    at = datetime(2026, 10, 5, 9, 5, tzinfo=timezone(timedelta(hours=-9, minutes=-30)))

    assert "Monday 5 October 2026, 09:05 (-09:30)" == day_and_time(at)
    assert "Mon 5 Oct 09:05" == short_time(at)


def test_a_zone_is_a_name_or_an_offset() -> None:
    """Both are read; anything else is refused."""
    assert [timedelta(hours=2), timedelta(hours=-5, minutes=-30)] == [
        read_zone("Europe/Berlin").utcoffset(NOON.replace(tzinfo=None)),
        read_zone("-05:30").utcoffset(None),
    ]
    for wrong in ("+25:00", "+2", "Europe/Nowhere", ""):
        with pytest.raises((ValueError, LookupError)):
            read_zone(wrong)


def test_a_line_without_text_has_no_blanks() -> None:
    """Empty lines are empty."""
    output = io.StringIO()

    Screen(output).lines([Line(draw(Message("x"))[0].ink, "| ", "| ")])
    Screen(output).blank()

    assert "    | x\n\n" == output.getvalue()
