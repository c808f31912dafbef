"""The mapping step's table of columns: one line per column of the file with samples, role, type, formats, joins.

Controls have ids `{"part": "map-role", "column": i}` with i counting from 0; the select `Join to` of a column has the
id `{"part": "map-join", "column": key}`.
"""
from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html

from dashapp.core.dataset import RoleOf
from dashapp.core.join import JoinMatch
from dashapp.core.mapping import NumberStyle
from dashapp.core.words import counted
from dashapp.ingest.dates import spelling
from dashapp.ingest.model import Choice, ColumnGuess, Inspection
from dashapp.ingest.words import key_of
from dashapp.ui.icon import hidden_words
from dashapp.ui.wild import wild

ROLES = {RoleOf.DATE: "Date", RoleOf.MEASURE: "Measure", RoleOf.DIMENSION: "Dimension",
         RoleOf.ENTITY: "Customer", RoleOf.ID: "Identifier", RoleOf.CURRENCY: "Currency code",
         RoleOf.IGNORE: "Ignore"}
TYPES = {"date": "Date", "money": "Money", "number": "Number", "text": "Text"}
FOUND, ASKED = "found", ""  # ASKED: shown as `Please choose`
ALONE = "alone"  # the column is joined to nothing
FORMATS = {FOUND: "As found", "iso": "Year first (2026-03-31)", "dmy": "Day first (31.03.2026)",
           "mdy": "Month first (03/31/2026)", "ymd": "Year first (26-03-31)", "excel-serial": "Excel day number"}
PLAIN = {"words": "Month in words", "period": "Months, weeks, quarters"}  # dates that no order could misread
NUMBERS = {FOUND: "As found", ".,": "1,234.56", ",.": "1.234,56", ", ": "1 234,56", ".": "1234.56", ",": "1234,56",
           ".'": "1'234.56"}
SCALES = {FOUND: "As written", "1": "× 1", "1000": "× 1,000", "1000000": "× 1,000,000",
          "1000000000": "× 1,000,000,000", "0.01": "÷ 100 (percent)"}
MIDNIGHT = " 00:00:00"  # how a workbook's dates read as text
HEADS = ("Column", "Sample values", "Is a", "Type", "Dates are", "Numbers are", "Join to", "Sure")
JOIN_HEAD = "Join to"
PARTS = ("map-role", "map-type", "map-format", "map-number", "map-scale", "map-stored")
SCALED = ("scale", "scale-changed")


def columns_table(found: Inspection, targets: Sequence[str]) -> html.Div:
    """One line per column, as wide as the page and no wider; where that is too narrow, one block per column. targets:
    `dataset.column` of the lists that columns can be joined to.
    """
    said = html.Caption("Columns of the file", className="visually-hidden")
    offered = {c.key: _offered(found, c, targets) for c in found.columns}
    heads = [h for h in HEADS if h != JOIN_HEAD or any(offered.values())]
    head = html.Thead(html.Tr([html.Th(h, scope="col") for h in heads]))
    open_ = {(q.column, q.code) for q in found.questions}  # nothing stands there that looks like an answer
    hints = {s.column: s for s in found.suggestions}
    body = html.Tbody([_column(i, c, {code for name, code in open_ if name == c.header},
                               [_join(found, c, offered[c.key], hints.get(c.key))] if JOIN_HEAD in heads else [],
                               _stored(i, c, found.absent))
                       for i, c in enumerate(found.columns)])
    look = "ll-table ll-map-table" + (" has-joins" if JOIN_HEAD in heads else "")
    return html.Div(html.Table([said, head, body], className=look), className="ll-map-box")


def _offered(found: Inspection, column: ColumnGuess, targets: Sequence[str]) -> dict[str, str]:
    """What the column can be joined to: any list, if it is a text that stands for something, and what it is now."""
    now = found.mapping.joins.get(column.key)
    fits = column.type == "text" and column.role in (RoleOf.DIMENSION, RoleOf.ID, RoleOf.ENTITY)
    return {t: t for t in (*(targets if fits else ()), *([now] if now else ()))}


def _join(found: Inspection, column: ColumnGuess, offered: dict[str, str], hint: JoinMatch | None) -> html.Td:
    """`Join to`: as it is declared, else as its values suggest - which holds when it is left standing there."""
    if not offered:
        return html.Td(className="ll-map-none")
    declared = found.mapping.joins.get(column.key)
    value = hint.target if declared is None and hint else declared
    choice = dbc.Select(id={"part": "map-join", "column": column.key}, value=value or ALONE, size="sm",
                        options=[{"value": k, "label": v} for k, v in {ALONE: "Not joined", **offered}.items()])
    note = html.Div(f"Suggested: {hint.matched:,} of {counted(hint.rows, 'sample value')} found there",
                    className="ll-map-hint") if hint else None
    return html.Td([html.Label([hidden_words(f"Join of {column.header}"), choice]), note],
                   **wild({"data-label": JOIN_HEAD}))


def _numbers(i: int, column: ColumnGuess, cell: html.Td, asked: set[str]) -> html.Td:
    """How the numbers are written and, of a measure, what they are multiplied by."""
    open_ = bool(asked & set(SCALED))
    now = ASKED if open_ and column.scale is None else _scale(column.scale)
    options = SCALES if now in SCALES or now == ASKED else {**SCALES, now: f"× {float(now):,.15g}"}
    choice = dbc.Select(id={"part": "map-scale", "column": i}, value=now, size="sm", placeholder="Please choose",
                        options=[{"value": k, "label": v} for k, v in options.items()])
    words = [html.Small("Multiplied by "), hidden_words(f"({column.header})")]
    cell.children = [cell.children, html.Label([*words, choice], hidden=column.role is not RoleOf.MEASURE)]
    return cell


def _scale(scale: float | None) -> str:
    return FOUND if scale is None else f"{scale:.15g}"


def _stored(i: int, column: ColumnGuess, absent: Sequence[Choice]) -> html.Label:
    """Where the values of a new column belong, if the dataset has columns that this file lacks."""
    own = key_of(column.header, 0)
    now = FOUND if column.key == own or column.key.startswith("column_") else column.key
    options = {FOUND: f"{column.key if now == FOUND else own}", **{c.value: f"{c.value} ({c.label})" for c in absent}}
    options |= {} if now in options else {now: now}
    choice = dbc.Select(id={"part": "map-stored", "column": i}, value=now, size="sm", placeholder="Please choose",
                        options=[{"value": k, "label": v} for k, v in options.items()])
    return html.Label([html.Small("Stored as "), hidden_words(f"({column.header})"), choice],
                      hidden=len(options) < 2 or not (column.is_new or now != FOUND), className="ll-map-stored")


def _column(i: int, column: ColumnGuess, asked: set[str], join: list[html.Td], stored: html.Label) -> html.Tr:
    def cell(part: str, options: dict[str, str], value: str, words: str) -> html.Td:
        choice = dbc.Select(id={"part": part, "column": i}, value=value, size="sm", placeholder="Please choose",
                            options=[{"value": k, "label": v} for k, v in options.items()])
        return html.Td(html.Label([hidden_words(f"{words} of {column.header}"), choice]),
                       **wild({"data-label": HEADS[2 + PARTS.index(part)]}))
    notes = [html.Div(column.question, className="ll-map-ask")] if column.question else []
    notes += [html.Div(f"{column.unreadable:,} unreadable", className="ll-map-bad")] if column.unreadable else []
    samples = [html.Code(s.removesuffix(MIDNIGHT)[:40]) for s in column.samples[:3]]
    formats = _formats(column)
    name = html.Th([html.Span(column.header), html.Small(f" {column.letter} · {column.key}"), stored], scope="row")
    return html.Tr([
        name, html.Td([*samples, *notes], className="ll-samples", **wild({"data-label": HEADS[1]})),
        cell("map-role", {k.value: v for k, v in ROLES.items()}, column.role.value, "Role"),
        cell("map-type", TYPES, column.type, "Type"),
        cell("map-format", formats, column.format or (ASKED if "date-order" in asked else FOUND), "Date format"),
        _numbers(i, column, cell("map-number", NUMBERS, ASKED if "number-style" in asked and not column.number
                                 else _style(column.number), "Number style"), asked),
        *join,
        html.Td(f"{column.confidence:.0%}", className="ll-number", **wild({"data-label": HEADS[-1]})),
    ], className="is-asked" if column.question else "")


def _formats(column: ColumnGuess) -> dict[str, str]:
    """The choices of `Dates are`, in which the one in force is called what the samples are."""
    if column.format is None:
        return FORMATS
    kinds = {spelling(s) for s in column.samples} if column.format == "iso" else set()
    plain = " / ".join(PLAIN[k] for k in PLAIN if k in kinds) if "iso" not in kinds else ""
    return {**FORMATS, column.format: plain or FORMATS.get(column.format, column.format)}


def _style(number: NumberStyle | None) -> str:
    found = f"{number.decimal}{number.thousands}" if number else ""
    return found if found in NUMBERS else FOUND
