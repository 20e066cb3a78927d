"""What features share about a community."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from bot.storage.tables import Id, Instant, Sealed, id_column, metadata

communities: Final = Table(
    "communities",
    metadata,
    id_column(),
    Column("platform", String(20), nullable=False),
    Column("external_id", String(80), nullable=False),
    UniqueConstraint("platform", "external_id"),
)
"""The servers and workspaces that have used the bot."""

groups: Final = Table(
    "groups",
    metadata,
    id_column(),
    Column("community_id", Id, ForeignKey("communities.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(80), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("language", String(20), nullable=False),
    Column("country", String(2), nullable=False),
    Column("quiet_from", String(5)),
    Column("quiet_to", String(5)),
    Column("quiet_moves", Boolean, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("silent_until", Instant),
    Column("moments", String(200)),
    Column("place", Integer, nullable=False),
    UniqueConstraint("community_id", "channel"),
)
"""The channels in which support groups meet.

`quiet_from` and `quiet_to` are wall times; `quiet_moves` says whether what falls between them is sent at their end.
`silent`: a leader silenced the group, until `silent_until` or until somebody ends it. `moments`: the group's own list.
`place`: in which order groups were added, for the first one stands for its community where nothing else does.
"""

leaders: Final = Table(
    "leaders",
    metadata,
    id_column(),
    Column("community_id", Id, ForeignKey("communities.id", ondelete="CASCADE"), nullable=False),
    Column("member", Sealed, nullable=False),
    Column("member_index", Sealed, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("direct", Boolean, nullable=False),
    Column("settings", Sealed),
    Column("away_until", Instant),
    Column("written_at", Instant),
    Column("duty_at", Instant, index=True),
    Column("break_at", Instant, index=True),
    Column("check_at", Instant, index=True),
    Column("gone_at", Instant, index=True),
    Column("again", Integer, nullable=False),
    UniqueConstraint("community_id", "member_index"),
)
"""Peer leaders, those invited included. `direct`: they gave leave for direct messages.

`settings`: what they chose for themself; empty while they chose nothing. `away_until`: when the break ends that they
are on. `written_at`: when they were last written to without having asked, reminders aside. The other instants say when
to look at somebody's planned hours, breaks and check-ins: never later than there is something to do. `gone_at`: since
when they lead no more; what is kept about them is theirs to take or to erase for a while. `again`: how often they were
invited anew after that.
"""

people: Final = Table(
    "people",
    metadata,
    id_column(),
    Column("community_id", Id, ForeignKey("communities.id", ondelete="CASCADE"), nullable=False),
    Column("member", Sealed, nullable=False),
    Column("member_index", Sealed, nullable=False),
    Column("settings", Sealed, nullable=False),
    Column("note", String(60)),
    UniqueConstraint("community_id", "member_index"),
)
"""Members' own settings. `note`: the key of a sentence that waits for the next time they use the bot."""

duties: Final = Table(
    "duties",
    metadata,
    id_column(),
    Column("leader_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("ended", Boolean, nullable=False),
    Column("kind", String(7), nullable=False),
)
"""Who looks after the groups, from when until when. One that has not ended is at most one per leader.

`kind`: see `roster.Began`. One that begins later is what is left of a duty after a break.
"""

answers: Final = Table(
    "answers",
    metadata,
    id_column(),
    Column("leader_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("answered_at", Instant, nullable=False, index=True),
    Column("offered", Boolean, nullable=False),
)
"""That a leader answered a request for support, and when; not whose. `offered`: they were offered to talk it over."""

requests: Final = Table(
    "requests",
    metadata,
    id_column(),
    Column("leader_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(7), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("until", Instant),
    Column("open", Boolean, nullable=False),
    Column("next_at", Instant, index=True),
)
"""What a leader asks of other leaders. `kind`: see `requests.Wish`. `next_at`: when the next one is asked."""

asks: Final = Table(
    "asks",
    metadata,
    id_column(),
    Column("request_id", Id, ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("leader_id", Id, ForeignKey("leaders.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("asked_at", Instant, nullable=False),
    Column("answer", String(7), nullable=False),
    UniqueConstraint("request_id", "leader_id"),
)
"""Who was asked, and what they said. `answer`: see `requests.Answer`."""
