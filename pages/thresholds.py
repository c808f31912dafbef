"""Which values of which KPI deserve attention?"""
from __future__ import annotations

from typing import Any

from dash import Input, Output, State, html, no_update

from dashapp.core.actor import Role
from dashapp.core.errors import Conflict, Invalid
from dashapp.core.kpi import Kpi
from dashapp.core.period import QUESTION_GRAINS
from dashapp.core.rule import Limits
from dashapp.services import defining, limiting
from dashapp.ui.form import actions, button, field, select
from dashapp.ui.header import page_header
from dashapp.ui.limits import limits_grid, limits_in_words, limits_of, limits_row
from dashapp.ui.states import empty, skeleton
from dashapp.web.callback import Here, callback, here, say
from dashapp.web.page import page

page(__name__, path="/thresholds", name="Thresholds", order=40, icon="sliders")
GRAINS = {g.value: g.value.capitalize() for g in QUESTION_GRAINS}


def layout(**_unknown: Any) -> html.Div:
    return html.Div([
        page_header("Thresholds", "A finished period beyond a limit gives its card the status warning or critical."),
        html.Div(skeleton("table"), id="limits-box"),
        html.Section([
            html.H2("New limits", className="ll-section-title"),
            html.Div([field("KPI", select("limits-kpi", {"": "Choose a KPI"}, "")),
                      field("By", select("limits-grain", GRAINS, "month"))], className="ll-fields"),
            actions(button("Add a row", "limits-add"), button("Delete the selected row", "limits-delete", "danger")),
        ], id="limits-tools"),
    ])


@callback(Output("limits-box", "children"), Output("limits-kpi", "options"), Output("limits-tools", "style"),
          Input("data-version", "data"), State("limits-grid", "rowData", allow_optional=True))
def draw(_version: str, shown: list[dict[str, Any]] | None) -> tuple[Any, Any, Any]:
    at = here()
    kpis = {v.kpi.key: v.kpi for v in defining.listing(at.actor, at.desk)}
    options = [{"value": k, "label": v.name} for k, v in kpis.items()]
    style = {} if at.actor.may(Role.ANALYST) and not at.actor.scope else {"display": "none"}
    if at.actor.scope:
        return empty("Limits are of the whole company", "They lie outside your data scope."), options, style
    rows = _rows(at, kpis)
    if not rows:
        return empty("No limits yet", "Until somebody sets limits, cards carry no status."), options, style
    if rows == shown:
        return no_update, options, style  # a new grid would end what somebody is typing
    return limits_grid(rows, at.actor.may(Role.ANALYST)), options, style


@callback(Output("limits-box", "children", allow_duplicate=True),
          Input("limits-grid", "cellValueChanged", allow_optional=True), role=Role.ANALYST, prevent_initial_call=True)
def change(changes: list[dict[str, Any]] | None) -> Any:
    if not changes:
        return no_update
    at, said = here(), []
    edited = {str((c.get("data") or {}).get("id")): c.get("data") or {} for c in changes}
    for row in edited.values():
        try:
            said.append(_save(at, row))
        except Conflict as error:
            say(f"{error.message} {_theirs(at, error, row)}", "warning")
            return _grid(at)
        except Invalid as error:
            kept = f"Before it were saved: {'; '.join(said)}." if said else "Nothing is saved."
            say(f"{error.message} {kept}", "critical")
            return _grid(at)
    say(f"The limits are saved. {'; '.join(said)}.", "ok")
    return _grid(at)


@callback(Output("limits-box", "children", allow_duplicate=True),
          Input("limits-add", "n_clicks"), State("limits-kpi", "value"), State("limits-grain", "value"),
          role=Role.ANALYST, prevent_initial_call=True)
def add(clicks: int | None, key: str | None, grain: str | None) -> Any:
    if not clicks or not key:
        if clicks:
            say("Choose a KPI first.", "warning")
        return no_update
    at = here()
    kpi = defining.get(at.actor, at.desk, key).kpi
    limits = Limits(key, grain or "month", "above" if kpi.direction == "down" else "below")
    limiting.save(at.actor, limits, now=at.now)
    say(f"{kpi.name} has a row now. Type its limits.", "ok")
    return _grid(at)


@callback(Output("limits-box", "children", allow_duplicate=True),
          Input("limits-delete", "n_clicks"), State("limits-grid", "selectedRows", allow_optional=True),
          role=Role.ANALYST, prevent_initial_call=True)
def delete(clicks: int | None, chosen: list[dict[str, Any]] | None) -> Any:
    if not clicks:
        return no_update
    if not chosen:
        say("Select a row first.", "warning")
        return no_update
    at = here()
    limiting.delete(at.actor, str(chosen[0]["kpi"]), str(chosen[0]["grain"]), int(chosen[0]["version"]), now=at.now)
    say("The limits are gone.", "ok")
    return _grid(at)


def _save(at: Here, row: dict[str, Any]) -> str:
    """One edited row is in force; what it says in words."""
    kpi, organisation = defining.get(at.actor, at.desk, str(row.get("kpi"))).kpi, at.desk.organisation
    saved = limiting.save(at.actor, limits_of(row, kpi, organisation.locale), now=at.now)
    return limits_in_words(saved, kpi, organisation.words)


def _theirs(at: Here, error: Conflict, row: dict[str, Any]) -> str:
    """What the other person saved; they may have deleted it."""
    theirs, kpi = error.extra.get("theirs"), defining.get(at.actor, at.desk, str(row.get("kpi"))).kpi
    if not theirs:
        return "They have deleted them."
    found = Limits(kpi.key, str(row["grain"]), theirs["side"], theirs["warning"], theirs["critical"])
    return f"Theirs: {limits_in_words(found, kpi, at.desk.organisation.words)}."


def _grid(at: Here) -> Any:
    kpis = {v.kpi.key: v.kpi for v in defining.listing(at.actor, at.desk)}
    return limits_grid(_rows(at, kpis), at.actor.may(Role.ANALYST))


def _rows(at: Here, kpis: dict[str, Kpi]) -> list[dict[str, Any]]:
    locale, currency = at.desk.organisation.locale, at.desk.organisation.currency
    return [limits_row(x, kpis[x.kpi], locale, currency) for x in limiting.listing(at.actor) if x.kpi in kpis]
