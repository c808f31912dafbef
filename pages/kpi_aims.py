"""What a figure is held against on its page: targets, which finance sets here, and limits."""
from __future__ import annotations

from typing import Any

from dash import Input, Output, State, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.period import Grain
from dashapp.core.typed import read_number
from dashapp.services import defining, overviewing, targeting
from dashapp.ui.form import actions, button, field, text
from dashapp.ui.header import section
from dashapp.ui.limits import limits_table, target_list, unit_help
from dashapp.web.callback import callback, here, say


def aims() -> tuple[html.Section | dcc.Store, ...]:
    """The sections of the KPI page; `kpi-changed` counts the targets saved, for those who draw them."""
    target = html.Div([field("Period", text("target-period", placeholder="2026-03"), help="2026-03, 2026-Q1 or 2026"),
                       field("Target", text("target-value", inputMode="decimal", autoComplete="off"), help=""),
                       actions(button("Save target", "target-save"))], className="ll-fields", id="target-form")
    return (section("Target", html.Div(id="kpi-targets"), target),
            section("Thresholds", html.Div(id="kpi-limits")), dcc.Store(id="kpi-changed", data=0))


@callback(Output("kpi-limits", "children"), Input("kpi-key", "data"), Input("filter-state", "data"),
          Input("data-version", "data"))
def show_limits(key: str, state: dict[str, Any] | None, _version: str) -> Any:
    at = here()
    if at.actor.scope:
        return html.P("Limits are of the whole company, outside your data scope.", className="ll-quiet")
    found = overviewing.judged(at.actor, at.desk, key, at.filters(state).as_of, now=at.now)
    return limits_table([(f.limits, f.point, f.status) for f in found], defining.get(at.actor, at.desk, key).kpi,
                        at.desk.organisation.words)


@callback(Output("kpi-targets", "children"), Output("target-form", "style"), Output("target-period", "value"),
          Output("target-value-help", "children"), Input("kpi-key", "data"), Input("kpi-changed", "data"),
          State("target-period", "value"))
def show_targets(key: str, _changed: int, typed: str | None) -> tuple[Any, ...]:
    at = here()
    organisation, kpi = at.desk.organisation, defining.get(at.actor, at.desk, key).kpi
    listed = (html.P("Targets are figures of the whole company, outside your data scope.", className="ll-quiet")
              if at.actor.scope else target_list(targeting.listing(at.actor, at.desk, key), kpi, organisation.words))
    style = {} if at.actor.may(Role.FINANCE) and not at.actor.scope else {"display": "none"}
    current = organisation.calendar.period(at.today, Grain.MONTH).label
    return listed, style, typed or current, unit_help(kpi, organisation.currency)


@callback(Output("kpi-changed", "data"),
          Input("target-save", "n_clicks"), State("target-period", "value"), State("target-value", "value"),
          State("kpi-key", "data"), State("kpi-changed", "data"), role=Role.FINANCE, prevent_initial_call=True)
def save_target(clicks: int | None, period: str | None, value: float | str | None, key: str, changed: int) -> Any:
    if not clicks:
        return no_update
    at = here()
    kpi, organisation = defining.get(at.actor, at.desk, key).kpi, at.desk.organisation
    cell = f"Target of {kpi.name} in {period or 'no period'}"
    number = read_number(value, kpi.unit, organisation.locale, cell)
    targeting.save(at.actor, at.desk, key, period or "", number, now=at.now)
    said = organisation.words.full(number, kpi.unit, kpi.decimals)
    say(f"The target is saved: {said}." if number is not None else "The target is gone.", "ok")
    return (changed or 0) + 1
