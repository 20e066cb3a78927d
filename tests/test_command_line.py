"""The program as it is called: exit codes, and one sentence for each mistake."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
import yaml
from typer.testing import CliRunner

from bot.__main__ import program
from bot.storage.keys import make_key

CONFIG = 78
ROOT = Path(__file__).parents[1]
SECRET = "marked-secret-value"


def hearthside(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEARTHSIDE_")}
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder, env={**clean, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(program, arguments)
    structlog.reset_defaults()  # it logged to a stream that is closed now
    return result.exit_code, result.stdout, result.stderr


def test_run_names_everything_that_is_missing_at_once(tmp_path: Path) -> None:
    """Without a key and without a token nothing connects, and both are named."""
    told = hearthside("run", folder=tmp_path)

    assert (CONFIG, "") == (told.returncode, told.stdout)
    assert "environment: HEARTHSIDE_KEY: is missing" in told.stderr
    assert "environment: no platform has a token" in told.stderr


def test_a_wrong_key_is_one_clear_sentence(tmp_path: Path) -> None:
    """A database made with another key is not touched, and no key shows."""
    tokens = {
        "HEARTHSIDE_DISCORD_TOKEN": SECRET,
    }
    (tmp_path / "config.yaml").write_text("discord: {api_url: 'http://127.0.0.1:1', gateway_url: 'ws://127.0.0.1:1'}")
    first, second = make_key(), make_key()
    prepare = (
        "import asyncio\n"
        "from bot.storage.database import Database\nfrom bot.storage.keys import read_key\n"
        "from bot.storage.migrations import migrate\nfrom bot.storage.sealing import Sealing\n"
        "async def main():\n"
        "    database = await Database.open('sqlite:///var/hearthside.db')\n"
        "    await migrate(database)\n"
        f"    await Sealing.prepare(database, read_key({{'HEARTHSIDE_KEY': '{first}'}}))\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", prepare], cwd=tmp_path, check=True)  # noqa: S603  our own program
    told = hearthside("run", folder=tmp_path, HEARTHSIDE_KEY=second, **tokens)

    assert CONFIG == told.returncode
    assert "The key does not fit this database" in told.stderr
    for hidden in ("Traceback", first, second, SECRET):
        assert hidden not in told.stderr + told.stdout


def test_check_prints_every_mistake_with_its_line(tmp_path: Path) -> None:
    """Unknown keys, wrong values and unknown features come together, as file:line: what: how to mend it."""
    file = tmp_path / "config.yaml"
    file.write_text("databse: sqlite:///x.db\ndelivery:\n  lease_seconds: 0\n")
    code, out, err = call("check", "--config", str(file))

    assert (CONFIG, "") == (code, out)
    assert f"{file}:1: databse: is not known here: check the spelling, or take it out" in err
    assert f"{file}:3: delivery.lease_seconds: " in err


def test_check_on_the_example_finds_nothing() -> None:
    """The config.yaml of this tree runs as it is."""

    assert (0, "Configuration and content are sound.\n", "") == call("check")


def test_own_words_that_do_not_fit_stop_everything(tmp_path: Path) -> None:
    """A sentence, a command and a value that are misspelt come together, in the same lines from every command."""
    shutil.copytree(ROOT / "content", tmp_path / "words")
    file = tmp_path / "words" / "breaks" / "en.yaml"
    text = file.read_text("utf-8").replace("  already:", "  alredy:").replace("  break skip:", "  break skpi:")
    file.write_text(text.replace("{until}", "{untill}"), encoding="utf-8")
    (tmp_path / "config.yaml").write_text("content: words\n")
    environment = {"HEARTHSIDE_KEY": make_key(), "HEARTHSIDE_DISCORD_TOKEN": SECRET}
    told = [hearthside(command, folder=tmp_path, **environment) for command in ("check", "console", "run")]

    assert [(CONFIG, "")] * 3 == [(each.returncode, each.stdout) for each in told]
    assert 1 == len({each.stderr for each in told})
    places = {line.split(": ")[1] for line in told[0].stderr.splitlines()}
    assert {"commands.break skip", "commands.break skpi", "says.alredy", "says.already"} <= places
    assert "no value is given for {untill}: the values are {" in told[0].stderr


def test_a_mistake_in_the_settings_hides_none_in_the_words(tmp_path: Path) -> None:
    """The folder that config.yaml names is looked at, whatever else is wrong there."""
    file = tmp_path / "config.yaml"
    file.write_text(f"log_level: loud\ncontent: {tmp_path}/words\n")
    code, _, err = call("check", "--config", str(file))

    assert (CONFIG, 2) == (code, len(err.splitlines()))
    assert f"{tmp_path}/words: there is no such folder: mend content: in config.yaml" in err


def test_check_as_json_is_a_list(tmp_path: Path) -> None:
    """With --json the mistakes are for programs."""
    file = tmp_path / "config.yaml"
    file.write_text("log_level: loud\n")
    code, out, _ = call("check", "--json", "--config", str(file))

    assert CONFIG == code
    (flaw,) = yaml.safe_load(out)
    assert (str(file), 1) == (flaw["file"], flaw["line"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("console", "--at", "tomorrow"), "--at: 'tomorrow' is no instant"),
        (("console", "--at", "2026-10-23T18:55"), "says no offset"),
        (("console", "--zone", "Mars/Base"), "'Mars/Base' is no time zone"),
        (("console", "--script", "/nowhere/at/all"), "cannot be read"),
        (("discord", "invite"), "give the application id"),
        (("slack", "manifest", "--url", "http://bot.example.org"), "--url: write your own https address, such as"),
        (("slack", "manifest", "--url", "bot.example.org"), "--url: write your own https address, such as"),
        (("slack", "manifest", "--url", "https://"), "--url: write your own https address, such as"),
        (("slack", "manifest", "--url", "https://bot .example"), "--url: write your own https address, such as"),
        (("slack", "manifest", "--name", ""), "--name: write 1 to 35 characters"),
        (("slack", "manifest", "--name", "  "), "--name: write 1 to 35 characters"),
        (("slack", "manifest", "--name", "x" * 36), "--name: write 1 to 35 characters"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    """A wrong option is one sentence and 2."""
    code, out, err = call(*arguments)

    assert (2, "") == (code, out)
    assert said in err


def test_the_invitation_needs_no_more_than_the_work_does() -> None:
    """The link holds the application, both scopes, and no administrator's permission."""
    code, out, _ = call("discord", "invite", "--application", "1234")

    assert 0 == code
    assert "client_id=1234" in out
    assert "scope=bot+applications.commands" in out
    assert 0 == int(out.strip().partition("permissions=")[2]) & 0x8


def test_the_manifest_is_yaml_to_paste() -> None:
    """The manifest parses, and renames the command as configured."""
    code, out, _ = call("slack", "manifest", "--name", "Ember")

    assert 0 == code
    manifest = yaml.safe_load(out)
    assert "Ember" == manifest["display_information"]["name"]
    assert ["/hearth"] == [each["command"] for each in manifest["features"]["slash_commands"]]


def test_a_transcript_from_a_pipe_is_played(tmp_path: Path) -> None:
    """Without a terminal the console reads its lines from standard input."""
    told = subprocess.run(
        [sys.executable, "-m", "bot", "console", "--at", "2026-10-25T01:30:00+02:00"],
        cwd=tmp_path, input="as member\nhelp\nexpect What I can do for you\nwait 1 hour\n", capture_output=True,
        text=True, check=False,
    )  # fmt: skip

    assert (0, "") == (told.returncode, told.stderr)
    assert "02:30 (+02:00)" in told.stdout
