"""What the filter bar offers on the page at hand: dimensions to split by, columns and values to filter by."""
from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, State, html

from dashapp.services import choosing
from dashapp.ui.filters import NO_MORE, SPLITS, split_choices
from dashapp.web.callback import callback, here


def register(app: dash.Dash) -> None:
    """The bar stands on several pages; on a KPI's page it offers what that KPI can be split by."""
    callback(*[Output(name, "options") for name in SPLITS], Output("filter-column", "options"),
             Input("filter-bar", "id"), Input("kpi-key", "data", allow_optional=True),
             *[State(name, "value") for name in SPLITS], app=app)(offer_dimensions)
    callback(Output("filter-members", "children"), Input("filter-column", "value"),
             State("kpi-key", "data", allow_optional=True), app=app)(offer_members)


def offer_dimensions(_bar: str, kpi: str | None, *chosen: str | None) -> tuple[Any, ...]:
    at = here()
    found = choosing.dimensions(at.actor, at.desk, kpi or None)
    offered = [split_choices(found, name or "", known=True, none=NO_MORE if i else "No split")
               for i, name in enumerate(chosen)]
    return *map(_options, offered), _options(found)


def _options(choices: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": key, "label": words} for key, words in choices.items()]


def offer_members(column: str | None, kpi: str | None) -> list[html.Option]:
    at = here()
    found = choosing.members(at.actor, at.desk, column, now=at.now, kpi=kpi) if column else ()
    return [html.Option(value=m) for m in found]
