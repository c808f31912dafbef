"""Which data are due, and which are late?"""
from __future__ import annotations

from typing import Any

from dash import Input, Output, html

from dashapp.core.actor import Role
from dashapp.services import delivering, feeding
from dashapp.ui.datarooms import data_rooms
from dashapp.ui.deliveries import delivery_table
from dashapp.ui.feeds import feed_troubles
from dashapp.ui.header import page_header
from dashapp.ui.states import skeleton
from dashapp.web.callback import callback, here
from dashapp.web.page import page

page(__name__, path="/data/deliveries", name="Deliveries", role=Role.FINANCE, order=62, nav=False)


def layout(**_unknown: Any) -> html.Div:
    return html.Div([
        page_header("Deliveries", "What is late, by the rhythm in which files came so far."),
        data_rooms("/data/deliveries"),
        html.Div(id="deliveries-feeds"),
        html.Div(skeleton("table"), id="deliveries"),
        html.P("A rhythm is seen after four uploads that each brought later dates than all before. Due is the day on "
               "which data usually come; late is what comes after the latest day on which they came so far, one to "
               "twenty days beyond the usual by the length of the period.", className="ll-quiet"),
    ])


@callback(Output("deliveries", "children"), Input("data-version", "data"), role=Role.FINANCE)
def show(_version: str) -> Any:
    at = here()
    return delivery_table(delivering.calendar(at.actor, at.desk, now=at.now), at.desk.organisation.words)


@callback(Output("deliveries-feeds", "children"), Input("data-version", "data"), role=Role.FINANCE)
def show_feeds(_version: str) -> Any:
    at = here()
    return feed_troubles(feeding.troubles(at.actor), at.desk.organisation.words)
