"""The command line: argument parsing only."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot.adapters.console import read_zone
from bot.app import paperwork, rules, terminal, wording
from bot.app.coaching import coach_lines
from bot.app.house import content_folder
from bot.app.serve import CONFIG, FAULT, serve
from bot.config import ConfigError, Loaded, read_secrets
from bot.content import ContentError
from bot.core.sheet import Flaw
from bot.operations import logs
from bot.storage.engines import CannotOpenError
from bot.storage.keys import SealingError, read_key
from bot.storage.migrations import NewerSchemaError

program = typer.Typer(
    help="A self-hosted companion for peer-support groups on Discord and Slack.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
slack = typer.Typer(help="For Slack.", no_args_is_help=True)
discord = typer.Typer(help="For Discord.", no_args_is_help=True)
program.add_typer(slack, name="slack")
program.add_typer(discord, name="discord")

DEFAULT_CONFIG = Path("config.yaml")
LONGEST_NAME = 35
"""What Slack takes for the name of an app."""
ConfigFile = Annotated[Path | None, typer.Option("--config", help="The settings; config.yaml here if there is one.")]


@program.command()
def demo() -> None:
    """Show the main job with no account: in a terminal you take part, otherwise it is told as a transcript."""
    loaded = _load(None)
    logs.set_up("error")
    _finish(terminal.demonstrate(loaded, content_folder(loaded.config)))


@program.command()
def console(
    script: Annotated[Path | None, typer.Option(help="A transcript to play; - reads it from standard input.")] = None,
    at: Annotated[
        str, typer.Option(help="The instant to start at, such as 2026-10-23T18:55+02:00; now if empty.")
    ] = "",
    zone: Annotated[str, typer.Option(help="The time zone in which times are shown; that of --at if empty.")] = "",
    config: ConfigFile = None,
) -> None:
    """Talk to the bot in a terminal, or play a transcript. Nothing is kept afterwards."""
    loaded = _load(config)
    logs.set_up("error")
    start = _instant(at)
    zone = zone or (start.isoformat()[-len("+00:00") :] if at else "UTC")
    try:
        read_zone(zone)
    except (ValueError, LookupError):
        _refuse(f"--zone: {zone!r} is no time zone; write it as Europe/Berlin")
    if script is None and sys.stdin.isatty():
        _finish(terminal.talk(loaded, start, zone))
    if script is None or str(script) == "-":
        _finish(terminal.play_script(loaded, sys.stdin, start, zone))
    try:
        lines = script.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        _refuse(f"--script: {script} cannot be read; it must be a text file in UTF-8")
    _finish(terminal.play_script(loaded, lines, start, zone))


@program.command()
def run(config: ConfigFile = None) -> None:
    """Serve Discord and Slack. Connects only once configuration, content, key and database are sound."""
    loaded = _load(config)
    logs.set_up(loaded.config.log_level)
    try:
        secrets, key = read_secrets(os.environ, loaded.config), read_key(os.environ)
    except ConfigError as error:
        _mistakes(error.flaws)
    except SealingError as error:
        _mistakes([Flaw("environment", 0, str(error))])
    _finish(serve(loaded, secrets, key))


@program.command()
def check(
    config: ConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the mistakes as JSON.")] = False,
) -> None:
    """Check configuration and content; print every mistake as file:line: what: how to mend it."""
    flaws = paperwork.check(_existing(config))
    if as_json:
        typer.echo(json.dumps([asdict(flaw) for flaw in flaws], ensure_ascii=False, indent=2))
    elif flaws:
        for flaw in flaws:
            typer.echo(str(flaw), err=True)
    else:
        typer.echo("Configuration and content are sound.")
    raise typer.Exit(CONFIG if flaws else 0)


@program.command()
def words(
    locale: Annotated[str, typer.Option(help="Whose words: of members with this locale.")] = "en",
    feature: Annotated[str, typer.Option(help="Of one feature only, such as practice.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects as JSON.")] = False,
    config: ConfigFile = None,
) -> None:
    """Print every sentence that members can meet, by feature, for those who must approve them."""
    try:
        said = paperwork.words(_load(config), locale, feature)
    except ContentError as error:
        _mistakes(error.flaws)
    except wording.NotThereError as error:
        _refuse(str(error))
    if as_json:
        rows = [{name: value for name, value in asdict(each).items() if value} for each in said]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        wording.show(said)


@program.command()
def coach() -> None:
    """Let the coach look at replies: reads lines of JSON with a vignette and a reply, and prints a line for each."""
    if sys.stdin.isatty():
        typer.echo('Write lines such as {"vignette": "I am so tired.", "reply": "You sound worn out."}', err=True)
    sound = True
    for line, was_read in coach_lines(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")):
        typer.echo(line)
        sound = sound and was_read
    raise typer.Exit(0 if sound else 2)


@program.command("next")
def next_(
    rule: Annotated[
        list[str] | None, typer.Argument(help="A rule of time, such as weekdays 19:00.", show_default=False)
    ] = None,
    zone: Annotated[str, typer.Option(help="The time zone whose clocks count.")] = "UTC",
    since: Annotated[
        str, typer.Option("--from", help="A date there, or an instant such as 2026-10-20T19:00+02:00; now if empty.")
    ] = "",
    count: Annotated[str, typer.Option(metavar="N", help=f"How many, 1 to {rules.MOST}.")] = "10",
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects as JSON.")] = False,
) -> None:
    """Try a rule of time: print when it is due, a line for each time, as local time with its offset from UTC."""
    try:
        runs = rules.next_runs(" ".join(rule or ()), zone, since, count, datetime.now(UTC))
    except rules.CannotTryError as error:
        _refuse(str(error))
    except ContentError as error:
        _mistakes(error.flaws)
    if as_json:
        typer.echo(json.dumps([asdict(run) for run in runs], indent=2))
    elif runs:
        typer.echo("\n".join(run.at for run in runs))
    if not runs:
        typer.echo("This rule has no time to come.", err=True)


@slack.command()
def manifest(
    url: Annotated[str, typer.Option(help="Your own https address, for mode http; empty for Socket Mode.")] = "",
    name: Annotated[str, typer.Option(help="What the app is called in your workspace.")] = "Hearthside",
    config: ConfigFile = None,
) -> None:
    """Print the manifest to paste when you create the Slack app."""
    if url and not re.fullmatch(r"https://[^\s/]\S*", url):
        _refuse("--url: write your own https address, such as https://bot.example.org/slack/events")
    if not name.strip() or len(name) > LONGEST_NAME:
        _refuse(f"--name: write 1 to {LONGEST_NAME} characters")
    loaded = _load(config)
    logs.set_up("error")

    async def show() -> int:
        typer.echo(await paperwork.slack_manifest(loaded, url, name))
        return 0

    _finish(show())


@discord.command()
def invite(
    application: Annotated[str, typer.Option(help="The application id; without it, it is read from the token.")] = "",
    config: ConfigFile = None,
) -> None:
    """Print the link that invites the bot to a server."""
    from bot.adapters.discord.invite import application_of, invite_link  # noqa: PLC0415  not everybody has discord.py

    loaded = _load(config)
    token = ""
    if not application:
        try:
            secret = read_secrets(os.environ, loaded.config).discord_token
        except ConfigError as error:
            _mistakes(error.flaws)
        token = secret.get_secret_value() if secret else ""
    found = application or application_of(token)
    if not found or not found.isdecimal():
        _refuse("give the application id with --application; it is on the app's page in the developer portal")
    typer.echo(invite_link(found))


# ---------------------------------------------------------------- errors, in one sentence each


def _existing(config: Path | None) -> Path | None:
    return config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)


def _load(config: Path | None) -> Loaded:
    try:
        return paperwork.load(_existing(config))
    except ConfigError as error:
        _mistakes(error.flaws)


def _instant(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        _refuse(f"--at: {text!r} is no instant; write it as 2026-10-23T18:55+02:00")
    if found.tzinfo is None:
        _refuse(f"--at: {text!r} says no offset; write it as 2026-10-23T18:55+02:00")
    return found


def _finish(work: Coroutine[Any, Any, int]) -> NoReturn:
    try:
        code = asyncio.run(work)
    except (ConfigError, ContentError) as error:
        _mistakes(error.flaws)
    except (CannotOpenError, NewerSchemaError, SealingError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CONFIG) from None
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = FAULT
    raise typer.Exit(code)


def _mistakes(flaws: tuple[Flaw, ...] | list[Flaw]) -> NoReturn:
    for flaw in flaws:
        typer.echo(str(flaw), err=True)
    raise typer.Exit(CONFIG)


def _refuse(what: str) -> NoReturn:
    typer.echo(what, err=True)
    raise typer.Exit(2)


def main() -> None:
    """Run the program."""
    program()


if __name__ == "__main__":
    main()
