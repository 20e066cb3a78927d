"""Addresses of databases, good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.storage.database import Database
from bot.storage.engines import CannotOpenError
from tests.databases import sqlite_address


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "The database's address cannot be read: it is like sqlite:///var/hearthside.db."),
        ("hearthside.db", "The database's address cannot be read: it is like sqlite:///var/hearthside.db."),
        ("mysql://me:hush@db/x", "Hearthside keeps its data in SQLite or PostgreSQL, not in mysql."),
        ("sqlite://", "An SQLite address names a file and nothing else, as in sqlite:///var/hearthside.db."),
        ("sqlite:///:memory:", "An SQLite address names a file and nothing else, as in sqlite:///var/hearthside.db."),
        ("sqlite:///x?mode=ro", "An SQLite address names a file and nothing else, as in sqlite:///var/hearthside.db."),
    ],
)
async def test_a_bad_address_is_told_in_one_sentence(address: str, sentence: str) -> None:
    """What cannot be a database of ours is refused before anything is made."""
    with pytest.raises(CannotOpenError) as error:
        await Database.open(address)

    assert sentence == str(error.value)


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """What SQLite says about a file that it cannot open is passed on."""
    with pytest.raises(CannotOpenError) as error:
        await Database.open(sqlite_address(tmp_path))

    assert f"The database file {tmp_path} cannot be used: unable to open database file." == str(error.value)


async def test_a_text_is_no_database(tmp_path: Path) -> None:
    """A file of another kind is left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("My notes. " * 100)

    with pytest.raises(CannotOpenError) as error:
        await Database.open(sqlite_address(file))

    assert f"The database file {file} cannot be used: file is not a database." == str(error.value)
    assert "My notes. " * 100 == file.read_text()


async def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    """A path that cannot be made is named."""
    (tmp_path / "var").write_text("")

    with pytest.raises(CannotOpenError) as error:
        await Database.open(sqlite_address(tmp_path / "var" / "hearthside.db"))

    assert f"The database file {tmp_path}/var/hearthside.db cannot be used: File exists." == str(error.value)


async def test_an_unreachable_server_is_told_without_the_password() -> None:
    """A wrong port is an error at once, and the password stays where it was."""
    with pytest.raises(CannotOpenError) as error:
        await Database.open("postgresql://hearthside:hush@127.0.0.1:1/hearthside?connect_timeout=5")

    assert str(error.value).startswith("The database cannot be opened: connection failed: ")
    assert "hush" not in str(error.value)
