"""`config.yaml` and the secrets of the environment, as frozen models. Every mistake is reported at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from bot.core.content import Settings
from bot.core.sheet import Flaw, SheetError, check_sheet, read_sheet


def _written(pattern: str, how: str) -> BeforeValidator:
    """Return a check that a text has a shape, and otherwise says in words how to write it."""

    def check(value: object) -> object:
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise ValueError(f"write {how}")

    return BeforeValidator(check)


def _or_nothing(value: object) -> object:
    return {} if value is None else value


WebAddress = Annotated[
    str,
    _written(r"(https?://[^\s/]\S*)?", "an address such as https://proxy.example/api/v10, or leave it empty"),
]
SocketAddress = Annotated[
    str, _written(r"(wss?://[^\s/]\S*)?", "an address such as wss://proxy.example/, or leave it empty")
]
SlackAddress = Annotated[
    str,
    _written(r"https?://[^\s/](\S*)/", "an address that ends with a slash, such as https://slack.com/api/"),
]
SlashCommand = Annotated[
    str, _written(r"/[a-z0-9_-]{1,31}", "/ and up to 31 small letters, digits, - or _, such as /hearth")
]
DatabaseAddress = Annotated[
    str,
    _written(
        r"sqlite:///(?!:memory:)\S.*|postgresql://\S+",
        "sqlite:///var/hearthside.db, or postgresql://user:password@host/name",
    ),
]
FeatureSettings = Annotated[Mapping[str, object], BeforeValidator(_or_nothing)]


class ConfigError(Exception):
    """A configuration that cannot be used. Holds every mistake; none shows a secret."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("\n".join(str(flaw) for flaw in flaws))
        self.flaws = tuple(flaws)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _may_be_left_empty(cls, values: object) -> object:
        """Take a part, or a text that is empty by default, for not written when nothing follows its name."""
        if not isinstance(values, dict):
            return values
        optional = {
            name for name, info in cls.model_fields.items() if not info.default or isinstance(info.default, _Part)
        }
        written = cast("dict[str, Any]", values)
        return {name: value for name, value in written.items() if value is not None or name not in optional}


class DeliveryConfig(_Part):
    """How patient deliveries are, in seconds; see `Patience`."""

    lease_seconds: float = Field(default=90, gt=0, le=3600)
    settle_seconds: float = Field(default=5, ge=0, le=600)
    answer_seconds: float = Field(default=30, gt=0, le=600)

    @model_validator(mode="after")
    def _lease_outlasts_a_request(self) -> DeliveryConfig:
        if self.lease_seconds <= self.answer_seconds + self.settle_seconds:
            raise ValueError("lease_seconds must be longer than answer_seconds and settle_seconds together")
        return self


class DiscordConfig(_Part):
    """Where Discord is: empty for the real one, else a proxy or a server of one's own."""

    api_url: WebAddress = ""
    gateway_url: SocketAddress = ""


class SlackConfig(_Part):
    """How Slack reaches us: by a socket that we open, or by signed requests to our own address."""

    api_url: SlackAddress = "https://slack.com/api/"
    mode: Literal["socket", "http"] = "socket"
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    command: SlashCommand = "/hearth"


class Config(_Part):
    """What config.yaml says. Everything has a default."""

    database: DatabaseAddress = "sqlite:///var/hearthside.db"
    content: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    delivery: DeliveryConfig = DeliveryConfig()
    discord: DiscordConfig = DiscordConfig()
    slack: SlackConfig = SlackConfig()
    features: Mapping[str, FeatureSettings] = {}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration with the settings of every feature."""

    config: Config
    settings: Mapping[str, Settings] = field(default_factory=dict[str, Settings])


def load_config(file: Path | None, models: Mapping[str, type[Settings]]) -> Loaded:
    """Load config.yaml, or the defaults when there is none. Raises `ConfigError` with everything that is wrong."""
    if file is None:
        return Loaded(Config(), {name: model() for name, model in models.items()})
    try:
        sheet = read_sheet(str(file), file.read_text(encoding="utf-8"))
    except SheetError as error:
        raise ConfigError([error.flaw]) from None
    except (OSError, UnicodeDecodeError):
        raise ConfigError([Flaw(str(file), 1, "cannot be read: it must be a text file in UTF-8")]) from None
    config = check_sheet(sheet, Config)
    flaws = config if isinstance(config, list) else []
    settings: dict[str, Settings] = {}
    for name, model in models.items():
        found = check_sheet(sheet.under("features", name), model, ("features", name))
        if isinstance(found, list):
            flaws.extend(found)
        else:
            settings[name] = found
    unknown = [name for name in sheet.under("features").values if name not in models]
    flaws.extend(sheet.flaw(("features", name), f"features.{name}: there is no such feature") for name in unknown)
    if isinstance(config, list) or flaws:
        raise ConfigError(sorted(flaws, key=lambda flaw: flaw.line))
    return Loaded(config, settings)


# ---------------------------------------------------------------- secrets

DISCORD_TOKEN: Final = "HEARTHSIDE_DISCORD_TOKEN"  # noqa: S105  the name of a variable
SLACK_BOT_TOKEN: Final = "HEARTHSIDE_SLACK_BOT_TOKEN"  # noqa: S105  the name of a variable
SLACK_APP_TOKEN: Final = "HEARTHSIDE_SLACK_APP_TOKEN"  # noqa: S105  the name of a variable
SLACK_SIGNING_SECRET: Final = "HEARTHSIDE_SLACK_SIGNING_SECRET"  # noqa: S105  the name of a variable


@dataclass(frozen=True, slots=True)
class Secrets:
    """Tokens, from the environment or from the files it names. None where there is nothing."""

    discord_token: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None


def read_secrets(environ: Mapping[str, str], config: Config) -> Secrets:
    """Read tokens; each may stand in `NAME` or in the file named by `NAME_FILE`. Raises `ConfigError`."""
    flaws: list[Flaw] = []

    def read(name: str) -> SecretStr | None:
        try:
            return _secret(environ, name)
        except (OSError, ValueError):
            flaws.append(Flaw("environment", 0, f"{name}_FILE: the file it names cannot be read"))
            return None

    secrets = Secrets(read(DISCORD_TOKEN), read(SLACK_BOT_TOKEN), read(SLACK_APP_TOKEN), read(SLACK_SIGNING_SECRET))
    for name, secret, kind, start in (
        (SLACK_BOT_TOKEN, secrets.slack_bot_token, "bot", "xoxb-"),
        (SLACK_APP_TOKEN, secrets.slack_app_token, "app", "xapp-"),
    ):
        if secret and not secret.get_secret_value().startswith(start):
            what = f"{name}: is no {kind} token: copy the one that begins with {start}"
            flaws.append(Flaw("environment", 0, what))
    if secrets.slack_app_token and not secrets.slack_bot_token:
        flaws.append(Flaw("environment", 0, f"{SLACK_BOT_TOKEN}: is missing, though {SLACK_APP_TOKEN} is set"))
    if secrets.slack_bot_token:
        needed = SLACK_APP_TOKEN if config.slack.mode == "socket" else SLACK_SIGNING_SECRET
        have = secrets.slack_app_token if config.slack.mode == "socket" else secrets.slack_signing_secret
        if have is None:
            flaws.append(Flaw("environment", 0, f"{needed}: is missing; slack.mode {config.slack.mode} needs it"))
    if flaws:
        raise ConfigError(flaws)
    return secrets


def _secret(environ: Mapping[str, str], name: str) -> SecretStr | None:
    if value := environ.get(name, "").strip():
        return SecretStr(value)
    if file := environ.get(f"{name}_FILE", "").strip():
        text = Path(file).read_text(encoding="utf-8").strip()
        return SecretStr(text) if text else None
    return None
