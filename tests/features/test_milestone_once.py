"""Each moment of each run at most once, and exactly once if it fell due while its milestone was active.

Whatever sequence of things happens; and nothing public holds what its owner did not choose to show.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.content import Shelf
from bot.core.port import Address, Member, Message
from tests.fakes import LOST_AFTER, LOST_BEFORE, later
from tests.features.dates import LABEL, change
from tests.house import MEMBER, House, again, opened

Step: TypeAlias = tuple[str, int | str]

ZONES: Final = ["Europe/Berlin", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"]
MOMENTS: Final = (
    *(
        (name, days, 0)
        for name, days in (("24 hours", 1), ("one week", 7), ("30 days", 30), ("60 days", 60), ("90 days", 90))
    ),
    *((name, 0, months) for name, months in (("6 months", 6), ("9 months", 9), ("one year", 12), ("18 months", 18))),
)
"""Names of moments, with the days and the months after a start."""
NAMES: Final = tuple(name for name, _, _ in MOMENTS)
GROUP: Final = ZoneInfo("Europe/Berlin")

changes: Final = st.one_of(
    st.tuples(st.just("zone"), st.sampled_from(ZONES)),
    st.tuples(st.just("audience"), st.sampled_from(["private", "named", "unnamed", "leaders"])),
    st.tuples(st.just("hour"), st.integers(0, 22)),
    st.tuples(st.just("show"), st.sampled_from(["yes", "no"])),
    st.tuples(st.sampled_from(["pause", "resume"]), st.just(0)),
    st.tuples(st.just("restart"), st.integers(0, 8)),
    st.tuples(st.just("correct"), st.integers(0, 40)),
)
times: Final = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 900)),
    st.tuples(st.just("sleep"), st.integers(1, 140)),
)
steps: Final = st.lists(st.one_of(changes, times, times), min_size=3, max_size=9)


# ---------------------------------------------------------------- what should happen, told simply


@dataclass(slots=True)
class Diary:
    """What somebody with a calendar would expect: which moments of the current run were marked, or have passed."""

    now: datetime
    start: date
    zone: ZoneInfo = GROUP
    hour: int = 9
    audience: str = "private"
    show: bool = False
    paused: bool = False
    put_off: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """What comes without a name, and later than its own morning."""
    earlier: list[date] = field(default_factory=list[date])
    """When the runs before the current one began."""
    done: set[str] = field(default_factory=set[str])
    passed: set[str] = field(default_factory=set[str])
    expected: list[tuple[str, str, datetime]] = field(default_factory=list[tuple[str, str, datetime]])

    def __post_init__(self) -> None:
        self.look_anew()

    def at(self, name: str) -> datetime:
        """Return when a moment is to be marked: the hour of the owner's day, or else the group's next morning."""
        on = day_of(self.start, name)
        if self.audience == "unnamed":
            return self.put_off.get(name) or self.morning_since(datetime.combine(on, time(0), self.zone))
        return hours_up(datetime.combine(on, time(self.hour), self.zone))

    def morning_since(self, since: datetime) -> datetime:
        """Return the group's next morning: another hour would tell that somebody has just changed something."""
        on = since.astimezone(GROUP).date()
        mornings = (datetime.combine(on + timedelta(days=days), time(9), GROUP) for days in range(3))
        return hours_up(next(at for at in mornings if at.astimezone(ZoneInfo("UTC")) >= since))

    def look_anew(self) -> None:
        """Leave alone what has passed by now: it is never made up."""
        self.put_off = {}
        self.passed = {name for name in NAMES if name not in self.done and self.at(name) <= self.now}

    def clock_changed(self) -> None:
        """Of what has passed, wait for that which is still to come by the new clock; what was to come still comes."""
        self.put_off = {}
        self.passed = {name for name in self.passed if self.at(name) <= self.now}
        if self.audience == "unnamed":
            waiting = [name for name in NAMES if name not in self.done | self.passed and self.at(name) <= self.now]
            self.put_off = {name: self.morning_since(self.now) for name in waiting}
        self.until(self.now)

    def sleep(self, now: datetime) -> None:
        """Be away, and then do what is to be done."""
        self.now = now
        self.until(now)

    def until(self, now: datetime) -> None:
        """Mark what comes, each when it comes."""
        for name in NAMES:
            if not self.paused and name not in self.done | self.passed and self.at(name) <= now:
                self.done.add(name)
                self.expected.append((self.audience, name, max(self.at(name), self.now)))
        self.now = now

    def choose(self, what: str, value: int | str) -> None:
        """Choose a zone, an hour, an audience, or whether the label is shown."""
        match what, value:
            case "zone", str(zone):
                self.zone = ZoneInfo(zone)
            case "hour", int(hour):
                self.hour = hour
            case "audience", str(audience):
                self.audience = audience
            case _:
                self.show = value == "yes"
        self.show = self.show and self.audience != "private"
        self.clock_changed()

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        if self.paused:
            self.paused = False
            self.look_anew()

    def restart(self, start: date) -> None:
        if start > self.start:
            self.earlier.append(self.start)
            self.done = set()
        self.start, self.audience, self.show = start, "private", False
        self.look_anew()

    def correct(self, start: date) -> None:
        if start != self.start:
            self.start = start
            self.look_anew()


def day_of(start: date, name: str) -> date:
    """Return a date so many days, or months of the calendar, after a start."""
    _, days, months = next(moment for moment in MOMENTS if moment[0] == name)
    years, month = divmod(start.month - 1 + months, 12)
    first = date(start.year + years, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=start.day - 1), last) + timedelta(days=days)


def hours_up(at: datetime) -> datetime:
    at = at.astimezone(ZoneInfo("UTC"))
    full = at.replace(minute=0, second=0, microsecond=0)
    return full if full == at else full + timedelta(hours=1)


# ---------------------------------------------------------------- what does happen


async def do(house: House, diary: Diary, what: str, value: int | str) -> None:
    """Do one thing, in the house and in the diary."""
    match what, value:
        case "wait", int(hours):
            await house.wait(hours=hours)
            diary.until(house.clock.now())
        case "sleep", int(hours):
            house.clock.move(house.clock.now() + timedelta(hours=hours))
            diary.sleep(house.clock.now())
            await house.wait(minutes=1)
            diary.until(house.clock.now())
        case (("restart" | "correct"), int(days)):
            await begin_on(house, diary, what, house.clock.now().astimezone(diary.zone).date() - timedelta(days=days))
        case (("pause" | "resume"), _):
            await house.types(MEMBER, f"milestone {what}")
            diary.resume() if what == "resume" else diary.pause()
        case _:
            line = f"me timezone zone={value}" if what == "zone" else f"milestone edit {what}={value}"
            await house.types(MEMBER, line)
            diary.choose(what, value)


async def begin_on(house: House, diary: Diary, what: str, start: date) -> None:
    """Begin again on a date, or mend the date, where the history allows it."""
    if what == "restart" and start >= diary.start:
        await house.types(MEMBER, f"milestone restart from={start.isoformat()}")
        diary.restart(start)
    elif what == "correct" and start > max(diary.earlier, default=date.min):
        await house.types(MEMBER, f"milestone correct date={start.isoformat()}")
        diary.correct(start)


# ---------------------------------------------------------------- what anybody can read


@dataclass(slots=True)
class Reader:
    """Reads along, and insists that nothing says more than its owner chose."""

    house: House
    diary: Diary
    seen: list[tuple[int, str, str, datetime]] = field(default_factory=list[tuple[int, str, str, datetime]])
    """The run, the audience, the moment and the time of everything that was ever posted."""
    read: int = 0

    def look(self) -> None:
        """Read what is new since the last look."""
        for post in self.house.platform.everything[self.read :]:
            if audience := self._audience(post.to, post.message):
                moment = next(
                    name for name in NAMES if f"**{name}" in post.message.body or f" {name}" in post.message.body
                )
                self.seen.append((len(self.diary.earlier), audience, moment, post.at))
        self.read = len(self.house.platform.everything)

    def _audience(self, to: Address, message: Message) -> str:
        """Return who reads a celebration; "" for notes about one. What is public is held against the owner's choice."""
        if to == MEMBER.member:
            return "private" if "You have reached" in message.body else ""
        named = f"member/{MEMBER.member.id}" in message.body
        audience = "leaders" if isinstance(to, Member) else "named" if named else "unnamed"
        assert self.diary.audience == audience
        assert (LABEL in message.body) <= self.diary.show
        assert ((MEMBER.member,) if audience == "named" else ()) == message.notifies
        assert not any(year in f"{message.body}" for year in ("2025", "2026", "2027"))
        return audience


async def begin(house: House) -> tuple[Diary, Reader]:
    await house.keeps(MEMBER, f"milestone set date=2026-10-21 label={LABEL}")
    diary = Diary(house.clock.now(), date(2026, 10, 21))
    return diary, Reader(house, diary)


async def lives_through(house: House, happened: list[Step]) -> None:
    """Let things happen, and compare what is posted with what a diary expects, and then."""
    diary, reader = await begin(house)
    for what, value in [*happened, ("resume", 0), ("wait", 800)]:
        await do(house, diary, what, value)
        reader.look()

    assert diary.expected == [(audience, moment, at) for _, audience, moment, at in reader.seen]


async def lives_with_trouble(house: House, happened: list[tuple[Step, ...] | str]) -> None:
    """Let things happen on a platform that is busy or loses answers, and see that nothing comes twice."""
    diary, reader = await begin(house)
    troubles = {"busy": later(timedelta(hours=5)), "lost before": LOST_BEFORE, "lost after": LOST_AFTER}
    for each in [*happened, (("restart", 0), ("wait", 800))]:
        if isinstance(each, str):
            house.platform.fails(troubles[each])
            continue
        for what, value in each:
            await do(house, diary, what, value)
            reader.look()

    marked = [(run, moment) for run, _, moment, _ in reader.seen]
    assert len(marked) == len(set(marked))
    assert all(audience == "private" for run, audience, _, _ in reader.seen if run == len(diary.earlier) > 0)


troubled = st.lists(st.one_of(steps.map(tuple), st.sampled_from(["busy", "lost before", "lost after"])), max_size=5)


@given(happened=steps)
@example([("wait", 200), ("correct", 2), ("wait", 300)])  # a week comes again by the right date
@example([("wait", 18), ("hour", 5), ("wait", 2)])  # an hour that has passed
@example([("wait", 12), ("zone", "Pacific/Kiritimati"), ("wait", 30)])  # a morning that has passed
@example([("zone", "Pacific/Pago_Pago"), ("audience", "unnamed"), ("wait", 60)])  # before the date has begun
@example([("pause", 0), ("wait", 30), ("resume", 0), ("wait", 200)])
@example([("wait", 200), ("restart", 8), ("wait", 40), ("correct", 1), ("sleep", 140)])
@settings(max_examples=5, deadline=None)
async def test_each_moment_comes_once_if_it_fell_due(
    new_house: Callable[[], Awaitable[House]], happened: list[Step]
) -> None:
    """Through changes of zone, hour, audience and date, pauses, restarts and downtimes."""
    await lives_through(await new_house(), happened)


@given(happened=troubled)
@settings(max_examples=4, deadline=None)
async def test_nothing_comes_twice_whatever_the_platform_does(
    new_house: Callable[[], Awaitable[House]], happened: list[tuple[Step, ...] | str]
) -> None:
    """With a platform that is busy or loses answers no moment comes twice, and nothing is shown that was withdrawn."""
    await lives_with_trouble(await new_house(), happened)


@pytest.mark.exhaustive
@given(happened=steps)
@settings(max_examples=150, deadline=None)
async def test_many_lives(new_house: Callable[[], Awaitable[House]], happened: list[Step]) -> None:
    """The first of these, many times."""
    await lives_through(await new_house(), happened)


@pytest.mark.exhaustive
@given(happened=troubled)
@settings(max_examples=75, deadline=None)
async def test_many_troubled_lives(
    new_house: Callable[[], Awaitable[House]], happened: list[tuple[Step, ...] | str]
) -> None:
    """The second of these, many times."""
    await lives_with_trouble(await new_house(), happened)


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("zone"), st.sampled_from(ZONES)),
        st.tuples(st.just("group"), st.sampled_from(["Asia/Kathmandu", "America/Los_Angeles", "Europe/Berlin"])),
        st.tuples(st.just("wait"), st.integers(1, 60)),
        st.tuples(st.just("sleep"), st.integers(1, 60)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("busy"), st.integers(1, 3)),
    ),
    min_size=2,
    max_size=6,
)


@given(happened=happenings)
@settings(max_examples=4, deadline=None)
async def test_a_process_that_starts_anew_repeats_nothing(
    new_sqlite: Callable[[], str], shelf: Shelf, happened: list[Step]
) -> None:
    """Through moves between zones, downtimes, restarts and a busy platform, none comes twice and none is lost."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(new_sqlite(), shelf))
        await house.furnish()
        _, reader = await begin(house)
        for what, value in [*happened, ("wait", 48)]:
            match what, value:
                case "zone", str(zone):
                    await house.types(MEMBER, f"me timezone zone={zone}")
                case "group", str(zone):
                    await change(house, zone=zone)
                case "wait", int(hours):
                    await house.wait(hours=hours)
                case "sleep", int(hours):
                    house.clock.move(house.clock.now() + timedelta(hours=hours))
                case "busy", int(times_):
                    house.platform.fails(*[later(timedelta(hours=1))] * times_)
                case _:
                    await stack.aclose()
                    house = await stack.enter_async_context(again(house, shelf))
        reader.look()

    said = [moment for _, _, moment, _ in reader.seen]
    assert len(said) == len(set(said))
    # The day after the start has passed in every zone by now, and no downtime was longer than a week.
    assert "24 hours" in said
