"""`kpi check | effects | versions | restore` on the terminal."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

SHEET = "Date,Region,Revenue,Orders\n2026-01-05,EMEA,1100.10,3\n2026-01-06,APAC,200.20,4\n2026-02-03,EMEA,50.05,1\n"


@pytest.fixture
def sales(installed: Path, tmp_path: Path, say) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(SHEET)
    assert say("ingest", str(path), "--dataset", "sales", "--mode", "append").code == 0
    return path


def test_a_formula_is_checked_with_the_flaw_under_its_place(sales: Path, say) -> None:
    assert say("kpi", "check", "sum(revenue)").out == "sum(sales.revenue)\n"
    told = say("kpi", "check", "2 * sum(revenu)")
    assert told.code == 1
    line, caret, mended = told.out.splitlines()
    assert line[caret.index("^"):].startswith("revenu")
    assert "unknown column 'revenu'" in caret
    assert mended == "  mended: 2 * sum(revenue)"
    found = json.loads(say("kpi", "check", "revenue", "--key", "revenue", "--json").out)
    assert found["issues"][0]["code"] == "kpi-cycle"


def test_the_effects_of_another_formula_are_told(sales: Path, say) -> None:
    told = say("kpi", "effects", "revenue", 'sum(sales.revenue, region == "EMEA")').out
    assert "Figures of the past: 1 of 2 months with a figure changes." in told
    assert "€1,300.30" in told
    assert "€1,100.10" in told
    assert "-€200.20" in told.replace("\u2212", "-")
    assert say("kpi", "effects", "revenue", "sum(nothing)").code == 2
    found = json.loads(say("kpi", "effects", "revenue", "1", "--json").out)
    assert [e["kind"] for e in found["effects"]] == ["figures", "statuses", "dependents"]


def test_versions_are_told_and_restored(sales: Path, say) -> None:
    assert "1 (in force)" in say("kpi", "versions", "revenue").out
    done = say("kpi", "restore", "revenue", "1", "--why", "as it was")
    assert done.out == "Revenue is version 2 now: sum(sales.revenue)\n"
    told = say("kpi", "versions", "revenue").out
    assert "2 (in force)" in told
    assert "terminal: Restores version 1: as it was" in told
    assert [v["version"] for v in json.loads(say("kpi", "versions", "revenue", "--json").out)] == [2, 1]
    assert say("kpi", "restore", "revenue", "9").code == 2
    assert say("kpi", "versions", "nothing").code == 2
