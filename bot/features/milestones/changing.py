"""`milestone show`, `pause`, `resume`, `restart`, `correct`, `history`, `remove`: of one's own rows, and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from bot.community.tools import Tools
from bot.core.commands import Answer, Call, Mistake, Open, Refusal
from bot.core.feature import HomePart
from bot.core.port import Button, Emphasis, Message, Reply, Response, Update
from bot.core.text import Markup
from bot.features.milestones import rules
from bot.features.milestones.celebration import Celebrations
from bot.features.milestones.forms import All, Correct, Remove, Restart, Run, Which
from bot.features.milestones.model import Milestone, Sort, State
from bot.features.milestones.own import Own
from bot.features.milestones.rules import corrected, restarted, start_problem, without
from bot.features.milestones.store import MilestoneStore
from bot.features.milestones.told import OwnWords

HOME_ORDER = 30
MOST_AT_HOME = 3


class Changing:
    """Handlers of what an owner does with what they keep."""

    def __init__(
        self, tools: Tools, store: MilestoneStore, celebrations: Celebrations, *, own: Own, told: OwnWords
    ) -> None:
        self._words = tools.words
        self._store = store
        self._celebrations = celebrations
        self._own = own
        self._told = told

    # ------------------------------------------------------------ looking

    async def show(self, form: Which, call: Call) -> Reply:
        """Show a milestone with all that can be done, or the person's milestones."""
        found = await self._own.all(call)
        if not found:
            return Reply(self._none(call.locale))
        if form.milestone is None and len(found) > 1:
            return Reply(await self._told.pages(found, call))
        return Reply(await self._told.page(await self._own.one(form.milestone, call), call))

    async def home(self, call: Call) -> HomePart | None:
        """Show the person's own milestones, the first of them with a door."""
        shown = (await self.show(Which(), call)).message
        found = await self._own.all(call)
        if not found:
            return HomePart(HOME_ORDER, Message(shown.body, shown.title, buttons=shown.buttons))
        lines = [f"- {await self._told.line(each, call)}" for each in found]
        doors = tuple(
            Button(self._told.named(each, call.locale), "milestone show", {"milestone": str(each.id)})
            for each in found[:MOST_AT_HOME]
        )
        title = self._words.label("milestones.title", call.locale)
        return HomePart(HOME_ORDER, Message(Markup("\n".join(lines)), title, buttons=doors))

    def _none(self, locale: str) -> Message:
        label = self._words.label("milestones.set_button", locale)
        button = Button(label, "milestone set", {}, Emphasis.PRIMARY)
        title = self._words.label("milestones.title", locale)
        return Message(self._words.say("milestones.none", locale), title, buttons=(button,))

    async def history(self, form: Which, call: Call) -> Reply:
        """Show every run, and every celebration that others can see."""
        return Reply(await self._told.history(await self._own.one(form.milestone, call), call))

    # ------------------------------------------------------------ pausing

    async def pause(self, form: Which, call: Call) -> Response:
        """Be silent about a milestone. What waits to be sent is not sent."""
        return await self._go(form, call, paused=True)

    async def resume(self, form: Which, call: Call) -> Response:
        """Go on with what is still to come."""
        return await self._go(form, call, paused=False)

    async def _go(self, form: Which, call: Call, *, paused: bool) -> Response:
        milestone = await self._own.one(form.milestone, call)

        def change(held: Milestone) -> Milestone:
            return replace(held, paused=paused)

        after = await self._change(milestone, change, call, silent=paused) if milestone.paused != paused else milestone
        key = "milestones.paused" if paused else "milestones.resumed"
        return Update(await self._answer(key, after, call))

    # ------------------------------------------------------------ beginning again, and mistakes

    async def restart(self, form: Restart, call: Call) -> Answer:
        """Begin again: silently, with everything that was kept, and before nobody else's eyes."""
        milestone = await self._own.one(form.milestone, call)
        if form.from_ is None:
            return Open("milestone restart", {"milestone": str(milestone.id), "from": "today"})
        start = form.from_
        if problem := start_problem(start, call.today):
            raise Mistake("from", problem)
        if start < milestone.start:
            raise Mistake("from", "milestones.restart_before", date=self._told.day(milestone.start, call.locale))

        def change(held: Milestone) -> Milestone:
            # Pressed twice, it is one beginning.
            if held.start == start:
                return held.private()
            made = held.made + 1
            return replace(held.private(), runs=restarted(held.runs, start, made), made=made)

        after = await self._change(milestone, change, call, silent=True, field="from")
        return Reply(await self._begun_again(after, call))

    async def _begun_again(self, milestone: Milestone, call: Call) -> Message:
        parts = [
            self._words.say("milestones.restarted", call.locale, tally=self._told.tally(milestone, call)),
            self._words.say("milestones.restarted_private", call.locale),
            await self._told.next(milestone, call),
        ]
        if await self._is_seen(milestone):
            parts.append(self._words.say("milestones.restarted_standing", call.locale))
        if milestone.sort is Sort.RECOVERY:
            parts.append(self._words.say("milestones.restarted_safety", call.locale))
        buttons = self._told.kept(milestone, call.locale)
        if len(milestone.runs) > 1:
            label = self._words.label("milestones.restart_undo", call.locale)
            which = {"of": str(milestone.id), "run": str(milestone.run.id)}
            buttons = (*buttons, Button(label, "milestone forget", which))
        title = self._words.label("milestones.restarted_title", call.locale)
        return Message(Markup("\n\n".join(parts)), title, buttons=buttons)

    async def correct(self, form: Correct, call: Call) -> Answer:
        """Mend a wrong date. That is no beginning again, and what was celebrated is not repeated."""
        milestone = await self._own.one(form.milestone, call)
        if form.date is None and form.days is None:
            known = {"milestone": str(milestone.id), "date": milestone.start.isoformat()}
            return Open("milestone correct", known)
        start = self._own.start(form.date, form.days, call)

        def change(held: Milestone) -> Milestone:
            return replace(held, runs=corrected(held.runs, start)) if held.start != start else held

        after = milestone
        if milestone.start != start:
            after = await self._change(milestone, change, call, silent=True, field="date")
        said = self._words.say(
            "milestones.corrected",
            call.locale,
            date=self._told.day(after.start, call.locale),
            days=self._told.days(after.run.days(call.today), call.locale),
        )
        return Reply(await self._with(said, after, call))

    async def forget(self, form: Run, call: Call) -> Response:
        """Forget a run, after asking once. Without the current one, the one before goes on."""
        milestone = await self._own.one(form.of, call)
        run = next((each for each in milestone.runs if each.id == form.run), None)
        if run is None or len(milestone.runs) == 1:
            raise Refusal("milestones.run_gone")
        self._left(milestone, form.run)
        if not form.sure:
            return Reply(self._asked_to_forget(milestone, run.id, run.start, call))
        async with self._store.database.write() as unit:
            held = await self._store.hold(unit, milestone.id)
            if held is None or len(held.runs) == 1 or run.id not in {each.id for each in held.runs}:
                raise Refusal("milestones.run_gone")
            runs = self._left(held, run.id)
            gone = [each for each in await self._store.lines.of(unit, held.id) if each.run == run.id]
            await self._store.lines.remove(unit, gone, call.now, down=True)
            after = replace(held, runs=runs)
            await self._celebrations.plan(unit, after, call.now, keep=held.run.id == after.run.id)
        return Update(await self._told.history(after, call))

    def _left(self, milestone: Milestone, run: int) -> tuple[rules.Run, ...]:
        """Return the runs without one. Raises `Refusal` where none could go on in its place."""
        try:
            return without(milestone.runs, run)
        except ValueError:
            raise Refusal("milestones.run_apart") from None

    def _asked_to_forget(self, milestone: Milestone, run: int, start: date, call: Call) -> Message:
        key = "milestones.forget_now" if run == milestone.run.id else "milestones.forget_earlier"
        body = self._words.say(key, call.locale, start=self._told.day(start, call.locale))
        which = {"of": str(milestone.id), "run": str(run), "sure": "yes"}
        yes = Button(
            self._words.label("milestones.forget_yes", call.locale), "milestone forget", which, Emphasis.DANGER
        )
        keep = Button(
            self._words.label("milestones.keep", call.locale), "milestone history", {"milestone": str(milestone.id)}
        )
        return Message(body, buttons=(yes, keep))

    # ------------------------------------------------------------ removing

    async def remove(self, form: Remove, call: Call) -> Response:
        """Remove a milestone, after asking once. What others can see of it stays or comes down, as its owner says."""
        milestone = await self._own.one(form.milestone, call)
        what = self._told.named(milestone, call.locale)
        if form.sure:
            await self._store.remove(milestone, call.now, down=False)
            return Update(Message(self._words.say("milestones.removed", call.locale, what=what)))
        standing = await self._is_seen(milestone)
        yes = {"milestone": str(milestone.id), "sure": "yes"}
        buttons = [
            Button(self._words.label("milestones.remove_yes", call.locale), "milestone remove", yes, Emphasis.DANGER)
        ]
        said = [self._words.say("milestones.remove_sure", call.locale, what=what)]
        if standing:
            label = self._words.label("milestones.remove_down", call.locale)
            buttons.append(Button(label, "milestone erase", {"of": str(milestone.id)}, Emphasis.DANGER))
            said.append(self._words.say("milestones.remove_standing", call.locale))
        buttons.append(Button(self._words.label("milestones.keep", call.locale), "milestone show"))
        return Reply(Message(Markup("\n\n".join(said)), buttons=tuple(buttons)))

    async def remove_all(self, form: All, call: Call) -> Response:
        """Remove a milestone, and take down what others can see of it."""
        milestone = await self._own.one(form.of, call)
        what = self._told.named(milestone, call.locale)
        await self._store.remove(milestone, call.now, down=True)
        return Update(Message(self._words.say("milestones.removed_down", call.locale, what=what)))

    # ------------------------------------------------------------ how it is done

    async def _is_seen(self, milestone: Milestone) -> bool:
        """Return whether others can see a celebration of it."""
        return any(each.state is State.UP and each.post for each in await self._store.celebrations(milestone.id))

    async def _change(
        self,
        milestone: Milestone,
        change: Callable[[Milestone], Milestone],
        call: Call,
        *,
        silent: bool,
        field: str = "",
    ) -> Milestone:
        """Change a milestone and plan it anew. `silent`: in the same transaction, what waits is not sent any more.

        Raises `Mistake` for a field where the change does not fit its history.
        """
        async with self._store.database.write() as unit:
            held = await self._store.hold(unit, milestone.id)
            if held is None:
                raise Refusal("milestones.gone")
            try:
                after = change(held)
            except ValueError:
                raise Mistake(field, "milestones.date_in_history") from None
            if silent:
                await self._store.lines.drop_waiting(unit, held.id, call.now)
            await self._celebrations.plan(unit, after, call.now)
        return after

    async def _answer(self, key: str, milestone: Milestone, call: Call) -> Message:
        what = self._told.named(milestone, call.locale)
        return await self._with(self._words.say(key, call.locale, what=what), milestone, call)

    async def _with(self, said: Markup, milestone: Milestone, call: Call) -> Message:
        body = Markup(f"{said}\n\n{await self._told.state(milestone, call)}")
        return Message(body, buttons=self._told.kept(milestone, call.locale))
