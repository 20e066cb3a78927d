"""The program as it is called: exit codes, and one sentence for each mistake."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
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
    config = tmp_path / "config.yaml"
    config.write_text(f"content: {tmp_path}/words\n")
    run = hearthside("run", folder=tmp_path, HEARTHSIDE_KEY=make_key(), HEARTHSIDE_DISCORD_TOKEN=SECRET)
    told = [call(command, "--config", str(config)) for command in ("check", "console")]

    assert [(CONFIG, "", run.stderr)] * 3 == [(run.returncode, run.stdout, run.stderr), *told]
    places = {line.split(": ")[1] for line in run.stderr.splitlines()}
    assert {"commands.break skip", "commands.break skpi", "says.alredy", "says.already"} <= places
    assert "no value is given for {untill}: the values are {" in run.stderr


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
        (("next",), "I can't read this as a time rule. For example: daily 19:00"),
        (("next", "weekly mo 19:00"), "Please name days of the week, such as mon or mon,thu."),
        (("next", "daily 25:00"), "Please end the rule with a time from 00:00 to 23:59"),
        (("next", "daily 19:00", "--zone", "Europe/Belrin"), "is no time zone; did you mean Europe/Berlin?"),
        (("next", "daily 19:00", "--zone", "Mars/Base"), "'Mars/Base' is no time zone; write it as Europe/Berlin"),
        (("next", "daily 19:00", "--from", "2026-02-30"), "'2026-02-30' is neither a date nor an instant"),
        (("next", "daily 19:00", "--from", "2026-10-20T19:00"), "says no offset"),
        (("next", "daily 19:00", "--from", "0001-01-01T00:00+14:00"), "is neither a date nor an instant"),
        (("next", "daily 19:00", "--count", "0"), "--count: write a number from 1 to 1000"),
        (("next", "daily 19:00", "--count", "1001"), "--count: write a number from 1 to 1000"),
        (("next", "daily 19:00", "--count", "ten"), "--count: write a number from 1 to 1000"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    """A wrong option is one sentence and 2."""
    code, out, err = call(*arguments)

    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert said in err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # the clocks go back, and the offset tells
        (
            "weekdays 19:00 --zone Europe/Berlin --from 2026-10-22 --count 3",
            ["2026-10-22T19:00:00+02:00", "2026-10-23T19:00:00+02:00", "2026-10-26T19:00:00+01:00"],
        ),
        # in a gap at its end
        ("daily 02:30 --zone Europe/Berlin --from 2027-03-28 --count 1", ["2027-03-28T03:00:00+02:00"]),
        # the second of two equal times is too late for the date
        (
            "daily 02:30 --zone Europe/Berlin --from 2026-10-25T02:30+01:00 --count 1",
            ["2026-10-26T02:30:00+01:00"],
        ),
        # weeks count from the date, and from the instant; the very instant counts
        ("every 2 weeks mon 19:00 --from 2026-10-21 --count 1", ["2026-11-02T19:00:00+00:00"]),
        (
            "every 2 weeks mon 00:00 --from 2026-10-26T00:00Z --count 2",
            ["2026-10-26T00:00:00+00:00", "2026-11-09T00:00:00+00:00"],
        ),
        # at midnight in Nuuk what was swallowed of the date before is due; by date it counts to that
        (
            "daily 23:30 --zone America/Nuuk --from 2026-03-29T00:00-01:00 --count 2",
            ["2026-03-29T00:00:00-01:00", "2026-03-29T23:30:00-01:00"],
        ),
        ("daily 23:30 --zone America/Nuuk --from 2026-03-29 --count 1", ["2026-03-29T23:30:00-01:00"]),
        ("yearly 12-31 19:00 --from 9998-01-01", ["9998-12-31T19:00:00+00:00", "9999-12-31T19:00:00+00:00"]),
    ],
)
def test_a_rule_is_tried_before_a_group_gets_it(line: str, expected: list[str]) -> None:
    """A line for each time, with the offset that the clocks there have, quoted or in several words."""
    rule, _, options = line.partition(" --")

    for typed in (line.split(), [rule, *f"--{options}".split()]):
        assert (0, "".join(f"{each}\n" for each in expected), "") == call("next", *typed)


def test_a_rule_is_tried_from_now_in_utc_ten_times() -> None:
    """What is left out is now, UTC and ten; what is due comes later than now."""
    before = datetime.now(UTC)
    code, out, _ = call("next", "daily", f"{before:%H:%M}")
    times = [datetime.fromisoformat(line) for line in out.splitlines()]

    assert (0, 10, timedelta()) == (code, len(times), times[0].utcoffset())
    assert before <= times[0] <= datetime.now(UTC) + timedelta(days=1)


def test_a_rule_is_tried_for_programs() -> None:
    """With --json each time comes with the local date and the slot that name it."""
    line = "daily 23:30 --zone America/Nuuk --from 2026-03-28 --count 1 --json"
    code, out, _ = call("next", *line.split())

    assert (0, [{"at": "2026-03-29T00:00:00-01:00", "date": "2026-03-28", "slot": "23:30"}]) == (code, json.loads(out))


@pytest.mark.parametrize(("options", "printed"), [((), ""), (("--json",), "[]\n")])
def test_a_rule_that_never_comes_is_no_mistake(options: tuple[str, ...], printed: str) -> None:
    """A date that the zone left out has no time: nothing is printed, and standard error says so."""
    line = "once 2011-12-30 19:00 --zone Pacific/Apia --from 2011-12-01"

    assert (0, printed, "This rule has no time to come.\n") == call("next", *line.split(), *options)


def test_the_rule_that_the_docs_try_gives_what_they_show() -> None:
    """The example in docs/configuration.md is what the program prints."""
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    shown = re.search(r"hearthside (next .*)\n```\n\n```\n(.*?)```", page, re.DOTALL)

    assert shown
    assert (0, shown[2], "") == call(*shown[1].split())


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
