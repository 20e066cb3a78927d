"""Where the main key comes from."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.keys import BadKeyError, MainKey, make_key, read_key

SECRET = bytes(range(200, 232))
FORM = "a key is 32 random bytes, written as 43 characters of base64url or 64 hexadecimal digits"


@pytest.mark.parametrize(
    "written",
    [
        SECRET.hex(),
        SECRET.hex().upper(),
        base64.urlsafe_b64encode(SECRET).decode(),
        base64.urlsafe_b64encode(SECRET).decode().rstrip("="),
        base64.b64encode(SECRET).decode(),
        f"  {SECRET.hex()}\n",
    ],
)
def test_a_key_is_read_in_every_form(written: str, tmp_path: Path) -> None:
    """Hexadecimal and both kinds of base64 give the same key, from the environment and from a file."""
    file = tmp_path / "key"
    file.write_text(written)

    from_environment = read_key({"HEARTHSIDE_KEY": written, "HEARTHSIDE_KEY_FILE": ""})
    from_file = read_key({"HEARTHSIDE_KEY_FILE": str(file)})

    assert from_environment is not None
    assert from_file is not None
    assert SECRET == from_environment.secret == from_file.secret


def test_no_key_is_none() -> None:
    """Variables that are not there or empty give no key, and no error."""
    assert read_key({}) is None
    assert read_key({"HEARTHSIDE_KEY": "", "HEARTHSIDE_KEY_FILE": " "}) is None


def test_two_keys_are_one_too_many(tmp_path: Path) -> None:
    """Nobody has to guess which of two is used."""
    with pytest.raises(BadKeyError) as error:
        read_key({"HEARTHSIDE_KEY": make_key(), "HEARTHSIDE_KEY_FILE": str(tmp_path / "key")})

    assert "HEARTHSIDE_KEY and HEARTHSIDE_KEY_FILE are both set: keep one of them." == str(error.value)


@pytest.mark.parametrize("written", ["hush-hush", "hush" * 16, SECRET.hex()[:-1], "hüsh" * 11, "h" * 5000])
def test_a_malformed_key_is_told_without_its_value(written: str, tmp_path: Path) -> None:
    """The sentence names the variable and the form, and shows nothing of what was given."""
    file = tmp_path / "key"
    file.write_text(written)

    with pytest.raises(BadKeyError) as in_environment:
        read_key({"HEARTHSIDE_KEY": written})
    with pytest.raises(BadKeyError) as in_file:
        read_key({"HEARTHSIDE_KEY_FILE": str(file)})

    assert f"HEARTHSIDE_KEY holds no key: {FORM}." == str(in_environment.value)
    assert f"The file that HEARTHSIDE_KEY_FILE names holds no key: {FORM}." == str(in_file.value)


def test_a_missing_file_is_told() -> None:
    """A path that leads nowhere is the operator's mistake to mend."""
    with pytest.raises(BadKeyError) as error:
        read_key({"HEARTHSIDE_KEY_FILE": "/nowhere/key"})

    assert "The file that HEARTHSIDE_KEY_FILE names cannot be read: No such file or directory." == str(error.value)


@given(st.text(max_size=100))
def test_whatever_is_given_is_a_key_or_a_clear_error(written: str) -> None:
    """No text, however odd, brings another exception."""
    try:
        key = read_key({"HEARTHSIDE_KEY": written})
    except BadKeyError:
        return
    assert key is None or len(key.secret) == 32


def test_made_keys_can_be_read_and_differ() -> None:
    """A new key is 43 characters that `read_key` takes, and another one each time."""
    first, second = make_key(), make_key()

    assert 43 == len(first)
    assert first != second
    assert read_key({"HEARTHSIDE_KEY": first}) is not None


def test_a_key_does_not_show_itself() -> None:
    """Printed, a key shows its fingerprint, which is not a part of it."""
    key = MainKey(SECRET)

    for shown in (repr(key), str(key), f"{key}", repr([key])):
        assert key.id.hex() in shown
        assert SECRET.hex()[:8] not in shown
        assert repr(SECRET)[2:10] not in shown
    assert key.id not in SECRET


def test_keys_of_another_length_are_refused() -> None:
    """Half a key is none."""
    with pytest.raises(BadKeyError):
        MainKey(SECRET[:16])
