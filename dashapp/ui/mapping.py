"""The mapping step: what the file seems to hold, column by column, with sample values, ready to be corrected.

Column controls have ids `{"part": "map-role", "column": i}` with i counting from 0; the headers stand in the Store
`map-headers`. The select `Join to` of a column has the id `{"part": "map-join", "column": key}`. `mapping_json` turns
the controls' values back into the JSON of the contract.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashapp.core.change import Change
from dashapp.core.dataset import RoleOf
from dashapp.core.join import JoinMatch
from dashapp.core.mapping import NumberStyle
from dashapp.core.period import Grain
from dashapp.core.words import counted
from dashapp.ingest.cells import CODES
from dashapp.ingest.dates import spelling
from dashapp.ingest.model import Ask, Choice, ColumnGuess, Inspection
from dashapp.ingest.words import key_of
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
UNSAID = "unsaid"  # no currency is said for all amounts
ALONE = "alone"  # the column is joined to nothing
FORMATS = {FOUND: "As found", "iso": "Year first (2026-03-31)", "dmy": "Day first (31.03.2026)",
           "mdy": "Month first (03/31/2026)", "ymd": "Year first (26-03-31)", "excel-serial": "Excel day number"}
PLAIN = {"words": "Month in words", "period": "Months, weeks, quarters"}  # dates that no order could misread
NUMBERS = {FOUND: "As found", ".,": "1,234.56", ",.": "1.234,56", ", ": "1 234,56", ".": "1234.56", ",": "1234,56",
           ".'": "1'234.56"}
SCALES = {FOUND: "As written", "1": "× 1", "1000": "× 1,000", "1000000": "× 1,000,000",
          "1000000000": "× 1,000,000,000", "0.01": "÷ 100 (percent)"}
TURNED = ("statement", "wide")
KINDS = {"facts": "Facts: every row has a date", "reference": "Reference: a keyed list, no date",
         "snapshot": "Snapshot: dated by its upload"}
MODES = {"": "Please choose", "upsert": "Update: known keys replace old rows",
         "append": "Append: every row is new",
         "replace-period": "Replace: whole periods of the file"}
FUTURES = {"told": "Kept, and told", "allowed": "Right: this is a plan", "refused": "Refused"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}  # a tab is no value a select could hold
MIDNIGHT = " 00:00:00"  # how a workbook's dates read as text
HEADS = ("Column", "Sample values", "Is a", "Type", "Dates are", "Numbers are", "Join to", "Sure")
JOIN_HEAD = "Join to"
PARTS = ("map-role", "map-type", "map-format", "map-number", "map-scale", "map-stored")
ANSWERS = {"encoding": "Characters", "date-order": HEADS[4], "number-style": HEADS[5], "scale": "Multiplied by",
           "scale-changed": "Multiplied by", "table": "Table", "layout": "Layout"}  # question -> its control
SCALED = ("scale", "scale-changed")
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
        section("2. What the columns are", _columns(found, targets)),
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


def _columns(found: Inspection, targets: Sequence[str]) -> html.Div:
    """One line per column, as wide as the page and no wider; where that is too narrow, one block per column."""
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
