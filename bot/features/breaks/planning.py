"""A leader's own rules for breaks, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.community.leaders import Leader
from bot.community.tools import Tools
from bot.core.commands import Answer, Call, Mistake, Open, Refusal
from bot.core.port import Button, Emphasis, Message, Reply
from bot.core.text import Markup, moment, plain
from bot.features.breaks.forms import Nothing, Plan
from bot.features.breaks.own import Habits
from bot.features.breaks.reminding import Reminding

SHORTEST: Final = 5
"""Minutes on duty after which a reminder may come, where one comes at all."""
RULES: Final = "break rules"


class Planning:
    """Handlers of `break plan` and `break status`."""

    def __init__(self, tools: Tools, habits: Habits, reminding: Reminding) -> None:
        self._tools = tools
        self._words = tools.words
        self._habits = habits
        self._reminding = reminding

    async def plan(self, form: Plan, call: Call) -> Answer:
        """Change what is given; with nothing given open the form, filled in with what holds now."""
        leader = await self._habits.who(call)
        if chosen := self._chosen(form):
            return await self._keep(leader, chosen, call)
        return Open(RULES, self._known(leader))

    async def rules(self, form: Plan, call: Call) -> Answer:
        """Keep what the form holds."""
        leader = await self._habits.who(call)
        return await self._keep(leader, self._chosen(form), call)

    async def status(self, form: Nothing, call: Call) -> Reply:
        """Tell the leader where they stand."""
        del form
        leader = await self._habits.who(call)
        change = Button(self._words.label("breaks.plan_button", call.locale), "break plan")
        if end := leader.away(call.now):
            said = self._words.say("breaks.status_on_break", call.locale, until=moment(end, call.zone, call.locale))
            back = Button(self._words.label("breaks.end_button", call.locale), "break end", emphasis=Emphasis.PRIMARY)
            return Reply(Message(said, buttons=(back, change)))
        begin = Button(self._words.label("breaks.now_button", call.locale), "break now", emphasis=Emphasis.PRIMARY)
        parts = [await self._stands(leader, call), await self._coming(leader, call), self._summary(leader, call)]
        return Reply(Message(Markup("\n\n".join(parts)), buttons=(begin, change)))

    async def _stands(self, leader: Leader, call: Call) -> Markup:
        duty = await self._tools.roster.current(leader.id, call.now)
        if duty is None:
            return self._words.say("breaks.status_off_duty", call.locale)
        values = {
            "since": moment(duty.since, call.zone, call.locale),
            "until": moment(duty.until, call.zone, call.locale),
        }
        return self._words.say("breaks.status_on_duty", call.locale, **values)

    async def _coming(self, leader: Leader, call: Call) -> Markup:
        due = await self._reminding.next_of(leader, call.now)
        if due is None:
            return self._words.say("breaks.status_none", call.locale)
        return self._words.say("breaks.status_next", call.locale, next=moment(due, call.zone, call.locale))

    # ------------------------------------------------------------ rules

    def _chosen(self, form: Plan) -> Mapping[str, str | int | bool]:
        """Return what is to be kept of a form, as it is kept."""
        if form.after is not None and 0 < form.after < SHORTEST:
            raise Mistake("after", "breaks.after_short", least=SHORTEST)
        times = None if form.times is None else ", ".join(f"{each:%H:%M}" for each in form.times)
        given: Mapping[str, str | int | bool | None] = {
            "after": form.after,
            "times": times,
            "days": form.days,
            "most": form.most,
            "quiet": form.quiet,
            "support": form.support,
        }
        return {name: value for name, value in given.items() if value is not None}

    async def _keep(self, leader: Leader, chosen: Mapping[str, str | int | bool], call: Call) -> Reply:
        kept = await self._tools.leaders.choose(leader.id, call.now, **chosen)
        if kept is None:
            raise Refusal("breaks.not_a_leader")
        await self._tools.outbox.nudge()
        parts = [self._words.say("breaks.plan_kept", call.locale), self._summary(kept, call)]
        parts.append(await self._coming(kept, call))
        change = Button(self._words.label("breaks.plan_button", call.locale), "break plan")
        return Reply(Message(Markup("\n\n".join(parts)), buttons=(change,)))

    def _known(self, leader: Leader) -> Mapping[str, str]:
        """Return what holds for a leader, as the form shows it."""
        own = leader.own
        return {
            "after": str(self._habits.minutes(leader)),
            "times": own.times or "none",
            "days": str(self._habits.days(leader)),
            "most": str(self._habits.most(leader)),
            "quiet": own.quiet or "none",
            "support": "yes" if own.support else "no",
        }

    def _summary(self, leader: Leader, call: Call) -> Markup:
        """Return a leader's rules in words, a line each."""
        say, locale = self._words.say, call.locale
        most = self._habits.most(leader)
        if not most:
            return say("breaks.rule_never", locale)
        lines = [*self._reasons(leader, locale)] or [say("breaks.rule_only_asked", locale)]
        lines.append(say("breaks.rule_most", locale, count=most))
        if leader.own.quiet:
            lines.append(say("breaks.rule_quiet", locale, hours=plain(leader.own.quiet)))
        return Markup("\n".join(f"- {line}" for line in lines))

    def _reasons(self, leader: Leader, locale: str) -> Sequence[Markup]:
        say, own = self._words.say, leader.own
        minutes, days = self._habits.minutes(leader), self._habits.days(leader)
        return [
            *([say("breaks.rule_after", locale, count=minutes)] if minutes else []),
            *([say("breaks.rule_times", locale, times=plain(own.times))] if own.times else []),
            *([say("breaks.rule_days", locale, count=days)] if days else []),
            *([say("breaks.rule_support", locale)] if own.support else []),
        ]
