"""The real clock, and one that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Tells the machine's time. The only place that asks for it."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class MovedClock:
    """Stands still until it is moved. Never goes back."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it was last moved to."""
        return self._at

    def move(self, to: datetime) -> None:
        """Go forward to an instant; one that has passed changes nothing."""
        self._at = max(self._at, to.astimezone(UTC))
