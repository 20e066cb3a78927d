"""What a custom_id carries."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.adapters.discord.ids import LONGEST, Target, decode, encode

ANYTHING = st.text(max_size=30)
TARGETS = st.builds(
    Target,
    command=ANYTHING,
    arguments=st.dictionaries(st.text(min_size=1, max_size=10), ANYTHING, max_size=4),
    community=ANYTHING,
    key=ANYTHING,
)


def fits(target: Target) -> bool:
    try:
        encode(target)
    except ValueError:
        return False
    return True


@given(TARGETS, st.integers(0, 24))
def test_what_is_encoded_is_decoded(target: Target, nth: int) -> None:
    """Whatever fits comes back as it was, and which of equal buttons it was makes no difference."""
    assume(fits(target))
    try:
        made = encode(target, nth)
    except ValueError:
        assume(False)
        raise

    assert target == decode(made)
    assert len(made) <= LONGEST


@given(st.text(max_size=LONGEST))
def test_anything_can_be_decoded(custom_id: str) -> None:
    """No custom_id makes us fail, not even one that we never wrote."""
    assert isinstance(decode(custom_id), Target)


@given(TARGETS, TARGETS)
def test_different_targets_have_different_ids(one: Target, other: Target) -> None:
    """Nothing gets lost on the way, so two targets never share an id."""
    assume(one != other)
    assume(fits(one) and fits(other))

    assert encode(one) != encode(other)


def test_what_does_not_fit_is_refused() -> None:
    """A command that needs more than 100 characters is an error of whoever made the button."""
    with pytest.raises(ValueError, match="of 100 characters"):
        encode(Target("note keep", {"row": "7" * 90}))


def test_a_posts_support_button_has_room_for_its_key() -> None:
    """The longest key and a community fit beside the command."""
    target = Target("support", key="k" * 25, community="1" * 20)

    assert target == decode(encode(target))
