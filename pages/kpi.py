"""Everything about one figure: how it went, what it is made of, and where it comes from."""
from __future__ import annotations

from typing import Any

from dash import Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.errors import NotFound
from dashapp.core.filters import Filters, filters_from_query
from dashapp.core.words import Words
from dashapp.figures.periods import chart
from dashapp.services import asking, defining, exploring, exporting, targeting
from dashapp.ui.derivation import derivation, history, source_rows, totals
from dashapp.ui.filters import filter_bar, filters_in_words
from dashapp.ui.form import actions, button, field, select, text
from dashapp.ui.graph import chart_frame
from dashapp.ui.header import breadcrumbs, export_buttons, page_header
from dashapp.ui.paging import pager
from dashapp.ui.states import empty, refreshing, skeleton
from dashapp.ui.toast import toast
from dashapp.web.callback import Here, callback, here
from dashapp.web.page import page

page(__name__, path_template="/kpi/<key>", name="KPI", nav=False)
ROWS = 50


def layout(key: str = "", **query: Any) -> html.Div:
    target = html.Div([field("Period", text("target-period", placeholder="2026-03")),
                       field("Target", text("target-value", type="number", step="any")),
                       actions(button("Save target", "target-save"))], className="ll-fields", id="target-form")
    return html.Div([
        breadcrumbs([("Overview", "/"), ("KPI", None)]),
        page_header(html.Span(id="kpi-name"), html.Span(id="kpi-about"), [export_buttons("kpi")]),
        filter_bar(filters_from_query(query)),
        refreshing(html.Div(skeleton("chart"), id="kpi-chart-box"), "kpi-loading"),
        html.Section([html.H2("Totals", className="ll-section-title"), html.Div(id="kpi-totals")]),
        html.Section([html.H2("Target", className="ll-section-title"), html.Div(id="kpi-targets"), target]),
        html.Section([html.H2("Where does this number come from?", className="ll-section-title"),
                      html.Div([field("Period", select("kpi-period", {}, None)),
                                field("Part", select("kpi-part", {"": "All"}, ""))], className="ll-fields"),
                      html.Div(id="kpi-derivation"), html.Div(id="kpi-rows"),
                      html.Div(pager("kpi", 0, ROWS, 0, Words()), id="kpi-pager")]),
        html.Section([html.H2("Definition", className="ll-section-title"), html.Div(id="kpi-history")]),
        dcc.Store(id="kpi-key", data=key), dcc.Store(id="kpi-page", data=0), dcc.Store(id="kpi-changed", data=0),
    ])


@callback(Output("kpi-name", "children"), Output("kpi-about", "children"), Output("kpi-history", "children"),
          Output("target-form", "style"),
          Input("kpi-key", "data"), Input("data-version", "data"))
def about(key: str, _version: str) -> tuple[Any, ...]:
    at = here()
    view = defining.get(at.actor, at.desk, key)
    versions = history(defining.history(at.actor, at.desk, key), at.desk.organisation.words)
    needs = f" Needs: {', '.join(view.needs)}." if view.needs else ""
    style = {} if at.actor.may(Role.FINANCE) and not at.actor.scope else {"display": "none"}
    return view.kpi.name, f"{view.kpi.description}{needs}", versions, style


@callback(Output("kpi-chart-box", "children"), Output("kpi-totals", "children"), Output("kpi-period", "options"),
          Output("kpi-period", "value"), Output("kpi-part", "options"), Output("kpi-part", "value"),
          Input("filter-state", "data"), Input("kpi-key", "data"), Input("data-version", "data"),
          Input("kpi-changed", "data"), State("kpi-period", "value"))
def draw(state: dict[str, Any] | None, key: str, _version: str, _changed: int, chosen: str | None) -> tuple[Any, ...]:
    at, filters, words = here(), filters_from_query(state), here().desk.organisation.words
    (series,) = _ask(at, key, filters)
    valued = [p for p in series.points if p.value is not None]
    said = filters_in_words(filters, words.span(filters.span(at.today, at.desk.organisation.calendar)), words)
    box = chart_frame("kpi-chart", chart(series, words)) if valued else empty("No figures", _why(series))
    periods = list(dict.fromkeys(p.period for p in series.points))[::-1]
    options = [{"value": p.label, "label": words.period(p)} for p in periods]
    parts = [{"value": "", "label": "All"}, *exploring.parts(series)]
    latest = next((p.period.label for p in reversed(valued) if p.complete), valued[-1].period.label if valued else None)
    kept = chosen if chosen in [o["value"] for o in options] else latest
    return html.Div([said, box, *_warnings(series.warnings)]), totals(series, words), options, kept, parts, ""


@callback(Output("kpi-derivation", "children"), Output("kpi-rows", "children"), Output("kpi-pager", "children"),
          Input("kpi-period", "value"), Input("kpi-part", "value"), Input("kpi-page", "data"),
          State("filter-state", "data"), State("kpi-key", "data"))
def explain(period: str | None, part: str | None, number: int | None, state: dict[str, Any] | None, key: str) -> Any:
    at, filters, number = here(), filters_from_query(state), max(0, number or 0)
    if not period:
        return None, None, pager("kpi", 0, ROWS, 0, Words())
    words = at.desk.organisation.words
    found = exploring.explain(at.actor, at.desk, key, period, filters.where, part, filters.as_of, now=at.now)
    rows = exploring.rows(at.actor, at.desk, key, period, filters.where, part, filters.as_of, now=at.now, limit=ROWS,
                          offset=number * ROWS)
    return derivation(found, words), source_rows(rows), pager("kpi", number, ROWS, rows.total, words)


@callback(Output("kpi-page", "data"), Input("kpi-previous", "n_clicks"), Input("kpi-next", "n_clicks"),
          Input("kpi-period", "value"), Input("kpi-part", "value"), State("kpi-page", "data"),
          prevent_initial_call=True)
def turn(back: int | None, forth: int | None, _period: Any, _part: Any, number: int | None) -> int:
    if ctx.triggered_id not in ("kpi-previous", "kpi-next") or not (back or forth):
        return 0
    return max(0, (number or 0) + (1 if ctx.triggered_id == "kpi-next" else -1))


@callback(Output("kpi-targets", "children"), Input("kpi-key", "data"), Input("kpi-changed", "data"))
def show_targets(key: str, _changed: int) -> Any:
    at = here()
    words, kpi = at.desk.organisation.words, defining.get(at.actor, at.desk, key).kpi
    found = targeting.listing(at.actor, at.desk, key)
    if not found:
        return html.P("No target is set.", className="ll-quiet")
    return html.Ul([html.Li(f"{t.period}: {words.full(t.value, kpi.unit, kpi.decimals)}, set by {t.saved_by}")
                    for t in found[-12:]])


@callback(Output("kpi-changed", "data"), Output("toasts", "children", allow_duplicate=True),
          Input("target-save", "n_clicks"), State("target-period", "value"), State("target-value", "value"),
          State("kpi-key", "data"), State("kpi-changed", "data"), role=Role.FINANCE, prevent_initial_call=True)
def save_target(clicks: int | None, period: str | None, value: float | str | None, key: str, changed: int) -> Any:
    if not clicks:
        return no_update, no_update
    at = here()
    unit = defining.get(at.actor, at.desk, key).kpi.unit
    number = None if value in (None, "") else float(value) / (100 if unit == "percent" else 1)
    targeting.save(at.actor, at.desk, key, period or "", number, now=at.now)
    return (changed or 0) + 1, [toast("The target is saved." if number is not None else "The target is gone.", "ok")]


@callback(Output("kpi-download", "data"), Input("kpi-xlsx", "n_clicks"), Input("kpi-csv", "n_clicks"),
          State("filter-state", "data"), State("kpi-key", "data"), prevent_initial_call=True)
def export(xlsx: int | None, csv: int | None, state: dict[str, Any] | None, key: str) -> Any:
    if not (xlsx or csv):
        return no_update
    at, kind = here(), "xlsx" if ctx.triggered_id == "kpi-xlsx" else "csv"
    question = filters_from_query(state).question((key,), at.today, at.desk.organisation.calendar)
    name, mime, content = exporting.series(at.actor, at.desk, question, kind, now=at.now)
    return dcc.send_bytes(content, name, type=mime)


def _ask(at: Here, key: str, filters: Filters) -> Any:
    organisation = at.desk.organisation
    if not key:
        raise NotFound("Which KPI?")
    return asking.ask(at.actor, at.desk, filters.question((key,), at.today, organisation.calendar), now=at.now)


def _why(series: Any) -> str:
    return next((p.reason for p in series.points if p.reason), "There are no rows in this range.")


def _warnings(warnings: tuple[str, ...]) -> list[html.P]:
    return [html.P(w, className="ll-quiet") for w in warnings]
