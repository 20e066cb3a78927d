"""Alembic runs this file for every command; the connection and its transaction come from the caller."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from bot.storage.tables import Instant, metadata


def _written(kind: str, thing: Any, autogenerating: Any) -> str | Literal[False]:
    """Write our own types into drafted migrations as what they are stored as, so that old migrations stay true."""
    del autogenerating
    return "sa.BigInteger()" if kind == "type" and isinstance(thing, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_written,
)
with context.begin_transaction():
    context.run_migrations()
