"""Ledgerline: a self-hosted KPI monitor. Every figure, back to its line."""
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from dashapp.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The product as a WSGI app; see `dashapp.web.app`. Imported late: commands and workers need no web."""
    from dashapp.web.app import create_app as build

    return build(settings)
