"""`break`: a leader's pauses, and the reminder to take one."""

from __future__ import annotations

from bot.community.tools import Tools
from bot.core.commands import command
from bot.core.feature import Feature, Job, Sending, Withdraw
from bot.core.port import Message, Posted, Role, Shown
from bot.features.breaks.forms import Minutes, Nothing, Pause, Plan
from bot.features.breaks.own import FEATURE, BreakSettings, Habits
from bot.features.breaks.planning import RULES, Planning
from bot.features.breaks.reminding import Reminding
from bot.features.breaks.resting import END, BreakContent, Resting
from bot.features.breaks.store import BreakStore

CONTENT = BreakContent
SETTINGS = BreakSettings


def build(tools: Tools) -> Feature:
    """Plug in `break`."""
    store = BreakStore(tools.database, tools.leaders)
    habits = Habits(tools, store)
    reminding, resting = Reminding(tools, store, habits), Resting(tools, store, habits)
    planning = Planning(tools, habits, reminding)

    async def compose(sending: Sending) -> Message | Withdraw:
        """Write a reminder, or the end of a break."""
        return await (resting if sending.kind == END else reminding).compose(sending)

    async def sent(sending: Sending, posted: Posted) -> None:
        """Hear of a reminder that has arrived."""
        if sending.kind != END:
            await reminding.sent(sending, posted)

    return Feature(
        name=FEATURE,
        personal_data=store,
        commands=(
            command("break now", Pause, resting.now, role=Role.LEADER),
            command("break later", Minutes, reminding.later, role=Role.LEADER),
            command("break plan", Plan, planning.plan, role=Role.LEADER),
            command("break skip", Nothing, reminding.skip, role=Role.LEADER),
            command("break end", Nothing, resting.end, role=Role.LEADER),
            command("break status", Nothing, planning.status, role=Role.LEADER),
            command("break words", Nothing, resting.words, role=Role.LEADER),
            command("break already", Nothing, reminding.already, role=Role.LEADER, shown=Shown.HIDDEN),
            command("break practice", Nothing, resting.meanwhile, role=Role.LEADER, shown=Shown.HIDDEN),
            command(RULES, Plan, planning.rules, role=Role.LEADER, shown=Shown.HIDDEN),
        ),
        jobs=(Job("remind", reminding.remind, reminding.wanted),),
        compose=compose,
        sent=sent,
    )
