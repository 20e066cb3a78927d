"""The tables of `milestone`. All that says whose, since when, what and where is sealed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from bot.storage.tables import Id, Instant, Sealed, id_column, metadata

FEATURE: Final = "milestones"

milestones: Final = Table(
    FEATURE,
    metadata,
    id_column(),
    Column("community_id", Id, ForeignKey("communities.id", ondelete="CASCADE"), nullable=False),
    Column("member", Sealed, nullable=False),
    Column("member_index", Sealed, nullable=False, index=True),
    Column("details", Sealed, nullable=False),
    Column("next_due_at", Instant, index=True),
)
"""Members' own dates. `next_due_at` stands in clear, rounded to the hour, so that it can be searched."""

celebration_posts: Final = Table(
    "celebration_posts",
    metadata,
    id_column(),
    Column("community_id", Id, ForeignKey("communities.id", ondelete="CASCADE"), nullable=False),
    Column("place_index", Sealed, nullable=False, index=True),
    Column("due_at", Instant),
    Column("details", Sealed, nullable=False),
    Column("text", Integer, nullable=False),
    Column("cheered", Boolean, nullable=False),
    UniqueConstraint("place_index", "due_at"),
)
"""What celebrations are shown by: those of one place and hour share one.

`due_at` is that hour, as long as more may be added; it is emptied when the post is written. `text` numbers its words.
"""

celebrations: Final = Table(
    "celebrations",
    metadata,
    id_column(),
    Column("milestone_id", Id, ForeignKey("milestones.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("post_id", Id, ForeignKey("celebration_posts.id", ondelete="SET NULL"), index=True),
    Column("member_index", Sealed, nullable=False, index=True),
    Column("details", Sealed, nullable=False),
    Column("state", String(8), nullable=False),
)
"""The moments that were celebrated, or are about to be: each of a run once. `state`: see `model.State`."""

cheers: Final = Table(
    "cheers",
    metadata,
    id_column(),
    Column("post_id", Id, ForeignKey("celebration_posts.id", ondelete="CASCADE"), nullable=False),
    Column("member", Sealed, nullable=False),
    Column("member_index", Sealed, nullable=False, index=True),
    UniqueConstraint("post_id", "member_index"),
)
"""Who cheered. Only those whom the post celebrates are told."""

TABLES: Final = (FEATURE, "celebrations", "celebration_posts", "cheers")
