"""What is written: the same bytes for the same arguments, real files, the ledger's types, bounded memory."""
from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from dashapp.core.errors import Invalid
from dashapp.core.mapping import mapping_from_json
from dashapp.demo import sheet as sheets
from dashapp.demo.company import Company, generate, write_vintage
from dashapp.demo.shapes import DATASETS
from tests.demo.conftest import rows

SMALL = {"days": 90, "orders": 800, "end": date(2026, 3, 18)}
KEYS = [d.key for d in DATASETS]


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        generate(tmp_path / name, seed=3, **SMALL)
        hashes.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (tmp_path / name).iterdir()})
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == len(DATASETS) + 2


def test_another_seed_gives_another_company(folder: Path) -> None:
    first, second = (rows(generate(folder / str(s), seed=s, **SMALL), "orders") for s in (3, 4))
    assert first != second


def test_a_workbook_carries_no_time_of_writing(company: Company) -> None:
    with zipfile.ZipFile(company.sheet("orders").path) as book:
        assert b"2000-01-01T00:00:00Z" in book.read("docProps/core.xml")
        assert {e.date_time for e in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_no_scratch_file_is_left(company: Company) -> None:
    expected = {s.path.name for s in company.sheets} | {"orders.parquet", "incidents.json"}
    assert {p.name for p in company.folder.iterdir()} == expected


def test_the_size_counts_order_lines_before_incidents(calm: Company) -> None:
    assert calm.sheet("orders").rows == calm.spec.orders == len(rows(calm, "orders"))


def test_the_history_ends_on_the_given_day_and_has_the_given_length(company: Company, orders: list[dict]) -> None:
    days = {row["date"] for row in orders}
    assert (min(days), max(days), len(days)) == (date(2024, 3, 19), date(2026, 3, 18), 730)


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"days": 20}, {"orders": 10}])
def test_sizes_that_make_no_company_are_refused(folder: Path, wrong: dict) -> None:
    with pytest.raises(Invalid, match="demo company"):
        generate(folder, **{"seed": 1, **SMALL, **wrong})


@pytest.mark.parametrize("key", KEYS)
def test_a_vintage_has_the_ledgers_types_and_says_where_each_row_is(company: Company, tmp_path: Path, key: str) -> None:
    sheet, out = company.sheet(key), tmp_path / "v.parquet"
    assert write_vintage(sheet, out, "v-1") == sheet.rows
    types = duckdb.sql(f"describe from '{out}'").fetchall()
    names = {"date": "DATE", "money": "DECIMAL(18,4)", "number": "DOUBLE", "text": "VARCHAR"}
    assert [t[:2] for t in types] == [(c.key, names[c.type]) for c in sheet.dataset.columns] + [
        ("_vintage", "VARCHAR"), ("_sheet", "VARCHAR"), ("_row", "INTEGER")]
    places = duckdb.sql(f"select min(_row), max(_row), count(distinct _row), any_value(_vintage), any_value(_sheet) "
                        f"from '{out}'").fetchall()[0]
    assert places == (2, sheet.rows + 1, sheet.rows, "v-1", sheet.sheet)


@pytest.mark.parametrize("key", KEYS)
def test_the_file_holds_the_row_that_the_vintage_names(company: Company, tmp_path: Path, key: str) -> None:
    sheet, out = company.sheet(key), tmp_path / "v.parquet"
    write_vintage(sheet, out, "v-1")
    written = read(sheet.path, sheet.sheet)
    assert written[0] == [c.header for c in sheet.dataset.columns]
    for row in duckdb.sql(f"from '{out}' order by _row").to_arrow_table().to_pylist():
        found = written[row["_row"] - 1]
        assert [plain(row[c.key], c.type) for c in sheet.dataset.columns] == [
            plain(v, c.type) for v, c in zip(found, sheet.dataset.columns, strict=True)]


def read(path: Path, sheet: str | None) -> list[list]:
    if sheet is None:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def plain(value: object, kind: str) -> object:
    if kind == "date":
        return date.fromisoformat(value) if isinstance(value, str) else (
            value.date() if isinstance(value, datetime) else value)
    if kind in ("money", "number"):
        return round(Decimal(str(value)), 4)
    return value


def test_a_big_order_book_is_parquet_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "WORKBOOK_ROWS", 100)
    sheet = generate(folder, seed=3, **SMALL).sheet("orders")
    assert (sheet.path.name, sheet.sheet, sheet.mapping.sheet) == ("orders.parquet", None, None)
    assert not (folder / "orders.xlsx").exists()


@pytest.mark.parametrize("key", KEYS)
def test_a_mapping_survives_its_json_and_declares_every_column(company: Company, key: str) -> None:
    sheet = company.sheet(key)
    assert mapping_from_json(json.loads(json.dumps(sheet.mapping.to_json()))) == sheet.mapping
    assert list(sheet.mapping.columns) == [c.header for c in sheet.dataset.columns]
    assert sheet.mapping.key == sheet.dataset.key_columns
    assert sheet.mapping.mode == "upsert"


@pytest.mark.parametrize("key", KEYS)
def test_a_key_names_one_row(company: Company, key: str) -> None:
    keys = [tuple(row[k] for k in company.sheet(key).dataset.key_columns) for row in rows(company, key)]
    assert len(set(keys)) == len(keys)


def test_every_product_sold_is_in_the_catalogue(company: Company, orders: list[dict]) -> None:
    assert {o["sku"] for o in orders} <= {p["sku_id"] for p in rows(company, "catalogue")}
    assert company.sheet("orders").mapping.joins == {"sku": "catalogue.sku_id"}


def test_the_truth_is_written_beside_the_files(company: Company) -> None:
    truth = json.loads((company.folder / "incidents.json").read_text(encoding="utf-8"))
    assert truth["incidents"] == list(company.effects)
    assert {"Black week", "Spring refresh"} <= {p["name"] for p in truth["promotions"]}
    assert all(truth["start"] <= h["date"] <= truth["end"] for h in truth["holidays"])


# The peak of this program alone: `ru_maxrss` would be that of the whole test run, which a child inherits.
PEAK = """
import sys
from datetime import date
from pathlib import Path
from dashapp.demo.company import generate, write_vintage
company = generate(Path(sys.argv[1]), seed=1, days=365, orders=int(sys.argv[2]), end=date(2026, 3, 18))
write_vintage(company.sheet("orders"), Path(sys.argv[1]) / "vintage.parquet", "v-1")
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of one program")
def test_memory_stays_bounded_whatever_the_number_of_orders(tmp_path: Path) -> None:
    """A million lines are 330 MB in Arrow with their strings; the process with all its libraries stays under that."""
    done = subprocess.run([sys.executable, "-c", PEAK, str(tmp_path / "million"), "1000000"], capture_output=True,
                          text=True, check=True)
    assert int(done.stdout) < 400


@pytest.mark.parametrize("end", [date(2026, 8, 30), date(2026, 8, 31), date(2027, 1, 30), date(2024, 2, 29)])
def test_the_shortest_history_has_every_sheet(folder: Path, end: date) -> None:
    company = generate(folder, seed=5, days=61, orders=500, end=end)
    assert all(s.rows > 0 for s in company.sheets)
    assert {e["key"] for e in company.effects} == {"outage", "price_error", "bots", "margin_leak", "return_wave"}
