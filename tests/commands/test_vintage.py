"""Vintages at the terminal: the list, one in full, two side by side, undo and redo."""
from __future__ import annotations

import json
import re
from pathlib import Path

import pytest


@pytest.fixture
def two(installed: Path, tmp_path: Path, say) -> list[str]:
    mapping, path = tmp_path / "m.json", tmp_path / "sales.csv"
    mapping.write_text(json.dumps({"key": ["order"], "mode": "upsert", "columns": {"Order": {"role": "id"}}}))
    ids = []
    for rows in ("a,2026-01-05,10\nb,2026-02-05,20\n", "a,2026-01-05,10.50\nc,2026-02-06,1\n"):
        path.write_text("Order,Date,Revenue\n" + rows)
        out = say("ingest", str(path), "--dataset", "sales", "--mapping", str(mapping), "--json").out
        ids.append(json.loads(out)["id"])
    return ids


def test_uploads_are_listed_and_shown(two: list[str], say) -> None:
    lines = say("vintage", "list").out.splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(two)
    assert all("sales.csv by terminal" in line for line in lines)
    assert say("vintage", "list", "--dataset", "other").out.strip() == ""
    shown = say("vintage", "show", two[1]).out
    assert re.search(r"sha256 {4}[0-9a-f]{64}\n", shown)
    assert "effect    1 new, 1 changed\n" in shown
    assert "dates     2026-01-05 to 2026-02-06\n" in shown
    assert json.loads(say("vintage", "show", two[0], "--json").out)["id"] == two[0]
    assert say("vintage", "show", "nothing").code == 2


def test_two_uploads_are_compared(two: list[str], say) -> None:
    told = say("vintage", "compare", *two).out
    assert told.startswith("2 and 2 rows, by Order: 0 the same, 1 changed, 1 only in the first, 1 only in the second.")
    assert "Revenue: 30.0000 and 11.5000" in told
    assert "changed: Order a  Revenue: 10.0000 -> 10.5000" in told
    found = json.loads(say("vintage", "compare", two[1], two[0], "--json").out)
    assert (found["first"], found["second"], found["changed"]) == (*two, 1)


def test_an_upload_is_taken_back_and_brought_back(two: list[str], say) -> None:
    assert say("vintage", "undo", two[1]).out == "sales.csv does not count any more.\n"
    again = say("vintage", "undo", two[1])
    assert (again.code, "nothing to undo" in again.err) == (1, True)
    say("closing", "close", "2026-01")
    refused = say("vintage", "redo", two[1])
    assert (refused.code, "Give a reason" in refused.err) == (2, True)
    assert say("vintage", "redo", two[1], "--reason", "right after all").out == "sales.csv counts again.\n"


def test_an_undo_is_rehearsed_with_the_figures_that_would_move(two: list[str], say) -> None:
    told = say("vintage", "undo", two[1], "--dry-run").out
    assert re.search(r"Revenue, 2026-01: .*10\.50? -> .*10\b", told), told
    assert "alerts: No KPI of this dataset has limits." in told
    assert told.endswith("Nothing was changed (dry run).\n")
    assert json.loads(say("vintage", "show", two[1], "--json").out)["live"]
    wrong = say("vintage", "redo", two[1], "--dry-run")
    assert (wrong.code, "nothing to redo" in wrong.err) == (1, True)
