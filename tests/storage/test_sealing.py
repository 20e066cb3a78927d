"""Sealed values, blind indexes and delivery keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, func, select, type_coerce

from bot.storage.database import Database
from bot.storage.keys import MainKey, MissingKeyError, SealingError, TamperedError, WrongKeyError
from bot.storage.sealing import Sealing
from bot.storage.tables import sealing_keys

OLD, NEW = MainKey(b"o" * 32), MainKey(b"n" * 32)
SEALING = Sealing((NEW, OLD), b"i" * 32)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(texts)
def test_a_sealed_text_opens_in_its_place(text: str) -> None:
    """Any text comes back, even one of zeros, of nothing, or of several scripts."""
    assert text == SEALING.open(SEALING.seal(text, "milestones.label", 7), "milestones.label", 7)


@pytest.mark.parametrize("text", ["", "\0", "\0" * 40, "\x80", "a" * 31, "a" * 32, "a" * 33, "день", "🌱" * 30])
def test_padding_returns_the_text_as_it_was(text: str) -> None:
    """What looks like padding is not taken for it."""
    assert text == SEALING.open(SEALING.seal(text, "milestones.label", 7), "milestones.label", 7)


@pytest.mark.parametrize(
    "value", [None, True, 3, "three", [1, "ü", None], {"runs": [{"from": "2026-08-01", "to": None}], "total": 412}]
)
def test_json_comes_back(value: Any) -> None:
    """What JSON knows is sealed and opened whole."""
    assert value == SEALING.open_json(SEALING.seal_json(value, "milestones.runs", 7), "milestones.runs", 7)


@pytest.mark.parametrize(("at", "row"), [("milestones.label", 8), ("milestones.date", 7), ("members.label", 7)])
def test_a_value_opens_nowhere_else(at: str, row: int) -> None:
    """A value that was moved to another row, column or table is refused."""
    sealed = SEALING.seal("my day", "milestones.label", 7)

    with pytest.raises(TamperedError) as error:
        SEALING.open(sealed, at, row)

    assert f"A value of {at} was changed or belongs elsewhere." == str(error.value)


@given(st.data())
def test_a_changed_value_is_refused(data: st.DataObject) -> None:
    """One changed bit anywhere, or a cut, is noticed."""
    sealed = bytearray(SEALING.seal("my day", "milestones.label", 7))
    place = data.draw(st.integers(0, len(sealed) - 1))
    if data.draw(st.booleans()):
        sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del sealed[place:]

    with pytest.raises(SealingError):
        SEALING.open(bytes(sealed), "milestones.label", 7)


def test_a_value_shows_nothing_but_its_key_and_rough_length() -> None:
    """The same text seals differently each time, begins with its key's id, and its length goes by blocks of 32."""
    first, second = (SEALING.seal("my day", "milestones.label", 7) for _ in range(2))

    assert first != second
    assert b"my day" not in first
    assert NEW.id == first[:8]
    assert len(SEALING.seal("named", "a.b", 1)) == len(SEALING.seal("x" * 31, "a.b", 1)) == 8 + 12 + 32 + 16
    assert 8 + 12 + 64 + 16 == len(SEALING.seal("x" * 32, "a.b", 1))


def test_a_place_is_a_table_and_a_column() -> None:
    """Names with more or fewer dots could be taken for each other, and are refused."""
    for at in ("milestones", "milestones.label.7", ""):
        with pytest.raises(ValueError, match="a place is"):
            SEALING.seal("my day", at, 7)


def test_older_keys_open_and_the_first_one_seals() -> None:
    """With the new key in front, old values open and new ones need the new key."""
    before, after = Sealing((OLD,), b"i" * 32), Sealing((NEW, OLD), b"i" * 32)
    old = before.seal("my day", "a.b", 1)

    assert "my day" == after.open(old, "a.b", 1)
    with pytest.raises(WrongKeyError) as error:
        before.open(after.seal("my day", "a.b", 1), "a.b", 1)
    assert "A value of a.b was sealed with a key that is not here." == str(error.value)


def test_an_index_is_the_same_for_the_same_parts_alone() -> None:
    """Parts are told apart by where they end, and another key gives another index."""
    index = SEALING.index("milestones", "slack", "T1", "U1")

    assert 32 == len(index)
    assert index == SEALING.index("milestones", "slack", "T1", "U1")
    others = [("milestones", "slack", "T1U", "1"), ("milestones", "slackT1U1"), ("members", "slack", "T1", "U1"), ()]
    assert index not in [SEALING.index(*parts) for parts in others]
    assert index != Sealing((NEW, OLD), b"j" * 32).index("milestones", "slack", "T1", "U1")
    assert index == Sealing((OLD,), b"i" * 32).index("milestones", "slack", "T1", "U1")


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_different_parts_give_different_indexes(some: list[str], others: list[str]) -> None:
    """No two lists of parts share an index or a key."""
    assert (some == others) == (SEALING.index(*some) == SEALING.index(*others))
    assert (some == others) == (SEALING.key_for(*some) == SEALING.key_for(*others))


def test_a_delivery_key_fits_every_platform() -> None:
    """It is 24 small letters and digits, the same for the same parts, and unlike the index of the same parts."""
    key = SEALING.key_for("schedule", "7", "2026-10-25", "19:00")

    assert re.fullmatch("[a-z2-7]{24}", key)
    assert key == SEALING.key_for("schedule", "7", "2026-10-25", "19:00")
    assert key != Sealing((NEW,), b"j" * 32).key_for("schedule", "7", "2026-10-25", "19:00")


def test_a_sealing_does_not_show_its_keys() -> None:
    """Printed, it shows fingerprints only."""
    for shown in (repr(SEALING), str(SEALING)):
        assert f"Sealing(keys=['{NEW.id.hex()}', '{OLD.id.hex()}'])" == shown


async def test_the_index_key_is_made_once(database: Database, sealing: Sealing, main_key: MainKey) -> None:
    """Preparing a second time, in a new process, gives the same indexes."""
    again = await Sealing.prepare(database, main_key)

    assert sealing.index("a") == again.index("a")
    assert "my day" == again.open(sealing.seal("my day", "a.b", 1), "a.b", 1)


async def test_the_index_key_stands_sealed(database: Database, sealing: Sealing, main_key: MainKey) -> None:
    """The database holds it under the main key, and never as it is."""
    async with database.read() as unit:
        wrapped = await unit.scalar(select(type_coerce(sealing_keys.c.wrapped, LargeBinary)))

    assert isinstance(wrapped, bytes)
    assert main_key.id == wrapped[:8]
    assert sealing._index_key not in wrapped  # pyright: ignore[reportPrivateUsage]  it must be known to be looked for


async def test_a_wrong_key_is_told(database: Database, sealing: Sealing) -> None:
    """Another key is refused with one sentence that holds no key, and changes nothing."""
    assert sealing is not None

    with pytest.raises(WrongKeyError) as error:
        await Sealing.prepare(database, OLD)

    expected = (
        "The key does not fit this database: set HEARTHSIDE_KEY or HEARTHSIDE_KEY_FILE to the key it was made with."
    )
    assert expected == str(error.value)


async def test_a_missing_key_is_told(database: Database, main_key: MainKey) -> None:
    """Without a key a sealed database asks for its own, and a new one for any."""
    with pytest.raises(MissingKeyError) as new:
        await Sealing.prepare(database)
    await Sealing.prepare(database, main_key)
    with pytest.raises(MissingKeyError) as sealed:
        await Sealing.prepare(database)

    assert (
        "A key is needed, so that what members entrust stays private: set HEARTHSIDE_KEY or HEARTHSIDE_KEY_FILE."
        == str(new.value)
    )
    assert "This database is sealed: set HEARTHSIDE_KEY or HEARTHSIDE_KEY_FILE to the key it was made with." == str(
        sealed.value
    )


async def test_a_new_key_in_front_still_fits(database: Database, sealing: Sealing, main_key: MainKey) -> None:
    """While keys are being changed, the old one opens the index key and the new one seals."""
    both = await Sealing.prepare(database, NEW, main_key)

    assert sealing.index("a") == both.index("a")
    assert NEW.id == both.seal("my day", "a.b", 1)[:8]
    async with database.read() as unit:
        assert 1 == await unit.scalar(select(func.count()).select_from(sealing_keys))
