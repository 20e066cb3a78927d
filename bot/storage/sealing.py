"""Sealing: what must stay private is unreadable without the self-hoster's key, and bound to its place.

A sealed value is the id of the main key (8 bytes), a random nonce (12 bytes) and AES-256-GCM over the text, which is
padded to a multiple of 32 bytes so that its length does not give it away. `table.column.row` is authenticated with it.
Look-ups go through HMAC-SHA256 under a key of its own, which stands in the database sealed by the main key: changing
the main key therefore leaves every index as it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from bot.storage.database import Database, insert_once
from bot.storage.keys import (
    KEY,
    KEY_BYTES,
    KEY_FILE,
    KEY_ID_BYTES,
    MainKey,
    MissingKeyError,
    TamperedError,
    WrongKeyError,
)
from bot.storage.tables import sealing_keys

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_NONCE_BYTES: Final = 12
_BLOCK: Final = 32
_END: Final = b"\x80"
_INDEX_KEY_ROW: Final = 1
_WRAPPED_AT: Final = "sealing_keys.wrapped"


class Sealing:
    """Seals and opens values, and makes the names by which sealed rows are found.

    The first main key seals; all of them open what they have sealed.
    """

    __slots__ = ("_ciphers", "_current", "_index_key")

    def __init__(self, keys: Sequence[MainKey], index_key: bytes) -> None:
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys}
        self._current = keys[0].id
        self._index_key = index_key

    def __repr__(self) -> str:
        return f"Sealing(keys={[key.hex() for key in self._ciphers]})"

    @classmethod
    async def prepare(cls, database: Database, *keys: MainKey) -> Sealing:
        """Return the sealing of a database, whose index key is made at the first time.

        Raises `MissingKeyError` without keys and `WrongKeyError` when none of them fits.
        """
        if not keys:
            raise await _missing(database)
        bare = cls(keys, b"")
        new = bare._seal(secrets.token_bytes(KEY_BYTES), _WRAPPED_AT, _INDEX_KEY_ROW)
        async with database.write() as unit:
            row = {"id": _INDEX_KEY_ROW, "wrapped": new}
            await insert_once(unit, sealing_keys, row, on=[sealing_keys.c.id])
            wrapped = (await unit.execute(select(sealing_keys.c.wrapped))).scalar_one()
        try:
            return cls(keys, bare._open(wrapped, _WRAPPED_AT, _INDEX_KEY_ROW))
        except (WrongKeyError, TamperedError):
            raise WrongKeyError(
                f"The key does not fit this database: set {KEY} or {KEY_FILE} to the key it was made with."
            ) from None

    def seal(self, text: str, at: str, row: int) -> bytes:
        """Seal a text for one place: `at` is "table.column", `row` the id of its row."""
        return self._seal(text.encode(), at, row)

    def open(self, sealed: bytes, at: str, row: int) -> str:
        """Return the text that was sealed for this place.

        Raises `TamperedError` when it was changed or sealed for another place, and `WrongKeyError` when the key it was
        sealed with is not here.
        """
        return self._open(sealed, at, row).decode()

    def seal_json(self, value: Json, at: str, row: int) -> bytes:
        """Seal a value made of what JSON knows."""
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")), at, row)

    def open_json(self, sealed: bytes, at: str, row: int) -> Any:
        """Return the value that `seal_json` sealed, tuples having become lists. Raises as `open` does."""
        return json.loads(self.open(sealed, at, row))

    def index(self, *parts: str) -> bytes:
        """Return 32 bytes by which a row can be found again: the same parts give the same bytes, with this key only.

        Begin with the purpose, as in `index("milestones", platform, community, member)`: rows of different purposes
        then cannot be seen to belong together.
        """
        return self._hmac(b"index", parts)

    def key_for(self, *parts: str) -> str:
        """Return a delivery's key: 24 characters a-z and 2-7, the same for the same parts, which nobody can guess."""
        return base64.b32encode(self._hmac(b"delivery", parts)[:15]).decode().lower()

    def _hmac(self, purpose: bytes, parts: Sequence[str]) -> bytes:
        framed = b"".join(len(part).to_bytes(4, "big") + part for part in (purpose, *(text.encode() for text in parts)))
        return hmac.digest(self._index_key, framed, hashlib.sha256)

    def _seal(self, plain: bytes, at: str, row: int) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._current + nonce + self._ciphers[self._current].encrypt(nonce, _padded(plain), _place(at, row))

    def _open(self, sealed: bytes, at: str, row: int) -> bytes:
        key_id, rest = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise WrongKeyError(f"A value of {at} was sealed with a key that is not here.")
        try:
            padded = cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _place(at, row))
        except (InvalidTag, ValueError):
            raise TamperedError(f"A value of {at} was changed or belongs elsewhere.") from None
        return padded.rstrip(b"\0")[:-1]


async def _missing(database: Database) -> MissingKeyError:
    async with database.read() as unit:
        sealed = (await unit.execute(select(sealing_keys.c.id))).first() is not None
    if sealed:
        return MissingKeyError(f"This database is sealed: set {KEY} or {KEY_FILE} to the key it was made with.")
    return MissingKeyError(f"A key is needed, so that what members entrust stays private: set {KEY} or {KEY_FILE}.")


def _place(at: str, row: int) -> bytes:
    """Return what binds a value to its place. Two places never give the same bytes, as names hold no dots."""
    if at.count(".") != 1:
        raise ValueError(f'a place is "table.column", not {at!r}')
    return f"{at}.{row:d}".encode()


def _padded(plain: bytes) -> bytes:
    """Return the text with its end marked and zeros up to the next full block (ISO/IEC 7816-4)."""
    marked = plain + _END
    return marked + bytes(-len(marked) % _BLOCK)
