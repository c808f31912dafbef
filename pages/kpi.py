"""Everything about one figure: how it went, what it is made of, and where it comes from."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from dash import ClientsideFunction, Input, Output, State, clientside_callback, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.filters import Filters
from dashapp.core.period import Grain, Period
from dashapp.core.question import Question, Top
from dashapp.core.series import Number, Point, Series, Total
from dashapp.core.words import Words
from dashapp.figures.periods import chart
from dashapp.figures.tell import against, by_name
from dashapp.services import (
    asking,
    bridging,
    choosing,
    defining,
    evidencing,
    exploring,
    exporting,
    targeting,
)
from dashapp.ui.derivation import derivation, history, source_rows, totals
from dashapp.ui.filters import as_known, filter_bar, filters_in_words
from dashapp.ui.form import field, select
from dashapp.ui.graph import chart_frame
from dashapp.ui.header import breadcrumbs, evidence_button, export_buttons, page_header, section
from dashapp.ui.moment import as_of
from dashapp.ui.paging import pager
from dashapp.ui.restated import NONE, NOW, after_options, before_options, never, restated
from dashapp.ui.segments import drilled, split_table
from dashapp.ui.states import again, empty, patience, refreshing, skeleton
from dashapp.web.callback import Here, callback, here
from dashapp.web.page import page
from pages.kpi_aims import aims

page(__name__, path_template="/kpi/<key>", name="KPI", nav=False)
ROWS = 50
ALL, NO_PERIOD = {"all": "All"}, "No period is chosen"
NOTHING = html.P("Nothing to sum up here.", className="ll-quiet")


def layout(key: str = "", **query: Any) -> html.Div:
    try:
        defining.get(here().actor, here().desk, key)
    except NotFound as error:
        back = html.P([dcc.Link("To the overview", href="/"), " · ", dcc.Link("All KPIs", href="/kpis")])
        return html.Div([breadcrumbs([("Overview", "/"), ("KPI", None)]),
                         empty("No such KPI", error.message, back, "question-circle")], id="page-missing")
    return html.Div([
        breadcrumbs([("Overview", "/"), ("KPI", None)]),
        page_header(html.Span(id="kpi-name"), html.Span(id="kpi-about"), [export_buttons("kpi")]),
        filter_bar(here().filters(query), zone=here().desk.organisation.timezone),
        refreshing(html.Div(skeleton("chart"), id="kpi-chart-box"), "kpi-loading"),
        section("Over the whole range", html.Div(id="kpi-totals")),
        *aims(),
        section("Where does this number come from?",
                html.Div([field("Period", select("kpi-period", {"": "Choose a period"}, "")),
                          field("Part", select("kpi-part", ALL, "all")),
                          field("Rows of", select("kpi-source", {"first": NO_PERIOD}, "first")),
                          evidence_button("kpi")], className="ll-fields"),
                html.Div(id="kpi-derivation"), html.Div(id="kpi-rows"),
                html.Div(pager("kpi", 0, ROWS, 0, Words()), id="kpi-pager")),
        section("Restated", html.P("What later uploads, undos and definitions changed in the figure above.",
                                   className="ll-quiet"),
                html.Div([field("From", select("kpi-before", {}, None)), field("To", select("kpi-after", {}, None))],
                         className="ll-fields"),
                refreshing(html.Div(id="kpi-restated"), "kpi-restating")),
        section("Definition", html.Div(id="kpi-history")),
        dcc.Store(id="kpi-key", data=key), dcc.Store(id="kpi-page", data=0), dcc.Store(id="kpi-followed"),
        again("kpi"),
    ])


@callback(Output("kpi-name", "children"), Output("kpi-about", "children"), Output("kpi-history", "children"),
          Input("kpi-key", "data"), Input("data-version", "data"))
def about(key: str, _version: str) -> tuple[Any, ...]:
    at = here()
    view = defining.get(at.actor, at.desk, key)
    edit = html.P(dcc.Link("Edit the definition", href=f"/kpis?edit={key}")) if at.actor.may(Role.ANALYST) else None
    versions = html.Div([edit, history(defining.history(at.actor, at.desk, key), at.desk.organisation.words)])
    needs = f" Needs: {', '.join(view.needs)}." if view.needs else ""
    return view.kpi.name, f"{view.kpi.description}{needs}", versions


@callback(Output("kpi-chart-box", "children"), Output("kpi-totals", "children"), Output("kpi-period", "options"),
          Output("kpi-period", "value"), Output("kpi-part", "options"), Output("kpi-part", "value"),
          Output("kpi-again", "disabled"),
          Input("filter-state", "data"), Input("kpi-key", "data"), Input("data-version", "data"),
          Input("kpi-changed", "data"), Input("kpi-again", "n_intervals"), State("kpi-period", "value"))
def draw(state: dict[str, Any] | None, key: str, _version: str, _changed: int, _again: int,
         chosen: str | None) -> tuple[Any, ...]:
    at, filters = here(), here().filters(state)
    words = at.desk.organisation.words
    try:
        series = _ask(at, key, filters)
    except Invalid as error:
        return _refused(error, key, filters), NOTHING, [], "", [{"value": "all", "label": ALL["all"]}], "all", True
    valued = [p for p in series.points if p.value is not None]
    periods = list(dict.fromkeys(p.period for p in series.points))[::-1]
    options = [{"value": p.label, "label": words.period(p)} for p in periods]
    parts = [{"value": "all", "label": ALL["all"]}, *exploring.parts(series)]
    latest = next((p.period.label for p in reversed(valued) if p.complete), valued[-1].period.label if valued else None)
    kept = chosen if chosen in [o["value"] for o in options] else latest or ""
    is_known = valued or (series.total and series.total.value is not None)
    summed = _summed(at, key, filters, series) if is_known else NOTHING
    return _drawn(at, key, filters, series), summed, options, kept, parts, "all", not series.is_awaited


# A click on a line leads where its link in the table does. In the browser only; the keyboard has the table.
clientside_callback(ClientsideFunction("ledgerline", "follow"),
                    Output("kpi-followed", "data"), Input("kpi-chart", "clickData"),
                    State("kpi-chart", "figure"), prevent_initial_call=True)


@callback(Output("kpi-derivation", "children"), Output("kpi-rows", "children"), Output("kpi-pager", "children"),
          Output("kpi-source", "options"),
          Input("kpi-period", "value"), Input("kpi-part", "value"), Input("kpi-page", "data"),
          Input("kpi-source", "value"), State("filter-state", "data"), State("kpi-key", "data"))
def explain(period: str | None, part: str | None, number: int | None, source: str | None,
            state: dict[str, Any] | None, key: str) -> Any:
    at, filters, number = here(), here().filters(state), max(0, number or 0)
    words, part = at.desk.organisation.words, None if part in (None, "", "all") else part
    if not period:
        return None, None, pager("kpi", 0, ROWS, 0, words), [{"value": "first", "label": NO_PERIOD}]
    found = exploring.explain(at.actor, at.desk, key, period, filters.where, part, filters.as_of, now=at.now)
    rows = exploring.rows(at.actor, at.desk, key, period, filters.where, part, filters.as_of, now=at.now, limit=ROWS,
                          offset=number * ROWS, dataset=source if source not in (None, "", "first") else None)
    sources = [{"value": d if i else "first", "label": d} for i, d in enumerate(rows.datasets or ("no dataset",))]
    told = derivation(found, words, may_open=at.actor.may(Role.FINANCE))
    return told, source_rows(rows), pager("kpi", number, ROWS, rows.total, words), sources


@callback(Output("kpi-before", "options"), Output("kpi-before", "value"), Output("kpi-after", "options"),
          Output("kpi-after", "value"), Input("kpi-key", "data"), Input("data-version", "data"))
def offer_moments(key: str, _version: str) -> tuple[Any, ...]:
    at, words = here(), here().desk.organisation.words
    found = bridging.moments(at.actor, at.desk, key, now=at.now)
    before = before_options(found, words, heavy=bridging.is_heavy(at.actor, key))
    return before, before[0]["value"], after_options(found, words), NOW


@callback(Output("kpi-restated", "children"),
          Input("kpi-period", "value"), Input("kpi-part", "value"), Input("kpi-before", "value"),
          Input("kpi-after", "value"), State("filter-state", "data"), State("kpi-key", "data"))
def restate(period: str | None, part: str | None, before: str | None, after: str | None,
            state: dict[str, Any] | None, key: str) -> Any:
    if not period or before in (None, "", NONE):
        return None
    at, filters = here(), here().filters(state)
    if why := bridging.no_past(at.actor, key):
        return html.P(why, className="ll-quiet")
    where, until = filters.where, _just_before(after) or filters.as_of
    part = None if part in (None, "", "all") else part
    since = _just_before(before)
    if since is None:
        moved = bridging.moved_since(at.actor, at.desk, key, period, where, part, until, now=at.now)
        since = _just_before(moved.at.isoformat()) if moved else None
    if since is None:
        return never()
    found = bridging.bridge(at.actor, at.desk, key, period, since, until, where, part, now=at.now)
    return restated(found, at.desk.organisation.words, may_open=at.actor.may(Role.FINANCE))


@callback(Output("kpi-page", "data"), Input("kpi-previous", "n_clicks"), Input("kpi-next", "n_clicks"),
          Input("kpi-period", "value"), Input("kpi-part", "value"), Input("kpi-source", "value"),
          State("kpi-page", "data"), prevent_initial_call=True)
def turn(back: int | None, forth: int | None, _period: Any, _part: Any, _source: Any, number: int | None) -> int:
    if ctx.triggered_id not in ("kpi-previous", "kpi-next") or not (back or forth):
        return 0
    return max(0, (number or 0) + (1 if ctx.triggered_id == "kpi-next" else -1))


@callback(Output("kpi-download", "data"), Input("kpi-xlsx", "n_clicks"), Input("kpi-csv", "n_clicks"),
          State("filter-state", "data"), State("kpi-key", "data"), prevent_initial_call=True)
def export(xlsx: int | None, csv: int | None, state: dict[str, Any] | None, key: str) -> Any:
    if not (xlsx or csv):
        return no_update
    at, kind = here(), "xlsx" if ctx.triggered_id == "kpi-xlsx" else "csv"
    question = _question(at, key, at.filters(state))
    name, mime, content = exporting.series(at.actor, at.desk, question, kind, now=at.now)
    return dcc.send_bytes(content, name, type=mime)


@callback(Output("kpi-evidence-box", "style"), Input("kpi-key", "data"))
def offer_evidence(_key: str) -> dict[str, str]:
    return {} if here().actor.may(Role.FINANCE) else {"display": "none"}


@callback(Output("kpi-evidence-download", "data"), Input("kpi-evidence", "n_clicks"), State("kpi-period", "value"),
          State("kpi-part", "value"), State("filter-state", "data"), State("kpi-key", "data"), role=Role.FINANCE,
          prevent_initial_call=True)
def take_evidence(clicks: int | None, period: str | None, part: str | None, state: dict[str, Any] | None,
                  key: str) -> Any:
    if not clicks or not period:
        return no_update
    at, filters = here(), here().filters(state)
    name, mime, content = evidencing.workbook(at.actor, at.desk, key, period, filters.where,
                                              None if part in (None, "", "all") else part, filters.as_of, now=at.now)
    return dcc.send_bytes(content, name, type=mime)


def _ask(at: Here, key: str, filters: Filters) -> Series:
    if not key:
        raise NotFound("Which KPI?")
    desk = at.desk.in_a_hurry(patience(ctx.triggered_id))
    return asking.ask(at.actor, desk, _question(at, key, filters), now=at.now)[0]


def _question(at: Here, key: str, filters: Filters) -> Question:
    """What the page asks and exports: a split with its subtotals."""
    question = filters.question((key,), at.today, at.desk.organisation.calendar)
    return replace(question, subtotals=bool(filters.by))


def _summed(at: Here, key: str, filters: Filters, series: Series) -> html.Div:
    words = at.desk.organisation.words
    if not series.by:
        return totals(series, words)
    return split_table(series, words, lambda total: _only(key, filters, series, total))


def _only(key: str, filters: Filters, series: Series, figure: Point | Total) -> str:
    """The address of this page for one line of its split."""
    return drilled(filters, series, figure, f"/kpi/{quote(key)}")


def _targets(at: Here, key: str, filters: Filters) -> dict[Period, Number]:
    """Targets of the whole company say nothing about a part of it."""
    if filters.where or filters.by or at.actor.scope:
        return {}
    return {Period(t.start, t.end, Grain(t.grain), t.period): t.value
            for t in targeting.listing(at.actor, at.desk, key)}


def _drawn(at: Here, key: str, filters: Filters, series: Series) -> html.Div:
    """The chart with what is filtered, until when the figures are known, and what they lack."""
    words = at.desk.organisation.words
    said = filters_in_words(filters, words.span(filters.span(at.today, at.desk.organisation.calendar)), words)
    drawn = chart(series, words, _targets(at, key, filters), lambda point: _only(key, filters, series, point))
    has_figures = any(p.value is not None for p in series.points)
    box = chart_frame("kpi-chart", drawn) if has_figures else _nothing(at, filters, series)
    known = html.P(["Figures ", as_of(filters.as_of or at.now, words), *_through(series, words)], className="ll-quiet")
    return html.Div([as_known(filters, words), said, box, known, *_undrawn(series), *_warnings(series.warnings)])


def _nothing(at: Here, filters: Filters, series: Series) -> html.Div:
    """No figure in the range; a split that the KPI's data cannot have says so, and which ones they can have."""
    possible = choosing.dimensions(at.actor, at.desk, series.kpi)
    if set(filters.by) <= set(possible):
        return empty("No figures", _why(series))
    instead = f"It can be split by {', '.join(possible.values())}." if possible else "It is known as a whole only."
    return empty(f"{series.name} cannot be split by {by_name(filters.by)}", f"{_why(series)} {instead}")


def _refused(error: Invalid, key: str, filters: Filters) -> html.Div:
    """A question that is not answered, with the way to one that is: the largest parts of a split that has too many."""
    if not filters.by or filters.top:
        return empty("Not answered", error.message)
    query = urlencode(replace(filters, top=Top(10)).to_query(), doseq=True)
    return empty("Not answered", error.message, dcc.Link("Show the 10 largest", href=f"/kpi/{quote(key)}?{query}",
                                                         className="btn btn-primary"))


def _why(series: Series) -> str:
    return next((p.reason for p in series.points if p.reason), "There are no rows in this range.")


def _undrawn(series: Series) -> list[html.P]:
    """A split is drawn without the other side of its comparison, which the totals have; each line leads to its part."""
    other = next((t.compare for t in series.totals if t.compare), None) if series.by else None
    way = html.P("A click on a line shows its part alone, as its name in the table below does.", className="ll-quiet")
    if other is None:
        return [way] if series.by else []
    said = f"The comparison ({against(other).lower()}) is not drawn in a split chart; the totals below have it."
    return [way, html.P(said, className="ll-quiet", id="kpi-undrawn")]


def _through(series: Series, words: Words) -> list[str]:
    return [f" · data to {words.day(series.data_through)}"] if series.data_through else []


def _just_before(text: str | None) -> datetime | None:
    """The last instant before the moment an option stands for; None for the options that stand for none."""
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC) - timedelta(microseconds=1)
    except ValueError:
        return None


def _warnings(warnings: tuple[str, ...]) -> list[html.P]:
    return [html.P(w, className="ll-quiet") for w in warnings]
