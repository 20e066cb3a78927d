"""Transcripts run through the whole house: the console, the core, the features, the database and the clock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.app.paperwork import load
from bot.app.terminal import DEMO_STARTS, DEMO_ZONE, play_script
from tests.write_docs import README, demo_excerpt, played_demo, with_excerpt

TRANSCRIPTS = Path(__file__).parent / "transcripts"
STORY = Path(__file__).parent.parent / "content" / "demo" / "story.txt"


async def play(lines: list[str]) -> int:
    return await play_script(load(None), lines, datetime.fromisoformat(DEMO_STARTS), DEMO_ZONE)


def lines_of(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


@pytest.mark.parametrize("file", sorted(TRANSCRIPTS.glob("*.txt")), ids=lambda file: file.stem)
async def test_a_transcript_holds(file: Path) -> None:
    """Every `expect` and `refuse` of the transcripts beside this file holds."""

    assert 0 == await play(lines_of(file))


def test_the_demo_tells_the_whole_story_without_a_terminal() -> None:
    """`hearthside demo` with no input plays the story, says so with its exit code, and is what the README shows."""
    told, readme = played_demo(), README.read_text("utf-8")

    assert (0, "") == (told.returncode, told.stderr)
    for line in ("Write my reflection", "Cheered by the group.", "Taking it now", "I keep nothing about you"):
        assert line in told.stdout
    assert with_excerpt(readme, demo_excerpt(told.stdout)) == readme, "run: .venv/bin/python -m tests.write_docs"


async def test_an_unmet_expectation_names_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A transcript that does not hold ends with 1 and the line where it stopped."""
    code = await play(["as member", "help", "expect a thing that is not there"])

    assert 1 == code
    assert "line 3: expect a thing that is not there" in capsys.readouterr().out


async def test_what_is_refused_must_not_be_seen() -> None:
    """A `refuse` fails when the text was there."""

    assert 1 == await play(["as member", "help", "refuse Practise"])
