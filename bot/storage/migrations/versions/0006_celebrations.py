"""Celebrations as rows: each moment once, shared posts, cheers; milestones with a history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _posts()
    _celebrations()
    _cheers()
    _plan_again()


def _posts() -> None:
    op.create_table(
        "celebration_posts",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("place_index", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Integer(), nullable=False),
        sa.Column("cheered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["communities.id"],
            name="fk_celebration_posts_community_id_communities",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_celebration_posts"),
        sa.UniqueConstraint("place_index", "due_at", name="uq_celebration_posts_place_index_due_at"),
    )
    op.create_index("ix_celebration_posts_place_index", "celebration_posts", ["place_index"], unique=False)


def _celebrations() -> None:
    op.create_table(
        "celebrations",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("milestone_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=True),
        sa.Column("member_index", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestones.id"], name="fk_celebrations_milestone_id_milestones", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["celebration_posts.id"],
            name="fk_celebrations_post_id_celebration_posts",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_celebrations"),
    )
    for column in ("milestone_id", "post_id", "member_index"):
        op.create_index(f"ix_celebrations_{column}", "celebrations", [column], unique=False)


def _cheers() -> None:
    op.create_table(
        "cheers",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("member", sa.LargeBinary(), nullable=False),
        sa.Column("member_index", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["celebration_posts.id"], name="fk_cheers_post_id_celebration_posts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cheers"),
        sa.UniqueConstraint("post_id", "member_index", name="uq_cheers_post_id_member_index"),
    )
    op.create_index("ix_cheers_member_index", "cheers", ["member_index"], unique=False)


def _plan_again() -> None:
    """Take celebrations that wait to be sent out of the outbox, and have their milestones make them anew."""
    waiting = "feature = 'milestones' AND state IN ('due', 'claimed') AND NOT doubtful"
    op.execute(
        "UPDATE milestones SET next_due_at = (SELECT MIN(due_at) FROM deliveries"  # noqa: S608  no value in it
        f" WHERE subject = milestones.id AND {waiting})"
        f" WHERE id IN (SELECT subject FROM deliveries WHERE {waiting})"
    )
    op.execute(f"DELETE FROM deliveries WHERE {waiting}")  # noqa: S608  the same
