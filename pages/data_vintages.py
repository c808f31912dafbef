"""What came in, from whom and with what effect; what differs between two uploads; and how is one taken back?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.services import closing, contrasting, datasets, foreseeing, reverting, uploads
from dashapp.ui.closing import closed_rows
from dashapp.ui.datarooms import data_rooms
from dashapp.ui.dialog import confirm
from dashapp.ui.form import field, select, text
from dashapp.ui.header import page_header
from dashapp.ui.imports import STATES, follows
from dashapp.ui.longlist import BLOCK, wanted_block
from dashapp.ui.vintages import contrast_panel, nothing_chosen, vintage_panel, vintage_row, vintages_grid
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/data/vintages", name="Vintages", role=Role.FINANCE, order=61, nav=False)
EVERY = "*"
NEEDED = "Closed periods change: the reason is kept and listed."
OPTIONAL = "Kept with the change, for whoever asks later."
FILTERS = ("vintages-dataset", "vintages-state", "vintages-text")


def layout(dataset: str = "", upload: str = "", **_unknown: Any) -> html.Div:
    chosen = dataset[:63] or EVERY
    why = text("vintages-reason", maxLength=500, placeholder="wrong file")
    body = html.Div([html.Div(id="vintages-asked", className="mb-3"), field("Reason", why, help=OPTIONAL)])
    return html.Div([
        page_header("Vintages", "Every upload: who, when, what it held and what it did. Choose two to compare them."),
        data_rooms("/data/vintages"),
        html.Div([
            field("Dataset", select("vintages-dataset", {EVERY: "All datasets", chosen: chosen} if dataset else
                                    {EVERY: "All datasets"}, chosen)),
            field("State", select("vintages-state", {EVERY: "All states", **{k: w for k, (_, w) in STATES.items()}},
                                  EVERY)),
            field("File or person", text("vintages-text", type="search", maxLength=100, debounce=True)),
        ], className="ll-audit-filters"),
        html.P(id="vintages-count", className="ll-quiet", role="status"),
        html.Div(id="vintages-box", className="mb-3"),
        html.Div(nothing_chosen(), id="vintages-chosen"),
        confirm("vintages-toggle", "Change what counts", body, "Undo", size="lg"),
        dcc.Store(id="vintages-wanted", data=[upload[:32]] if upload else []), dcc.Store(id="vintages-toggling"),
        dcc.Store(id="vintages-changed", data=0),
    ])


@callback(Output("vintages-dataset", "options"), Input("data-version", "data"), role=Role.FINANCE)
def offer_datasets(_version: str) -> list[dict[str, str]]:
    at = here()
    found = datasets.listing(at.actor, at.desk, now=at.now)
    return [{"value": EVERY, "label": "All datasets"}, *({"value": d.dataset.key, "label": d.dataset.name}
                                                         for d in found if d.dataset.place is None)]


@callback(Output("vintages-box", "children"), Output("vintages-count", "children"),
          *[Input(name, "value") for name in FILTERS], Input("data-version", "data"), Input("vintages-changed", "data"),
          role=Role.FINANCE)
def show_list(dataset: str, state: str, part: str | None, version: str, changed: int) -> tuple[Any, Any]:
    """A new grid for every change of what it shows: rows fetched before are of no use to it."""
    at = here()
    total = uploads.count(at.actor, **_wanted(dataset, state, part))
    said = at.desk.organisation.words.counted(total, "upload")
    return html.Div(vintages_grid(total), key=f"{dataset}|{state}|{part}|{version}|{changed}"), said


@callback(Output("vintages-grid", "getRowsResponse"), Input("vintages-grid", "getRowsRequest"),
          *[State(name, "value") for name in FILTERS], role=Role.FINANCE, prevent_initial_call=True)
def fetch(asked: dict[str, Any] | None, dataset: str, state: str, part: str | None) -> Any:
    first = wanted_block(asked)
    if first is None:
        return no_update
    at, wanted = here(), _wanted(dataset, state, part)
    found = uploads.listing(at.actor, at.desk, limit=BLOCK, offset=first, **wanted)
    words = at.desk.organisation.words
    return {"rowData": [vintage_row(u, words) for u in found], "rowCount": uploads.count(at.actor, **wanted)}


@callback(Output("vintages-wanted", "data"), Input("vintages-grid", "selectedRows", allow_optional=True),
          role=Role.FINANCE)
def choose(rows: list[dict[str, Any]] | None) -> Any:
    """What is chosen outlives the grid, which is drawn anew when something changed."""
    return no_update if rows is None else [str(r["id"]) for r in rows]


@callback(Output("vintages-chosen", "children"), Input("vintages-wanted", "data"), Input("vintages-changed", "data"),
          role=Role.FINANCE)
def show_chosen(ids: list[str], _changed: int) -> Any:
    at = here()
    if len(ids) == 1:
        found = uploads.status(at.actor, at.desk, ids[0])
        late = closing.late(at.actor, at.desk, upload=ids[0])
        return vintage_panel(found, uploads.events(at.actor, at.desk, ids[0]), late, at.desk.organisation.words)
    if len(ids) == 2:
        pair = contrasting.contrast(at.actor, at.desk, *ids)
        names = [uploads.status(at.actor, at.desk, i).source_name for i in (pair.first, pair.second)]
        return contrast_panel(pair, (names[0], names[1]), at.desk.organisation.words)
    return nothing_chosen() if not ids else html.P("Choose at most two uploads.", className="ll-note")


@callback(Output("vintages-toggling", "data"), Output("vintages-toggle", "is_open"),
          Output("vintages-asked", "children"), Output("vintages-reason", "value"),
          Output("vintages-reason-help", "children"), Output("vintages-toggle-yes", "children"),
          Input({"part": "vintage-toggle", "upload": ALL}, "n_clicks"), Input("vintages-toggle-no", "n_clicks"),
          Input("vintages-changed", "data"), role=Role.FINANCE, prevent_initial_call=True)
def ask(clicks: list[int | None], *_closing: Any) -> Any:
    chosen = ctx.triggered_id
    if not isinstance(chosen, dict) or not any(clicks):
        return no_update, False, no_update, no_update, no_update, no_update
    at = here()
    found = uploads.status(at.actor, at.desk, chosen["upload"])
    ahead = foreseeing.foresee(at.actor, at.desk, found.id, now=at.now)
    words = at.desk.organisation.words
    rows = words.counted(found.rows, "row")
    said = f"{rows} of {found.source_name} will not count any more. The past still shows them." if found.is_live else \
        f"{rows} of {found.source_name} will count again, in their old place."
    told = [html.P(said), closed_rows(ahead.closed, words), *follows(ahead.moves, ahead.consequences, words)]
    return found.id, True, told, "", NEEDED if ahead.closed.any else OPTIONAL, "Undo" if found.is_live else "Redo"


@callback(Output("vintages-changed", "data", allow_duplicate=True), Input("vintages-toggle-yes", "n_clicks"),
          State("vintages-toggling", "data"), State("vintages-reason", "value"), State("vintages-changed", "data"),
          role=Role.FINANCE, prevent_initial_call=True)
def toggle(clicks: int | None, upload: str | None, reason: str | None, changed: int) -> Any:
    if not clicks or not upload:
        return no_update
    at = here()
    is_live = uploads.status(at.actor, at.desk, upload).is_live
    verb = reverting.undo if is_live else reverting.redo
    done = verb(at.actor, at.desk, upload, now=at.now, reason=reason or "")
    say(f"{done.source_name} {'no longer counts' if is_live else 'counts again'}.", "ok")
    return (changed or 0) + 1


def _wanted(dataset: str | None, state: str | None, part: str | None) -> dict[str, Any]:
    """The filters as the service takes them."""
    return {"dataset": None if dataset in (None, "", EVERY) else dataset,
            "state": None if state in (None, "", EVERY) else state, "text": (part or "").strip()[:100]}
