"""What leaders fill in about schedules, and how a time is put together from pickers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import Field

from bot.core.commands import Mistake
from bot.core.forms import Date, Flag, Form, InChannel, Mark, Reading, RowId, Time, mistake
from bot.core.port import Kind, Ping
from bot.core.recurrence import Rule, RuleProblem, Weekly, read_rule
from bot.features.schedules.drafts import OWN_TEXT, Draft

LONGEST_TEXT: Final = 1800
"""Characters of a leader's own text: with a note that it comes late it still fits every platform's message."""
LONGEST_GRACE: Final = 24 * 60
MOST_TIMES: Final = 1000

Repeat: TypeAlias = Literal["once", "daily", "weekdays", "weekly", "every-2-weeks", "monthly"]
Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Part: TypeAlias = Literal["what", "when", "limits"]
DAYS: Final = get_args(Day)


def _rule(text: str, _: Reading) -> Rule:
    try:
        return read_rule(text)
    except RuleProblem as problem:
        raise mistake(problem.key, **problem.values) from None


What: TypeAlias = Annotated[str, Mark(Kind.TEXT, longest=80, suggests=True)]
Text: TypeAlias = Annotated[str, Mark(Kind.PARAGRAPH, longest=LONGEST_TEXT)]
RuleField: TypeAlias = Annotated[Rule, Mark(Kind.TEXT, reader=_rule, longest=80)]
RepeatField: TypeAlias = Annotated[Repeat, Mark(Kind.CHOICE)]
Days: TypeAlias = Annotated[tuple[Day, ...], Mark(Kind.CHOICES)]
Times: TypeAlias = Annotated[int, Mark(Kind.NUMBER, lowest=1, highest=MOST_TIMES)]
Grace: TypeAlias = Annotated[int, Mark(Kind.NUMBER, lowest=5, highest=LONGEST_GRACE)]
PingField: TypeAlias = Annotated[Literal["nobody", "here", "everyone"], Mark(Kind.CHOICE)]


class When(Form):
    """When: a rule in words, or what pickers offer."""

    rule: RuleField | None = None
    repeat: RepeatField | None = None
    day: Days | None = None
    time: Time | None = None
    start: Date | None = None


class Add(Form):
    """What to post, in which group, when, and within which limits."""

    what: What | None = None
    in_: InChannel = Field(alias="in")
    rule: RuleField | None = None
    text: Text | None = None
    until: Date | None = None
    times: Times | None = None
    repeat: RepeatField | None = None
    day: Days | None = None
    time: Time | None = None
    start: Date | None = None
    thread: Flag = False
    pin: Flag = False
    ping: PingField = "nobody"
    grace: Grace = 120


class Which(Form):
    """A schedule: its number in the list, or its row."""

    schedule: Annotated[int | None, Mark(Kind.NUMBER, lowest=1, suggests=True)] = None


class Unskip(Which):
    """A schedule. `press` is the day that a button is about."""

    press: RowId | None = None


class Pause(Which):
    """A schedule, and the local date from which it goes on by itself."""

    until: Date | None = None


class PostNow(Which):
    """A schedule, and whether the post counts as its next.

    `press` lets a button be pressed twice in vain: it says which day was meant, or names the post beside the plan.
    """

    counts: Flag | None = None
    press: RowId | None = None


class Edit(Which):
    """A schedule and what to change; with nothing given, what can be changed is offered."""

    part: Annotated[Part, Mark(Kind.CHOICE)] | None = None
    what: What | None = None
    in_: InChannel | None = Field(default=None, alias="in")
    rule: RuleField | None = None
    text: Text | None = None
    until: Date | None = None
    times: Times | None = None
    thread: Flag | None = None
    pin: Flag | None = None
    ping: PingField | None = None
    grace: Grace | None = None


class Changing(Form):
    """A schedule by its row, in the version that it had when the form was opened. Short names: forms are narrow."""

    row: RowId
    since: RowId = Field(alias="as")


class ChangeWhat(Changing):
    """What and where."""

    what: What | None = None
    in_: InChannel = Field(alias="in")
    text: Text | None = None
    thread: Flag = False
    pin: Flag = False


class ChangeWhen(Changing):
    """When. What the pickers say comes before the words of a rule that nobody changed."""

    rule: RuleField | None = None
    repeat: RepeatField | None = None
    day: Days | None = None
    time: Time | None = None
    start: Date | None = None


class ChangeLimits(Changing):
    """Limits."""

    until: Date | None = None
    times: Times | None = None
    grace: Grace = 120
    ping: PingField = "nobody"


class Import(Form):
    """The starter, or a text of schedules, and where to if the text does not say."""

    plan: Annotated[Literal["starter"], Mark(Kind.CHOICE)] | None = None
    in_: InChannel | None = Field(default=None, alias="in")
    file: Annotated[str, Mark(Kind.FILE, longest=20_000)] | None = None
    sure: Annotated[bool, Mark(Kind.FLAG, hidden=True)] = False


class Nothing(Form):
    """No input."""


def chosen(form: Add) -> tuple[str, str]:
    """Return what is posted, and the text where it is one of the leader's own. Raises `Mistake`."""
    return what_of(form.what, form.text)


def what_of(what: str | None, text: str | None) -> tuple[str, str]:
    """Return a `what` with the text it may need. Raises `Mistake` where there is neither or both."""
    named = (what or "").casefold().replace(" ", "-")
    if text:
        if named not in {"", OWN_TEXT}:
            raise Mistake("what", "schedules.what_or_text")
        return OWN_TEXT, text
    if named == OWN_TEXT:
        raise Mistake("text", "schedules.text_needed")
    if not named:
        raise Mistake("what", "missing")
    return named, ""


def rule_of(form: When | Add | ChangeWhen, today: date, before: Rule | None = None) -> Rule:
    """Return the rule that is meant: in words, or as picked. Raises `Mistake` for what is missing or contradicts.

    `before` is the rule that a form was filled with: left as it is, it gives way to what is picked.
    """
    told = form.rule if form.rule != before else None
    if told is not None and (form.repeat or form.time or form.day):
        raise Mistake("repeat" if form.repeat else "time" if form.time else "day", "schedules.rule_or_repeat")
    if form.repeat is not None:
        if form.time is None and before is None:
            raise Mistake("time", "schedules.time_needed")
        at = form.time or (before.at if before else None)
        return read_rule(f"{_dates(form.repeat, form.day, form.start, today)} {at:%H:%M}")
    kept = told or form.rule or before
    if kept is None:
        raise Mistake(*(("repeat", "schedules.repeat_needed") if form.time or form.day else ("rule", "missing")))
    if form.day:
        if not isinstance(kept, Weekly):
            raise Mistake("repeat", "schedules.repeat_needed")
        kept = replace(kept, days=frozenset(DAYS.index(day) for day in form.day))
    return replace(kept, at=form.time) if form.time else kept


def _dates(repeat: Repeat, days: tuple[Day, ...] | None, start: date | None, today: date) -> str:
    day = ",".join(days or ())
    match repeat:
        case "daily" | "weekdays":
            return repeat
        case "weekly" | "every-2-weeks":
            if not day and start is None:
                raise Mistake("day", "schedules.day_needed")
            on = day or DAYS[(start or today).weekday()]
            return f"weekly {on}" if repeat == "weekly" else f"every 2 weeks {on}"
        case "monthly":
            return f"monthly {(start or today).day}"
        case "once":
            if start is None:
                raise Mistake("start", "schedules.start_needed")
            return f"once {start}"


def draft_of(form: Add, today: date) -> Draft:
    """Return what a form says. `today` is the date on the group's clock. Raises `Mistake`."""
    what, text = chosen(form)
    rule = rule_of(form, today)
    ping = Ping(form.ping)
    return Draft(
        what, rule, form.start or today, text, form.until, form.times, ping, form.thread, form.pin, form.grace
    )  # fmt: skip
