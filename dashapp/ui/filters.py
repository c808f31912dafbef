"""The filter bar: the same choices in the same order on every screen, kept in the URL by a small script.

The script (assets/10-app/30-filters.js) is the one writer of the Store `filter-state`: a dictionary of URL keys
(`range from to grain cmp by top others where as_of`). Pages listen to it and read it with
`core.filters.filters_from_query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashapp.core.filters import COMPARES, PRESETS, Filters
from dashapp.core.period import QUESTION_GRAINS
from dashapp.core.words import Words, headed
from dashapp.ui.form import select
from dashapp.ui.icon import icon
from dashapp.ui.wild import wild

STATE = "filter-state"
SPLITS = ("filter-by", "filter-by-2", "filter-by-3")
_CONTROLS = ("filter-range", "filter-from", "filter-to", "filter-grain", "filter-compare", *SPLITS, "filter-top",
             "filter-asof")
_TOPS = (3, 5, 10, 20, 50)
NO_MORE = "Nothing more"


def filter_bar(
    filters: Filters, dimensions: Mapping[str, str] | None = None, *, members: Mapping[str, str] | None = None,
    zone: str = "UTC", splits: bool = True,
) -> html.Div:
    """The bar with the controls set to `filters` (as read from the page's query), and what that could not mean.

    zone: the organisation's, in which the control for the moment is read and written. splits: whether the page draws
    splits; one that does not keeps `filter-by` out of sight, and with it the split that the address carries along.

    dimensions: column key -> words, what one may split by; members: columns one may filter by, the same when None.
    Pages that learn both later fill the options of `filter-by`, `filter-by-2`, `filter-by-3` and `filter-column` by
    callback.
    """
    columns = {"": "Column", **((dimensions if members is None else members) or {})}
    controls = [
        _control("Range", select("filter-range", PRESETS, filters.range)),
        _dates(filters),
        _control(
            "By", select("filter-grain", {g.value: g.value.capitalize() for g in QUESTION_GRAINS}, filters.grain.value)
        ),
        _control("Compare to", select("filter-compare", {str(k): v for k, v in COMPARES.items()}, filters.compare)),
        *_split_controls(filters, dimensions or {}, splits),
        _control(f"As of ({zone})", _moment_control(filters, zone)),
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
            html.Div([_note(n) for n in filters.notes], id="filter-notes"),
            html.Span(id="filter-said", className="visually-hidden", role="status"),
            dcc.Store(id=STATE),
            # The URL's own word for the moment: the control knows neither a zone nor less than a second.
            dcc.Store(id="filter-asof-kept", data={"shown": _local(filters, zone), "value": filters.to_query()["as_of"]}
                      if filters.as_of else None),
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
        Output("filter-notes", "hidden"),
        *[Output(f"{c}-box", "hidden") for c in (*SPLITS[1:], "filter-top")],
        *[Input(c, "value") for c in _CONTROLS],
        Input("filter-where", "data"),
        State(STATE, "data"),
        State("filter-asof-kept", "data"),
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


def split_choices(dimensions: Mapping[str, str], chosen: str = "", known: bool = False,
                  none: str = "No split") -> dict[str, str]:
    """What `Split by` offers: key -> words. A split in force stays among them, so that the control never says another
    thing than the address, such as one from an old bookmark.

    known: `dimensions` are all there are; a split by something else then says that it is not possible here. none: what
    stands for no split.
    """
    choices = {"none": none, **dimensions}
    if chosen not in ("", *choices):
        words = headed(chosen.rpartition(".")[2])
        choices[chosen] = f"{words} (not here)" if known else words
    return choices


def _split_controls(filters: Filters, dimensions: Mapping[str, str], shown: bool) -> list[html.Div]:
    """Up to three dimensions, each offered when the one before is chosen, and how many segments stand by name."""
    chosen = [*filters.by, *[""] * len(SPLITS)][: len(SPLITS)]
    top = "all" if filters.top is None else f"{filters.top.n}{'' if filters.top.others else ',0'}"
    tops = {"all": "All", **{str(n): f"{n} largest" for n in _TOPS}}
    if filters.top is not None and top not in tops:
        tops[top] = f"{filters.top.n} largest" + ("" if filters.top.others else " only")
    controls = [_control("Split by" if i == 0 else "then by",
                         select(name, split_choices(dimensions, by, none=NO_MORE if i else "No split"), by or "none"),
                         id=f"{name}-box", hidden=not shown or i > len(filters.by))
                for i, (name, by) in enumerate(zip(SPLITS, chosen, strict=True))]
    return [*controls, _control("Segments", select("filter-top", tops, top), id="filter-top-box",
                                hidden=not shown or not filters.by)]


def filters_in_words(filters: Filters, span: str, words: Words) -> html.P:
    """The state of the bar as text: what stands on paper instead of it. span: the dates in words."""
    said = [
        f"{PRESETS[filters.range]} ({span})",
        f"by {filters.grain.value}",
        f"compared to {COMPARES[filters.compare].lower()}",
    ]
    said += [f"split by {', '.join(filters.by)}"] if filters.by else []
    said += [f"the {filters.top.n} largest"] if filters.by and filters.top else []
    said += [str(w) for w in filters.where]
    said += [f"as known {words.moment(filters.as_of)}"] if filters.as_of else []
    return html.P(" · ".join(said), className="ll-print-only")


def as_known(filters: Filters, words: Words) -> html.Div | None:
    """The banner over figures of the past; for those of now only what was asked for in vain."""
    said = list(filters.notes)
    if filters.as_of is not None:
        when = words.moment(filters.as_of, seconds=_has_seconds(filters.as_of))
        said.append(f"As known at {when} ({words.zone}). What came in or was corrected later is left out.")
    return html.Div([_note(s) for s in said]) if said else None


def _note(said: str) -> html.Div:
    return html.Div([icon("clock-history" if said.startswith("As known") else "info-circle"), html.Span(said)],
                    className="ll-note", role="note")


def _has_seconds(value: datetime) -> bool:
    """Not on a full minute; the end of a day is said as 23:59."""
    return bool(value.second or value.microsecond) and value.time() != time.max


def _local(filters: Filters, zone: str) -> str:
    """The moment as the browser's field takes it, in the organisation's zone; empty for now."""
    if filters.as_of is None:
        return ""
    local = filters.as_of.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if _has_seconds(local) else "minutes")


def _moment_control(filters: Filters, zone: str) -> dbc.Input:
    """Date and time, because a figure may be corrected twice on one day. Waits, as dates do, until it is typed."""
    return dbc.Input(id="filter-asof", type="datetime-local", value=_local(filters, zone), debounce=600, step="any",
                     className="ll-filter-moment")


def _control(label: str, control: Any, **box: Any) -> html.Div:
    return html.Div([html.Label(label, htmlFor=control.id), control], className="ll-filter", **box)


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
