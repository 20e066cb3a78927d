"""Logging to standard error, quiet about people. No library logs below INFO, where some print what people wrote."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog

TEXTS: Final = ("discord", "slack_bolt", "slack_sdk", "aiohttp")
"""Loggers that print texts or tokens below INFO."""
CHATTER: Final = ("apscheduler", "sqlalchemy", "alembic", "aiosqlite", "markdown_it", "psycopg")
"""Loggers that tell about every step below WARNING, some of them with what people wrote."""
PEOPLE: Final = ("discord.http",)
"""Loggers that print below ERROR whom a request was about."""
LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def set_up(level: str) -> None:
    """Set up logging, once, from the command line."""
    shown = LEVELS[level]
    logging.basicConfig(stream=sys.stderr, level=shown, format="%(asctime)s %(levelname)-8s %(name)s %(message)s")
    for name in TEXTS:
        logging.getLogger(name).setLevel(max(shown, logging.INFO))
    for name in CHATTER:
        logging.getLogger(name).setLevel(max(shown, logging.WARNING))
    for name in PEOPLE:
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(shown),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
