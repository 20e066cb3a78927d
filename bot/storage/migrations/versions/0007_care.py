"""Leaders' care: what leaders choose, planned hours and breaks, requests among them, check-ins, buddies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LOOKS = ("duty_at", "break_at", "check_at")


def upgrade() -> None:
    _leaders()
    op.add_column("groups", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("duties", sa.Column("kind", sa.String(length=7), nullable=False, server_default="told"))
    op.add_column("break_events", sa.Column("why", sa.String(length=8), nullable=True))
    _answers()
    _requests()
    _check_ins()
    _buddies()


def _leaders() -> None:
    op.add_column("leaders", sa.Column("settings", sa.LargeBinary(), nullable=True))
    for name in ("away_until", "written_at", "gone_at", *LOOKS):
        op.add_column("leaders", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("leaders", sa.Column("again", sa.Integer(), nullable=False, server_default="0"))
    for name in ("gone_at", *LOOKS):
        op.create_index(f"ix_leaders_{name}", "leaders", [name], unique=False)
    # Whoever is on duty is looked at at once. Nobody is asked how they are who was not told that they would be.
    op.execute("UPDATE leaders SET break_at = 0 WHERE accepted")


def _leads(table: str, *columns: SchemaItem, unique: tuple[str, ...] = ()) -> None:
    name, by = "_".join(unique), "leader_id"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column(by, ID, nullable=False),
        *columns,
        sa.ForeignKeyConstraint([by], ["leaders.id"], name=f"fk_{table}_{by}_leaders", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *([sa.UniqueConstraint(*unique, name=f"uq_{table}_{name}")] if unique else []),
    )
    op.create_index(f"ix_{table}_{by}", table, [by], unique=False)


def _answers() -> None:
    _leads(
        "answers",
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_answers_answered_at", "answers", ["answered_at"], unique=False)


def _requests() -> None:
    _leads(
        "requests",
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_requests_next_at", "requests", ["next_at"], unique=False)
    _leads(
        "asks",
        sa.Column("request_id", ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=7), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_asks_request_id_requests", ondelete="CASCADE"
        ),
        unique=("request_id", "leader_id"),
    )


def _check_ins() -> None:
    _leads(
        "check_ins",
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
    )


def _buddies() -> None:
    _leads(
        "buddies",
        sa.Column("other_id", ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["leaders.id"], name="fk_buddies_other_id_leaders", ondelete="CASCADE"),
        unique=("leader_id", "other_id"),
    )
    op.create_index("ix_buddies_other_id", "buddies", ["other_id"], unique=False)
