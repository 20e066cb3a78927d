"""What self-hosters paste elsewhere, and what they check before they start."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.app.house import load_shelf, open_app
from bot.app.wording import Said, everything_said, remarks
from bot.config import Config, ConfigError, Loaded, load_config
from bot.content import ContentError
from bot.core.clock import MovedClock
from bot.core.sheet import Flaw, SheetError, read_sheet
from bot.delivery.stepped import SteppedEngine
from bot.features import discover
from bot.storage.keys import KEY_BYTES, MainKey


def load(file: Path | None) -> Loaded:
    """Load the configuration with every feature's settings. Raises `ConfigError`."""
    return load_config(file, {name: plug.settings for name, plug in discover().items()})


def check(file: Path | None) -> Sequence[Flaw]:
    """Return everything that is wrong with configuration and content, and what could be better about the content."""
    flaws: list[Flaw] = []
    try:
        config = load(file).config
    except ConfigError as error:
        flaws.extend(error.flaws)
        config = Config(content=_where_words_are(file))
    try:
        shelf = load_shelf(config)
    except ContentError as error:
        flaws.extend(error.flaws)
        shelf = error.sound
    return [*flaws, *remarks(shelf)]


def words(loaded: Loaded, locale: str, feature: str) -> Sequence[Said]:
    """Return every text that people can meet. Raises `ContentError`, and `NotThereError` for what there is not."""
    return everything_said(load_shelf(loaded.config), locale, feature)


def _where_words_are(file: Path | None) -> str:
    """Return the folder of content that a configuration names, whatever else is wrong with it."""
    try:
        found = read_sheet(str(file), file.read_text(encoding="utf-8")).values.get("content") if file else ""
    except (SheetError, OSError, UnicodeDecodeError):
        return ""
    return found if isinstance(found, str) else ""


async def slack_manifest(loaded: Loaded, url: str, name: str) -> str:
    """Return the manifest of the Slack app, drawn from the commands that there are."""
    from bot.adapters.slack.manifest import manifest_text  # noqa: PLC0415  not everybody has Slack's library installed

    clock = MovedClock(datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="hearthside-") as folder:
        config = loaded.config.model_copy(update={"database": f"sqlite:///{folder}/manifest.db"})
        async with open_app(
            loaded=Loaded(config, loaded.settings),
            shelf=load_shelf(loaded.config),
            keys=[MainKey(secrets.token_bytes(KEY_BYTES))],
            clock=clock,
            engine=SteppedEngine(clock),
            build_platforms=lambda _words, _clock: {},
        ) as app:
            command = loaded.config.slack.command
            return manifest_text(app.core.catalogue, app.tools.words, command=command, name=name, url=url)
