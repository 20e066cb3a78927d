"""`practice`: exercises in listening, alone or as posts of a schedule; the groups' own, and members' suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, get_args

from bot.community.tools import Tools
from bot.core.commands import Call, Refusal, command
from bot.core.feature import Feature, HomePart, Turn
from bot.core.forms import Form, Mark
from bot.core.port import Button, Choice, Community, Emphasis, Kind, Message, Reply, Response, Role, Shown
from bot.core.text import Markup
from bot.features.practice.bank import Add, Bank, Import, Some, Which
from bot.features.practice.cards import Cards
from bot.features.practice.exercises import Exercise, ExerciseForm, Piece, PracticeContent, Skill
from bot.features.practice.places import Places
from bot.features.practice.rules import next_of, some_other
from bot.features.practice.store import BankStore
from bot.features.practice.suggestions import After, Suggest, Suggestions
from bot.features.practice.suggestions import Chosen as Suggested

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
    """Handlers of `practice` and of the buttons of exercises. Offers exercises as posts."""

    def __init__(self, tools: Tools, store: BankStore, cards: Cards, suggestions: Suggestions) -> None:
        self._words = tools.words
        self._library = tools.library
        self._groups = tools.groups
        self._store = store
        self._cards = cards
        self._suggestions = suggestions

    async def practise(self, form: Practise, call: Call) -> Reply:
        """Give a private exercise."""
        pool = [each for each in self._all(call.locale) if form.skill is None or each.skill == form.skill]
        alone = [each for each in pool if each.form is not ExerciseForm.TALK]
        chosen = next_of([each.id for each in alone or pool], (), f"{call.member.id}:{call.now.isoformat()}")
        return Reply(self._cards.alone(await self._find(chosen, call), call.locale))

    async def another(self, form: Chosen, call: Call) -> Reply:
        """Give another exercise of the same skill."""
        before = await self._find(form.exercise, call)
        pool = [each for each in self._all(call.locale) if each.skill == before.skill]
        return Reply(self._cards.alone(some_other(pool, before.id), call.locale))

    async def answer(self, form: Reflection, call: Call) -> Reply:
        """Answer a reflection with what to look for, one example and why it helps. Nothing of it is kept."""
        return Reply(self._cards.answer(await self._find(form.exercise, call), form.reflection, call.locale))

    async def look(self, form: Chosen, call: Call) -> Response:
        """Show what to look for without anything having been written."""
        return Reply(self._cards.look(await self._find(form.exercise, call), call.locale))

    async def home(self, call: Call) -> HomePart | None:
        """Offer an exercise, and tell leaders of suggestions that wait."""
        parts = [self._words.say("practice.home", call.locale)]
        buttons = (Button(self._words.label("practice.begin", call.locale), "practice", emphasis=Emphasis.PRIMARY),)
        if call.role >= Role.LEADER and (waiting := await self._suggestions.count(call)):
            parts.append(self._words.say("practice.waiting", call.locale, count=waiting))
            buttons += (Button(self._words.label("practice.review_button", call.locale), "bank review"),)
        return HomePart(10, Message(Markup("\n\n".join(parts)), buttons=buttons))

    # ------------------------------------------------------------ posts

    async def choices(self, community: Community, locale: str) -> Sequence[Choice]:
        """Return the skills first, then every exercise by its title, then those of the community's groups."""
        skills = [Choice(self._words.label(f"practice.skill_{skill}", locale), skill) for skill in SKILLS]
        shipped = [Choice(exercise.title, exercise.id) for exercise in self._all(locale)]
        own = await self._store.of([group.id for group in await self._groups.all(community)])
        return [*skills, *shipped, *(Choice(kept.piece.title, kept.piece.id) for kept in own)]

    async def label(self, what: str, group: int, locale: str) -> str | None:
        """Return the name of a skill, or the title of an exercise that everybody or this very group has."""
        if what in SKILLS:
            return self._words.label(f"practice.skill_{what}", locale)
        found = await self._in_group(what, group, locale)
        return found.title if found else None

    async def pick(self, what: str, turn: Turn) -> str:
        """Return the exercise of a turn: every one of the skill once, in an order of the group's own, then anew."""
        if await self._in_group(what, turn.group, turn.locale):
            return what
        pool = [each.id for each in self._all(turn.locale) if each.skill == what]
        pool += await self._store.pool(turn.group, what)
        return next_of(pool, turn.used, f"{turn.name}:{what}")

    async def draw(self, piece: str, turn: Turn) -> Message:
        """Draw an exercise as a post."""
        found = await self._in_group(piece, turn.group, turn.locale)
        if found is None:
            raise LookupError(piece)
        return self._cards.posted(found, turn.locale)

    # ------------------------------------------------------------

    def _all(self, locale: str) -> Sequence[Exercise]:
        return self._library.of(FEATURE, PracticeContent, locale).exercises

    def _shipped(self, exercise: str, locale: str) -> Exercise | None:
        return next((each for each in self._all(locale) if each.id == exercise), None)

    async def _in_group(self, exercise: str, group: int, locale: str) -> Piece | None:
        """Return an exercise of the content, or of the bank of one group."""
        if found := self._shipped(exercise, locale):
            return found
        kept = await self._store.named(exercise)
        return kept.piece if kept and kept.group == group else None

    async def _find(self, exercise: str, call: Call) -> Piece:
        """Return an exercise of the content, or of a bank in the community of whoever asks."""
        if found := self._shipped(exercise, call.locale):
            return found
        kept = await self._store.named(exercise)
        group = await self._groups.get(kept.group) if kept else None
        if kept and group and group.channel.community == call.member.community:
            return kept.piece
        raise Refusal("practice.gone")


def build(tools: Tools) -> Feature:
    """Plug in `practice`. Of what members write it keeps only what they hand in as a suggestion."""
    store, cards, places = BankStore(tools.database, tools.sealing), Cards(tools.words), Places(tools)
    bank = Bank(tools, store, cards, places)
    suggestions = Suggestions(tools, store, cards, places)
    practice = Practice(tools, store, cards, suggestions)
    return Feature(
        name=FEATURE,
        personal_data=store,
        commands=(
            command("practice", Practise, practice.practise),
            command("exercise answer", Reflection, practice.answer, shown=Shown.HIDDEN),
            command("exercise look", Chosen, practice.look, shown=Shown.HIDDEN),
            command("exercise another", Chosen, practice.another, shown=Shown.HIDDEN),
            command("bank add", Add, bank.add, role=Role.LEADER),
            command("bank list", Some, bank.show, role=Role.LEADER),
            command("bank remove", Which, bank.remove, role=Role.LEADER, suggest={"exercise": bank.suggest}),
            command("bank import", Import, bank.take_in, role=Role.LEADER),
            command("bank review", After, suggestions.review, role=Role.LEADER),
            command("suggestion use", Suggested, suggestions.use, role=Role.LEADER, shown=Shown.HIDDEN),
            command("suggestion drop", Suggested, suggestions.drop, role=Role.LEADER, shown=Shown.HIDDEN),
            command("resource suggest", Suggest, suggestions.suggest),
        ),
        posts=(practice,),
        home=practice.home,
    )
