"""Markup as Discord's Markdown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.markup import CUT, draw, draw_lines, escape, unescape
from bot.core.port import Channel, Community, Member
from bot.core.text import channel_link, clean, mention, moment, plain

HOME = Community("discord", "1")
PLENTY = 4000


@given(st.text())
def test_escaped_text_reads_as_it_was(text: str) -> None:
    """Escaping changes how text is written, never what it says."""
    assert text == unescape(escape(text))


@given(st.text(max_size=200))
def test_no_text_makes_a_mention_or_a_heading(text: str) -> None:
    """Whatever somebody writes, nothing of it is left for Discord to read as more than text."""
    drawn = draw(plain(text), PLENTY)
    unescaped = unescape(drawn)

    assert clean(text).replace("\n", "") == unescaped.replace("\n", "")
    for mark in "*_~`|<>[]@":
        assert drawn.count(mark) == drawn.count("\\" + mark)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("**bold** and *thin* and `code`", "**bold** and *thin* and `code`"),
        ("# A heading\n\ntext", "### A heading\n\ntext"),
        ("> said\n> twice", "> said\n> twice"),
        ("- one\n- two\n\nend", "- one\n- two\n\nend"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("[a page](https://example.org/a_(b))", "[a page](https://example.org/a_%28b%29)"),
        ("two\nlines", "two\nlines"),
        (plain("@everyone <@1> **x** ||y||"), "\\@\u200beveryone \\<\\@1\\> \\*\\*x\\*\\* \\|\\|y\\|\\|"),
        ("`@here` ``a`@Everyone``", "`@\u200bhere` ``  a`@\u200bEveryone ``".replace("  a", " a")),
        ("```` a``@here```` b", " a\\`\\`\\@\u200bhere b"),
        ("[@here](https://x.org/@here)", "[\\@\u200bhere](https://x.org/%40here)"),
        ("[<#1>](https://x.org/<#1>)", "[\\<#1\\>](https://x.org/%3C#1%3E)"),
        (plain("# no heading"), r"\# no heading"),
        (plain("-# no small print"), r"-\# no small print"),
        (plain("- no list"), r"\- no list"),
        (plain("1. no number"), r"1\. no number"),
        (plain("> no quote"), r"\> no quote"),
        (plain("https://example.org"), r"https\://example.org"),
        (plain("\u202ertl\u2066"), "rtl"),
    ],
)
def test_each_form_is_drawn(body: str, expected: str) -> None:
    """Markup becomes Markdown; text that only looks like it stays text."""
    assert expected == draw(body, PLENTY)


def test_people_places_and_moments_are_the_readers_own() -> None:
    """Discord shows names, channels and times its own way."""
    at = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    body = f"{mention(Member(HOME, '12'), 'Ann')} {channel_link(Channel(HOME, '34'))} {moment(at, 'UTC', 'en')}"

    assert f"<@12> <#34> <t:{int(at.timestamp())}:f>" == draw(body, PLENTY)


def test_a_mention_without_an_id_of_discords_is_text() -> None:
    """What is no id is never written between angle brackets."""
    assert "Ann" == draw(mention(Member(HOME, "U12"), "Ann"), PLENTY)


@given(st.lists(st.text(max_size=80), max_size=8), st.integers(20, 200))
def test_what_is_too_long_is_cut(paragraphs: list[str], longest: int) -> None:
    """It fits, and one can see that something is missing."""
    body = "\n\n".join(plain(paragraph) for paragraph in paragraphs)
    drawn, whole = draw(body, longest), draw(body, 10**6)

    assert len(drawn) <= longest
    assert drawn == whole or drawn.endswith(CUT)


def test_small_print_marks_each_line() -> None:
    """Every line of a footer is small."""
    assert "-# one\n-# two" == draw_lines("one\n\ntwo", PLENTY, "-# ")
