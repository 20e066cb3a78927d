"""Which exercises a member has had on their own, so that none returns too soon."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "practised",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("member", sa.LargeBinary(), nullable=False),
        sa.Column("member_index", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_practised"),
        sa.UniqueConstraint("member_index", name="uq_practised_member_index"),
    )
