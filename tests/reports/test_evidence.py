"""The evidence workbook: its formulas give the figure again, by themselves, for every kind of term."""
from __future__ import annotations

import io
import math
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from dashapp.core.calendar import Calendar
from dashapp.reports import evidence
from tests import libreoffice
from tests.query.shop import CATALOGUE_ROWS, kpis
from tests.query.test_against_plain_python import KPIS
from tests.reports.evidence_cases import book, case
from tests.reports.test_csv import PAYLOADS

FIGURE, OURS, CHECK = 3, 4, 7  # 0-based rows of the sheet Figure; the value stands in column C
MARCH = Calendar().parse("2025-03")


def figure_of(data: bytes | Path) -> list[list[Any]]:
    """The sheet Figure as calamine reads it: values beside formulas."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data)) if isinstance(data, bytes) else \
        CalamineWorkbook.from_path(data)
    return book.get_sheet_by_name("Figure").to_python()


def same(got: Any, want: Any) -> bool:
    if want is None:
        return got == "no value"
    return isinstance(got, float | int) and math.isclose(got, float(want), rel_tol=1e-9, abs_tol=1e-7)


@pytest.mark.parametrize("key", sorted(KPIS))
def test_the_values_beside_the_formulas_are_the_figure(key: str) -> None:
    for seed in range(4):
        made, point = case(seed, key)
        sheet = figure_of(evidence.write(made))
        assert same(sheet[FIGURE][2], point.value), (made.about, sheet[FIGURE][2], point)
        assert same(sheet[OURS][2], point.value), made.about
        assert {row[11] for row in sheet[11:] if row[11]} <= {"equal", "Check"}, (made.about, sheet)
        assert sheet[CHECK][2] == "equal", (made.about, sheet)


@pytest.mark.skipif(libreoffice.is_missing(), reason=libreoffice.MISSING)
def test_libreoffice_computes_the_same_figure_of_every_kind_of_formula(tmp_path: Path) -> None:
    recomputed(tmp_path, range(100, 102))


@pytest.mark.long
@pytest.mark.skipif(libreoffice.is_missing(), reason=libreoffice.MISSING)
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("batch", range(12))
def test_libreoffice_computes_the_same_figures_at_length(tmp_path: Path, batch: int) -> None:
    recomputed(tmp_path, range(1000 + 3 * batch, 1003 + 3 * batch))


def recomputed(folder: Path, seeds: range) -> None:
    made = [case(seed, key) for seed in seeds for key in sorted(KPIS)]
    files = []
    for n, (found, _) in enumerate(made):
        files.append(folder / f"{n}.xlsx")
        files[-1].write_bytes(evidence.write(found))
    valued = 0
    for (found, point), file in zip(made, libreoffice.recomputed(folder / "office", files), strict=True):
        sheet = figure_of(file)
        assert same(sheet[FIGURE][2], point.value), (found.about, sheet[FIGURE][2], point)
        assert sheet[CHECK][2] == "equal", (found.about, sheet)
        assert {row[11] for row in sheet[11:] if row[11]} <= {"equal", "Check"}, (found.about, sheet)
        valued += point.value is not None
    assert valued > len(made) / 3


@pytest.mark.skipif(libreoffice.is_missing(), reason=libreoffice.MISSING)
def test_a_changed_cell_moves_the_figure_and_the_check_says_so(tmp_path: Path) -> None:
    made, point = book("share", MARCH, {"orders": ROWS, "catalogue": CATALOGUE_ROWS}, kpis=SHARE)
    whole = tmp_path / "whole.xlsx"
    whole.write_bytes(evidence.write(made))
    changed = openpyxl.load_workbook(whole)
    heads = [c.value for c in changed["orders"][4]]
    changed["orders"].cell(5, 1 + heads.index("Revenue")).value = 1003
    changed.save(tmp_path / "changed.xlsx")
    later = openpyxl.load_workbook(whole)
    later["Figure"]["D12"].value = date(2025, 3, 4)
    later.save(tmp_path / "later.xlsx")
    files = [whole, tmp_path / "changed.xlsx", tmp_path / "later.xlsx"]
    sheets = [figure_of(f) for f in libreoffice.recomputed(tmp_path / "office", files)]
    assert [s[CHECK][2] for s in sheets] == ["equal", "differs", "differs"]
    assert float(point.value or 0) == pytest.approx(8 / 12)
    assert [s[FIGURE][2] for s in sheets] == pytest.approx([8 / 12, 1008 / 1012, 3 / 12])


ROWS = [{"date": date(2025, 3, d), "revenue": Decimal(d), "sku": sku, "region": region, "customer_id": "a"}
        for d, sku, region in ((3, "s1", "A"), (4, "s2", "A"), (5, "s1", None))]
SHARE = kpis(revenue="sum(orders.revenue)", share='sum(orders.revenue, orders.catalogue.category == "Tea") / revenue')
ALLOWED = {"ABS", "AND", "AVERAGE", "COUNT", "COUNTIF", "DATE", "EXACT", "FIND", "FREQUENCY", "IF", "IFERROR",
           "ISNUMBER", "MAX", "MEDIAN", "MIN", "NOT", "OR", "SUM", "SUMIFS", "SUMPRODUCT"}


def test_f1_no_formula_holds_anything_of_the_data_and_nothing_leads_outside() -> None:
    rows = [{"date": date(2025, 3, 1 + n % 28), "revenue": Decimal(1), "qty": 2.0, "sku": text, "region": text,
             "channel": text, "customer_id": text} for n, text in enumerate(PAYLOADS)]
    asked = kpis(
        revenue="sum(orders.revenue)",
        mixed="revenue / distinct(orders.customer_id) + new(orders.customer_id) + count(orders.region) "
              '- sum(orders.revenue * orders.qty, contains(orders.region, "=cmd|") or orders.sku == "=1+1\\"&A1") '
              "+ growth(revenue) + last(orders.revenue)")
    made, _ = book("mixed", MARCH, {"orders": rows, "catalogue": CATALOGUE_ROWS}, kpis=asked)
    data = evidence.write(made)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {n: archive.read(n).decode() for n in archive.namelist()}
    assert not [n for n in entries if "externalLink" in n or "connections" in n]
    assert not any('TargetMode="External"' in e or "<hyperlink" in e.replace("<HyperlinksChanged", "")
                   for e in entries.values())
    sheet = openpyxl.load_workbook(io.BytesIO(data))
    formulas = [c for page in sheet for row in page.iter_rows() for c in row if c.data_type == "f"]
    for cell in formulas:
        text = cell.value if isinstance(cell.value, str) else cell.value.text
        bare = re.sub(r'"(?:[^"]|"")*"', '""', re.sub(r"'(?:Figure|orders)'!", "", text))
        assert set(re.findall(r"[A-Z]+(?=\()", bare)) <= ALLOWED, text
        assert not re.search(r"[|@{\[\\#]|'|:\s*/", bare), text
    rows_of = sheet["orders"]
    heads = [c.value for c in rows_of[4]]
    terms = {i for i, h in enumerate(heads) if h.startswith("Term ")}
    assert all((c.data_type == "f") == (i in terms) for row in rows_of.iter_rows(min_row=5) for i, c in enumerate(row)
               if c.value is not None)
    shown = {rows_of.cell(5 + n, 1 + heads.index("Region")).value for n in range(len(PAYLOADS))}
    assert {p for p in PAYLOADS if p.isprintable()} <= shown
    assert all(c.hyperlink is None for page in sheet for row in page.iter_rows() for c in row)


def test_texts_that_differ_in_case_only_or_hold_wildcards_are_different_people() -> None:
    people = ("a", "A", "a*", "a?", "~a", "Ä", "ä")
    rows = [{"date": date(2025, 3, 1 + n), "customer_id": p, "region": p} for n, p in enumerate((*people, *people))]
    asked = kpis(people="distinct(orders.customer_id)",
                 upper='distinct(orders.customer_id, orders.region in ["A", "a*"])')
    for key, want in (("people", 7), ("upper", 2)):
        made, point = book(key, MARCH, {"orders": rows}, kpis=asked)
        assert (point.value, figure_of(evidence.write(made))[FIGURE][2]) == (want, want)


def test_a_condition_too_long_for_excel_is_shown_as_computed_and_said_to_be() -> None:
    listed = ", ".join(str(n) for n in range(200))
    asked = kpis(few=f"sum(orders.revenue, orders.qty in [{listed}] or orders.price in [{listed}])")
    made, point = book("few", MARCH, {"orders": [{**r, "price": r["revenue"]} for r in ROWS]}, kpis=asked)
    sheet = openpyxl.load_workbook(io.BytesIO(evidence.write(made)))
    assert "longer than Excel takes" in sheet["Figure"]["M12"].value
    assert not any(c.data_type == "f" for row in sheet["orders"].iter_rows(min_row=5) for c in row)
    assert figure_of(evidence.write(made))[FIGURE][2] == point.value == 12


def test_a_check_without_equality_says_so_before_any_recalculation() -> None:
    from dataclasses import replace

    made, point = book("revenue", MARCH, {"orders": ROWS}, kpis=SHARE)
    assert point.value == 12
    wrong = replace(made, value=Decimal("12.01"))
    assert figure_of(evidence.write(wrong))[CHECK][2] == "differs"
    assert figure_of(evidence.write(replace(made, value=None)))[CHECK][2] == "differs"
