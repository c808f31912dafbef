"""Closing over the API: periods closed and opened, refusals that count the rows, and reasons that are listed."""
from __future__ import annotations

import io
from typing import Any

from tests.api.conftest import Caller, Stage
from tests.api.test_uploads import work

JAN = {"order_id": "001", "date": "2026-01-05", "revenue": 10.5}
FEB = {"order_id": "002", "date": "2026-02-05", "revenue": 7}
MAPPING = {"mapping": {"key": ["order_id"]}, "mode": "upsert"}


def rows(caller: Caller, *sent: dict[str, Any], **more: Any) -> Any:
    return caller("POST", "/datasets/orders/rows", json={"rows": list(sent), **more})


def close(caller: Caller, period: str = "2026-01", path: str = "/closing", **more: Any) -> Any:
    return caller("POST", path, json={"period": period, **more})


def test_a_period_is_closed_told_and_opened_again(stage: Stage) -> None:
    caller = stage.caller("finance")
    rows(caller, JAN, FEB, **MAPPING)
    made = close(caller, reason="month end")
    assert made.status_code == 201, made.get_data(as_text=True)
    assert {k: v for k, v in made.get_json().items() if k != "at"} == {
        "number": 1, "dataset": None, "deed": "close", "until": "2026-01-31", "by": "finance@example.org",
        "reason": "month end"}
    told = stage.caller("executive").get("/closing").get_json()
    assert told["datasets"] == [{"dataset": "orders", "name": "Orders", "until": "2026-01-31"}]
    assert close(caller).status_code == 409
    assert close(caller, "2026-01", "/closing/reopen").status_code == 422
    opened = close(caller, "2026-01", "/closing/reopen", reason="wrong rate", dataset="orders").get_json()
    assert (opened["deed"], opened["until"], opened["dataset"]) == ("reopen", "2025-12-31", "orders")
    assert [d["number"] for d in caller.get("/closing").get_json()["decisions"]] == [2, 1]
    assert close(caller, "soon").status_code == 422
    assert close(caller, "2026-02", dataset="nothing").status_code == 404
    assert close(caller, "2026-02", why="x").status_code == 422


def test_rows_for_a_closed_month_are_refused_with_their_number_until_a_reason_is_given(stage: Stage) -> None:
    caller = stage.caller("finance")
    rows(caller, JAN, FEB, **MAPPING)
    close(caller)
    refused = rows(caller, {**JAN, "revenue": 11}, {**FEB, "revenue": 8})
    assert refused.status_code == 422
    body = refused.get_json()
    assert body["closed"]["periods"] == [{"period": "2026-01", "came": 1, "went": 1}]
    assert "2026-01" in body["needs"][0]
    done = rows(caller, {**JAN, "revenue": 12}, reason="late invoice")
    assert done.status_code == 201, done.get_data(as_text=True)
    answer = caller.get("/closing/late", dataset="orders")
    assert answer.headers["X-Total-Count"] == "1"
    (late,) = answer.get_json()
    assert (late["upload"], late["deed"], late["came"], late["went"], late["reason"]) == (
        done.get_json()["id"], "upload", 1, 1, "late invoice")
    assert caller.get("/closing/late", dataset="sales").get_json() == []


def test_a_file_is_tried_and_brought_with_its_reason(stage: Stage) -> None:
    caller = stage.caller("finance")
    rows(caller, JAN, FEB, **MAPPING)
    close(caller)
    data = b"order_id,date,revenue\n001,2026-01-05,99\n"

    def send(path: str = "/datasets/orders/uploads", **form: str) -> Any:
        return caller("POST", path, data={"file": (io.BytesIO(data), "late.csv"), **form},
                      content_type="multipart/form-data")

    tried = send("/datasets/orders/uploads?dry_run=true").get_json()
    assert [(r["deed"], r["day"], r["cells"]["revenue"]) for r in tried["closed"]["rows"]] == [
        ("comes", "2026-01-05", "99.0000"), ("goes", "2026-01-05", "10.5000")]
    assert "Give a reason" in tried["needs"][0]
    assert send("/datasets/orders/uploads?dry_run=true", reason="late").get_json()["needs"] == []
    blind = stage.caller("finance", ("ingest",))("POST", "/datasets/orders/uploads?dry_run=true", data={
        "file": (io.BytesIO(data), "late.csv")}, content_type="multipart/form-data").get_json()
    assert (blind["closed"]["came"], blind["closed"]["rows"]) == (1, [])
    assert send().status_code == 422
    queued = send(reason="late")
    assert queued.status_code == 202
    work(stage)
    assert caller.get(f"/uploads/{queued.get_json()['id']}").get_json()["status"] == "committed"
    assert [x["reason"] for x in caller.get("/closing/late").get_json()] == ["late"]


def test_undo_and_redo_take_a_reason_and_the_original_comes_back_byte_for_byte(stage: Stage) -> None:
    caller = stage.caller("finance")
    first = rows(caller, JAN, FEB, **MAPPING).get_json()["id"]
    close(caller)
    assert caller("POST", f"/uploads/{first}/redo").status_code == 409
    assert caller("DELETE", f"/uploads/{first}").status_code == 422
    undone = caller("DELETE", f"/uploads/{first}?reason=wrong+file")
    assert (undone.status_code, undone.get_json()["live"]) == (200, False)
    assert caller("POST", f"/uploads/{first}/redo").status_code == 422
    back = caller("POST", f"/uploads/{first}/redo?reason=right+after+all").get_json()
    assert (back["status"], back["live"]) == ("committed", True)
    assert {(x["deed"], x["reason"]) for x in caller.get("/closing/late").get_json()} == {
        ("undo", "wrong file"), ("redo", "right after all")}
    with caller.get(f"/uploads/{first}/original") as original:
        assert original.data == b"date,order_id,revenue\r\n2026-01-05,001,10.5\r\n2026-02-05,002,7\r\n"
        assert "attachment" in original.headers["Content-Disposition"]
