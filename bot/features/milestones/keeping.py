"""`milestone set` and `milestone edit`: what is kept, and who may see it."""

from __future__ import annotations

from dataclasses import replace

from bot.community.tools import Tools
from bot.core.commands import Answer, Call, Confirm, Open, Refusal
from bot.core.port import Button, Message, Reply
from bot.core.text import Markup
from bot.features.milestones.celebration import Celebrations
from bot.features.milestones.drawing import Drawing, line_to_be
from bot.features.milestones.forms import Edit, Set
from bot.features.milestones.model import CONSENT, Audience, Milestone, Sharing, Sort
from bot.features.milestones.own import Own
from bot.features.milestones.rules import USUAL, Run
from bot.features.milestones.store import MOST, MilestoneStore, TooManyError
from bot.features.milestones.told import OwnWords


class Keeping:
    """Handlers of `set` and `edit`."""

    def __init__(
        self,
        tools: Tools,
        store: MilestoneStore,
        celebrations: Celebrations,
        *,
        own: Own,
        told: OwnWords,
        drawing: Drawing,
    ) -> None:
        self._tools = tools
        self._words = tools.words
        self._store = store
        self._celebrations = celebrations
        self._own = own
        self._told = told
        self._drawing = drawing

    # ------------------------------------------------------------ set

    async def set(self, form: Set, call: Call) -> Answer:
        """Keep a milestone, once its owner knows what that means; say what will happen and when."""
        start = self._own.start(form.date, form.days, call)
        sharing = await self._own.sharing(Audience(form.audience), form.in_, form.show, call)
        held = await self._own.all(call)
        milestone = Milestone(
            0,
            call.member,
            (Run(1, start),),
            form.label,
            Sort(form.kind),
            sharing,
            form.hour,
            form.plain,
            agreed=next((each.agreed for each in held if each.agreed[0] >= CONSENT), (CONSENT, call.today.isoformat())),
        )
        if same := next((each for each in held if each.is_like(milestone)), None):
            return Reply(await self._already(same, call))
        if len(held) >= MOST:
            raise Refusal("milestones.too_many", count=MOST)
        if not form.agreed and not any(each.agreed[0] >= CONSENT for each in held):
            return self._explained(call)
        if not form.sure and (asked := await self._asked_about_label(milestone, call)):
            return asked
        return await self._keep(milestone, call)

    async def _keep(self, milestone: Milestone, call: Call) -> Reply:
        await self._tools.people.touch(call.member)
        planned, due = await self._celebrations.first(milestone, call.now)
        try:
            added, new = await self._store.add(planned, due)
        except TooManyError:
            raise Refusal("milestones.too_many", count=MOST) from None
        return Reply(await self._kept(added, call) if new else await self._already(added, call))

    def _explained(self, call: Call) -> Confirm:
        """Explain in four lines what is kept, who can see it, and how it goes, before anything is stored."""
        body = self._words.say("milestones.consent", call.locale)
        title = self._words.label("milestones.consent_title", call.locale)
        label = self._words.label("milestones.consent_yes", call.locale)
        return Confirm(Message(body, title), label, {"agreed": "yes"})

    async def _kept(self, milestone: Milestone, call: Call) -> Message:
        public = milestone.sharing.audience is not Audience.PRIVATE
        silenced = public and await self._tools.directory.is_silenced(call.member)
        body = self._words.say(
            "milestones.set_silenced" if silenced else f"milestones.set_{milestone.sharing.audience}",
            call.locale,
            what=self._told.named(milestone, call.locale),
            days=self._told.days(milestone.run.days(call.today), call.locale),
            channel=self._told.channel(milestone.sharing, call),
        )
        parts = [body, self._label_told(milestone, call), await self._told.next(milestone, call)]
        footer = self._told.footer([milestone], call.locale)
        return Message(
            Markup("\n\n".join(filter(None, parts))), footer=footer, buttons=self._told.kept(milestone, call.locale)
        )

    def _label_told(self, milestone: Milestone, call: Call) -> Markup:
        """Say what others will see of the label."""
        if milestone.sharing.audience is Audience.PRIVATE or not milestone.label:
            return Markup("")
        key = "milestones.label_shown" if milestone.sharing.label else "milestones.label_hidden"
        return self._words.say(key, call.locale, label=milestone.label)

    async def _already(self, milestone: Milestone, call: Call) -> Message:
        """Say that this one is kept already, for a second one would be celebrated beside it."""
        body = self._words.say("milestones.already", call.locale, line=await self._told.line(milestone, call))
        remove = Button(
            self._words.label("milestones.remove_this", call.locale),
            "milestone remove",
            {"milestone": str(milestone.id)},
        )
        return Message(body, buttons=(*self._told.kept(milestone, call.locale), remove))

    async def _asked_about_label(self, milestone: Milestone, call: Call) -> Confirm | None:
        """Ask once more before posts show a label that may say more than its owner meant."""
        if not (milestone.sharing.label and self._own.is_delicate(milestone, milestone.sharing, call)):
            return None
        planned, _ = await self._celebrations.first(milestone, call.now)
        line = line_to_be(milestone, planned.planned or USUAL[0], milestone.sharing)
        seen = self._drawing.post([line], 0, call.locale).body
        body = self._words.say("milestones.label_sure", call.locale, label=milestone.label)
        label = self._words.label("milestones.label_yes", call.locale)
        return Confirm(Message(Markup(f"{body}\n\n> {seen}")), label, {"sure": "yes"})

    # ------------------------------------------------------------ edit

    async def edit(self, form: Edit, call: Call) -> Answer:
        """Change what is given; with nothing given, open the form with what is."""
        found = await self._own.all(call)
        if form.milestone is None and len(found) > 1:
            # A form that does not show what is would change it unseen.
            return Reply(await self._told.pages(found, call))
        milestone = await self._own.one(form.milestone, call)
        names = ("audience", "in_", "show", "hour", "plain", "label", "kind")
        if all(getattr(form, name) is None for name in names):
            return Open("milestone edit", _known(milestone))
        changed = await self._changed(milestone, form, call)
        shown = (changed.label, changed.sharing) != (milestone.label, milestone.sharing)
        if shown and not form.sure and (asked := await self._asked_about_label(changed, call)):
            return asked
        await self._write(changed, call)
        title = self._told.named(changed, call.locale)
        parts = [self._words.say("milestones.edited", call.locale), await self._told.state(changed, call)]
        parts.append(self._label_told(changed, call))
        body = Markup("\n\n".join(filter(None, parts)))
        return Reply(Message(body, title, buttons=self._told.kept(changed, call.locale)))

    async def _changed(self, milestone: Milestone, form: Edit, call: Call) -> Milestone:
        before = milestone.sharing
        audience = Audience(form.audience) if form.audience else before.audience
        # Ticked for one audience, a label is not ticked for another.
        shows = (audience is before.audience and before.label) if form.show is None else form.show
        sharing = before
        if form.in_ or (audience, shows) != (before.audience, before.label):
            same_group = audience.in_group and before.audience.in_group
            channel = form.in_ or (milestone.channel if same_group else None)
            sharing = await self._own.sharing(audience, channel, shows, call)
        return replace(
            milestone,
            sharing=sharing,
            hour=milestone.hour if form.hour is None else form.hour,
            plain=milestone.plain if form.plain is None else form.plain,
            label=milestone.label if form.label is None else form.label,
            sort=Sort(form.kind) if form.kind else milestone.sort,
        )

    async def _write(self, changed: Milestone, call: Call) -> None:
        """Keep what was changed. What waits and would be seen by others than are meant now is not sent."""
        async with self._store.database.write() as unit:
            held = await self._store.hold(unit, changed.id)
            if held is None:
                raise Refusal("milestones.gone")
            after = replace(
                held,
                sharing=changed.sharing,
                hour=changed.hour,
                plain=changed.plain,
                label=changed.label,
                sort=changed.sort,
            )
            if after.sharing != held.sharing:
                # A moment that was due comes yet, before those who are meant now.
                due = await self._store.lines.drop_waiting(unit, held.id, call.now)
                after = replace(after, planned=due[0] if due else after.planned)
            else:
                await self._store.lines.relabel(unit, after, call.now)
            await self._celebrations.plan(unit, after, call.now, keep=True)


def _known(milestone: Milestone) -> dict[str, str]:
    """Return what a milestone is, as it would be typed."""
    sharing: Sharing = milestone.sharing
    known = {
        "milestone": str(milestone.id),
        "audience": sharing.audience,
        "in": f"#{sharing.channel}" if sharing.channel else "",
        "show": "yes" if sharing.label else "no",
        "hour": str(milestone.hour),
        "plain": "yes" if milestone.plain else "no",
        "label": milestone.label,
        "kind": milestone.sort,
    }
    return {name: value for name, value in known.items() if value}
