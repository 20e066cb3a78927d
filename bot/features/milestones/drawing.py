"""Draws celebrations: posts for a group or for leaders, with a medallion, and private notes for their owners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.content import Library
from bot.core.port import Button, Channel, Emphasis, Member, Message, Picture
from bot.core.text import Markup, Words, channel_link, mention, plain
from bot.features.milestones.model import Audience, Celebration, Milestone, Sharing
from bot.features.milestones.rules import Span
from bot.features.milestones.tables import FEATURE
from bot.features.milestones.texts import Texts

PLAIN: Final = "plain"
"""The medallion without a number."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a post says of one celebration."""

    owner: Member
    span: Span
    audience: Audience
    label: str = ""
    plain: bool = False


def line_of(milestone: Milestone, celebration: Celebration) -> Line:
    """Return what others are shown of a celebration: the label only where its owner ticked it."""
    return Line(milestone.member, celebration.span, celebration.sharing.audience, celebration.label, milestone.plain)


def line_to_be(milestone: Milestone, span: Span, sharing: Sharing) -> Line:
    """Return what others would be shown of a moment."""
    label = milestone.label if sharing.label else ""
    return Line(milestone.member, span, sharing.audience, label, milestone.plain)


class Drawing:
    """Puts sentences, mentions and pictures together."""

    def __init__(self, words: Words, library: Library) -> None:
        self._words = words
        self._library = library
        self._texts = Texts(library)

    def moment(self, span: Span, locale: str, label: str = "") -> Markup:
        """Return a moment in words, such as "30 days", with a label if there is one to show."""
        said = plain(self.moment_label(span, locale))
        return self._words.say("milestones.with_label", locale, moment=said, label=label) if label else said

    def moment_label(self, span: Span, locale: str) -> str:
        """Return a moment as literal text."""
        unit, count = span
        key = f"milestones.moment_{unit}" if count else "milestones.moment_beginning"
        return self._words.label(key, locale, count=count)

    def post(
        self, lines: Sequence[Line], text: int, locale: str, *, row: int | None = None, cheered: bool = False
    ) -> Message:
        """Draw a post of one line or of several, none of which is said twice. Only those named are notified.

        Without a row, it has no button: it is a preview.
        """
        said = list(dict.fromkeys((each.owner, self._item(each, locale)) for each in lines))
        if len(said) == 1:
            beginning, wish = self._single(lines[0], text, locale)
            body = Markup(f"{beginning} {wish}")
        else:
            intro, wish = self._texts.of("together", text, locale)
            items = "\n".join(f"- {item}" for _, item in said)
            body = Markup(f"{intro}\n\n{items}\n\n{wish}")
        if cheered:
            to_leaders = lines[0].audience is Audience.LEADERS
            key = "milestones.cheered_leaders" if to_leaders else "milestones.cheered"
            body = Markup(f"{body}\n\n{self._words.say(key, locale)}")
        named = [each.owner for each in lines if each.audience is Audience.NAMED]
        buttons = (self._cheer(row, locale),) if row is not None else ()
        return Message(
            body, buttons=buttons, notifies=tuple(dict.fromkeys(named)), picture=self.medallion(lines, locale)
        )

    def _cheer(self, row: int, locale: str) -> Button:
        label = self._words.label("milestones.cheer_button", locale)
        return Button(label, "milestone cheer", {"post": str(row)}, Emphasis.PRIMARY)

    def _single(self, line: Line, text: int, locale: str) -> tuple[Markup, str]:
        ways = {Audience.UNNAMED: "unnamed", Audience.LEADERS: "to_leaders"}
        beginning, wish = self._texts.of(ways.get(line.audience, "named"), text, locale)
        values = {"moment": self.moment(line.span, locale, line.label)}
        if line.audience is not Audience.UNNAMED:
            values["who"] = mention(line.owner)
        return Markup(beginning.format(**values)), wish

    def _item(self, line: Line, locale: str) -> Markup:
        moment = self.moment(line.span, locale, line.label)
        if line.audience is Audience.UNNAMED:
            return self._words.say("milestones.item_unnamed", locale, moment=moment)
        return self._words.say("milestones.item_named", locale, who=mention(line.owner), moment=moment)

    def medallion(self, lines: Sequence[Line], locale: str) -> Picture | None:
        """Return the medallion of a moment; one without a number for several; none where somebody wants no picture."""
        if any(each.plain for each in lines):
            return None
        spans = {each.span for each in lines}
        if len(spans) > 1:
            return self._picture(PLAIN, self._words.label("milestones.picture_shared", locale))
        ((unit, count),) = spans
        alternative = self._words.label("milestones.picture", locale, moment=self.moment_label((unit, count), locale))
        return self._picture(f"{unit}-{count}", alternative) or self._picture(PLAIN, alternative)

    def _picture(self, name: str, alternative: str) -> Picture | None:
        drawn = self._library.picture(FEATURE, f"medallions/{name}.png")
        return Picture(drawn, "image/png", alternative) if drawn else None

    # ------------------------------------------------------------ private notes

    def note(self, milestone: Milestone, celebration: Celebration, locale: str, *, late: bool) -> Message:
        """Draw the private note of a moment, with a way to share it after all."""
        moment = self.moment(celebration.span, locale, milestone.label)
        body = self._words.say(f"milestones.note_{milestone.sort}", locale, moment=moment)
        share = {"day": str(celebration.id)}
        buttons = (
            Button(self._words.label("milestones.share_it", locale), "milestone share", share),
            self._mine(milestone, locale),
        )
        footer = self._words.say("core.late", locale) if late else ""
        line = Line(milestone.member, celebration.span, Audience.PRIVATE, plain=milestone.plain)
        return Message(body, footer=footer, buttons=buttons, picture=self.medallion([line], locale))

    def told(self, milestone: Milestone, celebration: Celebration, locale: str) -> Message:
        """Draw the private note that others can see a celebration now, with a way to take it down."""
        sharing = celebration.sharing
        where = channel_link(Channel(milestone.member.community, sharing.channel)) if sharing.channel else ""
        moment = self.moment(celebration.span, locale, celebration.label)
        body = self._words.say(f"milestones.told_{sharing.audience}", locale, moment=moment, channel=where)
        which = {"celebration": str(celebration.id)}
        buttons = (
            Button(self._words.label("milestones.take_down", locale), "milestone takedown", which, Emphasis.DANGER),
            Button(self._words.label("milestones.who_cheered", locale), "milestone cheers", which),
            self._mine(milestone, locale),
        )
        return Message(body, footer=self._words.say("milestones.told_footer", locale), buttons=buttons)

    def _mine(self, milestone: Milestone, locale: str) -> Button:
        label = self._words.label("milestones.show_one", locale)
        return Button(label, "milestone show", {"milestone": str(milestone.id)})
