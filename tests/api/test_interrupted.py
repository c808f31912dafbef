"""Rows pushed by a program whose server dies under it: sent again with their key they count once, whatever was done."""
from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashapp.services import repeating
from models import db
from tests.api.conftest import KPIS, Stage
from tests.api.push_process import ROWS, body
from tests.house.source import ROOT
from tests.services import points

KEY = {"Idempotency-Key": "night-run-17"}
POINTS = (*points.RECEIVE, *points.CHECK, *points.COMMIT)


def killed(stage: Stage, folder: Path, secret: str, point: str, mode: str) -> None:
    with stage.app.app_context():
        db.session.remove()
    command = [sys.executable, "-m", "tests.api.push_process", str(folder), secret, point, KEY["Idempotency-Key"], mode,
               stage.clock.now.isoformat()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == -signal.SIGKILL, run.stderr[-2000:]


def stored(caller: Any) -> list[dict[str, Any]]:
    found = caller.get("/uploads", dataset="orders", status="committed")
    return list(found.json)


@pytest.mark.parametrize(("point", "mode"), [*((p, "upsert") for p in POINTS), ("import.committed", "append")])
def test_h1_i4_rows_whose_server_was_killed_anywhere_count_once_when_they_are_sent_again(
    stage: Stage, tmp_path: Path, point: str, mode: str
) -> None:
    secret = stage.token("finance")
    killed(stage, tmp_path, secret, point, mode)
    caller = stage.caller("finance")
    caller.secret = secret
    done = stored(caller)
    assert [u["rows"] for u in done] == ([len(ROWS)] if point == "import.committed" else [])
    early = caller("POST", "/datasets/orders/rows", json=body(mode), headers=KEY)
    assert (early.status_code, "under way" in early.json["detail"]) == (409, True)
    stage.clock.now += repeating.LEASE + timedelta(seconds=1)
    answer = caller("POST", "/datasets/orders/rows", json=body(mode), headers=KEY)
    assert (answer.status_code, answer.json["rows"], answer.json["status"]) == (201, len(ROWS), "committed")
    assert answer.json["id"] in [u["id"] for u in done] or not done, "the first attempt's own answer"
    again = caller("POST", "/datasets/orders/rows", json=body(mode), headers=KEY)
    assert (again.status_code, again.json["id"]) == (201, answer.json["id"])
    assert [u["rows"] for u in stored(caller)] == [len(ROWS)]
    assert stage.caller("analyst")("PUT", "/kpis/sales", json=KPIS["sales"]).status_code == 201
    found = caller.get("/kpis/sales/series", grain="year", **{"from": "2025-01-01", "to": "2026-12-31"}).json["points"]
    assert sum(Decimal(str(p["value"])) for p in found if p["value"]) == sum(Decimal(str(r["revenue"])) for r in ROWS)


def test_i4_the_answer_of_a_dead_attempt_is_given_though_its_rows_were_undone_since(
    stage: Stage, tmp_path: Path
) -> None:
    secret = stage.token("finance")
    killed(stage, tmp_path, secret, "import.committed", "append")
    caller = stage.caller("finance")
    (done,) = stored(caller)
    assert caller("DELETE", f"/uploads/{done['id']}").status_code == 200
    caller.secret = secret
    stage.clock.now += repeating.LEASE + timedelta(seconds=1)
    answer = caller("POST", "/datasets/orders/rows", json=body("append"), headers=KEY)
    assert (answer.status_code, answer.json["id"], answer.json["status"]) == (201, done["id"], "undone")
    assert stored(caller) == []
