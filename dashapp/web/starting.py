"""What must be right before the product answers its first request; otherwise it refuses to start, in one sentence."""
from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import dash
from flask import Flask
from flask.helpers import get_root_path

from dashapp.core.errors import Invalid
from dashapp.settings import MIN_SECRET, Settings
from dashapp.web.callback import callback_policies
from dashapp.web.policy import undecided

ROOT = Path(__file__).resolve().parents[2]
_TRUE = ("1", "true", "yes", "on")
_FORBIDDEN = {"DASH_MCP_ENABLED": "the MCP server would open a second door to every callback"}
_DEBUG = ("FLASK_DEBUG", "DASH_DEBUG", "DASH_UI", "DASH_PROPS_CHECK", "DASH_HOT_RELOAD")


def refuse_unsafe(settings: Settings, environ: Mapping[str, str] | None = None) -> None:
    """Raise Invalid naming what must not be: a weak key, debug mode in production, doors we do not guard."""
    given = os.environ if environ is None else environ
    if not settings.is_dev and len(settings.secret_key) < MIN_SECRET:
        raise Invalid(f"SECRET_KEY is missing or too short: production needs at least {MIN_SECRET} random characters.")
    for name, why in _FORBIDDEN.items():
        if given.get(name, "").lower() in _TRUE:
            raise Invalid(f"{name} is set: {why}. Remove it.")
    on = [name for name in _DEBUG if given.get(name, "").lower() in _TRUE]
    if on and not settings.is_dev:
        raise Invalid(f"{on[0]} is set: debug mode shows internals to everybody. Remove it or set LEDGERLINE_ENV=dev.")


def root_module() -> str:
    """The name of a module that lies beside `pages/` and `assets/`: Dash names the pages after its folder.

    `wsgi` where it can be found from here; else a stand-in, so that the app can be made from any directory.
    """
    try:
        found = Path(get_root_path("wsgi")).resolve()
    except (ImportError, RuntimeError, ValueError):
        found = None
    if found == ROOT:
        return "wsgi"
    stand_in = ModuleType("ledgerline_root")
    stand_in.__file__ = str(ROOT / "wsgi.py")
    sys.modules[stand_in.__name__] = stand_in
    return stand_in.__name__


def refuse_undecided(app: Flask, shell: dash.Dash) -> None:
    """Raise RuntimeError for a route or callback that nobody gave a policy: it is a bug, found at start-up."""
    callbacks = [key for key, role in callback_policies(shell).items() if role is None]
    found = undecided(app) + callbacks
    if found:
        raise RuntimeError(f"without a policy: {', '.join(found)}")
