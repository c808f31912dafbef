"""What needs attention today?"""
from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from dash import Input, Output, State, ctx, dcc, html, no_update

from dashapp.core.actor import Role
from dashapp.core.filters import Filters
from dashapp.services import boards, exporting, overviewing
from dashapp.ui.arranging import arrange_button, arrange_store
from dashapp.ui.filters import as_known, filter_bar, filters_in_words
from dashapp.ui.form import button, select
from dashapp.ui.header import export_buttons, page_header
from dashapp.ui.moment import as_of
from dashapp.ui.overview import boards as drawn_boards
from dashapp.ui.overview import demo_note, nothing_yet
from dashapp.ui.states import again, patience, refreshing, skeleton
from dashapp.web.callback import callback, here, say
from dashapp.web.page import page

page(__name__, path="/", name="Overview", order=10, icon="speedometer2")

ROLES = {"me": "Only me", **{r.value: f"Default for {r.value}s" for r in Role}}


def layout(**query: Any) -> html.Div:
    return html.Div([
        page_header("Overview", html.Span(id="overview-said"), [arrange_button(), export_buttons("overview")]),
        filter_bar(here().filters(query), zone=here().desk.organisation.timezone, splits=False),
        html.Div([select("board-for", ROLES, "me"), button("Save layout", "board-save"),
                  button("Back to the default", "board-reset", "quiet")], id="board-tools", className="ll-board-tools"),
        html.Div(id="overview-note"),
        refreshing(html.Div(skeleton("card", 8), id="overview-board"), "overview-loading"),
        arrange_store(),
        dcc.Store(id="board-redraw", data=0), again("overview"),
    ])


@callback(Output("overview-board", "children"), Output("overview-said", "children"),
          Output("overview-note", "children"), Output("overview-again", "disabled"),
          Input("filter-state", "data"), Input("data-version", "data"), Input("board-redraw", "data"),
          Input("overview-again", "n_intervals"))
def draw(state: dict[str, Any] | None, _version: str, _redraw: int, _again: int) -> tuple[Any, Any, Any, bool]:
    at, filters = here(), here().filters(state)
    view = overviewing.overview(at.actor, at.desk.in_a_hurry(patience(ctx.triggered_id)), filters, now=at.now)
    if not view.cards:
        return nothing_yet(at.actor.may(Role.FINANCE)), "", None, True
    mine, words = boards.load(at.actor), at.desk.organisation.words
    by_key = {c.kpi.key: c for c in view.cards}
    cards = [by_key[k] for k in mine.arrange(tuple(by_key))]
    span = words.span(view.span)
    said = [span, " · ", as_of(view.as_of, words), filters_in_words(replace(filters, by=()), span, words)]
    note = [as_known(filters, words), demo_note(at.actor.may(Role.ADMIN)) if view.has_demo else None]
    return drawn_boards(cards, words, sizes=mine.sizes, hidden=mine.hidden, query=_query(filters)), said, \
        note, not view.is_awaited


@callback(Input("board-layout", "data"),
          Input("board-save", "n_clicks"), State("board-for", "value"), prevent_initial_call=True)
def keep(layout: Any, _clicks: int | None, role: str | None) -> None:
    at = here()
    if not layout:
        return
    shared = Role(role) if role not in (None, "", "me") and ctx.triggered_id == "board-save" else None
    boards.save(at.actor, boards.board_from_json(layout), now=at.now, role=shared)
    if ctx.triggered_id == "board-save":
        say("The layout is saved.", "ok")


@callback(Output("board-redraw", "data"), Output("board-layout", "data", allow_duplicate=True),
          Input("board-reset", "n_clicks"), State("board-redraw", "data"), prevent_initial_call=True)
def reset(clicks: int | None, redraws: int | None) -> Any:
    at = here()
    if not clicks:
        return no_update, no_update
    boards.reset(at.actor, now=at.now)
    return (redraws or 0) + 1, None


@callback(Output("board-for", "style"), Input("filter-state", "data"))
def offer_roles(_state: Any) -> dict[str, str]:
    return {} if here().actor.may(Role.ADMIN) else {"display": "none"}


@callback(Output("overview-download", "data"), Input("overview-xlsx", "n_clicks"), Input("overview-csv", "n_clicks"),
          State("filter-state", "data"), prevent_initial_call=True)
def export(xlsx: int | None, csv: int | None, state: dict[str, Any] | None) -> Any:
    if not (xlsx or csv):
        return no_update
    at, kind = here(), "xlsx" if ctx.triggered_id == "overview-xlsx" else "csv"
    name, mime, content = exporting.overview(at.actor, at.desk, at.filters(state), kind, now=at.now)
    return dcc.send_bytes(content, name, type=mime)


def _query(filters: Filters) -> str:
    text = urlencode(filters.to_query(), doseq=True)
    return f"?{text}" if text else ""
