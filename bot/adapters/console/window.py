"""What a console prints, and when: whatever is shown is remembered as seen."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from rich.text import Text as Ink

from bot.adapters.console.form import LOCALE
from bot.adapters.console.people import Persona
from bot.adapters.console.render import Line, Screen, as_text, day_and_time, draw, printable, short_time
from bot.adapters.console.world import Shown, Sight, World, channel_of
from bot.core.port import Channel, Clock, Member
from bot.core.text import Words


class Window:
    """Shows a world on a screen. While `moving`, messages carry the time; while `silent`, nothing is shown."""

    def __init__(self, world: World, words: Words, clock: Clock, zone: tzinfo, screen: Screen) -> None:
        self.words = words
        self.screen = screen
        self.moving = False
        self.silent = False
        self._world = world
        self._clock = clock
        self._zone = zone

    def show(self, shown: Shown, *notes: str) -> None:
        """Print a message and remember that it was seen."""
        if self.silent or shown.hidden:
            return
        header, lines = self._header(shown, *notes), draw(shown.message, public=not shown.only_for)
        self._world.sights.append(Sight(shown.only_for, f"{header.plain}\n{as_text(lines)}"))
        self.screen.message(header, lines)

    def show_lines(self, only_for: str, lines: Sequence[Line]) -> None:
        """Print something that is no message, such as a form, and remember that it was seen."""
        self._world.sights.append(Sight(only_for, as_text(lines)))
        self.screen.lines(lines)
        self.screen.blank()

    def show_time(self) -> None:
        """Print what time it is."""
        self.screen.say(f"--- {day_and_time(self.local_now())}", "bold")
        self.screen.blank()

    def local_now(self) -> datetime:
        """Return the present instant in the zone that is shown."""
        return self._clock.now().astimezone(self._zone)

    def instant(self, written: datetime) -> datetime:
        """Return an instant somebody wrote, and show times with its offset unless a zone was chosen.

        Without an offset it is read in the zone that is shown.
        """
        if written.tzinfo is None:
            return written.replace(tzinfo=self._zone).astimezone(UTC)
        if not isinstance(self._zone, ZoneInfo) or self._zone.key == "UTC":
            self._zone = written.tzinfo
        return written.astimezone(UTC)

    @contextmanager
    def silence(self) -> Generator[None]:
        """Print and show nothing for a while."""
        self.silent = True
        try:
            yield
        finally:
            self.silent = False

    def note(self, shown: Shown, note: str) -> None:
        """Print what happened to a message, without repeating it."""
        if not self.silent and not shown.hidden:
            header = self._header(shown, note)
            self._world.sights.append(Sight(shown.only_for, header.plain))
            self.screen.message(header, [])

    def _header(self, shown: Shown, *notes: str) -> Ink:
        header = Ink()
        channel = channel_of(shown.place)
        if not shown.only_for and channel:
            place = f"#{channel.id}"
            header.append(
                f"{place}  " if isinstance(shown.place, Channel) else f"{place} / {self.label('in_thread')}  "
            )
        header.append(printable(Persona(shown.author).name if shown.author else self.label("bot")), "bold")
        if isinstance(shown.place, Member):
            header.append(f"  ({self.label('direct', name=Persona(shown.only_for).name)})", "magenta")
        elif shown.only_for:
            header.append(f"  ({self.label('only_you')})", "magenta")
        if self.moving:
            header.append(f"  [{short_time(self.local_now())}]", "dim")
        for note in notes:
            header.append(f"  ({printable(note)})", "dim")
        return header

    def label(self, key: str, /, **values: str) -> str:
        """Return a sentence of the console's own."""
        return self.words.label(f"platform.console_{key}", LOCALE, **values)


def read_zone(zone: str) -> tzinfo:
    """Return a zone by its IANA name or its offset ("+02:00"). Raises `ValueError` or `ZoneInfoNotFoundError`."""
    if zone.startswith(("+", "-")):
        return datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo or UTC
    return ZoneInfo(zone)
