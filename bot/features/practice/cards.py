"""How exercises look: alone, as posts, in the bank, and what is said once somebody has answered one."""

from __future__ import annotations

from bot.core.port import Button, Emphasis, Message
from bot.core.text import Markup, Words, plain
from bot.features.practice.exercises import OWN, ExerciseForm, OwnExercise, Piece


class Cards:
    """Draws exercises. Their words are literal text; parts that nobody wrote are left out."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def alone(self, piece: Piece, locale: str) -> Message:
        """Draw an exercise for one person."""
        footer = self._words.say(f"practice.footer_alone_{piece.form}", locale)
        buttons = (*self._answers(piece, locale), self._another(piece, locale))
        return Message(self.body(piece, locale, own=False), piece.title, footer, buttons)

    def posted(self, piece: Piece, locale: str) -> Message:
        """Draw an exercise for a group."""
        footer = self._words.say(f"practice.footer_posted_{piece.form}", locale)
        body = self.body(piece, locale, own=piece.id.startswith(OWN))
        return Message(body, piece.title, footer, self._answers(piece, locale))

    def body(self, exercise: Piece | OwnExercise, locale: str, *, own: bool) -> Markup:
        """Return what an exercise says below its title. Only of our own people we know that they are invented."""
        reflect = exercise.form is ExerciseForm.REFLECT
        key = "practice.own_reflect" if own and reflect else f"practice.about_{exercise.form}"
        skill = self._words.label(f"practice.skill_{exercise.skill}", locale)
        about = self._words.say(key, locale, skill=skill, count=exercise.minutes)
        vignette = [_quoted(exercise.vignette)] if exercise.vignette else []
        return Markup("\n\n".join([about, *vignette, plain(exercise.task)]))

    def answer(self, piece: Piece, written: str, locale: str) -> Message:
        """Show a reflection as it was written, and what the exercise has to say about it."""
        said = self._words.say("practice.answer", locale, written=_quoted(written))
        example = self._words.say("practice.one_answer", locale, example=piece.example)
        body = Markup("\n\n".join([said, *self._parts(piece, example, locale)]))
        title = self._words.label("practice.answer_title", locale)
        return Message(body, title, buttons=(self._another(piece, locale),))

    def look(self, piece: Piece, locale: str) -> Message:
        """Show what others notice, or the task once more where nobody wrote that down."""
        example = self._words.say("practice.others_say", locale, example=piece.example)
        body = Markup("\n\n".join(self._parts(piece, example, locale) or [plain(piece.task)]))
        return Message(body, piece.title, buttons=(self._another(piece, locale),))

    def _parts(self, piece: Piece, example: Markup, locale: str) -> list[Markup]:
        return [
            *([self._words.say("practice.look_for", locale, look_for=piece.look_for)] if piece.look_for else []),
            *([example] if piece.example else []),
            *([self._words.say("practice.why", locale, why=piece.why)] if piece.why else []),
        ]

    def _answers(self, piece: Piece, locale: str) -> tuple[Button, ...]:
        arguments = {"exercise": piece.id}
        write = Button(self._words.label("practice.write", locale), "exercise answer", arguments, Emphasis.PRIMARY)
        look = Button(self._words.label("practice.look_button", locale), "exercise look", arguments, Emphasis.PRIMARY)
        if piece.form is ExerciseForm.REFLECT:
            return (write,)
        return (look,) if piece.look_for or piece.example or piece.why else ()

    def _another(self, piece: Piece, locale: str) -> Button:
        return Button(self._words.label("practice.another", locale), "exercise another", {"exercise": piece.id})


def _quoted(text: str) -> Markup:
    """Return text as a quotation, as it was written."""
    return Markup("> " + plain(text).replace("\n", "\n> "))
