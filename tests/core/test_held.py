"""Text in hand: kept for its owner, for a while, and bounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.held import KEPT_FOR, MOST, MOST_CHARACTERS, MOST_EACH, Held
from bot.core.port import Community, Member
from tests.fakes import START, FakeClock, member

MIA, NOAH = member("mia"), member("noah")


def test_what_is_kept_comes_back_to_its_owner() -> None:
    """A token fetches what was kept with it, as often as it is needed."""
    held = Held(FakeClock(START))
    first, second = held.keep(MIA, {"words": "one"}), held.keep(MIA, {"words": "two"})

    assert {"words": "one"} == held.fetch(MIA, first) == held.fetch(MIA, first)
    assert {"words": "two"} == held.fetch(MIA, second)


def test_nobody_else_gets_it() -> None:
    """Neither another member nor the same id in another community fetches it."""
    held = Held(FakeClock(START))
    token = held.keep(MIA, {"words": "mine"})

    assert held.fetch(NOAH, token) is None
    assert held.fetch(Member(Community("fake", "elsewhere"), "mia"), token) is None
    assert held.fetch(MIA, "guess") is None
    assert held.fetch(MIA, "") is None


def test_it_is_kept_for_fifteen_minutes() -> None:
    """Up to the last second it is there; then it is gone."""
    clock = FakeClock(START)
    held = Held(clock)
    token = held.keep(MIA, {"words": "mine"})

    clock.move(START + timedelta(minutes=14, seconds=59))
    assert {"words": "mine"} == held.fetch(MIA, token)

    clock.move(START + timedelta(minutes=15))
    assert held.fetch(MIA, token) is None
    assert timedelta(minutes=15) == KEPT_FOR


async def test_it_is_forgotten_even_if_nobody_comes_back() -> None:
    """The house is told when to look next; nothing else has to happen, and what is younger stays."""
    clock = FakeClock(START)
    held = Held(clock)
    held.keep(MIA, {"words": "mine"})
    clock.move(START + timedelta(minutes=1))
    held.keep(NOAH, {"words": "his"})

    assert START + KEPT_FOR == await held.sweep(START)
    assert START + timedelta(minutes=16) == await held.sweep(START + KEPT_FOR)
    assert await held.sweep(START + timedelta(minutes=16)) is None
    assert await held.sweep(START) is None


def test_what_is_kept_does_not_change() -> None:
    """Whoever goes on using the arguments does not change what is in hand."""
    held, arguments = Held(FakeClock(START)), {"words": "mine"}
    token = held.keep(MIA, arguments)
    arguments["words"] = "changed"

    assert {"words": "mine"} == held.fetch(MIA, token)


def test_a_member_s_words_can_be_dropped_at_once() -> None:
    """Everything of one member goes, and nothing of another's."""
    held = Held(FakeClock(START))
    mine, mine_too, theirs = held.keep(MIA, {"a": "1"}), held.keep(MIA, {"a": "2"}), held.keep(NOAH, {"a": "3"})
    held.drop(MIA)

    assert [None, None, {"a": "3"}] == [held.fetch(MIA, mine), held.fetch(MIA, mine_too), held.fetch(NOAH, theirs)]


def test_the_oldest_is_forgotten_first_when_there_are_very_many() -> None:
    """Memory is bounded; looking something up forgets nothing."""
    held = Held(FakeClock(START))
    people = [replace(MIA, id=f"mia-{number}") for number in range(MOST)]
    tokens = [held.keep(person, {"number": person.id}) for person in people]

    assert {"number": "mia-0"} == held.fetch(people[0], tokens[0]) == held.fetch(people[0], tokens[0])

    newest = held.keep(MIA, {"number": "new"})

    assert held.fetch(people[0], tokens[0]) is None
    assert {"number": "mia-1"} == held.fetch(people[1], tokens[1])
    assert {"number": "new"} == held.fetch(MIA, newest)


def test_the_oldest_is_forgotten_first_when_it_is_very_long() -> None:
    """Files are long: there is a bound on how much is in hand altogether."""
    held, half = Held(FakeClock(START)), "x" * (MOST_CHARACTERS // 2)
    first, second, third = (held.keep(MIA, {"file": half}) for _ in range(3))
    held.drop(NOAH)
    tiny = held.keep(NOAH, {"words": ""})

    assert held.fetch(MIA, first) is None
    assert all(held.fetch(MIA, token) for token in (second, third))
    assert {"words": ""} == held.fetch(NOAH, tiny)


def test_nobody_pushes_out_what_others_have_in_hand() -> None:
    """A member's own oldest form goes first when they open very many."""
    held = Held(FakeClock(START))
    other = held.keep(replace(MIA, id="other"), {"number": "other"})
    mine = [held.keep(MIA, {"number": str(number)}) for number in range(MOST_EACH + 1)]

    assert held.fetch(MIA, mine[0]) is None
    assert {"number": "1"} == held.fetch(MIA, mine[1])
    assert {"number": "other"} == held.fetch(replace(MIA, id="other"), other)


def test_a_token_is_short_and_cannot_be_guessed() -> None:
    """It fits a button beside a command, and holds 72 random bits."""
    held = Held(FakeClock(START))
    tokens = {held.keep(MIA, {}) for _ in range(100)}

    assert len(tokens) == 100
    assert {12} == {len(token) for token in tokens}
