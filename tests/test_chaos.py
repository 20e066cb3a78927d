"""What `make chaos` counts: a harness that cannot see a loss proves nothing."""

from __future__ import annotations

import pytest

from tests.chaos.ledger import Entry, Row, Slot, Stage, Verdict, judge, settled, stage_of

FIRST, SECOND = Slot("circle", "19:00"), Slot("circle", "20:00")


def sent(slot: Slot | None, key: str, state: str = "sent") -> Entry:
    return Entry(slot, key, state)


@pytest.mark.parametrize(
    ("entries", "accepted", "lost", "duplicated", "unknown"),
    [
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b")], ["a", "b"], 0, 0, 0, id="each once"),
        pytest.param([sent(FIRST, "a")], ["a"], 1, 0, 0, id="never made into a delivery"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b")], ["a"], 1, 0, 0, id="taken for sent, and not there"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b", "due")], ["a"], 1, 0, 0, id="still open in the end"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b", "due")], ["a", "b"], 0, 0, 0, id="there, unrecorded"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b")], ["a", "b", "a"], 0, 1, 0, id="a key twice"),
        pytest.param([sent(FIRST, "a"), sent(FIRST, "c"), sent(SECOND, "b")], ["a", "b", "c"], 0, 1, 0, id="two keys"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b")], ["a", "b", "z"], 0, 1, 0, id="nobody's post"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b", "unknown")], ["a"], 0, 0, 1, id="unknown and not there"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b", "unknown")], ["a", "b"], 0, 0, 1, id="unknown and there"),
        pytest.param([sent(FIRST, "a"), sent(SECOND, "b"), sent(None, "n")], ["a", "b", "n"], 0, 0, 0, id="a note"),
    ],
)
def test_losses_and_repetitions_are_counted(
    entries: list[Entry], accepted: list[str], lost: int, duplicated: int, unknown: int
) -> None:
    """What the platform accepted decides, whatever the bot wrote down."""

    found = judge({FIRST, SECOND}, entries, accepted)

    assert Verdict(len(accepted), lost, duplicated, unknown) == found


@pytest.mark.parametrize(
    ("rows", "accepted", "stage"),
    [
        pytest.param([], [], Stage.NOTHING, id="nothing held"),
        pytest.param([Row("a", "claimed", "other")], [], Stage.NOTHING, id="held by another"),
        pytest.param([Row("a", "claimed", "mine")], [], Stage.CLAIMED, id="claimed"),
        pytest.param([Row("a", "claimed", "mine"), Row("b", "sending", "mine")], [], Stage.SENDING, id="sending"),
        pytest.param([Row("a", "sending", "mine")], ["b"], Stage.SENDING, id="another accepted"),
        pytest.param(
            [Row("a", "sending", "mine"), Row("b", "sending", "mine")], ["b"], Stage.UNRECORDED, id="accepted"
        ),
        pytest.param([Row("a", "sending", "other")], ["a"], Stage.NOTHING, id="accepted from another"),
    ],
)
def test_a_kill_counts_for_the_furthest_stage_of_that_process(
    rows: list[Row], accepted: list[str], stage: Stage
) -> None:
    """What other processes hold is no merit of this one."""

    assert stage == stage_of(rows, {"other"}, set(accepted))


def test_nothing_is_settled_while_something_is_open_or_missing() -> None:
    """The end is awaited until every wanted slot is done with, and every other delivery too."""

    wanted = {FIRST, SECOND}

    assert not settled(wanted, [sent(FIRST, "a")])
    assert not settled(wanted, [sent(FIRST, "a"), sent(SECOND, "b", "sending")])
    assert not settled(wanted, [sent(FIRST, "a"), sent(SECOND, "b"), sent(None, "n", "due")])
    assert settled(wanted, [sent(FIRST, "a"), sent(SECOND, "b", "refused"), sent(None, "n")])
