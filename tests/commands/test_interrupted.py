"""A file brought at the terminal by a process that is killed at any named point: old or new, and to be said again."""
from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dashapp.core.space import FULL_DISK
from tests.house.source import ROOT
from tests.services import points

SHEET = "Order,Date,Revenue\na,2026-01-05,100.10\nb,2026-01-06,200.20\nc,2026-02-03,50.05\n"
MAPPING = {"key": ["order"], "mode": "upsert", "columns": {"Order": {"role": "id"}}}


@pytest.fixture
def words(installed: Path, tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "sales.csv").write_text(SHEET)
    (tmp_path / "m.json").write_text(json.dumps(MAPPING))
    return ("ingest", str(tmp_path / "sales.csv"), "--dataset", "sales", "--mapping", str(tmp_path / "m.json"))


@pytest.mark.parametrize("point", [*points.RECEIVE, *points.CHECK, *points.COMMIT])
def test_h1_a_file_at_the_terminal_killed_anywhere_is_there_whole_or_can_be_brought_again(
    words: tuple[str, ...], say, point: str
) -> None:
    environ = {**os.environ, "LEDGERLINE_FAILPOINT": point, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-m", "dashapp", *words], env=environ, capture_output=True, text=True,
                         timeout=120)
    assert run.returncode == -signal.SIGKILL, run.stderr
    again = say(*words)
    if point == "import.committed":
        assert (again.code, "already in sales" in again.err) == (1, True)
    else:
        assert again.code == 0, again.err
    committed = [u for u in json.loads(say("vintage", "list", "--json").out) if u["status"] == "committed"]
    assert [(u["rows"], u["live"]) for u in committed] == [(3, True)]
    asked = say("ask", "revenue", "--grain", "year", "--from", "2026-01-01", "--to", "2026-12-31")
    assert "350.35" in asked.out, asked
    assert say("verify").code == 0


def test_h2_a_full_disk_is_a_sentence_at_the_terminal(
    words: tuple[str, ...], say, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_a: object, **_k: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("dashapp.services.receiving._store", full)
        told = say(*words)
    assert (told.code, told.err) == (1, f"error: {FULL_DISK}\n")
    assert say(*words).code == 0


def test_a_fail_point_is_for_development_alone(installed: Path, say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGERLINE_FAILPOINT", "import.stored")
    monkeypatch.setenv("LEDGERLINE_ENV", "production")
    assert say("user", "list").code == 0, "the terminal passes it by; the server says so and does not start"
