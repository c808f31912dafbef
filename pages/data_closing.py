"""Which periods are closed, who closed them, and what changed in them nevertheless?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.services import closing
from dashapp.ui.closing import closed_list, decision_list, late_list
from dashapp.ui.datarooms import data_rooms
from dashapp.ui.dialog import confirm
from dashapp.ui.form import actions, button, field, select, text
from dashapp.ui.header import page_header
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/data/closing", name="Closed periods", role=Role.FINANCE, order=63, nav=False)
EVERY = "*"


def layout(**_unknown: Any) -> html.Div:
    again = html.Div([
        html.P(id="closing-chosen-said"),
        field("First open period", text("closing-from", maxLength=20, placeholder="2026-02"),
              help="It and all after it are open again; what lies before stays closed."),
        field("Reason", text("closing-why", maxLength=500), help="Kept and listed."),
    ])
    return html.Div([
        page_header("Closed periods", "Rows of closed days change only with a reason that is listed."),
        data_rooms("/data/closing"),
        html.Section([html.H2("Close a period", className="ll-section-title"), html.Div([
            field("Dataset", select("closing-dataset", {EVERY: "All datasets"}, EVERY)),
            field("Period", text("closing-period", maxLength=20, placeholder="2026-02"),
                  help="Closes all days up to its end: 2026-02, 2026-Q1 or 2026-02-28."),
            field("Reason", text("closing-reason", maxLength=500, placeholder="month end"), help="Optional."),
            actions(button("Close", "closing-close"), button("Open all again", "closing-reopen-all", "quiet")),
        ])], className="ll-panel"),
        html.Section([html.H2("Closed until", className="ll-section-title"), html.Div(id="closing-list")]),
        html.Section([html.H2("Late changes", className="ll-section-title"), html.Div(id="closing-late")]),
        html.Section([html.H2("Decisions", className="ll-section-title"), html.Div(id="closing-decisions")]),
        confirm("closing-again", "Open a closed period again?", again, "Open again"),
        dcc.Store(id="closing-chosen"), dcc.Store(id="closing-changed", data=0),
    ])


@callback(Output("closing-dataset", "options"), Output("closing-list", "children"),
          Output("closing-decisions", "children"), Output("closing-late", "children"),
          Input("data-version", "data"), Input("closing-changed", "data"), role=Role.FINANCE)
def show(_version: str, _changed: int) -> tuple[Any, Any, Any, Any]:
    at = here()
    words = at.desk.organisation.words
    closed, decisions = closing.listing(at.actor, at.desk)
    options = [{"value": EVERY, "label": "All datasets"}, *({"value": c.dataset, "label": c.name} for c in closed)]
    return (options, closed_list(closed, words), decision_list(decisions, words),
            late_list(closing.late(at.actor, at.desk), words))


@callback(Output("closing-changed", "data", allow_duplicate=True), Output("closing-period", "value"),
          Output("closing-reason", "value"), Input("closing-close", "n_clicks"), State("closing-dataset", "value"),
          State("closing-period", "value"), State("closing-reason", "value"), State("closing-changed", "data"),
          role=Role.FINANCE, prevent_initial_call=True)
def close(clicks: int | None, dataset: str | None, period: str | None, reason: str | None, changed: int) -> Any:
    if not clicks:
        return no_update, no_update, no_update
    at = here()
    made = closing.close(at.actor, at.desk, period or "", _key(dataset), now=at.now, reason=reason or "")
    assert made.until is not None, "what is closed has a last day"
    say(f"{made.dataset or 'Everything'} is closed until {at.desk.organisation.words.day(made.until)}.", "ok")
    return (changed or 0) + 1, "", ""


@callback(Output("closing-chosen", "data"), Output("closing-again", "is_open"),
          Output("closing-chosen-said", "children"), Output("closing-from", "value"), Output("closing-why", "value"),
          Input({"part": "closing-reopen", "dataset": ALL}, "n_clicks"), Input("closing-reopen-all", "n_clicks"),
          Input("closing-again-no", "n_clicks"), Input("closing-changed", "data"), role=Role.FINANCE,
          prevent_initial_call=True)
def choose(ones: list[int | None], every: int | None, *_closing: Any) -> Any:
    asked, pressed = ctx.triggered_id, ctx.triggered and ctx.triggered[0]["value"]
    if isinstance(asked, dict) and pressed and any(ones):
        return asked["dataset"], True, f"Of {asked['dataset']} only.", "", ""
    if asked == "closing-reopen-all" and every:
        return EVERY, True, "Of all datasets.", "", ""
    return no_update, False, no_update, no_update, no_update


@callback(Output("closing-changed", "data", allow_duplicate=True), Input("closing-again-yes", "n_clicks"),
          State("closing-chosen", "data"), State("closing-from", "value"), State("closing-why", "value"),
          State("closing-changed", "data"), role=Role.FINANCE, prevent_initial_call=True)
def reopen(clicks: int | None, chosen: str | None, period: str | None, why: str | None, changed: int) -> Any:
    if not clicks or not chosen:
        return no_update
    at = here()
    closing.reopen(at.actor, at.desk, period or "", _key(chosen), now=at.now, reason=why or "")
    say(f"{period} and all after it are open again.", "ok")
    return (changed or 0) + 1


def _key(chosen: str | None) -> str | None:
    """The dataset chosen; None for all."""
    return None if chosen in (None, EVERY) else chosen
