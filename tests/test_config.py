"""The configuration and its secrets: defaults, every mistake at once with its line, and no secret in any of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from bot.config import (
    DISCORD_TOKEN,
    SLACK_APP_TOKEN,
    SLACK_BOT_TOKEN,
    SLACK_SIGNING_SECRET,
    Config,
    ConfigError,
    Loaded,
    Secrets,
    SlackConfig,
    load_config,
    read_secrets,
)
from bot.core.content import Settings
from bot.features import discover

HUSH = "xoxb-hush-hush"
APP_HUSH = "xapp-hush-hush"
HTTP = Config(slack=SlackConfig(mode="http"))


class TeaSettings(Settings):
    """Settings of a feature that only these tests know."""

    minutes: int = Field(default=5, ge=1, le=10)
    kind: str = "green"


MODELS = {"tea": TeaSettings, "water": Settings}


def load(folder: Path, text: str) -> Loaded:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, MODELS)


def flaws(folder: Path, text: str) -> Sequence[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return [str(flaw).removeprefix(f"{folder}/") for flaw in caught.value.flaws]


def secret_flaws(environ: dict[str, str], config: Config) -> str:
    with pytest.raises(ConfigError) as caught:
        read_secrets(environ, config)
    return str(caught.value)


# ---------------------------------------------------------------- config.yaml


def test_without_a_file_everything_has_a_default() -> None:
    """Nothing needs to be configured for a first try."""
    loaded = load_config(None, MODELS)

    assert Config() == loaded.config
    assert {"tea": TeaSettings(minutes=5), "water": Settings()} == loaded.settings


@pytest.mark.parametrize(
    "text",
    [
        *("", "# nothing yet\n", "---\n", "features:\n  tea: {}\n", "features:\n", "features:\n  tea:\n"),
        "slack:\ndiscord:\ndelivery:\ncontent:\n",
        "discord:\n  api_url:\n  gateway_url: ''\n",
    ],
)
def test_an_empty_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    """Commenting everything out is no mistake."""
    loaded = load(tmp_path, text)

    assert (Config(features=loaded.config.features), TeaSettings()) == (loaded.config, loaded.settings["tea"])


def test_what_stands_in_the_file_counts(tmp_path: Path) -> None:
    """Values of the house and of its features are read, whatever editor wrote the file."""
    text = (
        "\ufeffdatabase: postgresql://hearthside@db/hearthside\r\nlog_level: debug\r\n"
        "delivery:\r\n  lease_seconds: 45\r\n"
        "discord:\r\n  api_url: http://127.0.0.1:8080/api\r\nslack: {mode: http, port: 8443, command: /circle}\r\n"
        "features:\r\n  tea:\r\n    minutes: 7\r\n"
    )
    loaded = load(tmp_path, text)

    assert loaded.config.database == "postgresql://hearthside@db/hearthside"
    assert (45, 5) == (loaded.config.delivery.lease_seconds, loaded.config.delivery.settle_seconds)
    assert loaded.config.discord.api_url == "http://127.0.0.1:8080/api"
    assert SlackConfig(mode="http", port=8443, command="/circle") == loaded.config.slack
    assert TeaSettings(minutes=7) == loaded.settings["tea"]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Mistakes of the house and of its features stand in one list, each with its line."""
    text = """database: mysql://localhost
colour: red
log_level: loud
slack:
  mode: pigeon
  command: hearth
  port: 70000
delivery:
  lease_seconds: 0
features:
  tea:
    minutes: 60
    sugar: 2
  coffee:
    minutes: 5
"""

    assert [
        "config.yaml:1: database: write sqlite:///var/hearthside.db, or postgresql://user:password@host/name",
        "config.yaml:2: colour: is not known here: check the spelling, or take it out",
        "config.yaml:3: log_level: input should be 'debug', 'info', 'warning' or 'error'",
        "config.yaml:5: slack.mode: input should be 'socket' or 'http'",
        "config.yaml:6: slack.command: write / and up to 31 small letters, digits, - or _, such as /hearth",
        "config.yaml:7: slack.port: input should be less than or equal to 65535",
        "config.yaml:9: delivery.lease_seconds: input should be greater than 0",
        "config.yaml:12: features.tea.minutes: input should be less than or equal to 10",
        "config.yaml:13: features.tea.sugar: is not known here: check the spelling, or take it out",
        "config.yaml:14: features.coffee: there is no such feature",
    ] == flaws(tmp_path, text)


DATABASE = "database: write sqlite:///var/hearthside.db, or postgresql://user:password@host/name"
COMMAND = "slack.command: write / and up to 31 small letters, digits, - or _, such as /hearth"
PROXY = "discord.api_url: write an address such as https://proxy.example/api/v10, or leave it empty"
GATEWAY = "discord.gateway_url: write an address such as wss://proxy.example/, or leave it empty"
SLACK = "slack.api_url: write an address that ends with a slash, such as https://slack.com/api/"


@pytest.mark.parametrize(
    ("text", "wrong", "expected"),
    [
        ("database:{}", ("var/x.db", "sqlite://x", "sqlite:///", "'sqlite:///:memory:'", "postgres://h", ""), DATABASE),
        ("slack: {{command:{}}}", ("hearth", "/", "/Hearth", "/my hearth", f"/{'x' * 32}", "7", ""), COMMAND),
        ("discord: {{api_url:{}}}", ("proxy.example", "wss://proxy.example", "'https://'", "https://a b"), PROXY),
        ("discord: {{gateway_url:{}}}", ("proxy.example", "https://proxy.example"), GATEWAY),
        ("slack: {{api_url:{}}}", ("''", "slack.com/api/", "https://slack.com/api", "wss://slack.com/api/"), SLACK),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_in_words(tmp_path: Path, text: str, wrong: Sequence[str], expected: str) -> None:
    """One sentence each says what to write; nobody has to read a pattern."""
    for value in wrong:
        assert [f"config.yaml:1: {expected}"] == flaws(tmp_path, text.format(f" {value}")), value


@pytest.mark.parametrize("text", ["colour:\n", "features:\n  coffee:\n", "slack:\n  colour:\n"])
def test_nothing_after_an_unknown_name_is_a_mistake_still(tmp_path: Path, text: str) -> None:
    """A misspelt name is told, whether or not anything follows it."""
    assert 1 == len(flaws(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 'open", "config.yaml:1: "),
        ("log_level: info\nlog_level: debug\n", "config.yaml:2: log_level: stands here twice: keep one"),
        ("- a\n", "config.yaml:1: must be names with values"),
        ("features: [tea]\n", "config.yaml:1: features: "),
        ("features:\n  tea: 5\n", "config.yaml:2: features.tea: "),
        ("slack: socket\n", "config.yaml:1: slack: "),
    ],
)
def test_a_file_of_the_wrong_shape_is_one_mistake(tmp_path: Path, text: str, expected: str) -> None:
    """Each is told once, with its line."""
    (found,) = flaws(tmp_path, text)

    assert found.startswith(expected)


def test_a_file_that_cannot_be_read_is_a_mistake_like_any_other(tmp_path: Path) -> None:
    """No trace back for a missing file, a folder, or one that is no text."""
    (tmp_path / "latin.yaml").write_bytes(b"log_level: caf\xe9\n")

    for name in ("missing.yaml", ".", "latin.yaml"):
        with pytest.raises(ConfigError, match="cannot be read: it must be a text file in UTF-8"):
            load_config(tmp_path / name, MODELS)


def test_no_mistake_shows_a_value(tmp_path: Path) -> None:
    """A token in the wrong place is not printed."""
    text = f"database: {HUSH}\nlog_level: {HUSH}\nslack:\n  port: {HUSH}\nfeatures:\n  tea:\n    minutes: {HUSH}\n"
    found = flaws(tmp_path, text)

    assert len(found) == 4
    assert HUSH not in "\n".join(found)
    assert HUSH not in "\n".join(flaws(tmp_path, f"a: '{HUSH}\n"))


def test_the_file_that_is_shipped_is_sound() -> None:
    """The example in the repository runs as it is, and says nothing but the defaults."""
    loaded = load_config(
        Path(__file__).parents[1] / "config.yaml", {name: plug.settings for name, plug in discover().items()}
    )

    assert Config(features=loaded.config.features) == loaded.config
    assert {name: plug.settings() for name, plug in discover().items()} == loaded.settings


# ---------------------------------------------------------------- secrets


def test_nothing_in_the_environment_is_no_mistake() -> None:
    """A platform without a token is simply not served."""
    assert Secrets() == read_secrets({}, Config()) == read_secrets({DISCORD_TOKEN: "  "}, Config())


def test_secrets_come_from_the_environment_or_from_files(tmp_path: Path) -> None:
    """`NAME` holds the secret, `NAME_FILE` the path of a file that does; line ends are no part of it."""
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    environ = {
        f"{DISCORD_TOKEN}_FILE": str(file),
        SLACK_BOT_TOKEN: " xoxb-1 ",
        SLACK_APP_TOKEN: "xapp-1",
        SLACK_SIGNING_SECRET: "sign",
    }

    expected = Secrets(SecretStr("from-a-file"), SecretStr("xoxb-1"), SecretStr("xapp-1"), SecretStr("sign"))
    assert expected == read_secrets(environ, Config()) == read_secrets(environ, HTTP)


@pytest.mark.parametrize(
    ("config", "environ", "missing"),
    [
        (Config(), {SLACK_BOT_TOKEN: HUSH}, SLACK_APP_TOKEN),
        (Config(), {SLACK_BOT_TOKEN: HUSH, SLACK_SIGNING_SECRET: HUSH}, SLACK_APP_TOKEN),
        (HTTP, {SLACK_BOT_TOKEN: HUSH}, SLACK_SIGNING_SECRET),
        (HTTP, {SLACK_BOT_TOKEN: HUSH, SLACK_APP_TOKEN: APP_HUSH}, SLACK_SIGNING_SECRET),
    ],
)
def test_slack_needs_two_secrets(config: Config, environ: dict[str, str], missing: str) -> None:
    """Which one the bot token needs beside it depends on how Slack reaches us."""
    said = secret_flaws(environ, config)

    assert f"environment: {missing}: is missing; slack.mode {config.slack.mode} needs it" == said
    assert HUSH not in said


def test_tokens_of_slack_that_were_mixed_up_are_told() -> None:
    """Slack would only say that a token is wrong; their beginnings say which is which."""
    said = secret_flaws({SLACK_BOT_TOKEN: APP_HUSH, SLACK_APP_TOKEN: HUSH}, Config())

    assert [
        f"environment: {SLACK_BOT_TOKEN}: is no bot token: copy the one that begins with xoxb-",
        f"environment: {SLACK_APP_TOKEN}: is no app token: copy the one that begins with xapp-",
    ] == said.splitlines()


def test_files_that_cannot_be_read_are_all_told_at_once(tmp_path: Path) -> None:
    """A missing file, a folder and a file that is no text are mistakes that name the variable."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00hush")
    environ = {
        f"{DISCORD_TOKEN}_FILE": str(tmp_path / "missing"),
        f"{SLACK_BOT_TOKEN}_FILE": str(tmp_path),
        f"{SLACK_APP_TOKEN}_FILE": str(tmp_path / "binary"),
    }

    assert [
        f"environment: {name}_FILE: the file it names cannot be read"
        for name in (DISCORD_TOKEN, SLACK_BOT_TOKEN, SLACK_APP_TOKEN)
    ] == secret_flaws(environ, Config()).splitlines()


def test_secrets_do_not_show() -> None:
    """Neither their repr nor an error holds them."""
    secrets = read_secrets({DISCORD_TOKEN: HUSH}, Config())

    assert HUSH not in repr(secrets)
    assert HUSH not in str(secrets)
