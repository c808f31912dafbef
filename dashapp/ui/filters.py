"""The filter bar: the same choices in the same order on every screen, kept in the URL by a small script.

The script (assets/10-app/30-filters.js) is the one writer of the Store `filter-state`: a dictionary of URL keys
(`range from to grain cmp by where as_of`). Pages listen to it and read it with `core.filters.filters_from_query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashapp.core.filters import COMPARES, PRESETS, Filters
from dashapp.core.period import QUESTION_GRAINS
from dashapp.core.words import Words
from dashapp.ui.form import select
from dashapp.ui.icon import icon
from dashapp.ui.wild import wild

STATE = "filter-state"
_CONTROLS = ("filter-range", "filter-from", "filter-to", "filter-grain", "filter-compare", "filter-by", "filter-asof")


def filter_bar(
    filters: Filters, dimensions: Mapping[str, str] | None = None, *, members: Mapping[str, str] | None = None
) -> html.Div:
    """The bar with the controls set to `filters` (as read from the page's query).

    dimensions: column key -> words, what one may split by; members: columns one may filter by, the same when None.
    Pages that learn both later fill the options of `filter-by` and `filter-column` by callback.
    """
    splits = split_choices(dimensions or {}, filters.by)
    columns = {"": "Column", **((dimensions if members is None else members) or {})}
    controls = [
        _control("Range", select("filter-range", PRESETS, filters.range)),
        _dates(filters),
        _control(
            "By", select("filter-grain", {g.value: g.value.capitalize() for g in QUESTION_GRAINS}, filters.grain.value)
        ),
        _control("Compare to", select("filter-compare", {str(k): v for k, v in COMPARES.items()}, filters.compare)),
        _control("Split by", select("filter-by", splits, ",".join(filters.by) or "none")),
        _control("As of", _date("filter-asof", filters.as_of.date().isoformat() if filters.as_of else "")),
    ]
    return html.Div(
        [
            html.Button(
                [icon("sliders"), html.Span(" Filters"), html.Span(id="filter-count", className="ll-filter-count")],
                id="filter-toggle",
                type="button",
                className="btn btn-quiet ll-filter-toggle",
                **wild({"data-ll-toggle": "filter-drawer", "aria-expanded": "false", "aria-controls": "filter-drawer"}),
            ),
            html.Div(
                [
                    html.Div(controls, className="ll-filter-controls"),
                    html.Div(
                        [
                            html.Button(
                                [icon("funnel"), " Filter"],
                                id="filter-add",
                                type="button",
                                className="btn btn-quiet",
                                **wild(
                                    {
                                        "data-ll-toggle": "filter-where-box",
                                        "aria-expanded": "false",
                                        "aria-controls": "filter-where-box",
                                    }
                                ),
                            ),
                            html.Button(
                                [icon("arrow-counterclockwise"), " Reset"],
                                id="filter-reset",
                                type="button",
                                className="btn btn-quiet",
                            ),
                            html.Button(
                                [icon("link-45deg"), " Copy link"],
                                id="filter-copy",
                                type="button",
                                className="btn btn-quiet",
                                **wild({"data-ll-copy": "location"}),
                            ),
                        ],
                        className="ll-filter-tools",
                    ),
                    _where_box(columns),
                    html.Ul(id="filter-chips", className="ll-chips", **wild({"aria-label": "Filters in force"})),
                ],
                id="filter-drawer",
                className="ll-filter-drawer",
            ),
            html.Span(id="filter-said", className="visually-hidden", role="status"),
            dcc.Store(id=STATE),
            dcc.Store(id="filter-where", data=[str(w) for w in filters.where]),
        ],
        id="filter-bar",
        className="ll-filters",
        role="search",
        **wild({"aria-label": "Filters"}),
    )


def register(app: Dash) -> None:
    """Connect the bar to the URL. Runs in the browser only: no callback reaches the server."""
    app.clientside_callback(
        ClientsideFunction("ledgerline", "filters"),
        Output(STATE, "data"),
        Output("filter-chips", "children"),
        Output("filter-dates", "hidden"),
        Output("filter-count", "children"),
        *[Input(c, "value") for c in _CONTROLS],
        Input("filter-where", "data"),
        State(STATE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("ledgerline", "add_filter"),
        Output("filter-where", "data", allow_duplicate=True),
        Output("filter-values", "value"),
        Input("filter-apply", "n_clicks"),
        State("filter-column", "value"),
        State("filter-op", "value"),
        State("filter-values", "value"),
        State("filter-where", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("ledgerline", "reset_filters"),
        Output("filter-where", "data", allow_duplicate=True),
        *[Output(c, "value", allow_duplicate=True) for c in _CONTROLS],
        Input("filter-reset", "n_clicks"),
        prevent_initial_call=True,
    )


def split_choices(dimensions: Mapping[str, str], by: tuple[str, ...], known: bool = False) -> dict[str, str]:
    """What `Split by` offers: key -> words. A split in force stays among them, so that the control never says another
    thing than the address: several dimensions together, or one from an old bookmark.

    known: `dimensions` are all there are; a split by something else then says that it is not possible here.
    """
    choices, joined = {"none": "No split", **dimensions}, ",".join(by)
    if by and joined not in choices:
        words = " and ".join(dimensions.get(b, b) for b in by)
        choices[joined] = words if not known or set(by) <= set(dimensions) else f"{words} (not here)"
    return choices


def filters_in_words(filters: Filters, span: str, words: Words) -> html.P:
    """The state of the bar as text: what stands on paper instead of it. span: the dates in words."""
    said = [
        f"{PRESETS[filters.range]} ({span})",
        f"by {filters.grain.value}",
        f"compared to {COMPARES[filters.compare].lower()}",
    ]
    said += [f"split by {', '.join(filters.by)}"] if filters.by else []
    said += [str(w) for w in filters.where]
    said += [f"as known {words.moment(filters.as_of)}"] if filters.as_of else []
    return html.P(" · ".join(said), className="ll-print-only")


def as_known(filters: Filters, words: Words) -> html.Div | None:
    """The banner over figures of the past; nothing for those of now."""
    if filters.as_of is None:
        return None
    said = f"As known at {words.moment(filters.as_of)}. What came in or was corrected later is left out."
    return html.Div([icon("clock-history"), html.Span(said)], className="ll-note", role="note")


def _control(label: str, control: Any) -> html.Div:
    return html.Div([html.Label(label, htmlFor=control.id), control], className="ll-filter")


def _dates(filters: Filters) -> html.Div:
    return html.Div(
        [
            _control("From", _date("filter-from", filters.start.isoformat() if filters.start else "")),
            _control("To", _date("filter-to", filters.end.isoformat() if filters.end else "")),
        ],
        id="filter-dates",
        className="ll-filter-dates",
        hidden=filters.range != "custom",
    )


def _date(id: str, value: str) -> dbc.Input:
    """The browser's own date field: works on phones, by keyboard, and needs no script of ours.

    Waits a moment, because a year typed digit by digit is a date four times.
    """
    return dbc.Input(id=id, type="date", value=value, debounce=600)


def _where_box(columns: Mapping[str, str]) -> html.Div:
    return html.Div(
        [
            _control("Column", select("filter-column", dict(columns), "")),
            _control("Condition", select("filter-op", {"=": "is", "!=": "is not", "~=": "contains"}, "=")),
            html.Div(
                [
                    html.Label("Values", htmlFor="filter-values"),
                    dbc.Input(
                        id="filter-values",
                        value="",
                        placeholder="EMEA|APAC",
                        list="filter-members",
                        debounce=False,
                        autoComplete="off",
                    ),
                    html.Datalist(id="filter-members"),
                ],
                className="ll-filter ll-filter-wide",
            ),
            html.Button("Apply", id="filter-apply", type="button", className="btn btn-primary"),
        ],
        id="filter-where-box",
        className="ll-where-box",
    )
