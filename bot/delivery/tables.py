"""What is to be posted, and what became of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from bot.storage.tables import Id, Instant, Sealed, id_column, metadata

schedules: Final = Table(
    "schedules",
    metadata,
    id_column(),
    Column("group_id", Id, ForeignKey("groups.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("what", String(80), nullable=False),
    Column("rule", String(120), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("grace_minutes", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("next_at", Instant),
    Column("creator", Sealed),
    Column("creator_index", Sealed, index=True),
    Column("made_at", Instant, nullable=False),
    Column("from_at", Instant, nullable=False),
    Column("own_text", Sealed),
    Column("until", Date),
    Column("times", Integer),
    Column("ping", String(10), nullable=False),
    Column("thread", Boolean, nullable=False),
    Column("pin", Boolean, nullable=False),
    Column("paused_until", Instant),
    Column("removed_at", Instant),
    Column("version", Integer, nullable=False),
    Column("stuck", String(40)),
    Column("stuck_since", Instant),
    Column("probe_at", Instant, index=True),
    Column("refusals", Integer, nullable=False),
    Index("ix_schedules_next_at", "next_at"),
)
"""What is posted, where and when. `next_at` is empty when nothing is to come, as in a paused one.

`from_at`: nothing that was due before is ever made up. `until` is the last local date, `times` how many posts there are
in all. `version` counts changes by leaders, so that two of them do not undo each other's unseen. `stuck` says why the
platform refuses, since when, and when we ask again; `refusals` counts posts refused in a row.
"""

occurrences: Final = Table(
    "occurrences",
    metadata,
    id_column(),
    Column("schedule_id", Id, ForeignKey("schedules.id", ondelete="CASCADE"), nullable=False),
    Column("local_date", Date, nullable=False),
    Column("slot", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(8), nullable=False, index=True),
    Column("piece", String(60)),
    Column("told", Id, index=True),
    UniqueConstraint("schedule_id", "local_date", "slot"),
)
"""One time of a schedule, named by its local date and slot.

`state`: made (a delivery tells what became of it), skipped by a leader, or missed. `piece`: what it shows, chosen once
and kept, so that every try posts the same. `told`: the message that told the leaders of a missed one.
"""

deliveries: Final = Table(
    "deliveries",
    metadata,
    id_column(),
    Column("key", String(25), nullable=False, unique=True),
    Column("post_key", String(25), nullable=False, index=True),
    Column("action", String(10), nullable=False),
    Column("feature", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", Id, nullable=False),
    Column("lane", String(80), nullable=False),
    Column("address", Sealed, nullable=False),
    Column("member_index", Sealed, index=True),
    Column("personal", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("try_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("holder", String(16)),
    Column("sending_since", Instant),
    Column("doubtful", Boolean, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("posted", Sealed),
    Column("reason", String(40)),
    Column("settled_at", Instant),
    Index("ix_deliveries_state_try_at", "state", "try_at"),
    Index("ix_deliveries_feature_subject", "feature", "subject"),
)
"""One post, edit, delete, thread or pin on its way. Private text is never here: it is composed when it is sent.

`key` names the delivery, `post_key` the post it is about. `doubtful`: an earlier try may have arrived.
`again`: wanted once more while it was on its way. `personal`: it is about a member; once settled, such a row says
neither what it was about nor when, beyond the month, so that nobody can read a member's dates from it.
"""
