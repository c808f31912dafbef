"""E27: a random table, written as three countries write it, comes back equal."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.conftest import Room


@dataclass(frozen=True)
class Locale:
    """How a country writes: field separator, decimal and thousands mark, date pattern and its order."""

    name: str
    separator: str
    decimal: str
    thousands: str
    day: str
    order: str


LOCALES = (
    Locale("en-US", ",", ".", ",", "{m:02d}/{d:02d}/{y}", "mdy"),
    Locale("de-DE", ";", ",", ".", "{d:02d}.{m:02d}.{y}", "dmy"),
    Locale("fr-FR", ";", ",", "\u202f", "{d:02d}/{m:02d}/{y}", "dmy"),
)

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20
).filter(lambda t: t.strip(" \t\u00a0\u202f\u2009\u200b\u200c\u200d\u2060\ufeff") != "")
labels = st.one_of(
    texts.map(lambda t: "x" + t), st.sampled_from(["NA", "null", "00123", "1-2", "TRUE", "=1+1", "a,b;c", 'say "hi"'])
)
amounts = st.decimals(min_value=Decimal("-9999999.9999"), max_value=Decimal("9999999.9999"), places=4)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
rows = st.lists(st.tuples(days, labels, amounts, st.integers(-(10**6), 10**6)), min_size=1, max_size=25)


def spelled(amount: Decimal, locale: Locale) -> str:
    whole, _, rest = f"{amount:,.4f}".partition(".")
    return whole.replace(",", locale.thousands) + locale.decimal + rest


def as_csv(table: list[tuple[Any, ...]], locale: Locale) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=locale.separator)
    writer.writerow(["Date", "Region", "Revenue", "Units"])
    for day, label, amount, units in table:
        writer.writerow([locale.day.format(d=day.day, m=day.month, y=day.year), label, spelled(amount, locale), units])
    return out.getvalue().encode("utf-8")


def as_xlsx(path: Path, table: list[tuple[Any, ...]], at: tuple[int, int]) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet, form = book.add_worksheet(), book.add_format({"num_format": "d/m/yyyy"})
    top, left = at
    for c, name in enumerate(("Date", "Region", "Revenue", "Units")):
        sheet.write_string(top, left + c, name)
    for r, (day, label, amount, units) in enumerate(table, top + 1):
        sheet.write_datetime(r, left, day, form)
        sheet.write_string(r, left + 1, label)
        sheet.write_number(r, left + 2, float(amount))
        sheet.write_number(r, left + 3, units)
    book.close()


ROLES = {"Region": {"role": "dimension"}, "Units": {"role": "measure", "type": "number"}}


def check(path: Path, folder: Path, table: list[tuple[Any, ...]], mapping: dict[str, Any]) -> None:
    done, got = Room(folder).convert(path, mapping | {"mode": "append", "key": []})
    want = [{"date": d, "region": t, "revenue": a, "units": float(u)} for d, t, a, u in table]
    assert got.drop_columns(["_vintage", "_sheet", "_row"]).to_pylist() == want
    assert (done.accepted, done.quarantined) == (len(table), 0)


def through_text(table: list[tuple[Any, ...]], locale: Locale) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "t.csv"
        path.write_bytes(as_csv(table, locale))
        columns = ROLES | {
            "Date": {"role": "date", "format": locale.order},
            "Revenue": {"role": "measure", "type": "money"},
        }
        check(
            path,
            folder,
            table,
            {
                "columns": columns,
                "header_row": 1,
                "delimiter": locale.separator,
                "number": {"decimal": locale.decimal, "thousands": locale.thousands},
            },
        )


def through_workbook(table: list[tuple[Any, ...]], at: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        as_xlsx(folder / "t.xlsx", table, at)
        columns = ROLES | {"Revenue": {"role": "measure", "type": "money"}}
        check(folder / "t.xlsx", folder, table, {"columns": columns, "header_row": at[0] + 1})


quick = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
full = settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
places = st.tuples(st.integers(0, 6), st.integers(0, 30))


@quick
@given(rows, st.sampled_from(LOCALES))
def test_e27_a_table_comes_back_from_text_in_three_locales(table: list[tuple[Any, ...]], locale: Locale) -> None:
    through_text(table, locale)


@quick
@given(rows, places)
def test_e27_a_table_comes_back_from_a_workbook_wherever_it_stands(
    table: list[tuple[Any, ...]], at: tuple[int, int]
) -> None:
    through_workbook(table, at)


@pytest.mark.long
@pytest.mark.timeout(7200)
@full
@given(rows, st.sampled_from(LOCALES))
def test_e27_thousands_of_tables_come_back_from_text(table: list[tuple[Any, ...]], locale: Locale) -> None:
    through_text(table, locale)


@pytest.mark.long
@pytest.mark.timeout(7200)
@full
@given(rows, places)
def test_e27_thousands_of_tables_come_back_from_workbooks(table: list[tuple[Any, ...]], at: tuple[int, int]) -> None:
    through_workbook(table, at)


@pytest.mark.parametrize("locale", LOCALES, ids=lambda locale: locale.name)
def test_e27_without_any_mapping_a_clear_table_is_read_in_every_locale(tmp_path: Path, locale: Locale) -> None:
    table = [(date(2025, 3, n), f"r{n % 3}", Decimal("1234.5600") * n, n) for n in range(1, 29)]
    path = tmp_path / "t.csv"
    path.write_bytes(as_csv(table, locale))
    done, got = Room(tmp_path).convert(path)
    assert got.column("date").to_pylist() == [t[0] for t in table]
    assert got.column("revenue").to_pylist() == [t[2] for t in table]
    assert done.mapping.columns["Date"].format == locale.order
