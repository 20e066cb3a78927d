"""What a group is, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.community.groups import Group
from bot.community.quiet import is_silent
from bot.community.spans import read_spans
from bot.core.commands import Call
from bot.core.text import Markup, Words, channel_link, countries, language_name, moment

MOST_TOLD: Final = 6
"""Moments of a group's own list that are told one by one where many groups are."""


class GroupWords:
    """Tells of groups."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def line(self, group: Group, call: Call) -> Markup:
        """Tell of a group in a line of the list: its place, and what is not as it usually is."""
        place = self._words.say("groups.line", call.locale, channel=channel_link(group.channel), **_place(group, call))
        more = [self._hours(group, call)] if group.quiet_from else []
        more += self._silence(group, call)
        more += [self._moments(group, call, MOST_TOLD)] if group.moments else []
        return Markup(". ".join([place, " ".join(more)]) if more else place)

    def all_of(self, group: Group, call: Call) -> Markup:
        """Tell everything about a group."""
        place = self._words.say("groups.place", call.locale, **_place(group, call))
        lines = [place, self._hours(group, call), *self._silence(group, call), self._moments(group, call)]
        return Markup("\n".join(f"- {line}" for line in lines))

    def _hours(self, group: Group, call: Call) -> Markup:
        if group.quiet_from is None or group.quiet_to is None:
            return self._words.say("groups.quiet_none", call.locale)
        begins, ends = f"{group.quiet_from:%H:%M}", f"{group.quiet_to:%H:%M}"
        key = "groups.quiet_move" if group.quiet_moves else "groups.quiet_skip"
        return self._words.say(key, call.locale, begins=begins, ends=ends)

    def _silence(self, group: Group, call: Call) -> Sequence[Markup]:
        if not is_silent(group, call.now):
            return []
        if group.silent_until is None:
            return [self._words.say("groups.silent", call.locale)]
        until = moment(group.silent_until, call.zone, call.locale)
        return [self._words.say("groups.silent_until", call.locale, until=until)]

    def _moments(self, group: Group, call: Call, most: int | None = None) -> Markup:
        if not group.moments:
            return self._words.say("groups.moments_usual", call.locale)
        spans = read_spans(group.moments)
        told = [self._words.say(f"groups.span_{unit}", call.locale, count=count) for unit, count in spans[:most]]
        if left := len(spans) - len(told):
            told.append(self._words.say("groups.span_more", call.locale, count=left))
        return self._words.say("groups.moments_own", call.locale, moments=Markup(", ".join(told)))


def _place(group: Group, call: Call) -> dict[str, str]:
    return {
        "zone": group.zone,
        "language": language_name(group.language, call.locale),
        "country": countries(call.locale).get(group.country, group.country),
    }
