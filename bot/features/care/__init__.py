"""`care`: what a leader carries, seen by them alone; a buddy, somebody to talk to, and supervision."""

from __future__ import annotations

from collections.abc import Mapping

from bot.community.tools import Tools
from bot.core.commands import command
from bot.core.feature import Compose, Feature, Job, Later, Sending, Withdraw
from bot.core.port import Message, Posted, Role, Shown
from bot.features.care import buddies, check_ins, debrief, offers
from bot.features.care.buddies import Buddies
from bot.features.care.check_ins import CheckIns
from bot.features.care.debrief import Debrief
from bot.features.care.desk import FEATURE, Desk
from bot.features.care.offers import Offers
from bot.features.care.pairs import Pairs
from bot.features.care.status import Nothing, Status
from bot.features.care.store import CareData, CheckInStore
from bot.features.care.supervision import CareContent, Supervision

CONTENT = CareContent


class Letters:
    """Has every letter written by the part of `care` that it comes from."""

    def __init__(self, desk: Desk, asking: CheckIns, pairing: Buddies, talking: Debrief, offering: Offers) -> None:
        self._desk = desk
        self._writers: Mapping[str, Compose] = {
            check_ins.CHECK_IN: asking.compose,
            offers.OFFER: offering.compose,
            **dict.fromkeys((debrief.ASKED, debrief.FOUND, debrief.NOBODY), talking.compose),
            **dict.fromkeys(
                (buddies.ASK, buddies.AGREED, buddies.DECLINED, buddies.WORD, buddies.WORD_BACK), pairing.compose
            ),
        }

    async def compose(self, sending: Sending) -> Message | Withdraw | Later:
        """Write a letter as things stand now."""
        return await self._writers[sending.kind](sending)

    async def sent(self, sending: Sending, posted: Posted) -> None:
        """Count what nobody asked for on the day on which it arrived."""
        del posted
        if sending.kind in {check_ins.CHECK_IN, offers.OFFER}:
            await self._desk.wrote(sending.subject, sending.now)


def build(tools: Tools) -> Feature:
    """Plug in `care`."""
    desk, pairs = Desk(tools), Pairs(tools.leaders)
    answers = CheckInStore(tools.database, tools.sealing, tools.leaders)
    asking, pairing, offering = CheckIns(desk, answers), Buddies(desk, pairs), Offers(desk)
    talking = Debrief(desk, pairing)
    standing = Status(desk, asking, pairing)
    tools.leaders.left(pairs.leave)
    tools.people.tell(asking.moved)
    tools.groups.tell(asking.regrouped)
    letters = Letters(desk, asking, pairing, talking, offering)
    leader, hidden = Role.LEADER, Shown.HIDDEN
    return Feature(
        name=FEATURE,
        personal_data=CareData(tools.database, tools.leaders, answers, pairs),
        commands=(
            command("care check-in", check_ins.Rhythm, asking.check_in, role=leader),
            command("care answer", check_ins.Answered, asking.answer, role=leader, shown=hidden),
            command("care rhythm", check_ins.Nothing, asking.rhythm, role=leader, shown=hidden),
            command("care buddy", buddies.Buddy, pairing.buddy, role=leader),
            command("care find", buddies.Nothing, pairing.find, role=leader, shown=hidden),
            command("care agree", buddies.Which, pairing.agree, role=leader, shown=hidden),
            command("care decline", buddies.Which, pairing.decline, role=leader, shown=hidden),
            command("care word", buddies.Which, pairing.word, role=leader, shown=hidden),
            command("care part", buddies.Part, pairing.part, role=leader, shown=hidden),
            command("care debrief", debrief.Nothing, talking.debrief, role=leader),
            command("care ask", debrief.Whom, talking.ask, role=leader, shown=hidden),
            command("care cancel", debrief.Nothing, talking.cancel, role=leader, shown=hidden),
            command("care listen", debrief.Which, talking.listen, role=leader, shown=hidden),
            command("care pass", debrief.Which, talking.decline, role=leader, shown=hidden),
            command("care status", Nothing, standing.status, role=leader),
        ),
        jobs=(
            Job("check-ins", asking.ask, asking.due),
            Job("debriefs", talking.go_on, talking.due),
            Job("offers", offering.offer, offering.due),
        ),
        posts=(Supervision(tools.words, tools.library),),
        compose=letters.compose,
        sent=letters.sent,
    )
