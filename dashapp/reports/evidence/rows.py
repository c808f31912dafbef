"""The sheets of rows: where each row came from, its cells with their types, and one live column per term."""
from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from dashapp.core.dataset import Column
from dashapp.core.position import line_of
from dashapp.query.evidence import Use, is_counted
from dashapp.query.exchange import RATE
from dashapp.query.tree import Agg, Col
from dashapp.reports.evidence import formulas, stream
from dashapp.reports.evidence.book import FIGURE, HEAD, RowsOf, TermCells, TermColumn, term_row
from dashapp.reports.evidence.formulas import NONE, ROW, TooLong
from dashapp.reports.xlsx.cells import text

_PLACE = ("File", "Sheet", "Row", "Cells")
_BATCH = 8_192
_WIDTHS = {"date": 11, "money": 14, "number": 14, "text": 18}
_FORMATS = {"date": "yyyy-mm-dd", "money": "#,##0.00##"}


@dataclass(frozen=True)
class _Layout:
    """Name -> 0-based column: of the file's columns, of the numbers of entities, of first and last days, of terms."""

    columns: dict[str, int]
    numbers: dict[str, int]
    helpers: dict[str, int]
    terms: dict[int, int]
    width: int


def layout_of(rows: RowsOf, uses: tuple[Use, ...]) -> _Layout:
    """The columns of the sheet in their order: place, cells, numbers of entities, histories, terms."""
    sheet, at = rows.sheet, len(_PLACE)
    columns = {f.name: at + i for i, f in enumerate(sheet.fields)}
    at += len(columns)
    names = dict.fromkeys(_name(rows, uses[n].agg.arg) for n in sheet.terms if is_counted(uses[n].agg)
                          and uses[n].agg.func != "new")
    numbers = {name: at + i for i, name in enumerate(names)}
    at += len(numbers)
    wanted = [*(f"__{kind}{i}" for i, _ in enumerate(sheet.firsts) for kind in ("first", "isfirst")),
              *(f"__last{i}" for i, _ in enumerate(sheet.lasts))]
    helpers = {name: at + i for i, name in enumerate(wanted)}
    at += len(helpers)
    return _Layout(columns, numbers, helpers, {n: at + i for i, n in enumerate(sheet.terms)}, at + len(sheet.terms))


def width_of(rows: RowsOf, uses: tuple[Use, ...]) -> int:
    """How many cells a row takes."""
    return layout_of(rows, uses).width


class RowsSheet:
    """One sheet of rows: the heads go to `page`, the rows to `file`, which is put into the workbook at the end."""

    def __init__(self, rows: RowsOf, uses: tuple[Use, ...], name: str, page: Any, formats: Any) -> None:
        self.rows, self.uses, self.page, self.formats = rows, uses, page, formats
        self.layout = layout_of(rows, uses)
        self.reference = "'{}'".format(name.replace("'", "''"))
        self.last = HEAD + max(1, rows.table.num_rows)  # an empty range has one empty row
        self.types = {f.name: f.column for f in rows.sheet.fields}
        self.live = {n: self._formula(n) for n in rows.sheet.terms}
        self._ids: dict[str, dict[Any, int]] = {name: {} for name in self.layout.numbers}
        self._memo: dict[str, str] = {}
        self._styles = {kind: formats[look]._get_xf_index() for kind, look in _FORMATS.items()}
        self.file = stream.RowFile()
        self.written = {n: TermColumn() for n in rows.sheet.terms}

    def write(self, title: str) -> None:
        """Head and all rows."""
        self._head(title)
        row = 0
        for batch in self.rows.table.to_batches(max_chunksize=_BATCH):
            here = range(row, row + batch.num_rows)
            columns = {n: c.to_pylist() for n, c in zip(batch.schema.names, batch.columns, strict=True)}
            at = range(HEAD + 1 + here.start, HEAD + 1 + here.stop)
            self.file.add(at, self._batch(at, columns, self.rows.places[here.start:here.stop]))
            row += batch.num_rows
        self.file.end = f"{_letters(self.layout.width - 1)}{self.last}"
        self.page.freeze_panes(HEAD, len(_PLACE))
        self.page.autofilter(HEAD - 1, 0, self.last - 1, self.layout.width - 1)

    def cells(self, number: int) -> TermCells:
        """Where the term stands; known in full after `write`."""
        column = self.layout.terms[number]
        date_at = self.layout.columns.get(self.rows.sheet.date or "")
        place = f"{self.page.get_name()}, column {_letters(column)}"
        return TermCells(self._range(column), self._range(date_at) if date_at is not None else "", place,
                         bool(self.live[number]), self.written[number])

    def _range(self, column: int) -> str:
        letter = _letters(column)
        return f"{self.reference}!${letter}${HEAD + 1}:${letter}${self.last}"

    # the formula of a term ---------------------------------------------------------------------------------------
    def _cell(self, column: Col) -> str:
        """The cell of a column; of an amount in several currencies together with that of its rate."""
        written = self._as_written(column)
        is_amount = _name(self.rows, column) in self.rows.sheet.amounts
        return f"{written}*${_letters(self.layout.columns[RATE])}{ROW}" if is_amount else written

    def _as_written(self, column: Col) -> str:
        return f"${_letters(self.layout.columns[_name(self.rows, column)])}{ROW}"

    def _formula(self, number: int) -> str:
        """What stands in the term's column, with ROW for the row's number; empty where Excel could not hold it."""
        use = self.uses[number]
        try:
            tests = self._tests(number, use)
            found = self._counting(use.agg, tests)
        except TooLong:
            return ""
        return found if len(found) < formulas.MAX_FORMULA else ""

    def _tests(self, number: int, use: Use) -> list[str]:
        tests, agg, at = [], use.agg, term_row(number)
        start, end = ("E", "F") if use.before else ("C", "D")
        if self.rows.sheet.date:
            day = f"${_letters(self.layout.columns[self.rows.sheet.date])}{ROW}"
            tests += [f"{day}>='{FIGURE}'!${start}${at}", f"{day}<='{FIGURE}'!${end}${at}"]
        if agg.cond is not None:
            tests.append(formulas.condition(agg.cond, self._cell, lambda c: self.types[_name(self.rows, c)].type))
        if agg.func in ("new", "returning", "lost"):
            tests.append(self._history(agg, use, at))
        return tests

    def _history(self, agg: Agg, use: Use, at: int) -> str:
        """Who is new, was there before, or did not come back: told by the helper columns."""
        name, start = _name(self.rows, agg.arg), f"'{FIGURE}'!$C${at}"
        if agg.func == "lost":
            assert use.reach is not None
            return f"{self._helper(f'__last{self.rows.sheet.lasts.index((name, use.reach.end))}')}<{start}"
        i = self.rows.sheet.firsts.index(name)
        return f"{self._helper(f'__isfirst{i}')}=1" if agg.func == "new" else f"{self._helper(f'__first{i}')}<{start}"

    def _helper(self, name: str) -> str:
        return f"${_letters(self.layout.helpers[name])}{ROW}"

    def _counting(self, agg: Agg, tests: list[str]) -> str:
        if is_counted(agg) and agg.func != "new":
            one = f"${_letters(self.layout.numbers[_name(self.rows, agg.arg)])}{ROW}"
            return f'=IF({formulas.every([*tests, f"ISNUMBER({one})"])},{one},"")'
        if agg.func == "new" or (agg.func == "count" and agg.arg is None):
            return f'=IF({formulas.every(tests)},1,"")'
        assert agg.arg is not None
        if agg.func == "count":
            there = f'{self._as_written(agg.arg)}<>""' if isinstance(agg.arg, Col) else \
                f"ISNUMBER({formulas.row_value(agg.arg, self._as_written)})"
            return f'=IF({formulas.every([*tests, there])},1,"")'
        return f'=IF({formulas.every(tests)},{formulas.row_value(agg.arg, self._cell)},"")'

    # cells -------------------------------------------------------------------------------------------------------
    def _head(self, title: str) -> None:
        page, layout = self.page, self.layout
        page.write_string(0, 0, text(title), self.formats.bold)
        page.write_string(1, 0, "What was uploaded stands left; the columns of terms at the right recompute themselves "
                                "from it and from the dates on the sheet Figure.")
        fields = self.rows.sheet.fields
        heads = [*_PLACE, *(_heading(f.column, f.join[1] if f.join else "") for f in fields)]
        heads += [f"{self._title(n)} №" for n in layout.numbers]
        for name in self.rows.sheet.firsts:
            heads += [f"{self._title(name)}: first activity", f"{self._title(name)}: is this the first row (1 = yes)"]
        heads += [f"{self._title(n)}: last activity up to {until}" for n, until in self.rows.sheet.lasts]
        heads += [f"Term {n + 1}: {self.uses[n].text} {_window(self.uses[n])}" for n in layout.terms]
        for i, head in enumerate(heads):
            page.write_string(HEAD - 1, i, text(head), self.formats.head)
        for i in range(layout.width):
            page.set_column(i, i, self._width(i))

    def _title(self, name: str) -> str:
        found = self.types.get(name)
        return found.header or found.key if found else name.replace("__", ".")

    def _width(self, i: int) -> int:
        field = i - len(_PLACE)
        fields = self.rows.sheet.fields
        return _WIDTHS[fields[field].column.type] if 0 <= field < len(fields) else 16 if i != 2 else 8

    def _batch(self, rows: range, columns: dict[str, list[Any]], places: list[str]) -> list[list[str]]:
        """The cells of a batch, column by column; each by the type of its column, never by its looks."""
        files = [self.rows.files.get(u, "") for u in columns["_vintage"]]
        lines = [line_of(n) for n in columns["_row"]]
        out = [stream.text_cells("A", rows, files, self._memo),
               stream.text_cells("B", rows, columns["_sheet"], self._memo),
               stream.number_cells("C", rows, lines), stream.text_cells("D", rows, places, {})]
        for name, i in self.layout.columns.items():
            out.append(self._typed(_letters(i), rows, columns[name], self.types[name].type))
        numbered = {name: self._numbered(name, columns[name]) for name in self.layout.numbers}
        for name, i in self.layout.numbers.items():
            out.append(stream.number_cells(_letters(i), rows, numbered[name]))
        for name, i in self.layout.helpers.items():
            kind = "number" if name.startswith("__isfirst") else "date"
            out.append(self._typed(_letters(i), rows, columns[name], kind))
        for number, i in self.layout.terms.items():
            values = self._values(number, columns, numbered)
            self._note(number, values, columns)
            out.append(self._term(_letters(i), rows, number, values))
        return out

    def _typed(self, letter: str, rows: range, values: list[Any], kind: str) -> list[str]:
        if kind == "text":
            return stream.text_cells(letter, rows, values, self._memo)
        if kind == "date":
            return stream.date_cells(letter, rows, values, self._styles["date"])
        values = [int(v) if isinstance(v, bool) else v for v in values]
        return stream.number_cells(letter, rows, values, self._styles["money"] if kind == "money" else 0)

    def _numbered(self, name: str, values: list[Any]) -> list[int | None]:
        """A number for each different value, in the order of appearance."""
        ids = self._ids[name]
        return [None if v is None else ids.setdefault(v, len(ids) + 1) for v in values]

    def _values(self, number: int, columns: dict[str, list[Any]],
                numbered: dict[str, list[int | None]]) -> list[float | int | str]:
        """What the engine made of each row for the term."""
        agg, inside = self.uses[number].agg, columns[f"__in{number}"]
        if is_counted(agg) and agg.func != "new":
            ids = numbered[_name(self.rows, agg.arg)]
            return [n if there and n is not None else "" for there, n in zip(inside, ids, strict=True)]
        if agg.func == "new" or (agg.func == "count" and agg.arg is None):
            return [1 if there else "" for there in inside]
        values = columns[f"__v{number}"]
        if agg.func == "count":
            return [1 if there and v is not None else "" for there, v in zip(inside, values, strict=True)]
        return ["" if not there else NONE if v is None or not isfinite(v) else float(v)
                for there, v in zip(inside, values, strict=True)]

    def _note(self, number: int, values: list[float | int | str], columns: dict[str, list[Any]]) -> None:
        column = self.written[number]
        column.numbers.extend(v for v in values if not isinstance(v, str))
        column.missing += values.count(NONE)
        if self.uses[number].agg.func in ("first", "last"):
            days = columns[self.rows.sheet.date or ""]
            column.days.extend(d.toordinal() for d, v in zip(days, values, strict=True) if not isinstance(v, str))

    def _term(self, letter: str, rows: range, number: int, values: list[float | int | str]) -> list[str]:
        if self.live[number]:
            return stream.formula_cells(letter, rows, values, self.live[number][1:].split(ROW))
        texts: list[str | None] = [v or None if isinstance(v, str) else None for v in values]
        numbers = [None if isinstance(v, str) else v for v in values]
        return [a or b for a, b in zip(stream.text_cells(letter, rows, texts, self._memo),
                                       stream.number_cells(letter, rows, numbers), strict=True)]


def _name(rows: RowsOf, column: Any) -> str:
    """The name of a bound column among the sheet's columns: its path without the dataset."""
    assert isinstance(column, Col)
    path = column.path[1:] if column.path[0] == rows.dataset.key else column.path
    return "__".join(path)


def _heading(column: Column, reference: str) -> str:
    return f"{reference}: {column.header or column.key}" if reference else column.header or column.key


def _window(use: Use) -> str:
    reach = use.looks_at
    return f"({reach.start} – {reach.end})" if reach else ""


def _letters(index: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return xl_col_to_name(index)
