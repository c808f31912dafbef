"""How is each KPI defined, and which could be added with the data that are here?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.services import defining
from dashapp.ui.definitions import definition_list, missing_list, proposal_list
from dashapp.ui.dialog import confirm
from dashapp.ui.form import actions, button, field, select
from dashapp.ui.guide import formula_guide
from dashapp.ui.header import page_header
from dashapp.ui.states import skeleton
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/kpis", name="KPIs", order=70, icon="calculator", group="Work")


def layout(**_unknown: Any) -> html.Div:
    return html.Div([
        page_header("KPIs", "What every figure means, in words and as a formula."),
        html.Div(skeleton("table"), id="kpis-list"),
        html.Div(id="kpis-missing"),
        html.Div([field("Delete a KPI", select("kpis-which", {"": "Choose a KPI"}, "")),
                  actions(button("Delete", "kpis-remove", "quiet"))], className="ll-fields", id="kpis-removal",
                 hidden=not here().actor.may(Role.ANALYST)),
        html.Section([html.H2("From the starter catalogue", className="ll-section-title"), html.Div(id="kpis-offers")]),
        formula_guide(),
        confirm("kpis-delete", "Delete the KPI?", "", "Delete"),
        dcc.Store(id="kpis-changed", data=0), dcc.Store(id="kpis-chosen"),
    ])


@callback(Output("kpis-list", "children"), Output("kpis-missing", "children"), Output("kpis-which", "options"),
          Output("kpis-which", "value"), Output("kpis-offers", "children"), Input("data-version", "data"),
          Input("kpis-changed", "data"))
def draw(_version: str, _changed: int) -> tuple[Any, ...]:
    at, found = here(), defining.listing(here().actor, here().desk)
    may = at.actor.may(Role.ANALYST)
    names = [{"value": "", "label": "Choose a KPI"}, *({"value": v.kpi.key, "label": v.kpi.name} for v in found)]
    offers = proposal_list(defining.offers(at.actor, at.desk), may)
    return definition_list(found), missing_list(found, may), names, "", offers


@callback(Output("kpis-chosen", "data"), Output("kpis-delete", "is_open"), Output("kpis-delete-body", "children"),
          Output("kpis-delete-yes", "disabled"), Input("kpis-remove", "n_clicks"),
          Input({"part": "kpi-delete", "kpi": ALL}, "n_clicks"), Input("kpis-delete-no", "n_clicks"),
          Input("kpis-changed", "data"), State("kpis-which", "value"), role=Role.ANALYST, prevent_initial_call=True)
def ask(clicks: int | None, rows: list[int | None], _no: Any, _changed: int, which: str | None) -> tuple[Any, ...]:
    at, by = here(), ctx.triggered_id
    key = which if by == "kpis-remove" and clicks else by["kpi"] if isinstance(by, dict) and any(rows) else None
    if not key:
        return no_update, False, no_update, no_update
    name, users = defining.get(at.actor, at.desk, key).kpi.name, defining.dependants(at.actor, at.desk, key)
    said = f"Other KPIs use {name}: {', '.join(users)}. Change or delete those first." if users else \
        f"{name} goes from every screen. Its versions stay in the records."
    return key, True, said, bool(users)


@callback(Output("kpis-changed", "data", allow_duplicate=True), Input("kpis-delete-yes", "n_clicks"),
          State("kpis-chosen", "data"), State("kpis-changed", "data"), role=Role.ANALYST, prevent_initial_call=True)
def delete(clicks: int | None, key: str | None, changed: int) -> Any:
    if not clicks or not key:
        return no_update
    at = here()
    defining.delete(at.actor, at.desk, key, now=at.now)
    say("The KPI is deleted.", "ok")
    return (changed or 0) + 1


@callback(Output("kpis-changed", "data"),
          Input({"part": "kpi-adopt", "kpi": ALL}, "n_clicks"), State("kpis-changed", "data"), role=Role.ANALYST,
          prevent_initial_call=True)
def adopt(clicks: list[int | None], changed: int) -> Any:
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        return no_update
    at, key = here(), ctx.triggered_id["kpi"]
    kpi = next(v.kpi for v in defining.offers(at.actor, at.desk) if v.kpi.key == key and not v.needs)
    saved = defining.save(at.actor, at.desk, kpi, "from the starter catalogue", now=at.now)
    say(f"{saved.name} is defined.", "ok")
    return (changed or 0) + 1
