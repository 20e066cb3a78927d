"""Hearthside on Discord."""

from __future__ import annotations

from bot.adapters.discord.platform import DiscordPlatform

__all__ = ["DiscordPlatform"]
