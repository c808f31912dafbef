"""Workbooks and CSV read back with other eyes: openpyxl, fastexcel and csv find what went in, whatever it was."""

from __future__ import annotations

import csv as reader
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastexcel
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.series import Point, Series, Total
from dashapp.reports import answers, csv, xlsx
from dashapp.reports.table import Column, Figure, Table, bare

MONTHS = Calendar().periods(DateRange(date(2026, 1, 1), date(2026, 2, 28)), Grain.MONTH)
MEMBERS = st.one_of(
    st.none(), st.sampled_from(["EMEA", "=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(1)", "ünï 🙂", "a,b;c", 'say "x"',
                                   "＝1"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12))
MONEY = st.decimals(min_value=-10**9, max_value=10**9, places=4)
COLUMNS = (Column("Text"), Column("Money", "money", 2), Column("Share", "percent", 1), Column("Day", "date"),
           Column("Done", "flag"), Column("Mixed", "figure"))
Reader = Callable[[bytes, str], list[list[Any]]]


def by_openpyxl(content: bytes, name: str) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content))[name]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def by_fastexcel(content: bytes, name: str) -> list[list[Any]]:
    table = fastexcel.read_excel(content).load_sheet(name, header_row=None, skip_rows=1, dtypes="string").to_arrow()
    return [list(row) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)]


def series(splits: tuple[str | None, ...], values: list[Decimal | None], unit: str = "currency",
           kpi: str = "revenue") -> Series:
    points = [Point(period, (("region", split),), value, True, None if value is not None else "No rows in this period.")
              for split in splits for period, value in zip(MONTHS, values, strict=True)]
    return Series(kpi, kpi.title(), unit, 2, "up", Grain.MONTH, MONTHS[0].start, MONTHS[-1].end,  # type: ignore[arg-type]
                  tuple(points), (Total((), values[0], None if values[0] is not None else "none"),), by=("region",))


@given(splits=st.lists(MEMBERS, min_size=1, max_size=4, unique=True), values=st.lists(MONEY | st.none(), min_size=2,
                                                                                     max_size=2))
@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
def test_f1_f7_long_tables_come_back_whatever_the_members_are_called(
        splits: list[str | None], values: list[Decimal | None]) -> None:
    found = answers.long([series(tuple(splits), values)], currency="EUR")
    at = {c.title: n for n, c in enumerate(found.columns)}
    expected = [(row[at["region"]], row[at["Value"]]) for row in found.rows]
    workbook = xlsx.write(found)
    cells = by_openpyxl(workbook, "Rows")
    assert [row[at["region"]] for row in cells] == [m.strip("\x00") if m else m for m, _ in expected]
    for row, (_, value) in zip(cells, expected, strict=True):
        told = row[at["Value"]]
        assert (told is None) if value is None else abs(Decimal(str(told)) - value) < Decimal("0.00005")
    sheets = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets
    assert all(c.data_type != "f" for s in sheets for r in s.iter_rows() for c in r)
    lines = list(reader.reader(io.StringIO(csv.write(found, bom=False).decode(), newline="")))
    assert len(lines) == len(expected) + 1
    for line, (member, value) in zip(lines[1:], expected, strict=True):
        assert line[at["region"]] in ((member or ""), f"'{member}")
        assert (Decimal(line[at["Value"]]) if line[at["Value"]] else None) == value


@pytest.mark.parametrize("read", [by_openpyxl, by_fastexcel])
def test_both_readers_see_the_same_table(read: Reader) -> None:
    rows = (("007", Decimal("1234.50"), 0.125, date(2026, 3, 1), True, Figure(Decimal("9.99"), "currency", 2)),
            ("=1+1", Decimal("-0.01"), -1.5, date(1999, 12, 31), False, Figure(0.5, "percent", 1)),
            (None, None, None, None, None, None))
    found = read(xlsx.write(Table("T", COLUMNS, rows)), "T")
    assert [r[0] for r in found][:2] == ["007", "=1+1"]
    for told, sent in zip(found, rows[:2], strict=False):
        for n in (1, 2, 5):
            assert float(told[n]) == float(bare(sent[n]))  # type: ignore[arg-type]
        assert str(told[3])[:10] == str(sent[3])
        assert told[4] == ("yes" if sent[4] else "no")
    assert len(found) < 3 or set(found[2]) == {None}


@pytest.mark.parametrize("read", [by_openpyxl, by_fastexcel])
def test_the_side_by_side_sheet_rows_and_totals_tell_one_story(read: Reader) -> None:
    both = [series(("EMEA", None), [Decimal("10.50"), None]), series(("EMEA", None), [Decimal(3), Decimal(4)], "number",
                                                                      "orders")]
    book = xlsx.write([answers.wide(both, currency="EUR"), answers.long(both, currency="EUR"),
                       answers.totals(both, currency="EUR")])
    wide, rows, totals = (read(book, name) for name in ("Figures", "Rows", "Totals"))
    told = {(row[0], row[3], kpi): (None if row[n] is None else float(row[n]), row[n + 1])
            for row in wide for kpi, n in (("revenue", 4), ("orders", 6))}
    expected = {(p.period.label, dict(p.split)["region"], s.kpi): (None if p.value is None else float(p.value), "yes")
                for s in both for p in s.points}
    assert told == expected
    assert {(r[3], r[6], r[0]): None if r[7] is None else float(r[7]) for r in rows} == {
        k: v for k, (v, _) in expected.items()}
    assert [(r[0], r[2], float(r[6])) for r in totals] == [("revenue", "EUR", 10.5), ("orders", "number", 3.0)]


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ","), ("\t", "."), ("|", ",")])
def test_csv_of_any_locale_comes_back(delimiter: str, decimal: str) -> None:
    days = [date(2026, 1, 1) + timedelta(n) for n in range(3)]
    rows = tuple((f"a{delimiter}b\n{n}", Decimal(f"{n}234.5{n}"), n / 8, day, bool(n), None)
                 for n, day in enumerate(days))
    content = csv.write(Table("T", COLUMNS, rows), delimiter=delimiter, decimal=decimal)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(reader.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    back = [(line[0], *(Decimal(x.replace(decimal, ".")) for x in line[1:3]), *line[3:]) for line in lines[1:]]
    assert back == [(text, money, Decimal(str(share)), f"{day}", "yes" if done else "no", "")
                    for text, money, share, day, done, _ in rows]


def test_notes_come_back_as_pairs_and_are_no_part_of_csv() -> None:
    notes = answers.notes([series(("EMEA",), [Decimal(1), Decimal(2)])], ["region==1+1"],
                          [("=cmd", "sum(orders.revenue)")], asked_by="=x@example.org",
                          now=datetime(2026, 3, 1, tzinfo=UTC))
    table = Table("T", (Column("A"),), (("x",),), notes)
    assert [(r[0].value, r[1].value) for r in openpyxl.load_workbook(io.BytesIO(xlsx.write(table)))["Notes"].iter_rows()
            ][-len(notes):] == list(notes)
    assert csv.write(table, bom=False) == b"A\r\nx\r\n"
