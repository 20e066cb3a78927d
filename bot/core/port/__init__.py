"""The words that every layer shares, and the protocols that join them.

Imports nothing of ours. Platforms speak these words inwards (`Core`) and understand them outwards (`Platform`).
"""

from __future__ import annotations

from bot.core.port.asking import (
    ADDRESSED,
    FILLED,
    HELD,
    TEXT,
    TYPED,
    Ask,
    Choice,
    CommunityGone,
    Entry,
    Event,
    Field,
    Invocation,
    Kind,
    MemberGone,
    Reply,
    Response,
    Shown,
    Unreadable,
    Update,
)
from bot.core.port.messages import Button, Emphasis, File, Message, Picture, Ping
from bot.core.port.metering import Allowance, Meter, Permit
from bot.core.port.outcomes import (
    Access,
    CannotLookError,
    CannotStartError,
    DeliveryError,
    Outcome,
    Posted,
    Profile,
    Reason,
)
from bot.core.port.people import Actor, Address, Channel, Community, Member, ReplyTo, Role, Thread, community_of
from bot.core.port.protocols import Clock, Core, Platform

__all__ = [
    "ADDRESSED",
    "FILLED",
    "HELD",
    "TEXT",
    "TYPED",
    "Access",
    "Actor",
    "Address",
    "Allowance",
    "Ask",
    "Button",
    "CannotLookError",
    "CannotStartError",
    "Channel",
    "Choice",
    "Clock",
    "Community",
    "CommunityGone",
    "Core",
    "DeliveryError",
    "Emphasis",
    "Entry",
    "Event",
    "Field",
    "File",
    "Invocation",
    "Kind",
    "Member",
    "MemberGone",
    "Message",
    "Meter",
    "Outcome",
    "Permit",
    "Picture",
    "Ping",
    "Platform",
    "Posted",
    "Profile",
    "Reason",
    "Reply",
    "ReplyTo",
    "Response",
    "Role",
    "Shown",
    "Thread",
    "Unreadable",
    "Update",
    "community_of",
]
