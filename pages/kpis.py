"""How is each KPI defined, and which could be added with the data that are here?"""
from __future__ import annotations

from typing import Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.services import defining
from dashapp.ui.definitions import definition_list, proposal_list
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
        html.Section([html.H2("From the starter catalogue", className="ll-section-title"), html.Div(id="kpis-offers")]),
        formula_guide(),
        dcc.Store(id="kpis-changed", data=0),
    ])


@callback(Output("kpis-list", "children"), Output("kpis-offers", "children"), Input("data-version", "data"),
          Input("kpis-changed", "data"))
def draw(_version: str, _changed: int) -> tuple[Any, Any]:
    at = here()
    offers = proposal_list(defining.offers(at.actor, at.desk), at.actor.may(Role.ANALYST))
    return definition_list(defining.listing(at.actor, at.desk)), offers


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
