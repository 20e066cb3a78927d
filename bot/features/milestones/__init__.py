"""`milestone`: a member's own date, celebrated as they wish. Private unless they choose otherwise."""

from __future__ import annotations

from bot.community.tools import Tools
from bot.core.commands import Command, command
from bot.core.feature import Feature, Job
from bot.core.port import Shown
from bot.features.milestones.announcing import Announcements
from bot.features.milestones.celebration import Celebrations
from bot.features.milestones.changing import Changing
from bot.features.milestones.drawing import Drawing
from bot.features.milestones.forms import (
    All,
    Celebrated,
    Cheered,
    Correct,
    Edit,
    Remove,
    Restart,
    Run,
    Set,
    Share,
    Which,
)
from bot.features.milestones.keeping import Keeping
from bot.features.milestones.own import Own
from bot.features.milestones.posts import Posts
from bot.features.milestones.sharing import SharingNow
from bot.features.milestones.store import MilestoneStore
from bot.features.milestones.tables import FEATURE
from bot.features.milestones.texts import MilestoneContent
from bot.features.milestones.told import OwnWords

CONTENT = MilestoneContent


def build(tools: Tools) -> Feature:
    """Plug in `milestone`."""
    posts = Posts(tools.sealing, tools.outbox, tools.leaders)
    store = MilestoneStore(tools.database, tools.sealing, tools.outbox, posts, tools.clock)
    celebrations = Celebrations(tools, store)
    drawing = Drawing(tools.words, tools.library)
    own = Own(tools, store)
    told = OwnWords(tools, store, celebrations, drawing)
    announcements = Announcements(tools, store, celebrations, drawing)
    changing = Changing(tools, store, celebrations, own=own, told=told)
    tools.people.tell(celebrations.moved)
    tools.groups.tell(celebrations.regrouped)
    return Feature(
        name=FEATURE,
        personal_data=store,
        commands=(
            *_keeping(Keeping(tools, store, celebrations, own=own, told=told, drawing=drawing), own),
            *_changing(changing, own),
            *_sharing(SharingNow(tools, store, celebrations, own=own, told=told, drawing=drawing), own),
        ),
        jobs=(Job("celebrate", celebrations.run, celebrations.due),),
        compose=announcements.compose,
        sent=announcements.sent,
        failed=announcements.failed,
        unheard=announcements.unheard,
        followed=announcements.followed,
        home=changing.home,
    )


def _keeping(keeping: Keeping, own: Own) -> tuple[Command, ...]:
    mine = {"milestone": own.suggest}
    return (
        command("milestone set", Set, keeping.set),
        command("milestone edit", Edit, keeping.edit, suggest=mine),
    )


def _changing(changing: Changing, own: Own) -> tuple[Command, ...]:
    mine = {"milestone": own.suggest}
    return (
        command("milestone show", Which, changing.show, suggest=mine),
        command("milestone pause", Which, changing.pause, suggest=mine),
        command("milestone resume", Which, changing.resume, suggest=mine),
        command("milestone restart", Restart, changing.restart, suggest=mine),
        command("milestone correct", Correct, changing.correct, suggest=mine),
        command("milestone history", Which, changing.history, suggest=mine),
        command("milestone forget", Run, changing.forget, shown=Shown.HIDDEN),
        command("milestone remove", Remove, changing.remove, suggest=mine),
        command("milestone erase", All, changing.remove_all, shown=Shown.HIDDEN),
    )


def _sharing(sharing: SharingNow, own: Own) -> tuple[Command, ...]:
    return (
        command("milestone share", Share, sharing.share, suggest={"milestone": own.suggest}),
        command("milestone takedown", Celebrated, sharing.take_down, shown=Shown.HIDDEN),
        command("milestone cheer", Cheered, sharing.cheer, shown=Shown.HIDDEN),
        command("milestone cheers", Celebrated, sharing.cheers, shown=Shown.HIDDEN),
    )
