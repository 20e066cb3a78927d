"""Talking with the bot in a terminal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.adapters.console import converse
from bot.adapters.console.converse import typed_lines
from bot.core.port import Button, Choice, Message, Reply, Unreadable
from tests.adapters.console_harness import Stage
from tests.adapters.fake_core import ADD, ANSWER, GREET, KEEP


async def said(*lines: str) -> AsyncGenerator[str]:
    for line in lines:
        yield line + "\n"


async def test_lines_are_those_of_a_transcript() -> None:
    """The prompt says who speaks; what was typed is not printed again."""
    stage = Stage()

    await converse(stage.console, said("as leader 2", "greet", "", "quit", "greet"))

    assert [GREET] == [heard.command for heard in stage.core.heard]
    assert "Organiser> Leader 2>     Hearthside  (only you can see this)\n    All is done.\n" in stage.printed
    assert stage.printed.startswith("Hearthside in your terminal.")
    assert stage.printed.endswith("Leader 2> ")


async def test_a_form_is_asked_field_by_field() -> None:
    """Label, hint, choices and problems are shown; Enter leaves a field as it is; only wrong ones come again."""
    stage = Stage()

    await converse(stage.console, said("note add", "", "wrong", "2", "by the river", "", "A walk", "quit"))

    assert {"title": "A walk", "tone": "clear", "words": "by the river"} == stage.core.heard[-1].arguments
    assert (
        "? Tone: How it sounds (you may leave it empty)\n      One of: Soft and slow (soft), clear\n" in stage.printed
    )
    assert "This one is needed." in stage.printed
    assert "Now: wrong\n    ! Please mend this one.\n    Title [wrong]> " in stage.printed
    assert 1 == stage.printed.count("Add a note")


async def test_of_a_long_form_only_the_necessary_is_asked() -> None:
    """The rest is offered by name; Enter sends, and `-` empties a field."""
    stage = Stage()

    answers = ("A walk", "nonsense", "words=old", "until=2027-01-31", "day", "1, sun", "words", "-", "")
    await converse(stage.console, said("note plan", *answers, "quit"))
    printed = " ".join(stage.printed.split())

    assert {"title": "A walk", "until": "2027-01-31", "day": "mon,sun"} == stage.core.heard[-1].arguments
    assert "More, if you like: tone, words, zone, day, until, at, loud." in printed
    assert "More, if you like: tone, words=old, zone, day, until=2027-01-31, at, loud." in printed
    assert "There is no such field." in stage.printed
    assert "One or more of: Monday (mon), Thursday (thu), Sunday (sun)" in stage.printed


async def test_a_long_form_can_be_left() -> None:
    """Also when nothing has to be filled in any more."""
    stage = Stage()

    await converse(stage.console, said("note plan", "A walk", "cancel", "note plan", "A walk"))

    assert [{}, {}] == [heard.arguments for heard in stage.core.heard]


async def test_a_file_is_pasted_or_named(tmp_path: Path) -> None:
    """Lines go on until an empty one; `@` names a file of this machine."""
    stage, week = Stage(), tmp_path / "week.yaml"
    week.write_text("- b: 2\n", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\xff\xff")

    await converse(stage.console, said("note fetch tone=soft", "  - a:", "      b: 1", "", "quit"))
    for name in ("week.yaml", "nowhere.yaml", "picture.png"):
        await converse(stage.console, said("note fetch tone=soft", f"@{tmp_path / name}", "quit"))

    files = [heard.arguments["file"] for heard in stage.core.heard if "file" in heard.arguments]
    assert ["  - a:\n      b: 1", "- b: 2\n", Unreadable.GONE, Unreadable.NO_TEXT] == files


async def test_a_form_can_be_left() -> None:
    """`cancel` sends nothing, and neither does the end of the input."""
    stage = Stage()

    await converse(stage.console, said("note add", "Title", "cancel", "note add", "Title"))

    assert [{}, {}] == [heard.arguments for heard in stage.core.heard]
    assert 2 == stage.printed.count("Left. Nothing was sent.")


async def test_a_question_mark_suggests() -> None:
    """In a field it lists what the core suggests, or the choices; alone it lists the terminal's own lines."""
    stage = Stage()

    await converse(stage.console, said("?", "note add", "Title", "?", "", "", "? ber", "? x", "cancel", "quit"))

    assert 'menu "Help me reflect" on 2' in stage.printed
    assert "    Soft and slow (soft), clear\n" in stage.printed
    assert "    Berlin (Europe/Berlin)\n" in stage.printed
    assert "Nothing to suggest." in stage.printed
    assert [(ADD, "zone", "ber"), (ADD, "zone", "x")] == [
        (one.command, one.field, one.typed) for one in stage.core.suggested
    ]


async def test_mistakes_do_not_end_the_talk() -> None:
    """What cannot be done is said, and the next line is read."""
    stage = Stage()

    await converse(stage.console, said("wait", "press 1", "expect done", "greet", "expect done", "refuse done"))

    assert "write how long" in stage.printed
    assert "sees no such button" in stage.printed
    assert "Organiser has not seen this" in stage.printed
    assert "Yes, so it is." in stage.printed
    assert "Organiser has seen this" in stage.printed


async def test_a_button_opens_a_form() -> None:
    """What the button carries is sent with the form."""
    stage = Stage()
    stage.core.answers[GREET] = Reply(Message("A story.", buttons=(Button("Write", ANSWER, {"row": "7"}),)))

    await converse(stage.console, said("greet", "press 1", "You sound tired"))

    assert {"row": "7", "words": "You sound tired"} == stage.core.heard[-1].arguments


async def test_a_suggested_value_equal_to_its_label_is_said_once() -> None:
    """Time zones are their own labels."""
    stage = Stage()
    stage.core.choices = (Choice("UTC", "UTC"),)

    await converse(stage.console, said("note add title=wrong zone=wrong", "", "?", "cancel"))

    assert "    UTC\n" in stage.printed


async def test_comments_are_for_transcripts() -> None:
    """A remark at the prompt does nothing."""
    stage = Stage()
    stage.core.answers[KEEP] = Reply(Message("x"))

    await converse(stage.console, said("# hello", "quit"))

    assert "hello" not in stage.printed
    assert [] == stage.core.heard


@pytest.mark.parametrize("final", ["", "four"])
async def test_typed_lines_arrive_as_they_are_typed(final: str) -> None:
    """A pipe is read without waiting for its end, whatever the pieces; the rest counts as a line."""
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as source:  # noqa: ASYNC230, PTH123  a pipe, not a file
        lines = typed_lines(source)
        os.write(writing, b"one\ntw")
        first = await anext(lines)
        os.write(writing, b"\xc3")
        os.write(writing, b"\xb6\nthree\n" + final.encode())
        os.close(writing)
        others = [line async for line in lines]

    assert ["one", "twö", "three", final] == [first, *others, *([""] if not final else [])]


async def test_waiting_for_a_line_holds_up_nothing() -> None:
    """After one line the next is waited for, not read: the loop goes on meanwhile."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(reading, encoding="utf-8") as source:  # noqa: ASYNC230, PTH123  a pipe, not a file
        lines = typed_lines(source)
        first = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0)
        os.write(writing, b"one\n")
        one = await first
        second = asyncio.ensure_future(anext(lines))
        for _ in range(5):
            await asyncio.sleep(0)
        waiting = not second.done()
        os.write(writing, b"two\n")
        two = await second
        os.close(writing)

    assert ("one", True, "two") == (one, waiting, two)


async def test_a_file_is_read_too(tmp_path: Path) -> None:
    """Where nothing tells that there is more to read, lines are simply read."""
    file = tmp_path / "lines.txt"
    file.write_text("one\ntwo", encoding="utf-8")
    with file.open(encoding="utf-8") as source:
        lines = [line async for line in typed_lines(source)]

    assert ["one\n", "two"] == lines
