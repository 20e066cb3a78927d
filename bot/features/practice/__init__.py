"""`practice`: exercises in listening, alone or as posts of a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final, get_args

from bot.community.tools import Tools
from bot.core.commands import Call, Refusal, command
from bot.core.feature import KEEPS_NOTHING, Feature, HomePart, PostKind, Turn
from bot.core.forms import Form, Mark
from bot.core.port import Button, Choice, Emphasis, Kind, Message, Reply, Response, Shown
from bot.core.text import Markup, plain
from bot.features.practice.exercises import Exercise, ExerciseForm, PracticeContent, Skill
from bot.features.practice.rules import nth, some_other

FEATURE: Final = "practice"
CONTENT = PracticeContent
SKILLS: Final[Sequence[Skill]] = get_args(Skill)
LONGEST_REFLECTION: Final = 1500


class Practise(Form):
    """Which skill, or any."""

    skill: Annotated[Skill, Mark(Kind.CHOICE)] | None = None


class Chosen(Form):
    """An exercise by its id in the content."""

    exercise: Annotated[str, Mark(Kind.TEXT, hidden=True)]


class Reflection(Chosen):
    """What a member wrote. Read once, never kept."""

    reflection: Annotated[str, Mark(Kind.PARAGRAPH, personal=True, longest=LONGEST_REFLECTION)]


class Practice:
    """Handlers of `practice` and of the buttons of exercises."""

    def __init__(self, tools: Tools) -> None:
        self._words = tools.words
        self._library = tools.library

    async def practise(self, form: Practise, call: Call) -> Reply:
        """Give a private exercise."""
        pool = [each for each in self._all(call.locale) if form.skill is None or each.skill == form.skill]
        alone = [each for each in pool if each.form is not ExerciseForm.TALK]
        seed = f"{call.member.id}:{call.now.isoformat()}"
        chosen = nth(alone or pool, seed, 0)
        return Reply(self._card(chosen, call.locale, private=True))

    async def another(self, form: Chosen, call: Call) -> Reply:
        """Give another exercise of the same skill."""
        before = self._find(form.exercise, call.locale)
        pool = [each for each in self._all(call.locale) if each.skill == before.skill]
        chosen = some_other(pool, before.id)
        return Reply(self._card(chosen, call.locale, private=True))

    async def answer(self, form: Reflection, call: Call) -> Reply:
        """Answer a reflection with what to look for, one example and why it helps. Nothing of it is kept."""
        exercise = self._find(form.exercise, call.locale)
        written = Markup("> " + plain(form.reflection).replace("\n", "\n> "))
        body = self._words.say("practice.answer", call.locale, written=written, **_parts(exercise))
        title = self._words.label("practice.answer_title", call.locale)
        return Reply(Message(body, title, buttons=(self._another(exercise, call.locale),)))

    async def look(self, form: Chosen, call: Call) -> Response:
        """Show what to look for without anything having been written."""
        exercise = self._find(form.exercise, call.locale)
        body = self._words.say("practice.look", call.locale, **_parts(exercise))
        return Reply(Message(body, exercise.title, buttons=(self._another(exercise, call.locale),)))

    async def home(self, call: Call) -> HomePart | None:
        """Offer an exercise."""
        button = Button(self._words.label("practice.begin", call.locale), "practice", emphasis=Emphasis.PRIMARY)
        return HomePart(10, Message(self._words.say("practice.home", call.locale), buttons=(button,)))

    # ------------------------------------------------------------ posts

    def choices(self, locale: str) -> Sequence[Choice]:
        """Return the skills, which a schedule may post."""
        return [Choice(self._words.label(f"practice.skill_{skill}", locale), skill) for skill in SKILLS]

    def post(self, what: str, turn: Turn) -> Message:
        """Draw the exercise of a turn: every one of the skill once, in an order of the group's own, then anew."""
        pool = [each for each in self._all(turn.locale) if each.skill == what]
        return self._card(nth(pool, f"{turn.group}:{what}", turn.number), turn.locale, private=False)

    # ------------------------------------------------------------ cards

    def _card(self, exercise: Exercise, locale: str, *, private: bool) -> Message:
        parts = [Markup("> " + plain(exercise.vignette).replace("\n", "\n> "))] if exercise.vignette else []
        parts.append(plain(exercise.task))
        skill = self._words.label(f"practice.skill_{exercise.skill}", locale)
        where = "alone" if private else "posted"
        footer = self._words.say(f"practice.footer_{where}_{exercise.form}", locale)
        about = self._words.say(f"practice.about_{exercise.form}", locale, skill=skill, count=exercise.minutes)
        return Message(
            Markup("\n\n".join([about, *parts])),
            exercise.title,
            footer,
            (*self._answers(exercise, locale), *((self._another(exercise, locale),) if private else ())),
        )

    def _answers(self, exercise: Exercise, locale: str) -> tuple[Button, ...]:
        arguments = {"exercise": exercise.id}
        write = Button(self._words.label("practice.write", locale), "exercise answer", arguments, Emphasis.PRIMARY)
        look = Button(self._words.label("practice.look_button", locale), "exercise look", arguments)
        return (write,) if exercise.form is ExerciseForm.REFLECT else (replace(look, emphasis=Emphasis.PRIMARY),)

    def _another(self, exercise: Exercise, locale: str) -> Button:
        return Button(self._words.label("practice.another", locale), "exercise another", {"exercise": exercise.id})

    def _all(self, locale: str) -> Sequence[Exercise]:
        return self._library.of(FEATURE, PracticeContent, locale).exercises

    def _find(self, exercise: str, locale: str) -> Exercise:
        for each in self._all(locale):
            if each.id == exercise:
                return each
        raise Refusal("practice.gone")


def _parts(exercise: Exercise) -> dict[str, str]:
    return {"look_for": exercise.look_for, "example": exercise.example, "why": exercise.why}


def build(tools: Tools) -> Feature:
    """Plug in `practice`. Nothing that a member writes here is kept."""
    practice = Practice(tools)
    return Feature(
        name=FEATURE,
        personal_data=KEEPS_NOTHING,
        commands=(
            command("practice", Practise, practice.practise),
            command("exercise answer", Reflection, practice.answer, shown=Shown.HIDDEN),
            command("exercise look", Chosen, practice.look, shown=Shown.HIDDEN),
            command("exercise another", Chosen, practice.another, shown=Shown.HIDDEN),
        ),
        posts=(PostKind(practice.choices, practice.post),),
        home=practice.home,
    )
