"""Feeds over the API: added and changed by admins, looked at and run by finance, refused in words."""
from __future__ import annotations

from typing import Any

import pytest

from dashapp.services import connecting
from tests.api.conftest import Caller, Stage

PLAN: dict[str, Any] = {"connection": "shop", "sql": "SELECT order_id, day, amount FROM orders", "dataset": "orders",
                        "schedule": "daily at 6:30", "mode": "upsert", "key_columns": ["order_id"]}
URL = "postgresql://reader:hunter2@127.0.0.1:9/shop"


@pytest.fixture
def admin(stage: Stage) -> Caller:
    with stage.app.app_context():
        desk = stage.app.extensions["ledgerline"]
        if not any(c.key == "shop" for c in connecting.listing(stage.cast.admin)):
            connecting.add(stage.cast.admin, desk, "shop", URL, now=stage.clock.now)
    return stage.caller("admin")


def test_a_feed_is_added_told_changed_run_paused_and_removed(stage: Stage, admin: Caller) -> None:
    made = admin("POST", "/feeds/shop_orders", json=PLAN)
    assert made.status_code == 201, made.get_data(as_text=True)
    told = made.get_json()
    assert {k: told[k] for k in ("key", "schedule", "state", "enabled", "said", "trouble", "failures", "upload")} == {
        "key": "shop_orders", "schedule": "daily at 06:30", "state": "waiting", "enabled": True, "said": "",
        "trouble": "", "failures": 0, "upload": None}
    assert admin("POST", "/feeds/shop_orders", json=PLAN).status_code == 409
    finance = stage.caller("finance")
    listed = finance.get("/feeds")
    assert (listed.headers["X-Total-Count"], [f["key"] for f in listed.get_json()]) == ("1", ["shop_orders"])
    assert finance.get("/feeds/shop_orders").get_json() == told
    changed = admin("PUT", "/feeds/shop_orders", json={**PLAN, "schedule": "every 15 minutes"})
    assert changed.get_json()["schedule"] == "every 15 minutes"
    assert finance("POST", "/feeds/shop_orders/run").status_code == 202
    assert finance.get("/feeds/shop_orders").get_json()["state"] == "running"
    assert admin("POST", "/feeds/shop_orders/pause").get_json()["enabled"] is False
    assert admin("POST", "/feeds/shop_orders/resume").get_json()["enabled"] is True
    assert admin("DELETE", "/feeds/shop_orders").status_code == 204
    assert finance.get("/feeds/shop_orders").status_code == 404


@pytest.mark.parametrize("wrong", [
    {"sql": "DELETE FROM orders"}, {"sql": "SELECT 1; SELECT 2"}, {"schedule": "hourly"}, {"mode": "replace"},
    {"key_columns": []}, {"dataset": "No Key"}, {"colour": "red"}, {"mapping": {"colour": "red"}}, {"sql": ""}])
def test_what_is_no_feed_is_a_422_with_a_sentence(admin: Caller, wrong: dict[str, Any]) -> None:
    answer = admin("POST", "/feeds/mine", json={**PLAN, **wrong})
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert answer.get_json()["detail"]
    assert admin.get("/feeds").get_json() == []


def test_no_answer_tells_the_secret_of_the_connection(stage: Stage, admin: Caller) -> None:
    told = [admin("POST", "/feeds/a", json=PLAN), admin.get("/feeds"), admin.get("/feeds/a"),
            admin("POST", "/feeds/b", json={**PLAN, "connection": "nowhere"})]
    assert not [t for t in told if "hunter2" in t.get_data(as_text=True)]
    assert told[-1].status_code == 404
