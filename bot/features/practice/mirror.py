"""*Help me reflect*: a look at a draft before it is sent. A real message is no exercise: only what is seen is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from bot.core.commands import Answer, Call, Open
from bot.core.forms import Form, Mark
from bot.core.held import Held
from bot.core.port import HELD, Button, Kind, Message, Reply
from bot.core.text import Markup, Words, clean
from bot.features.practice.cards import quoted
from bot.features.practice.feedback import Feedback

LONGEST_SAID: Final = 2000
"""Characters of the message that the form holds: Slack's inputs take 3,000."""
LONGEST_DRAFT: Final = 1500
CUT: Final = " […]"


class Chosen(Form):
    """The message that somebody pointed at. A picture has no text."""

    message: Annotated[str, Mark(Kind.MESSAGE)] = ""


class Draft(Form):
    """The message, as far as the form holds it, and what somebody would answer."""

    said: Annotated[str, Mark(Kind.MESSAGE, longest=LONGEST_SAID)]
    draft: Annotated[str, Mark(Kind.PARAGRAPH, personal=True, longest=LONGEST_DRAFT)]


class Mirror:
    """Handlers of *Help me reflect*. Nothing is sent, and nothing kept, but for what `held` has in hand."""

    def __init__(self, words: Words, feedback: Feedback, held: Held) -> None:
        self._words = words
        self._feedback = feedback
        self._held = held

    async def begin(self, form: Chosen, call: Call) -> Answer:
        """Open the form with the message in it."""
        if not any(mark.isalnum() for mark in form.message):
            return Reply(Message(self._words.say("practice.mirror_no_text", call.locale)))
        return Open("reflect draft", {"said": shortened(form.message)})

    async def look(self, form: Draft, call: Call) -> Reply:
        """Say what is there in a draft, and give it back. Past an offer of support, nothing is said of it."""
        if call.offered:
            noticed, judged = self._feedback.after_offer(call.locale), False
        else:
            noticed, judged = self._feedback.on_draft(form.said, form.draft, call.locale)
        key = "practice.mirror_draft_again" if judged else "practice.mirror_draft"
        yours = self._words.say(key, call.locale, draft=quoted(form.draft))
        token = self._held.keep(call.member, {"said": form.said, "draft": form.draft})
        again = Button(self._words.label("practice.again", call.locale), "reflect draft")
        buttons = (
            replace(again, arguments={HELD: token}),
            Button(self._words.label("practice.me_button", call.locale), "support"),
        )
        title = self._words.label("practice.mirror_title", call.locale)
        footer = self._words.say("practice.small_program", call.locale)
        return Reply(Message(Markup(f"{noticed}\n\n{yours}"), title, footer, buttons))


def shortened(text: str) -> str:
    """Return as much of a message as the form holds, with a mark where it was cut."""
    said = clean(text)
    if len(said) <= LONGEST_SAID:
        return said
    kept = said[: LONGEST_SAID - len(CUT)]
    return (kept.rsplit(maxsplit=1)[0] if " " in kept[-80:] else kept) + CUT
