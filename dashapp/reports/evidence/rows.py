"""The sheets of rows: where each row came from, its cells with their types, and one live column per term."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from dashapp.core.dataset import Column
from dashapp.query.evidence import Use, is_counted
from dashapp.query.tree import Agg, Col
from dashapp.reports.evidence import formulas
from dashapp.reports.evidence.book import FIGURE, HEAD, RowsOf, TermCells, TermColumn, term_row
from dashapp.reports.evidence.formulas import NONE, ROW, TooLong
from dashapp.reports.xlsx.cells import text
from dashapp.reports.xlsx.formatted import Exact

Write = Callable[[int, int, Any], None]
_PLACE = ("File", "Sheet", "Row", "Cells")
_BATCH = 8_192
_WIDTHS = {"date": 11, "money": 14, "number": 14, "text": 18}
_FORMATS = {"date": "yyyy-mm-dd", "money": "#,##0.00##", "number": "General", "text": "General"}


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
    """One sheet of rows, written from top to bottom."""

    def __init__(self, rows: RowsOf, uses: tuple[Use, ...], name: str, page: Any, formats: Any) -> None:
        self.rows, self.uses, self.page, self.formats = rows, uses, page, formats
        self.layout = layout_of(rows, uses)
        self.reference = "'{}'".format(name.replace("'", "''"))
        self.last = HEAD + max(1, rows.table.num_rows)  # an empty range has one empty row
        self.types = {f.name: f.column for f in rows.sheet.fields}
        self.live = {n: self._formula(n) for n in rows.sheet.terms}
        self._ids: dict[str, dict[Any, int]] = {name: {} for name in self.layout.numbers}
        self.written = {n: TermColumn() for n in rows.sheet.terms}

    def write(self, title: str) -> None:
        """Head and all rows."""
        self._head(title)
        formulas_of = {n: f.split(ROW) for n, f in self.live.items() if f}
        row = HEAD
        for record, place in zip(_records(self.rows.table), self.rows.places, strict=True):
            self._row(row, record, place, formulas_of)
            row += 1
        self.page.freeze_panes(HEAD, len(_PLACE))
        self.page.autofilter(HEAD - 1, 0, self.last - 1, self.layout.width - 1)

    def cells(self, number: int) -> TermCells:
        """Where the term stands; known in full after `write`."""
        column = self.layout.terms[number]
        date_at = self.layout.columns.get(self.rows.sheet.date or "")
        return TermCells(self._range(column), self._range(date_at) if date_at is not None else "",
                         f"{self.page.get_name()}, column {_letters(column)}", bool(self.live[number]), self.written[number])

    def _range(self, column: int) -> str:
        letter = _letters(column)
        return f"{self.reference}!${letter}${HEAD + 1}:${letter}${self.last}"

    # the formula of a term ---------------------------------------------------------------------------------------
    def _cell(self, column: Col) -> str:
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
            there = f'{self._cell(agg.arg)}<>""' if isinstance(agg.arg, Col) else \
                f"ISNUMBER({formulas.row_value(agg.arg, self._cell)})"
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
        for i, name in enumerate(self.rows.sheet.firsts):
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

    def _row(self, row: int, record: dict[str, Any], place: str, formulas_of: dict[int, list[str]]) -> None:
        page, layout = self.page, self.layout
        file = self.rows.files.get(record["_vintage"], "")
        page.write_string(row, 0, text(file))
        if record["_sheet"] is not None:
            page.write_string(row, 1, text(record["_sheet"]))
        page.write_number(row, 2, record["_row"])
        page.write_string(row, 3, text(place))
        for name, i in layout.columns.items():
            self._typed(row, i, record[name], self.types[name].type)
        for name, i in layout.numbers.items():
            if record[name] is not None:
                page.write_number(row, i, self._number(name, record[name]))
        for name, i in layout.helpers.items():
            value = record[name]
            if value is not None:
                self._typed(row, i, int(value) if isinstance(value, bool) else value, "date")
        for number, i in layout.terms.items():
            value = self._value(number, record)
            self._note(number, value, record)
            self._term(row, i, value, formulas_of.get(number))

    def _typed(self, row: int, i: int, value: Any, kind: str) -> None:
        """A cell by the type of its column, never by its looks."""
        if value is None:
            return
        if isinstance(value, date):
            self.page.write_datetime(row, i, value, self.formats[_FORMATS["date"]])
        elif isinstance(value, str):
            self.page.write_string(row, i, text(value))
        elif isfinite(value):
            self.page.write_number(row, i, Exact(value), self.formats[_FORMATS[kind]] if kind == "money" else None)

    def _number(self, name: str, value: Any) -> int:
        ids = self._ids[name]
        return ids.setdefault(value, len(ids) + 1)

    def _value(self, number: int, record: dict[str, Any]) -> float | int | str:
        """What the engine made of the row for the term."""
        agg = self.uses[number].agg
        if not record[f"__in{number}"]:
            return ""
        if is_counted(agg) and agg.func != "new":
            return self._number(_name(self.rows, agg.arg), record[_name(self.rows, agg.arg)])
        if agg.func == "new" or (agg.func == "count" and agg.arg is None):
            return 1
        value = record[f"__v{number}"]
        if agg.func == "count":
            return 1 if value is not None else ""
        return NONE if value is None or not isfinite(value) else Exact(value)

    def _note(self, number: int, value: float | int | str, record: dict[str, Any]) -> None:
        column = self.written[number]
        if isinstance(value, str):
            column.missing += value == NONE
            return
        column.numbers.append(value)
        if self.uses[number].agg.func in ("first", "last"):
            column.days.append(record[self.rows.sheet.date or ""].toordinal())

    def _term(self, row: int, i: int, value: float | int | str, parts: list[str] | None) -> None:
        if parts is not None:
            self.page.write_formula(row, i, str(row + 1).join(parts), None, value)
        elif isinstance(value, str):
            self.page.write_string(row, i, value)
        else:
            self.page.write_number(row, i, value)


def _records(table: Any) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


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


