"""Leaders who live by the rules of breaks, without a bot around them: duties and answers in, reminders out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.community.load import days_in_row
from bot.features.breaks.rules import Happened, Lately, Reminder, Rules, Stretch, What, Why, next_reminder

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder that came, and all that had happened before it."""

    at: datetime
    why: Why
    before: Sequence[Happened]


@dataclass(slots=True)
class Life:
    """A leader's time: planned duties, out of which breaks are cut, and the reminders that came."""

    rules: Rules
    zone: ZoneInfo
    duties: list[Stretch]
    answered: Sequence[datetime] = ()
    history: list[Happened] = field(default_factory=list[Happened])
    reminded: list[Reminded] = field(default_factory=list[Reminded])

    def next(self, now: datetime, seen: datetime) -> Reminder | None:
        """Return what the rule says, of what is known by now: a duty that comes is known only after a break."""
        rests = {event.until for event in self.history if event.what is What.TAKEN}
        known = [each for each in self.duties if each[0] <= now or each[0] in rests]
        begun = [each for each in known if each[0] <= now]
        lately = [each for each in self.answered if now - timedelta(hours=2) < each <= now]
        run = days_in_row(begun, now, self.zone)
        looked_at = Lately(now, self.zone, known, self.history, max(lately, default=None), run)
        return next_reminder(looked_at, self.rules, seen)

    def live(self, now: datetime, until: datetime, answer: Callable[[Life, Reminded], None] | None = None) -> None:
        """Let time pass. The leader is looked at whenever something begins or is due, and may answer a reminder."""
        seen = now
        while now < until:
            due = self.next(now, seen)
            if due and due.at <= now:
                self.reminded.append(Reminded(now, due.why, list(self.history)))
                self.history.append(Happened(What.REMINDED, now, why=due.why))
                if answer:
                    answer(self, self.reminded[-1])
                seen, due = now, self.next(now, now)
            changes = [each for each in (*(since for since, _ in self.duties), *self.answered) if each > now]
            seen = now = min([*changes, *([due.at] if due and due.at > now else []), until])

    def press(self, what: What, at: datetime, minutes: int = 10) -> None:
        """Let the leader answer. A break is cut out of the duties, and what is left of them goes on at its end."""
        end = at + minutes * MINUTE if what in {What.TAKEN, What.LATER} else None
        self.history.append(Happened(what, at, end))
        if what is What.TAKEN and end:
            pieces = [
                piece
                for since, until in self.duties
                for piece in ((since, min(until, max(at, since))), (max(since, end), until))
                if since < end and until > at and piece[0] < piece[1]
            ]
            apart = [each for each in self.duties if each[0] >= end or each[1] <= at]
            self.duties = sorted([*apart, *(piece for piece in pieces if piece[1] <= at or piece[0] >= end)])


def on_break(history: Sequence[Happened], now: datetime) -> datetime | None:
    """Return when the break that somebody is on ends. The newest one counts, also when it is shorter."""
    found = [event for event in history if event.what in {What.TAKEN, What.ENDED}]
    end = found[-1].until if found else None
    return end if end and end > now else None
