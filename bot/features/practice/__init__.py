"""`practice`: exercises in listening, alone or as posts of a schedule; the groups' own, and members' suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from bot.community.tools import Tools
from bot.core.commands import Call, command
from bot.core.feature import Feature, HomePart, Turn
from bot.core.port import Button, Choice, Community, Emphasis, Message, Role, Shown
from bot.core.text import Markup, Words
from bot.features.practice import mirror
from bot.features.practice.bank import Add, Bank, Import, Some, Which
from bot.features.practice.cards import Cards
from bot.features.practice.coach import assess as ask_coach
from bot.features.practice.exercises import PracticeContent, Skill
from bot.features.practice.feedback import Assess, Feedback
from bot.features.practice.mirror import Mirror
from bot.features.practice.pieces import FEATURE, Pieces
from bot.features.practice.places import Places
from bot.features.practice.private import Chosen, Practise, Private, Reflection
from bot.features.practice.rules import next_of
from bot.features.practice.seen import PracticeData, SeenStore
from bot.features.practice.store import BankStore
from bot.features.practice.suggestions import After, Suggest, Suggestions
from bot.features.practice.suggestions import Chosen as Suggested

CONTENT = PracticeContent
SKILLS: Final[Sequence[Skill]] = get_args(Skill)


class Posts:
    """Offers exercises as posts of schedules."""

    order = 0

    def __init__(self, tools: Tools, store: BankStore, cards: Cards, pieces: Pieces) -> None:
        self._words = tools.words
        self._groups = tools.groups
        self._store = store
        self._cards = cards
        self._pieces = pieces

    async def choices(self, community: Community, locale: str) -> Sequence[Choice]:
        """Return the skills first, then every exercise by its title, then those of the community's groups."""
        skills = [Choice(self._words.label(f"practice.skill_{skill}", locale), skill) for skill in SKILLS]
        shipped = [Choice(exercise.title, exercise.id) for exercise in self._pieces.all(locale)]
        own = await self._store.of([group.id for group in await self._groups.all(community)])
        return [*skills, *shipped, *(Choice(kept.piece.title, kept.piece.id) for kept in own)]

    async def label(self, what: str, group: int, locale: str) -> str | None:
        """Return the name of a skill, or the title of an exercise that everybody or this very group has."""
        if what in SKILLS:
            return self._words.label(f"practice.skill_{what}", locale)
        found = await self._pieces.in_group(what, group, locale)
        return found.title if found else None

    async def pick(self, what: str, turn: Turn) -> str:
        """Return the exercise of a turn: every one of the skill once, in an order of the group's own, then anew."""
        if await self._pieces.in_group(what, turn.group, turn.locale):
            return what
        pool = [each.id for each in self._pieces.all(turn.locale) if each.skill == what]
        pool += await self._store.pool(turn.group, what)
        return next_of(pool, turn.used, f"{turn.name}:{what}")

    async def draw(self, piece: str, turn: Turn) -> Message:
        """Draw an exercise as a post."""
        found = await self._pieces.in_group(piece, turn.group, turn.locale)
        if found is None:
            raise LookupError(piece)
        return self._cards.posted(found, turn.locale, thread=turn.thread)

    async def opening(self, piece: str, turn: Turn) -> Message | None:
        """Say in two lines how people treat each other in the thread."""
        del piece
        return Message(self._words.say("practice.ground_rules", turn.locale))


class Home:
    """The part of `home` about exercises."""

    def __init__(self, words: Words, suggestions: Suggestions) -> None:
        self._words = words
        self._suggestions = suggestions

    async def show(self, call: Call) -> HomePart | None:
        """Offer an exercise, and tell leaders of suggestions that wait."""
        parts = [self._words.say("practice.home", call.locale)]
        buttons = (Button(self._words.label("practice.begin", call.locale), "practice", emphasis=Emphasis.PRIMARY),)
        if call.role >= Role.LEADER and (waiting := await self._suggestions.count(call)):
            parts.append(self._words.say("practice.waiting", call.locale, count=waiting))
            buttons += (Button(self._words.label("practice.review_button", call.locale), "bank review"),)
        return HomePart(10, Message(Markup("\n\n".join(parts)), buttons=buttons))


def build(tools: Tools, assess: Assess = ask_coach) -> Feature:
    """Plug in `practice`. Of what members write it keeps only what they hand in as a suggestion."""
    store, cards, places = BankStore(tools.database, tools.sealing), Cards(tools.words), Places(tools)
    pieces, seen = Pieces(tools.library, tools.groups, store), SeenStore(tools.database, tools.sealing)
    feedback = Feedback(tools.words, assess)
    bank, suggestions = Bank(tools, store, cards, places), Suggestions(tools, store, cards, places)
    private = Private(pieces=pieces, seen=seen, cards=cards, feedback=feedback, people=tools.people, held=tools.held)
    reflecting = Mirror(tools.words, feedback, tools.held)
    return Feature(
        name=FEATURE,
        personal_data=PracticeData(store, seen, pieces.title),
        commands=(
            command("practice", Practise, private.practise),
            command("exercise answer", Reflection, private.answer, shown=Shown.HIDDEN, ready=private.ready),
            command("exercise look", Chosen, private.look, shown=Shown.HIDDEN),
            command("exercise another", Chosen, private.another, shown=Shown.HIDDEN),
            command("exercise stop", Chosen, private.stop, shown=Shown.HIDDEN),
            command("menu reflect", mirror.Chosen, reflecting.begin, shown=Shown.MENU, needs_community=False),
            command(
                "reflect draft",
                mirror.Draft,
                reflecting.look,
                shown=Shown.HIDDEN,
                needs_community=False,
                note="practice.mirror_note",
            ),
            command("bank add", Add, bank.add, role=Role.LEADER),
            command("bank list", Some, bank.show, role=Role.LEADER),
            command("bank remove", Which, bank.remove, role=Role.LEADER, suggest={"exercise": bank.suggest}),
            command("bank import", Import, bank.take_in, role=Role.LEADER),
            command("bank review", After, suggestions.review, role=Role.LEADER),
            command("suggestion use", Suggested, suggestions.use, role=Role.LEADER, shown=Shown.HIDDEN),
            command("suggestion drop", Suggested, suggestions.drop, role=Role.LEADER, shown=Shown.HIDDEN),
            command("resource suggest", Suggest, suggestions.suggest),
        ),
        posts=(Posts(tools, store, cards, pieces),),
        home=Home(tools.words, suggestions).show,
    )
