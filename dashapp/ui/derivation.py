"""Where a number comes from, as it reads on the KPI page: terms, statements, uploads, rows; totals and history."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dash import dcc, html

from dashapp.core.definition import KpiChange
from dashapp.core.derivation import Derivation, SourceRows, Term
from dashapp.core.period import DateRange, Period
from dashapp.core.series import Series, Total
from dashapp.core.words import Words
from dashapp.figures.grid import Grid
from dashapp.figures.tell import heading, whys
from dashapp.ui.still import still
from dashapp.ui.table import facts, table


def derivation(found: Derivation, words: Words, *, may_open: bool) -> html.Div:
    """The value, its formula, each term with its own value, the uploads, and the statements for those who read SQL."""
    kpi, point = found.kpi, found.point
    value = words.full(point.value, kpi.unit, kpi.decimals) if point.value is not None else f"— {point.reason}"
    pairs: list[tuple[Any, Any]] = [
        (words.period(found.period), html.Strong(value)), ("Formula", html.Code(kpi.formula)),
    ]
    if found.expanded != kpi.formula:
        left = f", with {', '.join(found.left)} by name" if found.left else ""
        pairs.append((f"In full{left}", html.Code(found.expanded)))
    pairs += [(html.Span([html.Code(t.formula), _dates(t, found.period, words)]),
               words.full(t.value, "number", 4) if t.value is not None else f"— {t.reason}") for t in found.terms]
    pairs += [("Rows", words.number(found.rows)), ("Definition", f"version {kpi.version}")]
    uploads = [html.Li([dcc.Link(o.file, href=f"/data/{o.upload}") if may_open and o.upload else html.Span(o.file),
                        f" in {o.dataset}, {words.counted(o.rows, 'row')}, since {words.moment(o.committed_at)}"])
               for o in found.origins]
    statements = html.Details([html.Summary("Statements sent to the engine"),
                               *(html.Div([html.H4(name), html.Pre(sql)]) for name, sql in found.statements)])
    return still([facts(pairs), html.Ul(uploads, className="ll-origins"), statements])


def source_rows(found: SourceRows) -> html.Div:
    """The rows with file, sheet, row and the cells that were used first; numbers as the source holds them, right
    aligned. Rows of a warehouse have none of these but the name of their table."""
    if not found.rows:
        return html.Div(html.P("No rows.", className="ll-quiet"))
    if all(r.row is None for r in found.rows):
        numeric = {1 + i for i in range(len(found.columns)) if any(_is_number(r.cells[i]) for r in found.rows)}
        grid = Grid(("Table", *found.columns), tuple((r.file, *map(_cell, r.cells)) for r in found.rows),
                    frozenset(numeric))
        return table(grid, f"Source rows of {found.dataset}")
    head = ("File", "Sheet", "Row", "Cells", *found.columns)
    rows = tuple((r.file, r.sheet or "", "" if r.row is None else str(r.row), r.place, *(_cell(c) for c in r.cells))
                 for r in found.rows)
    numeric = {4 + i for i in range(len(found.columns)) if any(_is_number(r.cells[i]) for r in found.rows)}
    return table(Grid(head, rows, frozenset({2, *numeric})), f"Source rows of {found.dataset}")


def totals(series: Series, words: Words) -> html.Div:
    """The figure recomputed over the whole range; with its comparison where there is one."""
    label = heading(series, words)
    head = ("Range", series.name, *((label, "Change") if label else ()))
    rows = tuple(_total(series, t, words, bool(label)) for t in series.totals)
    reasons = {(n, column + 2): why for n, t in enumerate(series.totals) for column, why in enumerate(whys(t)) if why}
    return table(Grid(head, rows, frozenset(range(1, len(head))), reasons), f"Totals of {series.name}")


def history(changes: Sequence[KpiChange], words: Words) -> html.Ol:
    """Every version of the definition, newest first."""
    return html.Ol([html.Li([html.Code(c.kpi.formula), f" version {c.kpi.version}, {words.moment(c.saved_at)} by "
                             f"{c.saved_by}" + (f": {c.why}" if c.why else "")]) for c in changes],
                   className="ll-history", reversed=True)


def _dates(term: Term, period: Period, words: Words) -> html.Small | None:
    """The dates a term covers, where they are not those of the figure."""
    if term.start is None or term.end is None or (term.start, term.end) == (period.start, period.end):
        return None
    return html.Small(f" {words.span(DateRange(term.start, term.end))}", className="ll-quiet")


def _total(series: Series, total: Total, words: Words, compared: bool) -> tuple[str, ...]:
    name = "All"
    value = words.full(total.value, series.unit, series.decimals) if total.value is not None else f"— {total.reason}"
    if not compared:
        return name, value
    other = total.compare
    if other is None:
        return name, value, "—", "—"
    return (name, value, words.full(other.value, series.unit, series.decimals),
            words.change(other.change, other.change_ratio, series.unit, series.decimals))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return _money(value) if isinstance(value, Decimal) else str(value)


def _money(value: Decimal) -> str:
    """All digits of the source, and at least two after the point, so that a column of amounts lines up."""
    exact = value.normalize()
    return f"{exact:.2f}" if int(exact.as_tuple().exponent) > -2 else f"{exact:f}"
