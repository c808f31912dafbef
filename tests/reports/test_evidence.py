"""The evidence workbook: its formulas give the figure again, by themselves, for every kind of term."""
from __future__ import annotations

import io
import math
import random
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
