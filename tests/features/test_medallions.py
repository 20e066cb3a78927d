"""The pictures of celebrations: what is committed is what the script draws, small and easy to read."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.features.milestones.medallions import FOLDER, MEDALLIONS, SIZE, Medallion, drawn

LARGEST = 10 * 1024
NUMBERED = tuple(medallion for medallion in MEDALLIONS if medallion.unit)
NUMBERS = (80, 150, 280, 260)
"""The part of a picture where the number stands and the flame does not."""


def picture_of(file: Path | BytesIO) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGBA")


def saved(medallion: Medallion) -> BytesIO:
    file = BytesIO()
    drawn(medallion).save(file, "PNG", optimize=True)
    return file


def luminance(colour: Sequence[int]) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = (value / 255 for value in colour[:3])
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_of(medallion: Medallion) -> float:
    """Return the contrast of the two colours that fill most of the number's place, as WCAG 2 defines it."""
    place = picture_of(FOLDER / medallion.file).crop(NUMBERS).convert("RGB")
    colours = sorted(place.getcolors(place.width * place.height) or [], reverse=True)
    lights = sorted(luminance(colour) for _, colour in colours[:2] if isinstance(colour, tuple))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_every_medallion_is_committed_and_nothing_else() -> None:
    """The folder holds what the script says it draws, each once."""

    files = sorted(file.name for file in FOLDER.iterdir())
    assert sorted(medallion.file for medallion in MEDALLIONS) == files


@pytest.mark.parametrize("name", ["day-1", "day-30", "day-1000", "week-7", "month-6", "year-2", "plain"])
def test_a_committed_medallion_is_what_the_script_draws(name: str) -> None:
    """Pixel by pixel: the bytes may differ with another zlib."""

    medallion = next(each for each in MEDALLIONS if each.file == f"{name}.png")
    assert picture_of(saved(medallion)).tobytes() == picture_of(FOLDER / medallion.file).tobytes()


def test_the_same_moment_gives_the_same_bytes() -> None:
    """What is drawn in between leaves no trace."""

    first, _, second = (saved(medallion) for medallion in (MEDALLIONS[0], MEDALLIONS[-1], MEDALLIONS[0]))
    assert first.getvalue() == second.getvalue()


def test_every_medallion_is_small_square_and_transparent() -> None:
    """A message loads at once, and its ground shows around the medallion in a dark theme and a light one."""

    for medallion in MEDALLIONS:
        file = FOLDER / medallion.file
        picture = picture_of(file)
        assert file.stat().st_size <= LARGEST, medallion.file
        assert (SIZE, SIZE) == picture.size
        left, upper, right, lower = picture.getchannel("A").getbbox() or (0, 0, 0, 0)
        assert min(left, upper) > 0, medallion.file
        assert max(right, lower) < SIZE, medallion.file
        assert (0, 255) == picture.getchannel("A").getextrema()


def test_every_number_is_easy_to_read() -> None:
    """The number stands out from its ground by 4.5 to 1 at least, as WCAG AA asks of text."""

    assert [] == [medallion.file for medallion in NUMBERED if contrast_of(medallion) < 4.5]
