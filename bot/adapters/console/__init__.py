"""The bot in a terminal: for trying it out, for demonstrations, and for tests that read like a conversation."""

from __future__ import annotations

from bot.adapters.console.converse import converse
from bot.adapters.console.platform import Console
from bot.adapters.console.play import Outcome, play
from bot.adapters.console.window import read_zone

__all__ = ["Console", "Outcome", "converse", "play", "read_zone"]
