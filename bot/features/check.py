"""`check`: what the bot may do in each group, what comes next there, and what to mend in the platform's own words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import structlog

from bot.community.groups import Group
from bot.community.quiet import moved, quiet_at
from bot.community.tools import Tools
from bot.core.commands import Call, command
from bot.core.faults import where
from bot.core.feature import KEEPS_NOTHING, Feature, Trouble
from bot.core.forms import Form, Mark
from bot.core.port import Access, Button, DeliveryError, Kind, Message, Reply, Role
from bot.core.text import Markup, channel_link, moment

log = structlog.get_logger(__name__)

AT_ONCE: Final = 3
"""Groups in one answer, so that it fits a message however much is amiss."""
RUNS: Final = 3
"""Coming posts that are told for a group."""
PATIENCE: Final = 10.0
"""Seconds until a platform that says nothing counts as out of reach."""
ABILITIES: Final = ("see", "post", "thread", "attach", "pin", "look_back")
BRANDS: Final = {"discord": "Discord", "slack": "Slack"}
"""Platforms that have words of their own for what to mend, and what they are called."""


class From(Form):
    """Where to go on: how many groups were told already."""

    after: Annotated[int, Mark(Kind.NUMBER, hidden=True, lowest=0)] = 0


def lacking(access: Access, platform: str) -> Sequence[str]:
    """Return what is missing. Where one thing is the cause of the others, it alone is told."""
    missing = [name for name in ABILITIES if not getattr(access, name)]
    if "see" in missing:
        return ["see"]
    if "post" in missing and platform == "slack":  # whoever is not in the channel, or finds it archived, may do nothing
        return ["post"]
    return missing


class Checking:
    """Handler of `check`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def check(self, form: From, call: Call) -> Reply:
        """Look at some groups, tell what to mend, and let what had stopped go on where it can."""
        found = await self._tools.groups.all(call.member.community)
        if not found:
            return Reply(Message(self._words.say("check.no_groups", call.locale)))
        after = form.after if form.after < len(found) else 0
        shown = found[after : after + AT_ONCE]
        accesses = await asyncio.gather(*(self._access(group) for group in shown))
        told = [await self._told(group, access, call) for group, access in zip(shown, accesses, strict=True)]
        server = f"{call.now.astimezone(UTC):%Y-%m-%d %H:%M}"
        head = self._words.say(
            "check.clock", call.locale, server=server, yours=moment(call.now, call.zone, call.locale)
        )
        left = len(found) - after - len(shown)
        parts = [head, *told, *([self._words.say("check.left", call.locale, count=left)] if left else [])]
        title = self._words.label("check.title", call.locale)
        return Reply(Message(Markup("\n\n".join(parts)), title, buttons=self._buttons(after, left, call.locale)))

    def _buttons(self, after: int, left: int, locale: str) -> tuple[Button, ...]:
        again = Button(self._words.label("check.again", locale), "check", {"after": str(after)})
        if not left:
            return (again,)
        return again, Button(self._words.label("check.more", locale), "check", {"after": str(after + AT_ONCE)})

    async def _access(self, group: Group) -> Access | None:
        """Ask what we may do; None when the platform cannot be reached now."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._tools.platforms[group.channel.community.platform].access(group.channel)
        except (DeliveryError, TimeoutError):
            return None

    async def _told(self, group: Group, access: Access | None, call: Call) -> Markup:
        heading = self._words.say("check.group", call.locale, channel=channel_link(group.channel))
        lines = [*self._may(group, access, call)]
        lines += self._quiet(group, call)
        if access:
            await self._let_go_on(group, access)
        lines += await self._runs(group, call)
        lines += await self._trouble(group, call)
        lines.append(self._words.say("check.there", call.locale, clock=group.clock(call.now)))
        return Markup("\n".join([heading, "", *(f"- {line}" for line in lines)]))

    def _may(self, group: Group, access: Access | None, call: Call) -> Sequence[Markup]:
        """Tell what we may do, and for each thing that is missing how to mend it."""
        platform = group.channel.community.platform
        brand = BRANDS.get(platform, "")
        if access is None:
            key = "check.unreachable" if brand else "check.unreachable_other"
            return [self._words.say(key, call.locale, **({"platform": brand} if brand else {}))]
        missing = lacking(access, platform)
        if not missing:
            return [self._words.say("check.all_well", call.locale)]
        channel = channel_link(group.channel)
        fixes = [
            self._words.say(f"check.fix_{_kind(platform)}_{name}", call.locale, channel=channel) for name in missing
        ]
        can = [self._words.say(f"check.can_{name}", call.locale) for name in ABILITIES if getattr(access, name)]
        if not can:
            return fixes
        return [self._words.say("check.can", call.locale, can=Markup(", ".join(can))), *fixes]

    def _quiet(self, group: Group, call: Call) -> Sequence[Markup]:
        quiet = quiet_at(group, call.now)
        if quiet is None:
            return []
        if quiet.until is None:
            return [self._words.say("check.silent", call.locale)]
        until = moment(quiet.until, call.zone, call.locale)
        return [self._words.say("check.quiet_until", call.locale, until=until)]

    # ------------------------------------------------------------ what the features know

    async def _let_go_on(self, group: Group, access: Access) -> None:
        for feature in self._tools.house.features:
            if feature.accessible:
                try:
                    await feature.accessible(group.channel, access)
                except Exception as error:  # noqa: BLE001  one feature's accident must not hide what else is amiss
                    _missed(feature, error)

    async def _runs(self, group: Group, call: Call) -> Sequence[Markup]:
        """Tell when something is posted next; nothing where no feature plans posts."""
        coming: list[datetime] = []
        planning = [feature for feature in self._tools.house.features if feature.upcoming]
        for feature in planning:
            try:
                coming += await feature.upcoming(group.channel, call.now) if feature.upcoming else ()
            except Exception as error:  # noqa: BLE001  one feature's accident must not hide what else is amiss
                _missed(feature, error)
        if not planning:
            return []
        if not coming:
            return [self._words.say("check.nothing_next", call.locale)]
        runs = sorted(moved(group, at) for at in coming)[:RUNS]
        told = Markup("; ".join(moment(at, call.zone, call.locale) for at in runs))
        return [self._words.say("check.next", call.locale, coming=told)]

    async def _trouble(self, group: Group, call: Call) -> Sequence[Markup]:
        """Tell what did not arrive last."""
        found: list[Trouble] = []
        for feature in self._tools.house.features:
            try:
                trouble = await feature.last_failure(group.channel) if feature.last_failure else None
                found += [trouble] if trouble else []
            except Exception as error:  # noqa: BLE001  one feature's accident must not hide what else is amiss
                _missed(feature, error)
        if not found:
            return []
        last = max(found, key=lambda each: each.at)
        at = moment(last.at, call.zone, call.locale)
        return [self._words.say(f"check.trouble_{last.reason.value}", call.locale, at=at)]


def _kind(platform: str) -> str:
    return platform if platform in BRANDS else "other"


def _missed(feature: Feature, error: Exception) -> None:
    log.error("not checked", feature=feature.name, error=type(error).__name__, where=where(error))


def build(tools: Tools) -> Feature:
    """Plug in `check`."""
    return Feature(
        name="check",
        personal_data=KEEPS_NOTHING,
        commands=(command("check", From, Checking(tools).check, role=Role.ORGANISER),),
    )
