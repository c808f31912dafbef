"""Closed periods on screens: rows that come or go, decisions, late changes, and the reason that is asked for."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashapp.core.closing import Closed, ClosedRow, Closing, Late, Touched, told, touched_from_json
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.grid import Grid
from dashapp.ui.form import button, field, text
from dashapp.ui.icon import icon
from dashapp.ui.states import empty
from dashapp.ui.table import boxed, table, working_box

DEEDS = {"upload": "uploaded", "undo": "undone", "redo": "brought back"}


def closed_rows(touched: Touched, words: Words, *, asks: bool = True) -> html.Div | None:
    """What a change does to closed periods, with the first rows of it; None where it does nothing to them. asks: it is
    still to be decided."""
    if not touched.any:
        return None
    rows = [_row(r, words) for r in touched.rows]
    headers = list(dict.fromkeys(h for r in touched.rows for h in r.cells))
    grid = Grid(("", "Date", "Row", *headers),
                tuple((deed, day, at, *(cells.get(h) or NO_VALUE for h in headers)) for deed, day, at, cells in rows))
    shown = table(grid, "Rows of closed periods") if rows else None
    more = touched.came + touched.went - len(rows)
    rest = html.P(f"and {words.number(more)} more", className="ll-more") if more > 0 else None
    return html.Div([
        html.H3("Closed periods", className="ll-section-title"),
        html.P([icon("lock-fill"), f" {told(touched)}{' This needs a reason.' if asks else ''}"],
               className="ll-note ll-ask" if asks else "ll-note", role="alert" if asks else "note"),
        shown, rest], id="import-closed")


def _row(row: ClosedRow, words: Words) -> tuple[str, str, str, Mapping[str, str | None]]:
    place = f"{row.sheet}, row {row.row}" if row.sheet else f"row {row.row}"
    return row.deed.capitalize(), words.day(row.day) if row.day else NO_VALUE, place, row.cells


def reason_field(id: str, hidden: bool) -> html.Div:
    """The field `id` in the box `{id}-box` that asks why closed periods change; hidden where nothing is to be said."""
    control = text(id, maxLength=500, placeholder="invoice 4711 came late")
    return html.Div(field("Reason for the change of closed periods", control,
                          help="Kept with the change and listed under Closed periods."), id=f"{id}-box", hidden=hidden)


def touches(result: Mapping[str, Any] | None) -> bool:
    """Would what was checked change closed periods?"""
    return touched_from_json((result or {}).get("closed")).any


def closed_list(found: Sequence[Closed], words: Words) -> html.Div:
    """How far each dataset is closed, with the verb that opens it again."""
    if not found:
        return empty("No datasets yet", "Bring a file first; then its periods can be closed.")
    heads = html.Tr([html.Th(h, scope="col") for h in ("Dataset", "Key", "Closed until", "Actions")])
    rows = [html.Tr([
        html.Th(c.name, scope="row"), html.Td(html.Code(c.dataset)),
        html.Td([icon("lock-fill"), f" {words.day(c.until)}"] if c.until else [icon("unlock"), " open"]),
        html.Td(button("Open again", {"part": "closing-reopen", "dataset": c.dataset}, "quiet") if c.until else None),
    ]) for c in found]
    inner = html.Table([html.Thead(heads), html.Tbody(rows)], className="ll-table")
    return working_box(inner, "Closed until")


def decision_list(found: Sequence[Closing], words: Words) -> html.Div:
    """Every closing and reopening, newest first."""
    if not found:
        return empty("Nothing was closed yet", "A closed period keeps its rows unless somebody gives a reason.",
                     picture="unlock")
    rows = tuple((words.moment(d.at), "Closed" if d.closes else "Opened again", d.dataset or "all datasets",
                  _until(d, words), d.by, d.reason or NO_VALUE) for d in found)
    return table(Grid(("When", "What", "Dataset", "Days", "By", "Reason"), rows), "Decisions")


def _until(decision: Closing, words: Words) -> str:
    if decision.until is None:
        return "all days"
    return f"until {words.day(decision.until)}" if decision.closes else f"after {words.day(decision.until)}"


def late_list(found: Sequence[Late], words: Words) -> html.Div:
    """What changed in closed periods nevertheless, with who, when and why."""
    if not found:
        return empty("No late changes", "Nothing changed in a closed period.", picture="check2-circle")
    heads = ("File", "Dataset", "What", "When", "By", "Rows in", "Rows out", "Periods", "Reason")
    head = html.Tr([html.Th(h, scope="col", className="ll-number" if i in (5, 6) else "") for i, h in enumerate(heads)])
    rows = [html.Tr([
        html.Th(dcc.Link(c.file, href=f"/data/{c.upload}"), scope="row"), html.Td(c.dataset), html.Td(DEEDS[c.deed]),
        html.Td(words.moment(c.at)), html.Td(c.by), html.Td(words.number(c.came), className="ll-number"),
        html.Td(words.number(c.went), className="ll-number"),
        html.Td(", ".join(p for p, _, _ in c.periods) or "a list"), html.Td(c.reason, className="ll-reason"),
    ]) for c in found]
    return boxed(html.Table([html.Thead(head), html.Tbody(rows)], className="ll-table"), "Late changes")
