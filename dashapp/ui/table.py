"""Plain, accessible tables."""

from __future__ import annotations

from typing import Any

from dash import html

from dashapp.figures.grid import Grid
from dashapp.ui.icon import hidden_words
from dashapp.ui.still import still
from dashapp.ui.wild import wild


def table(grid: Grid, caption: str, id: str | None = None, *, compact: bool = True) -> html.Div:
    """A grid of texts as a table with a caption for screen readers; the first column names the row.

    Sent still: cells are many, and none of them is anybody's business but the reader's.
    """
    head = html.Thead(html.Tr([html.Th(h, scope="col", className=_side(grid, i)) for i, h in enumerate(grid.head)]))
    body = html.Tbody([html.Tr([_cell(grid, n, i, c) for i, c in enumerate(row)]) for n, row in enumerate(grid.rows)])
    extra: dict[str, Any] = {"id": id} if id else {}
    size = " ll-table-compact" if compact else ""
    inner = html.Table(
        [html.Caption(caption, className="visually-hidden"), head, body], className=f"ll-table{size}", **extra
    )
    return boxed(inner, caption)


def boxed(inner: html.Table, caption: str) -> html.Div:
    """A table of texts, links and badges in a box that scrolls and can be reached by keyboard."""
    return still(html.Div(inner, className="ll-table-box", tabIndex=0, role="region", **wild({"aria-label": caption})))


def working_box(inner: html.Table, caption: str) -> html.Div:
    """The same for a table with buttons and fields in it, which only Dash can draw."""
    return html.Div(inner, className="ll-table-box", tabIndex=0, role="region", **wild({"aria-label": caption}))


def figure_cell(text: str, reason: str | None = None, kind: str = "ll-number") -> html.Td:
    """One cell; where it is a dash, `reason` is told in its tooltip and to screen readers. kind: CSS class."""
    if reason:
        return html.Td([text, hidden_words(f" {reason}")], className=kind, title=reason)
    return html.Td(text, className=kind)


def as_table(grid: Grid, caption: str) -> html.Details:
    """The chart's figures behind `View as table`."""
    return html.Details([html.Summary("View as table"), table(grid, caption)], className="ll-as-table")


def facts(pairs: list[tuple[Any, Any]]) -> html.Dl:
    """Names and values in two columns."""
    return html.Dl([part for name, value in pairs for part in (html.Dt(name), html.Dd(value))], className="ll-facts")


def _cell(grid: Grid, row: int, column: int, text: str) -> html.Th | html.Td:
    if column == 0:
        return html.Th(text, scope="row", className=_side(grid, 0))
    return figure_cell(text, grid.reasons.get((row, column)), _side(grid, column))


def _side(grid: Grid, column: int) -> str:
    return "ll-number" if column in grid.numeric else ""
