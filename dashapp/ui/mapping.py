"""The mapping step: what the file seems to hold, column by column, with sample values, ready to be corrected.

The headers stand in the Store `map-headers`; `mapping_json` turns the controls' values back into the JSON of the
contract. The controls of the columns are made by `mapping_columns`.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashapp.core.change import Change
from dashapp.core.dataset import RoleOf
from dashapp.core.period import Grain
from dashapp.core.words import counted
from dashapp.ingest.cells import CODES
from dashapp.ingest.model import Ask, Inspection
from dashapp.ui.form import actions, button, field, select
from dashapp.ui.header import section
from dashapp.ui.icon import icon
from dashapp.ui.issues import issue_list
from dashapp.ui.mapping_columns import ALONE, ASKED, FOUND, HEADS, MIDNIGHT, columns_table
from dashapp.ui.table import boxed

UNSAID = "unsaid"  # no currency is said for all amounts
TURNED = ("statement", "wide")
KINDS = {"facts": "Facts: every row has a date", "reference": "Reference: a keyed list, no date",
         "snapshot": "Snapshot: dated by its upload"}
MODES = {"": "Please choose", "upsert": "Update: known keys replace old rows",
         "append": "Append: every row is new",
         "replace-period": "Replace: whole periods of the file"}
FUTURES = {"told": "Kept, and told", "allowed": "Right: this is a plan", "refused": "Refused"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}  # a tab is no value a select could hold
ANSWERS = {"encoding": "Characters", "date-order": HEADS[4], "number-style": HEADS[5], "scale": "Multiplied by",
           "scale-changed": "Multiplied by", "table": "Table", "layout": "Layout"}  # question -> its control
LAYOUT_WORDS = {"flat": "A row per record", "readings": "A row per reading (date, KPI, value)",
                "statement": "Periods across, one figure per line", "wide": "Periods across, parts of one figure down"}


def mapping_form(found: Inspection, targets: Sequence[str] = ()) -> html.Div:
    """The whole form: layout of the file, how rows are recognised, one line per column. targets: `dataset.column` of
    the lists that columns can be joined to.
    """
    return html.Div([
        _questions(found.questions),
        section("Since the last file", _since(found.changes)) if found.changes else None,
        section("1. Where the table is", _place(found)),
        section("2. What the columns are", columns_table(found, targets)),
        section("3. How rows are recognised", _rows(found)),
        section("What was noticed", issue_list(found.issues, id="noticed-grid"), id="map-noticed")
        if found.issues else None,
        html.Details([html.Summary("As it will be read"), _recognised(found)], open=found.mapping.layout in TURNED)
        if len(found.recognised) > 1 else None,
        html.Details([html.Summary("First rows of the file"), _preview(found)]),
        dcc.Store(id="map-headers", data=[c.header for c in found.columns]),
        dcc.Store(id="map-joined", data=sorted({*found.mapping.joins, *(s.column for s in found.suggestions)})),
        actions(button("Check the file", "map-check"), button("Look again", "map-again", "quiet",
                title="Read the file again with this sheet, header row and these columns"),
                button("Reject the file", "map-reject", "danger")),
    ], id="mapping-form")


def mapping_json(place: dict[str, Any], headers: Sequence[str],
                 values: Sequence[Sequence[str | None]], joins: Mapping[str, str | None] | None = None,
                 joined: Iterable[str] = ()) -> dict[str, Any]:
    """The JSON of the contract. place: sheet, table, layout, header_row, encoding, delimiter, profile, kind, grain,
    currency, key, mode, slice, future as the controls hold them; values: per part of PARTS the values of all columns;
    joins: column key -> value of its `Join to`. Controls left at "as found" are left out. Slice columns count for
    replaced periods only, and none is said as such; so is no join of a column in `joined`: one that was joined, or
    suggested to be.
    """
    out: dict[str, Any] = {k: v for k, v in place.items() if v not in (None, "", []) and k != "slice"}
    if out.get("currency") == UNSAID:
        del out["currency"]
    if "delimiter" in out:
        out["delimiter"] = DELIMITERS.get(out["delimiter"], out["delimiter"])
    if place.get("mode") == "replace-period":
        out["slice"] = list(place.get("slice") or ())
    said = {k: "" if v in (None, ALONE) else v for k, v in (joins or {}).items()}
    said = {k: v for k, v in said.items() if v or k in set(joined)}
    if said:
        out["joins"] = said
    columns: dict[str, Any] = {}
    for header, role, type_, format_, number, scale, stored in zip(headers, *values, strict=True):
        column: dict[str, Any] = {"role": role, "type": type_, "format": None if format_ == FOUND else format_}
        if number and number != FOUND:
            column["number"] = {"decimal": number[0], "thousands": number[1:]}
        if scale and scale != FOUND:
            column["scale"] = float(scale)
        column["key"] = None if stored == FOUND else stored
        columns[header] = {k: v for k, v in column.items() if v}
    return {**out, "columns": columns}


def _questions(questions: Sequence[Ask]) -> html.Div | None:
    if not questions:
        return None
    items = [html.Li([html.Strong(q.text), html.Span(" " + _answer(q))]) for q in questions]
    return html.Div([html.H2([icon("question-circle"), " Please decide"], className="ll-section-title"),
                     html.P("The file alone does not tell."), html.Ul(items)],
                    className="ll-note ll-ask", role="alert")


def _answer(ask: Ask) -> str:
    """Where the question is answered, and by what."""
    if ask.code == "encoding":
        return f"The likeliest stands under {ANSWERS[ask.code]}: checking the file confirms it."
    return " / ".join(c.label.rstrip(".") for c in ask.choices) + f". Choose under {ANSWERS[ask.code]}."


def _since(changes: Sequence[Change]) -> html.Div:
    """What differs from the sender's last file; a column that was renamed is stored as chosen in its line."""
    hint = "Choose under Stored as where its values belong, else it becomes a column of its own."
    items = [html.Li([html.Span(f"{c.words}."), html.Small(f" {hint}") if c.what == "renamed" else None])
             for c in changes]
    return html.Div(html.Ul(items), className="ll-note", role="status")


def _place(found: Inspection) -> html.Div:
    mapping = found.mapping
    sheets = {s.name: f"{s.name}" + (" (hidden)" if s.hidden else "") for s in found.sheets}
    sheet = field("Sheet", select("map-sheet", sheets or {"": "The file has one table"}, mapping.sheet or "",
                                  disabled=len(sheets) < 2))
    row = field("Header row", dbc.Input(id="map-header-row", type="number", min=1, step=1, debounce=True,
                                        value=str(mapping.header_row or 1)), help="As Excel counts rows")
    layout = field("Layout", dbc.Select(
        id="map-layout", value=mapping.layout or ASKED, placeholder="Please choose",
        options=[{"value": k, "label": v} for k, v in LAYOUT_WORDS.items()]))
    kind = field("Kind", select("map-kind", dict(KINDS), mapping.kind or "facts"))
    grain = field("One row covers", select("map-grain", {g.value: g.value.capitalize() for g in Grain},
                                           (mapping.grain or Grain.EVENT).value))
    future = field("Dates after today are", select("map-future", FUTURES, mapping.future or "told"))
    said = html.P(f"{found.file_kind.upper()} file, {counted(found.rows, 'data row')} found.",
                  className="ll-page-subtitle")
    return html.Div([said, html.Div([*_text(found), sheet, _table(found), layout, row, kind, grain, _money(found),
                                     future, _sender(found)],
                                    className="ll-fields ll-roomy")])


def _table(found: Inspection) -> html.Div:
    """Which table of the sheet: in sight only where it holds several."""
    now = found.mapping.table or ASKED
    offered = {c.value: c.label for c in found.tables}
    offered |= {} if now in offered or not now else {now: now}
    box = field("Table", dbc.Select(id="map-table", value=now, placeholder="Please choose",
                                    options=[{"value": k, "label": v} for k, v in offered.items()]))
    return html.Div(box, hidden=not offered, className="ll-whole")


def _money(found: Inspection) -> html.Div:
    """The currency of all amounts: in sight only where the file has some, and no column that says it row by row."""
    there = {c.role for c in found.columns}
    has_amounts = any(c.type == "money" and c.role is RoleOf.MEASURE for c in found.columns)
    now = found.mapping.currency or UNSAID
    options = {UNSAID: "As the file says", **{c: c for c in sorted({*CODES, *([now] if now != UNSAID else [])})}}
    box = field("Amounts are in", select("map-currency", options, now),
                help="A currency for all rows, converted by the rates of fx.")
    return html.Div(box, hidden=not has_amounts or RoleOf.CURRENCY in there, className="ll-whole")


def _sender(found: Inspection) -> html.Div:
    names = html.Datalist([html.Option(value=name) for name in found.senders], id="map-senders")
    box = dbc.Input(id="map-profile", value=found.mapping.profile or "", list="map-senders", maxLength=100,
                    debounce=True, placeholder="Told by its columns")
    return html.Div([field("Sender", box, help="Whose habits apply. A new name begins a new one."), names])


def _text(found: Inspection) -> tuple[html.Div, html.Div]:
    """How the bytes of a text file are read: in sight only where there is something to choose."""
    offered = {c.value: c.label for c in found.encodings}
    now = found.encoding or ""
    offered |= {} if now in offered else {now: now or "As the file says"}
    encoding = field("Characters", select("map-encoding", offered, now),
                     help="Each choice shows how text of this file reads with it.")
    mark = found.mapping.delimiter or ""
    word = next((w for w, c in DELIMITERS.items() if c == mark), mark)
    words = {w: w.capitalize() + ("" if c == "\t" else f" {c}") for w, c in DELIMITERS.items()}
    words = {word: word or "No text file", **words}
    delimiter = field("Columns are separated by", select("map-delimiter", words, word))
    return html.Div(encoding, hidden=not found.encodings, className="ll-whole"), html.Div(delimiter, hidden=not mark)


def _rows(found: Inspection) -> html.Div:
    mapping = found.mapping
    options = [{"value": c.key, "label": f"{c.header} ({c.key})"} for c in found.columns if c.role is not RoleOf.IGNORE]
    key = field("Key columns", dcc.Dropdown(options, list(mapping.key or ()), multi=True, id="map-key",
                                            placeholder="No column yet"),
                help="Together they identify a row, for example the date, or order and product.")
    mode = field("What a new file does", select("map-mode", dict(MODES), mapping.mode or ""))
    return html.Div([html.Div([key, mode], className="ll-fields ll-roomy"), _slices(found)])


def _slices(found: Inspection) -> html.Div:
    """Which rows of the file's periods are replaced; in sight only while whole periods are."""
    chosen = list(found.mapping.slice or ())
    labels = {c.key: c.header for c in found.columns if c.role is RoleOf.DIMENSION or c.key in chosen}
    options = [{"value": k, "label": v} for k, v in {**dict(zip(chosen, chosen, strict=True)), **labels}.items()]
    box = field("Replace only for", dcc.Dropdown(options, chosen, multi=True, id="map-slice",
                                                 placeholder="All rows of the periods"),
                help="Rows with other values in these columns stay, for example the other regions.")
    said = html.P(id="map-replaces", className="ll-note", role="status")
    return html.Div([html.Div([box], className="ll-fields"), said], id="map-slices",
                    hidden=found.mapping.mode != "replace-period")


def _recognised(found: Inspection) -> html.Div:
    """The first rows of the table with their places in the file, as they would be stored."""
    head, *rows = found.recognised
    body = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(_stored_text(c)) for c in row[1:])]) for row in rows]
    return boxed(html.Table([html.Thead(html.Tr([html.Th("Place", scope="col"),
                                                 *(html.Th(h, scope="col") for h in head[1:])])), html.Tbody(body)],
                            className="ll-table ll-table-compact"), "The table as it will be read")


def _stored_text(text: str) -> str:
    """Money is kept with four decimals; the last two are not told where they are nought."""
    return text[:-2] if text.endswith("00") and text[-5:-4] == "." else text[:60]


def _preview(found: Inspection) -> html.Div:
    rows = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(c.removesuffix(MIDNIGHT)[:60]) for c in row[1:])])
            for row in found.preview]
    return boxed(html.Table(html.Tbody(rows), className="ll-table ll-table-compact"), "First rows of the file")
