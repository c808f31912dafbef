"""A split as people read it: the whole, subtotals before their parts, "Others" last; every line leads into its rows."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from dashapp.core.filters import Filters
from dashapp.core.segment import conditions
from dashapp.core.series import Number, Point, Series, Total
from dashapp.core.words import Words
from dashapp.figures.tell import by_name, heading, others_name, ranking, value_name, whys
from dashapp.ui.table import boxed, figure_cell

Place = tuple[tuple[bool, bool, Decimal, str], ...]
_CLASSES = {"total": "ll-row-total", "subtotal": "ll-row-subtotal", "segment": "", "others": "ll-row-others"}


def split_table(series: Series, words: Words, href: Callable[[Total], str]) -> html.Div:
    """The figures over the whole range, largest first within each group, with their comparison where there is one.

    href: where a line leads that is not the whole.
    """
    label = heading(series, words)
    head = (by_name(series.by).capitalize(), series.name, *((label, "Change") if label else ()))
    cells = [html.Th(h, scope="col", className="ll-number" if i else "") for i, h in enumerate(head)]
    rows = [_row(series, t, words, href, bool(label)) for t in in_order(series)]
    caption = f"Totals of {series.name}"
    named = html.Caption(caption, className="visually-hidden")
    grid = html.Table([named, html.Thead(html.Tr(cells)), html.Tbody(rows)], className="ll-table ll-table-compact")
    said = ranking(series)
    return html.Div([boxed(grid, caption), html.P(said, className="ll-quiet") if said else None])


def drilled(filters: Filters, series: Series, figure: Point | Total, path: str) -> str:
    """The address of a page whose filters are this line's; dimensions that it fixes are no longer split by."""
    more = conditions(series, figure)
    fixed = {w.column for w in more if w.op == "="}
    left = tuple(name for name in filters.by if name not in fixed)
    wheres = tuple(sorted({*filters.where, *more}))
    query = replace(filters, where=wheres, by=left, top=filters.top if left else None).to_query()
    return f"{path}?{urlencode(query, doseq=True)}"


def in_order(series: Series) -> list[Total]:
    """The totals as a tree is read: largest first beside each other, what has no figure after them, the others last."""
    sizes = {t.segment: t.value for t in series.totals}

    def place(total: Total) -> Place:
        starts = [total.split[:n] for n in range(1, len(total.split) + 1)]
        named = tuple(_rank(sizes.get((start, False)), start[-1][1]) for start in starts)
        return named if total.others is None else (*named, (True, True, Decimal(0), ""))

    return sorted(series.totals, key=place)


def _rank(value: Number | None, name: object) -> tuple[bool, bool, Decimal, str]:
    size = Decimal(0) if value is None else Decimal(value).copy_negate()
    return False, value is None, size, value_name(name)


def _row(series: Series, total: Total, words: Words, href: Callable[[Total], str], compared: bool) -> html.Tr:
    level = series.level(total)
    value = words.full(total.value, series.unit, series.decimals) if total.value is not None else f"— {total.reason}"
    named: Any = _name(total)
    if level != "total":
        named = dcc.Link(named, href=href(total), title="Only this part")
    depth = len(total.split) + (total.others is not None)
    first = html.Th(named, scope="row", className=f"ll-depth-{depth}" if depth > 1 else "")
    figures = [(value, None), *(zip(_compared(series, total, words), whys(total), strict=True) if compared else ())]
    return html.Tr([first, *(figure_cell(text, why) for text, why in figures)], className=_CLASSES[level])


def _name(total: Total) -> str:
    """The last part of the name: the ones before stand above it."""
    if total.others is not None:
        return others_name(total.others)
    if not total.split:
        return "All"
    return value_name(total.split[-1][1])


def _compared(series: Series, total: Total, words: Words) -> tuple[str, str]:
    other = total.compare
    if other is None:
        return "—", "—"
    return (words.full(other.value, series.unit, series.decimals),
            words.change(other.change, other.change_ratio, series.unit, series.decimals))
