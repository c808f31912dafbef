"""Short notes that come and go."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import html

from dashapp.ui.icon import icon
from dashapp.ui.wild import wild

HOST = "toasts"
_LOOK = {
    "ok": ("check-circle-fill", "Done"),
    "info": ("info-circle-fill", "Note"),
    "warning": ("exclamation-triangle-fill", "Please note"),
    "critical": ("x-octagon-fill", "That did not work"),
}


def toast_host() -> html.Div:
    """Where toasts appear; place once in the shell. Callbacks put a list of toasts into its children."""
    return html.Div(id=HOST, className="ll-toasts", role="status", **wild({"aria-live": "polite"}))


def toast(message: str, tone: str = "info", *, title: str | None = None, error_id: str | None = None) -> dbc.Toast:
    """tone: `ok info warning critical`; the last two stay until dismissed."""
    picture, word = _LOOK[tone]
    again = html.A("Try again", href="", className="ms-2")  # an empty address loads the same page anew
    said = html.Small(["Error id ", html.Code(error_id), again], className="d-block mt-1") if error_id else None
    return dbc.Toast(
        [html.Div(message), said],
        header=html.Span([icon(picture, f"ll-tone-{tone}"), f" {title or word}"]),
        is_open=True,
        dismissable=True,
        duration=4000 if tone in ("ok", "info") else None,
        className=f"ll-toast ll-toast-{tone}",
    )
