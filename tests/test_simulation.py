"""`make simulate`: what leaders are sent keeps every limit, and handing over leaves the group alone for less time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from bot.community.hours import Stretch
from bot.content import Shelf
from bot.features.breaks.rules import What
from tests import databases
from tests.house import apart
from tests.simulation.cast import ASK, CAST, CHECK_IN, OFFER, REMINDER, TAKEN, Player
from tests.simulation.figures import Figures, HandOffs, figures_of, handoffs_of, in_quiet, messages_of
from tests.simulation.month import meet, played
from tests.simulation.play import Called
from tests.simulation.rows import Rows, common, rested
from tests.simulation.script import Luck, scenes, span
from tests.simulation.table import show, write
from tests.simulation.witness import Sent

ANA, _, _, _, EMA, _ = CAST
FEW: Final = (
    replace(ANA, hours="daily 8:00-10:00"),
    replace(EMA, hours="daily 20:00-22:30"),
)
SEED, DAYS = 884, 2
"""Both are called away, one hand-off is taken and one is not, and members ask for support."""
NOON: Final = datetime(2026, 10, 12, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lived:
    """What was sent in some days, and what they came to."""

    sent: Sequence[Sent]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Stage:
    """Lets a cast that has met live some days, each time anew."""

    met: str
    new: Callable[[str], str]
    shelf: Shelf
    cast: Sequence[Player]

    def live(self, seed: int, days: int, *, asks: bool) -> Lived:
        """Return what happens; `asks`: whoever is called away asks the others first."""
        address = self.new(self.met)
        play, rows = apart(played(address, self.shelf, self.cast, seed, days, asks=asks))
        return Lived(play.witness.sent, figures_of(play, rows))


@pytest.fixture(scope="module")
def stage(new_sqlite: Callable[[], str], shelf: Shelf) -> Callable[[Sequence[Player]], Stage]:
    """Give a function that has a cast meet."""

    def copy(met: str) -> str:
        address = new_sqlite()
        databases.sqlite_copy(*(Path(each.removeprefix("sqlite:///")) for each in (met, address)))
        return address

    def build(cast: Sequence[Player]) -> Stage:
        met = new_sqlite()
        apart(meet(met, shelf, cast))
        return Stage(met, copy, shelf, cast)

    return build


@pytest.fixture(scope="module")
def few(stage: Callable[[Sequence[Player]], Stage]) -> Stage:
    """Give two leaders with short hours."""
    return stage(FEW)


@pytest.fixture(scope="module")
def handoff(few: Stage) -> Lived:
    """Let them ask one another."""
    return few.live(SEED, DAYS, asks=True)


@pytest.fixture(scope="module")
def no_handoff(few: Stage) -> Lived:
    """Let them just go."""
    return few.live(SEED, DAYS, asks=False)


# ---------------------------------------------------------------- what is promised


def assert_kept(lived: Lived) -> None:
    """Hold what leaders were sent against every limit."""
    messages = lived.figures.messages
    assert messages.reminders
    limits = messages.limit_broken, messages.in_quiet_hours, messages.in_a_break
    assert (0, 0, 0) == limits
    assert messages.others_a_day_most <= 1
    assert messages.kept


def test_what_leaders_are_sent_keeps_every_limit(handoff: Lived, no_handoff: Lived) -> None:
    """No reminder too many, nothing unasked in quiet hours, nothing in a break, one other message a day at most."""
    assert_kept(handoff)
    assert_kept(no_handoff)


def test_handing_over_leaves_the_group_alone_for_less_time(handoff: Lived, no_handoff: Lived) -> None:
    """In the same planned hours, with the same happening to the same leaders."""
    with_it, without = handoff.figures, no_handoff.figures

    assert with_it.coverage.planned == without.coverage.planned
    assert with_it.handoffs.taken
    assert 0 == without.handoffs.asked
    assert with_it.coverage.nobody < without.coverage.nobody
    assert with_it.coverage.day_nobody < without.coverage.day_nobody


def test_the_same_seed_is_the_same_life(few: Stage, no_handoff: Lived) -> None:
    """Message by message; fewer days are the beginning of more."""
    again = few.live(SEED, 1, asks=False)

    first_day = [each for each in no_handoff.sent if each.at < span(1)[1]]
    assert first_day
    assert first_day == again.sent


@pytest.mark.exhaustive
def test_many_days_keep_every_limit(stage: Callable[[Sequence[Player]], Stage]) -> None:
    """With six leaders, each way; another time it begins with the same messages."""
    everybody = stage(CAST)
    with_it, without = (everybody.live(1, 10, asks=asks) for asks in (True, False))
    again = everybody.live(1, 3, asks=True)

    assert_kept(with_it)
    assert_kept(without)
    assert with_it.figures.coverage.nobody < without.figures.coverage.nobody
    first_days = [each for each in with_it.sent if each.at < span(3)[1]]
    assert sorted(first_days, key=_order) == sorted(again.sent, key=_order)


def _order(sent: Sent) -> tuple[datetime, str, str]:
    """Return what orders messages of the same moment, for which the bot goes by its rows."""
    return sent.at, sent.to, sent.kind


# ---------------------------------------------------------------- what is counted


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def times(*spans: tuple[int, int]) -> list[Stretch]:
    return [(at(since), at(until)) for since, until in spans]


def test_another_seed_is_another_month() -> None:
    """What happens depends on the seed alone."""
    assert scenes(CAST, Luck(1), 30) == scenes(CAST, Luck(1), 30)
    assert scenes(CAST, Luck(1), 30) != scenes(CAST, Luck(2), 30)


@pytest.mark.parametrize(
    ("sent", "broken"),
    [
        pytest.param([Sent(at(0), "ana", REMINDER), Sent(at(60), "ana", REMINDER)], False, id="two reminders a day"),
        pytest.param([Sent(at(hour), "ana", REMINDER) for hour in (0, 60, 120)], True, id="a third"),
        pytest.param(
            [*(Sent(at(hour), "ana", REMINDER) for hour in (0, 60)), Sent(at(80), "ana", REMINDER, "snooze")],
            False,
            id="one more that was put off",
        ),
        pytest.param([Sent(at(0), "ana", CHECK_IN), Sent(at(1), "ben", OFFER)], False, id="one to each"),
        pytest.param([Sent(at(0), "ana", CHECK_IN), Sent(at(1), "ana", OFFER)], True, id="two to one"),
        pytest.param([Sent(at(9 * 60), "ana", REMINDER)], True, id="at eleven in the evening"),
        pytest.param([Sent(at(9 * 60), "ana", ASK)], False, id="asked by somebody at eleven"),
        pytest.param([Sent(at(0), "ana", ASK, away=True)], True, id="in a break"),
    ],
)
def test_a_broken_limit_is_seen(sent: Sequence[Sent], broken: bool) -> None:
    """A simulation that cannot see one proves nothing."""
    nothing = Rows({each.name: [] for each in CAST}, {each.name: [] for each in CAST})

    assert broken is not messages_of(sent, nothing, CAST).kept


def test_quiet_hours_are_those_of_the_readers_own_clock() -> None:
    """From ten to seven; the end is not quiet."""
    reminders = [Sent(at(60 * hours), "ana", REMINDER) for hours in (7, 8, 16, 17)]

    assert [False, True, True, False] == [in_quiet(each, ANA) for each in reminders]


def test_a_handoff_is_counted_once_however_many_were_asked() -> None:
    """From when the first was asked until it was taken; who asks stays on meanwhile."""
    sent = [Sent(at(3), "ben", ASK, about=1), Sent(at(4), "ema", ASK, about=1), Sent(at(9), "ana", TAKEN, about=1)]
    sent.append(Sent(at(20), "ana", ASK, about=2))
    rows = Rows({"ana": times((-60, 9)), "ben": times((9, 30))}, {})

    found = handoffs_of([Called("ana", at(2)), Called("ben", at(30))], rows, sent)

    assert HandOffs(called_away=2, asked=2, taken=1, unanswered=1, minutes_till_taken=6.0, stayed=7) == found


@pytest.mark.parametrize(
    ("events", "duties", "breaks"),
    [
        pytest.param([(What.TAKEN, 0, 10)], [(10, 60)], [(0, 10)], id="whole"),
        pytest.param([(What.TAKEN, 0, 10), (What.TAKEN, 1, 21)], [(21, 60)], [(0, 1), (1, 21)], id="begun again"),
        pytest.param([(What.TAKEN, 0, 10), (What.ENDED, 4, None)], [(4, 60)], [(0, 4)], id="ended"),
        pytest.param([(What.TAKEN, 0, 600)], [(-60, 0), (90, 120)], [(0, 90)], id="left for duty"),
        pytest.param([(What.TAKEN, 0, 10), (What.TAKEN, 0, 20)], [], [(0, 20)], id="at the same moment"),
        pytest.param([(What.REMINDED, 0, None), (What.LATER, 1, 21)], [], [], id="none"),
    ],
)
def test_breaks_are_read_from_what_happened(
    events: Sequence[tuple[What, int, int | None]], duties: Sequence[tuple[int, int]], breaks: Sequence[tuple[int, int]]
) -> None:
    """Each up to its end, or to what ended it before."""
    happened = [(what, at(since), None if until is None else at(until)) for what, since, until in events]

    assert times(*breaks) == rested(happened, times(*duties))


def test_times_in_common_are_in_both() -> None:
    """In order, and those that touch as one."""
    assert times((5, 10), (20, 30)) == common(times((0, 10), (20, 25), (25, 40)), times((5, 12), (15, 30)))


def test_figures_are_printed_and_written(handoff: Lived, no_handoff: Lived, tmp_path: Path) -> None:
    """Without a terminal as plain text of eighty columns; as JSON with the seed that repeats them."""
    printed = StringIO()
    show(handoff.figures, no_handoff.figures, "Some days", Console(file=printed, width=80))
    write(handoff.figures, no_handoff.figures, SEED, DAYS, tmp_path / "figures.json")

    said = printed.getvalue()
    written = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert said.isascii()
    assert "…" not in said
    assert "called away while on duty" in said.casefold()
    assert (SEED, DAYS) == (written["seed"], written["days"])
    assert handoff.figures.coverage.nobody == written["handoff"]["coverage"]["nobody"]
