"""Which warehouses are asked, do they answer, and which of their tables are datasets?"""
from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.services import connecting, placing
from dashapp.ui.connections import column_roles, connection_list, url_field
from dashapp.ui.dialog import confirm
from dashapp.ui.form import actions, button, field, select, text
from dashapp.ui.header import page_header
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/admin/connections", name="Connections", role=Role.ANALYST, order=210, icon="hdd-network",
     group="Admin")
_KINDS = {"facts": "facts: rows with a date", "reference": "reference: looked up by a key"}
_GRAINS = {"event": "one event", "day": "a day", "week": "a week", "month": "a month"}


def layout(**_unknown: Any) -> html.Div:
    return html.Div([
        page_header("Connections", "Tables of a warehouse, asked where they stand: only aggregates travel."),
        html.Section([html.H2("Warehouses", className="ll-section-title mt-0"), html.Div(id="connections"),
                      html.P(["Statements that bring rows on a schedule are ", dcc.Link("feeds", href="/data/feeds"),
                              "."], className="ll-quiet")]),
        html.Div(id="connection-new", className="mt-3"),
        html.Section([
            html.H2("Make a dataset of a table", className="ll-section-title mt-0"),
            field("Connection", select("connection-of", {"": "Choose a connection"}, "")),
            field("Table or view", text("connection-table", list="connection-tables", placeholder="public.orders",
                                        maxLength=300)),
            html.Datalist(id="connection-tables"),
            actions(button("Look at its columns", "connection-look", "quiet")),
            html.Div(id="connection-columns", className="mt-3"),
        ], className="ll-panel"),
        confirm("connection-rotate", "Another URL", url_field(_secret("connection-url-next")), "Save", kind="primary"),
        confirm("connection-remove", "Remove the connection?", "", "Remove"),
        dcc.Store(id="connection-chosen"), dcc.Store(id="connections-changed", data=0),
    ])


@callback(Output("connections", "children"), Output("connection-new", "children"), Output("connection-of", "options"),
          Input("connections-changed", "data"), State("connection-new", "children"), role=Role.ANALYST)
def show(_changed: int, drawn: Any) -> tuple[Any, Any, Any]:
    at = here()
    found, is_admin = connecting.listing(at.actor), at.actor.may(Role.ADMIN)
    options = [{"value": c.key, "label": f"{c.key} ({c.label})"} for c in found]
    form = _form() if is_admin and not drawn else no_update
    return connection_list(found, at.desk.organisation.words, is_admin=is_admin), form, options


@callback(Output("connections-changed", "data", allow_duplicate=True), Output("connection-url", "value"),
          Output("connection-key", "value"), Input("connection-add", "n_clicks"), State("connection-key", "value"),
          State("connection-url", "value"), State("connections-changed", "data"), role=Role.ADMIN,
          prevent_initial_call=True)
def add(clicks: int | None, key: Any, url: Any, changed: int) -> Any:
    if not clicks:
        return no_update, no_update, no_update
    at = here()
    made = connecting.add(at.actor, at.desk, str(key or ""), str(url or ""), now=at.now)
    _tell(connecting.test(at.actor, at.desk, made.key, now=at.now))
    return (changed or 0) + 1, "", ""


@callback(Output("connections-changed", "data", allow_duplicate=True),
          Input({"part": "connection-test", "connection": ALL}, "n_clicks"), State("connections-changed", "data"),
          role=Role.ADMIN, prevent_initial_call=True)
def test(clicks: list[int | None], changed: int) -> Any:
    chosen = ctx.triggered_id
    if not any(clicks) or not isinstance(chosen, dict):
        return no_update
    at = here()
    _tell(connecting.test(at.actor, at.desk, chosen["connection"], now=at.now))
    return (changed or 0) + 1


@callback(Output("connection-chosen", "data"), Output("connection-rotate", "is_open"),
          Output("connection-remove", "is_open"), Output("connection-remove-body", "children"),
          Input({"part": "connection-rotate", "connection": ALL}, "n_clicks"),
          Input({"part": "connection-remove", "connection": ALL}, "n_clicks"),
          Input("connection-rotate-no", "n_clicks"), Input("connection-remove-no", "n_clicks"),
          Input("connections-changed", "data"), role=Role.ADMIN, prevent_initial_call=True)
def choose(rotates: list[Any], removes: list[Any], *_closing: Any) -> Any:
    chosen = ctx.triggered_id
    if not isinstance(chosen, dict) or not any((*rotates, *removes)):
        return no_update, False, False, no_update
    is_rotate, key = chosen["part"] == "connection-rotate", chosen["connection"]
    return key, is_rotate, not is_rotate, f"{key} and its secret are deleted."


@callback(Output("connections-changed", "data", allow_duplicate=True), Output("connection-url-next", "value"),
          Input("connection-rotate-yes", "n_clicks"), State("connection-chosen", "data"),
          State("connection-url-next", "value"), State("connections-changed", "data"), role=Role.ADMIN,
          prevent_initial_call=True)
def rotate(clicks: int | None, key: Any, url: Any, changed: int) -> Any:
    if not clicks or not key:
        return no_update, no_update
    at = here()
    connecting.rotate(at.actor, at.desk, str(key), str(url or ""), now=at.now)
    _tell(connecting.test(at.actor, at.desk, str(key), now=at.now))
    return (changed or 0) + 1, ""


@callback(Output("connections-changed", "data", allow_duplicate=True), Input("connection-remove-yes", "n_clicks"),
          State("connection-chosen", "data"), State("connections-changed", "data"), role=Role.ADMIN,
          prevent_initial_call=True)
def remove(clicks: int | None, key: Any, changed: int) -> Any:
    if not clicks or not key:
        return no_update
    at = here()
    connecting.remove(at.actor, at.desk, str(key), now=at.now)
    say(f"The connection {key} is removed.", "ok")
    return (changed or 0) + 1


@callback(Output("connection-tables", "children"), Input("connection-of", "value"), role=Role.ANALYST,
          prevent_initial_call=True)
def list_tables(key: Any) -> Any:
    if not key:
        return []
    at = here()
    return [html.Option(value=t) for t in placing.tables(at.actor, at.desk, str(key))[:500]]


@callback(Output("connection-columns", "children"), Input("connection-look", "n_clicks"),
          State("connection-of", "value"), State("connection-table", "value"), role=Role.ANALYST,
          prevent_initial_call=True)
def look(clicks: int | None, key: Any, table: Any) -> Any:
    if not clicks or not key:
        return no_update
    at = here()
    offer = placing.offer(at.actor, at.desk, str(key), str(table or ""))
    return html.Div([
        column_roles(offer), field("It holds", select("connection-kind", _KINDS, "facts")),
        field("One row covers", select("connection-grain", _GRAINS, "event")),
        field("Columns that identify a row", text("connection-row-key", placeholder="order_id"),
              help="Separated by commas; needed for reference data."),
        field("Dataset", text("connection-dataset", offer.dataset, maxLength=63)),
        actions(button("Make the dataset", "connection-connect")),
    ])


@callback(Output("connections-changed", "data", allow_duplicate=True),
          Output("connection-columns", "children", allow_duplicate=True), Input("connection-connect", "n_clicks"),
          State("connection-of", "value"), State("connection-table", "value"), State("connection-dataset", "value"),
          State("connection-kind", "value"), State("connection-grain", "value"), State("connection-row-key", "value"),
          State({"part": "connection-role", "column": ALL}, "value"),
          State({"part": "connection-role", "column": ALL}, "id"), State("connections-changed", "data"),
          role=Role.ANALYST, prevent_initial_call=True)
def connect(clicks: int | None, key: Any, table: Any, dataset: Any, kind: Any, grain: Any, row_key: Any,
            roles: list[Any], ids: list[dict[str, str]], changed: int) -> Any:
    if not clicks:
        return no_update, no_update
    at = here()
    given = {i["column"]: str(r) for i, r in zip(ids, roles, strict=False)}
    made = placing.connect(at.actor, at.desk, str(key or ""), str(table or ""), str(dataset or ""), now=at.now,
                           roles=given, grain=str(grain), kind=str(kind),
                           key=[k.strip() for k in str(row_key or "").split(",") if k.strip()])
    say(f"{made.key} is a dataset now; its rows are being looked at.", "ok")
    return (changed or 0) + 1, ""


def _form() -> html.Section:
    return html.Section([
        html.H2("Add a warehouse", className="ll-section-title mt-0"),
        field("Name", text("connection-key", placeholder="shop", maxLength=63)),
        url_field(_secret("connection-url")), actions(button("Add and test", "connection-add")),
    ], className="ll-panel")


def _secret(id: str) -> dbc.Input:
    return text(id, type="password", autoComplete="off", maxLength=2000,
                placeholder="postgresql://reader:password@host:5432/database")


def _tell(view: Any) -> None:
    if view.trouble:
        say(f"The warehouse {view.key} {view.trouble}", "warning")
    else:
        say(f"The warehouse {view.key} answers.", "ok")
