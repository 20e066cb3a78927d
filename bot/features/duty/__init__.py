"""`duty`: a leader is looking after the group, or not."""

from __future__ import annotations

from bot.community.tools import Tools
from bot.core.commands import command
from bot.core.feature import KEEPS_NOTHING, Compose, Feature, Job, Later, Sending, Withdraw
from bot.core.port import Message, Role, Shown
from bot.features.duty.asking import ASK, NOBODY, TAKEN, Asking
from bot.features.duty.forms import FEATURE, Nothing, Off, On, Plan, To, Which
from bot.features.duty.going import STILL, Going
from bot.features.duty.handing import Handing
from bot.features.duty.overview import Overview
from bot.features.duty.planned import PLAN, Planned


def build(tools: Tools) -> Feature:
    """Plug in `duty`. What it keeps goes with the leader's row."""
    asking, planned, overview = Asking(tools), Planned(tools), Overview(tools)
    going, handing = Going(tools, asking, planned), Handing(tools, asking)
    writers: dict[str, Compose] = {
        STILL: going.still,
        ASK: asking.write_ask,
        TAKEN: asking.write_taken,
        NOBODY: asking.write_nobody,
    }

    async def compose(sending: Sending) -> Message | Withdraw | Later:
        return await writers[sending.kind](sending)

    tools.people.tell(planned.moved)
    tools.groups.tell(planned.regrouped)
    return Feature(
        name=FEATURE,
        personal_data=KEEPS_NOTHING,
        commands=(
            command("duty on", On, going.on, role=Role.LEADER),
            command("duty off", Off, going.off, role=Role.LEADER),
            command(PLAN, Plan, planned.plan, role=Role.LEADER),
            command("duty handoff", To, handing.handoff, role=Role.LEADER),
            command("duty status", Nothing, overview.status, role=Role.LEADER),
            command("duty cover", Nothing, handing.cover, role=Role.LEADER, shown=Shown.HIDDEN),
            command("duty take", Which, handing.take, role=Role.LEADER, shown=Shown.HIDDEN),
            command("duty pass", Which, handing.leave, role=Role.LEADER, shown=Shown.HIDDEN),
        ),
        jobs=(Job("duty", planned.run, planned.due), Job("handoff", asking.run, asking.due)),
        compose=compose,
        home=going.home,
    )
