"""What travels in Slack's payloads comes back as it was, and text as it was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.slack.commands import (
    LONGEST_METADATA,
    LONGEST_VALUE,
    FormOrigin,
    read_origin,
    read_press,
    read_text,
    without_mention,
    write_origin,
    write_press,
)
from bot.adapters.slack.seen import Seen

WORDS = st.text(max_size=60)
ARGUMENTS = st.dictionaries(WORDS, WORDS, max_size=6)


@given(command=WORDS, arguments=ARGUMENTS)
def test_a_press_comes_back_as_it_was(command: str, arguments: dict[str, str]) -> None:
    """Command and arguments survive the way through a button."""
    assert (command, arguments) == read_press(write_press(command, arguments))


@given(st.builds(FormOrigin, WORDS, ARGUMENTS, WORDS, WORDS, st.booleans(), WORDS))
def test_a_form_remembers_where_it_came_from(origin: FormOrigin) -> None:
    """Everything a form needs after a restart travels with it."""
    assert origin == read_origin(write_origin(origin))


@given(st.text(max_size=100))
def test_what_is_not_ours_is_nothing(value: str) -> None:
    """Values of other shapes are never taken for a press or a form."""
    assert read_press(value) is None or value.startswith("[")
    assert read_origin(value) is None or value.startswith("[")


@pytest.mark.parametrize(
    "value", ["", "go", "{}", "[]", "[1,{}]", '["a",{"b":1}]', '["a",[]]', '["a",{},3]', "[" * 999]
)
def test_odd_values_are_nothing(value: str) -> None:
    """Old, foreign and broken values are told apart from ours."""
    assert read_press(value) is None
    assert read_origin(value) is None


def test_too_much_for_a_button_is_an_error() -> None:
    """Arguments hold ids, so this is a mistake of ours and must be seen in a test."""
    with pytest.raises(ValueError, match="fit a button"):
        write_press("greet", {"row": "x" * LONGEST_VALUE})


def test_a_form_would_rather_lose_its_way_back_than_its_arguments() -> None:
    """Without room for the response_url the answer comes directly; without room for the arguments there is no form."""
    long_way = FormOrigin("greet", {"row": "x" * (LONGEST_METADATA - 100)}, response_url="https://example.org/" * 10)
    too_much = FormOrigin("greet", {"row": "x" * LONGEST_METADATA})

    kept = read_origin(write_origin(long_way))

    assert kept is not None
    assert (long_way.hidden, "") == (kept.hidden, kept.response_url)
    with pytest.raises(ValueError, match="fit a form"):
        write_origin(too_much)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("leader add who=<@U0ALICE000|alice>", "leader add who=@U0ALICE000"),
        ("group add in=<#C0CIRCLE00|circle> zone=Europe/Berlin", "group add in=#C0CIRCLE00 zone=Europe/Berlin"),
        ("in=<#C0SECRET00|>", "in=#C0SECRET00"),
        ("&lt;@U0ALICE000&gt; &amp;lt; a &lt; b", "<@U0ALICE000> &lt; a < b"),
        ("<!channel> <!here|here> <!subteam^S1|@leaders>", "@channel here @leaders"),
        ("<!date^1795456800^{date}|Monday>", "Monday"),
        ("see <https://example.org/a?b=1&amp;c=2>", "see https://example.org/a?b=1&c=2"),
        (
            "see <http://example.org|example.org> or <mailto:a@example.org|a@example.org>",
            "see example.org or a@example.org",
        ),
        ("  practice  ", "practice"),
        ("half < a > token", "half < a > token"),
        ("", ""),
    ],
)
def test_text_is_read_as_its_writer_meant_it(raw: str, meant: str) -> None:
    """Slack's tokens become members, channels and plain words; what people typed by hand stays text."""
    assert meant == read_text(raw)


def test_the_mention_that_addressed_us_is_left_out() -> None:
    """Only the bot's own mention goes; other people stay."""
    raw = without_mention("<@U0HEARTH00> tell <@U0ALICE000|alice> <@U0HEARTH00|hearthside>", "U0HEARTH00")

    assert "tell @U0ALICE000" == read_text(raw)


def test_things_seen_are_forgotten_in_time() -> None:
    """Memory is bounded; what came without a name never counts as a repetition."""
    seen = Seen(most=2)

    first = [seen.first(name) for name in ("a", "a", "b", "c", "a", "", "")]
    seen.forget("c")

    assert [True, False, True, True, True, True, True] == first
    assert seen.first("c")
