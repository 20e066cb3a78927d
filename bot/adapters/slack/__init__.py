"""Slack: the bot in a workspace, over Socket Mode or by signed requests."""

from __future__ import annotations

from bot.adapters.slack.manifest import manifest, manifest_text
from bot.adapters.slack.platform import SlackPlatform, Timing

__all__ = ["SlackPlatform", "Timing", "manifest", "manifest_text"]
