"""A web process that dies at a named point: `python -m tests.api.push_process FOLDER SECRET POINT KEY MODE`.

It answers one `POST /datasets/orders/rows` with the tests' orders, at the tests' moment.
"""
from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from dashapp.core.failpoint import arm, die
from tests.api.conftest import HEADER, Caller, assembled, orders
from tests.conftest import settings_in

ROWS = [dict(zip(HEADER, (i, d.isoformat(), r, s, q, float(v)), strict=True)) for i, d, r, s, q, v in orders()[:12]]


def body(mode: str) -> dict[str, Any]:
    """What is pushed."""
    mapping: dict[str, Any] = {"key": ["order_id"] if mode == "upsert" else [], "mode": mode}
    return {"rows": ROWS, "mapping": {**mapping, "columns": {"region": {"role": "dimension"}}}}


def main(folder: str, secret: str, point: str, key: str, mode: str, at: str) -> None:
    app = assembled(settings_in(Path(folder)))
    app.extensions["ledgerline.clock"] = lambda: datetime.fromisoformat(at)
    arm(point, die)
    call = Caller(app.test_client(), secret)
    call("POST", "/datasets/orders/rows", json=body(mode), headers={"Idempotency-Key": key})
    sys.stdout.write("survived")


if __name__ == "__main__":
    main(*sys.argv[1:])
