"""The main key: where it comes from, and how it stays out of sight."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

KEY: Final = "HEARTHSIDE_KEY"
KEY_FILE: Final = "HEARTHSIDE_KEY_FILE"

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8

_HEX_DIGITS: Final = 2 * KEY_BYTES
_FORM: Final = "a key is 32 random bytes, written as 43 characters of base64url or 64 hexadecimal digits"


class SealingError(Exception):
    """Something is wrong with a key or with a sealed value. The text is one sentence and never holds either."""


class BadKeyError(SealingError):
    """The environment does not give a key that can be read."""


class MissingKeyError(SealingError):
    """A key is needed and was not given."""


class WrongKeyError(SealingError):
    """Something was sealed with a key that is not here."""


class TamperedError(SealingError):
    """A sealed value was changed, or taken from another row, column or table."""


class MainKey:
    """The self-hoster's key. Its `id` is a fingerprint, which tells nothing about the key; nothing shows the rest."""

    __slots__ = ("id", "secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise BadKeyError(f"The key has the wrong length: {_FORM}.")
        self.secret: Final = secret
        self.id: Final = hashlib.sha256(b"hearthside key id\0" + secret).digest()[:KEY_ID_BYTES]

    def __repr__(self) -> str:
        return f"MainKey(id={self.id.hex()})"


def make_key() -> str:
    """Return a new random key in the form that `HEARTHSIDE_KEY` takes."""
    return secrets.token_urlsafe(KEY_BYTES)


def read_key(environ: Mapping[str, str]) -> MainKey | None:
    """Return the key that `HEARTHSIDE_KEY` holds or `HEARTHSIDE_KEY_FILE` names, or None when neither is set.

    Raises `BadKeyError`. A variable that is empty counts as not set, since container files leave such behind.
    """
    text, file = environ.get(KEY, "").strip(), environ.get(KEY_FILE, "").strip()
    if text and file:
        raise BadKeyError(f"{KEY} and {KEY_FILE} are both set: keep one of them.")
    if text:
        return MainKey(_decoded(text, KEY))
    if file:
        return MainKey(_decoded(_content(file), f"The file that {KEY_FILE} names"))
    return None


def _content(file: str) -> str:
    try:
        return Path(file).read_bytes().decode("ascii", errors="replace").strip()
    except OSError as error:
        raise BadKeyError(f"The file that {KEY_FILE} names cannot be read: {error.strerror}.") from None


def _decoded(text: str, source: str) -> bytes:
    """Return the key's bytes. Both alphabets of base64 are taken, with or without `=` at the end."""
    try:
        if len(text) == _HEX_DIGITS:
            secret = bytes.fromhex(text)
        else:
            unpadded = text.rstrip("=").translate(str.maketrans("+/", "-_"))
            secret = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), altchars="-_", validate=True)
    except (ValueError, binascii.Error):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise BadKeyError(f"{source} holds no key: {_FORM}.")
    return secret
