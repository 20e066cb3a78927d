"""The tables of `care`. What a leader answered is sealed; rows lead to them by their own row alone."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Table, UniqueConstraint

from bot.storage.tables import Id, Instant, Sealed, id_column, metadata

check_ins: Final = Table(
    "check_ins",
    metadata,
    id_column(),
    Column("leader_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("details", Sealed, nullable=False),
)
"""What leaders answered about themselves. `details`: the answer, from 1 to 5, and when it was given, sealed.

`made_at` tells the month only: a day of rest right after an answer would say a lot about it.
"""

buddies: Final = Table(
    "buddies",
    metadata,
    id_column(),
    Column("leader_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("other_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("asked_at", Instant, nullable=False),
    Column("agreed", Boolean, nullable=False),
    UniqueConstraint("leader_id", "other_id"),
)
"""Two leaders who look after each other: `leader_id` asked, and once the other said yes it is `agreed`."""

TABLES: Final = ("check_ins", "buddies")
