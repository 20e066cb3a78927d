"""`me`: a member's own settings."""

from __future__ import annotations

from bot.community.tools import Tools
from bot.core.commands import Call, command
from bot.core.feature import Feature
from bot.core.forms import Form, Zone
from bot.core.port import Message, Reply
from bot.core.text import moment


class TimeZone(Form):
    """The zone a member lives by."""

    zone: Zone


class Me:
    """Handlers of `me`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def timezone(self, form: TimeZone, call: Call) -> Reply:
        """Keep the zone, and show what time it is there, so that a wrong one is noticed."""
        await self._tools.people.change(call.member, zone=form.zone)
        now = moment(call.now, form.zone, call.locale)
        return Reply(Message(self._tools.words.say("settings.zone_kept", call.locale, zone=form.zone, now=now)))


def build(tools: Tools) -> Feature:
    """Plug in `me`."""
    me = Me(tools)
    return Feature(
        name="settings",
        personal_data=tools.people,
        commands=(command("me timezone", TimeZone, me.timezone),),
    )
