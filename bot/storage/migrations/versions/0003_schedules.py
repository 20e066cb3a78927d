"""Schedules that leaders trust: limits, pauses, skips, what stopped them, what was posted; quiet groups; the bank."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NO, NONE, FIRST = sa.false(), "0", "1"


def upgrade() -> None:
    _schedules()
    _occurrences()
    _groups()
    _bank()


def _schedules() -> None:
    for column in (
        sa.Column("made_at", sa.BigInteger(), nullable=False, server_default=NONE),
        sa.Column("from_at", sa.BigInteger(), nullable=False, server_default=NONE),
        sa.Column("own_text", sa.LargeBinary(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=True),
        sa.Column("ping", sa.String(length=10), nullable=False, server_default="nobody"),
        sa.Column("thread", sa.Boolean(), nullable=False, server_default=NO),
        sa.Column("pin", sa.Boolean(), nullable=False, server_default=NO),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default=FIRST),
        sa.Column("stuck", sa.String(length=40), nullable=True),
        sa.Column("stuck_since", sa.BigInteger(), nullable=True),
        sa.Column("probe_at", sa.BigInteger(), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False, server_default=NONE),
    ):
        op.add_column("schedules", column)
    # What was planned goes on from there: nothing before it is ever made up.
    op.execute("UPDATE schedules SET from_at = next_at WHERE next_at IS NOT NULL")
    op.execute("UPDATE schedules SET removed_at = 0 WHERE removed")
    op.create_index("ix_schedules_probe_at", "schedules", ["probe_at"], unique=False)


def _occurrences() -> None:
    with op.batch_alter_table("occurrences") as table:
        table.alter_column(
            "slot", type_=sa.String(length=16), existing_type=sa.String(length=5), existing_nullable=False
        )
        table.add_column(sa.Column("state", sa.String(length=8), nullable=False, server_default="made"))
        table.add_column(sa.Column("piece", sa.String(length=60), nullable=True))
        table.add_column(sa.Column("told", ID, nullable=True))
    op.execute("UPDATE occurrences SET state = 'missed', told = 0 WHERE missed")
    with op.batch_alter_table("occurrences") as table:
        table.drop_column("turn")
        table.drop_column("missed")
    op.create_index("ix_occurrences_told", "occurrences", ["told"], unique=False)
    op.create_index("ix_occurrences_state", "occurrences", ["state"], unique=False)


def _groups() -> None:
    for column in (
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_to", sa.String(length=5), nullable=True),
        sa.Column("quiet_moves", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("silent", sa.Boolean(), nullable=False, server_default=NO),
        sa.Column("silent_until", sa.BigInteger(), nullable=True),
        sa.Column("moments", sa.String(length=200), nullable=True),
    ):
        op.add_column("groups", column)


def _bank() -> None:
    op.create_table(
        "bank",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("group_id", ID, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("giver", sa.LargeBinary(), nullable=True),
        sa.Column("giver_index", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_bank_group_id_groups", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_bank"),
    )
    op.create_index("ix_bank_group_id", "bank", ["group_id"], unique=False)
    op.create_index("ix_bank_giver_index", "bank", ["giver_index"], unique=False)
