"""How exercises look: alone, as posts, in the bank, and what is said once somebody has answered one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.port import HELD, Button, Emphasis, Message
from bot.core.text import Markup, Words, plain
from bot.features.practice.exercises import OWN, ExerciseForm, OwnExercise, Piece
from bot.features.practice.steps import Step


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody wrote at a step. `token` brings it back, to be changed."""

    step: Step
    written: str
    token: str


class Cards:
    """Draws exercises. Their words are literal text; parts that nobody wrote are left out."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def alone(self, piece: Piece, place: int, locale: str) -> Message:
        """Draw an exercise for one person, with its place among those in a row."""
        said = self._words.say(f"practice.footer_alone_{piece.form}", locale)
        footer = Markup(f"{said}\n{self._words.say(f'practice.place_{place}', locale)}")
        step = Step(piece.id, place)
        buttons = (*self._answers(piece, step, locale), *self._onwards(step, locale))
        return Message(self.body(piece, locale, own=False), piece.title, footer, buttons)

    def posted(self, piece: Piece, locale: str, *, thread: bool) -> Message:
        """Draw an exercise for a group, and say where to answer: in the thread, if one will be there."""
        key = f"practice.footer_thread_{piece.form}" if thread else f"practice.footer_posted_{piece.form}"
        footer = Markup(f"{self._words.say(key, locale)}\n{self._words.say('practice.what_it_is', locale)}")
        body = self.body(piece, locale, own=piece.id.startswith(OWN))
        buttons = self._answers(piece, Step(piece.id), locale)
        if piece.form is ExerciseForm.REFLECT:
            label = self._words.label("practice.another_example", locale)
            buttons += (Button(label, "exercise another", {"exercise": piece.id}),)
        return Message(body, piece.title, footer, buttons)

    def body(self, exercise: Piece | OwnExercise, locale: str, *, own: bool) -> Markup:
        """Return what an exercise says below its title. Only of our own people we know that they are invented."""
        reflect = exercise.form is ExerciseForm.REFLECT
        key = "practice.own_reflect" if own and reflect else f"practice.about_{exercise.form}"
        skill = self._words.label(f"practice.skill_{exercise.skill}", locale)
        about = self._words.say(key, locale, skill=skill, count=exercise.minutes)
        vignette = [quoted(exercise.vignette)] if exercise.vignette else []
        return Markup("\n\n".join([about, *vignette, plain(exercise.task)]))

    def answer(self, piece: Piece, given: Given, feedback: Sequence[Markup], locale: str) -> Message:
        """Show a reply as it was written, what was noticed in it, an example, and why it helps."""
        return self._answer(given, [*feedback, *self._example(piece, locale), *self._why(piece, locale)], locale)

    def left_here(self, piece: Piece, given: Given, said: Markup, locale: str) -> Message:
        """Show a reply as it was written and an example, with a kind sentence in the place of what was noticed."""
        return self._answer(given, [said, *self._example(piece, locale)], locale)

    def gone(self, written: str, locale: str) -> Message:
        """Give back what somebody wrote to an exercise that is there no more."""
        said = self._words.say("practice.gone", locale)
        back = self._words.say("practice.answer", locale, written=quoted(written))
        return Message(Markup(f"{said}\n\n{back}"))

    def _answer(self, given: Given, told: Sequence[Markup], locale: str) -> Message:
        step = given.step
        said = self._words.say("practice.answer", locale, written=quoted(given.written))
        parts = [said, *told, *self._end(step, locale)]
        again = Button(self._words.label("practice.again", locale), "exercise answer", {"exercise": str(step)})
        buttons = (
            replace(again, arguments={**again.arguments, HELD: given.token}),
            *self._onwards(step, locale, done=True),
            Button(self._words.label("practice.me_button", locale), "support"),
        )
        title = self._words.label("practice.answer_title", locale)
        return Message(Markup("\n\n".join(parts)), title, self._words.say("practice.small_program", locale), buttons)

    def look(self, piece: Piece, step: Step, locale: str) -> Message:
        """Show what others notice, or the task once more where nobody wrote that down."""
        parts = self._notes(piece, locale) or [plain(piece.task)]
        body = Markup("\n\n".join([*parts, *self._end(step, locale)]))
        return Message(body, piece.title, buttons=self._onwards(step, locale, done=True))

    def closing(self, step: Step, locale: str) -> Message:
        """Say goodbye kindly, wherever somebody stops."""
        return Message(self._words.say("practice.stopped", locale), buttons=(self._more(step, locale),))

    # ------------------------------------------------------------ parts

    def _notes(self, piece: Piece, locale: str) -> list[Markup]:
        if piece.form is ExerciseForm.LEARN:
            look = self._words.say("practice.to_try", locale, look_for=piece.look_for)
            example = self._words.say("practice.for_example", locale, example=piece.example)
        else:
            look = self._words.say("practice.look_for", locale, look_for=piece.look_for)
            example = self._words.say("practice.others_say", locale, example=piece.example)
        return [
            *([look] if piece.look_for else []),
            *([example] if piece.example else []),
            *self._why(piece, locale),
        ]

    def _example(self, piece: Piece, locale: str) -> list[Markup]:
        return [self._words.say("practice.one_answer", locale, example=piece.example)] if piece.example else []

    def _why(self, piece: Piece, locale: str) -> list[Markup]:
        return [self._words.say("practice.why", locale, why=piece.why)] if piece.why else []

    def _end(self, step: Step, locale: str) -> list[Markup]:
        return [self._words.say("practice.row_ends", locale)] if step.is_last else []

    # ------------------------------------------------------------ buttons

    def _answers(self, piece: Piece, step: Step, locale: str) -> tuple[Button, ...]:
        arguments = {"exercise": str(step)}
        write = Button(self._words.label("practice.write", locale), "exercise answer", arguments, Emphasis.PRIMARY)
        look = Button(self._words.label("practice.look_button", locale), "exercise look", arguments, Emphasis.PRIMARY)
        if piece.form is ExerciseForm.REFLECT:
            return (write,)
        return (look,) if piece.look_for or piece.example or piece.why else ()

    def _onwards(self, step: Step, locale: str, *, done: bool = False) -> tuple[Button, ...]:
        """Return the ways on: to the next of the row and out of it. `done`: this one was answered."""
        if step.is_last and done:
            return (self._more(step, locale),)
        arguments = {"exercise": str(step)}
        another = Button(self._words.label("practice.another", locale), "exercise another", arguments)
        stop = Button(self._words.label("practice.stop", locale), "exercise stop", arguments)
        if step.is_last:
            return (stop,)
        return (another, stop) if step.place else (another,)

    def _more(self, step: Step, locale: str) -> Button:
        return Button(self._words.label("practice.more", locale), "exercise another", {"exercise": step.exercise})


def quoted(text: str) -> Markup:
    """Return text as a quotation, as it was written."""
    return Markup("> " + plain(text).replace("\n", "\n> "))
