"""Closing at the terminal: decisions, the refusal with its rows, and the reason that is kept."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

SHEET = "Order,Date,Revenue\na,2026-01-05,10\nb,2026-02-05,20\n"


@pytest.fixture
def sales(installed: Path, tmp_path: Path, say) -> Path:
    mapping, path = tmp_path / "m.json", tmp_path / "sales.csv"
    mapping.write_text(json.dumps({"key": ["order"], "mode": "upsert", "columns": {"Order": {"role": "id"}}}))
    path.write_text(SHEET)
    assert say("ingest", str(path), "--dataset", "sales", "--mapping", str(mapping)).code == 0
    return path


def test_a_month_is_closed_listed_and_opened_again(sales: Path, say) -> None:
    assert say("closing", "list").out == "sales                    open\n"
    assert say("closing", "close", "2026-01").out == "Everything is closed until 2026-01-31.\n"
    assert say("closing", "list").out == "sales                    closed until 2026-01-31\n"
    again = say("closing", "close", "2026-01")
    assert (again.code, "already" in again.err) == (1, True)
    assert say("closing", "close", "soon").code == 2
    assert say("closing", "reopen", "2026-01").code == 2
    opened = say("closing", "reopen", "2026-01", "--dataset", "sales", "--reason", "wrong rate")
    assert opened.out == "sales is open again after 2025-12-31.\n"
    told = json.loads(say("closing", "list", "--json").out)
    assert [d["reason"] for d in told["decisions"]] == ["wrong rate", ""]


def test_a_late_file_is_shown_refused_and_taken_with_a_reason(sales: Path, say) -> None:
    say("closing", "close", "2026-01")
    sales.write_text("Order,Date,Revenue\na,2026-01-05,11\nc,2026-02-06,3\n")
    tried = say("ingest", str(sales), "--dataset", "sales", "--dry-run")
    assert tried.code == 1
    assert "comes: 2026-01-05 Order a, Revenue 11" in tried.out
    assert "goes: 2026-01-05 Order a, Revenue 10" in tried.out
    assert "Give a reason" in tried.err
    refused = say("ingest", str(sales), "--dataset", "sales")
    assert (refused.code, "1 row comes and 1 goes: 2026-01" in refused.err) == (1, True)
    assert say("closing", "late").out.strip() == ""
    sales.write_text("Order,Date,Revenue\na,2026-01-05,12\n")
    assert say("ingest", str(sales), "--dataset", "sales", "--reason", "late invoice").code == 0
    line = say("closing", "late").out
    assert "sales upload sales.csv by terminal: 1 came, 1 went (2026-01): late invoice" in line
    (told,) = json.loads(say("closing", "late", "--dataset", "sales", "--json").out)
    assert told["reason"] == "late invoice"
