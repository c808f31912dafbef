"""`dataset delete` on the terminal: what would go is told first, and goes only when somebody is sure."""
from __future__ import annotations

from pathlib import Path

import pytest

SHEET = "Date,Region,Revenue,Orders\n2026-01-05,EMEA,1100.10,3\n2026-01-06,APAC,200.20,4\n"


@pytest.fixture
def sales(installed: Path, tmp_path: Path, say) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(SHEET)
    assert say("ingest", str(path), "--dataset", "sales", "--mode", "append").code == 0
    return installed


def test_what_would_go_is_told_and_stays(sales: Path, say) -> None:
    told = say("dataset", "delete", "sales")
    assert told.code == 2
    assert "would be gone: Sales, 1 uploads" in told.out
    assert "would be gone: Revenue\n" in told.out
    assert say("dataset", "list").out.startswith("sales")
    assert say("ask", "revenue", "--from", "2026-01-01", "--to", "2026-01-31").code == 0


def test_who_is_sure_deletes_the_dataset_with_its_files_and_proposed_kpis(sales: Path, say) -> None:
    kept = list(sales.rglob("*.parquet"))
    assert kept
    done = say("dataset", "delete", "sales", "--yes")
    assert (done.code, done.out.splitlines()[0]) == (0, "gone: Sales, 1 uploads")
    assert say("dataset", "list").out == ""
    assert not any(p.exists() for p in kept)
    assert say("ask", "revenue").code == 2
    assert say("dataset", "delete", "sales", "--yes").code == 2
