"""How good are the data of each dataset, is that getting better or worse, and why?"""
from __future__ import annotations

from typing import Any

from dash import Input, Output, State, dcc, html

from dashapp.core.actor import Role
from dashapp.core.errors import Forbidden, NotFound
from dashapp.services import feeding, quality
from dashapp.ui.datarooms import data_rooms
from dashapp.ui.feeds import feed_troubles
from dashapp.ui.header import page_header
from dashapp.ui.quality import check_list, quality_detail, quality_list
from dashapp.ui.states import empty, failed, skeleton
from dashapp.web.callback import callback, here
from dashapp.web.page import page

page(__name__, path="/data/quality", name="Data quality", role=Role.FINANCE, order=64, nav=False)


def layout(dataset: str = "", **_unknown: Any) -> html.Div:
    return html.Div([
        page_header("Data quality", "Measured after every commit and once a day."), data_rooms("/data/quality"),
        html.Div(id="quality-feeds"),
        html.Section(html.Div(skeleton("table"), id="quality-all")),
        html.Section(id="quality-one"),
        html.Section(html.Div(id="quality-checks")),
        dcc.Store(id="quality-dataset", data=str(dataset)[:63]),
    ])


@callback(Output("quality-all", "children"), Input("data-version", "data"), State("quality-dataset", "data"),
          role=Role.FINANCE)
def show_all(_version: str, chosen: str) -> Any:
    at = here()
    try:
        return quality_list(quality.listing(at.actor, now=at.now), at.desk.organisation.words, chosen)
    except Forbidden as error:
        return empty("Not within a data scope", error.message, picture="funnel")


@callback(Output("quality-one", "children"), Input("data-version", "data"), Input("quality-dataset", "data"),
          role=Role.FINANCE)
def show_one(_version: str, chosen: str) -> Any:
    at = here()
    if not chosen or at.actor.scope:
        return None
    try:
        view = quality.get(at.actor, chosen, now=at.now)
    except NotFound as error:
        return failed(error.message)
    return quality_detail(view, quality.history(at.actor, chosen), at.desk.organisation.words)


@callback(Output("quality-checks", "children"), Input("quality-dataset", "data"), role=Role.FINANCE)
def show_checks(_chosen: str) -> Any:
    return check_list(quality.checks(here().actor))


@callback(Output("quality-feeds", "children"), Input("data-version", "data"), role=Role.FINANCE)
def show_feeds(_version: str) -> Any:
    at = here()
    return feed_troubles(feeding.troubles(at.actor), at.desk.organisation.words)
