"""The mapping step: what the file seems to hold, column by column, with sample values, ready to be corrected.

Column controls have ids `{"part": "map-role", "column": i}` with i counting from 0; the headers stand in the Store
`map-headers`. `mapping_json` turns the controls' values back into the JSON of the contract.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashapp.core.dataset import RoleOf
from dashapp.core.mapping import NumberStyle
from dashapp.core.period import Grain
from dashapp.core.words import counted
from dashapp.ingest.model import Ask, ColumnGuess, Inspection
from dashapp.ui.form import actions, button, field, select
from dashapp.ui.header import section
from dashapp.ui.icon import hidden_words, icon
from dashapp.ui.issues import issue_list
from dashapp.ui.table import boxed
from dashapp.ui.wild import wild

ROLES = {RoleOf.DATE: "Date", RoleOf.MEASURE: "Measure", RoleOf.DIMENSION: "Dimension",
         RoleOf.ENTITY: "Customer", RoleOf.ID: "Identifier", RoleOf.CURRENCY: "Currency code",
         RoleOf.IGNORE: "Ignore"}
TYPES = {"date": "Date", "money": "Money", "number": "Number", "text": "Text"}
FOUND, ASKED = "found", ""  # ASKED: shown as `Please choose`
FORMATS = {FOUND: "As found", "iso": "Year first (2026-03-31)", "dmy": "Day first (31.03.2026)",
           "mdy": "Month first (03/31/2026)", "excel-serial": "Excel day number"}
NUMBERS = {FOUND: "As found", ".,": "1,234.56", ",.": "1.234,56", ", ": "1 234,56", ".": "1234.56", ",": "1234,56",
           ".'": "1'234.56"}
KINDS = {"facts": "Facts: every row has a date", "reference": "Reference: a list with a key, no date",
         "snapshot": "Snapshot: dated by its upload"}
MODES = {"": "Please choose", "upsert": "Update: a known key replaces the older row",
         "append": "Append: every row is new",
         "replace-period": "Replace: whole periods of the file"}
HEADS = ("Column", "Sample values", "Is a", "Type", "Dates are", "Numbers are", "Sure")
PARTS = ("map-role", "map-type", "map-format", "map-number")


def mapping_form(found: Inspection) -> html.Div:
    """The whole form: layout of the file, how rows are recognised, one line per column."""
    return html.Div([
        _questions(found.questions),
        section("1. Where the table is", _place(found)),
        section("2. What the columns are", _columns(found)),
        section("3. How rows are recognised", _rows(found)),
        section("What was noticed", issue_list(found.issues)) if found.issues else None,
        html.Details([html.Summary("First rows of the file"), _preview(found)]),
        dcc.Store(id="map-headers", data=[c.header for c in found.columns]),
        actions(button("Check the file", "map-check"), button("Look again", "map-again", "quiet",
                title="Read the file again with this sheet, header row and these columns"),
                button("Reject the file", "map-reject", "danger")),
    ], id="mapping-form")


def mapping_json(place: dict[str, Any], headers: Sequence[str],
                 values: Sequence[Sequence[str | None]]) -> dict[str, Any]:
    """The JSON of the contract. place: sheet, header_row, kind, grain, key, mode as the controls hold them; values:
    per part of PARTS the values of all columns. Controls left at "as found" are left out.
    """
    out: dict[str, Any] = {k: v for k, v in place.items() if v not in (None, "", [])}
    columns: dict[str, Any] = {}
    for header, role, type_, format_, number in zip(headers, *values, strict=True):
        column: dict[str, Any] = {"role": role, "type": type_, "format": None if format_ == FOUND else format_}
        if number and number != FOUND:
            column["number"] = {"decimal": number[0], "thousands": number[1:]}
        columns[header] = {k: v for k, v in column.items() if v}
    return {**out, "columns": columns}


def _questions(questions: Sequence[Ask]) -> html.Div | None:
    if not questions:
        return None
    items = [html.Li([html.Strong(q.text), html.Span(" " + " / ".join(c.label for c in q.choices))]) for q in questions]
    return html.Div([html.H2([icon("question-circle"), " Please decide"], className="ll-section-title"),
                     html.P("The file alone does not tell. Nothing is guessed here."), html.Ul(items)],
                    className="ll-note ll-ask", role="alert")


def _place(found: Inspection) -> html.Div:
    mapping = found.mapping
    sheets = {s.name: f"{s.name}" + (" (hidden)" if s.hidden else "") for s in found.sheets}
    sheet = field("Sheet", select("map-sheet", sheets or {"": "The file has one table"}, mapping.sheet or "",
                                  disabled=len(sheets) < 2))
    row = field("Header row", dbc.Input(id="map-header-row", type="number", min=1, step=1,
                                        value=str(mapping.header_row or 1)), help="As Excel counts rows")
    kind = field("Kind", select("map-kind", dict(KINDS), mapping.kind or "facts"))
    grain = field("One row covers", select("map-grain", {g.value: g.value.capitalize() for g in Grain},
                                           (mapping.grain or Grain.EVENT).value))
    said = html.P(f"{found.file_kind.upper()} file, {counted(found.rows, 'data row')} found.",
                  className="ll-page-subtitle")
    return html.Div([said, html.Div([sheet, row, kind, grain], className="ll-fields")])


def _rows(found: Inspection) -> html.Div:
    mapping = found.mapping
    options = [{"value": c.key, "label": f"{c.header} ({c.key})"} for c in found.columns if c.role is not RoleOf.IGNORE]
    key = field("Key columns", dcc.Dropdown(options, list(mapping.key or ()), multi=True, id="map-key",
                                            placeholder="No column yet"),
                help="Together they identify a row, for example the date, or order and product.")
    mode = field("What a new file does", select("map-mode", dict(MODES), mapping.mode or ""))
    return html.Div([key, mode], className="ll-fields")


def _columns(found: Inspection) -> html.Div:
    """One line per column, as wide as the page and no wider; where that is too narrow, one block per column."""
    said = html.Caption("Columns of the file", className="visually-hidden")
    head = html.Thead(html.Tr([html.Th(h, scope="col") for h in HEADS]))
    open_ = {(q.column, q.code) for q in found.questions}  # nothing stands there that looks like an answer
    body = html.Tbody([_column(i, c, {code for name, code in open_ if name == c.header})
                       for i, c in enumerate(found.columns)])
    return html.Div(html.Table([said, head, body], className="ll-table ll-map-table"), className="ll-map-box")


def _column(i: int, column: ColumnGuess, asked: set[str]) -> html.Tr:
    def cell(part: str, options: dict[str, str], value: str, words: str) -> html.Td:
        choice = dbc.Select(id={"part": part, "column": i}, value=value, size="sm", placeholder="Please choose",
                            options=[{"value": k, "label": v} for k, v in options.items()])
        return html.Td(html.Label([hidden_words(f"{words} of {column.header}"), choice]),
                       **wild({"data-label": HEADS[2 + PARTS.index(part)]}))
    notes = [html.Div(column.question, className="ll-map-ask")] if column.question else []
    notes += [html.Div(f"{column.unreadable:,} unreadable", className="ll-map-bad")] if column.unreadable else []
    samples = [html.Code(s[:40]) for s in column.samples[:3]]
    formats = FORMATS if not column.format or column.format in FORMATS else {**FORMATS, column.format: column.format}
    name = html.Th([html.Span(column.header), html.Small(f" {column.letter} · {column.key}")], scope="row")
    return html.Tr([
        name, html.Td([*samples, *notes], className="ll-samples", **wild({"data-label": HEADS[1]})),
        cell("map-role", {k.value: v for k, v in ROLES.items()}, column.role.value, "Role"),
        cell("map-type", TYPES, column.type, "Type"),
        cell("map-format", formats, column.format or (ASKED if "date-order" in asked else FOUND), "Date format"),
        cell("map-number", NUMBERS, ASKED if "number-style" in asked and not column.number else _style(column.number),
             "Number style"),
        html.Td(f"{column.confidence:.0%}", className="ll-number", **wild({"data-label": HEADS[-1]})),
    ], className="is-asked" if column.question else "")


def _style(number: NumberStyle | None) -> str:
    found = f"{number.decimal}{number.thousands}" if number else ""
    return found if found in NUMBERS else FOUND


def _preview(found: Inspection) -> html.Div:
    rows = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(c[:60]) for c in row[1:])]) for row in found.preview]
    return boxed(html.Table(html.Tbody(rows), className="ll-table ll-table-compact"), "First rows of the file")
