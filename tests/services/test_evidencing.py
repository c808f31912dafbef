"""The evidence of a figure: rows within scope, cells of the file they came from, and a workbook that recomputes it."""
from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Forbidden, Invalid, NotFound
from dashapp.core.where import parse_wheres
from dashapp.services import auditing, defining, demonstrating, evidencing, exploring
from tests import libreoffice
from tests.services.stage import csv_bytes
from tests.services.world import ORDER_HEADER, ORDERS_MAPPING, World, opened, orders, orders_csv

ROWS = orders(120)
MONTH = "2025-12"
MINE = [r for r in ROWS if f"{r.day:%Y-%m}" == MONTH]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders in a workbook whose table begins at C5 of a sheet with a blank in its name, and later ones as text."""
    with opened(tmp_path_factory.mktemp("evidencing"), sqlite_template) as found:
        found.bring(_workbook(ROWS[:80]), "orders.xlsx", "orders", {**ORDERS_MAPPING, "sheet": "All orders"})
        found.bring(orders_csv(ROWS[80:]), "later.csv", "orders", build=True)
        yield found


def _workbook(rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "All orders"
    sheet["C1"] = "Order book"
    for i, head in enumerate(ORDER_HEADER):
        sheet.cell(5, 3 + i, head)
    for n, row in enumerate(rows):
        for i, cell in enumerate(row.cells()):
            sheet.cell(6 + n, 3 + i, date.fromisoformat(cell) if ORDER_HEADER[i] == "date" else cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def taken(world: World, kpi: str, period: str = MONTH, *, by: Actor | None = None, **more: Any) -> Any:
    """The workbook as openpyxl reads it, with the values beside the formulas."""
    name, media, data = evidencing.workbook(by or world.cast.finance, world.desk, kpi, period, now=world.now, **more)
    assert name.endswith(".xlsx")
    assert "spreadsheetml" in media
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


def cells(sheet: Any, first: int) -> list[dict[str, Any]]:
    """The rows of a sheet below the heads in row `first`."""
    head, *rows = sheet.iter_rows(min_row=first, values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_row_leads_to_the_very_cell_of_its_file(world: World) -> None:
    source = openpyxl.load_workbook(io.BytesIO(_workbook(ROWS[:80])))["All orders"]
    found = exploring.rows(world.cast.executive, world.desk, "revenue", MONTH, now=world.now, limit=500)
    assert found.total == len(MINE)
    at = found.columns.index("revenue")
    for row in found.rows:
        if row.file == "later.csv":
            assert (row.place, row.addresses) == (f"row {row.row}", {})
            continue
        assert row.place == f"'All orders'!{row.addresses['revenue']}"
        assert float(source[row.addresses["revenue"]].value) == float(row.cells[at])
        told = {c: source[a].value for c, a in row.addresses.items()}
        assert told["order_id"] == row.cells[found.columns.index("order_id")]
    assert {r.file for r in found.rows} == {"orders.xlsx", "later.csv"}


def test_a_row_of_a_text_file_is_counted_as_a_spreadsheet_counts_it(tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path / "lines", sqlite_template) as found:
        rows = [("2026-01-01", "two\nlines", 5), ("2026-01-02", "x", 6), ("2026-01-03", "a\nb\nc", 7),
                ("2026-01-04", "", 8)]
        found.bring(csv_bytes(("date", "note", "revenue"), rows), "notes.csv", "notes", {"mode": "append", "key": []})
        told = exploring.rows(found.cast.executive, found.desk, "revenue", "2026-01", now=found.now)
        assert [r.place for r in told.rows][::-1] == ["row 2", "row 3", "row 4", "row 5"]


def test_the_workbook_holds_figure_rows_cells_and_notes(world: World) -> None:
    book = taken(world, "revenue")
    assert book.sheetnames == ["Figure", "orders", "Notes"]
    figure = book["Figure"]
    want = float(sum(r.revenue for r in MINE))
    assert math.isclose(figure["C4"].value, want)
    assert (figure["C5"].value, figure["C8"].value) == (figure["C5"].value, "equal")
    rows = cells(book["orders"], 4)
    assert len(rows) == len(MINE)
    assert {r["Cells"] for r in rows if r["File"] == "orders.xlsx"} == {
        f"'All orders'!I{6 + n}" for n, r in enumerate(ROWS[:80]) if r in MINE}
    assert all(isinstance(r["qty"], int | float) and isinstance(r["order_id"], str) for r in rows)
    notes = [(a, b) for a, b in book["Notes"].iter_rows(values_only=True)]
    told = dict(notes)
    assert (told["Definition"], told["Filters"], told["Data scope"]) == (
        "sum(orders.revenue)", "none", "the whole company")
    uploads = [b for a, b in notes if a.startswith("Upload ")]
    assert len(uploads) == 2
    assert all("SHA-256" in u and len(u.rsplit(" ", 1)[1]) == 64 for u in uploads)
    assert any("SELECT" in b for a, b in notes if a.startswith("Statement"))


def test_scope_and_part_and_filter_hold_and_are_told(world: World) -> None:
    scoped = replace(world.cast.finance, scope=parse_wheres(["region=EMEA"]))
    book = taken(world, "revenue", by=scoped, where=parse_wheres(["sku=S1|S2"]))
    rows = cells(book["orders"], 4)
    mine = [r for r in MINE if r.region == "EMEA" and r.sku in ("S1", "S2")]
    assert sorted(r["order_id"] for r in rows) == sorted(r.order_id for r in mine)
    assert dict(book["Notes"].iter_rows(values_only=True))["Data scope"] == "region=EMEA"
    part = cells(taken(world, "revenue", part="region=APAC")["orders"], 4)
    assert {r["region"] for r in part} == {"APAC"}
    assert len(part) == len([r for r in MINE if r.region == "APAC"])


def test_the_evidence_of_the_past_holds_the_rows_of_the_past(tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path / "past", sqlite_template) as found:
        found.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
        before = found.now
        found.now += timedelta(hours=1)
        found.bring(orders_csv([replace(MINE[0], qty=99)]), "fix.csv", "orders")
        was, now_ = (taken(found, "revenue", as_of=at)["Figure"]["C4"].value for at in (before, None))
        assert math.isclose(was, float(sum(r.revenue for r in MINE)))
        assert math.isclose(now_ - was, float(replace(MINE[0], qty=99).revenue - MINE[0].revenue))


def test_growth_shows_the_rows_of_both_windows_each_under_its_term(world: World) -> None:
    rows = cells(taken(world, "revenue_growth", "2026-01")["orders"], 4)
    terms = [h for h in rows[0] if h.startswith("Term")]
    assert ["previous" in t for t in terms] == [True, False]
    january = [r for r in rows if r["date"].month == 1]
    assert all((r[terms[0]] is None) and r[terms[1]] == pytest.approx(r["revenue"]) for r in january)
    assert all(r[terms[0]] == pytest.approx(r["revenue"]) for r in rows if r["date"].month == 12)


def test_b1_executives_and_tokens_without_export_get_none(world: World) -> None:
    for actor in (world.cast.executive, replace(world.cast.finance, token_scopes=frozenset({"read"}))):
        with pytest.raises(Forbidden):
            taken(world, "revenue", by=actor)
    assert world.cast.finance.may(Role.FINANCE)


def test_i8_the_evidence_leaves_an_audit_line_with_what_was_taken(world: World) -> None:
    taken(world, "revenue", where=parse_wheres(["region=EMEA"]))
    line = auditing.listing(world.cast.admin)[0]
    assert (line.action, line.subject, line.email) == (
        "export", f"evidence of revenue in {MONTH}", world.cast.finance.email)
    assert (line.after or {})["filters"] == ["region=EMEA"]


def test_more_rows_than_a_workbook_recomputes_are_refused_with_a_way_out(
        world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidencing, "MAX_ROWS", len(MINE))
    taken(world, "revenue")
    monkeypatch.setattr(evidencing, "MAX_ROWS", len(MINE) - 1)
    lines = len(auditing.listing(world.cast.admin))
    with pytest.raises(Invalid, match="shorter period"):
        taken(world, "revenue")
    monkeypatch.setattr(evidencing, "MAX_ROWS", len(MINE))
    monkeypatch.setattr(evidencing, "MAX_CELLS", 12 * len(MINE) - 1)
    with pytest.raises(Invalid, match="cells"):
        taken(world, "revenue")
    assert len(auditing.listing(world.cast.admin)) == lines


def test_a_figure_without_rows_says_why_and_agrees_that_there_is_none(world: World) -> None:
    figure = taken(world, "revenue", "2019-01")["Figure"]
    assert (figure["C4"].value, figure["C5"].value, figure["C8"].value) == ("no value", "no value", "equal")
    assert figure["B9"].value == "No rows in this period."
    with pytest.raises(NotFound):
        taken(world, "nothing")


@pytest.mark.skipif(libreoffice.is_missing(), reason=libreoffice.MISSING)
def test_libreoffice_recomputes_every_starter_kpi_of_the_demo_company(tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path / "demo", sqlite_template) as found:
        demonstrating.load(found.cast.admin, found.desk, now=found.now, days=430, orders=900)
        told = exploring.rows(found.cast.executive, found.desk, "revenue", "2026-02", now=found.now, limit=20)
        original = openpyxl.load_workbook(
            io.BytesIO((found.desk.originals / told.rows[0].upload).read_bytes()))["Orders"]
        for row in told.rows:
            cell = original[row.place.removeprefix("Orders!")].value
            assert cell == pytest.approx(float(row.cells[told.columns.index("revenue")]), rel=1e-12)
        keys = [v.kpi.key for v in defining.listing(found.cast.admin, found.desk)]
        files, ours = [], []
        for key, period in [(k, p) for k in keys for p in ("2026-02",)] + [("clv", "2025-Q4"), ("roi", "2026")]:
            _, _, data = evidencing.workbook(found.cast.finance, found.desk, key, period, now=found.now)
            files.append(tmp_path / f"{len(files)}.xlsx")
            files[-1].write_bytes(data)
            ours.append((key, period, exploring.explain(found.cast.finance, found.desk, key, period,
                                                        now=found.now).point.value))
    valued = set()
    for (key, period, value), file in zip(ours, libreoffice.recomputed(tmp_path / "office", files), strict=True):
        sheet = CalamineWorkbook.from_path(file).get_sheet_by_name("Figure").to_python()
        assert sheet[7][2] == "equal", (key, period, sheet)
        assert {row[11] for row in sheet[11:] if row[11]} <= {"equal", "Check"}, (key, sheet)
        if value is None:
            assert sheet[3][2] == "no value", (key, period)
        else:
            assert math.isclose(sheet[3][2], float(value), rel_tol=1e-9), (key, period, sheet[3][2], value)
            valued.add(key)
    assert len(keys) >= 30
    assert set(keys) - valued == set()
