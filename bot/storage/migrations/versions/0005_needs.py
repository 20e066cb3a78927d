"""Notes in which a member says what they need under a message of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "needs",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("member", sa.LargeBinary(), nullable=False),
        sa.Column("member_index", sa.LargeBinary(), nullable=False),
        sa.Column("message_index", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("forget_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_needs"),
        sa.UniqueConstraint("message_index", name="uq_needs_message_index"),
    )
    op.create_index("ix_needs_member_index", "needs", ["member_index"], unique=False)
    op.create_index("ix_needs_forget_at", "needs", ["forget_at"], unique=False)
