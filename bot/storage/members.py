"""How rows about a person are sealed and found again."""

from __future__ import annotations

from bot.core.port import Community, Member
from bot.storage.sealing import Sealing


def index_member(sealing: Sealing, table: str, member: Member) -> bytes:
    """Return what a member's rows of one table are found by. Rows of two tables cannot be seen to belong together."""
    return sealing.index(table, member.community.platform, member.community.id, member.id)


def seal_member(sealing: Sealing, table: str, row: int, member: Member) -> bytes:
    """Seal who a row is about, for its column `member`."""
    return sealing.seal_json([member.community.platform, member.community.id, member.id], f"{table}.member", row)


def open_member(sealing: Sealing, table: str, row: int, sealed: bytes) -> Member:
    """Return who a row is about."""
    platform, community, person = sealing.open_json(sealed, f"{table}.member", row)
    return Member(Community(platform, community), person)
