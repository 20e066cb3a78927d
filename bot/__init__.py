"""Hearthside: a self-hosted companion for peer-support groups on Discord and Slack."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  somebody may start the files without installing them
    raise SystemExit("Hearthside needs Python 3.11 or newer.")
