"""What stands where figures will be, are not, or could not be."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.ui.icon import hidden_words, icon
from dashapp.ui.wild import wild

AGAIN = 2_000  # milliseconds
PATIENCE = 2.0  # seconds


def skeleton(kind: str = "chart", count: int = 1) -> html.Div:
    """Grey shapes for the first load only; kind: `card chart table line`."""
    shapes = [html.Div(className=f"ll-skeleton ll-skeleton-{kind}") for _ in range(count)]
    box = "ll-board" if kind == "card" else "ll-skeletons"
    return html.Div([*shapes, hidden_words("Loading")], className=box, **wild({"aria-busy": "true"}))


def empty(title: str, why: str, action: Component | None = None, picture: str = "inbox") -> html.Div:
    """Nothing to show: why, and what to do next."""
    return html.Div(
        [icon(picture, "ll-state-icon"), html.H3(title), html.P(why), action], className="ll-state ll-empty"
    )


def failed(message: str, error_id: str | None = None, retry: Any = None) -> html.Div:
    """What happened, with the id that finds it in the log; `retry` is the id of the button that asks again."""
    again = (
        None
        if retry is None
        else html.Button([icon("arrow-clockwise"), " Try again"], id=retry, type="button", className="btn btn-quiet")
    )
    said = html.P(["Error id ", html.Code(error_id)], className="ll-error-id") if error_id else None
    return html.Div(
        [
            icon("exclamation-octagon", "ll-state-icon"),
            html.H3("This could not be shown"),
            html.P(message),
            said,
            again,
        ],
        className="ll-state ll-failed",
        role="alert",
    )


def stale(how_old: str) -> html.Div:
    """The data are older than people expect; how_old in words (`3 days old`)."""
    return html.Div(
        [icon("clock-history"), html.Span(f"These data are {how_old}.")], className="ll-stale", role="status"
    )


def again(name: str) -> dcc.Interval:
    """Once on a page with figures of warehouses: while enabled, the page asks again for what was not answered."""
    return dcc.Interval(id=f"{name}-again", interval=AGAIN, disabled=True)


def patience(trigger: Any) -> float:
    """Seconds a screen waits for warehouses: a moment when it is drawn, not at all when it asks again."""
    return 0.0 if isinstance(trigger, str) and trigger.endswith("-again") else PATIENCE


def refreshing(children: Any, id: str) -> dcc.Loading:
    """Keeps the old picture, dimmed, while a new one is fetched; no flicker below 0.3 s."""
    return dcc.Loading(
        children,
        id=id,
        delay_show=300,
        delay_hide=100,
        show_initially=False,
        type="dot",
        overlay_style={"visibility": "visible", "opacity": 0.45},
        color="var(--ll-accent)",
    )
