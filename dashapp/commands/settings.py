"""`settings`: the table of settings, as the documentation carries it."""
from __future__ import annotations

import argparse

from dashapp.commands import Command
from dashapp.settings import Settings, documentation


def configure(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_args: argparse.Namespace, _settings: Settings) -> None:
    print(documentation())


ENTRY = Command("settings", "list all settings with their defaults", configure, run)
