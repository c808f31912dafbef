"""What must be right before the product answers its first request; otherwise it refuses to start, in one sentence."""
from __future__ import annotations

import os
from collections.abc import Mapping

import dash
from flask import Flask

from dashapp.core.errors import Invalid
from dashapp.settings import MIN_SECRET, Settings
from dashapp.web.callback import callback_policies
from dashapp.web.policy import undecided

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
    if settings.failpoint and not settings.is_dev:
        raise Invalid("LEDGERLINE_FAILPOINT is set: the process would end itself in the middle of its work. Remove it.")


def refuse_undecided(app: Flask, shell: dash.Dash) -> None:
    """Raise RuntimeError for a route or callback that nobody gave a policy: it is a bug, found at start-up."""
    callbacks = [key for key, role in callback_policies(shell).items() if role is None]
    found = undecided(app) + callbacks
    if found:
        raise RuntimeError(f"without a policy: {', '.join(found)}")
