"""Draws the medallions of celebrations: `python -m bot.features.milestones.medallions`. Needs the development tools.

The same call gives the same files. Every moment gets the same size, colours and richness: none outranks another. The
ring tells the unit without words: rays for days, seven petals for weeks, moons for months, leaves for years.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle, starmap
from math import cos, pi, radians, sin
from pathlib import Path
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFont

Shape = Sequence[tuple[float, float]]
"""A closed outline, in pixels of the finished picture."""

FOLDER: Final = Path(__file__).parents[3] / "content" / "milestones" / "medallions"
SIZE: Final = 360
FINER: Final = 4
"""Everything is drawn so many times larger, and made smaller at the end: that smooths the edges."""
MIDDLE: Final = SIZE / 2

RIM: Final = "#8f3b2a"
RING: Final = "#b4523a"
BEAD: Final = "#f4c79a"
LIGHT: Final = "#ffecd2"
GLOW: Final = "#ffe2b8"
GROUND: Final = "#fff4e4"
NUMBER: Final = "#4a2118"
FLAME: Final = ("#cf4a26", "#ee8434", "#ffd27d")
PALETTE: Final = (
    *((colour, colour, 0) for colour in (RIM, RING, BEAD, LIGHT, GLOW, GROUND, NUMBER, *FLAME)),
    *((one, another, 1 / 2) for one, another in ((RING, BEAD), FLAME[:2], FLAME[1:])),
    *((one, another, 1 / 3) for one, another in ((RIM, BEAD), (RING, LIGHT), (GLOW, FLAME[0]))),
    *((one, another, 2 / 3) for one, another in ((RIM, BEAD), (RING, LIGHT), (GLOW, FLAME[0]))),
    *((GROUND, NUMBER, share) for share in (1 / 4, 2 / 4, 3 / 4)),
)
"""Our colours, and what may stand where two of them meet: a share of the second. Few colours make small files."""
SEEN: Final = (0, 1 / 3, 2 / 3)
"""How much of a pixel is seen beyond the rim and on its edge."""
TRACK: Final = 138.5
"""The middle of the ring, from the middle of the picture."""

_MARKED: Final = {
    "day": (
        *range(1, 32),
        *(35, 40, 42, 45, 49, 50, 56, 60, 63, 70, 75, 77, 80, 84, 90, 100, 120, 150, 180, 200, 250, 300, 365),
        *(400, 500, 600, 700, 800, 900, 1000),
    ),
    "week": (*range(1, 13), 26, 52),
    "month": range(1, 25),
    "year": range(1, 61),
}


@dataclass(frozen=True, slots=True)
class Medallion:
    """What one picture shows. Without a unit it is the plain one: for posts that share, and for unusual counts."""

    unit: str = ""
    count: int = 0

    @property
    def file(self) -> str:
        """Return the name of its file."""
        return f"{self.unit}-{self.count}.png" if self.unit else "plain.png"


MEDALLIONS: Final = (*(Medallion(unit, count) for unit, counts in _MARKED.items() for count in counts), Medallion())


def drawn(medallion: Medallion) -> Image.Image:
    """Return the picture, with a palette and a transparent ground."""
    picture = _base(medallion.unit).copy()
    if medallion.unit:
        _write(picture, str(medallion.count))
    return _few_colours(picture.resize((SIZE, SIZE), Image.Resampling.BOX))


@lru_cache
def _base(unit: str) -> Image.Image:
    """Draw what all medallions of a unit share."""
    picture = Image.new("RGBA", (SIZE * FINER, SIZE * FINER), RIM + "00")
    brush = ImageDraw.Draw(picture)
    _fill(brush, RIM, _circle(177))
    for angle in _around(44):
        x, y = map(round, _placed([(0, 0)], angle, 167.5)[0])
        _fill(brush, BEAD, _circle(4, x, y))  # whole pixels make equal beads, and equal ones pack well
    _fill(brush, RING, _circle(158))
    for shape, colour in _ornament(unit):
        _fill(brush, colour, shape)
    _fill(brush, BEAD, _circle(119))
    _fill(brush, GROUND, _circle(115.5))
    x, y, scale = (MIDDLE, MIDDLE - 68, 1.0) if unit else (MIDDLE, MIDDLE + 2, 2.2)
    for colour, radius in ((LIGHT, 42), (GLOW, 32)):
        _fill(brush, colour, _circle(radius * scale, x, y))
    for colour, shape in zip(FLAME, _flames(), strict=True):
        _fill(brush, colour, [(x + scale * across, y - scale * up) for across, up in shape])
    return picture


def _between(one: str, another: str, share: float) -> Sequence[int]:
    pairs = zip(ImageColor.getrgb(one)[:3], ImageColor.getrgb(another)[:3], strict=True)
    return [round(first + (second - first) * share) for first, second in pairs]


def _few_colours(picture: Image.Image) -> Image.Image:
    """Give a picture our palette, which then ends with the rim's colour at each strength of `SEEN`."""
    colours = [*starmap(_between, PALETTE)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in colours for value in colour])
    few = picture.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    alpha = picture.getchannel("A")
    strengths = [round(value / 255 * len(SEEN)) for value in range(256)]
    outer = alpha.point([255 * (strength < len(SEEN)) for strength in strengths])
    few.paste(alpha.point([len(colours) + strength for strength in strengths]), (0, 0), outer)
    few.putpalette([value for colour in (*colours, *colours[:1] * len(SEEN)) for value in colour])
    few.info["transparency"] = bytes([*[255] * len(colours), *(round(255 * share) for share in SEEN)])
    return few


def _ornament(unit: str) -> Iterator[tuple[Shape, str]]:
    match unit:
        case "day":
            yield from _in_turn(36, _drop(14, 5.2), _drop(10, 4))
        case "week":
            yield from _in_turn(7, _petal(22, 44))
            for angle in _around(7):
                for side in (-1, 0, 1):
                    yield _placed(_circle(4.5 - abs(side), 0, 0), angle + 180 / 7 + side * 6), BEAD
        case "month":
            for angle in _around(12):
                x, y = _placed([(0, 0)], angle)[0]
                yield _circle(13.5, x, y), RIM
                yield [(x + across, y - up) for across, up in _moon(13.5, angle)], LIGHT
        case "year":
            yield from ((_circle(139.5), LIGHT), (_circle(137.5), RING))
            yield from _in_turn(24, _leaf(-1), _leaf(1))
        case _:
            yield from _in_turn(18, [(x * 0.5, y * 0.5) for x, y in _flames()[0]])


def _in_turn(many: int, *shapes: Shape) -> Iterator[tuple[Shape, str]]:
    return ((_placed(shape, angle), LIGHT) for shape, angle in zip(cycle(shapes), _around(many), strict=False))


def _around(many: int) -> Iterator[float]:
    return (360 * place / many for place in range(many))


def _placed(shape: Shape, angle: float, radius: float = TRACK) -> Shape:
    """Set a shape on a ring, its top outwards; the angle is in degrees, clockwise from the top."""
    across, up = cos(radians(angle)), sin(radians(angle))
    return [(MIDDLE + x * across + (radius + y) * up, MIDDLE + x * up - (radius + y) * across) for x, y in shape]


def _circle(radius: float, x: float = MIDDLE, y: float = MIDDLE) -> Shape:
    return [(x + radius * cos(radians(angle)), y + radius * sin(radians(angle))) for angle in _around(180)]


def _petal(height: float, width: float) -> Shape:
    turns = [radians(angle) for angle in _around(90)]
    return [(width / 2 * cos(turn), height / 2 * sin(turn) * abs(sin(turn)) ** 0.5) for turn in turns]


def _leaf(side: int) -> Shape:
    return [(x * 0.8 - y * 0.6, side * (7 + x * 0.6 + y * 0.8)) for x, y in _petal(11, 24)]


def _drop(half: float, width: float) -> Shape:
    turns = [radians(angle) for angle in _around(90)]
    return [(width * sin(turn) * sin(turn / 2) ** 1.2, half * cos(turn)) for turn in turns]


def _moon(radius: float, age: float) -> Shape:
    """Return the lit part of a moon, its age in degrees from 0, full, by 180, new, to 360."""
    turns = [pi * step / 60 for step in range(61)]
    side = 1 if age >= 180 else -1  # noqa: PLR2004  half a circle
    outer = [(side * radius * sin(turn), radius * cos(turn)) for turn in turns]
    return [*outer, *((-x * cos(radians(age)), y) for x, y in reversed(outer))]


def _curve(start: complex, leave: complex, reach: complex, end: complex) -> Shape:
    """Return points of a Bezier curve, whose own points are given as complex numbers for brevity."""
    steps = [(step / 30, 1 - step / 30) for step in range(31)]
    points = [s**3 * start + 3 * s * s * t * leave + 3 * s * t * t * reach + t**3 * end for t, s in steps]
    return [(point.real, point.imag) for point in points]


@lru_cache
def _flames() -> Sequence[Shape]:
    """Return the flame from its edge to its heart; it stands around (0, 0) and is about 56 high."""
    outer = [
        *_curve(2 + 30j, 4 + 18j, 20 + 10j, 20 - 7j),
        *_curve(20 - 7j, 20 - 20j, 10 - 27j, -27j),
        *_curve(-27j, -11 - 27j, -20 - 19j, -20 - 7j),
        *_curve(-20 - 7j, -20 + 2j, -14 + 8j, -12 + 15j),
        *_curve(-12 + 15j, -9 + 12j, -7 + 9j, -6.5 + 6j),
        *_curve(-6.5 + 6j, -2 + 12j, 2 + 20j, 2 + 30j),
    ]
    inner = [(x * 0.68, (y + 27) * 0.66 - 25.5) for x, y in outer]
    heart = [(x * 0.36, (y + 27) * 0.36 - 24) for x, y in outer]
    return outer, inner, heart


def _fill(brush: ImageDraw.ImageDraw, colour: str, shape: Shape) -> None:
    brush.polygon([(x * FINER, y * FINER) for x, y in shape], fill=colour)


def _write(picture: Image.Image, digits: str) -> None:
    """Write the number, each digit set by its ink, for the font gives a 1 as much room as an 8."""
    size = FINER * {1: 136, 2: 132, 3: 106}.get(len(digits), 84)
    masks, gap = [_ink(digit, size) for digit in digits], size * 0.075
    left = MIDDLE * FINER - (sum(mask.width for mask in masks) + gap * (len(masks) - 1)) / 2
    top = (MIDDLE + 22) * FINER - masks[0].height / 2
    for mask in masks:
        picture.paste(NUMBER, (round(left), round(top)), mask)
        left += mask.width + gap


@lru_cache
def _ink(digit: str, size: int) -> Image.Image:
    """Return a digit as a mask as wide as its ink; all are equally high, so that their feet stand on a line."""
    mask = Image.new("L", (size, size))
    font = ImageFont.load_default(size)
    ImageDraw.Draw(mask).text((size / 4, size * 0.85), digit, 255, font, "ls", stroke_width=size * 0.014)
    left, _, right, _ = mask.getbbox() or (0, 0, size, size)
    return mask.crop((left, round(size * 0.09), right, round(size * 0.92)))


def main() -> None:
    """Draw every medallion into a folder."""
    reader = argparse.ArgumentParser(description="Draws the medallions of celebrations.")
    reader.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where the pictures go")
    folder: Path = reader.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for medallion in MEDALLIONS:
        drawn(medallion).save(folder / medallion.file, optimize=True)
    print(f"{folder}: {len(MEDALLIONS)} medallions")  # noqa: T201  it is a program


if __name__ == "__main__":
    main()
